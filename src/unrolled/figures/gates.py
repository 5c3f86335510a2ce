"""What the static pictures of gated cells are made of, one column a step."""

import numpy as np
from matplotlib.patches import Rectangle

from unrolled.figures.style import COLOURS, signed_limit

SOFT = {"color": COLOURS["soft"], "fontsize": 9, "va": "center"}


def gauge(axes, x, y, width, height, value, *, centred=False):
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


def taps(axes, y, values, height=0.5):
    """A row of gates about `y`, one in the middle of each column."""
    for step, value in enumerate(values, start=1):
        gauge(axes, step, y, 0.44, height, value)


def band(axes, valve, state, limit, centre, half, *, flows):
    """A state from step to step, |state| thick about y = `centre`, and its valves.

    valve, state : (T,), what each valve keeps of the last state, and the states.
    limit : the |state| at which the band is 2 * `half` thick.
    flows : what flows up the columns, each from one y to another: (low, high, (T,)).

    It has the colour of its sign, and a minus where it is below zero.
    """
    old = np.append(0.0, state[:-1])
    kept = valve * old
    steps = np.arange(1, len(state) + 1)
    xs = np.stack([steps - 0.5, steps - 0.1, steps - 0.1, steps + 0.5], 1).ravel()
    heights = half / limit * np.stack([kept, kept, state, state], 1).ravel()
    for sign, name in ((1, "positive"), (-1, "negative")):
        thick = np.maximum(sign * heights, 0.0)
        low, high = centre - thick, centre + thick
        axes.fill_between(xs, low, high, color=COLOURS[name], lw=0, zorder=2)
    for step in steps[state / limit < -0.08]:
        minus = {"color": COLOURS["panel"], "lw": 1.6, "zorder": 3}
        axes.plot((step + 0.18, step + 0.34), (centre, centre), **minus)
    middle = {"color": COLOURS["line"], "lw": 1, "zorder": 1}
    axes.plot((0.5, len(state) + 0.5), (centre, centre), **middle)
    for low, high, values in flows:
        for step, value in zip(steps, values, strict=True):
            if abs(value) > 0.02:
                colour = COLOURS["negative" if value < 0 else "positive"]
                lw = 4 * abs(value)
                axes.plot((step, step), (low, high), color=colour, lw=lw, alpha=0.6)
    for step, value in zip(steps, valve, strict=True):
        gauge(axes, step - 0.5, centre, 0.16, 2 * half + 0.3, value, centred=True)


def band_scale(axes, left, centre, half, text):
    """A bracket that says how thick a band is that fills the lane."""
    low, high = centre - half, centre + half
    bracket = (0.36, 0.28, 0.28, 0.36), (high, high, low, low)
    axes.plot(*bracket, color=COLOURS["soft"], lw=0.8)
    axes.text(left, centre, text, ha="right", **SOFT)


def row_names(axes, left, rows):
    """What the rows are called, at x = `left`: (y, text) each."""
    for y, text in rows:
        axes.text(left, y, text, **SOFT)


def step_numbers(axes, y, count):
    """The steps' numbers from 1 to `count`, or of many every fifth."""
    every = 1 if count <= 24 else 5
    for step in range(every, count + 1, every):
        axes.text(step, y, str(step), ha="center", **SOFT)


def back_lane(axes, back, log, left, bottom, height):
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
        axes.text(left, y, text, ha="right", **SOFT)
    for values, colour, lw in ((direct, "gate", 3.0), (whole, "ink", 1.2)):
        shares = (scaled(values) - low) / (high - low)
        shares[~((shares >= -0.01) & (shares <= 1.01))] = np.nan  # a gap
        ys = bottom + height * shares
        axes.plot(steps, ys, color=COLOURS[colour], lw=lw)
