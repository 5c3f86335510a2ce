"""What a layer keeps for its gradients: RNN, LSTM and GRU, by size and implementation.

    python experiments/memory.py

counts the numbers that one layer keeps between the way forwards and the way back, and
writes `src/unrolled/results/memory.json`. Nothing is timed, and nothing is random.
"""

from unrolled import studies

SETTINGS = {
    "cells": ["RNN", "LSTM", "GRU"],
    "hidden_sizes": [16, 64, 256],  # and as many features, as in a stack of layers
    "dtypes": ["float32", "float64"],
    "implementations": ["oneDNN on", "oneDNN off"],
    "steps": 50,
    "batch_size": 32,
}
TINY = SETTINGS | {"hidden_sizes": [2], "dtypes": ["float32"], "steps": 3}
HOURS = 0.01


def run(settings, key):
    """How many bytes are kept, without the weights and the inputs; and the weights."""
    import torch

    cell, H, dtype, implementation = key
    torch.backends.mkldnn.enabled = implementation == "oneDNN on"
    kind = getattr(torch, dtype)
    module = getattr(torch.nn, cell)(H, H, dtype=kind)
    shape = settings["steps"], settings["batch_size"], H
    x = torch.zeros(shape, dtype=kind, requires_grad=True)
    kept = {}

    def pack(tensor):
        storage = tensor.untyped_storage()
        kept[storage.data_ptr()] = storage.nbytes(), tensor  # alive: its place is taken
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        module(x)
    own = {one.untyped_storage().data_ptr() for one in (x, *module.parameters())}
    return {
        "kept": sum(size for place, (size, _) in kept.items() if place not in own),
        "weights": sum(one.nbytes for one in module.parameters()),
    }


def todo(settings, done):
    return [
        (cell, H, dtype, implementation)
        for cell in settings["cells"]
        for H in settings["hidden_sizes"]
        for dtype in settings["dtypes"]
        for implementation in settings["implementations"]
        if (cell, H, dtype, implementation) not in done
    ]


WHAT = (
    "What one layer keeps for its gradients while it goes forwards over a batch. kept: "
    "bytes, without the weights and the inputs. numbers: how many of its dtype that is "
    "for each unit at each step of each sequence. weights: bytes. There are as many "
    "features as units."
)


def result_of(settings, done):
    rows = []
    for key in todo(settings, {}):
        _, H, dtype, _ = key
        size = {"float32": 4, "float64": 8}[dtype]
        units = settings["steps"] * settings["batch_size"] * H
        names = ("cell", "hidden_size", "dtype", "implementation")
        numbers = {"numbers": round(done[key]["kept"] / (units * size), 2)}
        rows.append(dict(zip(names, key, strict=True)) | done[key] | numbers)
    return {"experiment": "memory", "what": WHAT, **settings, "rows": rows}


if __name__ == "__main__":
    studies.main(globals())
