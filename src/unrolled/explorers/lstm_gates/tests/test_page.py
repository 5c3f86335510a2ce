"""LSTM gates on a page of its own, under a reader's hand."""

import random
import re

import numpy as np
import pytest
from hands.every import EveryPage
from hands.gated import (
    GatedDrawing,
    choose,
    control,
    gaps,
    labels_of,
    lines_of,
    place_in,
    shown_controls,
)
from hands.inputs import InputsUnderAFinger
from hands.reader import (
    CROWDED,
    PHONE,
    assert_adds_up,
    brief,
    centre,
    drag,
    evaluated,
    explorer_at,
    open_page,
    reached_by_tab,
    set_state,
    settle,
    short,
    state_of,
)

from unrolled.explorers import LSTMGates

CHAPTER = "notebooks/04_lstm.html"
GATES = "#gates"
ROWS = ("i", "f", "g", "o")


class TestPage(GatedDrawing, InputsUnderAFinger, EveryPage):
    kind = LSTMGates
    chapter = "04_lstm"
    name = "gates"
    told_apart = {"clamp_o": 1.0}
    valve = {"gate": "f", "shell": 0, "lane": 0}


@pytest.fixture
def page(visit):
    opened = visit(CHAPTER, only=GATES)
    opened.locator(f"{GATES} .u-stage svg").first.scroll_into_view_if_needed()
    return opened


@pytest.fixture
def phone(visit):
    return visit(CHAPTER, only=GATES, **PHONE)


def assert_shows_what_python_computes(page):
    """The numbers at the cursor, and those on the circuit's wires."""
    settle(page)
    one = explorer_at(page, GATES)
    k = one.step - 1
    gates = {name: value[k] for name, value in one.gates.items()}
    c, h = np.append(0.0, one.cell_states), np.append(0.0, one.hidden_states)
    told = page.locator(f"{GATES} .u-field text.u-strong").all_text_contents()
    assert told == [short(value) for value in (h[k + 1], c[k + 1], one.x[k])]
    if one.gradient != "off":  # in the circuit's place
        legend = page.locator(f"{GATES} .u-gradient tspan.u-strong").all_text_contents()
        both = one.direct_gradient[k], one.whole_gradient[k]
        assert legend == [brief(value) for value in both]
        return
    labels = labels_of(page, GATES)
    wires = {short(value) for value in (c[k], c[k + 1], h[k], h[k + 1])}
    wires |= {f"{name} {short(value)}" for name, value in gates.items()}
    wires |= {f"x{k + 1} {short(one.x[k])}", short(np.tanh(c[k + 1]))}
    wires |= {
        f"f c {short(gates['f'] * c[k])}",
        f"i g {short(gates['i'] * gates['g'])}",
    }
    assert wires <= set(labels), wires - set(labels)


