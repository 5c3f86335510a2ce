"""The pulse counter's face in Python."""

from hands.every import EveryFace
from hands.twins import ask, printed

from unrolled.explorers import PulseCounter


class TestFace(EveryFace):
    kind = PulseCounter


def test_both_sides_count_alike(node):
    for case in ask(node, PulseCounter, [PulseCounter(x=[1, 1], keep=0.25)])["cases"]:
        counts = PulseCounter(**case["state"]).counts
        assert case["computed"]["counts"] == counts.tolist()
        assert printed(case["snippets"][0]) == [f"{count:z.2f}" for count in counts]
