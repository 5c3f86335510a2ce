"""The static picture of a question: what there is to choose from."""

import textwrap

import matplotlib as mpl

from unrolled.figures.style import STYLE, new_figure

COLUMNS = 64


def draw(choices):
    """Draw what there is to choose from, a list of str, one below the other."""
    lines = [
        line
        for choice in choices
        for line in textwrap.wrap(choice, COLUMNS, subsequent_indent="     ")
    ] or [""]
    with mpl.rc_context(STYLE):
        figure, axes = new_figure(5.4, 0.15 + 0.25 * len(lines))
        axes.set(xlim=(0, 1), ylim=(len(lines), 0))
        axes.axis("off")
        for k, line in enumerate(lines):
            axes.text(0, k + 0.5, line.replace("$", r"\$"), va="center")
    return figure
