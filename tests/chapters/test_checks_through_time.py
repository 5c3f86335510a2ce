"""The exercises of chapter 2: stubs, solutions, likely mistakes, nonsense."""

import numpy as np
import pytest
from hands.checks import Exercises

from unrolled.cells import RNNCell
from unrolled.checks import through_time
from unrolled.explorers import GradientFlow, HiddenState

PULSE = [1.0] + [0.0] * 5


def flow(**traits):
    return GradientFlow(**{"x": PULSE, **traits})


def cut(**traits):
    return flow(**{"truncate": 2, **traits})


def long(**traits):
    return GradientFlow(**{"x": PULSE + [0.0] * 6, "b": 0.3, **traits})


def walk(*, turned=True, wrapped=False, zeros=False, new=False, names=4, twice=False):
    """The way back, with one mistake or another."""

    def backward(xs, states, direct, W_x, W_h, h_0):
        dW_x, dW_h, db = np.zeros_like(W_x), np.zeros_like(W_h), 0
        back = np.zeros_like(h_0)
        start = np.zeros_like(h_0) if zeros else h_0
        for t in reversed(range(len(xs))):
            da = (1 - states[t] ** 2) * (direct[t] + back)
            before = states[t - 1] if t > 0 or wrapped else start
            dW_x += np.outer(da, xs[t])
            dW_h += np.outer(da, states[t] if new else before)
            db = db + (2 if twice else 1) * da
            back = (W_h.T if turned else W_h) @ da
        return (dW_x, dW_h, db, back)[:names]

    return backward


def learns(
    *,
    told=1.0,
    longer=1.0,
    carry=True,
    moves=("W_x", "W_h", "b"),
    again=False,
    cut=True,
):
    """Training a piece at a time, with one mistake or another."""

    def by_pieces(cell, pieces, goals, rate):
        h, losses, read = None, [], []
        for piece, goal in zip(pieces, goals, strict=True):
            read = [*read, piece] if again else [piece]
            run = cell.run(np.vstack(read), None if again else h)
            direct = np.zeros_like(run.h)
            direct[-len(piece) :] = run.h[-len(piece) :] - goal
            losses.append(told * (direct**2).sum() / 2)
            slope = cell.backward(run, direct, truncate=len(piece) if cut else None)
            weights = {name: getattr(cell, name) for name in ("W_x", "W_h", "b")}
            for name in moves:
                weights[name] = weights[name] - longer * rate * getattr(slope, name)
            cell, h = RNNCell(**weights), run.h_n if carry else None
        return losses

    return by_pieces


def without_zero_grad(cell, pieces, goals, rate, fresh=False):
    """Training by PyTorch, whose slopes add up unless they are set back."""
    import torch

    module, h, losses = cell.to_torch(), None, []
    module.bias_hh_l0.requires_grad_(False)
    weights = [one for one in module.parameters() if one.requires_grad]
    for piece, goal in zip(pieces, goals, strict=True):
        if fresh:
            module.zero_grad()
        states, h = module(torch.tensor(piece), h)
        loss = ((states - torch.tensor(goal)) ** 2).sum() / 2
        loss.backward()
        with torch.no_grad():
            for one in weights:
                one -= rate * one.grad
        losses.append(loss.item())
        h = h.detach()
    return losses


def with_detach(*given):
    return np.array(without_zero_grad(*given, fresh=True))


def means(cell, pieces, goals, rate):
    losses = learns()(cell, pieces, goals, rate)
    return [loss / goal.size for loss, goal in zip(losses, goals, strict=True)]


def only_last_states(cell, pieces, goals, rate):
    h, losses = None, []
    for piece, goal in zip(pieces, goals, strict=True):
        run = cell.run(piece, h)
        off = run.h_n - goal[-1]
        losses.append((off**2).sum() / 2)
        slope = cell.backward(run, grad_h_n=off)
        W_x, W_h = cell.W_x - rate * slope.W_x, cell.W_h - rate * slope.W_h
        cell, h = RNNCell(W_x, W_h, cell.b - rate * slope.b), run.h_n
    return losses


