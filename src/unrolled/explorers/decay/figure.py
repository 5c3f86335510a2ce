"""The figure of the gradient by lag, with its bounds."""

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from unrolled.figures.style import COLOURS, STYLE, eigenvalue_disc


def draw(gradient, memory, bound, flat, eigenvalues, *, words, hidden=False):
    """Draw what is left of a gradient and of an input by lag, and the eigenvalues.

    gradient, memory, bound, flat : (T,), entry k at lag k, on a logarithmic scale: the
        gradient's norm, what is left of the first input, and the two bounds of the
        gradient, without and with the activation's slopes. Zero, NaN, infinity and what
        lies beyond 1e-32 and 1e32 are left out.
    eigenvalues : (2,), complex, drawn with the unit circle; NaN is left out.
    words : what lines and axes are called, `unrolled.words.Words`.
    hidden : leave the lines out; only how many lags there are is seen.
    """
    lists = [np.asarray(values, float) for values in (gradient, memory, bound, flat)]
    with np.errstate(invalid="ignore", divide="ignore"):
        powers = [np.log10(values) for values in lists]
        powers = [np.where(np.abs(values) <= 32, values, np.nan) for values in powers]
    soft, faint = COLOURS["soft"], COLOURS["faint"]
    looks = {
        "gradient": {"color": COLOURS["ink"], "lw": 2},
        "memory": {"color": soft, "lw": 1.8, "ls": (0, (1, 1.6))},
        "bound": {"color": faint, "lw": 1.2},
        "flat": {"color": faint, "lw": 1.2, "ls": (0, (5, 2))},
    }
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.2, 3.4))
        chart, disc = figure.subplots(1, 2, width_ratios=(3, 2))
        if hidden:
            chart.set(xlim=(0, len(lists[0]) - 1), ylim=(-1, 0.05))
        else:
            for values, (name, look) in zip(powers, looks.items(), strict=True):
                label = words(f"face.lines.{name}", power="$s^k$")
                chart.plot(values, label=label, **look)
            chart.fill_between(
                np.arange(len(lists[0])), *powers[2:], color=COLOURS["zero"], lw=0
            )
            figure.legend(
                loc="upper center", ncols=4, fontsize=9, bbox_to_anchor=(0.5, 1.04)
            )
        chart.axhline(0, color=COLOURS["line"], lw=1, zorder=0)
        chart.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        chart.yaxis.set_major_locator(MaxNLocator(6, integer=True))
        chart.yaxis.set_major_formatter(lambda power, _: f"$10^{{{power:.0f}}}$")
        chart.set(xlabel=words("face.lag"), ylabel=words("face.size"))
        eigenvalue_disc(disc, np.asarray(eigenvalues, complex), words)
        figure.subplots_adjust(wspace=0.35, top=0.88)
    return figure
