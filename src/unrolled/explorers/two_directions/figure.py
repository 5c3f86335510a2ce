"""The static picture of two directions over one sequence."""

import matplotlib as mpl
import numpy as np

from unrolled.figures.style import COLOURS, STYLE, arrow, new_figure, signed_bars

ROWS = {"forward": 6.6, "backward": 3.8, "input": 1.0}


def draw(x, output, *, step, packed, words, hidden=False):
    """Draw the inputs and both directions' states, one column a step.

    x : (T,), the inputs, drawn to a scale of -1 to 1; output : (T or more, 2), both
        halves, of which those behind the last input stand in the padding.
    step : counted from 1; the inputs that each of its halves has read are underlined.
    packed : whether the padding is left out.
    words : what the rows are called, `unrolled.words.Words`.
    hidden : whether the states are asked about: they are left out.
    """
    x, output = np.asarray(x, float), np.asarray(output, float)
    T, count = len(x), len(output)
    read = T if packed else count
    with mpl.rc_context(STYLE):
        figure, axes = new_figure(7.2, 3.6)
        soft = {"color": COLOURS["soft"], "fontsize": 9, "va": "center"}
        if count > T:
            axes.axvspan(T + 0.5, count + 0.5, color=COLOURS["zero"], lw=0)
            at = (T + count + 1) / 2, 8.0
            axes.text(*at, words("face.rows.padding"), ha="center", **soft)
        signed_bars(axes, [*x, *[0.0] * (count - T)], 1.0, ROWS["input"], 1)
        for name, y in (*ROWS.items(), ("step", -0.9)):
            axes.text(-1.3, y, words(f"face.rows.{name}"), **soft)
        for k in range(1, count + 1):
            chosen = {"color": COLOURS["accent"]} if k == step else {}
            axes.text(k, -0.9, str(k), ha="center", **soft | chosen)
        for half, name in enumerate(() if hidden else ("forward", "backward")):
            y = ROWS[name]
            signed_bars(axes, output[:, half], 1.0, y, 1)
            for k in range(1, read):
                way = (k + 0.25, k + 0.75) if half == 0 else (k + 0.75, k + 0.25)
                arrow(
                    axes,
                    *((place, y) for place in way),
                    lw=1,
                    mutation_scale=9,
                    zorder=3,
                )
            value = output[step - 1, half]
            end = y + value + (0.28 if value >= 0 else -0.28)
            axes.text(step, end, f"{value:.2f}", ha="center", va="center", fontsize=9)
        spans = ((1, step), (step, read))
        for y, (first, last) in zip((5.3, 2.4), () if hidden else spans, strict=False):
            across = (first - 0.4, last + 0.4)
            axes.plot(across, (y, y), color=COLOURS["accent"], lw=2)
        axes.set(xlim=(-1.4, count + 0.6), ylim=(-1.3, 8.4))
    return figure
