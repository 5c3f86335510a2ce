"""A fair comparison: whose runs choose the learning rate, and whose count."""

import numpy as np
from scipy.stats import beta

from unrolled import tuning

SETTINGS = {
    "learning_rates": [0.1, 0.2, 0.3],
    "tuning_seeds": [100, 101],
    "seeds": [0, 1, 2],
}
PLACE = ("copy", "GRU")


def found(**by_rate):
    """Outcomes of the tuning runs: of each rate the same for both seeds."""
    values = dict(zip(SETTINGS["learning_rates"], by_rate.values(), strict=True))
    return {
        (*PLACE, rate, seed): value
        for rate, value in values.items()
        for seed in SETTINGS["tuning_seeds"]
    }


def test_the_rate_is_chosen_by_seeds_that_do_not_count():
    none = tuning.missing(SETTINGS, PLACE, {}, sum)
    assert len(none) == len(set(none)) == 6
    assert {key[-1] for key in none} == {100, 101}
    done = found(a=5, b=3, c=4)
    half = dict(list(done.items())[:4])
    assert set(tuning.missing(SETTINGS, PLACE, half, sum)) == done.keys() - half.keys()
    assert tuning.rate(SETTINGS, PLACE, done, sum) == 0.2
    counted = [(*PLACE, 0.2, seed) for seed in (0, 1, 2)]
    assert tuning.missing(SETTINGS, PLACE, done, sum) == counted
    assert tuning.counted(SETTINGS, PLACE, done, sum) == counted
    done[counted[1]] = -99  # what counts chooses nothing
    assert tuning.missing(SETTINGS, PLACE, done, sum) == [counted[0], counted[2]]
    done |= dict.fromkeys(counted, 99)
    assert tuning.missing(SETTINGS, PLACE, done, sum) == []
    assert tuning.rate(SETTINGS, PLACE, done, sum) == 0.2


def test_of_rates_that_are_as_good_the_middle_one_is_taken():
    assert tuning.rate(SETTINGS, PLACE, found(a=1, b=1, c=1), sum) == 0.2
    assert tuning.rate(SETTINGS, PLACE, found(a=1, b=2, c=1), sum) == 0.1
    assert tuning.rate(SETTINGS, PLACE, found(a=3, b=2, c=1), sum) == 0.3


def test_a_share_has_the_exact_interval():
    low, high = tuning.share(7, 10)  # Clopper and Pearson by quantiles of the beta
    assert np.isclose(low, beta.ppf(0.025, 7, 4), atol=1e-3)
    assert np.isclose(high, beta.ppf(0.975, 8, 3), atol=1e-3)
    assert tuning.share(10, 10) == [0.692, 1.0]
    assert tuning.share(0, 10) == [0.0, 0.308]


def test_a_paired_difference_leaves_out_what_both_share():
    draw = np.random.default_rng(0)
    shared, own = draw.normal(0, 100, 40), draw.normal(0, 1, 40)
    difference = tuning.paired(shared + own + 2, shared)
    low, high = difference["interval"]
    assert low < difference["mean"] < high and high - low < 1
    assert low < own.mean() + 2 < high
    assert tuning.paired([3, 4], [1, 2]) == {"mean": 2.0, "interval": [2.0, 2.0]}
    assert tuning.paired(shared + own, shared) == tuning.paired(shared + own, shared)
