"""GRU gates: its traits, its numbers in Python and JavaScript, its snippets."""

import json
import math
import re
from itertools import product

import numpy as np
import pytest
import torch
from hands.every import EveryFace
from hands.gated import GatedFace, assert_says_what_it_computes, holding, said
from hands.twins import ask, assert_drawn_with_tokens, assert_refused, printed, settings

from unrolled import figures
from unrolled.explorers import GRUGates

GATES = ("r", "z", "n")
CONVENTIONS = list(product((True, False), repeat=2))


class TestFace(GatedFace, EveryFace):
    kind = GRUGates


@pytest.mark.parametrize(
    ("trait", "value", "said"),
    [
        ("x", [1.0], "GRUGates: x is [1.0], but has 1 of them"),
        ("x", [0.0] * 41, "has 41 of them; it must be a list of 2 to 40"),
        ("z", [1.0, 2.0], "has 2 of them; it must be a list of 3 finite numbers"),
        ("n", [0.0, np.nan, 0.0], "n[1] is nan, but must be a finite number"),
        ("b_hn", np.inf, "b_hn is inf, but must be a finite number"),
        ("b_hn", 2e6, "b_hn is 2000000.0, but must be at most 1e+06"),
        ("clamp_z", 1.2, "clamp_z is 1.2, but must be at most 1"),
        ("clamp_r", True, "clamp_r is True, but must be a finite number"),
        ("reset_after", 1, "reset_after is 1, but must be True or False"),
        ("update_keeps", "no", "update_keeps is 'no', but must be True or False"),
        ("gradient", "on", "gradient is 'on', but must be one of 'off', 'plain'"),
        ("gate", "h", "gate is 'h', but must be one of"),
        ("step", 41, "step is 41, but must be from 1 to 40"),
    ],
)
def test_a_bad_value_is_named_and_nothing_is_lost(trait, value, said):
    explorer = GRUGates(z=[0.0, 0.0, 1.0], clamp_r=0.5, update_keeps=False)
    assert_refused(explorer, trait, value, said)


def test_a_clamp_is_set_and_taken_away_and_the_step_stays_inside():
    explorer = GRUGates(clamp_z=1, step=16, reset_after=np.False_)
    assert explorer.clamp == {"z": 1.0} and explorer.reset_after is False
    explorer.clamp_z = None
    assert explorer.clamp == {}
    explorer.x = [1.0, 0.0, 0.0]
    assert explorer.step == 3


def cases(rng, count):
    """Explorers with settings that nobody chose, in every convention."""
    for k in range(count):
        timesteps = int(rng.integers(2, 41))
        after, keeps = CONVENTIONS[k % 4]
        weights = {gate: rng.uniform(-3, 3, 3) for gate in GATES}
        clamps = {
            f"clamp_{gate}": float(rng.uniform()) if rng.uniform() < 0.25 else None
            for gate in "rz"
        }
        yield GRUGates(
            x=rng.uniform(-1, 1, timesteps),
            **weights,
            **clamps,
            b_hn=float(rng.uniform(-2, 2)) if k % 5 else 0.0,
            reset_after=after,
            update_keeps=keeps,
            gradient=("off", "plain", "log")[k % 3],
            gate=GATES[k % 3],
            step=int(rng.integers(1, timesteps + 1)),
        )


def by_autograd(one):
    """h, dh_T/dh_t through everything and, with all gates detached, along the band."""

    def gradients(alone):
        h = torch.zeros((), dtype=torch.float64, requires_grad=True)
        states = []
        for x_t in one.x:
            gate = {
                name: torch.sigmoid(w[0] * x_t + w[1] * h + w[2])
                for name, w in (("r", one.r), ("z", one.z))
            }
            for name, value in one.clamp.items():
                gate[name] = torch.tensor(value, dtype=torch.float64)
            r, z = gate["r"], gate["z"]
            w, u, b = one.n
            if one.reset_after:
                n = torch.tanh(w * x_t + b + r * (u * h + one.b_hn))
            else:
                n = torch.tanh(w * x_t + b + one.b_hn + u * (r * h))
            if alone:
                z, n = z.detach(), n.detach()
            h = (1 - z) * n + z * h if one.update_keeps else z * n + (1 - z) * h
            h.retain_grad()
            states.append(h)
        h.backward()
        return np.array([[h.item(), h.grad.item()] for h in states]).T

    (h, whole), (_, direct) = gradients(alone=False), gradients(alone=True)
    return h, whole, direct


