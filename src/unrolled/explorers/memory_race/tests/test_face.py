"""The memory race: its traits, its numbers in Python and JavaScript, its snippets."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from hands.every import EveryFace
from hands.twins import ask, printed, settings

from unrolled import gradients
from unrolled.explorers import MemoryRace
from unrolled.figures import to_svg

JS_TEST = Path(__file__).with_name("front.test.js")
CELLS = ["rnn", "lstm", "gru"]


class TestFace(EveryFace):
    kind = MemoryRace


def explorers(rng, count):
    """Explorers with settings that nobody chose."""
    for k in range(count):
        yield MemoryRace(
            w_h=rng.uniform(-1.5, 1.5),
            b_f=rng.uniform(-3, 5),
            b_i=rng.uniform(-5, 3),
            b_z=rng.uniform(-3, 5),
            impulse=rng.uniform(-2, 2),
            timesteps=int(rng.integers(2, 61)),
            cell=CELLS[k % 3],
        )


def by_autograd(explorer):
    """The memories and their gradients' sizes by lag, from the equations alone."""
    numbers = [explorer.w_h, explorer.b_f, explorer.b_i, explorer.b_z]
    w_h, b_f, b_i, b_z = torch.tensor(numbers, dtype=torch.float64)
    f, i, z = torch.sigmoid(b_f), torch.sigmoid(b_i), torch.sigmoid(b_z)
    h, c, s = torch.zeros(3, dtype=torch.float64, requires_grad=True)
    memories = {cell: [] for cell in CELLS}
    for x_t in explorer.x[:, 0]:
        h = torch.tanh(x_t + w_h * h)
        c = f * c + i * torch.tanh(x_t + w_h * 0.5 * torch.tanh(c))
        s = z * s + (1 - z) * torch.tanh(x_t + 0.5 * w_h * s)
        for cell, memory in zip(CELLS, (h, c, s), strict=True):
            memories[cell].append(memory)
    for cell, found in memories.items():
        back = torch.autograd.grad(found[-1], found)
        sizes = [abs(one.item()) for one in back[::-1]]
        yield cell, [one.item() for one in found], sizes


def test_memories_and_gradients_are_those_of_autograd():
    for explorer in explorers(np.random.default_rng(0), 30):
        memories, sizes, left = explorer.memories, explorer.gradients, explorer.left
        for cell, memory, expected in by_autograd(explorer):
            np.testing.assert_allclose(memories[cell], memory, rtol=1e-9)
            np.testing.assert_allclose(sizes[cell], expected, rtol=1e-9)
            assert left[cell] == pytest.approx(memory[-1] / memory[0])


def test_the_lstms_gradient_is_that_of_c_along_every_path():
    explorer = MemoryRace(b_f=1, timesteps=20)
    paths = gradients.lstm_paths(explorer.cells["lstm"], explorer.runs["lstm"])
    whole, direct = paths.whole[:, 0, 0], paths.direct[:, 0, 0]
    np.testing.assert_allclose(explorer.gradients["lstm"], whole, rtol=1e-12)
    assert (whole[1:] > direct[1:]).all()


def test_at_rest_the_factors_are_near_what_32_units_of_pytorch_have():
    """One unit at the edge of W_h's spectrum stands for a layer of PyTorch's."""
    one_step = {cell: sizes[1] for cell, sizes in MemoryRace().gradients.items()}
    torch.manual_seed(0)
    kinds = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}
    for cell, kind in kinds.items():
        factors = []
        for _ in range(5):
            module = kind(1, 32).double()
            lags = gradients.gradient_by_lag(module, np.zeros((60, 8, 1)), wrt="h")
            factors.append((lags[40] / lags[10]) ** (1 / 30))
        assert one_step[cell] == pytest.approx(np.mean(factors), abs=0.06), cell


def test_with_i_as_1_minus_f_and_no_recurrence_the_lstm_keeps_what_the_gru_keeps():
    explorer = MemoryRace(w_h=0, b_f=2, b_i=-2, b_z=2)
    memories, sizes = explorer.memories, explorer.gradients
    np.testing.assert_allclose(memories["lstm"], memories["gru"], rtol=1e-12)
    np.testing.assert_allclose(sizes["lstm"], sizes["gru"], rtol=1e-12)


