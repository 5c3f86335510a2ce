"""The static picture of two units’ state in its plane."""

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from unrolled.figures.style import COLOURS, STYLE, eigenvalue_disc, plane


def draw(path, eigenvalues, *, limit, words):
    """Draw the path of two units' state, and the eigenvalues beside it.

    path : (T + 1, 2), the initial state and the T states after it, drawn to a scale of
        -limit to limit. What is infinite or NaN is left out, and what lies beyond the
        axes is cut off at their edge.
    eigenvalues : (2,), complex, drawn with the unit circle; NaN is left out.
    words : what the axes are called, `unrolled.words.Words`.
    """
    path, eigenvalues = np.asarray(path, float), np.asarray(eigenvalues, complex)
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.2, 3.8))
        states, disc = figure.subplots(1, 2, width_ratios=(3, 2))
        plane(states, limit, words("face.units.one"), words("face.units.other"))
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
        eigenvalue_disc(disc, eigenvalues, words)
        figure.subplots_adjust(wspace=0.35)
    return figure