def test_states_and_the_two_gradients_are_those_of_autograd():
    apart = held = 0
    for one in cases(np.random.default_rng(1), 40):
        h, whole, direct = by_autograd(one)
        np.testing.assert_allclose(one.hidden_states, h, atol=1e-12)
        scale = 1e-10 * max(1, np.abs(whole).max())
        np.testing.assert_allclose(one.whole_gradient, whole, rtol=0, atol=scale)
        np.testing.assert_allclose(one.direct_gradient, direct, rtol=1e-9)
        apart += np.abs(whole - direct).max() > 0.01
        held += bool(one.clamp)
    assert apart > 20 and held > 5


def same_weights(one):
    """What `torch.nn.GRU` computes with the explorer's weights as they stand, (T,)."""
    gru = torch.nn.GRU(1, 1, dtype=torch.float64)
    rows = torch.tensor([one.r, one.z, one.n], dtype=torch.float64)
    with torch.no_grad():
        gru.weight_ih_l0.copy_(rows[:, :1])
        gru.weight_hh_l0.copy_(rows[:, 1:2])
        gru.bias_ih_l0.copy_(rows[:, 2])
        gru.bias_hh_l0.copy_(torch.tensor([0.0, 0.0, one.b_hn]))
        return gru(torch.tensor(one.x, dtype=torch.float64)[:, None])[0][:, 0].numpy()


def test_the_drift_is_what_pytorch_is_off_by_with_the_same_weights():
    drifts = []
    for one in cases(np.random.default_rng(0), 40):
        one.clamp_r = one.clamp_z = None
        expected = same_weights(one)
        np.testing.assert_allclose(one.pytorch_states, expected, atol=1e-6)
        off = np.abs(one.hidden_states - expected).max()
        assert one.drift == pytest.approx(off, abs=1e-6)
        drifts.append((one.reset_after, one.update_keeps, one.b_hn, one.drift))
    for after, keeps, b_hn, drift in drifts:
        if keeps and (after or b_hn == 0):
            assert drift < 1e-12, "one unit: r (w h) = w (r h)"
    moved = [d for after, keeps, b_hn, d in drifts if keeps and not after and b_hn]
    turned = [d for _, keeps, _, d in drifts if not keeps]
    assert len(moved) >= 6 and min(moved) > 1e-3 and max(moved) > 0.3
    assert min(turned) > 0.01 and max(turned) > 1


def test_the_cell_converts_to_pytorch_exactly():
    """One unit always does: z turns, and of the biases only one place is moved."""
    for one in cases(np.random.default_rng(3), 16):
        one.clamp_r = one.clamp_z = None
        with torch.no_grad():
            x = torch.tensor(one.x, dtype=torch.float64)[:, None]
            output, _ = one.cell.to_torch()(x)
        np.testing.assert_allclose(one.hidden_states, output[:, 0], atol=1e-12)


def test_a_clamped_gate_stands_at_its_value():
    one = GRUGates(clamp_z=1.0)
    assert (one.gates["z"] == 1).all()
    assert not one.hidden_states.any(), "nothing is let in"
    one.update_keeps = False
    np.testing.assert_array_equal(one.hidden_states, one.gates["n"])
    one.clamp_r = 0.0
    x = np.array(one.x)
    np.testing.assert_allclose(one.hidden_states, np.tanh(2 * x), atol=1e-15)


def test_the_half_life_is_that_of_what_stays():
    one = GRUGates(clamp_z=0.5)
    assert one.half_life == 1.0
    one.clamp_z = 0.5**0.1
    assert one.half_life == pytest.approx(10)
    one.update_keeps = False
    assert one.half_life == pytest.approx(math.log(0.5) / math.log(1 - 0.5**0.1))
    one.clamp_z = 1.0
    assert one.half_life == 0.0
    one.update_keeps = True
    assert one.half_life == math.inf
    one.clamp_z = None
    one.step = 2
    assert one.half_life < 0.2 < 700 < GRUGates().half_life


def test_the_first_picture_takes_in_and_keeps():
    one = GRUGates()
    h, gates = one.hidden_states, one.gates
    assert np.flatnonzero(gates["z"] < 0.5).tolist() == [1]
    assert np.flatnonzero(gates["r"] < 0.5).tolist() == [1]
    assert h[0] == 0 and (h[1:] > 0.92).all()
    assert gates["n"][5] < -0.7, "n follows the input; the state does not"
    one.x = [*one.x[:11], 0.8, *one.x[12:]]
    assert one.gates["z"][11] < 0.05, "above 0, the input opens 1 - z"


