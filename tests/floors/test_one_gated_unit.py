"""What a cell of one gated unit is made of, and what its band keeps.

`one_gated_unit.test.js` beside this file says the same of `frontend/core/gates.js`.
"""

import math
from pathlib import Path

import numpy as np

from unrolled.cells import GRUCell, LSTMCell
from unrolled.cells.gates import along_band, stacked, steps_to_half


def test_three_weights_of_each_gate_are_a_cell():
    rows = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]
    weights = stacked(rows)
    cell = GRUCell(**weights)
    assert (cell.W_x.tolist(), cell.W_h.tolist()) == (
        [[1.0], [4.0], [7.0]],
        [[2.0], [5.0], [8.0]],
    )
    assert cell.b.tolist() == [3.0, 6.0, 9.0]
    weights["b"][0] = 0.0
    assert stacked(rows)["b"][0] == 3.0, "they are the reader's own"
    assert LSTMCell(**stacked([*rows, rows[0]])).W_x.shape == (4, 1)


def test_along_the_band_what_later_steps_keep_is_multiplied():
    left = along_band(np.array([0.5, 0.25, 0.5, 1.0]))
    assert left.tolist() == [0.125, 0.5, 1.0, 1.0], "a step's own share is not in it"
    assert along_band(np.array([0.0])).tolist() == [1.0]


def test_a_share_takes_its_steps_to_a_half():
    assert steps_to_half(0.5) == 1.0
    assert math.isclose(steps_to_half(0.5**0.1), 10)
    assert (steps_to_half(0.0), steps_to_half(1.0)) == (0.0, math.inf)
    assert isinstance(steps_to_half(np.float64(0.3)), float)


def test_in_javascript(node_test):
    node_test(Path(__file__).with_name("one_gated_unit.test.js"), least=5)
