"""The exercises of chapter 8: stubs, solutions, likely mistakes, nonsense."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from hands.checks import Exercises

from unrolled.checks import characters as check
from unrolled.checks.questions import rules_of
from unrolled.corpus import encode
from unrolled.explorers import CharacterModel, HiddenState


def bits(
    log=np.log2, rows=lambda p: p[:-1], of=lambda n: n[1:], last=lambda b: -b.mean()
):
    """Bits of the letters that are picked from the rows."""

    def bits_per_letter(p, numbers):
        letters = of(numbers)
        return last(log(rows(p)[np.arange(len(letters)), letters]))

    return bits_per_letter


def bits_in_a_loop(p, numbers):
    given = [p[t][numbers[t + 1]] for t in range(len(numbers) - 1)]
    return sum(-math.log(one, 2) for one in given) / len(given)


def bits_by_torch(p, numbers):
    logits, answers = torch.tensor(p).log()[:-1], torch.tensor(numbers)[1:]
    return torch.nn.functional.cross_entropy(logits, answers) / math.log(2)


def entropy(p, numbers):
    return -(p * np.log2(p)).sum(1).mean()


def softmax(logits):
    weights = np.exp(logits - np.max(logits))
    return weights / weights.sum()


def by_powers(logits, temperature):
    weights = softmax(logits) ** (1 / temperature)
    return weights / weights.sum()


def unsafe(logits, temperature):
    weights = np.exp(logits / temperature)
    return weights / weights.sum()


def piece(on=lambda update, steps: update * steps, more=1, wrap=True):
    """The letters from so far on, and so many more than steps."""

    def letters(numbers, places, steps, update):
        at = places + on(update, steps) + np.arange(steps + more)[:, None]
        return numbers[at % len(numbers) if wrap else at]

    return letters


def piece_by_reader(numbers, places, steps, update):
    ring = np.concatenate([numbers] * 6)
    begins = [place + update * steps for place in places]
    return np.stack([ring[one : one + steps + 1] for one in begins], axis=1)


def piece_of_lists(numbers, places, steps, update):
    return [
        [numbers[(p + update * steps + k) % len(numbers)] for p in places]
        for k in range(steps + 1)
    ]


def cut(numbers, places, steps, update):
    return np.stack(cut_rows(numbers, places, steps, update), axis=1)


def cut_rows(numbers, places, steps, update):
    begins = [place + update * steps for place in places]
    return [numbers[one : one + steps + 1] for one in begins]


def drops_out(numbers, places, steps, update):
    at = places + update * steps + np.arange(steps + 1)[:, None]
    return [[numbers[one] for one in row if one < len(numbers)] for row in at]


def waits(numbers, places, steps, update):
    at = places + update * steps + np.arange(steps + 1)[:, None]
    return np.take(numbers, at, mode="clip")


def apart(numbers, places, steps, update):
    both = piece()(numbers, places, steps, update)
    return both[:-1], both[1:]


def balanced_by_counting(said, true):
    hits = sum(a and b for a, b in zip(said, true, strict=True)) / sum(true)
    passes = sum(not a and not b for a, b in zip(said, true, strict=True))
    return (hits + passes / sum(not b for b in true)) / 2


def balanced_by_torch(said, true):
    said, true = torch.tensor(said), torch.tensor(true)
    return (said[true].double().mean() + 1 - said[~true].double().mean()) / 2


def precision(said, true):
    return true[said].mean()


def f_score(said, true):
    return 2 / (1 / said[true].mean() + 1 / true[said].mean())


def shares(join):
    return lambda said, true: join(said[true].mean(), (~said)[~true].mean())


def torch_bits(text, unit=None, value=None):
    """The bits per letter of a text, with the cell state of a unit held at a value."""
    model, numbers = CharacterModel().model, torch.from_numpy(encode(text))
    W_x, W_h, *biases = model.recurrent.parameters()
    h = c = torch.zeros(96, dtype=torch.float64)
    states = []
    with torch.no_grad():
        for number in numbers[:-1]:
            i, f, g, o = (W_x[:, number] + W_h @ h + sum(biases)).chunk(4)
            c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            if unit is not None:
                c[unit] = value
            h = o.sigmoid() * c.tanh()
            states.append(h)
        logits = model.readout(torch.stack(states))
    return torch.nn.functional.cross_entropy(logits, numbers[1:]).item() / math.log(2)


def cost(unit, value):
    """How many more bits a letter the exercise's text takes with a unit held."""
    return torch_bits(HELD["text"], unit, value) - torch_bits(HELD["text"])


