"""Gradients by hand are those of autograd and of central differences.

"The same gradient" means: different by at most 1e-10 of its norm, in float64, from
autograd, and by at most 1e-6 of it from central differences, away from ReLU's kink.
"""

import dataclasses
import warnings

import numpy as np
import pytest
import torch
from hands.cells import autograd, random_cell
from hands.refused import refusals
from hypothesis import assume, given
from hypothesis import strategies as st

from unrolled.cells import GRUCell, LSTMCell, RNNCell, RNNGradients
from unrolled.gradients import (
    cut_after,
    gradient_by_lag,
    jacobians,
    largest_singular_value,
    lstm_paths,
    products,
    spectral_radius,
    weight_shares,
)

seeds = st.integers(0, 2**32 - 1)
sizes = st.integers(1, 12)
lengths = st.integers(1, 40)
batches = st.sampled_from([(), (1,), (3,), (2, 3), (2, 0)])
activations = st.sampled_from(["tanh", "relu", "identity"])
given_gradients = st.sampled_from([("h",), ("h_n",), ("h", "h_n")])
truncations = st.one_of(st.none(), st.integers(1, 12))

NAMES = [field.name for field in dataclasses.fields(RNNGradients)]


def assert_near(actual, expected, tolerance, label=""):
    """Check shape and dtype, and the difference as this file's docstring says."""
    expected = np.asarray(expected)
    assert actual.shape == expected.shape, label
    assert actual.dtype == expected.dtype, label
    difference = np.linalg.norm((actual - expected).ravel())
    assert difference <= tolerance * np.linalg.norm(expected.ravel()), label


# RNNCell.backward


@given(
    seeds, sizes, sizes, lengths, batches, activations, st.floats(0.1, 1.5),
    given_gradients, truncations,
)  # fmt: skip
def test_backward_is_autograd(seed, d, H, T, batch, activation, scale, which, truncate):
    rng = np.random.default_rng(seed)
    cell = random_cell(rng, d, H, activation, scale)
    x = rng.uniform(-1, 1, (T, *batch, d))
    h_0 = rng.uniform(-1, 1, (*batch, H))
    arrives = {"h": rng.normal(size=(T, *batch, H)), "h_n": rng.normal(size=h_0.shape)}
    run = cell.run(x, h_0)
    before = [one.copy() for one in (x, h_0, run.h, *arrives.values())]

    found = cell.backward(
        run, **{f"grad_{name}": arrives[name] for name in which}, truncate=truncate
    )

    after = (x, h_0, run.h, *arrives.values())
    assert all(np.array_equal(*pair) for pair in zip(before, after, strict=True))
    total = arrives["h"] if "h" in which else np.zeros_like(arrives["h"])
    if "h_n" in which:
        total[-1] += arrives["h_n"]
    for name, expected in autograd(cell, x, h_0, total, truncate).items():
        assert_near(getattr(found, name), expected, 1e-10, name)


