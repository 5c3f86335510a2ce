"""How long a layer takes: RNN, LSTM and GRU, by size, dtype and implementation.

    python experiments/speed.py

times one layer of each kind, forwards, and forwards with backwards, as PyTorch computes
it with oneDNN, without it, and as the book's NumPy cells do, on one core. It writes
`src/unrolled/results/speed.json`. Seconds belong to a machine, so every number is a
ratio: of the shortest of many repetitions, for which all that are compared take turns,
so that a machine busy with something else delays them alike. Leave it alone meanwhile.
"""

import os
import time

os.environ["OMP_NUM_THREADS"] = "1"  # NumPy and PyTorch read it when imported

import numpy as np
import torch

from unrolled import cells, studies

KINDS = ("RNN", "LSTM", "GRU")
IMPLEMENTATIONS = ("oneDNN on", "oneDNN off", "NumPy")
SETTINGS = {
    "hidden_sizes": [16, 64, 256],  # and as many features, as in a stack of layers
    "dtypes": ["float32", "float64"],
    "passes": ["forward", "both"],
    "steps": 50,
    "batch_size": 32,
    "repetitions": 40,
}
TINY = SETTINGS | {"hidden_sizes": [2, 4], "steps": 3, "repetitions": 4}
QUICK = SETTINGS | {"hidden_sizes": [16], "repetitions": 20}
HOURS = 0.1
SOURCES = (cells.rnn, cells.lstm, cells.gru, cells.gates)
ALONE = True


def layer(settings, kind, implementation, H, dtype, passes):
    """Return a function without arguments that runs the layer once, as described."""
    draw = torch.Generator().manual_seed(0)
    kwargs = {"dtype": getattr(torch, dtype)}
    module = getattr(torch.nn, kind)(H, H, **kwargs)
    shape = settings["steps"], settings["batch_size"], H
    x = torch.randn(shape, generator=draw, requires_grad=passes == "both", **kwargs)
    last = torch.ones(shape[1:], **kwargs)  # dL/dh_T

    cell = getattr(cells, f"{kind}Cell").from_torch(module)

    def in_numpy():
        run = cell.run(x.detach().numpy())
        if passes == "both":
            cell.backward(run, grad_h_n=last.numpy())

    def in_torch():
        torch.backends.mkldnn.enabled = implementation == "oneDNN on"
        with torch.set_grad_enabled(passes == "both"):
            output, _ = module(x)
            if passes == "both":
                torch.autograd.grad(output[-1], [x, *module.parameters()], last)

    return in_numpy if implementation == "NumPy" else in_torch


def times(functions, repetitions):
    """Seconds of each function at each repetition: an array (repetitions, ...)."""
    found = np.empty((repetitions, len(functions)))
    for function in functions:
        function()  # the first run prepares things
    for row in found:
        for k, function in enumerate(functions):
            start = time.perf_counter()
            function()
            row[k] = time.perf_counter() - start
    return found


def row_of(seconds):
    """The ratios of one row: {implementation: {kind: ratio to PyTorch's LSTM}}."""
    shape = len(IMPLEMENTATIONS), len(KINDS)
    best = seconds.min(axis=0).reshape(shape)
    best /= best[0, KINDS.index("LSTM")]
    return {
        implementation: dict(zip(KINDS, (round(one, 3) for one in row), strict=True))
        for implementation, row in zip(IMPLEMENTATIONS, best.tolist(), strict=True)
    }


def todo(settings, done):
    """All (hidden size, dtype, pass), in their order."""
    return [
        (H, dtype, passes)
        for passes in settings["passes"]
        for dtype in settings["dtypes"]
        for H in settings["hidden_sizes"]
    ]


def run(settings, key):
    """Time every cell and implementation; return the ratios of the row."""
    functions = [
        layer(settings, kind, implementation, *key)
        for implementation in IMPLEMENTATIONS
        for kind in KINDS
    ]
    seconds = times(functions, settings["repetitions"])
    again = seconds[::2], seconds[1::2]
    return {"times": row_of(seconds), "halves": [*map(row_of, again)]}


def result_of(settings, done):
    names = ("hidden_size", "dtype", "pass")
    rows = [
        dict(zip(names, key, strict=True)) | done[key] for key in todo(settings, done)
    ]
    return {
        "experiment": "speed",
        "what": (
            "How long one layer takes over a batch of sequences, on one core, in units "
            "of PyTorch's own LSTM (oneDNN on) of the same hidden size, dtype and "
            "pass. forward: the outputs alone. both: with the gradients by the inputs "
            "and by all weights. times: the ratio of the shortest of all repetitions, "
            "in which all implementations and cells take turns; halves: the same from "
            "every other repetition, and from the rest, which shows how far to trust "
            "a ratio. There are as many features as units."
        ),
        **settings,
        "rows": rows,
    }


if __name__ == "__main__":
    studies.main(globals())
