"""The static picture of a network that counts."""

import matplotlib as mpl
import numpy as np

from unrolled.figures.style import COLOURS, STYLE, new_figure, signed_bars, signed_limit


def draw(text, memory, said, wrong, *, unit, step, letter, words, hidden=False):
    """Draw a text, the memory of one unit over it, and what is said next.

    text : T letters, one column each.
    memory : (T, H), each unit's memory after each letter.
    said, wrong : T letters, and the steps, counted from 1, at which they are wrong.
    unit, step : counted from 1.
    letter : what the memory is called, "c" or "h".
    words : what the rows are called, `unrolled.words.Words`.
    hidden : whether the memory, and what is said, are asked about: they are left out.
    """
    T, chosen = len(text), np.asarray(memory)[:, unit - 1]
    limit = signed_limit(chosen) if letter == "c" else 1.0
    rows = {"next": 4.4, "memory": 2.2, "text": 0.0}
    with mpl.rc_context(STYLE):
        figure, axes = new_figure(7.2, 3.2)
        soft = {"color": COLOURS["soft"], "fontsize": 9, "va": "center"}
        for name, y in rows.items():
            axes.text(-0.04 * T, y, words(f"face.rows.{name}"), ha="right", **soft)
        size = {"fontsize": 11 if T <= 24 else 6, "ha": "center", "va": "center"}
        for k, one in enumerate(text, 1):
            colour = COLOURS["accent" if k == step else "ink"]
            axes.text(k, rows["text"], one, color=colour, **size)
        if not hidden:
            signed_bars(axes, chosen, limit, rows["memory"], 1.4)
            axes.text(T + 1, rows["memory"] + 1.4, f"{limit:g}", **soft)
            axes.text(T + 1, rows["memory"] - 1.4, f"−{limit:g}", **soft)
            for k, one in enumerate(said, 1):
                axes.text(k, rows["next"], one, color=COLOURS["ink"], **size)
                if k in wrong:
                    axes.plot(k, rows["next"], "s", ms=13 if T <= 24 else 7, mfc="none",
                              color=COLOURS["ink"])  # fmt: skip
        axes.set(xlim=(-0.22 * T, T + 0.1 * T + 1), ylim=(-0.8, 5.2))
    return figure
