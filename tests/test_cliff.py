"""The cliff: its traits, its numbers in Python and JavaScript, its snippets."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from twins import ask, assert_drawn_with_tokens, assert_refused, printed, settings

from unrolled import figures
from unrolled.cells import RNNCell
from unrolled.explorers import Cliff
from unrolled.explorers.base import BUNDLES

ROOT = Path(__file__).parents[1]
JS_TEST = ROOT / "tests" / "frontend" / "cliff.test.js"

# The lessons of the figure, and one more that overflows.
LESSONS = {
    "thrown": {},
    "norm": {"clip": "norm"},
    "value": {"clip": "value"},
    "smaller": {"learning_rate": 0.3},
    "short": {"timesteps": 4},
}
OVERFLOWS = {"w": 1.3185, "b": 0.0948, "learning_rate": 1e308}


@pytest.mark.parametrize(
    ("trait", "value", "said"),
    [
        ("w", np.nan, "Cliff: w is nan, but must be a finite number"),
        ("b", "1", "b is '1', but must be a finite number"),
        ("learning_rate", -0.1, "learning_rate is -0.1, but must not be negative"),
        ("learning_rate", None, "learning_rate is None, but must be a finite number"),
        ("clip", "max", "clip is 'max', but must be one of 'off', 'norm', 'value'"),
        ("threshold", -1, "threshold is -1, but must not be negative"),
        ("threshold", np.inf, "threshold is inf, but must be a finite number"),
        ("timesteps", 1, "timesteps is 1, but must be from 2 to 40"),
        ("timesteps", 20.5, "timesteps is 20.5, but must be a whole number"),
        ("update", 0, "update is 0, but must be from 1 to 40"),
        ("update", 41, "update is 41, but must be from 1 to 40"),
    ],
)
def test_a_bad_value_is_named_and_nothing_is_lost(trait, value, said):
    assert_refused(Cliff(w=0.5), trait, value, said)


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
    explorer = Cliff(timesteps=17)
    w, b = np.linspace(-1, 3, 9), np.linspace(-2, 2, 7)
    surface = explorer.surface(w, b)
    assert surface.shape == (9, 7)
    for i, j in np.ndindex(surface.shape):
        cell = RNNCell([[0.0]], [[w[i]]], [b[j]])
        (h,) = cell.run(np.zeros((17, 1)), np.array([-0.5])).h_n
        assert surface[i, j] == pytest.approx((h - 0.5) ** 2 / 2, abs=1e-12)


@pytest.mark.parametrize("settings", LESSONS.values(), ids=LESSONS)
def test_the_walk_goes_down_the_gradient_that_autograd_finds(settings):
    explorer = Cliff(**settings)
    path, losses, gradients = explorer.path, explorer.losses, explorer.gradients
    assert path.shape == (41, 2)
    assert losses.shape == (41,)
    assert gradients.shape == (40, 2)
    assert path[0].tolist() == [1.65, 0.45]
    for k, point in enumerate(path[:-1]):
        loss, gradient = loss_by_torch(*point, explorer.timesteps)
        assert losses[k] == pytest.approx(loss, abs=1e-12)
        off = np.linalg.norm(gradients[k] - gradient)
        assert off <= 1e-10 * np.linalg.norm(gradient)
        step = explorer.learning_rate * explorer.clipped(gradients[k])
        np.testing.assert_allclose(path[k + 1], point - step, rtol=0, atol=1e-15)


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
    explorer = Cliff(clip=clip, threshold=threshold)
    for gradient in GRADIENTS:
        expected = clip_by_torch(np.array(gradient), clip, threshold)
        found = explorer.clipped(np.array(gradient))
        np.testing.assert_allclose(found, expected, rtol=1e-14, atol=0)


def test_the_lessons_teach_what_they_say():
    walks = {name: Cliff(**settings) for name, settings in LESSONS.items()}
    lengths = np.linalg.norm(walks["thrown"].gradients, axis=1)
    assert walks["thrown"].thrown_at == 7
    assert round(lengths[6] / lengths[5]) == 37, "as the lesson's words say"
    assert np.all(np.diff(walks["thrown"].losses[:6]) < 0), "six updates go well"
    assert lengths[7:].max() < 0.01, "and after the seventh nothing pulls it back"
    assert np.abs(walks["thrown"].path[7:, 1]).min() > 4
    assert walks["smaller"].thrown_at == 18
    for name in ("norm", "value", "short"):
        assert walks[name].thrown_at is None
        assert walks[name].losses[-1] < 1e-3, name
    gradient, point = walks["value"].gradients[6], walks["value"].path
    assert np.abs(point[7] - point[6]) == pytest.approx([0.5, 0.5]), "it has turned"
    assert abs(gradient[1] / gradient[0]) > 1.5
    tight = Cliff(clip="norm", threshold=0.05)
    assert tight.losses[-1] > 5e-3, "too small a threshold does not get there in 40"


def test_what_throws_a_walk_off_is_an_update_longer_than_1():
    # a step of 1 - 1e-9 or 1 + 1e-9, from a gradient whose length is known
    length = np.linalg.norm(Cliff().gradients[0])
    assert Cliff(learning_rate=(1 - 1e-9) / length).thrown_at != 1
    assert Cliff(learning_rate=(1 + 1e-9) / length).thrown_at == 1
    still = Cliff(learning_rate=0)
    assert still.thrown_at is None
    assert np.ptp(still.path, axis=0).tolist() == [0, 0]


def test_what_overflows_is_said_and_drawn_without_a_warning():
    explorer = Cliff(**OVERFLOWS)
    assert explorer.thrown_at == 1
    assert np.isinf(explorer.path[1]).any()
    assert np.isnan(explorer.path[2:]).all()
    assert np.isnan(explorer.losses[1:]).all()
    assert "At update 1 w or b overflows." in explorer.description()
    far = Cliff(w=1e308, b=-1e308)
    for one in (explorer, far, Cliff(learning_rate=1e200)):
        assert one._repr_mimebundle_()[0]["image/svg+xml"].startswith("<svg")


def test_the_picture_and_its_text():
    explorer = Cliff()
    text = explorer.description()
    w, b = explorer.path[7]
    assert f"Update 7 throws it off the cliff, to w = {w:.4g} and b = {b:.4g}." in text
    assert "no clipping" in text
    clipped = Cliff(clip="norm", threshold=0.25).description()
    assert "clipped by norm at 0.25" in clipped
    assert "No update is longer than 1" in clipped
    picture = figures.to_svg(explorer.figure())
    assert picture == figures.to_svg(Cliff().figure()), "the picture is repeatable"
    assert "thrown off at update 7" in picture
    assert "thrown off" not in figures.to_svg(Cliff(clip="norm").figure())
    assert_drawn_with_tokens(picture)
    weight = len(gzip.compress(picture.encode()))
    assert weight <= 25_000, f"the picture weighs {weight} bytes gzip"


def numbers(array):
    """Nested lists for JSON; what is not finite becomes null."""
    if np.ndim(array):
        return [numbers(item) for item in array]
    return float(array) if np.isfinite(array) else None


def test_javascript_computes_what_numpy_computes(node_test, tmp_path):
    rng = np.random.default_rng(0)
    points = []
    for k in range(60):
        w, b = (rng.uniform(0, 2), rng.uniform(-0.5, 1.5)) if k % 3 else rng.normal(
            scale=3, size=2
        )  # fmt: skip
        one = Cliff(w=w, b=b, timesteps=int(rng.integers(2, 41)))
        points.append(
            {
                "point": [one.w, one.b],
                "timesteps": one.timesteps,
                "loss": one.losses[0],
                "gradient": one.gradients[0].tolist(),
            }
        )
    clips = [
        {"gradient": g, "clip": clip, "threshold": threshold}
        | {"left": Cliff(clip=clip, threshold=threshold).clipped(np.array(g)).tolist()}
        for g in GRADIENTS
        for clip in ("off", "norm", "value")
        for threshold in (0.0, 0.5, 5.0)
    ]
    walks = [
        {
            "state": settings(one),
            "path": numbers(one.path),
            "losses": numbers(one.losses),
            "thrown_at": one.thrown_at,
        }
        for one in (Cliff(**each) for each in (*LESSONS.values(), OVERFLOWS))
    ]
    fixtures = tmp_path / "cliff.json"
    given = {"points": points, "clips": clips, "walks": walks}
    fixtures.write_text(json.dumps(given, allow_nan=False))
    least = len(points) + len(clips) + len(walks) + 4
    node_test(JS_TEST, least=least, UNROLLED_CLIFF_FIXTURES=str(fixtures))


def test_the_snippets_print_the_numbers_on_screen(node):
    given = [Cliff(w=-0.8, b=0.3, learning_rate=0.7, timesteps=7)]
    given.append(Cliff(clip="value", threshold=0.05, timesteps=2))
    for case in ask(node, Cliff, given)["cases"]:
        explorer = Cliff(**case["state"])
        expected = [
            f"{w:z.2f} {b:z.2f} {loss:.4f}"
            for (w, b), loss in zip(explorer.path, explorer.losses, strict=True)
        ]
        assert len(case["snippets"]) == 2
        for source in case["snippets"]:
            assert printed(source) == expected, source


def test_python_and_javascript_open_with_the_same_picture(node):
    """The defaults stand in both; a page without traits must not differ."""
    front = ask(node, Cliff)
    assert front["initial"] == settings(Cliff())
    for one in front["presets"].values():
        one["update"] = Cliff().update
    lessons = {name: settings(Cliff(**one)) for name, one in LESSONS.items()}
    assert front["presets"] == lessons


def test_the_bundle_keeps_its_budget():
    weight = len(gzip.compress((BUNDLES / "cliff.js").read_bytes()))
    assert 1_000 < weight <= 20_000, f"cliff.js weighs {weight} bytes gzip"
