"""The decay: its traits, its numbers in Python and JavaScript, its snippets."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from hands.every import EveryFace
from hands.twins import ask, printed, settings

from unrolled.explorers import Decay
from unrolled.figures import to_svg

JS_TEST = Path(__file__).with_name("front.test.js")


class TestFace(EveryFace):
    kind = Decay


@pytest.mark.parametrize("shear", [0.0, 0.7, 2.0, -2.0])
@pytest.mark.parametrize("angle", [0, 45, -130, 180])
def test_rho_is_the_spectral_radius_of_W_h(angle, shear):
    W_h = Decay(rho=1.3, angle=angle, shear=shear).W_h
    assert np.abs(np.linalg.eigvals(W_h)).max() == pytest.approx(1.3, abs=1e-7)
    direction = W_h[:, 0] / np.hypot(*W_h[:, 0])
    np.testing.assert_allclose(
        direction, [np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))], atol=1e-12
    )


def by_autograd(explorer):
    """The same norms from PyTorch: one row of dh_T/dh_t for each unit of h_T."""
    W_h = torch.tensor(explorer.W_h)
    h = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    states = []
    activate = {"tanh": torch.tanh, "relu": torch.relu, "identity": lambda a: a}
    for x_t in torch.tensor(explorer.x * explorer.input_scale):
        h = activate[explorer.activation](x_t + W_h @ h)
        states.append(h)
    rows = [torch.autograd.grad(h[i], states, retain_graph=True) for i in range(2)]
    jacobians = [torch.stack(pair).numpy() for pair in zip(*rows, strict=True)]
    return np.linalg.norm(jacobians[::-1], 2, axis=(1, 2))


def explorers(rng, count):
    """Explorers from whose settings two machines still compute the same."""
    for k in range(count):
        yield Decay(
            rho=rng.uniform(0.1, 1.5),
            angle=int(rng.integers(-180, 181)),
            shear=rng.uniform(-2, 2) * (k % 4 > 0),
            input_scale=rng.uniform(0, 1.5),
            activation=("tanh", "relu", "identity")[k % 3],
            timesteps=int(rng.integers(2, 61)),
        )


def test_the_norms_are_those_of_autograd_and_keep_within_their_bounds():
    for explorer in explorers(np.random.default_rng(0), 30):
        norms = explorer.gradient_norms
        assert norms.shape == (explorer.timesteps,)
        np.testing.assert_allclose(norms, by_autograd(explorer), rtol=1e-9, atol=0)
        bound, with_slopes = explorer.bound, explorer.bound_with_slopes
        assert (norms <= with_slopes * (1 + 1e-9)).all()
        assert (with_slopes <= bound * (1 + 1e-9)).all()


def test_an_orthogonal_matrix_and_the_identity_keep_every_norm():
    explorer = Decay(rho=1, angle=77, activation="identity", timesteps=100)
    np.testing.assert_allclose(explorer.gradient_norms, 1, atol=1e-12)
    np.testing.assert_allclose(explorer.memory, 1, atol=1e-10)
    assert explorer.half_life is None


def test_what_is_left_of_the_first_input_is_how_far_two_runs_are_apart():
    explorer = Decay(rho=0.9, input_scale=0.8, timesteps=12)
    cell, x = explorer.cell, explorer.x
    h = cell.run(x).h
    np.testing.assert_array_equal(h, explorer.hidden_states)
    x[0] = -x[0]
    apart = np.linalg.norm(h - cell.run(x).h, axis=1)
    np.testing.assert_allclose(explorer.memory, apart / apart[0], rtol=1e-12)
    assert np.isnan(Decay(input_scale=0).memory).all(), "no input, nothing to forget"


def test_what_overflows_or_underflows_is_said_and_drawn_without_a_warning():
    matrix = Decay(angle=0, rho=1e200, shear=1e200)
    assert np.isnan(matrix.gradient_norms).all()
    assert np.isnan(matrix.hidden_states).all()
    assert "overflows at lag 0" in matrix.description()
    product = Decay(rho=1e200, activation="identity")
    assert "overflows at lag 2" in product.description()
    nothing = Decay(input_scale=40)
    gone = np.flatnonzero(nothing.gradient_norms == 0)[0]
    assert f"From lag {gone} on it is exactly 0." in nothing.description()
    for explorer in (matrix, product, nothing):
        assert explorer._repr_mimebundle_()[0]["image/svg+xml"].startswith("<svg")


def test_the_picture_and_its_text():
    explorer = Decay()
    text = explorer.description()
    assert f"At lag 39 it is {explorer.gradient_norms[-1]:.2g}." in text
    assert f"Its half-life is {explorer.half_life} steps." in text
    assert "its spectral radius is 0.95" in text
    line = explorer.figure().axes[0].lines[0].get_ydata()
    np.testing.assert_allclose(10**line, explorer.gradient_norms)


def test_javascript_computes_what_numpy_computes(node_test, tmp_path):
    rng = np.random.default_rng(2)
    edges = [Decay(angle=a, shear=s) for a in (0, 90, 180) for s in (0, 1, -2)]
    edges += [Decay(rho=0), Decay(rho=4, activation="identity", timesteps=100)]
    edges += [Decay(input_scale=0), Decay(timesteps=2)]
    runs = [
        {
            "state": settings(one),
            "W_h": one.W_h.tolist(),
            "h": one.hidden_states.tolist(),
            "gradient": one.gradient_norms.tolist(),
            "bound": one.bound.tolist(),
            "flat": one.bound_with_slopes.tolist(),
            "memory": [None if math.isnan(v) else v for v in one.memory],
            "halfLife": one.half_life,
        }
        for one in [*explorers(rng, 60), *edges]
    ]
    fixtures = tmp_path / "decay.json"
    fixtures.write_text(json.dumps(runs, allow_nan=False))
    node_test(JS_TEST, least=len(runs) + 6, UNROLLED_DECAY_FIXTURES=str(fixtures))


def test_the_snippets_print_the_norms_by_lag(node):
    found = ask(node, Decay, explorers(np.random.default_rng(3), 6))
    assert len(found["presets"]) == 5
    for case in found["cases"]:
        norms = Decay(**case["state"]).gradient_norms
        expected = [f"{lag:2} {norm:.2e}" for lag, norm in enumerate(norms)]
        assert len(case["snippets"]) == 2
        for source in case["snippets"]:
            assert printed(source) == expected, source


def test_what_a_page_asks_about_is_neither_drawn_nor_said():
    """The picture of one question is the same whatever the answer is."""
    one, other = Decay(ask="What comes?"), Decay(ask="What comes?")
    other.input_scale = 2.0
    assert one.picture() == other.picture()
    assert to_svg(one.figure()) != to_svg(other.figure())
    assert "half-life" in one.description()
    assert "half-life" not in one.description(hidden=True)
    assert one.description().startswith(one.description(hidden=True))
