"""The cliff's face in Python: its traits, its lessons, its picture, its snippets."""

import gzip

import numpy as np
import pytest
from hands.every import EveryFace
from hands.twins import ask, assert_refused, printed, settings

from unrolled import cliff, figures
from unrolled.explorers import Cliff
from unrolled.explorers.base import BUNDLES

# The lessons of the figure, and one more that overflows.
LESSONS = {
    "thrown": {},
    "norm": {"clip": "norm"},
    "value": {"clip": "value"},
    "smaller": {"learning_rate": 0.3},
    "short": {"timesteps": 4},
}
OVERFLOWS = {"w": 1.3185, "b": 0.0948, "learning_rate": 1e308}


class TestFace(EveryFace):
    kind = Cliff


@pytest.mark.parametrize(
    ("trait", "value", "said"),
    [
        ("w", np.nan, "Cliff: w is nan, but must be a finite number"),
        ("b", "1", "b is '1', but must be a finite number"),
        ("learning_rate", -0.1, "learning_rate is -0.1, but must be at least 0"),
        ("learning_rate", None, "learning_rate is None, but must be a finite number"),
        ("clip", "max", "clip is 'max', but must be one of 'off', 'norm', 'value'"),
        ("threshold", -1, "threshold is -1, but must be at least 0"),
        ("threshold", np.inf, "threshold is inf, but must be a finite number"),
        ("timesteps", 1, "timesteps is 1, but must be from 2 to 40"),
        ("timesteps", 20.5, "timesteps is 20.5, but must be a whole number"),
        ("update", 0, "update is 0, but must be from 1 to 40"),
        ("update", 41, "update is 41, but must be from 1 to 40"),
    ],
)
def test_a_bad_value_is_named_and_nothing_is_lost(trait, value, said):
    assert_refused(Cliff(w=0.5), trait, value, said)


def test_its_numbers_are_the_floors():
    one = Cliff(w=1.4, b=0.2, learning_rate=0.7, clip="norm", timesteps=9)
    walk = cliff.walk(
        1.4, 0.2, learning_rate=0.7, clip="norm", threshold=0.5, timesteps=9
    )
    for name in ("path", "losses", "gradients"):
        assert np.array_equal(getattr(one, name), getattr(walk, name))
    assert one.thrown_at == walk.thrown_at
    w, b = np.linspace(0, 2, 5), np.linspace(-0.5, 1.5, 4)
    assert np.array_equal(one.surface(w, b), cliff.surface(w, b, 9))
    assert np.linalg.norm(one.clipped(np.array([3.0, -4.0]))) == pytest.approx(0.5)
    assert (one.cell.W_h.tolist(), one.cell.b.tolist()) == ([[1.4]], [0.2])


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


def test_what_overflows_is_said_and_drawn_without_a_warning():
    explorer = Cliff(**OVERFLOWS)
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
    assert "thrown off at update 7" in picture
    assert "thrown off" not in figures.to_svg(Cliff(clip="norm").figure())
    weight = len(gzip.compress(picture.encode()))
    assert weight <= 25_000, f"the picture weighs {weight} bytes gzip"


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


def test_the_presets_are_the_lessons(node):
    presets = ask(node, Cliff)["presets"]
    for one in presets.values():
        one["update"] = Cliff().update
    assert presets == {name: settings(Cliff(**one)) for name, one in LESSONS.items()}


def test_the_bundle_keeps_its_budget():
    weight = len(gzip.compress((BUNDLES / "cliff.mjs").read_bytes()))
    assert 1_000 < weight <= 20_000, f"cliff.mjs weighs {weight} bytes gzip"