@given(seeds, sizes, sizes, lengths, st.sampled_from(["tanh", "relu"]), truncations)
def test_backward_is_that_of_torch_rnn_detached_at_the_same_edges(
    seed, d, H, T, activation, truncate
):
    torch.manual_seed(seed)
    module = torch.nn.RNN(d, H, nonlinearity=activation, dtype=torch.float64)
    x = torch.rand(T, 3, d, dtype=torch.float64, requires_grad=True)
    h_0 = torch.rand(1, 3, H, dtype=torch.float64, requires_grad=True)
    grad_h = torch.randn(T, 3, H, dtype=torch.float64)
    k = truncate or T
    first = T % k or k
    h, outputs = h_0, []
    for segment in torch.split(x, [first] + [k] * ((T - first) // k)):
        output, h = module(segment, h)
        outputs.append(output)
        h = h.detach()
    torch.cat(outputs).backward(grad_h)

    cell = RNNCell.from_torch(module)
    run = cell.run(x.detach().numpy(), h_0[0].detach().numpy())
    found = cell.backward(run, grad_h.numpy(), truncate=truncate)

    assert_near(found.W_x, module.weight_ih_l0.grad, 1e-10)
    assert_near(found.W_h, module.weight_hh_l0.grad, 1e-10)
    assert_near(found.b, module.bias_ih_l0.grad, 1e-10)
    assert_near(found.x, x.grad, 1e-10)
    # the first segment alone leads back to h_0
    assert_near(found.h_0, h_0.grad[0], 1e-10)


@given(
    seeds, st.integers(1, 3), st.integers(1, 3), st.integers(1, 5),
    st.sampled_from([(), (2,)]), activations,
)  # fmt: skip
def test_backward_is_central_differences(seed, d, H, T, batch, activation):
    rng = np.random.default_rng(seed)
    cell = random_cell(rng, d, H, activation)
    x, h_0 = rng.uniform(-1, 1, (T, *batch, d)), rng.uniform(-1, 1, (*batch, H))
    grad_h = rng.normal(size=(T, *batch, H))
    run = cell.run(x, h_0)
    if activation == "relu":
        linear = dataclasses.replace(cell, activation="identity")
        earlier = np.concatenate([h_0[None], run.h[:-1]])
        assume(np.abs(linear.step(x, earlier)).min() > 0.02)
    values = {"W_x": cell.W_x, "W_h": cell.W_h, "b": cell.b, "x": x, "h_0": h_0}

    def L(**changed):
        now = values | changed
        moved = RNNCell(now["W_x"], now["W_h"], now["b"], activation)
        return (moved.run(now["x"], now["h_0"]).h * grad_h).sum()

    found = cell.backward(run, grad_h)
    for name, value in values.items():
        slopes = np.empty_like(value)
        for index in np.ndindex(value.shape):
            # four points: what is left of the error is in the fourth power
            at = []
            for distance in (-2e-3, -1e-3, 1e-3, 2e-3):
                moved = value.copy()
                moved[index] += distance
                at.append(L(**{name: moved}))
            slopes[index] = (at[0] - 8 * at[1] + 8 * at[2] - at[3]) / 12e-3
        difference = np.linalg.norm(getattr(found, name) - slopes)
        # 1e-12: a slope that is zero is found as L's rounding error over the distance
        assert difference <= 1e-6 * np.linalg.norm(slopes) + 1e-12, name


@given(seeds, sizes, sizes, lengths, batches, activations)
def test_float32_stays_float32_and_is_near(seed, d, H, T, batch, activation):
    rng = np.random.default_rng(seed)
    cell = random_cell(rng, d, H, activation)
    single = RNNCell(
        *(one.astype(np.float32) for one in (cell.W_x, cell.W_h, cell.b)), activation
    )
    cell = RNNCell(*(one.astype(float) for one in (single.W_x, single.W_h, single.b)),
                   activation)  # fmt: skip
    x = rng.uniform(-1, 1, (T, *batch, d)).astype(np.float32)
    # of one sign, so that the sums do not cancel out
    grad_h = rng.uniform(1, 2, (T, *batch, H)).astype(np.float32)
    found = single.backward(single.run(x), grad_h)
    exact = cell.backward(cell.run(x.astype(float)), grad_h.astype(float))
    for name in NAMES:
        expected = getattr(exact, name).astype(np.float32)
        assert_near(getattr(found, name), expected, 1e-3, name)


def test_the_parameters_gradients_are_the_sums_of_the_steps_shares():
    rng = np.random.default_rng(0)
    cell = random_cell(rng, 2, 3, "tanh")
    run = cell.run(rng.normal(size=(6, 2)), rng.normal(size=3))
    found = cell.backward(run, rng.normal(size=(6, 3)), truncate=2)
    earlier = np.concatenate([run.h_0[None], run.h[:-1]])
    shares = [np.outer(a, h) for a, h in zip(found.a, earlier, strict=True)]
    np.testing.assert_allclose(sum(shares), found.W_h, rtol=1e-12)
    shares = [np.outer(a, x) for a, x in zip(found.a, run.x, strict=True)]
    np.testing.assert_allclose(sum(shares), found.W_x, rtol=1e-12)
    np.testing.assert_allclose(found.a.sum(axis=0), found.b, rtol=1e-12)


def test_a_cut_edge_carries_nothing():
    cell = RNNCell([[1.0]], [[0.5]], [0.0], "identity")
    run = cell.run([[1.0]] * 5)
    for truncate, reached in ((1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 5)):
        found = cell.backward(run, grad_h_n=[1.0], truncate=truncate)
        by_lag = found.h[::-1, 0]
        np.testing.assert_array_equal(by_lag[:reached], 0.5 ** np.arange(reached))
        assert (by_lag[reached:] == 0).all()
        assert found.h_0 == (0.5**5 if reached == 5 else 0)


def test_relus_derivative_at_its_kink_is_that_of_pytorch():
    cell = RNNCell([[1.0]], [[1.0]], [0.0], "relu")
    x = np.array([[1.0], [-1.0], [2.0]])  # h is 1, 0 (of a = 0), 2
    run = cell.run(x)
    assert run.h[1] == 0
    found = cell.backward(run, np.ones((3, 1)))
    expected = autograd(cell, x, np.zeros(1), np.ones((3, 1)))
    assert found.a.tolist() == expected["a"].tolist() == [[1.0], [0.0], [1.0]]


@pytest.mark.parametrize("activation", ["tanh", "relu", "identity"])
def test_nan_and_infinity_travel_as_in_pytorch_without_a_warning(activation):
    cell = RNNCell(np.eye(2), [[1e10, 1.0], [-1e10, 1.0]], np.zeros(2), activation)
    x, h_0 = np.ones((40, 2)), np.zeros(2)
    x[35] = np.nan
    grad_h = np.zeros((40, 2))
    grad_h[33] = np.inf
    with warnings.catch_warnings(), np.errstate(all="raise"):
        warnings.simplefilter("error")
        for T in (40, 34, 20):
            run = cell.run(x[:T], h_0)
            found = cell.backward(run, grad_h[:T], np.ones(2))
            total = grad_h[:T].copy()
            total[-1] += 1
            expected = autograd(cell, x[:T], h_0, total)
            for name in NAMES:
                np.testing.assert_allclose(getattr(found, name), expected[name])


def test_a_run_keeps_what_it_was_given():
    cell = random_cell(np.random.default_rng(0), 2, 3, "tanh")
    x, h_0 = np.ones((4, 2)), np.ones(3)
    run = cell.run(x, h_0)
    assert run.x is x and run.h_0 is h_0
    assert cell.run(x).h_0.tolist() == [0, 0, 0]


CELL = random_cell(np.random.default_rng(0), 4, 8, "tanh")
RUN = CELL.run(np.ones((10, 2, 4)))
SAYS = "RNNCell.backward: "

REFUSED = [
    (lambda: CELL.backward(RUN), ValueError,
     SAYS + "none of grad_h, grad_h_n is given, so there is nothing to send back"),
    (lambda: CELL.backward(RUN.h, RUN.h), TypeError,
     SAYS + "run is of type ndarray, but must be the RNNRun that this cell's run(x) "
     "returned"),
    (lambda: random_cell(np.random.default_rng(0), 4, 9, "tanh").backward(RUN, RUN.h),
     ValueError,
     SAYS + "run is that of a cell with W_x (8, 4) in float64, but this cell's W_x is "
     "(9, 4) in float64: give it this cell's own run(x)"),
    (lambda: random_cell(np.random.default_rng(0), 5, 8, "tanh").backward(RUN, RUN.h),
     ValueError, SAYS + "run is that of a cell with W_x (8, 4)"),
    (lambda: RNNCell(np.ones((8, 4), np.float32), np.ones((8, 8), np.float32),
                     np.ones(8, np.float32)).backward(RUN, RUN.h), ValueError,
     SAYS + "run is that of a cell with W_x (8, 4) in float64, but this cell's W_x is "
     "(8, 4) in float32"),
    (lambda: CELL.backward(RUN, np.ones((10, 8))), ValueError,
     SAYS + "grad_h has shape (10, 8), but must be (10, 2, 8): one number for every "
     "number in run.h"),
    (lambda: CELL.backward(RUN, grad_h_n=np.ones(8)), ValueError,
     SAYS + "grad_h_n has shape (8,), but must be (2, 8): one number for every number "
     "in run.h_n"),
    (lambda: CELL.backward(RUN, np.ones((10, 2, 8), np.float32)), TypeError,
     SAYS + "grad_h is float32, but W_x is float64: convert it with"),
    (lambda: CELL.backward(RUN, np.ones((10, 2, 8), int)), TypeError,
     SAYS + "grad_h is int64, but must be float32 or float64: convert it with"),
    (lambda: CELL.backward(RUN, RUN.h, truncate=0), ValueError,
     SAYS + "truncate is 0, but must be a whole number of at least 1, or None"),
    (lambda: CELL.backward(RUN, RUN.h, truncate=2.0), TypeError,
     SAYS + "truncate is 2.0, but must be a whole number of at"),
    (lambda: CELL.backward(RUN, RUN.h, truncate=True), TypeError,
     SAYS + "truncate is True, but must be a whole number of at"),
    # unrolled.gradients
    (lambda: jacobians(CELL, RUN.h), TypeError,
     "jacobians: run is of type ndarray, but must be what the cell's run(x) returned"),
    (lambda: jacobians(random_cell(np.random.default_rng(0), 4, 9, "tanh"), RUN),
     ValueError, SAYS + "run is that of a cell with W_x (8, 4)"),
    (lambda: lstm_paths(CELL, RUN), TypeError,
     "lstm_paths: run is of type RNNRun, but must be what the LSTMCell's run(x) "
     "returned"),
    (lambda: products(np.ones((3, 2))), ValueError,
     "products: jacobians has shape (3, 2), but must be (T, ..., n, n), a square "
     "matrix for every step"),
    (lambda: weight_shares("run", None), TypeError,
     "weight_shares: run is of type str, but must be what the cell's run(x) returned"),
    (lambda: weight_shares(RUN, "found"), TypeError,
     "weight_shares: found is of type str, but must be what the RNNCell's backward"),
    (lambda: weight_shares(CELL.run(RUN.x[:4]), CELL.backward(RUN, RUN.h)), ValueError,
     "weight_shares: found has gradients of shape (10, 2, 8), but the run's states "
     "have shape (4, 2, 8)"),
    (lambda: cut_after(6, 0), ValueError, "cut_after: truncate is 0, but must be a"),
    (lambda: cut_after(6, 1.5), TypeError, "cut_after: truncate is 1.5, but must be"),
    (lambda: spectral_radius(np.ones((3, 2))), ValueError,
     "spectral_radius: matrix has shape (3, 2), but must be (..., n, n): square"),
    (lambda: largest_singular_value(np.ones(3)), ValueError,
     "largest_singular_value: matrix has shape (3,), but must be (..., n, n)"),
    (lambda: gradient_by_lag(torch.nn.RNNCell(4, 8), np.ones((3, 4))), TypeError,
     "gradient_by_lag: module is of type RNNCell, but must be a torch.nn.RNN or a "
     "torch.nn.LSTM or a torch.nn.GRU"),
    (lambda: gradient_by_lag(torch.nn.GRU(4, 8, 2), np.ones((3, 4))), ValueError,
     "gradient_by_lag: module has num_layers=2, but in deeper ones a lag has"),
    (lambda: gradient_by_lag(torch.nn.RNN(4, 8, bidirectional=True), np.ones((3, 4))),
     ValueError,
     "gradient_by_lag: module has bidirectional=True, but two directions have"),
    (lambda: gradient_by_lag(torch.nn.LSTM(4, 8, proj_size=2), np.ones((3, 4))),
     ValueError, "gradient_by_lag: module has proj_size=2, but projected states"),
    (lambda: gradient_by_lag(torch.nn.RNN(4, 8), torch.ones(3, 4), wrt="c"), ValueError,
     "gradient_by_lag: wrt is 'c', but must be 'x' or 'h'"),
    (lambda: gradient_by_lag(torch.nn.LSTM(4, 8), torch.ones(3, 4), wrt="i"),
     ValueError, "gradient_by_lag: wrt is 'i', but must be 'x', 'h' or 'c'"),
    (lambda: gradient_by_lag(torch.nn.RNN(4, 8), np.ones((3, 4))), TypeError,
     "gradient_by_lag: x is float64, but module is float32: convert it"),
    (lambda: gradient_by_lag(torch.nn.RNN(4, 8), torch.ones(3, 5)), ValueError,
     "gradient_by_lag: x has shape (3, 5), but must be (T, ..., 4): time first"),
    (lambda: gradient_by_lag(torch.nn.RNN(4, 8), torch.ones(0, 4)), ValueError,
     "gradient_by_lag: x has shape (0, 4), but must be (T, ..., 4): time first"),
    (lambda: gradient_by_lag(torch.nn.RNN(4, 8), torch.ones(3, 4), loss=lambda h: 1.0),
     ValueError, "gradient_by_lag: loss(outputs) is a float, but must be a tensor"),
    (lambda: gradient_by_lag(torch.nn.RNN(4, 8), torch.ones(3, 4), loss=lambda h: h),
     ValueError, "gradient_by_lag: loss(outputs) is a tensor of shape (3, 8), but"),
    (lambda: gradient_by_lag(torch.nn.RNN(4, 8), torch.ones(3, 4),
                             loss=lambda h: h.detach().sum()), ValueError,
     "gradient_by_lag: loss(outputs) is a tensor that no gradient can come back from"),
]  # fmt: skip


test_refused = refusals(REFUSED)


# Jacobians and their products

KINDS = {"RNN": RNNCell, "GRU": GRUCell, "LSTM": LSTMCell}
kinds = st.sampled_from(list(KINDS))


def make_module(kind, seed, d, H, **options):
    torch.manual_seed(seed)
    return getattr(torch.nn, kind)(d, H, dtype=torch.float64, **options)


def last_from(module, x, k):
    """The function from the state k steps before the end, h (and c), to the last."""
    H = module.hidden_size

    def last(state):
        parts = tuple(part[None].contiguous() for part in state.split(H))
        after = parts if len(parts) == 2 else parts[0]
        for x_t in x[len(x) - k :]:
            after = module(x_t[None], after)[1]
        return torch.cat([one[0] for one in after]) if len(parts) == 2 else after[0]

    return last


@given(seeds, kinds, st.integers(1, 3), st.integers(1, 4), st.integers(1, 6))
def test_jacobians_and_products_are_autograds(seed, kind, d, H, T):
    module = make_module(kind, seed, d, H)
    x = torch.randn(T, d, dtype=torch.float64)
    cell = KINDS[kind].from_torch(module)
    run = cell.run(x.numpy())
    states = [np.concatenate([run.h_0[None], run.h])]
    if kind == "LSTM":
        states.append(np.concatenate([run.c_0[None], run.c]))
    states = torch.tensor(np.concatenate(states, axis=-1))
    n = states.shape[-1]

    def expected(k, x):
        state = states[len(x) - k]
        return torch.autograd.functional.jacobian(last_from(module, x, k), state)

    steps = jacobians(cell, run)
    assert steps.shape == (T, n, n)
    for t in range(T):
        assert_near(steps[t], expected(1, x[: t + 1]), 1e-10)
    by_lag = products(steps)
    assert by_lag.shape == (T + 1, n, n)
    assert np.array_equal(by_lag[0], np.eye(n))
    for k in range(1, T + 1):
        assert_near(by_lag[k], expected(k, x), 1e-10)


@given(seeds, activations, batches)
def test_jacobians_of_the_simple_cell_are_the_formula(seed, activation, batch):
    rng = np.random.default_rng(seed)
    cell = random_cell(rng, 2, 5, activation)
    run = cell.run(rng.normal(size=(7, *batch, 2)))
    slope = {"tanh": 1 - run.h**2, "relu": 1.0 * (run.h > 0)}.get(
        activation, np.ones_like(run.h)
    )
    assert_near(jacobians(cell, run), slope[..., None] * cell.W_h, 1e-12)


def test_a_batch_has_the_jacobians_and_products_of_its_sequences():
    module = make_module("LSTM", 0, 2, 3)
    cell = LSTMCell.from_torch(module)
    x = np.random.default_rng(0).normal(size=(5, 4, 2))
    together = jacobians(cell, cell.run(x))
    assert together.shape == (5, 4, 6, 6)
    for n in range(4):
        alone = jacobians(cell, cell.run(x[:, n]))
        assert_near(together[:, n], alone, 1e-12)
        assert_near(products(together)[:, n], products(alone), 1e-12)
    paths = lstm_paths(cell, cell.run(x))
    for field in dataclasses.fields(paths):
        alone = getattr(lstm_paths(cell, cell.run(x[:, 2])), field.name)
        assert_near(getattr(paths, field.name)[:, 2], alone, 1e-12)


def test_products_that_overflow_do_so_without_a_warning():
    with np.errstate(all="raise"):
        by_lag = products(np.full((40, 1, 1), 1e10))
    assert np.isfinite(by_lag[:31]).all() and (by_lag[31:] == np.inf).all()


@given(
    seeds, st.integers(1, 3), st.integers(1, 4), st.integers(1, 7),
    st.sampled_from([(), (3,), (2, 3)]), st.sampled_from([None, 1, 2, 3]),
)  # fmt: skip
def test_the_steps_shares_add_up_to_the_gradient(seed, d, H, T, batch, truncate):
    rng = np.random.default_rng(seed)
    cell = random_cell(rng, d, H, "tanh", 1.0)
    run = cell.run(rng.normal(size=(T, *batch, d)), rng.normal(size=(*batch, H)))
    found = cell.backward(run, rng.normal(size=run.h.shape), truncate=truncate)
    shares = weight_shares(run, found)
    assert shares.shape == (T, *batch, H, H)
    whole = shares.reshape(-1, H, H).sum(axis=0)
    np.testing.assert_allclose(whole, found.W_h, rtol=0, atol=1e-12 * T * 6)
    first = np.einsum("...i,...j->...ij", found.a[0], run.h_0)
    np.testing.assert_array_equal(shares[0], first)


@pytest.mark.parametrize(
    ("timesteps", "truncate", "cuts"),
    [(6, 2, [4, 2]), (6, 4, [2]), (6, 1, [5, 4, 3, 2, 1]), (6, 6, []), (1, 1, [])],
)
def test_a_cut_lets_nothing_through(timesteps, truncate, cuts):
    assert cut_after(timesteps, truncate) == cuts
    assert cut_after(timesteps, None) == []
    cell = RNNCell([[1.0]], [[0.5]], [0.0], "identity")
    run = cell.run(np.ones((timesteps, 1)))
    grad_h = np.zeros((timesteps, 1))
    for step in range(1, timesteps + 1):  # a loss at each step alone
        grad_h[:] = 0
        grad_h[step - 1] = 1
        back = cell.backward(run, grad_h, truncate=truncate).h[:, 0]
        reached = max([cut for cut in cuts if cut < step], default=0)
        assert (back[:reached] == 0).all() and (back[reached:step] != 0).all()


def test_spectral_radius_and_largest_singular_value():
    quarter_turn = np.array([[0.0, -2.0], [0.5, 0.0]])  # eigenvalues i and -i
    assert spectral_radius(quarter_turn) == pytest.approx(1, abs=1e-12)
    assert largest_singular_value(quarter_turn) == pytest.approx(2, abs=1e-12)
    assert spectral_radius([[-3.0]]) == largest_singular_value([[-3.0]]) == 3
    matrices = np.random.default_rng(0).normal(size=(2, 3, 5, 5))
    powers = np.linalg.matrix_power(matrices, 512 // 4)
    growth = np.linalg.norm(powers, axis=(-2, -1)) ** (4 / 512)
    np.testing.assert_allclose(spectral_radius(matrices), growth, rtol=0.05)
    norms = np.linalg.norm(matrices, 2, axis=(-2, -1))
    np.testing.assert_allclose(largest_singular_value(matrices), norms, rtol=1e-12)
    matrices[1, 2, 0, 0], matrices[0, 1, 3, 2] = np.nan, np.inf
    for function in (spectral_radius, largest_singular_value):
        unknown = np.isnan(function(matrices))
        assert np.argwhere(unknown).tolist() == [[0, 1], [1, 2]]


# The LSTM's two paths


@given(seeds, st.integers(1, 3), st.integers(1, 4), st.integers(1, 7))
def test_lstm_paths_are_autograds(seed, d, H, T):
    module = make_module("LSTM", seed, d, H)
    x = torch.randn(T, d, dtype=torch.float64)
    W_x, W_h, b_x, b_h = (one.detach() for one in module.parameters())

    def cell_states(hide):
        """c_1 to c_T; with `hide`, no gradient passes through a hidden state."""
        h = c = torch.zeros(H, dtype=torch.float64, requires_grad=True)
        found = []
        for x_t in x:
            i, f, g, o = (W_x @ x_t + b_x + W_h @ (h.detach() if hide else h) + b_h
                          ).chunk(4)  # fmt: skip
            c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            h = o.sigmoid() * c.tanh()
            found.append(c)
        return found

    def by_lag(hide):
        found = cell_states(hide)
        rows = [torch.autograd.grad(one, found, retain_graph=True) for one in found[-1]]
        steps = zip(*rows, strict=True)
        return torch.stack([torch.stack(step) for step in steps]).flip(0)

    cell = LSTMCell.from_torch(module)
    paths = lstm_paths(cell, cell.run(x.numpy()))
    assert_near(paths.whole, by_lag(hide=False), 1e-10)
    assert_near(paths.direct, by_lag(hide=True), 1e-10)
    assert np.array_equal(paths.indirect, paths.whole - paths.direct)
    assert np.array_equal(paths.whole[0], np.eye(H))


def test_an_lstm_that_reads_no_hidden_state_has_the_direct_path_alone():
    rng = np.random.default_rng(0)
    cell = LSTMCell(rng.normal(size=(12, 2)), np.zeros((12, 3)), rng.normal(size=12))
    run = cell.run(rng.normal(size=(6, 2)))
    paths = lstm_paths(cell, run)
    assert (paths.indirect == 0).all()
    factors = [np.prod(run.f[6 - k :], axis=0) for k in range(6)]
    diagonals = np.diagonal(paths.direct, axis1=1, axis2=2)
    np.testing.assert_allclose(diagonals, factors, rtol=1e-12)


# The measured gradient by lag


@given(seeds, kinds, st.integers(1, 3), st.integers(1, 5), st.integers(1, 12),
       st.sampled_from([(), (3,), (2, 3)]))  # fmt: skip
def test_gradient_by_lag_is_that_of_the_cells_backward(seed, kind, d, H, T, batch):
    module = make_module(kind, seed, d, H)
    x = torch.randn(T, *batch, d, dtype=torch.float64)
    weights = torch.randn(T, *batch, H, dtype=torch.float64)
    cell = KINDS[kind].from_torch(module)
    found = cell.backward(cell.run(x.numpy()), weights.numpy())
    for wrt in ("x", "h", "c") if kind == "LSTM" else ("x", "h"):
        measured = gradient_by_lag(
            module, x, wrt=wrt, loss=lambda h: (h * weights).sum()
        )
        norms = np.linalg.norm(getattr(found, wrt), axis=-1).reshape(T, -1)
        assert_near(measured, norms.mean(axis=1)[::-1], 1e-10, wrt)


@pytest.mark.parametrize("kind", KINDS)
def test_the_default_loss_is_the_last_output_along_a_unit_vector(kind):
    module = make_module(kind, 0, 2, 5)
    x = torch.randn(9, 200, 2, dtype=torch.float64)
    by_h = gradient_by_lag(module, x, wrt="h")
    assert by_h[0] == pytest.approx(1, abs=1e-12)
    assert np.array_equal(by_h, gradient_by_lag(module, x, wrt="h"))
    # Random directions see every part of the Jacobian: the root mean square over them
    # is its Frobenius norm / sqrt(H), which the mean of norms comes near to.
    cell = KINDS[kind].from_torch(module)
    by_lag = products(jacobians(cell, cell.run(x.numpy())))[:-1, :, :5, :5]
    size = np.linalg.norm(by_lag, axis=(-2, -1)).mean(axis=1) / 5**0.5
    np.testing.assert_allclose(by_h, size, rtol=0.15)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("wrt", ["x", "h"])
def test_gradient_by_lag_leaves_the_module_and_the_inputs_as_they_were(kind, wrt):
    module = make_module(kind, 0, 2, 3)
    x = torch.randn(6, 4, 2, dtype=torch.float64)
    state = torch.get_rng_state()
    expected = gradient_by_lag(module, x, wrt=wrt)
    assert torch.equal(torch.get_rng_state(), state)
    assert not x.requires_grad
    assert all(one.grad is None for one in module.parameters())
    assert expected.dtype == np.float64 and expected.shape == (6,)

    same = make_module(kind, 0, 2, 3, batch_first=True).requires_grad_(False)
    array = x.numpy()
    array.flags.writeable = False
    with torch.no_grad():
        assert_near(gradient_by_lag(same, array, wrt=wrt), expected, 1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_gradient_by_lag_without_biases(kind):
    module = make_module(kind, 0, 2, 3, bias=False)
    cell = KINDS[kind].from_torch(module)
    x = np.random.default_rng(0).normal(size=(5, 2))
    found = cell.backward(cell.run(x), np.ones((5, 3)))
    for wrt in ("x", "h"):
        measured = gradient_by_lag(module, x, wrt=wrt, loss=lambda h: h.sum())
        expected = np.linalg.norm(getattr(found, wrt), axis=-1)[::-1]
        assert_near(measured, expected, 1e-10)


def test_gradients_too_small_to_square_are_measured():
    module = make_module("RNN", 0, 1, 1)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.zero_()
        module.weight_hh_l0.fill_(1e-10)
    by_lag = gradient_by_lag(module, np.zeros((31, 1)), wrt="h")
    np.testing.assert_allclose(by_lag, 10.0 ** (-10 * np.arange(31)), rtol=1e-10)
