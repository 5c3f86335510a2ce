"""The hidden state on its page: what it shows is what `unrolled.cells` computes."""

import math
import random
import re
import subprocess
import sys

import numpy as np
import pytest
from hands.asked import AskedFirst
from hands.every import EveryPage, as_set
from hands.inputs import InputsUnderAFinger
from hands.reader import (
    CROWDED,
    PHONE,
    centre,
    drag,
    explorer_at,
    open_page,
    path,
    set_state,
    settle,
    state_of,
    touch,
)

from unrolled.explorers import HiddenState

CHAPTER = "notebooks/01_recurrence.html"
PULSE = "#pulse"


class TestPage(AskedFirst, InputsUnderAFinger, EveryPage):
    waits = 5
    kind = HiddenState
    chapter = "01_recurrence"
    name = "pulse"
    told_apart = {"w_h": 1.1}


@pytest.fixture
def chapter(visit):
    return visit(CHAPTER, only=PULSE)


@pytest.fixture
def phone(visit):
    return visit(CHAPTER, only=PULSE, **PHONE)


def shown_states(page, place=PULSE):
    """The numbers in the cells, as a reader sees them."""
    settle(page)
    return page.locator(f"{place} .u-cells text").all_text_contents()


def computed_states(page, place=PULSE):
    """The same numbers by `unrolled.cells`, in the same words."""
    states = explorer_at(page, place).hidden_states
    assert np.abs(states).max() < 9.99
    return [f"{h:z.2f}".replace("-", "−") for h in states]


def assert_shows_what_python_computes(page, place=PULSE):
    assert shown_states(page, place) == computed_states(page, place)


def control(page, name):
    return page.locator(f"{PULSE} input[type=range][aria-label='{name}']")


W_H = "recurrent weight w_h"


# --- the hidden state explorer, by hand


def test_a_slider_by_pointer(chapter):
    before = shown_states(chapter)
    box = control(chapter, W_H).bounding_box()
    y = box["y"] + box["height"] / 2
    control(chapter, W_H).scroll_into_view_if_needed()
    box = control(chapter, W_H).bounding_box()
    y = box["y"] + box["height"] / 2
    drag(
        chapter,
        (box["x"] + box["width"] * 0.72, y),
        (box["x"] + box["width"] * 0.25, y),
    )
    assert state_of(chapter, PULSE)["w_h"] < 0
    assert shown_states(chapter) != before
    assert_shows_what_python_computes(chapter)


def test_a_slider_by_keyboard(chapter):
    control(chapter, W_H).focus()
    for _ in range(5):
        chapter.keyboard.press("ArrowRight")
    settle(chapter)
    assert math.isclose(state_of(chapter, PULSE)["w_h"], 0.95)
    assert control(chapter, W_H).get_attribute("aria-valuetext") == "0.95"
    assert_shows_what_python_computes(chapter)


def test_the_number_box_takes_numbers_and_explains_what_it_cannot_take(chapter):
    box = chapter.locator(f"{PULSE} input[type=number][aria-label='{W_H}']")
    box.fill("1.234")
    box.press("Enter")
    assert state_of(chapter, PULSE)["w_h"] == 1.234
    assert_shows_what_python_computes(chapter)
    box.fill("")
    box.press("Tab")
    note = chapter.locator(f"{PULSE} .u-note")
    assert "has to be a number" in note.inner_text()
    assert state_of(chapter, PULSE)["w_h"] == 1.234, "nothing is lost"
    steps = chapter.locator(f"{PULSE} input[type=number][aria-label='number of steps']")
    steps.fill("41")
    steps.press("Tab")
    assert "whole number from 2 to 40; it was 41" in note.inner_text()
    assert len(state_of(chapter, PULSE)["x"]) == 12


def drawing(page):
    return page.locator(f"{PULSE} .u-stage svg")


def handle_of(page, step):
    return page.locator(f"{PULSE} .u-handle").nth(step - 1)


def test_dragging_an_input_moves_the_states_to_its_right_alone(chapter):
    drawing(chapter).scroll_into_view_if_needed()
    before = shown_states(chapter)
    x, y = centre(handle_of(chapter, 5))
    drag(chapter, (x, y), (x, y + 30))
    after = shown_states(chapter)
    assert state_of(chapter, PULSE)["x"][4] < -0.4
    assert state_of(chapter, PULSE)["step"] == 5
    assert after[:4] == before[:4]
    assert all(a != b for a, b in zip(after[4:], before[4:], strict=True))
    assert_shows_what_python_computes(chapter)


