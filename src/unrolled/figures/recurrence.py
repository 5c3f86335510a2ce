"""The figures of chapter 1."""

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from unrolled.figures.style import (
    COLOURS,
    STYLE,
    arrow,
    cell_box,
    eigenvalue_disc,
    new_figure,
    plane,
    signed_bars,
)


def hidden_state(x, h, *, limit=1.0):
    """Draw inputs and the hidden states of one unit, one column a step.

    x : (T,), the inputs, drawn to a scale of -1 to 1.
    h : (T,), the hidden states, drawn to a scale of -limit to limit. What lies beyond
        its scale is cut off and marked; NaN is written out.
    """
    x, h = np.asarray(x, float), np.asarray(h, float)
    with mpl.rc_context(STYLE):
        figure, axes = new_figure(7.2, 3.0)
        signed_bars(axes, h, limit, 4.4, 1)
        signed_bars(axes, x, 1.0, 0.4, 1)
        crowded = len(h) > 14
        for step, h_t in enumerate(h, start=1):
            if not crowded:
                axes.text(step, 2.4, f"{h_t:.3g}", ha="center", va="center", fontsize=9)
            if not crowded or step % 5 == 0:
                axes.text(
                    step,
                    -1.3,
                    str(step),
                    ha="center",
                    color=COLOURS["soft"],
                    fontsize=9,
                )
        for y, text in (
            (4.4, "state"),
            (2.4, "value"),
            (0.4, "input"),
            (-1.18, "step"),
        ):
            if not (crowded and text == "value"):
                axes.text(-0.9, y, text, va="center", color=COLOURS["soft"], fontsize=9)
        for y, text in ((5.4, f"{limit:g}"), (4.4, "0"), (3.4, f"−{limit:g}")):
            axes.text(
                0.4, y, text, ha="right", va="center", color=COLOURS["soft"], fontsize=9
            )
        axes.set(xlim=(-1, len(h) + 0.6), ylim=(-1.6, 5.8))
    return figure


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


def task_shapes(timesteps, inputs, outputs, losses, *, title, encoder_steps=0):
    """Draw which steps get an input, are read, and have a loss, one column a step.

    inputs, outputs, losses : lists of steps, counted from 1.
    encoder_steps : how many steps a first network reads before a second one writes;
        the cells of the second have a double edge. 0 for one network.
    """
    last = max(outputs, default=0)
    rows = {"loss": 3.6, "output": 2.4, "state": 1.2, "input": 0.0}
    with mpl.rc_context(STYLE):
        figure, axes = new_figure(7.2, 3.2)
        soft = {"color": COLOURS["soft"], "fontsize": 10, "va": "center"}
        for name, y in (*rows.items(), ("step", -0.7)):
            axes.text(-0.55, y, name, **soft)

        def wire(step, row, above, gap, **style):
            start, end = (step, rows[row] + 0.32), (step, rows[above] - gap)
            arrow(axes, start, end, **style)

        def mark(step, row, letter, on):
            y = rows[row]
            axes.plot(
                step,
                y,
                marker="D" if row == "loss" else "s",
                markersize=16 if row == "loss" else 20,
                markerfacecolor=COLOURS["accent" if on else "page"],
                markeredgecolor=COLOURS["accent" if on else "faint"],
            )
            text = f"${letter}_{step}$" if on else "0" if row == "input" else ""
            colour = COLOURS["page" if on else "soft"]
            axes.text(step, y, text, ha="center", va="center", color=colour)

        for step in range(1, timesteps + 1):
            used = step <= last
            edge = {"edgecolor": COLOURS["soft" if used else "faint"]}
            if not used:
                edge["linestyle"] = (0, (3, 3))
            for inset in (0, 0.06) if 0 < encoder_steps < step else (0,):
                axes.add_patch(
                    FancyBboxPatch(
                        (step - 0.3 + inset, rows["state"] - 0.3 + inset),
                        0.6 - 2 * inset,
                        0.6 - 2 * inset,
                        boxstyle="round,pad=0,rounding_size=0.14",
                        facecolor=COLOURS["zero" if used else "page"],
                        **edge,
                    )
                )
            axes.text(step, rows["state"], f"$h_{step}$", ha="center", va="center")
            start = step - (0.58 if step == 1 else 0.68)
            weight = {"lw": 1.4 if used else 0.8}
            arrow(axes, (start, rows["state"]), (step - 0.32, rows["state"]), **weight)
            if step in inputs:
                wire(step, "input", "state", 0.32, **weight)
            if step in outputs:
                wire(step, "state", "output", 0.32)
            if step in losses:
                wire(step, "output", "loss", 0.36)
            mark(step, "input", "x", step in inputs)
            mark(step, "output", "y", step in outputs)
            mark(step, "loss", "L", step in losses)
            axes.text(step, -0.7, str(step), ha="center", **soft)
        heading = {"fontsize": 11, "ha": "left"}
        axes.text(-0.55, 4.5, title, **heading)
        axes.set(xlim=(-0.7, max(timesteps, 6) + 0.6), ylim=(-1.0, 4.8))
    return figure


def state_plane(path, eigenvalues, *, limit=1.0):
    """Draw the path of two units' state, and the eigenvalues beside it.

    path : (T + 1, 2), the initial state and the T states after it, drawn to a scale of
        -limit to limit. What is infinite or NaN is left out, and what lies beyond the
        axes is cut off at their edge.
    eigenvalues : (2,), complex, drawn with the unit circle; NaN is left out.
    """
    path, eigenvalues = np.asarray(path, float), np.asarray(eigenvalues, complex)
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.2, 3.8))
        states, disc = figure.subplots(1, 2, width_ratios=(3, 2))
        plane(states, limit, "unit 1", "unit 2")
        square = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)])
        states.plot(*square.T, color=COLOURS["faint"], lw=1, ls=(0, (2, 3)))
        with np.errstate(invalid="ignore"):
            seen = np.where(np.abs(path) < 10 * limit, path, np.nan)
        states.plot(*seen.T, color=COLOURS["soft"], lw=1.2)
        states.plot(*seen[1:].T, "o", color=COLOURS["ink"], ms=4)
        states.plot(
            *seen[0], "o", mfc=COLOURS["page"], mec=COLOURS["accent"], mew=1.6, ms=8
        )
        if np.isfinite(seen[0]).all() and np.abs(seen[0]).max() <= 1.3 * limit:
            states.annotate("$h_0$", seen[0], (8, 6), textcoords="offset points")
        eigenvalue_disc(disc, eigenvalues)
        figure.subplots_adjust(wspace=0.35)
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
