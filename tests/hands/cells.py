"""What the tests of cells and gradients share, and what "the same number" means.

"The same number" means: different by at most 1e-12 times the largest magnitude (or 1),
in float64, with weights up to twice PyTorch's default range (T up to 40 for relu and
identity, which grow). That is about 4,500 times float64's precision; float32 is given
the same multiple of its own, 5.4e-4. Seen in 2,700 runs of T = 200 in each: 3e-13
and 5e-5. Beyond that range a network can be chaotic, and is compared step by step.
"""

import json
from types import SimpleNamespace

import numpy as np
import torch
from hypothesis import strategies as st

from unrolled.cells import GRUCell, LSTMCell, RNNCell

EPS = {"float64": 1e-12}
EPS["float32"] = 1e-12 * np.finfo(np.float32).eps / np.finfo(np.float64).eps
seeds = st.integers(0, 2**32 - 1)
sizes = st.integers(1, 24)
lengths = st.integers(1, 200)
batches = st.sampled_from([(), (1,), (3,), (2, 3), (2, 0)])
scales = st.floats(0.1, 2.0)
dtypes = st.sampled_from(["float32", "float64"])
flags = st.booleans()


def assert_same(actual, expected):
    """Check shape, dtype and values as this file's docstring says."""
    expected = np.asarray(expected)
    assert actual.shape == expected.shape
    assert actual.dtype == expected.dtype
    largest = np.abs(expected).max(initial=1)
    difference = np.abs(actual - expected).max(initial=0)
    assert difference <= EPS[actual.dtype.name] * largest


# The plain cell, by autograd

TORCH = {"tanh": torch.tanh, "relu": torch.relu, "identity": lambda a: a}


def random_cell(rng, d, H, activation, scale=1.0):
    """Weights of `scale` times PyTorch's default range, with its two biases added."""

    def uniform(*shape):
        return scale * rng.uniform(-1, 1, shape) / H**0.5

    return RNNCell(uniform(H, d), uniform(H, H), uniform(H) + uniform(H), activation)


def autograd(cell, x, h_0, grad_h, truncate=None):
    """What PyTorch's autograd makes of the recurrence: a dict of arrays by name."""
    leaves = {"W_x": cell.W_x, "W_h": cell.W_h, "b": cell.b, "x": x, "h_0": h_0}
    leaves = {name: torch.tensor(one).requires_grad_() for name, one in leaves.items()}
    W_x, W_h, b, x, h = leaves.values()
    a, states = [], []
    for t, x_t in enumerate(x):
        if truncate and t and (len(x) - t) % truncate == 0:
            h = h.detach()
        a.append(x_t @ W_x.T + h @ W_h.T + b)
        h = TORCH[cell.activation](a[t])
        states.append(h)
    L = (torch.stack(states) * torch.tensor(grad_h)).sum()
    nodes = [*leaves.values(), *states, *a]
    found = [one.numpy() for one in torch.autograd.grad(L, nodes)]
    named = dict(zip(leaves, found, strict=False))
    T = len(x)
    return named | {"h": np.stack(found[5 : 5 + T]), "a": np.stack(found[5 + T :])}


# The gated cells again, for autograd

CELLS = {"LSTM": LSTMCell, "GRU": GRUCell}
GATES = {"LSTM": "ifgo", "GRU": "rzn"}
WEIGHTS = {
    "LSTM": ("W_x", "W_h", "b", "p_i", "p_f", "p_o"),
    "GRU": ("W_x", "W_h", "b", "b_hn"),
}


def by_gate(gates, stacked, axis=0):
    return dict(zip(gates, stacked.chunk(len(gates), axis), strict=True))


def lstm_in_torch(w, x, h, c, clamp):
    """Every gate, state and preactivation of an LSTM, by name: lists over time."""
    seen = {name: [] for name in ("a_i", "a_f", "a_g", "a_o", *"ifgoch")}
    for x_t in x:
        a = by_gate("ifgo", x_t @ w["W_x"].T + h @ w["W_h"].T + w["b"], axis=-1)
        for gate in "if":
            if w[f"p_{gate}"] is not None:
                a[gate] = a[gate] + w[f"p_{gate}"] * c

        def gate(name, a=a):
            opened = torch.sigmoid(a[name])
            return torch.full_like(opened, clamp[name]) if name in clamp else opened

        i, f, g = gate("i"), gate("f"), torch.tanh(a["g"])
        c = f * c + i * g
        if w["p_o"] is not None:
            a["o"] = a["o"] + w["p_o"] * c
        o = gate("o")
        h = o * torch.tanh(c)
        now = {"i": i, "f": f, "g": g, "o": o, "c": c, "h": h}
        for name, value in (now | {f"a_{k}": a[k] for k in "ifgo"}).items():
            seen[name].append(value)
    return seen


