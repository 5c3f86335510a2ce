"""What each part of the LSTM is good for: without it, on three tasks.

    python experiments/ablation.py

trains every variant of `unrolled.ablations` at equal hidden size and writes
`src/unrolled/results/ablation.json`. The learning rate of each is chosen first, with
seeds that are not counted.
"""

import statistics
import time
from functools import partial

from unrolled import ablations, initialisers, studies, tasks, training, tuning
from unrolled.training import Diverged, fit, reader

TASKS = {
    "adding": partial(tasks.adding, 30),
    "temporal order": partial(tasks.temporal_order, 30),
    "copy": partial(tasks.copy, 10, length=2, symbols=4),
}
SETTINGS = {
    "tasks": list(TASKS),
    "variants": list(ablations.VARIANTS),
    "forget_bias": 1.0,
    "hidden_size": 32,
    "seeds": [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    "learning_rates": [0.003, 0.01, 0.03],
    "tuning_seeds": [100, 101],
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
    "tasks": ["adding"],
    "variants": ["full", "forget gate alone"],
    "hidden_size": 4,
    "seeds": [0, 1],
    "learning_rates": [0.01],
    "tuning_seeds": [100],
    "budget": SETTINGS["budget"] | {"updates": 20, "evaluate_every": 10},
}


def run(settings, key):
    """Train one variant: the updates that solved the task, its scores, its seconds."""
    import torch

    name, variant, learning_rate, seed = key
    begun = time.process_time()
    torch.manual_seed(seed)
    task = TASKS[name]()
    lstm = ablations.ablated(variant, task.input_size, settings["hidden_size"])
    initialisers.forget_bias_(lstm, settings["forget_bias"])
    options = settings["budget"] | {"learning_rate": learning_rate, "seed": seed}
    try:
        history, diverged = fit(reader(lstm, task), task, **options), False
    except Diverged as stopped:
        history, diverged = stopped.history, True
    return {
        "solved_at": history.solved_at,
        "scores": [float(f"{score:.3g}") for score in history.score],
        "diverged": diverged,
        "seconds": round(time.process_time() - begun, 2),
    }


def cost(settings, runs):
    """Of a rate: how many of its tuning runs failed, then how many updates they took.

    A run that did not solve the task counts as one that took one update too many.
    """
    most = settings["budget"]["updates"] + 1
    failed = sum(one["solved_at"] is None for one in runs)
    return failed, sum(one["solved_at"] or most for one in runs)


def places(settings):
    """All (task, variant)."""
    return [(name, one) for name in settings["tasks"] for one in settings["variants"]]


def todo(settings, done):
    return [
        key
        for place in places(settings)
        for key in tuning.missing(settings, place, done, partial(cost, settings))
    ]


WHAT = (
    "For each task and variant of the LSTM: what each seed needed in updates to solve "
    "the task, null where it did not within the budget, with the learning rate that "
    "did best with the tuning seeds. scores: of each seed, after every evaluation. "
    "difference: the updates that it needs more than the full LSTM, seed by seed, "
    "unsolved counted as one update more than the budget, with an interval of 95 % "
    "(bootstrap, BCa). weights: those that it uses, of each bias one."
)


def result_of(settings, done):
    most = settings["budget"]["updates"] + 1
    rows = []
    for name in settings["tasks"]:
        needed = {}
        for variant in settings["variants"]:
            place = (name, variant)
            rate = tuning.rate(settings, place, done, partial(cost, settings))
            runs = [done[(*place, rate, seed)] for seed in settings["seeds"]]
            updates = [one["solved_at"] for one in runs]
            needed[variant] = [one or most for one in updates]
            input_size = TASKS[name]().input_size
            rows.append(
                {
                    "task": name,
                    "variant": variant,
                    "weights": ablations.weights(
                        variant, input_size, settings["hidden_size"]
                    ),
                    "learning_rate": rate,
                    "solved": sum(one is not None for one in updates),
                    "interval": tuning.share(
                        sum(one is not None for one in updates), len(updates)
                    ),
                    "updates": updates,
                    "difference": tuning.paired(needed[variant], needed["full"]),
                    "diverged": sum(one["diverged"] for one in runs),
                    "scores": [one["scores"] for one in runs],
                    "seconds": round(statistics.mean(o["seconds"] for o in runs), 2),
                }
            )
    kinds = {name: TASKS[name]() for name in settings["tasks"]}
    return {
        "experiment": "ablation",
        "what": WHAT,
        **settings,
        "tasks": {
            name: {"T": task.T, "chance": task.chance, "solved_from": task.threshold}
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
        sources=[one.__file__ for one in (ablations, initialisers, tasks, training)],
        todo=todo,
        run=run,
        result_of=result_of,
        hours=0.6,
    )
