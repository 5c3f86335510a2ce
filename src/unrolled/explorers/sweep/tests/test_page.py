"""A sweep on a page of the book: its frames come alive where there is no Python.

One tiny book is built for it, and opened from its files.
"""

import json

import pytest
from hands import ROOT
from hands.books import PACKAGE, build, write_book
from hands.every import EveryPage
from hands.reader import CROWDED, Visits, open_page, settle

from unrolled.explorers import Sweep

LINE = """
from ipywidgets import FloatSlider, IntSlider, SelectionSlider
import matplotlib.pyplot as plt
from unrolled import figures, sweep
figures.use_style()

def line(gain, other=0):
    print("this is not on the page")
    figure, axes = plt.subplots(figsize=(4, 2))
    axes.plot([0, 1], [0, gain])
    axes.set(xlabel=f"gain is {gain}, other is {other}", ylim=(-2, 2))
    return figure

sweep(
    line,
    gain=FloatSlider(value=0.9, min=-0.5, max=1.5, step=0.1),
    alt="A line with gain = {gain}",
    name="line",
)
"""
TWO = """
sweep(
    line,
    gain=IntSlider(value=2, min=1, max=3),
    other=SelectionSlider(options=["tanh", "relu"]),
    alt="A line with gain = {gain} and {other}",
    name="two",
    title="Two at once",
    try_this="Move both.",
)
"""
PAIR = """
sweep(
    line,
    gain=IntSlider(min=1, max=2, value=1),
    other=IntSlider(min=1, max=2, value=1, description="w_h"),
    alt="A line with gain = {gain} and {other}",
    name="pair",
)
"""
DESK = """
def wide(gain):
    figure, axes = plt.subplots(figsize=(5.6, 2.2))
    axes.plot([0, 1], [0, gain])
    axes.set(xlabel=f"the gain is {gain}", ylabel="a state", ylim=(-2, 2))
    return figure

sweep(
    wide,
    gain=IntSlider(value=-2, min=-2, max=1),
    alt="A line with gain = {gain}",
    name="desk",
)
"""

PAGE = "notebooks/page.html"


