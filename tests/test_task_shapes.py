"""Task shapes: the names, the lines of PyTorch (they run), the page as Python."""

import ast
import gzip
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from traitlets import TraitError
from twins import assert_drawn_with_tokens, assert_refused

from unrolled.explorers import TaskShapes
from unrolled.explorers.task_shapes import MOST_STEPS, SHAPES

ROOT = Path(__file__).parents[1]
SIZES = ("batch_size", "features", "hidden_size", "classes")


def some_of(rng, steps):
    return [int(step) for step in steps if rng.random() < rng.choice([0.2, 0.5, 0.9])]


def random_explorer(rng):
    timesteps = int(rng.integers(1, MOST_STEPS + 1))
    every = range(1, timesteps + 1)
    outputs = some_of(rng, every)
    sizes = rng.integers(2, 17, size=4).tolist()
    return TaskShapes(
        timesteps=timesteps,
        inputs=some_of(rng, every),
        outputs=outputs,
        losses=some_of(rng, outputs),
        **dict(zip(SIZES, sizes, strict=True)),
    )


@pytest.fixture(scope="module")
def explorers():
    """The five shapes over all numbers of steps, and 150 that nobody chose."""
    rng = np.random.default_rng(0)
    usual = [
        TaskShapes.of(shape, timesteps)
        for shape in SHAPES
        for timesteps in range(4, MOST_STEPS + 1)
    ]
    alone = [TaskShapes.of("one-to-one", timesteps) for timesteps in (1, 2)]
    ones = TaskShapes(timesteps=3, inputs=[1], outputs=[3], batch_size=1, features=1)
    return [*usual, *alone, ones, *(random_explorer(rng) for _ in range(150))]


RUN_ALL = """
import contextlib, io, json, sys
printed = []
for source in json.load(sys.stdin):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(source, "lines", "exec"), {"__name__": "__main__"})
    printed.append(out.getvalue())
json.dump(printed, sys.stdout)
"""


def test_the_lines_run_and_print_the_shapes_that_are_shown(explorers):
    sources = [explorer.pytorch() for explorer in explorers]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", RUN_ALL],
        input=json.dumps(sources),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    for explorer, printed in zip(explorers, json.loads(done.stdout), strict=True):
        lines = [
            re.fullmatch(r"(.+?) *(\(.*\))", line) for line in printed.splitlines()
        ]
        shapes = {line[1]: ast.literal_eval(line[2]) for line in lines}
        assert shapes == explorer.tensor_shapes, explorer.pytorch()
        assert list(shapes) == list(explorer.tensor_shapes)


def test_javascript_says_the_same(explorers, node_test, tmp_path):
    cases = [
        {
            "state": explorer.state,
            "shape": explorer.shape_name,
            "tensors": [
                [name, shape] for name, shape in explorer.tensor_shapes.items()
            ],
            "code": explorer.pytorch(),
        }
        for explorer in explorers
    ]
    fixtures = tmp_path / "task_shapes.json"
    fixtures.write_text(json.dumps(cases))
    script = ROOT / "tests" / "frontend" / "task_shapes.test.js"
    node_test(script, least=7, UNROLLED_TASK_SHAPES_FIXTURES=str(fixtures))


@pytest.mark.parametrize("shape", SHAPES)
def test_each_shape_has_its_name(shape):
    assert TaskShapes.of(shape).shape_name == shape
    assert TaskShapes.of(shape, 4).shape_name == shape


@pytest.mark.parametrize(
    ("inputs", "outputs", "name"),
    [
        ([2], [2], "one-to-one"),
        ([1], [4], "one-to-one, delayed"),
        ([1], [3, 4], "one-to-many"),
        ([1, 3], [4], "many-to-one"),
        ([1, 3], [1, 3], "many-to-many, synchronised"),
        ([1, 2], [3, 4], "many-to-many, unsynchronised"),
        ([1, 2], [2, 3], "many-to-many, partly synchronised"),
        ([1, 2, 3], [1, 3], "many-to-many, partly synchronised"),
        ([1, 2, 3], [2], "none of the five"),
        ([3], [1, 3], "none of the five"),
        ([2], [1], "none of the five"),
        ([], [1], "no input"),
        ([1], [], "no output"),
    ],
)
def test_the_name_follows_inputs_and_outputs_alone(inputs, outputs, name):
    for losses in ([], outputs):
        explorer = TaskShapes(
            timesteps=4, inputs=inputs, outputs=outputs, losses=losses
        )
        assert explorer.shape_name == name


