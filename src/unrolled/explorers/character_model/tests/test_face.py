"""The character model in Python: its weights are the study's, its twin the page's."""

import numpy as np
import pytest
import torch
from hands.every import EveryFace
from hands.twins import ask, assert_refused, printed

from unrolled import characters, corpus, figures, results
from unrolled.explorers import CharacterModel
from unrolled.explorers.character_model import PRESETS, TEXTS
from unrolled.explorers.character_model.figure import placed


class TestFace(EveryFace):
    kind = CharacterModel


STRANGE = "é😀 \u202bשלום‬\tx\n"


def some():
    """Explorers over what can be set."""
    yield CharacterModel(text="")
    yield CharacterModel(text="a", letter=1)
    yield CharacterModel(text=STRANGE, letter=20_000, show="h")
    yield CharacterModel(text=TEXTS["quotes"], letter=0, checkpoint="untrained")
    for show in ("c", "h", "i", "f", "o", "g"):
        yield CharacterModel(letter=60, unit=17, show=show, checkpoint="1000")
    for hold in ("i", "f", "o", "c"):
        for held in (-1.5, 0.4):
            yield CharacterModel(unit=8, hold=hold, held=held, show=hold)
    for below in ("gates", "own"):
        yield CharacterModel(below=below, letter=60, temperature=0.4, seed=7)
        yield CharacterModel(below=below, text="ab", letter=1, hold="f", held=0.5)


def test_its_numbers_are_those_of_pytorch():
    for checkpoint in characters.CHECKPOINTS:
        explorer = CharacterModel(checkpoint=checkpoint)
        numbers = torch.from_numpy(corpus.encode(explorer.text))[:, None]
        with torch.no_grad():
            logits, h, _ = explorer.model(numbers)
        found = explorer.states
        near = {"rtol": 0, "atol": 1e-9}
        np.testing.assert_allclose(found.h, h[:, 0].numpy(), **near)
        p = logits.softmax(-1)[:, 0].numpy()
        np.testing.assert_allclose(found.probabilities, p, **near)
        np.testing.assert_allclose(explorer.probabilities, p[explorer.letter - 1])


def test_its_weights_are_those_of_the_study():
    kept = results.load("characters")["weights"]
    assert CharacterModel.files() == kept
    assert next(iter(CharacterModel.files())) == "end", "the page opens with it"
    assert {*CharacterModel.class_traits()["checkpoint"].options} == kept.keys()
    assert kept.keys() == {*characters.CHECKPOINTS}


def test_its_presets_are_the_units_that_the_study_found():
    study = results.load("characters")
    units = study["rows"][-1]["units"][study["seeds"].index(study["shown"])]
    for preset, told in CharacterModel.data()["presets"].items():
        assert told["unit"] == units[PRESETS[preset]]["unit"]
        assert told["text"] == TEXTS[preset] and told["letter"] <= len(told["text"])
    told = CharacterModel.results()
    for name, one in told["properties"].items():
        assert one["unit"] == units[name]["unit"]
    assert sorted(told["order"]) == list(range(96))
    table = np.array(study["table"])
    for unit, one in enumerate(told["follows"]):
        row = corpus.PROPERTIES.index(one["property"])
        assert table[:, unit].max() == table[row, unit] == one["right"]


def test_it_writes_as_the_package_does():
    explorer = CharacterModel(text="def spam", letter=4, seed=3, temperature=0.5)
    wanted = characters.write(explorer.model, "def ", 30, temperature=0.5, seed=3)
    assert explorer.write(30) == wanted
    held = CharacterModel(text="def ", letter=4, seed=3, hold="o", held=4.0, unit=2)
    clamp = (2, "o", 1.0)
    assert held.clamp == clamp, "a gate is never beyond 1"
    options = {"temperature": 0.7, "seed": 3, "clamp": clamp}
    assert held.write(30) == characters.write(held.model, "def ", 30, **options)


def test_any_text_is_read():
    for text in ("", STRANGE, "a" * 20_000):
        explorer = CharacterModel(text=text, letter=20_000)
        if len(text) < 1000:
            assert len(explorer.values) == len(explorer.surprise) == len(text)
        assert len(explorer.description(hidden=True)) > 40
    empty = CharacterModel(text="")
    assert np.isnan(empty.bits) and empty.probabilities is None
    assert "no letters" in empty.description()
    unknown = np.isnan(CharacterModel(text=STRANGE).surprise)
    assert unknown[[0, 1]].all() and not unknown[2]
    assert_refused(CharacterModel(), "text", "a" * 20_001, "has 20001 letters")


