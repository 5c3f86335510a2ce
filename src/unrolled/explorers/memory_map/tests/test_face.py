"""The memory map's face in Python: it says what the study's result says."""

import pytest
from hands.every import EveryFace
from hands.twins import ask, assert_drawn_with_tokens, printed

from unrolled import figures, results
from unrolled.explorers import MemoryMap


class TestFace(EveryFace):
    kind = MemoryMap


def every_place():
    told = MemoryMap.results()
    for task in MemoryMap.task.options:
        for row in range(1, len(told["series"]) + 1):
            for length in range(1, len(told["lengths"]) + 1):
                yield MemoryMap(task=task, row=row, length=length)


def test_every_place_is_the_studys():
    study = results.load("distance")
    tried = {(r["task"], r["cell"], r["start"], r["T"]): r for r in study["rows"]}
    for explorer in every_place():
        row = tried.pop((explorer.task, *explorer.series, explorer.T), None)
        if row is None:
            assert explorer.place is None
        else:
            for name, value in explorer.place.items():
                assert value == row[name]
    assert not tried


def test_it_has_room_for_all_of_the_study():
    study = results.load("distance")
    assert MemoryMap.task.options == ("adding", "latch", "copy", "temporal order")
    assert set(study["tasks"]) == set(MemoryMap.task.options)
    assert MemoryMap.length.most == len(study["lengths"])
    assert MemoryMap.row.most == sum(map(len, study["starts"].values()))
    assert MemoryMap.seed.most == len(study["seeds"]) - 1


def test_a_series_is_not_tried_behind_its_end():
    told = MemoryMap.results()
    for task in told["tasks"].values():
        for series in task["places"]:
            for one, following in zip(series, series[1:], strict=False):
                ended = one is None or 2 * one["solved"] < told["seeds"]
                assert ended == (following is None)


def test_its_words_say_what_was_found():
    tried = set()
    for explorer in every_place():
        said, place = explorer.description(), explorer.place
        cell, _ = explorer.series
        assert cell in said and f"T = {explorer.T}" in said
        if place is None:
            assert "was not tried" in said
        else:
            assert f": {place['solved']} of 10 seeds solved it" in said
            assert f"{place['interval'][0]:.0%} to {place['interval'][1]:.0%}" in said
            needed = [one for one in place["updates"] if one]
            assert not needed or f"after {min(needed)} to {max(needed)} upd" in said
        tried.add(place is not None)
    assert tried == {True, False}


def test_what_is_asked_about_is_neither_drawn_nor_said():
    asked = MemoryMap(ask="Which places are solved?")
    assert "seeds solved it" in asked.description()
    assert "seeds solved it" not in asked.description(hidden=True)
    assert len(asked.picture()) < len(figures.to_svg(asked.figure())) - 2000


@pytest.mark.parametrize("task", MemoryMap.task.options)
def test_every_task_is_drawn_with_the_colours_of_the_book(task):
    last = MemoryMap.length.most
    explorer = MemoryMap(task=task, row=4, length=last, seed=9)
    assert_drawn_with_tokens(figures.to_svg(explorer.figure()))


def lines_of(explorer):
    place = explorer.place
    if place is None:
        return []
    low, high = place["interval"]
    head = f"{place['solved']} of 10: {low:.0%} to {high:.0%}"
    runs = zip(place["updates"], place["scores"], strict=True)
    return [head, *(f"{k} {one} {all_[-1]}" for k, (one, all_) in enumerate(runs))]


def test_javascript_says_the_same_and_its_code_prints_it(node):
    for case in ask(node, MemoryMap, list(every_place())[::7])["cases"]:
        explorer = MemoryMap(**case["state"])
        computed = case["computed"]
        assert computed["place"] == explorer.place
        assert [computed["cell"], computed["start"]] == explorer.series
        assert computed["T"] == explorer.T
        assert [printed(one) for one in case["snippets"]] == [lines_of(explorer)]