def test_a_finger_pulls_the_first_input_below_zero_on_the_landing_page(visit):
    """What the figure says to try, with the figure as it opens."""
    page = visit("book/index.html", **PHONE)
    place = page.locator("[data-explorer=hidden_state]")
    assert "Drag the first input below zero" in place.inner_text()
    place.locator(".u-stage").evaluate("el => el.scrollIntoView({block: 'center'})")
    stood = page.evaluate("scrollY")
    x, y = centre(place.locator(".u-handle").first)
    touch(page, path((x, y), (x, y + 70)))
    state = state_of(page, f"#{place.get_attribute('id')}")
    assert state["x"][0] < -0.5
    assert page.evaluate("scrollY") == stood
    assert float(place.locator(".u-handle").first.get_attribute("cy")) > 200


def test_a_finger_chooses_and_walks(phone):
    drawing(phone).evaluate("el => el.scrollIntoView({block: 'center'})")
    # a tap chooses, on an input's handle too
    x, y = centre(handle_of(phone, 6))
    phone.touchscreen.tap(x, y - 60)
    settle(phone)
    assert state_of(phone, PULSE)["step"] == 6
    phone.touchscreen.tap(*centre(handle_of(phone, 8)))
    settle(phone)
    assert state_of(phone, PULSE)["step"] == 8
    model = "document.querySelector('#pulse').model"
    # a sideways drag above walks through time
    box = drawing(phone).bounding_box()
    start = centre(handle_of(phone, 2))[0], box["y"] + 60
    touch(phone, path(start, (centre(handle_of(phone, 10))[0], box["y"] + 60)))
    phone.wait_for_function(f"{model}.get('step') === 10")
    # and a slider follows the finger
    slider = control(phone, W_H)
    slider.evaluate("el => el.scrollIntoView({block: 'center'})")
    box = slider.bounding_box()
    y = box["y"] + box["height"] / 2
    touch(phone, path((box["x"] + box["width"] * 0.7, y), (box["x"] + 20, y)))
    phone.wait_for_function(f"{model}.get('w_h') < -1")


@pytest.mark.parametrize(
    "preset", ["fades", "remembers", "flips", "saturates", "explodes"]
)
def test_a_preset_shows_what_it_says(chapter, preset):
    chapter.locator(f"{PULSE} [data-preset={preset}]").click()
    settle(chapter)
    states = explorer_at(chapter, PULSE).hidden_states
    size = np.abs(states)
    holds = {
        "fades": size[-1] < 0.01 * size[0] and (np.diff(size) < 0).all(),
        "remembers": size[-1] > 0.8 and np.ptp(states[6:]) < 0.01,
        "flips": (np.sign(states[1:]) == -np.sign(states[:-1])).all(),
        "saturates": (states[1:] > 0.95).all(),
        "explodes": np.allclose(states[1:] / states[:-1], 1.5),
    }
    assert holds[preset]
    if preset != "explodes":
        assert_shows_what_python_computes(chapter)


def evaluate_formula(page):
    """What the printed sum evaluates to, and what it is said to be."""
    spans = page.locator(f"{PULSE} .u-formula > span").all_text_contents()
    symbols, numbers, result = (text.replace("−", "-") for text in spans)
    numbers = numbers.removeprefix("= ").replace("×", "*")
    numbers = re.sub(r"\* 10([⁰¹²³⁴⁵⁶⁷⁸⁹]+)", "", numbers)
    assert result.startswith("= "), result
    known = {"tanh": math.tanh, "ReLU": lambda a: max(a, 0.0)}
    return eval(numbers, known), float(result[2:])


def test_the_printed_sum_is_right(chapter):
    draw = random.Random(3)
    for _ in range(60):
        x = [draw.uniform(-1, 1) for _ in range(6)]
        weights = {k: draw.uniform(-2, 2) for k in ("w_x", "w_h", "b")}
        activation = draw.choice(["tanh", "relu", "identity"])
        step = draw.randint(1, 6)
        set_state(
            chapter, PULSE, x=x, **weights, h_0=0.3, activation=activation, step=step
        )
        value, printed = evaluate_formula(chapter)
        assert f"{value:z.2f}" == f"{printed:.2f}"
        h = explorer_at(chapter, PULSE).hidden_states[step - 1]
        assert f"{h:z.2f}" == f"{printed:.2f}"


