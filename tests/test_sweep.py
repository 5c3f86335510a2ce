"""What `unrolled.sweep` promises.

In a kernel it is `ipywidgets.interactive`. In a build of the book it draws every stop
once, at exactly the values that the sliders pass, and says where and why it cannot. One
tiny book, built once and opened in Chromium, shows that its frames come alive.
"""

import gzip
import json
import re
import subprocess
import sys
from decimal import Decimal
from xml.etree import ElementTree

import ipywidgets
import matplotlib.pyplot as plt
import numpy as np
import pytest
from conftest import ROOT
from ipywidgets import FloatSlider, IntSlider, SelectionSlider
from matplotlib.figure import Figure
from reader import open_page, settle
from test_book import PACKAGE, build, write_book

from unrolled import figures, sweep, sweeps

ALT = "A line with gain = {gain}"


@pytest.fixture
def in_book(monkeypatch):
    """As in a kernel that makes a page of the book."""
    monkeypatch.setenv("UNROLLED_BOOK", "1")
    monkeypatch.setattr(sweeps, "_carried", [])
    yield
    plt.close("all")


def draw(gain, other=0):
    figure, axes = plt.subplots(figsize=(3, 2))
    axes.plot([0, 1], [0, gain], color=figures.COLOURS["negative"])
    axes.set_xlabel(f"gain is {gain}, other is {other}")
    return figure


def gains(value=0.0, **options):
    return FloatSlider(
        value=value, **({"min": -0.2, "max": 0.2, "step": 0.1} | options)
    )


# In a kernel


def test_in_a_kernel_it_is_interactive_and_nothing_else(monkeypatch):
    monkeypatch.delenv("UNROLLED_BOOK", raising=False)
    seen = []

    def function(gain):
        seen.append(gain)
        return gain * 2

    slider = gains(0.1)
    shown = sweep(function, alt=ALT, gain=slider)
    assert type(shown) is ipywidgets.interactive
    assert shown.f is function
    assert shown.children[0] is slider
    assert seen == [0.1]
    slider.value = 0.2
    assert seen == [0.1, 0.2]
    assert shown.result == 0.4


def test_asking_for_sweep_brings_it_in_and_other_names_do_not_exist():
    import unrolled

    assert unrolled.sweep is sweeps.sweep
    with pytest.raises(AttributeError, match="no attribute 'sweeep'"):
        unrolled.sweeep  # noqa: B018
    code = "import sys, unrolled; print({'ipywidgets', 'numpy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "set()"


# What it refuses


@pytest.mark.parametrize("book", ["", "1"])
@pytest.mark.parametrize(
    ("given", "error", "said"),
    [
        ({"gain": 3}, TypeError, "gain is 3, but must be a FloatSlider, an IntSlider"),
        ({"gain": (0, 1, 0.1)}, TypeError, "such as gain=FloatSlider(min=0"),
        ({"gain": ipywidgets.Checkbox()}, TypeError, "gain is Checkbox("),
        ({"gain": ipywidgets.FloatRangeSlider()}, TypeError, "must be a FloatSlider"),
        ({}, TypeError, "the sliders given are none, but a sweep has one or two"),
        ({name: gains() for name in "abc"}, TypeError, "given are a, b, c, but"),
        ({"frames": gains()}, ValueError, "a slider cannot be called 'frames'"),
        ({"gain": gains(), "title": 3}, TypeError, "title is 3, but must be text"),
        ({"gain": gains(), "alt": None}, ValueError, "there is no alternative text"),
        ({"gain": gains(), "alt": "  "}, ValueError, "over time with gain = {gain}"),
        ({"gain": gains(), "alt": "A line"}, ValueError, "not say where gain stands"),
        ({"gain": gains(), "alt": "{gain} {w}"}, ValueError, "{w}, but the sliders"),
        ({"gain": gains(), "alt": "{gain"}, ValueError, "alt cannot be read"),
    ],
)
def test_what_is_given_is_named(monkeypatch, book, given, error, said):
    monkeypatch.setenv("UNROLLED_BOOK", book)
    with pytest.raises(error) as raised:
        sweep(draw, **({"alt": ALT} | given))
    assert str(raised.value).startswith("sweep: ")
    assert said in str(raised.value)


def test_what_is_not_a_function_is_named():
    with pytest.raises(TypeError, match="sweep: function is 'draw', but must be a fun"):
        sweep("draw", alt=ALT, gain=gains())


