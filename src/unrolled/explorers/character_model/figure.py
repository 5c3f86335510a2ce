"""The static picture of a character model that reads a text."""

import matplotlib as mpl
import numpy as np
from matplotlib.patches import Rectangle

from unrolled.corpus import ALPHABET
from unrolled.figures.style import COLOURS, STYLE, new_figure

COLUMNS, LINES, BARS = 60, 9, 6


def draw(
    text, values, surprise, probabilities, *, show, unit, letter, words, hidden=False
):
    """Draw a text, one unit's value over each letter, and what is expected next.

    text : its first lines are drawn, 60 letters wide.
    values, surprise : (T,) each; the bits are NaN where there are none.
    probabilities : (96,), or None.
    show, unit, letter : as the explorer has them; letter counts from 1.
    words : what is written beside, `unrolled.words.Words`.
    hidden : whether what the model does is asked about: it is left out.
    """
    places = placed(text)
    rows = max((row for row, _ in places.values()), default=0) + 1
    with mpl.rc_context(STYLE):
        figure, axes = new_figure(7.6, 0.34 * rows + (0.7 if hidden else 2.3))
        for t, (row, column) in places.items():
            if not hidden:
                _cell(axes, row, column, _share(values[t], show), surprise[t], show)
            chosen = t == letter - 1
            look = {"color": COLOURS["accent" if chosen else "ink"], "fontsize": 8.5}
            look |= {"weight": "bold" if chosen else "normal", "ha": "center"}
            axes.text(column + 0.5, row + 0.5, _safe(text[t]), va="center", **look)
        if not hidden:
            what = words(f"face.shown.{show}")
            axes.text(0, rows + 0.35, words("face.caption", what=what, unit=unit),
                      color=COLOURS["soft"], fontsize=8.5, va="center")  # fmt: skip
            if probabilities is not None:
                _bars(axes, rows + 1.2, probabilities, words)
        end = rows + (0.2 if hidden else 1.6 + 0.75 * (BARS + 1))
        axes.set(xlim=(-0.5, COLUMNS + 0.5), ylim=(end, -0.3))
    return figure


def placed(text):
    """The row and the column of each letter that is drawn, by its number."""
    row, column, found = 0, 0, {}
    for t, one in enumerate(text):
        if column == COLUMNS:
            row, column = row + 1, 0
        if row == LINES:
            break
        if one == "\n":
            row, column = row + 1, 0
        else:
            found[t] = row, column
            column += 1
        if row == LINES:
            break
    return found


def _share(value, show):
    return np.tanh(value) if show == "c" else value


def _safe(letter):
    return letter if letter in ALPHABET and letter != "$" else r"\$" * (letter == "$")


def _cell(axes, row, column, share, bits, show):
    gate = show in "ifo"
    name = "gate" if gate else "negative" if share < 0 else "positive"
    box = {"linewidth": 0, "alpha": 0.55 * float(abs(share))}
    axes.add_patch(Rectangle((column, row), 1, 0.96, color=COLOURS[name], **box))
    high = share if gate else (share + 1) / 2
    y = row + 0.22 - 0.2 * high
    axes.plot([column, column + 1], [y, y], color=COLOURS["ink"], lw=0.9)
    if np.isfinite(bits):
        tall = 0.025 * min(8.0, bits)
        axes.add_patch(Rectangle((column + 0.05, row + 0.96 - tall), 0.85, tall,
                                 color=COLOURS["soft"], linewidth=0))  # fmt: skip


def _bars(axes, top, p, words):
    soft = {"color": COLOURS["soft"], "fontsize": 8.5, "va": "center"}
    axes.text(0, top + 0.2, words("face.expects"), **soft)
    names = {"\n": words("face.lineEnd"), " ": words("face.blank")}
    for n, k in enumerate(np.argsort(-p, kind="stable")[:BARS]):
        y = top + 0.75 * (n + 1.2)
        letter = names.get(ALPHABET[k], _safe(ALPHABET[k]))
        ink = soft | {"color": COLOURS["ink"]}
        axes.text(3.2, y, letter, ha="right", **ink)
        for wide, name in ((1.0, "zero"), (float(p[k]), "accent")):
            bar = Rectangle((4, y - 0.25), 26 * wide, 0.5, linewidth=0)
            bar.set_color(COLOURS[name])
            axes.add_patch(bar)
        axes.text(31, y, f"{p[k]:.0%}", **soft)
