"""What two computations of one thing are told."""

import re

import numpy as np
import pytest
import torch

from unrolled.agreement import agree


def test_what_agrees_is_told_how_far_it_is_apart(capsys):
    agree("h", np.ones(3), [1.0, 1.0 + 4e-15, 1.0])
    agree("c", torch.ones(2, requires_grad=True), (torch.ones(()), 1))
    agree("W", [1e9 + 1.0], [1e9], within=1e-8, relative=True)
    assert capsys.readouterr().out.splitlines() == [
        "h: 4e-15 apart",
        "c: equal",
        "W: relatively, 1e-09 apart",
    ]


@pytest.mark.parametrize("ours", [1.1, np.nan, -1.0])
def test_what_differs_stops(ours):
    for relative in (False, True):
        with pytest.raises(AssertionError, match="^h: .* apart, but 1e-12 is"):
            agree("h", [ours], [1.0], relative=relative)


def test_the_farthest_number_counts():
    right = np.zeros((3, 2))
    right[2, 1] = 1e-9
    with pytest.raises(AssertionError, match=re.escape("1e-09")):
        agree("h", right, np.zeros((3, 2)))
    agree("h", right, np.zeros((3, 2)), within=1e-9)


def test_shapes_are_not_stretched():
    with pytest.raises(ValueError, match=r"ours has shape \(1,\), theirs \(3,\)"):
        agree("h", [0.0], np.zeros(3))
