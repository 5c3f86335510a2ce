"""The cliff on its chapter's page, under a reader's hand."""

import random

import numpy as np
import pytest
from hands.every import EveryPage
from hands.reader import (
    CROWDED,
    PHONE,
    ROOMS,
    centre,
    drag,
    explorer_at,
    one_height,
    path,
    set_state,
    settle,
    state_of,
    touch,
)

from unrolled.explorers import Cliff

CHAPTER = "notebooks/03_long_term_dependencies.html"
CLIFF = "#cliff"
LEVELS = [0.005, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0]


class TestPage(EveryPage):
    kind = Cliff
    chapter = "03_long_term_dependencies"
    told_apart = {"update": 3}


@pytest.fixture
def page(visit):
    opened = visit(CHAPTER, only=CLIFF)
    opened.locator(f"{CLIFF} .u-stage svg").first.scroll_into_view_if_needed()
    return opened


def control(page, label, kind="range"):
    return page.locator(f"{CLIFF} input[type={kind}][aria-label='{label}']")


def start(page):
    return page.locator(f"{CLIFF} [data-grip=start]")


def told(page):
    return " | ".join(page.locator(f"{CLIFF} .u-strong").all_text_contents())


def dots(page):
    """Where the walk's dots are drawn, as (w, b), after the start."""
    found = page.locator(f"{CLIFF} .u-stage svg svg").first.evaluate(
        """map => [...map.querySelectorAll('.u-dots circle')].map(dot =>
          [2 - 2 * dot.getAttribute('cy') / map.getAttribute('height'),
           -0.5 + 2 * dot.getAttribute('cx') / map.getAttribute('width')])"""
    )
    return np.array(found).reshape(-1, 2)


def assert_shows_what_python_computes(page):
    settle(page)
    one = explorer_at(page, CLIFF)
    walk = one.path[1:]
    with np.errstate(invalid="ignore"):
        inside = (walk >= [0, -0.5]).all(axis=1) & (walk <= [2, 1.5]).all(axis=1)
    np.testing.assert_allclose(dots(page), walk[inside], atol=2e-3)
    marked = page.locator(f"{CLIFF} .thrown").get_attribute("visibility")
    assert (marked != "hidden") == (one.thrown_at is not None)
    for name, k, parts in lines_of(page):
        assert k == one.update
        printed = parts[1].removeprefix("= ").removeprefix("≈ ")
        value = one.path[k, "wb".index(name)]
        assert printed == f"{value:z.3f}".replace("-", "−")


def lines_of(page):
    """The formula's two sums: name, update, and [numbers, result] as printed."""
    for line in page.locator(f"{CLIFF} .u-formula > div").all()[1:]:
        symbols, *parts = line.locator(":scope > span").all_text_contents()
        yield symbols[0], int(symbols[1:].split(" ")[0]), parts


def test_the_first_picture_shows_the_walk_thrown_off(page):
    assert_shows_what_python_computes(page)
    one = explorer_at(page, CLIFF)
    w, b = one.path[7]
    assert one.thrown_at == one.update == 7
    said = f"thrown off at update 7: to w = {w:.2f}, b = {b:.2f}".replace("-", "−")
    assert said in told(page)
    assert page.locator(f"{CLIFF} .u-dots .u-here").first.is_visible()
    ring = centre(page.locator(f"{CLIFF} .thrown"))
    here = centre(page.locator(f"{CLIFF} .u-stage svg svg .u-here").first)
    assert ring == pytest.approx(here, abs=1)


@pytest.mark.parametrize("timesteps", [2, 4, 20, 40])
def test_the_map_is_the_loss_of_the_cell(page, timesteps):
    """Inside a contour line the loss is at least so high, and outside it is not.

    Where a line turns sharply, at the cliff's foot, its corner may be cut off.
    """
    set_state(page, CLIFF, timesteps=timesteps)
    rng = np.random.default_rng(timesteps)
    places = rng.uniform([0.02, -0.48], [1.98, 1.48], (400, 2))
    inside = page.locator(f"{CLIFF} .u-stage svg svg").first.evaluate(
        """(map, places) => {
          const [wide, high] = ['width', 'height'].map(n => map.getAttribute(n));
          return places.map(([w, b]) => {
            const at = map.createSVGPoint();
            at.x = (b + 0.5) / 2 * wide;
            at.y = (2 - w) / 2 * high;
            return [...map.querySelectorAll('.heights path')]
              .map(region => region.isPointInFill(at));
          });
        }""",
        places.tolist(),
    )
    one, right, wrong = Cliff(timesteps=timesteps), 0, []
    shift = 0.008  # a pixel or two: what is nearer to a line is not asked
    for (w, b), found in zip(places, inside, strict=True):
        near = one.surface([w - shift, w, w + shift], [b - shift, b, b + shift])
        for level, high in zip(LEVELS, found, strict=True):
            if near.min() >= level or near.max() < level:
                if high == (near.min() >= level):
                    right += 1
                else:
                    wrong.append((w, b, level))
    assert right > 3000
    assert len(wrong) <= 3, wrong


