"""The state plane: its traits, its numbers in Python and JavaScript, its snippets."""

import gzip
import json
import os
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch
from twins import ask, assert_drawn_with_tokens, assert_refused, printed, settings

from unrolled import figures
from unrolled.explorers import StatePlane
from unrolled.explorers.base import BUNDLES

ROOT = Path(__file__).parents[1]
JS_TEST = ROOT / "tests" / "frontend" / "linear.test.js"


@pytest.mark.parametrize(
    ("trait", "value", "said"),
    [
        ("angle", 30.5, "StatePlane: angle is 30.5, but must be a whole number"),
        ("angle", 181, "angle is 181, but must be from -180 to 180"),
        ("scale", np.inf, "scale is inf, but must be a finite number"),
        ("shear", "1", "shear is '1', but must be a finite number"),
        ("b", None, "b is None, but must be a finite number"),
        ("h_0", [1.0], "h_0 is [1.0], but has 1 of them"),
        ("h_0", [1.0, np.nan], "h_0[1] is nan, but must be a finite number"),
        ("h_0", 0.5, "h_0 is 0.5, but must be a list of 2 finite numbers"),
        ("activation", "sine", "activation is 'sine', but must be one of"),
        ("timesteps", 1, "timesteps is 1, but must be from 2 to 40"),
        ("timesteps", 41, "timesteps is 41, but must be from 2 to 40"),
        ("step", 0, "step is 0, but must be from 1 to 40"),
    ],
)
def test_a_bad_value_is_named_and_nothing_is_lost(trait, value, said):
    assert_refused(StatePlane(scale=0.5), trait, value, said)


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
    picture = figures.to_svg(explorer.figure())
    assert picture == figures.to_svg(StatePlane().figure()), "the picture is repeatable"
    assert_drawn_with_tokens(picture)
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


def matrix_fixture(W, parts=None):
    values = np.linalg.eigvals(W).astype(complex)
    values = sorted(values, key=lambda one: (-one.imag, -one.real))
    return {
        "parts": parts,
        "W": W.tolist(),
        "values": [[one.real, one.imag] for one in values],
        "radius": float(np.abs(values).max()),
        "singular": float(np.linalg.norm(W, 2)),
    }


def test_javascript_computes_what_numpy_computes(node, tmp_path):
    rng = np.random.default_rng(0)
    matrices = [matrix_fixture(rng.normal(size=(2, 2))) for _ in range(60)]
    matrices += [matrix_fixture(10.0**k * rng.normal(size=(2, 2))) for k in (-9, 9)]
    matrices += [matrix_fixture(np.diag([0.5, 0.5])), matrix_fixture(np.zeros((2, 2)))]
    runs = []
    edges = [StatePlane(angle=a, shear=s) for a in (0, 90, 180) for s in (0, 1, -2)]
    for explorer in [*states(rng, 60), *edges]:
        state = settings(explorer)
        parts = {name: state[name] for name in ("angle", "scale", "shear")}
        angle = np.deg2rad(explorer.angle)
        turn = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
        W = explorer.scale * np.array(turn) @ [[1, explorer.shear], [0, 1]]
        np.testing.assert_allclose(explorer.W_h, W, rtol=0, atol=1e-12)
        matrices.append(matrix_fixture(W, parts))
        runs.append({"state": state, "h": explorer.hidden_states.tolist()})
    fixtures = tmp_path / "linear.json"
    fixtures.write_text(json.dumps({"matrices": matrices, "runs": runs}))

    done = subprocess.run(
        [node, "--test", "--test-reporter=tap", JS_TEST],
        env=os.environ | {"UNROLLED_LINEAR_FIXTURES": str(fixtures)},
        capture_output=True,
        text=True,
    )

    report = done.stdout + done.stderr
    counts = dict(re.findall(r"^# (tests|pass) (\d+)$", done.stdout, re.MULTILINE))
    assert done.returncode == 0, report
    least = len(matrices) + len(runs)
    assert int(counts["pass"]) == int(counts["tests"]) > least, report


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


def test_python_and_javascript_open_with_the_same_picture(node):
    """The defaults stand in both; a page without traits must not differ."""
    assert ask(node, StatePlane)["initial"] == settings(StatePlane())


def test_the_bundle_keeps_its_budget():
    weight = len(gzip.compress((BUNDLES / "state_plane.js").read_bytes()))
    assert 1_000 < weight <= 20_000, f"state_plane.js weighs {weight} bytes gzip"