def test_a_loss_and_its_output_go_together():
    explorer = TaskShapes(timesteps=4)
    assert (explorer.inputs, explorer.outputs, explorer.losses) == (
        [1, 2, 3, 4],
        [4],
        [4],
    )
    explorer.losses = [2, 4]
    assert explorer.outputs == [2, 4], "to give an output a loss reads it"
    explorer.outputs = [1, 4]
    assert explorer.losses == [4], "what is not read has no loss"
    assert TaskShapes(losses=[3]).outputs == [3]
    assert TaskShapes(outputs=[3, 1]).losses == [1, 3]
    explorer.timesteps = 3
    assert (explorer.inputs, explorer.outputs, explorer.losses) == ([1, 2, 3], [1], [])
    explorer.outputs, explorer.losses = [2, 3], [3]
    explorer.timesteps = 2
    assert (explorer.inputs, explorer.outputs, explorer.losses) == ([1, 2], [2], [])


def test_what_the_page_sends_at_once_is_taken_as_it_is():
    explorer = TaskShapes.of("many-to-one", 6)
    sent = {"timesteps": 8, "inputs": [1, 8], "outputs": [3, 8], "losses": [8]}
    explorer.set_state(sent)
    assert {name: explorer.state[name] for name in sent} == sent


@pytest.mark.parametrize(
    ("trait", "value", "said"),
    [
        ("timesteps", 0, "timesteps is 0, but must be from 1 to 8"),
        ("timesteps", 9, "must be from 1 to 8"),
        ("inputs", [0], "inputs is [0], but must be a list of different whole numbers"),
        ("inputs", [1, 1], "inputs is [1, 1], but must be"),
        ("inputs", [1.5], "must be a list of different whole numbers from 1 to 8"),
        ("outputs", "12", "outputs is '12', but must be"),
        ("outputs", [True], "outputs is [True], but must be"),
        ("losses", 3, "losses is 3, but must be"),
        ("losses", None, "losses is None, but must be"),
        ("outputs", [2, 7], "outputs is [2, 7], but there are 6 steps"),
        ("inputs", [float("nan")], "inputs is [nan], but must be"),
        ("classes", 1, "classes is 1, but must be from 2 to 16"),
        ("batch_size", 17, "batch_size is 17, but must be from 1 to 16"),
        ("hidden_size", "6", "hidden_size is '6', but must be a whole number"),
    ],
)
def test_a_bad_value_is_named_and_nothing_is_lost(trait, value, said):
    assert_refused(TaskShapes(), trait, value, said)


def test_a_loss_that_contradicts_the_outputs_is_an_error():
    with pytest.raises(TraitError, match=r"losses is \[2\], but with outputs \[3\]"):
        TaskShapes(outputs=[3], losses=[2])


def test_steps_are_taken_from_arrays_and_in_any_order():
    explorer = TaskShapes(inputs=np.arange(1, 4), outputs=(6, 5))
    assert explorer.inputs == [1, 2, 3]
    assert explorer.outputs == [5, 6]
    json.dumps(explorer.state)


def test_of_refuses_what_it_cannot_draw():
    with pytest.raises(ValueError, match="shape is 'many', but must be one of 'one-to"):
        TaskShapes.of("many")
    with pytest.raises(ValueError, match="timesteps is 3, but .* needs at least 4"):
        TaskShapes.of("many-to-many, unsynchronised", 3)


def test_the_picture_and_its_description():
    pictures = set()
    for shape in SHAPES:
        explorer = TaskShapes.of(shape)
        data, metadata = explorer._repr_mimebundle_()
        text = data["image/svg+xml"]
        assert shape in text, "the picture names the shape"
        assert_drawn_with_tokens(text)
        assert shape in metadata["image/svg+xml"]["alt"]
        assert metadata["image/svg+xml"]["unrolled"]["traits"] == explorer.state
        pictures.add(text)
    assert len(pictures) == len(SHAPES)
    explorer = TaskShapes(timesteps=3, inputs=[1, 3], outputs=[], losses=[])
    assert explorer.description() == (
        "A recurrent network unrolled over 3 steps: no output. Input at steps 1 and 3; "
        "no output is read; no loss."
    )
    explorer.figure()