def test_choosing_a_step_shows_its_formula(chapter):
    drawing(chapter).scroll_into_view_if_needed()
    x, y = centre(chapter.locator(f"{PULSE} .u-cells text").nth(6))
    chapter.mouse.click(x, y)
    settle(chapter)
    assert chapter.locator(f"{PULSE} .u-formula").inner_text().startswith("h7 =")
    time = chapter.locator(f"{PULSE} .u-time")
    assert time.get_attribute("aria-valuetext") == "step 7 of 12"
    time.focus()
    chapter.keyboard.press("ArrowLeft")
    settle(chapter)
    assert chapter.locator(f"{PULSE} .u-formula").inner_text().startswith("h6 =")


def test_the_ghost_is_where_the_states_were(chapter):
    marks = chapter.locator(f"{PULSE} .u-bars").first.locator(".u-ghost")
    assert marks.get_attribute("d") == ""
    old = explorer_at(chapter, PULSE).hidden_states
    control(chapter, W_H).focus()
    for key in ("PageUp", "PageUp"):
        chapter.keyboard.press(key)
    settle(chapter)
    new = explorer_at(chapter, PULSE).hidden_states
    lines = chapter.locator(f"{PULSE} .u-axis line")
    zero, top = (float(lines.nth(k).get_attribute("y1")) for k in (0, 1))
    heights = re.findall(r"M\S+ (\S+?)h", marks.get_attribute("d"))
    assert len(heights) == 11, "at step 1 nothing changed"
    for k, y in enumerate(heights, start=1):
        assert abs((zero - float(y)) / (zero - top) - old[k]) < 0.01
        assert abs(old[k] - new[k]) > 0.01


def test_overflow_and_cut_off_states_are_said(chapter):
    note = chapter.locator(f"{PULSE} .u-note")
    set_state(chapter, PULSE, activation="identity", w_h=1e200)
    assert "overflowed at step 3" in note.inner_text()
    assert "∞" in shown_states(chapter)[5]
    set_state(chapter, PULSE, w_h=2.0, x=[1.0] * 40)
    assert "cut off" in note.inner_text()
    cuts = chapter.locator(f"{PULSE} .u-cut").first.get_attribute("d")
    assert cuts.count("M") > 20
    set_state(chapter, PULSE, w_h=0.5)
    assert note.inner_text() == ""


def test_a_shorter_sequence_gives_back_its_inputs(chapter):
    steps = control(chapter, "number of steps")
    set_state(chapter, PULSE, x=[0.5, -0.5, 0.25, 1.0])
    steps.fill("2")
    settle(chapter)
    assert state_of(chapter, PULSE)["x"] == [0.5, -0.5]
    steps.fill("5")
    settle(chapter)
    assert state_of(chapter, PULSE)["x"] == [0.5, -0.5, 0.25, 1.0, 0.0]


IN_VIEW = """selector => {
  const box = document.querySelector(selector).getBoundingClientRect();
  return box.top < innerHeight && box.bottom > 0;
}"""


def test_a_link_in_the_prose_sets_the_figure_and_back_returns_to_its_sentence(chapter):
    back = chapter.locator(f"{PULSE} .u-back")
    assert not back.is_visible()
    address = chapter.url
    for href in ("#pulse:w_h=1.1", "#pulse:w_h=-0.9", "#pulse:w_h=1.1"):
        chapter.locator(f'a[href="{href}"]').click()
        settle(chapter)
        assert state_of(chapter, PULSE)["w_h"] == float(href.split("=")[1])
        assert chapter.url == address + href
        chapter.wait_for_function(IN_VIEW, arg=PULSE)
    assert_shows_what_python_computes(chapter)
    back.click()
    chapter.wait_for_function(IN_VIEW, arg='a[href="#pulse:w_h=1.1"]')
    assert chapter.url == f"{address}#pulse:w_h=-0.9"
    chapter.go_back()
    chapter.go_back()
    chapter.wait_for_function("url => location.href === url", arg=address)
    chapter.wait_for_function(IN_VIEW, arg='a[href="#pulse:w_h=1.1"]')
    assert state_of(chapter, PULSE)["w_h"] == 1.1, "the figure stays as it is"
    assert not back.is_visible()
    chapter.go_forward()
    chapter.wait_for_function("() => location.hash === '#pulse:w_h=1.1'")
    chapter.evaluate("location.hash = '#pulse:preset=flips'")
    chapter.wait_for_function(
        f"() => document.querySelector('{PULSE}').model.get('w_h') === -0.9"
    )
    lesson = HiddenState.words.tree["front"]["presets"]["flips"]["lesson"].replace(
        "_", ""
    )
    assert chapter.locator(f"{PULSE} .u-try").inner_text() == lesson


