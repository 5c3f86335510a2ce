"""The checks of chapter 3, long-term dependencies."""

import numpy as np

from unrolled.cells import RNNCell
from unrolled.checks import (
    Hint,
    NotTried,
    array,
    ask,
    choose,
    compare,
    draw_weights,
    exercise,
    explorer,
    same,
    truth,
    words,
)
from unrolled.gradients import largest_singular_value, spectral_radius


@exercise
def half_life(steps):
    """A function (factor) -> after how many steps back a gradient has halved."""
    factors = np.array([0.5, 0.8, 0.95])
    found = [array(ask(steps, factor)) for factor in factors]
    if any(one.ndim for one in found):
        raise Hint(f"One number is wanted, and this has shape {found[0].shape}.")
    found, right = np.array(found), np.log(0.5) / np.log(factors)
    mistakes = {
        "The sign is wrong: a number of steps is positive. Which logarithms are "
        "negative here?": -right,
        "This is upside down: a factor near 1 should last longer, not shorter.": (
            1 / right
        ),
        "This takes the same amount off at each step. A factor takes a share of what "
        "is left.": 0.5 / (1 - factors),
        "This is how much is left after one step. After how many is it one half?": (
            factors
        ),
        "This is when it has fallen to 1/e. One half is wanted.": -1 / np.log(factors),
    }
    if same(found, np.ceil(right)) or same(found, np.round(right)):
        raise Hint("Right, but for rounding: a half-life need not be a whole number.")
    compare(found, right, mistakes, "For which k is factor ** k one half?")
    return (
        f"A factor of 0.8 halves in {right[1]:.1f} steps, one of 0.95 in "
        f"{right[2]:.1f}. PyTorch's own start keeps about 0.58 at each step back. "
        "Ask your function what that means."
    )


@exercise
def firm_unit(prediction):
    """A choice, "a" to "d": the state and the gradient of a latch, 100 steps on."""
    choose(
        prediction,
        "b",
        {
            "a": "Where does tanh(2 h) take a state of 0.9? Nearer to zero, or not?",
            "c": "The state is still there, true. But tanh is flat where it rests, and "
            "that slope is met a hundred times.",
            "d": "Try the state first: tanh(2 h), again and again, from 0.9.",
        },
    )
    cell = RNNCell([[2.0]], [[2.0]], [0.0])
    pulse = np.zeros((100, 1))
    pulse[0] = 1.0
    run = cell.run(pulse)
    slope = cell.backward(run, grad_h_n=np.ones(1)).x[0, 0]
    return (
        f"The state ends at {run.h_n[0]:.3f}, and its gradient with respect to the "
        f"pulse at {slope:.0e}. A place that pulls small changes back keeps what it "
        "has, against noise, and against learning."
    )


@exercise
def logs(answer):
    """A dictionary: what ails each of four networks, by its training log."""
    right = {"A": "finished", "B": "deaf", "C": "learning", "D": "exploded"}
    hints = {
        "A": "A has a small whole gradient. So has a network that can improve no more: "
        "what does its loss say?",
        "B": "B's loss is not small, and its whole gradient looks healthy. Compare its "
        "last two columns.",
        "C": "C answers about as badly as B. But what does it hear of the farthest "
        "input, compared to B?",
        "D": "D's whole gradient: is that a length from which a step makes sense?",
    }
    words(answer, right, hints)
    return (
        "The norm of the whole gradient told you of D alone. For A you needed the loss "
        "as well, and B from C nothing tells but the lags."
    )


