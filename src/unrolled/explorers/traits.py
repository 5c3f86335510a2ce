"""The kinds of settings that explorers have: each checks a value and says its range.

`front()` is what the front end is told of a setting: its kind, the values it takes
(`least` and `most`, or `options`), and where a slider goes (`low`, `high`, `step`).
"""

import math
from numbers import Real

import numpy as np
import traitlets as t


def problem(owner, name, value, expected):
    """Return the error for a value that a trait does not take."""
    shown = repr(value)
    shown = shown if len(shown) < 60 else f"{shown[:56]} ..."
    return t.TraitError(f"{type(owner).__name__}: {name} is {shown}, but {expected}")


def finite(value):
    """Return `value` as a float, or None where it is not a finite real number."""
    if isinstance(value, Real) and not isinstance(value, (bool, np.bool_)):
        number = float(value)
        if math.isfinite(number):
            return number
    return None


class Setting(t.TraitType):
    """The base of every setting: it travels between Python and the front end.

    low, high, step : of its slider; `least` and `most` where they are not given.
    """

    kind = None

    def __init__(self, *value, low=None, high=None, step=None, **options):
        super().__init__(*value, **options)
        self.low, self.high, self.step = low, high, step
        self.tag(sync=True)

    def front(self):
        """Return what the front end is told: a dict that JSON can hold."""
        told = {"kind": self.kind, "optional": self.allow_none or None}
        for name in ("least", "most", "low", "high", "step", "options"):
            told[name] = getattr(self, name, None)
        return {
            name: value
            for name, value in told.items()
            if value is not None and value not in (math.inf, -math.inf)
        }


class Number(Setting):
    """A finite real number from `least` to `most`, kept as a float."""

    kind = "number"

    def __init__(self, default_value=0.0, *, least=-math.inf, most=math.inf, **options):
        super().__init__(default_value, **options)
        self.least, self.most = least, most

    def validate(self, owner, value):
        number = finite(value)
        if number is None:
            raise problem(owner, self.name, value, "must be a finite number")
        if number < self.least:
            expected = f"must be at least {self.least:g}"
            raise problem(owner, self.name, value, expected)
        if number > self.most:
            expected = f"must be at most {self.most:g}"
            raise problem(owner, self.name, value, expected)
        return number


class Whole(Setting):
    """A whole number from `least` to `most`, kept as an int.

    within : the setting that holds the steps among which this one chooses, a list with
        one number a step or their count. What is beyond the last step is an error. When
        there are fewer steps afterwards, it becomes the last of them.
    """

    kind = "whole"

    def __init__(self, default_value, *, least, most, within=None, **options):
        super().__init__(default_value, **options)
        self.least, self.most, self.within = least, most, within

    def instance_init(self, obj):
        super().instance_init(obj)
        if self.within:
            obj.observe(lambda change: self._keep_inside(obj), self.within)

    def _keep_inside(self, owner):
        setattr(owner, self.name, min(getattr(owner, self.name), self.last(owner)))

    def _steps(self, owner):
        steps = getattr(owner, self.within)
        return steps if isinstance(steps, int) else len(steps)

    def last(self, owner):
        """Return the last of the steps that there are, counted from `least`."""
        return self._steps(owner) - 1 + self.least

    def _cross_validate(self, obj, value):
        """Look at both settings once both have been set."""
        value = super()._cross_validate(obj, value)
        if self.within and value > self.last(obj):
            steps = f"there are {self._steps(obj)} steps"
            expected = f"must be at most {self.last(obj)}: {steps}"
            raise problem(obj, self.name, value, expected)
        return value

    def validate(self, owner, value):
        number = finite(value)
        if number is None or number != int(number):
            expected = f"must be a whole number from {self.least} to {self.most}"
            raise problem(owner, self.name, value, expected)
        if not self.least <= number <= self.most:
            expected = f"must be from {self.least} to {self.most}"
            raise problem(owner, self.name, value, expected)
        return int(number)


