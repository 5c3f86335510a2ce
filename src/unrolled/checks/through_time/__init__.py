"""The checks of chapter 2, training through time."""

import numpy as np

from unrolled.cells import RNNCell
from unrolled.checks import exercise, predictions
from unrolled.checks.answers import (
    Hint,
    NotTried,
    Raised,
    array,
    ask,
    compare,
    draw_weights,
    number,
    same,
    watched,
)
from unrolled.rules import apart

predict = predictions(__file__)


@exercise
def far_letter(prediction):
    """A choice, "a" to "d": what truncation does to a letter that is far away."""


@exercise
def four_digits(prediction):
    """A choice, "a" to "d": a check in float32 that agrees to four digits."""


@exercise
def one_step_back(back):
    """A function (dh, h, W_h) -> what it brings to the step before, batch or not."""
    rng = np.random.default_rng(2)
    N, H = 5, 4
    W_h = rng.normal(size=(H, H))
    h, dh = rng.uniform(-1, 1, (N, H)), rng.normal(size=(N, H))
    da = (1 - h**2) * dh
    try:
        answer = ask(back, dh, h, W_h)
    except Raised as error:
        try:
            single = array(ask(back, dh[0], h[0], W_h))
        except (Hint, NotTried):
            raise error from None
        if not same(single, da[0] @ W_h):
            raise
        raise Hint("batch_raised") from None
    mistakes = {
        "forwards": da @ W_h.T,
        "tanh_missing": dh @ W_h,
        "weights_missing": da,
        "order_wrong": (1 - h**2) * (dh @ W_h),
        "tanh_again": (1 - np.tanh(h) ** 2) * dh @ W_h,
        "square_missing": (1 - h) * dh @ W_h,
        "plus_for_minus": (1 + h**2) * dh @ W_h,
        "not_from_1": h**2 * dh @ W_h,
        "units_down": (da @ W_h).T,
    }
    compare(answer, da @ W_h, mistakes)
    try:
        compare(ask(back, dh[0], h[0], W_h), da[0] @ W_h, {}, "by_itself")
    except Hint as hint:
        raise Hint("single_wrong", hint=hint) from None


@exercise
def shares(of):
    """A function (da, states, h_0) -> each step's share in one unit's dL/dw_h, (T,)."""
    rng = np.random.default_rng(3)
    for T in (5, 1):
        da, states, h_0 = rng.normal(size=T), rng.uniform(-1, 1, T), 0.7
        before = np.append(h_0, states[:-1])
        answer = array(ask(of, da, states, h_0))
        if T > 1 and answer.shape == () and same(answer, (da * before).sum()):
            raise Hint("summed")
        mistakes = {
            "own_state": da * states,
            "last_state": da * np.roll(states, 1),
            "zero_start": da * np.append(0, states[:-1]),
            "divided": da * before / T,
            "first_missing": da[1:] * states[:-1],
            "not_multiplied": da,
            "later_state": da * np.append(states[1:], 0),
            "turned_round": (da * before)[::-1],
            "cumulated": np.cumsum(da * before),
        }
        compare(answer, da * before, mistakes if T > 1 else {})


@exercise
def reach(steps):
    """A function (T, k) -> how many steps back each loss is followed, T of them."""
    for T, k in ((12, 5), (6, 6), (4, 1), (3, 7)):
        t = np.arange(T)
        mistakes = {
            "always_k": np.full(T, k),
            "window": np.minimum(t + 1, k),
            "one_short": t % k,
            "time_reversed": k - t % k,
            "piece": t // k + 1,
            "uncut": t + 1,
            "from_the_end": (t - T) % k + 1,
            "to_the_next": k - t % k - 1,
        }
        compare(ask(steps, T, k), t % k + 1, mistakes, T=T, k=k)


