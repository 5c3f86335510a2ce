"""What every figure of the book has: its style, its colours, its way onto a page."""

import io
import warnings

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from unrolled import data

COLOURS = data.read(data.PACKAGE / "tokens.json")["light"]

STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "unrolled",
    "figure.figsize": (5.6, 2.8),  # labels can be read on a phone, where it shrinks
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
    "font.sans-serif": ["DejaVu Sans"],  # the file names it for every label
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
    with mpl.rc_context(STYLE), warnings.catch_warnings():
        # the text stays text: a browser takes the letter from another font
        warnings.filterwarnings(
            "ignore", r"Glyph \d+ .* missing from font", UserWarning
        )
        figure.savefig(buffer, format="svg", bbox_inches=box, metadata={"Date": None})
    text = buffer.getvalue()
    return text[text.index("<svg") :]


def new_figure(width, height):
    """A figure of `width` x `height` inches with one bare axes, a unit being a unit."""
    figure = Figure(figsize=(width, height))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    return figure, axes


def signed_colour(value):
    return COLOURS["negative"] if value < 0 else COLOURS["positive"]


def signed_limit(values):
    """The end of a scale that holds all the values: 1, 2, 5, 10 ... at most 100."""
    largest = np.max(np.abs(values[np.isfinite(values)]), initial=0.0)
    steps = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0)
    return next((step for step in steps if largest <= step), 100.0)


def signed_bars(axes, values, limit, centre, half):
    """Signed bars about y = `centre`; beyond `limit` they stop and are marked."""
    for step, value in enumerate(values, start=1):
        if np.isnan(value):
            axes.text(step, centre, "NaN", ha="center", va="center", fontsize=9)
            continue
        height = half * np.clip(value / limit, -1, 1)
        axes.bar(step, height, 0.3, centre, color=signed_colour(value))
        if abs(value) > limit:
            end = centre + 1.12 * height
            axes.text(step, end, "…", ha="center", va="center", fontsize=9)
    axes.plot((0.5, len(values) + 0.5), (centre, centre), color=COLOURS["line"], lw=1)


def cell_box(axes, x, y, label, *, colour="accent"):
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


def arrow(axes, start, end, **style):
    settings = {"arrowstyle": "-|>", "mutation_scale": 10, "lw": 1.4, "shrinkA": 0}
    settings |= {"shrinkB": 0, "color": COLOURS["soft"]} | style
    axes.add_patch(FancyArrowPatch(start, end, **settings))


def plane(axes, limit, across, up):
    """Axes with equal scales about zero, labelled at -limit, 0 and limit."""
    reach = 1.3 * limit
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
    axes.set(xlabel=across, ylabel=up)
    ticks = {"ticks": (-limit, 0, limit), "labels": (f"−{limit:g}", "0", f"{limit:g}")}
    axes.set_xticks(**ticks)
    axes.set_yticks(**ticks)
    axes.axhline(0, color=COLOURS["line"], lw=1)
    axes.axvline(0, color=COLOURS["line"], lw=1)


def eigenvalue_disc(axes, eigenvalues, words):
    """Eigenvalues in the complex plane, with the unit circle; NaN is left out.

    words : what the plane and its axes are called, `unrolled.words.Words`.
    """
    names = words("face.disc.real"), words("face.disc.imaginary")
    largest = np.max(np.abs(eigenvalues[np.isfinite(eigenvalues)]), initial=1.0)
    plane(axes, max(1.0, np.ceil(largest / 1.25)), *names)
    turn = np.linspace(0, 2 * np.pi, 181)
    axes.plot(np.cos(turn), np.sin(turn), color=COLOURS["faint"], lw=1.2)
    axes.plot(eigenvalues.real, eigenvalues.imag, "o", color=COLOURS["ink"], ms=7)
    axes.set_title(words("face.disc.title"), fontsize=10, color=COLOURS["soft"])
