"""Matplotlib figures. Each takes arrays and returns a `Figure`; none knows of widgets.

The colours are those of the design tokens (tokens.json, light). On the site a figure is
inline SVG whose colours follow the page's light and dark, so draw with `COLOURS` alone.
"""

from unrolled.figures.lstm import stacked_weights
from unrolled.figures.recurrence import (
    folded_and_unrolled,
    states,
)
from unrolled.figures.style import COLOURS, STYLE, signed_limit, to_svg, use_style
from unrolled.figures.table import Table
from unrolled.figures.through_time import three_steps

__all__ = [
    "COLOURS",
    "STYLE",
    "Table",
    "folded_and_unrolled",
    "signed_limit",
    "stacked_weights",
    "states",
    "three_steps",
    "to_svg",
    "use_style",
]
