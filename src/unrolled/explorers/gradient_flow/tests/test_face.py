"""Gradient flow: its traits, its numbers in Python and JavaScript, its snippets."""

import re

import numpy as np
import pytest
import torch
from hands.every import EveryFace
from hands.twins import ask, printed

from unrolled import figures
from unrolled.explorers import GradientFlow

ACTIVATIONS = {"tanh": torch.tanh, "relu": torch.relu, "identity": lambda a: a}


class TestFace(EveryFace):
    kind = GradientFlow


def test_the_loss_is_at_the_last_step_and_the_walk_begins_there():
    assert (GradientFlow().loss_step, GradientFlow().step) == (6, 6)
    explorer = GradientFlow(x=np.ones(9), step=8)
    assert (explorer.loss_step, explorer.step) == (9, 8)
    explorer.x = [1.0, 0.0, 0.0, 0.0]
    assert (explorer.loss_step, explorer.step) == (4, 4)
    assert GradientFlow(x=np.ones(9), loss_step=2).step == 2
    assert GradientFlow(x=np.ones(9), loss_step=2, loss="all").step == 9
    assert GradientFlow(x=np.ones(9), loss_step=2).loss_step == 2


def cases(rng, count):
    """Explorers with settings that nobody chose."""
    for k in range(count):
        timesteps = int(rng.integers(3, 13))
        yield GradientFlow(
            x=rng.uniform(-1, 1, timesteps),
            w_x=rng.uniform(-2, 2),
            w_h=rng.uniform(-2, 2),
            b=rng.uniform(-1, 1),
            h_0=rng.uniform(-1, 1),
            activation=tuple(ACTIVATIONS)[k % 3],
            y=rng.uniform(-2, 2),
            loss=("one", "one", "all", "all", "one")[k % 5],
            loss_step=int(rng.integers(1, timesteps + 1)),
            truncate=int(rng.integers(1, 13)),
            step=int(rng.integers(1, timesteps + 1)),
        )


def by_autograd(one):
    """dL/dh_t and the shares of dL/dw_h, (T,) each, with `detach` at the cuts."""
    last = len(one.x) if one.loss == "all" else one.loss_step
    w_h = torch.full((len(one.x),), one.w_h, dtype=torch.float64, requires_grad=True)
    h = torch.tensor(one.h_0, dtype=torch.float64)
    states, loss = [], 0
    for t, x_t in enumerate(one.x):
        if t and t < last and (last - t) % one.truncate == 0:
            h = h.detach()
        h = ACTIVATIONS[one.activation](one.w_x * x_t + w_h[t] * h + one.b)
        h.retain_grad()
        states.append(h)
        if one.loss == "all" or t == last - 1:
            loss = loss + (h - one.y) ** 2 / 2
    loss.backward()
    dh = [0.0 if h.grad is None else h.grad.item() for h in states]
    return np.array(dh), w_h.grad.numpy()


def test_gradients_and_shares_are_those_of_autograd():
    cut = 0
    for one in cases(np.random.default_rng(0), 60):
        dh, shares = by_autograd(one)
        last = len(one.gradients.h)
        scale = 1e-10 * max(1, np.abs(dh).max(), np.abs(shares).max())
        np.testing.assert_allclose(one.gradients.h[:, 0], dh[:last], atol=scale)
        assert last == len(one.x) or not dh[last:].any()
        assert one.shares.shape == (len(one.x),)
        np.testing.assert_allclose(one.shares, shares, atol=scale)
        np.testing.assert_allclose(
            one.shares.sum(), one.gradients.W_h.item(), atol=scale
        )
        cut += one.truncate < last
    assert 10 < cut < 50, "with a cut, and without"


def test_the_cut_takes_away_what_is_far():
    whole, cut = GradientFlow(), GradientFlow(truncate=2)
    np.testing.assert_array_equal(cut.hidden_states, whole.hidden_states)
    np.testing.assert_array_equal(cut.shares[-2:], whole.shares[-2:])
    assert not cut.shares[:-2].any()
    assert (whole.shares[1:-2] < 0).all()
    np.testing.assert_array_equal(GradientFlow(truncate=6).shares, whole.shares)


def test_the_first_picture_fades_on_its_way_back():
    gradients = GradientFlow().gradients.h[:, 0]
    assert (np.abs(gradients[:-1]) < 0.8 * np.abs(gradients[1:])).all()
    assert 0.1 < gradients[0] / gradients[-1] < 0.2, "small, and still to be seen"


