"""Every explorer in JupyterLab and in Notebook 7: a real server, kernel and browser.

One server serves both; each application opens a notebook of its own, which shows every
explorer, and keeps its kernel for all tests. Where it is about what a reader runs, a
test types Python into the notebook's last cell and runs it with the keyboard; what it
sets up and asks it tells the kernel through the application.
"""

import ast
import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from importlib.resources import files
from urllib.parse import urlparse

import nbformat
import pytest
from hands import memory
from hands.reader import KINDS, stands_alone
from playwright.sync_api import expect

expect.set_options(timeout=60_000)  # for what is waited for; nothing counts on it
TOKEN = "unrolled"
EXPLORERS = [cls for cls in KINDS.values() if stands_alone(cls)]
# the plainest with a state of one unit, which is read in the next cell
UNIT = min(
    (cls for cls in EXPLORERS if {"x", "w_h", "h_0"} <= set(cls.class_traits())),
    key=lambda cls: len(cls.class_traits()),
)
TOKENS = json.loads(files("unrolled").joinpath("tokens.json").read_text("utf-8"))
APPLICATIONS = {"lab": "lab/tree/lab.ipynb", "notebook": "notebooks/notebook.ipynb"}
FINISHED = re.compile(r"^\[\d+\]:$")  # the prompt of a cell that has run
W_H = "recurrent weight w_h"
# what asks, in cells below the explorers
ASKED = [
    "from unrolled.checks import recurrence as check\n"
    "question = Question(check.two_pulses)\nquestion",
    "bit = HiddenState(name='bit', exercise=check.latch)\nbit",
]
SHOWN = 1 + len(EXPLORERS) + len(ASKED)
# Runs a source in the notebook's kernel; what it prints, and what it raises.
TELL = """async source => {
  const { kernel } = jupyterapp.shell.currentWidget.sessionContext.session;
  const asked = kernel.requestExecute({ code: source, store_history: false });
  const [said, raised] = [[], []];
  asked.onIOPub = ({ header, content }) => {
    if (header.msg_type === "stream") said.push(content.text);
    if (header.msg_type === "error") raised.push(content.evalue);
  };
  await asked.done;
  return [said.join(""), raised];
}"""
# No question about news, no look for updates or extensions: nothing leaves the machine.
SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {
        "checkForUpdates": False,
        "fetchNews": "false",
    }
}


def depends(cls=None):
    """What a figure in JupyterLab depends on: its room (all, if none is given)."""
    return [*memory.package(room=cls and cls.bundle), memory.browser()]


def notebook():
    """Shows every explorer, each in a cell and under its bundle's name."""
    sources = ["from unrolled.explorers import *"]
    sources += [f"{c.bundle} = {c.__name__}()\n{c.bundle}" for c in EXPLORERS]
    sources += [*ASKED, ""]
    return nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell(source, id=f"cell-{k}")
            for k, source in enumerate(sources)
        ],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )


def wait_for(condition, what, seconds=60):
    """The first true value of `condition()`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.05)  # between two looks; nothing counts on its length
    raise AssertionError(f"{what}, for {seconds} s")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The address of a Jupyter server in a folder of its own, without a past."""
    home = tmp_path_factory.mktemp("jupyter")
    place = {
        "JUPYTER_CONFIG_DIR": home / "config",
        "JUPYTER_DATA_DIR": home / "data",
        "JUPYTER_RUNTIME_DIR": home / "runtime",
        "JUPYTERLAB_SETTINGS_DIR": home / "settings",
        "JUPYTERLAB_WORKSPACES_DIR": home / "workspaces",
        "IPYTHONDIR": home / "ipython",
    }
    for folder in ("config/labconfig", "notebooks"):
        (home / folder).mkdir(parents=True)
    overrides = home / "config" / "labconfig" / "default_setting_overrides.json"
    overrides.write_text(json.dumps(SETTINGS))
    for application in APPLICATIONS:
        nbformat.write(notebook(), home / "notebooks" / f"{application}.ipynb")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
    command += ["--ip=127.0.0.1", f"--port={port}", f"--IdentityProvider.token={TOKEN}"]
    command += [f"--ServerApp.root_dir={home / 'notebooks'}"]
    command += ["--LabApp.extension_manager=readonly", "--LabApp.news_url="]
    never = "jupyterlab.handlers.announcements.NeverCheckForUpdate"
    command += [f"--LabApp.check_for_updates_class={never}"]
    command += ["--expose-app-in-browser"]
    command += ["--JupyterNotebookApp.expose_app_in_browser=True"]
    log = home / "log.txt"
    environment = {k: v for k, v in os.environ.items() if k[:8] != "UNROLLED"}
    with log.open("w") as output:
        process = subprocess.Popen(
            command,
            env=environment | {name: str(path) for name, path in place.items()},
            stdout=output,
            stderr=output,
        )
    try:

        def address():
            assert process.poll() is None, log.read_text()
            for file in (home / "runtime").glob("jpserver-*.json"):
                with contextlib.suppress(ValueError, KeyError, OSError):
                    url = json.loads(file.read_text())["url"]
                    ask = f"{url}api/status?token={TOKEN}"
                    with urllib.request.urlopen(ask, timeout=5) as answer:
                        assert answer.status == 200
                    return url
            return None

        yield wait_for(address, "the Jupyter server does not answer")
    finally:
        process.terminate()
        process.wait(30)


