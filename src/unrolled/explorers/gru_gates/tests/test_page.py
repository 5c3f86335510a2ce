"""GRU gates on a page of its own, under a reader's hand."""

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

from unrolled.explorers import GRUGates

CHAPTER = "notebooks/05_gru.html"
GATES = "#gates"
ROWS = ("z", "r", "n")


class TestPage(GatedDrawing, InputsUnderAFinger, EveryPage):
    kind = GRUGates
    chapter = "05_gru"
    name = "gates"
    told_apart = {"clamp_z": 0.5}
    valve = {"gate": "z", "shell": 0, "lane": 0}


@pytest.fixture
def page(visit):
    opened = visit(CHAPTER)
    opened.locator(f"{GATES} .u-stage svg").first.scroll_into_view_if_needed()
    return opened


@pytest.fixture
def phone(visit):
    return visit(CHAPTER, **PHONE)


def is_pytorchs(one):
    return one.reset_after and one.update_keeps


def assert_shows_what_python_computes(page):
    """The numbers at the cursor and in the legend, and those on the circuit's wires."""
    one = explorer_at(page, GATES)
    k = one.step - 1
    gates = {name: value[k] for name, value in one.gates.items()}
    r, z, n = gates["r"], gates["z"], gates["n"]
    h = np.append(0.0, one.hidden_states)
    old, new, x = h[k], h[k + 1], one.x[k]
    told = page.locator(f"{GATES} .u-field text.u-strong").all_text_contents()
    assert told == [short(value) for value in (new, new, x)]
    keep = z if one.update_keeps else 1 - z
    w, u, b = one.n
    if one.reset_after:
        between = u * old + one.b_hn
        pushed, heard = r * between, w * x + b
    else:
        between = r * old
        pushed, heard = u * between, w * x + b + one.b_hn
    wires = {short(one) for one in (old, new, 1 - keep, between, pushed, heard)}
    wires |= {f"{name} {short(value)}" for name, value in gates.items()}
    kept, made = ("z", "(1 − z)") if one.update_keeps else ("(1 − z)", "z")
    wires |= {f"x{k + 1} {short(x)}", f"{kept} h {short(keep * old)}"}
    wires |= {f"{made} n {short((1 - keep) * n)}"}
    if one.gradient == "off":
        labels = labels_of(page, GATES)
        assert wires <= set(labels), wires - set(labels)
    else:  # in the circuit's place
        beside = page.locator(f"{GATES} .u-gradient tspan.u-strong").all_text_contents()
        both = one.direct_gradient[k], one.whole_gradient[k]
        assert beside == [brief(value) for value in both]
    legend = page.locator(f"{GATES} .u-field tspan.u-strong").all_text_contents()
    if is_pytorchs(one):
        assert legend[0] == "" and not marks(page)
    else:
        off = np.abs(one.hidden_states - one.pytorch_states)
        largest = "0.00" if one.drift < 1e-12 else brief(one.drift)
        assert legend[0] == short(one.pytorch_states[k])
        found, step = legend[1].split(" at step ")
        assert found == largest and off[int(step) - 1] == pytest.approx(one.drift)


def marks(page):
    """The height of each mark of PyTorch's state, from the middle of the lane of h."""
    field = page.locator(f"{GATES} .u-field")
    drawn = field.locator("svg > g > .u-marks[d]").first.get_attribute("d") or ""
    found = re.findall(r"M[\d.]+ ([\d.]+)h", drawn)
    zero = field.locator(".u-line").first.get_attribute("d")
    return [float(re.match(r"M\S+ ([\d.]+)", zero)[1]) - float(y) for y in found]


