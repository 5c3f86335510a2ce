"""The checks of chapter 6, stacks of layers, two directions, and padding."""

import numpy as np

from unrolled.cells import RNNCell
from unrolled.checks import exercise, predictions
from unrolled.checks.answers import (
    Hint,
    array,
    ask,
    compare,
    draw_weights,
    number,
    same,
)

predict = predictions(__file__)


@exercise
def which_shape(prediction):
    """A choice, "a" to "d": the shape of h_n, with three layers and two directions."""


@exercise
def still_right(prediction):
    """A choice, "a" to "d": what unpacked padding leaves as it was."""


@exercise
def both_ways(layer):
    """A function (x (T, d), two cells) -> the output of both directions, (T, 2H)."""
    rng = np.random.default_rng(3)
    for T in (5, 1, 8):
        x = rng.normal(size=(T, 2))
        forward, backward = (RNNCell(*draw_weights(rng, 2, 3)) for _ in range(2))
        there, back = forward.run(x).h, backward.run(x[::-1]).h
        right = np.concatenate([there, back[::-1]], axis=1)
        mistakes = {
            "states_not_turned": np.concatenate([there, back], axis=1),
            "input_not_turned": np.concatenate([there, backward.run(x).h], axis=1),
            "input_straight_states_turned": np.concatenate(
                [there, backward.run(x).h[::-1]], axis=1
            ),
            "backward_first": np.concatenate([back[::-1], there], axis=1),
            "one_cell": np.concatenate([there, forward.run(x[::-1]).h[::-1]], axis=1),
            "exchanged": np.concatenate(
                [backward.run(x).h, forward.run(x[::-1]).h[::-1]], axis=1
            ),
            "on_top": np.concatenate([there, back[::-1]]),
            "added": there + back[::-1],
        }
        compare(ask(layer, x, forward, backward, copied=False), right, mistakes)


@exercise
def lstm_weights(count):
    """A function (d, H, L, D) -> the number of weights of PyTorch's LSTM."""
    for d, H, L, D in (
        (5, 3, 1, 1),
        (5, 3, 1, 2),
        (7, 4, 3, 1),
        (5, 3, 2, 2),
        (2, 6, 4, 2),
    ):

        def of(reads_first, reads, biases, blocks=4, ways=D, H=H, L=L):
            a_block = [H * (n + H + biases) for n in (reads_first, reads)]
            return ways * blocks * (a_block[0] + (L - 1) * a_block[1])

        right = of(d, D * H, 2)
        mistakes = {
            "same_input": of(d, d, 2),
            "one_half": of(d, H, 2),
            "one_bias": of(d, D * H, 1),
            "no_bias": of(d, D * H, 0),
            "one_block": of(d, D * H, 2, blocks=1),
            "three_blocks": of(d, D * H, 2, blocks=3),
            "one_direction": of(d, H, 2, ways=1),
            "first_layer_alone": of(d, 0, 2) if L == 1 else D * 4 * H * (d + H + 2),
        }
        answer = number(ask(count, d, H, L, D))
        if answer == right:
            continue
        told = {"d": d, "H": H, "L": L, "D": D, "answer": f"{answer:g}"}
        for key, wrong in mistakes.items():
            if answer == wrong:
                raise Hint(key, **told)
        raise Hint("otherwise", **told)


def _padded(rng, lengths, T, *shape):
    """Random numbers (T, N, ...), with 0 where a sequence has ended."""
    x = rng.normal(size=(T, len(lengths), *shape))
    x[np.arange(T)[:, None] >= np.array(lengths)] = 0
    return x


@exercise
def turn_around(turn):
    """A function (x (T, N, d), lengths) -> each sequence's own steps reversed."""
    rng = np.random.default_rng(5)
    for lengths, T in (([5, 2, 4], 5), ([1, 3], 6), ([4, 4, 4, 4], 4)):
        x = _padded(rng, lengths, T, 2)
        right = x.copy()
        for n, length in enumerate(lengths):
            right[:length, n] = x[:length, n][::-1]
        short = x.copy()
        for n, length in enumerate(lengths):
            short[: length - 1, n] = x[: length - 1, n][::-1]
        mistakes = {
            "padding_first": x[::-1],
            "unturned": x,
            "sequences_turned": x[:, ::-1],
            "features_turned": x[..., ::-1],
            "last_left": short,
        }
        given = np.array(lengths)
        compare(ask(turn, x, given), right, mistakes)


@exercise
def last_states(last):
    """A function (output (T, N, 2H), lengths) -> each direction's last, (N, 2H)."""
    rng = np.random.default_rng(6)
    for lengths, T, H in (([3, 6, 1, 4], 6, 3), ([2, 5], 7, 2), ([4, 4, 4], 4, 3)):
        output = _padded(rng, lengths, T, 2 * H)
        ends, N = np.array(lengths), len(lengths)
        at_end = output[ends - 1, np.arange(N)]
        forward, backward = at_end[:, :H], output[0, :, H:]
        mistakes = {
            "of_the_array": output[-1],
            "of_the_array_forward": np.hstack([output[-1, :, :H], backward]),
            "same_step": at_end,
            "first_step": output[0],
            "backward_first": np.hstack([backward, forward]),
            "opposite": np.hstack([output[0, :, :H], at_end[:, H:]]),
            "forward_alone": forward,
            "backward_alone": backward,
        }
        right = np.hstack([forward, backward])
        compare(ask(last, output, ends), right, mistakes)


@exercise
def touch(figure):
    """A ShapeInspector with two shapes, and a slice of output that is h_n[4, 2]."""


@exercise
def other_sign(figure):
    """A TwoDirections whose backward state at step 1 has another sign by padding."""


@exercise
def masked_mean(mean):
    """A function (losses (T, N), lengths) -> the mean over the real steps."""
    rng = np.random.default_rng(9)
    for lengths, T, behind in (
        ([5, 2, 3], 5, 2.5),
        ([1, 4], 6, np.inf),
        ([3, 2], 3, np.nan),
    ):
        losses = rng.uniform(0.5, 2, (T, len(lengths)))
        ends = np.array(lengths)
        steps = np.arange(T)[:, None]
        real = steps < ends
        losses[~real] = behind
        zeroed = np.where(real, losses, 0)
        mistakes = {
            "all_places": losses.mean(),
            "divided_by_all": zeroed.mean(),
            "mean_of_means": (zeroed.sum(0) / ends).mean(),
            "sum": zeroed.sum(),
            "one_too_many": losses[steps <= ends].mean(),
            "one_too_few": losses[steps < ends - 1].mean(),
            "by_sequences": zeroed.sum() / len(lengths),
            "each_sequence": zeroed.sum(0) / ends,
            "padding_alone": losses[~real].mean(),
        }
        answer = ask(mean, losses, ends)
        if np.isnan(answer_of := array(answer)).any() and not np.isfinite(behind):
            raise Hint("times_zero")
        if answer_of.shape == () and np.isinf(answer_of):
            raise Hint("infinite")
        for key, wrong in mistakes.items():
            if same(answer_of, np.asarray(wrong)) and not same(
                answer_of, np.asarray(losses[real].mean())
            ):
                raise Hint(key)
        if not same(number(answer), np.asarray(losses[real].mean())):
            raise Hint("otherwise")


@exercise
def which_way(answer):
    """A dictionary: whether each of six products may read its input from the end."""
