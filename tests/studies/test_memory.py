"""The study of what is kept for gradients: all of it again, for it takes seconds."""

import json

import torch
from hands.studies import study

from unrolled import results

committed = results.load("memory")


def test_it_comes_out_the_same():
    """Without oneDNN to the byte; what that keeps hangs on the processor."""
    memory = study("memory")
    settings = memory.SETTINGS
    assert json.loads(json.dumps(settings)).items() <= committed.items()
    before = torch.backends.mkldnn.enabled
    done = {key: memory.run(settings, key) for key in memory.todo(settings, {})}
    torch.backends.mkldnn.enabled = before
    rows = memory.result_of(settings, done)["rows"]
    assert len(rows) == len(committed["rows"]) == 3 * 3 * 2 * 2
    for mine, theirs in zip(rows, committed["rows"], strict=True):
        assert mine["weights"] == theirs["weights"]
        if mine["implementation"] == "oneDNN off":
            assert mine == theirs


def test_weights_are_what_modules_have():
    gates = {"RNN": 1, "LSTM": 4, "GRU": 3}
    for row in committed["rows"]:
        H, size = row["hidden_size"], {"float32": 4, "float64": 8}[row["dtype"]]
        assert row["weights"] == size * gates[row["cell"]] * 2 * H * (H + 1)


def test_as_much_is_kept_for_a_gru_as_for_an_lstm():
    """What its memory is said to save is a quarter of the weights, and no more."""
    kept = {
        (row["cell"], row["hidden_size"], row["dtype"]): row["numbers"]
        for row in committed["rows"]
        if row["implementation"] == "oneDNN off"
    }
    for (cell, H, dtype), numbers in kept.items():
        if cell != "RNN":
            assert numbers == kept["LSTM", H, dtype] == 7
        else:
            assert 1 <= numbers < 1.1
