"""LSTM gates: its traits, its numbers in Python and JavaScript, its snippets."""

import json
import math
import re

import numpy as np
import pytest
import torch
from hands.every import EveryFace
from hands.gated import GatedFace, assert_says_what_it_computes, holding, said
from hands.twins import ask, assert_drawn_with_tokens, assert_refused, printed

from unrolled import figures
from unrolled.explorers import LSTMGates

GATES = ("i", "f", "g", "o")


class TestFace(GatedFace, EveryFace):
    kind = LSTMGates


@pytest.mark.parametrize(
    ("trait", "value", "said"),
    [
        ("x", [1.0], "LSTMGates: x is [1.0], but has 1 of them"),
        ("x", [0.0] * 41, "has 41 of them; it must be a list of 2 to 40"),
        ("f", [1.0, 2.0], "has 2 of them; it must be a list of 3 finite numbers"),
        ("g", [0.0, np.nan, 0.0], "g[1] is nan, but must be a finite number"),
        ("o", 1.0, "o is 1.0, but must be a list of 3 finite numbers"),
        ("clamp_f", 1.2, "clamp_f is 1.2, but must be at most 1"),
        ("clamp_i", -0.1, "clamp_i is -0.1, but must be at least 0"),
        ("clamp_o", "open", "clamp_o is 'open', but must be a finite number"),
        ("clamp_o", True, "clamp_o is True, but must be a finite number"),
        ("gradient", "on", "gradient is 'on', but must be one of 'off', 'plain'"),
        ("gate", "c", "gate is 'c', but must be one of"),
        ("step", 41, "step is 41, but must be from 1 to 40"),
    ],
)
def test_a_bad_value_is_named_and_nothing_is_lost(trait, value, said):
    assert_refused(LSTMGates(f=[0.0, 0.0, 1.0], clamp_o=0.5), trait, value, said)


def test_a_clamp_is_set_and_taken_away_and_the_step_stays_inside():
    explorer = LSTMGates(clamp_f=1, step=16)
    assert explorer.clamp == {"f": 1.0}
    explorer.clamp_f = None
    assert explorer.clamp == {}
    explorer.x = [1.0, 0.0, 0.0]
    assert explorer.step == 3


def cases(rng, count):
    """Explorers with settings that nobody chose."""
    for k in range(count):
        timesteps = int(rng.integers(2, 41))
        weights = {gate: rng.uniform(-3, 3, 3) for gate in GATES}
        clamps = {
            f"clamp_{gate}": float(rng.uniform()) if rng.uniform() < 0.25 else None
            for gate in "ifo"
        }
        yield LSTMGates(
            x=rng.uniform(-1, 1, timesteps),
            **weights,
            **clamps,
            gradient=("off", "plain", "log")[k % 3],
            gate=GATES[k % 4],
            step=int(rng.integers(1, timesteps + 1)),
        )


def by_autograd(one):
    """dc_T/dc_t through everything and, with the gates detached, through f alone."""

    def gradients(alone):
        h = torch.zeros((), dtype=torch.float64)
        c = torch.zeros((), dtype=torch.float64, requires_grad=True)
        states = []
        for x_t in one.x:
            a = {g: w[0] * x_t + w[1] * h + w[2] for g, w in weights.items()}
            made = {g: torch.tanh(v) if g == "g" else v.sigmoid() for g, v in a.items()}
            for gate, value in one.clamp.items():
                made[gate] = torch.tensor(value, dtype=torch.float64)
            if alone:
                made = {gate: value.detach() for gate, value in made.items()}
            c = made["f"] * c + made["i"] * made["g"]
            c.retain_grad()
            states.append(c)
            h = made["o"] * torch.tanh(c)
        c.backward()
        return np.array([c.grad.item() for c in states])

    weights = {gate: getattr(one, gate) for gate in GATES}
    return gradients(alone=False), gradients(alone=True)


def test_states_are_those_of_pytorch():
    for one in cases(np.random.default_rng(0), 30):
        for gate in "ifo":
            setattr(one, f"clamp_{gate}", None)
        x = torch.tensor(one.x, dtype=torch.float64)[:, None]
        with torch.no_grad():
            output, (_, c_n) = one.cell.to_torch()(x)
        np.testing.assert_allclose(one.hidden_states, output[:, 0], atol=1e-12)
        np.testing.assert_allclose(one.cell_states[-1], c_n.item(), atol=1e-12)


