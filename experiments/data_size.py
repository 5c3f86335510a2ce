"""Little data or much: LSTM, GRU and RNN by the size of their training set.

    python experiments/data_size.py

trains on a fixed set of sequences, from thirty to three thousand, at equal hidden size
and at equal numbers of weights, and writes `src/unrolled/results/data_size.json`. What
counts is the score on new sequences, of the update that did best on a third set.
"""

import dataclasses
import itertools
import statistics
import time

import numpy as np

from unrolled import grammar, initialisers, studies, tasks, training, tuning
from unrolled.tasks import Task
from unrolled.training import Diverged, evaluate, fit, reader

STEPS = 20


def words():
    """Is a review good or bad: the sentences of `grammar.sentiment`, as a task.

    x : (20, size, words), one-hot; no word stands before the sentence begins, so that
        it ends with the last step.
    """
    job = grammar.sentiment()
    kinds = np.eye(len(job.words))[:, 1:]  # number 0 is no word

    def draw(rng, size):
        numbers, lengths, answers = job.batch(size, rng)
        x = np.zeros((STEPS, size, kinds.shape[1]))
        for n, length in enumerate(lengths):
            x[STEPS - length :, n] = kinds[numbers[:length, n]]
        return x, answers

    classes = len(job.classes)
    return Task(
        "sentiment",
        STEPS,
        STEPS,
        kinds.shape[1],
        classes,
        "cross_entropy",
        0.5,
        1,
        draw,
    )


TASKS = {
    "adding": lambda: tasks.adding(STEPS),
    "temporal order": lambda: tasks.temporal_order(STEPS),
    "sentiment": words,
}
SETTINGS = {
    "tasks": list(TASKS),
    "sizes": [30, 100, 300, 1000, 3000],
    "start": "Keras'",
    "hidden_size": 32,
    "seeds": [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    "learning_rates": [0.003, 0.01, 0.03],
    "tuning_seeds": [100, 101, 102],
    "validation_size": 300,
    "test_size": 1000,
    "budget": {
        "updates": 600,
        "batch_size": 32,
        "optimiser": "Adam",
        "clip_norm": 1.0,
        "look_every": 30,
    },
}
TINY = SETTINGS | {
    "tasks": ["sentiment"],
    "sizes": [5, 20],
    "hidden_size": 4,
    "seeds": [0, 1],
    "learning_rates": [0.01],
    "tuning_seeds": [100],
    "validation_size": 20,
    "test_size": 50,
    "budget": SETTINGS["budget"] | {"updates": 12, "look_every": 4},
}
HOURS = 0.5
SOURCES = (grammar, initialisers, tasks, training)
GPU = True
GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}


def weights(cell, hidden_size, task):
    """How many numbers a model has: PyTorch's two biases, and the linear layer's."""
    H = hidden_size
    layer = GATES[cell] * H * (task.input_size + H + 2)
    return layer + (H + 1) * task.output_size


def models(settings, task):
    """All (cell, hidden size): equal in size, and as near as can be in weights.

    The LSTM is what both are measured by, so it is there once.
    """
    H = settings["hidden_size"]
    aim = weights("LSTM", H, task)
    found = [(cell, H) for cell in GATES]
    for cell in ("RNN", "GRU"):
        nearest = min(range(1, 9 * H), key=lambda n: abs(weights(cell, n, task) - aim))
        found.append((cell, nearest))
    return found


def limited(task, size, seed):
    """The same task, of which there are so many sequences and no more."""
    x, y = task.batch(size, np.random.default_rng([seed, 2]))

    def draw(rng, batch):
        which = rng.integers(0, size, batch)
        return x[:, which], y[which]

    return dataclasses.replace(task, draw=draw)