@exercise
def jacobian(of):
    """A function (h, W_h) -> dh_t/dh_{t-1}, (H, H), where h is the new state."""
    rng = np.random.default_rng(4)
    H = 4
    W, h = rng.normal(size=(H, H)), rng.uniform(-1, 1, H)
    slope = 1 - h**2
    right = slope[:, None] * W
    mistakes = {
        "The slopes stand at the columns. They belong to the new units, and a new unit "
        "is a row: how do you make (H) meet the rows?": slope * W,
        "Rows and columns are exchanged: this is what the gradient is multiplied by. "
        "The change of the new state is wanted.": right.T,
        "This is the Jacobian of the sum. The slopes of tanh are missing.": W,
        "h is the new state, so tanh is in it already: 1 - tanh(h)**2 is one tanh too "
        "many.": ((1 - np.tanh(h) ** 2)[:, None] * W),
        "The slope of tanh is 1 - h**2, and this has 1 - h.": (1 - h)[:, None] * W,
        "This is how the sum of all new units answers to each old one. One number for "
        "each pair is wanted.": slope @ W,
        "These are the slopes of tanh. Where are the weights?": np.diag(slope),
    }
    compare(ask(of, h, W), right, mistakes, "Two factors: which, and in which order?")
    return (
        "Row i is new unit i: its own slope, times the weights with which it hears the "
        "old ones. No input is in it, but for what it did to h."
    )


@exercise
def by_lag(lengths):
    """A function (J (T, H, H), last (H,)) -> the gradient's lengths, (T + 1,)."""
    rng = np.random.default_rng(5)
    T, H = 5, 3
    J, last = rng.normal(size=(T, H, H)), rng.normal(size=H)

    def walk(steps, turned=True):
        found = [last]
        for step in steps:
            found.append((step.T if turned else step) @ found[-1])
        return np.linalg.norm(found, axis=1)

    right = walk(J[::-1])
    products = [np.eye(H)]
    for step in J[::-1]:
        products.append(products[-1] @ step)
    mistakes = {
        "This carries a change forwards. A gradient comes back through the transposed "
        "matrix.": walk(J[::-1], turned=False),
        "J[0] is the first step's. Which one does the gradient meet first?": walk(J),
        "Lag 0 is missing: the gradient before any step back.": right[1:],
        "All but the farthest: T steps back are T + 1 lags, with lag 0.": right[:-1],
        "These are squares of the lengths.": right**2,
        "Right, but the other way round: lag 0 is to stand first.": right[::-1],
        "This is by how much any gradient can be lengthened at most. The lengths of "
        "this one are wanted.": np.linalg.norm(products, 2, axis=(1, 2)),
        "Every step starts again from the last gradient. It has to go on from where it "
        "came to.": np.linalg.norm(
            [last] + [step.T @ last for step in J[::-1]], axis=1
        ),
    }
    compare(
        ask(lengths, J, last), right, mistakes, "Is it one more factor for each lag?"
    )
    return (
        "T products of a matrix and a vector. The product of the Jacobians themselves "
        "is never needed, which is why a gradient is cheap: H times cheaper."
    )


@exercise
def certain(vanishes):
    """A function (W_h) -> bool: whether a tanh network's gradient must vanish."""
    rng = np.random.default_rng(6)
    turn, _ = np.linalg.qr(rng.normal(size=(4, 4)))
    shear = np.array([[0.5, 2.0], [0.0, 0.5]])
    small = rng.uniform(-0.2, 0.2, (4, 4))
    crowded = np.full((4, 4), 0.5)
    matrices = [
        (0.9 * turn, "is 0.9 times an orthogonal matrix"),
        (1.1 * turn, "is 1.1 times an orthogonal matrix"),
        (shear, "is [[0.5, 2], [0, 0.5]]"),
        (-0.9 * np.eye(3), "is -0.9 times the identity"),
        (crowded, "is 4 by 4, and all of its numbers are 0.5"),
        (0.9 * small / largest_singular_value(small), "has small numbers only"),
        (shear / 2.5, "is [[0.2, 0.8], [0, 0.2]]"),
    ]
    for W_h, what in matrices:
        right = bool(largest_singular_value(W_h) < 1)
        if truth(ask(vanishes, W_h)) == right:
            continue
        if right:
            raise Hint(
                f"One matrix {what}. It shortens every vector there is, and tanh "
                "lengthens none. So it is certain, and you say that it is not."
            )
        if spectral_radius(W_h) < 1:
            raise Hint(
                f"One matrix {what}. Its powers do vanish in the end. But near h = 0, "
                "where tanh lets everything through, one step back can make a gradient "
                "longer, and a state that moves about can pick just such steps. Which "
                "number says what one step can do?"
            )
        raise Hint(
            f"One matrix {what}. At h = 0 its powers grow, so nothing is certain, and "
            "you say that it is."
        )
    return (
        "The largest singular value below 1, and nothing less. Certain is always the "
        "bad news: from W_h alone nobody can promise that a gradient will not vanish."
    )


