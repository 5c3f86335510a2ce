"""Task shapes' face in Python: its traits, its picture, what it says."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from hands.every import EveryFace
from hands.twins import ask, assert_drawn_with_tokens, assert_refused
from traitlets import TraitError

from unrolled.explorers import TaskShapes
from unrolled.explorers.base import BUNDLES
from unrolled.task_shapes import SHAPES, Task


class TestFace(EveryFace):
    kind = TaskShapes


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
        text = explorer.picture()
        assert shape in text, "the picture names the shape"
        assert_drawn_with_tokens(text)
        assert shape in explorer.description()
        pictures.add(text)
    assert len(pictures) == len(SHAPES)
    explorer = TaskShapes(timesteps=3, inputs=[1, 3], outputs=[], losses=[])
    assert explorer.description() == (
        "A recurrent network unrolled over 3 steps: no output. Input at steps 1 and 3; "
        "no output is read; no loss."
    )
    explorer.figure()


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([5], "Input at step 5;"),
        ([1, 2], "Input at steps 1 and 2;"),
        ([2, 3, 4], "Input at steps 2 to 4;"),
        ([1, 3, 4], "Input at steps 1, 3 and 4;"),
        ([1, 3, 4, 6], "Input at steps 1, 3, 4 and 6;"),
        ([1, 2, 3, 4, 5, 6], "Input at every step;"),
        ([], "No input;"),
    ],
)
def test_the_description_says_where(steps, said):
    assert said in TaskShapes(inputs=steps).description()


def test_one_step_is_not_every_step():
    said = TaskShapes.of("one-to-one").description()
    assert "unrolled over one step: one-to-one. Input at step 1; output read" in said


def test_every_name_has_its_words():
    for steps in ([], [1], [2], [3], [1, 2], [2, 3], [1, 2, 3]):
        for outputs in ([], [1], [2], [3], [1, 2], [2, 3], [1, 2, 3]):
            explorer = TaskShapes(timesteps=3, inputs=steps, outputs=outputs)
            assert f": {explorer.shape_name}. " in explorer.description()


def test_its_numbers_are_the_floors():
    explorer = TaskShapes(timesteps=5, inputs=[1, 2], outputs=[4, 5], classes=7)
    task = Task(5, [1, 2], [4, 5], [4, 5], 4, 3, 6, 7)
    assert explorer.task == task
    assert explorer.shape_name == task.shape == "many-to-many, unsynchronised"
    assert explorer.tensor_shapes == task.tensor_shapes
    assert explorer.pytorch() == task.pytorch()


@pytest.mark.parametrize("shape", SHAPES)
def test_each_shape_has_its_name(shape):
    assert TaskShapes.of(shape).shape_name == shape
    assert TaskShapes.of(shape, 4).shape_name == shape


def test_the_snippet_is_pythons(node):
    for case in ask(node, TaskShapes)["cases"]:
        assert case["snippets"] == [TaskShapes(**case["state"]).pytorch()]


def test_the_front_ends_words_and_settings(node_test):
    node_test(Path(__file__).with_name("front.test.js"), least=3)


def test_the_bundle_keeps_its_budget():
    weight = len(gzip.compress((BUNDLES / "task_shapes.mjs").read_bytes()))
    assert 1_000 < weight <= 20_000, f"task_shapes.mjs weighs {weight} bytes gzip"
