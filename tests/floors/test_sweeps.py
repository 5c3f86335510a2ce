"""What `unrolled.sweep` promises.

In a kernel it is `ipywidgets.interactive`. In a build of the book it draws every stop
once, at exactly the values that the sliders pass, and says where and why it cannot.
What the frames do on a page is tested in their room, src/unrolled/explorers/sweep/.
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
from ipywidgets import FloatSlider, IntSlider, SelectionSlider
from jupyter_client.manager import start_new_kernel
from matplotlib.figure import Figure

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


def weigh(shown):
    """The bytes of a sweep's frames on a page, gzip."""
    text = json.dumps([*shown.frames, *shown.narrow], ensure_ascii=False)
    return len(gzip.compress(text.replace("<", "\\u003c").encode(), 6))


def gains(value=0.0, **options):
    return FloatSlider(
        value=value, **({"min": -0.2, "max": 0.2, "step": 0.1} | options)
    )


# In a kernel


def test_in_a_kernel_it_is_interactive(monkeypatch):
    monkeypatch.delenv("UNROLLED_BOOK", raising=False)
    seen = []

    def function(gain, other=0):
        seen.append(gain)
        return draw(gain, other)

    slider = gains(0.1)
    shown = sweep(function, alt=ALT, gain=slider)
    assert type(shown) is ipywidgets.interactive
    assert shown.children[0] is slider
    assert len(shown.children) == 2, "a slider and a picture: what is not given stays"
    assert seen == [0.1]
    slider.value = 0.2
    assert seen == [0.1, 0.2]
    assert shown.result.axes[0].get_xlabel() == "gain is 0.2, other is 0"


# In a reader's kernel, where the backend is the reader's choice and no cell ends when a
# slider is moved.
LIVE = """
import matplotlib, matplotlib.pyplot as plt
from ipywidgets import FloatSlider
from unrolled import sweep

def draw(gain):
    figure, axes = plt.subplots(figsize=(3, 2))
    axes.set_xlabel(f"gain is {gain}")
    plt.subplots()  # and forgotten
    return figure

slider = FloatSlider(value=0.0, min=0, max=1, step=0.01)
shown = sweep(draw, alt="A line with gain = {gain}", gain=slider)
print(slider.comm.comm_id)
"""


class Kernel:
    """A kernel and what it shows."""

    def __init__(self):
        self._manager, self._client = start_new_kernel(kernel_name="python3")

    def run(self, source):
        """Run a cell: the pictures that it shows, and what it prints."""
        return self._shown(self._client.execute(source))

    def move(self, slider, value):
        """A slider is moved in the page: the pictures that follow."""
        state = {"method": "update", "state": {"value": value}, "buffer_paths": []}
        message = self._client.session.msg(
            "comm_msg", {"comm_id": slider, "data": state}
        )
        self._client.shell_channel.send(message)
        return self._shown(message["header"]["msg_id"])

    def _shown(self, cause):
        pictures, text = [], ""
        while True:
            message = self._client.get_iopub_msg(timeout=60)
            if message["parent_header"].get("msg_id") != cause:
                continue
            content = message["content"]
            if content.get("execution_state") == "idle":
                return pictures, text
            assert message["msg_type"] != "error", content
            pictures += (
                [content["data"]]
                if "data" in content and (message["msg_type"] == "display_data")
                else []
            )
            text += content.get("text", "")

    def stop(self):
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)


@pytest.mark.slow  # a kernel for each backend
@pytest.mark.parametrize("magic", ["%matplotlib inline", "%matplotlib agg", ""])
def test_in_a_kernel_the_picture_follows_whatever_the_backend(monkeypatch, magic):
    monkeypatch.delenv("UNROLLED_BOOK", raising=False)
    kernel = Kernel()
    try:
        _, slider = kernel.run(f"{magic}\n{LIVE}")
        for k in range(1, 51):
            pictures, _ = kernel.move(slider.strip(), k / 100)
            (picture,) = [one for one in pictures if "image/svg+xml" in one]
            assert f"gain is {k / 100}<" in picture["image/svg+xml"]
            assert not any("image/png" in one for one in pictures)
        _, count = kernel.run("print(len(plt.get_fignums()))")
        assert count.strip() == "0"
    finally:
        kernel.stop()


def test_in_a_kernel_too_a_function_has_to_return_its_figure(monkeypatch, caplog):
    monkeypatch.delenv("UNROLLED_BOOK", raising=False)
    sweep(lambda gain: draw(gain).axes[0], alt=ALT, gain=gains())
    assert "its figure is its attribute `figure`" in caplog.text
    assert plt.get_fignums() == []


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
        "ZeroDivisionError: nothing to divide by. Call it by itself with these "
        "values, and mend it there"
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