def test_what_overflows_or_is_not_there_is_said_and_drawn_without_a_warning():
    huge = MemoryRace(w_h=1e200, impulse=0)
    for cell in CELLS:
        assert np.isnan(huge.gradients[cell][2:]).all()
        assert math.isnan(huge.left[cell])
    nothing = MemoryRace(w_h=0, b_f=-800, b_z=-800, timesteps=100)
    full = MemoryRace(b_f=800, b_i=800, w_h=2, timesteps=100)
    assert full.memories["lstm"][-1] > 40, "f = i = 1 adds up"
    for explorer in (huge, nothing, full):
        assert "RNN" in explorer.description()
        assert explorer._repr_mimebundle_()[0]["image/svg+xml"].startswith("<svg")


def test_the_picture_and_its_text():
    explorer = MemoryRace(b_f=1)
    text = explorer.description()
    left, last = explorer.left["lstm"], explorer.gradients["lstm"][-1]
    life = explorer.half_lives["lstm"]
    assert f"LSTM {left:.2g} and {last:.2g}, half-life {life} steps" in text
    assert "b_f is 1," in text
    chart, *lanes = explorer.figure().axes
    lines = {line.get_label(): line.get_ydata() for line in chart.lines}
    for cell, lane in zip(CELLS, lanes, strict=True):
        np.testing.assert_allclose(10 ** lines[cell.upper()], explorer.gradients[cell])
        bars = [bar.get_height() for bar in lane.patches]
        np.testing.assert_allclose(bars, explorer.memories[cell])
        assert lane.get_ylabel().startswith(cell.upper())


def test_a_lane_of_small_values_has_a_smaller_scale():
    lanes = MemoryRace(b_z=4.6, b_i=-2, w_h=-0.5).figure().axes[1:]
    assert [lane.get_ylim() for lane in lanes] == [(-1, 1), (0, 0.1), (0, 0.01)]


def finite(values):
    return [None if math.isnan(value) else value for value in values]


def test_javascript_computes_what_numpy_computes(node_test, tmp_path):
    rng = np.random.default_rng(2)
    edges = [MemoryRace(), MemoryRace(timesteps=2), MemoryRace(timesteps=100, b_f=4)]
    edges += [MemoryRace(impulse=0), MemoryRace(w_h=0, b_z=-800, b_f=800)]
    edges += [MemoryRace(w_h=1e200), MemoryRace(w_h=1e200, impulse=0)]
    runs = [
        {
            "state": settings(one),
            "memories": {cell: list(m) for cell, m in one.memories.items()},
            "exposed": one.runs["lstm"].h[:, 0].tolist(),
            "gradients": {cell: finite(s) for cell, s in one.gradients.items()},
            "left": dict(zip(CELLS, finite(one.left.values()), strict=True)),
            "halfLives": one.half_lives,
        }
        for one in [*explorers(rng, 60), *edges]
    ]
    fixtures = tmp_path / "race.json"
    fixtures.write_text(json.dumps(runs, allow_nan=False))
    node_test(JS_TEST, least=len(runs) + 6, UNROLLED_RACE_FIXTURES=str(fixtures))


def test_the_snippets_print_the_memories_and_the_gradients_by_lag(node):
    found = ask(node, MemoryRace, explorers(np.random.default_rng(3), 6))
    assert len(found["presets"]) == 5
    for case in found["cases"]:
        explorer = MemoryRace(**case["state"])
        columns = [*explorer.memories.values(), *explorer.gradients.values()]
        expected = [
            f"{lag:2} " + " ".join(f"{number:z.2e}" for number in numbers)
            for lag, numbers in enumerate(zip(*columns, strict=True))
        ]
        assert len(case["snippets"]) == 2
        for source in case["snippets"]:
            assert printed(source) == expected, source


def test_what_a_page_asks_about_is_neither_drawn_nor_said():
    """The picture of one question is the same whatever the answer is."""
    one, other = MemoryRace(ask="What comes?"), MemoryRace(ask="What comes?")
    other.impulse = -1.0
    assert one.picture() == other.picture()
    assert to_svg(one.figure()) != to_svg(other.figure())
    assert "half-life" in one.description()
    assert "half-life" not in one.description(hidden=True)
    assert one.description().startswith(one.description(hidden=True))
