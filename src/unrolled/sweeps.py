"""`sweep`: a figure of live Python that stays live on a page without Python.

Where a kernel runs, a sweep is `ipywidgets.interactive`. When the book is built (the
environment variable UNROLLED_BOOK is "1"), the function is called at every stop of the
sliders, and the page gets the frames, as an explorer with the same sliders: each frame
once for a desk and once for a phone.
"""

import contextlib
import gzip
import json
import math
import os
import re
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from string import Formatter

import ipywidgets
from IPython.display import display
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from unrolled import figures

MOST_STOPS = 200
MOST_BYTES = 150_000  # of all frames on one page, gzip

SLIDERS = (ipywidgets.FloatSlider, ipywidgets.IntSlider, ipywidgets.SelectionSlider)
TAKEN = ("frames", "narrow", "sliders")  # the page's names for these
ROOM = 1.0  # inches around a figure, for what is drawn beyond its edge
NARROW = 2.25  # inches of a figure for a phone; what stands beside it adds some

_carried = []  # bytes of the sweeps so far; a kernel makes one notebook, so one page


def sweep(function, *, alt=None, name="sweep", title=None, try_this=None, **sliders):
    """Show what `function` draws, for the values of one or two sliders.

    In a kernel this returns an `ipywidgets.interactive`, which shows the figure that
    `function` returns, whatever Matplotlib's backend is. In a build of the book it
    returns an explorer with the same sliders: what `function` prints or displays is
    dropped, and a seed belongs inside it, for it is called at every stop. A figure that
    is wider than a phone is drawn for one too, with the same height.

    function : takes the sliders' values by name and returns a Matplotlib `Figure`.
    alt : alternative text, with the sliders' names in braces where their values belong:
        "Loss over training steps with w_h = {w_h}".
    name : the explorer's name on its page, in small letters, digits and hyphens; links
        such as `#sweep:w_h=0.4` find it by this.
    title, try_this : the explorer's first two lines, if others than the usual.
    sliders : each an `ipywidgets.FloatSlider`, `IntSlider` or `SelectionSlider`.

    Raises TypeError for what is not a slider or not a figure, ValueError for stops or
    an `alt` that do not fit or a page that would get too heavy, and RuntimeError, with
    the stop and the cause, where `function` fails. Stops, frames and the page's weight
    are looked at in a build of the book only.
    """
    _check(function, alt, sliders, title=title, try_this=try_this)
    if os.environ.get("UNROLLED_BOOK") != "1":
        return ipywidgets.interactive(_live(function, alt), **sliders)

    from unrolled.explorers.sweep import Sweep

    axes = [_axis(argument, slider) for argument, slider in sliders.items()]
    _check_count(axes)
    stops = [_Stop(axes, at) for at in product(*(range(len(x.values)) for x in axes))]
    descriptions = [_describe(alt, stop) for stop in stops]
    frames, narrow = zip(*(_frames(function, stop) for stop in stops), strict=True)
    explorer = Sweep(
        _crop(frames),
        descriptions,
        narrow=_crop(narrow) if None not in narrow else None,
        sliders=[axis.traits() for axis in axes],
        opening=[axis.opening for axis in axes],
        title=title,
        try_this=try_this,
        name=name,
    )
    _check_weight([*explorer.frames, *explorer.narrow])
    return explorer


# What was given


def _shown(value):
    text = repr(value)
    return text if len(text) < 60 else f"{text[:56]} ..."


def _check(function, alt, sliders, **texts):
    if not callable(function):
        expected = "must be a function that draws and returns a figure"
        raise TypeError(f"sweep: function is {_shown(function)}, but {expected}")
    for argument, text in texts.items():
        if not (text is None or isinstance(text, str)):
            raise TypeError(
                f"sweep: {argument} is {_shown(text)}, but must be text: "
                f'{argument}="..."'
            )
    for argument, slider in sliders.items():
        if argument in TAKEN:
            raise ValueError(
                f"sweep: a slider cannot be called {argument!r}: rename it"
            )
        if not isinstance(slider, SLIDERS):
            raise TypeError(
                f"sweep: {argument} is {_shown(slider)}, but must be a FloatSlider, an "
                f"IntSlider or a SelectionSlider of ipywidgets, such as "
                f"{argument}=FloatSlider(min=0, max=1, step=0.1)"
            )
    if not 1 <= len(sliders) <= 2:
        given = ", ".join(sliders) or "none"
        raise TypeError(
            f"sweep: the sliders given are {given}, but a sweep has one or two: give "
            "each by the name of the function's argument"
        )
    _check_alt(alt, sliders)


