"""Matplotlib figures. Each takes arrays and returns a `Figure`; none knows of widgets.

The colours are those of the design tokens (tokens.json, light). On the site a figure is
inline SVG whose colours follow the page's light and dark, so draw with `COLOURS` alone.
"""

import io
import json
from importlib.resources import files

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

COLOURS = json.loads(files("unrolled").joinpath("tokens.json").read_text("utf-8"))[
    "light"
]

STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "unrolled",
    "figure.figsize": (7.2, 3.2),
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "axes.facecolor": "none",
    "axes.edgecolor": COLOURS["line"],
    "axes.labelcolor": COLOURS["soft"],
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.prop_cycle": mpl.cycler(
        color=[COLOURS[name] for name in ("accent", "positive", "negative", "gate")]
    ),
    "grid.color": COLOURS["line"],
    "lines.linewidth": 1.8,
    "text.color": COLOURS["ink"],
    "xtick.color": COLOURS["line"],
    "ytick.color": COLOURS["line"],
    "xtick.labelcolor": COLOURS["soft"],
    "ytick.labelcolor": COLOURS["soft"],
    "font.size": 10,
    "axes.labelsize": 10,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "legend.frameon": False,
    "mathtext.fontset": "dejavusans",
}


def use_style():
    """Draw a notebook's own figures in the book's style, as SVG where there is IPython.

    Changes Matplotlib's global settings, so it is called once, at the top of a chapter.
    """
    mpl.rcParams.update(STYLE)
    try:
        from IPython import get_ipython
        from matplotlib_inline.backend_inline import set_matplotlib_formats
    except ImportError:
        return
    if get_ipython() is not None:
        set_matplotlib_formats("svg")


def to_svg(figure, box="tight"):
    """Return `figure` as the text of an SVG element: the same figure, the same text.

    box : what of it to show, a Matplotlib `Bbox` in inches; "tight" for what is drawn.
    """
    buffer = io.StringIO()
    with mpl.rc_context(STYLE):
        figure.savefig(buffer, format="svg", bbox_inches=box, metadata={"Date": None})
    text = buffer.getvalue()
    return text[text.index("<svg") :]


def _new_figure(width, height):
    """A figure of `width` x `height` inches with one bare axes, a unit being a unit."""
    figure = Figure(figsize=(width, height))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    return figure, axes


def _signed_colour(value):
    return COLOURS["negative"] if value < 0 else COLOURS["positive"]


def _bars(axes, values, limit, centre, half):
    """Signed bars about y = `centre`; beyond `limit` they stop and are marked."""
    for step, value in enumerate(values, start=1):
        if np.isnan(value):
            axes.text(step, centre, "NaN", ha="center", va="center", fontsize=9)
            continue
        height = half * np.clip(value / limit, -1, 1)
        axes.bar(step, height, 0.3, centre, color=_signed_colour(value))
        if abs(value) > limit:
            end = centre + 1.12 * height
            axes.text(step, end, "…", ha="center", va="center", fontsize=9)
    axes.plot((0.5, len(values) + 0.5), (centre, centre), color=COLOURS["line"], lw=1)


def hidden_state(x, h, *, limit=1.0):
    """Draw inputs and the hidden states of one unit, one column a step.

    x : (T,), the inputs, drawn to a scale of -1 to 1.
    h : (T,), the hidden states, drawn to a scale of -limit to limit. What lies beyond
        its scale is cut off and marked; NaN is written out.
    """
    x, h = np.asarray(x, float), np.asarray(h, float)
    with mpl.rc_context(STYLE):
        figure, axes = _new_figure(7.2, 3.0)
        _bars(axes, h, limit, 4.4, 1)
        _bars(axes, x, 1.0, 0.4, 1)
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


def _cell(axes, x, y, label, *, colour="accent"):
    axes.add_patch(
        FancyBboxPatch(
            (x - 0.36, y - 0.26),
            0.72,
            0.52,
            boxstyle="round,pad=0,rounding_size=0.16",
            facecolor=COLOURS["panel"],
            edgecolor=COLOURS[colour],
            linewidth=1.6,
        )
    )
    axes.text(x, y, label, ha="center", va="center", fontsize=11)


def _arrow(axes, start, end, **style):
    settings = {"arrowstyle": "-|>", "mutation_scale": 10, "lw": 1.4, "shrinkA": 0}
    settings |= {"shrinkB": 0, "color": COLOURS["soft"]} | style
    axes.add_patch(FancyArrowPatch(start, end, **settings))


