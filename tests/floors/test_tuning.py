"""A fair comparison: whose runs choose the learning rate, and whose count."""

import numpy as np
import torch
from scipy.stats import beta

from unrolled import tasks, training, tuning

SETTINGS = {
    "learning_rates": [0.1, 0.2, 0.3],
    "tuning_seeds": [100, 101],
    "seeds": [0, 1, 2],
}
PLACE = ("copy", "GRU")


def total(settings, place, runs):
    assert settings is SETTINGS and place == PLACE
    return sum(runs)


def found(**by_rate):
    """Outcomes of the tuning runs: of each rate the same for both seeds."""
    values = dict(zip(SETTINGS["learning_rates"], by_rate.values(), strict=True))
    return {
        (*PLACE, rate, seed): value
        for rate, value in values.items()
        for seed in SETTINGS["tuning_seeds"]
    }


def test_the_rate_is_chosen_by_seeds_that_do_not_count():
    none = tuning.missing(SETTINGS, PLACE, {}, total)
    assert len(none) == len(set(none)) == 6
    assert {key[-1] for key in none} == {100, 101}
    done = found(a=5, b=3, c=4)
    half = dict(list(done.items())[:4])
    assert (
        set(tuning.missing(SETTINGS, PLACE, half, total)) == done.keys() - half.keys()
    )
    assert tuning.rate(SETTINGS, PLACE, done, total) == 0.2
    counted = [(*PLACE, 0.2, seed) for seed in (0, 1, 2)]
    assert tuning.missing(SETTINGS, PLACE, done, total) == counted
    assert tuning.counted(SETTINGS, PLACE, done, total) == counted
    done[counted[1]] = -99  # what counts chooses nothing
    assert tuning.missing(SETTINGS, PLACE, done, total) == [counted[0], counted[2]]
    done |= dict.fromkeys(counted, 99)
    assert tuning.missing(SETTINGS, PLACE, done, total) == []
    assert tuning.rate(SETTINGS, PLACE, done, total) == 0.2


def test_of_rates_that_are_as_good_the_middle_one_is_taken():
    assert tuning.rate(SETTINGS, PLACE, found(a=1, b=1, c=1), total) == 0.2
    assert tuning.rate(SETTINGS, PLACE, found(a=1, b=2, c=1), total) == 0.1
    assert tuning.rate(SETTINGS, PLACE, found(a=3, b=2, c=1), total) == 0.3


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


def test_all_places_are_asked_and_what_counts_is_found():
    other = ("adding", "GRU")
    keys = tuning.todo(SETTINGS, [PLACE, other], {}, total)
    assert len(keys) == 12 and {key[:2] for key in keys} == {PLACE, other}
    done = found(a=5, b=3, c=4) | {(*PLACE, 0.2, seed): 7 + seed for seed in (0, 1, 2)}
    assert tuning.found(SETTINGS, PLACE, done, total) == (0.2, [7, 8, 9])
    assert tuning.todo(SETTINGS, [PLACE], done, total) == []


def test_what_failed_costs_more_than_what_was_slow():
    settings = {"budget": {"updates": 100}}
    quick, slow, never = ({"solved_at": one} for one in (50, 100, None))
    assert tuning.needed(settings, [quick, never]) == [50, 101]
    costs = [
        tuning.failures(settings, PLACE, runs)
        for runs in ([quick, quick], [quick, slow], [slow, slow], [quick, never])
    ]
    assert costs == sorted(costs) == [(0, 100), (0, 150), (0, 200), (1, 151)]


def test_a_run_and_a_row_tell_what_came_of_the_training():
    torch.manual_seed(0)
    task = tasks.latch(2)
    budget = {"updates": 60, "evaluate_every": 20, "batch_size": 16, "clip_norm": 1.0}
    model = training.reader(torch.nn.RNN(1, 4), task)
    run = tuning.solve({"budget": budget}, model, task, 0.03, seed=0)
    assert run["solved_at"] == 20 * len(run["scores"]) and not run["diverged"]
    assert run["scores"][-1] >= 0.99 > max([0, *run["scores"][:-1]])
    recurrent = torch.nn.RNN(1, 4, nonlinearity="relu")
    torch.nn.init.constant_(recurrent.weight_hh_l0, 1e20)
    burst = training.reader(recurrent, tasks.latch(9))
    bad = tuning.solve({"budget": budget}, burst, tasks.latch(9), 0.03, seed=0)
    assert bad["diverged"] and bad["solved_at"] is None
    row = tuning.solved([run, bad])
    assert row["solved"] == row["diverged"] == 1
    assert row["updates"] == [run["solved_at"], None]
    assert row["interval"] == tuning.share(1, 2)
    assert row["scores"] == [run["scores"], bad["scores"]]
