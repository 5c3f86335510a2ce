"""The static picture of a task's shape."""

import matplotlib as mpl
from matplotlib.patches import FancyBboxPatch

from unrolled.figures.style import COLOURS, STYLE, arrow, new_figure


def draw(timesteps, inputs, outputs, losses, *, title, words, encoder_steps=0):
    """Draw which steps get an input, are read, and have a loss, one column a step.

    inputs, outputs, losses : lists of steps, counted from 1.
    words : what the rows are called, `unrolled.words.Words`.
    encoder_steps : how many steps a first network reads before a second one writes;
        the cells of the second have a double edge. 0 for one network.
    """
    last = max(outputs, default=0)
    rows = {"loss": 3.6, "output": 2.4, "state": 1.2, "input": 0.0}
    with mpl.rc_context(STYLE):
        figure, axes = new_figure(7.2, 3.2)
        soft = {"color": COLOURS["soft"], "fontsize": 10, "va": "center"}
        for name, y in (*rows.items(), ("step", -0.7)):
            axes.text(-0.55, y, words(f"face.rows.{name}"), **soft)

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
