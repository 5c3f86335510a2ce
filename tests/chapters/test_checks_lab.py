"""The exercises of chapter 7: stubs, solutions, likely mistakes, nonsense."""

import math

import numpy as np
import torch
from hands.checks import Exercises

from unrolled.checks import lab
from unrolled.explorers import Counter, DataSize, HiddenState


def seeds(rare=1 / 40, whole=math.ceil):
    return lambda share: whole(math.log(rare) / math.log(share))


def one_by_one(share):
    n = 1
    while share**n > 1 / 40:
        n += 1
    return n


def middle(ends=(2.5, 97.5), of=lambda picked: picked.mean(axis=1)):
    """The ends of what is made of each draw."""
    return lambda differences, drawn: np.percentile(of(differences[drawn]), ends)


def by_torch(differences, drawn):
    means = torch.tensor(differences)[torch.tensor(drawn)].mean(dim=1)
    return torch.quantile(means, torch.tensor([0.025, 0.975], dtype=means.dtype))


def by_sorting(differences, drawn):
    means = sorted(np.mean([differences[k] for k in draw]) for draw in drawn)
    ends = []
    for part in (0.025, 0.975):
        at = part * (len(means) - 1)
        low = int(at)
        high = min(low + 1, len(means) - 1)
        ends.append(means[low] + (at - low) * (means[high] - means[low]))
    return ends


def by_spread(differences, drawn):
    means = differences[drawn].mean(axis=1)
    return [means.mean() - 1.96 * means.std(), means.mean() + 1.96 * means.std()]


def per_solution(seconds, solved):
    return sum(seconds) / sum(solved) if any(solved) else float("inf")


def silently(seconds, solved):
    with np.errstate(divide="ignore"):
        return torch.tensor(np.divide(seconds.sum(), solved.sum()))


def tried(goes_on=lambda one, seeds: one >= seeds / 2, last=1):
    """The lengths up to the first that does not go on, with it or without."""

    def lengths_tried(lengths, solved, seeds):
        for k, one in enumerate(solved):
            if not goes_on(one, seeds):
                return lengths[: k + last]
        return lengths

    return lengths_tried


def with_numpy(lengths, solved, seeds):
    passed = np.cumprod(2 * np.array(solved) >= seeds)
    return np.array(lengths)[np.concatenate([[True], passed[:-1] == 1])]


def picked(lengths, solved, seeds):
    return [T for T, one in zip(lengths, solved, strict=True) if one >= seeds / 2]


def reads(n=13, step=25, **changed):
    """The figure of an exercise: the GRU, a word of n a and n b."""
    return Counter(**{"cell": "GRU", "text": "a" * n + "b" * n, "step": step} | changed)


def at_size(size=1, **changed):
    given = {"task": "adding", "other": "RNN", "equal": "weights", "size": size}
    return DataSize(**given | changed)


TABLE = {
    "A solves": "follows",
    "B solves": "does not",
    "A and C": "does not",
    "as likely": "does not",
    "C and D": "follows",
    "D never": "does not",
}


# The right answers in other forms than the solution's.
RIGHT = {
    "which_report": ["B", "(b)", "b."],
    "holds_zero": ["C", "(c)", "c)"],
    "seeds_needed": [one_by_one, seeds(), lambda share: np.float32(seeds()(share))],
    "middle_of_means": [middle(), by_torch, by_sorting],
    "lengths_tried": [tried(), with_numpy, lambda *a: tuple(tried()(*a))],
    "cost_of_solving": [per_solution, silently],
    "out_of_room": [reads(), reads(unit=4)],
    "a_size_decides": [at_size(), at_size(seed=4)],
    "what_follows": [
        TABLE,
        {name: f" {word.upper()} " for name, word in TABLE.items()},
    ],
}


