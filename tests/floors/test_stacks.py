"""`Stack` computes what PyTorch's modules compute, packed sequences among them.

What "the same number" means is said in tests/hands/cells.py; gradients are the same
where the difference is at most 1e-10 of the expected one's norm, in float64. What
PyTorch does not have (other widths, kinds and conventions in one stack) is compared
with the cells, and its gradients with central differences.
"""

import dataclasses
import pickle
import warnings

import numpy as np
import pytest
import torch
from hands.cells import assert_same, dtypes, flags, seeds
from hands.refused import refusals
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from unrolled.cells import GRUCell, LSTMCell, RNNCell, Stack

CELLS = {"RNN": RNNCell, "LSTM": LSTMCell, "GRU": GRUCell}
WEIGHTS = ("W_x", "W_h", "b", "b_hn", "p_i", "p_f", "p_o")
kinds = pytest.mark.parametrize("kind", CELLS)
small = st.integers(1, 5)
batches = st.sampled_from([(), (1,), (4,), (2, 3)])


def make_module(kind, seed=0, d=3, H=4, L=2, both=True, dtype="float64", **options):
    torch.manual_seed(seed)
    return getattr(torch.nn, kind)(
        d, H, L, bidirectional=both, dtype=getattr(torch, dtype), **options
    )


def make_stack(kind="LSTM", seed=0, **options):
    return Stack.from_torch(make_module(kind, seed, **options))


def normal(seed, shape, dtype="float64"):
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


def some_lengths(seed, T, batch):
    return np.random.default_rng(seed).integers(1, T + 1, batch)


def first_states(stack, kind, batch, seed=0):
    """First states for a stack of cells of one width, as arguments of `run`."""
    rows = sum(len(layer) for layer in stack.layers)
    H = stack.layers[0][0].hidden_size
    names = ("h_0", "c_0") if kind == "LSTM" else ("h_0",)
    return {
        name: normal([seed, k], (rows, *batch, H), stack.dtype)
        for k, name in enumerate(names)
    }


def in_torch(module, x, first, lengths):
    """output, h_n and c_n by the module itself, of tensors with any batch or none."""
    T, *batch, _ = x.shape
    flat = x.reshape(T, -1, x.shape[-1])
    n, H = flat.shape[1], module.hidden_size
    states = tuple(one.reshape(len(one), n, H) for one in first.values())
    start = None if not states else states if len(states) > 1 else states[0]
    if lengths is not None:
        flat = pack_padded_sequence(
            flat, torch.as_tensor(lengths).reshape(-1), enforce_sorted=False
        )
    output, last = module(flat, start)
    if lengths is not None:
        output, _ = pad_packed_sequence(output, total_length=T)
    last = last if isinstance(last, tuple) else (last,)
    found = dict(zip(("h_n", "c_n"), last, strict=False))
    found = {name: one.reshape(-1, *batch, H) for name, one in found.items()}
    return {"output": output.reshape(T, *batch, -1)} | found


def assert_same_gradient(actual, expected):
    expected = np.asarray(expected)
    assert actual.shape == expected.shape
    difference = np.linalg.norm((actual - expected).ravel())
    assert difference <= 1e-10 * np.linalg.norm(expected.ravel())


def torch_gradients(module, place):
    """What autograd left at the weights of one cell, by the cell's own names."""
    names = {"W_x": "weight_ih", "W_h": "weight_hh", "b": "bias_ih", "b_hn": "bias_hh"}
    found = {name: getattr(module, one + place).grad for name, one in names.items()}
    b_hn = found.pop("b_hn")
    if isinstance(module, torch.nn.GRU):
        found["b_hn"] = b_hn[2 * module.hidden_size :]
    return found


# The same numbers as PyTorch's modules


@kinds
@given(seeds, small, small, st.integers(1, 3), flags, st.integers(1, 9), batches, flags,
       flags, dtypes, flags)  # fmt: skip
def test_a_run_is_torchs(
    kind, seed, d, H, L, both, T, batch, padded, given, dtype, bias
):
    options = {"nonlinearity": ("tanh", "relu")[seed % 2]} if kind == "RNN" else {}
    module = make_module(kind, seed, d, H, L, both, dtype, bias=bias, **options)
    stack = Stack.from_torch(module)
    lengths = some_lengths(seed, T, batch) if padded else None
    first = first_states(stack, kind, batch, seed) if given else {}
    x = normal(seed, (T, *batch, d), dtype)

    run = stack.run(x, **first, lengths=lengths)

    tensors = {name: torch.tensor(one) for name, one in first.items()}
    with torch.no_grad():
        expected = in_torch(module, torch.tensor(x), tensors, lengths)
    for name, one in expected.items():
        assert_same(getattr(run, name), one)
    assert (run.c_n is None) == (kind != "LSTM")


