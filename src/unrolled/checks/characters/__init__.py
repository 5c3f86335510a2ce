"""The checks of chapter 8, a character model you can watch."""

import numpy as np

from unrolled.checks import exercise, predictions
from unrolled.checks.answers import Hint, Raised, array, ask, compare, number, same
from unrolled.corpus import ALPHABET

predict = predictions(__file__)
SIZE = len(ALPHABET)


@exercise
def two_bits(prediction):
    """A choice, "a" to "d": what a loss of two bits a letter means."""


@exercise
def far_bracket(prediction):
    """A choice, "a" to "d": what is left of a bracket from beyond the piece."""


def _compare_numbers(answer, right, mistakes):
    """Raise a `Hint` where an answer is not the one number that is right.

    mistakes : {key of the hint: the number, or the numbers, that this mistake gives}.
    """
    answer = number(answer)
    if same(answer, np.asarray(float(right))):
        return
    for key, wrong in mistakes.items():
        if any(same(answer, np.asarray(float(one))) for one in np.atleast_1d(wrong)):
            raise Hint(key)
    raise Hint("otherwise", answer=f"{answer:.4g}")


@exercise
def bits_per_letter(bits):
    """A function (p (T, 96), numbers (T)) -> the bits of all letters but the first."""
    rng = np.random.default_rng(1)
    for T in (6, 11):
        p, numbers = rng.dirichlet(np.ones(SIZE), T), rng.integers(0, SIZE, T)
        given = p[np.arange(T - 1), numbers[1:]]
        its_own = -np.log2(p[np.arange(T), numbers])
        expected = -(p * np.log2(p)).sum(1)
        likeliest = -np.log2(p.max(1))
        behind = p[np.arange(1, T), numbers[:-1]]
        in_turn = p[np.arange(T), np.roll(numbers, -1)]
        right = -np.log2(given).mean()
        mistakes = {
            "nats": -np.log(given).mean(),
            "base_ten": -np.log10(given).mean(),
            "sign": -right,
            "sum": right * (T - 1),
            "one_too_many": right * (T - 1) / T,
            "log_of_mean": -np.log2(given.mean()),
            "not_logs": given.mean(),
            "its_own_row": [its_own.mean(), its_own[1:].mean()],
            "backwards": -np.log2(behind).mean(),
            "in_a_ring": -np.log2(in_turn).mean(),
            "all_pairs": -np.log2(p[:-1][:, numbers[1:]]).mean(),
            "expected": [expected.mean(), expected[:-1].mean()],
            "likeliest": [likeliest.mean(), likeliest[:-1].mean()],
            "letters": 2**right,
        }
        _compare_numbers(ask(bits, p, numbers), right, mistakes)


def _softmax(logits):
    weights = np.exp(logits - logits.max())
    return weights / weights.sum()


@exercise
def warmed(warm):
    """A function (logits (96), temperature) -> the probabilities, (96)."""
    rng = np.random.default_rng(2)
    for temperature, around, spread in (
        (0.5, 0, 2),
        (3.0, 0, 2),
        (0.7, 1000, 1500),
        (1.5, -6000, 2),
    ):
        logits = around + spread * rng.normal(size=SIZE)
        right, cold = _softmax(logits / temperature), _softmax(logits)
        answer = array(ask(warm, logits, temperature))
        if answer.shape == right.shape and not same(answer, right):
            if around and not (np.isfinite(answer).all() and answer.any()):
                raise Hint("overflow", around=f"{logits.max():.0f}")
            if same(answer, cold ** (1 / temperature)):
                raise Hint("powers")
            if answer.sum() > 0 and same(answer / answer.sum(), right):
                raise Hint("not_normalised", sum=f"{answer.sum():.4g}")
        mistakes = {
            "multiplied": _softmax(logits * temperature),
            "divided_after": cold / temperature,
            "no_effect": cold,
            "base_two": _softmax(logits / temperature * np.log(2)),
            "logs": logits / temperature,
            "log_probabilities": np.log(right),
        }
        compare(answer, right, mistakes)


@exercise
def piece(given):
    """A function (numbers, places, steps, update) -> letters, (steps + 1, readers)."""
    rng = np.random.default_rng(3)
    T = 61
    numbers = rng.integers(0, SIZE, T)
    for places, steps, update in (
        ([4, 17, 30, 8], 5, 0),
        ([2, 25, 11], 6, 3),
        ([50, 3, 58, 20, 55], 7, 0),
        ([9, 40], 8, 4),
        ([33, 60, 0], 10, 25),
    ):
        places = np.array(places)
        reach = np.arange(steps + 1)[:, None]

        def read(begin, reach=reach):
            return numbers[(begin + reach) % T]

        begin = places + update * steps
        right = read(begin)
        mistakes = {
            "anew": read(places),
            "counted_from_one": read(begin - steps),
            "no_answer": right[:-1],
            "answers_alone": right[1:],
            "apart": np.stack([right[:-1], right[1:]]),
            "readers_in_rows": right.T,
            "both": right[:-1].T,
            "skips": read(begin + update),
            "overlaps": read(begin - update),
            "one_late": read(begin + 1),
            "where": (begin + reach) % T,
            "waits_at_the_end": numbers[np.minimum(begin + reach, T - 1)],
        }
        behind = (begin + steps).max() >= T
        try:
            answer = array(ask(given, numbers, places, steps, update))
        except Raised as said:
            if behind:
                raise Hint("behind_the_end", said=said) from None
            raise
        except Hint:
            if behind:  # rows of unlike lengths
                raise Hint("cut_at_the_end") from None
            raise
        compare(answer, right, mistakes)


@exercise
def balanced(accuracy):
    """A function (said (n), true (n)), bool -> the balanced accuracy."""
    rng = np.random.default_rng(4)
    for n, rare, wrong in ((95, 0.2, 0.3), (150, 0.1, 0.2), (60, 0.7, 0.4)):
        true = rng.random(n) < rare
        said = true ^ (rng.random(n) < wrong)
        hits, passes = said[true].mean(), (~said[~true]).mean()
        right, found = (hits + passes) / 2, true[said].mean()
        mistakes = {
            "plain": (said == true).mean(),
            "true_alone": hits,
            "false_alone": passes,
            "precision": found,
            "product": hits * passes,
            "root": np.sqrt(hits * passes),
            "not_halved": hits + passes,
            "above_guessing": hits + passes - 1,
            "f_score": 2 * hits * found / (hits + found),
            "by_what_was_said": (found + (~true[~said]).mean()) / 2,
            "false_alarms": (hits + said[~true].mean()) / 2,
            "turned_round": 1 - right,
        }
        _compare_numbers(ask(accuracy, said, true), right, mistakes)


@exercise
def one_unit(figure):
    """A CharacterModel that reads its text worse, for something of a unit is held."""


@exercise
def worse_than_guessing(figure):
    """A CharacterModel with a text that costs it more than a uniform guess would."""


@exercise
def what_may_be_said(answer):
    """A dictionary: whether each of six sentences follows from four findings."""
