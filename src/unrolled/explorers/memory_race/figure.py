"""One impulse into three cells, and their gradients by lag."""

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from unrolled.figures.style import COLOURS, STYLE, signed_colour

_LOOKS = {
    "rnn": {"color": COLOURS["ink"], "lw": 2.2, "ls": (0, (0.1, 2))},
    "lstm": {"color": COLOURS["faint"], "lw": 4.5},
    "gru": {"color": COLOURS["ink"], "lw": 1.6, "ls": (0, (5, 3))},
}


def draw(memories, gradients, *, words, hidden=False):
    """Draw what three cells keep of an impulse, and of a gradient, over the same lags.

    memories : "rnn", "lstm" and "gru" to arrays (T,), the memory (h, c and h) after the
        impulse, as bars. Where all are far below 1, the axis ends at 0.1 or at 0.01.
    gradients : the same names to arrays (T,), sizes by lag, on a logarithmic scale.
        Zero, NaN, infinity and what lies beyond 1e-32 and 1e32 are left out.
    words : what cells and axes are called, `unrolled.words.Words`.
    hidden : leave bars and lines out, and all that their axes would say of them.
    """
    lags = len(memories["rnn"])
    if hidden:
        memories = dict.fromkeys(memories, np.zeros(lags))
        gradients = dict.fromkeys(gradients, np.zeros(lags))
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.2, 3.6))
        grid = figure.add_gridspec(3, 2, width_ratios=(1, 1.1), wspace=0.28, hspace=0.5)
        chart = figure.add_subplot(grid[:, 1])
        for row, (name, memory) in enumerate(memories.items()):
            memory = np.asarray(memory, float)
            axes = figure.add_subplot(grid[row, 0])
            limit = _limit(memory)
            colours = [signed_colour(value) for value in memory]
            axes.bar(np.arange(len(memory)), memory, 0.7, color=colours)
            axes.axhline(0, color=COLOURS["line"], lw=1)
            ends = [-limit * (memory < 0).any(), limit * (memory >= 0).any()]
            ticks = sorted(
                {0.0, *ends}
            )  # of two zeros the first is kept, which has no sign
            axes.set(ylim=ends, yticks=ticks)
            axes.set_yticklabels([f"{tick:g}".replace("-", "−") for tick in ticks])
            state = "c" if name == "lstm" else "h"
            cell = words(f"face.cells.{name}")
            axes.set_ylabel(f"{cell}  ${state}$")
            axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
            if row == 2:
                axes.set_xlabel(words("face.after"))
            else:
                axes.tick_params(labelbottom=False)
        # the broad line goes under the others, which may lie on it
        lines = {}
        for name in ("lstm", "gru", "rnn"):
            with np.errstate(invalid="ignore", divide="ignore"):
                powers = np.log10(np.asarray(gradients[name], float))
                powers = np.where(np.abs(powers) <= 32, powers, np.nan)
            look = _LOOKS[name] | {"label": words(f"face.cells.{name}")}
            lines[name] = chart.plot(powers, dash_capstyle="round", **look)[0]
        chart.axhline(0, color=COLOURS["line"], lw=1, zorder=0)
        chart.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        chart.yaxis.set_major_locator(MaxNLocator(6, integer=True))
        chart.yaxis.set_major_formatter(lambda power, _: f"$10^{{{power:.0f}}}$")
        chart.set(xlabel=words("face.lag"), ylabel=words("face.size"))
        if hidden:
            chart.set(xlim=(0, lags - 1), ylim=(-1, 0.05))
        chart.legend(handles=[lines[name] for name in memories], fontsize=9)
    return figure


def _limit(values):
    """The end of a scale: 1, or 0.1 or 0.01 where all is smaller; above 1, more."""
    largest = np.max(np.abs(values), initial=0.0)
    if largest > 1:
        return float(np.ceil(largest))
    return next((end for end in (0.01, 0.1) if 0 < largest <= end), 1.0)
