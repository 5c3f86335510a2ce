"""The checks of chapter 2, training through time."""

import numpy as np

from unrolled.cells import RNNCell
from unrolled.checks import (
    Hint,
    NotTried,
    Raised,
    array,
    ask,
    choose,
    compare,
    draw_weights,
    exercise,
    explorer,
    same,
)


@exercise
def far_letter(prediction):
    """A choice, "a" to "d": what truncation does to a letter that is far away."""
    hints = {
        "a": "Is anything changed on the way forwards? What does `detach()` do to the "
        "numbers in a state?",
        "c": "Slower would mean a smaller slope. How long is the way from the loss "
        "back to step 5, and is it open?",
        "d": "The steps of the last piece have their shares. Which shares are missing?",
    }
    choose(prediction, "b", hints)
    return (
        "The state may carry the letter over every cut. But no share that is counted "
        "says whether to write it down at step 5, so it is kept by luck, or not."
    )


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
        raise Hint(
            "One sequence works, but a batch raised an error. Then the units are the "
            "last axis: on which side of them must the weights stand?"
        ) from None
    mistakes = {
        "That is the way forwards: unit i heard every unit j. Who collects from whom "
        "on the way back?": da @ W_h.T,
        "It has come through the weights, but not through tanh.": dh @ W_h,
        "It has come through tanh, but not through the weights. This is dL/da.": da,
        "tanh comes after the weights on the way forwards. What comes first on the "
        "way back?": (1 - h**2) * (dh @ W_h),
        "h is the state, so tanh is already in it: 1 - tanh(h)**2 takes it again.": (
            (1 - np.tanh(h) ** 2) * dh @ W_h
        ),
        "The slope of tanh is 1 - h**2, and this has 1 - h.": (1 - h) * dh @ W_h,
        "The numbers are right, but units run down and sequences across.": (da @ W_h).T,
    }
    compare(answer, da @ W_h, mistakes, "Two factors: which, and in which order?")
    try:
        compare(ask(back, dh[0], h[0], W_h), da[0] @ W_h, {}, "Try it by itself.")
    except Hint as hint:
        raise Hint(
            f"The batch is right. A single dh (H) with a single h (H) is not: {hint}"
        ) from None
    return (
        "Through tanh first, then through the weights: the way forwards, turned round. "
        "Everything that chapter 3 finds out is in this one line, taken many times."
    )


@exercise
def shares(of):
    """A function (da, states, h_0) -> each step's share in one unit's dL/dw_h, (T,)."""
    rng = np.random.default_rng(3)
    for T in (5, 1):
        da, states, h_0 = rng.normal(size=T), rng.uniform(-1, 1, T), 0.7
        before = np.append(h_0, states[:-1])
        answer = array(ask(of, da, states, h_0))
        if T > 1 and answer.shape == () and same(answer, (da * before).sum()):
            raise Hint("This is their sum. Each step's own is wanted.")
        mistakes = {
            "Each step's slope meets the state that this very step has made. Which "
            "state did its weight multiply?": da * states,
            "The last state is what the first step multiplies here. Index -1 counts "
            "from the end.": da * np.roll(states, 1),
            "The first step has multiplied h_0, which need not be zero.": (
                da * np.append(0, states[:-1])
            ),
            "These are divided by the number of steps. Is the slope of w * w the mean "
            "of w and w?": da * before / T,
            "There is one for each step but the first: what did that one multiply?": (
                da[1:] * states[:-1]
            ),
            "This is what came back. What had the weight multiplied?": da,
            "These are sums from the first step on. Each step's own is wanted.": (
                np.cumsum(da * before)
            ),
        }
        right = da * before
        compare(answer, right, mistakes if T > 1 else {}, "This was a single step.")
    return (
        "What came back, times what the weight had multiplied. Add them up and you "
        "have dL/dw_h; look at them one by one and you see which steps it is made of."
    )