@pytest.mark.parametrize(
    ("slider", "said"),
    [
        (gains(step=0), "the step of gain is 0.0, but must be above 0"),
        (gains(step=None), "the step of gain is None, but must be above 0"),
        (gains(max=float("inf")), "gain goes from -0.2 to inf, but its ends must be"),
        (gains(max=-0.15, value=-0.2), "gain has a single stop"),
        (gains(0.05), "gain starts at 0.05, which is not one of its stops; the near"),
        (gains(step=0.001), "gain has 401 stops, but a sweep may have 200"),
        (gains(step=1e-300), "a larger step or a shorter range"),
        (SelectionSlider(options=[("a", 1), ("a", 2)]), "two options that read the"),
    ],
)
def test_stops_that_do_not_fit_are_refused_before_anything_runs(in_book, slider, said):
    with pytest.raises(ValueError) as raised:
        sweep(lambda gain: pytest.fail("it ran"), alt=ALT, gain=slider)
    assert said in str(raised.value)


def test_two_sliders_with_too_many_stops_together_are_refused(in_book):
    sliders = {"gain": IntSlider(max=19), "other": IntSlider(max=10)}
    with pytest.raises(
        ValueError, match="gain has 20 stops and other has 11 .*220 tog"
    ):
        sweep(lambda **_: pytest.fail("it ran"), alt="{gain} {other}", **sliders)


def test_an_alt_whose_format_does_not_fit_is_refused_before_anything_runs(in_book):
    slider = SelectionSlider(options=["tanh", "relu"])
    with pytest.raises(
        ValueError, match="alt does not fit at gain = tanh: Unknown for"
    ):
        sweep(lambda gain: pytest.fail("it ran"), alt="{gain:.2f}", gain=slider)


def test_a_function_that_fails_at_one_stop_is_an_error_that_names_the_stop(in_book):
    def function(w_h, other):
        figure = draw(w_h)
        if (w_h, other) == (0.4, 2):
            raise ZeroDivisionError("nothing to divide by")
        return figure

    w_h = FloatSlider(min=0.1, max=1.0, step=0.1, value=0.1)
    with pytest.raises(RuntimeError) as raised:
        sweep(function, alt="{w_h}, {other}", w_h=w_h, other=IntSlider(min=1, max=2))
    assert str(raised.value) == (
        "sweep: function failed at w_h = 0.4, other = 2: "
        "ZeroDivisionError: nothing to divide by"
    )
    assert isinstance(raised.value.__cause__, ZeroDivisionError)
    assert plt.get_fignums() == []


def test_a_figure_that_cannot_be_drawn_is_an_error_that_names_the_stop(in_book):
    def function(gain):
        figure = draw(gain)
        if gain == 0.1:
            figure.axes[0].set_title("$\\nothing$")
        return figure

    with pytest.raises(RuntimeError, match=r"failed at gain = 0\.1: ValueError"):
        sweep(function, alt=ALT, gain=gains())


@pytest.mark.parametrize(
    ("returned", "said"),
    [
        (lambda figure: None, "returned None at gain = 0.1, but must return a"),
        (lambda figure: None, "end the function with `return figure`"),
        (lambda figure: figure.axes[0], "returned <Axes:"),
        (lambda figure: figure.axes[0], "its figure is its attribute `figure`"),
        (lambda figure: (figure, figure.axes[0]), "returned (<Figure"),
    ],
)
def test_a_function_that_returns_no_figure_is_an_error_that_names_the_stop(
    in_book, returned, said
):
    def function(gain):
        figure = draw(gain)
        return returned(figure) if gain == 0.1 else figure

    with pytest.raises(TypeError) as raised:
        sweep(function, alt=ALT, gain=gains())
    assert said in str(raised.value)
    assert "at gain = 0.1" in str(raised.value)
    assert plt.get_fignums() == []


# The stops