@pytest.fixture(scope="module")
def html(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sweep") / "book"
    page = [(LINE, {}), (TWO, {}), (PAIR, {}), (DESK, {})]
    book = write_book(folder, {"start": "# Start\n", "notebooks/page": page})
    result = build(book)
    assert result.returncode == 0, result.stdout
    return book / "_build" / "html"


@pytest.fixture(scope="module")
def visits(chromium, html):
    opened = Visits(chromium, {"http": html.as_uri()})
    yield opened
    opened.close()


@pytest.fixture
def page(visit):
    return visit(PAGE)


class TestPage(EveryPage):
    kind = Sweep
    lays_out_the_page = True
    chapter = "page"
    name = "line"
    told_apart = {"gain": 0.5}

    def test_python_makes_the_same_explorer(self):
        """It is made from what a function draws, never from a page's state."""
        with pytest.raises(TypeError):
            Sweep()


def frame_of(page, name):
    """The one frame that a reader sees: its alternative text, and its own words."""
    settle(page)
    frame = page.locator(f"#{name} .frame > svg")
    assert frame.count() == 1
    assert frame.is_visible()
    return frame.get_attribute("aria-label"), frame.text_content()


def assert_shows(page, name, alt, drawn):
    label, text = frame_of(page, name)
    assert label == alt
    assert drawn in text


def note_of(page, name):
    return page.locator(f"#{name} .u-note")


def test_the_keyboard_shows_the_frame_of_each_stop(page):
    assert "this is not on the page" in page.content().split("</pre>")[0]
    assert page.locator(".output.stream").count() == 0
    assert_shows(page, "line", "A line with gain = 0.9", "gain is 0.9,")
    slider = page.locator("#line input[type=range]")
    slider.focus()
    for gain in ("1.0", "1.1", "1.2"):
        page.keyboard.press("ArrowRight")
        assert_shows(page, "line", f"A line with gain = {gain}", f"gain is {gain},")
        assert slider.get_attribute("aria-valuetext") == gain
    page.keyboard.press("Home")
    assert_shows(page, "line", "A line with gain = -0.5", "gain is -0.5,")
    page.wait_for_function(
        "el => el.textContent === 'A line with gain = -0.5'",
        arg=page.locator("#line [aria-live]").element_handle(),
    )
    page.click("#line >> text=Reset")
    assert_shows(page, "line", "A line with gain = 0.9", "gain is 0.9,")
    # without what it does not have
    assert page.locator("#line .u-formula, #line .u-presets").count() == 0


def test_every_stop_can_be_reached_and_has_its_frame(page):
    slider = page.locator("#line input[type=range]")
    for tenths in range(-5, 16):
        gain = tenths / 10
        slider.evaluate(
            "(el, value) => { el.value = value;el.dispatchEvent(new Event('input')); }",
            str(gain),
        )
        assert_shows(page, "line", f"A line with gain = {gain}", f"gain is {gain},")


def test_the_number_box_goes_to_the_nearest_stop_and_says_so(page):
    box = page.locator("#line input[type=number]")
    box.fill("0.33")
    assert_shows(page, "line", "A line with gain = 0.3", "gain is 0.3,")
    assert note_of(page, "line").inner_text() == (
        "gain = 0.33 was not drawn: there are pictures from -0.5 to 1.5 in steps of "
        "0.1. This is 0.3."
    )
    box.press("Tab")
    assert box.input_value() == "0.3"
    box.fill("40")
    assert_shows(page, "line", "A line with gain = 1.5", "gain is 1.5,")
    box.press("Tab")
    box.press("ArrowDown")
    assert_shows(page, "line", "A line with gain = 1.4", "gain is 1.4,")
    assert note_of(page, "line").inner_text() == ""


def test_a_page_opens_at_the_stop_of_its_address(chromium, html):
    address = (html / PAGE).as_uri()
    with open_page(chromium, f"{address}#line:gain=-0.3") as page:
        assert_shows(page, "line", "A line with gain = -0.3", "gain is -0.3,")


def test_a_link_sets_it_to_a_stop(page):
    page.evaluate("location.hash = '#line:gain=-0.3'")
    page.locator("#line .frame > svg[aria-label$='gain = -0.3']").wait_for()
    page.evaluate("location.hash = '#line:gain=0.33'")
    cannot = "gain = 0.33, which this figure cannot show"
    note_of(page, "line").filter(has_text=cannot).wait_for()
    assert_shows(page, "line", "A line with gain = 0.9", "gain is 0.9,")
    page.evaluate("location.hash = '#two:gain=3;other=relu'")
    page.locator("#two .frame > svg[aria-label$='3 and relu']").wait_for()


def test_two_sliders_choose_among_all_their_frames(page):
    gain = page.locator("#two input[type=range][aria-label=gain]")
    other = page.locator("#two input[type=range][aria-label=other]")
    for word, key in (("tanh", "Home"), ("relu", "End")):
        other.press(key)
        settle(page)
        assert other.get_attribute("aria-valuetext") == word
        assert page.locator("#two .u-readout").inner_text() == word
        gain.press("Home")
        for k in (1, 2, 3):
            alt = f"A line with gain = {k} and {word}"
            assert_shows(page, "two", alt, f"gain is {k}, other is {word}")
            gain.press("ArrowRight")


def test_its_first_two_lines_are_the_pages_own_or_the_usual(page):
    usual = (
        "Move a slider: at each of its stops, the code above drew the picture that you "
        "see."
    )
    for name, title, try_this in (
        ("line", "One picture for every gain", usual),
        ("two", "Two at once", "Move both."),
        ("pair", "One picture for every gain and w_h", usual),
    ):
        assert page.locator(f"#{name} .u-title").inner_text() == title
        assert page.locator(f"#{name} .u-try").inner_text() == try_this
        explorer = page.locator(f"#{name} .u-explorer")
        assert explorer.get_attribute("aria-label") == title


def test_without_javascript_the_opening_frame_is_there(visit):
    page = visit(PAGE, java_script_enabled=False)
    pictures = page.locator("[data-explorer] svg[role=img]")
    opening = ["gain = 0.9", "gain = 2 and tanh", "gain = 1 and 1", "gain = -2"]
    assert pictures.count() == len(opening)
    for k, what in enumerate(opening):
        assert pictures.nth(k).is_visible()
        assert pictures.nth(k).get_attribute("aria-label") == f"A line with {what}"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_frames_follow_the_light_and_the_dark(page, theme):
    tokens = json.loads((PACKAGE / "tokens.json").read_text("utf-8"))[theme]

    def rgb(token):
        red, green, blue = (int(tokens[token][k : k + 2], 16) for k in (1, 3, 5))
        return f"rgb({red}, {green}, {blue})"

    page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
    settle(page)
    frame = page.locator("#line .frame > svg")
    ink = frame.locator("text").first.evaluate("el => getComputedStyle(el).fill")
    assert ink == rgb("soft")
    strokes = frame.locator("path").evaluate_all(
        "all => all.map(el => getComputedStyle(el).stroke)"
    )
    assert rgb("accent") in strokes


@pytest.mark.parametrize("width", [320, 390])
def test_a_phone_has_frames_of_its_own_and_nothing_is_cut_off(visit, width):
    """A figure that is too wide is drawn for it; letters are as large as on a desk."""
    page = visit(PAGE, viewport={"width": width, "height": 700})
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width
    for slider in ("ArrowRight", "End"):
        page.locator("#desk input[type=range]").press(slider)
        settle(page)
        frame = page.locator("#desk .frame")
        assert frame.evaluate("el => el.scrollWidth <= el.clientWidth")
        assert frame.get_attribute("tabindex") is None
        box = frame.locator("svg").bounding_box()
        place = page.locator("#desk .u-stage").bounding_box()
        assert box["x"] >= place["x"] - 1
        assert box["x"] + box["width"] <= place["x"] + place["width"] + 1
        assert box["width"] > 0.75 * place["width"], "and it is not small"
        assert not page.evaluate(CROWDED, "#desk .frame svg")
    page.set_viewport_size({"width": 1280, "height": 900})
    settle(page)
    assert page.locator("#desk .frame svg").bounding_box()["width"] > 450


def test_two_frames_never_have_two_heights(visit):
    for width in (320, 1280):
        page = visit(PAGE, viewport={"width": width, "height": 700})
        heights = set()
        for _ in range(3):
            page.locator("#desk input[type=range]").press("ArrowRight")
            settle(page)
            heights.add(page.locator("#desk .u-stage").bounding_box()["height"])
        assert len(heights) == 1


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing(visit, theme, width):
    axe = ROOT / "node_modules" / "axe-core" / "axe.min.js"
    options = {"theme": theme, "viewport": {"width": width, "height": 800}}
    page = visit(PAGE, **options)
    page.evaluate(axe.read_text("utf-8"))
    found = page.evaluate("axe.run({preload: false}).then(r => r.violations)")
    report = [
        (one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found
    ]
    assert not report, json.dumps(report, indent=1)
