"""The memory race on its chapter's page."""

import math
import re
import subprocess
import sys

import numpy as np
import pytest
from hands.every import EveryPage
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

from unrolled.explorers import MemoryRace

CHAPTER = "notebooks/04_lstm.html"
PLACE = "#race"
CELLS = ["rnn", "lstm", "gru"]


class TestPage(EveryPage):
    kind = MemoryRace
    chapter = "04_lstm"
    name = "race"
    told_apart = {"b_f": 1.0}


@pytest.fixture
def chapter(visit):
    page = visit(CHAPTER, only=PLACE)
    page.locator(f"{PLACE} .u-stage").scroll_into_view_if_needed()
    return page


def lines(page):
    """The formula's lines, each as its label and its result."""
    settle(page)
    rows = page.locator(f"{PLACE} .u-formula > div")
    return {
        rows.nth(k).locator("> span").first.text_content(): rows.nth(k)
        .locator("b")
        .text_content()
        for k in range(rows.count())
    }


def results(page):
    """The table: what is left of the impulse, of the gradient, and the half-life."""
    settle(page)
    rows = page.locator(f"{PLACE} .results tbody tr")
    return {
        cell: rows.nth(k).locator("td").all_inner_texts()
        for k, cell in enumerate(CELLS)
    }


def note(page):
    return page.locator(f"{PLACE} .u-note").inner_text()


def assert_shows_what_python_computes(page):
    explorer = explorer_at(page, PLACE)
    k, cell = explorer.lag, explorer.cell
    found = lines(page)
    memories, sizes = explorer.memories, explorer.gradients
    assert found[f"step {k + 1}"] == significant(memories[cell][k])
    gradient = "1" if k == 0 else significant(sizes[cell][k])
    assert found[f"lag {k}"].lstrip("−") == gradient
    if cell == "lstm":
        assert found["exposed"] == significant(explorer.runs["lstm"].h[k, 0])
    for name, (left, gradient, life) in results(page).items():
        share = explorer.left[name]
        told = "nothing" if math.isnan(share) else significant(share)
        assert left.split(",")[0] == told
        assert gradient == significant(sizes[name][-1])
        half = explorer.half_lives[name]
        if half is not None:
            assert life == f"{half} step{'s' * (half != 1)}"


def pull(page, grip, dx, dy):
    """Take hold of a grip with the mouse and move it by so many pixels."""
    x, y = centre(page.locator(f"{PLACE} [data-grip={grip}]"))
    drag(page, (x, y), (x + dx, y + dy))


def test_the_first_picture_is_the_one_that_python_draws(chapter):
    assert state_of(chapter, PLACE) == settings(MemoryRace())
    assert_shows_what_python_computes(chapter)
    assert [life for *_, life in results(chapter).values()] == ["2 steps"] * 3
    assert note(chapter) == ""


def test_lines_and_bars_stand_where_the_numbers_are(chapter):
    set_state(chapter, PLACE, w_h=0.9, b_f=1.5, b_z=2, b_i=-1, timesteps=25, lag=17)
    explorer = explorer_at(chapter, PLACE)
    power = heights(chapter.locator(f"{PLACE} .u-stage .u-axis").last)
    frame = chapter.locator(f"{PLACE} .u-stage svg svg").first
    top = float(frame.get_attribute("y"))
    for cell in CELLS:
        line = frame.locator(f".race-{cell}").get_attribute("d")
        drawn = [float(y) + top for y in re.findall(r"[ML]\S+ ([-\d.]+)", line)]
        assert len(drawn) == 25
        expected = np.log10(explorer.gradients[cell])
        np.testing.assert_allclose([power(y) for y in drawn], expected, atol=0.02)
    lanes = chapter.locator(f"{PLACE} .u-stage .u-bars")
    axes = chapter.locator(f"{PLACE} .u-stage .u-axis")
    runs = explorer.runs
    values = [runs["rnn"].h, runs["lstm"].h, runs["lstm"].c, runs["gru"].h]
    for k, states in enumerate(values):
        ends = [
            (
                float(tick.locator("line").get_attribute("y1")),
                float(tick.locator("text").text_content()),
            )
            for tick in axes.nth(k).locator("g").all()
        ]
        (full, limit), (zero, none) = ends
        assert none == 0 and limit in (0.1, 1)
        bars = (
            lanes.nth(k)
            .locator(".u-above")
            .evaluate(
                """path => path.getAttribute('d').split('z').filter(Boolean).map(d => {
              const one = document.createElementNS(path.namespaceURI, 'path');
              one.setAttribute('d', d);
              path.parentNode.append(one);
              const box = one.getBBox();
              one.remove();
              return box.height;
            })"""
            )
        )
        high = (zero - full) * states[:, 0] / limit
        np.testing.assert_allclose(bars, np.maximum(high, 1.5), atol=0.3)


