"""LSTM and GRU on one input: traits, numbers in Python and JavaScript, snippets."""

import re

import numpy as np
import pytest
import torch
from hands.every import EveryFace
from hands.gated import GatedFace
from hands.twins import ask, assert_drawn_with_tokens, assert_refused, printed

from unrolled import figures
from unrolled.explorers import LSTMAndGRU

LSTM = ("i", "f", "g", "o")
GRU = ("r", "z", "n")
MERGES = ("none", "i", "o", "both")


class TestFace(GatedFace, EveryFace):
    kind = LSTMAndGRU


@pytest.mark.parametrize(
    ("trait", "value", "said"),
    [
        ("x", [1.0], "LSTMAndGRU: x is [1.0], but has 1 of them"),
        ("x", [0.0] * 41, "has 41 of them; it must be a list of 2 to 40"),
        ("z", [1.0, 2.0], "has 2 of them; it must be a list of 3 finite numbers"),
        ("n", [0.0, np.nan, 0.0], "n[1] is nan, but must be a finite number"),
        ("o", 1.0, "o is 1.0, but must be a list of 3 finite numbers"),
        ("merge", "f", "merge is 'f', but must be one of 'none', 'i', 'o', 'both'"),
        ("gate", "h", "gate is 'h', but must be one of"),
        ("step", 41, "step is 41, but must be from 1 to 40"),
    ],
)
def test_a_bad_value_is_named_and_nothing_is_lost(trait, value, said):
    assert_refused(LSTMAndGRU(z=[0.0, 0.0, 1.0], merge="i"), trait, value, said)


def test_the_step_stays_inside():
    explorer = LSTMAndGRU(step=16)
    explorer.x = [1.0, 0.0, 0.0]
    assert explorer.step == 3


def cases(rng, count):
    """Explorers with settings that nobody chose."""
    for k in range(count):
        timesteps = int(rng.integers(2, 41))
        weights = {gate: rng.uniform(-3, 3, 3) for gate in (*LSTM, *GRU)}
        yield LSTMAndGRU(
            x=rng.uniform(-1, 1, timesteps),
            **weights,
            merge=MERGES[k % 4],
            gate=(*LSTM, *GRU)[k % 7],
            step=int(rng.integers(1, timesteps + 1)),
        )


def states_of(one):
    """All that is computed, by cell and name, as the front end names it."""
    gates = one.gates
    lstm = {gate: gates[gate] for gate in LSTM}
    c, gru = one.cell_states, one.gru_hidden_states
    old = np.append(0.0, gru[:-1])
    lstm |= {"c": c, "h": one.lstm_hidden_states, "written": gates["i"] * gates["g"]}
    lstm["kept"] = gates["f"] * np.append(0.0, c[:-1])
    return {
        "lstm": lstm,
        "gru": {gate: gates[gate] for gate in GRU}
        | {"h": gru, "open": 1 - gates["z"], "kept": gates["z"] * old}
        | {"written": (1 - gates["z"]) * gates["n"]}
        | {"seen": gates["r"] * one.n[1] * old},
    }


def test_states_are_those_of_pytorch():
    for one in cases(np.random.default_rng(0), 30):
        x = torch.tensor(one.x, dtype=torch.float64)[:, None]
        with torch.no_grad():
            output, (_, c_n) = one.lstm.to_torch()(x)
            gru, _ = one.gru.to_torch()(x)
        np.testing.assert_allclose(one.lstm_hidden_states, output[:, 0], atol=1e-12)
        np.testing.assert_allclose(one.cell_states[-1], c_n.item(), atol=1e-12)
        np.testing.assert_allclose(one.gru_hidden_states, gru[:, 0], atol=1e-12)


def test_what_the_lstm_gives_up_and_gets_back():
    given_up = 0
    for one in cases(np.random.default_rng(1), 40):
        gates = one.gates
        tied, opened = one.merge in ("i", "both"), one.merge in ("o", "both")
        assert (np.abs(gates["i"] + gates["f"] - 1).max() < 1e-15) == tied
        assert (gates["o"] == 1).all() == opened
        if opened:
            shown = np.tanh(one.cell_states)
            np.testing.assert_array_equal(one.lstm_hidden_states, shown)
        given_up += tied + opened
        weights = one.i, one.o
        one.merge = "none"
        assert (one.i, one.o) == weights
        np.testing.assert_array_equal(one.lstm.W_x[0], one.i[:1])
        np.testing.assert_array_equal(one.lstm.b[3:], one.o[2:])
    assert given_up == 40


