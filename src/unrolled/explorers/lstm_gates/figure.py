"""The static picture of one LSTM cell, unrolled."""

import matplotlib as mpl
import numpy as np

from unrolled.figures.gates import (
    back_lane,
    band,
    band_scale,
    row_names,
    step_numbers,
    taps,
)
from unrolled.figures.style import STYLE, new_figure, signed_bars, signed_limit


def draw(x, gates, c, h, *, back=None, log=False, words, hidden=False):
    """Draw an LSTM unit, one column a step: the cell state as a band, |c| thick.

    x, c, h : (T,), the inputs (to a scale of -1 to 1), cell states and hidden states.
    gates : i, f, g, o by name, (T,) each. i and o are taps below and above the band,
        filled as far as they are open; f is a valve on it where a column begins, two
        jaws with a gap as wide as it is open.
    back : two (T,) arrays, dc_T/dc_t along f alone and through everything, or None.
    log : whether those two are drawn by their size on a logarithmic scale.
    words : what the rows are called, `unrolled.words.Words`.
    hidden : whether gates and states are asked about: their rows are left empty.

    The scale of c, which is twice as far as the band reaches from its middle, is 1, 2,
    5, 10 ...; a gradient that is no number leaves a gap.
    """
    x, c, h = (np.asarray(one, float) for one in (x, c, h))
    T = len(c)
    limit = signed_limit(c)
    left = 0.4 - 0.035 * (T + 1)
    wide = left - 0.19 * (T + 1)
    rows = {"h": 8.6, "o": 7.45, "c": 6.6, "f": 5.2}
    rows |= {"i": 4.35, "g": 3.35, "x": 2.1, "step": 1.2}
    named = [(y, words(f"face.rows.{row}")) for row, y in rows.items()]
    with mpl.rc_context(STYLE):
        figure, axes = new_figure(7.2, 6.2 if back else 4.7)
        if not hidden:
            signed_bars(axes, h, 1.0, rows["h"], 0.6)
            flows = [(4.6, 5.9, gates["i"] * gates["g"]), (5.9, 7.2, np.tanh(c))]
            band(axes, gates["f"], c, limit, 5.9, 1.1, flows=flows)
            taps(axes, rows["o"], gates["o"])
            taps(axes, rows["i"], gates["i"])
            signed_bars(axes, gates["g"], 1.0, rows["g"], 0.35)
            band_scale(axes, left, 5.9, 1.1, f"|c| = {limit:g}")
        signed_bars(axes, x, 1.0, rows["x"], 0.6)
        if back and not hidden:
            back_lane(axes, back, log, left, -1.3, 1.9)
            named.append((-0.1, words("face.gradient", state="c")))
        row_names(axes, wide, named)
        step_numbers(axes, rows["step"], T)
        axes.set(xlim=(wide - 0.02 * T, T + 0.8), ylim=(-1.9 if back else 0.8, 9.4))
    return figure