def test_the_picture_and_its_text():
    text = GRUGates().description()
    assert "over 16 steps" in text and "Clamped" not in text
    assert "whose gap is z, and 1 − z below it; r stands after the product" in text
    assert "At step 12: r 1.00, z 1.00, n 0.50, h 0.95." in text
    assert "drift" not in text and "gradient" not in text
    one = GRUGates(gradient="log", clamp_r=1.0, update_keeps=False, reset_after=False)
    text, said = one.description(), f"{one.whole_gradient[0]:z.2g}"
    assert "Clamped: r to 1." in text and f"the band alone and {said} in all" in text
    assert "whose gap is 1 − z, and z below it; r stands before" in text
    at = 1 + int(np.abs(one.hidden_states - one.pytorch_states).argmax())
    assert f"is {one.drift:.2g}, at step {at}." in text
    picture = figures.to_svg(one.figure())
    assert picture == figures.to_svg(one.figure()), "the picture is repeatable"
    first = figures.to_svg(GRUGates().figure())
    for word in ("direct (teal)", "1 − z: of h stays", "in PyTorch’s convention"):
        assert word in picture and word not in first
    assert "z: of h stays" in first
    assert_drawn_with_tokens(picture)
    data, metadata = one._repr_mimebundle_()
    assert data["image/svg+xml"].startswith("<svg")
    shown = json.loads(json.dumps(metadata["image/svg+xml"]["unrolled"]))
    assert shown["traits"]["clamp_r"] == 1.0 and shown["traits"]["clamp_z"] is None
    assert shown["traits"]["update_keeps"] is False


def test_what_overflows_is_drawn_without_a_warning():
    wild = GRUGates(n=[1.0, 1e200, 0.0], x=[0.0] * 9)
    assert not np.isfinite(wild.whole_gradient).all()
    worse = GRUGates(n=[1e308, -1e308, 1e308], x=[1.0] * 5, clamp_z=0.5)
    for one in (wild, worse):
        assert np.abs(one.hidden_states).max() <= 1, "h stays a mean of tanhs"
        for gradient in ("plain", "log"):
            one.gradient = gradient
            figures.to_svg(one.figure())
            one.description()


@pytest.fixture(scope="module")
def written(node):
    """What JavaScript computes and copies, for all kinds of settings and presets."""
    found = ask(node, GRUGates, cases(np.random.default_rng(2), 48))
    assert len(found["presets"]) == 5
    return found


def test_javascript_computes_what_numpy_computes(written):
    for case in written["cases"]:
        one = GRUGates(**case["state"])
        h, gates = one.hidden_states, one.gates
        r, z, n = (gates[gate] for gate in GATES)
        old = np.append(0.0, h[:-1])
        share = z if one.update_keeps else 1 - z
        _, u, _ = one.n
        pushed = r * (u * old + one.b_hn) if one.reset_after else u * (r * old)
        expected = gates | {"h": h, "share": share, "open": 1 - share}
        expected |= {"kept": share * old, "written": (1 - share) * n}
        expected |= {"old": old, "pushed": pushed, "pytorch": one.pytorch_states}
        expected |= {"direct": one.direct_gradient, "whole": one.whole_gradient}
        expected["drift"] = h - one.pytorch_states
        case = case["computed"]
        for name, value in expected.items():
            scale = 1e-12 * max(1, np.abs(value).max())
            np.testing.assert_allclose(case[name], value, rtol=1e-9, atol=scale)
        for largest in (abs(case["drift"][case["worst"]]), case["largest"]):
            assert largest == pytest.approx(one.drift, abs=1e-12)
        # what h_{t-1} receives through the band, the candidate and the two gates
        parts = share * case["whole"] + np.sum(list(case["by"].values()), axis=0)
        np.testing.assert_allclose(parts[1:], one.whole_gradient[:-1], atol=1e-10)


def test_the_plan_says_what_the_cell_computes(written):
    """In every convention, and what the circuit's wire into n carries."""
    for case in written["cases"]:
        one = GRUGates(**case["state"])
        values = one.gates | {"h": one.hidden_states, "x": one.x}
        assert assert_says_what_it_computes(one, values) == 4 - len(one.clamp)
        plan = one.data()["plan"]
        formula = holding(plan["formula"], one)
        (valve,) = [part["valve"] for part in formula if "valve" in part]
        np.testing.assert_allclose(said(valve, one, values), one._share)
        circuit = holding(plan["circuit"]["parts"], one, wide=True)
        wires = [wire for part in circuit for wire in part.get("wires", [])]
        (into,) = [wire[1] for wire in wires if wire[0] == "M n rail V name+6"]
        heard = said(into, one, values | {"pushed": case["computed"]["pushed"]})
        np.testing.assert_allclose(np.tanh(heard), one.gates["n"], atol=1e-12)


