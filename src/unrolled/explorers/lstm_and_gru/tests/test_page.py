"""LSTM and GRU on one input, on a page of its own, under a reader's hand."""

import random
import re

import numpy as np
import pytest
from hands.every import EveryPage
from hands.gated import GatedDrawing
from hands.inputs import InputsUnderAFinger
from hands.reader import (
    CROWDED,
    PHONE,
    assert_adds_up,
    centre,
    drag,
    explorer_at,
    open_page,
    reached_by_tab,
    set_state,
    settle,
    short,
    state_of,
)

from unrolled.explorers import LSTMAndGRU

CHAPTER = "notebooks/05_gru.html"
PAIR = "#pair"
GATES = ("f", "i", "g", "o", "z", "r", "n")
# the lanes from the top, as their names stand in the drawing
LANES = ["h", "o", "c", "f", "i", "g", "h", "z", "1 − z", "n", "r", "x"]


class TestPage(GatedDrawing, InputsUnderAFinger, EveryPage):
    kind = LSTMAndGRU
    chapter = "05_gru"
    name = "pair"
    told_apart = {"step": 3}
    valve = {"gate": "z", "shell": 3, "lane": 1}

    def test_the_keyboard_reaches_every_choice(self, page):
        reached = reached_by_tab(page, PAIR)
        for name in ("time step shown", "none", "z", "LSTM, forget gate"):
            assert any(one.startswith(name) for one in reached), (name, reached)


@pytest.fixture
def page(visit):
    opened = visit(CHAPTER, only=PAIR)
    opened.locator(f"{PAIR} .u-stage svg").first.scroll_into_view_if_needed()
    return opened


@pytest.fixture
def phone(visit):
    return visit(CHAPTER, only=PAIR, **PHONE)


def assert_shows_what_python_computes(page):
    """The numbers at the cursor."""
    one = explorer_at(page, PAIR)
    k = one.step - 1
    lanes = one.lstm_hidden_states, one.cell_states, one.gru_hidden_states, one.x
    told = page.locator(f"{PAIR} .u-field .u-halo").all_text_contents()
    assert told == [short(values[k]) for values in lanes]


def lines_of(page):
    """The formula's lines: a name, then symbols, numbers and result."""
    lines = page.locator(f"{PAIR} .u-formula > div")
    parts = [line.locator(":scope > span").all_text_contents() for line in lines.all()]
    return [[part.replace("−", "-") for part in line] for line in parts]


def control(page, label):
    return page.locator(f"{PAIR} input[type=range][aria-label='{label}']")


def shown_controls(page):
    """The labels of the sliders that are there."""
    tracks = page.locator(f"{PAIR} .u-controls input[type=range]:visible")
    return [tracks.nth(k).get_attribute("aria-label") for k in range(tracks.count())]


def outlines(page):
    """The corners of both bands above zero, then of both below: arrays (n, 2)."""
    found = []
    for look in ("u-above", "u-below"):
        bands = page.locator(f"{PAIR} .u-state .{look}")
        for k in range(2):
            drawn = bands.nth(k).get_attribute("d")
            corners = re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", drawn)
            found.append(np.array(corners, float).reshape(-1, 2))
    return found


def lane_of(page, cell):
    """How far a band’s two lines are apart, of the LSTM’s (0) or the GRU’s (1)."""
    lines = page.locator(f"{PAIR} .u-axis").nth(cell).locator("line")
    above, below = (float(lines.nth(k).get_attribute("y1")) for k in range(2))
    return below - above


