"""How far back a trained network remembers: the latch task, by cell and initialisation.

    python experiments/latch.py

trains every cell with every initialisation and learning rate at growing lengths T, five
seeds each, and writes `src/unrolled/results/latch.json`. A series stops at its first T
that no seed solved.
"""

import statistics
import time

from unrolled import initialisers, studies, tasks, training
from unrolled.tasks import latch
from unrolled.training import Diverged, fit, reader

# Each takes the module and the number of time steps of the task.
INITIALISATIONS = {
    "default": lambda module, steps: module,
    "orthogonal": lambda module, steps: initialisers.orthogonal_(module),
    "identity": lambda module, steps: initialisers.identity_(module),
    "forget bias 1": lambda module, steps: initialisers.forget_bias_(module, 1.0),
    "forget bias 3": lambda module, steps: initialisers.forget_bias_(module, 3.0),
    "chrono": lambda module, steps: initialisers.chrono_(module, T_max=steps),
    "Keras": lambda module, steps: initialisers.keras_(module),
}
SERIES = [
    ("RNN", "default"),
    ("RNN", "orthogonal"),
    ("RNN", "identity"),  # with relu, as its paper has it
    ("LSTM", "default"),
    ("LSTM", "orthogonal"),
    ("LSTM", "Keras"),
    ("LSTM", "forget bias 1"),
    ("LSTM", "forget bias 3"),
    ("LSTM", "chrono"),
    ("GRU", "default"),
    ("GRU", "orthogonal"),
    ("GRU", "chrono"),
]
SETTINGS = {
    "series": SERIES,
    "lengths": [5, 10, 15, 20, 30, 50, 100, 200, 500, 1000],
    "seeds": [0, 1, 2, 3, 4],
    "learning_rates": [0.01, 0.001],
    "noise": 0.1,
    "hidden_size": 32,
    "budget": {
        "updates": 600,
        "batch_size": 32,
        "optimiser": "Adam",
        "clip_norm": 1.0,
        "evaluate_every": 25,
        "evaluation_size": 200,
    },
}
TINY = SETTINGS | {
    "series": [("RNN", "default"), ("GRU", "chrono")],
    "lengths": [1, 2, 100, 200],
    "seeds": [0, 1],
    "learning_rates": [0.01],
    "hidden_size": 4,
    "budget": SETTINGS["budget"] | {"updates": 50, "evaluation_size": 50},
}
QUICK = SETTINGS | {
    "series": [("RNN", "default"), ("LSTM", "default"), ("GRU", "default")],
    "lengths": [5, 10],
    "seeds": [0, 1],
}
HOURS = 1.3
SOURCES = (tasks, training, initialisers)
GPU = True


def run(settings, key):
    """One run: the updates that solved it, or None; and its seconds of one core."""
    import torch

    cell, initialisation, learning_rate, T, seed = key
    start = time.process_time()
    torch.manual_seed(seed)
    task = latch(T, settings["noise"])
    relu = {"nonlinearity": "relu"} if initialisation == "identity" else {}
    module = getattr(torch.nn, cell)(task.input_size, settings["hidden_size"], **relu)
    INITIALISATIONS[initialisation](module, task.steps)
    model = reader(module, task).to(studies.device(settings))
    options = {"learning_rate": learning_rate, "seed": seed} | settings["budget"]
    try:
        updates = fit(model, task, **options).solved_at
    except Diverged:
        updates = None
    return updates, round(time.process_time() - start, 1)


def series_of(settings):
    """All (cell, initialisation, learning rate), each of which is followed up in T."""
    return [
        (cell, initialisation, learning_rate)
        for cell, initialisation in settings["series"]
        for learning_rate in settings["learning_rates"]
    ]


def todo(settings, done):
    """Of each series the runs of its next T, unless no seed solved the one before."""
    for series in series_of(settings):
        for T in settings["lengths"]:
            keys = [(*series, T, seed) for seed in settings["seeds"]]
            if not all(key in done for key in keys):
                yield from keys
                break
            if not any(done[key][0] is not None for key in keys):
                break


WHAT = (
    "For each cell, initialisation, learning rate and length T: how many of "
    "the seeds learned to tell the first input's sign after T steps of noise. "
    "updates: what each seed needed, null where it did not solve the task; "
    "mean and std are over those that did. seconds: of one core, for each "
    "seed. horizon: the largest T up to which all seeds solved every length, "
    "and the largest that any seed solved. A series ends at its first T with "
    "no seed solved."
)


def result_of(settings, done):
    """The study's result; `done` maps (*one of series_of, T, seed) to a run."""
    series = []
    for cell, initialisation, learning_rate in series_of(settings):
        rows = []
        for T in settings["lengths"]:
            names = (cell, initialisation, learning_rate, T)
            keys = [(*names, seed) for seed in settings["seeds"]]
            if not all(key in done for key in keys):
                break
            updates, seconds = zip(*(done[key] for key in keys), strict=True)
            needed = [number for number in updates if number is not None]
            rows.append(
                {
                    "T": T,
                    "solved": len(needed),
                    "updates": updates,
                    "mean": statistics.mean(needed) if needed else None,
                    "std": statistics.stdev(needed) if len(needed) > 1 else None,
                    "seconds": seconds,
                }
            )
            if not needed:
                break
        by_all = [row["solved"] == len(settings["seeds"]) for row in rows] + [False]
        by_any = [row["T"] for row in rows if row["solved"]]
        horizon = {
            "all": ([0] + [row["T"] for row in rows])[by_all.index(False)],
            "any": max(by_any, default=0),
        }
        series.append(
            {
                "cell": cell,
                "initialisation": initialisation,
                "learning_rate": learning_rate,
                "horizon": horizon,
                "results": rows,
            }
        )
    task = latch(1, settings["noise"])
    return {
        "experiment": "latch",
        "what": WHAT,
        "task": {
            "name": task.name,
            "noise": settings["noise"],
            "chance": task.chance,
            "solved_from": task.threshold,
        },
        "lengths": settings["lengths"],
        "seeds": settings["seeds"],
        "hidden_size": settings["hidden_size"],
        "learning_rates": settings["learning_rates"],
        "budget": settings["budget"],
        "series": series,
    }


if __name__ == "__main__":
    studies.main(globals())
