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
        (lambda W: True, "nothing is certain"),
        (lambda W: False, "you say that it is not"),
        (lambda W: gradients.largest_singular_value(W), "True or False"),
    ],
    "deaf_memory": [
        (memory(angle=30), "turns the state"),
        (memory(rho=1), "comes home"),
        (memory(angle=2), "half-life is 4 steps"),
        (memory(rho=1.02, input_scale=0.02), "half-life is none"),
        (memory(activation="identity"), "at tanh"),
        (memory(timesteps=20), "at 40"),
        (memory(input_scale=0), "Without an input"),
        (memory(rho=1e308, shear=1e308), "overflowed"),
        (HiddenState(), "wanted, Decay; this is a HiddenState"),
    ],
    "fastest": [
        (cliff(learning_rate=3), "You can go faster"),
        (cliff(learning_rate=5), "is longer than 1"),
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
        (lambda h: [h], "One number"),
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
}


class TestDependencies(Exercises):
    check = dependencies
    notebook = "03_long_term_dependencies"
    wrong = WRONG
    answers = ANSWERS
