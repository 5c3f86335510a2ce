"""Gradient flow on its chapter's page."""

import random
import re

import numpy as np
import pytest
from hands.asked import AskedFirst
from hands.every import EveryPage
from hands.inputs import InputsUnderAFinger
from hands.reader import (
    CROWDED,
    PHONE,
    brief,
    centre,
    drag,
    explorer_at,
    path,
    set_state,
    settle,
    state_of,
    touch,
)

from unrolled.explorers import GradientFlow

CHAPTER = "notebooks/02_training_through_time.html"
FLOW = "#flow"
LABELS = GradientFlow.words.tree["front"]["controls"] | {
    "step": GradientFlow.words.tree["front"]["stepControl"]
}


class TestPage(AskedFirst, InputsUnderAFinger, EveryPage):
    waits = 3
    kind = GradientFlow
    chapter = "02_training_through_time"
    name = "flow"
    told_apart = {"w_h": 1.2}


@pytest.fixture
def page(visit):
    opened = visit(CHAPTER, only=FLOW)
    opened.locator(f"{FLOW} .u-stage svg").scroll_into_view_if_needed()
    return opened


def whole(explorer):
    """The same without the cut."""
    state = {name: value for name, value in explorer.state.items() if name != "name"}
    return GradientFlow(**state | {"truncate": 12})


def assert_shows_what_python_computes(page):
    settle(page)
    one = explorer_at(page, FLOW)
    T = len(one.x)
    back = one.gradients.h[:, 0]
    gradients = np.pad(back, (0, T - len(back)))
    shown = page.locator(f"{FLOW} .u-cells text").all_text_contents()
    told = page.locator(f"{FLOW} .u-strong").all_text_contents()
    expected = [brief(value) for value in (*one.hidden_states, *gradients)]
    if shown:
        assert shown == expected
    else:  # too many steps for numbers in the cells: those at the cursor
        assert told[:2] == [expected[one.step - 1], expected[T + one.step - 1]]
    assert told[-1] == brief(one.gradients.W_h.item()), "the whole sum"
    if one.step <= len(back):
        assert told[-2] == brief(one.shares[one.step - 1])


def lines_of(page):
    """The formula's lines by name: the symbols, the numbers, the result."""
    lines = {}
    for line in page.locator(f"{FLOW} .u-formula > div").all():
        name, *parts = line.locator(":scope > span").all_text_contents()
        lines[name] = [part.replace("−", "-").replace("²", "**2") for part in parts]
    return lines


def value_of(parts, value):
    """What the printed numbers evaluate to, and the result as printed beside them.

    The result of `value` may be said to be near 0 where it is, and not equal to it.
    """
    _, numbers, result = parts
    printed = result[2:]
    assert result[0] == ("≈" if float(printed) == 0 != value else "="), parts
    found = eval(numbers.removeprefix("= ").replace("×", "*"))
    return f"{found:z.{len(printed.partition('.')[2])}f}", printed


def near(printed, value):
    """Is `value` what was printed, to the decimals that were printed?"""
    return f"{value:z.{len(printed.partition('.')[2])}f}" == printed


def walk(page):
    page.click(f"{FLOW} .walk button")
    settle(page)


def test_the_button_walks_from_the_loss_back_edge_by_edge(page):
    button = page.locator(f"{FLOW} .walk button")
    seen = []
    for _ in range(7):
        seen.append((state_of(page, FLOW)["step"], button.inner_text()))
        walk(page)
        assert_shows_what_python_computes(page)
    steps = [step for step, _ in seen]
    assert steps == [6, 5, 4, 3, 2, 1, 6], "it opens at the loss"
    assert [text for _, text in seen] == [
        *["One edge back"] * 5,
        "Start at the loss",
        "One edge back",
    ]
    set_state(page, FLOW, loss_step=4, step=6)
    assert "the loss, at step 4, cannot depend on it" in lines_of(page)["gradient"][0]
    walk(page)
    assert state_of(page, FLOW)["step"] == 4


@pytest.mark.parametrize("timesteps", [3, 6, 12])
def test_no_part_of_a_sliders_travel_is_dead(page, timesteps):
    set_state(page, FLOW, x=[1.0] + [0.0] * (timesteps - 1), truncate=12)
    for name in ("loss_step", "truncate", "step"):
        slider = page.locator(f"{FLOW} input[type=range]").and_(
            page.get_by_label(LABELS[name], exact=True)
        )
        assert slider.get_attribute("max") == str(timesteps), name
        slider.press("End")
        slider.press("ArrowLeft")
        settle(page)
        assert state_of(page, FLOW)[name] == timesteps - 1, name


