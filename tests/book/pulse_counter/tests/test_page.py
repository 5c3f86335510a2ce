"""The pulse counter on its page."""

from hands.every import EveryPage

from unrolled.explorers import PulseCounter


class TestPage(EveryPage):
    kind = PulseCounter
    chapter = "01_counting"
    told_apart = {"keep": 0.5}