def after_the_step(cell, pieces, goals, rate):
    h, losses = None, []
    for piece, goal in zip(pieces, goals, strict=True):
        run = cell.run(piece, h)
        slope = cell.backward(run, run.h - goal)
        W_x, W_h = cell.W_x - rate * slope.W_x, cell.W_h - rate * slope.W_h
        cell = RNNCell(W_x, W_h, cell.b - rate * slope.b)
        losses.append(((cell.run(piece, h).h - goal) ** 2).sum() / 2)
        h = run.h_n
    return losses


def nudging(*, sides=2, by=1e-5, half=False, left=False, mean=False, of="right"):
    """The relative error of a gradient, with one mistake or another."""

    def error(loss, W, dW):
        slopes = np.zeros_like(W)
        for at in np.ndindex(W.shape):
            kept = W[at]
            W[at] = kept + by
            up = loss(W)
            W[at] = kept - by * (sides - 1)
            down = loss(W)
            W[at] = W[at] if left else kept
            slopes[at] = (up - down) / (by * (1 if half else sides))
        if mean:
            return abs(slopes.mean() - dW.mean()) / abs(slopes.mean())
        length = {"right": slopes, "given": dW, "none": np.ones(1)}[of]
        return np.linalg.norm(dW - slopes) / np.linalg.norm(length)

    return error


def pieces_by(*, carry=True, back=True, add=True, turn=reversed):
    def gradient(cell, pieces, directs):
        starts, h = [], None
        for piece in pieces:
            starts.append(h)
            h = cell.run(piece, h).h_n if carry else None
        total, arrives = 0, None
        for piece, start, direct in turn(
            list(zip(pieces, starts, directs, strict=True))
        ):
            one = cell.backward(cell.run(piece, start), direct, arrives)
            total = total * add + one.W_h
            arrives = one.h_0 if back else None
        return total

    return gradient


def all_at_once(cell, pieces, directs):
    run = cell.run(np.concatenate(pieces))
    return cell.backward(run, np.concatenate(directs)).W_h


def all_runs_kept(cell, pieces, directs):
    runs = [cell.run(pieces[0])]
    for piece in pieces[1:]:
        runs.append(cell.run(piece, runs[-1].h_n))
    return backwards(cell, runs, directs)


def all_states_kept(cell, pieces, directs):
    states, h = [], None
    for piece in pieces:
        states.append(cell.run(piece, h).h)
        h = states[-1][-1]
    starts = [np.zeros(3)] + [one[-1] for one in states[:-1]]
    runs = (cell.run(*pair) for pair in zip(pieces[::-1], starts[::-1], strict=True))
    return backwards(cell, list(runs)[::-1], directs)


def backwards(cell, runs, directs):
    total, arrives = 0, None
    for run, direct in zip(reversed(runs), reversed(directs), strict=True):
        gradient = cell.backward(run, direct, arrives)
        total, arrives = total + gradient.W_h, gradient.h_0
    return total


def again_from_the_beginning(cell, pieces, directs):
    """No state is kept: each start is found anew."""
    total, arrives = np.zeros((3, 3)), None
    for k in range(len(pieces) - 1, -1, -1):
        h = np.zeros(3)
        for piece in pieces[:k]:
            forwards = cell.run(piece, h)
            h = forwards.h_n
        back = cell.backward(cell.run(pieces[k], h), directs[k], arrives)
        total += back.W_h
        arrives = back.h_0
    return total


def by_hand(cell, pieces, directs):
    starts = [np.zeros(3)]
    for piece in pieces:
        h = starts[-1]
        for x in piece:
            h = cell.step(x, h)
        starts.append(h)
    total, back = np.zeros_like(cell.W_h), np.zeros(3)
    for piece, start, direct in zip(
        pieces[::-1], starts[-2::-1], directs[::-1], strict=True
    ):
        states = [start]
        for x in piece:
            states.append(cell.step(x, states[-1]))
        for t in reversed(range(len(piece))):
            da = (1 - states[t + 1] ** 2) * (direct[t] + back)
            total += np.outer(da, states[t])
            back = cell.W_h.T @ da
    return total


def each_back(dh, h, W_h):
    if dh.ndim == 1:
        return W_h.T @ np.diag(1 - h**2) @ dh
    return [each_back(*pair, W_h) for pair in zip(dh, h, strict=True)]


def counted(T, k):
    far, found = 0, []
    for _ in range(T):
        far = 1 if far == k else far + 1
        found.append(far)
    return found


