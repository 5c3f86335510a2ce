"""`unrolled.initialisers` sets what it says, where PyTorch keeps it, and nothing else.

Which rows belong to which gate is never looked up here: gates are found by what a
module computes, and Keras' ways by asking Keras.
"""

import math

import numpy as np
import pytest
import torch
from hands.refused import refusals
from hypothesis import given
from hypothesis import strategies as st

from unrolled.initialisers import (
    chrono_,
    forget_bias_,
    identity_,
    keras_,
    orthogonal_,
    update_bias_,
)

D, H = 3, 8
KINDS = ["RNN", "LSTM", "GRU"]
seeds = st.integers(0, 2**32 - 1)


def make(kind, seed=0, d=D, hidden_size=H, **options):
    torch.manual_seed(seed)
    return getattr(torch.nn, kind)(d, hidden_size, dtype=torch.float64, **options)


def arrays(module):
    return {name: p.detach().numpy().copy() for name, p in module.named_parameters()}


def changed(before, module):
    """The names of the parameters that are not as they were."""
    after = arrays(module)
    return {name for name in before if not np.array_equal(before[name], after[name])}


def gates_at_rest(module):
    """What the gates are where all weights are zero, from what the module computes."""
    biases = {name: p for name, p in module.named_parameters() if "bias" in name}
    quiet = make(type(module).__name__)
    with torch.no_grad():
        for name, p in quiet.named_parameters():
            p.copy_(biases[name]) if name in biases else p.zero_()
        zeros, ones = torch.zeros(1, 1, H).double(), torch.ones(1, 1, H).double()
        x = torch.zeros(1, 1, D).double()
        if isinstance(module, torch.nn.GRU):  # h = (1 - z) n + z h_0
            return {"z": (quiet(x, ones)[0] - quiet(x, zeros)[0]).numpy().ravel()}
        # c = f c_0 + i g
        with_c = quiet(x, (zeros, ones))[1][1]
        i_g = quiet(x, (zeros, zeros))[1][1]
        f = (with_c - i_g).numpy().ravel()
        return {"f": f, "i g": i_g.numpy().ravel()}


def logit(p):
    return np.log(p) - np.log1p(-p)


KEEPS = [("LSTM", forget_bias_, "f"), ("GRU", update_bias_, "z")]


@pytest.mark.parametrize("kind, initialise, gate", KEEPS)
@given(value=st.floats(-5, 5), seed=seeds)
def test_a_gate_s_bias_is_the_sum_of_both_biases(kind, initialise, gate, value, seed):
    module = make(kind, seed)
    before, others = arrays(module), gates_at_rest(module)
    assert initialise(module, value) is module
    gates = gates_at_rest(module)
    assert np.allclose(logit(gates.pop(gate)), value, atol=1e-9)
    for name, values in gates.items():
        assert np.allclose(values, others[name], atol=1e-12)
    assert changed(before, module) == {"bias_ih_l0", "bias_hh_l0"}
    after = arrays(module)
    for name, rows in (("bias_ih_l0", value), ("bias_hh_l0", 0)):
        moved = after[name] != before[name]
        assert moved.sum() == H and (after[name][moved] == rows).all()


@pytest.mark.parametrize("kind, initialise, gate", KEEPS)
def test_a_gate_s_bias_is_1_unless_another_value_is_given(kind, initialise, gate):
    assert np.allclose(logit(gates_at_rest(initialise(make(kind)))[gate]), 1)


@given(st.sampled_from(["LSTM", "GRU"]), st.integers(3, 1000), seeds)
def test_chrono_keeps_for_1_to_T_max_steps(kind, T_max, seed):
    module = make(kind, seed)
    before = arrays(module)
    assert chrono_(module, T_max) is module
    gates = gates_at_rest(module)
    keep = gates["f" if kind == "LSTM" else "z"]
    u = np.exp(logit(keep))
    assert u.min() >= 1 - 1e-6 and u.max() <= T_max - 1 + 1e-6
    assert np.unique(u).size == H  # one for each unit
    after = arrays(module)
    assert changed(before, module) == {"bias_ih_l0", "bias_hh_l0"}
    moved = after["bias_hh_l0"] != before["bias_hh_l0"]
    assert not after["bias_hh_l0"][moved].any()
    assert moved.sum() == (2 * H if kind == "LSTM" else H)
    assert ((after["bias_ih_l0"] != before["bias_ih_l0"]) == moved).all()
    if kind == "LSTM":  # i lets in what f lets go
        with torch.no_grad():
            module.bias_ih_l0[2 * H : 3 * H] = 50.0  # g = 1
            i = gates_at_rest(module)["i g"]
        assert np.allclose(i, 1 - keep, atol=1e-9)


