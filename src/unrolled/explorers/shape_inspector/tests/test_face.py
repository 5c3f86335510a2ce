"""The shape inspector's face in Python: what it says of slices is so in PyTorch."""

import itertools

import numpy as np
import pytest
import torch
from hands.every import EveryFace
from hands.twins import ask, assert_drawn_with_tokens, assert_refused, printed
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence
from traitlets import TraitError

from unrolled import figures
from unrolled.explorers import ShapeInspector


class TestFace(EveryFace):
    kind = ShapeInspector


SIZES = [
    {},
    {"num_layers": 1, "bidirectional": False},
    {"num_layers": 3, "batch_first": False, "lengths": [6, 2]},
    {"batch_size": 3, "timesteps": 6, "lengths": [1, 6, 4], "hidden_size": 2},
    {"timesteps": 1, "batch_size": 1, "features": 1, "hidden_size": 1},
    {"bidirectional": False, "lengths": [3, 1], "num_layers": 2},
]


def in_torch(explorer):
    """The tensors of a real module of these sizes, by name."""
    layout, first = explorer.module_layout, {"batch_first": explorer.batch_first}
    torch.manual_seed(1)
    module = getattr(torch.nn, explorer.cell)(
        explorer.features,
        explorer.hidden_size,
        num_layers=explorer.num_layers,
        bidirectional=explorer.bidirectional,
        **first,
    )
    x = torch.randn(explorer.shapes["x"])
    given = x
    if layout.lengths:
        given = pack_padded_sequence(x, layout.lengths, enforce_sorted=False, **first)
    output, states = module(given)
    if layout.lengths:
        total = explorer.timesteps
        output, _ = pad_packed_sequence(output, total_length=total, **first)
    h_n, *c_n = states if explorer.cell == "LSTM" else [states]
    found = {"x": x, "output": output, "h_n": h_n}
    if c_n:
        found["c_n"] = c_n[0]
    return {name: one.detach() for name, one in found.items()}


def slices(explorer):
    """The settings of every slice that can be chosen."""
    ways = ["forward", "backward"][: explorer.module_layout.directions]
    steps, layers = range(explorer.timesteps), range(explorer.num_layers)
    states = ["h_n", "c_n"][: 1 + (explorer.cell == "LSTM")]
    for way, sequence in itertools.product(ways, range(explorer.batch_size)):
        one = {"direction": way, "sequence": sequence}
        yield from ({"tensor": "output", "step": step} | one for step in steps)
        for name in states:
            yield from ({"tensor": name, "layer": layer} | one for layer in layers)


@pytest.mark.parametrize("cell", ["LSTM", "GRU", "RNN"])
@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_what_it_says_of_every_slice_is_so_in_pytorch(sizes, cell):
    explorer = ShapeInspector(**{"step": 0, "layer": 0} | sizes, cell=cell)
    tensors = in_torch(explorer)
    shapes = {name: tuple(one.shape) for name, one in tensors.items()}
    assert explorer.shapes == shapes
    H = explorer.hidden_size
    blocks = {
        "output": tensors["output"].reshape(-1, H),
        "h_n": tensors["h_n"].reshape(-1, H),
    }
    matched = 0
    for one in slices(explorer):
        explorer.set_trait("tensor", one["tensor"])
        for name, value in one.items():
            setattr(explorer, name, value)
        numbers = eval(explorer.chosen, tensors)
        assert numbers.shape == (H,)
        if explorer.same:
            assert torch.equal(numbers, eval(explorer.same, tensors))
            matched += 1
        else:
            other = "h_n" if explorer.chosen.startswith("output") else "output"
            assert not any(torch.equal(numbers, block) for block in blocks[other])
    assert matched == 2 * explorer.module_layout.directions * explorer.batch_size


@pytest.mark.parametrize("value", [[0], [7], [2.5], [1, 2, 3, 4], [1, "2"]])
def test_lengths_are_whole_and_within_the_steps_there_can_be(value):
    assert_refused(ShapeInspector(), "lengths", value, "ShapeInspector: lengths")


