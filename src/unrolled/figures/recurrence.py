"""The figures of chapter 1."""

import matplotlib as mpl
import numpy as np

from unrolled.figures.style import (
    COLOURS,
    STYLE,
    arrow,
    cell_box,
    new_figure,
    signed_bars,
)


def folded_and_unrolled(timesteps=4):
    """Draw one recurrent cell with its loop, and beside it the same cell unrolled.

    timesteps : how many copies to draw, from 2 to 6.
    """
    if not 2 <= timesteps <= 6:
        raise ValueError(f"timesteps is {timesteps}, but must be from 2 to 6")
    with mpl.rc_context(STYLE):
        figure, axes = new_figure(5.6, 2.3)

        def copy(x, index, first):
            cell_box(axes, x, 0, f"$h_{index}$")
            axes.text(x, -1.16, f"$x_{index}$", ha="center", va="center", fontsize=11)
            axes.text(x, 1.16, f"$y_{index}$", ha="center", va="center", fontsize=11)
            arrow(axes, (x, -0.96), (x, -0.28))
            arrow(axes, (x, 0.28), (x, 0.96))
            accent = {"color": COLOURS["accent"], "fontsize": 10, "va": "center"}
            axes.text(x + 0.08, -0.64, "$W_x$", **accent)
            axes.text(x + 0.08, 0.6, "$W_y$", **accent)
            if not first:
                axes.text(x - 0.65, 0.2, "$W_h$", ha="center", **accent)

        copy(0, "t", True)
        arrow(axes, (0.37, 0.13), (0.37, -0.13), connectionstyle="arc3,rad=-3.6")
        axes.text(0.94, 0, "$W_h$", color=COLOURS["accent"], fontsize=10, va="center")
        start = 2.5
        axes.text(1.56, 0, "=", ha="center", va="center", fontsize=15)
        axes.text(start - 0.62, 0, "$h_0$", ha="center", va="center", fontsize=11)
        for k in range(timesteps):
            x = start + 0.75 + 1.3 * k
            copy(x, k + 1, False)
            arrow(
                axes,
                (x - (1.12 if k == 0 else 0.94), 0),
                (x - 0.37, 0),
            )
        end = start + 0.75 + 1.3 * (timesteps - 1)
        axes.text(0, -1.6, "folded", ha="center", color=COLOURS["soft"])
        axes.text(
            (start + 0.75 + end) / 2,
            -1.6,
            "unrolled over time",
            ha="center",
            color=COLOURS["soft"],
        )
        axes.set(xlim=(-0.6, end + 0.6), ylim=(-1.8, 1.45))
    return figure


def states(h, *, labels=None):
    """Draw the states of a few units over time as signed bars, one column a step.

    h : (T, H), drawn to a scale of -1 to 1, one row a unit.
    labels : T texts for the steps; the steps' numbers if None.
    """
    h = np.asarray(h, float)
    timesteps, units = h.shape
    labels = labels or [str(step) for step in range(1, timesteps + 1)]
    soft = {"color": COLOURS["soft"], "fontsize": 9}
    with mpl.rc_context(STYLE):
        figure, axes = new_figure(5.2, 0.5 * units + 0.4)
        for unit in range(units):
            y = 2.4 * (units - unit)
            signed_bars(axes, h[:, unit], 1.0, y, 1)
            axes.text(0.3, y, f"unit {unit + 1}", ha="right", va="center", **soft)
        for step, label in enumerate(labels, start=1):
            axes.text(step, 0.2, label, ha="center", fontsize=10)
        axes.set(xlim=(-0.4, timesteps + 0.6), ylim=(0, 2.4 * units + 1.2))
    return figure