def test_chrono_is_uniform_in_u():
    module = make("LSTM", hidden_size=4000)
    chrono_(module, 101, generator=torch.Generator().manual_seed(0))
    u = module.bias_ih_l0.detach().exp()[4000:8000].numpy()
    assert np.histogram(u, 4, (1, 100))[0] == pytest.approx(1000, rel=0.1)


@pytest.mark.parametrize("kind", KINDS)
def test_orthogonal_blocks(kind):
    module = make(kind, num_layers=2, bidirectional=True)
    before = arrays(module)
    assert orthogonal_(module) is module
    names = {name for name in before if "weight_hh" in name}
    assert len(names) == 4 and changed(before, module) == names
    blocks = [
        block for name in names for block in arrays(module)[name].reshape(-1, H, H)
    ]
    for block in blocks:
        assert np.allclose(block @ block.T, np.eye(H), atol=1e-12)
    first = blocks[0]
    assert all(not np.allclose(first, block) for block in blocks[1:])


def test_identity():
    rnn = make("RNN", d=50, hidden_size=80, nonlinearity="relu")
    assert identity_(rnn) is rnn
    after = arrays(rnn)
    assert np.array_equal(after["weight_hh_l0"], np.eye(80))
    assert not after["bias_ih_l0"].any() and not after["bias_hh_l0"].any()
    assert after["weight_ih_l0"].std() == pytest.approx(0.001, rel=0.05)
    assert abs(after["weight_ih_l0"].mean()) < 1e-4


def test_identity_can_leave_the_inputs_weights():
    rnn = make("RNN")
    before = arrays(rnn)
    identity_(rnn, input_std=None)
    assert changed(before, rnn) == set(before) - {"weight_ih_l0"}


# Keras


@pytest.mark.parametrize("kind", KINDS)
def test_keras_defaults_are_those_of_keras(keras, kind):
    d, units = 20, 60
    layer = getattr(keras.layers, "SimpleRNN" if kind == "RNN" else kind)(units)
    keras.utils.set_random_seed(0)
    layer.build((None, 5, d))
    theirs = [w.value.detach().double().numpy() for w in layer.weights]
    theirs = [theirs[0].T, theirs[1].T, theirs[2]]
    module = keras_(make(kind, d=d, hidden_size=units))
    ours = arrays(module)
    ours = [ours["weight_ih_l0"], ours["weight_hh_l0"], ours["bias_ih_l0"]]
    for weights in (theirs, ours):
        W_x, W_h, _ = weights
        assert np.abs(W_x).max() == pytest.approx(
            math.sqrt(6 / (d + len(W_x))), rel=0.01
        )
        # uniform, with mean 0
        assert W_x.std() == pytest.approx(math.sqrt(2 / (d + len(W_x))), rel=0.05)
        assert abs(W_x.mean()) < 0.01
        # one orthogonal matrix for all gates, and no orthogonal gate
        assert np.allclose(W_h.T @ W_h, np.eye(units), atol=1e-5)
        block = W_h[:units]
        alone = np.allclose(block.T @ block, np.eye(units), atol=1e-2)
        assert alone == (kind == "RNN")
    # the biases: Keras' (i, f, c, o) is PyTorch's order too; its GRU's are all zero
    assert not module.bias_hh_l0.any()
    if kind == "GRU":
        assert not theirs[2].any() and not ours[2].any()
    else:
        assert np.array_equal(theirs[2], ours[2])


def test_keras_forget_bias_is_1():
    gates = gates_at_rest(keras_(make("LSTM")))
    assert np.allclose(logit(gates["f"]), 1)
    assert not gates["i g"].any()


@pytest.mark.parametrize("kind", KINDS)
def test_keras_without_biases(kind):
    module = keras_(make(kind, bias=False))
    W_h = arrays(module)["weight_hh_l0"]
    assert np.allclose(W_h.T @ W_h, np.eye(H), atol=1e-12)


