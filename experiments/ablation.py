"""What each part of the LSTM is good for: without it, on three tasks.

    python experiments/ablation.py

trains every variant of `unrolled.ablations` at equal hidden size and writes
`src/unrolled/results/ablation.json`. The learning rate of each is chosen first, with
seeds that are not counted.
"""

from functools import partial

from unrolled import ablations, initialisers, studies, tasks, training, tuning
from unrolled.training import reader

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
HOURS = 0.6
SOURCES = (ablations, initialisers, tasks, training)
GPU = True


def run(settings, key):
    """Train one variant; what came of it, as `tuning.solve` tells it."""
    import torch

    name, variant, learning_rate, seed = key
    torch.manual_seed(seed)
    task = TASKS[name]()
    lstm = ablations.ablated(variant, task.input_size, settings["hidden_size"])
    initialisers.forget_bias_(lstm, settings["forget_bias"])
    return tuning.solve(settings, reader(lstm, task), task, learning_rate, seed)


def places(settings):
    """All (task, variant)."""
    return [(name, one) for name in settings["tasks"] for one in settings["variants"]]


def todo(settings, done):
    return tuning.todo(settings, places(settings), done, tuning.failures)


WHAT = (
    "For each task and variant of the LSTM: what each seed needed in updates to solve "
    "the task, null where it did not within the budget, with the learning rate that "
    "did best with the tuning seeds. scores: of each seed, after every evaluation. "
    "difference: the updates that it needs more than the full LSTM, seed by seed, "
    "unsolved counted as one update more than the budget, with an interval of 95 % "
    "(bootstrap, BCa). weights: those that it uses, of each bias one."
)


def result_of(settings, done):
    rows, full = [], {}
    for name, variant in places(settings):
        rate, runs = tuning.found(settings, (name, variant), done, tuning.failures)
        needed = tuning.needed(settings, runs)
        full.setdefault(name, needed)  # it is the first of the variants
        d, H = TASKS[name]().input_size, settings["hidden_size"]
        rows.append(
            {
                "task": name,
                "variant": variant,
                "weights": ablations.weights(variant, d, H),
                "learning_rate": rate,
                **tuning.solved(runs),
                "difference": tuning.paired(needed, full[name]),
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
    studies.main(globals())