def test_the_two_gradients_are_those_of_autograd():
    apart = held = 0
    for one in cases(np.random.default_rng(1), 40):
        whole, direct = by_autograd(one)
        scale = 1e-10 * max(1, np.abs(whole).max())
        np.testing.assert_allclose(one.whole_gradient, whole, rtol=0, atol=scale)
        np.testing.assert_allclose(one.direct_gradient, direct, rtol=1e-12)
        apart += np.abs(whole - direct).max() > 0.01
        held += bool(one.clamp)
    assert apart > 20 and held > 10


def test_a_clamped_gate_stands_at_its_value():
    one = LSTMGates(clamp_f=1.0, clamp_i=0.0)
    assert (one.gates["f"] == 1).all() and (one.gates["i"] == 0).all()
    assert not one.cell_states.any(), "nothing is let in"
    kept = LSTMGates(clamp_f=1.0, g=[2.0, 0.0, 0.0]).cell_states
    assert (kept[1:11] == kept[1]).all(), "f = 1 and g = 0 keep c to the last digit"


def test_the_half_life_is_that_of_f_at_the_chosen_step():
    one = LSTMGates(clamp_f=0.5)
    assert one.half_life == 1.0
    one.clamp_f = 0.5**0.1
    assert one.half_life == pytest.approx(10)
    one.clamp_f = 1.0
    assert one.half_life == math.inf
    one.clamp_f = 0.0
    assert one.half_life == 0.0
    one.clamp_f = None
    one.step = 13
    assert one.half_life < 0.2 < 50 < LSTMGates(step=12).half_life


def test_the_first_picture_takes_in_keeps_and_lets_out():
    one = LSTMGates()
    c, h, gates = one.cell_states, one.hidden_states, one.gates
    assert np.flatnonzero(gates["i"] > 0.5).tolist() == [1]
    assert np.flatnonzero(gates["o"] > 0.5).tolist() == [11]
    assert np.flatnonzero(gates["f"] < 0.5).tolist() == [12]
    assert (c[1:12] > 0.88).all() and (np.abs(c[12:]) < 0.01).all()
    assert h[11] > 0.7 and (np.abs(np.delete(h, 11)) < 0.01).all()


def test_the_picture_and_its_text():
    text = LSTMGates().description()
    assert "over 16 steps" in text and "Clamped" not in text
    assert "At step 12: i 0.00, f 0.99, g -0.96, o 0.99, c 0.89, h 0.71." in text
    assert "gradient" not in text
    one = LSTMGates(gradient="log", clamp_o=1.0)
    said = f"{one.whole_gradient[0]:z.2g}"
    assert "Clamped: o to 1." in one.description()
    assert f"along f alone and {said} in all" in one.description()
    picture = figures.to_svg(one.figure())
    assert picture == figures.to_svg(one.figure()), "the picture is repeatable"
    assert "direct (teal)" in picture
    assert "direct (teal)" not in figures.to_svg(LSTMGates().figure())
    assert_drawn_with_tokens(picture)
    data, metadata = one._repr_mimebundle_()
    assert data["image/svg+xml"].startswith("<svg")
    shown = json.loads(json.dumps(metadata["image/svg+xml"]["unrolled"]))
    assert shown["traits"]["clamp_o"] == 1.0 and shown["traits"]["clamp_f"] is None


def test_what_overflows_is_drawn_without_a_warning():
    wild = LSTMGates(g=[0.0, 1e200, 0.0], x=[0.0] * 9, gradient="plain", clamp_o=1.0)
    assert not np.isfinite(wild.whole_gradient).all()
    figures.to_svg(wild.figure())
    wild.gradient = "log"
    figures.to_svg(wild.figure())
    wild.description()


@pytest.fixture(scope="module")
def written(node):
    """What JavaScript computes and copies, for all kinds of settings and presets."""
    found = ask(node, LSTMGates, cases(np.random.default_rng(2), 45))
    assert len(found["presets"]) == 5
    return found


def test_javascript_computes_what_numpy_computes(written):
    for case in written["cases"]:
        one, computed = LSTMGates(**case["state"]), case["computed"]
        run = one.run
        expected = one.gates | {"c": one.cell_states, "h": one.hidden_states}
        before = np.append(0.0, one.cell_states[:-1])
        expected |= {
            "kept": one.gates["f"] * before,
            "written": one.gates["i"] * one.gates["g"],
            "direct": one.direct_gradient,
            "whole": one.whole_gradient,
            "H": one.cell.backward(run, grad_c_n=np.ones(1)).h[:, 0],
        }
        computed |= computed["by"]
        for name, value in expected.items():
            scale = 1e-12 * max(1, np.abs(value).max())
            np.testing.assert_allclose(computed[name], value, rtol=1e-10, atol=scale)