class Reader:
    """Somebody at a notebook in the browser."""

    def __init__(self, page, own):
        self.page = page
        self.cells = page.locator(".jp-Notebook .jp-Cell")
        self.foreign, self.complaints = [], []
        self._own = own
        page.context.route("**/*", self._gate)
        # An explorer is a module that anywidget imports from a blob; the applications
        # have errors of their own.
        page.on(
            "pageerror",
            lambda error: (
                "blob:" in (error.stack or "") and self.complaints.append(str(error))
            ),
        )

    def _gate(self, route):
        asked = urlparse(route.request.url)
        # The server would fetch the news, and ask for a newer version.
        errand = asked.path.startswith(("/lab/api/news", "/lab/api/update"))
        if asked.netloc == self._own and not errand:
            route.continue_()
        else:
            self.foreign.append(route.request.url)
            route.abort()

    def assert_quiet(self):
        foreign, complaints = self.foreign[:], self.complaints[:]
        self.foreign.clear()
        self.complaints.clear()
        assert not foreign, f"asked of another host: {foreign}"
        assert not complaints, complaints

    def cell(self, cls):
        """The cell that shows an explorer."""
        return self.cells.nth(1 + EXPLORERS.index(cls))

    def explorer(self, cls):
        """The figure, in that cell's output."""
        return self.cell(cls).locator(".jp-OutputArea-output .u-explorer")

    def run(self, source):
        """Type `source` into the last cell, run it, and return what it prints."""
        cell = self.cells.last
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(source)
        prompt = cell.locator(".jp-InputPrompt")
        before = prompt.text_content()
        self.page.keyboard.press("Control+Enter")
        expect(prompt).not_to_have_text(before)
        expect(prompt).to_have_text(FINISHED)
        failed = cell.locator(".jp-RenderedText[data-mime-type$=stderr]")
        assert failed.count() == 0, failed.first.text_content()
        return "".join(cell.locator(".jp-OutputArea-output").all_text_contents())

    def tell(self, source):
        """Run `source` in the notebook's kernel, and return what it prints."""
        said, raised = self.page.evaluate(TELL, source)
        assert not raised, raised
        return said

    def set(self, cls, state):
        """Set traits from Python."""
        self.tell(f"for k, v in {state}.items(): setattr({cls.bundle}, k, v)")

    def reset(self, cls):
        """Set all its traits to what they are at first."""
        self.set(cls, cls().state)

    def state(self, cls):
        """Its traits as Python has them, once the browser has said all.

        The browser holds changes back while Python still works on the one before: what
        is on its way has come once two answers are alike.
        """
        before, now = None, self.ask(f"{cls.bundle}.state")
        while now != before:
            before, now = now, self.ask(f"{cls.bundle}.state")
        return now

    def ask(self, expression):
        """The value of a Python expression of plain values."""
        return ast.literal_eval(self.tell(f"print(repr({expression}))").strip())

    @property
    def cursor(self):
        """The number of the active cell."""
        return self.cells.evaluate_all(
            "cells => cells.findIndex(c => c.classList.contains('jp-mod-active'))"
        )

    def slider(self, cls, label):
        explorer = self.explorer(cls)
        return explorer.locator(f"input[type=range][aria-label='{label}']")

    def change_theme(self, name):
        self.page.evaluate(
            "name => jupyterapp.commands.execute('apputils:change-theme', "
            "{theme: name})",
            name,
        )
        light = "false" if "Dark" in name else "true"
        expect(self.page.locator("body")).to_have_attribute(
            "data-jp-theme-light", light
        )


