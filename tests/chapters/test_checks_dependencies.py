"""The exercises of chapter 3: stubs, solutions, likely mistakes, nonsense."""

import numpy as np
from hands.checks import Exercises

from unrolled import gradients
from unrolled.checks import dependencies
from unrolled.explorers import Cliff, Decay, HiddenState

LOGS = {"A": "finished", "B": "deaf", "C": "learning", "D": "exploded"}


def walk_back(*, turned=True, steps=slice(None, None, -1), go_on=True):
    """The gradients of all lags, with one mistake or another."""

    def back(J, last):
        found = [last]
        for step in J[steps]:
            found.append((step.T if turned else step) @ (found[-1] if go_on else last))
        return np.array(found)

    return back


def lengths(back, axis=1):
    return lambda J, last: np.linalg.norm(back(J, last), axis=axis)


def most(J, last):
    found = gradients.products(J)
    return gradients.largest_singular_value(found)


def part(of, *, by=0):
    """A function of the near and the whole dL/dW_h, cut `by` steps too late."""

    def far_part(cell, x, last, k):
        run = cell.run(x)
        whole = cell.backward(run, grad_h_n=last).W_h
        return of(cell.backward(run, grad_h_n=last, truncate=k + by).W_h, whole)

    return far_part


def length(array):
    return np.linalg.norm(array)


def each_step(cell, x, last, k):
    run = cell.run(x)
    a = cell.backward(run, grad_h_n=last).a
    before = np.vstack([run.h_0, run.h[:-1]])
    steps = [length(np.outer(*pair)) for pair in zip(a, before, strict=True)]
    return sum(steps[:-k]) / sum(steps)


def memory(**traits):
    return Decay(**{"rho": 1.5, "angle": 0, **traits})


def cliff(**traits):
    return Cliff(**{"clip": "norm", "threshold": 0.25, **traits})


def halved(factor):
    """By trying: as many whole steps as fit, and the rest of one."""
    steps, left = 0, 1.0
    while left * factor > 0.5:
        steps, left = steps + 1, left * factor
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if left * factor**middle > 0.5 else (low, middle)
    return steps + low


def entry_by_entry(h, W_h):
    found = np.zeros_like(W_h)
    for i in range(len(h)):
        for j in range(len(h)):
            found[i, j] = (1 - h[i] * h[i]) * W_h[i, j]
    return found


def rows_first(J, last):
    found = [last]
    for step in reversed(J):
        found.append(found[-1] @ step)
    return [float(np.sqrt((one**2).sum())) for one in found]


def products_first(J, last):
    product, found = np.eye(len(last)), [np.linalg.norm(last)]
    for step in J[::-1]:
        product = product @ step
        found.append(np.linalg.norm(product.T @ last))
    return tuple(found)


def shares_summed(cell, x, last, k):
    run = cell.run(x)
    a = cell.backward(run, grad_h_n=last).a
    before = np.vstack([run.h_0, run.h[:-1]])
    return length(a[:-k].T @ before[:-k]) / length(a.T @ before)


def last_two(W):
    return np.abs(np.linalg.eigvalsh((W + W.T) / 2)).max() < 1


def uniform(H, rng):
    return rng.uniform(-1, 1, (H, H)) / np.sqrt(H)


def lengthens_and_shortens_little(make):
    """Whether a hundred powers of a start leave vectors between 1/3 and 3 long."""
    rng = np.random.default_rng(9)
    for H in (5, 20):
        powers = np.linalg.matrix_power(np.array(make(H, rng)), 100)
        vectors = rng.normal(size=(H, 50))
        lengths = np.linalg.norm(powers.T @ vectors, axis=0)
        lengths /= np.linalg.norm(vectors, axis=0)
        if not ((lengths > 1 / 3) & (lengths < 3)).all():
            return False
    return True


