"""The explorers' face in Python: traits, errors, the picture, the committed bundles."""

import gzip
import json
import math
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch
from twins import assert_drawn_with_tokens, assert_refused

from unrolled import figures
from unrolled.explorers import HiddenState
from unrolled.explorers.base import BUNDLES

ROOT = Path(__file__).parents[1]


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


def test_an_unknown_setting_is_an_error_that_lists_the_known():
    with pytest.raises(TypeError, match="no setting 'wh'; it has x, w_x, w_h"):
        HiddenState(wh=1.0)


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


def test_what_is_displayed_is_the_state_at_that_moment():
    explorer = HiddenState(w_h=0.9, name="one")
    data, metadata = explorer._repr_mimebundle_()
    explorer.w_h = 1.3
    assert "application/vnd.jupyter.widget-view+json" in data
    shown = metadata["image/svg+xml"]["unrolled"]
    assert shown["explorer"] == "hidden_state"
    assert shown["name"] == "one"
    assert shown["traits"]["w_h"] == 0.9
    json.dumps(metadata)
    alt = metadata["image/svg+xml"]["alt"]
    assert "w_h = 0.9" in alt
    assert "0.76 after step 1 and 0.15 after step 12" in alt
    again, _ = HiddenState(w_h=0.9)._repr_mimebundle_()
    assert data["image/svg+xml"] == again["image/svg+xml"], "the picture is repeatable"


def test_the_picture_shows_overflow_and_cut_off_states():
    wild = HiddenState(w_h=1e200, activation="identity")
    assert "It overflows at step 3." in wild.description()
    wild.figure()
    text = figures.to_svg(HiddenState(w_h=2.0, activation="relu", x=[1] * 12).figure())
    assert "…" in text


def test_pictures_use_the_design_tokens_alone():
    """A colour that is not a token would not follow the page into the dark."""
    drawings = [figures.folded_and_unrolled(), figures.three_steps()]
    weights = np.linspace(-1, 1, 8)
    square, names = np.c_[weights, weights], ["i", "f", "g", "o"]
    drawings.append(figures.stacked_weights(square, square, weights, names))
    for figure in (HiddenState(w_h=-0.9).figure(), *drawings):
        assert_drawn_with_tokens(figures.to_svg(figure))


def test_folded_and_unrolled_refuses_what_does_not_fit():
    with pytest.raises(ValueError, match="timesteps is 9"):
        figures.folded_and_unrolled(9)


def test_every_bundle_is_what_its_sources_build(node, tmp_path):
    subprocess.run([node, ROOT / "frontend" / "build.js", tmp_path], check=True)
    built = {path.name: path.read_text("utf-8") for path in tmp_path.iterdir()}
    committed = {path.name: path.read_text("utf-8") for path in BUNDLES.iterdir()}
    assert sorted(built) == sorted(committed), "run `make frontend`"
    stale = [name for name in built if built[name] != committed[name]]
    assert not stale, f"run `make frontend`: {stale} are not what the sources build"


def test_the_shared_parts_of_the_front_end(node_test):
    node_test(ROOT / "tests" / "frontend" / "view.test.js", least=12)


def test_bundles_keep_their_budget():
    host = len(gzip.compress((BUNDLES / "host.js").read_bytes()))
    explorers = [path for path in BUNDLES.glob("*.js") if path.stem != "host"]
    assert explorers
    for path in explorers:
        weight = len(gzip.compress(path.read_bytes())) + host
        assert weight <= 45_000, f"{path.name} and the host weigh {weight} bytes gzip"