def copies_nudged(loss, W, dW):
    """A new array for every nudge; `W` is not touched."""
    slopes = []
    for k in range(W.size):
        nudge = np.zeros(W.size)
        nudge[k] = 1e-5
        nudge = nudge.reshape(W.shape)
        slopes.append((loss(W + nudge) - loss(W - nudge)) / 2e-5)
    off = dW.ravel() - slopes
    return float(np.sqrt((off**2).sum() / np.square(slopes).sum()))


def flat(loss, W, dW):
    """Put back by the same arithmetic, by a flat index."""
    slopes = np.empty_like(W)
    for k in range(W.size):
        W.flat[k] += 1e-5
        up = loss(W)
        W.flat[k] -= 2e-5
        slopes.flat[k] = (up - loss(W)) / 2e-5
        W.flat[k] += 1e-5
    return np.linalg.norm(slopes - dW) / np.linalg.norm(slopes)


def two_axes(loss, W, dW):
    slopes = np.zeros_like(W)
    for i in range(W.shape[0]):
        for j in range(W.shape[1]):
            nudge = np.zeros_like(W)
            nudge[i, j] = 1e-5
            slopes[i, j] = (loss(W + nudge) - loss(W - nudge)) / 2e-5
    return np.linalg.norm(dW - slopes) / np.linalg.norm(slopes)


def lengths_apart(loss, W, dW):
    """The difference of two lengths, not the length of the difference."""
    slopes = np.zeros_like(W)
    for at in np.ndindex(W.shape):
        nudge = np.zeros_like(W)
        nudge[at] = 1e-5
        slopes[at] = (loss(W + nudge) - loss(W - nudge)) / 2e-5
    right = np.linalg.norm(slopes)
    return abs(np.linalg.norm(dW) - right) / right


def rows_nudged(loss, W, dW):
    """Whole rows are nudged at once."""
    slopes = np.zeros_like(W)
    for i in range(len(W)):
        nudge = np.zeros_like(W)
        nudge[i] = 1e-5
        slopes[i] = (loss(W + nudge) - loss(W - nudge)) / 2e-5
    return np.linalg.norm(dW - slopes) / np.linalg.norm(slopes)


# The right answers in other forms than the solution's.
RIGHT = {
    "far_letter": ["B", "(b)", "b)"],
    "one_step_back": [
        each_back,
        lambda dh, h, W: np.einsum("...i,ij->...j", dh * (1 - h * h), W),
        lambda dh, h, W: (W.T @ (dh * (1 - h**2)).T).T,
    ],
    "shares": [
        lambda da, h, h_0: [da[t] * (h[t - 1] if t else h_0) for t in range(len(h))],
        lambda da, h, h_0: np.concatenate([[h_0], h])[:-1] * da,
        lambda da, h, h_0: np.r_[h_0 * da[0], h[:-1] * da[1:]],
    ],
    "reach": [
        counted,
        lambda T, k: [t % k + 1 for t in range(T)],
        lambda T, k: np.tile(np.arange(1.0, k + 1), T)[:T],
    ],
    "mended": [walk(), lambda *given: list(walk()(*given))],
    "gradient_error": [copies_nudged, flat, nudging(by=3e-6)],
    "enough": [long(truncate=6), long(truncate=6, step=9)],
    "uphill": [
        cut(x=[1, 0, 0, -1, 0, 0], w_h=1),
        cut(h_0=1, x=[0, 0, 0, -1, 0, 0], w_h=1),
        cut(x=[-1, 0, 0, 1, 0, 0], w_h=1, y=-1),
    ],
    "first_share": [
        flow(h_0=1, w_h=1.2, x=[-1.1, 0, 0, 0, 0, 0]),
        flow(h_0=-1, w_h=1.2, x=[1.1, 0, 0, 0, 0, 0], step=1),
    ],
    "in_pieces": [again_from_the_beginning, by_hand, pieces_by()],
    "four_digits": ["B", "(b)", " b."],
    "by_pieces": [learns(), with_detach],
}


