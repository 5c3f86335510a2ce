"""The state plane's face: its numbers in Python and JavaScript, its snippets."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hands.every import EveryFace
from hands.twins import ask, assert_refused, printed

from unrolled.explorers import StatePlane
from unrolled.figures import to_svg


class TestFace(EveryFace):
    kind = StatePlane


def test_of_two_numbers_no_more_and_no_fewer_are_taken():
    said = "h_0 is [1.0], but has 1 of them; it must be a list of 2 finite numbers"
    assert_refused(StatePlane(scale=0.5), "h_0", [1.0], said)
    assert_refused(StatePlane(), "h_0", [1.0, np.nan], "h_0[1] is nan")


def test_the_chosen_step_stays_inside_the_sequence():
    explorer = StatePlane(timesteps=30, step=25)
    explorer.timesteps = 10
    assert explorer.step == 10


def test_W_h_is_a_shear_then_a_rotation_then_a_scale():
    np.testing.assert_allclose(
        StatePlane(angle=90, scale=2.0, shear=0.5).W_h, [[0, -2], [2, 1]], atol=1e-15
    )
    np.testing.assert_allclose(
        StatePlane(angle=-90, scale=1.0).W_h @ [1, 0], [0, -1], atol=1e-15
    )


def test_eigenvalues_of_a_turn_lie_at_its_angle_and_scale():
    turn = StatePlane(angle=60, scale=0.8)
    expected = 0.8 * np.exp(1j * np.pi / 3 * np.array([1, -1]))
    np.testing.assert_allclose(turn.eigenvalues, expected, atol=1e-12)
    assert turn.eigenvalues.dtype == complex
    assert turn.spectral_radius == pytest.approx(0.8, abs=1e-12)
    assert turn.largest_singular_value == pytest.approx(0.8, abs=1e-12)
    sheared = StatePlane(angle=30, scale=1.0, shear=1.5)
    larger, smaller = sheared.eigenvalues.real
    assert larger > 1 > smaller > 0, "the larger of two real ones first"
    assert larger * smaller == pytest.approx(1)
    assert sheared.largest_singular_value > sheared.spectral_radius == larger


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_hidden_states_are_those_of_pytorch(activation):
    explorer = StatePlane(
        angle=-40, scale=1.1, shear=0.4, b=0.2, activation=activation, timesteps=9
    )
    h_0 = torch.tensor([explorer.h_0], dtype=torch.float64)
    inputs = torch.zeros(9, 1, dtype=torch.float64)
    with torch.no_grad():
        output, _ = explorer.to_torch()(inputs, h_0)
    assert explorer.hidden_states.shape == (9, 2)
    np.testing.assert_allclose(explorer.hidden_states, output, rtol=0, atol=1e-12)
    with pytest.raises(ValueError, match="identity"):
        StatePlane(activation="identity").to_torch()


def test_what_overflows_is_said_and_drawn_without_a_warning():
    matrix = StatePlane(scale=1e200, shear=1e200)
    assert np.isnan(matrix.hidden_states).all()
    assert np.isnan(matrix.eigenvalues).all()
    assert np.isnan([matrix.spectral_radius, matrix.largest_singular_value]).all()
    assert "It overflows at step 1." in matrix.description()
    state = StatePlane(scale=1e200, activation="identity")
    assert "It overflows at step 2." in state.description()
    for explorer in (matrix, state):
        assert explorer._repr_mimebundle_()[0]["image/svg+xml"].startswith("<svg")


def test_the_picture_and_its_text():
    explorer = StatePlane()
    text = explorer.description()
    one, two = explorer.hidden_states[-1]
    assert f"After step 16 it is ({one:.2f}, {two:.2f})." in text
    assert "turns by 30 degrees and scales by 0.95" in text
    assert "spectral radius is 0.95" in text
    wide = StatePlane(scale=1.2, activation="identity").figure()
    labels = [tick.get_text() for tick in wide.axes[0].get_xticklabels()]
    assert labels[-1] not in ("0", "1"), "the scale grows with the states"


def states(rng, count):
    """Settings that nobody chose, from which two machines still compute the same."""
    for k in range(count):
        yield StatePlane(
            angle=int(rng.integers(-180, 181)),
            scale=rng.uniform(0, 1.2),
            shear=rng.uniform(-1, 1) * (k % 3 > 0),
            b=rng.uniform(-1, 1) * (k % 2),
            h_0=rng.uniform(-1, 1, 2),
            activation=("tanh", "relu", "identity")[k % 3],
            timesteps=int(rng.integers(2, 41)),
        )


def test_javascript_computes_what_numpy_computes(node):
    edges = [StatePlane(angle=a, shear=s) for a in (0, 90, 180) for s in (0, 1, -2)]
    explorers = [*states(np.random.default_rng(0), 60), *edges]
    cases = ask(node, StatePlane, explorers)["cases"]
    for explorer, case in zip(explorers, cases, strict=False):
        found = case["computed"]
        h = explorer.hidden_states
        scale = max(1.0, np.abs(h).max())
        np.testing.assert_allclose(found["h"], h, rtol=0, atol=1e-12 * scale)
        np.testing.assert_allclose(found["W_h"], explorer.W_h, rtol=0, atol=1e-12)
        assert found["singular"] == pytest.approx(
            explorer.largest_singular_value, abs=1e-12
        )
        # two eigenvalues that almost meet are known to half the digits only
        one, other = explorer.eigenvalues
        tolerance = 1e-12 if abs(one - other) > 0.01 else 1e-7
        values = [value["re"] + 1j * value["im"] for value in found["eigenvalues"]]
        np.testing.assert_allclose(values, [one, other], rtol=0, atol=tolerance)
        radius = explorer.spectral_radius
        assert found["radius"] == pytest.approx(radius, abs=tolerance)


def test_the_snippets_print_the_numbers_on_screen(node):
    rng = np.random.default_rng(1)
    found = ask(node, StatePlane, states(rng, 6))
    assert len(found["presets"]) == 5
    for case in found["cases"]:
        hidden_states = StatePlane(**case["state"]).hidden_states
        expected = [f"{one:z.2f} {two:z.2f}" for one, two in hidden_states]
        assert len(case["snippets"]) == 2
        for source in case["snippets"]:
            assert printed(source) == expected, source


def test_what_the_presets_say(node_test):
    node_test(Path(__file__).with_name("front.test.js"), least=4)


def test_what_a_page_asks_about_is_neither_drawn_nor_said():
    """The picture of one question is the same whatever the answer is."""
    one, other = StatePlane(ask="What comes?"), StatePlane(ask="What comes?")
    other.activation = "relu"
    assert one.picture() == other.picture()
    assert to_svg(one.figure()) != to_svg(other.figure())
    assert "After step" in one.description()
    assert "After step" not in one.description(hidden=True)
    assert one.description().startswith(one.description(hidden=True))
