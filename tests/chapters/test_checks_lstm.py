"""The exercises of chapter 4: stubs, solutions, likely mistakes, nonsense."""

import numpy as np
import pytest
import torch
from hands.checks import Exercises

from unrolled import initialisers
from unrolled.cells import LSTMCell
from unrolled.checks import lstm
from unrolled.explorers import LSTMGates, MemoryRace

EXTREMES = {
    "f = 1, i = 0": "keep",
    "f = 0, i = 1": "replace",
    "f = 1, i = 1": "add",
    "f = 0, i = 0": "erase",
}


def logit(f):
    return np.log(f / (1 - f))


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def forgets(a, b, g, c):
    """The right one of a and b."""
    at_first = np.abs(b[0] * g[0] - c[0]).max() < np.abs(a[0] * g[0] - c[0]).max()
    return a if at_first else b


def writes(a, b, g, c):
    return b if forgets(a, b, g, c) is a else a


def lags(gates):
    """The function of f whose lags are the products of these gates."""
    return lambda f: np.vstack([np.ones((1, 3)), np.cumprod(gates(f), axis=0)])


def holds(order="ifgo", **changes):
    """A function that makes a latch of two units, with one mistake or another.

    A gate is (weights on x, biases); W_h is one number for every place.
    """
    gates = {
        "i": ([40.0, -40.0], [-24.0, -24.0]),
        "f": ([0.0, 0.0], [30.0, 30.0]),
        "g": ([10.0, 10.0], [0.0, 0.0]),
        "o": ([0.0, 0.0], [30.0, 30.0]),
    }
    return built(order, gates, changes)


def alone(order="ifgo", **changes):
    """The same with a single unit, whose input gate is always open."""
    gates = {
        "i": ([0.0], [30.0]),
        "f": ([0.0], [30.0]),
        "g": ([10.0], [0.0]),
        "o": ([0.0], [30.0]),
    }
    return built(order, gates, changes)


def counts(order="ifgo", **changes):
    """A function that makes a counter of brackets, with one mistake or another."""
    gates = {
        "i": ([[0.0, 0.0]], [20.0]),
        "f": ([[0.0, 0.0]], [20.0]),
        "g": ([[20.0, -20.0]], [0.0]),
        "o": ([[0.0, 0.0]], [20.0]),
    }
    return built(order, gates, changes)