# Of each exercise: (a plausible wrong answer, words of the hint that it should get).
WRONG = {
    "far_letter": [
        ("a", "on the way forwards"),
        ("C", "is it open"),
        ("(d)", "last piece"),
        ("none of them", "not one of the 4"),
        (2, "in quotes"),
    ],
    "one_step_back": [
        (lambda dh, h, W: W.T @ ((1 - h**2) * dh), "on which side"),
        (lambda dh, h, W: ((1 - h**2) * dh) @ W.T, "Who collects from whom"),
        (lambda dh, h, W: dh @ W, "not through tanh"),
        (lambda dh, h, W: (1 - h**2) * dh, "not through the weights"),
        (lambda dh, h, W: (1 - h**2) * (dh @ W), "What comes first"),
        (lambda dh, h, W: ((1 - np.tanh(h) ** 2) * dh) @ W, "takes it again"),
        (lambda dh, h, W: ((1 - h) * dh) @ W, "this has 1 - h."),
        (lambda dh, h, W: (((1 - h**2) * dh) @ W).T, "sequences across"),
        (lambda dh, h, W: (((1 - h**2) * dh) @ W)[:5, :], "single dh"),
        (lambda dh, h, W: ((1 + h**2) * dh) @ W, "this has 1 + h**2"),
        (lambda dh, h, W: (h**2 * dh) @ W, "where tanh is steepest"),
    ],
    "shares": [
        (lambda da, h, h_0: da * h, "this very step has made"),
        (lambda da, h, h_0: da * np.roll(h, 1), "counts from the end"),
        (lambda da, h, h_0: da * np.append(0, h[:-1]), "need not be zero"),
        (lambda da, h, h_0: da * np.append(h_0, h[:-1]) / len(h), "the mean"),
        (lambda da, h, h_0: da[1:] * h[:-1], "each step but the first"),
        (lambda da, h, h_0: da, "had the weight multiplied"),
        (lambda da, h, h_0: (da * np.append(h_0, h[:-1])).sum(), "their sum"),
        (lambda da, h, h_0: np.cumsum(da * np.append(h_0, h[:-1])), "sums from"),
        (lambda da, h, h_0: (da * np.append(h_0, h))[:5], "do not go together"),
        (lambda da, h, h_0: da * np.append(h[1:], 0), "the step after it"),
        (lambda da, h, h_0: (da * np.append(h_0, h[:-1]))[::-1], "stands first"),
    ],
    "reach": [
        (lambda T, k: [k] * T, "just after a cut"),
        (lambda T, k: [min(t, k) for t in range(1, T + 1)], "goes along"),
        (lambda T, k: [t % k for t in range(T)], "counts as well"),
        (lambda T, k: [k - t % k for t in range(T)], "the wrong way"),
        (lambda T, k: [t // k + 1 for t in range(T)], "number of the piece"),
        (lambda T, k: list(range(1, T + 1)), "without any cut"),
        (lambda T, k: [k], "shape (1,)"),
        (lambda T, k: [(t - T) % k + 1 for t in range(T)], "from the last step here"),
        (lambda T, k: [k - t % k - 1 for t in range(T)], "to the next cut"),
        (lambda T, k: [min(t % k, k) + 1 for t in range(T + 1)], "is wanted"),
        (lambda T, k: list(range(1, k + 1)) * (T // k), "is wanted"),
        (lambda T, k: (np.arange(T) % k + 1).mean(), "shape ()"),
    ],
    "mended": [
        (walk(wrapped=True), "by one share"),
        (walk(turned=False), "to the one before"),
        (walk(zeros=True), "started from zeros"),
        (walk(new=True), "or the new"),
        (walk(twice=True), "db is not right"),
        (walk(names=3), "Four arrays"),
        (walk(zeros=True, turned=False), "Neither is mended"),
    ],
    "gradient_error": [
        (nudging(left=True), "a nudge was left"),
        (nudging(half=True), "factor of two"),
        (nudging(of="given"), "what do you divide by"),
        (nudging(of="none"), "what do you divide by"),
        (nudging(mean=True), "Do all slopes take part"),
        (rows_nudged, "what do you divide by"),
        (lengths_apart, "Do all slopes take part"),
        (two_axes, "may have any shape, and with (5,)"),
        (nudging(sides=1), "to both sides"),
        (nudging(by=1e-9), "of which size"),
        (lambda loss, W, dW: np.abs(dW), "One number"),
        (lambda loss, W, dW: loss(W + dW) / 0.0, "ZeroDivisionError"),
        (lambda loss, W, dW: np.nan, "NaN"),
    ],
    "enough": [
        (long(truncate=2), "still 17.2% off"),
        (long(truncate=5), "still 1.2% off"),
        (long(truncate=9), "Would fewer steps do"),
        (long(truncate=6, w_h=0.5), "Only k"),
        (flow(truncate=6), "at 12 steps"),
        (long(truncate=7), "Would fewer steps do"),
        (long(truncate=1), "% off"),
        (long(truncate=6, loss="all"), "loss at step 12"),
        (6, "this is an int"),
    ],
    "uphill": [
        (cut(w_h=1.5), "Same sign"),
        (cut(b=0.5), "Same sign"),
        (cut(y=0.5), "Same sign"),
        (cut(x=[1, 0, 0, -0.7, 0, 0]), "as good as zero"),
        (flow(x=[1, 0, 0, -1, 0, 0], w_h=1), "k at 2"),
        (cut(x=[1, 0, 0, -1, 0, 0], w_h=1, activation="identity"), "at tanh"),
        (cut(x=[1, 0, 0, -1, 0], w_h=1), "at 6 steps"),
        (cut(x=[1, 0, 0, -1, 0, 0], w_h=1, loss="all"), "there alone"),
        (cut(x=[0] * 6, w_h=10, y=1e308), "overflowed"),
        (HiddenState(), "wanted, GradientFlow; this is a HiddenState"),
    ],
    "first_share": [
        (flow(w_h=1.5), "no share at all"),
        (flow(b=0.4), "no share at all"),
        (flow(y=0.2), "no share at all"),
        (flow(h_0=1), "The share of step 6 is the largest"),
        (flow(h_0=1, w_h=5), "worth the name"),
        (flow(h_0=1, w_h=1.2, x=[-1.1, 0, 0, 0, 0, 0], truncate=3), "to be cut"),
        (flow(h_0=1, w_h=2, activation="relu"), "at tanh"),
        (flow(x=[0] * 6, w_h=10, y=1e308), "overflowed"),
        (HiddenState(), "wanted, GradientFlow; this is a HiddenState"),
    ],
    "in_pieces": [
        (pieces_by(back=False), "who is to have that"),
        (pieces_by(carry=False), "starts from zeros"),
        (pieces_by(carry=False, back=False), "starts from zeros here, and"),
        (pieces_by(add=False), "Shares add up"),
        (pieces_by(turn=list), "from the first to the last"),
        (lambda cell, pieces, directs: cell.W_h.T, "Try it with one piece"),
        (all_at_once, "17 steps were run at once, and the longest piece has 4"),
        (all_runs_kept, "states of 6 runs were in memory"),
        (all_states_kept, "in memory"),
        (lambda cell, pieces, directs: cell.run(pieces), "ValueError"),
    ],
    "four_digits": [
        ("a", "what float64 gives"),
        ("(C)", "nearer to the curve"),
        ("d.", "a forgotten transpose"),
        ("four", "not one of the 4"),
        (0.0002, "in quotes"),
    ],
    "by_pieces": [
        (learns(carry=False), "begins from zeros"),
        (learns(longer=-1), "uphill"),
        (learns(longer=0), "have not moved"),
        (learns(longer=10), "Where is the rate"),
        (learns(longer=2), "twice as long"),
        (learns(told=2), "twice the loss"),
        (without_zero_grad, "zero_grad()"),
        (learns(again=True), "stale as it is"),
        (learns(again=True, cut=False), "walks back all the way"),
        (means, "what is returned is a mean"),
        (only_last_states, "Every state has a goal"),
        (after_the_step, "losses after each step"),
        (lambda *given: np.cumsum(learns()(*given)), "add up from piece to piece"),
        (lambda *given: sum(learns()(*given)), "one is wanted for each"),
        (learns(moves=("W_x", "b")), "All weights move but W_h"),
        (learns(moves=("W_h",)), "W_h moves alone"),
        (learns(told=3), "first piece alone"),
        (learns(longer=1.5), "The first loss is right"),
        (learns(again=True, carry=False, longer=3), "So it is the step"),
        (lambda cell, pieces, goals, rate: cell, "this is a RNNCell"),
    ],
}

# What would give an answer away.
ANSWERS = {
    "far_letter": r"by luck|may carry",
    "four_digits": r"fifth|cannot tell|agrees as well",
    "by_pieces": r"run\.h|\.W_h\b|\.h_n",
    "one_step_back": r"@|\.T\b|transpose",
    "shares": r"append|concatenate|states\[:-1\]",
    "reach": r"% k|mod|remainder",
    "mended": r"W_h\.T|transpos|if t|h_0 if",
    "gradient_error": r"norm\(|1e-0?[4-6]",
    "enough": r"\bk = 6\b",
    "uphill": r"w_h = |x = ",
    "first_share": r"h_0 = |-1\.1",
    "in_pieces": r"grad_h|one\.h_0|\.h_n",
}


ALIKE = {
    "mended": {
        "h_0 -> db": "back begins as the number 0",
        "xs -> states": "as many",
        "xs -> direct": "as many",
    },
    "gradient_error": {
        "1e-05 -> -1e-05": "both sides change places",
        "np.zeros_like(W) -> np.ones_like(W)": "every entry is written anew",
        "W -> dW": "of the same shape",
        "W -> slopes": "of the same shape",
        "dW - slopes -> slopes - dW": "of the same length",
        "dW - slopes -> -(dW - slopes)": "of the same length",
    },
    "in_pieces": {
        "pieces[:-1] -> pieces": "a state more than is needed",
        ":-1 -> :": "a state more than is needed",
        "pieces -> directs": "as many",
        "pieces -> starts": "as many",
    },
    "by_pieces": {
        "zip(pieces, goals, strict=True) -> zip(pieces, goals)": "as many goals",
        "True -> False": "as many goals",
        "run.h - goal -> goal - run.h": "in the loss, which squares it",
        "run.h - goal -> -(run.h - goal)": "in the loss, which squares it",
    },
}


def nudged(figure, steps):
    """Each step's share by nudging its own copy of w_h: found without the package."""

    def loss(weights):
        h = figure.h_0
        for x, w in zip(figure.x, weights, strict=True):
            h = np.tanh(figure.w_x * x + w * h + figure.b)
        return (h - figure.y) ** 2 / 2

    weights = np.full(steps, figure.w_h)
    each = 1e-6 * np.eye(steps)
    return np.array([(loss(weights + e) - loss(weights - e)) / 2e-6 for e in each])


def just_enough(figure):
    shares, k = nudged(figure, 12), figure.truncate
    whole = shares.sum()
    off = [abs(shares[-n:].sum() / whole - 1) for n in (k, k - 1)]
    return off[0] < 0.01 <= off[1]


def goes_uphill(figure):
    shares = nudged(figure, 6)
    cut, whole = shares[-2:].sum(), shares.sum()
    return cut * whole < 0 and min(abs(cut), abs(whole)) >= 0.01


def first_is_largest(figure):
    shares = np.abs(nudged(figure, 6))
    return shares.argmax() == 0 and figure.truncate >= 6


class TestThroughTime(Exercises):
    check = through_time
    notebook = "02_training_through_time"
    wrong = WRONG
    right = RIGHT
    answers = ANSWERS
    alike = ALIKE
    fits = {
        "enough": just_enough,
        "uphill": goes_uphill,
        "first_share": first_is_largest,
    }
    slow = ("in_pieces", "mended", "by_pieces")

    def test_what_a_right_check_of_gradients_is_told_is_measured(self, capsys):
        text = self.said(capsys, copies_nudged, "gradient_error")
        assert "a single wrong slope is found at 1%" in text

    @pytest.mark.parametrize(("runs", "right"), [(3, True), (4, False)])
    def test_there_is_room_for_as_many_runs_as_the_exercise_says(
        self, capsys, runs, right
    ):
        kept = []

        def gradient(cell, pieces, directs):
            def keeping(piece, h):
                kept.append(cell.run(piece, h))
                del kept[: -(runs - 1)]
                return kept[-1]

            starts, total, arrives = [np.zeros(3)], 0, None
            for piece in pieces:
                starts.append(keeping(piece, starts[-1]).h_n)
            for k in reversed(range(len(pieces))):
                one = cell.backward(keeping(pieces[k], starts[k]), directs[k], arrives)
                total, arrives = total + one.W_h, one.h_0
            return total

        text = self.said(capsys, gradient, "in_pieces")
        assert text.startswith("Right. ") == right
        assert right or f"states of {runs} runs were in memory" in text
        asked = self.cells()["exercise-in-pieces"]["source"]
        assert "the runs of three pieces" in asked