def test_a_preset_leaves_no_ghosts_and_its_sum_has_a_name(page):
    ghosts = page.locator(f"{FLOW} .u-bars .u-ghost")
    drawn = "all => all.map(one => one.getAttribute('d')).join('')"
    page.get_by_label(LABELS["w_h"]).and_(
        page.locator(f"{FLOW} input[type=range]")
    ).press("PageUp")
    settle(page)
    assert ghosts.evaluate_all(drawn)
    page.locator(f"{FLOW} [data-preset=grows]").click()
    settle(page)
    assert not ghosts.evaluate_all(drawn)
    rows = page.locator(f"{FLOW} .u-rows + g text").all_text_contents()
    assert "sum" in rows


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_numbers_stay_within_their_cells(page, width):
    """And a sum is printed with one number of decimals."""
    page.set_viewport_size({"width": width, "height": 900})
    for timesteps in (3, 6, 9, 12):
        x = [(-1) ** k * 0.9 for k in range(timesteps)]
        for w_h in (-1.9, 1.9):
            set_state(page, FLOW, x=x, w_h=w_h, w_x=0.4, activation="identity")
            wide = page.evaluate(
                """place => [...document.querySelectorAll(`${place} .u-cells`)]
                  .flatMap(lane => {
                    const texts = [...lane.querySelectorAll('text')];
                    const marks = [...lane.querySelectorAll('rect')];
                    return texts.map((text, k) => text.getBoundingClientRect().width
                      - marks[k].getBoundingClientRect().width);
                  })""",
                FLOW,
            )
            assert all(one <= 0 for one in wide), (timesteps, w_h, wide)
            terms = re.findall(r"[\d.]+", lines_of(page)["sum"][1])
            assert len({len(one.partition(".")[2]) for one in terms}) == 1, terms


def test_what_is_not_added_yet_is_pale(page):
    for step, pale in ((6, 4), (3, 1), (1, 0)):
        set_state(page, FLOW, step=step)
        drawn = page.locator(f"{FLOW} .u-pale.u-below").get_attribute("d")
        assert drawn.count("M") == pale, "step 1 has no share: h_0 is 0"


def test_a_click_puts_the_loss_there_and_a_drag_moves_it(page):
    marks = page.locator(f"{FLOW} .losses > g")
    page.mouse.click(*centre(marks.nth(3)))
    settle(page)
    assert state_of(page, FLOW)["loss_step"] == 4
    assert_shows_what_python_computes(page)
    drag(page, centre(marks.nth(3)), centre(marks.nth(1)))
    assert state_of(page, FLOW)["loss_step"] == 2
    page.locator(f"{FLOW} .u-segments input[value=all]").check()
    settle(page)
    assert page.locator(f"{FLOW} .losses .on").count() == 6
    assert_shows_what_python_computes(page)
    page.locator(f"{FLOW} .u-stage svg").scroll_into_view_if_needed()
    page.mouse.click(*centre(marks.nth(4)))
    settle(page)
    state = state_of(page, FLOW)
    assert (state["loss"], state["loss_step"]) == ("one", 5)


def test_the_cut_is_dragged_and_its_bias_shown(page):
    knob = page.locator(f"{FLOW} .u-stage circle.u-handle").first
    lost = page.locator(f"{FLOW} .u-lost.u-below")
    assert lost.get_attribute("d") == ""
    cells = page.locator(f"{FLOW} .u-cells text")
    before = cells.all_text_contents()
    start, (x4, _), (x5, _) = centre(knob), *(centre(cells.nth(k)) for k in (3, 4))
    drag(page, start, ((x4 + x5) / 2, start[1]))
    assert state_of(page, FLOW)["truncate"] == 2
    assert_shows_what_python_computes(page)
    marks = page.locator(f"{FLOW} .factors text").all_text_contents()
    slopes = 0.8 * (1 - GradientFlow().hidden_states ** 2)
    at_edges = [f"×{slope:.2f}" for slope in slopes[1:]]
    assert marks == [at_edges[0], "cut", at_edges[2], "cut", at_edges[4]]
    assert page.locator(f"{FLOW} .break").get_attribute("d").count("M") == 2
    after = cells.all_text_contents()
    assert after[:6] == before[:6], "the states do not feel the cut"
    assert after[6:] == ["0.00"] * 4 + before[10:]
    assert lost.get_attribute("d").count("M") == 4, "three shares and the whole"
    one = explorer_at(page, FLOW)
    cut, uncut = one.gradients.W_h.item(), whole(one).gradients.W_h.item()
    value, printed = value_of(lines_of(page)["bias"], cut - uncut)
    assert value == printed and near(printed, cut - uncut)
    # taken hold of again where it now stands, and drawn beyond step 1: whole again
    drag(page, centre(knob), (start[0] - 20, start[1]))
    assert state_of(page, FLOW)["truncate"] == 12
    assert cells.all_text_contents() == before
    assert "bias" not in lines_of(page)