def units():
    """All units, from the one that the read-out hears least."""
    return CharacterModel().model.readout.weight.abs().sum(0).argsort().tolist()


RULES = rules_of(Path(check.__file__).parent)
HELD, WORSE = (RULES[one]["start"] for one in ("one_unit", "worse_than_guessing"))
LOUD = max(
    ((unit, value) for unit in units()[-4:] for value in (-5, 5)),
    key=lambda one: cost(*one),
)
QUIET = [(unit, value) for unit in units() for value in (0, 0.5, -0.5)]
EASED = next(one for one in QUIET if cost(*one) < 0)
HARDLY = next(one for one in QUIET if 0 < cost(*one) < 0.1)


def holds(unit, value, **changed):
    """The figure of an exercise: a unit's cell state is held."""
    return CharacterModel(**HELD | {"unit": unit, "hold": "c", "held": value} | changed)


def writes(text, **changed):
    return CharacterModel(**WORSE | {"text": text} | changed)


MASHED = "qjxzvkqzjxwqvkzjqxhzqkjvzxqwjzkqvxjqzkwvxqj"
EASY = "    return self\n" * 4
MIXED = (EASY + MASHED[:n] for n in range(len(MASHED)))
BETWEEN = next(text for text in MIXED if 4.2 < torch_bits(text) < 6.4)
SAID = {
    "tells": "follows",
    "closes": "does not",
    "nowhere": "does not",
    "gives away": "follows",
    "copies": "does not",
    "better": "does not",
}

# The right answers in other forms than the solution's.
RIGHT = {
    "two_bits": ["B", "(b)", "b."],
    "far_bracket": ["C", "(c)", "c)"],
    "bits_per_letter": [bits(), bits_in_a_loop, bits_by_torch],
    "warmed": [
        by_powers,
        lambda logits, t: torch.softmax(torch.tensor(logits) / t, -1),
        lambda logits, t: softmax(logits / t).astype(np.float32),
    ],
    "piece": [piece(), piece_by_reader, piece_of_lists],
    "balanced": [balanced_by_counting, balanced_by_torch],
    "one_unit": [holds(*LOUD), holds(*LOUD, letter=3, show="h")],
    "worse_than_guessing": [writes(MASHED), writes(MASHED, unit=4, letter=1)],
    "what_may_be_said": [
        SAID,
        {name: f" {word.upper()} " for name, word in SAID.items()},
    ],
}


