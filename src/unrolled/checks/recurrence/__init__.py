"""The checks of chapter 1, the recurrence."""

import copy

import numpy as np

from unrolled.cells import RNNCell
from unrolled.checks import exercise, predictions
from unrolled.checks.answers import (
    Hint,
    NotTried,
    Raised,
    array,
    ask,
    comes_from,
    compare,
    draw_weights,
    number,
    same,
    truth,
    watched,
)

predict = predictions(__file__)


@exercise
def two_pulses(prediction):
    """A choice, "a" to "d": the states 200 steps after a pulse of 2 and one of 0.2."""
    cell = RNNCell([[1.0]], [[1.1]], [0.0])
    pulses = np.zeros((201, 2, 1))
    pulses[0, :, 0] = 2.0, 0.2
    large, small = cell.run(pulses).h[-1, :, 0]
    return {"large": f"{large:.6f}", "small": f"{small:.6f}"}


@exercise
def one_step(step):
    """A function (x, h, W_x, W_h, b) -> h, of a batch and of a single input."""
    N, d, H = 5, 3, 4
    rng = np.random.default_rng(1)
    W_x, W_h, b = weights = draw_weights(rng, d, H)
    x, h = rng.normal(size=(N, d)), rng.uniform(-1, 1, (N, H))
    new, old = x @ W_x.T, h @ W_h.T
    right = np.tanh(new + old + b)

    try:
        answer = ask(step, x, h, *weights)
    except Raised as error:
        try:
            single = array(ask(step, x[0], h[0], *weights))
        except (Hint, NotTried):
            raise error from None
        if not same(single, right[0]):
            raise
        raise Hint("batch_raised") from None
    mistakes = {
        "tanh_missing": new + old + b,
        "bias_missing": np.tanh(new + old),
        "bias_outside": np.tanh(new + old) + b,
        "state_missing": np.tanh(new + b),
        "input_missing": np.tanh(old + b),
        "tanh_twice": np.tanh(right),
        "each_squeezed": np.tanh(new) + np.tanh(old + b),
        "each_of_three_squeezed": np.tanh(new) + np.tanh(old) + np.tanh(b),
        "sigmoid": 1 / (1 + np.exp(-(new + old + b))),
        "relu": np.maximum(0, new + old + b),
        "bias_twice": np.tanh(new + old + 2 * b),
        "turned_round": np.tanh(new + h @ W_h + b),
        "units_down": right.T,
    }
    compare(answer, right, mistakes)
    try:
        compare(ask(step, x[0], h[0], *weights), right[0], {}, "by_itself")
    except Hint as hint:
        raise Hint("single_wrong", hint=hint) from None


@exercise
def shapes(answer):
    """A dictionary of tuples: the shapes of a classifier of reviews, time first."""


@exercise
def parameters(count):
    """A function (d, H, K, T) -> the number of parameters of a layer and its output."""
    sizes = [(50, 64, 5, 20), (50, 64, 5, 2000), (3, 4, 2, 7)]
    counts = [number(ask(count, *size)) for size in sizes]

    def layer(d, H):
        return H * d + H * H + H

    def is_count(of):
        return np.allclose(counts, [of(d, H, K) for d, H, K, _ in sizes])

    if is_count(lambda d, H, K: layer(d, H) + K * H + K):
        return {"count": f"{int(counts[0]):,}"}
    if counts[0] != counts[1]:
        raise Hint("changes_with_T")
    mistakes = {
        "no_bias": lambda d, H, K: H * d + H * H + K * H,
        "output_bias_missing": lambda d, H, K: layer(d, H) + K * H,
        "bias_missing": lambda d, H, K: layer(d, H) - H + K * H + K,
        "output_missing": lambda d, H, K: layer(d, H),
        "W_h_missing": lambda d, H, K: H * d + H + K * H + K,
        "bias_twice": lambda d, H, K: layer(d, H) + H + K * H + K,
        "W_h_meets_input": lambda d, H, K: 2 * H * d + H + K * H + K,
    }
    for key, of in mistakes.items():
        if is_count(of):
            raise Hint(key)
    raise Hint("otherwise")


