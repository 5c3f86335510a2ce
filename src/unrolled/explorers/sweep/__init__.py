"""What a function drew, one frame for every stop (front.js).

`unrolled.sweep` makes it when the book is built. No kernel ever talks to it, so what it
shows is not in the widget's state: the page alone gets it.
"""

from itertools import product
from math import prod

from unrolled.explorers.base import Explorer
from unrolled.svg import inline


class Sweep(Explorer):
    """Frames, and the one or two sliders that choose among them.

    frames : SVG texts, one for each setting, the last slider's stops changing fastest.
    descriptions : as many alternative texts.
    narrow : as many SVG texts for a phone; None where the frames fit one.
    sliders : dicts with `name`, `label` and `stops`: numbers, with their `step` and
        `decimals`, or words.
    opening : for each slider the place, from 0, of the stop that is shown first.
    title, try_this : None for the usual words.
    name : the explorer's own on its page.
    """

    frames = narrow = ()
    """The frames as the page gets them: their descriptions within, their ids apart."""

    def __init__(
        self,
        frames,
        descriptions,
        *,
        narrow=None,
        sliders,
        opening,
        title,
        try_this,
        name,
    ):
        super().__init__(name=name)
        counts = [len(slider["stops"]) for slider in sliders]
        if not len(frames) == len(descriptions) == prod(counts):
            raise ValueError(
                f"Sweep: there are {len(frames)} frames and {len(descriptions)} "
                f"descriptions, but {prod(counts)} settings"
            )
        settings = list(product(*(range(count) for count in counts)))
        first = settings.index(tuple(opening))
        self._picture, self._description = frames[first], descriptions[first]

        def inlined(drawn, mark=""):
            return [
                inline(frame, description, f"{name}-{mark}{k}-")
                for k, (frame, description) in enumerate(
                    zip(drawn, descriptions, strict=True)
                )
            ]

        self.frames = inlined(frames)
        self.narrow = inlined(narrow, "n") if narrow else []
        self._words = {"title": title, "try_this": try_this}
        self._sliders, self._opening = sliders, opening

    @property
    def state(self):
        """What the page gets: the words, the sliders, their values and the frames."""
        values = {
            slider["name"]: slider["stops"][k]
            for slider, k in zip(self._sliders, self._opening, strict=True)
        }
        drawn = {"frames": self.frames, "narrow": self.narrow}
        return self._words | {"sliders": self._sliders} | values | drawn

    def picture(self):
        return self._picture

    def description(self):
        return self._description