def test_a_slider_cuts_and_its_end_is_whole(page):
    track = page.locator(f"{FLOW} input[type=range][aria-label^='k:']")
    track.focus()
    page.keyboard.press("ArrowLeft")
    settle(page)
    assert state_of(page, FLOW)["truncate"] == 5
    assert_shows_what_python_computes(page)
    page.keyboard.press("End")
    settle(page)
    assert state_of(page, FLOW)["truncate"] == 12


def test_dragging_an_input_moves_states_and_shares(page):
    rings = page.locator(f"{FLOW} .u-bars .u-handle")
    before = state_of(page, FLOW)
    x, y = centre(rings.nth(3))
    drag(page, (x, y), (x, y - 20))
    after = state_of(page, FLOW)
    assert after["x"][3] > 0.4 and after["step"] == 4
    assert after["x"][:3] == before["x"][:3]
    assert_shows_what_python_computes(page)
    ghosts = page.locator(f"{FLOW} .u-bars .u-ghost")
    assert any(ghosts.nth(k).get_attribute("d") for k in range(ghosts.count()))


def test_a_finger_moves_loss_and_cut(visit):
    page = visit(CHAPTER, only=FLOW, **PHONE)
    drawing = page.locator(f"{FLOW} .u-stage svg")
    drawing.evaluate("el => el.scrollIntoView({block: 'center'})")
    model = "document.querySelector('#flow').model"
    stood = page.evaluate("scrollY")
    marks = page.locator(f"{FLOW} .losses > g")
    page.touchscreen.tap(*centre(marks.nth(4)))
    page.wait_for_function(f"{model}.get('loss_step') === 5")
    touch(page, path(centre(marks.nth(4)), centre(marks.nth(3))))
    page.wait_for_function(f"{model}.get('loss_step') === 4")
    knob = centre(page.locator(f"{FLOW} .u-stage circle.u-handle").first)
    to = sum(centre(marks.nth(k))[0] for k in (1, 2)) / 2
    touch(page, path(knob, (to, knob[1])))
    page.wait_for_function(f"{model}.get('truncate') === 2")
    assert page.evaluate("scrollY") == stood


@pytest.mark.parametrize("preset", ["fades", "grows", "flat", "everywhere", "cut"])
def test_a_preset_shows_what_it_says(page, preset):
    page.click(f"{FLOW} [data-preset={preset}]")
    settle(page)
    one = explorer_at(page, FLOW)
    back, full = one.gradients.h[:, 0], whole(one)
    with np.errstate(invalid="ignore"):  # 0 / 0, where there is a cut
        changes = back[:-1] / back[1:]
    holds = {
        "fades": (np.abs(changes) < 0.6).all(),
        "grows": np.allclose(changes, 1.4) and np.ptp(one.shares[1:]) < 1e-9,
        "flat": abs(changes[2]) < 0.01 and (np.abs(one.shares[:4]) < 0.01).all(),
        "everywhere": abs(back[2]) > 2 * abs(back[5]),
        "cut": not back[:4].any() and full.shares[1:4].all(),
    }
    assert holds[preset]
    assert_shows_what_python_computes(page)


