"""Counting: a^n b^n and a^n b^n c^n, learned from short strings, tried on long ones.

    python experiments/counting.py

trains small networks to say what comes next, and finds up to which n each is right at
every step of every string. It writes `src/unrolled/results/counting.json`, with the
weights of one network for each cell and language.
"""

import statistics

import numpy as np

from unrolled import initialisers, studies, tasks, training, tuning
from unrolled.tasks import Task
from unrolled.training import Diverged, fit, reader

LANGUAGES = {"anbn": "ab", "anbncn": "abc"}
SETTINGS = {
    "languages": list(LANGUAGES),
    "cells": ["RNN", "LSTM", "GRU"],
    "trained_to": 10,
    "chosen_to": 20,
    "tried_to": 1000,
    "start": "Keras'",
    "hidden_size": 6,
    "seeds": [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    "learning_rates": [0.003, 0.01, 0.03],
    "tuning_seeds": [100, 101, 102],
    "budget": {
        "updates": 2000,
        "batch_size": 32,
        "optimiser": "Adam",
        "clip_norm": 1.0,
        "evaluate_every": 2000,
        "evaluation_size": 200,
    },
}
TINY = SETTINGS | {
    "languages": ["anbn"],
    "cells": ["LSTM"],
    "trained_to": 3,
    "chosen_to": 5,
    "tried_to": 10,
    "hidden_size": 3,
    "seeds": [0, 1],
    "learning_rates": [0.03],
    "tuning_seeds": [100],
    "budget": SETTINGS["budget"] | {"updates": 100},
}
HOURS = 0.4
SOURCES = (tasks, training, initialisers)
GPU = True


def string(letters, n):
    """The letters' numbers of a string, and what comes next at each of its steps.

    letters : "ab" or "abc"; a is 0. n : how often each of them stands there.
    What comes next is a letter, or len(letters) for the end; while a's are read it
    may be another or the first b, and there the answer is 0.
    """
    shown = np.repeat(np.arange(len(letters)), n)
    answers = np.append(shown[1:], len(letters))
    answers[:n] = 0  # of the last a, too: no one could know that it is the last
    return shown, answers


def language(name, longest):
    """The language as a task: strings of n from 1 to `longest`, the end repeated.

    x : (steps, size, letters + 1), one-hot, behind the string's end the last feature.
    y : (steps, size), what comes next; behind the end, the end.
    """
    letters = LANGUAGES[name]
    end = len(letters)
    steps = end * longest + 1

    def draw(rng, size):
        shown = np.full((steps, size), end)
        answers = shown.copy()
        for k, n in enumerate(rng.integers(1, longest + 1, size)):
            one, told = string(letters, n)
            shown[: len(one), k], answers[: len(one), k] = one, told
        return np.eye(end + 1)[shown], answers

    return Task(
        name, longest, steps, end + 1, end + 1, "cross_entropy", 0, 1, draw,
        every_step=True, scored_steps=steps,
    )  # fmt: skip


def reaches(model, name, most):
    """The n up to which a model is right at every step of every string, or `most`."""
    import torch

    letters = LANGUAGES[name]
    kinds = torch.eye(len(letters) + 1)
    with torch.no_grad():
        for n in range(1, most + 1):
            shown, answers = string(letters, n)
            outputs = model(kinds[shown][:, None])[:, 0]
            if (outputs.argmax(-1).numpy() != answers).any():
                return n - 1
    return most


def run(settings, key):
    """Train one network: up to which n it is right, and its weights."""
    import torch

    name, cell, learning_rate, seed = key
    torch.manual_seed(seed)
    task = language(name, settings["trained_to"])
    module = getattr(torch.nn, cell)(task.input_size, settings["hidden_size"])
    model = reader(initialisers.keras_(module), task).to(studies.device(settings))
    options = settings["budget"] | {"learning_rate": learning_rate, "seed": seed}
    try:
        fit(model, task, stop_when_solved=False, **options)
    except Diverged:
        return {"reaches": 0, "diverged": True, "weights": None}
    model.cpu()
    counts = seed not in settings["tuning_seeds"]
    return {
        "reaches": reaches(
            model, name, settings["tried_to" if counts else "chosen_to"]
        ),
        "diverged": False,
        "weights": {
            part: [
                [float(f"{v:.9g}") for v in row] for row in np.atleast_2d(w).tolist()
            ]
            for part, w in (
                (n, p.detach().numpy()) for n, p in model.named_parameters()
            )
        },
    }


def cost(settings, place, runs):
    """Of a rate: less, the further its tuning runs reach in all."""
    return -sum(one["reaches"] for one in runs)


def places(settings):
    """All (language, cell)."""
    return [(one, cell) for one in settings["languages"] for cell in settings["cells"]]


def todo(settings, done):
    return tuning.todo(settings, places(settings), done, cost)


WHAT = (
    "For each language and cell: the n up to which each seed's network says what comes "
    "next at every step of every string, having been trained with n up to trained_to; "
    "with the learning rate whose tuning runs reached furthest, up to chosen_to. "
    "weights: of the network in the middle of those seeds, and of the one that reaches "
    "furthest, as PyTorch names them; the numbers are float32. x is one-hot: the "
    "letters, then the end."
)


def result_of(settings, done):
    rows = []
    for place in places(settings):
        rate, runs = tuning.found(settings, place, done, cost)
        reach = [one["reaches"] for one in runs]
        order = sorted(range(len(runs)), key=lambda k: reach[k])
        shown = {"middle": order[(len(order) - 1) // 2], "furthest": order[-1]}
        rows.append(
            {
                "language": place[0],
                "cell": place[1],
                "learning_rate": rate,
                "reaches": reach,
                "median": statistics.median(reach),
                "diverged": sum(one["diverged"] for one in runs),
                "shown": {
                    name: {"seed": settings["seeds"][k], "weights": runs[k]["weights"]}
                    for name, k in shown.items()
                },
            }
        )
    return {"experiment": "counting", "what": WHAT, **settings, "rows": rows}


if __name__ == "__main__":
    studies.main(globals())
