"""`unrolled.cells` computes what PyTorch computes, and refuses what it cannot compute.

What "the same number" means is said in tests/hands/cells.py.
"""

import dataclasses
import json
import pickle
import subprocess
import sys
import warnings

import numpy as np
import pytest
import torch
from hands.cells import (
    assert_same,
    batches,
    dtypes,
    flags,
    lengths,
    scales,
    seeds,
    sizes,
)
from hands.refused import refusals
from hypothesis import given
from hypothesis import strategies as st

from unrolled.cells import RNNCell

nonlinearities = st.sampled_from(["tanh", "relu"])


def make_module(kind, seed, d, H, scale, dtype, nonlinearity, bias=True):
    """Make a PyTorch module whose weights are `scale` times its default ones."""
    torch.manual_seed(seed)
    module = getattr(torch.nn, kind)(
        d, H, nonlinearity=nonlinearity, bias=bias, dtype=getattr(torch, dtype)
    ).requires_grad_(False)
    for parameter in module.parameters():
        parameter.mul_(scale)
    return module


def make_cell(d=4, H=8, dtype=np.float64, activation="tanh", seed=0):
    rng = np.random.default_rng(seed)
    return RNNCell(
        rng.normal(size=(H, d)).astype(dtype),
        rng.normal(size=(H, H)).astype(dtype) / H**0.5,
        rng.normal(size=H).astype(dtype),
        activation,
    )


# The same numbers as PyTorch


@given(
    seeds, sizes, sizes, lengths, batches, scales, dtypes, nonlinearities, flags, flags
)
def test_run_is_torch_rnn(
    seed, d, H, T, batch, scale, dtype, nonlinearity, bias, start
):
    T = T if nonlinearity == "tanh" else min(T, 40)
    module = make_module("RNN", seed, d, H, scale, dtype, nonlinearity, bias)
    kind = getattr(torch, dtype)
    x = torch.randn(T, *batch, d, dtype=kind)
    h_0 = torch.rand(*batch, H, dtype=kind) * 2 - 1 if start else None
    n = int(np.prod(batch))
    expected = x.new_empty(T, 0, H)
    if n:
        flat_h_0 = None if h_0 is None else h_0.reshape(1, n, H)
        expected, _ = module(x.reshape(T, n, d), flat_h_0)

    cell = RNNCell.from_torch(module)
    run = cell.run(x.numpy(), None if h_0 is None else h_0.numpy())

    assert_same(run.h, expected.reshape(T, *batch, H))
    assert np.array_equal(run.h_n, run.h[-1])
    # Each step alone, from the states of the run.
    before = np.zeros((*batch, H), dtype) if h_0 is None else h_0.numpy()
    for x_t, h in zip(x.numpy(), run.h, strict=True):
        assert_same(cell.step(x_t, before), h)
        before = h


@given(seeds, sizes, sizes, batches, dtypes, nonlinearities, flags)
def test_step_is_torch_rnn_cell(seed, d, H, batch, dtype, nonlinearity, bias):
    module = make_module("RNNCell", seed, d, H, 2.0, dtype, nonlinearity, bias)
    x = torch.randn(*batch, d, dtype=getattr(torch, dtype))
    h = torch.randn(*batch, H, dtype=getattr(torch, dtype))
    expected = module(x.reshape(-1, d), h.reshape(-1, H)).reshape(*batch, H)

    assert_same(RNNCell.from_torch(module).step(x.numpy(), h.numpy()), expected)


@given(seeds, st.integers(1, 40), batches, dtypes)
def test_identity_is_the_linear_recurrence(seed, T, batch, dtype):
    module = make_module("RNN", seed, 3, 12, 2.0, dtype, "relu")
    cell = dataclasses.replace(RNNCell.from_torch(module), activation="identity")
    x = torch.randn(T, *batch, 3, dtype=getattr(torch, dtype))
    W_x, W_h, b = (torch.tensor(w) for w in (cell.W_x, cell.W_h, cell.b))
    h = x.new_zeros(*batch, 12)
    expected = []
    for x_t in x:
        h = x_t @ W_x.T + h @ W_h.T + b
        expected.append(h)

    assert_same(cell.run(x.numpy()).h, torch.stack(expected))


@given(seeds, dtypes, nonlinearities)
def test_chaotic_weights_agree_step_by_step(seed, dtype, nonlinearity):
    module = make_module("RNNCell", seed, 4, 32, 4.0, dtype, nonlinearity)
    cell = RNNCell.from_torch(module)
    x = torch.randn(200, 4, dtype=getattr(torch, dtype))
    h = x.new_zeros(32)
    for x_t in x:
        expected = module(x_t, h)
        assert_same(cell.step(x_t.numpy(), h.numpy()), expected)
        h = expected / max(1, float(expected.abs().max()))  # relu would overflow