def test_the_cut_is_the_loss_along_the_dashed_line(page):
    one = explorer_at(page, CLIFF)
    drawn = page.locator(f"{CLIFF} .profile").get_attribute("d")
    points = np.array([p.split(" ") for p in drawn[1:].split("L")], float)
    cut = page.locator(f"{CLIFF} .u-stage svg svg").nth(1)
    wide, high = (float(cut.get_attribute(name)) for name in ("width", "height"))
    b = -0.5 + 2 * points[:, 0] / wide
    expected = one.surface(one.path[6, :1], b)[0]
    # a pixel's rounding is much where the cliff is steep
    steep = np.abs(np.gradient(expected, b)) * 0.1 * 2 / wide
    off = np.abs(1.25 * (1 - points[:, 1] / high) - expected)
    assert (off <= 0.002 + 2 * steep).all()


def test_dragging_the_start_walks_from_there(page):
    before = explorer_at(page, CLIFF).path
    x, y = centre(start(page))
    drag(page, (x, y), (x + 60, y + 40))
    state = state_of(page, CLIFF)
    assert state["b"] > 0.5 and state["w"] < 1.6
    assert_shows_what_python_computes(page)
    assert centre(start(page)) == pytest.approx((x + 60, y + 40), abs=3)
    ghost = page.locator(f"{CLIFF} .u-stage svg svg .u-ghost").first
    assert ghost.get_attribute("d").count("L") == len(before) - 1
    # far beyond the map it stays at the edge
    x, y = centre(start(page))
    drag(page, (x, y), (x + 900, y - 5))
    assert state_of(page, CLIFF)["b"] == 1.5


def test_a_dot_a_column_and_the_keyboard_choose_an_update(page):
    dot = page.locator(f"{CLIFF} .u-stage svg svg .u-dots circle").nth(2)
    page.mouse.click(*centre(dot))
    settle(page)
    assert state_of(page, CLIFF)["update"] == 4, "the update that starts there"
    assert_shows_what_python_computes(page)
    time = control(page, "update shown in the formula")
    time.focus()
    page.keyboard.press("ArrowRight")
    settle(page)
    assert state_of(page, CLIFF)["update"] == 5
    assert time.get_attribute("aria-valuetext") == "update 5 of 40"
    page.keyboard.press("End")
    settle(page)
    assert_shows_what_python_computes(page)
    w, b = explorer_at(page, CLIFF).path[39]
    assert f"off the map: w = {w:.2f}, b = {b:.2f}".replace("-", "−") in told(page)
    number = page.locator(f"{CLIFF} .u-ticks text", has_text="20")
    page.mouse.click(*centre(number))
    settle(page)
    assert state_of(page, CLIFF)["update"] == 20


def test_the_threshold_is_dragged_and_clips(page):
    grip = page.locator(f"{CLIFF} [data-grip=threshold]")
    assert not grip.is_visible()
    page.locator(f"{CLIFF} .u-segments input[value=norm]").check()
    settle(page)
    assert_shows_what_python_computes(page)
    assert explorer_at(page, CLIFF).thrown_at is None
    grip.scroll_into_view_if_needed()
    x, y = centre(grip)
    drag(page, (x, y), (x, y - 22))
    assert state_of(page, CLIFF)["threshold"] > 4
    assert centre(grip)[1] == pytest.approx(y - 22, abs=1.5)
    assert explorer_at(page, CLIFF).thrown_at == 7, "so high a threshold does not help"
    assert_shows_what_python_computes(page)


def test_a_threshold_that_is_moved_clips(page):
    control(page, "clipping threshold").focus()
    page.keyboard.press("ArrowLeft")
    settle(page)
    state = state_of(page, CLIFF)
    assert (state["clip"], state["threshold"]) == ("norm", 0.49)
    page.locator(f"{CLIFF} .u-segments input[value=value]").check()
    control(page, "clipping threshold").focus()
    page.keyboard.press("ArrowLeft")
    settle(page)
    assert state_of(page, CLIFF)["clip"] == "value", "and does not change how"
    assert_shows_what_python_computes(page)


def test_every_slider_is_a_setting_and_nonsense_is_explained(page):
    for label, name, text, value in [
        ("weight w at the start", "w", "1.234", 1.234),
        ("bias b at the start", "b", "-0.3", -0.3),
        ("learning rate", "learning_rate", "0.05", 0.05),
        ("number of time steps T", "timesteps", "31", 31),
    ]:
        box = control(page, label, "number")
        box.fill(text)
        box.press("Tab")
        settle(page)
        assert state_of(page, CLIFF)[name] == value
        assert_shows_what_python_computes(page)
    box = control(page, "learning rate", "number")
    box.fill("-1")
    box.press("Tab")
    note = page.locator(f"{CLIFF} .u-note")
    assert "learning rate has to be at least 0; it was -1" in note.inner_text()
    assert state_of(page, CLIFF)["learning_rate"] == 0.05
    assert box.input_value() == "0.05"


