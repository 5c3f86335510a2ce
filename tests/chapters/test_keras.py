"""The lines of Keras in chapter 6, run as they stand there, against our cells."""

import json
import re
import warnings

import numpy as np
import pytest
from hands import ROOT

from unrolled.cells import GRUCell, LSTMCell, RNNCell, Stack

NOTEBOOK = ROOT / "notebooks" / "06_deep_bidirectional_padded.ipynb"
CELLS = {
    cell["id"]: "".join(cell["source"])
    for cell in json.loads(NOTEBOOK.read_text("utf-8"))["cells"]
}
WITHIN = 1e-6  # Keras' float32


def lines(name):
    """The Python that stands in a cell of text."""
    (code,) = re.findall(r"```python\n(.*?)```", CELLS[name], re.S)
    return code


@pytest.fixture
def space(keras):
    """The names that the chapter's lines make, all weights and biases drawn anew."""
    names = {}
    for name in ("keras-stack", "keras-mask"):
        exec(lines(name), names)
    rng = np.random.default_rng(0)
    for model in (names["model"], names["judge"], names["series"]):
        for weight in model.weights:
            weight.assign(rng.normal(0, 0.5, weight.shape))
    return names


def cell(layer):
    """Our cell with the weights of a layer of Keras, float32."""
    W_x, W_h, b = (one.value.detach().numpy() for one in layer.cell.weights)
    if type(layer).__name__ == "SimpleRNN":
        return RNNCell(W_x.T, W_h.T, b)
    if type(layer).__name__ == "LSTM":
        return LSTMCell(W_x.T, W_h.T, b)  # i, f, c, o
    H = len(W_h)
    order = np.r_[H : 2 * H, :H, 2 * H : 3 * H]  # Keras has z, r, h
    b_x, b_h = b[:, order]
    summed = np.append((b_x + b_h)[: 2 * H], b_x[2 * H :])
    return GRUCell(W_x.T[order], W_h.T[order], summed, b_h[2 * H :])


def pair(both):
    return cell(both.forward_layer), cell(both.backward_layer)


def near(ours, theirs):
    theirs = theirs.detach().numpy()
    assert ours.shape == theirs.shape
    return np.abs(ours - theirs).max() < WITHIN


def series(N, T):
    return np.random.default_rng(1).normal(size=(N, T, 5)).astype(np.float32)


def test_the_stack_is_our_stack(space):
    model = space["model"]
    first, second, third = model.layers
    stack = Stack([cell(first), pair(second), cell(third)])
    for T in (7, 3):  # any number of steps
        x = series(2, T)
        run = stack.run(x.swapaxes(0, 1))
        assert near(run.output[-1], model(x))
        assert near(run.layers[0][0].h.swapaxes(0, 1), first(x))
    wrong = Stack([cell(first), pair(second)[::-1], cell(third)])
    assert not near(wrong.run(x.swapaxes(0, 1)).output[-1], model(x))


def test_words_are_judged_by_each_directions_own_end(space):
    table, both, last = space["judge"].layers
    words = np.array([[3, 1, 4, 1, 5], [9, 2, 0, 0, 0], [6, 5, 3, 0, 0]])
    vectors = table(words).detach().numpy()
    lengths = np.array([5, 2, 3])
    run = Stack([pair(both)]).run(vectors.swapaxes(0, 1), lengths=lengths)
    states = np.concatenate([*run.h_n], axis=-1)
    W, b = (one.value.detach().numpy() for one in last.weights)
    assert near(1 / (1 + np.exp(-(states @ W + b))), space["judge"](words))
    unmasked = Stack([pair(both)]).run(vectors.swapaxes(0, 1))
    states = np.concatenate([*unmasked.h_n], axis=-1)
    assert not near(1 / (1 + np.exp(-(states @ W + b))), space["judge"](words))


def test_masking_skips_a_true_step_of_zeros_too(space):
    model = space["series"]
    ours = Stack([cell(model.layers[1])])
    x = series(1, 6)
    x[:, 4:] = 0  # padding
    x[:, 2] = 0  # and a step that is none
    without = np.delete(x[:, :4], 2, axis=1)
    assert near(ours.run(without.swapaxes(0, 1)).h_n[0], model(x))
    assert not near(ours.run(x[:, :4].swapaxes(0, 1)).h_n[0], model(x))


def test_behind_the_end_a_layer_repeats_and_bidirectional_says_zero(keras):
    x = series(1, 5)
    x[:, 3:] = 0
    masked = keras.layers.Masking(mask_value=0.0)(x)
    kept = keras.layers.LSTM(4, return_sequences=True)(masked).detach().numpy()[0]
    assert np.array_equal(kept[3], kept[2]) and np.array_equal(kept[4], kept[2])
    assert kept[2].any()
    both = keras.layers.Bidirectional(keras.layers.LSTM(4, return_sequences=True))
    there = both(masked).detach().numpy()[0]
    assert there[2].any() and not there[3:].any()


def test_input_shape_still_runs_with_a_warning(keras):
    (old,) = re.findall(r"`model\.add\((GRU\(.*?\))\)`", CELLS["keras-input"])
    names = {"GRU": keras.layers.GRU, "timesteps": 6, "input_dim": 5}
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        layer = eval(old, names)
    assert "Input(shape)" in str(said[-1].message)
    model = keras.Sequential()
    model.add(layer)
    assert model(series(2, 6)).shape == (2, 8)


def test_the_table_of_names_names_what_there_is(keras):
    rows = [line for line in CELLS["keras-names"].splitlines() if line.startswith("|")]
    for name in re.findall(r"`([A-Z]\w+)", " ".join(r.split("|")[2] for r in rows[2:])):
        assert hasattr(keras.layers, name) or hasattr(keras, name)
    output, h, c = keras.layers.LSTM(4, return_sequences=True, return_state=True)(
        series(2, 6)
    )
    assert (output.shape, h.shape, c.shape) == ((2, 6, 4), (2, 4), (2, 4))
    assert np.array_equal(output[:, -1].detach().numpy(), h.detach().numpy())
