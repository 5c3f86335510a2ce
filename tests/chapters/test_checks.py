"""The exercises of chapter 1: stubs, solutions, likely mistakes, nonsense."""

import numpy as np
import pytest
from hands.checks import Exercises, raises

from unrolled.cells import RNNCell
from unrolled.checks import exercise, recurrence
from unrolled.checks.answers import draw_weights
from unrolled.explorers import HiddenState, StatePlane

T = np.transpose


def softmax(logits, axis=-1):
    e = np.exp(logits - logits.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def sigmoid_output(h, W_y, b_y):
    return 1 / (1 + np.exp(-(h @ W_y.T + b_y)))


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


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


def whole_book(cell, pieces):
    return cell.run(np.concatenate(pieces)).h


def two_at_once(cell, pieces):
    first, second, third = pieces
    one = cell.run(np.vstack([first, second])).h
    return np.vstack([one, cell.run(third, one[-1]).h])


def taken_off(what):
    """A softmax that takes something off the logits before exp."""

    def output(h, W_y, b_y):
        logits = h @ W_y.T + b_y
        e = np.exp(logits - what(logits))
        return e / e.sum(-1, keepdims=True)

    return output


def clipped_softmax(h, W_y, b_y):
    return softmax(np.clip(h @ W_y.T + b_y, -500, 500))


def with_torch(h, W_y, b_y):
    import torch

    logits = torch.as_tensor(h @ W_y.T + b_y)
    return torch.softmax(logits, -1).numpy()


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


def without_states(network):
    xs = np.eye(8, 3) + 1
    ones = [network(x[None], np.zeros(4))[0] for x in xs]
    states = network(xs, np.zeros(4))
    return np.allclose(states[0], ones[0])


def last_copy(network):
    rng = np.random.default_rng(0)
    xs, h = rng.normal(size=(8, 3)), rng.normal(size=4)
    states = network(xs, h)
    return np.allclose(network(xs[7:], states[6])[0], states[7])


def step_by_step(x, h, W_x, W_h, b):
    if x.ndim == 1:
        return np.tanh(W_x @ x + W_h @ h + b)
    return [step_by_step(*pair, W_x, W_h, b) for pair in zip(x, h, strict=True)]


def written_into(xs, W_x, W_h, b, h):
    states = np.empty((len(xs), len(h)))
    for t, x in enumerate(xs):
        h = states[t] = np.tanh(W_x @ x + W_h @ h + b)
    return states


def copied_first(xs, W_x, W_h, b, h):
    h, states = h.copy(), []
    for x in xs:
        h[:] = np.tanh(W_x @ x + W_h @ h + b)
        states.append(h.copy())
    return states


def read_by_steps(cell, pieces):
    h, states = np.zeros(cell.hidden_size), []
    for piece in pieces:
        for x in piece:
            h = cell.step(x, h)
            states.append(h)
    return states


def kept_runs(cell, pieces):
    runs = [cell.run(pieces[0])]
    for piece in pieces[1:]:
        runs.append(cell.run(piece, runs[-1].h_n))
    return np.vstack([run.h for run in runs])


def each_by_itself(cell, batch):
    return [cell.run(sequence).h_n for sequence in batch]


def by_einsum(h, W_y, b_y):
    logits = np.einsum("tnh,kh->tnk", h, W_y) + b_y
    logits -= logits.max(-1)[..., None]
    return np.exp(logits) / np.exp(logits).sum(-1)[..., None]


def against_the_first(network):
    rng = np.random.default_rng(3)
    xs, h = rng.normal(size=(8, 3)), rng.normal(size=4)
    first = network(xs[:1], h)[0]
    for t in range(1, 8):
        states = network(xs[: t + 1], h)
        if np.abs(network(xs[t : t + 1], states[t - 1])[0] - states[t]).max() > 1e-9:
            return np.bool_(False)
    return first is not None


def loss_and_slopes(p, xs, targets, h_0=None):
    """The loss of a word by PyTorch, the slopes of its weights, and the last state."""
    import torch

    q = {name: torch.tensor(value, requires_grad=True) for name, value in p.items()}
    h, logits = torch.zeros(len(p["b"])).double() if h_0 is None else h_0, []
    for x in torch.tensor(xs):
        h = torch.tanh(q["W_x"] @ x + q["W_h"] @ h + q["b"])
        logits.append(q["W_y"] @ h + q["b_y"])
    cross_entropy = torch.nn.functional.cross_entropy
    loss = cross_entropy(torch.stack(logits), torch.tensor(list(targets)))
    slopes = torch.autograd.grad(loss, list(q.values()))
    slopes = [one.numpy() for one in slopes]
    return loss.item(), dict(zip(q, slopes, strict=True)), h.detach()


def trains(*, told=1.0, longer=1.0, late=False, more=0, keeps=False, moves=None, at=1):
    """Training by PyTorch, with one mistake or another.

    moves : the names of the arrays that learn; at : how many of them go at a time.
    """

    def by_hand(p, xs, targets, rate, steps):
        p, h, losses = dict(p), None, []
        names = list(moves or p)
        parts = [names] if at == 1 else [[name] for name in names]
        for _ in range(steps + late + more):
            for k, part in enumerate(parts):
                loss, slopes, last = loss_and_slopes(p, xs, targets, h)
                losses += [told * loss] * (k == 0)
                for name in part:
                    p[name] = p[name] - longer * rate * slopes[name]
            h = last if keeps else None
        return losses[late:]

    return by_hand


def in_place(p, xs, targets, rate, steps):
    losses = []
    for _ in range(steps):
        loss, slopes, _ = loss_and_slopes(p, xs, targets)
        losses.append(loss)
        for name, slope in slopes.items():
            p[name] -= rate * slope
    return losses


def by_one_sided_nudges(nudge, left=False):
    """Training by nudges; with `left`, these stay in the weights."""

    def by_hand(p, xs, targets, rate, steps):
        p, losses = {name: value.copy() for name, value in p.items()}, []
        for _ in range(steps):
            losses.append(loss_and_slopes(p, xs, targets)[0])
            slopes = {name: np.zeros_like(value) for name, value in p.items()}
            for name, value in p.items():
                for at in np.ndindex(value.shape):
                    before = loss_and_slopes(p, xs, targets)[0]
                    value[at] += nudge
                    slopes[name][at] = loss_and_slopes(p, xs, targets)[0] - before
                    value[at] -= 0 if left else nudge
            for name in p:
                p[name] = p[name] - rate * slopes[name] / nudge
        return np.array(losses)

    return by_hand


# The right answers in other forms than the solution's.
RIGHT = {
    "two_pulses": ["C", "(c)", " c. ", "c)", '"c"'],
    "one_step": [
        lambda x, h, W, U, b: np.tanh(h @ U.T + b + x @ W.T),
        lambda x, h, W, U, b: np.tanh((W @ x.T).T + (U @ h.T).T + b),
        lambda x, h, W, U, b: np.tanh(np.dot(x, W.T) + np.dot(h, U.T) + b),
        lambda x, h, W, U, b: np.tanh(np.inner(x, W) + np.inner(h, U) + b),
        lambda x, h, W, U, b: RNNCell(W, U, b).step(x, h),
        lambda x, h, W, U, b: np.tanh(x @ W.T + h @ U.T + b).astype(np.float32),
        step_by_step,
    ],
    "shapes": [
        SHAPES,
        {name: list(shape) for name, shape in SHAPES.items()},
        {name: np.zeros(shape).shape for name, shape in reversed(SHAPES.items())},
    ],
    "parameters": [
        lambda d, H, K, T: H * (d + H + 1) + K * (H + 1),
        lambda d, H, K, T: float(H * d + H**2 + H + K * H + K),
        lambda d, H, K, T: sum(map(np.prod, [(H, d), (H, H), (H,), (K, H), (K,)])),
    ],
    "mended": [written_into, copied_first, loop()],
    "read_in_pieces": [read_by_steps, kept_runs, pieces_by(lambda h: h[-1].copy())],
    "last_states": [
        each_by_itself,
        lambda cell, x: cell.run(x.transpose(1, 0, 2)).h_n,
        lambda cell, x: cell.run(np.moveaxis(x, 1, 0)).h[x.shape[1] - 1],
    ],
    "probabilities": [
        by_einsum,
        lambda h, W, b: softmax(h @ W.T + b),
        taken_off(lambda z: z.max(axis=-1, keepdims=True) + 3),
    ],
    "latch": [
        memory(w_x=2, w_h=1.5),
        memory(w_x=3, w_h=1.374),
        memory(w_x=2, w_h=1.5, step=40),
    ],
    "clock": [
        clock(angle=45, scale=1.3),
        clock(angle=-135, scale=1.3),
        clock(angle=45, scale=1.3, h_0=[-0.3, 0.9]),
    ],
    "shares_weights": [against_the_first],
    "by_hand": [trains(), by_one_sided_nudges(1e-7)],
}


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
        (lambda x, h, W, U, b: sigmoid(x @ W.T + h @ U.T + b), "by a sigmoid"),
        (lambda x, h, W, U, b: np.maximum(0, x @ W.T + h @ U.T + b), "is negative"),
        (lambda x, h, W, U, b: np.tanh(x @ W.T + h @ U.T + 2 * b), "added twice"),
        (lambda x, h, W, U, b: np.tanh(x @ W.T) + np.tanh(h @ U.T + b), "squeezed"),
        (lambda x, h, W, U, b: np.tanh(x @ W + h @ U + b), "and 3 meet 4"),
        (
            lambda x, h, W, U, b: np.tanh(x + W),
            "given x (5, 3), h (5, 4)",
        ),
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
        (lambda d, H, K, T: H * d + H * H + K * H + K, "inside tanh"),
        (lambda d, H, K, T: H * d + H * H + H + K * H, "a bias of its own"),
        (lambda d, H, K, T: 2 * H * d + H + K * H + K, "what does it meet"),
        (lambda d, H, K, T: d * H + H * H + H + K * d + K, "five arrays"),
    ],
    "mended": [
        (loop(copies=True), "is safe now"),
        (copied_too_late, "handed in"),
        (loop(late=False), "before its input"),
        (loop(zeros=True), "from zeros"),
        (loop(fresh=True), "Every step starts from h_0"),
        (lambda *given: loop()(*given)[-1], "last state alone"),
        (lambda *g: np.vstack([g[-1], loop()(*g)]), "a row too many"),
        (lambda xs, W, U, b, h: np.tanh(xs @ W.T), "Is the equation still"),
    ],
    "read_in_pieces": [
        (pieces_by(lambda h: None), "starts again from zeros"),
        (pieces_by(lambda h: h[0]), "first step of a piece"),
        (lambda cell, pieces: [cell.run(piece).h for piece in pieces], "Join them"),
        (lambda cell, pieces: cell.run(pieces[-1]).h, "shape (3, 3)"),
        (lambda cell, pieces: cell.run(pieces).h, "ValueError"),
        (whole_book, "8 steps were run at once, and the longest piece has 4"),
        (two_at_once, "5 steps were run at once"),
        (lambda cell, pieces: whole_book(cell, pieces[::-1]), "the last to the first"),
        (
            lambda cell, pieces: pieces_by(lambda h: h[-1])(cell, pieces)[[3, 4, 7]],
            "one",
        ),
        (
            lambda cell, pieces: T(pieces_by(lambda h: h[-1])(cell, pieces)),
            "units down",
        ),
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
        (lambda cell, x: cell.run(x.swapaxes(0, 1)[::-1]).h[-1], "its end to its beg"),
        (lambda cell, x: cell.run(x.swapaxes(0, 1)).h[0], "the first step"),
        (lambda cell, x: cell.run(x.swapaxes(0, 1)).h[-2], "one step before the end"),
        (lambda cell, x: cell.run(x.swapaxes(0, 1)).h.mean(axis=0), "the mean"),
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
        (taken_off(lambda z: z.max()), "Nothing overflows any more. But"),
        (taken_off(lambda z: z.max(axis=0)), "for each state"),
        (taken_off(lambda z: z.mean(axis=-1, keepdims=True)), "NaN comes out"),
        (taken_off(lambda z: z.min(axis=-1, keepdims=True)), "NaN comes out"),
        (clipped_softmax, "changes the differences"),
        (with_torch, "this uses torch"),
        (lambda h, W, b: softmax(-(h @ W.T + b)), "A sign is turned"),
        (lambda h, W, b: softmax(np.log(2) * (h @ W.T + b)), "powers of 2"),
        (lambda h, W, b: softmax(h @ W + b), "ValueError"),
    ],
    "latch": [
        (memory(w_h=0.95), "faded"),
        (memory(w_h=1.1), "too low"),
        (memory(w_h=1.5), "only too well"),
        (memory(w_x=2, w_h=-1.5), "changes sign"),
        (memory(w_x=-2, w_h=1.5), "had been negative"),
        (memory(w_x=1.16, w_h=1.4), "still on its way"),
        (memory(w_x=-2, w_h=-1.5), "changes sign at every step"),
        (memory(w_x=0, w_h=1.5), "no pulse at all"),
        (memory(b=-1, w_h=1.5), "b, which is -1"),
        (memory(w_x=1.5, w_h=1.37), "the state is 0.798. It holds, but too low"),
        (memory(b=1, w_h=0.5), "only too well"),
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
        (clock(angle=45, scale=2), "in the end it is back every 8 steps"),
        (clock(angle=45, scale=1.3, h_0=[0, 0]), "zero from the start"),
        (clock(angle=45, scale=1.3, shear=0.9), "on one side"),
        (clock(angle=45, scale=1.05), "0.43. At every step tanh takes"),
        (clock(angle=45, scale=1, activation="identity"), "at tanh"),
        (clock(angle=45, scale=1.3, timesteps=16), "steps at 40"),
        (clock(angle=45, scale=1e308, shear=1e308), "overflowed"),
        (memory(), "wanted, StatePlane; this is a HiddenState"),
    ],
    "shares_weights": [
        (lambda network: True, "weights of their own"),
        (lambda network: False, "Were both the same"),
        (same_states, "Were both the same"),
        (second_copy, "its copy of step 6 has"),
        (without_inputs, "W_x alone"),
        (lambda network: "yes", "True or False"),
        (lambda network: network(np.zeros((9, 3)), np.zeros(4)), "must be (1 to 8, 3)"),
        (without_states, "weights of their own"),
        (last_copy, "of step"),
    ],
    "by_hand": [
        (trains(late=True), "losses after each step"),
        (trains(more=1), "a loss too many"),
        (trains(longer=-1), "The loss rises"),
        (trains(longer=0), "have not moved"),
        (trains(longer=2), "Where is the rate"),
        (trains(told=6, longer=6), "the surprise of all letters"),
        (trains(told=6), "what is returned is a sum"),
        (trains(longer=6), "slopes are those of a sum"),
        (trains(at=0), "when another has already moved"),
        (trains(keeps=True), "The word begins anew"),
        (trains(moves=("W_y", "b_y")), "output layer alone"),
        (trains(moves=("W_x", "W_h", "b", "W_y")), "All arrays move but b_y"),
        (trains(moves=("W_x", "b", "W_y", "b_y")), "All arrays move but W_h"),
        (lambda *given: trains()(*given)[-1], "one loss, the last"),
        (in_place, "are not what they were"),
        (by_one_sided_nudges(1e-4), "nudged to both sides"),
        (by_one_sided_nudges(1e-5, left=True), "put back just as it was"),
        (trains(told=2), "first loss alone"),
        (trains(longer=1.5), "The first loss is right"),
        (lambda p, xs, targets, rate, steps: p, "this is a dict"),
        (lambda p, xs, *_: p["W_x"] @ xs, "and 3 meet 6"),
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
    "by_hand": r"copy\(|log\(|-= ",
}