@pytest.mark.parametrize(
    ("low", "high", "step", "count"),
    [
        ("-1", "1", "0.1", 21),
        ("0", "1.6", "0.1", 17),
        ("0.1", "1", "0.3", 4),
        ("0", "1", "0.3", 4),  # 1.2 would be beyond the end
        ("-0.05", "0.05", "0.01", 11),
        ("1e-05", "5e-05", "1e-05", 5),
    ],
)
def test_stops_are_exact_and_are_what_the_slider_itself_passes(
    in_book, monkeypatch, low, high, step, count
):
    seen = []

    def function(gain):
        seen.append(gain)
        return draw(gain)

    slider = FloatSlider(
        min=float(low), max=float(high), step=float(step), value=float(low)
    )
    sweep(function, alt=ALT, gain=slider)
    exact = [float(Decimal(low) + k * Decimal(step)) for k in range(count)]
    assert seen == exact
    assert all(type(value) is float for value in seen)

    monkeypatch.setenv("UNROLLED_BOOK", "")
    passed = []
    sweep(lambda gain: passed.append(gain), alt=ALT, gain=slider)
    for value in exact[1:]:
        slider.value = value
    assert passed == exact


def test_whole_numbers_stay_whole_and_choices_pass_their_values(in_book):
    seen = []

    def function(gain, other):
        seen.append((gain, other))
        return draw(gain, other)

    shown = sweep(
        function,
        alt="{gain}: {other}",
        gain=IntSlider(min=2, max=6, step=2, value=4),
        other=SelectionSlider(options=[("tanh", np.tanh), ("relu", abs)], value=abs),
    )
    assert seen == [(gain, one) for gain in (2, 4, 6) for one in (np.tanh, abs)]
    assert all(type(gain) is int for gain, _ in seen)
    assert shown.description() == "4: relu"
    assert [shown.state[name] for name in ("gain", "other")] == [4, "relu"]


# What the page gets


def test_the_page_gets_frames_that_share_a_box_and_have_their_own_words(in_book):
    def function(gain):
        figure = draw(gain)
        figure.axes[0].set_ylabel("state" * int(1 + 10 * abs(gain)))
        return figure

    shown = sweep(function, alt=ALT, gain=gains(0.1), name="line")
    data, metadata = shown._repr_mimebundle_()
    page = metadata["image/svg+xml"]["unrolled"]
    json.dumps(page, allow_nan=False)
    assert page["explorer"] == "sweep"
    assert page["name"] == "line"
    assert page["traits"]["gain"] == 0.1
    (slider,) = page["traits"]["sliders"]
    assert slider == {
        "name": "gain",
        "label": "gain",
        "stops": [-0.2, -0.1, 0.0, 0.1, 0.2],
        "step": 0.1,
        "decimals": 1,
    }
    assert metadata["image/svg+xml"]["alt"] == "A line with gain = 0.1"
    assert "gain is 0.1," in data["image/svg+xml"]

    frames = [ElementTree.fromstring(frame) for frame in page["traits"]["frames"]]
    ids = [{e.get("id") for e in frame.iter()} - {None} for frame in frames]
    assert len(set.union(*ids)) == sum(map(len, ids)) > 50, "ids are a frame's own"
    for frame, text, gain in zip(
        frames, page["traits"]["frames"], slider["stops"], strict=True
    ):
        assert frame.get("role") == "img"
        assert frame.get("aria-label") == f"A line with gain = {gain}"
        assert f"gain is {gain}," in "".join(frame.itertext())
        assert "stroke: var(--unrolled-negative, #2f6db3)" in text
    boxes = {tuple(map(frame.get, ("viewBox", "width"))) for frame in frames}
    assert len(boxes) == 1, "nothing jumps"
    axes = {
        re.search(r'axes_1">.*?<path d="([^"]+)"', t, re.S)[1] for t in shown.frames
    }
    assert len(axes) == 1
    left, top, width, height = map(float, frames[0].get("viewBox").split())
    assert 200 < width < 260, "the figure is 216 points wide"
    places = [
        (float(text.get("x")), float(text.get("y")))
        for frame in frames
        for text in frame.iter("{http://www.w3.org/2000/svg}text")
    ]
    assert len(places) > 30
    assert all(left < x < left + width and top < y < top + height for x, y in places), (
        "nothing is cut off"
    )


def test_frames_are_not_in_the_widgets_state(in_book):
    shown = sweep(draw, alt=ALT, gain=gains())
    assert len(json.dumps(shown.get_state(["name"]))) < 100
    assert set(shown.keys) & {"frames", "sliders", "gain"} == set()


def test_what_was_open_stays_open_and_nothing_else_is_shown(in_book, capsys):
    mine = plt.figure()

    def function(gain):
        print("loud")
        draw(gain)  # and forgotten
        return draw(gain)

    sweep(function, alt=ALT, gain=gains())
    assert plt.get_fignums() == [mine.number]
    assert capsys.readouterr().out == ""


