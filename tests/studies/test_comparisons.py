"""The studies that chapter 7 compares by: their grids, their results, their runs."""

import json

import numpy as np
import pytest
import torch
from hands import ROOT
from hands.studies import study

from unrolled import results, tuning

# Of each, runs that are computed again: quick ones.
AGAIN = {
    "distance": [("latch", "RNN", "orthogonal", 10), ("adding", "LSTM", "chrono", 10)],
    "data_size": [("sentiment", "GRU", 32, 30), ("adding", "RNN", 32, 100)],
    "ablation": [("adding", "coupled"), ("temporal order", "no output tanh")],
    "counting": [("anbn", "RNN"), ("anbncn", "LSTM")],
}


# Whose results are not committed yet: `make experiments` computes them.
TO_BE_RUN = set()


@pytest.fixture(params=AGAIN)
def script(request):
    return study(request.param)


@pytest.fixture(params=[name for name in AGAIN if name not in TO_BE_RUN])
def finished(request):
    return study(request.param)


def test_what_is_committed_is_tested():
    there = {path.stem for path in (ROOT / "src/unrolled/results").glob("*.json")}
    assert not there & TO_BE_RUN


def name_of(script):
    return script.__name__.removesuffix("_study")


def every_run(script, settings):
    """All runs of a study, one by one in this process."""
    done = {}
    torch.set_num_threads(1)
    while keys := script.todo(settings, done):
        assert not done.keys() & set(keys) and len(keys) == len(set(keys))
        for key in keys:
            done[key] = json.loads(json.dumps(script.run(settings, key)))
    return done


def check(script, result, settings):
    """What must hold of a result, tiny or not."""
    name = name_of(script)
    assert result["experiment"] == name
    for key, value in json.loads(json.dumps(settings)).items():
        if key != "tasks":
            assert result[key] == value, f"{name}'s {key}: run `make experiments`"
    if "tasks" in settings:
        assert list(result["tasks"]) == settings["tasks"]
    assert result["rows"]
    for row in result["rows"]:
        assert row["learning_rate"] in settings["learning_rates"]
        (each,) = (row[k] for k in ("updates", "test", "reaches") if k in row)
        assert len(each) == len(settings["seeds"])
        if "solved" in row:
            assert row["solved"] == sum(one is not None for one in each)
            assert row["interval"] == tuning.share(row["solved"], len(each))
            most = settings["budget"]["updates"]
            assert all(one is None or 0 < one <= most for one in each)
            assert len(row["scores"]) == len(each)


def test_a_tiny_study_is_whole(script):
    done = every_run(script, script.TINY)
    again = every_run(script, script.TINY)
    assert [one | {"seconds": 0} for one in done.values()] == [
        one | {"seconds": 0} for one in again.values()
    ]
    result = json.loads(json.dumps(script.result_of(script.TINY, done)))
    check(script, result, script.TINY)


def test_the_committed_study_is_whole(finished):
    check(finished, results.load(name_of(finished)), finished.SETTINGS)
    assert len(finished.SETTINGS["seeds"]) >= 10
    assert not set(finished.SETTINGS["seeds"]) & set(finished.SETTINGS["tuning_seeds"])


def test_committed_runs_come_out_the_same(finished):
    """Near enough: another machine adds up in another order."""
    committed = results.load(name_of(finished))
    for place in AGAIN[name_of(finished)]:
        (row,) = (
            row
            for row in committed["rows"]
            if tuple(row.values())[: len(place)] == place
        )
        key = (*place, row["learning_rate"], committed["seeds"][0])
        torch.set_num_threads(1)
        found = finished.run(finished.SETTINGS, key)
        if "scores" in row:
            steps = finished.SETTINGS["budget"]["evaluate_every"]
            assert abs((found["solved_at"] or 0) - (row["updates"][0] or 0)) <= steps
        elif "test" in row:
            assert np.isclose(found["test"], row["test"][0], rtol=0.1, atol=0.01)
        else:
            assert abs(found["reaches"] - row["reaches"][0]) <= 2