@exercise
def mended(backward):
    """A function as `backward` of the chapter, without the two bugs of the exercise."""
    rng = np.random.default_rng(5)
    T, d, H = 4, 2, 3
    cell = RNNCell(*draw_weights(rng, d, H))
    xs, h_0, direct = (
        rng.normal(size=(T, d)),
        rng.normal(size=H),
        rng.normal(size=(T, H)),
    )
    run = cell.run(xs, h_0)
    answer = ask(backward, xs, run.h, direct, cell.W_x, cell.W_h, h_0)
    if not isinstance(answer, (tuple, list)) or len(answer) != 4:
        raise Hint("four_wanted")
    answer = [array(one) for one in answer]

    def walk(turned, before):
        dW_x, dW_h, db, back = 0, 0, 0, np.zeros(H)
        for t in reversed(range(T)):
            da = (1 - run.h[t] ** 2) * (direct[t] + back)
            dW_x, db = dW_x + np.outer(da, xs[t]), db + da
            dW_h = dW_h + np.outer(da, before[t])
            back = turned @ da
        return dW_x, dW_h, db, back

    before, wrapped = np.vstack([h_0, run.h[:-1]]), np.roll(run.h, 1, axis=0)
    skipped = np.vstack([np.zeros(H), run.h[:-1]])
    found = {
        "both_bugs": walk(cell.W_h, wrapped),
        "wrapped": walk(cell.W_h.T, wrapped),
        "not_transposed": walk(cell.W_h, before),
        "start_skipped": walk(cell.W_h.T, skipped),
        "new_state": walk(cell.W_h.T, run.h),
        "start_skipped_and_not_transposed": walk(cell.W_h, skipped),
    }
    for key, wrong in found.items():
        if all(same(one, other) for one, other in zip(answer, wrong, strict=True)):
            raise NotTried(key) if key == "both_bugs" else Hint(key)
    names = ("dW_x", "dW_h", "db", "dL/dh_0")
    for name, one, right in zip(names, answer, walk(cell.W_h.T, before), strict=True):
        if not same(one, right):
            raise Hint("one_wrong", name=name)


@exercise
def gradient_error(error):
    """A function (loss, W, dW) -> the relative error of dW against nudging."""
    rng = np.random.default_rng(6)
    W, A = rng.normal(size=(3, 4)), rng.normal(size=(3, 4))

    def loss(W):
        if W.shape != A.shape:
            raise ValueError(f"loss: W has shape {W.shape}, and {A.shape} is wanted")
        return float((np.sin(W) * A).sum() + (W**3).sum() / 3)

    right = np.cos(W) * A + W**2

    def found(dW):
        given = W.copy()
        answer = number(ask(error, loss, given, dW, copied=False))
        return float(answer), np.abs(given - W).max() < 1e-9

    none, kept = found(right)
    half, _ = found(0.5 * right)
    if np.isnan(none):
        raise Hint("result_nan")
    if not kept:
        raise Hint("nudge_left")
    other = right.copy()
    other[1, 2] += 0.01 * np.linalg.norm(right)
    one, _ = found(other)
    if same(np.array(none), np.array(0.5)) or same(np.array(none), np.array(1.0)):
        raise Hint("factor_of_two")
    if abs(half - 0.5) > 1e-3:
        raise Hint("half_wrong", found=apart(half, 0.5, 3, "g"))
    if abs(one - 0.01) > 1e-4:
        raise Hint("one_slope_wrong", found=apart(one, 0.01, 2, "g"))
    if not none < 1e-8:
        raise Hint("coarse", found=f"{none:.0e}")
    turned, _ = found(-right)
    if abs(turned - 2) > 1e-3:
        raise Hint("turned_wrong", found=f"{turned:.3g}")
    for shape in ((5,), (2, 3, 2)):
        W, A = rng.normal(size=shape), rng.normal(size=shape)
        try:
            other, kept = found(np.cos(W) * A + W**2)
        except Hint as hint:
            raise Hint("other_shape", shape=str(shape), hint=hint) from None
        if not other < 1e-8:
            raise Hint("other_shape_wrong", shape=str(shape), found=f"{other:.1g}")
        if not kept:
            raise Hint("nudge_left")
    return {"none": f"{none:.0e}", "one": f"{one:.0%}"}


@exercise
def enough(figure):
    """A `GradientFlow` cut at the smallest k whose bias is below a hundredth."""


@exercise
def uphill(figure):
    """A `GradientFlow` whose slope, cut after every 2 steps, has the wrong sign."""


@exercise
def first_share(figure):
    """A `GradientFlow` in which step 1 has the largest share of all six."""