@kinds
@given(seeds, small, small, st.integers(1, 3), flags, st.integers(1, 9), batches, flags,
       flags)  # fmt: skip
def test_gradients_are_autograds(kind, seed, d, H, L, both, T, batch, padded, given):
    module = make_module(kind, seed, d, H, L, both)
    stack = Stack.from_torch(module)
    lengths = some_lengths(seed, T, batch) if padded else None
    first = first_states(stack, kind, batch, seed)
    leaves = {"x": normal(seed, (T, *batch, d))} | (first if given else {})
    leaves = {name: torch.tensor(one).requires_grad_() for name, one in leaves.items()}
    x, *states = leaves
    seen = in_torch(module, leaves[x], {name: leaves[name] for name in states}, lengths)
    straight = {name: torch.randn_like(one) for name, one in seen.items()}
    # Not from each: a loss may look at some of them only.
    straight = dict(list(straight.items())[seed % 3 % len(straight) :])
    sum((one * seen[name]).sum() for name, one in straight.items()).backward()

    run = stack.run(
        leaves[x].detach().numpy(), **first if given else {}, lengths=lengths
    )
    found = stack.backward(
        run, **{f"grad_{name}": one.numpy() for name, one in straight.items()}
    )

    for name, leaf in leaves.items():
        assert_same_gradient(getattr(found, name), leaf.grad)
    for k, layer in enumerate(found.layers):
        for way, one in zip(("", "_reverse"), layer, strict=False):
            for name, expected in torch_gradients(module, f"_l{k}{way}").items():
                assert_same_gradient(getattr(one, name), expected)
    # Each step's own share, the first step's first, both ways.
    for layer, reads in zip(found.layers, run.layers, strict=True):
        for one, read in zip(layer, reads, strict=True):
            a, seen = (v.reshape(-1, v.shape[-1]) for v in (one.a, read.x))
            assert_same_gradient(one.W_x, a.T @ seen)
            if kind == "RNN":
                assert_same_gradient(one.a, (1 - read.h**2) * one.h)


@kinds
@given(seeds, small, small, st.integers(1, 3), flags, dtypes)
def test_to_torch_and_back(kind, seed, d, H, L, both, dtype):
    stack = make_stack(kind, seed, d=d, H=H, L=L, both=both, dtype=dtype)
    random = torch.get_rng_state()
    module = stack.to_torch()
    assert torch.equal(torch.get_rng_state(), random)
    assert (module.num_layers, module.bidirectional) == (L, both)
    again = Stack.from_torch(module)
    assert (again.dtype, repr(again)) == (np.dtype(dtype), repr(stack))
    for layer, other in zip(stack.layers, again.layers, strict=True):
        for cell, one in zip(layer, other, strict=True):
            for name in WEIGHTS:
                ours, theirs = getattr(cell, name, None), getattr(one, name, None)
                assert ours is theirs is None or np.array_equal(ours, theirs)
    x = normal(seed, (5, 2, d), dtype)
    output = module(torch.tensor(x))[0]
    assert_same(stack.run(x).output, output.detach())
    output.sum().backward()
    assert all(parameter.grad is not None for parameter in module.parameters())


@kinds
def test_what_a_cell_can_become_in_torch_so_can_a_stack(kind):
    stack = make_stack(kind)
    options = {
        "RNN": {"activation": "relu"},
        "LSTM": {"p_f": np.zeros(4)},  # a peephole of zeros is none
        "GRU": {"update_keeps": False},
    }[kind]
    other = Stack(
        [
            [dataclasses.replace(cell, **options) for cell in layer]
            for layer in stack.layers
        ]
    )
    x = normal(0, (5, 2, 3))
    with torch.no_grad():
        assert_same(other.run(x).output, other.to_torch()(torch.tensor(x))[0])


@kinds
def test_from_torch_takes_no_notice_of_batch_first_nor_of_dropout_that_is_off(kind):
    module = make_module(kind, batch_first=True, dropout=0.5).eval()
    x = normal(0, (5, 2, 3))
    with torch.no_grad():
        expected = module(torch.tensor(x).swapaxes(0, 1))[0].swapaxes(0, 1)
    assert_same(Stack.from_torch(module).run(x).output, expected)
    # Dropout is between layers: with one layer there is none.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch says so too
        module = make_module(kind, L=1, dropout=0.5)
    with torch.no_grad():
        expected = module(torch.tensor(x))[0]
    assert_same(Stack.from_torch(module).run(x).output, expected)


