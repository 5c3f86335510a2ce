"""What the static pictures of gated cells are made of, one column a step."""

import numpy as np
from matplotlib.patches import Rectangle

from unrolled.figures.style import COLOURS, signed_limit

SOFT = {"color": COLOURS["soft"], "fontsize": 9, "va": "center"}


def _shell(axes, x, bottom, width, height):
    box = Rectangle((x - width / 2, bottom), width, height)
    box.set(fc=COLOURS["gate-empty"], ec=COLOURS["gate"], lw=0.8, zorder=4)
    axes.add_patch(box)


def tap(axes, x, y, width, height, value):
    """A gate's outline about `y`, filled from below as far as it is open."""
    bottom = y - height / 2
    _shell(axes, x, bottom, width, height)
    level = Rectangle((x - width / 2, bottom), width, height * value)
    level.set(fc=COLOURS["gate"], lw=0, zorder=5)
    axes.add_patch(level)


def jaws(axes, x, y, half, value):
    """A valve about `y`: two jaws with a gap as wide as it is open.

    Open, they have left a band that is 2 * `half` thick; shut, they meet.
    """
    tip, reach = 1.03 * half * value, half + 0.2
    for bottom in (y - reach, y + tip):
        _shell(axes, x, bottom, 0.16, reach - tip)


def taps(axes, y, values, height=0.5):
    """A row of gates about `y`, one in the middle of each column."""
    for step, value in enumerate(values, start=1):
        tap(axes, step, y, 0.44, height, value)


def band(axes, valve, state, limit, centre, half, *, flows, opening=1.0):
    """A state from step to step, |state| thick about y = `centre`, and its valves.

    valve, state : (T,), what each valve keeps of the last state, and the states.
    limit : the |state| at which the band is 2 * `half` thick.
    flows : what flows up the columns, each from one y to another: (low, high, (T,)).
    opening : how far a valve opens, as a share of `half`.

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
        jaws(axes, step - 0.5, centre, half * opening, value)


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