@exercise
def in_pieces(gradient):
    """A function (cell, pieces, directs) -> the whole dL/dW_h, a piece at a time."""
    rng = np.random.default_rng(10)
    cell = RNNCell(*draw_weights(rng, 2, 3))
    pieces = [rng.normal(size=(T, 2)) for T in (4, 1, 3, 2, 4, 3)]
    directs = [rng.normal(size=(len(piece), 3)) for piece in pieces]
    states = cell.run(np.concatenate(pieces))
    right = cell.backward(states, np.concatenate(directs)).W_h

    def walk(*, carry=True, back=True, last_only=False, order=reversed):
        starts, h = [], None
        for piece in pieces:
            starts.append(h)
            h = cell.run(piece, h).h_n if carry else None
        total, arrives = np.zeros((3, 3)), None
        for piece, start, direct in order(
            list(zip(pieces, starts, directs, strict=True))
        ):
            one = cell.backward(cell.run(piece, start), direct, arrives)
            total = one.W_h if last_only else total + one.W_h
            arrives = one.h_0 if back else None
        return total

    mistakes = {
        "truncated": walk(back=False),
        "from_zeros": walk(carry=False),
        "from_zeros_and_truncated": walk(carry=False, back=False),
        "one_piece": walk(last_only=True),
        "first_to_last": walk(order=list),
    }
    given, runs = watched(cell)
    compare(ask(gradient, given, pieces, directs), right, mistakes)
    if max((steps for steps, _ in runs), default=0) > 4:
        raise Hint("whole_at_once", steps=max(steps for steps, _ in runs), longest=4)
    if max((kept for _, kept in runs), default=0) > 2:
        raise Hint("all_kept", kept=1 + max(kept for _, kept in runs))


@exercise
def by_pieces(train):
    """A function (cell, pieces, goals, rate) -> each piece's loss, before its step.

    It is half the squared distance of the piece's states to its goals, summed.
    """
    rng, rate = np.random.default_rng(11), 0.1
    cell = RNNCell(*draw_weights(rng, 2, 3))
    lengths = (4, 3, 5, 2, 4)
    pieces = [rng.normal(size=(T, 2)) for T in lengths]
    goals = [rng.uniform(-1, 1, (T, 3)) for T in lengths]
    answer = array(ask(train, cell, pieces, goals, rate))

    def walk(rate=rate, **how):
        return _piece_losses(cell, pieces, goals, rate, **how)

    right = walk()
    mistakes = {
        "from_zeros": walk(carry=False),
        "uphill": walk(-rate),
        "untrained": walk(0.0),
        "rate_missing": walk(1.0),
        "twice": walk(2 * rate),
        "told_twice": 2 * right,
        "slopes_kept": walk(add_up=True),
        "read_again": walk(again=True),
        "read_again_whole": walk(again=True, cut=False),
        "told_as_mean": right / [goal.size for goal in goals],
        "last_state_alone": walk(last_alone=True),
        "after_step": walk(late=True),
        "added_up": np.cumsum(right),
        "summed": right.sum(),
    }
    for name in ("W_x", "W_h", "b"):
        if same(answer, walk(leave=(name,))):
            raise Hint("left_out", name=name)
    for name in ("W_x", "W_h", "b"):
        others = tuple({"W_x", "W_h", "b"} - {name})
        if same(answer, walk(leave=others)):
            raise Hint("one_alone", name=name)
    at_once = answer.shape == right.shape and same(answer[:1], right[:1])
    compare(answer, right, mistakes, "otherwise" if at_once else "first_wrong")
    first, last = f"{right[0]:.3f}", f"{right[-1]:.3f}"
    return {"count": len(pieces), "first": first, "last": last}


def _piece_losses(
    cell,
    pieces,
    goals,
    rate,
    *,
    carry=True,
    again=False,
    cut=True,
    last_alone=False,
    late=False,
    add_up=False,
    leave=(),
):
    """The losses of training a piece at a time, or with one mistake or another.

    again : every piece begins where the present weights come to from the first step on;
        with cut=False, the way back goes there too.
    """
    h, losses, total, seen = None, [], None, []
    for piece, goal in zip(pieces, goals, strict=True):
        read = np.concatenate([*seen, piece]) if again else piece
        run = cell.run(read, None if again else h)
        off = run.h[-len(piece) :] - goal
        direct = np.zeros_like(run.h)
        at = slice(-1 if last_alone else -len(piece), None)
        direct[at] = off[at]
        found = cell.backward(run, direct, truncate=len(piece) if cut else None)
        slopes = {name: getattr(found, name) for name in ("W_x", "W_h", "b")}
        if add_up and total:
            slopes = {name: slope + total[name] for name, slope in slopes.items()}
        total = slopes
        losses.append((off[at] ** 2).sum() / 2)
        moved = {
            name: getattr(cell, name) - rate * (name not in leave) * slope
            for name, slope in slopes.items()
        }
        cell = RNNCell(**moved)
        if late:
            losses[-1] = ((cell.run(piece, h).h - goal) ** 2).sum() / 2
        h = run.h_n if carry else None
        seen.append(piece)
    return np.array(losses)