ALIKE = {
    "mended": {"np.stack(states) -> states": "a list of the states"},
    "last_states": {
        "batch.swapaxes(0, 1) -> batch.swapaxes(1, 0)": "the same exchange",
    },
    "probabilities": {
        "np.exp(logits - logits.max(axis=-1, keepdims=True)) -> "
        "-np.exp(logits - logits.max(axis=-1, keepdims=True))": "the sign cancels",
    },
}


def holds_the_bit(figure):
    """Whether the pulse stays at 0.8 or more, and is turned over to -0.8 or less."""
    h = [figure.h_0]
    for x in figure.x:
        h.append(np.tanh(figure.w_x * x + figure.w_h * h[-1] + figure.b))
    held = min(h[20:31]) >= 0.8 and h[40] <= -0.8
    return held and figure.x == PULSES and figure.h_0 == 0


def goes_round(figure):
    """Whether the path of 40 steps closes after 8 of them, no sooner, away from 0."""
    path = [np.array(figure.h_0)]
    for _ in range(40):
        path.append(np.tanh(figure.W_h @ path[-1] + figure.b))
    path = np.array(path[1:])
    back = [np.abs(path[39] - path[39 - k]).max() < 0.05 for k in range(1, 9)]
    return back == 7 * [False] + [True] and np.hypot(*path[24:].T).min() >= 0.5