@exercise
def far_part(part):
    """A function (cell, x, last, k) -> the share of dL/dW_h from k steps back and more.

    last is dL/dh_T; the share is a length over a length.
    """
    rng = np.random.default_rng(7)
    T, d, H = 9, 2, 4
    cell = RNNCell(*draw_weights(rng, d, H))
    x, last, h_0 = rng.normal(size=(T, d)), rng.normal(size=H), np.zeros(H)
    gradient = cell.backward(cell.run(x), grad_h_n=last)
    states = np.vstack([h_0, cell.run(x).h[:-1]])
    shares = gradient.a[:, :, None] * states[:, None, :]  # of step 1 first

    def length(steps):
        return np.linalg.norm(steps.sum(axis=0))

    whole = length(shares)
    for k in (3, 6):
        far, near = shares[: T - k], shares[T - k :]
        mistakes = {
            "This is the part of the last k steps. The rest of them is wanted.": (
                length(near) / whole
            ),
            "Lengths do not subtract: two parts can point in different directions. "
            "Which arrays can you subtract?": 1 - length(near) / whole,
            "This is the length of the far part, not yet compared with the whole.": (
                length(far)
            ),
            "The far part begins a step too early: the last k steps have the lags 0 to "
            "k - 1.": length(shares[: T - k + 1]) / whole,
            "The far part begins a step too late: lag k belongs to it.": (
                length(shares[: T - k - 1]) / whole
            ),
            "These are squares of the lengths.": (length(far) / whole) ** 2,
            "The lengths of the steps' shares are added up here. Add the shares, then "
            "take the length.": np.linalg.norm(far, axis=(1, 2)).sum()
            / np.linalg.norm(shares, axis=(1, 2)).sum(),
            "This is the far part over the near one. Compare it with the whole.": (
                length(far) / length(near)
            ),
        }
        answer = array(ask(part, cell, x, last, k))
        if answer.ndim:
            raise Hint(f"One number is wanted, and this has shape {answer.shape}.")
        right = np.array(length(far) / whole)
        compare(
            answer, right, mistakes, "What is left when the near part is taken off?"
        )
    weights = np.random.default_rng(0)
    usual = RNNCell(
        *(weights.uniform(-1, 1, size) / 32**0.5 for size in ((32, 1), (32, 32), 32))
    )
    run = usual.run(weights.normal(size=(40, 1)))
    whole, near = (
        usual.backward(run, grad_h_n=np.ones(32), truncate=k).W_h for k in (None, 20)
    )
    found = np.linalg.norm(whole - near) / np.linalg.norm(whole)
    return (
        "In a network with PyTorch's start and forty steps, the farther half of them "
        f"has {found:.0e} of the gradient. That is what masking means: the sum looks "
        "well, and half of its terms might as well not be there."
    )


