"""The long studies: begun, interrupted, gone on with; and what they committed."""

import json
import math
import os
import platform
import re
import signal
import statistics
import subprocess
import sys
import time

import pytest
from hands import ROOT
from hands.studies import EXPERIMENTS, study

from unrolled import results

SCRIPT = EXPERIMENTS / "latch.py"


@pytest.fixture(scope="module")
def latch():
    """The study's script as a module."""
    return study("latch")


@pytest.fixture(scope="module")
def committed():
    return results.load("latch")


def start(folder):
    # Tests that run in the background may not hear Ctrl+C; the study must.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    study = subprocess.Popen(
        [sys.executable, SCRIPT, "--tiny", folder],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        start_new_session=True,
    )
    signal.signal(signal.SIGINT, before)
    return study


def finished_runs(folder):
    """The runs that the work file holds, without a line that is being written."""
    lines = "".join(file.read_text("utf-8") for file in folder.glob("latch-*.jsonl"))
    return [json.loads(line)[0] for line in lines.rpartition("\n")[0].splitlines()]


def check(result):
    """What must hold of a result of the latch study, tiny or not."""
    lengths, seeds = result["lengths"], result["seeds"]
    budget = result["budget"]
    assert result["experiment"] == "latch"
    assert set(result["versions"]) == {"python", "numpy", "torch", "unrolled"}
    assert set(result["machine"]) == {"system", "processor", "cores"}
    assert result["task"]["name"] == "latch" and 0 < result["task"]["noise"] < 1
    assert 0.5 == result["task"]["chance"] < result["task"]["solved_from"] < 1
    assert lengths == sorted(set(lengths)) and len(set(seeds)) == len(seeds)
    names = {(one["cell"], one["initialisation"]) for one in result["series"]}
    rates = {one["learning_rate"] for one in result["series"]}
    assert rates == set(result["learning_rates"])
    assert len(result["series"]) == len(names) * len(rates)
    for series in result["series"]:
        rows = series["results"]
        assert [row["T"] for row in rows] == lengths[: len(rows)]
        # a series ends with its first T that no seed solved, and not before
        assert all(row["solved"] for row in rows[:-1])
        assert len(rows) == len(lengths) or not rows[-1]["solved"]
        for row in rows:
            assert len(row["updates"]) == len(row["seconds"]) == len(seeds)
            assert min(row["seconds"]) >= 0
            needed = [number for number in row["updates"] if number is not None]
            assert row["solved"] == len(needed)
            assert all(0 < number <= budget["updates"] for number in needed)
            assert all(
                number % budget["evaluate_every"] == 0 or number == budget["updates"]
                for number in needed
            )
            if needed:
                assert math.isclose(row["mean"], statistics.mean(needed))
            else:
                assert row["mean"] is None
            if len(needed) > 1:
                assert math.isclose(row["std"], statistics.stdev(needed), abs_tol=1e-9)
            else:
                assert row["std"] is None
        by_all = [row["T"] for row in rows if row["solved"] == len(seeds)]
        unbroken = [T for T, at in zip(by_all, lengths, strict=False) if at == T]
        assert series["horizon"] == {
            "all": max(unbroken, default=0),
            "any": max((row["T"] for row in rows if row["solved"]), default=0),
        }


def test_a_study_is_interrupted_and_gone_on_with(tmp_path, latch):
    study = start(tmp_path)
    while study.poll() is None and not finished_runs(tmp_path):
        time.sleep(0.05)
    os.killpg(study.pid, signal.SIGINT)  # as a terminal does: to all its processes
    said, _ = study.communicate()
    assert study.returncode == 130, said
    kept = finished_runs(tmp_path)
    assert 0 < len(kept) < 12
    assert f"Interrupted. {len(kept)} runs are kept; begin again to go on." in said
    assert "Traceback" not in said
    assert not (tmp_path / "latch.json").exists()

    # a line that was cut off in the writing
    (work,) = tmp_path.glob("latch-*.jsonl")
    with work.open("a", encoding="utf-8") as file:
        file.write('[["RNN", "defa')

    study = start(tmp_path)
    said, _ = study.communicate()
    assert study.returncode == 0, said
    assert f"Going on: {len(kept)} runs are done already." in said
    runs = finished_runs(tmp_path)
    assert runs[: len(kept)] == kept
    assert len(runs) == len({tuple(run) for run in runs}) == 12  # none was done twice
    result = json.loads((tmp_path / "latch.json").read_text("utf-8"))
    check(result)
    assert {one["cell"]: one["horizon"] for one in result["series"]} == {
        "RNN": {"all": 2, "any": 2},
        "GRU": {"all": 2, "any": 2},
    }
    assert [row["T"] for row in result["series"][0]["results"]] == [1, 2, 100]  # no 200

    # a finished study computes nothing again
    study = start(tmp_path)
    said, _ = study.communicate()
    assert "Going on: 12 runs are done already." in said
    assert json.loads((tmp_path / "latch.json").read_text("utf-8")) == result