def test_the_first_picture_is_whole_and_a_closed_valve_cuts_the_band(page):
    assert_shows_what_python_computes(page)
    drawn = page.locator(f"{GATES} .u-state .u-above").get_attribute("d")
    points = np.array(re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", drawn), float)
    left = points[0, 0]
    width = page.locator(f"{GATES} .u-field > svg").evaluate("el => el.clientWidth")
    pitch = (width - 8 - left) / 16
    middle = points[0, 1]
    thick = {
        step: 2 * np.abs(points[near, 1] - middle).max()
        for step in range(1, 17)
        if (
            near := np.abs(points[:, 0] - left - pitch * (step - 0.1)) < pitch / 4
        ).any()
    }
    lines = page.locator(f"{GATES} .u-axis line")
    above, below = (float(lines.nth(k).get_attribute("y1")) for k in range(2))
    most = 0.8 * (below - above)  # of where |c| is 1
    assert thick[1] == 0 and thick[2] > most, "let in at step 2"
    assert all(most < thick[step] <= thick[step - 1] for step in range(3, 13))
    assert thick[13] < 1 and thick[16] < 1, "cut at step 13"
    apart = gaps(page, GATES)
    assert min(apart[:12]) > thick[2] and 0 <= apart[12] < 1, "shut at step 13 alone"
    filled = page.locator(f"{GATES} .u-field .u-fill")
    counts = [filled.nth(k).get_attribute("d").count("M") for k in range(3)]
    assert counts == [0, 1, 1], "no valve fills; the input tap and the output tap"


def test_dragging_an_input_moves_the_band(page):
    rings = page.locator(f"{GATES} .u-bars .u-handle")
    x, y = centre(rings.nth(11))
    drag(page, (x, y), (x, centre(rings.nth(12))[1]))
    one = explorer_at(page, GATES)
    assert one.x[11] == 0 and one.step == 12
    assert one.cell_states[-1] > 0.8, "nothing closes f: the band goes on to the end"
    assert_shows_what_python_computes(page)
    ghosts = page.locator(f"{GATES} .u-field .u-ghost")
    assert any(ghosts.nth(k).get_attribute("d") for k in range(ghosts.count()))
    page.keyboard.press("Tab")


def test_a_click_chooses_step_and_gate(page):
    field = page.locator(f"{GATES} .u-field > svg").bounding_box()
    ticks = page.locator(f"{GATES} .u-field .u-ticks text")
    names = page.locator(f"{GATES} .u-names text")
    heights = {
        names.nth(k).text_content()[0]: centre(names.nth(k))[1] for k in range(7)
    }
    for gate, step in (("o", 4), ("i", 7), ("g", 2), ("f", 13)):
        assert heights[gate] > field["y"]
        page.mouse.click(centre(ticks.nth(step - 1))[0], heights[gate])
        settle(page)
        state = state_of(page, GATES)
        assert (state["gate"], state["step"]) == (gate, step)
        assert_shows_what_python_computes(page)
        name = "candidate" if gate == "g" else "gate"
        assert lines_of(page, GATES)[name][0].startswith(f"{gate}{step} = ")
    page.mouse.click(centre(ticks.nth(9))[0], heights["h"])
    settle(page)
    state = state_of(page, GATES)
    assert (state["gate"], state["step"]) == ("f", 10)


def test_the_circuit_chooses_gates_and_goes_a_step_back(page):
    page.locator(f"{GATES} .u-step").scroll_into_view_if_needed()
    for gate in ROWS:
        page.mouse.click(*centre(page.locator(f"{GATES} [data-pick={gate}]").first))
        settle(page)
        assert state_of(page, GATES)["gate"] == gate
        checked = page.locator(f"{GATES} .u-panel input[value={gate}]")
        assert checked.is_checked()
    page.mouse.click(*centre(page.locator(f"{GATES} [data-pick=before]").first))
    settle(page)
    assert state_of(page, GATES)["step"] == 11
    assert "the cell at step 11" in labels_of(page, GATES)
    assert_shows_what_python_computes(page)


def test_a_gate_is_computed_or_clamped(page):
    always = ["input at step 12", "number of steps"]
    assert shown_controls(page, GATES) == [
        "forget gate: weight on x, w_xf",
        "forget gate: weight on h, w_hf",
        "forget gate: bias b_f",
        *always,
    ]
    choose(page, GATES, "o")
    assert shown_controls(page, GATES)[2] == "output gate: bias b_o"
    choose(page, GATES, "clamped")
    assert state_of(page, GATES)["clamp_o"] == 0.99, "held where it stands"
    assert shown_controls(page, GATES) == ["output gate: clamped to", *always]
    control(page, GATES, "output gate: clamped to").fill("0.25")
    settle(page)
    assert state_of(page, GATES)["clamp_o"] == 0.25
    assert_shows_what_python_computes(page)
    symbols, would, numbers, computed = lines_of(page, GATES)["gate"]
    assert symbols == "o12 = 0.25" and "clamped" in would
    assert f"{evaluated(numbers):.2f}" == computed.removeprefix("= ") == "0.99"
    assert page.locator(f"{GATES} .u-field .u-held").count() == 1
    assert page.locator(f"{GATES} .u-step .u-held").count() == 1
    box = page.locator(f"{GATES} input[type=number][aria-label$='clamped to']:visible")
    box.fill("1.5")
    box.press("Enter")
    settle(page)
    assert state_of(page, GATES)["clamp_o"] == 0.25
    assert "has to be at most 1; it was 1.5" in page.inner_text(f"{GATES} .u-note")
    choose(page, GATES, "g")
    assert not page.locator(f"{GATES} .u-panel input[value=clamped]").is_visible()
    valves = page.locator(f"{GATES} .u-field .u-shell").first
    assert valves.get_attribute("class") == "u-shell"
    set_state(page, GATES, clamp_f=0.5)
    assert valves.get_attribute("class") == "u-shell u-held", "the valves too"
    assert "log 0.5 / log 0.500" in " ".join(lines_of(page, GATES)["half-life"])
    choose(page, GATES, "f")
    assert shown_controls(page, GATES) == ["forget gate: clamped to", *always]
    choose(page, GATES, "computed")
    assert state_of(page, GATES)["clamp_f"] is None
    assert_shows_what_python_computes(page)


def test_sliders_set_the_weights_of_the_chosen_gate(page):
    for gate, name in zip(
        ROWS, ("input gate", "forget gate", "candidate"), strict=False
    ):
        choose(page, GATES, gate)
        expected = []
        for n, label in enumerate(
            (f"weight on x, w_x{gate}", f"weight on h, w_h{gate}", f"bias b_{gate}")
        ):
            control(page, GATES, f"{name}: {label}").fill(str(n - 1.5))
            expected.append(n - 1.5)
        settle(page)
        assert state_of(page, GATES)[gate] == expected
        assert_shows_what_python_computes(page)


def test_the_switch_draws_what_comes_back(page):
    lane, circuit = (
        page.locator(f"{GATES} {one}") for one in (".u-gradient", ".u-step")
    )
    assert circuit.is_visible() and not lane.is_visible()
    room = place_in(page, f"{GATES} .u-view", circuit)
    for scale in ("plain", "log"):
        page.locator(f"{GATES} .u-foot input[value={scale}]").check()
        settle(page)
        assert state_of(page, GATES)["gradient"] == scale
        for step in (12, 14, 16):
            set_state(page, GATES, step=step)
            assert_shows_what_python_computes(page)
        below = lane.locator(".u-hollow").get_attribute("d").count("M")
        gradient = explorer_at(page, GATES).whole_gradient
        assert below == (gradient < 0).sum() == 12
        assert lane.locator(".u-above").get_attribute("d").count("M") == 4
        assert (
            place_in(page, f"{GATES} .u-view", lane) == room
            and not circuit.is_visible()
        )
    ticks = page.locator(f"{GATES} .u-ticks")
    columns = [centre(ticks.nth(k).locator("text").first)[0] for k in range(2)]
    assert columns[0] == columns[1], "its columns are the strip’s"
    page.mouse.click(columns[0], centre(lane)[1])
    settle(page)
    assert state_of(page, GATES)["step"] == 1, "a click chooses a step"
    texts = lane.text_content()
    assert "direct: through the valves" in texts and "whole: through every" in texts
    page.locator(f"{GATES} .u-foot input[value=off]").check()
    settle(page)
    assert place_in(page, f"{GATES} .u-view", circuit) == room and not lane.is_visible()


def test_every_printed_sum_is_right(page):
    draw = random.Random(7)
    for n in range(60):
        T = draw.randint(2, 12)
        spread = (1.0, 3.0, 8.0)[n % 3]
        set_state(
            page,
            GATES,
            x=[draw.uniform(-1, 1) for _ in range(T)],
            **{g: [draw.uniform(-spread, spread) for _ in range(3)] for g in ROWS},
            **{f"clamp_{g}": draw.choice([None, None, draw.random()]) for g in "ifo"},
            gate=ROWS[n % 4],
            gradient=("plain", "log", "off")[n % 3],
            step=draw.randint(1, T),
        )
        one = explorer_at(page, GATES)
        k, lines = one.step - 1, lines_of(page, GATES)
        value = one.gates[one.gate][k]
        if one.gate in one.clamp:
            _, _, numbers, computed = lines["gate"]
            printed = computed[2:]
            decimals = len(printed.partition(".")[2])
            assert f"{evaluated(numbers):z.{decimals}f}" == printed, lines["gate"]
        else:
            assert_adds_up(lines["candidate" if one.gate == "g" else "gate"], value)
        assert_adds_up(lines["state"], one.cell_states[k])
        assert_adds_up(lines["shown"], one.hidden_states[k])
        life = re.match(r"= ([\d.]+) steps", lines["half-life"][2])
        if life:  # not in powers of ten
            found = evaluated(lines["half-life"][1])
            assert found == pytest.approx(one.half_life, rel=6e-3)
            assert float(life.group(1)) == pytest.approx(found, rel=6e-3)
        if one.gradient == "off":
            assert "direct" not in lines and "whole" not in lines
        elif k == T - 1:
            assert "= 1" in lines["direct"][0]
        else:
            assert_adds_up(lines["direct"], one.direct_gradient[k])
            assert_adds_up(lines["whole"], one.whole_gradient[k])


def test_a_gate_that_keeps_all_has_no_half_life(page):
    set_state(page, GATES, clamp_f=1)
    assert "no half-life" in lines_of(page, GATES)["half-life"][0]
    set_state(page, GATES, clamp_f=0)
    assert "nothing of c is kept" in lines_of(page, GATES)["half-life"][0]


@pytest.mark.parametrize("preset", ["opens", "latch", "count", "carousel", "default"])
def test_a_preset_shows_what_python_computes(page, preset):
    page.click(f"{GATES} [data-preset={preset}]")
    settle(page)
    assert_shows_what_python_computes(page)
    shown = page.locator(f"{GATES} .u-axis text").first.text_content()
    assert shown == ("|c| = 3" if preset == "count" else "|c| = 1")


def test_a_negative_state_bears_a_minus(page):
    assert page.locator(f"{GATES} .u-minus").get_attribute("d") == ""
    set_state(page, GATES, g=[-2.0, 0.0, 0.0])
    drawn = page.locator(f"{GATES} .u-minus").get_attribute("d")
    assert drawn.count("M") == 15, "from step 2 on: a negative h leaves f open"
    assert page.locator(f"{GATES} .u-state .u-above").get_attribute("d") == ""


def test_what_goes_wrong_is_said(page):
    note = page.locator(f"{GATES} .u-note")
    wild = {"x": [0.0] * 9, "g": [0.0, 1e200, 0.0], "clamp_o": 1.0, "step": 9}
    set_state(page, GATES, **wild)
    assert note.inner_text() == "", "the states are fine"
    set_state(page, GATES, gradient="plain")
    assert "The whole gradient overflowed at step" in note.inner_text()
    assert page.locator(f"{GATES} .u-backlane .u-cross").get_attribute("d")
    set_state(page, GATES, g=[0.0, 1e5, 0.0])
    assert "beyond the gradient’s scale is cut off" in note.inner_text()
    set_state(page, GATES, g=[0.0, 1.0, 0.0], clamp_f=0.0, clamp_i=0.0, gradient="log")
    assert "exactly 0" in note.inner_text()
    set_state(page, GATES, gradient="off")
    assert note.inner_text() == ""


def test_lengthening_brings_the_inputs_back(page):
    steps = control(page, GATES, "number of steps")
    steps.fill("5")
    settle(page)
    assert state_of(page, GATES)["step"] == 5
    steps.fill("40")
    settle(page)
    assert state_of(page, GATES)["x"][:16] == LSTMGates().x
    assert_shows_what_python_computes(page)


def test_a_tap_on_a_valve_chooses_gate_and_step(phone):
    drawing = phone.locator(f"{GATES} .u-field > svg")
    drawing.evaluate("el => el.scrollIntoView({block: 'center'})")
    model = "document.querySelector('#gates').model"
    rings = phone.locator(f"{GATES} .u-bars .u-handle")
    names = phone.locator(f"{GATES} .u-names text")
    column = centre(rings.nth(3))[0]
    phone.touchscreen.tap(column, centre(names.nth(1))[1])
    phone.wait_for_function(f"{model}.get('gate') === 'o'")
    phone.wait_for_function(f"{model}.get('step') === 4")


def test_the_keyboard_reaches_every_choice(page):
    reached = reached_by_tab(page, GATES)
    for name in ("f", "computed", "off"):
        assert name in reached, f"{name} not in {reached}"


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_no_length_and_no_gradient_is_cut_off_or_collides(page, width):
    page.set_viewport_size({"width": width, "height": 800})
    settle(page)
    for timesteps in (2, 16, 40):
        x = [(-1) ** k * 0.9 for k in range(timesteps)]
        for step in (1, 2, timesteps):
            for n, gradient in enumerate(("off", "plain", "log")):
                set_state(
                    page,
                    GATES,
                    x=x,
                    step=step,
                    gradient=gradient,
                    i=[0.0, 0.0, 2.0],
                    f=[0.0, 0.0, n - 1.0],
                    g=[(1.0, -2.0, 0.0)[n], 2.0 * n, (0.0, 0.0, 3.0)[n]],
                    o=[0.0, 0.0, 3.0 * n],
                    clamp_f=1.0 if n == 2 else None,
                )
                beside = ".u-step" if gradient == "off" else ".u-gradient"
                for drawing in (".u-field > svg", beside):
                    problems = page.evaluate(CROWDED, f"{GATES} {drawing}")
                    assert not problems, (timesteps, step, gradient, problems)


def test_a_link_sets_gates_and_clamps(chromium, origins):
    link = "#gates:f=0,0,1;clamp_i=0.5;clamp_o=none;x=1,0,0,0.5;gate=i;gradient=log"
    with open_page(chromium, f"{origins['http']}/{CHAPTER}{link}") as page:
        settle(page)
        state = state_of(page, GATES)
        assert (state["f"], state["gate"]) == ([0.0, 0.0, 1.0], "i")
        assert (state["clamp_i"], state["clamp_o"]) == (0.5, None)
        assert (state["step"], state["gradient"]) == (4, "log")
        assert_shows_what_python_computes(page)
        set_state(page, GATES, clamp_f=0.25)
        page.evaluate("location.hash = '#gates:clamp_f=2;i=1,2'")
        settle(page)
        note = page.inner_text(f"{GATES} .u-note")
        assert "clamp_f = 2" in note and "i = 1,2" in note
        assert state_of(page, GATES)["clamp_f"] is None, "what it opened with"
        set_state(page, GATES, clamp_f=0.25, step=2)
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.click(f"{GATES} >> text=Link to this state")
        page.wait_for_selector("text=Link copied.")
        copied = page.evaluate("navigator.clipboard.readText()")
        wanted = state_of(page, GATES)
    with open_page(chromium, copied) as page:
        settle(page)
        assert state_of(page, GATES) == wanted
        assert page.inner_text(f"{GATES} .u-note") == ""