def gru_in_torch(w, x, h, clamp, reset_after, update_keeps):
    """Every gate, state and preactivation of a GRU, by name: lists over time."""
    seen = {name: [] for name in ("a_r", "a_z", "a_n", *"rznh")}
    W_x, W_h, b = (by_gate("rzn", w[name]) for name in ("W_x", "W_h", "b"))
    for x_t in x:
        a = {k: x_t @ W_x[k].T + b[k] for k in "rzn"}
        a["r"], a["z"] = a["r"] + h @ W_h["r"].T, a["z"] + h @ W_h["z"].T
        r, z = (
            torch.full_like(a[k], clamp[k]) if k in clamp else torch.sigmoid(a[k])
            for k in "rz"
        )
        if reset_after:
            a["n"] = a["n"] + r * (h @ W_h["n"].T + w["b_hn"])
        else:
            a["n"] = a["n"] + (r * h) @ W_h["n"].T
        n = torch.tanh(a["n"])
        h = (1 - z) * n + z * h if update_keeps else z * n + (1 - z) * h
        now = {"r": r, "z": z, "n": n, "h": h}
        for name, value in (now | {f"a_{k}": a[k] for k in "rzn"}).items():
            seen[name].append(value)
    return seen


def in_torch(cell, x, first, clamp, given):
    """The same run by the functions above, and its gradients by autograd.

    given : dL/dh_t, and dL/dc_t for an LSTM, by the states' names.

    Returns two dicts of arrays by name: gates and states, and gradients.
    """
    kind = "LSTM" if isinstance(cell, LSTMCell) else "GRU"
    leaves = {name: getattr(cell, name) for name in WEIGHTS[kind]} | {"x": x} | first
    leaves = {
        name: None if value is None else torch.tensor(value, requires_grad=True)
        for name, value in leaves.items()
    }
    states = [leaves[name] for name in first]
    if kind == "LSTM":
        seen = lstm_in_torch(leaves, leaves["x"], *states, clamp)
    else:
        conventions = cell.reset_after, cell.update_keeps
        seen = gru_in_torch(leaves, leaves["x"], *states, clamp, *conventions)
    arrays = {name: torch.stack(values).detach() for name, values in seen.items()}

    def whole(name):
        return name in given or name.startswith("a_")

    for values in [values for name, values in seen.items() if whole(name)]:
        for value in values:
            value.requires_grad_().retain_grad()
    straight = {name: torch.tensor(value) for name, value in given.items()}
    sum((straight[name] * torch.stack(seen[name])).sum() for name in given).backward()

    def grad(tensor):
        return torch.zeros_like(tensor) if tensor.grad is None else tensor.grad

    gradients = {
        name: torch.stack([grad(v) for v in seen[name]]) for name in seen if whole(name)
    }
    gradients |= {name: grad(v) for name, v in leaves.items() if v is not None}
    return (
        {name: value.numpy() for name, value in one.items()}
        for one in (arrays, gradients)
    )


# What JavaScript and Keras are asked


def numbers(array):
    """Nested lists for JSON, which has no NaN and no infinity: those become text."""
    if np.ndim(array):
        return [numbers(item) for item in array]
    return float(array) if np.isfinite(array) else json.dumps(float(array))


T, N, d, H = 6, 4, 3, 5  # of what Keras and the notation page are asked
SIZES = {"T": T, "N": N, "d": d, "H": H}


def draw(*shape, seed=0):
    return np.random.default_rng([seed, *shape]).normal(size=shape)


def keras_layer(keras, kind, **options):
    kind = "SimpleRNN" if kind == "RNN" else kind
    layer = getattr(keras.layers, kind)(
        H, return_sequences=True, dtype="float64", **options
    )
    layer.build((None, T, d))
    for k, weight in enumerate(layer.weights):
        weight.assign(draw(*weight.shape, seed=k))
    return SimpleNamespace(
        layer=layer,
        precision=1e-6,  # on PyTorch, Keras multiplies matrices in 32 bits always
        arrays={w.name: w.value.detach().numpy() for w in layer.weights},
        run=lambda x: layer(x.swapaxes(0, 1)).detach().numpy().swapaxes(0, 1),
    )
