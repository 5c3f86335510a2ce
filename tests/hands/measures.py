"""A figure under a reader's hand, in numbers: what the bench prints and tests hold.

`view`: of each control, the share of the drawing that is on the screen while it is
held. `still`: of each control, how far any control moves while it goes through its
values, and by how much the figure's height changes, in pixels.
"""

from pathlib import Path

_MEASURES = Path(__file__).with_suffix(".js").read_text("utf-8")

SCREENS = {"desk": (1440, 900), "phone": (390, 660), "sideways": (844, 390)}
"""Width and height, in CSS pixels, of what a browser leaves to a page."""

AIM = {"desk": 0.8, "phone": 0.8, "sideways": 0.6}
"""The share of a drawing that is in view while any control is held, at least."""


def options(screen):
    """The options of a browser's context for one of `SCREENS`."""
    width, height = SCREENS[screen]
    hand = {} if screen == "desk" else {"has_touch": True, "is_mobile": True}
    return {
        "viewport": {"width": width, "height": height},
        "reduced_motion": "reduce",
        **hand,
    }


def view(page, place, enough=1):
    """The share of the drawing beside each control: a list of (name, share).

    enough : the share at which no better place is looked for.
    """
    script = f"([place, enough]) => ({_MEASURES}).view(place, enough)"
    return page.evaluate(script, [place, enough])


def sizes(page, place):
    """How large each control is for a finger: a list of (name, width, height, beside).

    beside : whether another control stands at its side.
    """
    return page.evaluate(f"place => ({_MEASURES}).sizes(place)", place)


def still(page, place):
    """What moves with each control: a list of (name, farthest move, other height).

    At the end all choices are made one after another, twice: each among the others.
    """
    return page.evaluate(f"place => ({_MEASURES}).still(place)", place)