def test_a_result_counts_seeds_and_finds_horizons(latch, tmp_path):
    solved = {1: (25, 50), 2: (None, 50), 100: (25, 25), 200: (None, None)}
    done = {
        ("RNN", "default", 0.01, T, seed): (number, 0.5)
        for T, numbers in solved.items()
        for seed, number in enumerate(numbers)
    }
    done |= {("GRU", "chrono", 0.01, 1, seed): (None, 0.5) for seed in (0, 1)}
    # what came after a length that no seed solved is no part of the series
    done |= {("GRU", "chrono", 0.01, 2, seed): (25, 0.5) for seed in (0, 1)}
    result = latch.result_of(latch.TINY, done)
    saved = results.save(result, tmp_path)
    check(json.loads(saved.read_text("utf-8")))
    rnn, gru = result["series"]
    assert rnn["horizon"] == {"all": 1, "any": 100}
    assert [row["solved"] for row in rnn["results"]] == [2, 1, 2, 0]
    assert [row["mean"] for row in rnn["results"]] == [37.5, 50, 25, None]
    assert [row["std"] for row in rnn["results"]] == [12.5 * 2**0.5, None, 0, None]
    assert gru["horizon"] == {"all": 0, "any": 0}
    assert len(gru["results"]) == 1


def test_the_committed_latch_study_is_whole(latch, committed):
    check(committed)
    settings = json.loads(json.dumps(latch.SETTINGS))
    names = ("cell", "initialisation", "learning_rate")
    series = [tuple(one[name] for name in names) for one in committed["series"]]
    assert series == latch.series_of(latch.SETTINGS)
    for name in ("lengths", "seeds", "learning_rates", "hidden_size", "budget"):
        assert committed[name] == settings[name], f"{name}: run `make experiments`"
    assert committed["task"]["noise"] == settings["noise"]
    assert len(committed["seeds"]) >= 5


@pytest.mark.parametrize(
    "cell, initialisation, learning_rate, T, seed, solved",
    [
        ("RNN", "default", 0.01, 10, 0, True),
        ("LSTM", "forget bias 1", 0.01, 15, 3, True),
        ("LSTM", "default", 0.01, 15, 1, False),
    ],
)
def test_a_committed_run_comes_out_the_same(
    latch, committed, cell, initialisation, learning_rate, T, seed, solved
):
    wanted = cell, initialisation, learning_rate
    (rows,) = (
        one["results"]
        for one in committed["series"]
        if (one["cell"], one["initialisation"], one["learning_rate"]) == wanted
    )
    (row,) = (row for row in rows if row["T"] == T)
    at = committed["seeds"].index(seed)
    assert (row["updates"][at] is not None) == solved
    updates, _ = latch.run(latch.SETTINGS, (*wanted, T, seed))
    assert (updates is not None) == solved


def test_a_run_does_not_depend_on_what_ran_before(latch):
    often = {"budget": latch.TINY["budget"] | {"evaluate_every": 1}}

    def updates(seed):
        return latch.run(latch.TINY | often, ("RNN", "default", 0.01, 4, seed))[0]

    first = [updates(seed) for seed in range(4)]
    assert [updates(seed) for seed in range(4)] == first
    assert len(set(first)) > 1


def test_a_result_that_is_not_there():
    with pytest.raises(ValueError) as caught:
        results.load("lunch")
    there = sorted(one.stem for one in (ROOT / "src/unrolled/results").glob("*.json"))
    assert "latch" in there
    assert str(caught.value) == (
        "results.load: there is no result 'lunch'; there is "
        f"{', '.join(map(repr, there))}: `make experiments` computes them"
    )


def test_results_are_data_without_names_of_machines():
    for file in (ROOT / "src" / "unrolled" / "results").glob("*.json"):
        text = file.read_text("utf-8")
        assert not re.search(r"/(home|root|tmp|work)/", text), file.name
        assert platform.node() not in text.split('"')


@pytest.mark.parametrize(
    "asked, options",
    [
        ([], []),
        (["QUICK=1"], ["--quick"]),
        (["DASK=tcp://a:1"], ["--dask='tcp://a:1'"]),
        (["QUICK=1", "DEVICE=cpu"], ["--quick", "--device='cpu'"]),
    ],
)
def test_make_experiments_runs_every_study(asked, options):
    done = subprocess.run(
        ["make", "--dry-run", "experiments", *asked],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    said = " ".join(done.stdout.replace("\\\n", " ").split())
    told = " ".join(["", *options])
    assert f"-m unrolled.studies{told} experiments/*.py" in said
    run = f".venv/bin/python $study{told} || exit"
    assert f"for study in experiments/*.py; do {run}" in said
    assert "experiments/.work/" in (ROOT / ".gitignore").read_text("utf-8").split()


def test_what_is_to_come_is_said_and_is_six_hours_at_most():
    scripts = sorted(EXPERIMENTS.glob("*.py"))
    done = subprocess.run(
        [sys.executable, "-m", "unrolled.studies", *scripts],
        capture_output=True,
        text=True,
        check=True,
    )
    _, *lines, total = (line.split() for line in done.stdout.splitlines())
    assert [line[0] for line in lines] == [script.stem for script in scripts]
    hours = [float(line[1]) for line in lines]
    assert min(hours) > 0
    assert total[0] == "together" and math.isclose(float(total[1]), sum(hours))
    assert sum(hours) <= 6