# Every state by name


def any_stack(dtype=np.float64):
    """A stack that no module of PyTorch can hold: kinds, widths and options differ."""
    rng = np.random.default_rng(0)

    def cell(kind, d, H, **options):
        k = {"RNN": 1, "LSTM": 4, "GRU": 3}[kind]
        drawn = [0.5 * rng.normal(size=s) for s in ((k * H, d), (k * H, H), (k * H,))]
        return CELLS[kind](*(one.astype(dtype) for one in drawn), **options)

    p_i, p_o = rng.normal(size=(2, 3)).astype(dtype)
    return Stack(
        [
            [cell("GRU", 2, 2, reset_after=False), cell("LSTM", 2, 3, p_i=p_i)],
            cell("RNN", 5, 4, activation="identity"),
            [cell("LSTM", 4, 3, p_o=p_o), cell("GRU", 4, 1, update_keeps=False)],
        ]
    )


def any_first(stack, batch, seed):
    """First states for it: a list of h_0, and one of c_0."""
    cells = [cell for layer in stack.layers for cell in layer]
    gated = [cell for cell in cells if isinstance(cell, LSTMCell)]
    return [
        [normal([seed, k, s], (*batch, cell.hidden_size), stack.dtype)
         for k, cell in enumerate(some)]
        for s, some in enumerate((cells, gated))
    ]  # fmt: skip


NAMES = {"RNN": "h", "LSTM": "ifgoch", "GRU": "rznh"}


@pytest.mark.parametrize("padded", [False, True])
def test_every_state_and_gate_is_that_of_its_cell_on_each_sequence_alone(padded):
    stack, T, batch = any_stack(), 6, (2, 2)
    h_0, c_0 = any_first(stack, batch, 1)
    lengths = np.array([[6, 2], [1, 4]]) if padded else None
    run = stack.run(normal(2, (T, *batch, 2)), h_0, c_0, lengths=lengths)
    every = [
        (cell, one, way)
        for cells, layer in zip(stack.layers, run.layers, strict=True)
        for cell, one, way in zip(cells, layer, (1, -1), strict=False)
    ]
    c_n, c_0 = list(run.c_n), list(c_0)
    for k, (cell, one, way) in enumerate(every):
        kind = next(kind for kind, Cell in CELLS.items() if type(cell) is Cell)
        assert one.h_0 is h_0[k] and np.array_equal(run.h_n[k], one.h_n)
        first = {"h_0": one.h_0}
        if kind == "LSTM":
            assert one.c_0 is c_0.pop(0) and np.array_equal(c_n.pop(0), one.c_n)
            first["c_0"] = one.c_0
        for at in np.ndindex(batch):
            n = int(lengths[at]) if padded else T
            own = (slice(n), *at)
            alone = cell.run(one.x[own][::way], **{s: v[at] for s, v in first.items()})
            for name in NAMES[kind]:
                seen = getattr(one, name)
                assert_same(seen[own], getattr(alone, name)[::way])
                if name in "hc":
                    assert_same(getattr(one, f"{name}_n")[at], getattr(alone, name)[-1])
                    last = first[f"{name}_0"] if way < 0 else getattr(one, f"{name}_n")
                    assert (seen[(slice(n, None), *at)] == last[at]).all()
                else:
                    assert not seen[(slice(n, None), *at)].any()
        for name in set("hcifgorzn") - set(NAMES[kind]):
            assert getattr(one, name) is None
    # Each layer reads the states of the one below, side by side; behind the end, 0.
    for below, above in zip(run.layers, run.layers[1:], strict=False):
        given = np.concatenate([one.h for one in below], axis=-1)
        if padded:
            given[np.arange(T)[:, None, None] >= lengths] = 0
        assert all(np.array_equal(one.x, given) for one in above)
    forward, backward = run.layers[-1]
    if not padded:
        both = np.concatenate([forward.h, backward.h], axis=-1)
        assert np.array_equal(run.output, both)
    assert isinstance(run.h_n, tuple) and run.h_n[1].shape == (*batch, 3)


