"""The counter's face in Python: its networks are those of the study."""

import numpy as np
import pytest
import torch
from hands.every import EveryFace
from hands.twins import ask, assert_refused, printed

from unrolled import figures, results
from unrolled.explorers import Counter
from unrolled.explorers.counter import CELLS, LETTERS, expected


class TestFace(EveryFace):
    kind = Counter


def every_network():
    for language in LETTERS:
        for cell in CELLS:
            for network in ("middle", "furthest"):
                yield Counter(language=language, cell=cell, network=network)


def word(explorer, n):
    return "".join(letter * n for letter in LETTERS[explorer.language])


def test_its_numbers_are_those_of_pytorch():
    for explorer in every_network():
        explorer.text = word(explorer, 9)
        module, readout = explorer.to_torch()
        x = torch.tensor(explorer.run.x)[:, None]
        with torch.no_grad():
            h = module(x)[0]
            told = readout(h).softmax(-1)[:, 0].numpy()
        near = {"rtol": 0, "atol": 1e-9}  # trained weights magnify the last digit
        np.testing.assert_allclose(explorer.probabilities, told, **near)
        if explorer.cell != "LSTM":
            units = h[:, 0].numpy()[:, explorer.weights["order"]]
            np.testing.assert_allclose(explorer.memory, units, **near)


def test_it_fails_where_the_study_says_so():
    for explorer in every_network():
        reaches = explorer.weights["reaches"]
        for n in {1, max(1, reaches // 2), reaches} - {0}:
            explorer.text = word(explorer, n)
            assert explorer.wrong == [] or n > reaches
        explorer.text = word(explorer, reaches + 1)
        assert explorer.wrong


def test_the_networks_are_those_in_the_result():
    for row in results.load("counting")["rows"]:
        for name, shown in row["shown"].items():
            names = {"language": row["language"], "cell": row["cell"]}
            explorer = Counter(**names, network=name)
            told = np.array(shown["weights"]["recurrent.weight_hh_l0"])
            np.testing.assert_array_equal(explorer.weights["cell"]["W_h"], told)


def test_the_first_unit_follows_the_count_best():
    for explorer in every_network():
        follows = np.abs(explorer.weights["follows"])
        assert (np.diff(follows) <= 0).all() and follows[0] > 0.5
        explorer.text = "a" * 8 + "b" * 8
        count = [*range(1, 9), *range(7, -1, -1)]
        found = np.corrcoef(explorer.memory[:, 0], count)[0, 1]
        assert abs(found - explorer.weights["follows"][0]) < 1e-3


def test_what_is_expected_is_what_can_come_next():
    assert expected("anbn", "aabb") == ["a", "a", "b", "."]
    assert expected("anbncn", "aabbcc") == ["a", "a", "b", "c", "c", "."]
    assert expected("anbn", "abb") == ["a", ".", None]
    assert expected("anbn", "ba") == [None, None]
    assert expected("anbn", "aba") == ["a", ".", None]
    assert expected("anbn", "ac") == ["a", None]
    assert expected("anbncn", "aabc") == ["a", "a", "b", None]
    assert expected("anbncn", "abcc") == ["a", "c", ".", None]


def test_a_text_of_other_letters_is_refused_in_words():
    said = "must be a text of the letters 'a', 'b' and 'c'"
    assert_refused(Counter(), "text", "aad", said)
    assert_refused(Counter(), "text", "", "has 0 letters; it must have 1 to 90")
    assert_refused(Counter(), "text", "a" * 91, "has 91 letters")


def test_a_letter_that_a_network_has_not_is_nothing_to_it():
    explorer = Counter(language="anbn", text="acb")
    assert explorer.run.x.tolist() == [[1, 0, 0], [0, 0, 0], [0, 1, 0]]
    assert explorer.expected == ["a", None, None] and explorer.wrong == []


def test_what_is_asked_about_is_neither_drawn_nor_said():
    asked = Counter(ask="What does its memory look like?")
    last = f"{asked.memory[-1, 0]:.2f}"
    assert last in asked.description() and last not in asked.description(hidden=True)
    assert asked.text in asked.description(hidden=True)
    picture, whole = asked.picture(), figures.to_svg(asked.figure())
    assert len(picture) < len(whole)


@pytest.mark.parametrize("wrong", [0, 1])
def test_its_words_say_whether_it_is_right(wrong):
    explorer = Counter(cell="GRU")
    explorer.text = word(explorer, explorer.weights["reaches"] + wrong)
    said = explorer.description()
    assert ("is right at every letter" in said) == (not wrong)
    if wrong:
        assert f"at letter {explorer.wrong[0]}." in said


def test_javascript_computes_the_same_and_its_code_prints_it(node):
    explorers = []
    for k, explorer in enumerate(every_network()):
        explorer.text = word(explorer, 3 + k) if k % 3 else "aabacb"[: 2 + k % 5]
        explorers.append(explorer)
    for case in ask(node, Counter, explorers)["cases"]:
        explorer, computed = Counter(**case["state"]), case["computed"]
        for name in ("memory", "probabilities"):
            expect = getattr(explorer, name)
            np.testing.assert_allclose(computed[name], expect, rtol=0, atol=1e-9)
        for name in ("said", "expected", "wrong", "alphabet"):
            assert computed[name] == getattr(explorer, name)
        lines = [
            " ".join([letter, *(f"{share:.3f}" for share in shares)])
            for letter, shares in zip(
                explorer.text, explorer.probabilities, strict=True
            )
        ]
        assert [printed(snippet) for snippet in case["snippets"]] == [lines] * 2
