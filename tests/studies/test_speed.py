"""The study of how long a layer takes: what it writes, and what it times."""

import json
import math
import os
import subprocess
import sys
from itertools import product

import numpy as np
import pytest
import torch
from hands.studies import EXPERIMENTS, study

from unrolled import results

SCRIPT = EXPERIMENTS / "speed.py"


@pytest.fixture
def speed(monkeypatch):
    """The study's script as a module; what it sets for good is set back."""
    monkeypatch.setenv("OMP_NUM_THREADS", os.environ.get("OMP_NUM_THREADS", "1"))
    monkeypatch.setattr(torch.backends.mkldnn, "enabled", True)
    return study("speed")


def check(result, settings, speed):
    assert result["experiment"] == "speed"
    assert set(result["versions"]) == {"python", "numpy", "torch", "unrolled"}
    assert set(result["machine"]) == {"system", "processor", "cores"}
    for name, value in settings.items():
        assert result[name] == value, f"{name}: run `make experiments`"
    names = [(row["hidden_size"], row["dtype"], row["pass"]) for row in result["rows"]]
    wanted = (settings[name] for name in ("hidden_sizes", "dtypes", "passes"))
    assert len(names) == len(set(names))
    assert set(names) == set(product(*wanted))
    for row in result["rows"]:
        for times in (row["times"], *row["halves"]):
            assert tuple(times) == speed.IMPLEMENTATIONS
            assert all(tuple(one) == speed.KINDS for one in times.values())
            assert times["oneDNN on"]["LSTM"] == 1
            assert all(0 < x < math.inf for one in times.values() for x in one.values())
        assert len(row["halves"]) == 2


def test_a_tiny_study_is_whole(tmp_path, speed):
    done = subprocess.run(
        # it measures time here, and does not look for a cluster
        [sys.executable, SCRIPT, "--tiny", tmp_path, "--dask", "tcp://127.0.0.1:1"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    assert f"Written: {tmp_path / 'speed.json'}" in done.stdout
    text = (tmp_path / "speed.json").read_text("utf-8")
    check(json.loads(text), speed.TINY, speed)
    assert text.count("\n") < 300  # a row of numbers is a line


def test_the_committed_study_is_whole(speed):
    check(results.load("speed"), speed.SETTINGS, speed)


def test_the_shortest_of_each_counts(speed):
    seconds = np.full((3, 9), 9.0)
    seconds[1] = [2, 4, 6, 1, 8, 2, 3, 5, 7]  # RNN, LSTM, GRU; one way after the other
    seconds[2, 0] = 1
    assert speed.row_of(seconds) == {
        "oneDNN on": {"RNN": 0.25, "LSTM": 1.0, "GRU": 1.5},
        "oneDNN off": {"RNN": 0.25, "LSTM": 2.0, "GRU": 0.5},
        "NumPy": {"RNN": 0.75, "LSTM": 1.25, "GRU": 1.75},
    }


def test_all_take_turns_after_a_first_run(speed):
    ran = []
    seconds = speed.times([lambda: ran.append("a"), lambda: ran.append("b")], 3)
    assert seconds.shape == (3, 2) and (seconds >= 0).all()
    assert "".join(ran) == "ab" * 4


@pytest.mark.parametrize("passes", ["forward", "both"])
@pytest.mark.parametrize("implementation", ["oneDNN on", "oneDNN off", "NumPy"])
def test_what_is_timed_is_what_is_said(monkeypatch, speed, implementation, passes):
    seen = []
    forward = torch.nn.LSTM.forward
    grad, run = torch.autograd.grad, speed.cells.LSTMCell.run
    backward = speed.cells.LSTMCell.backward

    def watched(name, function):
        def call(*args, **kwargs):
            seen.append((name, torch.backends.mkldnn.enabled))
            return function(*args, **kwargs)

        return call

    monkeypatch.setattr(torch.nn.LSTM, "forward", watched("forward", forward))
    monkeypatch.setattr(torch.autograd, "grad", watched("gradients", grad))
    monkeypatch.setattr(speed.cells.LSTMCell, "run", watched("run", run))
    monkeypatch.setattr(speed.cells.LSTMCell, "backward", watched("back", backward))
    speed.layer(speed.TINY, "LSTM", implementation, 4, "float32", passes)()
    names = ["run", "back"] if implementation == "NumPy" else ["forward", "gradients"]
    on = implementation != "oneDNN off"
    assert seen == [(name, on) for name in names[: 1 + (passes == "both")]]