def test_an_lstm_that_gives_up_both_stores_what_a_gru_does():
    """Where no gate looks at h, of which the LSTM sees the tanh."""
    rng = np.random.default_rng(2)
    for _ in range(20):
        f, g = rng.uniform(-3, 3, 3), rng.uniform(-3, 3, 3)
        f[1] = g[1] = 0
        x = rng.uniform(-1, 1, 40)
        one = LSTMAndGRU(x=x, f=f, g=g, z=f, n=g, merge="both")
        c, h = one.cell_states, one.gru_hidden_states
        np.testing.assert_allclose(c, h, rtol=0, atol=1e-14)
        one.merge = "none"
        assert np.abs(one.cell_states - h).max() > 0.01


def test_the_gru_stays_within_one():
    beyond = 0
    for one in cases(np.random.default_rng(3), 200):
        assert np.abs(one.gru_hidden_states).max() <= 1
        beyond += np.abs(one.cell_states).max() > 1
        if one.merge in ("i", "both"):
            assert np.abs(one.cell_states).max() <= 1, "to write is to erase"
    assert beyond > 20


def test_the_picture_and_its_text():
    one = LSTMAndGRU()
    text = one.description()
    assert "same 16 inputs" in text and "tied" not in text
    assert "At step 11: LSTM f 1.00, i 1.00, o 1.00, c 4.00, h 1.00;" in text
    assert "GRU z 0.50, r 1.00, h 0.94. At the end c is 4.00 and" in text
    one.merge = "both"
    assert "i is tied to 1 - f, and its o is 1." in one.description()
    picture = figures.to_svg(one.figure())
    assert picture == figures.to_svg(one.figure()), "the picture is repeatable"
    assert_drawn_with_tokens(picture)


def test_both_bands_are_drawn_to_one_scale():
    """Twice the largest c makes the same GRU half as thick, and its limits too."""

    def reach(x):
        axes = LSTMAndGRU(x=x, z=[0.0, 0.0, 0.0]).figure().axes[0]
        lines = [line for line in axes.lines if line.get_linestyle() != "-"]
        heights = sorted({float(line.get_ydata()[0]) for line in lines})
        return heights[3] - heights[2], heights[1] - heights[0]

    (c, h), (c_more, h_more) = reach([1.0] * 5), reach([1.0] * 10)
    assert c == pytest.approx(c_more) == pytest.approx(5 * h)
    assert h == pytest.approx(2 * h_more)


def test_absurd_settings_open_and_shut_gates_and_nothing_breaks():
    for sign in (1, -1):
        huge = [sign * 1e308, -sign * 1e308, sign * 1e308]
        names = dict.fromkeys((*LSTM, *GRU), huge)
        wild = LSTMAndGRU(x=[1e300, -1e300, 0.0, 1.0, -20.0], **names)
        for merge in MERGES:
            wild.merge = merge
            for states in states_of(wild).values():
                assert all(np.isfinite(states[name]).all() for name in states)
            assert set(wild.gates["z"]) <= {0.0, 1.0}
            figures.to_svg(wild.figure())
            wild.description()


@pytest.fixture(scope="module")
def written(node):
    """What JavaScript computes and copies, for all kinds of settings and presets."""
    found = ask(node, LSTMAndGRU, cases(np.random.default_rng(4), 42))
    assert len(found["presets"]) == 5
    return found


def test_javascript_computes_what_numpy_computes(written):
    for case in written["cases"]:
        expected = states_of(LSTMAndGRU(**case["state"]))
        assert {cell: set(lists) for cell, lists in case["computed"].items()} == {
            cell: set(lists) for cell, lists in expected.items()
        }
        for cell, lists in expected.items():
            for name, value in lists.items():
                scale = 1e-12 * max(1, np.abs(value).max())
                computed = case["computed"][cell][name]
                np.testing.assert_allclose(computed, value, rtol=1e-10, atol=scale)