@pytest.fixture(scope="module")
def live(node, chromium, tmp_path_factory):
    """Opens a page with one live explorer, built from the sources, at a given width."""
    folder = tmp_path_factory.mktemp("task_shapes")
    subprocess.run([node, ROOT / "frontend" / "build.js", folder], check=True)
    script = gzip.compress((folder / "task_shapes.js").read_bytes())
    assert len(script) < 20_000, f"{len(script)} bytes gzip"
    state = {"name": "shapes", **TaskShapes().state}
    (folder / "page.html").write_text(
        "<!doctype html><html lang=en><meta charset=utf-8><title>Shapes</title>"
        "<meta name=viewport content='width=device-width'>"
        "<link rel=stylesheet href=explorers.css>"
        "<script src=task_shapes.js defer></script><script src=host.js defer></script>"
        "<div id=shapes data-explorer=task_shapes><script type='application/json'>"
        f"{json.dumps(state)}</script></div>"
    )
    contexts = []

    def open_page(width=760):
        context = chromium.new_context(viewport={"width": width, "height": 900})
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(str(error)))
        page.goto((folder / "page.html").as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()


READ = """async () => {
    const frame = () => new Promise(requestAnimationFrame);
    await frame(); await frame();
    const { model } = document.getElementById("shapes");
    const names = ["timesteps", "inputs", "outputs", "losses", "batch_size", "features",
                   "hidden_size", "classes"];
    const rows = [...document.querySelectorAll(".u-task-table tbody tr")];
    return {
        traits: Object.fromEntries(names.map((name) => [name, model.get(name)])),
        name: document.querySelector(".u-formula b").textContent,
        shapes: rows.map((row) => [row.querySelector("code").textContent,
                                   row.cells[2].textContent]),
        code: document.querySelector(".u-task-code").textContent,
    };
}"""


def python_of(page):
    """What the page shows, and the explorer in Python with the same traits."""
    shown = page.evaluate(READ)
    explorer = TaskShapes(**shown["traits"])
    assert shown["name"] == explorer.shape_name
    assert shown["code"].strip() == explorer.pytorch().strip()
    assert dict(shown["shapes"]) == {
        name: str(shape) for name, shape in explorer.tensor_shapes.items()
    }
    return explorer


def test_the_page_shows_what_python_says_at_every_switch(live):
    page = live()
    assert python_of(page).shape_name == "many-to-one"
    for n, shape in enumerate(SHAPES):
        page.locator(".u-presets button").nth(n).click()
        assert python_of(page).shape_name == shape
        assert page.locator(".u-presets button[aria-pressed=true]").count() == 1

    page.get_by_role("checkbox", name="output read at step 2").press("Space")
    explorer = python_of(page)
    assert (explorer.outputs, explorer.losses) == ([1, 3, 4, 5, 6], [1, 3, 4, 5, 6])
    page.get_by_role("checkbox", name="loss at step 2").click()
    explorer = python_of(page)
    assert explorer.outputs == explorer.losses == [1, 2, 3, 4, 5, 6]
    page.get_by_role("checkbox", name="input at step 6").click()
    assert python_of(page).shape_name == "many-to-many, partly synchronised"
    page.get_by_role("button", name="Reset").click()

    steps = page.get_by_role("slider", name="number of steps")
    steps.press("Home")
    assert python_of(page).shape_name == "one-to-one"
    steps.press("End")
    explorer = python_of(page)
    assert (explorer.timesteps, explorer.outputs) == (8, [8]), "the shape came back"
    page.get_by_role("slider", name="classes").press("ArrowRight")
    assert python_of(page).tensor_shapes["W_y"] == (3, 6)


def test_what_python_sets_in_two_messages_arrives_whole(live):
    page = live()
    told = "([name, steps]) => document.getElementById('shapes').model.set(name, steps)"
    page.evaluate(told, ["losses", [2, 6]])
    page.evaluate(told, ["outputs", [2, 6]])
    explorer = python_of(page)
    assert (explorer.outputs, explorer.losses) == ([2, 6], [2, 6])
    page.evaluate(told, ["outputs", [6]])
    page.evaluate(told, ["losses", [6]])
    explorer = python_of(page)
    assert (explorer.outputs, explorer.losses) == ([6], [6])


@pytest.mark.parametrize("width", [320, 390])
def test_every_switch_can_be_hit_on_a_phone(live, width):
    page = live(width)
    page.get_by_role("slider", name="number of steps").press("End")
    page.evaluate(READ)
    boxes = page.get_by_role("checkbox").evaluate_all(
        "all => all.map(one => { const r = one.getBoundingClientRect();"
        " const hit = document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2);"
        " return [r.x, r.right, r.y, r.bottom, hit === one, one.ariaLabel]; })"
    )
    assert len(boxes) == 24
    for left, right, top, bottom, hit, label in boxes:
        assert hit, f"{label} lies under something"
        assert right - left >= 24 and bottom - top >= 24, label
        assert left >= 0 and right <= width, label
    for a in boxes:
        for b in boxes:
            apart = a[1] <= b[0] + 0.1 or b[1] <= a[0] + 0.1
            apart = apart or a[3] <= b[2] + 0.1 or b[3] <= a[2] + 0.1
            assert a is b or apart, f"{a[5]} and {b[5]} overlap"
    assert page.evaluate("document.documentElement.scrollWidth") == width
    small = page.evaluate(
        "[...document.querySelectorAll('.u-explorer *')].filter(one =>"
        " [...one.childNodes].some(n => n.nodeType === 3 && n.data.trim())"
        " && parseFloat(getComputedStyle(one).fontSize) < 12)"
        ".map(one => one.outerHTML)"
    )
    assert not [one for one in small if "tspan" not in one and "<sub" not in one]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(live, theme):
    page = live()
    page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
    page.evaluate("document.body.style.background = 'var(--unrolled-page)'")
    axe = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
    page.add_script_tag(path=axe)
    found = page.evaluate(
        "async () => (await axe.run('.u-explorer')).violations"
        ".map(v => [v.id, v.nodes.map(n => n.html)])"
    )
    assert not found
