"""The cliff: its surface, its gradients, its walk, in Python and in JavaScript."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from unrolled import cliff
from unrolled.cells import RNNCell

JS_TEST = Path(__file__).with_name("cliff.test.js")

START = {
    "w": 1.65,
    "b": 0.45,
    "learning_rate": 1.0,
    "clip": "off",
    "threshold": 0.5,
    "timesteps": 20,
}
# The walks of the figure's lessons, and one more that overflows.
WALKS = {
    "thrown": START,
    "norm": START | {"clip": "norm"},
    "value": START | {"clip": "value"},
    "smaller": START | {"learning_rate": 0.3},
    "short": START | {"timesteps": 4},
    "overflows": START | {"w": 1.3185, "b": 0.0948, "learning_rate": 1e308},
}


def loss_by_torch(w, b, timesteps):
    """The loss and its gradient, by autograd."""
    w, b = (
        torch.tensor(one, dtype=torch.float64, requires_grad=True) for one in (w, b)
    )
    h = torch.tensor(-0.5, dtype=torch.float64)
    for _ in range(timesteps):
        h = torch.tanh(w * h + b)
    loss = (h - 0.5) ** 2 / 2
    loss.backward()
    return loss.item(), np.array([w.grad.item(), b.grad.item()])


def test_the_surface_is_that_of_the_cell():
    w, b = np.linspace(-1, 3, 9), np.linspace(-2, 2, 7)
    surface = cliff.surface(w, b, 17)
    assert surface.shape == (9, 7)
    for i, j in np.ndindex(surface.shape):
        cell = RNNCell([[0.0]], [[w[i]]], [b[j]])
        (h,) = cell.run(np.zeros((17, 1)), np.array([-0.5])).h_n
        assert surface[i, j] == pytest.approx((h - 0.5) ** 2 / 2, abs=1e-12)


@pytest.mark.parametrize("name", [name for name in WALKS if name != "overflows"])
def test_the_walk_goes_down_the_gradient_that_autograd_finds(name):
    given = WALKS[name]
    walk = cliff.walk(**given)
    assert walk.path.shape == (41, 2)
    assert walk.losses.shape == (41,)
    assert walk.gradients.shape == (40, 2)
    assert walk.path[0].tolist() == [1.65, 0.45]
    for k, point in enumerate(walk.path[:-1]):
        loss, gradient = loss_by_torch(*point, given["timesteps"])
        assert walk.losses[k] == pytest.approx(loss, abs=1e-12)
        off = np.linalg.norm(walk.gradients[k] - gradient)
        assert off <= 1e-10 * np.linalg.norm(gradient)
        left = cliff.clipped(walk.gradients[k], given["clip"], given["threshold"])
        step = given["learning_rate"] * left
        np.testing.assert_allclose(walk.path[k + 1], point - step, rtol=0, atol=1e-15)


def clip_by_torch(gradient, clip, threshold):
    parameter = torch.zeros(2, dtype=torch.float64)
    parameter.grad = torch.tensor(gradient)
    if clip == "norm":
        torch.nn.utils.clip_grad_norm_([parameter], threshold)
    elif clip == "value":
        torch.nn.utils.clip_grad_value_([parameter], threshold)
    return parameter.grad.numpy()


GRADIENTS = [(3.0, -4.0), (0.1, 0.2), (-0.3, 7.0), (0.0, 0.0), (1e-9, 0.0), (1e9, 1e9)]


@pytest.mark.parametrize("clip", ["off", "norm", "value"])
@pytest.mark.parametrize("threshold", [0.0, 0.5, 5.0])
def test_clipping_is_that_of_pytorch(clip, threshold):
    for gradient in GRADIENTS:
        expected = clip_by_torch(np.array(gradient), clip, threshold)
        found = cliff.clipped(np.array(gradient), clip, threshold)
        np.testing.assert_allclose(found, expected, rtol=1e-14, atol=0)


def test_what_throws_a_walk_off_is_an_update_longer_than_1():
    # a step of 1 - 1e-9 or 1 + 1e-9, from a gradient whose length is known
    length = np.linalg.norm(cliff.walk(**START).gradients[0])
    just = START | {"learning_rate": (1 - 1e-9) / length}
    assert cliff.walk(**just).thrown_at != 1
    over = START | {"learning_rate": (1 + 1e-9) / length}
    assert cliff.walk(**over).thrown_at == 1
    still = cliff.walk(**START | {"learning_rate": 0.0})
    assert still.thrown_at is still.overflows_at is None
    assert np.ptp(still.path, axis=0).tolist() == [0, 0]


def test_after_an_overflow_there_is_nothing():
    walk = cliff.walk(**WALKS["overflows"])
    assert walk.thrown_at == walk.overflows_at == 1
    assert np.isinf(walk.path[1]).any()
    assert np.isnan(walk.path[2:]).all()
    assert np.isnan(walk.losses[1:]).all()
    far = cliff.walk(**START | {"learning_rate": 1e200})
    assert (far.thrown_at, far.overflows_at) == (1, None)


def numbers(array):
    """Nested lists for JSON; what is not finite becomes null."""
    if np.ndim(array):
        return [numbers(item) for item in array]
    return float(array) if np.isfinite(array) else None


def test_javascript_computes_what_numpy_computes(node_test, tmp_path):
    rng = np.random.default_rng(0)
    points = []
    for k in range(60):
        inside = rng.uniform(0, 2), rng.uniform(-0.5, 1.5)
        point = inside if k % 3 else rng.normal(scale=3, size=2).tolist()
        timesteps = int(rng.integers(2, 41))
        loss, gradient = cliff.loss_and_gradient(*point, timesteps)
        points.append(
            {
                "point": point,
                "timesteps": timesteps,
                "loss": loss,
                "gradient": gradient.tolist(),
            }
        )
    clips = [
        {"gradient": g, "clip": clip, "threshold": threshold}
        | {"left": cliff.clipped(np.array(g), clip, threshold).tolist()}
        for g in GRADIENTS
        for clip in ("off", "norm", "value")
        for threshold in (0.0, 0.5, 5.0)
    ]
    walks = []
    for given in WALKS.values():
        walk = cliff.walk(**given)
        found = {"path": numbers(walk.path), "losses": numbers(walk.losses)}
        walks.append({"state": given, "thrown_at": walk.thrown_at} | found)
    fixtures = tmp_path / "cliff.json"
    given = {"points": points, "clips": clips, "walks": walks}
    fixtures.write_text(json.dumps(given, allow_nan=False))
    least = len(points) + len(clips) + len(walks)
    node_test(JS_TEST, least=least, UNROLLED_CLIFF_FIXTURES=str(fixtures))
