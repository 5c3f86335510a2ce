"""A fair comparison's runs: each place has the learning rate that suits it best.

A place is what is compared: a tuple, such as (task, cell, length). Its learning rate is
chosen first, by runs whose seeds do not count; then the seeds that count are run with
it. A run's key is (*place, learning rate, seed).

    settings = {"learning_rates": [...], "tuning_seeds": [...], "seeds": [...]}

`done` has the outcomes of runs by their keys, and `cost` is a function that takes the
outcomes of one rate's tuning runs and returns what is less for the better rate.
"""

import numpy as np


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
        return cost(runs), abs(rates.index(one) - len(rates) // 2)

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
