"""`LSTMCell` and `GRUCell` compute what PyTorch computes, in every convention.

What "the same number" means is said in tests/hands/cells.py; gradients are the same
where the difference is at most 1e-10 of the expected one's norm, in float64. What
PyTorch does not have (gates by name, peepholes, clamped gates, the GRU's other
conventions) is compared with `lstm_in_torch` and `gru_in_torch` there, which autograd
goes through.
Keras' conventions are compared with Keras itself.
"""

import dataclasses
import itertools
import pickle
import warnings

import numpy as np
import pytest
import torch
from hands.cells import (
    CELLS,
    GATES,
    WEIGHTS,
    assert_same,
    batches,
    by_gate,
    dtypes,
    flags,
    in_torch,
    keras_layer,
    lengths,
    scales,
    seeds,
    sizes,
)
from hands.refused import refusals
from hypothesis import given
from hypothesis import strategies as st

from unrolled.cells import GRUCell, LSTMCell

kinds = pytest.mark.parametrize("kind", CELLS)
short = st.integers(1, 12)
small = st.integers(1, 6)
some_batches = st.sampled_from([(), (1,), (3,), (2, 3)])


def make_module(kind, seed, d, H, scale=1.0, dtype="float64", bias=True):
    """A PyTorch module whose weights are `scale` times its default ones."""
    torch.manual_seed(seed)
    module = getattr(torch.nn, kind)(d, H, bias=bias, dtype=getattr(torch, dtype))
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.mul_(scale)
    return module


def make_cell(kind, d=4, H=8, dtype=np.float64, seed=0, **options):
    """A cell with normal weights; an option "peepholes" names those to have."""
    rng = np.random.default_rng(seed)
    k = len(GATES[kind])

    def normal(*shape):
        return rng.normal(size=shape).astype(dtype)

    weights = [normal(k * H, d), normal(k * H, H) / dtype(H**0.5), normal(k * H)]
    options |= {name: normal(H) for name in options.pop("peepholes", ())}
    if kind == "GRU" and options.get("reset_after", True):
        options["b_hn"] = normal(H)
    return CELLS[kind](*weights, **options)


def assert_same_gradient(actual, expected):
    """Equal shapes, and a difference of at most 1e-10 of the expected norm."""
    expected = np.asarray(expected)
    assert actual.shape == expected.shape
    difference = np.linalg.norm((actual - expected).ravel())
    assert difference <= 1e-10 * np.linalg.norm(expected.ravel())


def start(cell, batch, given=True, seed=0):
    """First states, as keyword arguments of `run`; none unless `given`."""
    rng = np.random.default_rng(seed)
    names = ("h_0", "c_0") if isinstance(cell, LSTMCell) else ("h_0",)
    shape = (*batch, cell.hidden_size)
    draw = {name: rng.normal(size=shape).astype(cell.dtype) for name in names}
    return draw if given else {}


def assert_run_and_gradients(cell, x, first, clamp, seed):
    """Compare gates, states and gradients of all of these with `in_torch`'s."""
    run = cell.run(x, **first, clamp=clamp)
    rng = np.random.default_rng(seed)
    given = {name[0]: rng.normal(size=run.h.shape) for name in first}
    seen, gradients = in_torch(cell, x, first, clamp, given)
    ours = cell.backward(run, **{f"grad_{name}": one for name, one in given.items()})
    for name, expected in seen.items():
        if not name.startswith("a_"):
            assert_same(getattr(run, name), expected)
    for name, expected in gradients.items():
        assert_same_gradient(getattr(ours, name), expected)
    for field in dataclasses.fields(ours):
        absent = field.name not in gradients and field.name != "a"
        assert (getattr(ours, field.name) is None) == absent


@given(
    seeds,
    small,
    small,
    short,
    some_batches,
    st.sets(st.sampled_from(["p_i", "p_f", "p_o"])),
    st.dictionaries(st.sampled_from("ifo"), st.floats(0, 1)),
)
def test_an_lstm_with_peepholes_and_clamped_gates(
    seed, d, H, T, batch, peepholes, clamp
):
    cell = make_cell("LSTM", d, H, seed=seed, peepholes=sorted(peepholes))
    x = np.random.default_rng(seed).normal(size=(T, *batch, d))
    assert_run_and_gradients(cell, x, start(cell, batch, seed=seed), clamp, seed)


@given(
    seeds,
    small,
    small,
    short,
    some_batches,
    flags,
    flags,
    st.dictionaries(st.sampled_from("rz"), st.floats(0, 1)),
)
def test_a_gru_in_every_convention(seed, d, H, T, batch, after, keeps, clamp):
    cell = make_cell("GRU", d, H, seed=seed, reset_after=after, update_keeps=keeps)
    x = np.random.default_rng(seed).normal(size=(T, *batch, d))
    assert_run_and_gradients(cell, x, start(cell, batch, seed=seed), clamp, seed)


# The same numbers as PyTorch's modules


