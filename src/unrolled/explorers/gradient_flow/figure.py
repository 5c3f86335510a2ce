"""The static picture of the gradient that flows back through one unit's steps."""

import matplotlib as mpl
import numpy as np
from matplotlib.patches import FancyBboxPatch

from unrolled.figures.style import (
    COLOURS,
    STYLE,
    arrow,
    new_figure,
    signed_bars,
    signed_colour,
    signed_limit,
)


def draw(x, h, gradients, shares, *, losses, cuts=(), uncut=None, words):
    """Draw states, what comes back to them, and shares that add up, one column a step.

    x, h : (T,), the inputs (to a scale of -1 to 1) and the states, in numbers.
    gradients : (T,), dL/dh_t, in numbers and as bars.
    shares : (T,), the steps' shares of dL/dw_h: each bar starts where the one to its
        right ended, and the sum stands at the left. None for what is asked about: an
        empty row.
    losses : the steps with a loss, counted from 1.
    cuts : the steps after which the way back is cut.
    uncut : (T,), the shares that there would be without the cuts, drawn in dashes.

    words : what the rows are called, `unrolled.words.Words`.

    Both scales are 1, 2, 5, 10 ... at most 100; what lies beyond is cut off and marked.
    """
    x, h = np.asarray(x, float), np.asarray(h, float)
    steps = np.arange(1, len(h) + 1)
    soft = {"color": COLOURS["soft"], "fontsize": 9, "va": "center"}
    number = {"fontsize": 8.5 if len(h) > 9 else 9, "ha": "center", "va": "center"}
    with mpl.rc_context(STYLE):
        figure, axes = new_figure(7.2, 4.9)
        for step, pair in zip(steps, zip(h, gradients, strict=True), strict=True):
            _step(axes, step, pair, losses, number)
            axes.text(step, -1.7, str(step), ha="center", **soft)
        for step in cuts:
            axes.text(step + 0.5, 6.45, "//", fontweight="bold", **number)
        signed_bars(axes, x, 1.0, 4.6, 0.6)
        limit = signed_limit(gradients)
        signed_bars(axes, gradients, limit, 2.8, 0.9)
        scales = [(2.8, 0.9, limit)]
        if shares is not None:
            sums = [_sums(one) for one in (shares, uncut) if one is not None]
            scales.append((0.0, 1.0, signed_limit(np.concatenate(sums))))
            _adding_up(axes, shares, uncut, *scales[1][::-1])
        _names(axes, words, soft)
        for centre, half, most in scales:
            for at, text in ((half, f"{most:g}"), (0, "0"), (-half, f"−{most:g}")):
                axes.text(-0.2, centre + at, text, ha="right", **soft)
        axes.set(xlim=(-1.35, len(h) + 0.6), ylim=(-2.0, 9.0))
    return figure


def _step(axes, step, values, losses, number):
    """A step's box with its state and what comes back to it, its arrows, its loss."""
    corner = (step - 0.36, 6.1)
    box = FancyBboxPatch(corner, 0.72, 1.4, boxstyle="round,pad=0,rounding_size=0.1")
    box.set(facecolor=COLOURS["panel"], edgecolor=COLOURS["soft"], linewidth=1)
    axes.add_patch(box)
    for y, value in zip((7.15, 6.45), values, strict=True):
        axes.text(step, y, _text(value), **number)
    thin = {"mutation_scale": 7, "lw": 1}
    arrow(axes, (step - 0.64, 7.15), (step - 0.36, 7.15), **thin)
    if step <= max(losses):
        way = (step - 0.36, 6.45), (step - 0.64, 6.45)
        arrow(axes, *way, **thin | {"color": COLOURS["accent"]})
    if step in losses:
        axes.plot(step, 8.5, "D", color=COLOURS["accent"], ms=9)
        axes.plot((step, step), (7.5, 8.2), color=COLOURS["faint"], lw=1)
    axes.plot((step, step), (5.2, 6.1), color=COLOURS["faint"], lw=1, ls=":")


def _names(axes, words, soft):
    """The names of the rows, at the left."""
    rows = {8.5: "loss", 7.15: "state", 6.45: "gradient", 4.6: "input"}
    rows |= {2.8: "gradient", 0.2: "shares", -1.7: "step"}
    for y, row in rows.items():
        axes.text(-1.3, y, words(f"face.rows.{row}"), **soft)
    axes.text(-1.3, -0.35, r"$\mathrm{d}L/\mathrm{d}w_h$", **soft)
    axes.text(0, -1.7, words("face.rows.whole"), ha="center", **soft)


def _text(value):
    return f"{value:z.2g}".replace("-", "−")


def _sums(shares):
    """(T + 1,): what has been added up from the last share to each one, and a 0."""
    with np.errstate(all="ignore"):
        return np.append(np.cumsum(shares[::-1])[::-1], 0.0)


def _adding_up(axes, shares, uncut, limit, half, centre):
    """Shares from right to left, each from where the last one ended, and the whole."""
    for values, style in ((uncut, {"alpha": 0.25, "ls": "--"}), (shares, {})):
        if values is None:
            continue
        sums = _sums(values)
        heights = centre + half * np.clip(sums / limit, -1, 1)
        for step in range(len(values) + 1):  # 0 is the whole
            start = heights[step] if step else centre
            top = heights[step - 1] if step else heights[0]
            if np.isnan(top) or np.isnan(start):
                axes.text(step, centre, "NaN", ha="center", va="center", fontsize=9)
                continue
            colour = signed_colour(top - start)
            if top != start:
                axes.bar(step, top - start, 0.3, start, fc=colour, ec=colour, **style)
            if step:
                level = (step - 0.85, step + 0.15), (top, top)
                axes.plot(*level, color=COLOURS["faint"], lw=0.8)
            if abs(sums[max(step - 1, 0)]) > limit:
                end = centre + 1.14 * (top - centre)
                axes.text(step, end, "…", ha="center", va="center", fontsize=9)
    axes.plot((-0.1, len(shares) + 0.5), (centre, centre), color=COLOURS["line"], lw=1)
    whole = _sums(shares)[0]
    above = centre + (0.3 if whole < 0 else -0.3)
    axes.text(0, above, _text(whole), ha="center", va="center", fontsize=9)