# Of each exercise: (a plausible wrong answer, words of the hint that it should get).
WRONG = {
    "which_report": [
        ("a", "For which of the two"),
        ("(C)", "best of thirty"),
        ("d.", "no difference at all"),
        (2, "in quotes"),
        ("e", "not one of the 4"),
    ],
    "holds_zero": [
        ("a", "Which other differences"),
        ("B", "contradict the interval"),
        ("d", "the side of zero"),
        ("none", "not one of the 4"),
        (3, "in quotes"),
    ],
    "seeds_needed": [
        (seeds(1 / 20), "half lie at either end"),
        (seeds(whole=math.floor), "one too few"),
        (seeds(whole=round), "Rounded to the nearest"),
        (seeds(whole=float), "How many whole seeds"),
        (seeds(1 / 20, float), "how rare must it be"),
        (lambda share: 10, "two of two"),
        (lambda share: (share, 1 - share), "One number"),
    ],
    "middle_of_means": [
        (middle((5, 95)), "nine tenths"),
        (middle((25, 75)), "middle half"),
        (middle(of=lambda picked: picked), "only the mean is to be kept"),
        (lambda d, drawn: np.percentile(d, [2.5, 97.5]), "What are the draws for"),
        (middle(of=lambda picked: np.median(picked, axis=1)), "the median"),
        (middle(of=lambda picked: picked.sum(axis=1)), "the sum"),
        (
            lambda d, drawn: np.percentile(drawn.mean(axis=1), [2.5, 97.5]),
            "The draws are places",
        ),
        (middle(of=lambda picked: picked.mean(axis=0)), "for each draw"),
        (by_spread, "takes the means for normal"),
        (middle((97.5, 2.5)), "low end comes first"),
        (middle((0, 100)), "least and the largest"),
        (middle((0.025, 0.975)), "np.quantile to 1"),
        (lambda d, drawn: d[drawn].mean(axis=1), "(2,) is wanted"),
        (lambda d, drawn: [0.0, 1.0], "Look at one draw"),
    ],
    "lengths_tried": [
        (tried(last=0), "nobody knows"),
        (tried(lambda one, seeds: one > seeds / 2), "just half"),
        (picked, "behind the first failure"),
        (tried(lambda one, seeds: one == seeds), "as soon as one seed fails"),
        (tried(lambda one, seeds: one > 0), "while any seed arrives"),
        (lambda lengths, solved, seeds: lengths, "the rule say stop"),
        (lambda lengths, solved, seeds: lengths[:1], "by hand"),
    ],
    "cost_of_solving": [
        (lambda s, solved: s[solved].mean() if any(solved) else 0.0, "Who has paid"),
        (lambda s, solved: s.mean(), "until one arrives"),
        (lambda s, solved: s.sum(), "How many solutions"),
        (lambda s, solved: s[solved].sum() / len(s), "the other way round"),
        (lambda s, solved: s[~solved].sum() / max(solved.sum(), 1), "failed runs"),
        (lambda s, solved: s[solved].sum(), "of the runs that arrived"),
        (lambda s, solved: s.sum() / max(solved.sum(), 1), "if it never comes"),
        (lambda s, solved: 1.0, "how much is that for each"),
    ],
    "out_of_room": [
        (reads(12, 24), "With n = 12 it is right"),
        (reads(14, 26), "with one a and one b less"),
        (reads(13, 26), "Where does the network say"),
        (reads(text="a" * 13 + "b" * 12), "no whole word"),
        (reads(cell="LSTM"), "another cell"),
        (reads(language="anbncn"), "of two letters"),
        (reads(network="furthest"), "in the middle"),
        (HiddenState(), "this is a HiddenState"),
    ],
    "a_size_decides": [
        (at_size(2), "With 100 sequences and equal weights"),
        (at_size(5), "With 3000 sequences"),
        (at_size(equal="hidden size"), "set them so"),
        (at_size(other="GRU"), "the plain RNN"),
        (at_size(task="sentiment"), "Set the task to adding"),
        (HiddenState(), "this is a HiddenState"),
    ],
    "what_follows": [
        (TABLE | {"B solves": "follows"}, "contradicts the sentence"),
        (TABLE | {"A solves": "does not"}, "at the end of it"),
        (TABLE | {"D never": ...}, "Still open"),
        (TABLE | {"C and D": "perhaps"}, "not one of"),
        (TABLE | {"as likely": "follows"}, "as likely: Is"),
        (list(TABLE.values()), "with these keys"),
    ],
}

# What would give an answer away.
ANSWERS = {
    "which_report": r"three seeds",
    "holds_zero": r"cannot tell",
    "seeds_needed": r"log|\b36\b|\*\*",
    "middle_of_means": r"97\.5\]|axis",
    "lengths_tried": r">=|\[:",
    "cost_of_solving": r"sum\(\)|/ ",
    "out_of_room": r"\b13\b|thirteen",
    "a_size_decides": r"\b30\b|thirty",
    "what_follows": r"Two follow",
}


def first_failure(figure):
    """Whether the GRU is wrong here first, by the words of all smaller n."""
    n = len(figure.text) // 2
    words = ["a" * k + "b" * k for k in range(1, n + 1)]
    wrong = [Counter(cell="GRU", text=text).wrong for text in words]
    return not any(wrong[:-1]) and wrong[-1][0] == figure.step


def decides(figure):
    _, low, high = figure.differences[figure.size - 1]
    other = DataSize(**figure.state | {"equal": "hidden size"})
    return low <= 0 <= high and other.better[figure.size - 1] == "LSTM"


NONE = "none solved, all the same: NumPy’s division by zero is infinite"
ALIKE = {
    "cost_of_solving": {
        "solved -> seconds": NONE,
        "solved.any() -> solved.mean()": "not zero",
        "solved.any() -> solved.sum()": "not zero",
        "solved.any() -> solved.max()": "not zero",
    }
}


class TestLab(Exercises):
    check = lab
    notebook = "07_memory_lab"
    wrong = WRONG
    right = RIGHT
    answers = ANSWERS
    alike = ALIKE
    fits = {"out_of_room": first_failure, "a_size_decides": decides}
