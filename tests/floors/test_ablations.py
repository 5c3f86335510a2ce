"""Ablated LSTMs: the full one is PyTorch's, and each lacks exactly what it says."""

import numpy as np
import pytest
import torch
from hands.refused import refusals

from unrolled.ablations import VARIANTS, ablated, weights
from unrolled.tasks import adding
from unrolled.training import fit, reader

D, H, N, T = 3, 5, 2, 7


def made(variant, seed=0):
    torch.manual_seed(seed)
    return ablated(variant, D, H).double()


def like(variant, seed=0):
    """PyTorch's own LSTM with the same weights."""
    lstm = torch.nn.LSTM(D, H).double()
    state = {n: w for n, w in made(variant, seed).state_dict().items() if "_l0" in n}
    lstm.load_state_dict(state)
    return lstm


def x(seed=1):
    return torch.tensor(np.random.default_rng(seed).normal(size=(T, N, D)))


def by_hand(variant, module):
    """The states, written out for one unit at a time."""
    W, U, b, b2 = (w.detach().numpy() for w in module._flat_weights[:4])
    p = getattr(module, "peepholes", torch.zeros(3, H)).detach().numpy()
    sigmoid = lambda a: 1 / (1 + np.exp(-a))  # noqa: E731
    h, c, states = np.zeros((N, H)), np.zeros((N, H)), []
    for now in x().numpy():
        a = (now @ W.T + h @ U.T + b + b2).reshape(N, 4, H)
        i, f = sigmoid(a[:, 0] + p[0] * c), sigmoid(a[:, 1] + p[1] * c)
        g, o = np.tanh(a[:, 2]), None
        match variant:
            case "no input gate":
                i = np.ones_like(i)
            case "no forget gate":
                f = np.ones_like(f)
            case "no candidate tanh":
                g = a[:, 2]
            case "coupled":
                i = 1 - f
            case "forget gate alone":
                i = 1 - sigmoid(a[:, 1] - 1)
        c = f * c + i * g
        o = sigmoid(a[:, 3] + p[2] * c)
        h = o * np.tanh(c)
        if variant == "no output gate":
            h = np.tanh(c)
        if variant == "no output tanh":
            h = o * c
        if variant == "forget gate alone":
            h = c
        states.append(h)
    return np.array(states), c


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_variant_computes_what_it_says(variant):
    module = made(variant)
    if variant == "peepholes":
        torch.nn.init.normal_(module.peepholes)
    output, (h_n, c_n) = module(x())
    states, c = by_hand(variant, module)
    assert np.allclose(output.detach(), states, atol=1e-12)
    assert np.allclose(h_n.detach()[0], states[-1], atol=1e-12)
    assert np.allclose(c_n.detach()[0], c, atol=1e-12)
    same = np.allclose(output.detach(), like(variant)(x())[0].detach(), atol=1e-12)
    assert same == (variant == "full")


def test_peepholes_begin_closed():
    output, _ = made("peepholes")(x())
    assert torch.allclose(output, like("peepholes")(x())[0], atol=1e-12)


@pytest.mark.parametrize("variant", VARIANTS)
def test_weights_counts_what_has_a_gradient(variant):
    module = made(variant)
    (module(x())[0] ** 2).sum().backward()
    used = 0
    for name, weight in module.named_parameters():
        if name != "bias_hh_l0":  # of each bias one
            rows = weight.grad.reshape(len(weight), -1).abs().sum(1) > 0
            used += int(rows.sum()) * weight[0].numel()
    assert used == weights(variant, D, H)


def test_it_is_trained_as_others_are():
    task = adding(5)
    torch.manual_seed(0)
    model = reader(ablated("coupled", 2, 4), task)
    history = fit(model, task, updates=30, learning_rate=0.03)
    assert history.loss[-5:].mean() < history.loss[:5].mean()


test_refused = refusals(
    [
        (
            lambda: ablated("no gates", D, H),
            ValueError,
            "ablated: variant is 'no gates', but",
        ),
        (lambda: weights("GRU", D, H), ValueError, "weights: variant is 'GRU'"),
    ]
)