def test_one_figure_may_be_drawn_again_and_again(in_book):
    figure = Figure(figsize=(3, 2))
    (line,) = figure.subplots().plot([0, 1], [0, 1])

    def function(gain):
        line.set_ydata([0, gain])
        return figure

    shown = sweep(function, alt=ALT, gain=gains())
    lines = {
        re.search(r'line2d_\d+">\s*<path d="([^"]+)" clip', t)[1] for t in shown.frames
    }
    assert len(lines) == 5


def test_frames_are_cut_to_what_can_be_seen(in_book):
    """Coordinates to a hundredth of a point, and no other number touched."""

    def function(gain):
        figure = draw(gain)
        figure.axes[0].set_title("0.123456 is 0.123456")
        figure.axes[0].scatter([0.123456, 0.2], [0.01, 0.02])
        return figure

    frame = sweep(function, alt=ALT, gain=gains()).frames[0]
    assert "0.123456 is 0.123456" in frame
    marks = re.findall(r"<(?:path|use)\b[^>]*>", frame)
    assert len(marks) > 20
    assert not re.search(r"\d\.\d{3}", "".join(marks))
    assert re.search(r"\d\.\d{2}\b", "".join(marks))


# The page's weight


def test_a_page_that_would_be_too_heavy_is_refused(in_book):
    noise = np.random.default_rng(0).normal(size=(12, 2000))

    def function(stop):
        figure, axes = plt.subplots()
        axes.plot(noise[stop], ".")
        return figure

    def noisy(stops):
        slider = IntSlider(min=0, max=stops - 1, value=0)
        return sweep(function, alt="Noise {stop}", stop=slider)

    first = noisy(4)
    text = json.dumps(first.frames, ensure_ascii=False).replace("<", "\\u003c")
    weight = len(gzip.compress(text.encode(), 6))
    assert 50_000 < weight < 75_000
    assert sweeps._carried == [weight]
    noisy(4)
    with pytest.raises(ValueError) as raised:
        noisy(4)
    each, before = re.search(
        r"its 4 frames are (\d+) KB gzip, and the sweeps before it (\d+) KB, but those "
        r"of a page may be 150 KB together\. Take fewer stops",
        str(raised.value),
    ).groups()
    assert int(each) == pytest.approx(weight / 1000, rel=0.05)
    assert int(before) == pytest.approx(2 * weight / 1000, rel=0.05)
    sweeps._carried.clear()  # as in another kernel
    noisy(4)
    sweeps._carried.clear()
    with pytest.raises(
        ValueError, match=r"its 12 frames are \d+ KB gzip, but those of"
    ):
        noisy(12)


# A page of the book, in a browser

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


@pytest.fixture(scope="module")
def page_address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sweep") / "book"
    book = write_book(folder, {"start": "# Start\n", "page": [(LINE, {}), (TWO, {})]})
    result = build(book, PACKAGE)
    assert result.returncode == 0, result.stdout
    return (book / "_build" / "html" / "page.html").as_uri()


def frame_of(page, name):
    """The one frame that a reader sees: its alternative text, and its own words."""
    settle(page)
    frame = page.locator(f"#{name} .u-frame > svg")
    assert frame.count() == 1
    assert frame.is_visible()
    return frame.get_attribute("aria-label"), frame.text_content()


def assert_shows(page, name, alt, drawn):
    label, text = frame_of(page, name)
    assert label == alt
    assert drawn in text


def test_the_keyboard_shows_the_frame_of_each_stop(chromium, page_address):
    with open_page(chromium, page_address) as page:
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
        page.wait_for_timeout(700)
        live = page.locator("#line [aria-live]")
        assert live.text_content() == "A line with gain = -0.5"
        page.click("#line >> text=Reset")
        assert_shows(page, "line", "A line with gain = 0.9", "gain is 0.9,")
        # without what it does not have
        assert page.locator("#line .u-formula, #line .u-presets").count() == 0


def test_every_stop_can_be_reached_and_has_its_frame(chromium, page_address):
    with open_page(chromium, page_address) as page:
        slider = page.locator("#line input[type=range]")
        for tenths in range(-5, 16):
            gain = tenths / 10
            slider.evaluate(
                "(el, value) => { el.value = value;"
                "el.dispatchEvent(new Event('input')); }",
                str(gain),
            )
            assert_shows(page, "line", f"A line with gain = {gain}", f"gain is {gain},")


