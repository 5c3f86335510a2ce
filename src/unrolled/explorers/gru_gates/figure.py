"""The static picture of one GRU cell, unrolled."""

import matplotlib as mpl
import numpy as np

from unrolled.figures.gates import (
    SOFT,
    back_lane,
    band,
    band_scale,
    row_names,
    step_numbers,
    taps,
)
from unrolled.figures.style import COLOURS, STYLE, new_figure, signed_bars


def draw(
    x, gates, h, *, keeps=True, pytorch=None, back=None, log=False, words, hidden=False
):
    """Draw a GRU unit, one column a step: the hidden state as a band, |h| thick.

    x, h : (T,), the inputs and the hidden states, to a scale of -1 to 1.
    gates : r, z, n by name, (T,) each. What stays of h is a valve on the band where a
        column begins, two jaws with a gap as wide as it is open; what comes in of n is
        a tap below it, and r a tap below n, filled as far as they are open.
    keeps : whether the valve is z and the tap 1 - z, or the other way round.
    pytorch : (T,), the states of another convention, marked beside h, or None.
    back : two (T,) arrays, dh_T/dh_t along the band alone and through everything, or
        None.
    log : whether those two are drawn by their size on a logarithmic scale.
    words : what the rows are called, `unrolled.words.Words`.
    hidden : whether gates and states are asked about: their rows are left empty.

    A gradient that is no number leaves a gap.
    """
    x, h = (np.asarray(one, float) for one in (x, h))
    T = len(h)
    valve, tap = (gates["z"], 1 - gates["z"]) if keeps else (1 - gates["z"], gates["z"])
    left = 0.4 - 0.035 * (T + 1)
    wide = left - 0.19 * (T + 1)
    rows = {"shown": 8.6, "h": 6.8, "kept": 5.6, "open": 4.45}
    rows |= {"n": 3.5, "r": 2.55, "x": 1.4, "step": 0.5}
    symbols = dict(zip(("kept", "open"), _symbols(keeps), strict=True))
    named = [(y, words(f"face.rows.{row}", **symbols)) for row, y in rows.items()]
    with mpl.rc_context(STYLE):
        figure, axes = new_figure(7.2, 6.4 if back else 4.9)
        if not hidden:
            signed_bars(axes, h, 1.0, rows["shown"], 0.7)
            flows = [(4.7, 6.2, tap * gates["n"]), (6.2, 7.85, h)]
            band(axes, valve, h, 1.0, 6.2, 1.1, flows=flows)
            taps(axes, rows["open"], tap)
            taps(axes, rows["r"], gates["r"])
            signed_bars(axes, gates["n"], 1.0, rows["n"], 0.35)
            band_scale(axes, left, 6.2, 1.1, "|h| = 1")
        signed_bars(axes, x, 1.0, rows["x"], 0.6)
        if pytorch is not None and not hidden:
            _marks(axes, h, np.asarray(pytorch, float), rows["shown"], 0.7)
            axes.text(0.5, 9.75, words("face.pytorch"), **SOFT)
        if back and not hidden:
            back_lane(axes, back, log, left, -2.0, 1.9)
            named.append((-0.8, words("face.gradient", state="h")))
        row_names(axes, wide, named)
        step_numbers(axes, rows["step"], T)
        top = 9.5 if pytorch is None else 10.1
        axes.set(xlim=(wide - 0.02 * T, T + 0.8), ylim=(-2.6 if back else 0.1, top))
    return figure


def _symbols(keeps):
    """What stays of h, and what lets the candidate in."""
    return ("z", "1 − z") if keeps else ("1 − z", "z")


def _marks(axes, h, others, centre, half):
    """Where the bars of h would end with other values, and the way from one to it."""
    style = {"color": COLOURS["ink"], "zorder": 6}
    for step, (value, other) in enumerate(zip(h, others, strict=True), start=1):
        y = centre + half * other
        axes.plot((step - 0.28, step + 0.28), (y, y), lw=1.6, **style)
        axes.plot((step, step), (centre + half * value, y), lw=0.7, ls=":", **style)