def test_gradients_are_the_limits_of_differences():
    """Of a stack that PyTorch cannot hold: for every weight, x and first state."""
    stack, T, batch, lengths = any_stack(), 4, (2,), [4, 2]
    h_0, c_0 = any_first(stack, batch, 1)
    values = {"x": normal(2, (T, *batch, 2))}
    values |= {("h_0", k): one for k, one in enumerate(h_0)}
    values |= {("c_0", k): one for k, one in enumerate(c_0)}
    for k, layer in enumerate(stack.layers):
        for j, cell in enumerate(layer):
            for name in WEIGHTS:
                if getattr(cell, name, None) is not None:
                    values[k, j, name] = np.array(getattr(cell, name))
    run = stack.run(values["x"], h_0, c_0, lengths=lengths)
    gradients = {"output": normal(3, run.output.shape)}
    gradients |= {f"{s}_n": [normal([4, k], one.shape) for k, one in enumerate(some)]
                  for s, some in (("h", run.h_n), ("c", run.c_n))}  # fmt: skip

    def loss(values):
        layers = [list(layer) for layer in stack.layers]
        for (k, j, *name), one in ((k, v) for k, v in values.items() if len(k) == 3):
            layers[k][j] = dataclasses.replace(layers[k][j], **{name[0]: one})
        first = [[values[s, k] for k in range(len(some))]
                 for s, some in (("h_0", h_0), ("c_0", c_0))]  # fmt: skip
        run = Stack(layers).run(values["x"], *first, lengths=lengths)
        L = (gradients["output"] * run.output).sum()
        for name in ("h_n", "c_n"):
            pairs = zip(gradients[name], getattr(run, name), strict=True)
            L += sum((one * seen).sum() for one, seen in pairs)
        return L

    found = stack.backward(run, *gradients.values())
    for key, value in values.items():
        slopes = np.empty_like(value)
        for at in np.ndindex(value.shape):
            sides = []
            for sign in (1, -1):
                moved = value.copy()
                moved[at] += sign * 1e-5
                sides.append(loss(values | {key: moved}))
            slopes[at] = (sides[0] - sides[1]) / 2e-5
        if key == "x":
            ours = found.x
        elif len(key) == 2:
            ours = getattr(found, key[0])[key[1]]
        else:
            ours = getattr(found.layers[key[0]][key[1]], key[2])
        assert np.linalg.norm(ours - slopes) <= 1e-6 * np.linalg.norm(slopes), key
    assert not found.x[2:, 1].any()
    for layer in found.layers:
        for one in layer:
            assert not one.h[2:, 1].any() and not one.a[2:, 1].any()
            assert one.h[2:, 0].any() and one.a[:2, 1].any()


# What a stack is


@kinds
def test_one_layer_and_one_direction_is_the_cell(kind):
    stack = make_stack(kind, L=1, both=False)
    ((cell,),) = stack.layers
    x, first = normal(0, (5, 2, 3)), first_states(stack, kind, (2,))
    weight = normal(1, (5, 2, 4))
    run = stack.run(x, **first)
    alone = cell.run(x, **{name: one[0] for name, one in first.items()})
    assert np.array_equal(run.output, alone.h)
    assert np.array_equal(run.h_n, alone.h_n[None])
    found, expected = stack.backward(run, weight), cell.backward(alone, weight)
    for field in dataclasses.fields(expected):
        ours = getattr(found.layers[0][0], field.name)
        theirs = getattr(expected, field.name)
        assert ours is theirs is None or np.array_equal(ours, theirs)


def test_sizes_dtype_and_repr():
    stack = make_stack("LSTM", dtype="float32")
    assert (stack.input_size, stack.dtype) == (3, np.float32)
    assert repr(stack) == (
        "Stack(LSTM, input_size=3, hidden_sizes=[[4, 4], [4, 4]], dtype=float32)"
    )
    assert repr(any_stack()) == (
        "Stack(GRU/LSTM/RNN, input_size=2, hidden_sizes=[[2, 3], [4], [3, 1]], "
        "dtype=float64)"
    )


@pytest.mark.parametrize("lengths", [None, [6, 3]])
def test_all_of_a_float32_stack_is_float32_and_near_float64s(lengths):
    def results(dtype):
        stack = any_stack(dtype)
        x, first = normal(0, (6, 2, 2), dtype), any_first(stack, (2,), 1)
        run = stack.run(x, *first, lengths=lengths)
        found = stack.backward(run, np.ones_like(run.output), grad_c_n=run.c_n)
        named = {"output": run.output, "x": found.x}
        for what, layers in (("run", run.layers), ("gradient", found.layers)):
            for k, layer in enumerate(layers):
                for j, one in enumerate(layer):
                    for name, value in vars(one).items():
                        named[what, k, j, name] = value
        return {key: value for key, value in named.items() if value is not None}

    single, double = results("float32"), results("float64")
    assert single.keys() == double.keys()
    for key, value in single.items():
        assert value.dtype == np.float32, key
        error = np.linalg.norm(value - double[key])
        assert error <= 1e-5 * np.linalg.norm(double[key]), key