def test_both_bands_are_drawn_to_one_scale(page):
    assert_shows_what_python_computes(page)
    one = explorer_at(page, PAIR)
    c, h, *below = outlines(page)
    assert not any(map(len, below))
    thick = [np.ptp(corners[:, 1]) for corners in (c, h)]
    ratio = one.gru_hidden_states.max() / one.cell_states.max()
    lane = lane_of(page, 0)
    assert thick[0] == pytest.approx(lane, abs=1) and lane > 50, "the lane is filled"
    assert thick[1] / thick[0] == pytest.approx(ratio, rel=0.02)
    axes = page.locator(f"{PAIR} .u-axis text").all_text_contents()
    assert axes == ["|c| = 4", "|h| = 1"]
    assert lane_of(page, 1) == pytest.approx(lane / 4, abs=0.1)


def test_a_band_that_changes_its_sign_is_drawn_from_left_to_right(page):
    page.click(f"{PAIR} [data-preset=latch]")
    settle(page)
    for corners in outlines(page):
        x = corners[:, 0]
        turn = x.argmax()
        assert (np.diff(x[:turn]) >= 0).all(), "there along the upper edge"
        assert (np.diff(x[turn + 1 :]) <= 0).all(), "back along the lower"
        middle = corners[0, 1]
        steep = np.diff(corners, axis=0)
        assert ((steep[:, 0] == 0) | (np.abs(steep[:, 1]) < 1)).all(), "no slopes"
        assert np.ptp(corners[:, 1]) == pytest.approx(lane_of(page, 0), abs=1)
        assert 2 * middle == pytest.approx(corners[:, 1].min() + corners[:, 1].max())
    minus = page.locator(f"{PAIR} .u-minus")
    assert [minus.nth(k).get_attribute("d").count("M") for k in range(2)] == [6, 6]


def test_one_drag_moves_both_states(page):
    before = explorer_at(page, PAIR)
    rings = page.locator(f"{PAIR} .u-bars .u-handle")
    x, y = centre(rings.nth(13))
    drag(page, (x, y), (x, y - 24))
    one = explorer_at(page, PAIR)
    assert one.step == 14 and one.x[13] == 1.0
    assert one.cell_states[-1] > before.cell_states[-1] + 0.9
    assert one.gru_hidden_states[-1] > before.gru_hidden_states[-1] + 0.02
    assert_shows_what_python_computes(page)
    bands = page.locator(f"{PAIR} .u-state .u-ghost")
    assert bands.nth(0).get_attribute("d").count("M") == 6, "c from step 14 on"
    valves = page.locator(f"{PAIR} .u-gates .u-ghost")
    assert not valves.nth(0).get_attribute("d"), "f has not moved"
    assert valves.nth(3).get_attribute("d").count("M") == 2, "z’s jaws have, at step 14"


def test_a_click_chooses_step_and_gate(page):
    names = page.locator(f"{PAIR} .u-names text")
    shown = [name.split(" ")[0] for name in names.all_text_contents()]
    assert shown == [lane.split(" ")[0] for lane in LANES] + ["step"]
    ticks = page.locator(f"{PAIR} .u-field .u-ticks text")
    gates = (None, "o", "f", "f", "i", "g", "z", "z", "z", "n", "r")
    for k, gate in enumerate(gates):
        chosen = state_of(page, PAIR)["gate"]
        page.mouse.click(centre(ticks.nth(k + 2))[0], centre(names.nth(k))[1])
        settle(page)
        state = state_of(page, PAIR)
        assert (state["gate"], state["step"]) == (gate or chosen, k + 3), LANES[k]
        assert_shows_what_python_computes(page)
        if gate:
            assert lines_of(page)[-1][1].startswith(f"{gate}{k + 3} = ")


