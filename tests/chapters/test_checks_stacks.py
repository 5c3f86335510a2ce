"""The exercises of chapter 6: stubs, solutions, likely mistakes, nonsense."""

import numpy as np
import torch
from hands.checks import Exercises

from unrolled.checks import stacks
from unrolled.explorers import HiddenState, ShapeInspector, TwoDirections


def directions(*, turn_x=True, turn_h=True, first="forward", join=np.hstack, own=True):
    """Both ways with one mistake or another."""

    def both_ways(x, forward, backward):
        there = forward.run(x).h
        cell = backward if own else forward
        back = cell.run(x[::-1] if turn_x else x).h
        back = back[::-1] if turn_h else back
        return join([there, back] if first == "forward" else [back, there])

    return both_ways


def by_torch(x, forward, backward):
    layer = torch.nn.RNN(*forward.W_x.shape[::-1], bidirectional=True).double()
    for cell, way in ((forward, ""), (backward, "_reverse")):
        with torch.no_grad():
            getattr(layer, f"weight_ih_l0{way}").copy_(torch.tensor(cell.W_x))
            getattr(layer, f"weight_hh_l0{way}").copy_(torch.tensor(cell.W_h))
            getattr(layer, f"bias_ih_l0{way}").copy_(torch.tensor(cell.b))
            getattr(layer, f"bias_hh_l0{way}").zero_()
    return layer(torch.tensor(x))[0]


def step_by_step(x, forward, backward):
    h, k, there, back = np.zeros(3), np.zeros(3), [], []
    for t in range(len(x)):
        h = forward.step(x[t], h)
        k = backward.step(x[len(x) - 1 - t], k)
        there.append(h)
        back.insert(0, k)
    return [[*a, *b] for a, b in zip(there, back, strict=True)]


def counted(*, blocks=4, biases=2, upper=lambda d, H, D: D * H, ways=lambda D: D):
    def lstm_weights(d, H, L, D):
        sizes = [d] + [upper(d, H, D)] * (L - 1)
        return sum(ways(D) * blocks * H * (size + H + biases) for size in sizes)

    return lstm_weights


def from_torch(d, H, L, D):
    lstm = torch.nn.LSTM(d, H, num_layers=L, bidirectional=D == 2)
    return sum(one.numel() for one in lstm.parameters())


def turned(x, lengths):
    steps = np.arange(len(x))[:, None]
    at = np.where(steps < lengths, lengths - 1 - steps, steps)
    return x[at, np.arange(x.shape[1])]


def all_but_last(x, lengths):
    x = x.copy()
    for n, length in enumerate(lengths):
        x[: length - 1, n] = x[: length - 1, n][::-1]
    return x


def only_the_first(x, lengths):
    x = x.copy()
    x[: lengths[0], 0] = x[: lengths[0], 0][::-1]
    return x


def rolled(x, lengths):
    """Reversed, and the padding rolled to the end again."""
    flipped = x[::-1]
    columns = [
        np.roll(flipped[:, n], length - len(x), axis=0)
        for n, length in enumerate(lengths)
    ]
    return np.stack(columns, axis=1)


def halves(forward, backward, order=1):
    """A function (output, lengths) from where each half is taken."""

    def last_states(output, lengths):
        H, every = output.shape[2] // 2, np.arange(len(lengths))
        one = output[forward(output, lengths), every, :H]
        other = output[backward(output, lengths), every, H:]
        return np.hstack([one, other][::order])

    return last_states


def own(output, lengths):
    return lengths - 1


def first(output, lengths):
    return 0 * lengths


def end(output, lengths):
    return 0 * lengths + len(output) - 1


def one_by_one(output, lengths):
    H = output.shape[2] // 2
    return [
        [*output[n - 1, k, :H], *output[0, k, H:]]
        for k, n in enumerate(lengths.tolist())
    ]


SLICE = {
    "batch_size": 3,
    "timesteps": 6,
    "hidden_size": 4,
    "num_layers": 3,
    "lengths": [6, 6, 3],
    "tensor": "output",
    "sequence": 2,
    "step": 2,
    "direction": "forward",
}


def inspector(**changed):
    return ShapeInspector(**SLICE | changed)


def directed(**changed):
    given = stacks.other_sign.task.rule["start"] | {
        "w_h_backward": 1.6,
        "b_backward": 0.1,
    }
    return TwoDirections(**given | changed)


def real(losses, lengths, more=0):
    return np.arange(len(losses))[:, None] < lengths + more


def zeroed(losses, lengths):
    return np.where(real(losses, lengths), losses, 0)


def by_loops(losses, lengths):
    found = [losses[t, n] for n, length in enumerate(lengths) for t in range(length)]
    return sum(found) / len(found)