@kinds
@pytest.mark.parametrize("stuff", [np.nan, np.inf, 1e300])
def test_what_stands_behind_the_end_has_no_effect(kind, stuff):
    stack, lengths = make_stack(kind), [2, 7, 1]
    clean = normal(0, (7, 3, 3))
    stuffed, given = clean.copy(), normal(1, (7, 3, 8))
    dirty = given.copy()
    for n, length in enumerate(lengths):
        stuffed[length:, n] = dirty[length:, n] = stuff
    with warnings.catch_warnings(), np.errstate(all="raise"):
        warnings.simplefilter("error")
        runs = [stack.run(x, lengths=lengths) for x in (clean, stuffed)]
        found = [
            stack.backward(*both) for both in zip(runs, (given, dirty), strict=True)
        ]
    assert np.array_equal(runs[0].output, runs[1].output)
    assert np.array_equal(found[0].x, found[1].x) and found[0].x.any()
    cells = zip(*(sum(one.layers, ()) for one in found), strict=True)
    for one, other in cells:
        for name, value in vars(one).items():
            assert value is None or np.array_equal(value, getattr(other, name))


def test_padding_is_not_run_through_until_it_overflows():
    """Behind the end a growing state would be infinite, and 0 times it no number."""
    grows = RNNCell([[1.0]], [[1e10]], [1.0], "relu")
    stack = Stack([[grows, grows]])
    x = np.ones((60, 2, 1))
    run = stack.run(x, lengths=[3, 2])
    found = stack.backward(run, np.ones_like(run.output))
    short = stack.run(x[:3], lengths=[3, 2])
    expected = stack.backward(short, np.ones_like(short.output))
    assert np.isfinite(run.layers[0][0].h).all()
    for one, other in zip(found.layers[0], expected.layers[0], strict=True):
        assert np.isfinite(one.W_h).all()
        for name in ("W_x", "W_h", "b"):
            assert_same(getattr(one, name), getattr(other, name))


@kinds
def test_full_lengths_are_no_lengths(kind):
    stack, x = make_stack(kind), normal(0, (5, 2, 3))
    run, padded = stack.run(x), stack.run(x, lengths=np.full(2, 5, np.uint8))
    assert run.lengths is None and padded.lengths.tolist() == [5, 5]
    assert np.array_equal(run.output, padded.output)
    found, same = (stack.backward(one, one.output) for one in (run, padded))
    assert np.array_equal(found.x, same.x) and found.x.any()


def test_lengths_may_be_a_tensor_and_of_one_sequence_a_number():
    stack, x = make_stack(), normal(0, (5, 2, 3))
    one = stack.run(x, lengths=torch.tensor([2, 5]))
    assert np.array_equal(one.output, stack.run(x, lengths=(2, 5)).output)
    alone = stack.run(x[:, 0], lengths=2)
    assert_same(alone.output, one.output[:, 0])


@kinds
def test_a_run_can_be_continued_one_way_and_from_each_end(kind):
    stack = make_stack(kind, both=False)
    x = normal(0, (9, 3, 3))
    lengths = [4, 2, 1]
    first = stack.run(x, lengths=lengths)
    states = [first.h_n, first.c_n] if kind == "LSTM" else [first.h_n]
    for n, length in enumerate(lengths):
        rest = stack.run(x[length:, n], *(one[:, n] for one in states))
        assert_same(rest.output, stack.run(x[:, n]).output[length:])


@kinds
def test_an_empty_batch(kind):
    stack = make_stack(kind)
    run = stack.run(np.empty((3, 0, 3)), lengths=[])
    found = stack.backward(run, np.empty((3, 0, 8)))
    assert run.output.shape == (3, 0, 8) and found.h_0.shape == (4, 0, 4)
    assert not found.layers[1][1].W_x.any()


def test_nothing_given_is_changed_and_all_can_be_pickled():
    stack, x = any_stack(), normal(0, (5, 2, 2))
    first, lengths = any_first(stack, (2,), 1), np.array([2, 5])
    given = normal(2, (5, 2, 4))
    before = pickle.dumps((x, first, lengths, given))
    run = pickle.loads(pickle.dumps(stack)).run(x, *first, lengths=lengths)
    held = pickle.dumps(run)
    found = stack.backward(pickle.loads(held), given, grad_h_n=first[0])
    assert pickle.dumps((x, first, lengths, given)) == before
    stack.backward(run, given, grad_h_n=first[0])
    assert pickle.dumps(run) == held
    assert pickle.loads(pickle.dumps(found)).x.shape == x.shape
    lengths[:] = 1  # the run's own are a copy
    assert run.lengths.tolist() == [2, 5]