@exercise
def mended(run):
    """A function (xs, W_x, W_h, b, h) -> states, without the bug of the exercise."""
    rng = np.random.default_rng(5)
    W_x, W_h, b = weights = draw_weights(rng, 2, 3)
    xs, h_0 = rng.normal(size=(4, 2)), np.array([0.5, -0.5, 0.25])
    cell = RNNCell(*weights)
    right = cell.run(xs, h_0).h
    given = h_0.copy()
    answer = array(ask(run, xs, *weights, given, copied=False))
    changed = not same(given, h_0)
    if same(answer, np.tile(right[-1], (4, 1))):
        raise NotTried("still_last_state") if changed else Hint("one_array")
    if same(answer, right) and changed:
        raise Hint("given_changed")
    mistakes = {
        "before_input": np.vstack([h_0, right[:-1]]),
        "row_too_many": np.vstack([h_0, right]),
        "always_from_h_0": np.tanh(xs @ W_x.T + W_h @ h_0 + b),
        "from_zeros": cell.run(xs).h,
        "last_alone": right[-1],
    }
    compare(answer, right, mistakes)


@exercise
def read_in_pieces(read):
    """A function (cell, pieces) -> all states, as if the pieces were one sequence."""
    rng = np.random.default_rng(6)
    cell = RNNCell(*draw_weights(rng, 2, 3))
    pieces = [rng.normal(size=(T, 2)) for T in (4, 1, 3)]
    right = cell.run(np.concatenate(pieces)).h
    given, runs = watched(cell)
    answer = ask(read, given, pieces)
    if isinstance(answer, (list, tuple)) and len(answer) == len(pieces):
        raise Hint("not_joined")

    def carry(index):
        h, parts = None, []
        for piece in pieces:
            parts.append(cell.run(piece, h).h)
            h = parts[-1][index]
        return np.concatenate(parts)

    mistakes = {
        "from_zeros": np.concatenate([cell.run(piece).h for piece in pieces]),
        "first_handed_on": carry(0),
        "last_piece_alone": right[5:],
        "one_for_each_piece": right[[3, 4, 7]],
        "turned_round": cell.run(np.concatenate(pieces[::-1])).h,
        "units_down": right.T,
    }
    compare(answer, right, mistakes)
    most = max((steps for steps, _ in runs), default=0)
    if most > 4:
        raise Hint("whole_at_once", steps=most, longest=4)


@exercise
def last_states(last):
    """A function (cell, batch (N, T, d)) -> the last state of each sequence (N, H)."""
    rng = np.random.default_rng(7)
    d, H = 2, 3
    cell = RNNCell(*draw_weights(rng, d, H))
    for N, T in ((6, 4), (5, 5)):
        batch = rng.normal(size=(N, T, d))
        h = cell.run(batch.swapaxes(0, 1)).h
        across = cell.run(batch).h
        mistakes = {
            "across_sequences": across[-1],
            "across_in_right_shape": across[:, -1],
            "reshaped": cell.run(batch.reshape(T, N, d)).h[-1],
            "last_sequence": h[:, -1],
            "first_step": h[0],
            "second_last": h[-2],
            "time_reversed": cell.run(batch.swapaxes(0, 1)[::-1]).h[-1],
            "mean": h.mean(axis=0),
            "all_steps": h,
            "all_steps_sequences_first": h.swapaxes(0, 1),
            "units_down": h[-1].T,
        }
        compare(ask(last, cell, batch), h[-1], mistakes)


