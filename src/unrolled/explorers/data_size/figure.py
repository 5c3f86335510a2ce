"""The static picture of two cells, by the size of their training set."""

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from unrolled.figures.style import COLOURS, STYLE

FINEST = 0.001
"""The difference from which on the scale of differences is logarithmic."""


def spread(difference):
    """Where a difference stands: near zero in proportion, far from it by its power."""
    return np.sign(difference) * np.log10(1 + np.abs(difference) / FINEST)


def draw(study, task, scores, differences, *, other, size, words, hidden=False):
    """Draw the scores of two cells, and below them the advantage of the first.

    study : as `data_size.study` gives it. task : its name.
    scores : (2, sizes, seeds), of an LSTM and of the cell `other`.
    differences : (sizes, 3), the LSTM's advantage, and its interval's ends.
    size : the chosen one, counted from 1.
    words : what axes are called, `unrolled.words.Words`.
    hidden : whether what was found is asked about: marks are left out.
    """
    found, sizes = study["tasks"][task], study["sizes"]
    at = np.arange(len(sizes))
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.2, 4.4))
        above, below = figure.subplots(
            2, 1, sharex=True, gridspec_kw={"height_ratios": (1.4, 1), "hspace": 0.12}
        )
        for axes in (above, below):
            axes.axvspan(size - 1.45, size - 0.55, color=COLOURS["zero"], lw=0)
        label = {"fontsize": 8, "va": "bottom", "color": COLOURS["soft"]}
        above.axhline(found["chance"], color=COLOURS["soft"], lw=1, ls="--")
        end = len(sizes) - 0.55
        above.text(end, found["chance"], words("face.chance"), ha="right", **label)
        for cell in () if hidden else (0, 1):
            full = COLOURS["ink"] if cell == 0 else "none"
            x = at + (-0.14, 0.14)[cell]
            for k, one in enumerate(scores[cell]):
                places = x[k] + np.linspace(-0.09, 0.09, len(one))
                above.plot(
                    places, one, "o", ms=3, mfc=full, mec=COLOURS["ink"], mew=0.7
                )
                above.plot([x[k] - 0.12, x[k] + 0.12], [one.mean()] * 2,
                           color=COLOURS["ink"], lw=1.6)  # fmt: skip
            above.plot([], [], "o", ms=4, mfc=full, mec=COLOURS["ink"],
                       label=words(f"face.cells.{('LSTM', other)[cell]}"))  # fmt: skip
        if not hidden:
            above.legend(fontsize=9, loc="best")
            for k, (mean, *ends) in enumerate(differences):
                decided = ends[0] > 0 or ends[1] < 0
                below.plot([k, k], spread(np.array(ends)), color=COLOURS["ink"], lw=1.6)
                below.plot(k, spread(mean), "o", ms=6, color=COLOURS["ink"],
                           mfc=COLOURS["ink" if decided else "page"])  # fmt: skip
        log = found["score"] == "error"
        above.set(
            **({"yscale": "log", "ylim": (3e-5, 0.5)} if log else {"ylim": (0, 1.06)})
        )
        above.set_ylabel(words("face.error" if log else "face.accuracy"))
        below.axhline(0, color=COLOURS["line"], lw=1)
        ticks = [-0.1, -0.01, 0, 0.01, 0.1]
        below.set_yticks(spread(np.array(ticks)), [f"{one:g}" for one in ticks])
        below.set(ylim=(-2.8, 2.8), xlim=(-0.6, len(sizes) - 0.4))
        below.set_ylabel(words("face.advantage"))
        below.set_xticks(at, sizes)
        below.set_xlabel(words("face.size"))
    return figure
