"""Matplotlib figures. Each takes arrays and returns a `Figure`; none knows of widgets.

The colours are those of the design tokens (tokens.json, light). On the site a figure is
inline SVG whose colours follow the page's light and dark, so draw with `COLOURS` alone.
"""

from unrolled.figures.recurrence import (
    folded_and_unrolled,
    hidden_state,
    state_plane,
    states,
    task_shapes,
)
from unrolled.figures.style import COLOURS, STYLE, to_svg, use_style

__all__ = [
    "COLOURS",
    "STYLE",
    "folded_and_unrolled",
    "hidden_state",
    "state_plane",
    "states",
    "task_shapes",
    "to_svg",
    "use_style",
]
