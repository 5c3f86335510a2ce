"""The static picture of the cliff: a walk on the loss of one recurrent unit."""

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch

from unrolled.figures.style import COLOURS, STYLE

LEVELS = (0.005, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0)


def draw(w, b, surface, path, *, profile, loss, words, thrown_at=None):
    """Draw a walk on a map of the loss, and below it the loss along a line of the map.

    w, b : (m,) and (n,), the map's grid; b lies across, w up.
    surface : (m, n), the loss, from 0 to about 1.
    path : (N + 1, 2), the walk's (w, b); what lies beyond the map is cut off at its
        edge, and what is infinite or NaN is left out.
    profile : (n,), the loss over b along the line through the walk's start or, where an
        update throws the walk off, through the point where that update begins.
    loss : the loss at that point.
    words : what its parts are called, `unrolled.words.Words`.
    thrown_at : that update, from 1 to N, or None.
    """
    surface, path = np.asarray(surface, float), np.asarray(path, float)
    at = (thrown_at or 1) - 1
    ink, soft, accent = (COLOURS[name] for name in ("ink", "soft", "accent"))
    shade = mpl.colors.to_rgba(ink, 0.055)
    with mpl.rc_context(STYLE | {"path.simplify_threshold": 0.3}):
        figure = Figure(figsize=(7.2, 4.6))
        chart, cut = figure.subplots(
            2, 1, sharex=True, height_ratios=(5, 2), gridspec_kw={"hspace": 0.16}
        )
        for level in LEVELS:
            band = chart.contourf(b, w, surface, [level, 10])
            (region,) = band.get_paths()
            band.remove()
            # one path is both the shade, which adds up with height, and the line
            chart.add_patch(PathPatch(region, fc=shade, ec=soft, lw=0.5))
        lines = chart.contour(b, w, surface, LEVELS[1::2], colors=[soft], linewidths=0)
        chart.clabel(lines, fmt="%g", inline=False, fontsize=8, colors=[soft])
        lines.set_visible(False)
        seen = path[np.isfinite(path).all(axis=1)]
        # a line to a far point would carry numbers that a browser cannot draw
        near = np.clip(seen, -1e4, 1e4)
        chart.plot(near[:, 1], near[:, 0], "-o", color=ink, lw=1.2, ms=3.5)
        chart.plot(*path[0, ::-1], "o", mfc=COLOURS["page"], mec=accent, mew=1.6, ms=8)
        if thrown_at is not None:
            chart.plot(*path[at, ::-1], "o", color=accent, ms=7)
            chart.annotate(
                words("face.thrown", update=thrown_at),
                path[at, ::-1],
                (-10, 8),
                textcoords="offset points",
                ha="right",
            )
        chart.axhline(path[at, 0], color=soft, lw=0.8, ls=(0, (4, 3)))
        chart.set(xlim=(b[0], b[-1]), ylim=(w[0], w[-1]), ylabel=words("face.w"))
        cut.plot(b, profile, color=ink, lw=1.4)
        cut.fill_between(b, profile, color=ink, alpha=0.08, lw=0)
        cut.plot(path[at, 1], loss, "o", color=accent, ms=7)
        cut.set(ylim=(0, 1.2), xlabel=words("face.b"), ylabel=words("face.loss"))
        note = {"transform": cut.transAxes, "ha": "right", "color": soft, "fontsize": 9}
        cut.text(0.99, 0.86, words("face.cut"), **note)
        for axes in (chart, cut):
            axes.spines[["top", "right"]].set_visible(True)
    return figure