def test_a_distance_ends_where_fewer_than_half_succeed():
    distance = study("distance")
    series = ("latch", "RNN", "orthogonal")
    settings = distance.SETTINGS | {"lengths": [10, 30, 100]}

    def outcomes(T, solved):
        place = (*series, T)
        keys = [key for keys in tuning.tries(settings, place).values() for key in keys]
        done = {key: {"solved_at": 50} for key in keys}
        needed = [50] * solved + [None] * (10 - solved)
        rate = settings["learning_rates"][1]
        return done | {
            (*place, rate, seed): {"solved_at": one}
            for seed, one in zip(settings["seeds"], needed, strict=True)
        }

    def lengths(done):
        return [
            (place[-1], len(missing))
            for place, missing in distance.places(settings, series, done)
        ]

    tuning_runs = len(settings["learning_rates"]) * len(settings["tuning_seeds"])
    assert lengths({}) == [(10, tuning_runs)]
    assert lengths(outcomes(10, 5)) == [(10, 0), (30, tuning_runs)]
    assert lengths(outcomes(10, 4)) == [(10, 0)]
    assert lengths(outcomes(10, 9) | outcomes(30, 4)) == [(10, 0), (30, 0)]


def test_equal_weights_are_as_near_as_can_be():
    data_size = study("data_size")
    for make in data_size.TASKS.values():
        task = make()
        found = data_size.models(data_size.SETTINGS, task)
        (aim,) = (data_size.weights(*one, task) for one in found if one[0] == "LSTM")
        for cell, H in found[-2:]:
            mine = abs(data_size.weights(cell, H, task) - aim)
            assert mine < 0.02 * aim
            for other in (H - 1, H + 1):
                assert mine <= abs(data_size.weights(cell, other, task) - aim)
            model = data_size.reader(getattr(torch.nn, cell)(task.input_size, H), task)
            count = sum(one.numel() for one in model.parameters())
            assert count == data_size.weights(cell, H, task)


def test_a_limited_task_has_so_many_sequences_and_no_more():
    data_size = study("data_size")
    task = data_size.limited(data_size.words(), 5, seed=3)
    x, y = task.batch(200, seed=0)
    kinds = {sequence.tobytes() for sequence in x.transpose(1, 0, 2)}
    assert len(kinds) == 5
    held_out, _ = data_size.words().batch(200, np.random.default_rng([3, 3]))
    assert {one.tobytes() for one in held_out.transpose(1, 0, 2)} - kinds


def test_what_comes_next_is_what_can_be_known():
    counting = study("counting")
    shown, answers = counting.string("abc", 2)
    assert shown.tolist() == [0, 0, 1, 1, 2, 2]
    assert answers.tolist() == [0, 0, 1, 2, 2, 3]
    x, y = counting.language("anbn", 3).batch(50, seed=0)
    assert x.shape == (7, 50, 3) and y.shape == (7, 50)
    for one, told in zip(x.argmax(-1).T, y.T, strict=True):
        n = (one == 0).sum()
        assert one.tolist() == [0] * n + [1] * n + [2] * (7 - 2 * n)
        assert told.tolist() == [0] * n + [1] * (n - 1) + [2] * (8 - 2 * n)


class Counts(torch.nn.Module):
    """Counts a's up to a limit, and down again."""

    def __init__(self, limit):
        super().__init__()
        self.limit = limit

    def forward(self, x):
        outputs, count = [], 0
        for letter in x[:, 0].argmax(-1).tolist():
            count = min(count + 1, self.limit) if letter == 0 else count - 1
            outputs.append([letter == 0, letter == 1 and count > 0, count <= 0])
        return torch.tensor(outputs).float()[:, None]


def test_a_counter_reaches_as_far_as_it_counts():
    counting = study("counting")
    assert counting.reaches(Counts(7), "anbn", 30) == 7
    assert counting.reaches(Counts(99), "anbn", 30) == 30
    assert counting.reaches(Counts(0), "anbn", 30) == 1