@exercise
def probabilities(output):
    """A function (h (T, N, H), W_y, b_y) -> softmax of the logits, (T, N, K)."""
    T, N, H, K = 3, 4, 6, 5
    rng = np.random.default_rng(8)
    h = rng.uniform(-1, 1, (T, N, H))
    W_y, b_y = rng.normal(size=(K, H)), rng.normal(size=K)

    def softmax(logits, axis=-1):
        e = np.exp(logits - logits.max(axis=axis, keepdims=True))
        return e / e.sum(axis=axis, keepdims=True)

    logits = h @ W_y.T + b_y
    mistakes = {
        "over_steps": softmax(logits, 0),
        "over_sequences": softmax(logits, 1),
        "over_all": softmax(logits, (0, 1, 2)),
        "logits": logits,
        "not_normalised": np.exp(logits),
        "sigmoid": 1 / (1 + np.exp(-logits)),
        "bias_missing": softmax(h @ W_y.T),
        "logarithms": np.log(softmax(logits)),
        "softmax_twice": softmax(softmax(logits)),
        "logits_divided": logits / logits.sum(axis=-1, keepdims=True),
        "to_the_power_2": 2**logits / (2**logits).sum(axis=-1, keepdims=True),
        "sign_turned": softmax(-logits),
    }
    compare(ask(output, h, W_y, b_y), softmax(logits), mistakes)
    library = comes_from(output, {"torch", "scipy", "jax", "tensorflow", "keras"})
    if library:
        raise Hint("numpy_alone", library=library)
    large = 1000 * h @ W_y.T + b_y
    answer = array(ask(output, h, 1000 * W_y, b_y))
    if not same(answer, softmax(large)):
        raise _in_the_thousands(answer, large)
    return {"states": T * N, "K": K, "largest": f"{large.max():,.0f}"}


def _in_the_thousands(answer, logits):
    """The hint at why a softmax that is right for small logits is not for large."""
    lost = np.isnan(answer)
    if not lost.any():
        return Hint("large_wrong")
    if (lost == np.isnan(np.exp(logits) / np.exp(logits).sum(-1, keepdims=True))).all():
        return Hint("exp_overflows")
    if np.isfinite(np.exp(logits - logits.max())).all() and lost.all(axis=-1).any():
        return Hint("too_much_taken", count=int(lost.all(axis=-1).sum()))
    return Hint("large_nan")


@exercise
def latch(figure):
    """A `HiddenState` that holds a pulse of 1 for 30 steps and is set back by -1."""


@exercise
def clock(figure):
    """A `StatePlane` under tanh that repeats itself every 8 steps and does not fade."""


@exercise
def shares_weights(test):
    """A function (network) -> bool: whether its copies have the same weights."""
    rng = np.random.default_rng(11)

    def copies(*changed, parts=(0, 1, 2)):
        weights = [list(draw_weights(rng, 3, 4))] * 8
        for step in changed:
            other = draw_weights(rng, 3, 4)
            weights[step - 1] = [
                other[k] if k in parts else part for k, part in enumerate(weights[0])
            ]
        return _network(weights)

    every = range(2, 9)
    networks = [
        (copies(), None),
        (copies(*every), "all_differ"),
        (copies(*every, parts=(1,)), "W_h_differs"),
        (copies(*every, parts=(0,)), "W_x_differs"),
        (copies(*every, parts=(2,)), "bias_differs"),
        *((copies(step), step) for step in (6, 8, 2, 1, 3, 4, 5, 7)),
        (copies(), None),
    ]
    for network, difference in networks:
        if truth(ask(test, network)) == (difference is None):
            continue
        if isinstance(difference, int):
            raise Hint("step_differs", step=difference)
        raise Hint(difference or "none_differs")
    return {"count": len(networks)}


def _network(weights):
    """A network of 8 copies, one for each item (W_x, W_h, b), that checks its input."""

    def network(xs, h):
        xs, h = np.asarray(xs, float), np.asarray(h, float)
        if xs.ndim != 2 or xs.shape[1] != 3 or not 1 <= len(xs) <= 8:
            raise ValueError(f"xs has shape {xs.shape}, but must be (1 to 8, 3)")
        if h.shape != (4,):
            raise ValueError(f"h has shape {h.shape}, but must be (4,)")
        states = []
        for x, (W_x, W_h, b) in zip(xs, weights, strict=False):
            h = np.tanh(W_x @ x + W_h @ h + b)
            states.append(h)
        return np.stack(states)

    return network


