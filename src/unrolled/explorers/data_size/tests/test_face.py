"""The face of little data and much: it says what the study's result says."""

import statistics

import numpy as np
import pytest
from hands.every import EveryFace
from hands.twins import ask, assert_drawn_with_tokens, printed

from unrolled import figures, results
from unrolled.explorers import DataSize


class TestFace(EveryFace):
    kind = DataSize


def every_comparison():
    for task in DataSize.task.options:
        for other in DataSize.other.options:
            for equal in DataSize.equal.options:
                yield DataSize(task=task, other=other, equal=equal)


def test_scores_and_differences_are_the_studys():
    study = results.load("data_size")
    H = study["hidden_size"]
    for explorer in every_comparison():
        for n, size in enumerate(study["sizes"]):
            explorer.size = n + 1
            assert explorer.sequences == size

            def of(row, cell, size=size, explorer=explorer):
                same = row["hidden_size"] == H
                asked = cell == "LSTM" or same == (explorer.equal == "hidden size")
                place = (row["task"], row["cell"], row["size"])
                return asked and place == (explorer.task, cell, size)

            for k, cell in enumerate(("LSTM", explorer.other)):
                (row,) = (row for row in study["rows"] if of(row, cell))
                assert explorer.scores[k, n].tolist() == row["test"]
            (told,) = (row for row in study["differences"] if of(row, explorer.other))
            expect = [told["mean"], *told["interval"]]
            np.testing.assert_allclose(explorer.differences[n], expect, rtol=1e-3)
            paired = explorer.scores[0, n] - explorer.scores[1, n]
            sign = -1 if study["tasks"][explorer.task]["score"] == "error" else 1
            assert abs(sign * paired.mean() - told["mean"]) < 1e-4


def test_it_has_room_for_all_of_the_study():
    study = results.load("data_size")
    assert DataSize.task.options == tuple(study["tasks"])
    assert DataSize.size.most == len(study["sizes"])
    assert DataSize.seed.most == len(study["seeds"]) - 1


def test_what_keeps_off_zero_is_decided_and_nothing_else():
    found = set()
    for explorer in every_comparison():
        for better, (mean, low, high) in zip(
            explorer.better, explorer.differences, strict=True
        ):
            assert low <= mean <= high
            right = {"LSTM": low > 0, explorer.other: high < 0}
            assert right.get(better, low <= 0 <= high)
            found.add(better)
    assert "undecided" in found and len(found) > 1


@pytest.mark.parametrize("size", [1, 5])
def test_its_words_say_the_chosen_size(size):
    for explorer in every_comparison():
        explorer.size = size
        said = explorer.description()
        assert f"With {explorer.sequences} sequences" in said
        assert f"{explorer.scores[0, size - 1].mean():.3g}" in said
        better = explorer.better[size - 1]
        end = "undecided." if better == "undecided" else f"the {better} is better."
        assert said.endswith(end)


def test_what_is_asked_about_is_neither_drawn_nor_said():
    asked = DataSize(ask="Which is better?")
    assert "advantage is" in asked.description()
    assert "advantage" not in asked.description(hidden=True)
    assert len(asked.picture()) < len(figures.to_svg(asked.figure())) - 2000


def test_every_comparison_is_drawn_with_the_colours_of_the_book():
    for explorer in every_comparison():
        assert_drawn_with_tokens(figures.to_svg(explorer.figure()))


def lines_of(explorer):
    at = explorer.size - 1
    means = [statistics.mean(one) for one in explorer.scores[:, at].tolist()]
    mean, low, high = explorer.differences[at]
    two = {f"LSTM {means[0]:.3g}", f"{explorer.other} {means[1]:.3g}"}
    return two, f"LSTM's advantage {mean:.3g}, 95 %: {low:.3g} to {high:.3g}"


def test_javascript_says_the_same_and_its_code_prints_it(node):
    explorers = list(every_comparison())
    for k, explorer in enumerate(explorers):
        explorer.size = 1 + k % 5
    for case in ask(node, DataSize, explorers)["cases"]:
        explorer, computed = DataSize(**case["state"]), case["computed"]
        np.testing.assert_array_equal(computed["scores"], explorer.scores)
        np.testing.assert_array_equal(computed["differences"], explorer.differences)
        assert computed["better"] == explorer.better
        assert computed["sequences"] == explorer.sequences
        two, last = lines_of(explorer)
        for snippet in case["snippets"]:
            *models, told = printed(snippet)
            assert (set(models), told) == (two, last)
