"""The static picture of one LSTM cell, unrolled."""

import matplotlib as mpl
import numpy as np

from unrolled.figures.gates import back_lane, band, gauge
from unrolled.figures.style import COLOURS, STYLE, new_figure, signed_bars, signed_limit


def lstm_gates(x, gates, c, h, *, back=None, log=False):
    """Draw an LSTM unit, one column a step: the cell state as a band, |c| thick.

    x, c, h : (T,), the inputs (to a scale of -1 to 1), cell states and hidden states.
    gates : i, f, g, o by name, (T,) each. i and o are taps below and above the band,
        f a valve across it where a column begins; they are filled as far as they are
        open.
    back : two (T,) arrays, dc_T/dc_t along f alone and through everything, or None.
    log : whether those two are drawn by their size on a logarithmic scale.

    The scale of c, which is twice as far as the band reaches from its middle, is 1, 2,
    5, 10 ...; a gradient that is no number leaves a gap.
    """
    x, c, h = (np.asarray(one, float) for one in (x, c, h))
    T = len(c)
    steps = np.arange(1, T + 1)
    limit = signed_limit(c)
    soft = {"color": COLOURS["soft"], "fontsize": 9, "va": "center"}
    with mpl.rc_context(STYLE):
        figure, axes = new_figure(7.2, 6.2 if back else 4.7)
        signed_bars(axes, h, 1.0, 8.6, 0.6)
        written = gates["i"] * gates["g"]
        flows = [(4.6, 5.9, written), (5.9, 7.2, np.tanh(c))]
        band(axes, gates["f"], c, limit, 5.9, 1.1, flows=flows)
        for y, gate in ((7.45, "o"), (4.35, "i")):
            for step, value in zip(steps, gates[gate], strict=True):
                gauge(axes, step, y, 0.44, 0.5, value)
        signed_bars(axes, gates["g"], 1.0, 3.35, 0.35)
        signed_bars(axes, x, 1.0, 2.1, 0.6)
        left = 0.4 - 0.035 * (T + 1)
        rows = [(8.6, "h, shown"), (7.45, "o, output gate"), (6.6, "c, cell state")]
        rows += [(5.2, "f, forget gate"), (4.35, "i, input gate")]
        rows += [(3.35, "g, candidate"), (2.1, "x, input"), (1.2, "step")]
        axes.text(left, 5.9, f"|c| = {limit:g}", ha="right", **soft)
        bracket = (0.36, 0.28, 0.28, 0.36), (7.0, 7.0, 4.8, 4.8)
        axes.plot(*bracket, color=COLOURS["soft"], lw=0.8)
        if back:
            back_lane(axes, back, log, left, -1.3, 1.9)
            rows.append((-0.1, "direct (teal)\nand whole (ink)\ngradient of c"))
        wide = left - 0.19 * (T + 1)
        for y, text in rows:
            axes.text(wide, y, text, **soft)
        every = 1 if T <= 24 else 5
        for step in steps[steps % every == 0]:
            axes.text(step, 1.2, str(step), ha="center", **soft)
        axes.set(xlim=(wide - 0.02 * T, T + 0.8), ylim=(-1.9 if back else 0.8, 9.4))
    return figure