class Numbers(Setting):
    """A list of `least` to `most` finite numbers; arrays are taken too.

    The value is a new list of floats. Set a new list: a change in place is not seen.
    `low`, `high` and `step` are of a slider for one of them.
    """

    kind = "numbers"

    def __init__(self, default_value, *, least, most, **options):
        super().__init__(default_value, **options)
        self.least, self.most = least, most

    def validate(self, owner, value):
        count = f"{self.least} to " if self.least < self.most else ""
        kind = f"must be a list of {count}{self.most} finite numbers"
        if isinstance(value, np.ndarray):
            if value.ndim != 1:
                expected = f"must have one dimension, not shape {value.shape}"
                raise problem(owner, self.name, value, expected)
            value = value.tolist()
        if not isinstance(value, (list, tuple)):
            raise problem(owner, self.name, value, kind)
        if not self.least <= len(value) <= self.most:
            expected = f"has {len(value)} of them; it {kind}"
            raise problem(owner, self.name, value, expected)
        numbers = [finite(one) for one in value]
        if None in numbers:
            at = numbers.index(None)
            raise problem(
                owner, f"{self.name}[{at}]", value[at], "must be a finite number"
            )
        return numbers


class Letters(Setting):
    """A text of 1 to `most` letters out of `options`, a str."""

    kind = "letters"

    def __init__(self, default_value, *, options, most, **metadata):
        super().__init__(default_value, **metadata)
        self.options, self.most = options, most

    def validate(self, owner, value):
        *others, last = (repr(one) for one in self.options)
        kind = f"must be a text of the letters {', '.join(others)} and {last}"
        if not isinstance(value, str) or set(value) - set(self.options):
            raise problem(owner, self.name, value, kind)
        if not 1 <= len(value) <= self.most:
            expected = f"has {len(value)} letters; it must have 1 to {self.most}"
            raise problem(owner, self.name, value, expected)
        return value


class Text(Setting):
    """A text of at most `most` letters, whatever they are, a str; it may be empty."""

    kind = "text"

    def __init__(self, default_value, *, most, **metadata):
        super().__init__(default_value, **metadata)
        self.most = most

    def validate(self, owner, value):
        if not isinstance(value, str):
            raise problem(owner, self.name, value, "must be a text, a str")
        if len(value) > self.most:
            expected = f"has {len(value)} letters; it may have {self.most} at most"
            raise problem(owner, self.name, value, expected)
        return value


class Choice(Setting):
    """One of a few words; the first is the default."""

    kind = "choice"

    def __init__(self, *options, **metadata):
        super().__init__(options[0], **metadata)
        self.options = options

    def validate(self, owner, value):
        if value not in self.options:
            expected = f"must be one of {', '.join(map(repr, self.options))}"
            raise problem(owner, self.name, value, expected)
        return value


class Flag(Setting):
    """True or False, and nothing that counts as one of them."""

    kind = "flag"

    def validate(self, owner, value):
        if not isinstance(value, (bool, np.bool_)):
            raise problem(owner, self.name, value, "must be True or False")
        return bool(value)


class Steps(Setting):
    """Some of the steps 1 to `most`, kept as an ascending list of ints.

    The value is a new list. Set a new list: a change in place is not seen.
    """

    kind = "steps"

    def __init__(self, *, most, **options):
        super().__init__(**options)
        self.most = most

    def validate(self, owner, value):
        expected = f"must be a list of different whole numbers from 1 to {self.most}"
        if isinstance(value, np.ndarray):
            value = value.tolist()
        if not isinstance(value, (list, tuple, range)):
            raise problem(owner, self.name, value, expected)
        numbers = [finite(one) for one in value]
        fits = all(
            step is not None and step == int(step) and 1 <= step <= self.most
            for step in numbers
        )
        if not fits or len(set(numbers)) < len(numbers):
            raise problem(owner, self.name, value, expected)
        return sorted(int(step) for step in numbers)