@given(seeds, sizes, sizes, dtypes, nonlinearities, st.sampled_from(["RNN", "RNNCell"]))
def test_to_torch_and_back(seed, d, H, dtype, activation, kind):
    cell = make_cell(d, H, np.dtype(dtype), activation, seed)
    module = cell.to_torch(kind)
    assert type(module) is getattr(torch.nn, kind)
    back = RNNCell.from_torch(module)
    assert back.activation == activation
    assert back.dtype == cell.dtype == dtype
    for name in ("W_x", "W_h", "b"):
        assert np.array_equal(getattr(back, name), getattr(cell, name))

    x = np.random.default_rng(seed).normal(size=(7, d)).astype(dtype)
    with torch.no_grad():
        if kind == "RNN":
            assert_same(cell.run(x).h, module(torch.tensor(x))[0])
        else:
            h = torch.zeros(H, dtype=getattr(torch, dtype))
            assert_same(cell.run(x).h[0], module(torch.tensor(x[0]), h))


def test_to_torch_makes_a_trainable_module_and_draws_no_random_number():
    before = torch.get_rng_state()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        module = make_cell().to_torch()
    assert torch.equal(torch.get_rng_state(), before)
    module(torch.zeros(3, 4, dtype=torch.float64))[0].sum().backward()
    assert all(parameter.grad is not None for parameter in module.parameters())


def test_from_torch_copies_the_weights():
    module = torch.nn.RNN(4, 8)
    cell = RNNCell.from_torch(module)
    before = cell.W_x.copy()
    with torch.no_grad():
        module.weight_ih_l0.zero_()
    assert np.array_equal(cell.W_x, before)


def test_from_torch_takes_no_notice_of_batch_first():
    torch.manual_seed(0)
    module = torch.nn.RNN(4, 8, batch_first=True, dtype=torch.float64)
    x = torch.randn(5, 3, 4, dtype=torch.float64)
    expected = module(x.transpose(0, 1))[0].transpose(0, 1).detach()
    assert_same(RNNCell.from_torch(module).run(x.numpy()).h, expected)


# What a cell is


def test_sizes_dtype_and_repr():
    cell = make_cell(dtype=np.float32)
    assert (cell.input_size, cell.hidden_size, cell.dtype) == (4, 8, np.float32)
    assert repr(cell) == (
        "RNNCell(input_size=4, hidden_size=8, activation='tanh', dtype=float32)"
    )


def test_weights_are_copied_and_read_only():
    W_x = np.ones((1, 1))
    cell = RNNCell(W_x, [[0.5]], [0.0])
    W_x[:] = 7
    assert cell.W_x == 1
    with pytest.raises(ValueError, match="read-only"):
        cell.W_h[0, 0] = 2
    with pytest.raises(dataclasses.FrozenInstanceError):
        cell.b = np.zeros(1)


def test_lists_of_floats_take_the_dtype_of_the_weights():
    cell = RNNCell([[1.0]], [[0.5]], [0.0], "identity")
    assert cell.dtype == np.float64
    assert cell.run([[1.0], [0.0]], [2.0]).h.tolist() == [[2.0], [1.0]]
    single = RNNCell(np.ones((1, 1), np.float32), [[0.5]], [0.0], "identity")
    assert single.run([[1.0], [0.0]], [2.0]).h.dtype == np.float32
    assert single.step([1.0], [2.0]).dtype == np.float32


def test_inputs_are_not_changed():
    cell = make_cell(activation="relu")
    x, h_0 = np.full((3, 4), -1.0), np.full(8, -1.0)
    cell.run(x, h_0)
    cell.step(x[0], h_0)
    assert (x == -1).all() and (h_0 == -1).all()


def test_a_run_can_be_continued():
    cell = make_cell()
    x = np.random.default_rng(1).normal(size=(9, 2, 4))
    first = cell.run(x[:4])
    assert first.h_n.shape == (2, 8)
    rest = cell.run(x[4:], first.h_n)
    assert_same(np.concatenate([first.h, rest.h]), cell.run(x).h)


def test_a_cell_can_be_pickled():
    cell = make_cell()
    x = np.ones((3, 4))
    copy = pickle.loads(pickle.dumps(cell))
    assert np.array_equal(copy.run(x).h, cell.run(x).h)


@pytest.mark.parametrize("activation", ["relu", "identity"])
def test_overflow_is_returned_without_a_warning(activation):
    cell = RNNCell([[1.0]], [[1e10]], [0.0], activation)
    with warnings.catch_warnings(), np.errstate(all="raise"):
        warnings.simplefilter("error")
        h = cell.run(np.eye(40, 1)).h[:, 0]
    assert np.isfinite(h[:31]).all() and (h[31:] == np.inf).all()
    assert cell.step([0.0], h[-1:]) == np.inf