@exercise
def by_hand(train):
    """A function (p, xs, targets, rate, steps) -> the loss before each step, (steps,).

    p holds W_x, W_h, b, W_y and b_y by name; the loss is chapter 1's for *hello*.
    """
    rng = np.random.default_rng(12)
    K, H, rate, steps = 3, 3, 0.5, 5
    names = ("W_x", "W_h", "b", "W_y", "b_y")
    output = rng.normal(size=(K, H)), rng.normal(size=K)
    p = dict(zip(names, (*draw_weights(rng, K, H), *output), strict=True))
    targets = [1, 0, 2, 2, 1, 0]
    xs = np.eye(K)[[0, 1, 0, 2, 2, 1]]
    T, given = len(xs), copy.deepcopy(p)
    word = xs.copy(), list(targets)
    answer = array(ask(train, given, *word, rate, steps, copied=False))

    def walk(rate=rate, steps=steps, **how):
        return _losses(p, xs, targets, rate, steps, **how)

    right = walk()
    mistakes = {
        "after_step": walk(steps=steps + 1)[1:],
        "step_too_many": walk(steps=steps + 1),
        "uphill": walk(-rate),
        "untrained": np.full(steps, right[0]),
        "rate_missing": walk(1.0),
        "summed": T * walk(T * rate),
        "told_as_sum": T * right,
        "walked_by_sum": walk(T * rate),
        "one_after_other": walk(one_after_other=True),
        "state_kept": walk(keep_state=True),
        "output_alone": walk(leave=names[:3]),
        "last_alone": right[-1],
    }
    for name in names:
        if same(answer, walk(leave=(name,))):
            raise Hint("left_out", name=name)
    at_once = answer.shape == right.shape and same(answer[:1], right[:1])
    compare(answer, right, mistakes, "otherwise" if at_once else "first_wrong")
    if not all(np.array_equal(given.get(name), p[name]) for name in names):
        raise Hint("given_changed")
    if np.abs(answer - right).max() > 3e-6:
        raise Hint("nearly", off=f"{np.abs(answer - right).max():.0e}")
    return {"steps": steps, "first": f"{right[0]:.3f}", "last": f"{right[-1]:.3f}"}


def _losses(
    p, xs, targets, rate, steps, *, leave=(), one_after_other=False, keep_state=False
):
    """The losses of training without the weights in `leave`, or with another mistake.

    one_after_other : each array's slopes are taken when those before it have moved.
    """
    p, losses, h = dict(p), [], None
    rounds = [[name] for name in p] if one_after_other else [list(p)]
    for _ in range(steps):
        for k, names in enumerate(rounds):
            loss, slopes, last = _loss_and_slopes(p, xs, targets, h)
            losses += [loss] * (k == 0)
            moved = [name for name in names if name not in leave]
            p |= {name: p[name] - rate * slopes[name] for name in moved}
        h = last if keep_state else None
    return np.array(losses)


def _loss_and_slopes(p, xs, targets, h_0):
    """The mean loss of the right letters, its slopes by name, and the last state."""
    cell = RNNCell(p["W_x"], p["W_h"], p["b"])
    run = cell.run(xs, h_0)
    e = np.exp(run.h @ p["W_y"].T + p["b_y"])
    y, right = e / e.sum(axis=1, keepdims=True), (range(len(xs)), targets)
    loss = -np.log(y[right]).mean()
    y[right] -= 1
    da = y / len(xs)
    found = cell.backward(run, da @ p["W_y"])
    slopes = {name: getattr(found, name) for name in ("W_x", "W_h", "b")}
    return loss, slopes | {"W_y": da.T @ run.h, "b_y": da.sum(axis=0)}, run.h_n