def test_the_snippets_print_the_numbers_on_screen(written):
    """Every gate and state by step; `torch.nn.GRU` itself gives h alone."""
    modules = drifting = 0
    for case in written["cases"]:
        one = GRUGates(**case["state"])
        values = one.gates | {"h": one.hidden_states}
        T = len(one.x)
        off = not (one.reset_after and one.update_keeps)
        for source in case["snippets"]:
            lines = printed(source)
            names = ("h",) if "torch.nn.GRU(" in source else (*GATES, "h")
            modules += len(names) == 1
            own = lines[: 2 * T + 1] if off else lines[:T]
            rest = lines[len(own) :]
            states = own[: 2 * T : 2] if off else own
            assert len(states) == T
            for t, line in enumerate(states):
                found = dict(re.findall(r"([a-z]) (-?[\d.]+)(?=,|$)", line))
                assert line.startswith(f"step {t + 1}: ")
                assert tuple(found) == names
                for name in names:
                    assert abs(float(found[name]) - values[name][t]) < 0.00501, line
            if off:
                drifting += 1
                for t, line in enumerate(own[1 : 2 * T : 2]):
                    found = re.fullmatch(
                        rf"step {t + 1}: PyTorch's h (-?[\d.]+), drift (-?[\d.]+)", line
                    )
                    h, drift = map(float, found.groups())
                    assert abs(h - one.pytorch_states[t]) < 0.00501
                    gap = one.hidden_states[t] - one.pytorch_states[t]
                    assert abs(drift - gap) < 0.00501
                largest = float(own[-1].removeprefix("largest drift "))
                assert largest == pytest.approx(one.drift, rel=1e-3, abs=1e-12)
            rest = [
                [float(word) for word in re.split("step |: direct |, whole ", line)[1:]]
                for line in rest
            ]
            if one.gradient == "off":
                assert not rest
                continue
            steps, direct, whole = zip(*rest, strict=True)
            assert steps == tuple(range(T, 0, -1))
            np.testing.assert_allclose(direct[::-1], one.direct_gradient, rtol=2e-3)
            scale = 1e-12 * np.abs(one.whole_gradient).max()
            np.testing.assert_allclose(
                whole[::-1], one.whole_gradient, rtol=2e-3, atol=scale
            )
    assert modules > 6 and drifting > 50


@pytest.fixture(scope="module")
def presets(written):
    return {name: GRUGates(**state) for name, state in written["presets"].items()}


def test_latch_and_reset_do_what_they_say(presets):
    latch = presets["latch"]
    assert latch.gates["z"] == pytest.approx(0.1, abs=0.001)
    signs = np.sign(latch.hidden_states).tolist()
    assert signs == [0] + [1] * 10 + [-1] * 4 + [1] * 5
    assert (np.abs(latch.hidden_states[1:]) > 0.75).all()
    assert latch.direct_gradient[1] < 1e-15, "z alone would have lost it"
    latch.clamp_r = 0.0
    assert abs(latch.hidden_states[5]) < 1e-3, "the loop goes through r"
    reset = presets["reset"]
    assert np.flatnonzero(reset.gates["r"] < 0.5).tolist() == [8]
    h = reset.hidden_states
    assert (h[1:8] < -0.8).all() and h[8] > 0.7 and h[-1] > 0.98
    reset.clamp_r = 1.0
    assert (reset.hidden_states[1:] < -0.7).all(), "with r = 1 the past wins"


def test_two_conventions_part_by_the_bias_and_by_z(presets):
    one = presets["conventions"]
    off = np.abs(one.hidden_states - one.pytorch_states)
    assert round(one.drift, 2) == 0.47 and off.argmax() == 1
    one.b_hn = 0.0
    assert one.drift < 1e-15
    one.b_hn, one.update_keeps = 1.5, False
    off = np.abs(one.hidden_states - one.pytorch_states)
    assert round(one.drift, 2) == 1.39 and off.argmax() == 8
    one.reset_after = one.update_keeps = True
    assert one.drift == 0


def test_the_default_preset_is_what_pytorch_draws(presets):
    one = presets["default"]
    torch.manual_seed(6)
    gru = torch.nn.GRU(1, 1)
    b = gru.bias_ih_l0 + gru.bias_hh_l0
    b[2] = gru.bias_ih_l0[2]
    drawn = torch.stack([gru.weight_ih_l0[:, 0], gru.weight_hh_l0[:, 0], b], dim=1)
    ours = [getattr(one, gate) for gate in GATES]
    np.testing.assert_allclose(ours, drawn.detach().numpy(), atol=0.0051)
    assert one.b_hn == pytest.approx(gru.bias_hh_l0[2].item(), abs=0.0051)
    assert (np.abs(one.gates["z"] - 0.5) < 0.1).all()
    silent = GRUGates(**settings(one) | {"x": [0.0] * 16})
    left = one.hidden_states - silent.hidden_states
    assert left[1] > 0.29 > 0.04 > left[4] > left[5], "four steps on it is gone"