# Of each exercise: (a plausible wrong answer, words of the hint that it should get).
WRONG = {
    "two_bits": [
        ("a", "three quarters"),
        ("(C)", "one half and one eighth"),
        ("d.", "the other one choose"),
        (2, "in quotes"),
        ("e", "not one of the 4"),
    ],
    "far_bracket": [
        ("a", "With which state"),
        ("B", "the way back end"),
        ("(d)", "from one update to the next"),
        (128, "in quotes"),
        ("none", "not one of the 4"),
    ],
    "bits_per_letter": [
        (bits(np.log), "These are nats"),
        (bits(np.log10), "powers of ten"),
        (bits(last=lambda b: b.mean()), "never above zero"),
        (bits(last=lambda b: -b.sum()), "all letters together"),
        (bits(last=lambda b: -b.sum() / (len(b) + 1)), "By how many letters"),
        (bits(lambda p: p, last=lambda p: -np.log2(p.mean())), "logarithm of a mean"),
        (bits(lambda p: p, last=np.mean), "mean of the probabilities"),
        (bits(rows=lambda p: p, of=lambda n: n), "in its own row"),
        (bits(rows=lambda p: p[1:]), "in its own row"),
        (bits(rows=lambda p: p[1:], of=lambda n: n[:-1]), "for the letter before"),
        (bits(rows=lambda p: p, of=lambda n: np.roll(n, -1)), "asked for the first"),
        (lambda p, n: -np.log2(p[:-1, n[1:]]).mean(), "a whole table"),
        (entropy, "that the model expects"),
        (lambda p, n: entropy(p[:-1], n), "that the model expects"),
        (lambda p, n: -np.log2(p.max(1)).mean(), "of the likeliest letters"),
        (lambda p, n: -np.log2(p[:-1].max(1)).mean(), "of the likeliest letters"),
        (lambda p, n: 2 ** bits()(p, n), "how many equally likely"),
        (lambda p, n: 1.0, "which two probabilities count"),
        (lambda p, n: np.ones(len(n) - 1), "One number"),
    ],
    "warmed": [
        (lambda logits, t: softmax(logits * t), "pull the logits apart"),
        (lambda logits, t: softmax(logits) / t, "as they were"),
        (lambda logits, t: softmax(logits), "changes nothing"),
        (lambda logits, t: softmax(logits / t * math.log(2)), "where e is wanted"),
        (lambda logits, t: logits / t, "logits still"),
        (lambda logits, t: np.log(softmax(logits / t)), "logarithms"),
        (lambda logits, t: softmax(logits) ** (1 / t), "Powers"),
        (lambda logits, t: np.exp(logits / t), "But they add up to"),
        (lambda logits, t: np.exp((logits - max(logits)) / t), "But they add up to"),
        (unsafe, "What happens to exp"),
        (lambda logits, t: unsafe(logits - logits.min(), t), "What happens to exp"),
        (lambda logits, t: unsafe(logits - max(0, logits.max()), t), "logit is -5"),
        (lambda logits, t: softmax(logits - t)[::-1], "Take two logits"),
        (lambda logits, t: softmax(logits / t).max(), "(96,) is wanted"),
    ],
    "piece": [
        (piece(lambda update, steps: 0), "at its place again"),
        (piece(lambda update, steps: (update - 1) * steps), "counted from 0"),
        (piece(more=0), "the answer to the last of them"),
        (lambda *a: piece()(*a)[1:], "These are the answers"),
        (apart, "One array holds both"),
        (lambda *a: piece()(*a).T, "a column for each reader"),
        (lambda *a: piece(more=0)(*a).T, "And which letter"),
        (piece(lambda update, steps: update * (steps + 1)), "a letter is left out"),
        (piece(lambda update, steps: update * (steps - 1)), "read twice"),
        (piece(lambda update, steps: update * steps + 1), "one letter behind"),
        (
            lambda n, *a: piece()(np.arange(len(n)), *a),
            "places of the letters",
        ),
        (waits, "again and again"),
        (piece(wrap=False), "come to the text’s end. Your function"),
        (cut, "come to the text’s end."),
        (drops_out, "shorter than the others"),
        (piece(lambda update, steps: update * steps + 2), "Follow one reader"),
        (piece(more=2), "is wanted"),
    ],
    "balanced": [
        (lambda said, true: (said == true).mean(), "right at all"),
        (shares(lambda hits, passes: hits), "only where it is true"),
        (shares(lambda hits, passes: passes), "only where it is false"),
        (precision, "how often a yes is right"),
        (shares(lambda hits, passes: hits * passes), "multiplied"),
        (shares(lambda hits, passes: math.sqrt(hits * passes)), "root"),
        (shares(lambda hits, passes: hits + passes), "perfect reading"),
        (shares(lambda hits, passes: hits + passes - 1), "0 for a guess"),
        (f_score, "F score"),
        (
            lambda said, true: (precision(said, true) + precision(~said, ~true)) / 2,
            "of what was said",
        ),
        (shares(lambda hits, passes: (hits + 1 - passes) / 2), "of what was wrong"),
        (shares(lambda hits, passes: 1 - (hits + passes) / 2), "that it is wrong"),
        (lambda said, true: 0.5, "two shares"),
        (lambda said, true: said == true, "One number"),
    ],
    "one_unit": [
        (holds(*HARDLY), "takes only 0.0"),
        (holds(*EASED), "a letter less"),
        (holds(*LOUD, text="x = 1"), "“Reset” brings it back"),
        (holds(*LOUD, checkpoint="1000"), "at the end of its training"),
        (HiddenState(), "this is a HiddenState"),
    ],
    "worse_than_guessing": [
        (writes(EASY), "much of it is expected"),
        (writes(BETWEEN), "It is surprised"),
        (writes(MASHED[:20]), "has 20 letters"),
        (writes("q"), "has one letter"),
        (writes(""), "has no letters"),
        (writes(MASHED * 9), "longer than 300"),
        (writes(MASHED + "é"), "Of one letter the model has never"),
        (writes("안녕하세요 " * 8), "Of 39 letters the model has never"),
        (writes(MASHED, checkpoint="untrained"), "something to be wrong about"),
        (writes(MASHED, hold="c"), "hold nothing"),
        (HiddenState(), "this is a HiddenState"),
    ],
    "what_may_be_said": [
        (SAID | {"closes": "follows"}, "and the sentence be false"),
        (SAID | {"tells": "does not"}, "any less than the sentence"),
        (SAID | {"better": ...}, "Still open"),
        (SAID | {"copies": "perhaps"}, "not one of"),
        (SAID | {"nowhere": "follows"}, "nowhere: Could"),
        (list(SAID.values()), "with these keys"),
    ],
}