def test_a_finger_moves_the_start_and_still_scrolls(visit):
    page = visit(CHAPTER, only=CLIFF, **PHONE)
    drawing = page.locator(f"{CLIFF} .u-stage svg").first
    drawing.evaluate("el => el.scrollIntoView({block: 'center'})")
    model = "document.querySelector('#cliff').model"
    stood = page.evaluate("scrollY")
    x, y = centre(start(page))
    touch(page, path((x, y), (x + 30, y + 60)))
    page.wait_for_function(f"{model}.get('w') < 1.4")
    assert page.evaluate("scrollY") == stood
    assert_shows_what_python_computes(page)
    page.touchscreen.tap(*centre(page.locator(f"{CLIFF} .u-ticks text").last))
    page.wait_for_function(f"{model}.get('update') === 40")
    kept = state_of(page, CLIFF)
    touch(page, path((x + 60, y + 120), (x + 60, y - 80)))
    page.wait_for_function("was => Math.abs(scrollY - was) > 50", arg=stood)
    assert state_of(page, CLIFF) == kept


@pytest.mark.parametrize("preset", ["thrown", "norm", "value", "smaller", "short"])
def test_a_preset_shows_what_it_says(page, preset):
    page.click(f"{CLIFF} [data-preset={preset}]")
    settle(page)
    assert explorer_at(page, CLIFF).thrown_at == {"thrown": 7, "smaller": 18}.get(
        preset
    )
    assert_shows_what_python_computes(page)


def test_every_printed_sum_is_right(page):
    draw = random.Random(3)
    clipped = 0
    for n in range(60):
        set_state(
            page,
            CLIFF,
            w=draw.uniform(0, 2),
            b=draw.uniform(-0.5, 1.5),
            learning_rate=draw.uniform(0, 2),
            clip=("off", "norm", "value")[n % 3],
            threshold=draw.choice([0.02, 0.1, 0.5]),
            timesteps=draw.randint(2, 8),
            update=draw.randint(1, 8),
        )
        one = explorer_at(page, CLIFF)
        first = page.locator(f"{CLIFF} .u-formula > div").first.inner_text()
        length = np.linalg.norm(one.gradients[one.update - 1])
        assert f"{length:#.3g}" in first or "× 10" in first
        clipped += "clipped" in first
        for name, k, (numbers, result) in lines_of(page):
            value = one.path[k, "wb".index(name)]
            assert result == f"= {value:z.3f}".replace("-", "−")
            sum_ = numbers.removeprefix("= ").replace("×", "*").replace("−", "-")
            assert f"{eval(sum_):z.3f}" == f"{value:z.3f}", numbers
    assert 10 < clipped < 40


def test_what_overflows_is_said(page):
    note = page.locator(f"{CLIFF} .u-note")
    set_state(page, CLIFF, w=1.3185, b=0.0948, learning_rate=1e308, update=2)
    assert "Update 1 overflowed" in note.inner_text()
    assert "NaN" in page.locator(f"{CLIFF} .u-formula").inner_text()
    crosses = page.locator(f"{CLIFF} .u-cross").get_attribute("d")
    assert crosses.count("M") == 39
    set_state(page, CLIFF, w=1.65, b=0.45, learning_rate=1e200)
    assert note.inner_text() == ""
    assert "= −3.271 × 10¹⁹⁸" in page.locator(f"{CLIFF} .u-formula").inner_text()
    assert "off the map: w = −3e198" in told(page)
    # so steep that it leaves the scale of the gradients
    set_state(page, CLIFF, w=1.7, b=0.301, learning_rate=0.0)
    assert np.linalg.norm(explorer_at(page, CLIFF).gradients[0]) > 100
    assert page.locator(f"{CLIFF} .u-cut").get_attribute("d").count("M") == 40


EXTREMES = (
    {"timesteps": 40, "update": 40},
    {"learning_rate": 1e200, "clip": "off"},
    {"timesteps": 2, "learning_rate": 0.3, "clip": "value"},
)


@pytest.mark.parametrize("size", ROOMS)
def test_the_drawing_has_one_height_and_keeps_to_its_room(visit, size):
    page = visit(CHAPTER, only=CLIFF)
    assert one_height(page, CLIFF, size, EXTREMES) <= ROOMS[size]


@pytest.mark.parametrize(
    "size", [(320, 600), (390, 660), (768, 1000), (844, 390), (1440, 900)]
)
def test_no_update_and_no_length_crowds_the_drawing(page, size):
    page.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
    for preset in ("thrown", "norm", "value", "smaller", "short"):
        page.click(f"{CLIFF} [data-preset={preset}]")
        for update in (1, 7, 20, 40):
            set_state(page, CLIFF, update=update)
            found = page.evaluate(CROWDED, f"{CLIFF} .u-stage svg")
            assert not found, (preset, update, found)
    for timesteps in (2, 6, 10, 40):
        set_state(page, CLIFF, timesteps=timesteps)
        assert not page.evaluate(CROWDED, f"{CLIFF} .u-stage svg")