def test_dragging_a_gate_sets_its_bias_and_moves_its_cell_alone(chapter):
    ghosts = chapter.locator(f"{PLACE} .u-lines .u-ghost")
    assert not any(ghost.get_attribute("d") for ghost in ghosts.all())
    before = results(chapter)
    pull(chapter, "f", 0, -12)
    explorer = explorer_at(chapter, PLACE)
    gate = explorer.runs["lstm"].f[0, 0]
    assert 0.7 < gate < 0.9
    assert (explorer.b_i, explorer.b_z) == (0, 0)
    after = results(chapter)
    assert (after["rnn"], after["gru"]) == (before["rnn"], before["gru"])
    assert after["lstm"] != before["lstm"]
    told = chapter.locator(f"{PLACE} .u-stage text", has_text=f"{gate:.2f}")
    assert told.count() >= 1, "the gate is read out"
    past = [bool(ghost.get_attribute("d")) for ghost in ghosts.all()]
    assert past == [True, False, False], "the LSTM's line alone has a ghost"
    assert_shows_what_python_computes(chapter)
    pull(chapter, "z", 0, 8)
    assert explorer_at(chapter, PLACE).b_z < -0.4
    pull(chapter, "i", 0, 30)
    assert explorer_at(chapter, PLACE).b_i == -5
    assert_shows_what_python_computes(chapter)


def test_dragging_the_impulse_turns_what_follows(chapter):
    grip = chapter.locator(f"{PLACE} [data-grip=impulse]")
    y = centre(grip)[1]
    pull(chapter, "impulse", 0, 18)
    explorer = explorer_at(chapter, PLACE)
    assert explorer.impulse < -1
    assert abs(centre(grip)[1] - y - 18) < 2, "it is under the mouse"
    below = chapter.locator(f"{PLACE} .u-stage .u-bars .u-below").first
    assert below.get_attribute("d").count("z") == explorer.timesteps
    assert_shows_what_python_computes(chapter)


def test_a_lag_and_a_cell_are_chosen_in_the_drawing_and_by_keyboard(chapter):
    box = chapter.locator(f"{PLACE} .u-stage svg svg").first.bounding_box()
    y = box["y"] + box["height"] / 2
    drag(
        chapter,
        (box["x"] + box["width"] * 15.5 / 30, y),
        (box["x"] + box["width"] * 21.5 / 30, y),
    )
    explorer = explorer_at(chapter, PLACE)
    assert (explorer.lag, explorer.cell) == (21, "lstm")
    lane = chapter.locator(f"{PLACE} .u-stage .u-bars").first.bounding_box()
    chapter.mouse.click(box["x"] + box["width"] * 3.5 / 30, lane["y"] + 20)
    explorer = explorer_at(chapter, PLACE)
    assert (explorer.lag, explorer.cell) == (3, "rnn")
    assert_shows_what_python_computes(chapter)
    time = chapter.locator(f"{PLACE} .u-time")
    assert time.get_attribute("aria-valuetext") == "lag 3 of 29"
    time.focus()
    chapter.keyboard.press("ArrowRight")
    assert explorer_at(chapter, PLACE).lag == 4
    middle = thumb(time, 4 / 29)
    band = centre(chapter.locator(f"{PLACE} .u-band").first)[0]
    assert abs(middle - band) < 1, "the thumb stands under the chosen column"
    chapter.locator(f"{PLACE} .u-segments input[value=rnn]").focus()
    chapter.keyboard.press("ArrowLeft")
    assert explorer_at(chapter, PLACE).cell == "gru"
    assert_shows_what_python_computes(chapter)


@pytest.mark.parametrize("preset", ["defaults", "one", "three", "chrono", "tuned"])
def test_a_preset_shows_what_python_computes(chapter, preset):
    set_state(chapter, PLACE, w_h=0.3)
    chapter.locator(f"{PLACE} [data-preset={preset}]").click()
    for cell in CELLS:
        set_state(chapter, PLACE, cell=cell)
        assert_shows_what_python_computes(chapter)
    set_state(chapter, PLACE, lag=0)
    assert_shows_what_python_computes(chapter)