def test_the_lstm_gives_up_its_gates_and_gets_them_back(page):
    both = ["LSTM, input gate: bias b_i", "LSTM, output gate: bias b_o"]
    tied, opened = "i is 1 − f", "o is 1"
    taps = page.locator(f"{PAIR} .u-gates .u-held")
    for merge, gone, held in (
        ("both", both, 2),
        ("i", both[:1], 1),
        ("o", both[1:], 1),
        ("none", [], 0),
    ):
        page.locator(f"{PAIR} .u-panel fieldset").first.locator(
            f"input[value={merge}]"
        ).check()
        settle(page)
        assert state_of(page, PAIR)["merge"] == merge
        assert [name for name in both if name not in shown_controls(page)] == gone
        said = page.locator(f"{PAIR} .unit").first.inner_text()
        assert (tied in said, opened in said) == (both[0] in gone, both[1] in gone)
        assert taps.count() == held
        assert_shows_what_python_computes(page)
        one = explorer_at(page, PAIR)
        assert (one.cell_states.max() > 3.9) == (merge in ("o", "none"))
        for gate, given in (("i", both[0] in gone), ("o", both[1] in gone)):
            set_state(page, PAIR, gate=gate)
            told = page.locator(f"{PAIR} .u-panel .u-meaning:visible")
            meaning = told.inner_text()
            assert meaning.startswith(f"{gate} is 1" if given else f"{gate}: how much")
            name, *parts = lines_of(page)[-1]
            assert name == "gate"
            if given and gate == "i":
                assert parts[0] == f"i{one.step} = 1 - f{one.step}"
                assert_adds_up(parts, one.gates["i"][one.step - 1])
            elif given:
                assert parts == [f"o{one.step} = 1"]
            else:
                assert "σ(w" in parts[0]


def test_sliders_set_the_biases(page):
    assert shown_controls(page) == [
        "LSTM, forget gate: bias b_f",
        "LSTM, input gate: bias b_i",
        "LSTM, output gate: bias b_o",
        "GRU, update gate: bias b_z",
        "GRU, reset gate: bias b_r",
        "input at step 11",
        "number of steps",
    ]
    before = state_of(page, PAIR)
    for n, label in enumerate(shown_controls(page)[:5]):
        control(page, label).fill(str(n - 2.5))
        settle(page)
        gate = label[-1]
        assert state_of(page, PAIR)[gate] == [*before[gate][:2], n - 2.5]
        assert_shows_what_python_computes(page)
    control(page, "input at step 11").fill("-0.5")
    settle(page)
    assert state_of(page, PAIR)["x"][10] == -0.5
    control(page, "number of steps").fill("5")
    settle(page)
    assert state_of(page, PAIR)["step"] == 5
    control(page, "number of steps").fill("40")
    settle(page)
    assert state_of(page, PAIR)["x"][10] == -0.5, "what was hidden is back"
    assert_shows_what_python_computes(page)


def test_every_printed_sum_is_right(page):
    draw = random.Random(5)
    for n in range(56):
        T = draw.randint(2, 12)
        spread = (1.0, 3.0, 8.0)[n % 3]
        set_state(
            page,
            PAIR,
            x=[draw.uniform(-1, 1) for _ in range(T)],
            **{g: [draw.uniform(-spread, spread) for _ in range(3)] for g in GATES},
            merge=("none", "i", "o", "both")[n % 4],
            gate=GATES[n % 7],
            step=draw.randint(1, T),
        )
        one = explorer_at(page, PAIR)
        k, lines = one.step - 1, lines_of(page)
        assert [line[0] for line in lines[:3]] == ["LSTM", "LSTM", "GRU"]
        assert_adds_up(lines[0][1:], one.cell_states[k])
        assert_adds_up(lines[1][1:], one.lstm_hidden_states[k])
        assert_adds_up(lines[2][1:], one.gru_hidden_states[k])
        name, *parts = lines[3]
        assert name == ("candidate" if one.gate in "gn" else "gate")
        if one.gate == "o" and one.merge in ("o", "both"):
            assert parts == [f"o{one.step} = 1"]
        else:
            assert_adds_up(parts, one.gates[one.gate][k])


@pytest.mark.parametrize("preset", ["count", "latch", "hide", "look", "default"])
def test_a_preset_shows_what_it_says(page, preset):
    page.click(f"{PAIR} [data-preset={preset}]")
    settle(page)
    pressed = page.locator(f"{PAIR} [data-preset][aria-pressed=true]")
    assert pressed.get_attribute("data-preset") == preset
    for step in (2, 10, 16):
        set_state(page, PAIR, step=step)
        assert_shows_what_python_computes(page)


