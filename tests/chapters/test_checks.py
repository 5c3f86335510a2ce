"""The exercises of chapter 1: stubs, solutions, likely mistakes, nonsense."""

import numpy as np
import pytest
from hands.checks import Exercises, raises

from unrolled.checks import exercise, recurrence
from unrolled.explorers import HiddenState, StatePlane

T = np.transpose


def softmax(logits, axis=-1):
    e = np.exp(logits - logits.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def sigmoid_output(h, W_y, b_y):
    return 1 / (1 + np.exp(-(h @ W_y.T + b_y)))


def naive_softmax(h, W_y, b_y):
    e = np.exp(h @ W_y.T + b_y)
    return e / e.sum(-1, keepdims=True)


SHAPES = {
    "x": (20, 32, 50),
    "W_x": (64, 50),
    "W_h": (64, 64),
    "b": (64,),
    "states": (20, 32, 64),
    "W_y": (5, 64),
    "y": (32, 5),
}


def loop(*, copies=False, late=True, zeros=False, fresh=False):
    """Five lines with one mistake or another."""

    def run(xs, W_x, W_h, b, h):
        if copies:
            h = h.copy()
        h_0 = h = np.zeros_like(h) if zeros else h
        states = []
        for x in xs:
            if not late:
                states.append(h)
            new = np.tanh(W_x @ x + W_h @ (h_0 if fresh else h) + b)
            if copies:
                h[:] = new
            else:
                h = new
            if late:
                states.append(h)
        return np.stack(states)

    return run


def copied_too_late(xs, W_x, W_h, b, h):
    states = []
    for x in xs:
        h[:] = np.tanh(W_x @ x + W_h @ h + b)
        states.append(h.copy())
    return np.stack(states)


def pieces_by(carry):
    def read(cell, pieces):
        h, states = None, []
        for piece in pieces:
            states.append(cell.run(piece, h).h)
            h = carry(states[-1])
        return np.concatenate(states)

    return read


PULSES = [1.0] + [0.0] * 29 + [-1.0] + [0.0] * 9


def memory(**traits):
    return HiddenState(**{"x": PULSES, **traits})


def clock(**traits):
    return StatePlane(**{"timesteps": 40, **traits})


def same_states(network):
    states = network(np.ones((8, 3)), np.zeros(4))
    return np.allclose(states, states[0])


def second_copy(network):
    rng = np.random.default_rng(0)
    xs, h = rng.normal(size=(2, 3)), rng.normal(size=4)
    states = network(xs, h)
    return np.allclose(network(xs[1:], states[0])[0], states[1])


def without_inputs(network):
    states = network(np.zeros((8, 3)), np.ones(4))
    return all(
        np.allclose(network(np.zeros((1, 3)), states[t - 1])[0], states[t])
        for t in range(1, 8)
    )


# Of each exercise: (a plausible wrong answer, words of the hint that it should get).
WRONG = {
    "two_pulses": [
        ("a", "keep their ratio"),
        ("B", "a place where it stops"),
        ("(d)", "near zero"),
        ("both the same", "not one of the 4"),
        (0.5, "in quotes"),
    ],
    "one_step": [
        (lambda x, h, W, U, b: np.tanh(W @ x + U @ h + b), "on which side"),
        (lambda x, h, W, U, b: x @ W.T + h @ U.T + b, "between -1 and 1"),
        (lambda x, h, W, U, b: np.tanh(x @ W.T + h @ U.T), "bias is missing"),
        (lambda x, h, W, U, b: np.tanh(x @ W.T + b), "where is W_h"),
        (lambda x, h, W, U, b: np.tanh(h @ U.T + b), "where is W_x"),
        (lambda x, h, W, U, b: np.tanh(x @ W.T + h @ U + b), "fits both ways"),
        (lambda x, h, W, U, b: np.tanh(np.tanh(x @ W.T + h @ U.T + b)), "twice"),
        (lambda x, h, W, U, b: np.tanh(x @ W.T + h @ U.T) + b, "after tanh"),
        (lambda x, h, W, U, b: T(np.tanh(x @ W.T + h @ U.T + b)), "units run down"),
        (lambda x, h, W, U, b: np.tanh(x @ W.T + h @ U.T + b)[:5, :], "single x"),
        (lambda x, h: x, "TypeError"),
    ],
    "shapes": [
        (SHAPES | {"W_x": (50, 64)}, "6 of 7 are right. W_x is turned round"),
        (SHAPES | {"W_x": (20, 64, 50)}, "longer reviews"),
        (SHAPES | {"x": (32, 20, 50)}, "another order"),
        (SHAPES | {"y": (20, 32, 5)}, "after every word"),
        (SHAPES | {"b": 64}, "comma"),
        (SHAPES | {"b": (64, 1)}, "count its axes"),
        (SHAPES | {"states": (20, 32, 50)}, "does not belong"),
        (SHAPES | {"y": ...}, "Still open: y."),
        ({"x": (20, 32, 50)}, "A dictionary of these names"),
    ],
    "parameters": [
        (lambda d, H, K, T: T * (H * d + H * H + H + K * H + K), "changes with T"),
        (lambda d, H, K, T: H * d + H * H + K * H, "No bias"),
        (lambda d, H, K, T: H * d + H + K * H + K, "old state into the new"),
        (lambda d, H, K, T: H * d + H * H + H, "output layer’s"),
        (lambda d, H, K, T: H * d + H * H + 2 * H + K * H + K, "two biases"),
        (lambda d, H, K, T: d + H + K, "five arrays"),
        (lambda d, H, K, T: (d, H), "One number"),
    ],
    "mended": [
        (loop(copies=True), "is safe now"),
        (copied_too_late, "handed in"),
        (loop(late=False), "before its input"),
        (loop(zeros=True), "from zeros"),
        (loop(fresh=True), "Every step starts from h_0"),
        (lambda *given: loop()(*given)[-1], "last state alone"),
    ],
    "read_in_pieces": [
        (pieces_by(lambda h: None), "starts again from zeros"),
        (pieces_by(lambda h: h[0]), "first step of a piece"),
        (lambda cell, pieces: [cell.run(piece).h for piece in pieces], "Join them"),
        (lambda cell, pieces: cell.run(pieces[-1]).h, "shape (3, 3)"),
        (lambda cell, pieces: cell.run(pieces).h, "ValueError"),
    ],
    "last_states": [
        (lambda cell, x: cell.run(x).h[-1], "from sequence to sequence"),
        (lambda cell, x: cell.run(x).h[:, -1], "shape is right, and still"),
        (
            lambda cell, x: cell.run(x.reshape(x.shape[1], -1, x.shape[2])).h[-1],
            "moved into another",
        ),
        (lambda cell, x: cell.run(x.swapaxes(0, 1)).h[:, -1], "last sequence"),
        (lambda cell, x: cell.run(x.swapaxes(0, 1)).h, "of all steps"),
        (lambda cell, x: cell.run(x.T).h[-1], "ValueError"),
        # Errors that only a square batch brings to light.
        (
            lambda cell, x: cell.run(x.swapaxes(0, 1) if len(x) == 6 else x).h[-1],
            "from sequence to sequence",
        ),
    ],
    "probabilities": [
        (lambda h, W, b: softmax(h @ W.T + b, 0), "over the time steps"),
        (lambda h, W, b: softmax(h @ W.T + b, 1), "over the sequences"),
        (lambda h, W, b: softmax(h @ W.T + b, None), "over the whole array"),
        (lambda h, W, b: h @ W.T + b, "not yet probabilities"),
        (lambda h, W, b: softmax(h @ W.T), "bias is missing"),
        (lambda h, W, b: softmax(softmax(h @ W.T + b)), "twice"),
        (lambda h, W, b: np.log(softmax(h @ W.T + b)), "logarithms"),
        (lambda h, W, b: np.exp(h @ W.T + b), "do not add up"),
        (sigmoid_output, "a sigmoid"),
        (naive_softmax, "exp overflows"),
        (lambda h, W, b: softmax(h @ W + b), "ValueError"),
    ],
    "latch": [
        (memory(w_h=0.95), "faded"),
        (memory(w_h=1.1), "too low"),
        (memory(w_h=1.5), "only too well"),
        (memory(w_x=2, w_h=-1.5), "changes sign"),
        (memory(w_x=-2, w_h=1.5), "had been negative"),
        (memory(w_x=1.16, w_h=1.4), "still on its way"),
        (memory(w_x=2, w_h=1.5, activation="identity"), "at tanh"),
        (memory(w_x=2, w_h=1.5, h_0=0.9), "h_0 at 0"),
        (HiddenState(w_x=2, w_h=1.5), "inputs have been moved"),
        (clock(), "wanted, HiddenState; this is a StatePlane"),
        ((2.0, 1.5), "this is a tuple"),
    ],
    "clock": [
        (clock(angle=45), "tanh takes a little"),
        (clock(angle=45, scale=1), "tanh takes a little"),
        (clock(angle=90, scale=1.3), "every 4 steps"),
        (clock(angle=40, scale=1.1), "repeats itself every 9 steps"),
        (clock(angle=50, scale=1.3), "how far do eight"),
        (clock(angle=0, scale=1.5), "come to rest"),
        (clock(angle=45, scale=1, activation="identity"), "at tanh"),
        (clock(angle=45, scale=1.3, timesteps=16), "steps at 40"),
        (clock(angle=45, scale=1e308, shear=1e308), "overflowed"),
        (memory(), "wanted, StatePlane; this is a HiddenState"),
    ],
    "shares_weights": [
        (lambda network: True, "weights of their own"),
        (lambda network: False, "Were both the same"),
        (same_states, "Were both the same"),
        (second_copy, "only its copy of step 6"),
        (without_inputs, "W_x alone"),
        (lambda network: "yes", "True or False"),
        (lambda network: network(np.zeros((9, 3)), np.zeros(4)), "must be (1 to 8, 3)"),
    ],
}

# What would give an answer away.
ANSWERS = {
    "two_pulses": r"the same in both|0\.50",
    "one_step": r"\.T\b|transpose|@",
    "shapes": r"\((20, 32|64|5,|32, 5)",
    "parameters": r"7,?685|H\s*\*|\*\s*H",
    "mended": r"copy\(|h = ",
    "read_in_pieces": r"concatenate|\[-1\]|last state",
    "last_states": r"swapaxes|transpose|\[-1\]",
    "probabilities": r"axis=|-1\b|\bmax|largest",
    "latch": r"w_h = |w_x = |1\.3[78]",
    "clock": r"\b45\b|\b135\b|360|above 1",
    "shares_weights": r"network\(|states\[",
}


class TestRecurrence(Exercises):
    check = recurrence
    notebook = "01_recurrence"
    wrong = WRONG
    answers = ANSWERS


def test_an_error_of_a_check_stops_nothing(capsys):
    exercise(raises)("an answer")
    assert "could not be checked: ZeroDivisionError" in capsys.readouterr().out


def test_tensors_are_taken(capsys):
    torch = pytest.importorskip("torch")

    def step(*given):
        x, h, W_x, W_h, b = (torch.tensor(one, requires_grad=True) for one in given)
        return torch.tanh(x @ W_x.T + h @ W_h.T + b)

    recurrence.one_step(step)
    assert capsys.readouterr().out.startswith("Right. ")