FACTS = {
    "night post": "both",
    "keyboard": "forwards",
    "archive": "both",
    "early warning": "forwards",
    "inscription": "both",
    "payment guard": "forwards",
}


# The right answers in other forms than the solution's.
RIGHT = {
    "which_shape": ["B", "(b)", "b."],
    "still_right": ["C", "(c)", "c)"],
    "both_ways": [directions(), by_torch, step_by_step],
    "lstm_weights": [from_torch, counted(), lambda *a: float(from_torch(*a))],
    "turn_around": [turned, rolled, lambda x, lengths: turned(x, lengths).tolist()],
    "last_states": [
        halves(own, first),
        one_by_one,
        lambda output, lengths: torch.tensor(halves(own, first)(output, lengths)),
    ],
    "touch": [
        inspector(),
        inspector(cell="GRU", features=1),
        inspector(lengths=[2, 6, 3], layer=0),
    ],
    "other_sign": [
        directed(),
        directed(w_h_backward=1.4, b_backward=0.15),
        directed(w_h_backward=-2, b_backward=-0.1, step=4),
    ],
    "masked_mean": [
        by_loops,
        lambda losses, lengths: zeroed(losses, lengths).sum() / lengths.sum(),
        lambda losses, lengths: torch.tensor(by_loops(losses, lengths)),
    ],
    "which_way": [FACTS, {name: f" {word.upper()} " for name, word in FACTS.items()}],
}


