"""The study of directions, slices, padding and layers: what it writes, and its runs."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
import torch
from hands.studies import EXPERIMENTS, study

from unrolled import grammar, results

SCRIPT = EXPERIMENTS / "stacks.py"


@pytest.fixture(scope="module")
def stacks():
    """The study's script as a module."""
    return study("stacks")


def check(result, settings, stacks):
    assert result["experiment"] == "stacks"
    assert set(result["versions"]) == {"python", "numpy", "torch", "unrolled"}
    for name, value in json.loads(json.dumps(settings)).items():
        assert result[name] == value, f"{name}: run `make experiments`"
    count = len(settings["seeds"])
    names = [(one["job"], one["reads"]) for one in result["sides"]]
    assert names == [(job, side) for job in settings["jobs"] for side in stacks.SIDES]
    assert [one["trained_with"] for one in result["slices"]] == list(stacks.WAYS)
    for part in ("slices", "padding"):
        for one in result[part]:
            right = one["trained_with"] in (0, stacks.RIGHT)
            every = stacks.WAYS if part == "slices" else settings["read_with"]
            assert len(one["scores"]) == (len(every) if right else 1)
    scores = [one["scores"] for one in (*result["sides"], *result["depth"])]
    for part in ("slices", "padding"):
        scores += [row["scores"] for one in result[part] for row in one["scores"]]
    for found in scores:
        assert len(found) == count and all(0 <= one <= 1 for one in found)
    for one in result["forecast"]:
        assert all(len(one[name]) == count for name in ("seen", "used", "today"))


def run(folder):
    return subprocess.run(
        [sys.executable, SCRIPT, "--tiny", folder],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )


def test_a_tiny_study_is_whole_and_goes_on_where_it_stopped(tmp_path, stacks):
    done = run(tmp_path)
    assert done.stderr == "" and "Going on" not in done.stdout
    text = (tmp_path / "stacks.json").read_text("utf-8")
    check(json.loads(text), stacks.TINY, stacks)
    (work,) = tmp_path.glob("stacks-*.jsonl")
    lines = work.read_text("utf-8").splitlines(keepends=True)
    assert len(lines) == len(stacks.keys_of(stacks.TINY))
    work.write_text("".join(lines[:-2]) + lines[-2][:9], "utf-8")  # cut off
    assert f"Going on: {len(lines) - 2} runs are done" in run(tmp_path).stdout
    assert (tmp_path / "stacks.json").read_text("utf-8") == text


def test_the_committed_study_is_whole(stacks):
    check(results.load("stacks"), stacks.SETTINGS, stacks)
    assert len(stacks.SETTINGS["seeds"]) >= 5


@pytest.mark.parametrize(
    "name, side", [("spam", "forwards"), ("parts of speech", "both")]
)
def test_a_committed_run_comes_out_the_same(stacks, name, side):
    """To one answer in a hundred: another machine rounds otherwise."""
    for one in results.load("stacks")["sides"]:
        if (one["job"], one["reads"]) == (name, side):
            again = stacks.sides(stacks.SETTINGS, name, side, 0)
            assert again == pytest.approx(one["scores"][0], abs=0.01)


def test_what_it_reads_is_what_it_says(stacks):
    """Each way to read the end, against PyTorch's own bidirectional LSTM."""
    job = grammar.spam()
    torch.manual_seed(0)
    model = stacks.Reader(stacks.SETTINGS, job, "both")
    H = stacks.SETTINGS["hidden_size"]
    module = torch.nn.LSTM(stacks.SETTINGS["vector_size"], H, bidirectional=True)
    for way, one in zip(("", "_reverse"), model.layers[0], strict=True):
        for name, value in one.state_dict().items():
            module.state_dict()[name + way].copy_(value)
    batch = job.batch(8, seed=0)
    words, lengths = map(torch.from_numpy, batch[:2])
    x, every = model.vectors(words), torch.arange(8)
    packed = torch.nn.utils.rnn.pack_padded_sequence(x, lengths, enforce_sorted=False)
    output, (h_n, _) = module(packed)
    output, _ = torch.nn.utils.rnn.pad_packed_sequence(output, total_length=len(x))
    loose, (loose_n, _) = module(x)
    ends = {
        stacks.RIGHT: torch.cat([*h_n], -1),
        "h_n": torch.cat([*loose_n], -1),
        "output[-1]": loose[-1],
        "output[-1], packed": output[-1],
        "output[lengths - 1]": output[lengths - 1, every],
    }
    assert ends.keys() == stacks.WAYS.keys()
    for model.way, state in ends.items():
        assert torch.allclose(model(words, lengths), model.readout(state), atol=1e-6)
    model.way, model.padding = "h_n", 3
    loose_n = module(torch.cat([x, torch.zeros(3, *x.shape[1:])]))[1][0]
    state = torch.cat([*loose_n], -1)
    assert torch.allclose(model(words, lengths), model.readout(state), atol=1e-6)
    assert not np.allclose(ends["h_n"].detach(), state.detach(), atol=1e-3)