def run(settings, key):
    """Train one model; its scores after each look, and the test's at the best one."""
    import torch

    name, cell, hidden_size, size, learning_rate, seed = key
    begun = time.process_time()
    torch.manual_seed(seed)
    task = TASKS[name]()
    module = getattr(torch.nn, cell)(task.input_size, hidden_size)
    model = reader(initialisers.keras_(module), task).to(studies.device(settings))
    third = task.batch(settings["validation_size"], np.random.default_rng([seed, 3]))
    test = task.batch(settings["test_size"], np.random.default_rng([seed, 4]))
    better = sign(task)
    updates, best = itertools.count(), (-np.inf, None)

    def look():
        nonlocal best
        if next(updates) % settings["budget"]["look_every"] == 0:
            score = evaluate(model, task, *third)
            if better * score > best[0]:
                best = better * score, evaluate(model, task, *test)

    budget = {k: v for k, v in settings["budget"].items() if k != "look_every"}
    try:
        fit(
            model,
            limited(task, size, seed),
            learning_rate=learning_rate,
            seed=seed,
            watch=look,
            stop_when_solved=False,
            evaluate_every=budget["updates"],
            **budget,
        )
        look()
        diverged = False
    except Diverged:
        diverged = True
    return {
        "validation": better * best[0],
        "test": best[1],
        "diverged": diverged,
        "seconds": round(time.process_time() - begun, 2),
    }


def series_of(settings):
    """All (task, cell, hidden size, training-set size)."""
    return [
        (name, cell, H, size)
        for name in settings["tasks"]
        for cell, H in models(settings, TASKS[name]())
        for size in settings["sizes"]
    ]


def sign(task):
    """1 where a larger score is the better one, -1 where it is an error."""
    return -1 if task.loss == "mse" else 1


def cost(settings, place, runs):
    """Of a rate: how badly its tuning runs did on their third sets, in the mean."""
    better = sign(TASKS[place[0]]())
    return -better * statistics.mean(one["validation"] for one in runs)


def todo(settings, done):
    return tuning.todo(settings, series_of(settings), done, cost)


WHAT = (
    "For each task, model and number of training sequences: the score on new sequences "
    "(test: of every seed) of the update that did best on a third set, with the "
    "learning rate that did best on the third sets of the tuning seeds. adding: mean "
    "squared error; the others: share of right answers. differences: the LSTM's score "
    "less another model's, seed by seed, as an advantage (of errors, the other's less "
    "the LSTM's), with an interval of 95 % (bootstrap, BCa). equal: of hidden size, or "
    "as near as can be of weights."
)


def row_of(settings, done, place):
    """A row of one model, task and size."""
    rate, runs = tuning.found(settings, place, done, cost)
    test = [one["test"] for one in runs]
    return {
        **dict(zip(("task", "cell", "hidden_size", "size"), place, strict=True)),
        "learning_rate": rate,
        "test": [round(score, 5) for score in test],
        "mean": statistics.mean(test),
        "std": statistics.stdev(test),
        "diverged": sum(one["diverged"] for one in runs),
        "seconds": round(statistics.mean(one["seconds"] for one in runs), 2),
    }


def differences_of(settings, rows):
    """The LSTM's advantage over each other model, for each task and size."""
    H, found = settings["hidden_size"], []
    for row in rows:
        (lstm,) = (
            one
            for one in rows
            if (one["task"], one["size"], one["cell"])
            == (row["task"], row["size"], "LSTM")
        )
        if row is not lstm:
            better = sign(TASKS[row["task"]]())
            scores = [better * np.array(one["test"]) for one in (lstm, row)]
            names = {k: row[k] for k in ("task", "cell", "hidden_size", "size")}
            equal = {"equal": "weights" if row["hidden_size"] != H else "H"}
            found.append(names | equal | tuning.paired(*scores))
    return found


def result_of(settings, done):
    kinds = {name: TASKS[name]() for name in settings["tasks"]}
    rows = [row_of(settings, done, place) for place in series_of(settings)]
    return {
        "experiment": "data_size",
        "what": WHAT,
        **settings,
        "tasks": {
            name: {
                "score": "error" if task.loss == "mse" else "accuracy",
                "chance": task.chance,
                "models": [
                    {"cell": cell, "hidden_size": H, "weights": weights(cell, H, task)}
                    for cell, H in models(settings, task)
                ],
            }
            for name, task in kinds.items()
        },
        "rows": rows,
        "differences": differences_of(settings, rows),
    }


if __name__ == "__main__":
    studies.main(globals())
