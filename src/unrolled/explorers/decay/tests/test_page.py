"""The decay on its chapter's page."""

import math
import re
import subprocess
import sys

import numpy as np
import pytest
from hands.every import EveryPage, as_set
from hands.reader import (
    CROWDED,
    PHONE,
    PLAIN,
    ROOMS,
    ask_first,
    centre,
    drag,
    explorer_at,
    heights,
    one_height,
    path,
    set_state,
    settle,
    significant,
    state_of,
    thumb,
    touch,
)
from hands.twins import settings

from unrolled.explorers import Decay

CHAPTER = "notebooks/03_long_term_dependencies.html"
PLACE = "#decay"


class TestPage(EveryPage):
    kind = Decay
    chapter = "03_long_term_dependencies"
    told_apart = {"rho": 1.2}


@pytest.fixture
def chapter(visit):
    page = visit(CHAPTER, only=PLACE)
    page.locator(f"{PLACE} .u-stage").scroll_into_view_if_needed()
    return page


def results(page):
    """The results in the formula: gradient, bound, bound with slopes, first input."""
    settle(page)
    return page.locator(f"{PLACE} .u-formula b").all_text_contents()


def facts(page):
    """Names and values beside the disc."""
    texts = page.locator(f"{PLACE} .u-facts text").all_text_contents()
    return dict(zip(texts[::2], texts[1::2], strict=True))


def note(page):
    return page.locator(f"{PLACE} .u-note").inner_text()


def assert_shows_what_python_computes(page):
    explorer = explorer_at(page, PLACE)
    k = explorer.lag
    lists = [explorer.gradient_norms, explorer.bound]
    if explorer.activation != "identity":
        lists.append(explorer.bound_with_slopes)
    expected = [significant(values[k]) for values in lists]
    if explorer.memory[k] > 1e-9:  # below, it is the difference of two rounded states
        expected.append(significant(explorer.memory[k]))
    assert results(page)[: len(expected)] == expected
    half = explorer.half_life
    if half is not None:
        steps = f"{half} step{'s' * (half != 1)}"
        assert facts(page)["gradient’s half-life"] == steps


def test_the_first_picture_is_the_one_that_python_draws(chapter):
    assert state_of(chapter, PLACE) == settings(Decay())
    assert_shows_what_python_computes(chapter)
    assert facts(chapter)["spectral radius ρ"] == "0.95"
    assert note(chapter) == ""


def test_the_line_stands_where_the_numbers_are(chapter):
    set_state(chapter, PLACE, rho=1.1, shear=0.4, input_scale=1.2, timesteps=30, lag=17)
    explorer = explorer_at(chapter, PLACE)
    power = heights(chapter.locator(f"{PLACE} .u-stage .u-axis").first)
    frame = chapter.locator(f"{PLACE} .u-stage svg svg").first
    top = float(frame.get_attribute("y"))
    for look, values in (
        ("u-first", explorer.gradient_norms),
        ("u-second", explorer.memory),
    ):
        line = frame.locator(f".u-lines .{look}").first.get_attribute("d")
        drawn = [float(y) + top for y in re.findall(r"[ML]\S+ ([-\d.]+)", line)]
        assert len(drawn) == 30
        np.testing.assert_allclose(
            [power(y) for y in drawn], np.log10(values), atol=0.02
        )
    here = chapter.locator(f"{PLACE} .u-stage .u-here")
    expected = np.log10(explorer.gradient_norms[17])
    assert abs(power(float(here.get_attribute("cy"))) - expected) < 0.02


