"""The hidden state's face in Python."""

import math

import numpy as np
import pytest
import torch
from hands.every import EveryFace
from hands.twins import ask, assert_refused, printed

from unrolled import figures
from unrolled.explorers import HiddenState


class TestFace(EveryFace):
    kind = HiddenState


@pytest.mark.parametrize(
    ("trait", "value", "said"),
    [
        ("x", [1.0], "HiddenState: x is [1.0], but has 1 of them"),
        ("x", [0.0] * 41, "has 41 of them; it must be a list of 2 to 40"),
        ("x", "abc", "x is 'abc', but must be a list of 2 to 40 finite numbers"),
        ("x", [0.0, math.nan], "x[1] is nan, but must be a finite number"),
        ("x", [0.0, "1"], "x[1] is '1', but must be a finite number"),
        ("x", np.zeros((2, 3)), "must have one dimension, not shape (2, 3)"),
        ("x", None, "x is None"),
        ("w_h", math.inf, "w_h is inf, but must be a finite number"),
        ("w_x", "1", "w_x is '1', but must be a finite number"),
        ("b", True, "b is True, but must be a finite number"),
        ("h_0", 1j, "h_0 is 1j, but must be a finite number"),
        ("activation", "sine", "activation is 'sine', but must be one of"),
        ("activation", None, "activation is None, but must be one of"),
        ("step", 0, "step is 0, but must be from 1 to 40"),
        ("step", 1.5, "step is 1.5, but must be a whole number"),
        ("name", "Two words", "must be of small letters, digits and hyphens"),
    ],
)
def test_a_bad_value_is_named_and_nothing_is_lost(trait, value, said):
    assert_refused(HiddenState(w_h=0.5), trait, value, said)


def test_arrays_and_integers_are_taken():
    explorer = HiddenState(x=np.arange(3), w_h=np.float32(0.5), b=1)
    assert explorer.x == [0.0, 1.0, 2.0]
    assert (explorer.w_h, explorer.b) == (0.5, 1.0)
    assert explorer.step == 3
    explorer.x = [1.0, 2.0]
    assert explorer.step == 2, "the chosen step stays inside the sequence"


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_hidden_states_are_those_of_pytorch(activation):
    explorer = HiddenState(
        x=[1, -0.5, 0.25, 0.7], w_x=1.3, w_h=-0.8, b=0.1, h_0=0.4, activation=activation
    )
    x = torch.tensor(explorer.x, dtype=torch.float64)[:, None]
    h_0 = torch.tensor([[explorer.h_0]], dtype=torch.float64)
    output, _ = explorer.to_torch()(x, h_0)
    np.testing.assert_allclose(
        explorer.hidden_states, output.detach().numpy()[:, 0], rtol=0, atol=1e-12
    )


def test_the_identity_cannot_go_to_pytorch():
    with pytest.raises(ValueError, match="identity"):
        HiddenState(activation="identity").to_torch()


def test_its_words_say_the_state():
    alt = HiddenState(w_h=0.9).description()
    assert "w_h = 0.9" in alt
    assert "It is 0.76 after step 1 and 0.15 after step 12." in alt


def test_what_is_asked_about_is_neither_drawn_nor_said():
    asked = HiddenState(w_h=0.9, ask="How much is left at step 12?")
    picture, words = asked.picture(), asked.description(hidden=True)
    assert "0.762" in figures.to_svg(asked.figure())
    assert "0.762" not in picture and "input" in picture
    assert "w_h = 0.9" in words and "0.76" not in words and "0.15" not in words


def test_the_picture_shows_overflow_and_cut_off_states():
    wild = HiddenState(w_h=1e200, activation="identity")
    assert "It overflows at step 3." in wild.description()
    wild.figure()
    text = figures.to_svg(HiddenState(w_h=2.0, activation="relu", x=[1] * 12).figure())
    assert "…" in text


def test_javascript_computes_the_same(node):
    rng = np.random.default_rng(0)
    explorers = [
        HiddenState(
            x=rng.uniform(-1, 1, rng.integers(2, 41)),
            activation=activation,
            **{name: rng.uniform(-2, 2) for name in ("w_x", "w_h", "b")},
            h_0=rng.uniform(-1, 1),
        )
        for activation in ("tanh", "relu", "identity") * 5
    ]
    found = ask(node, HiddenState, explorers)
    for explorer, case in zip(explorers, found["cases"], strict=False):
        h = explorer.hidden_states
        size = max(1.0, np.abs(h).max())
        np.testing.assert_allclose(case["computed"]["h"], h, rtol=0, atol=1e-12 * size)
        for snippet in case["snippets"]:
            assert printed(snippet) == [f"{value:z.2f}" for value in h]