def test_its_picture_shows_the_beginning_of_a_text():
    assert placed("ab\nc") == {0: (0, 0), 1: (0, 1), 3: (1, 0)}
    long = placed("x" * 10_000)
    assert max(long) == 9 * 60 - 1 and long[60] == (1, 0)
    for text in ("", STRANGE, "$100 and \\ and _^{}", "\n" * 40):
        figures.to_svg(CharacterModel(text=text, letter=3).figure())


def test_what_is_asked_about_is_neither_drawn_nor_said():
    asked = CharacterModel(ask="Where is it high?")
    assert f"{asked.bits:.2f}" in asked.description()
    assert f"{asked.bits:.2f}" not in asked.description(hidden=True)
    assert len(asked.picture()) < len(figures.to_svg(asked.figure()))


@pytest.mark.parametrize("checkpoint", ["untrained", "end"])
def test_its_words_say_how_long_it_was_trained(checkpoint):
    said = CharacterModel(checkpoint=checkpoint).description()
    assert ("24,000 updates" in said) == (checkpoint == "end")
    assert ("no updates" in said) == (checkpoint == "untrained")


AHEAD = 70
"""So many letters stand beside each other."""


def assert_below_is_the_same(explorer, computed, letter):
    """What stands below the text: the gates over letters, or what it writes."""
    near = {"rtol": 0, "atol": 1e-9}
    found, unit, around = explorer.states, explorer.unit, computed["around"]
    assert bool(around["steps"]) == (explorer.below == "gates")
    for t, step in enumerate(around["steps"], start=around["from"]):
        wanted = [getattr(found, name)[t, unit] for name in "ifgoch"]
        np.testing.assert_allclose([step[name] for name in "ifgoch"], wanted, **near)
        before = found.c[t - 1, unit] if t else 0
        assert step["before"] == pytest.approx(before, abs=1e-9)
    there, own = computed["ahead"]["there"], computed["ahead"]["own"]
    if explorer.below != "own":
        assert there == own == []
        return
    written = explorer.write(AHEAD)
    assert "".join(one["letter"] for one in own) == written
    stand = explorer.text[letter : letter + AHEAD]
    assert "".join(one["letter"] for one in there) == stand
    for letters, text in ((there, explorer.text), (own, explorer.text[:letter])):
        whole = text if letters is there else text + written
        read = characters.read(explorer.model, whole, explorer.clamp)
        ends = slice(letter, letter + len(letters))
        values = getattr(read, explorer.show)[ends, unit]
        np.testing.assert_allclose([one["value"] for one in letters], values, **near)
        surprise = np.append(np.nan, read.surprise)[ends]
        np.testing.assert_allclose([one["bits"] for one in letters], surprise, **near)
    apart = [n for n, one in enumerate(own) if "mark" in one]
    differ = [n for n, one in enumerate(stand) if one != written[n]]
    assert apart == differ[:1]


def test_javascript_computes_the_same_and_its_code_prints_it(node):
    known = {"files": CharacterModel.files(), "patient": True}
    for case in ask(node, CharacterModel, some(), **known)["cases"]:
        explorer, computed = CharacterModel(**case["state"]), case["computed"]
        near = {"rtol": 0, "atol": 1e-9}
        np.testing.assert_allclose(computed["values"], explorer.values, **near)
        bits = np.array(computed["bits"], float)
        np.testing.assert_allclose(bits, explorer.surprise, **near)
        letter = min(explorer.letter, len(explorer.text))
        assert computed["at"] == letter
        if letter:
            p = explorer.probabilities
            np.testing.assert_allclose(computed["probabilities"], p, **near)
            found = explorer.states
            everything = getattr(found, explorer.show)[letter - 1]
            np.testing.assert_allclose(computed["all"], everything, **near)
            for name in ("i", "f", "g", "o", "c", "h"):
                value = getattr(found, name)[letter - 1, explorer.unit]
                assert computed["step"][name] == pytest.approx(value, abs=1e-9)
            assert_below_is_the_same(explorer, computed, letter)
        lines = [
            f"{corpus.ALPHABET[k]!r} {explorer.probabilities[k]:.3f}"
            for k in (np.argsort(explorer.probabilities)[::-1][:5] if letter else ())
        ]
        if letter:
            value = explorer.values[letter - 1]
            lines.append(f"unit {explorer.unit} {value:.4f}")
            if explorer.below == "own":
                lines.append(repr(explorer.write(AHEAD)))
        assert [printed(snippet) for snippet in case["snippets"]] == [lines]
