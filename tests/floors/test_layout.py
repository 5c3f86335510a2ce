"""Where `Layout` says that the numbers of a module lie, there they are in PyTorch.

`frontend/core/stack.js` says the same, and computes both directions as `Stack` and
PyTorch do: the fixtures are made here and compared in JavaScript, in `stack.test.js`.
"""

import dataclasses
import itertools
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from hands.cells import numbers, random_cell
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from unrolled.cells import Stack
from unrolled.cells.layout import Layout, written

JS_TEST = Path(__file__).with_name("stack.test.js")
T, D_IN, H = 5, 3, 4
LAYOUTS = [
    Layout(T, batch, D_IN, H, layers, both, first, lengths)
    for layers, both, first in itertools.product(
        (1, 2, 3), (False, True), (False, True)
    )
    for batch, lengths in ((None, None), (1, None), (3, None), (3, [2, 5, 1]))
]


def in_torch(layout, kind):
    """A real run of this layout: x, output, h_n and, of an LSTM, c_n, as tensors."""
    torch.manual_seed(0)
    module = getattr(torch.nn, kind)(
        layout.features,
        layout.hidden_size,
        layout.num_layers,
        bidirectional=layout.bidirectional,
        batch_first=layout.batch_first,
    ).requires_grad_(False)
    x = torch.randn([size for _, size in layout.axes["x"]])
    packed = x
    if layout.lengths:
        first = layout.batch_first
        packed = pack_padded_sequence(x, layout.lengths, first, enforce_sorted=False)
    output, last = module(packed)
    if layout.lengths:
        output, _ = pad_packed_sequence(output, first, total_length=layout.timesteps)
    h_n, *c_n = last if kind == "LSTM" else (last,)
    return {"x": x, "output": output, "h_n": h_n} | ({"c_n": c_n[0]} if c_n else {})


def output_blocks(layout):
    return itertools.product(
        range(layout.timesteps),
        range(layout.directions),
        range(layout.batch_size or 1),
    )


def state_blocks(layout):
    return itertools.product(
        range(layout.num_layers),
        range(layout.directions),
        range(layout.batch_size or 1),
    )


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
def test_the_numbers_lie_where_the_layout_says(layout, kind):
    tensors = in_torch(layout, kind)
    for name, axes in layout.axes.items():
        like = "h_n" if name == "h_0" else name
        assert tuple(size for _, size in axes) == tensors[like].shape

    def block(name, index):
        """The numbers that the written index takes out of the tensor."""
        found = eval(written(name, index), dict(tensors))
        assert found.shape == (layout.hidden_size,)
        return tuple(found.tolist())

    outputs, states = {}, {}
    for at in output_blocks(layout):
        outputs[at] = block("output", layout.in_output(*at))
        step, _, sequence = at
        assert (not any(outputs[at])) == layout.is_padding(step, sequence)
    for at in state_blocks(layout):
        states[at] = block("h_n", layout.in_h_n(*at))
        if kind == "LSTM":
            c_n = block("c_n", layout.in_h_n(*at))
            assert c_n not in outputs.values()
    # The same numbers by looking for them, everywhere; no two blocks are the same.
    assert len(set(states.values())) == len(states)
    where_in_h_n = {one: layout.in_h_n(*at) for at, one in states.items()}
    for at, one in outputs.items():
        assert layout.same_in_h_n(*at) == where_in_h_n.get(one)
    where_in_output = {one: layout.in_output(*at) for at, one in outputs.items()}
    for at, one in states.items():
        assert layout.same_in_output(*at) == where_in_output.get(one)


def layout_case(layout):
    return {
        "layout": dataclasses.asdict(layout),
        "axes": layout.axes,
        "blocks": [
            {
                "at": at,
                "index": layout.in_output(*at),
                "same": layout.same_in_h_n(*at),
                "padding": layout.is_padding(at[0], at[2]),
            }
            for at in output_blocks(layout)
        ],
        "rows": [
            {
                "at": at,
                "index": layout.in_h_n(*at),
                "same": layout.same_in_output(*at),
            }
            for at in state_blocks(layout)
        ],
    }


def run_case(rng, activation, d, units, steps, length):
    """Both directions over one sequence, by `Stack` and by PyTorch's packed module."""
    cells = [random_cell(rng, d, units, activation, 2.0) for _ in range(2)]
    stack = Stack([cells])
    x = rng.normal(size=(steps, d))
    run = stack.run(x, lengths=length)
    forward, backward = run.layers[0]
    grad_output = rng.normal(size=run.output.shape)
    shares = stack.backward(run, grad_output).layers[0]
    sources = {
        "numpy": {
            "forward": forward.h,
            "backward": backward.h,
            "output": run.output,
            "hN": run.h_n,
            "xForward": shares[0].x,
            "xBackward": shares[1].x,
        }
    }
    if activation != "identity":
        packed = torch.tensor(x)[:, None]
        packed = pack_padded_sequence(packed, [length or steps])
        with torch.no_grad():
            output, h_n = stack.to_torch()(packed)
        output, _ = pad_packed_sequence(output, total_length=steps)
        sources["torch"] = {"output": output[:, 0].numpy(), "hN": h_n[:, 0].numpy()}
    weights = ("W_x", "W_h", "b")
    return {
        "name": f"{activation} d={d} H={units} T={steps} length={length}",
        "cells": [
            {name: numbers(getattr(cell, name)) for name in weights}
            | {"activation": activation}
            for cell in cells
        ],
        "x": numbers(x),
        "gradOutput": numbers(grad_output),
        "length": length,
        "sources": {
            source: {name: numbers(one) for name, one in arrays.items()}
            for source, arrays in sources.items()
        },
    }


def test_javascript_says_and_computes_the_same(node_test, tmp_path):
    rng = np.random.default_rng(0)
    runs = [
        run_case(rng, activation, d, units, steps, length)
        for activation in ("tanh", "relu", "identity")
        for d, units in ((1, 1), (2, 3))
        for steps, length in ((1, None), (1, 1), (12, None), (12, 12), (12, 5), (12, 1))
    ]
    cases = {"runs": runs, "layouts": [layout_case(one) for one in LAYOUTS]}
    fixtures = tmp_path / "stack.json"
    fixtures.write_text(json.dumps(cases, allow_nan=False))
    node_test(JS_TEST, least=len(runs) + 3, UNROLLED_STACK_FIXTURES=str(fixtures))