def test_from_torch_copies_the_weights():
    module = make_module("GRU")
    stack = Stack.from_torch(module)
    before = pickle.dumps(stack)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.zero_()
    assert pickle.dumps(stack) == before and stack.layers[1][1].W_h.any()


def test_keras_repeats_the_last_state_behind_the_end(keras):
    """And sets it to 0 in `Bidirectional`, as PyTorch does after packing."""
    (cells,) = make_stack("RNN", L=1).layers
    x, lengths = normal(0, (6, 2, 3)), [6, 2]
    alone, inner = (keras.layers.SimpleRNN(4, return_sequences=True) for _ in range(2))
    both = keras.layers.Bidirectional(inner)
    for one in (alone, both):
        one.build((2, 6, 3))
    layers = (alone, both.forward_layer, both.backward_layer)
    for one, cell in zip(layers, (cells[0], *cells), strict=True):
        one.set_weights([cell.W_x.T, cell.W_h.T, cell.b])
    mask = torch.arange(6) < torch.tensor(lengths)[:, None]

    def said(layer):
        batch_first = torch.tensor(x).float().swapaxes(0, 1)
        with torch.no_grad():
            return layer(batch_first, mask=mask).numpy().swapaxes(0, 1)

    run = Stack([cells]).run(x, lengths=lengths)
    assert (run.layers[0][0].h[2:, 1] == run.h_n[0, 1]).all()
    assert np.abs(said(alone) - run.layers[0][0].h).max() <= 1e-6
    assert np.abs(said(both) - run.output).max() <= 1e-6


def test_what_to_torch_advises_can_be_done():
    x = normal(0, (5, 2, 3))
    stack = Stack([cell("LSTM"), UP["GRU"]])
    with pytest.raises(ValueError, match=r"alone, as stack.layers\[1\]\[0\].to_torch"):
        stack.to_torch()
    output = torch.tensor(x)
    with torch.no_grad():
        for layer in stack.layers:
            output = layer[0].to_torch()(output)[0]
    assert_same(stack.run(x).output, output)

    stack = Stack([cell("GRU"), [UP["GRU"]] * 2])
    with pytest.raises(ValueError, match=r"as Stack\(\[stack.layers\[1\]\]\).to_torch"):
        stack.to_torch()
    output = torch.tensor(x)
    with torch.no_grad():
        for layer in stack.layers:
            output = Stack([layer]).to_torch()(output)[0]
    assert_same(stack.run(x).output, output)


# What is refused, and with which words

ONES, F32 = np.ones, np.float32


def cell(kind, d=3, H=4, dtype=np.float64, **options):
    k = {"RNN": 1, "LSTM": 4, "GRU": 3}[kind]
    arrays = [ONES(s, dtype) for s in ((k * H, d), (k * H, H), (k * H,))]
    return CELLS[kind](*arrays, **options)


RNN, LSTM, MIXED = make_stack("RNN"), make_stack("LSTM"), any_stack()
X = ONES((5, 2, 3))
RNN_RUN, LSTM_RUN = RNN.run(X), LSTM.run(X)
UP = {"RNN": cell("RNN", 4), "LSTM": cell("LSTM", 4), "GRU": cell("GRU", 4)}

