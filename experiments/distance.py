"""How far back a trained network remembers: four tasks, by cell, start and length.

    python experiments/distance.py

trains RNN, LSTM and GRU from several starts at growing lengths T and writes
`src/unrolled/results/distance.json`. Of every place on this map the learning rate is
chosen first, with seeds that are not counted; then ten others are trained with it. A
series ends at its first T that fewer than half of them solved.
"""

import statistics
import time
from functools import partial

from unrolled import initialisers, studies, tasks, training, tuning
from unrolled.training import Diverged, fit, reader

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
    "lengths": [10, 30, 100, 300],
    "goes_on_from": 0.5,
    "seeds": [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    "learning_rates": [0.003, 0.01, 0.03],
    "tuning_seeds": [100, 101, 102],
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


def keeps(module, bias=SETTINGS["bias"]):
    """Set the bias of the gate that keeps: an LSTM's forget, a GRU's update gate."""
    if module.mode == "LSTM":
        return initialisers.forget_bias_(module, bias)
    return initialisers.update_bias_(module, bias)


def run(settings, key):
    """Train one network: the updates that solved the task, its scores, its seconds."""
    import torch

    name, cell, start, T, learning_rate, seed = key
    begun = time.process_time()
    torch.manual_seed(seed)
    task = TASKS[name](T)
    module = getattr(torch.nn, cell)(task.input_size, settings["hidden_size"])
    model = reader(STARTS[start](module, task.steps), task)
    options = settings["budget"] | {"learning_rate": learning_rate, "seed": seed}
    try:
        history, diverged = fit(model, task, **options), False
    except Diverged as stopped:
        history, diverged = stopped.history, True
    return {
        "solved_at": history.solved_at,
        "scores": [float(f"{score:.3g}") for score in history.score],
        "diverged": diverged,
        "updates": history.updates,
        "seconds": round(time.process_time() - begun, 2),
    }


def series_of(settings):
    """All (task, cell, start), each of which is followed up in T."""
    return [
        (name, cell, start)
        for name in settings["tasks"]
        for cell, starts in settings["starts"].items()
        for start in starts
    ]


def cost(settings, runs):
    """Of a rate: how many of its tuning runs failed, then how many updates they took.

    A run that did not solve the task counts as one that took one update too many.
    """
    most = settings["budget"]["updates"] + 1
    failed = sum(one["solved_at"] is None for one in runs)
    return failed, sum(one["solved_at"] or most for one in runs)


def places(settings, series, done):
    """The places (*series, T) of a series as far as it goes, with what is to be done.

    Gives (place, keys): the keys that are missing there, or none where it is complete.
    """
    for T in settings["lengths"]:
        place = (*series, T)
        missing = tuning.missing(settings, place, done, partial(cost, settings))
        yield place, missing
        if missing:
            return
        keys = tuning.counted(settings, place, done, partial(cost, settings))
        solved = [done[key]["solved_at"] is not None for key in keys]
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


def result_of(settings, done):
    rows = []
    for series in series_of(settings):
        for place, missing in places(settings, series, done):
            if missing:
                break
            best = tuning.rate(settings, place, done, partial(cost, settings))
            runs = [done[(*place, best, seed)] for seed in settings["seeds"]]
            needed = [one["solved_at"] for one in runs]
            solved = [number for number in needed if number is not None]
            rows.append(
                dict(zip(("task", "cell", "start", "T"), place, strict=True))
                | {
                    "learning_rate": best,
                    "solved": len(solved),
                    "interval": tuning.share(len(solved), len(runs)),
                    "updates": needed,
                    "mean": statistics.mean(solved) if solved else None,
                    "std": statistics.stdev(solved) if len(solved) > 1 else None,
                    "diverged": sum(one["diverged"] for one in runs),
                    "scores": [one["scores"] for one in runs],
                    "seconds": round(statistics.mean(o["seconds"] for o in runs), 2),
                    "tuning": {
                        f"{rate:g}": [done[key]["solved_at"] for key in keys]
                        for rate, keys in tuning.tries(settings, place).items()
                    },
                }
            )
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
    studies.main(
        __file__,
        __doc__,
        settings=SETTINGS,
        tiny=TINY,
        sources=(tasks.__file__, training.__file__, initialisers.__file__),
        todo=todo,
        run=run,
        result_of=result_of,
        hours=2,
    )