def test_lengths_that_are_not_given_or_too_long_are_all_steps():
    explorer = ShapeInspector(batch_size=3, lengths=[2])
    assert explorer.sequence_lengths == [2, 4, 4]
    assert explorer.module_layout.lengths == [2, 4, 4]
    explorer.timesteps = 2
    assert explorer.module_layout.lengths is None
    assert ShapeInspector(lengths=np.array([5, 4])).module_layout.lengths is None


def test_an_index_beyond_its_axis_is_an_error():
    for name, holder in (("sequence", "batch_size"), ("layer", "num_layers")):
        with pytest.raises(TraitError, match=f"{name} is 2, but must be at most 1"):
            ShapeInspector(**{name: 2, holder: 2})


def test_what_there_is_not_stands_for_what_there_is():
    explorer = ShapeInspector(tensor="c_n", direction="backward")
    assert (explorer.chosen, explorer.same) == ("c_n[3, 0]", None)
    explorer.cell = "GRU"
    assert (explorer.chosen, explorer.same) == ("h_n[3, 0]", "output[0, 0, 3:6]")
    explorer.bidirectional = False
    assert (explorer.chosen, explorer.same) == ("h_n[1, 0]", "output[0, 3]")
    assert "c_n" not in explorer.shapes
    explorer.cell, explorer.bidirectional = "LSTM", True
    assert explorer.chosen == "c_n[3, 0]", "nothing was lost"


def test_its_words_and_its_picture_say_where_the_numbers_stand():
    here, nowhere = ShapeInspector(), ShapeInspector(direction="backward")
    said = "The slice output[0, 3, 0:3] is chosen: the same numbers stand in h_n[2, 0]."
    assert said in here.description()
    assert "output (2, 4, 6), h_n (4, 2, 3), c_n (4, 2, 3)." in here.description()
    assert "output[0, 3, 3:6] is chosen: its numbers stand nowhere in h_n." in (
        nowhere.description()
    )
    picture = figures.to_svg(here.figure())
    assert "h_n[2, 0]" in picture and "(2, 4, 6)" in picture
    assert_drawn_with_tokens(figures.to_svg(nowhere.figure()))
    assert picture.count("<path") < 40, "the cells of a tensor are one path"


def test_what_is_asked_about_is_neither_drawn_nor_said():
    asked = ShapeInspector(ask="Where do these numbers stand in h_n?")
    picture, words = asked.picture(), asked.description(hidden=True)
    assert "output[0, 3, 0:3]" in picture and "h_n[2, 0]" not in picture
    assert words.endswith("The slice output[0, 3, 0:3] is chosen.")


def test_javascript_says_the_same_and_its_code_shows_it(node):
    explorers = [
        ShapeInspector(**{"step": 0, "layer": 0} | sizes | chosen, cell=cell)
        for sizes in SIZES
        for cell in ("LSTM", "RNN")
        for chosen in (
            {},
            {"direction": "backward"},
            {"tensor": "h_n"},
            {"tensor": "h_n", "layer": sizes.get("num_layers", 2) - 1},
            {"tensor": "c_n", "direction": "backward"},
        )
    ]
    found = ask(node, ShapeInspector, explorers)
    answers = set()
    for case in found["cases"]:
        explorer = ShapeInspector(**case["state"])
        computed = case["computed"]
        shapes = {one["name"]: tuple(one["shape"]) for one in computed["tensors"]}
        assert shapes == explorer.shapes
        assert computed["layout"]["lengths"] == explorer.module_layout.lengths
        assert computed["texts"] == {"chosen": explorer.chosen, "same": explorer.same}
        *lines, last = printed(case["snippets"][0])
        assert dict(line.split(" ", 1) for line in lines) == {
            name: str(shape) for name, shape in shapes.items()
        }
        answer = last.rpartition(" ")[2]
        assert answer == str(explorer.same is not None), case["snippets"][0]
        assert last.startswith(explorer.chosen)
        answers.add(answer)
    assert answers == {"True", "False"}
