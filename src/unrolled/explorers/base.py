"""What every explorer has in Python: its bundle, its traits, its static picture.

An explorer is an `anywidget.AnyWidget`. Its front end (frontend/explorers/NAME.js)
computes and draws; Python holds the traits, checks them, and offers the same numbers
from `unrolled.cells`. Computed values are never traits: JSON turns inf and nan to null.
"""

import math
from numbers import Real
from pathlib import Path

import anywidget
import numpy as np
import traitlets as t
from IPython.display import display

from unrolled.figures import to_svg

BUNDLES = Path(__file__).parent / "bundles"


def _problem(owner, name, value, expected):
    """The error for a value that a trait does not take."""
    shown = repr(value)
    shown = shown if len(shown) < 60 else f"{shown[:56]} ..."
    return t.TraitError(f"{type(owner).__name__}: {name} is {shown}, but {expected}")


def _finite(value):
    """`value` as a float, or None where it is not a finite real number."""
    if isinstance(value, Real) and not isinstance(value, (bool, np.bool_)):
        number = float(value)
        if math.isfinite(number):
            return number
    return None


class Number(t.TraitType):
    """A trait for one finite real number from `least` to `most`, kept as a float."""

    def __init__(self, default_value=0.0, *, least=-math.inf, most=math.inf, **options):
        super().__init__(default_value, **options)
        self.least, self.most = least, most

    def validate(self, owner, value):
        number = _finite(value)
        if number is None:
            raise _problem(owner, self.name, value, "must be a finite number")
        if number < self.least:
            expected = f"must be at least {self.least:g}"
            raise _problem(owner, self.name, value, expected)
        if number > self.most:
            expected = f"must be at most {self.most:g}"
            raise _problem(owner, self.name, value, expected)
        return number


class Whole(t.TraitType):
    """A trait for a whole number from `least` to `most`, kept as an int."""

    def __init__(self, default_value, *, least, most, **options):
        super().__init__(default_value, **options)
        self.least, self.most = least, most

    def validate(self, owner, value):
        number = _finite(value)
        if number is None or number != int(number):
            expected = f"must be a whole number from {self.least} to {self.most}"
            raise _problem(owner, self.name, value, expected)
        if not self.least <= number <= self.most:
            expected = f"must be from {self.least} to {self.most}"
            raise _problem(owner, self.name, value, expected)
        return int(number)


class Numbers(t.TraitType):
    """A trait for a list of `least` to `most` finite numbers; arrays are taken too.

    The value is a new list of floats. Set a new list: a change in place is not seen.
    """

    def __init__(self, default_value, *, least, most, **options):
        super().__init__(default_value, **options)
        self.least, self.most = least, most

    def validate(self, owner, value):
        count = f"{self.least} to " if self.least < self.most else ""
        kind = f"must be a list of {count}{self.most} finite numbers"
        if isinstance(value, np.ndarray):
            if value.ndim != 1:
                expected = f"must have one dimension, not shape {value.shape}"
                raise _problem(owner, self.name, value, expected)
            value = value.tolist()
        if not isinstance(value, (list, tuple)):
            raise _problem(owner, self.name, value, kind)
        if not self.least <= len(value) <= self.most:
            expected = f"has {len(value)} of them; it {kind}"
            raise _problem(owner, self.name, value, expected)
        numbers = [_finite(one) for one in value]
        if None in numbers:
            at = numbers.index(None)
            raise _problem(
                owner, f"{self.name}[{at}]", value[at], "must be a finite number"
            )
        return numbers


class Choice(t.TraitType):
    """A trait for one of a few words; the first is the default."""

    def __init__(self, *options, **metadata):
        super().__init__(options[0], **metadata)
        self.options = options

    def validate(self, owner, value):
        if value not in self.options:
            expected = f"must be one of {', '.join(map(repr, self.options))}"
            raise _problem(owner, self.name, value, expected)
        return value


class Flag(t.TraitType):
    """A trait for True or False, and nothing that counts as one of them."""

    def validate(self, owner, value):
        if not isinstance(value, (bool, np.bool_)):
            raise _problem(owner, self.name, value, "must be True or False")
        return bool(value)


class Explorer(anywidget.AnyWidget):
    """The base of every explorer.

    A subclass names its `bundle` (of frontend/explorers and bundles/), lists its traits
    with `sync=True`, and gives `figure()` and `description()`.

    name : the explorer's own name on its page, in small letters, digits and hyphens:
        links such as `#name:w_h=1.1` find it by this.
    """

    bundle = None
    _css = BUNDLES / "explorers.css"

    name = t.Unicode().tag(sync=True)

    def __init_subclass__(cls, **options):
        if "bundle" in vars(cls):  # not in the class that add_traits makes of it
            cls._esm = BUNDLES / f"{cls.bundle}.mjs"
        super().__init_subclass__(**options)

    @t.default("name")
    def _default_name(self):
        return self.bundle.replace("_", "-")

    @t.validate("name")
    def _check_name(self, proposal):
        name = proposal["value"]
        if not name or set(name) - set("abcdefghijklmnopqrstuvwxyz0123456789-"):
            expected = "must be of small letters, digits and hyphens"
            raise _problem(self, "name", name, expected)
        return name

    def __init__(self, **traits):
        known = {name for name in self.trait_names() if not name.startswith("_")}
        for name in traits:
            if name not in known:
                own = ", ".join(self.state)
                raise TypeError(
                    f"{type(self).__name__} has no setting {name!r}; it has {own}"
                )
        super().__init__(**traits)

    @property
    def state(self):
        """The explorer's own traits by name: all that its picture depends on."""
        own = [
            name
            for cls in type(self).__mro__
            for name in vars(cls)
            if issubclass(cls, Explorer) and isinstance(vars(cls)[name], t.TraitType)
        ]
        return {name: getattr(self, name) for name in own if not name.startswith("_")}

    def figure(self):
        """Return the static picture of the present state, a Matplotlib `Figure`."""
        raise NotImplementedError

    def picture(self):
        """Return the static picture as the text of an SVG element."""
        return to_svg(self.figure())

    def description(self):
        """Return the present picture in a sentence or two: its alternative text."""
        raise NotImplementedError

    def _repr_mimebundle_(self, **options):
        """The widget, and for where no widget can live, the picture as it is now."""
        bundle = super()._repr_mimebundle_(**options)
        if bundle is None:
            return None
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        data["image/svg+xml"] = self.picture()
        metadata["image/svg+xml"] = {
            "alt": self.description(),
            "unrolled": {
                "explorer": self.bundle,
                "name": self.name,
                "traits": self.state,
            },
        }
        return data, metadata

    if hasattr(anywidget.AnyWidget, "_ipython_display_"):
        # ipywidgets 7, which Colab has, would show the widget without its picture.
        def _ipython_display_(self, **options):
            data, metadata = self._repr_mimebundle_()
            display(data, metadata=metadata, raw=True)
            self._handle_displayed(**options)
