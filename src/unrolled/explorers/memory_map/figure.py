"""The static picture of the map, with the learning curves of one place."""

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from unrolled.figures.style import COLOURS, STYLE


def draw(study, task, *, row, length, seed, words, hidden=False):
    """Draw the map of one task, and the curves of its chosen place.

    study : as `memory_map.study` gives it. task : its name.
    row, length : counted from 1; seed : from 0, its curve is put in front.
    words : what rows and axes are called, `unrolled.words.Words`.
    hidden : whether what was found is asked about: marks and curves are left out.
    """
    found = study["tasks"][task]
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.4, 4.2))
        grid = figure.add_gridspec(1, 2, width_ratios=(1.25, 1), wspace=0.28)
        axes, chart = (figure.add_subplot(grid[0, k]) for k in (0, 1))
        for at, series in enumerate(found["places"]):
            for column, place in enumerate(series):
                if not hidden:
                    _place(axes, column, at, place)
        axes.add_patch(
            mpl.patches.Rectangle(
                (length - 1.5, row - 1.5), 1, 1, fc="none", ec=COLOURS["accent"], lw=2
            )
        )
        starts = {one: words(f"face.starts.{one}") for _, one in study["series"]}
        names = [
            words("face.series", cell=cell, start=starts[one])
            for cell, one in study["series"]
        ]
        axes.set_yticks(range(len(names)), names)
        axes.set_xticks(range(len(study["lengths"])), study["lengths"])
        axes.set(
            xlim=(-0.5, len(study["lengths"]) - 0.5), ylim=(len(names) - 0.5, -0.5)
        )
        axes.set_xlabel(words("face.length"))
        _curves(chart, study, found, None if hidden else (row, length), seed, words)
    return figure


def _place(axes, column, at, place):
    """Ten marks, the solved ones filled, and the interval of their share below."""
    if place is None:
        axes.text(column, at, "–", ha="center", va="center", color=COLOURS["faint"])
        return
    seeds = len(place["updates"])
    x = column - 0.4 + 0.8 * (np.arange(seeds) + 0.5) / seeds
    solved = np.arange(seeds) < place["solved"]
    style = {"ls": "", "marker": "o", "ms": 4, "mec": COLOURS["ink"]}
    axes.plot(x[solved], np.full(solved.sum(), at - 0.12), mfc=COLOURS["ink"], **style)
    axes.plot(x[~solved], np.full((~solved).sum(), at - 0.12), mfc="none", **style)
    low, high = place["interval"]
    ends = [column - 0.4 + 0.8 * low, column - 0.4 + 0.8 * high]
    axes.plot(ends, [at + 0.22] * 2, color=COLOURS["soft"], lw=1.5)


def _curves(chart, study, task, chosen, seed, words):
    """The score of each seed against updates; none where `chosen` is None."""
    place = chosen and task["places"][chosen[0] - 1][chosen[1] - 1]
    for n, scores in enumerate(place["scores"] if place else ()):
        updates = study["every"] * np.arange(1, len(scores) + 1)
        front = n == seed
        chart.plot(
            updates,
            scores,
            color=COLOURS["accent" if front else "faint"],
            lw=2.2 if front else 1,
            zorder=3 if front else 2,
        )
    for at, name in ((task["chance"], "chance"), (task["solved_from"], "solved")):
        chart.axhline(at, color=COLOURS["soft"], lw=1, ls="--")
        chart.text(study["budget"], at, words(f"face.{name}"), fontsize=8,
                   ha="right", va="bottom", color=COLOURS["soft"])  # fmt: skip
    log = task["score"] == "error"
    chart.set(xlim=(0, study["budget"]), xlabel=words("face.updates"))
    chart.set(**({"yscale": "log", "ylim": (1e-4, 1)} if log else {"ylim": (0, 1.06)}))
    chart.set_ylabel(words(f"face.{task['score']}"))