def _check_alt(alt, sliders):
    example = " and ".join(f"{name} = {{{name}}}" for name in sliders)
    example = f'write what a frame shows, such as alt="Loss over time with {example}"'
    if not isinstance(alt, str) or not alt.strip():
        raise ValueError(f"sweep: there is no alternative text: {example}")
    try:
        fields = [field for _, field, _, _ in Formatter().parse(alt)]
    except ValueError as error:
        raise ValueError(f"sweep: alt cannot be read ({error}): {example}") from error
    named = {field for field in fields if field is not None}
    for name in sorted(named - set(sliders)):
        known = ", ".join(sliders)
        raise ValueError(
            f"sweep: alt names {{{name}}}, but the sliders are {known}: {example}"
        )
    for name in sliders:
        if name not in named:
            raise ValueError(f"sweep: alt does not say where {name} stands: {example}")


# The stops


@dataclass(frozen=True)
class _Axis:
    """One slider: the values it passes, and how each is shown."""

    argument: str
    label: str
    values: list
    shown: list
    opening: int
    step: float | None = None  # None for one that selects

    def traits(self):
        """What the explorer's front end knows of it."""
        known = {"name": self.argument, "label": self.label}
        if self.step is None:
            return known | {"stops": self.shown}
        exact = (
            digits
            for digits in range(6)
            if all(round(value, digits) == value for value in self.values)
        )
        decimals = next(exact, 6)
        return known | {"stops": self.values, "step": self.step, "decimals": decimals}


class _Stop:
    """One setting of all sliders."""

    def __init__(self, axes, at):
        pairs = list(zip(axes, at, strict=True))
        self.values = {axis.argument: axis.values[k] for axis, k in pairs}
        self.shown = {axis.argument: axis.shown[k] for axis, k in pairs}
        numbers = {axis.argument for axis in axes if axis.step is not None}
        self.described = {
            name: (self.values if name in numbers else self.shown)[name]
            for name in self.values
        }

    def __str__(self):
        return ", ".join(f"{name} = {text}" for name, text in self.shown.items())


def _axis(argument, slider):
    label = slider.description or argument
    if isinstance(slider, ipywidgets.SelectionSlider):
        values, shown = list(slider._options_values), list(slider._options_labels)
        opening, step = slider.index, None
        if len(set(shown)) < len(shown):
            raise ValueError(
                f"sweep: {argument} has two options that read the same: give each a "
                'name of its own, options=[("one", 1), ("other", 2)]'
            )
    else:
        values, step = _numbers(argument, slider)
        shown = [str(value) for value in values]
        opening = min(range(len(values)), key=lambda k: abs(values[k] - slider.value))
        if abs(values[opening] - slider.value) > 1e-6 * step:
            raise ValueError(
                f"sweep: {argument} starts at {slider.value}, which is not one of its "
                f"stops; the nearest is {values[opening]}: {argument}="
                f"{type(slider).__name__}(value={values[opening]}, ...)"
            )
    if len(values) < 2:
        raise ValueError(
            f"sweep: {argument} has a single stop, so nothing can move: give it two or "
            "more, by a wider range, a smaller step or another option"
        )
    return _Axis(argument, label, values, shown, opening, step)


def _numbers(argument, slider):
    """The stops min + k step up to max, as written in decimals, and the step."""
    if not slider.step or not 0 < slider.step < math.inf:
        raise ValueError(
            f"sweep: the step of {argument} is {slider.step!r}, but must be above 0: "
            "the stops are min, min + step, and so on"
        )
    if not (math.isfinite(slider.min) and math.isfinite(slider.max)):
        raise ValueError(
            f"sweep: {argument} goes from {slider.min} to {slider.max}, but its ends "
            f"must be finite: {argument}={type(slider).__name__}(min=0, max=1, ...)"
        )
    low, high, step = (Fraction(repr(x)) for x in (slider.min, slider.max, slider.step))
    count = (high - low) // step + 1
    if count > MOST_STOPS:
        _too_many(count, f"{argument} has {count} stops")
    kind = int if isinstance(slider, ipywidgets.IntSlider) else float
    return [kind(low + k * step) for k in range(count)], slider.step


def _check_count(axes):
    counts = [len(axis.values) for axis in axes]
    if math.prod(counts) > MOST_STOPS:
        each = " and ".join(f"{a.argument} has {len(a.values)} stops" for a in axes)
        _too_many(math.prod(counts), each)