@kinds
@given(
    seed=seeds,
    d=sizes,
    H=sizes,
    T=lengths,
    batch=batches,
    scale=scales,
    dtype=dtypes,
    bias=flags,
    given=flags,
)
def test_run_is_torchs(kind, seed, d, H, T, batch, scale, dtype, bias, given):
    module = make_module(kind, seed, d, H, scale, dtype, bias)
    cell = CELLS[kind].from_torch(module)
    x = torch.randn(T, *batch, d, dtype=getattr(torch, dtype))
    first = start(cell, batch, given, seed)
    n = int(np.prod(batch))
    expected, last = x.new_empty(T, 0, H), [x.new_empty(1, 0, H)] * 2
    if n:
        flat = [torch.tensor(one).reshape(1, n, H) for one in first.values()]
        states = (tuple(flat) if kind == "LSTM" else flat[0]) if given else None
        with torch.no_grad():
            expected, last = module(x.reshape(T, n, d), states)
        last = last if kind == "LSTM" else [last]

    run = cell.run(x.numpy(), **first)

    assert_same(run.h, expected.reshape(T, *batch, H))
    assert_same(run.h_n, last[0].reshape(*batch, H))
    if kind == "LSTM":
        assert_same(run.c_n, last[1].reshape(*batch, H))
    # Each step alone, from the states of the run.
    zeros = np.zeros((*batch, H), dtype)
    before = [first.get("h_0", zeros), first.get("c_0", zeros)][: 1 + (kind == "LSTM")]
    for t, x_t in enumerate(x.numpy()):
        now = cell.step(x_t, *before)
        before = list(now) if kind == "LSTM" else [now]
        for actual, name in zip(before, "hc", strict=False):
            assert_same(actual, getattr(run, name)[t])


@kinds
@given(seeds, sizes, sizes, batches, dtypes, flags)
def test_step_is_torchs_cell(kind, seed, d, H, batch, dtype, bias):
    module = make_module(f"{kind}Cell", seed, d, H, 2.0, dtype, bias)
    cell = CELLS[kind].from_torch(module)
    x = torch.randn(*batch, d, dtype=getattr(torch, dtype))
    first = list(start(cell, batch, seed=seed).values())
    flat = [torch.tensor(one).reshape(-1, H) for one in first]
    with torch.no_grad():
        expected = module(x.reshape(-1, d), tuple(flat) if kind == "LSTM" else flat[0])
    actual = cell.step(x.numpy(), *first)
    if kind == "GRU":
        actual, expected = [actual], [expected]
    for ours, theirs in zip(actual, expected, strict=True):
        assert_same(ours, theirs.reshape(*batch, H))


@kinds
@given(
    seed=seeds,
    d=sizes,
    H=sizes,
    T=st.integers(1, 60),
    n=st.integers(1, 3),
    scale=scales,
    given=flags,
)
def test_backward_is_autograds(kind, seed, d, H, T, n, scale, given):
    module = make_module(kind, seed, d, H, scale)
    cell = CELLS[kind].from_torch(module)
    first = start(cell, (n,), given, seed)
    states = {
        name: torch.tensor(value[None], requires_grad=True)
        for name, value in first.items()
    }
    x = torch.randn(T, n, d, dtype=torch.float64, requires_grad=True)
    both = tuple(states.values()) if kind == "LSTM" else states.get("h_0")
    output, last = module(x, both or None if kind == "LSTM" else both)
    last = dict(zip(("h_n", "c_n"), last if kind == "LSTM" else [last], strict=False))
    straight = torch.randn_like(output)
    at_last = {name: torch.randn_like(value) for name, value in last.items()}
    loss = (straight * output).sum()
    for name, value in last.items():
        loss = loss + (at_last[name] * value).sum()
    loss.backward()

    ours = cell.backward(
        cell.run(x.detach().numpy(), **first),
        straight.numpy(),
        **{f"grad_{name}": value[0].numpy() for name, value in at_last.items()},
    )

    assert_same_gradient(ours.W_x, module.weight_ih_l0.grad)
    assert_same_gradient(ours.W_h, module.weight_hh_l0.grad)
    assert_same_gradient(ours.b, module.bias_ih_l0.grad)
    if kind == "GRU":
        assert_same_gradient(ours.b_hn, module.bias_hh_l0.grad[2 * H :])
    assert_same_gradient(ours.x, x.grad)
    for name, value in states.items():
        assert_same_gradient(getattr(ours, name), value.grad[0])


def other_orders(kind):
    """Every order of the gates but the cell's own."""
    return itertools.islice(itertools.permutations(GATES[kind]), 1, None)


@kinds
@pytest.mark.parametrize("names", [["W_x"], ["W_h"], ["b"], ["W_x", "W_h", "b"]])
def test_in_another_order_the_gates_are_not_torchs(kind, names):
    """Swap two gates, or more, in one of the arrays or in all: parity is lost."""
    module = make_module(kind, 0, 3, 5)
    cell = CELLS[kind].from_torch(module)
    x = torch.randn(9, 2, 3, dtype=torch.float64)
    with torch.no_grad():
        expected = module(x)[0]
    assert_same(cell.run(x.numpy()).h, expected)
    for order in other_orders(kind):
        arrays = {}
        for name in names:
            by_name = by_gate(GATES[kind], torch.tensor(getattr(cell, name)))
            arrays[name] = torch.cat([by_name[gate] for gate in order]).numpy()
        with pytest.raises(AssertionError):
            assert_same(dataclasses.replace(cell, **arrays).run(x.numpy()).h, expected)


DIFFERENT = {
    "LSTM": [{}, {"peepholes": ("p_i", "p_f", "p_o")}],
    "GRU": [
        {"reset_after": after, "update_keeps": keeps}
        for after in (True, False)
        for keeps in (True, False)
    ],
}