@pytest.fixture(scope="module", params=APPLICATIONS)
def opened(request, server, chromium):
    """A reader in one application, with every explorer on the screen."""
    context = chromium.new_context(viewport={"width": 1280, "height": 1000})
    page = context.new_page()
    reader = Reader(page, urlparse(server).netloc)
    page.goto(f"{server}{APPLICATIONS[request.param]}?token={TOKEN}")
    first = reader.cells.first
    # What is run before the kernel is there is lost.
    page.wait_for_function(
        """() => {
          const kernel = globalThis.jupyterapp?.shell.currentWidget
            ?.sessionContext?.session?.kernel;
          return kernel?.connectionStatus === "connected" && kernel.status === "idle";
        }""",
        timeout=60_000,
    )
    first.locator(".cm-content").click()
    expect(page.locator(".jp-Notebook")).to_have_class(re.compile("jp-mod-editMode"))
    for _ in range(SHOWN):
        page.keyboard.press("Shift+Enter")
    for k in range(SHOWN):
        prompt = reader.cells.nth(k).locator(".jp-InputPrompt")
        expect(prompt).to_have_text(FINISHED)
    yield reader
    context.close()


@pytest.fixture
def reader(opened):
    """The same; what it complains of fails the test that caused it."""
    yield opened
    opened.assert_quiet()


@memory.remembered(depends)
@pytest.mark.parametrize("cls", EXPLORERS, ids=lambda cls: cls.bundle)
def test_an_explorer_draws(reader, cls):
    explorer = reader.explorer(cls)
    expect(explorer).to_have_count(1)
    explorer.scroll_into_view_if_needed()
    stage = explorer.locator(".u-stage svg").first
    expect(stage.locator("text").first).to_be_attached()
    box = stage.bounding_box()
    assert box["width"] > 200 and box["height"] > 50
    drawn = "rect, path, circle, line, code > span"
    assert explorer.locator(".u-stage").locator(drawn).count() > 5
    # The widget alone, without the picture that stands where it cannot live.
    outputs = reader.cell(cls).locator(".jp-OutputArea-output")
    expect(outputs).to_have_count(1)
    assert outputs.locator("img, .jp-RenderedSVG").count() == 0


@memory.remembered(depends)
@pytest.mark.parametrize("cls", EXPLORERS, ids=lambda cls: cls.bundle)
def test_a_slider_keeps_its_keys_and_both_sides_follow(reader, cls):
    """JupyterLab takes an arrow key for the notebook's cursor, unless it is told."""
    reader.reset(cls)
    sliders = reader.explorer(cls).locator("input[type=range]:visible:enabled").all()
    assert sliders
    at_first, values = reader.state(cls), [one.input_value() for one in sliders]
    for slider in sliders:
        slider.click()  # in the middle: there is room on both sides
        assert reader.cursor == 1 + EXPLORERS.index(cls)
        for key in ("ArrowDown", "ArrowUp", "ArrowLeft", "ArrowRight"):
            value = slider.input_value()
            reader.page.keyboard.press(key)
            expect(slider).not_to_have_value(value)
            expect(slider).to_be_focused()
            assert reader.cursor == 1 + EXPLORERS.index(cls)
    reader.page.keyboard.press("ArrowRight")  # it may have opened in the middle
    moved, new_values = reader.state(cls), [one.input_value() for one in sliders]
    assert moved != at_first, "Python does not see what the sliders are set to"
    for state, shown in ((at_first, values), (moved, new_values)):
        reader.set(cls, state)
        for slider, value in zip(sliders, shown, strict=True):
            expect(slider).to_have_value(value)