@pytest.mark.parametrize("activation", ["tanh", "relu", "identity"])
def test_nan_passes_through(activation):
    cell = RNNCell([[1.0]], [[1.0]], [0.0], activation)
    h = cell.run([[1.0], [float("nan")], [1.0]]).h
    assert np.isnan(h[:, 0]).tolist() == [False, True, True]


# What is refused, and with which words

CELL = make_cell()
F32 = np.float32
ONES = np.ones
BAD_W_H = np.ones((8, 8))
BAD_W_H[2, 3] = np.nan

REFUSED = [
    # Weights: shapes
    (lambda: RNNCell(ONES(8), ONES((8, 8)), ONES(8)), ValueError,
     "RNNCell: W_x has shape (8,), but must be (H, d) with no size zero"),
    (lambda: RNNCell(ONES((0, 4)), ONES((0, 0)), ONES(0)), ValueError,
     "RNNCell: W_x has shape (0, 4), but must be (H, d) with no size zero"),
    (lambda: RNNCell(ONES((8, 4)), ONES((4, 8)), ONES(8)), ValueError,
     "RNNCell: W_h has shape (4, 8), but must be (8, 8) to fit W_x"),
    (lambda: RNNCell(ONES((8, 4)), ONES((8, 8)), ONES((8, 1))), ValueError,
     "RNNCell: b has shape (8, 1), but must be (8,) to fit W_x"),
    (lambda: RNNCell(1.0, ONES((8, 8)), ONES(8)), ValueError,
     "RNNCell: W_x has shape (), but must be (H, d) with no size zero"),
    (lambda: RNNCell([[1.0], [1.0, 2.0]], ONES((8, 8)), ONES(8)), ValueError,
     "RNNCell: W_x is not an array ("),
    # Weights: dtypes
    (lambda: RNNCell([[1]], [[1.0]], [0.0]), TypeError,
     "RNNCell: W_x is int64, but must be float32 or float64: "
     "convert it with np.asarray(W_x, dtype=np.float64)"),
    (lambda: RNNCell(ONES((8, 4)), ONES((8, 8), bool), ONES(8)), TypeError,
     "RNNCell: W_h is bool, but must be float32 or float64: "
     "convert it with np.asarray(W_h, dtype=np.float64)"),
    (lambda: RNNCell(ONES((8, 4)), ONES((8, 8)), ONES(8, np.float16)), TypeError,
     "RNNCell: b is float16, but must be float32 or float64: convert it with"),
    (lambda: RNNCell(ONES((8, 4), complex), ONES((8, 8)), ONES(8)), TypeError,
     "RNNCell: W_x is complex128, but must be float32 or float64"),
    (lambda: RNNCell([[None]], ONES((8, 8)), ONES(8)), TypeError,
     "RNNCell: W_x is object, but must be float32 or float64"),
    (lambda: RNNCell("weights", ONES((8, 8)), ONES(8)), TypeError,
     "RNNCell: W_x is <U7, but must be float32 or float64"),
    (lambda: RNNCell(ONES((8, 4)), ONES((8, 8), F32), ONES(8)), TypeError,
     "RNNCell: W_h is float32, but W_x is float64: "
     "convert it with np.asarray(W_h, dtype=np.float64)"),
    # Weights: values
    (lambda: RNNCell(ONES((8, 4)), BAD_W_H, ONES(8)), ValueError,
     "RNNCell: W_h is nan at [2, 3], but weights must be finite"),
    (lambda: RNNCell([[-np.inf]], [[1.0]], [0.0]), ValueError,
     "RNNCell: W_x is -inf at [0, 0], but weights must be finite"),
    (lambda: RNNCell(ONES((1, 1), F32), [[1e300]], [0.0]), ValueError,
     "RNNCell: W_h is inf at [0, 0], but weights must be finite"),
    # The activation
    (lambda: RNNCell([[1.0]], [[1.0]], [0.0], "sigmoid"), ValueError,
     "RNNCell: activation is 'sigmoid', but must be 'tanh', 'relu' or 'identity'"),
    (lambda: RNNCell([[1.0]], [[1.0]], [0.0], np.tanh), ValueError,
     "RNNCell: activation is <ufunc 'tanh'>, but must be 'tanh', 'relu' or 'identity'"),
    # Inputs
    (lambda: CELL.run(ONES((10, 5))), ValueError,
     "RNNCell: x has 5 features per step, but W_x (8, 4) expects 4"),
    (lambda: CELL.step(ONES((2, 5)), ONES((2, 8))), ValueError,
     "RNNCell: x has 5 features per step, but W_x (8, 4) expects 4"),
    (lambda: CELL.run(ONES((0, 4))), ValueError,
     "RNNCell: x has shape (0, 4), which is an empty sequence: "
     "give it at least one step"),
    (lambda: CELL.run([]), ValueError,
     "RNNCell: x has shape (0,), which is an empty sequence: "
     "give it at least one step"),
    (lambda: CELL.run(ONES(4)), ValueError,
     "RNNCell: x has shape (4,), but must be (T, ..., 4): "
     "time first, features last"),
    (lambda: RNNCell([[1.0]], [[1.0]], [0.0]).run([1.0, 2.0]), ValueError,
     "RNNCell: x has shape (2,), but must be (T, ..., 1): "
     "time first, features last, so x as one column, "
     "np.asarray(x, dtype=np.float64)[:, None]"),
    (lambda: CELL.step(1.0, ONES(8)), ValueError,
     "RNNCell: x is a single number, but must be (..., 4): put the 4 features"),
    (lambda: CELL.run(ONES((10, 4), int)), TypeError,
     "RNNCell: x is int64, but must be float32 or float64: convert it with "
     "np.asarray(x, dtype=np.float64)"),
    (lambda: CELL.run(ONES((10, 4), complex)), TypeError,
     "RNNCell: x is complex128, but must be float32 or float64"),
    (lambda: CELL.run(ONES((10, 4), F32)), TypeError,
     "RNNCell: x is float32, but W_x is float64: convert it with "
     "np.asarray(x, dtype=np.float64)"),
    (lambda: CELL.run([[1.0, 2.0, 3.0, 4.0], [1.0]]), ValueError,
     "RNNCell: x is not an array ("),
    (lambda: CELL.run(torch.ones(3, 4, requires_grad=True)), TypeError,
     "RNNCell: x is a tensor that requires grad, and its way back would be lost: "
     'give it x.detach().to("cpu", torch.float64)'),
    # States
    (lambda: CELL.run(ONES((10, 2, 4)), ONES(8)), ValueError,
     "RNNCell: h_0 has shape (8,), but x and W_x (8, 4) need (2, 8): "
     "one state of 8 units for every sequence in the batch"),
    (lambda: CELL.run(ONES((10, 2, 4)), ONES((1, 2, 8))), ValueError,
     "RNNCell: h_0 has shape (1, 2, 8), but x and W_x (8, 4) need (2, 8)"),
    (lambda: CELL.step(ONES(4), ONES(7)), ValueError,
     "RNNCell: h has shape (7,), but x and W_x (8, 4) need (8,)"),
    (lambda: CELL.step(ONES(4), ONES(8, F32)), TypeError,
     "RNNCell: h is float32, but W_x is float64: convert it with"),
    (lambda: CELL.run(ONES((10, 4)), np.zeros(8, int)), TypeError,
     "RNNCell: h_0 is int64, but must be float32 or float64: convert it with"),
    # From and to PyTorch
    (lambda: RNNCell.from_torch(torch.nn.LSTM(4, 8)), TypeError,
     "RNNCell.from_torch: module is of type LSTM, "
     "but must be a torch.nn.RNN or a torch.nn.RNNCell"),
    (lambda: RNNCell.from_torch(torch.nn.RNN(4, 8, num_layers=2)), ValueError,
     "RNNCell.from_torch: module has num_layers=2, but one cell is one layer: "
     "give it a module with num_layers=1"),
    (lambda: RNNCell.from_torch(torch.nn.RNN(4, 8, bidirectional=True)), ValueError,
     "RNNCell.from_torch: module has bidirectional=True, but one cell runs one way: "
     "give it a module with bidirectional=False"),
    (lambda: RNNCell.from_torch(torch.nn.RNN(4, 8, dtype=torch.bfloat16)), TypeError,
     "RNNCell.from_torch: module's weight_ih_l0 is torch.bfloat16, but must be float32 "
     "or float64: convert it with module.float()"),
    (lambda: make_cell(activation="identity").to_torch(), ValueError,
     "RNNCell.to_torch: activation is 'identity', but torch.nn.RNN has 'tanh' and "
     "'relu' only: run this cell itself, or convert "
     "dataclasses.replace(cell, activation='tanh')"),
    (lambda: CELL.to_torch("LSTM"), ValueError,
     "RNNCell.to_torch: kind is 'LSTM', but must be 'RNN' or 'RNNCell'"),
]  # fmt: skip


test_refused = refusals(REFUSED)


# What an import brings with it


def test_importing_the_cells_imports_numpy_alone():
    def imported(statement):
        code = f"{statement}\nimport json, sys\nprint(json.dumps(list(sys.modules)))"
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, check=True, text=True
        )
        return {name.partition(".")[0] for name in json.loads(done.stdout)}

    def third_party(statement):
        return imported(statement) - sys.stdlib_module_names

    nothing, numpy = third_party("pass"), third_party("import numpy")
    assert third_party("import unrolled") == nothing | {"unrolled"}
    assert third_party("import unrolled.cells") == numpy | {"unrolled"}
    assert third_party("import unrolled.gradients") == numpy | {"unrolled"}
