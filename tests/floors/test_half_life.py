"""Half-life, bounds and distance by lag, and the chart over lag that shows them."""

import math
from pathlib import Path

import numpy as np
import pytest

from unrolled.gradients import apart, bounds, half_life


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


def test_the_bounds_multiply_from_the_last_step_back():
    alone, with_slopes = bounds(2.0, [0.1, 0.5, 0.25])
    np.testing.assert_array_equal(alone, [1, 2, 4])
    np.testing.assert_array_equal(with_slopes, [1, 0.5, 0.5])  # not the first step's
    huge, _ = bounds(np.float64(1e200), np.ones(3))
    np.testing.assert_array_equal(huge, [1, 1e200, np.inf])


def test_how_far_two_runs_are_apart():
    one, other = np.array([[3.0, 0.0], [1.0, 1.0]]), np.array([[0.0, 4.0], [1.0, 1.0]])
    np.testing.assert_array_equal(apart(one, other), [5, 0])
    np.testing.assert_array_equal(
        apart([[3e-200], [np.nan]], [[0.0], [0.0]]), [3e-200, np.nan]
    )


def test_the_same_in_javascript(node_test):
    node_test(Path(__file__).with_name("gradients.test.js"), least=3)


def test_the_chart(node_test):
    node_test(Path(__file__).with_name("chart.test.js"), least=8)