@memory.remembered(lambda: depends())
def test_a_question_and_an_exercise_are_answered_by_the_kernel(reader):
    question, exercise = (reader.cells.nth(SHOWN - k) for k in (2, 1))
    for one in (question, exercise):
        for control in one.locator(".u-explorer :is(button, input, select)").all():
            assert control.get_attribute("data-lm-suppress-shortcuts") == "true"
    said = question.locator(".reply .said")
    question.locator("[data-key='a']").click()
    expect(said).to_have_text(re.compile("^Not yet. With the identity"))
    assert reader.ask("question.answer") == "a"
    reader.run("question.answer = 'c'")
    expect(said).to_have_text(re.compile("^Right. They end at 0.502941"))
    expect(question.locator("[data-key='c']")).to_have_attribute("aria-pressed", "true")
    exercise.locator(".u-check").click()
    expect(exercise.locator(".u-note")).to_have_text(re.compile("^Not yet. The inputs"))
    expect(exercise.locator(".u-verdict")).to_have_text("Not yet")


@memory.remembered(depends)
@pytest.mark.parametrize("cls", EXPLORERS, ids=lambda cls: cls.bundle)
def test_no_control_gives_its_keys_away(reader, cls):
    """In command mode, a letter pressed on a button would edit the notebook."""
    controls = reader.explorer(cls).locator("input, button, select, textarea")
    assert controls.count() > 3
    bare = "one => one.dataset.lmSuppressShortcuts !== 'true'"
    open_ = controls.evaluate_all(
        f"all => all.filter({bare}).map(one => one.outerHTML.slice(0, 80))"
    )
    assert not open_


def in_words(states):
    return [f"{h:z.2f}".replace("-", "\N{MINUS SIGN}") for h in states]


@memory.remembered(lambda: depends(UNIT))
def test_what_is_dragged_is_read_in_the_next_cell(reader):
    reader.reset(UNIT)
    slider = reader.slider(UNIT, W_H)
    expect(slider).to_have_value("0.9")
    slider.hover()  # in view, and where it stays
    box = slider.bounding_box()
    low, high = (float(slider.get_attribute(end)) for end in ("min", "max"))
    middle = box["y"] + box["height"] / 2
    mouse, thumb = reader.page.mouse, 20
    track = box["width"] - thumb
    at = box["x"] + thumb / 2 + track * (0.9 - low) / (high - low)
    mouse.move(at, middle)
    mouse.down()
    for k in range(1, 6):
        mouse.move(at - k * track / 8, middle)
    mouse.up()
    dragged = float(slider.input_value())
    assert low < dragged < 0.4
    assert reader.state(UNIT)["w_h"] == dragged
    states = reader.ask(f"{UNIT.bundle}.hidden_states.tolist()")
    same = UNIT(w_h=dragged)
    assert states == pytest.approx(same.hidden_states.tolist(), abs=1e-12)
    cells = reader.explorer(UNIT).locator(".u-cells text")
    expect(cells).to_have_text(in_words(states))


@memory.remembered(lambda: depends(UNIT))
def test_what_is_set_in_python_moves_the_figure(reader):
    reader.reset(UNIT)
    reader.run(f"{UNIT.bundle}.x = [1, 0, 0, 0]")
    cells = reader.explorer(UNIT).locator(".u-cells text")
    for w_h in (-0.8, 1.0):
        reader.run(f"{UNIT.bundle}.w_h = {w_h}")
        states = reader.ask(f"{UNIT.bundle}.hidden_states.tolist()")
        assert len(states) == 4
        expect(cells).to_have_text(in_words(states))
        slider = reader.slider(UNIT, W_H)
        assert float(slider.input_value()) == w_h


@memory.remembered(lambda: depends())
@pytest.mark.parametrize("theme", ["JupyterLab Dark", "JupyterLab Light"])
def test_the_figure_follows_the_theme(reader, theme):
    reader.change_theme(theme)
    tokens = TOKENS["dark" if "Dark" in theme else "light"]
    for cls in EXPLORERS:
        explorer = reader.explorer(cls)
        expect(explorer).to_have_css("color", rgb(tokens["ink"]))
        expect(explorer).to_have_css("background-color", rgb(tokens["panel"]))


def rgb(colour):
    return f"rgb({', '.join(str(b) for b in bytes.fromhex(colour[1:]))})"