# The right answers in other forms than the solution's.
RIGHT = {
    "half_life": [
        halved,
        lambda f: 1 / np.log2(1 / f),
        lambda f: float(np.log10(0.5) / np.log10(f)),
        lambda f: -np.log(2) / np.log(f),
    ],
    "firm_unit": ["B", "(b)", "b."],
    "logs": [LOGS, {name: word.upper() for name, word in LOGS.items()}],
    "jacobian": [
        entry_by_entry,
        lambda h, W: np.diag(1 - h**2) @ W,
        lambda h, W: (W.T * (1 - h**2)).T,
        lambda h, W: np.einsum("i,ij->ij", 1 - h**2, W),
    ],
    "by_lag": [rows_first, products_first],
    "far_part": [
        shares_summed,
        part(
            lambda near, whole: np.sqrt(((near - whole) ** 2).sum() / (whole**2).sum())
        ),
    ],
    "certain": [
        lambda W: np.linalg.norm(W, 2) < 1,
        lambda W: (np.linalg.svd(W)[1] < 1).all(),
        lambda W: bool(np.linalg.eigvalsh(W.T @ W).max() < 1),
        lambda W: gradients.largest_singular_value(W.T) < 1,
    ],
    "deaf_memory": [memory(), memory(rho=3), memory(shear=1.0, lag=3)],
    "fastest": [cliff(learning_rate=4), cliff(learning_rate=3.85, update=3)],
    "at_rest": [
        lambda h: (1 - h**2) * np.arctanh(h) / h,
        lambda h: np.log((1 + h) / (1 - h)) / (2 * h) * (1 - h) * (1 + h),
        lambda h: float(np.arctanh(abs(h)) / abs(h) * (1 - h * h)),
    ],
    "start": [
        lambda H, rng: np.eye(H),
        lambda H, rng: np.linalg.qr(rng.normal(size=(H, H)))[0],
        lambda H, rng: np.diag(rng.choice([-1, 1], H)),
        lambda H, rng: np.eye(H)[rng.permutation(H)].tolist(),
    ],
}


