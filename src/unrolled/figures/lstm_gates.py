"""The static picture of one LSTM cell, unrolled."""

import matplotlib as mpl
import numpy as np
from matplotlib.patches import Rectangle

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
        _band(axes, gates, c, limit, 5.9, 1.1)
        for y, gate in ((7.45, "o"), (4.35, "i")):
            for step, value in zip(steps, gates[gate], strict=True):
                _gauge(axes, step, y, 0.44, 0.5, value)
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
            _back(axes, back, log, left, -1.3, 1.9)
            rows.append((-0.1, "direct (teal)\nand whole (ink)\ngradient of c"))
        wide = left - 0.19 * (T + 1)
        for y, text in rows:
            axes.text(wide, y, text, **soft)
        every = 1 if T <= 24 else 5
        for step in steps[steps % every == 0]:
            axes.text(step, 1.2, str(step), ha="center", **soft)
        axes.set(xlim=(wide - 0.02 * T, T + 0.8), ylim=(-1.9 if back else 0.8, 9.4))
    return figure


def _gauge(axes, x, y, width, height, value, *, centred=False):
    """A gate's outline, filled from below, or if `centred` from its middle."""
    filled = height * value
    bottom = y - (filled if centred else height) / 2
    edge = {"ec": COLOURS["gate"], "lw": 0.8}
    shell = Rectangle((x - width / 2, y - height / 2), width, height)
    shell.set(fc=COLOURS["gate-empty"], **edge, zorder=4)
    level = Rectangle((x - width / 2, bottom), width, filled)
    level.set(fc=COLOURS["gate"], lw=0, zorder=5)
    axes.add_patch(shell)
    axes.add_patch(level)


def _band(axes, gates, c, limit, centre, half):
    """The cell state from step to step, and the valves across it.

    |c| thick about a line in its middle, in the colour of its sign; a minus where it is
    below zero.
    """
    old = np.append(0.0, c[:-1])
    kept = gates["f"] * old
    steps = np.arange(1, len(c) + 1)
    xs = np.stack([steps - 0.5, steps - 0.1, steps - 0.1, steps + 0.5], 1).ravel()
    heights = half / limit * np.stack([kept, kept, c, c], 1).ravel()
    for sign, name in ((1, "positive"), (-1, "negative")):
        thick = np.maximum(sign * heights, 0.0)
        low, high = centre - thick, centre + thick
        axes.fill_between(xs, low, high, color=COLOURS[name], lw=0, zorder=2)
    for step in steps[c / limit < -0.08]:
        minus = {"color": COLOURS["panel"], "lw": 1.6, "zorder": 3}
        axes.plot((step + 0.18, step + 0.34), (centre, centre), **minus)
    middle = {"color": COLOURS["line"], "lw": 1, "zorder": 1}
    axes.plot((0.5, len(c) + 0.5), (centre, centre), **middle)
    written = gates["i"] * gates["g"]
    shown = np.tanh(c)
    for step, into, out in zip(steps, written, shown, strict=True):
        for low, high, value in ((4.6, centre, into), (centre, 7.2, out)):
            if abs(value) > 0.02:
                colour = COLOURS["negative" if value < 0 else "positive"]
                lw = 4 * abs(value)
                axes.plot((step, step), (low, high), color=colour, lw=lw, alpha=0.6)
    for step, value in zip(steps, gates["f"], strict=True):
        _gauge(axes, step - 0.5, centre, 0.16, 2 * half + 0.3, value, centred=True)


def _back(axes, back, log, left, bottom, height):
    """Two gradients by step, to one scale, which is labelled."""
    direct, whole = (np.asarray(one, float) for one in back)
    both = np.concatenate([direct, whole])
    if log:
        sizes = np.abs(both)
        seen = np.log10(sizes[np.isfinite(sizes) & (sizes > 0)])
        low = max(np.floor(seen.min(initial=0.0)), -32.0)
        low = min(low, -1.0)
        high = min(np.ceil(seen.max(initial=0.0)), 32.0)
        ends = [(low, f"$10^{{{low:.0f}}}$"), (high, f"$10^{{{high:.0f}}}$")]

        def scaled(values):
            with np.errstate(divide="ignore"):
                return np.log10(np.abs(values))
    else:
        high = signed_limit(both)
        low = -high if np.nanmin(both) < 0 else 0.0
        ends = [(low, f"{low:g}".replace("-", "−")), (high, f"{high:g}")]
        scaled = np.asarray
    steps = np.arange(1, len(direct) + 1)
    for value, text in ends:
        y = bottom + height * (value - low) / (high - low)
        axes.plot((0.5, len(direct) + 0.5), (y, y), color=COLOURS["line"], lw=1)
        axes.text(
            left, y, text, ha="right", va="center", color=COLOURS["soft"], fontsize=9
        )
    for values, colour, lw in ((direct, "gate", 3.0), (whole, "ink", 1.2)):
        shares = (scaled(values) - low) / (high - low)
        shares[~((shares >= -0.01) & (shares <= 1.01))] = np.nan  # a gap
        ys = bottom + height * shares
        axes.plot(steps, ys, color=COLOURS[colour], lw=lw)