@pytest.mark.parametrize(
    "kind, options", [(kind, one) for kind in DIFFERENT for one in DIFFERENT[kind]]
)
def test_backward_is_the_limit_of_differences(kind, options):
    """Central differences, entry by entry, for the parameters and first states."""
    cell = make_cell(kind, 2, 3, seed=3, **options)
    rng = np.random.default_rng(4)
    x, first = rng.normal(size=(5, 2, 2)), start(cell, (2,), seed=5)
    weight = rng.normal(size=(5, 2, 3))
    names = [name for name in WEIGHTS[kind] if getattr(cell, name) is not None]

    def loss(values):
        changed = dataclasses.replace(cell, **{name: values[name] for name in names})
        states = {name: values[name] for name in first}
        return (weight * changed.run(values["x"], **states).h).sum()

    values = {name: np.array(getattr(cell, name)) for name in names}
    values |= {"x": x} | first
    ours = cell.backward(cell.run(x, **first), weight)
    step = 1e-5
    for name, value in values.items():
        slopes = np.empty_like(value)
        for at in np.ndindex(value.shape):
            sides = []
            for sign in (1, -1):
                moved = value.copy()
                moved[at] += sign * step
                sides.append(loss(values | {name: moved}))
            slopes[at] = (sides[0] - sides[1]) / (2 * step)
        error = np.linalg.norm(getattr(ours, name) - slopes)
        assert error <= 1e-6 * np.linalg.norm(slopes), name


@kinds
@given(seeds, sizes, sizes, dtypes, flags)
def test_to_torch_and_back(kind, seed, d, H, dtype, one_step):
    cell = make_cell(kind, d, H, np.dtype(dtype).type, seed)
    name = f"{kind}Cell" if one_step else kind
    module = cell.to_torch(name)
    assert type(module) is getattr(torch.nn, name)
    back = CELLS[kind].from_torch(module)
    assert back.dtype == cell.dtype == dtype
    for name in WEIGHTS[kind]:
        ours, theirs = getattr(cell, name), getattr(back, name)
        assert ours is theirs is None or np.array_equal(ours, theirs)

    x = np.random.default_rng(seed).normal(size=(7, 2, d)).astype(dtype)
    with torch.no_grad():
        output = module(torch.tensor(x[0] if one_step else x))
    output = output[0] if kind == "LSTM" or not one_step else output
    run = cell.run(x)
    assert_same(run.h[0] if one_step else run.h, output)


@kinds
def test_to_torch_makes_a_trainable_module_and_draws_no_random_number(kind):
    before = torch.get_rng_state()
    module = make_cell(kind).to_torch()
    assert torch.equal(torch.get_rng_state(), before)
    module(torch.zeros(3, 4, dtype=torch.float64))[0].sum().backward()
    assert all(parameter.grad is not None for parameter in module.parameters())


@kinds
def test_from_torch_copies_the_weights(kind):
    module = getattr(torch.nn, kind)(4, 8)
    cell = CELLS[kind].from_torch(module)
    before = [np.array(getattr(cell, name)) for name in WEIGHTS[kind][:3]]
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.zero_()
    for name, kept in zip(WEIGHTS[kind], before, strict=False):
        assert kept.any() and np.array_equal(getattr(cell, name), kept)


@kinds
def test_from_torch_takes_no_notice_of_batch_first(kind):
    torch.manual_seed(0)
    module = getattr(torch.nn, kind)(4, 8, batch_first=True, dtype=torch.float64)
    x = torch.randn(5, 3, 4, dtype=torch.float64)
    with torch.no_grad():
        expected = module(x.swapaxes(0, 1))[0].swapaxes(0, 1)
    assert_same(CELLS[kind].from_torch(module).run(x.numpy()).h, expected)


# The same numbers as Keras' layers

KERAS = {"LSTM": "ifgo", "GRU": "zrn"}  # the order of the gates in Keras' arrays
LAYERS = pytest.mark.parametrize(
    "kind, options",
    [("LSTM", {}), ("GRU", {"reset_after": True}), ("GRU", {"reset_after": False})],
)


def from_keras(kind, order, array):
    """An array of Keras, whose last axis is in `order`, with our order, rows first."""
    blocks = by_gate(order, torch.as_tensor(array), axis=-1)
    return torch.cat([blocks[gate] for gate in GATES[kind]], -1).numpy().T


