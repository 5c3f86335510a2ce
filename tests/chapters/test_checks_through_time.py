"""The exercises of chapter 2: stubs, solutions, likely mistakes, nonsense."""

import numpy as np
from hands.checks import Exercises

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
        (lambda da, h, h_0: (da * np.append(h_0, h))[:5], "ValueError"),
    ],
    "reach": [
        (lambda T, k: [k] * T, "just after a cut"),
        (lambda T, k: [min(t, k) for t in range(1, T + 1)], "goes along"),
        (lambda T, k: [t % k for t in range(T)], "counts as well"),
        (lambda T, k: [k - t % k for t in range(T)], "the wrong way"),
        (lambda T, k: [t // k + 1 for t in range(T)], "number of the piece"),
        (lambda T, k: list(range(1, T + 1)), "without any cut"),
        (lambda T, k: [k], "shape (1,)"),
        (lambda T, k: (np.arange(T) % k + 1).mean(), "shape ()"),
    ],
    "mended": [
        (walk(wrapped=True), "by one share"),
        (walk(turned=False), "to the one before"),
        (walk(zeros=True), "started from zeros"),
        (walk(new=True), "or the new"),
        (walk(twice=True), "db is not right"),
        (walk(names=3), "Four arrays"),
    ],
    "gradient_error": [
        (nudging(left=True), "a nudge was left"),
        (nudging(half=True), "factor of two"),
        (nudging(of="given"), "what do you divide by"),
        (nudging(of="none"), "what do you divide by"),
        (nudging(mean=True), "Do all slopes take part"),
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
        (long(truncate=6, loss="all"), "loss at step 12"),
        (6, "this is an int"),
    ],
    "uphill": [
        (cut(w_h=1.5), "Same sign"),
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
        (lambda cell, pieces, directs: cell.run(pieces), "ValueError"),
    ],
}

# What would give an answer away.
ANSWERS = {
    "far_letter": r"by luck|may carry",
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


class TestThroughTime(Exercises):
    check = through_time
    notebook = "02_training_through_time"
    wrong = WRONG
    answers = ANSWERS