@exercise
def reach(steps):
    """A function (T, k) -> how many steps back each loss is followed, T of them."""
    for T, k in ((12, 5), (6, 6), (4, 1)):
        t = np.arange(T)
        mistakes = {
            "Every loss goes back k steps here. Can the one that stands just after a "
            "cut?": np.full(T, k),
            "This is a window that goes along with each loss. A cut stays where it is: "
            "how far is it from step k + 1 to the cut?": np.minimum(t + 1, k),
            "The step of the loss itself counts as well: it has a share.": t % k,
            "The pieces are right, but in each of them time runs the wrong way.": (
                k - t % k
            ),
            "This is the number of the piece.": t // k + 1,
            "This would be right without any cut.": t + 1,
        }
        compare(ask(steps, T, k), t % k + 1, mistakes, f"This was T = {T}, k = {k}.")
    return (
        "From 1 to k, and (k + 1) / 2 on average: half of what k seems to promise. In "
        "each piece the first loss sees one step only, however large k is."
    )


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
    if not isinstance(answer, tuple) or len(answer) != 4:
        raise Hint("Four arrays are wanted, as before: dW_x, dW_h, db and dL/dh_0.")
    answer = [array(one) for one in answer]

    def walk(turned, before):
        dW_x, dW_h, db, back = 0, 0, 0, np.zeros(H)
        for t in reversed(range(T)):
            da = (1 - run.h[t] ** 2) * (direct[t] + back)
            dW_x, db = dW_x + np.outer(da, xs[t]), db + da
            dW_h = dW_h + np.outer(da, before[t])
            back = turned @ da
        return dW_x, dW_h, db, back

    def is_it(*bugs):
        return all(
            same(one, other) for one, other in zip(answer, walk(*bugs), strict=True)
        )

    before, wrapped = np.vstack([h_0, run.h[:-1]]), np.roll(run.h, 1, axis=0)
    if is_it(cell.W_h, wrapped):
        raise NotTried("These lines still have both bugs.")
    if is_it(cell.W_h.T, wrapped):
        raise Hint(
            "One is mended. Only dW_h is still wrong, and by one share: at t = 0, what "
            "is states[t - 1]? Python does not complain."
        )
    if is_it(cell.W_h, before):
        raise Hint(
            "One is mended. All slopes are still wrong except for the shares of the "
            "last step: so it happens on the way from one step to the one before."
        )
    skipped = np.vstack([np.zeros(H), run.h[:-1]])
    if is_it(cell.W_h.T, skipped):
        raise Hint(
            "Nearly. The first step now counts as if it had started from zeros. From "
            "what did it start?"
        )
    if is_it(cell.W_h.T, run.h):
        raise Hint("Which state does W_h meet at step t: the one before, or the new?")
    names = ("dW_x", "dW_h", "db", "dL/dh_0")
    for name, one, right in zip(names, answer, walk(cell.W_h.T, before), strict=True):
        if not same(one, right):
            raise Hint(f"{name} is not right. Nudging tells you which of its numbers.")
    return (
        "Both bugs raise no error, for W_h is square and index -1 exists. A network "
        "trains with them too, only worse. Nothing but a check finds them."
    )


@exercise
def gradient_error(error):
    """A function (loss, W, dW) -> the relative error of dW against nudging."""
    rng = np.random.default_rng(6)
    W, A = rng.normal(size=(3, 4)), rng.normal(size=(3, 4))

    def loss(W):
        return float((np.sin(W) * A).sum() + (W**3).sum() / 3)

    right = np.cos(W) * A + W**2

    def found(dW):
        given = W.copy()
        answer = array(ask(error, loss, given, dW, copied=False))
        if answer.ndim:
            raise Hint(f"One number is wanted, and this has shape {answer.shape}.")
        return float(answer), np.abs(given - W).max() < 1e-9

    none, kept = found(right)
    half, _ = found(0.5 * right)
    if np.isnan(none):
        raise Hint("The result is NaN.")
    if not kept:
        raise Hint(
            "W is not as it was given: a nudge was left in it. Then every slope is "
            "taken at another place, and so is the training that goes on from there."
        )
    other = right.copy()
    other[1, 2] += 0.01 * np.linalg.norm(right)
    one, _ = found(other)
    if same(np.array(none), np.array(0.5)) or same(np.array(none), np.array(1.0)):
        raise Hint(
            "A right gradient seems to be wrong by a factor of two. How far apart are "
            "up and down?"
        )
    if abs(half - 0.5) > 1e-3:
        raise Hint(
            f"For a gradient that is half of what it should be, this gives {half:.3g}. "
            "The length of the difference is half the length of the right one: what "
            "do you divide by?"
        )
    if abs(one - 0.01) > 1e-4:
        raise Hint(
            f"With one of the twelve slopes off by a hundredth of the whole length, "
            f"this gives {one:.2g}. Do all slopes take part?"
        )
    if not none < 1e-8:
        raise Hint(
            f"A right gradient comes out {none:.0e} off, and better is possible. Is "
            "the nudge to both sides, and of which size?"
        )
    return (
        f"A right gradient is {none:.0e} off, and one with a single wrong slope is "
        f"found at {one:.0%}. Run it on a small model before you trust a large one."
    )


def _flow(figure, steps):
    """The figure, with `steps` inputs, tanh, and its loss at the last step alone."""
    figure = explorer(figure, "GradientFlow")
    if len(figure.x) != steps:
        raise Hint(f"Leave it at {steps} steps: this has {len(figure.x)}.")
    if figure.activation != "tanh":
        raise Hint("Leave the activation at tanh.")
    if figure.loss != "one" or figure.loss_step != steps:
        raise Hint(f"Leave the loss at step {steps}, and there alone.")
    return figure


def _shares(figure, truncate=None):
    """Each step's share in dL/dw_h, (T,), where the loss is at the last step."""
    run = figure.cell.run(np.array(figure.x)[:, None], np.array([figure.h_0]))
    gradient = figure.cell.backward(run, grad_h_n=run.h_n - figure.y, truncate=truncate)
    return gradient.a[:, 0] * np.append(figure.h_0, run.h[:-1, 0])