def keras_cell(kind, order, layer, reset_after=True):
    """Our cell with the weights of a Keras layer, its gates being in `order`."""
    W_x, W_h, b = (from_keras(kind, order, one) for one in layer.arrays.values())
    if kind == "LSTM":
        return LSTMCell(W_x, W_h, b)
    if not reset_after:
        return GRUCell(W_x, W_h, b, reset_after=False)
    b_x, b_h = b.T  # two biases, as in PyTorch
    n = slice(2 * len(b) // 3, None)
    b = b_x + b_h
    b[n] = b_x[n]
    return GRUCell(W_x, W_h, b, b_h[n])


def near_keras(layer, actual, expected):
    """Whether two arrays are equal, to Keras' precision times the largest (or 1)."""
    assert actual.shape == expected.shape
    largest = np.abs(expected).max(initial=1)
    return np.abs(actual - expected).max() <= layer.precision * largest


@LAYERS
def test_states_and_gradients_are_keras(keras, kind, options):
    layer = keras_layer(keras, kind, return_state=True, **options)
    cell = keras_cell(kind, KERAS[kind], layer, **options)
    rng = np.random.default_rng(1)
    x = rng.normal(size=(7, 2, cell.input_size))
    weight = rng.normal(size=(7, 2, cell.hidden_size))
    first = start(cell, (2,))
    leaves = {
        name: torch.tensor(value, requires_grad=True)
        for name, value in ({"x": x} | first).items()
    }
    begin = [leaves[name] for name in first]
    states, *last = layer.layer(leaves["x"].swapaxes(0, 1), initial_state=begin)
    states = states.swapaxes(0, 1)
    (torch.tensor(weight) * states).sum().backward()

    run = cell.run(x, **first)
    ours = cell.backward(run, weight)

    assert near_keras(layer, run.h, states.detach().numpy())
    for name, value in zip(first, last, strict=True):
        ending = getattr(run, name.replace("_0", "_n"))
        assert near_keras(layer, ending, value.detach().numpy())
    for name, leaf in leaves.items():
        assert near_keras(layer, getattr(ours, name), leaf.grad.numpy())
    W_x, W_h, b = (
        from_keras(kind, KERAS[kind], one.value.grad) for one in layer.layer.weights
    )
    assert near_keras(layer, ours.W_x, W_x)
    assert near_keras(layer, ours.W_h, W_h)
    if ours.b.shape == b.shape:
        assert near_keras(layer, ours.b, b)
    else:
        b_x, b_h = b.T
        of_h = np.concatenate([ours.b_r, ours.b_z, ours.b_hn])
        assert near_keras(layer, ours.b, b_x) and near_keras(layer, of_h, b_h)


@LAYERS
def test_in_another_order_the_gates_are_not_keras(keras, kind, options):
    layer = keras_layer(keras, kind, **options)
    x = np.random.default_rng(1).normal(size=(7, 2, len(layer.arrays["kernel"])))
    expected = layer.run(x)
    agree = [
        "".join(order)
        for order in itertools.permutations(GATES[kind])
        if near_keras(
            layer, keras_cell(kind, order, layer, **options).run(x).h, expected
        )
    ]
    assert agree == [KERAS[kind]]


# What a cell is


@kinds
def test_every_block_has_its_name(kind):
    cell = make_cell(kind, 3, 5)
    run = cell.run(np.ones((2, 3)))
    grads = cell.backward(run, np.ones((2, 5)))
    for stacked, prefix in (("W_x", "W_x"), ("W_h", "W_h"), ("b", "b_"), ("a", "a_")):
        for k, gate in enumerate(GATES[kind]):
            rows = slice(5 * k, 5 * k + 5)
            name = f"{prefix}{gate}"
            if stacked == "a":
                assert np.array_equal(getattr(grads, name), grads.a[:, rows])
                continue
            for holder in (cell, grads):
                block = getattr(holder, name)
                assert np.array_equal(block, getattr(holder, stacked)[rows])
    with pytest.raises(ValueError, match="read-only"):
        getattr(cell, f"b_{GATES[kind][0]}")[0] = 1


def test_sizes_dtype_and_repr():
    for kind in CELLS:
        cell = make_cell(kind, dtype=np.float32)
        assert (cell.input_size, cell.hidden_size, cell.dtype) == (4, 8, np.float32)
    assert repr(make_cell("LSTM", peepholes=["p_o"])) == (
        "LSTMCell(input_size=4, hidden_size=8, peepholes=True, dtype=float64)"
    )
    assert repr(make_cell("GRU", reset_after=False)) == (
        "GRUCell(input_size=4, hidden_size=8, reset_after=False, update_keeps=True, "
        "dtype=float64)"
    )
    assert "peepholes=False" in repr(make_cell("LSTM"))


@kinds
def test_weights_are_copied_and_read_only(kind):
    k = len(GATES[kind])
    W_x = np.ones((k, 1))
    cell = CELLS[kind](W_x, np.ones((k, 1)), np.zeros(k))
    W_x[:] = 7
    assert (cell.W_x == 1).all()
    with pytest.raises(ValueError, match="read-only"):
        cell.W_h[0, 0] = 2
    with pytest.raises(dataclasses.FrozenInstanceError):
        cell.b = np.zeros(k)


@kinds
def test_lists_of_floats_take_the_dtype_of_the_weights(kind):
    k = len(GATES[kind])
    lists = [[1.0]] * k, [0.0] * k
    assert CELLS[kind](lists[0], *lists).run([[1.0]]).h.dtype == np.float64
    cell = CELLS[kind](np.ones((k, 1), np.float32), *lists)
    first = [[2.0]] * (1 + (kind == "LSTM"))
    run = cell.run([[1.0], [0.0]], *first)
    grads = cell.backward(run, [[1.0], [1.0]])
    for result in (run, grads):
        for field in dataclasses.fields(result):
            value = getattr(result, field.name)
            assert not isinstance(value, np.ndarray) or value.dtype == np.float32


@kinds
def test_float32_gradients(kind):
    for options in DIFFERENT[kind]:
        exact = make_cell(kind, 3, 6, **options)
        arrays = {
            name: None if value is None else value.astype(np.float32)
            for name in WEIGHTS[kind]
            for value in [getattr(exact, name)]
        }
        cell = dataclasses.replace(exact, **arrays)
        x, weight = np.random.default_rng(1).normal(size=(2, 9, 2, 6))
        x = x[..., :3]
        expected = exact.backward(exact.run(x), weight)
        run = cell.run(x.astype(np.float32))
        actual = cell.backward(run, weight.astype(np.float32))
        for name in (*WEIGHTS[kind], "x", "h_0", "h", "a"):
            ours, theirs = getattr(actual, name), getattr(expected, name)
            if theirs is None:
                assert ours is None
            else:
                assert ours.dtype == np.float32
                error = np.linalg.norm(ours - theirs)
                assert error <= 1e-5 * np.linalg.norm(theirs)


@kinds
def test_nothing_given_is_changed(kind):
    cell = make_cell(kind)
    x, first = np.full((3, 4), -1.0), start(cell, ())
    clamp = {GATES[kind][0]: 0.5}
    given = np.ones((3, 8))
    last = np.ones(8)
    before = pickle.dumps((x, first, clamp, given, last))
    run = cell.run(x, **first, clamp=clamp)
    held = pickle.dumps([getattr(run, f.name) for f in dataclasses.fields(run)])
    cell.step(x[0], *first.values())
    cell.backward(run, given, last)
    assert pickle.dumps((x, first, clamp, given, last)) == before
    fields = [getattr(run, f.name) for f in dataclasses.fields(run)]
    assert pickle.dumps(fields) == held


@kinds
def test_a_run_keeps_what_it_was_given_and_can_be_continued(kind):
    cell = make_cell(kind)
    x = np.random.default_rng(1).normal(size=(9, 2, 4))
    whole = cell.run(x)
    assert whole.x is x and not whole.h_0.any() and whole.clamp == {}
    first = cell.run(x[:4])
    last = [first.h_n, first.c_n] if kind == "LSTM" else [first.h_n]
    assert all(state.shape == (2, 8) for state in last)
    rest = cell.run(x[4:], *last)
    assert rest.h_0 is last[0]
    for name in (*GATES[kind], "h"):
        joined = np.concatenate([getattr(first, name), getattr(rest, name)])
        assert_same(joined, getattr(whole, name))


@kinds
def test_an_empty_batch_has_gradients_too(kind):
    cell = make_cell(kind)
    run = cell.run(np.empty((3, 0, 4)))
    grads = cell.backward(run, np.empty((3, 0, 8)))
    assert grads.x.shape == (3, 0, 4) and grads.h_0.shape == (0, 8)
    assert grads.W_x.shape == cell.W_x.shape and not grads.W_x.any()


@kinds
def test_the_last_states_gradient_is_added_to_the_last_of_all(kind):
    cell = make_cell(kind)
    run = cell.run(np.ones((3, 4)))
    states = "hc" if kind == "LSTM" else "h"
    for state in states:
        last = np.arange(8.0)
        every = np.zeros((3, 8))
        every[-1] = last
        one = cell.backward(run, **{f"grad_{state}_n": last})
        other = cell.backward(run, **{f"grad_{state}": every})
        assert np.array_equal(one.W_x, other.W_x) and one.W_x.any()


@kinds
def test_a_cell_can_be_pickled(kind):
    cell = make_cell(kind)
    x = np.ones((3, 4))
    copy = pickle.loads(pickle.dumps(cell))
    assert np.array_equal(copy.run(x).h, cell.run(x).h)


@kinds
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_far_from_zero_gates_are_shut_or_open_without_a_warning(kind, dtype):
    k = len(GATES[kind])
    large = dtype(np.finfo(dtype).max)
    cell = CELLS[kind](
        np.ones((k, 1), dtype), np.zeros((k, 1), dtype), np.zeros(k, dtype)
    )
    x = np.array([[-large], [-1000], [-50], [50], [1000], [large], [np.inf]], dtype)
    with warnings.catch_warnings(), np.errstate(all="raise"):
        warnings.simplefilter("error")
        run = cell.run(x)
        grads = cell.backward(run, np.ones((7, 1), dtype))
    gate = run.f if kind == "LSTM" else run.z
    assert gate[:, 0].tolist()[:2] == [0, 0]
    assert gate[2] == pytest.approx(np.exp(-50), rel=1e-6, abs=0)  # not rounded to 0
    assert gate[:, 0].tolist()[3:] == [1, 1, 1, 1]
    assert np.isfinite(run.h).all() and np.isfinite(grads.b).all()


@kinds
def test_nan_passes_through(kind):
    k = len(GATES[kind])
    cell = CELLS[kind](np.ones((k, 1)), np.ones((k, 1)), np.zeros(k))
    with warnings.catch_warnings(), np.errstate(all="raise"):
        warnings.simplefilter("error")
        run = cell.run([[1.0], [float("nan")], [1.0]])
        grads = cell.backward(run, np.ones((3, 1)))
    assert np.isnan(run.h[:, 0]).tolist() == [False, True, True]
    assert np.isnan(grads.W_x).all()


# Clamped gates


def test_an_open_forget_gate_and_a_shut_input_gate_keep_c_as_it_is():
    cell = make_cell("LSTM")
    c_0 = np.random.default_rng(0).normal(size=8)
    x = np.random.default_rng(1).normal(size=(50, 4))
    run = cell.run(x, None, c_0, clamp={"f": 1, "i": 0})
    assert (run.f == 1).all() and (run.i == 0).all()
    assert (run.c == c_0).all()
    assert run.h.std(axis=0).min() > 0  # o is still computed
    # The gradient along c is the product of the f_t: 1.
    grads = cell.backward(
        cell.run(x, None, c_0, clamp={"f": 1, "i": 0, "o": 0}), grad_c_n=np.ones(8)
    )
    assert (grads.c == 1).all() and (grads.c_0 == 1).all()


@pytest.mark.parametrize("keeps", [True, False])
def test_an_update_gate_that_keeps_all_keeps_h_as_it_is(keeps):
    cell = make_cell("GRU", update_keeps=keeps)
    h_0 = np.random.default_rng(0).normal(size=8)
    run = cell.run(np.ones((50, 4)), h_0, clamp={"z": float(keeps)})
    assert (run.h == h_0).all()
    assert (cell.backward(run, grad_h_n=np.ones(8)).h_0 == 1).all()


# The GRU's conventions


@given(seeds, sizes, sizes, flags, flags)
def test_turning_z_computes_the_same(seed, d, H, after, keeps):
    cell = make_cell("GRU", d, H, seed=seed, reset_after=after, update_keeps=keeps)
    turned = cell.with_convention(update_keeps=not keeps)
    assert (turned.reset_after, turned.update_keeps) == (after, not keeps)
    x = np.random.default_rng(seed).normal(size=(20, 3, d))
    run, other = cell.run(x), turned.run(x)
    assert_same(other.h, run.h)
    assert_same(other.z, 1 - run.z)
    back = turned.with_convention(update_keeps=keeps)
    for name in ("W_x", "W_h", "b"):
        assert np.array_equal(getattr(back, name), getattr(cell, name))


def test_a_z_that_replaces_goes_to_torch_turned():
    cell = make_cell("GRU", update_keeps=False)
    x = np.random.default_rng(0).normal(size=(20, 3, 4))
    with torch.no_grad():
        assert_same(cell.run(x).h, cell.to_torch()(torch.tensor(x))[0])


def test_r_can_be_moved_where_W_hn_is_diagonal_and_b_hn_zero():
    some = make_cell("GRU")
    W_h = np.vstack([some.W_hr, some.W_hz, np.diag(np.diag(some.W_hn))])
    after = dataclasses.replace(some, W_h=W_h, b_hn=None)
    before = after.with_convention(reset_after=False, update_keeps=False)
    assert (before.reset_after, before.update_keeps) == (False, False)
    x = np.random.default_rng(0).normal(size=(20, 3, 4))
    assert_same(before.run(x).h, after.run(x).h)
    assert_same(before.with_convention(reset_after=True).run(x).h, after.run(x).h)
    with torch.no_grad():
        assert_same(before.run(x).h, before.to_torch()(torch.tensor(x))[0])
    # and only there: the same weights, read the other way, compute something else
    for other in (
        dataclasses.replace(some, b_hn=None),
        dataclasses.replace(after, b_hn=some.b_hn),
    ):
        with pytest.raises(ValueError, match="are another cell"):
            other.with_convention(reset_after=False)
        folded = other.b + np.concatenate([np.zeros(16), other.b_hn])
        moved = dataclasses.replace(other, b=folded, b_hn=None, reset_after=False)
        assert np.abs(moved.run(x).h - other.run(x).h).max() > 0.05


def test_a_convention_that_a_cell_has_is_left():
    cell = make_cell("GRU")
    assert cell.with_convention() is cell
    assert cell.with_convention(reset_after=True, update_keeps=True) is cell


def test_b_hn_is_zeros_with_reset_after_and_absent_without():
    cell = GRUCell(np.ones((6, 1)), np.ones((6, 2)), np.zeros(6))
    assert cell.b_hn.tolist() == [0, 0]
    assert dataclasses.replace(cell, reset_after=False).b_hn is None


# What is refused, and with which words

ONES, F32 = np.ones, np.float32
LSTM, GRU = make_cell("LSTM"), make_cell("GRU")
LSTM_RUN, GRU_RUN = LSTM.run(ONES((5, 2, 4))), GRU.run(ONES((5, 2, 4)))
BAD = np.ones((32, 8))
BAD[2, 3] = np.nan


def module(kind, **options):
    return getattr(torch.nn, kind)(4, 8, **options)


REFUSED = [
    # Weights
    (lambda: LSTMCell(ONES((6, 4)), ONES((6, 1)), ONES(6)), ValueError,
     "LSTMCell: W_x has shape (6, 4), but must be (4*H, d) with no size zero"),
    (lambda: LSTMCell(ONES((0, 4)), ONES((0, 0)), ONES(0)), ValueError,
     "LSTMCell: W_x has shape (0, 4), but must be (4*H, d) with no size zero"),
    (lambda: GRUCell(ONES((8, 4)), ONES((8, 2)), ONES(8)), ValueError,
     "GRUCell: W_x has shape (8, 4), but must be (3*H, d) with no size zero"),
    (lambda: LSTMCell(ONES((32, 4)), ONES((8, 32)), ONES(32)), ValueError,
     "LSTMCell: W_h has shape (8, 32), but must be (32, 8) to fit W_x"),
    (lambda: GRUCell(ONES((24, 4)), ONES((24, 24)), ONES(24)), ValueError,
     "GRUCell: W_h has shape (24, 24), but must be (24, 8) to fit W_x"),
    (lambda: LSTMCell(ONES((32, 4)), ONES((32, 8)), ONES(8)), ValueError,
     "LSTMCell: b has shape (8,), but must be (32,) to fit W_x"),
    (lambda: GRUCell(ONES((24, 4)), ONES((24, 8)), ONES((2, 24))), ValueError,
     "GRUCell: b has shape (2, 24), but must be (24,) to fit W_x"),
    (lambda: dataclasses.replace(LSTM, p_f=ONES((8, 8))), ValueError,
     "LSTMCell: p_f has shape (8, 8), but must be (8,) to fit W_x"),
    (lambda: dataclasses.replace(GRU, b_hn=ONES(24)), ValueError,
     "GRUCell: b_hn has shape (24,), but must be (8,) to fit W_x"),
    (lambda: dataclasses.replace(LSTM, W_h=BAD), ValueError,
     "LSTMCell: W_h is nan at [2, 3], but weights must be finite"),
    (lambda: dataclasses.replace(LSTM, p_o=np.full(8, np.inf)), ValueError,
     "LSTMCell: p_o is inf at [0], but weights must be finite"),
    (lambda: dataclasses.replace(LSTM, W_h=None), TypeError,
     "LSTMCell: W_h is object, but must be float32 or float64"),
    (lambda: dataclasses.replace(LSTM, b=ONES(32, int)), TypeError,
     "LSTMCell: b is int64, but must be float32 or float64: convert it with"),
    (lambda: dataclasses.replace(LSTM, p_i=ONES(8, F32)), TypeError,
     "LSTMCell: p_i is float32, but W_x is float64: convert it with"),
    (lambda: dataclasses.replace(GRU, b_hn=ONES(8, F32)), TypeError,
     "GRUCell: b_hn is float32, but W_x is float64: convert it with"),
    (lambda: dataclasses.replace(LSTM, W_h=ONES((32, 8), F32)), TypeError,
     "LSTMCell: W_h is float32, but W_x is float64: convert it with"),
    (lambda: dataclasses.replace(GRU, W_x=ONES((24, 4), F32)), TypeError,
     "GRUCell: W_h is float64, but W_x is float32: convert it with"),
    # Conventions
    (lambda: dataclasses.replace(GRU, reset_after=False), ValueError,
     "GRUCell: b_hn is not zero, but with reset_after=False r does not multiply it, "
     "so that it is one bias with b_n: add it to the last H numbers of b"),
    (lambda: dataclasses.replace(GRU, reset_after="before"), TypeError,
     "GRUCell: reset_after is 'before', but must be True or False"),
    (lambda: dataclasses.replace(GRU, update_keeps=1), TypeError,
     "GRUCell: update_keeps is 1, but must be True or False"),
    (lambda: GRU.with_convention(update_keeps="no"), TypeError,
     "GRUCell: update_keeps is 'no', but must be True or False"),
    (lambda: GRU.with_convention(reset_after=0), TypeError,
     "GRUCell: reset_after is 0, but must be True or False"),
    (lambda: GRU.with_convention(reset_after=False), ValueError,
     "GRUCell: this cell has r after the product with W_hn (reset_after=True), and the "
     "same weights are another cell with r before the product with W_hn "
     "(reset_after=False), because W_hn is not diagonal: "
     "keep reset_after=True, or train again"),
    (lambda: make_cell("GRU", H=1).with_convention(reset_after=False), ValueError,
     "GRUCell: this cell has r after the product with W_hn (reset_after=True), and the "
     "same weights are another cell with r before the product with W_hn "
     "(reset_after=False), because r multiplies b_hn, which is not zero: "
     "keep reset_after=True"),
    (lambda: make_cell("GRU", reset_after=False).to_torch(), ValueError,
     "GRUCell: this cell has r before the product with W_hn (reset_after=False), and "
     "the same weights are another cell with r after the product with W_hn "
     "(reset_after=True), because W_hn is not diagonal: "
     "keep reset_after=False, or train again"),
    # Inputs
    (lambda: LSTM.run(ONES((10, 5))), ValueError,
     "LSTMCell: x has 5 features per step, but W_x (32, 4) expects 4"),
    (lambda: GRU.step(ONES(5), ONES(8)), ValueError,
     "GRUCell: x has 5 features per step, but W_x (24, 4) expects 4"),
    (lambda: GRU.run([]), ValueError,
     "GRUCell: x has shape (0,), which is an empty sequence: "),
    (lambda: LSTM.run(ONES(4)), ValueError,
     "LSTMCell: x has shape (4,), but must be (T, ..., 4): time first"),
    (lambda: LSTM.step(1.0, None, None), ValueError,
     "LSTMCell: x is a single number, but must be (..., 4): put the 4 features"),
    (lambda: GRU.run(ONES((10, 4), int)), TypeError,
     "GRUCell: x is int64, but must be float32 or float64: convert it with"),
    (lambda: LSTM.run(ONES((10, 4), F32)), TypeError,
     "LSTMCell: x is float32, but W_x is float64: convert it with"),
    # States
    (lambda: LSTM.run(ONES((10, 2, 4)), ONES(8)), ValueError,
     "LSTMCell: h_0 has shape (8,), but x and W_x (32, 4) need (2, 8): "
     "one state of 8 units for every sequence in the batch"),
    (lambda: LSTM.run(ONES((10, 4)), None, ONES(32)), ValueError,
     "LSTMCell: c_0 has shape (32,), but x and W_x (32, 4) need (8,)"),
    (lambda: LSTM.step(ONES(4), ONES(7), ONES(8)), ValueError,
     "LSTMCell: h has shape (7,), but x and W_x (32, 4) need (8,)"),
    (lambda: LSTM.step(ONES(4), ONES(8), ONES(8, F32)), TypeError,
     "LSTMCell: c is float32, but W_x is float64: convert it with"),
    (lambda: GRU.run(ONES((10, 4)), ONES(8, F32)), TypeError,
     "GRUCell: h_0 is float32, but W_x is float64: convert it with"),
    (lambda: GRU.run(ONES((10, 2, 4)), ONES((1, 2, 8))), ValueError,
     "GRUCell: h_0 has shape (1, 2, 8), but x and W_x (24, 4) need (2, 8)"),
    (lambda: GRU.step(ONES(4), ONES(7)), ValueError,
     "GRUCell: h has shape (7,), but x and W_x (24, 4) need (8,)"),
    # Clamps
    (lambda: LSTM.run(ONES((3, 4)), clamp={"g": 1.0}), ValueError,
     "LSTMCell: a gate in clamp is 'g', but must be 'i', 'f' or 'o'"),
    (lambda: GRU.run(ONES((3, 4)), clamp={"rz": 1.0}), ValueError,
     "GRUCell: a gate in clamp is 'rz', but must be 'r' or 'z'"),
    (lambda: LSTM.run(ONES((3, 4)), clamp={"f": 1.5}), ValueError,
     "LSTMCell: clamp['f'] is 1.5, but must be from 0 (shut) to 1 (open)"),
    (lambda: LSTM.run(ONES((3, 4)), clamp={"f": np.nan}), ValueError,
     "LSTMCell: clamp['f'] is nan, but must be from 0 (shut) to 1 (open)"),
    (lambda: LSTM.run(ONES((3, 4)), clamp={"f": None}), TypeError,
     "LSTMCell: clamp['f'] is None, but must be a number from 0 to 1: leave a gate"),
    (lambda: GRU.run(ONES((3, 4)), clamp=1.0), TypeError,
     "GRUCell: clamp is 1.0, but must be a mapping from gates to numbers, such as "
     "{'r': 1.0}"),
    # Backwards
    (lambda: LSTM.backward(GRU_RUN, ONES((5, 2, 8))), TypeError,
     "LSTMCell.backward: run is of type GRURun, but must be the LSTMRun that"),
    (lambda: GRU.backward(None, ONES((5, 2, 8))), TypeError,
     "GRUCell.backward: run is of type NoneType, but must be the GRURun that"),
    (lambda: make_cell("LSTM", H=3).backward(LSTM_RUN, ONES((5, 2, 8))), ValueError,
     "LSTMCell.backward: run is that of a cell with W_x (32, 4) in float64, but this "
     "cell's W_x is (12, 4) in float64"),
    (lambda: LSTM.backward(LSTM_RUN), ValueError,
     "LSTMCell.backward: none of grad_h, grad_h_n, grad_c, grad_c_n is given"),
    (lambda: GRU.backward(GRU_RUN), ValueError,
     "GRUCell.backward: none of grad_h, grad_h_n is given"),
    (lambda: LSTM.backward(LSTM_RUN, grad_c_n=ONES(8)), ValueError,
     "LSTMCell.backward: grad_c_n has shape (8,), but must be (2, 8): one number"),
    (lambda: GRU.backward(GRU_RUN, ONES((5, 8))), ValueError,
     "GRUCell.backward: grad_h has shape (5, 8), but must be (5, 2, 8): one number"),
    (lambda: GRU.backward(GRU_RUN, ONES((5, 2, 8), F32)), TypeError,
     "GRUCell.backward: grad_h is float32, but "),
    # From and to PyTorch
    (lambda: LSTMCell.from_torch(module("GRU")), TypeError,
     "LSTMCell.from_torch: module is of type GRU, but must be a torch.nn.LSTM or a "
     "torch.nn.LSTMCell"),
    (lambda: GRUCell.from_torch(module("RNNCell")), TypeError,
     "GRUCell.from_torch: module is of type RNNCell, but must be a torch.nn.GRU or a "
     "torch.nn.GRUCell"),
    (lambda: LSTMCell.from_torch(module("LSTM", num_layers=2)), ValueError,
     "LSTMCell.from_torch: module has num_layers=2, but one cell is one layer: "
     "give it a module with num_layers=1"),
    (lambda: GRUCell.from_torch(module("GRU", bidirectional=True)), ValueError,
     "GRUCell.from_torch: module has bidirectional=True, but one cell runs one way: "
     "give it a module with bidirectional=False"),
    (lambda: LSTMCell.from_torch(module("LSTM", proj_size=3)), ValueError,
     "LSTMCell.from_torch: module has proj_size=3, but this cell's h has as many units "
     "as its gates: give it a module with proj_size=0"),
    (lambda: GRUCell.from_torch(module("GRU", dtype=torch.bfloat16)), TypeError,
     "GRUCell.from_torch: module's weight_ih_l0 is torch.bfloat16, but must be float32 "
     "or float64: convert it with module.float()"),
    (lambda: make_cell("LSTM", peepholes=["p_f"]).to_torch(), ValueError,
     "LSTMCell.to_torch: p_f is not zero, but torch.nn.LSTM has no peepholes: run this "
     "cell itself, or convert dataclasses.replace(cell, p_f=None)"),
    (lambda: LSTM.to_torch("GRU"), ValueError,
     "LSTMCell.to_torch: kind is 'GRU', but must be 'LSTM' or 'LSTMCell'"),
    (lambda: GRU.to_torch("LSTMCell"), ValueError,
     "GRUCell.to_torch: kind is 'LSTMCell', but must be 'GRU' or 'GRUCell'"),
]  # fmt: skip


test_refused = refusals(REFUSED)