def built(order, gates, changes):
    W_h = changes.pop("W_h", 0.0)
    gates = gates | changes
    W_x = np.concatenate([np.array(gates[gate][0], float) for gate in order])
    b = np.concatenate([np.array(gates[gate][1], float) for gate in order])
    W_x = W_x.reshape(len(b), -1)
    return lambda: LSTMCell(W_x, np.full((len(b), len(b) // 4), float(W_h)), b)


def a_tanh_latch():
    W_x, W_h, b = np.zeros((4, 1)), np.zeros((4, 1)), np.array([30.0, -30, 0, 30])
    W_x[2], W_h[2] = 4, 6
    return LSTMCell(W_x, W_h, b)


def store(**traits):
    """The figure of exercise 8, solved but for what is given."""
    x = [0, 1] + 13 * [0] + [-1]
    return LSTMGates(**{"x": x, "clamp_f": 1.0, **traits})


def filled(**rows):
    """A function that writes numbers into rows of bias_ih, by PyTorch's order."""

    def change(module):
        H = module.hidden_size
        with torch.no_grad():
            for gate, value in rows.items():
                k = "ifgo".index(gate)
                module.bias_ih_l0[k * H : (k + 1) * H] = value
        return module

    return change


def unguarded(module):
    module.bias_ih_l0[32:64] = 5.0
    return module


def not_returned(module):
    initialisers.chrono_(module, T_max=300)


def other_sizes(module):
    module.weight_hh_l0 = torch.nn.Parameter(torch.eye(32, dtype=torch.float64))
    return module


def kept(**traits):
    return MemoryRace(**traits)


def runs_of_gates(count):
    """Gates, candidate and cell state of many runs, and which of the two forgets."""
    rng = np.random.default_rng(1)
    for run in range(count):
        T, H = rng.integers(2, 9), rng.integers(1, 4)
        f, i = rng.uniform(0, 1, (2, T, H))
        g, c = rng.uniform(-1, 1, (T, H)), np.zeros((T + 1, H))
        for t in range(T):
            c[t + 1] = f[t] * c[t] + i[t] * g[t]
        a, b = (f, i) if run % 2 else (i, f)
        yield a, b, g, c[1:], f


def finds_it(which):
    return all(
        np.array_equal(which(*given), right) for *given, right in runs_of_gates(200)
    )


def keeps_the_bit(make):
    """Whether a cell holds its bit in other noise than the check's."""
    cell = make()
    x = 0.1 * np.random.default_rng(1).normal(size=(1001, 200, 1))
    x[0, :, 0] = bits = np.tile([1.0, -1.0], 100)
    return (bits * cell.run(x).h_n.sum(axis=-1) > 0.1).all()


def counts_right(make):
    """Whether a cell counts the brackets of other texts than the check's."""
    cell, rng = make(), np.random.default_rng(1)
    for _ in range(5):
        x, depth, found = np.zeros((400, 2)), 0, []
        for step in x:
            kind = rng.integers(3)
            if kind == 0 or (kind == 1 and depth):
                step[kind] = 1
                depth += 1 - 2 * kind
            found.append(depth)
        if np.abs(cell.run(x).c[:, 0] - found).max() > 0.05:
            return False
    return True


def is_silent(figure):
    """Whether the 1 is stored and not shown before step 16, step by step by hand."""
    c = h = 0.0
    shown = []
    for x in figure.x:
        i, f, g, o = (np.dot(figure.state[k], [x, h, 1]) for k in "ifgo")
        i, f, o = (
            sigmoid(a) if figure.state[f"clamp_{k}"] is None else figure.clamp[k]
            for k, a in zip("ifo", (i, f, o), strict=True)
        )
        c = f * c + i * np.tanh(g)
        h = o * np.tanh(c)
        shown.append((c, h))
    stored, seen = np.array(shown).T
    well = stored[2:15].min() >= 0.9 and np.abs(seen[2:15]).max() <= 0.05
    return well and seen[15] >= 0.6 and figure.x[1] == 1 and len(figure.x) == 16


def keeps_between(figure):
    """Whether the LSTM of the race keeps half to all of c, and of a small change."""

    def last(first):
        c, h = first, 0.5 * np.tanh(first)
        for _ in range(29):
            c = sigmoid(figure.b_f) * c + sigmoid(figure.b_i) * np.tanh(0.58 * h)
            h = 0.5 * np.tanh(c)
        return c

    c = sigmoid(figure.b_i) * np.tanh(figure.impulse)
    back = (last(c + 1e-6) - last(c - 1e-6)) / 2e-6
    return 0.5 <= last(c) / c <= 1 and 0.5 <= back <= 1


def names_blocks(weight):
    i, f, g, o = np.split(weight, 4)
    return f


def first_step(a, b, g, c):
    return a if np.abs(b[0] * g[0] - c[0]).sum() < 1e-9 else b


def all_steps(a, b, g, c):
    old = np.vstack([np.zeros_like(c[:1]), c[:-1]])
    return a if np.allclose(a * old + b * g, c) else b


def lag_by_lag(f):
    T = len(f)
    return [np.prod(f[T - k :], axis=0) for k in range(T)]


def as_float32():
    cell = holds()()
    parts = (cell.W_x, cell.W_h, cell.b)
    return LSTMCell(*(part.astype(np.float32) for part in parts))


def steps(*, at=1.0, order="ifgo", first=False, others=False, back=False, tanh=True):
    """A step without the gates in `out`, or with one mistake or another."""

    def taken_out(x, h, c, W_x, W_h, b, out):
        blocks = np.split(W_x @ x + W_h @ h + b, 4)
        a = dict(zip(order, blocks, strict=True))
        out = out[:1] if first else out
        out = set("ifo") - set(out) if others else out
        gates = {n: np.full_like(c, at) if n in out else sigmoid(a[n]) for n in "ifo"}
        c = gates["f"] * c + gates["i"] * np.tanh(a["g"])
        h = gates["o"] * (np.tanh(c) if tanh else c)
        return (c, h) if back else (h, c)

    return taken_out


def by_clamps(x, h, c, W_x, W_h, b, out):
    run = LSTMCell(W_x, W_h, b).run(x[None], h, c, clamp={name: 1 for name in out})
    return [run.h_n, run.c_n]


def by_large_biases(x, h, c, W_x, W_h, b, out):
    W_x, W_h, b, H = W_x.copy(), W_h.copy(), b.copy(), len(h)
    for name in out:
        k = H * "ifgo".index(name)
        W_x[k : k + H], W_h[k : k + H], b[k : k + H] = 0, 0, 40
    return LSTMCell(W_x, W_h, b).step(x, h, c)


# The right answers in other forms than the solution's.
RIGHT = {
    "extremes": [
        EXTREMES,
        {name: f" {word.upper()}" for name, word in EXTREMES.items()},
    ],
    "bias": [
        lambda steps: -np.log(2 ** (1 / steps) - 1),
        lambda steps: 2 * np.arctanh(2 * 0.5 ** (1 / steps) - 1),
        lambda steps: float(logit(np.exp(-np.log(2) / steps))),
    ],
    "forget_rows": [
        names_blocks,
        lambda W: W.reshape(4, -1, W.shape[1])[1],
        lambda W: W[len(W) // 4 : len(W) // 2].tolist(),
    ],
    "mislabelled": [first_step, all_steps],
    "direct": [
        lag_by_lag,
        lags(lambda f: f[:0:-1]),
        lambda f: np.exp(np.vstack([0 * f[:1], np.cumsum(np.log(f[:0:-1]), axis=0)])),
    ],
    "latch": [
        as_float32,
        holds(o=([0, 0], [0, 0])),
        holds(i=([-40, 40], [-24, -24])),
        a_tanh_latch,
    ],
    "brackets": [
        counts(),
        counts(o=([[0, 0]], [0])),
        counts(W_h=1e-9),
    ],
    "silent": [
        store(),
        store(clamp_f=None, f=[0, 0, 12]),
        store(x=[0, 1] + 13 * [0] + [-2]),
    ],
    "start": [
        lambda module: initialisers.chrono_(module, T_max=300),
        filled(f=6.0, i=-6.0),
    ],
    "race": [kept(b_f=4, b_i=-4), kept(b_f=1.8), kept(b_f=4, b_i=-6, lag=3)],
    "taken_out": [steps(), by_clamps, by_large_biases],
}


# Of each exercise: (a plausible wrong answer, words of the hint that it should get).
WRONG = {
    "extremes": [
        (EXTREMES | {"f = 1, i = 0": "erase"}, "let it through or stop it"),
        (EXTREMES | {"f = 0, i = 1": "add"}, "left of the old"),
        (EXTREMES | {"f = 1, i = 1": "replace"}, "have to go"),
        (EXTREMES | {"f = 0, i = 0": "keep"}, "what is left"),
        (EXTREMES | {"f = 0, i = 0": "forget"}, "not one of the words"),
        (EXTREMES | {"f = 1, i = 1": ...}, "Still open: f = 1, i = 1."),
        (EXTREMES | {"f = 1, i = 1": 1}, "in quotes"),
        ({"f": "keep"}, "A dictionary"),
    ],
    "bias": [
        (lambda steps: 0.5 ** (1 / steps), "the forget gate itself"),
        (lambda steps: np.log(0.5) / steps, "what undoes the sigmoid"),
        (lambda steps: -logit(0.5 ** (1 / steps)), "The sign"),
        (lambda steps: sigmoid(0.5 ** (1 / steps)), "what should come out"),
        (lambda steps: logit(0.5), "for any number of steps"),
        (lambda steps: logit(1 - 0.5 / steps), "takes a share"),
        (lambda steps: logit(np.exp(-1 / steps)), "falls to 1/e"),
        (lambda steps: np.log(steps / np.log(2)), "an approximation"),
        (lambda steps: logit(0.5 ** (1 / steps)) / np.log(2), "base 2"),
        (lambda steps: np.log(steps), "0.37 of c is left after 100"),
        (lambda steps: [1.0], "One number"),
        (lambda: 2.0, "TypeError"),
        (lambda steps: np.log(steps / 0.7), "an approximation"),
        (lambda steps: np.log(steps) + 0.36, "an approximation"),
        (lambda steps: logit(0.1 ** (1 / steps)), "a tenth is left"),
    ],
    "forget_rows": [
        (lambda W: W[: W.shape[1]], "the input gate"),
        (lambda W: W[2 * W.shape[1] : 3 * W.shape[1]], "the candidate"),
        (lambda W: W[-W.shape[1] :], "the output gate"),
        (lambda W: W[1::4], "stand together"),
        (lambda W: W[1], "This is one row."),
        (lambda W: W[W.shape[1]], "one row of the gate"),
        (lambda W: np.arange(W.shape[1], 2 * W.shape[1]), "rows’ numbers"),
        (lambda W: W[W.shape[1] : 2 * W.shape[1]].T, "turned into columns"),
        (lambda W: W[: 2 * W.shape[1]], "half of the rows"),
        (lambda W: W[W.shape[1] :], "stand below"),
        (lambda W: W[3:6], "shape (3, 5)"),
        (lambda W: W[W.shape[1] + 1 : 2 * W.shape[1] + 1], "begin one too late"),
        (lambda W: slice(3, 6), "Numbers are wanted"),
        (lambda W: W[W.shape[1] - 1 : 2 * W.shape[1] - 1], "begin one too early"),
        (lambda W: W.reshape(-1, 4, W.shape[1])[:, 1], "stand together"),
        (lambda W: np.flip(W[W.shape[1] : 2 * W.shape[1]]), "how many stand above"),
    ],
    "mislabelled": [
        (lambda a, b, g, c: a, "You return a every time"),
        (lambda a, b, g, c: b, "You return b every time"),
        (lambda a, b, g, c: a if a.mean() > b.mean() else b, "the larger gate"),
        (lambda a, b, g, c: a if a.mean() < b.mean() else b, "the smaller gate"),
        (writes, "each time it was the input gate"),
        (lambda a, b, g, c: a if g[0, 0] > 0 else b, "of 40 runs are right"),
        (lambda a, b, g, c: "a", "Return the array itself"),
        (lambda a, b, g, c: a is forgets(a, b, g, c), "Return the array itself"),
        (lambda a, b, g, c: a if a[0, 0] > 0.5 else b, "runs are right"),
        (lambda a, b, g, c: a if a.std() > b.std() else b, "runs are right"),
        (lambda a, b, g, c: a if (a[0] * g[0] == c[0]).all() else b, "the input gate"),
        (lambda a, b, g, c: c, "This is c"),
        (lambda a, b, g, c: g, "This is g"),
        (lambda a, b, g, c: b[::-1], "neither a nor b"),
    ],
    "direct": [
        (lambda f: np.cumprod(f[::-1], axis=0), "a step too early"),
        (lags(lambda f: f[:-1]), "begin at the first step. Which"),
        (lambda f: np.cumprod(f, axis=0), "first row should be 1"),
        (lags(lambda f: f[1:]), "begin at the second step"),
        (lags(lambda f: f[-2::-1]), "The last step’s gate is missing"),
        (lambda f: lags(lambda f: f[:0:-1])(f)[::-1], "the other way round"),
        (lags(lambda f: f[::-1]), "One row too many"),
        (lambda f: np.vstack([0 * f[:1] + 1, f[:0:-1]]), "not yet multiplied"),
        (lambda f: f[::-1], "have to be multiplied"),
        (lambda f: f[-1] ** np.arange(len(f))[:, None], "Each step has its own"),
        (lambda f: np.vstack([0 * f[:1] + 1, f[:0:-1].cumsum(0)]), "added up"),
        (lambda f: np.cumprod(f, axis=1), "over the units"),
        (lambda f: np.cumprod(f), "shape (18,)"),
        (lambda f: np.log(f), "each further lag"),
    ],
    "latch": [
        (lambda: (np.zeros((8, 1)), np.zeros((8, 2)), np.zeros(8)), "this is a tuple"),
        (counts(), "reads 2 features"),
        (lambda: LSTMCell(np.ones((4, 1)), np.ones(4), np.ones(4)), "ValueError"),
        (holds(i=([40, -40], [-60, -60])), "hardly gets in"),
        (holds(g=([0, 0], [0, 0])), "hardly gets in"),
        (alone(i=([40], [-24])), "a bit of -1 as 0.00"),
        (alone(i=([-40], [-24])), "a bit of 1 as 0.00"),
        (alone(g=([0], [10])), "in the same words"),
        (holds(f=([0, 0], [0, 0])), "0.5 to the power of 1000"),
        (holds(f=([0, 0], [5, 5])), "0.9933 to the power of 1000"),
        (holds(o=([0, 0], [-5, -5])), "does not show"),
        (holds(o=([10, -10], [-5, -5])), "does not show"),
        (holds(g=([-10, -10], [0, 0])), "the wrong sign"),
        (alone(g=([10], [0.3])), "Inputs of zero write"),
        (holds(g=([10, -10], [0, 0])), "Does every unit"),
        (alone(), "is open to 1 on average"),
        (alone(i=([0], [-1])), "is open to 0.27 on average"),
        (holds(f=([300, 300], [30, 30])), "moves a forget"),
        (holds(i=([40, -40], [-16, -16])), "On which way"),
        (holds(W_h=-20), "Without its W_h"),
        (holds("igfo"), "another order"),
        (holds("ifog"), "another order"),
        (holds("gifo"), "another order"),
    ],
    "brackets": [
        (lambda: torch.nn.LSTMCell(2, 1), "torch.nn.modules.rnn.LSTMCell"),
        (alone(), "reads 1 features"),
        (lambda: LSTMCell(np.zeros((8, 2)), np.zeros((8, 2)), np.zeros(8)), "2 units"),
        (counts(g=([[1, -1]], [0])), "to 0.76. What is added"),
        (counts(i=([[0, 0]], [0])), "i is 0.5 there"),
        (counts(g=([[-20, 20]], [0])), "the wrong way"),
        (counts(g=([[20, -20]], [20])), "Letters write"),
        (counts(f=([[0, 0]], [5])), "0.9933: what is that"),
        (counts(g=([[20, 0]], [0])), "changes nothing"),
        (counts(g=([[20, 20]], [0])), "counted as one more"),
        (counts(f=([[0, -40]], [20])), "At the second, f is 2.1e-09"),
        (counts(f=([[0, 0]], [9])), "which of your weights"),
        (counts(W_h=1), "Without its W_h"),
        (counts("igfo"), "another order"),
        (counts("ifog"), "another order"),
    ],
    "silent": [
        (store(x=[0, 1] + 14 * [0]), "What does it read"),
        (store(clamp_f=None), "At step 11 only 0.898 is stored"),
        (store(clamp_f=0.5), "at step 3 f is 0.500"),
        (store(clamp_i=0.5), "no more than 0.48"),
        (store(g=[-2, 0, 0]), "which sign has g"),
        (store(g=[1.505, 0, 0]), "only 0.89998 is stored"),
        (store(o=[-10, 0, -2.61]), "the hidden state is 0.051: the"),
        (store(clamp_o=0.0), "held at 0"),
        (store(clamp_o=1.0), "held at 1"),
        (store(o=[-10, 0, 0]), "the output gate is at 0.50"),
        (store(x=[0, 1] + 3 * [0] + [-1] + 9 * [0] + [-1]), "at step 6"),
        (store(clamp_i=1.0), "what has step 16 done"),
        (store(x=[0, 1] + 10 * [0] + [-1]), "there are 13"),
        (store(x=[0, 2] + 13 * [0] + [-1]), "Leave the 1"),
        (MemoryRace(), "wanted, LSTMGates; this is a MemoryRace"),
    ],
    "start": [
        (lambda module: module, "as PyTorch made it"),
        (lambda module: initialisers.forget_bias_(module, 1), "0.7311, and to the"),
        (lambda module: initialisers.forget_bias_(module, 3), "depends on the seed"),
        (lambda module: initialisers.forget_bias_(module, 5), "No gate is above 1"),
        (lambda module: initialisers.chrono_(module, T_max=30), "widest"),
        (initialisers.orthogonal_, "widest"),
        (filled(g=5.0), "widest"),
        (filled(f=float("nan")), "no finite number"),
        (unguarded, "PyTorch guards its weights"),
        (not_returned, "no lstm is returned"),
        (lambda module: torch.nn.LSTM(1, 32), "another one"),
        (lambda module: module.bias_ih_l0, "something else"),
        (other_sizes, "shapes or dtypes"),
        (lambda module: module.float(), "shapes or dtypes"),
        (lambda module: initialisers.identity_(module), "TypeError"),
    ],
    "race": [
        (kept(b_f=3), "has grown to 5.04"),
        (kept(b_f=1), "f is 0.731"),
        (kept(b_f=3.64, b_i=-5), "cell state 0.4997 is left"),
        (kept(b_f=1.835), "has grown to 1.01 times"),
        (kept(b_f=1.701), "but 0.4998 of the gradient"),
        (kept(b_f=3, b_i=-8), "to the power of 29 that is 0.24"),
        (kept(b_f=1.65), "can you make it leak less"),
        (kept(b_i=-4), "f is 0.500"),
        (kept(b_i=-800, b_f=4), "Nothing at all"),
        (kept(b_f=4, b_i=-4, impulse=0), "Nothing at all"),
        (kept(impulse=3), "f is 0.500"),
        (kept(b_z=4), "the GRU’s"),
        (kept(b_f=4, b_i=-4, w_h=0.3), "Leave w_h"),
        (kept(b_f=4, b_i=-4, timesteps=10), "Leave w_h"),
        (LSTMGates(), "wanted, MemoryRace; this is a LSTMGates"),
    ],
    "taken_out": [
        (lambda *given: steps()(*given[:-1], ""), "still the whole LSTM"),
        (steps(at=0.0), "holds the gate shut"),
        (steps(first=True), "the first letter alone"),
        (steps(others=True), "just the other gates"),
        (steps(back=True), "h first, then c"),
        (steps(order="ifog"), "They come as i, f, g, o"),
        (steps(tanh=False), "has not been through tanh"),
        (steps(order="figo"), "with every gate in its place"),
        (steps(at=0.5), "it goes wrong"),
        (lambda *given: steps()(*given)[0], "Two states are wanted"),
        (lambda *given: (0.0, 0.0), "new h has shape ()"),
        (lambda x, h, c, W_x, *_: (W_x @ x, c), "new h has shape (12,)"),
        (lambda x, h, c, W_x, *_: (W_x @ c, c), "and 2 meet 3"),
    ],
}

# What would give an answer away.
ANSWERS = {
    "extremes": r'"(keep|replace|add|erase)"|is (kept|replaced|added|erased)\b',
    "bias": r"log\(|f / \(1 - f\)|logarithm of the odds",
    "forget_rows": r"second|H : 2|\[H|quarter",
    "mislabelled": r"[ab]\[|first step|g\[",
    "direct": r"cumprod|\[:0:-1\]|::-1",
    "latch": r"two units|one for each|\b-?24\b|\b40\b",
    "brackets": r"\b20\b|b_f|forget gate.*(20|wide)",
    "silent": r"clamp_f|-1\b|x_16|input of",
    "start": r"chrono|b_i\b|input gate",
    "race": r"b_i\b|input gate|b_f = ",
    "taken_out": r" in out|stands at 1|1\.0",
}


ALIKE = {
    "forget_rows": {
        "2 * H -> -(2 * H)": "the middle, counted from the end",
        "2 -> -2": "the middle, counted from the end",
    },
}


class TestLSTM(Exercises):
    check = lstm
    notebook = "04_lstm"
    wrong = WRONG
    right = RIGHT
    answers = ANSWERS
    alike = ALIKE
    fits = {
        "mislabelled": finds_it,
        "latch": keeps_the_bit,
        "brackets": counts_right,
        "silent": is_silent,
        "race": keeps_between,
    }
    slow = ("latch", "brackets", "mislabelled")


@pytest.mark.parametrize(
    ("name", "answer", "words"),
    [
        ("latch", a_tanh_latch, "chapter 3’s unit"),
        ("start", filled(f=30.0, i=-30.0), "training can hardly move"),
        ("race", kept(b_f=1.8), "with w_h at 0.7 the cell state would grow to 1.7"),
    ],
)
def test_what_is_right_by_another_way_is_told_its_price(capsys, name, answer, words):
    getattr(lstm, name)(answer)
    text = " ".join(capsys.readouterr().out.split())
    assert text.startswith("Right. ")
    assert words in text


def test_the_start_leaves_random_numbers_where_they_were(capsys):
    before = torch.random.get_rng_state()
    lstm.start(lambda module: initialisers.chrono_(module, T_max=300))
    assert torch.equal(torch.random.get_rng_state(), before)
