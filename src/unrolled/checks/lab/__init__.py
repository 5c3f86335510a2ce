"""The checks of chapter 7, the memory lab."""

import math

import numpy as np

from unrolled.checks import exercise, predictions
from unrolled.checks.answers import Hint, array, ask, compare, number, same

predict = predictions(__file__)


@exercise
def which_report(prediction):
    """A choice, "a" to "d": the report that can rank two cells."""


@exercise
def holds_zero(prediction):
    """A choice, "a" to "d": what follows from an interval that holds zero."""


@exercise
def seeds_needed(count):
    """A function (share) -> how many seeds must all arrive, for it to be as large."""
    for share in (0.8, 0.9, 0.69, 0.5, 0.99):

        def seeds(rare, share=share):
            return math.log(rare) / math.log(share)

        right = math.ceil(seeds(1 / 40))
        mistakes = {
            "one_in_twenty": math.ceil(seeds(1 / 20)),
            "rounded": round(seeds(1 / 40)),  # of 0.8 it is right
            "rounded_down": math.floor(seeds(1 / 40)),
            "not_whole": seeds(1 / 40),
            "not_whole_twenty": seeds(1 / 20),
        }
        answer = number(ask(count, share))
        if same(answer, np.asarray(float(right))):
            continue
        told = {"share": f"{share:.0%}", "answer": f"{answer:.4g}"}
        for key, wrong in mistakes.items():
            if same(answer, np.asarray(float(wrong))):
                raise Hint(key, **told)
        raise Hint("otherwise", **told)


@exercise
def middle_of_means(interval):
    """A function (differences (n), drawn (B, n)) -> the ends of the middle 95 %."""
    rng = np.random.default_rng(4)
    for n, draws in ((10, 400), (6, 1000), (3, 50)):
        differences = rng.normal(40, 100, n)
        drawn = rng.integers(0, n, (draws, n))
        picked = differences[drawn]
        means = picked.mean(axis=1)
        spread = means.std()
        mistakes = {
            "nine_tenths": np.percentile(means, [5, 95]),
            "half": np.percentile(means, [25, 75]),
            "all_drawn": np.percentile(picked, [2.5, 97.5]),
            "not_drawn": np.percentile(differences, [2.5, 97.5]),
            "of_medians": np.percentile(np.median(picked, axis=1), [2.5, 97.5]),
            "of_sums": np.percentile(picked.sum(axis=1), [2.5, 97.5]),
            "of_numbers": np.percentile(drawn.mean(axis=1), [2.5, 97.5]),
            "of_places": np.percentile(picked.mean(axis=0), [2.5, 97.5]),
            "by_spread": means.mean() + np.array([-1.96, 1.96]) * spread,
            "ends_exchanged": np.percentile(means, [97.5, 2.5]),
            "smallest_and_largest": np.array([means.min(), means.max()]),
            "quantiles_of_one": np.quantile(means, [0.00025, 0.00975]),
        }
        right = np.percentile(means, [2.5, 97.5])
        compare(ask(interval, differences, drawn), right, mistakes)


@exercise
def cost_of_solving(cost):
    """A function (seconds (n), solved (n)) -> the seconds that one solution takes."""
    for seconds, solved in (
        ([20.0, 35.0, 60.0, 60.0], [True, True, False, False]),
        ([10.0, 12.0, 9.0], [True, True, True]),
        ([50.0, 50.0, 8.0, 50.0, 50.0], [False, False, True, False, False]),
        ([60.0, 60.0], [False, False]),
    ):
        seconds, solved = np.array(seconds), np.array(solved)
        count = solved.sum()
        right = seconds.sum() / count if count else math.inf
        mistakes = {
            "lucky_alone": seconds[solved].mean() if count else math.nan,
            "every_run": seconds.mean(),
            "sum": seconds.sum(),
            "lucky_by_all": seconds[solved].sum() / len(seconds),
            "failed_alone": seconds[~solved].sum() / max(count, 1),
            "lucky_sum": seconds[solved].sum(),
        }
        answer = number(ask(cost, seconds, solved))
        if same(answer, np.asarray(float(right))):
            continue
        if not count:
            raise Hint("none_solved", answer=f"{answer:g}")
        for key, wrong in mistakes.items():
            if same(answer, np.asarray(float(wrong))):
                raise Hint(key)
        raise Hint("otherwise")


def _until(lengths, passed, with_the_last=True):
    """The lengths up to the first that is not passed, with it or without."""
    kept = next((k for k, one in enumerate(passed) if not one), len(passed))
    return lengths[: kept + with_the_last]


@exercise
def lengths_tried(tried):
    """A function (lengths, solved, seeds) -> the lengths that a study tries."""
    lengths = [10, 30, 100, 300, 1000]
    found, right, mistakes, told = [], [], {}, None
    for solved, seeds in (
        ([10, 10, 7, 2, 0], 10),
        ([10, 5, 5, 4, 9], 10),
        ([0, 0, 0, 0, 0], 10),
        ([5, 5, 5, 5, 5], 5),
        ([3, 2, 5, 0, 0], 5),
        ([8, 4, 3, 6, 8], 8),
    ):
        half = [one >= seeds / 2 for one in solved]
        for key, wrong in {
            "without_the_last": _until(lengths, half, False),
            "more_than_half": _until(lengths, [one > seeds / 2 for one in solved]),
            "picked": [T for T, one in zip(lengths, half, strict=True) if one],
            "all_or_nothing": _until(lengths, [one == seeds for one in solved]),
            "any": _until(lengths, [one > 0 for one in solved]),
            "everything": lengths,
        }.items():
            mistakes.setdefault(key, []).append(wrong)
        answer = array(ask(tried, list(lengths), list(solved), seeds))
        found.append(np.atleast_1d(answer).tolist())
        right.append(_until(lengths, half))
        if found[-1] != right[-1] and told is None:
            told = {"solved": ", ".join(map(str, solved)), "seeds": seeds}
    if told is None:
        return
    for key, wrong in mistakes.items():
        if found == wrong:
            raise Hint(key, **told)
    raise Hint("otherwise", **told)


@exercise
def out_of_room(figure):
    """A Counter whose GRU reads the first word at which it is wrong, and where."""


@exercise
def a_size_decides(figure):
    """A DataSize at the size that decides at equal units and not at equal weights."""


@exercise
def what_follows(answer):
    """A dictionary: whether each of six sentences follows from a table."""