@exercise
def deaf_memory(figure):
    """A `Decay` under tanh that keeps its first input and lets no gradient through."""
    figure = explorer(figure, "Decay")
    if figure.activation != "tanh":
        raise Hint("Leave the activation at tanh: it is what makes a place to rest.")
    if figure.timesteps != 40:
        raise Hint("Leave the number of steps at 40.")
    given = {"rho": 0.95, "angle": 30, "shear": 0.0, "input_scale": 0.5}
    if all(getattr(figure, name) == value for name, value in given.items()):
        raise NotTried("Move the figure above, then run this cell again.")
    if figure.input_scale == 0:
        raise Hint("Without an input there is nothing to remember.")
    life, left = figure.half_life, figure.memory[-1]
    if not np.isfinite(left):
        raise Hint("A number has overflowed: these weights are too large.")
    if figure.rho <= 1:
        raise Hint(
            f"rho is {figure.rho:g}. Up to 1, a state under tanh comes home to zero "
            "when nothing pushes it. What must it be to stay out there?"
        )
    if left < 0.5:
        raise Hint(
            f"At the end {left:.1g} of the first input is left. Two runs stay apart if "
            "each has a place of its own to rest in. What does a matrix that turns the "
            "state do to such a place?"
        )
    if life is None or life >= 3:
        life = "none" if life is None else f"{life} steps"
        raise Hint(
            f"The first input is kept, but the gradient's half-life is {life}. The "
            "firmer the state rests, the flatter is tanh there: what makes it firmer?"
        )
    return (
        f"rho = {figure.rho:g}, a half-life of {life} step{'s' * (life > 1)}, and "
        f"{left:.2g} of the first input at the end. Above 1 and vanished; vanished and "
        "not forgotten. Two rules of thumb less."
    )


@exercise
def fastest(figure):
    """A `Cliff`, clipped by norm at 0.25, at the largest rate that is never thrown."""
    figure = explorer(figure, "Cliff")
    given = {"w": 1.65, "b": 0.45, "timesteps": 20}
    if any(getattr(figure, name) != value for name, value in given.items()):
        raise Hint(
            "Leave w and b where the walk starts, 1.65 and 0.45, and the steps at 20."
        )
    if (figure.clip, figure.threshold) != ("norm", 0.25):
        raise Hint("Leave the clipping by norm, with its limit at 0.25.")
    if figure.learning_rate == 1:
        raise NotTried("Move the learning rate above, then run this cell again.")
    longest = np.linalg.norm(np.diff(figure.path, axis=0), axis=1).max()
    if not np.isfinite(longest):
        raise Hint("A number has overflowed: this rate is far too large.")
    if figure.thrown_at is not None:
        raise Hint(
            f"Update {figure.thrown_at} is longer than 1, and the longest of all is "
            f"{longest:.2f}. How long can an update be, if no gradient is longer than "
            "0.25?"
        )
    if longest < 0.95:
        raise Hint(
            f"It is not thrown off: its longest update is {longest:.2f}, and 1 is "
            "allowed. You can go faster."
        )
    return (
        f"The longest update is {longest:.2f}. Learning rate times limit: no update "
        "can be longer, wherever the walk goes. So the two are one decision, and "
        "whoever halves one may double the other."
    )


@exercise
def at_rest(factor):
    """A function (h) -> what a step back is multiplied by where tanh(w_h h) = h."""
    states = np.array([0.3, 0.5, 0.8, -0.8, 0.99])
    found = [array(ask(factor, h)) for h in states]
    if any(one.ndim for one in found):
        raise Hint(f"One number is wanted, and this has shape {found[0].shape}.")
    weight, slope = np.arctanh(states) / states, 1 - states**2
    right = weight * slope
    mistakes = {
        "This is the slope of tanh alone. The step back meets the weight as well, and "
        "a unit that rests far out needs a large one.": slope,
        "This is the weight that makes it rest there. What does tanh do on the way "
        "back?": weight,
        "The weight is turned round: if tanh(w_h h) = h, then w_h h is what?": (
            states / np.arctanh(states) * slope
        ),
        "This takes w_h h for the weight. It has to be divided by something.": (
            np.arctanh(states) * slope
        ),
        "h is the state, so tanh is already in it: 1 - tanh(h)**2 takes it again.": (
            weight * (1 - np.tanh(states) ** 2)
        ),
        "The slope of tanh is 1 - h**2, and this has 1 - h.": weight * (1 - states),
    }
    compare(np.array(found), right, mistakes, "Two factors: the weight, and the slope.")
    return (
        f"At 0.5 a step back keeps {right[1]:.2f}, at 0.99 only {right[4]:.2f}, and it "
        "is below 1 at every h but 0. So a unit that holds a bit loses its gradient, "
        "whatever its weight: not by bad luck, but by the same arithmetic."
    )
