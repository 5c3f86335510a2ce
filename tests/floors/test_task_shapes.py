"""Task shapes: the names, the tensors, the lines of PyTorch (they run)."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from unrolled.task_shapes import SHAPES, Task, pattern, stretch

JS_TEST = Path(__file__).with_name("task_shapes.test.js")
SIZES = {"batch_size": 4, "features": 3, "hidden_size": 6, "classes": 2}
MOST_STEPS = 8


def usual(shape, timesteps):
    """The task of one of the five shapes, with a loss at every output."""
    inputs, outputs = pattern(shape, timesteps)
    return Task(timesteps, inputs, outputs, outputs, **SIZES)


def some_of(rng, steps):
    return [int(step) for step in steps if rng.random() < rng.choice([0.2, 0.5, 0.9])]


def random_task(rng):
    timesteps = int(rng.integers(1, MOST_STEPS + 1))
    every = range(1, timesteps + 1)
    inputs, outputs = some_of(rng, every), some_of(rng, every)
    losses = some_of(rng, outputs)
    sizes = rng.integers(2, 17, size=4).tolist()
    return Task(
        timesteps, inputs, outputs, losses, **dict(zip(SIZES, sizes, strict=True))
    )


@pytest.fixture(scope="module")
def tasks():
    """The five shapes over all numbers of steps, and 150 that nobody chose."""
    rng = np.random.default_rng(0)
    five = [
        usual(shape, timesteps)
        for shape in SHAPES
        for timesteps in range(4, MOST_STEPS + 1)
    ]
    alone = [usual("one-to-one", timesteps) for timesteps in (1, 2)]
    ones = Task(3, [1], [3], [3], **SIZES | {"batch_size": 1, "features": 1})
    return [*five, *alone, ones, *(random_task(rng) for _ in range(150))]


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


def test_the_lines_run_and_print_the_shapes_that_are_shown(tasks):
    sources = [task.pytorch() for task in tasks]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", RUN_ALL],
        input=json.dumps(sources),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    for task, printed in zip(tasks, json.loads(done.stdout), strict=True):
        lines = [
            re.fullmatch(r"(.+?) *(\(.*\))", line) for line in printed.splitlines()
        ]
        shapes = {line[1]: ast.literal_eval(line[2]) for line in lines}
        assert shapes == task.tensor_shapes, task.pytorch()
        assert list(shapes) == list(task.tensor_shapes)


LANES = ("inputs", "outputs", "losses")


def test_javascript_says_the_same(tasks, node_test, tmp_path):
    cases = [
        {
            "state": vars(task),
            "shape": task.shape,
            "tensors": list(task.tensor_shapes.items()),
            "code": task.pytorch(),
            "stretches": [stretch(getattr(task, one), task.timesteps) for one in LANES],
        }
        for task in tasks
    ]
    fixtures = tmp_path / "task_shapes.json"
    fixtures.write_text(json.dumps(cases))
    node_test(JS_TEST, least=6, UNROLLED_TASK_SHAPES_FIXTURES=str(fixtures))


def test_the_comments_say_where(tasks):
    """Of all that is odd in a list of steps, a comment names each step."""
    said = "\n".join(task.pytorch() for task in tasks)
    assert "# an input at every step" in said
    assert "# read at step 6" in said
    assert re.search(r"# read at steps \d to \d$", said, re.MULTILINE)
    assert re.search(r"# an input at steps \d and \d$", said, re.MULTILINE)
    assert re.search(r"# the loss is at steps \d, \d and \d$", said, re.MULTILINE)


@pytest.mark.parametrize("shape", SHAPES)
def test_each_shape_has_its_name(shape):
    assert usual(shape, 1 if shape == "one-to-one" else 6).shape == shape
    assert usual(shape, 4).shape == shape


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
        task = Task(4, inputs, outputs, losses, **SIZES)
        assert task.shape == name
        unsynchronised = name == "many-to-many, unsynchronised"
        assert task.encoder_steps == (inputs[-1] if unsynchronised else 0)


@pytest.mark.parametrize(
    ("steps", "count", "kind"),
    [
        ([], 4, "none"),
        ([1], 1, "one"),
        ([5], 6, "one"),
        ([1, 2], 4, "list"),
        ([1, 2], 2, "every"),
        ([2, 3, 4], 4, "run"),
        ([1, 3, 4], 4, "list"),
        ([1, 2, 3], 3, "every"),
    ],
)
def test_what_steps_are_like(steps, count, kind):
    assert stretch(steps, count) == kind