def tells_all(test):
    """Whether a test tells of two hundred networks which share their weights."""
    rng = np.random.default_rng(1)
    for number in range(200):
        one = draw_weights(rng, 3, 4)
        weights = [one] * 8
        if number % 2:
            step, part = rng.integers(8), rng.integers(3)
            other = list(one)
            other[part] = draw_weights(rng, 3, 4)[part]
            weights[step] = other
        if bool(test(recurrence._network(weights))) != (number % 2 == 0):
            return False
    return True


def walks_as_pytorch(train):
    """Whether a training is PyTorch's on another word, and its start is left."""
    rng = np.random.default_rng(4)
    sizes = {"W_x": (4, 2), "W_h": (4, 4), "b": 4, "W_y": (2, 4), "b_y": 2}
    p = {name: rng.normal(size=size) for name, size in sizes.items()}
    xs, targets = np.eye(2)[[0, 1, 1, 0]], [1, 1, 0, 1]
    given = {name: value.copy() for name, value in p.items()}
    losses = train(given, xs, targets, 0.3, 4)
    left = all(np.array_equal(given[name], p[name]) for name in p)
    return left and np.allclose(losses, trains()(p, xs, targets, 0.3, 4), atol=1e-6)


class TestRecurrence(Exercises):
    check = recurrence
    notebook = "01_recurrence"
    wrong = WRONG
    right = RIGHT
    answers = ANSWERS
    alike = ALIKE
    fits = {
        "latch": holds_the_bit,
        "clock": goes_round,
        "shares_weights": tells_all,
        "by_hand": walks_as_pytorch,
    }
    slow = ("shares_weights", "by_hand")


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
