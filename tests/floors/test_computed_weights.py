"""Weights that PyTorch computes from others: read as they are now, never written."""

import numpy as np
import pytest
import torch
from hands.cells import CELLS
from torch.nn.utils import parametrizations, prune, spectral_norm, weight_norm

from unrolled.cells import RNNCell
from unrolled.gradients import gradient_by_lag
from unrolled.initialisers import chrono_, forget_bias_, keras_, orthogonal_

NAME = "weight_hh_l0"
KINDS = {"RNN": RNNCell} | CELLS


def pruned(module, name):
    prune.l1_unstructured(module, name, 0.5)


def normed_and_pruned(module, name):
    weight_norm(module, name)
    prune.l1_unstructured(module, "bias_hh_l0", 0.5)


COMPUTED = [
    weight_norm,
    spectral_norm,
    pruned,
    normed_and_pruned,
    parametrizations.weight_norm,
    parametrizations.spectral_norm,
]
pytestmark = pytest.mark.filterwarnings("ignore:.*weight_norm.*:FutureWarning")
computed = pytest.mark.parametrize("compute", COMPUTED)
kinds = pytest.mark.parametrize("kind", KINDS)


def make(kind, compute=None):
    """A module with a computed weight, and one update after it was computed."""
    torch.manual_seed(0)
    module = getattr(torch.nn, kind)(2, 3, dtype=torch.float64)
    if compute:
        compute(module, NAME)
        module(torch.ones(4, 1, 2).double())[0].square().sum().backward()
        with torch.no_grad():
            for p in module.parameters():
                p -= p.grad
                p.grad = None
    return module


def kept(module):
    """All that a module keeps: its state, its modes, its gradients."""
    state = {name: value.clone() for name, value in module.state_dict().items()}
    modes = [part.training for part in module.modules()]
    return state, modes, [p.grad for p in module.parameters()]


def assert_left(module, before):
    state, *rest = kept(module)
    assert rest == list(before[1:])
    assert all(torch.equal(state[name], was) for name, was in before[0].items())


@computed
@kinds
def test_they_are_read_as_the_next_run_has_them(kind, compute):
    module, x = make(kind, compute), np.random.default_rng(0).normal(size=(6, 4, 2))
    before, random = kept(module), torch.get_rng_state()
    h = KINDS[kind].from_torch(module).run(x).h
    assert_left(module, before)
    lags = [gradient_by_lag(module, x, wrt=wrt) for wrt in "xh"]
    assert_left(module, before)
    assert torch.equal(torch.get_rng_state(), random)
    module.eval()
    with torch.no_grad():
        np.testing.assert_allclose(h, module(torch.tensor(x))[0], atol=1e-12)
    plain = KINDS[kind].from_torch(module).to_torch()
    for wrt, found in zip("xh", lags, strict=True):
        np.testing.assert_allclose(found, gradient_by_lag(plain, x, wrt=wrt))


@computed
@pytest.mark.parametrize("initialise", [orthogonal_, keras_])
def test_no_start_is_written_into_them(initialise, compute):
    module = make("LSTM", compute)
    before = kept(module)
    with pytest.raises(ValueError, match="is computed from other tensors"):
        initialise(module)
    assert_left(module, before)


@pytest.mark.parametrize("compute", [weight_norm, pruned, parametrizations.weight_norm])
def test_what_is_plain_beside_them_is_started(compute):
    module = make("LSTM", compute)
    b = torch.stack([forget_bias_(module, 2.0).bias_ih_l0, module.bias_hh_l0]).sum(0)
    assert (b[3:6] == 2).all()


def test_a_start_that_would_reach_a_tied_weight_is_refused():
    module = torch.nn.GRU(3, 3, num_layers=2)
    module.weight_hh_l1 = module.weight_hh_l0
    module.bias_hh_l0.data = module.bias_ih_l0.data  # one memory under two parameters
    before = kept(module)
    for start in (lambda: orthogonal_(module, layer=0), lambda: chrono_(module, 9)):
        with pytest.raises(ValueError, match="are one tensor"):
            start()
    assert_left(module, before)
    chrono_(module, 9, layer=1)


@kinds
def test_a_last_state_does_not_keep_the_run(kind):
    run = KINDS[kind].from_torch(make(kind)).run(np.ones((1000, 2)))
    lasts = [run.h_n, run.c_n] if kind == "LSTM" else [run.h_n]
    for last in lasts:
        assert last.base is None and last.shape == (3,)
    assert np.array_equal(run.h_n, run.h[-1])
