"""Two directions' face in Python."""

import numpy as np
import pytest
import torch
from hands.every import EveryFace
from hands.twins import ask, assert_drawn_with_tokens, printed
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from unrolled import figures
from unrolled.explorers import TwoDirections


class TestFace(EveryFace):
    kind = TwoDirections


def some(rng, **settings):
    weights = ("w_h_forward", "b_forward", "w_h_backward", "b_backward")
    x = rng.uniform(-1, 1, rng.integers(2, 11))
    return TwoDirections(
        x=x,
        step=int(rng.integers(1, len(x) + 1)),
        **{name: rng.uniform(-2, 2) for name in weights},
        **settings,
    )


def in_torch(explorer):
    """Output, last states and the derivatives of both chosen halves, by PyTorch."""
    x = torch.tensor(explorer.inputs)[:, None].requires_grad_()
    module, given = explorer.to_torch(), x
    if explorer.packed:
        given = pack_padded_sequence(x, [len(explorer.x)])
    output, h_n = module(given)
    if explorer.packed:
        output, _ = pad_packed_sequence(output, total_length=len(x))
    chosen = output[explorer.step - 1, 0]
    grads = [torch.autograd.grad(half, x, retain_graph=True)[0] for half in chosen]
    found = (output[:, 0], h_n[:, 0, 0], torch.stack(grads)[:, :, 0, 0])
    return [one.detach().numpy() for one in found]


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("padding", [0, 1, 6])
def test_its_numbers_are_those_of_pytorch(padding, packed):
    rng = np.random.default_rng(padding)
    for _ in range(4):
        explorer = some(rng, padding=padding, packed=packed)
        output, h_n, moves = in_torch(explorer)
        for found, expected in (
            (explorer.output, output),
            (explorer.last_states, h_n),
            (explorer.sensitivity, moves),
        ):
            np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


def test_a_half_knows_its_side_alone():
    explorer = TwoDirections(step=4, padding=2)
    forward, backward = explorer.sensitivity != 0
    assert forward.tolist() == [True] * 4 + [False] * 4
    assert backward.tolist() == [False] * 3 + [True] * 5
    explorer.packed = True
    assert not explorer.sensitivity[:, 6:].any()


def test_padding_moves_the_backward_half_and_packing_saves_it():
    explorer = TwoDirections(padding=4)
    alone = explorer.backward_alone
    np.testing.assert_array_equal(explorer.output[:6, 0], TwoDirections().output[:, 0])
    spoiled = np.abs(explorer.output[:6, 1] - alone)
    assert spoiled[5] > 0.1 and (spoiled > 0).all()
    explorer.packed = True
    np.testing.assert_allclose(explorer.output[:6, 1], alone, rtol=0, atol=1e-15)
    assert not explorer.output[6:].any()
    unbiased = TwoDirections(padding=4, b_forward=0, b_backward=0)
    assert not unbiased.output[6:, 1].any()
    np.testing.assert_array_equal(unbiased.output[:6, 1], unbiased.backward_alone)
    assert unbiased.output[6:, 0].all()


def test_the_chosen_step_stays_inside_the_sequence():
    explorer = TwoDirections(x=np.arange(5) / 5, step=5, padding=3)
    explorer.x = [1.0, 2.0]
    assert explorer.step == 2


def test_its_words_say_both_halves():
    explorer = TwoDirections(padding=4)
    forward, backward = explorer.output[2]
    said = explorer.description()
    assert (
        f"forward half of {forward:.2f} and a backward half of {backward:.2f}" in said
    )
    assert "from step 3 to step 10 the backward half" in said
    assert "and 4 steps of padding." in said
    explorer.packed = True
    assert "padding, packed. " in explorer.description()
    assert "from step 3 to step 6 the backward" in explorer.description()


def test_what_is_asked_about_is_neither_drawn_nor_said():
    asked = TwoDirections(ask="Which half moves at step 1?", padding=1)
    forward = f"{asked.output[2, 0]:.2f}"
    picture, words = asked.picture(), asked.description(hidden=True)
    assert forward in figures.to_svg(asked.figure()) and forward not in picture
    assert "padding" in picture and "input" in picture
    assert "1 step of padding" in words and forward not in words


def test_the_picture_has_one_form_for_padding_and_one_for_packing():
    pictures = [
        figures.to_svg(TwoDirections(padding=padding, packed=packed).figure())
        for padding in (0, 4)
        for packed in (False, True)
    ]
    for one in pictures:
        assert_drawn_with_tokens(one)
    assert pictures[0] == pictures[1], "without padding there is nothing to pack"
    assert len(set(pictures)) == 3


def test_javascript_computes_the_same_and_its_code_prints_it(node):
    rng = np.random.default_rng(0)
    explorers = [
        some(rng, padding=padding, packed=packed)
        for padding in (0, 1, 6)
        for packed in (False, True)
    ]
    found = ask(node, TwoDirections, explorers)
    for case in found["cases"]:
        explorer = TwoDirections(**case["state"])
        computed = case["computed"]
        pairs = (
            ([computed["forward"], computed["backward"]], explorer.output.T),
            (computed["unpadded"], explorer.backward_alone),
            (list(computed["moves"].values()), explorer.sensitivity),
        )
        for numbers, expected in pairs:
            np.testing.assert_allclose(numbers, expected, rtol=0, atol=1e-12)
        lines = [f"{one:z.2f} {other:z.2f}" for one, other in explorer.output]
        assert [printed(snippet) for snippet in case["snippets"]] == [lines] * 2
