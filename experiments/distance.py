"""How far back a trained network remembers: four tasks, by cell, start and length.

    python experiments/distance.py

trains RNN, LSTM and GRU from several starts at growing lengths T and writes
`src/unrolled/results/distance.json`. Of every place on this map the learning rate is
chosen first, with seeds that are not counted; then ten others are trained with it. A
series ends at its first T that fewer than half of them solved.
"""

import statistics
from functools import partial

from unrolled import initialisers, studies, tasks, training, tuning
from unrolled.training import reader

TASKS = {
    "latch": tasks.latch,
    "adding": tasks.adding,
    "copy": partial(tasks.copy, length=2, symbols=4),
    "temporal order": tasks.temporal_order,
}
# Each takes the module and the number of time steps of the task.
STARTS = {
    "default": lambda module, steps: module,
    "orthogonal": lambda module, steps: initialisers.orthogonal_(module),
    "bias": lambda module, steps: keeps(module),
    "chrono": lambda module, steps: initialisers.chrono_(module, T_max=steps),
}
SETTINGS = {
    "tasks": list(TASKS),
    "starts": {
        "RNN": ["default", "orthogonal"],
        "LSTM": ["default", "orthogonal", "bias", "chrono"],
        "GRU": ["default", "orthogonal", "bias", "chrono"],
    },
    "lengths": [10, 30, 100],
    "goes_on_from": 0.5,
    "seeds": [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    "learning_rates": [0.003, 0.01, 0.03],
    "tuning_seeds": [100, 101],
    "bias": 1.0,
    "hidden_size": 32,
    "budget": {
        "updates": 1000,
        "batch_size": 32,
        "optimiser": "Adam",
        "clip_norm": 1.0,
        "evaluate_every": 50,
        "evaluation_size": 200,
    },
}
TINY = SETTINGS | {
    "tasks": ["latch"],
    "starts": {"RNN": ["orthogonal"], "LSTM": ["chrono"]},
    "lengths": [10, 40],
    "seeds": [0, 1, 2],
    "learning_rates": [0.003, 0.03],
    "tuning_seeds": [100],
    "hidden_size": 4,
    "budget": SETTINGS["budget"] | {"updates": 40, "evaluate_every": 20},
}
HOURS = 0.7
SOURCES = (tasks, training, initialisers)
GPU = True


def keeps(module, bias=SETTINGS["bias"]):
    """Set the bias of the gate that keeps: an LSTM's forget, a GRU's update gate."""
    if module.mode == "LSTM":
        return initialisers.forget_bias_(module, bias)
    return initialisers.update_bias_(module, bias)


def run(settings, key):
    """Train one network; what came of it, as `tuning.solve` tells it."""
    import torch

    name, cell, start, T, learning_rate, seed = key
    torch.manual_seed(seed)
    task = TASKS[name](T)
    module = getattr(torch.nn, cell)(task.input_size, settings["hidden_size"])
    model = reader(STARTS[start](module, task.steps), task)
    return tuning.solve(settings, model, task, learning_rate, seed)


def series_of(settings):
    """All (task, cell, start), each of which is followed up in T."""
    return [
        (name, cell, start)
        for name in settings["tasks"]
        for cell, starts in settings["starts"].items()
        for start in starts
    ]


def places(settings, series, done):
    """The places (*series, T) of a series as far as it goes, with what is to be done.

    Gives (place, keys): the keys that are missing there, or none where it is complete.
    """
    for T in settings["lengths"]:
        place = (*series, T)
        missing = tuning.missing(settings, place, done, tuning.failures)
        yield place, missing
        if missing:
            return
        _, runs = tuning.found(settings, place, done, tuning.failures)
        solved = [one["solved_at"] is not None for one in runs]
        if sum(solved) < settings["goes_on_from"] * len(solved):
            return


def todo(settings, done):
    """The longest first, so that no core is left with a long run at the end."""
    keys = [
        key
        for series in series_of(settings)
        for _, missing in places(settings, series, done)
        for key in missing
    ]
    return sorted(keys, key=lambda key: -key[3])


WHAT = (
    "For each task, cell, start and length T: how many of the seeds solved the task "
    "within the budget, with the learning rate that did best with the tuning seeds. "
    "interval: of that share, 95 %, exact (Clopper and Pearson). updates: what each "
    "seed needed, null where it did not solve it; scores: of each seed, after every "
    "evaluation, on sequences that it was not trained with. seconds: of one core, the "
    "mean of the seeds. tuning: of each learning rate, what each tuning seed needed. "
    "A series ends at its first T that fewer than half of the seeds solved. bias: that "
    "of the LSTM's forget gate, or of the GRU's update gate, which keeps."
)


def row_of(settings, done, place):
    rate, runs = tuning.found(settings, place, done, tuning.failures)
    solved = [one["solved_at"] for one in runs if one["solved_at"] is not None]
    return {
        **dict(zip(("task", "cell", "start", "T"), place, strict=True)),
        "learning_rate": rate,
        **tuning.solved(runs),
        "mean": statistics.mean(solved) if solved else None,
        "std": statistics.stdev(solved) if len(solved) > 1 else None,
        "tuning": {
            f"{one:g}": [done[key]["solved_at"] for key in keys]
            for one, keys in tuning.tries(settings, place).items()
        },
    }


def result_of(settings, done):
    rows = [
        row_of(settings, done, place)
        for series in series_of(settings)
        for place, missing in places(settings, series, done)
        if not missing
    ]
    kinds = {name: TASKS[name](settings["lengths"][0]) for name in settings["tasks"]}
    return {
        "experiment": "distance",
        "what": WHAT,
        **settings,
        "tasks": {
            name: {"chance": task.chance, "solved_from": task.threshold}
            for name, task in kinds.items()
        },
        "rows": rows,
    }


if __name__ == "__main__":
    studies.main(globals())
