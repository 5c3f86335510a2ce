"""Matplotlib figures. Each takes arrays and returns a `Figure`; none knows of widgets.

The colours are those of the design tokens (tokens.json, light). On the site a figure is
inline SVG whose colours follow the page's light and dark, so draw with `COLOURS` alone.
"""

from unrolled.figures.cliff import cliff
from unrolled.figures.decay import decay
from unrolled.figures.gradient_flow import gradient_flow
from unrolled.figures.gru_gates import gru_gates
from unrolled.figures.lstm import stacked_weights
from unrolled.figures.lstm_and_gru import lstm_and_gru
from unrolled.figures.lstm_gates import lstm_gates
from unrolled.figures.memory_race import memory_race
from unrolled.figures.recurrence import (
    folded_and_unrolled,
    hidden_state,
    state_plane,
    states,
    task_shapes,
)
from unrolled.figures.style import COLOURS, STYLE, signed_limit, to_svg, use_style
from unrolled.figures.table import Table
from unrolled.figures.through_time import three_steps

__all__ = [
    "COLOURS",
    "STYLE",
    "Table",
    "cliff",
    "decay",
    "folded_and_unrolled",
    "gradient_flow",
    "gru_gates",
    "hidden_state",
    "lstm_and_gru",
    "lstm_gates",
    "memory_race",
    "signed_limit",
    "stacked_weights",
    "state_plane",
    "states",
    "task_shapes",
    "three_steps",
    "to_svg",
    "use_style",
]
