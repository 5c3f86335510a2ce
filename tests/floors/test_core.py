"""`frontend/core` computes what NumPy's cells and PyTorch's modules compute.

The fixtures are made here, from NumPy and PyTorch, and compared in JavaScript, in
`core.test.js`, in the same run. What "the same" means is said in
tests/hands/cells.py.
"""

import dataclasses
import json
from pathlib import Path

import numpy as np
import torch
from hands.cells import autograd, numbers, random_cell

from unrolled.cells import RNNCell
from unrolled.gradients import cut_after, jacobians, products, weight_shares

JS_TEST = Path(__file__).parent / "core.test.js"


def as_json(cell):
    weights = {name: numbers(getattr(cell, name)) for name in ("W_x", "W_h", "b")}
    return weights | {"activation": cell.activation}


def rnn_case(name, cell, x, h_0=None):
    """A whole run, by NumPy and (where it has the activation) by PyTorch."""
    by_torch = None
    if cell.activation != "identity":
        state = None if h_0 is None else torch.tensor(h_0)[None]
        with torch.no_grad():
            by_torch = numbers(cell.to_torch()(torch.tensor(x), state)[0].numpy())
    return {
        "name": name,
        "cell": as_json(cell),
        "x": numbers(x),
        "h_0": None if h_0 is None else numbers(h_0),
        "numpy": numbers(cell.run(x, h_0).h),
        "torch": by_torch,
    }


def rnn_fixtures():
    rng = np.random.default_rng(0)
    runs, steps = [], []
    for activation in ("tanh", "relu", "identity"):
        for d, H, T in ((1, 1, 40), (1, 1, 1), (3, 1, 12), (1, 5, 12), (4, 64, 40)):
            for scale in (0.5, 1.0, 2.0):
                for with_h_0 in (False, True):
                    runs.append(
                        rnn_case(
                            f"{activation} d={d} H={H} T={T} x{scale} h_0={with_h_0}",
                            random_cell(rng, d, H, activation, scale),
                            rng.normal(size=(T, d)),
                            rng.uniform(-1, 1, H) if with_h_0 else None,
                        )
                    )
    # Numbers that overflow, and then meet their negative.
    grows = RNNCell([[1.0], [1.0]], [[0.0, 1e10], [-1e10, 1.0]], [0.0, 0.0], "identity")
    for activation in ("relu", "identity"):
        cell = dataclasses.replace(grows, activation=activation)
        runs.append(rnn_case(f"{activation} overflows", cell, np.ones((40, 1))))
    for activation in ("tanh", "relu", "identity"):
        cell = dataclasses.replace(grows, activation=activation)
        x = np.array([[1.0], [np.nan], [1.0], [np.inf], [0.0]])
        runs.append(rnn_case(f"{activation} of NaN", cell, x))
    # Chaotic: only single steps, from the states of a run, can be compared.
    for activation in ("tanh", "relu"):
        cell = random_cell(rng, 4, 32, activation, 4.0)
        x = rng.normal(size=(100, 4))
        h = np.zeros(32)
        for t, x_t in enumerate(x):
            steps.append(
                rnn_case(f"chaotic {activation}, step {t}", cell, x[t : t + 1], h)
            )
            h = cell.step(x_t, h)
            h = h / max(1, np.abs(h).max())  # relu would overflow
    return runs + steps


def backward_case(rng, cell, T, truncate):
    """Every gradient by NumPy and by autograd; the Jacobians and their products."""
    x, h_0 = rng.normal(size=(T, cell.input_size)), rng.uniform(-1, 1, cell.hidden_size)
    grad_h = rng.normal(size=(T, cell.hidden_size))
    run = cell.run(x, h_0)
    found = cell.backward(run, grad_h, truncate=truncate)
    by_torch = autograd(cell, x, h_0, grad_h, truncate)
    steps = jacobians(cell, run)
    return {
        "name": f"{cell} T={T} truncate={truncate}",
        "cell": as_json(cell),
        "x": numbers(x),
        "h_0": numbers(h_0),
        "h": numbers(run.h),
        "grad_h": numbers(grad_h),
        "truncate": truncate,
        "numpy": {name: numbers(getattr(found, name)) for name in by_torch},
        "torch": {name: numbers(one) for name, one in by_torch.items()},
        "jacobians": numbers(steps),
        "products": numbers(products(steps)),
        "shares": numbers(weight_shares(run, found)),
        "cuts": cut_after(T, truncate),
    }


def backward_fixtures():
    rng = np.random.default_rng(1)
    return [
        backward_case(rng, random_cell(rng, d, H, activation, 1.0), T, truncate)
        for activation in ("tanh", "relu", "identity")
        for d, H in ((1, 1), (1, 2), (3, 1), (2, 8))
        for T in (1, 12)
        for truncate in (None, 1, 4, 5, 12)
    ]


def test_javascript_computes_what_numpy_and_pytorch_compute(node_test, tmp_path):
    cases = {"rnn": rnn_fixtures(), "backward": backward_fixtures()}
    fixtures = tmp_path / "core.json"
    fixtures.write_text(json.dumps(cases, allow_nan=False))
    least = sum(map(len, cases.values())) + 1
    node_test(JS_TEST, least=least, UNROLLED_CORE_FIXTURES=str(fixtures))