def test_dragging_an_eigenvalue_sets_radius_and_angle(chapter):
    before = chapter.locator(f"{PLACE} .u-first").get_attribute("d")
    ghost = chapter.locator(f"{PLACE} .u-lines .u-ghost").first
    assert not ghost.get_attribute("d")
    grip = chapter.locator(f"{PLACE} [data-grip=one]")
    x, y = centre(grip)
    drag(chapter, (x, y), (x - 40, y - 10))
    explorer = explorer_at(chapter, PLACE)
    assert 35 < explorer.angle < 90
    assert explorer.rho < 0.95
    moved = centre(grip)
    assert math.hypot(moved[0] - x + 40, moved[1] - y + 10) < 2, "it is under the mouse"
    after = chapter.locator(f"{PLACE} .u-first").get_attribute("d")
    assert after != before
    assert ghost.get_attribute("d").count("L") == 39, "the line where it was"
    assert_shows_what_python_computes(chapter)


def test_a_real_eigenvalue_stays_on_its_axis(chapter):
    set_state(chapter, PLACE, rho=1, angle=45, shear=2)
    x, y = centre(chapter.locator(f"{PLACE} [data-grip=one]"))
    drag(chapter, (x, y), (x - 30, y + 3))
    explorer = explorer_at(chapter, PLACE)
    assert (explorer.angle, explorer.shear) == (45, 2)
    assert 0.3 < explorer.rho < 0.95
    assert_shows_what_python_computes(chapter)


def test_a_lag_is_chosen_on_the_chart_and_by_keyboard(chapter):
    box = chapter.locator(f"{PLACE} .u-stage svg svg").first.bounding_box()
    y = box["y"] + box["height"] / 2
    drag(
        chapter,
        (box["x"] + box["width"] * 25.5 / 40, y),
        (box["x"] + box["width"] * 31.5 / 40, y),
    )
    assert explorer_at(chapter, PLACE).lag == 31
    assert_shows_what_python_computes(chapter)
    time = chapter.locator(f"{PLACE} .u-time")
    assert time.get_attribute("aria-valuetext") == "lag 31 of 39"
    time.focus()
    chapter.keyboard.press("ArrowLeft")
    assert explorer_at(chapter, PLACE).lag == 30
    middle = thumb(time, 30 / 39)
    band = centre(chapter.locator(f"{PLACE} .u-band"))[0]
    assert abs(middle - band) < 1, "the thumb stands under the chosen column"
    assert_shows_what_python_computes(chapter)


@pytest.mark.parametrize(
    "preset", ["vanishes", "explodes", "saturates", "orthogonal", "positive"]
)
def test_a_preset_shows_what_python_computes(chapter, preset):
    chapter.locator(f"{PLACE} [data-preset={preset}]").click()
    settle(chapter)
    assert_shows_what_python_computes(chapter)
    set_state(chapter, PLACE, lag=0)
    assert results(chapter)[0] == "1.00"


def printed_matrices(page):
    """The three matrices of the formula, with the powers of ten before them."""
    found = []
    for mark in page.locator(f"{PLACE} .u-formula .two").all():
        texts = mark.locator("span").all_text_contents()
        entries = [float(text.translate(PLAIN)) for text in texts]
        before = mark.evaluate("el => el.parentNode.firstChild.textContent")
        power = int(before.translate(PLAIN).strip()[2:]) if "10" in before[:2] else 0
        found.append((np.array(entries).reshape(2, 2), power))
    return found


def test_the_printed_product_is_right(chapter):
    rng = np.random.default_rng(4)
    exact = 0
    for k in range(40):
        set_state(
            chapter,
            PLACE,
            rho=round(rng.uniform(0.2, 1.6), 2),
            angle=int(rng.integers(-180, 181)),
            shear=round(rng.uniform(-2, 2), 2),
            input_scale=round(rng.uniform(0, 1.5), 2),
            activation=("tanh", "tanh", "identity")[k % 3],
            timesteps=40,
            lag=int(rng.integers(1, 40)),
        )
        (one, p), (other, q), (product, r) = printed_matrices(chapter)
        row = chapter.locator(f"{PLACE} .u-formula > div").nth(1).inner_text()
        if "≈" in row:
            continue
        exact += 1
        decimals = 2 if r else 3
        found = one @ other * 10.0 ** (p + q - r)
        np.testing.assert_allclose(found, product, atol=0.51 * 10.0**-decimals)
        norm = np.linalg.norm(found, 2) * 10.0**r
        assert significant(norm) == results(chapter)[0]
        assert_shows_what_python_computes(chapter)
    assert exact > 35