def test_the_number_box_goes_to_the_nearest_stop_and_says_so(chromium, page_address):
    with open_page(chromium, page_address) as page:
        box = page.locator("#line input[type=number]")
        box.fill("0.33")
        assert_shows(page, "line", "A line with gain = 0.3", "gain is 0.3,")
        assert "gain = 0.33 was not drawn" in page.locator("#line .u-note").inner_text()
        box.press("Tab")
        assert box.input_value() == "0.3"
        box.fill("40")
        assert_shows(page, "line", "A line with gain = 1.5", "gain is 1.5,")
        box.press("Tab")
        box.press("ArrowDown")
        assert_shows(page, "line", "A line with gain = 1.4", "gain is 1.4,")
        assert page.locator("#line .u-note").inner_text() == ""


def test_a_link_sets_it_to_a_stop(chromium, page_address):
    with open_page(chromium, f"{page_address}#line:gain=-0.3") as page:
        assert_shows(page, "line", "A line with gain = -0.3", "gain is -0.3,")
        page.evaluate("location.hash = '#line:gain=0.33'")
        note = page.locator("#line .u-note")
        note.filter(has_text="gain = 0.33, which this figure cannot show").wait_for()
        assert_shows(page, "line", "A line with gain = 0.9", "gain is 0.9,")
        page.evaluate("location.hash = '#two:gain=3;other=relu'")
        page.locator("#two .u-frame > svg[aria-label$='3 and relu']").wait_for()


def test_two_sliders_choose_among_all_their_frames(chromium, page_address):
    with open_page(chromium, page_address) as page:
        assert page.locator("#two .u-title").inner_text() == "Two at once"
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


def test_without_javascript_the_opening_frame_is_there(chromium, page_address):
    with open_page(chromium, page_address, java_script_enabled=False) as page:
        pictures = page.locator("[data-explorer] svg[role=img]")
        assert pictures.count() == 2
        for k, alt in enumerate(
            ("A line with gain = 0.9", "A line with gain = 2 and tanh")
        ):
            assert pictures.nth(k).is_visible()
            assert pictures.nth(k).get_attribute("aria-label") == alt


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_frames_follow_the_light_and_the_dark(chromium, page_address, theme):
    tokens = json.loads((PACKAGE / "tokens.json").read_text("utf-8"))[theme]

    def rgb(token):
        red, green, blue = (int(tokens[token][k : k + 2], 16) for k in (1, 3, 5))
        return f"rgb({red}, {green}, {blue})"

    with open_page(chromium, page_address, theme=theme) as page:
        settle(page)
        frame = page.locator("#line .u-frame > svg")
        ink = frame.locator("text").first.evaluate("el => getComputedStyle(el).fill")
        assert ink == rgb("soft")
        strokes = frame.locator("path").evaluate_all(
            "all => all.map(el => getComputedStyle(el).stroke)"
        )
        assert rgb("accent") in strokes


def test_on_a_narrow_screen_the_frame_scrolls_and_not_the_page(chromium, page_address):
    options = {"viewport": {"width": 320, "height": 700}}
    with open_page(chromium, page_address, **options) as page:
        settle(page)
        wide, screen = page.evaluate(
            "[document.documentElement.scrollWidth, innerWidth]"
        )
        assert wide <= screen
        frame = page.locator("#line .u-frame")
        assert frame.evaluate("el => el.scrollWidth > el.clientWidth")
        assert frame.get_attribute("tabindex") == "0"
        frame.press("ArrowRight")
        page.wait_for_function("document.activeElement.scrollLeft > 0", timeout=5000)
    with open_page(chromium, page_address) as page:
        settle(page)
        assert page.locator("#line .u-frame").get_attribute("tabindex") is None


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing(chromium, page_address, theme, width):
    axe = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
    options = {"theme": theme, "viewport": {"width": width, "height": 800}}
    with open_page(chromium, page_address, **options) as page:
        settle(page)
        page.evaluate(axe.read_text("utf-8"))
        found = page.evaluate("axe.run({preload: false}).then(r => r.violations)")
        report = [
            (one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found
        ]
        assert not report, json.dumps(report, indent=1)
