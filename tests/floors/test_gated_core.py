"""`frontend/core`'s LSTM and GRU compute what NumPy's cells and PyTorch compute.

The fixtures are made here, from NumPy and PyTorch, and compared in JavaScript, in
`gated.test.js`, in the same run. What "the same" means is said in
`test_gated_cells.py`.
"""

import dataclasses
import itertools
import json
from pathlib import Path

import numpy as np
import torch
from hands.cells import CELLS, GATES, WEIGHTS, in_torch, numbers

JS_TEST = Path(__file__).parent / "gated.test.js"


def by_name(values):
    return {k: None if v is None else numbers(v) for k, v in values.items()}


def random_cell(rng, kind, d, H, scale, **options):
    """Weights of `scale` times PyTorch's default range, with its two biases added."""

    def uniform(*shape):
        return rng.uniform(-scale, scale, shape) / H**0.5

    k = len(GATES[kind])
    if kind == "GRU" and options["reset_after"]:
        options["b_hn"] = uniform(H)
    options |= {name: uniform(H) for name in options.pop("peepholes", ())}
    b = uniform(k * H) + uniform(k * H)
    return CELLS[kind](uniform(k * H, d), uniform(k * H, H), b, **options)


def module_states(cell, x, first):
    """The hidden states by PyTorch's own module; None where it has no such cell."""
    try:
        module = cell.to_torch()
    except ValueError:
        return None
    states = [torch.tensor(one[None]) for one in first.values()]
    start = tuple(states) if len(states) > 1 else states[0]
    with torch.no_grad():
        return module(torch.tensor(x), start)[0].numpy()


def case(kind, cell, x, first, clamp=None, given=None):
    """A run, and its gradients where some are given, by NumPy and by PyTorch."""
    clamp = clamp or {}
    run = cell.run(x, **first, clamp=clamp)
    names = [*GATES[kind], *(name[0] for name in first)]
    any_given = given or {name[0]: np.ones_like(run.h) for name in first}
    seen, by_autograd = in_torch(cell, x, first, clamp, any_given)
    sources = {
        "numpy": {name: getattr(run, name) for name in names},
        "torch": {name: seen[name] for name in names},
    }
    states = None if clamp else module_states(cell, x, first)
    if states is not None:
        sources["torch.nn"] = {"h": states}
    # Every name, so that a gradient that is missing is seen.
    found = cell.backward(run, **{f"grad_{k}": v for k, v in any_given.items()})
    wanted = [*WEIGHTS[kind], *first, *(n[0] for n in first), "x"]
    wanted += [f"a_{gate}" for gate in GATES[kind]]
    gradients = {
        "numpy": by_name({name: getattr(found, name) for name in wanted}),
        "torch": by_name({name: by_autograd.get(name) for name in wanted}),
    }
    weights = {name: getattr(cell, name) for name in WEIGHTS[kind]}
    conventions = ("reset_after", "update_keeps") if kind == "GRU" else ()
    return {
        "name": f"{cell} T={len(x)} clamp={clamp}",
        "cell": by_name(weights) | {name: getattr(cell, name) for name in conventions},
        "x": numbers(x),
        "states": [numbers(one) for one in first.values()],
        "clamp": clamp,
        "sources": {name: by_name(one) for name, one in sources.items()},
        "given": given and [numbers(one) for one in given.values()],
        "gradients": given and gradients,
    }


def options_of(kind):
    if kind == "LSTM":
        names = ("p_i", "p_f", "p_o")
        return [{}, *({"peepholes": one} for one in ([names[0]], names[1:], names))]
    return [
        {"reset_after": after, "update_keeps": keeps}
        for after, keeps in itertools.product((True, False), repeat=2)
    ]


CLAMPS = {
    "LSTM": [{}, {"f": 1.0, "i": 0.0}, {"i": 0.25}, {"f": 0.5}, {"o": 0.75}],
    "GRU": [{}, {"z": 0.75}, {"r": 0.25}],
}


def fixtures():
    rng = np.random.default_rng(0)
    cases = []
    for kind in CELLS:
        states = ("h_0", "c_0") if kind == "LSTM" else ("h_0",)
        for options in options_of(kind):
            shapes = ((1, 1, 12), (3, 1, 1), (1, 5, 12), (2, 3, 40), (4, 16, 6))
            for (d, H, T), clamp in itertools.product(shapes, CLAMPS[kind]):
                scale = rng.choice([0.5, 1.0, 2.0])
                cell = random_cell(rng, kind, d, H, scale, **options)
                first = {name: rng.uniform(-1, 1, H) for name in states}
                given = {name[0]: rng.normal(size=(T, H)) for name in states}
                x = rng.normal(size=(T, d))
                cases.append(case(kind, cell, x, first, clamp, given))
            # Saturated, and numbers that are none.
            cell = random_cell(rng, kind, 1, 2, 1.0, **options)
            first = {name: np.zeros(2) for name in states}
            large = dataclasses.replace(cell, W_x=cell.W_x * 1e3)
            cases.append(case(kind, large, np.array([[1.0], [-1e305], [1e305]]), first))
            for bad in (np.nan, np.inf):
                x = np.array([[1.0], [bad], [1.0], [0.0]])
                cases.append(case(kind, cell, x, first))
    return cases


def test_javascript_computes_what_numpy_and_pytorch_compute(node_test, tmp_path):
    cases = fixtures()
    path = tmp_path / "gated.json"
    path.write_text(json.dumps(cases, allow_nan=False))
    least = len(cases) + sum(bool(one["given"]) for one in cases) + 7
    node_test(JS_TEST, least=least, UNROLLED_CORE_FIXTURES=str(path))