@pytest.mark.parametrize("library", ["NumPy", "PyTorch"])
def test_copied_code_prints_the_numbers_on_the_screen(chapter, library):
    set_state(
        chapter,
        PLACE,
        rho=1.15,
        angle=-70,
        shear=0.3,
        input_scale=0.7,
        timesteps=25,
        lag=0,
    )
    chapter.click(f"{PLACE} >> text=Copy as {library}")
    snippet = chapter.locator(f"{PLACE} textarea").input_value()
    done = subprocess.run(
        [sys.executable, "-c", snippet], capture_output=True, text=True, check=True
    )
    lines = [line.split() for line in done.stdout.splitlines()]
    assert [int(lag) for lag, _ in lines] == list(range(25))
    for lag, norm in lines[1::6]:
        set_state(chapter, PLACE, lag=int(lag))
        assert results(chapter)[0] == significant(float(norm))


def test_what_is_gone_cut_off_or_too_large_is_said(chapter):
    set_state(chapter, PLACE, input_scale=40)
    gone = np.flatnonzero(explorer_at(chapter, PLACE).gradient_norms == 0)[0]
    assert f"From lag {gone} on the gradient is exactly 0" in note(chapter)
    assert "the first input is forgotten" in note(chapter)
    set_state(chapter, PLACE, input_scale=0.5, activation="identity", rho=1e200)
    assert "The gradient overflowed at lag 2" in note(chapter)
    assert "Above 10³²: cut off." in note(chapter)
    assert chapter.locator(f"{PLACE} .u-stage .u-beyond").count() > 0
    set_state(chapter, PLACE, rho=1e200, angle=0, shear=1e200)
    assert as_set("W_h overflowed") in note(chapter)
    set_state(chapter, PLACE, rho=1.1, angle=30, shear=0)
    assert facts(chapter)["gradient’s half-life"] == "it grows"
    set_state(chapter, PLACE, rho=0.9, angle=0, shear=4)  # it has grown, and falls
    assert facts(chapter)["gradient’s half-life"] == "over 39 steps"
    set_state(chapter, PLACE, angle=30, shear=0, activation="tanh", input_scale=0)
    assert note(chapter) == ""
    assert "there is no input" in chapter.locator(f"{PLACE} .u-formula").inner_text()
    assert facts(chapter)["first input’s half-life"] == "none"


def test_a_negative_radius_is_refused_with_a_reason(chapter):
    box = chapter.locator(
        f"{PLACE} input[type=number][aria-label='spectral radius ρ of W_h']"
    )
    box.fill("-1")
    box.press("Tab")
    assert "has to be at least 0; it was -1" in note(chapter)
    assert explorer_at(chapter, PLACE).rho == 0.95
    box.fill("1.05")
    box.press("Enter")
    assert explorer_at(chapter, PLACE).rho == 1.05


EXTREMES = (
    {},
    {"lag": 39},
    {"rho": 1, "activation": "identity", "lag": 0},
    {"rho": 4, "shear": 2, "angle": 45, "activation": "tanh", "timesteps": 100},
    {"lag": 99, "input_scale": 2, "rho": 1.2},
    {"timesteps": 2, "activation": "relu"},
)


# How far each value stands from its name on the same line.
GAPS = """all => all.flatMap((one, k) => {
  const [name, value] = [one, all[k + 1]].map(it => it?.getBoundingClientRect());
  return k % 2 || value.top - name.top > 4 ? [] : [value.left - name.right];
})"""