def _too_many(count, what):
    together = f", {count} together" if " and " in what else ""
    raise ValueError(
        f"sweep: {what}{together}, but a sweep may have {MOST_STOPS}. Take a larger "
        "step or a shorter range"
    )


def _describe(alt, stop):
    try:
        return alt.format(**stop.described)
    except (ValueError, TypeError) as error:
        raise ValueError(
            f"sweep: alt does not fit at {stop}: {error}. Write the sliders' names "
            "alone in the braces"
        ) from error


# The figure


@contextlib.contextmanager
def _drawn(function, values):
    """The figure that `function` returns; pyplot forgets it, and what else was opened.

    Or the cell would show each of them once more, and a slider would fill the memory.
    """
    import matplotlib.pyplot as plt

    opened_before = set(plt.get_fignums())
    figure = None
    try:
        with plt.ioff():  # a backend that lives in the page shows what is opened
            figure = function(**values)
        if not isinstance(figure, Figure):
            stop = ", ".join(f"{name} = {value}" for name, value in values.items())
            hint = "its figure is its attribute `figure`" if _is_axes(figure) else ""
            hint = hint or "end the function with `return figure`"
            raise _NoFigure(
                f"sweep: function returned {_shown(figure)} at {stop}, but must return "
                f"a Matplotlib Figure: {hint}"
            )
        yield figure
    finally:
        for number in set(plt.get_fignums()) - opened_before:
            plt.close(number)
        if isinstance(figure, Figure):
            plt.close(figure)


def _live(function, alt):
    """Return what `interactive` calls: it shows the figure and returns it."""

    def show(**values):
        with _drawn(function, values) as figure:
            shown = {"image/svg+xml": figures.to_svg(figure), "text/plain": alt}
            display(shown, raw=True)
        return figure

    return show


def _frames(function, stop):
    """Draw one stop for a desk and, where that is narrower, for a phone (or None)."""
    from IPython.utils.capture import capture_output

    try:
        with capture_output(stderr=False), _drawn(function, stop.values) as figure:
            size = figure.get_size_inches()
            frame = _frame(figure)
            if size[0] <= NARROW:
                return frame, None
            figure.set_size_inches(NARROW, size[1])
            narrow = _frame(figure)
            figure.set_size_inches(size)
            return frame, narrow
    except _NoFigure:
        raise
    except Exception as error:
        cause = f"{type(error).__name__}: {error}"
        raise RuntimeError(
            f"sweep: function failed at {stop}: {cause}. Call it by itself with these "
            "values, and mend it there"
        ) from error


def _frame(figure):
    """One frame: its SVG, with room around it, and the box of what is drawn."""
    width, height = figure.get_size_inches()
    svg = figures.to_svg(
        figure, Bbox.from_extents(-ROOM, -ROOM, width + ROOM, height + ROOM)
    )
    drawn = figure.get_tightbbox().padded(0.1)
    left, top = drawn.x0 + ROOM, height + ROOM - drawn.y1
    return svg, (left, top, left + drawn.width, top + drawn.height)


class _NoFigure(TypeError):
    """What `function` returned is not a figure."""


def _is_axes(value):
    return isinstance(getattr(value, "figure", None), Figure)


def _crop(drawn):
    """Cut all frames to one box, so that nothing jumps between two of them."""
    boxes = [box for _, box in drawn]
    left, top = (min(box[k] for box in boxes) for k in (0, 1))
    right, bottom = (max(box[k] for box in boxes) for k in (2, 3))
    x, y, width, height = (
        f"{72 * inches:.2f}" for inches in (left, top, right - left, bottom - top)
    )
    size = f'width="{width}pt" height="{height}pt" viewBox="{x} {y} {width} {height}"'
    return [
        re.sub(r'width="\S+" height="\S+" viewBox="[^"]+"', size, svg, count=1)
        for svg, _ in drawn
    ]


def _check_weight(frames):
    # As the page has them.
    text = json.dumps(frames, ensure_ascii=False).replace("<", "\\u003c")
    weight = len(gzip.compress(text.encode(), 6))
    before = sum(_carried)
    if before + weight > MOST_BYTES:
        others = f", and the sweeps before it {before / 1000:.0f} KB" if before else ""
        raise ValueError(
            f"sweep: its {len(frames)} frames are {weight / 1000:.0f} KB gzip{others}, "
            f"but those of a page may be {MOST_BYTES // 1000} KB together. Take fewer "
            "stops (a larger step) or a simpler figure (fewer marks)"
        )
    _carried.append(weight)