def folded_and_unrolled(timesteps=4):
    """Draw one recurrent cell with its loop, and beside it the same cell unrolled.

    timesteps : how many copies to draw, from 2 to 6.
    """
    if not 2 <= timesteps <= 6:
        raise ValueError(f"timesteps is {timesteps}, but must be from 2 to 6")
    with mpl.rc_context(STYLE):
        figure, axes = _new_figure(7.2, 2.9)

        def copy(x, index, first):
            _cell(axes, x, 0, f"$h_{index}$")
            axes.text(x, -1.16, f"$x_{index}$", ha="center", va="center", fontsize=11)
            axes.text(x, 1.16, f"$y_{index}$", ha="center", va="center", fontsize=11)
            _arrow(axes, (x, -0.96), (x, -0.28))
            _arrow(axes, (x, 0.28), (x, 0.96))
            accent = {"color": COLOURS["accent"], "fontsize": 10, "va": "center"}
            axes.text(x + 0.08, -0.64, "$W_x$", **accent)
            axes.text(x + 0.08, 0.6, "$W_y$", **accent)
            if not first:
                axes.text(x - 0.75, 0.2, "$W_h$", ha="center", **accent)

        copy(0, "t", True)
        _arrow(axes, (0.37, 0.13), (0.37, -0.13), connectionstyle="arc3,rad=-3.6")
        axes.text(0.98, 0, "$W_h$", color=COLOURS["accent"], fontsize=10, va="center")
        start = 2.8
        axes.text(1.62, 0, "=", ha="center", va="center", fontsize=15)
        axes.text(start - 0.62, 0, "$h_0$", ha="center", va="center", fontsize=11)
        for k in range(timesteps):
            x = start + 0.75 + 1.5 * k
            copy(x, k + 1, False)
            _arrow(
                axes,
                (x - (0.72 if k == 0 else 1.14) - 0.42 * (k == 0), 0),
                (x - 0.37, 0),
            )
        end = start + 0.75 + 1.5 * (timesteps - 1)
        axes.text(0, -1.6, "folded", ha="center", color=COLOURS["soft"])
        axes.text(
            (start + 0.75 + end) / 2,
            -1.6,
            "unrolled over time",
            ha="center",
            color=COLOURS["soft"],
        )
        axes.set(xlim=(-1.0, end + 0.6), ylim=(-1.8, 1.45))
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
        figure, axes = _new_figure(7.2, 3.2)
        soft = {"color": COLOURS["soft"], "fontsize": 10, "va": "center"}
        for name, y in (*rows.items(), ("step", -0.7)):
            axes.text(-0.55, y, name, **soft)

        def wire(step, row, above, gap, **style):
            start, end = (step, rows[row] + 0.32), (step, rows[above] - gap)
            _arrow(axes, start, end, **style)

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
            _arrow(axes, (start, rows["state"]), (step - 0.32, rows["state"]), **weight)
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


def _plane(axes, limit, across, up):
    """Axes with equal scales about zero, labelled at -limit, 0 and limit."""
    reach = 1.3 * limit
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
    axes.set(xlabel=across, ylabel=up)
    ticks = {"ticks": (-limit, 0, limit), "labels": (f"−{limit:g}", "0", f"{limit:g}")}
    axes.set_xticks(**ticks)
    axes.set_yticks(**ticks)
    axes.axhline(0, color=COLOURS["line"], lw=1)
    axes.axvline(0, color=COLOURS["line"], lw=1)


def state_plane(path, eigenvalues, *, limit=1.0):
    """Draw the path of two units' state, and the eigenvalues beside it.

    path : (T + 1, 2), the initial state and the T states after it, drawn to a scale of
        -limit to limit. What is infinite or NaN is left out, and what lies beyond the
        axes is cut off at their edge.
    eigenvalues : (2,), complex, drawn with the unit circle; NaN is left out.
    """
    path, eigenvalues = np.asarray(path, float), np.asarray(eigenvalues, complex)
    largest = np.max(np.abs(eigenvalues[np.isfinite(eigenvalues)]), initial=1.0)
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.2, 3.8))
        states, disc = figure.subplots(1, 2, width_ratios=(3, 2))
        _plane(states, limit, "unit 1", "unit 2")
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
        _plane(disc, max(1.0, np.ceil(largest / 1.25)), "real part", "imaginary part")
        turn = np.linspace(0, 2 * np.pi, 181)
        disc.plot(np.cos(turn), np.sin(turn), color=COLOURS["faint"], lw=1.2)
        disc.plot(eigenvalues.real, eigenvalues.imag, "o", color=COLOURS["ink"], ms=7)
        disc.set_title("eigenvalues", fontsize=10, color=COLOURS["soft"])
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
        figure, axes = _new_figure(5.2, 0.5 * units + 0.4)
        for unit in range(units):
            y = 2.4 * (units - unit)
            _bars(axes, h[:, unit], 1.0, y, 1)
            axes.text(0.3, y, f"unit {unit + 1}", ha="right", va="center", **soft)
        for step, label in enumerate(labels, start=1):
            axes.text(step, 0.2, label, ha="center", fontsize=10)
        axes.set(xlim=(-0.4, timesteps + 0.6), ylim=(0, 2.4 * units + 1.2))
    return figure