def test_the_first_picture_is_whole_and_a_closed_valve_cuts_the_band(page):
    assert_shows_what_python_computes(page)
    drawn = page.locator(f"{GATES} .u-state .u-above").get_attribute("d")
    points = np.array(re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", drawn), float)
    left = points[0, 0]
    width = page.locator(f"{GATES} .u-field > svg").evaluate("el => el.clientWidth")
    pitch = (width - 8 - left) / 16
    middle = points[0, 1]
    ends = left + pitch * np.arange(1, 17)
    thick = [
        2 * np.abs(points[np.abs(points[:, 0] - end) < 0.5, 1] - middle).max()
        for end in ends
    ]
    lines = page.locator(f"{GATES} .u-axis line")
    above, below = (float(lines.nth(k).get_attribute("y1")) for k in range(2))
    most = below - above  # where |h| is 1
    assert thick[0] == 0 and all(0.8 * most < one <= most for one in thick[1:])
    apart = gaps(page, GATES)
    assert 0 <= apart[1] < 1 and min(apart[2:]) > max(thick), "shut at step 2 alone"
    filled = page.locator(f"{GATES} .u-field .u-fill")
    counts = [filled.nth(k).get_attribute("d").count("M") for k in range(3)]
    assert counts == [0, 1, 15], "no valve fills; the taps 1 − z and r"
    assert page.locator(f"{GATES} .u-field").text_content().count("no drift") == 1


def test_dragging_an_input_opens_the_tap(page):
    rings = page.locator(f"{GATES} .u-bars .u-handle")
    x, y = centre(rings.nth(11))
    drag(page, (x, y), (x, y - 30))
    one = explorer_at(page, GATES)
    assert one.x[11] > 0.8 and one.step == 12
    assert one.gates["z"][11] < 0.1, "z lets the new input in"
    assert_shows_what_python_computes(page)
    ghosts = page.locator(f"{GATES} .u-field .u-ghost")
    assert any(ghosts.nth(k).get_attribute("d") for k in range(ghosts.count()))


def test_a_click_chooses_step_and_gate(page):
    ticks = page.locator(f"{GATES} .u-field .u-ticks text")
    names = page.locator(f"{GATES} .u-names text")
    heights = [centre(names.nth(k))[1] for k in range(7)]
    for row, gate, step in ((2, "z", 4), (3, "z", 7), (4, "n", 2), (5, "r", 13)):
        page.mouse.click(centre(ticks.nth(step - 1))[0], heights[row])
        settle(page)
        state = state_of(page, GATES)
        assert (state["gate"], state["step"]) == (gate, step)
        assert_shows_what_python_computes(page)
        name = "candidate" if gate == "n" else "gate"
        assert lines_of(page, GATES)[name][0].startswith(f"{gate}{step} = ")
    page.mouse.click(centre(ticks.nth(9))[0], heights[0])
    settle(page)
    state = state_of(page, GATES)
    assert (state["gate"], state["step"]) == ("r", 10)


def test_the_circuit_chooses_gates_and_goes_a_step_back(page):
    page.locator(f"{GATES} .u-step").scroll_into_view_if_needed()
    for gate in ROWS:
        page.mouse.click(*centre(page.locator(f"{GATES} [data-pick={gate}]").first))
        settle(page)
        assert state_of(page, GATES)["gate"] == gate
    page.mouse.click(*centre(page.locator(f"{GATES} [data-pick=before]").first))
    settle(page)
    assert state_of(page, GATES)["step"] == 11
    assert "the cell at step 11" in labels_of(page, GATES)


def test_a_gate_is_computed_or_clamped(page):
    always = [
        "candidate: second bias b_hn, which r multiplies",
        "input at step 12",
        "number of steps",
    ]
    own = ("weight on x, w_xz", "weight on h, w_hz", "bias b_z")
    own = [f"update gate: {one}" for one in own]
    assert shown_controls(page, GATES) == [*own, *always]
    choose(page, GATES, "r")
    choose(page, GATES, "clamped")
    assert state_of(page, GATES)["clamp_r"] == 1, "held where it stands"
    assert shown_controls(page, GATES) == ["reset gate: clamped to", *always]
    control(page, GATES, "reset gate: clamped to").fill("0.25")
    assert_shows_what_python_computes(page)
    symbols, would, numbers, computed = lines_of(page, GATES)["gate"]
    assert symbols == "r12 = 0.25" and "clamped" in would
    assert f"{evaluated(numbers):.2f}" == computed.removeprefix("= ") == "1.00"
    held = [page.locator(f"{GATES} {one} .u-held").count() for one in PLACES]
    assert held == [1, 1]
    box = page.locator(f"{GATES} input[type=number][aria-label$='clamped to']:visible")
    box.fill("1.5")
    box.press("Enter")
    settle(page)
    assert state_of(page, GATES)["clamp_r"] == 0.25
    assert "has to be at most 1; it was 1.5" in page.inner_text(f"{GATES} .u-note")
    choose(page, GATES, "n")
    assert not page.locator(f"{GATES} .u-panel input[value=clamped]").is_visible()
    set_state(page, GATES, clamp_z=0.5)
    valves = page.locator(f"{GATES} .u-field .u-shell").first
    assert valves.get_attribute("class") == "u-shell u-held", "the valves are z’s"
    held = [page.locator(f"{GATES} {one} .u-held").count() for one in PLACES]
    assert held == [3, 2], "and so is the tap 1 − z"
    assert "log 0.5 / log 0.500" in " ".join(lines_of(page, GATES)["half-life"])
    assert_shows_what_python_computes(page)


PLACES = (".u-field", ".u-step")


def test_sliders_set_the_weights_of_the_chosen_gate(page):
    names = {"z": "update gate", "r": "reset gate", "n": "candidate"}
    for gate, name in names.items():
        choose(page, GATES, gate)
        for n, label in enumerate(
            (f"weight on x, w_x{gate}", f"weight on h, w_h{gate}", f"bias b_{gate}")
        ):
            control(page, GATES, f"{name}: {label}").fill(str(n - 1.5))
        settle(page)
        assert state_of(page, GATES)[gate] == [-1.5, -0.5, 0.5]
        assert_shows_what_python_computes(page)
    control(page, GATES, "candidate: second bias b_hn, which r multiplies").fill("-0.7")
    settle(page)
    assert state_of(page, GATES)["b_hn"] == -0.7
    assert_shows_what_python_computes(page)


def rows_of(page):
    return page.locator(f"{GATES} .u-names text").all_text_contents()


def nodes_of(page):
    """The circuit's operations on the way from the old state to n, left to right."""
    found = page.locator(f"{GATES} .u-operations g").evaluate_all(
        "all => all.map(g => [+g.firstChild.getAttribute('x'), "
        "+g.firstChild.getAttribute('y'), g.textContent])"
    )
    rail = max(y for _, y, _ in found)
    return [text for _, y, text in sorted(found) if rail - y < 5]


def test_the_conventions_change_picture_words_and_numbers(page):
    page.click(f"{GATES} [data-preset=conventions]")
    settle(page)
    note = page.locator(f"{GATES} .u-panel .u-meaning:visible").last
    assert "Cho et al. 2014" in note.inner_text() and "bhn alone" in note.inner_text()
    assert_shows_what_python_computes(page)
    assert nodes_of(page) == ["×", "whn", "+"]
    assert "the largest is 0.47, at step 2" in " ".join(lines_of(page, GATES)["drift"])
    drawn, states = np.array(marks(page)), explorer_at(page, GATES).pytorch_states
    scale = np.abs(drawn).max() / np.abs(states).max()
    assert scale > 15 and drawn == pytest.approx(scale * states, abs=0.6)
    assert "z update gate" in rows_of(page) and "1 − z lets n in" in rows_of(page)
    choose(page, GATES, "replaces")
    assert state_of(page, GATES)["update_keeps"] is False
    assert_shows_what_python_computes(page)
    assert "1 − z of h stays" in rows_of(page) and "z update gate" in rows_of(page)
    assert lines_of(page, GATES)["state"][0].startswith("h12 = z12 n12 + (1 - z12) h11")
    assert "the largest is 1.39, at step 9" in " ".join(lines_of(page, GATES)["drift"])
    assert note.inner_text() == "as in Chung et al. 2014"
    meaning = page.locator(f"{GATES} .u-panel .u-meaning:visible").first.inner_text()
    assert meaning.startswith("z: how much of the candidate comes in")
    choose(page, GATES, "after")
    assert nodes_of(page) == ["whn", "×", "+"]
    assert_shows_what_python_computes(page)
    choose(page, GATES, "keeps")
    assert is_pytorchs(explorer_at(page, GATES))
    assert "drift" not in lines_of(page, GATES)
    assert_shows_what_python_computes(page)
    assert lines_of(page, GATES)["state"][0].startswith("h12 = (1 - z12) n12 + z12 h11")


def test_valve_and_tap_change_places_with_the_convention(page):
    taps = page.locator(f"{GATES} .u-field .u-fill").nth(1)
    flows = page.locator(f"{GATES} .u-field .u-flow .u-above")
    assert flows.first.get_attribute("d").count("M") == 14, "from h to r, from step 3"
    for keeps in (True, False):
        set_state(page, GATES, update_keeps=keeps, clamp_z=1.0)
        assert taps.get_attribute("d").count("M") == (0 if keeps else 16)
        apart = gaps(page, GATES)
        assert min(apart) > 40 if keeps else max(apart) < 0.1
    assert flows.first.get_attribute("d").count("M") == 4, "n is below 0 from step 6"


def test_one_unit_drifts_through_its_second_bias_alone(page):
    page.click(f"{GATES} [data-preset=conventions]")
    control(page, GATES, "candidate: second bias b_hn, which r leaves alone").fill("0")
    assert_shows_what_python_computes(page)
    assert lines_of(page, GATES)["drift"][0].startswith("none: with b_hn = 0")
    assert explorer_at(page, GATES).drift < 1e-15


def test_the_switch_draws_what_comes_back(page):
    lane, circuit = (
        page.locator(f"{GATES} {one}") for one in (".u-gradient", ".u-step")
    )
    assert circuit.is_visible() and not lane.is_visible()
    room = place_in(page, f"{GATES} .u-view", circuit)
    page.click(f"{GATES} [data-preset=latch]")
    for scale, keeps in (("plain", True), ("log", True), ("log", False)):
        page.locator(f"{GATES} .u-foot input[value={scale}]").check()
        for step in (2, 12, 20):
            set_state(page, GATES, step=step, update_keeps=keeps)
            assert_shows_what_python_computes(page)
        assert (
            place_in(page, f"{GATES} .u-view", lane) == room
            and not circuit.is_visible()
        )
        texts = lane.text_content()
        assert f"direct: through the valves {'z' if keeps else '1 − z'} " in texts
    page.locator(f"{GATES} .u-foot input[value=off]").check()
    settle(page)
    assert place_in(page, f"{GATES} .u-view", circuit) == room and not lane.is_visible()


def test_every_printed_sum_is_right(page):
    draw = random.Random(7)
    for n in range(72):
        T = draw.randint(2, 12)
        spread = (1.0, 3.0, 8.0)[n % 3]
        set_state(
            page,
            GATES,
            x=[draw.uniform(-1, 1) for _ in range(T)],
            **{g: [draw.uniform(-spread, spread) for _ in range(3)] for g in ROWS},
            **{f"clamp_{g}": draw.choice([None, None, draw.random()]) for g in "rz"},
            b_hn=draw.uniform(-spread, spread),
            reset_after=n % 4 < 2,
            update_keeps=n % 2 == 0,
            gate=ROWS[n // 2 % 3],
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
            assert_adds_up(lines["candidate" if one.gate == "n" else "gate"], value)
        assert_adds_up(lines["state"], one.hidden_states[k])
        life = re.match(r"= ([\d.]+) steps", lines["half-life"][2])
        if life:  # not in powers of ten
            found = evaluated(lines["half-life"][1])
            assert found == pytest.approx(one.half_life, rel=6e-3)
            assert float(life.group(1)) == pytest.approx(found, rel=6e-3)
        if is_pytorchs(one):
            assert "drift" not in lines
        else:
            *own, largest = lines["drift"]
            assert_adds_up(own, one.hidden_states[k] - one.pytorch_states[k])
            found = re.search(r"largest is ([\d.]+), at step", largest)[1]
            assert float(found) == pytest.approx(one.drift, rel=0.06, abs=0.0051)
        if one.gradient == "off":
            assert "direct" not in lines and "whole" not in lines
        elif k == T - 1:
            assert "= 1" in lines["direct"][0]
        else:
            assert_adds_up(lines["direct"], one.direct_gradient[k])
            assert_adds_up(lines["whole"], one.whole_gradient[k])


def test_a_gate_that_keeps_all_has_no_half_life(page):
    for keeps, all_, none in ((True, 1, 0), (False, 0, 1)):
        set_state(page, GATES, update_keeps=keeps, clamp_z=all_)
        assert "no half-life" in lines_of(page, GATES)["half-life"][0]
        set_state(page, GATES, clamp_z=none)
        assert "nothing of h is kept" in lines_of(page, GATES)["half-life"][0]


@pytest.mark.parametrize("preset", ["latch", "reset", "default", "conventions", "keep"])
def test_a_preset_shows_what_python_computes(page, preset):
    page.click(f"{GATES} [data-preset={preset}]")
    settle(page)
    assert_shows_what_python_computes(page)


def test_what_goes_wrong_is_said(page):
    note = page.locator(f"{GATES} .u-note")
    set_state(page, GATES, x=[0.0] * 9, n=[0.0, 1e200, 0.0], step=9)
    assert note.inner_text() == "", "the states are fine"
    set_state(page, GATES, gradient="plain")
    assert "The whole gradient overflowed at step" in note.inner_text()
    assert page.locator(f"{GATES} .u-backlane .u-cross").get_attribute("d")
    set_state(page, GATES, n=[0.0, 1e6, 0.0])
    assert "beyond the gradient’s scale is cut off" in note.inner_text()
    set_state(page, GATES, n=[0.0, 0.0, 0.0], clamp_z=0.0, gradient="log")
    assert "exactly 0" in note.inner_text()
    set_state(page, GATES, x=[1.0] * 5, n=[1e308, -1e308, 1e308], gradient="off")
    assert note.inner_text() == ""
    drawn = page.locator(f"{GATES} .u-stage").inner_html()
    assert "NaN" not in drawn and "∞" in drawn


def test_lengthening_brings_the_inputs_back(page):
    steps = control(page, GATES, "number of steps")
    steps.fill("5")
    settle(page)
    assert state_of(page, GATES)["step"] == 5
    steps.fill("40")
    settle(page)
    assert state_of(page, GATES)["x"][:16] == GRUGates().x
    assert_shows_what_python_computes(page)


def test_a_tap_on_a_valve_chooses_gate_and_step(phone):
    drawing = phone.locator(f"{GATES} .u-field > svg")
    drawing.evaluate("el => el.scrollIntoView({block: 'center'})")
    model = "document.querySelector('#gates').model"
    rings = phone.locator(f"{GATES} .u-bars .u-handle")
    names = phone.locator(f"{GATES} .u-names text")
    phone.touchscreen.tap(centre(rings.nth(3))[0], centre(names.nth(5))[1])
    phone.wait_for_function(f"{model}.get('gate') === 'r'")
    phone.wait_for_function(f"{model}.get('step') === 4")


def test_the_keyboard_reaches_every_choice(page):
    reached = reached_by_tab(page, GATES)
    for name in ("z", "computed", "after", "keeps", "off"):
        assert name in reached, f"{name} not in {reached}"
    page.locator(f"{GATES} .u-panel input[value=keeps]").focus()
    page.keyboard.press("ArrowRight")
    settle(page)
    assert state_of(page, GATES)["update_keeps"] is False


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
                    r=[0.0, 0.0, 3.0 * n],
                    z=[0.0, 0.0, n - 1.0],
                    n=[(2.0, -8.0, 0.0)[n], -6.0 * n, (0.0, 0.0, 12.0)[n]],
                    b_hn=-9.0 * n,
                    clamp_z=1.0 if n == 2 else None,
                    reset_after=(n + step) % 2 == 0,
                    update_keeps=n % 2 == 0,
                )
                beside = ".u-step" if gradient == "off" else ".u-gradient"
                for drawing in (".u-field > svg", beside):
                    problems = page.evaluate(CROWDED, f"{GATES} {drawing}")
                    assert not problems, (timesteps, step, gradient, problems)
    across = "[document.documentElement.scrollWidth, innerWidth]"
    wide, room = page.evaluate(across)
    assert wide <= room


def test_a_gate_goes_dark_with_the_page(page):
    fill = "getComputedStyle(document.querySelector('#gates .u-fill')).fill"
    light = page.evaluate(fill)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    assert page.evaluate(fill) != light


def test_a_link_sets_gates_and_conventions(chromium, origins):
    link = (
        "#gates:z=0,0,1;clamp_r=0.5;b_hn=0.4;reset_after=false;update_keeps=false;"
        "x=1,0,0,0.5;gate=n;gradient=log"
    )
    with open_page(chromium, f"{origins['http']}/{CHAPTER}{link}") as page:
        settle(page)
        state = state_of(page, GATES)
        assert (state["z"], state["gate"]) == ([0.0, 0.0, 1.0], "n")
        assert (state["clamp_r"], state["clamp_z"], state["b_hn"]) == (0.5, None, 0.4)
        assert (state["reset_after"], state["update_keeps"]) == (False, False)
        assert (state["step"], state["gradient"]) == (4, "log")
        assert_shows_what_python_computes(page)
        page.evaluate("location.hash = '#gates:clamp_z=2;reset_after=no'")
        settle(page)
        note = page.inner_text(f"{GATES} .u-note")
        assert "clamp_z = 2" in note and "reset_after = no" in note
        assert state_of(page, GATES)["reset_after"] is True, "what it opened with"
        set_state(page, GATES, clamp_z=0.25, step=2, update_keeps=False)
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.click(f"{GATES} >> text=Link to this state")
        page.wait_for_selector("text=Link copied.")
        copied = page.evaluate("navigator.clipboard.readText()")
        wanted = state_of(page, GATES)
    with open_page(chromium, copied) as page:
        settle(page)
        assert state_of(page, GATES) == wanted
        assert page.inner_text(f"{GATES} .u-note") == ""