def test_absurd_settings_open_and_shut_gates_and_nothing_breaks(page):
    huge, over = [1e308, -1e308, 1e308], [-1e308, 1e308, -1e308]
    weights = {gate: (huge, over)[k % 2] for k, gate in enumerate(GATES)}
    set_state(page, PAIR, **weights)
    set_state(page, PAIR, x=[1e300, -1e300, 20.0, 0.0, -0.5, 0.5])
    for step in range(4, 7):
        set_state(page, PAIR, step=step)
        assert_shows_what_python_computes(page)
    cuts = page.locator(f"{PAIR} .u-bars .u-cut").last
    assert cuts.get_attribute("d").count("M") == 3, "inputs beyond the lane"
    assert page.inner_text(f"{PAIR} .u-note") == ""
    assert "NaN" not in page.locator(f"{PAIR} .u-field").inner_html()


def test_a_tap_on_a_valve_chooses_gate_and_step(phone):
    page = phone
    drawing = page.locator(f"{PAIR} .u-field > svg")
    drawing.evaluate("el => el.scrollIntoView({block: 'center'})")
    model = "document.querySelector('#pair').model"
    rings = page.locator(f"{PAIR} .u-bars .u-handle")
    names = page.locator(f"{PAIR} .u-names text")
    column = centre(rings.nth(3))[0]
    page.touchscreen.tap(column, centre(names.nth(LANES.index("z")))[1])
    page.wait_for_function(f"{model}.get('gate') === 'z'")
    page.wait_for_function(f"{model}.get('step') === 4")


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_no_state_crowds_the_drawing(page, width):
    page.set_viewport_size({"width": width, "height": 800})
    for timesteps in (2, 16, 40):
        for step in (1, 2, timesteps):
            for n in range(3):
                set_state(
                    page,
                    PAIR,
                    x=[(-1) ** (k * (n < 2)) * 0.9 for k in range(timesteps)],
                    step=step,
                    f=[0.0, 0.0, 9.0 * n],
                    g=[(1.0, -2.0, 9.0)[n], 0.0, 0.0],
                    z=[0.0, 0.0, n - 3.0],
                    n=[(9.0, -9.0, 1.0)[n], 2.0 * n, 0.0],
                    gate=GATES[n + 4],
                    merge=("none", "both", "o")[n],
                )
                problems = page.evaluate(CROWDED, f"{PAIR} .u-field > svg")
                assert not problems, (timesteps, step, n, problems)


def test_a_link_sets_both_cells(chromium, origins):
    link = "#pair:z=0,0,1;merge=both;x=1,0,0,0.5;gate=n;i=1,2,3"
    with open_page(chromium, f"{origins['http']}/{CHAPTER}{link}") as page:
        settle(page)
        state = state_of(page, PAIR)
        assert (state["z"], state["i"]) == ([0.0, 0.0, 1.0], [1.0, 2.0, 3.0])
        assert (state["merge"], state["gate"], state["step"]) == ("both", "n", 4)
        assert_shows_what_python_computes(page)
        page.evaluate("location.hash = '#pair:merge=f;z=1,2'")
        settle(page)
        note = page.inner_text(f"{PAIR} .u-note")
        assert "merge = f" in note and "z = 1,2" in note
        set_state(page, PAIR, merge="i", step=2)
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.click(f"{PAIR} >> text=Link to this state")
        page.wait_for_selector("text=Link copied.")
        copied = page.evaluate("navigator.clipboard.readText()")
        wanted = state_of(page, PAIR)
    with open_page(chromium, copied) as page:
        settle(page)
        assert state_of(page, PAIR) == wanted
        assert page.inner_text(f"{PAIR} .u-note") == ""
