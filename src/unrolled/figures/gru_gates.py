"""The static picture of one GRU cell, unrolled."""

import matplotlib as mpl
import numpy as np

from unrolled.figures.gates import back_lane, band, gauge
from unrolled.figures.style import COLOURS, STYLE, new_figure, signed_bars


def gru_gates(x, gates, h, *, keeps=True, pytorch=None, back=None, log=False):
    """Draw a GRU unit, one column a step: the hidden state as a band, |h| thick.

    x, h : (T,), the inputs and the hidden states, to a scale of -1 to 1.
    gates : r, z, n by name, (T,) each. What stays of h is a valve across the band where
        a column begins, what comes in of n a tap below it; r is a tap below n. They are
        filled as far as they are open.
    keeps : whether the valve is z and the tap 1 - z, or the other way round.
    pytorch : (T,), the states of another convention, marked beside h, or None.
    back : two (T,) arrays, dh_T/dh_t along the band alone and through everything, or
        None.
    log : whether those two are drawn by their size on a logarithmic scale.

    A gradient that is no number leaves a gap.
    """
    x, h = (np.asarray(one, float) for one in (x, h))
    T = len(h)
    steps = np.arange(1, T + 1)
    valve, tap = (gates["z"], 1 - gates["z"]) if keeps else (1 - gates["z"], gates["z"])
    soft = {"color": COLOURS["soft"], "fontsize": 9, "va": "center"}
    with mpl.rc_context(STYLE):
        figure, axes = new_figure(7.2, 6.4 if back else 4.9)
        signed_bars(axes, h, 1.0, 8.6, 0.7)
        written = tap * gates["n"]
        flows = [(4.7, 6.2, written), (6.2, 7.85, h)]
        band(axes, valve, h, 1.0, 6.2, 1.1, flows=flows)
        for y, values in ((4.45, tap), (2.55, gates["r"])):
            for step, value in zip(steps, values, strict=True):
                gauge(axes, step, y, 0.44, 0.5, value)
        signed_bars(axes, gates["n"], 1.0, 3.5, 0.35)
        signed_bars(axes, x, 1.0, 1.4, 0.6)
        left = 0.4 - 0.035 * (T + 1)
        names = ("z", "1 − z") if keeps else ("1 − z", "z")
        rows = [(8.6, "h, shown as it is"), (6.8, "h, state")]
        rows += [(5.6, f"{names[0]}: of h stays"), (4.45, f"{names[1]}: lets n in")]
        rows += [(3.5, "n, candidate"), (2.55, "r: of h, to n"), (1.4, "x, input")]
        rows += [(0.5, "step")]
        if pytorch is not None:
            _marks(axes, h, np.asarray(pytorch, float), 8.6, 0.7)
            axes.text(0.5, 9.75, "bars: h; lines: h in PyTorch’s convention", **soft)
        axes.text(left, 6.2, "|h| = 1", ha="right", **soft)
        bracket = (0.36, 0.28, 0.28, 0.36), (7.3, 7.3, 5.1, 5.1)
        axes.plot(*bracket, color=COLOURS["soft"], lw=0.8)
        if back:
            back_lane(axes, back, log, left, -2.0, 1.9)
            rows.append((-0.8, "direct (teal)\nand whole (ink)\ngradient of h"))
        wide = left - 0.19 * (T + 1)
        for y, text in rows:
            axes.text(wide, y, text, **soft)
        every = 1 if T <= 24 else 5
        for step in steps[steps % every == 0]:
            axes.text(step, 0.5, str(step), ha="center", **soft)
        top = 9.5 if pytorch is None else 10.1
        axes.set(xlim=(wide - 0.02 * T, T + 0.8), ylim=(-2.6 if back else 0.1, top))
    return figure


def _marks(axes, h, others, centre, half):
    """Where the bars of h would end with other values, and the way from one to it."""
    style = {"color": COLOURS["ink"], "zorder": 6}
    for step, (value, other) in enumerate(zip(h, others, strict=True), start=1):
        y = centre + half * other
        axes.plot((step - 0.28, step + 0.28), (y, y), lw=1.6, **style)
        axes.plot((step, step), (centre + half * value, y), lw=0.7, ls=":", **style)
