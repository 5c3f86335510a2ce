"""A fair comparison's runs: each place has the learning rate that suits it best.

A place is what is compared: a tuple, such as (task, cell, length). Its learning rate is
chosen first, by runs whose seeds do not count; then the seeds that count are run with
it. A run's key is (*place, learning rate, seed).

    settings = {"learning_rates": [...], "tuning_seeds": [...], "seeds": [...]}

`done` has the outcomes of runs by their keys, and `cost` is a function (settings,
place, outcomes of one rate's tuning runs) that returns what is less for the better one.
"""

import time

import numpy as np

from unrolled.studies import device
from unrolled.training import Diverged, fit


def tries(settings, place):
    """Return the keys of the runs that choose a place's learning rate, by rate."""
    return {
        rate: [(*place, rate, seed) for seed in settings["tuning_seeds"]]
        for rate in settings["learning_rates"]
    }


def rate(settings, place, done, cost):
    """Return the rate of the least cost; of several, the one next to the middle."""
    rates = settings["learning_rates"]

    def order(one):
        runs = [done[key] for key in tries(settings, place)[one]]
        return cost(settings, place, runs), abs(rates.index(one) - len(rates) // 2)

    return min(rates, key=order)


def counted(settings, place, done, cost):
    """Return the keys of the runs that count, once the tuning runs are done."""
    best = rate(settings, place, done, cost)
    return [(*place, best, seed) for seed in settings["seeds"]]


def missing(settings, place, done, cost):
    """Return the keys to run now: the tuning runs, and then those that count."""
    first = [key for keys in tries(settings, place).values() for key in keys]
    keys = [key for key in first if key not in done]
    if keys:
        return keys
    return [key for key in counted(settings, place, done, cost) if key not in done]


def todo(settings, places, done, cost):
    """Return the keys to run now, of all places."""
    return [key for place in places for key in missing(settings, place, done, cost)]


def found(settings, place, done, cost):
    """Return the rate that was chosen, and the outcomes of the runs that count."""
    keys = counted(settings, place, done, cost)
    return keys[0][-2], [done[key] for key in keys]


# Of what is compared by how soon it solves a task


def solve(settings, model, task, learning_rate, seed):
    """Train a model until it solves a task; return what JSON can hold of that.

    settings : its "budget" is given to `training.fit`; the model goes to its device.

    solved_at : after how many updates, or None. scores : of each evaluation, to three
    digits. diverged : whether it did. seconds : of one core, for the training.
    """
    begun = time.process_time()
    model.to(device(settings))
    options = settings["budget"] | {"learning_rate": learning_rate, "seed": seed}
    try:
        history, diverged = fit(model, task, **options), False
    except Diverged as stopped:
        history, diverged = stopped.history, True
    return {
        "solved_at": history.solved_at,
        "scores": [float(f"{score:.3g}") for score in history.score],
        "diverged": diverged,
        "seconds": round(time.process_time() - begun, 2),
    }


def needed(settings, runs):
    """Return the updates that each run needed; one too many where it did not solve."""
    most = settings["budget"]["updates"] + 1
    return [one["solved_at"] or most for one in runs]


def failures(settings, place, runs):
    """The cost of a rate: how many of its runs failed, then the updates of all."""
    failed = sum(one["solved_at"] is None for one in runs)
    return failed, sum(needed(settings, runs))


def solved(runs):
    """Return of the runs of one place what its row in a result says."""
    updates = [one["solved_at"] for one in runs]
    count = sum(one is not None for one in updates)
    return {
        "solved": count,
        "interval": share(count, len(runs)),
        "updates": updates,
        "diverged": sum(one["diverged"] for one in runs),
        "scores": [one["scores"] for one in runs],
        "seconds": round(float(np.mean([one["seconds"] for one in runs])), 2),
    }


# Intervals


def share(solved, runs):
    """Return the interval, 95 %, of the share of runs that solve a task: [low, high].

    Source: C. J. Clopper and E. S. Pearson, "The use of confidence or fiducial limits",
    Biometrika 26 (1934), as SciPy computes it.
    """
    from scipy.stats import binomtest

    interval = binomtest(solved, runs).proportion_ci(method="exact")
    return [round(float(end), 3) for end in interval]


def paired(one, other):
    """Return the mean difference of two, seed by seed, and its interval, 95 %.

    one, other : a number for each seed, the same seeds in the same order.

    Source: B. Efron, "Better bootstrap confidence intervals", Journal of the American
    Statistical Association 82 (1987), BCa, as SciPy computes it.
    """
    from scipy.stats import bootstrap

    difference = np.subtract(one, other)
    mean = float(difference.mean())
    if np.ptp(difference) == 0:
        return {"mean": mean, "interval": [mean, mean]}
    found = bootstrap((difference,), np.mean, rng=0).confidence_interval
    return {"mean": mean, "interval": [float(found.low), float(found.high)]}
