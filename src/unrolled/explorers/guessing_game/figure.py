"""The static picture of a text that is guessed letter by letter."""

import math

import matplotlib as mpl
from matplotlib.patches import Rectangle

from unrolled.corpus import ALPHABET
from unrolled.figures.style import COLOURS, STYLE, new_figure

COLUMNS, LINES = 60, 6
BITS = 14.0
"""So many bits are as high as a bar may be."""


def draw(known, asked, costs, model_costs, *, over, words):
    """Draw what is known of a text, and under each guessed letter what it cost.

    known : the text as far as it is known; its last lines are drawn, 60 letters wide.
    asked : the places in it that were guessed.
    costs, model_costs : the bits of each, the reader's and the model's.
    over : whether nothing is left to be guessed.
    words : what is written beside, `unrolled.words.Words`.
    """
    places = placed(known)
    first = max(0, places[-1][0] - LINES + 1)
    rows = places[-1][0] - first + 1
    tall = 2.4 if costs else 1.0
    ink, soft = {"color": COLOURS["ink"]}, {"color": COLOURS["soft"]}
    with mpl.rc_context(STYLE):
        figure, axes = new_figure(7.6, 0.28 * tall * rows + (0.6 if costs else 0.3))
        at = [(column, (row - first) * tall) for row, column in places]
        for k, letter in enumerate(known):
            x, y = at[k]
            if y >= 0 and letter != "\n":
                shown = r"\$" if letter == "$" else letter
                axes.text(x + 0.5, y + 0.5, shown, fontsize=10.5, ha="center",
                          va="center", **ink)  # fmt: skip
        for k, *bits in zip(asked, costs, model_costs, strict=True):
            x, y = at[k]
            if y >= 0:
                _bars(axes, x, y + tall - 0.05, bits)
        x, y = at[len(known)]
        if not over:
            axes.add_patch(Rectangle((x + 0.05, y), 0.9, 1, fill=False, linewidth=1.2,
                                     edgecolor=COLOURS["accent"]))  # fmt: skip
            axes.text(x + 0.5, y + 0.5, "?", fontsize=10.5, ha="center", va="center",
                      color=COLOURS["accent"])  # fmt: skip
        end = rows * tall
        if costs:
            told = _told(costs, model_costs, words)
            axes.text(0, end + 0.7, told, fontsize=9, va="center", **soft)
        axes.set(xlim=(-0.5, COLUMNS + 0.5), ylim=(end + (1.4 if costs else 0.3), -0.3))
    return figure


def _told(costs, model_costs, words):
    means = [f"{sum(one) / len(one):.2f}" for one in (costs, model_costs)]
    nothing = f"{math.log2(len(ALPHABET)):.2f}"
    return words("face.caption", bits=means[0], model=means[1], nothing=nothing)


def _bars(axes, x, foot, bits):
    """What a letter cost: the reader's bar is full, the model's is hollow."""
    kinds = (0.12, "accent", "accent"), (0.52, "soft", "page")
    for one, (place, edge, face) in zip(bits, kinds, strict=True):
        high = 1.3 * min(one, BITS) / BITS
        bar = Rectangle((x + place, foot - high), 0.34, high, linewidth=0.7)
        bar.set(edgecolor=COLOURS[edge], facecolor=COLOURS[face])
        axes.add_patch(bar)


def placed(text):
    """The row and the column of each letter, and of the one behind the last."""
    row, column, found = 0, 0, []
    for letter in text:
        if column == COLUMNS:
            row, column = row + 1, 0
        found.append((row, column))
        row, column = (row + 1, 0) if letter == "\n" else (row, column + 1)
    return [*found, (row + 1, 0) if column == COLUMNS else (row, column)]