REFUSED = [
    # Layers
    (lambda: Stack([]), ValueError,
     "Stack: layers is empty: give it at least one cell, [cell]"),
    (lambda: Stack(cell("RNN")), TypeError,
     "Stack: layers is of type RNNCell, but must be a list of layers, each a cell or a "
     "pair of cells: put one layer into a list, [layer]"),
    (lambda: Stack([cell("RNN"), torch.nn.RNN(4, 4)]), TypeError,
     "Stack: layer 1 holds an object of type RNN, but must be an RNNCell, LSTMCell or "
     "GRUCell, or a pair of them: convert a module of PyTorch with from_torch"),
    (lambda: Stack([[cell("RNN")] * 3]), ValueError,
     "Stack: layer 0 holds 3 cells, but must be one cell, or a pair (forward, backward)"
     ": what reads another's states is a layer of its own"),
    (lambda: Stack([[]]), ValueError, "Stack: layer 0 holds 0 cells, but must be one"),
    (lambda: Stack([cell("RNN"), cell("GRU", 4, dtype=F32)]), TypeError,
     "Stack: layer 1, forward is float32, but layer 0, forward is float64: make all "
     "cells of one dtype"),
    (lambda: Stack([[cell("RNN"), cell("RNN", 2)]]), ValueError,
     "Stack: layer 0, backward expects 2 features, but layer 0, forward has 3: give it "
     "a W_x with 3 columns"),
    (lambda: Stack([[cell("RNN")] * 2, UP["RNN"]]), ValueError,
     "Stack: layer 1, forward expects 4 features, but layer 0 below gives 8: give it a "
     "W_x with 8 columns"),
    # Inputs, states and lengths
    (lambda: RNN.run(ONES((5, 2, 4))), ValueError,
     "Stack: x has 4 features per step, but W_x (4, 3) expects 3"),
    (lambda: RNN.run(ONES((5, 2, 3), F32)), TypeError,
     "Stack: x is float32, but W_x is float64: convert it with"),
    (lambda: RNN.run(X, ONES((2, 2, 4))), ValueError,
     "Stack: h_0 has 2 entries, but must have 4, one for each of layer 0, forward;"
     " layer 0, backward; layer 1, forward; layer 1, backward"),
    (lambda: RNN.run(X, 1.0), ValueError, "Stack: h_0 has no entries, but must have 4"),
    (lambda: RNN.run(X, ONES((4, 3, 4))), ValueError,
     "Stack: h_0[0] has shape (3, 4), but x and W_x (4, 3) need (2, 4): one state"),
    (lambda: LSTM.run(X, (ONES((4, 2, 4)), ONES((4, 2, 4)))), TypeError,
     "Stack: h_0 is a pair of states, (h_0, c_0): give each by its name, h_0=h_0[0] "
     "and c_0=h_0[1]"),
    (lambda: RNN.run(X, (ONES((4, 2, 4)), ONES((4, 2, 4)))), TypeError,
     "Stack: h_0 is a pair of states, (h_0, c_0): no cell here has a second, so give "
     "it h_0[0]"),
    (lambda: LSTM.run(X, None, ONES((4, 2, 4), F32)), TypeError,
     "Stack: c_0[0] is float32, but W_x is float64: convert it with"),
    (lambda: RNN.run(X, None, ONES((4, 2, 4))), ValueError,
     "Stack: c_0 is given, but no cell of this stack has a cell state: leave it out"),
    (lambda: MIXED.run(ONES((5, 2)), None, ONES((5, 3))), ValueError,
     "Stack: c_0 has 5 entries, but must have 2, one for each of "
     "layer 0, backward; layer 2, forward"),
    (lambda: RNN.run(X, lengths=[5, 0]), ValueError,
     "Stack: lengths is 0 at [1], but an empty sequence has no last step: leave it out "
     "of the batch"),
    (lambda: RNN.run(X, lengths=[-2, 3]), ValueError, "Stack: lengths is -2 at [0]"),
    (lambda: RNN.run(X, lengths=[6, 3]), ValueError,
     "Stack: lengths is 6 at [0], but x has 5 steps: give each sequence the number of "
     "its own steps"),
    (lambda: RNN.run(X[:, 0], lengths=6), ValueError,
     "Stack: lengths is 6, but x has 5 steps"),
    (lambda: RNN.run(X, lengths=[5, 3, 2]), ValueError,
     "Stack: lengths has shape (3,), but x (5, 2, 3) needs (2,): one whole number for "
     "each sequence in the batch"),
    (lambda: RNN.run(X[:, 0], lengths=[5]), ValueError,
     "Stack: lengths has shape (1,), but x (5, 3) needs ()"),
    (lambda: RNN.run(X, lengths=[5.0, 3.0]), TypeError,
     "Stack: lengths is float64, but must be whole numbers, one for each sequence: "
     "lengths=[5, 3]"),
    (lambda: RNN.run(X, lengths=[True, True]), TypeError, "Stack: lengths is bool"),
    (lambda: RNN.run(X, lengths="all"), TypeError, "Stack: lengths is <U3, but must"),
    (lambda: RNN.run(X, lengths=[[1], [1, 2]]), ValueError,
     "Stack: lengths is not an array ("),
    # Backwards
    (lambda: RNN.backward(cell("RNN").run(X), X), TypeError,
     "Stack.backward: run is of type RNNRun, but must be the StackRun that this "
     "stack's run(x) returned"),
    (lambda: LSTM.backward(RNN_RUN, ONES((5, 2, 8))), ValueError,
     "Stack.backward: run is that of a stack with other cells than Stack(LSTM, "
     "input_size=3, hidden_sizes=[[4, 4], [4, 4]], dtype=float64): give it this "
     "stack's own run(x)"),
    (lambda: RNN.backward(make_stack("RNN", L=1).run(X), ONES((5, 2, 8))), ValueError,
     "Stack.backward: run is that of a stack with other cells"),
    (lambda: RNN.backward(RNN_RUN), ValueError,
     "Stack.backward: none of grad_output, grad_h_n is given, so there is nothing to "
     "send back: give the loss's gradient with respect to run.output as grad_output or "
     "run.h_n as grad_h_n"),
    (lambda: LSTM.backward(LSTM_RUN), ValueError,
     "Stack.backward: none of grad_output, grad_h_n, grad_c_n is given, so there is "
     "nothing to send back: give the loss's gradient with respect to run.output as "
     "grad_output, run.h_n as grad_h_n or run.c_n as grad_c_n"),
    (lambda: RNN.backward(RNN_RUN, ONES((5, 2, 4))), ValueError,
     "Stack.backward: grad_output has shape (5, 2, 4), but must be (5, 2, 8): one "
     "number for every number in run.output"),
    (lambda: RNN.backward(RNN_RUN, ONES((5, 2, 8), F32)), TypeError,
     "Stack.backward: grad_output is float32, but "),
    (lambda: RNN.backward(RNN_RUN, grad_h_n=ONES((2, 2, 4))), ValueError,
     "Stack.backward: grad_h_n has 2 entries, but must have 4, one for each of"),
    (lambda: LSTM.backward(LSTM_RUN, grad_c_n=ONES((4, 1, 4))), ValueError,
     "Stack.backward: grad_c_n[0] has shape (1, 4), but must be (2, 4): one number for "
     "every number in run.c_n[0]"),
    (lambda: RNN.backward(RNN_RUN, grad_c_n=ONES((4, 2, 4))), ValueError,
     "Stack.backward: grad_c_n is given, but no cell of this stack has a cell state"),
    # From and to PyTorch
    (lambda: Stack.from_torch(torch.nn.LSTMCell(3, 4)), TypeError,
     "Stack.from_torch: module is of type LSTMCell, but must be a torch.nn.RNN or "
     "a torch.nn.LSTM or a torch.nn.GRU"),
    (lambda: Stack.from_torch(make_module("LSTM", proj_size=2)), ValueError,
     "Stack.from_torch: module has proj_size=2, but this cell's h has as many units as "
     "its gates: give it a module with proj_size=0"),
    (lambda: Stack.from_torch(make_module("GRU", dropout=0.25)), ValueError,
     "Stack.from_torch: module has dropout=0.25 and is in training, so that each run "
     "drops other units between its layers, but this stack drops none: convert it "
     "after module.eval()"),
    (lambda: Stack.from_torch(make_module("GRU", dtype="bfloat16")), TypeError,
     "Stack.from_torch: layer 0, forward: GRUCell.from_torch: module's weight_ih"),
    (lambda: Stack([cell("RNN"), [UP["RNN"]] * 2]).to_torch(), ValueError,
     "Stack.to_torch: layer 0 has 1 and layer 1 has 2 of the two directions, but a "
     "module of torch.nn has as many in every layer: run this stack itself, or convert "
     "its layers alone, as Stack([stack.layers[1]]).to_torch()"),
    (lambda: Stack([cell("RNN"), UP["GRU"]]).to_torch(), ValueError,
     "Stack.to_torch: layer 0, forward has kind RNNCell and layer 1, forward has kind "
     "GRUCell, but a module of torch.nn has one for all: run this stack itself, or "
     "convert its cells alone, as stack.layers[1][0].to_torch()"),
    (lambda: Stack([[cell("GRU"), cell("GRU", H=2)]]).to_torch(), ValueError,
     "Stack.to_torch: layer 0, forward has hidden_size 4 and layer 0, backward has "
     "hidden_size 2, but a module of torch.nn has one for all"),
    (lambda: Stack([cell("RNN"), cell("RNN", 4, activation="relu")]).to_torch(),
     ValueError,
     "Stack.to_torch: layer 0, forward has activation tanh and layer 1, forward has "
     "activation relu, but a module of torch.nn has one for all"),
    (lambda: Stack([[cell("RNN", activation="identity")] * 2]).to_torch(), ValueError,
     "Stack.to_torch: layer 0, forward: RNNCell.to_torch: activation is 'identity'"),
    (lambda: Stack([cell("LSTM"), cell("LSTM", 4, p_f=ONES(4))]).to_torch(), ValueError,
     "Stack.to_torch: layer 1, forward: LSTMCell.to_torch: p_f is not zero, but "
     "torch.nn.LSTM has no peepholes: run this cell itself, or convert "
     "dataclasses.replace(cell, p_f=None)"),
    (lambda: Stack([[cell("GRU"), cell("GRU", reset_after=False)]]).to_torch(),
     ValueError,
     "Stack.to_torch: layer 0, backward: GRUCell: this cell has r before the product"),
]  # fmt: skip


test_refused = refusals(REFUSED)