def evaluate(text):
    """The value of what a line of the formula prints between its equals signs."""
    text = re.sub(
        r"\s*× 10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", lambda m: f"e{m[1].translate(PLAIN)}", text
    )
    text = text.replace("−", "-").replace("×", "*")
    text = re.sub(r"tanh (\(?[-\d.e]+\)?)", r"tanh(\1)", text)
    return eval(text, {"tanh": math.tanh})


def test_the_printed_sums_are_right(chapter):
    rng = np.random.default_rng(4)
    exact = 0
    for k in range(36):
        set_state(
            chapter,
            PLACE,
            w_h=round(rng.uniform(-1.2, 1.2), 2),
            b_f=round(rng.uniform(-2, 4), 2),
            b_i=round(rng.uniform(-4, 2), 2),
            b_z=round(rng.uniform(-2, 4), 2),
            impulse=round(rng.uniform(-2, 2), 2),
            timesteps=30,
            lag=int(rng.integers(1, 30)),
            cell=CELLS[k % 3],
        )
        assert_shows_what_python_computes(chapter)
        for row in chapter.locator(f"{PLACE} .u-formula > div").all():
            parts = row.locator("> span").all_inner_texts()
            label, result = parts[0], parts[-1]
            if "≈" in result or label == "gate alone":
                continue
            exact += 1
            printed = evaluate(parts[-2].removeprefix("= "))
            assert significant(printed) == result.removeprefix("= "), parts
    assert exact > 110


@pytest.mark.parametrize("library", ["NumPy", "PyTorch"])
def test_copied_code_prints_the_numbers_on_the_screen(chapter, library):
    set_state(
        chapter, PLACE, w_h=0.8, b_f=1.5, b_i=-1, b_z=2, impulse=-0.7, timesteps=25
    )
    chapter.click(f"{PLACE} >> text=Copy as {library}")
    snippet = chapter.locator(f"{PLACE} textarea").input_value()
    done = subprocess.run(
        [sys.executable, "-c", snippet], capture_output=True, text=True, check=True
    )
    rows = [line.split() for line in done.stdout.splitlines()]
    assert [int(lag) for lag, *_ in rows] == list(range(25))
    for row in rows[1::8]:
        for k, cell in enumerate(CELLS):
            set_state(chapter, PLACE, lag=int(row[0]), cell=cell)
            found = lines(chapter)
            lag = int(row[0])
            assert found[f"step {lag + 1}"] == significant(float(row[1 + k]))
            assert found[f"lag {lag}"] == significant(float(row[4 + k]))


def test_what_is_gone_cut_off_or_too_large_is_said(chapter):
    set_state(chapter, PLACE, impulse=0)
    assert "no impulse" in note(chapter)
    assert [left for left, *_ in results(chapter).values()] == ["nothing"] * 3
    set_state(chapter, PLACE, w_h=1e200)
    for cell in ("RNN", "LSTM", "GRU"):
        assert f"The {cell}’s gradient overflowed at lag 2" in note(chapter)
    assert "Above 10³²: cut off." in note(chapter)
    set_state(chapter, PLACE, impulse=1, w_h=0, b_z=-800)
    assert "From lag 1 on the RNN’s gradient is exactly 0: a factor" in note(chapter)
    assert "From lag 1 on the GRU’s" in note(chapter)
    assert "LSTM" not in note(chapter)
    set_state(chapter, PLACE, w_h=1e-6, timesteps=100)
    gone = int(np.flatnonzero(explorer_at(chapter, PLACE).gradients["rnn"] == 0)[0])
    said = f"From lag {gone} on the RNN’s gradient is exactly 0: it is too small"
    assert said in note(chapter)
    assert "Below 10⁻³²: cut off." in note(chapter)
    set_state(chapter, PLACE, w_h=0.58, b_z=0, b_f=3)
    assert results(chapter)["lstm"][0].endswith(", it grew")
    assert note(chapter) == ""


def test_small_values_get_a_scale_that_says_so(chapter):
    set_state(chapter, PLACE, b_z=4.6)
    strong = chapter.locator(f"{PLACE} .u-stage .u-axis text.u-strong")
    assert strong.all_text_contents() == ["0.01", "0"]
    set_state(chapter, PLACE, b_z=0)
    assert strong.count() == 0