@exercise
def enough(figure):
    """A `GradientFlow` cut at the smallest k whose bias is below a hundredth."""
    figure = _flow(figure, 12)
    given = {"w_x": 1.0, "w_h": 0.8, "b": 0.3, "h_0": 0.0, "y": 1.0}
    moved = [name for name, value in given.items() if getattr(figure, name) != value]
    if moved or list(figure.x) != [1.0] + [0.0] * 11:
        raise Hint(
            "Only k is to be moved here. The figure's Reset brings back the rest."
        )
    k = figure.truncate
    whole = _shares(figure).sum()
    bias = [abs(_shares(figure, k).sum() / whole - 1) for k in range(1, 13)]
    if k >= 12:
        raise NotTried("Nothing is cut yet. Move the slider k, then run this again.")
    if bias[k - 1] >= 0.01:
        raise Hint(f"With k = {k} the slope is still {bias[k - 1]:.1%} off.")
    if bias[k - 2] < 0.01:
        raise Hint(f"{bias[k - 1]:.2%} is below one percent. Would fewer steps do?")
    return (
        f"{bias[k - 1]:.2%} with k = {k}, and {bias[k - 2]:.1%} with one step less. "
        "Six of the shares are thrown away, and they hold less than a hundredth of it."
    )


@exercise
def uphill(figure):
    """A `GradientFlow` whose slope, cut after every 2 steps, has the wrong sign."""
    figure = _flow(figure, 6)
    if figure.truncate != 2:
        raise Hint("Leave k at 2: the cut is what this is about.")
    cut, whole = _shares(figure, 2).sum(), _shares(figure).sum()
    if not np.isfinite([cut, whole]).all():
        raise Hint("A number has overflowed: these weights are too large.")
    at = f"The cut slope is {cut:.3g}, the whole one {whole:.3g}. "
    if np.sign(cut) == np.sign(whole):
        if list(figure.x) == [1.0] + [0.0] * 5 and figure.w_h == 0.8:
            raise NotTried("Move the figure above, then run this cell again.")
        raise Hint(
            f"{at}Same sign. A share is what came back, times the state it meets: "
            "which states do steps 5 and 6 meet, and which do the others?"
        )
    if min(abs(cut), abs(whole)) < 0.01:
        raise Hint(f"{at}One of them is as good as zero: make both at least 0.01.")
    return (
        f"{at}Training with the cut one walks uphill, and no number of steps or of "
        "sequences will cure it: this is what a bias can do that noise cannot."
    )


@exercise
def first_share(figure):
    """A `GradientFlow` in which step 1 has the largest share of all six."""
    figure = _flow(figure, 6)
    if figure.truncate < 6:
        raise Hint("Nothing is to be cut here: set k back to its end.")
    found = np.abs(_shares(figure))
    if not np.isfinite(found).all():
        raise Hint("A number has overflowed: these weights are too large.")
    largest = found.argmax() + 1
    if figure.h_0 == 0:
        if list(figure.x) == [1.0] + [0.0] * 5 and figure.w_h == 0.8:
            raise NotTried("Move the figure above, then run this cell again.")
        raise Hint(
            "Step 1 has no share at all. What does its copy of the weight multiply?"
        )
    if found.max() < 1e-3:
        raise Hint(
            "No step has a share worth the name: the largest is "
            f"{found.max():.0e}. Does the loss have something to complain of, and is "
            "the way back open?"
        )
    if largest != 1:
        raise Hint(
            f"The share of step {largest} is the largest, {found[largest - 1]:.3g} "
            f"against {found[0]:.3g}. Step 1 needs a large state to multiply, while "
            "the later steps should find small ones: what can make a state small "
            "that was large?"
        )
    return (
        f"{found[0]:.3g} in step 1, and at most {found[1:].max():.3g} in any other. "
        "Two things make a share: an open way back from the loss, and a state worth "
        "multiplying. Nearness to the loss is not one of them."
    )


@exercise
def in_pieces(gradient):
    """A function (cell, pieces, directs) -> the whole dL/dW_h, a piece at a time."""
    rng = np.random.default_rng(10)
    cell = RNNCell(*draw_weights(rng, 2, 3))
    pieces = [rng.normal(size=(T, 2)) for T in (4, 1, 3)]
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
        "This is the truncated gradient: every piece is walked back by itself. What "
        "has gone past the first step of a piece is dL/dh_0 of it: who is to have "
        "that?": walk(back=False),
        "On the way forwards every piece starts from zeros here.": walk(carry=False),
        "Every piece starts from zeros here, and is walked back by itself.": walk(
            carry=False, back=False
        ),
        "These are the shares of one piece alone. Shares add up.": walk(last_only=True),
        "The pieces are walked back from the first to the last. Which one must come "
        "first on the way back?": walk(order=list),
    }
    compare(
        ask(gradient, cell, pieces, directs), right, mistakes, "Try it with one piece."
    )
    return (
        "Exact, with the states of one piece in memory at a time, at the price of a "
        "second run forwards. PyTorch has it as torch.utils.checkpoint. A state is "
        "handed on at each cut, and a slope is handed back."
    )
