"""The static picture of the pulse counter."""

import matplotlib as mpl

from unrolled.figures.style import STYLE, new_figure, signed_bars, signed_limit


def draw(counts, *, words):
    """Draw the count after each step, (T,), as bars."""
    with mpl.rc_context(STYLE):
        figure, axes = new_figure(5, 2)
        signed_bars(axes, counts, signed_limit(counts), 1, 1)
        axes.set(xlim=(0, len(counts) + 1), ylim=(-0.2, 2.4))
        axes.text(0.2, 2.2, words("face.count"))
    return figure