def test_a_page_opens_with_the_state_of_its_address(chromium, origins):
    """What fits is set, and what does not is said."""
    x, b = "x=0.5,-0.75,1", "b=0.5"
    link = f"{origins['http']}/{CHAPTER}#pulse:{x};w_h=big;{b};activation=relu;step=2"
    with open_page(chromium, link) as page:
        settle(page)
        state = state_of(page, PULSE)
        assert (state["x"], state["b"]) == ([0.5, -0.75, 1.0], 0.5)
        assert (state["activation"], state["step"]) == ("relu", 2)
        assert state["w_h"] == 0.9
        assert page.evaluate("scrollY") > 500
        note = page.locator(f"{PULSE} .u-note").inner_text()
        assert as_set("The link asks for w_h = big") in note


@pytest.mark.parametrize("library", ["NumPy", "PyTorch"])
def test_copied_code_prints_the_numbers_on_the_screen(chapter, library):
    snippets, expected = [], []
    for activation in ("tanh", "relu", "identity"):
        set_state(
            chapter,
            PULSE,
            x=[1.0, -0.35, 0.2, 0.0, 0.7],
            w_x=-1.1,
            w_h=0.85,
            b=0.05,
            h_0=-0.4,
            activation=activation,
        )
        chapter.click(f"{PULSE} >> text=Copy as {library}")
        snippets.append(chapter.locator(f"{PULSE} textarea").input_value())
        expected.append([h.replace("−", "-") for h in shown_states(chapter)])
    for snippet, numbers in zip(snippets, expected, strict=True):
        done = subprocess.run(
            [sys.executable, "-c", snippet], capture_output=True, text=True, check=True
        )
        assert done.stdout.split() == numbers


def test_copying_works_where_the_clipboard_does_not(chromium, origins):
    with open_page(chromium, f"{origins['http']}/{CHAPTER}") as page:
        page.evaluate(
            "() => { navigator.clipboard.writeText = () => Promise.reject(); }"
        )
        page.click(f"{PULSE} >> text=Copy as NumPy")
        page.wait_for_selector("text=Select all of it and copy:")
        chosen = page.locator(f"{PULSE} textarea").evaluate(
            "el => el.value.slice(el.selectionStart, el.selectionEnd)"
        )
        assert chosen.startswith("# One recurrent unit")


def test_a_change_is_read_aloud_once_it_is_over(chapter):
    control(chapter, W_H).focus()
    chapter.keyboard.press("PageUp")
    live = chapter.locator(f"{PULSE} [aria-live=polite]")
    last = computed_states(chapter)[-1]
    chapter.wait_for_function(
        "([el, text]) => el.textContent.includes(text)",
        arg=[live.element_handle(), f"Last state, at step 12: {last}."],
    )


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_no_length_is_cut_off_or_collides(chapter, width):
    chapter.set_viewport_size({"width": width, "height": 800})
    for timesteps in (2, 7, 12, 40):
        x = [(-1) ** k * 0.9 for k in range(timesteps)]
        for step in (1, timesteps):
            set_state(chapter, PULSE, x=x, w_h=-0.8, step=step)
            problems = chapter.evaluate(CROWDED, f"{PULSE} .u-stage svg")
            assert not problems, (timesteps, step, problems)


def test_the_last_state_seen_is_not_the_one_a_page_opens_with(chapter):
    """A page opens with what its cell displayed, not with the notebook's end."""
    assert state_of(chapter, PULSE)["w_h"] == 0.9
    assert state_of(chapter, PULSE)["activation"] == "tanh"