# What all have in common

ALL = [
    (orthogonal_, "GRU", {}),
    (identity_, "RNN", {}),
    (forget_bias_, "LSTM", {"value": 2.0}),
    (update_bias_, "GRU", {"value": 2.0}),
    (chrono_, "LSTM", {"T_max": 20}),
    (chrono_, "GRU", {"T_max": 20}),
    (keras_, "LSTM", {}),
]
each = pytest.mark.parametrize("initialise, kind, options", ALL)


@each
def test_all_layers_and_directions_or_one_layer(initialise, kind, options):
    def changed_layers(**layer):
        module = make(kind, num_layers=3, bidirectional=True)
        before = arrays(module)
        initialise(module, **options, **layer)
        names = changed(before, module)
        return {name[name.index("_l") :] for name in names}

    every = {f"_l{k}{suffix}" for k in range(3) for suffix in ("", "_reverse")}
    assert changed_layers() == every
    assert changed_layers(layer=0) == {"_l0", "_l0_reverse"}
    assert changed_layers(layer=2) == {"_l2", "_l2_reverse"}


@each
def test_a_generator_names_the_numbers(initialise, kind, options):
    def initialised(seed):
        module = make(kind)
        state = torch.get_rng_state()
        if initialise not in (forget_bias_, update_bias_):
            options["generator"] = torch.Generator().manual_seed(seed)
        initialise(module, **options)
        assert torch.equal(torch.get_rng_state(), state)  # PyTorch's own are left
        return module

    one = initialised(1)
    assert not changed(arrays(one), initialised(1))
    assert bool(changed(arrays(one), initialised(2))) == ("generator" in options)


@each
def test_the_module_can_be_trained_afterwards(initialise, kind, options):
    module = initialise(make(kind), **options)
    module(torch.randn(4, 2, D, dtype=torch.float64))[0].sum().backward()
    assert all(p.requires_grad and p.grad is not None for p in module.parameters())


REFUSED = [
    (lambda: orthogonal_(torch.nn.LSTMCell(2, 3)), TypeError,
     "orthogonal_: module is of type LSTMCell, but must be a torch.nn.RNN or a "
     "torch.nn.LSTM or a torch.nn.GRU"),
    (lambda: identity_(make("GRU")), TypeError,
     "identity_: module is of type GRU, but must be a torch.nn.RNN"),
    (lambda: forget_bias_(make("GRU")), TypeError,
     "forget_bias_: module is of type GRU, but must be a torch.nn.LSTM"),
    (lambda: update_bias_(make("LSTM")), TypeError,
     "update_bias_: module is of type LSTM, but must be a torch.nn.GRU"),
    (lambda: update_bias_(make("GRU"), math.nan), ValueError,
     "update_bias_: value is nan, but must be a finite number"),
    (lambda: chrono_(make("RNN"), 10), TypeError,
     "chrono_: module is of type RNN, but must be a torch.nn.LSTM or a torch.nn.GRU"),
    (lambda: keras_(make("LSTM", proj_size=4)), ValueError,
     "keras_: module has proj_size=4, but its recurrent weights must be square"),
    (lambda: forget_bias_(make("LSTM", bias=False)), ValueError,
     "forget_bias_: module has bias=False, so there is no bias to set"),
    (lambda: chrono_(make("GRU", bias=False), 5), ValueError,
     "chrono_: module has bias=False, so there is no bias to set"),
    (lambda: forget_bias_(make("LSTM"), math.inf), ValueError,
     "forget_bias_: value is inf, but must be a finite number"),
    (lambda: chrono_(make("LSTM"), 1), ValueError,
     "chrono_: T_max is 1, but must be a finite number of at least 2"),
    (lambda: chrono_(make("LSTM"), math.nan), ValueError, "chrono_: T_max is nan"),
    (lambda: orthogonal_(make("RNN", num_layers=2), layer=2), ValueError,
     "orthogonal_: layer is 2, but the module's layers are 0, 1: choose one"),
    (lambda: orthogonal_(make("RNN"), layer=-1), ValueError,
     "orthogonal_: layer is -1, but must be a whole number of at least 0, or None"),
]  # fmt: skip


test_refused = refusals(REFUSED)
