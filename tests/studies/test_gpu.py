"""Studies train on a GPU where there is one: here on one that is pretended.

What it is, says hands/pretend.py. A real one has not been seen by these tests.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hands import ROOT, pretend
from hands.studies import EXPERIMENTS, study

from unrolled import studies

SMALL = {
    "budget": {"updates": 3, "batch_size": 4, "evaluation_size": 10},
    "training": {"updates": 3, "batch_size": 3, "steps": 5},
    "updates": 3,
    "final_updates": 3,
    "looks": [0, 2],
    "kept": {"untrained": 0, "end": 2},
    "letters": {"train": 5000, "held_out": 1000, "units": 1000},
    "tried_letters": 500,
    "validation_size": 10,
    "test_size": 10,
}
# Of each study, some runs: all that it trains, in every way in which it does.
RUNS = {
    "ablation": [("adding", "peepholes", 0.1, 0)],
    "characters": [("RNN", 0.1, 0), ("final", 0.1, 1)],
    "counting": [("anbn", "LSTM", 0.1, 0)],
    "data_size": [("adding", "RNN", 4, 5, 0.1, 0), ("sentiment", "GRU", 4, 5, 0.1, 0)],
    "distance": [("copy", "GRU", "chrono", 10, 0.1, 0)],
    "latch": [("LSTM", "Keras", 0.1, 5, 0), ("RNN", "identity", 0.1, 5, 0)],
    "nesting": [("LSTM", 3, 0.1, 0), ("RNN", 2, 0.1, 0)],
    "stacks": [
        ("sides", "named entities", "both, 2 layers", 0),
        ("slices", "each its own end", 0),
        ("slices", "output[-1], packed", 0),
        ("padding", "backwards", 3, 0),
        ("depth", "spam", 2, 5, 0),
        ("forecast", "both", 0),
    ],
}


def small(script):
    """A study's settings, for runs of a second."""
    settings = dict(script.TINY)
    for name in settings.keys() & SMALL:
        own, value = settings[name], SMALL[name]
        if name in ("budget", "training"):
            value = own | {key: value[key] for key in value.keys() & own}
        settings[name] = value if type(value) is type(own) else own
    return settings


def outcomes(device):
    """What comes of all RUNS on a device, and where the weights were that learned."""
    import torch
    from torch.optim.optimizer import register_optimizer_step_pre_hook as before_step

    where = set()
    before_step(
        lambda one, *_: where.update(
            tensor.device.type
            for group in one.param_groups
            for weight in group["params"]
            for tensor in (weight, weight.grad)
        )
    )
    torch.set_num_threads(1)
    found = {}
    for name, keys in RUNS.items():
        where.clear()
        script = study(name)
        settings = small(script) | {"device": device}
        runs = [script.run(settings, key) for key in keys]
        found[name] = {"where": sorted(where), "runs": json.loads(json.dumps(runs))}
    return found


@pytest.fixture(scope="module")
def came():
    """Of each device, what came of it: in a process that has the pretended one."""
    done = subprocess.run(
        [sys.executable, __file__],
        env=os.environ | {"PYTHONPATH": str(ROOT / "tests"), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


def numbers(outcome):
    """All numbers of an outcome, but what is chosen by them, and the seconds."""
    if isinstance(outcome, dict):
        apart = ("seconds", "kept", "units", "untrained_units")
        rest = [one for name, one in outcome.items() if name not in apart]
        return numbers(rest)
    if isinstance(outcome, list) and outcome[:1] != [None]:  # of latch, unsolved
        return [number for one in outcome for number in numbers(one)]
    return [outcome] if isinstance(outcome, int | float) else []


def test_every_study_that_trains_goes_to_a_gpu():
    scripts = {path.stem for path in EXPERIMENTS.glob("*.py")}
    gpu = {name for name in scripts if getattr(study(name), "GPU", False)}
    assert gpu == set(RUNS) == scripts - {"memory", "speed"}  # which measure the CPU


@pytest.mark.parametrize("name", RUNS)
def test_all_that_is_trained_is_there_and_comes_out_alike(name, came):
    here, there = (came[device][name] for device in ("cpu", pretend.NAME))
    assert here["where"] == ["cpu"]
    assert there["where"] == [pretend.NAME]
    for found, expected in zip(there["runs"], here["runs"], strict=True):
        assert np.allclose(numbers(found), numbers(expected), 1e-3, 1e-3)


def run(script, *arguments, module=()):
    return subprocess.run(
        [sys.executable, *module, script, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"LOKY_MAX_CPU_COUNT": "1", "PYTHONPATH": str(ROOT / "tests")},
    )


def test_the_device_is_chosen_told_and_kept_apart(tmp_path):
    script = shutil.copy(Path(__file__).with_name("made_up.py"), tmp_path)
    (tmp_path / "dead").touch()

    def studied(*arguments, gpu):
        module = ["-m", "hands.pretend"] if gpu else []
        done = run(script, "--tiny", tmp_path, *arguments, module=module)
        assert done.returncode == 0, done.stdout
        result = json.loads((tmp_path / "made_up.json").read_text("utf-8"))
        return done.stdout, result["device"], len(list(tmp_path.glob("*.jsonl")))

    said, device, files = studied(gpu=True)
    assert "What it trains is on pretend; DEVICE=cpu" in said
    assert (device, files) == (pretend.NAME, 1)
    said, device, files = studied("--device=cpu", gpu=True)
    assert "pretend" not in said and "Going on" not in said
    assert (device, files) == ("cpu", 2)
    said, device, files = studied(gpu=False)
    assert "Going on: 8 runs are done already." in said
    assert (device, files) == ("cpu", 2)


def test_a_device_that_is_not_here_is_said_to_be_none(tmp_path):
    done = run(EXPERIMENTS / "latch.py", "--tiny", tmp_path, "--device", "pretend")
    assert done.returncode == 1
    assert done.stdout == ("There is no device 'pretend' for PyTorch here, but cpu.\n")
    assert not list(tmp_path.iterdir())
    assert studies.has("cpu") and not studies.has(pretend.NAME)


if __name__ == "__main__":
    device = pretend.begin()
    print(json.dumps({one: outcomes(one) for one in ("cpu", pretend.NAME)}))