def test_every_printed_sum_is_right(page):
    draw = random.Random(5)
    for n in range(60):
        T = draw.randint(3, 8)
        set_state(
            page,
            FLOW,
            x=[draw.uniform(-1, 1) for _ in range(T)],
            **{name: draw.uniform(-1.5, 1.5) for name in ("w_x", "w_h", "b", "y")},
            h_0=draw.uniform(-1, 1),
            activation=("tanh", "relu", "identity")[n % 3],
            loss=("one", "all")[n % 2],
            loss_step=draw.randint(max(1, T - 2), T),
            truncate=draw.choice([1, 2, 3, 12, 12]),
            step=draw.randint(1, T),
        )
        if n % 10 == 9:  # hardly anything comes back
            set_state(page, FLOW, w_h=0.03)
        one = explorer_at(page, FLOW)
        k, last, lines = one.step - 1, len(one.gradients.h), lines_of(page)
        expected = {
            "sum": one.gradients.W_h.item(),
            "bias": one.gradients.W_h.item() - whole(one).gradients.W_h.item(),
        }
        if k < last:
            expected["gradient"] = one.gradients.h[k, 0]
            expected["share"] = one.shares[k]
        assert ("bias" in lines) == (one.truncate < last)
        for name, parts in lines.items():
            if len(parts) < 3:  # nothing arrives: said in words
                assert " = 0: " in parts[0]
                assert k >= last or one.gradients.h[k, 0] == 0
                continue
            value, printed = value_of(parts, expected[name])
            assert value == printed, parts
            assert near(printed, expected[name]), (parts, expected[name])


def test_what_goes_wrong_is_said(page):
    note = page.locator(f"{FLOW} .u-note")
    set_state(page, FLOW, activation="identity", w_h=1e200)
    assert "The state overflowed at step 3" in note.inner_text()
    set_state(page, FLOW, w_h=1e70, x=[0.0] * 6, h_0=0.0, loss_step=6)
    assert "The gradient overflowed on its way back, at step 1" in note.inner_text()
    set_state(page, FLOW, w_h=2.0, x=[1.0] * 9, loss_step=9)
    assert "beyond ±100 is cut off" in note.inner_text()
    cuts = page.locator(f"{FLOW} .u-cut")
    assert any(cuts.nth(k).get_attribute("d") for k in range(cuts.count()))
    set_state(page, FLOW, w_h=0.5)
    assert note.inner_text() == ""


def test_lengthening_keeps_the_loss_at_the_end(page):
    steps = page.locator(f"{FLOW} input[type=range][aria-label='number of steps']")
    steps.fill("12")
    settle(page)
    state = state_of(page, FLOW)
    assert (state["loss_step"], len(state["x"])) == (12, 12)
    assert_shows_what_python_computes(page)
    set_state(page, FLOW, loss_step=5)
    steps.fill("4")
    settle(page)
    assert state_of(page, FLOW)["loss_step"] == 4
    steps.fill("6")
    settle(page)
    assert state_of(page, FLOW)["x"] == [1.0, 0, 0, 0, 0, 0]


def test_what_a_cut_loses_is_fainter_than_what_is_kept(page):
    set_state(page, FLOW, truncate=2, step=1)
    opacity = """(selector) => [...document.querySelectorAll(selector)]
      .filter(one => one.getAttribute('d'))
      .map(one => { const { fillOpacity, strokeDasharray } = getComputedStyle(one);
                    return [Number(fillOpacity), strokeDasharray]; })"""
    kept = page.evaluate(opacity, f"{FLOW} .u-bars > .u-below:not(.u-lost)")
    lost = page.evaluate(opacity, f"{FLOW} .u-bars > .u-below.u-lost")
    assert kept and lost
    assert all(one == [1, "none"] for one in kept)
    assert all(fill < 0.2 and dashes != "none" for fill, dashes in lost)


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_no_setting_is_cut_off_or_collides(page, width):
    page.set_viewport_size({"width": width, "height": 800})
    for timesteps in (3, 6, 12):
        x = [(-1) ** k * 0.9 for k in range(timesteps)]
        for step in (1, 2, timesteps):
            for loss, w_h in (("all", -0.8), ("one", -2.0), ("all", 1.6)):
                set_state(
                    page,
                    FLOW,
                    x=x,
                    w_h=w_h,
                    step=step,
                    loss=loss,
                    truncate=2 if step == 2 else 12,
                    activation="identity" if w_h == 1.6 else "tanh",
                )
                problems = page.evaluate(CROWDED, f"{FLOW} .u-stage svg")
                assert not problems, (timesteps, step, loss, w_h, problems)