@pytest.mark.slow  # many sliders, each with every stop
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
    sweep(lambda gain: passed.append(gain) or draw(gain), alt=ALT, gain=slider)
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
    assert len(set.union(*ids)) == sum(map(len, ids)) > 2 * len(ids), (
        "ids are a frame's own"
    )
    for frame, text, gain in zip(
        frames, page["traits"]["frames"], slider["stops"], strict=True
    ):
        assert frame.get("role") == "img"
        assert frame.get("aria-label") == f"A line with gain = {gain}"
        assert f"gain is {gain}," in "".join(frame.itertext())
        assert 'stroke="var(--unrolled-negative, #2f6db3)"' in text
    boxes = {tuple(map(frame.get, ("viewBox", "width"))) for frame in frames}
    assert len(boxes) == 1, "nothing jumps"
    axes = {re.findall(r'<path d="([^"]+)"', text)[1] for text in shown.frames}
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
    lines = {re.search(r'<path d="([^"]+)" clip', text)[1] for text in shown.frames}
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


def test_a_figure_wider_than_a_phone_is_drawn_for_one_too(in_book):
    """At its width, with letters of the same size, and not for one that fits."""

    def function(gain, width=5.6):
        figure, axes = plt.subplots(figsize=(width, 2.2))
        axes.set(xlabel=f"gain is {gain}", ylabel="a state")
        return figure

    shown = sweep(function, alt=ALT, gain=gains())
    assert len(shown.narrow) == len(shown.frames) == 5
    sizes = {"font": set()}
    for name, frames in (("wide", shown.frames), ("narrow", shown.narrow)):
        drawn = [ElementTree.fromstring(frame) for frame in frames]
        (box,) = {frame.get("viewBox") for frame in drawn}
        sizes[name] = [float(number) for number in box.split()]
        letters = (re.findall(r'font-size="([\d.]+)px', frame) for frame in frames)
        sizes["font"] |= {frozenset(sizes_of_one) for sizes_of_one in letters}
    assert sizes["narrow"][2] * 4 / 3 < 256, "what a screen of 320 px leaves"
    assert sizes["wide"][2] > 1.7 * sizes["narrow"][2]
    assert sizes["narrow"][3] == pytest.approx(sizes["wide"][3], abs=0.1)
    assert sizes["font"] == {frozenset({"10"})}, "nothing is drawn smaller"
    ids = [
        re.findall(r'\bid="([^"]+)"', frame) for frame in shown.frames + shown.narrow
    ]
    assert len(set().union(*ids)) == sum(map(len, ids))
    text = json.dumps([*shown.frames, *shown.narrow], ensure_ascii=False)
    weight = len(gzip.compress(text.replace("<", "\\u003c").encode(), 6))
    assert sweeps._carried == [weight], "both are weighed"
    assert not sweep(lambda gain: function(gain, 2.2), alt=ALT, gain=gains()).narrow


# The page's weight


@pytest.mark.slow  # its frames are as heavy as they must be
def test_a_page_that_would_be_too_heavy_is_refused(in_book):
    noise = np.random.default_rng(0).normal(size=(12, 1000))

    def function(stop):
        figure, axes = plt.subplots()
        axes.plot(noise[stop], ".")
        return figure

    def noisy(stops):
        slider = IntSlider(min=0, max=stops - 1, value=0)
        return sweep(function, alt="Noise {stop}", stop=slider)

    first = noisy(4)
    text = json.dumps([*first.frames, *first.narrow], ensure_ascii=False).replace(
        "<", "\\u003c"
    )
    weight = len(gzip.compress(text.encode(), 6))
    assert 50_000 < weight < 75_000
    assert sweeps._carried == [weight]
    noisy(4)
    with pytest.raises(ValueError) as raised:
        noisy(4)
    each, before = re.search(
        r"its 8 frames are (\d+) KB gzip, and the sweeps before it (\d+) KB, but those "
        r"of a page may be 150 KB together\. Take fewer stops",
        str(raised.value),
    ).groups()
    assert int(each) == pytest.approx(weight / 1000, rel=0.05)
    assert int(before) == pytest.approx(2 * weight / 1000, rel=0.05)
    sweeps._carried.clear()  # as in another kernel
    noisy(4)
    sweeps._carried.clear()
    with pytest.raises(
        ValueError, match=r"its 24 frames are \d+ KB gzip, but those of"
    ):
        noisy(12)