# What would give an answer away.
ANSWERS = {
    "two_bits": r"one of four equally|doubles",
    "far_bracket": r"no gradient",
    "bits_per_letter": r"arange|\[1:\]",
    "warmed": r"max\(|/ temperature",
    "piece": r"update \*|%",
    "balanced": r"~|/ 2",
    "one_unit": rf"unit {LOUD[0]}\b",
    "worse_than_guessing": r"argmin|least likely",
    "what_may_be_said": r"Two follow",
}


def costs(figure):
    """Whether the exercise's text takes so much more, by PyTorch."""
    settings = figure.text, figure.checkpoint, figure.hold
    assert settings == (HELD["text"], "end", "c")
    return cost(figure.unit, figure.held) >= 0.2


def surprises(figure):
    """Whether a text takes more than a guess among all letters, by PyTorch."""
    assert (figure.checkpoint, figure.hold) == ("end", "nothing")
    return 40 <= len(figure.text) <= 300 and torch_bits(figure.text) > 6.6


ALIKE = {
    "bits_per_letter": {"numbers -> p": "they are as long"},
    "warmed": {
        "np.exp(warm - warm.max()) -> -np.exp(warm - warm.max())": "so is the sum",
    },
    "piece": {"len(numbers) -> -len(numbers)": "NumPy counts from the end, too"},
}


class TestCharacters(Exercises):
    check = check
    notebook = "08_character_model"
    wrong = WRONG
    right = RIGHT
    answers = ANSWERS
    alike = ALIKE
    fits = {"one_unit": costs, "worse_than_guessing": surprises}
    slow = ("one_unit", "worse_than_guessing")

    @pytest.mark.parametrize("of", ["one_unit", "worse_than_guessing"])
    def test_its_figure_begins_as_its_rule_says(self, of):
        space = {}
        exec(self.cells()["exercises-setup"]["source"], space)
        exec(self.cell("explorer", of), space)
        (figure,) = (one for one in space.values() if isinstance(one, CharacterModel))
        given = {"name": figure.name} | RULES[of]["start"]
        assert figure.state == CharacterModel(**given).state


def test_a_text_on_which_the_model_does_worse_can_always_be_written():
    """Whatever the model: some letter has one in 96 at most, at every place."""
    for checkpoint in ("untrained", "100", "end"):
        model = CharacterModel(checkpoint=checkpoint)
        assert (model.states.probabilities.min(1) <= 1 / 96).all()