def test_the_snippets_print_the_numbers_on_screen(written):
    """Every gate and state by step; PyTorch's own modules give the states alone."""
    for case in written["cases"]:
        one = LSTMAndGRU(**case["state"])
        states = states_of(one)
        for source, names in zip(
            case["snippets"],
            (
                {"lstm": ("f", "i", "g", "o", "c", "h"), "gru": ("z", "r", "n", "h")},
                {"lstm": ("c", "h"), "gru": ("h",)},
            ),
            strict=True,
        ):
            assert ("torch.nn.GRU(" in source) == (names["gru"] == ("h",))
            lines = printed(source)
            assert len(lines) == 2 * len(one.x)
            for k, line in enumerate(lines):
                cell = ("lstm", "gru")[k % 2]
                assert line.startswith(f"step {k // 2 + 1}: {cell.upper()} ")
                found = dict(re.findall(r"\b([a-z]) (-?[\d.]+)(?=,|$)", line))
                assert tuple(found) == names[cell]
                for name in names[cell]:
                    value = states[cell][name][k // 2]
                    assert abs(float(found[name]) - value) < 0.00501, line


@pytest.fixture(scope="module")
def presets(written):
    return {name: LSTMAndGRU(**state) for name, state in written["presets"].items()}


def test_one_counts_and_the_other_cannot(presets):
    one = presets["count"]
    np.testing.assert_allclose(one.cell_states, np.cumsum(one.x), atol=0.005)
    h = one.gru_hidden_states
    at = [1, 3, 6, 10]
    np.testing.assert_allclose(h[at], [0.5, 0.75, 0.875, 0.9375], atol=0.001)
    for b_z in np.linspace(-16, 16, 65):
        one.z = [*one.z[:2], b_z]
        h = one.gru_hidden_states
        assert h.max() < 1
        rises = np.diff(np.append(0.0, h[at]))
        assert (np.diff(rises) < 0).all() or h[-1] < 0.9 * h.max(), (
            "each step is smaller than the last, or what was counted is erased"
        )
    one.merge = "i"
    assert np.abs(one.cell_states).max() < 0.001, "nothing of the count is left"


def test_both_latch_a_bit(presets):
    one = presets["latch"]
    c, h = one.cell_states, one.gru_hidden_states
    np.testing.assert_allclose(c, h, rtol=0, atol=1e-15)
    bits = [0] + [1] * 4 + [-1] * 6 + [1] * 5
    np.testing.assert_allclose(h, bits, atol=0.01)
    np.testing.assert_allclose(one.lstm_hidden_states, np.tanh(h), atol=1e-15)
    one.merge = "none"
    np.testing.assert_allclose(one.cell_states, h, atol=1e-4)


def test_one_hides_what_it_holds_and_the_other_cannot(presets):
    one = presets["hide"]
    assert (one.cell_states[1:] > 0.99).all()
    shown = one.lstm_hidden_states
    assert np.flatnonzero(np.abs(shown) > 0.001).tolist() == [11]
    assert shown[11] > 0.75
    assert (one.gru_hidden_states[1:] > 0.99).all()
    one.merge = "o"
    assert (one.lstm_hidden_states[1:] > 0.75).all()


def test_the_reset_gate_lets_the_candidate_look_away(presets):
    one = presets["look"]
    assert (one.f, one.g) == (one.z, one.n), "the same weights but for r"
    c, h = one.cell_states, one.gru_hidden_states
    assert one.x[9] == -1 and one.gates["r"][9] < 0.02 < 0.98 < one.gates["r"][8]
    assert c[8] > 0.9 and h[8] > 0.9
    assert (c[9:] > 0.3).all() and c[-1] > 0.9, "the past outvotes the -1"
    assert (h[9:] < -0.5).all() and h[-1] < -0.9, "nobody asks the past"
    one.r = [*one.r[:2], 12.0]
    assert (one.gru_hidden_states[1:] > 0.7).all()


def test_the_default_preset_is_what_pytorch_draws(presets):
    """But for the GRU's second bias of n, which a figure for three weights lacks."""
    one = presets["default"]
    torch.manual_seed(2)
    for module, gates in ((torch.nn.LSTM, LSTM), (torch.nn.GRU, GRU)):
        drawn = module(1, 1)
        b = drawn.bias_ih_l0 + drawn.bias_hh_l0
        if module is torch.nn.GRU:
            b = torch.cat([b[:2], drawn.bias_ih_l0[2:]])
        rows = [drawn.weight_ih_l0[:, 0], drawn.weight_hh_l0[:, 0], b]
        ours = [getattr(one, gate) for gate in gates]
        drawn = torch.stack(rows, dim=1).detach().numpy()
        np.testing.assert_allclose(ours, drawn, atol=0.0051)
    for states in (one.cell_states, one.gru_hidden_states):
        left = np.abs(states - states[-1])
        assert left[1] > 0.09 > 0.03 > left[6:].max(), "the pulse is lost"
    one.f, one.z = [*one.f[:2], 5.0], [*one.z[:2], 5.0]
    c, h = one.cell_states, one.gru_hidden_states
    assert c[-1] > 1.2 and np.abs(h).max() < 0.02, "one fills up, one stays empty"