# Of each exercise: (a plausible wrong answer, words of the hint that it should get).
WRONG = {
    "which_shape": [
        ("a", "Does batch_first turn h_n"),
        ("(C)", "stand side by side"),
        ("d.", "How many last states"),
        ((6, 4, 8), "in quotes"),
        ("e", "not one of the 4"),
    ],
    "still_right": [
        ("a", "at a step of zeros"),
        ("B", "backward direction begin"),
        ("d", "what has it read"),
        ("none", "not one of the 4"),
        (3, "in quotes"),
    ],
    "both_ways": [
        (directions(turn_h=False), "in which they were made"),
        (directions(turn_x=False, turn_h=False), "What makes it backward"),
        (directions(turn_x=False), "in the usual order"),
        (directions(first="backward"), "have changed places"),
        (directions(own=False), "forward cell has been used twice"),
        (lambda x, a, b: directions()(x, b, a), "which is to read from the end"),
        (directions(join=np.concatenate), "on top of one another"),
        (directions(join=sum), "added up"),
        (lambda x, a, b: a.run(x).h, "(5, 6) is wanted"),
        (lambda x, a, b: np.zeros((5, 6)), "one by one"),
    ],
    "lstm_weights": [
        (counted(upper=lambda d, H, D: d), "as if every layer read"),
        (counted(upper=lambda d, H, D: H), "how many numbers are that"),
        (counted(biases=1), "PyTorch has two"),
        (counted(biases=0), "no bias"),
        (counted(blocks=1), "a plain RNN"),
        (counted(blocks=3), "a GRU"),
        (counted(ways=lambda D: 1), "one direction"),
        (counted(ways=lambda D: 1, upper=lambda d, H, D: H), "one direction"),
        (lambda d, H, L, D: D * 4 * H * (d + H + 2), "first layer alone"),
        (lambda d, H, L, D: D * L * 4 * H * (d + H + 2), "What does the second"),
        (lambda d, H, L, D: (d, H), "One number"),
    ],
    "turn_around": [
        (lambda x, lengths: x[::-1], "the padding is in front"),
        (lambda x, lengths: x, "as it was"),
        (lambda x, lengths: x[:, ::-1], "sequences have changed"),
        (lambda x, lengths: x[..., ::-1], "features have changed"),
        (all_but_last, "stayed where it was"),
        (only_the_first, "by itself"),
        (lambda x, lengths: x[lengths - 1], "is wanted"),
    ],
    "last_states": [
        (lambda output, lengths: output[-1], "the end of the array"),
        (halves(end, first), "The backward half is right"),
        (halves(own, own), "Both halves are taken at the last"),
        (halves(first, first), "Both halves are taken at the first"),
        (halves(own, first, -1), "changed places"),
        (halves(first, own), "read one step only"),
        (halves(lambda o, n: np.minimum(n, len(o) - 1), first), "The backward half"),
        (lambda o, n: halves(own, first)(o, n)[:, : o.shape[2] // 2], "forward half"),
        (lambda o, n: o[0, :, o.shape[2] // 2 :], "backward half alone"),
        (lambda o, n: o[n], "number 6 was asked for, of 6"),
        (halves(end, end), "the end of the array"),
        (halves(own, end), "one by one"),
    ],
    "touch": [
        (inspector(num_layers=2), "h_n has shape (4, 3, 4)"),
        (inspector(hidden_size=3), "output has shape (3, 6, 6)"),
        (inspector(bidirectional=False), "output has shape (3, 6, 4)"),
        (inspector(batch_first=False), "Which setting turns that"),
        (inspector(tensor="h_n"), "Choose it in output"),
        (inspector(step=3), "stands at step 3"),
        (inspector(sequence=1), "is the sequence"),
        (inspector(direction="backward"), "Is row 4"),
        (inspector(lengths=[3, 3, 6]), "sequence 2 has 6 steps"),
        (inspector(lengths=[6, 6, 2]), "sequence 2 has 2 steps"),
        (HiddenState(), "this is a HiddenState"),
    ],
    "other_sign": [
        (directed(padding=3), "Leave four steps"),
        (directed(packed=True), "Let it be read"),
        (directed(x=[0.1, 0.2]), "inputs have been moved"),
        (directed(w_h_forward=1.5), "Leave it as it is"),
        (directed(b_forward=0.3), "Leave it as it is"),
        (directed(b_backward=0), "at least 0.3 is wanted"),
        (directed(b_backward=0.6), "at most -0.3 is wanted"),
        (directed(w_h_backward=0.1), "on other sides of zero"),
        (HiddenState(), "this is a HiddenState"),
    ],
    "masked_mean": [
        (lambda losses, lengths: losses.mean(), "counts here like everything"),
        (lambda losses, lengths: zeroed(losses, lengths).mean(), "by how many"),
        (
            lambda losses, lengths: (zeroed(losses, lengths).sum(0) / lengths).mean(),
            "each sequence’s mean",
        ),
        (lambda losses, lengths: zeroed(losses, lengths).sum(), "This is the sum"),
        (lambda losses, lengths: losses[real(losses, lengths, 1)].mean(), "behind"),
        (lambda losses, lengths: losses[real(losses, lengths, -1)].mean(), "left out"),
        (
            lambda losses, lengths: zeroed(losses, lengths).sum() / len(lengths),
            "number of sequences",
        ),
        (
            lambda losses, lengths: zeroed(losses, lengths).sum(0) / lengths,
            "for each sequence",
        ),
        (
            lambda losses, lengths: losses[~real(losses, lengths)].mean(),
            "of the padding",
        ),
        (
            lambda losses, lengths: (
                (losses * real(losses, lengths)).sum() / lengths.sum()
            ),
            "Pick, and do not multiply",
        ),
        (lambda losses, lengths: 1.0, "True and False"),
    ],
    "which_way": [
        (FACTS | {"keyboard": "both"}, "is the rest of"),
        (FACTS | {"night post": "forwards"}, "to come"),
        (FACTS | {"payment guard": ...}, "Still open"),
        (FACTS | {"early warning": "maybe"}, "not one of"),
        (FACTS | {"early warning": "both"}, "early warning: At"),
        (list(FACTS.values()), "with these keys"),
    ],
}

# What would give an answer away.
ANSWERS = {
    "which_shape": r"\(6, 4, 8\)",
    "still_right": r"forward halves",
    "both_ways": r"\[::-1\]",
    "lstm_weights": r"D \* H|2H|\* 4",
    "turn_around": r"\[::-1\]|lengths - 1",
    "last_states": r"lengths\) - 1|lengths - 1|output\[0",
    "touch": r"three steps",
    "other_sign": r"1\.[2-9]\b|above 1",
    "masked_mean": r"\[real\]|<",
    "which_way": r"The archive and",
}


def another_story(figure):
    """Whether the backward unit ends elsewhere by the padding, computed by hand."""

    def ends(x):
        h = 0.0
        for one in x[::-1]:
            h = np.tanh(one + figure.w_h_backward * h + figure.b_backward)
        return h

    x = stacks.other_sign.task.rule["start"]["x"]
    return ends(x) <= -0.3 and ends([*x, 0, 0, 0, 0]) >= 0.3 and figure.x == x


def touches(figure):
    shapes = figure.shapes["output"], figure.shapes["h_n"]
    return shapes == ((3, 6, 8), (6, 3, 4)) and figure.same == "h_n[4, 2]"


ALIKE = {"turn_around": {"np.zeros_like(x) -> x": "in place, and the padding is zero"}}


class TestStacks(Exercises):
    check = stacks
    notebook = "06_deep_bidirectional_padded"
    wrong = WRONG
    right = RIGHT
    answers = ANSWERS
    alike = ALIKE
    fits = {"other_sign": another_story, "touch": touches}