@pytest.mark.parametrize(
    "size", [(320, 600), (390, 660), (768, 1000), (844, 390), (1440, 900)]
)
def test_no_setting_is_cut_off_or_collides(chapter, size):
    chapter.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
    for values in EXTREMES:
        set_state(chapter, PLACE, **values)
        problems = chapter.evaluate(CROWDED, f"{PLACE} .u-stage svg")
        assert not problems, (values, problems)
        gaps = chapter.locator(f"{PLACE} .u-facts text").evaluate_all(GAPS)
        assert min(gaps, default=9) > 4, (values, gaps)
        assert gaps or size in [(320, 600), (844, 390)], "they stand one below another"


@pytest.mark.parametrize("size", ROOMS)
def test_the_drawing_has_one_height_and_keeps_to_its_room(visit, size):
    page = visit(CHAPTER, only=PLACE)
    assert one_height(page, PLACE, size, EXTREMES) <= ROOMS[size]
    assert page.locator(f"{PLACE} .u-lines .u-first").is_visible()


def test_a_finger_drags_an_eigenvalue_and_still_scrolls(visit):
    phone = visit(CHAPTER, only=PLACE, **PHONE)
    grip = phone.locator(f"{PLACE} [data-grip=one]")
    grip.evaluate("el => el.scrollIntoView({block: 'center'})")
    stood = phone.evaluate("scrollY")
    x, y = centre(grip)
    touch(phone, path((x, y), (x - 30, y - 8)))
    model = "document.querySelector('#decay').model"
    phone.wait_for_function(f"{model}.get('angle') > 40")
    assert phone.evaluate("scrollY") == stood
    # a tap on the chart chooses, a finger walks sideways there, and scrolls up and down
    chart = phone.locator(f"{PLACE} .u-stage svg svg").first
    chart.evaluate("el => el.scrollIntoView({block: 'center'})")
    box = chart.bounding_box()
    x, y = box["x"] + box["width"] * 20.5 / 40, box["y"] + box["height"] / 2
    phone.touchscreen.tap(x, y)
    phone.wait_for_function(f"{model}.get('lag') === 20")
    touch(phone, path((x, y), (x + box["width"] * 8 / 40, y + 4)))
    phone.wait_for_function(f"{model}.get('lag') === 28")
    stood = phone.evaluate("scrollY")
    touch(phone, path((x - 40, y), (x - 40, y - 200)))
    phone.wait_for_function("stood => Math.abs(scrollY - stood) > 50", arg=stood)
    assert phone.evaluate(f"{model}.get('lag')") == 28


def test_of_two_grips_that_lie_on_one_another_the_nearest_is_taken(chapter):
    """Two real eigenvalues 34 px apart, each under a grip of 40 px."""
    for side, to, (least, most) in ((1.5, 14, (1.1, 1.3)), (-1.5, -10, (0.7, 0.9))):
        set_state(chapter, PLACE, rho=1, angle=3, shear=1.5)
        grips = [f"{PLACE} [data-grip={one}]" for one in ("one", "other")]
        (one, y), (other, _) = (centre(chapter.locator(grip)) for grip in grips)
        assert 25 < one - other < 39
        nearest = one if side > 0 else other
        drag(chapter, ((one + other) / 2 + side, y), (nearest + to, y))
        assert least < explorer_at(chapter, PLACE).rho < most


def test_what_is_asked_about_is_not_drawn_before_it_is_shown(chapter):
    ask_first(chapter, PLACE, "What becomes of the gradient?")
    shown = chapter.locator(f"{PLACE} .u-stage")
    assert chapter.locator(f"{PLACE} .u-handle").first.is_visible()
    answers = [".u-lines", ".u-dots.u-answer", ".slopes", ".u-facts .u-answer"]
    assert not [one for one in answers if shown.locator(one).first.is_visible()]
    texts = [one for one in shown.locator(".u-axis text").all() if one.is_visible()]
    assert {one.text_content() for one in texts} <= {"1", "10⁻¹", "0", "−1"}, "no scale"
    chapter.locator(f"{PLACE} .u-show").click()
    settle(chapter)
    assert all(shown.locator(one).first.is_visible() for one in answers)
    assert_shows_what_python_computes(chapter)