# Of each exercise: (a plausible wrong answer, words of the hint that it should get).
WRONG = {
    "half_life": [
        (lambda f: np.log(f) / np.log(0.5), "upside down"),
        (lambda f: np.log(2) / np.log(f), "The sign"),
        (lambda f: 0.5 / (1 - f), "takes a share"),
        (lambda f: f, "after one step"),
        (lambda f: -1 / np.log(f), "1/e"),
        (lambda f: np.ceil(np.log(0.5) / np.log(f)), "for rounding"),
        (lambda f: f**0.5, "the numbers are not"),
        (lambda f: [f, f], "One number"),
        (lambda f, k: f**k, "TypeError"),
        (lambda f: np.log(0.5) // np.log(f), "for rounding"),
        (lambda f: round(np.log(0.5) / np.log(f)), "for rounding"),
        (lambda f: np.log(0.5) / np.log(1 - f), "what is lost at a step"),
        (lambda f: np.log(2) / (1 - f), "an approximation"),
        (lambda f: -1 / np.log10(f), "if a tenth were asked"),
    ],
    "firm_unit": [
        ("a", "Nearer to zero"),
        ("C", "is flat"),
        ("(d)", "again and again"),
        ("both", "not one of the 4"),
        (0.96, '"a", "b", "c" or "d"'),
    ],
    "logs": [
        (LOGS | {"A": "deaf", "B": "finished"}, "improve no more"),
        (LOGS | {"B": "learning", "C": "deaf"}, "last two columns"),
        (LOGS | {"C": "deaf"}, "farthest input, compared"),
        (LOGS | {"D": "learning"}, "a step makes sense"),
        (LOGS | {"D": "dead"}, "not one of the words"),
        (LOGS | {"C": ...}, "Still open: C."),
        (LOGS | {"C": 3}, "in quotes"),
        ({"A": "finished"}, "A dictionary"),
    ],
    "jacobian": [
        (lambda h, W: (1 - h**2) * W, "stand at the columns"),
        (lambda h, W: ((1 - h**2)[:, None] * W).T, "are exchanged"),
        (lambda h, W: W, "slopes of tanh are missing"),
        (lambda h, W: (1 - np.tanh(h) ** 2)[:, None] * W, "one tanh too"),
        (lambda h, W: (1 - h)[:, None] * W, "this has 1 - h."),
        (lambda h, W: (1 - h**2) @ W, "One number for each pair"),
        (lambda h, W: np.diag(1 - h**2), "Where are the weights"),
        (lambda h, W: W @ np.diag(h), "Two factors"),
        (lambda h, W: np.diag(1 - h**2) @ W.T, "weights are turned round"),
        (lambda h, W: (1 + h**2)[:, None] * W, "this has 1 + h**2"),
        (lambda h, W: (1 - h**2)[:3, None] * W, "do not go together: (3,1) (4,4)"),
    ],
    "by_lag": [
        (lengths(walk_back(turned=False)), "carries a change forwards"),
        (lengths(walk_back(steps=slice(None))), "meet first"),
        (lengths(lambda *given: walk_back()(*given)[1:]), "Lag 0 is missing"),
        (lengths(lambda *given: walk_back()(*given)[:-1]), "T + 1 lags"),
        (lambda *given: (walk_back()(*given) ** 2).sum(1), "squares"),
        (lengths(lambda *given: walk_back()(*given)[::-1]), "the other way round"),
        (most, "of this one are wanted"),
        (lengths(walk_back(go_on=False)), "where it came to"),
        (walk_back(), "shape (6, 3)"),
        (lambda *given: np.cumsum(lengths(walk_back())(*given)), "are added up"),
        (
            lambda J, last: lengths(walk_back())(J, last) / np.linalg.norm(last),
            "parts of the length at lag 0",
        ),
        (lambda J, last: [np.linalg.norm(one) for one in J], "shape (5,)"),
    ],
    "far_part": [
        (part(lambda near, whole: length(near) / length(whole)), "The rest"),
        (part(lambda near, whole: 1 - length(near) / length(whole)), "do not subtract"),
        (part(lambda near, whole: length(whole - near)), "not yet compared"),
        (
            part(lambda near, whole: length(whole - near) / length(whole), by=-1),
            "too early",
        ),
        (
            part(lambda near, whole: length(whole - near) / length(whole), by=1),
            "too late",
        ),
        (
            part(lambda near, whole: (length(whole - near) / length(whole)) ** 2),
            "squares",
        ),
        (part(lambda near, whole: length(whole - near) / length(near)), "near one"),
        (part(lambda near, whole: (whole - near) / length(whole)), "shape (4, 4)"),
        (part(lambda near, whole: length(whole)), "the near part is taken off"),
        (each_step, "Add the shares"),
    ],
    "certain": [
        (lambda W: gradients.spectral_radius(W) < 1, "make a gradient longer"),
        (lambda W: np.linalg.norm(W) < 1, "It shortens every vector"),
        (lambda W: np.abs(W).max() < 1, "At h = 0 its powers grow"),
        (lambda W: np.abs(W).sum(axis=1).max() < 1, "It shortens every vector"),
        (
            lambda W: gradients.spectral_radius(W) < 1 and (np.abs(W) < 1).all(),
            "One matrix is [[0.5, 0.99], [0, 0.5]]",
        ),
        (lambda W: np.abs(W).sum(axis=0).max() < 1, "It shortens every vector"),
        (lambda W: gradients.largest_singular_value(W) <= 1, "is the identity. At h"),
        (lambda W: np.linalg.svd(W)[1].min() < 1, "make a gradient longer"),
        (lambda W: np.linalg.svd(W)[1].mean() < 1, "and you say that it is"),
        (lambda W: np.linalg.norm(W[0]) < 1, "and you say that it is"),
        (lambda W: np.linalg.norm(W, axis=1).max() < 1, "all of its numbers are 0.4"),
        (lambda W: abs(np.linalg.det(W)) < 1, "One matrix"),
        (lambda W: abs(np.trace(W)) < len(W), "One matrix"),
        (lambda W: gradients.spectral_radius(abs(W)) < 1, "It shortens every vector"),
        (last_two, "make a gradient longer"),
        (
            lambda W: np.linalg.norm(np.linalg.matrix_power(W, 9), 2) < 1,
            "make a gradient longer",
        ),
        (lambda W: True, "nothing is certain"),
        (lambda W: False, "you say that it is not"),
        (lambda W: gradients.largest_singular_value(W), "True or False"),
    ],
    "deaf_memory": [
        (memory(angle=30), "turns the state"),
        (memory(rho=1), "rho is 1, and it is to be above 1"),
        (memory(rho=0.99999, angle=50), "rho is 0.99999, and it is"),
        (memory(rho=1.1), "inputs that came later have pushed"),
        (memory(shear=-2.0, input_scale=2.0), "inputs that came later have pushed"),
        (memory(angle=2), "half-life is 4 steps"),
        (memory(rho=1.02, input_scale=0.02), "has no half-life within"),
        (memory(activation="identity"), "at tanh"),
        (memory(timesteps=20), "at 40"),
        (memory(input_scale=0), "Without an input"),
        (memory(rho=1e308, shear=1e308), "overflowed"),
        (HiddenState(), "wanted, Decay; this is a HiddenState"),
    ],
    "fastest": [
        (cliff(learning_rate=3), "You can go faster"),
        (cliff(learning_rate=5), "is longer than 1"),
        (cliff(learning_rate=4.004), "the longest of all is 1.001."),
        (cliff(learning_rate=3.796), "its longest update is 0.949, and"),
        (cliff(learning_rate=0.25), "You can go faster"),
        (cliff(learning_rate=4, threshold=0.2), "limit at 0.25"),
        (cliff(learning_rate=4, clip="value"), "by norm"),
        (cliff(learning_rate=4, w=1.0), "where the walk starts"),
        (cliff(learning_rate=1e308), "far too large"),
        (4.0, "this is a float"),
    ],
    "at_rest": [
        (lambda h: 1 - h**2, "meets the weight as well"),
        (lambda h: np.arctanh(h) / h, "on the way back"),
        (lambda h: h / np.arctanh(h) * (1 - h**2), "turned round"),
        (lambda h: np.arctanh(h) * (1 - h**2), "divided by something"),
        (lambda h: np.arctanh(h) / h * (1 - np.tanh(h) ** 2), "in it"),
        (lambda h: np.arctanh(h) / h * (1 - h), "this has 1 - h."),
        (lambda h: np.tanh(h), "Two factors"),
        (lambda h: np.arctanh(h) / h + (1 - h**2), "are added here"),
        (lambda h: np.arctan(h) / h * (1 - h**2), "This undoes tan"),
        (lambda h: [h], "One number"),
    ],
    "start": [
        (uniform, "although s is 1."),
        (lambda H, rng: np.zeros((H, H)), "hands nothing on"),
        (lambda H, rng: 0.99 * np.eye(H), "every step shortens it"),
        (lambda H, rng: np.eye(H) / H, "every step shortens it"),
        (lambda H, rng: 1.02 * np.eye(H), "times as long"),
        (lambda H, rng: np.ones((H, H)), "run away from zero"),
        (lambda H, rng: rng.random((H, H)), "run away from zero"),
        (lambda H, rng: np.eye(H, k=1), "hold for all of them"),
        (lambda H, rng: np.diag(np.r_[1, np.zeros(H - 1)]), "hold for all of them"),
        (lambda H, rng: np.eye(H) if H < 32 else 0.9 * np.eye(H), "of the first 3"),
        (lambda H, rng: np.eye(8), "shape (8, 8), and (16, 16)"),
        (lambda H, rng: np.eye(H + 1), "shape (9, 9)"),
        (lambda H, rng: np.eye(H) / 0, "not finite"),
        (lambda H, rng: np.linalg.norm(rng, H), "raised an error"),
        (np.eye(8), "A function is wanted"),
    ],
}

# What would give an answer away.
ANSWERS = {
    "half_life": r"log\(|logarithm of",
    "firm_unit": r"gradient is gone|0\.96",
    "logs": r"is (finished|deaf|learning|exploded)\b",
    "jacobian": r"\[:, None\]|diag",
    "by_lag": r"\.T\b|\[::-1\]",
    "far_part": r"truncate|whole - near",
    "certain": r"singular",
    "deaf_memory": r"angle|\b0 degrees",
    "fastest": r"\b4\b(?!\d)",
    "at_rest": r"arctanh|/ h",
    "start": r"orthogonal|qr\b|eye\(|identity|roll",
}


ALIKE = {
    "by_lag": {"step.T @ found[-1] -> -(step.T @ found[-1])": "of the same length"},
    "far_part": {
        "whole - near -> near - whole": "of the same length",
        "whole - near -> -(whole - near)": "of the same length",
    },
}


def remembers_and_hears_nothing(figure):
    """Whether a far input is kept and a far gradient is lost, by the matrix alone."""
    W, x, ends, norms = figure.W_h, np.sin(np.arange(1.0, 41) ** 2), [], []
    for sign in (1, -1):
        h, J = np.zeros(2), np.eye(2)
        states = []
        for t in range(40):
            h = np.tanh(figure.input_scale * x[t] * (sign if t == 0 else 1) + W @ h)
            states.append(h)
        ends.append(states)
    for t in range(39, 0, -1):
        norms.append(np.linalg.norm(J, 2))
        J = J @ np.diag(1 - ends[0][t] ** 2) @ W
    left = [np.linalg.norm(ends[0][t] - ends[1][t]) for t in (0, 39)]
    halved = next(k for k in range(39) if all(n <= 0.5 for n in norms[k:]))
    large = np.abs(np.linalg.eigvals(W)).max() > 1
    return large and left[1] >= 0.5 * left[0] and halved < 3


def as_fast_as_allowed(figure):
    lengths = np.linalg.norm(np.diff(figure.path, axis=0), axis=1)
    return lengths.max() <= 1 and abs(figure.learning_rate / 4 - 1) <= 0.05


class TestDependencies(Exercises):
    check = dependencies
    notebook = "03_long_term_dependencies"
    wrong = WRONG
    right = RIGHT
    answers = ANSWERS
    alike = ALIKE
    fits = {
        "deaf_memory": remembers_and_hears_nothing,
        "fastest": as_fast_as_allowed,
        "start": lengthens_and_shortens_little,
    }