EXTREMES = (
    {},
    {"lag": 29, "b_f": 5, "b_i": -5, "b_z": 5},
    {"lag": 0, "b_i": 5, "timesteps": 100},
    {"w_h": -1.2, "impulse": -3},
    {"lag": 99, "w_h": 1.05, "b_i": -5, "b_z": -5, "cell": "rnn"},
    {"timesteps": 2, "impulse": 0, "cell": "gru"},
)


@pytest.mark.parametrize(
    "size", [(320, 600), (390, 660), (768, 1000), (844, 390), (1440, 900)]
)
def test_no_setting_is_cut_off_or_collides(chapter, size):
    chapter.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
    for values in EXTREMES:
        set_state(chapter, PLACE, **values)
        problems = chapter.evaluate(CROWDED, f"{PLACE} .u-stage svg")
        assert not problems, (values, problems)


@pytest.mark.parametrize("size", ROOMS)
def test_the_drawing_has_one_height_and_keeps_to_its_room(visit, size):
    page = visit(CHAPTER, only=PLACE)
    assert one_height(page, PLACE, size, EXTREMES) <= ROOMS[size]


@pytest.mark.parametrize("size", [(320, 600), (390, 660), (1440, 900)])
def test_no_word_of_the_table_runs_into_another(chapter, size):
    chapter.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
    for values in (*EXTREMES, {"w_h": -1, "timesteps": 100, "b_f": 5}):
        set_state(chapter, PLACE, **values)
        over = chapter.locator(f"{PLACE} .results :is(th, td)").evaluate_all(
            """all => all.filter(one => one.scrollWidth > one.clientWidth
                 && getComputedStyle(one).visibility !== 'hidden')
               .map(one => one.textContent)"""
        )
        assert not over, (values, over)


def test_what_is_asked_about_is_not_drawn_before_it_is_shown(chapter):
    ask_first(chapter, PLACE, "Who remembers?")
    shown = chapter.locator(f"{PLACE} .u-stage")
    assert shown.locator(".u-handle").first.is_visible()
    answers = [".u-bars.u-answer", ".u-lines.u-answer", ".u-dots", ".results td"]
    assert not [one for one in answers if shown.locator(one).first.is_visible()]
    small = [one for one in shown.locator(".u-axis text").all() if one.is_visible()]
    told = {one.text_content() for one in small}
    assert told <= {"0", "1", "2", "−2", "10⁻¹"}, "no scale tells"
    chapter.locator(f"{PLACE} .u-show").click()
    settle(chapter)
    assert all(shown.locator(one).first.is_visible() for one in answers)
    assert_shows_what_python_computes(chapter)


def test_the_whole_formula_is_there_on_a_desk(visit):
    page = visit(CHAPTER, only=PLACE)
    page.set_viewport_size({"width": 1440, "height": 900})
    cut = "one => one.scrollHeight - one.clientHeight"
    for cell in CELLS:
        set_state(page, PLACE, cell=cell)
        assert page.locator(f"{PLACE} .u-formula").evaluate(cut) == 0, cell
    reset = page.locator(f"{PLACE} .u-actions button").last
    assert reset.is_visible()
    page.set_viewport_size({"width": 390, "height": 800})
    settle(page)
    assert not reset.is_visible(), "it is under “More” again, which is shut"


def test_a_finger_drags_a_gate_and_still_scrolls(visit):
    phone = visit(CHAPTER, only=PLACE, **PHONE)
    grip = phone.locator(f"{PLACE} [data-grip=f]")
    grip.evaluate("el => el.scrollIntoView({block: 'center'})")
    stood = phone.evaluate("scrollY")
    x, y = centre(grip)
    touch(phone, path((x, y), (x, y - 12)))
    model = "document.querySelector('#race').model"
    phone.wait_for_function(f"{model}.get('b_f') > 0.8")
    assert phone.evaluate("scrollY") == stood
    # a tap in a lane chooses, a drag there scrolls
    lane = phone.locator(f"{PLACE} .u-stage .u-bars:visible").nth(2).bounding_box()
    x, y = lane["x"] + 60, lane["y"] + lane["height"] / 2
    touch(phone, [(x, y)])
    assert explorer_at(phone, PLACE).cell == "gru"
    assert explorer_at(phone, PLACE).lag > 3
    touch(phone, path((x, y), (x, y - 150)))
    phone.wait_for_function(f"scrollY > {stood} + 50")
    assert_shows_what_python_computes(phone)
