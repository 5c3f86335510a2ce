"""The static picture of the hidden state, unrolled."""

import matplotlib as mpl
import numpy as np

from unrolled.figures.style import COLOURS, STYLE, new_figure, signed_bars


def draw(x, h, *, limit, words, hidden=False):
    """Draw inputs and the hidden states of one unit, one column a step.

    x : (T,), the inputs, drawn to a scale of -1 to 1.
    h : (T,), the hidden states, drawn to a scale of -limit to limit. What lies beyond
        its scale is cut off and marked; NaN is written out.
    words : what the rows are called, `unrolled.words.Words`.
    hidden : whether the states are asked about: their rows are left empty.
    """
    x, h = np.asarray(x, float), np.asarray(h, float)
    with mpl.rc_context(STYLE):
        figure, axes = new_figure(7.2, 3.0)
        if not hidden:
            signed_bars(axes, h, limit, 4.4, 1)
        signed_bars(axes, x, 1.0, 0.4, 1)
        crowded = len(h) > 14
        for step, h_t in enumerate(h, start=1):
            if not crowded and not hidden:
                axes.text(step, 2.4, f"{h_t:.3g}", ha="center", va="center", fontsize=9)
            if not crowded or step % 5 == 0:
                axes.text(
                    step,
                    -1.3,
                    str(step),
                    ha="center",
                    color=COLOURS["soft"],
                    fontsize=9,
                )
        rows = {"state": 4.4, "value": 2.4, "input": 0.4, "step": -1.18}
        if crowded:
            del rows["value"]
        for row, y in rows.items():
            name = words(f"face.rows.{row}")
            axes.text(-0.9, y, name, va="center", color=COLOURS["soft"], fontsize=9)
        scale = ((5.4, f"{limit:g}"), (4.4, "0"), (3.4, f"−{limit:g}"))
        for y, text in () if hidden else scale:
            axes.text(
                0.4, y, text, ha="right", va="center", color=COLOURS["soft"], fontsize=9
            )
        axes.set(xlim=(-1, len(h) + 0.6), ylim=(-1.6, 5.8))
    return figure