def test_the_picture_and_its_text():
    text = GradientFlow().description()
    assert "the loss, with the target 1, is at step 6" in text
    assert "The gradient is -0.8 at step 6 and -0.13 at step 1" in text
    assert "add up to -0.82." in text and "cut" not in text
    cut = GradientFlow(truncate=2).description()
    assert "add up to -0.38. It is cut after 2; uncut they give -0.82." in cut
    assert "at every step" in GradientFlow(loss="all").description()
    late = GradientFlow(loss_step=3).description()
    assert "is at step 3. The gradient is -0.59 at step 3" in late
    cuts = figures.to_svg(GradientFlow(loss="all", truncate=2).figure())
    whole = figures.to_svg(GradientFlow().figure())
    assert cuts.count("//") == 2 + whole.count("//"), "a mark for each cut"


def test_what_overflows_is_said_and_drawn_without_a_warning():
    wild = GradientFlow(w_h=1e200, activation="identity")
    assert "The state overflows at step 3." in wild.description()
    assert wild._repr_mimebundle_()[0]["image/svg+xml"].startswith("<svg")
    large = GradientFlow(w_h=3.0, activation="identity")
    assert "…" in figures.to_svg(large.figure()), "cut off, and marked"


@pytest.fixture(scope="module")
def written(node):
    """What JavaScript computes and copies, for all kinds of settings and presets."""
    found = ask(node, GradientFlow, cases(np.random.default_rng(1), 45))
    assert len(found["presets"]) == 5
    return found


def padded(values, length):
    return np.pad(values, (0, length - len(values)))


def test_javascript_computes_what_numpy_computes(written):
    cut = 0
    for case in written["cases"]:
        one, computed = GradientFlow(**case["state"]), case["computed"]
        back, T = one.gradients, len(one.x)
        whole = GradientFlow(**case["state"] | {"truncate": 12})
        expected = {
            "h": one.hidden_states,
            "gradients": padded(back.h[:, 0], T),
            "first": back.h_0.item(),
            "shares": one.shares,
            "total": back.W_h.item(),
        }
        for name, value in expected.items():
            scale = 1e-10 * max(1, np.abs(value).max())
            np.testing.assert_allclose(computed[name], value, rtol=0, atol=scale)
        error = one.hidden_states - one.y
        kept = error if one.loss == "all" else error[one.loss_step - 1]
        np.testing.assert_allclose(computed["value"], np.sum(kept**2) / 2, rtol=1e-10)
        if one.truncate < len(back.h):
            cut += 1
            scale = 1e-10 * max(1, np.abs(whole.shares).max())
            uncut = computed["uncut"]
            np.testing.assert_allclose(uncut["shares"], whole.shares, atol=scale)
            total = whole.gradients.W_h.item()
            np.testing.assert_allclose(uncut["total"], total, atol=T * scale)
        else:
            assert computed["uncut"] is None
    assert cut > 10


def test_the_snippets_print_the_numbers_on_screen(written):
    for case in written["cases"]:
        one = GradientFlow(**case["state"])
        dh, shares = one.gradients.h[:, 0], one.shares
        expected = [
            [t, float(f"{dh[t - 1]:.4g}"), float(f"{shares[t - 1]:.4g}")]
            for t in range(len(dh), 0, -1)
        ]
        total = one.gradients.W_h.item()
        assert len(case["snippets"]) == 2
        for source in case["snippets"]:
            *lines, last = printed(source)
            found = [
                [float(word) for word in re.split(r"step |: dL/dh |, share ", line)[1:]]
                for line in lines
            ]
            np.testing.assert_allclose(found, expected, rtol=2e-3, atol=1e-12)
            assert last.startswith("dL/dw_h: ")
            spread = 1e-12 * np.abs(shares).max()
            np.testing.assert_allclose(
                float(last[9:]), total, rtol=2e-3, atol=spread, err_msg=source
            )


def test_what_is_asked_about_is_neither_drawn_nor_said():
    asked = GradientFlow(ask="Which share is largest?")
    picture, words = asked.picture(), asked.description(hidden=True)
    assert asked.description() != words and "add up to" not in words
    assert "w_h = 0.8" in words
    assert "−0.82" in figures.to_svg(asked.figure())
    assert "−0.82" not in picture and "−0.8" in picture, "the gradients stay"
