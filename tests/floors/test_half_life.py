"""The half-life by lag, and the chart over lag that shows it."""

import math
from pathlib import Path

import pytest

from unrolled.gradients import half_life


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1.0, 0.9, 0.5, 0.4], 2),
        ([1.0, 0.4, 0.6, 0.3, 0.2], 3),  # for good
        ([1.0, 0.4, 0.6], None),
        ([1.0, 1.2, 1.4], None),
        ([1.0, 0.0, 0.0], 1),
        ([1.0, 0.4, math.nan], None),
    ],
)
def test_the_half_life_is_when_half_is_gone_for_good(values, expected):
    assert half_life(values) == expected


def test_the_chart(node_test):
    node_test(Path(__file__).with_name("chart.test.js"), least=5)