def test_the_plan_says_what_the_cell_computes():
    """And the sum of the gradient: what goes on along the band, and through h."""
    for one in cases(np.random.default_rng(4), 12):
        states = {"c": one.cell_states, "h": one.hidden_states}
        values = one.gates | states | {"x": one.x}
        checked = assert_says_what_it_computes(one, values)
        assert checked == 6 - len(one.clamp)
        (plan,) = holding(one.data()["plan"]["formula"], one)
        whole = one.whole_gradient
        H = one.cell.backward(one.run, grad_c_n=np.ones(1)).h[:, 0]
        squared = np.tanh(one.cell_states) ** 2
        back = plan["back"].replace("tanh² c_t", "q_t")
        found = said(back, one, values | {"H": H, "q": squared})
        along = said(plan["valve"], one, values)
        scale = 1e-10 * max(1, np.abs(whole).max())
        np.testing.assert_allclose(
            (found[:-1] + along[1:] * whole[1:]), whole[:-1], rtol=0, atol=scale
        )


def test_the_snippets_print_the_numbers_on_screen(written):
    """Every gate and state by step; `torch.nn.LSTM` itself gives c and h alone."""
    modules = 0
    for case in written["cases"]:
        one = LSTMGates(**case["state"])
        values = one.gates | {"c": one.cell_states, "h": one.hidden_states}
        for source in case["snippets"]:
            lines = printed(source)
            names = ("c", "h") if "torch.nn.LSTM(" in source else (*GATES, "c", "h")
            modules += len(names) == 2
            T = len(one.x)
            for t, line in enumerate(lines[:T]):
                found = dict(re.findall(r"([a-z]) (-?[\d.]+)(?=,|$)", line))
                assert line.startswith(f"step {t + 1}: ")
                assert tuple(found) == names
                for name in names:
                    assert abs(float(found[name]) - values[name][t]) < 0.00501, line
            rest = [
                [float(word) for word in re.split("step |: direct |, whole ", line)[1:]]
                for line in lines[T:]
            ]
            if one.gradient == "off":
                assert not rest
                continue
            backwards = range(T, 0, -1)
            steps, direct, whole = zip(*rest, strict=True)
            assert steps == tuple(backwards)
            np.testing.assert_allclose(direct[::-1], one.direct_gradient, rtol=2e-3)
            scale = 1e-12 * np.abs(one.whole_gradient).max()
            np.testing.assert_allclose(
                whole[::-1], one.whole_gradient, rtol=2e-3, atol=scale
            )
    assert modules > 5


@pytest.fixture(scope="module")
def presets(written):
    return {name: LSTMGates(**state) for name, state in written["presets"].items()}


def test_every_preset_does_what_it_says(presets):
    latch = presets["latch"]
    bits = [round(value, 1) for value in latch.cell_states]
    assert bits == [0] + [1] * 10 + [0] * 4 + [1] * 5
    assert latch.x[6] == 1 and latch.gates["i"][6] < 0.01, "i turns the second 1 away"
    count = presets["count"]
    np.testing.assert_allclose(count.cell_states, np.cumsum(count.x), atol=0.02)
    assert {round(depth) for depth in count.cell_states} == {0, 1, 2, 3}
    assert abs(np.tanh(3) - np.tanh(2)) < 0.05, "h hardly tells them apart"
    carousel = presets["carousel"]
    assert (carousel.direct_gradient == 1).all()
    np.testing.assert_allclose(carousel.whole_gradient, 1.0, atol=1e-12)
    assert len(set(carousel.cell_states[1:])) == 1
    carousel.g = [2.0, 1.0, 0.0]
    assert (carousel.direct_gradient == 1).all()
    assert abs(carousel.whole_gradient[0] - 1) > 0.01, "the whole line leaves"


def test_the_default_preset_is_what_pytorch_draws(presets):
    one = presets["default"]
    torch.manual_seed(2)
    lstm = torch.nn.LSTM(1, 1)
    b = lstm.bias_ih_l0 + lstm.bias_hh_l0
    drawn = torch.stack([lstm.weight_ih_l0[:, 0], lstm.weight_hh_l0[:, 0], b], dim=1)
    ours = [getattr(one, gate) for gate in GATES]
    np.testing.assert_allclose(ours, drawn.detach().numpy(), atol=0.0051)
    assert (np.abs(one.gates["f"] - 0.5) < 0.1).all()
    rest = one.cell_states[-1]
    assert one.cell_states[1] - rest > 0.09 > 0.03 > one.cell_states[4] - rest
