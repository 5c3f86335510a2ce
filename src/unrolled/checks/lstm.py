"""The checks of chapter 4, the LSTM."""

import copy
import dataclasses

import numpy as np

from unrolled.cells import LSTMCell
from unrolled.checks import (
    Hint,
    NotTried,
    Raised,
    array,
    ask,
    compare,
    exercise,
    explorer,
    same,
    words,
)
from unrolled.gradients import gradient_by_lag


@exercise
def extremes(answer):
    """A dictionary: what a step does to c with both gates at their ends."""
    right = {
        "f = 1, i = 0": "keep",
        "f = 0, i = 1": "replace",
        "f = 1, i = 1": "add",
        "f = 0, i = 0": "erase",
    }
    hints = {
        "f = 1, i = 0": "What does f multiply, and does a gate at 1 let it through or "
        "stop it? Then the same for i.",
        "f = 0, i = 1": "What is left of the old cell state, and what comes in?",
        "f = 1, i = 1": "The candidate comes in. Does the old cell state have to go?",
        "f = 0, i = 0": "Nothing comes in. And what is left?",
    }
    words(answer, right, hints)
    return (
        "The cell of 1997 had no forget gate, so f was always 1: it could keep and "
        "add. To replace and to erase came three years later."
    )


@exercise
def bias(of):
    """A function (steps) -> the b_f with which c is halved in so many steps."""
    steps = np.array([2, 10, 100, 1000])
    found = [array(ask(of, int(one))) for one in steps]
    if any(one.ndim for one in found):
        raise Hint(f"One number is wanted, and this has shape {found[0].shape}.")
    found = np.array(found)

    def logit(f):
        return np.log(f / (1 - f))

    f = 0.5 ** (1 / steps)
    right = logit(f)
    mistakes = {
        "This is the forget gate itself. With which bias does the sigmoid give it?": f,
        "This is the logarithm of the forget gate. It undoes an exponential: what "
        "undoes the sigmoid?": np.log(f),
        "The sign is wrong: this gate would be shut.": -right,
        "This puts the gate into the sigmoid. The gate is what should come out of "
        "it.": _sigmoid(f),
        "This is 0 for any number of steps: with it c is halved at every step.": (
            np.zeros(4)
        ),
        "This takes the same amount off at each step. A gate takes a share of what is "
        "left.": logit(1 - 0.5 / steps),
        "With this c falls to 1/e. One half is wanted.": logit(np.exp(-1 / steps)),
        "Near, for many steps; but it was made with an approximation. f itself can be "
        "had exactly: which power of f is one half?": np.log(steps / np.log(2)),
        "The sigmoid is made with e, and this logarithm has base 2.": right / np.log(2),
    }
    left = _sigmoid(found[2]) ** 100
    compare(
        found,
        right,
        mistakes,
        f"With your b_f for 100 steps, {left:.2g} of c is left after 100 steps.",
    )
    return (
        f"{right[1]:.2f} for ten steps, {right[2]:.2f} for a hundred, {right[3]:.2f} "
        "for a thousand: ten times as long costs 2.3 more, which is log(10). PyTorch "
        "starts this bias near 0, and at 0 the cell state is halved at every step."
    )


@exercise
def forget_rows(rows):
    """A function (weight_hh_l0 (4H, H)) -> the rows of the forget gate, (H, H)."""
    rng = np.random.default_rng(3)
    for H in (3, 5):
        weight = rng.normal(size=(4 * H, H))
        i, right, g, o = np.split(weight, 4)
        mistakes = {
            "These rows make the input gate.": i,
            "These rows make the candidate.": g,
            "These rows make the output gate.": o,
            "This is every fourth row. A gate's rows stand together.": weight[1::4],
            "This is one row. A gate has one for each unit.": weight[1],
            "This is one row of the gate. It has one for each unit.": right[0],
            "These are the rows' numbers. The rows themselves are wanted.": (
                np.arange(H, 2 * H)
            ),
            "The right rows, but turned into columns.": right.T,
            "This is half of the rows. How many gates are stacked, with the "
            "candidate?": weight[: 2 * H],
            "The right rows, and all that stand below them.": weight[H:],
        }
        compare(
            ask(rows, weight),
            right,
            mistakes,
            "How many rows has a gate, and how many stand above this one's?",
        )
    return (
        "The same rows of `weight_ih_l0` belong to it, and the same numbers of both "
        "biases: that is where a start with b_f = 1 is written, into one of the two."
    )


@exercise
def mislabelled(which):
    """A function (a, b, g, c), each (T, H) -> the one of a and b that forgets."""
    rng = np.random.default_rng(4)
    T, H = 8, 3
    found, off = [], []
    # Which of the two is the forget gate, and whether it is the larger one.
    for first, larger in ((True, True), (False, False), (True, False), (False, True)):
        high, low = rng.uniform(0.5, 1, (T, H)), rng.uniform(0, 0.6, (T, H))
        f, i = (high, low) if larger else (low, high)
        g, c = rng.uniform(-1, 1, (T, H)), np.zeros((T + 1, H))
        for t in range(T):
            c[t + 1] = f[t] * c[t] + i[t] * g[t]
        off.append(np.abs(i * c[:-1] + f * g - c[1:]).max())
        answer = ask(which, *((f, i) if first else (i, f)), g, c[1:])
        if isinstance(answer, (str, bool, np.bool_)):
            raise Hint("Return the array itself, a or b, and not what it is called.")
        answer = array(answer)
        if not same(answer, f) and not same(answer, i):
            for name, other in (("g", g), ("c", c[1:])):
                if same(answer, other):
                    raise Hint(f"This is {name}. One of a and b is wanted.")
            raise Hint("This is neither a nor b. Return one of the two, as it is.")
        found.append(same(answer, f))
    if not any(found):
        raise Hint("Four runs, and each time it was the input gate that you returned.")
    if found == [True, False, True, False] or found == [False, True, False, True]:
        name = "a" if found[0] else "b"
        raise Hint(f"You return {name} every time. In some runs it is the other one.")
    if found == [True, False, False, True] or found == [False, True, True, False]:
        size = "larger" if found[0] else "smaller"
        raise Hint(
            f"You return the {size} gate every time. A forget gate may be either. What "
            "do the two multiply?"
        )
    if not all(found):
        raise Hint(
            f"{sum(found)} of four runs are right. Which c does the forget gate "
            "multiply to give c[t]?"
        )
    return (
        "Four runs, four times right, also where the forget gate was the smaller one. "
        f"The wrong reading is off by {min(off):.1f} and more, the right one by "
        "nothing: so little arithmetic would have caught that figure."
    )


@exercise
def direct(products):
    """A function (f (T, H)) -> the product of the last k rows by lag k, (T, H)."""
    rng = np.random.default_rng(5)
    f = rng.uniform(0.3, 1, (6, 3))
    back = f[::-1]
    one = np.ones((1, 3))

    def lags(gates):
        return np.vstack([one, np.cumprod(gates, axis=0)])

    right = lags(back[:-1])
    mistakes = {
        "All is a step too early: the first row has a gate in it already. How many "
        "valves are there between c_T and itself?": np.cumprod(back, axis=0),
        "These products begin at the first step. Which gate does the gradient meet "
        "first on its way back?": lags(f[:-1]),
        "These products begin at the first step, and the first row should be 1.": (
            np.cumprod(f, axis=0)
        ),
        "These products begin at the second step. Which gate does the gradient meet "
        "first on its way back?": lags(f[1:]),
        "The last step's gate is missing. It stands between c_{T-1} and c_T.": (
            lags(back[1:])
        ),
        "Right, but the other way round: lag 0 is to stand first.": right[::-1],
        "One row too many: from c_1 to c_T are T - 1 steps, and c_0 was not asked "
        "for.": lags(back),
        "These are the gates by lag, not yet multiplied up.": np.vstack(
            [one, back[:-1]]
        ),
        "These are the gates, turned round. They have to be multiplied.": back,
        "The last step's gate is used for all. Each step has its own.": (
            f[-1] ** np.arange(6)[:, None]
        ),
        "The gates are added up here. What does a valve do to what comes through?": (
            np.vstack([one, np.cumsum(back[:-1], axis=0)])
        ),
        "Products run over the units here. Along which axis is time?": (
            np.cumprod(f, axis=1)
        ),
    }
    compare(
        ask(products, f), right, mistakes, "Is it one more gate for each further lag?"
    )
    gates = np.full((101, 3), [0.5, 0.95, 0.99])
    far = np.cumprod(gates[1:], axis=0)[-1]
    return (
        "No weight and no tanh in it, and no other unit: each has a half-life of its "
        f"own. Gates of 0.5, 0.95 and 0.99 leave {far[0]:.0e}, {far[1]:.3f} and "
        f"{far[2]:.2f} after a hundred steps, in one and the same layer."
    )


@exercise
def latch(make):
    """A function () -> an `LSTMCell` that holds a bit through 1,000 steps of noise."""
    cell = _cell(make, 1)
    x = 0.1 * np.random.default_rng(6).normal(size=(1001, 100, 1))
    x[0, :, 0] = bits = np.tile([1.0, -1.0], 50)
    silence = x[:, :2].copy()
    silence[1:] = 0

    def right(cell, x=x):
        return bits[: x.shape[1]] * _run(cell, x).h_n.sum(axis=-1) > 0.1

    quiet = _run(cell, silence)
    if not right(cell).all():
        orders = ("figo", "ifog", "fiog", "igfo", "gifo")
        _stray_rows(cell, lambda other: right(other, x[:, :20]).all(), orders)
        if not right(cell, silence).all():
            raise Hint(_in_silence(quiet))
        raise Hint(_in_noise(_run(cell, x), right(cell)))
    weakest = np.abs(_run(cell, x).h_n.sum(axis=-1)).min()
    said = (
        f"A hundred sequences, a hundred bits, and the weakest answer is {weakest:.2f}."
    )
    back = cell.backward(quiet, grad_c_n=np.ones_like(quiet.c_n)).c
    left = np.linalg.norm(back[0]) / np.linalg.norm(back[-1])
    if not 0.1 < left < 10:
        return (
            f"{said} But what comes back to the first cell state is {left:.1g} times "
            "the gradient of the last: this cell holds its bit by way of h, as chapter "
            "3's unit did. Can you do it along c?"
        )
    return (
        f"{said} Of the gradient of the last cell state {left:.2f} comes back to the "
        "first. What keeps the noise out is a gate that is shut, and no flat tanh: so "
        "this memory is firm and not deaf."
    )


def _in_silence(run):
    """Why a latch is wrong even without noise: run is of a 1, a -1, then zeros."""
    first, last, shown = run.c[0], run.c_n, run.h_n.sum(axis=-1)
    size = np.abs(first).max(axis=-1)
    if size.max() < 0.1:
        return (
            f"The first input hardly gets in: after it no cell state is beyond "
            f"{size.max():.2g}. What must open, and what must there be to write?"
        )
    if size.min() < 0.1:
        bit, other = ("1", "-1") if size[0] > size[1] else ("-1", "1")
        return (
            f"A bit of {bit} is stored as {size.max():.2f}, a bit of {other} as "
            f"{size.min():.2f}, and in the end the hidden states add up to "
            f"{shown[0]:.2f} after a 1 and to {shown[1]:.2f} after a -1. An input gate "
            "that opens for the one shuts for the other. What could hear both?"
        )
    differ = np.abs(first[0] - first[1]).max()
    if differ < 0.1:
        return (
            "Both bits are written down, and in the same words: the cell states after "
            "a 1 and after a -1 are alike. Which part of the cell has a sign?"
        )
    left = np.abs(last[0] - last[1]).max() / differ
    if left < 0.5:
        return (
            f"Without any noise, {left:.1g} of what told a 1 from a -1 is left in the "
            "cell state after a thousand steps. A thousand steps are many: what is "
            f"{run.f[-1].max():.4g} to the power of 1000?"
        )
    if (run.o[-1] < 0.2).all():
        return (
            f"The bit is in the cell state to the end, and the output gate is at "
            f"{run.o[-1].max():.2g}: it does not show."
        )
    if shown[0] < -0.1 and shown[1] > 0.1:
        return (
            f"Firmly kept, with the wrong sign: after a 1 the hidden states add up to "
            f"{shown[0]:.2f}."
        )
    if np.abs(last).max() > 2 * np.abs(first).max():
        return (
            f"Without any noise, the cell state goes from {_widest(first)} to "
            f"{_widest(last)}. Inputs of zero write something: what?"
        )
    return (
        f"In the end the hidden states add up to {shown[0]:.2f} after a 1 and to "
        f"{shown[1]:.2f} after a -1. The cell state knows the bit. Does every unit, "
        "with its sign, say the same as the others?"
    )


def _in_noise(run, right):
    """Why a latch that is right in silence is wrong in noise."""
    said = f"Without the noise it would do. With it {right.sum()} of 100 are right. "
    opened = run.i[1:].mean(axis=(0, 1)).max()
    if opened > 0.01:
        return (
            f"{said}While the noise comes, an input gate is open to {opened:.2g} on "
            "average, and a thousand small inputs add up. How far must it be shut at "
            "0.3, and how far open at 1?"
        )
    if run.f[1:].min() < 0.99:
        return (
            f"{said}The noise moves a forget gate, down to {run.f[1:].min():.2g}. Does "
            "it have to read the input at all?"
        )
    return f"{said}On which way does the noise still get in, or the bit out?"


def _widest(states):
    return f"{states.flat[np.abs(states).argmax()]:.2f}"


@exercise
def brackets(make):
    """A function () -> an `LSTMCell` with one unit whose c counts open brackets."""
    cell = _cell(make, 2, 1)
    rng = np.random.default_rng(7)
    texts = ["(" + 399 * "a", 400 * "a", "()" + 398 * "a", 200 * "(" + 200 * ")"]
    for _ in range(8):
        text = ""
        while len(text) < 400:
            closed = text.count("(") == text.count(")")
            text += rng.choice(list("(a" if closed else "()a"))
        texts.append(text)
    x = np.array([[(one == "(", one == ")") for one in text] for text in texts], float)
    x = x.swapaxes(0, 1)
    depth = np.cumsum(x[..., 0] - x[..., 1], axis=0)

    def off(cell):
        return np.abs(_run(cell, x).c[..., 0] - depth).max()

    run = _run(cell, x)
    c = run.c[..., 0]
    if not off(cell) <= 0.05:
        orders = ("ifog", "fiog", "igfo", "gifo")
        _stray_rows(cell, lambda other: off(other) <= 0.05, orders)
        raise Hint(_miscounted(run, c, depth))
    shown = run.h[[0, 3, 4], 3, 0]
    return (
        f"Off by {off(cell):.1g} at most, even {depth.max():.0f} deep. The hidden "
        f"state says {shown[0]:.4f} of one bracket, {shown[1]:.4f} of four and "
        f"{shown[2]:.4f} of five: what counts is the state that no tanh squeezes."
    )


def _miscounted(run, c, depth):
    """Where a counter goes wrong: the first texts of `brackets`, one by one."""
    leak, letters, pair = c[:, 0], c[:, 1], c[:, 2]
    written = f"i is {run.i[0, 0, 0]:.2g} there, and g is {run.g[0, 0, 0]:.2g}"
    if abs(leak[0] - 1) > 0.05:
        start = f"One opening bracket takes the cell state to {leak[0]:.2g}. "
        if leak[0] < -0.05:
            return f"{start}The count goes the wrong way: {written}."
        return f"{start}What is added is i times g: {written}."
    worst = np.abs(letters).argmax()
    if abs(letters[worst]) > 0.05:
        return (
            f"A text without any bracket takes the cell state to {letters[worst]:.2g}. "
            "Letters write something: what is g at (0, 0)?"
        )
    if abs(leak[-1] - 1) > 0.05:
        return (
            "A bracket that stays open is a bracket at the end too. But with one, and "
            f"399 letters behind it, the cell state ends at {leak[-1]:.2g}. f is "
            f"{run.f[-1, 0, 0]:.4g}: what is that to the power of 399?"
        )
    if abs(pair[1]) > 0.05:
        if abs(pair[1] - 1) < 0.05:
            why = "A closing bracket changes nothing."
        elif pair[1] > 1.5:
            why = "A closing bracket is counted as one more."
        else:
            why = (
                f"At the second, f is {run.f[1, 2, 0]:.2g}, i is "
                f"{run.i[1, 2, 0]:.2g} and g is {run.g[1, 2, 0]:.2g}."
            )
        return f"() takes the cell state to {pair[1]:.2g}. {why}"
    off = np.abs(c - depth)
    t = (off > 0.05).any(axis=1).argmax()  # the first time
    n = off[t].argmax()
    return (
        f"One bracket is right to 0.05, but at character {t + 1} of one text "
        f"{depth[t, n]:.0f} are open, and the cell state is {c[t, n]:.2f}. What is "
        "lost at a step is a share of what is there: which of your weights can go "
        "further?"
    )


@exercise
def silent(figure):
    """An `LSTMGates` that stores a 1 from step 2 on, and shows it at step 16 only."""
    figure = explorer(figure, "LSTMGates")
    x, c, h = figure.x, figure.cell_states, figure.hidden_states
    if len(x) != 16:
        raise Hint(f"Leave the number of steps at 16; there are {len(x)}.")
    given = {
        "x": [0, 1] + 14 * [0],
        "i": [10, 0, -5],
        "f": [0, -14, 5],
        "g": [2, 0, 0],
        "o": [-10, 0, -5],
    }
    if not figure.clamp and all(
        list(getattr(figure, name)) == value for name, value in given.items()
    ):
        raise NotTried("Move the figure above, then run this cell again.")
    if x[1] != 1:
        raise Hint("Leave the 1 at step 2: it is what should be stored.")
    gates = figure.gates
    stored, shown = c[2:15], np.abs(h[2:15])
    held = figure.clamp_o is not None
    if stored.min() < 0.9:
        step = np.flatnonzero(stored < 0.9)[0] + 3
        at = f"At step {step} only {c[step - 1]:.3f} is stored. "
        if c[1] <= -0.9:
            raise Hint(f"{at}The 1 is written down as {c[1]:.2f}: which sign has g?")
        if c[1] < 0.9:
            raise Hint(
                f"{at}Step 2 writes no more than {c[1]:.2f}: i is {gates['i'][1]:.2f} "
                f"there, and g is {gates['g'][1]:.2f}."
            )
        raise Hint(
            f"{at}Step 2 wrote {c[1]:.2f}; at step {step} f is "
            f"{gates['f'][step - 1]:.3f}, and i times g "
            f"{gates['i'][step - 1] * gates['g'][step - 1]:.2f}."
        )
    if held and (shown.max() > 0.05 or h[15] < 0.6):
        raise Hint(
            f"The output gate is held at {figure.clamp_o:g}, so it is the same at step "
            "15 and at step 16. It should not be."
        )
    if shown.max() > 0.05:
        step = shown.argmax() + 3
        raise Hint(
            f"Well stored. But at step {step} the hidden state is {h[step - 1]:.2f}: "
            f"the output gate is at {gates['o'][step - 1]:.2f}."
        )
    if h[15] < 0.6:
        at = f"Stored in silence up to step 15. At step 16 {h[15]:.2f} is shown. "
        if c[15] < 0.7:
            raise Hint(
                f"{at}The cell state is at {c[15]:.2f} there: what has step 16 done to "
                "it?"
            )
        raise Hint(
            f"{at}The output gate is at {gates['o'][15]:.2f}. What does it read, and "
            "is anything of that different from step 15?"
        )
    return (
        f"At least {stored.min():.2f} stored, at most {shown.max():.3f} shown, and "
        f"{h[15]:.2f} at step 16, where o opens to {gates['o'][15]:.2f}. While o was "
        "shut, nothing could tell from h what the cell had in mind: not the output, "
        "and not its own gates, which read h and never c."
    )


@exercise
def start(change):
    """A function (`torch.nn.LSTM`) -> the same one, fit to learn over 300 steps.

    The gradient of c across 300 steps is measured for five seeds, in float64.
    """
    import torch

    found = []
    for seed in range(5):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            lstm = torch.nn.LSTM(1, 32, dtype=torch.float64)
            before = copy.deepcopy(lstm)
            _change(change, lstm, before)
        found.append(_kept(lstm))
        if not 0.05 <= found[-1] <= 5:
            raise Hint(_why_not(lstm, before, found))
    f = _forget_gates(lstm)
    slope = np.median(f * (1 - f))
    said = (
        f"From {min(found):.2g} to {max(found):.2g} of the gradient, over five seeds. "
        f"As PyTorch had made the last of them, it was {_kept(before):.0e}. "
    )
    if slope < 1e-4:
        return (
            f"{said}But f is so near its end that its slope is {slope:.0e}: training "
            "can hardly move these gates. A start had better leave that open."
        )
    return (
        f"{said}So the loss can hear what was said 300 steps ago before anything is "
        "learned, and you know that in two seconds, not after a night of training."
    )


def _change(change, lstm, before):
    """Let the reader's function change an LSTM; a `Hint` where it is not usable."""
    try:
        answer = ask(change, lstm, copied=False)
    except Raised as error:
        if "in-place" in str(error):
            raise Hint(
                f"{error} PyTorch guards its weights: write `with torch.no_grad():` "
                "above, and indent what changes them."
            ) from None
        raise
    except NotTried:
        if _sizes(lstm) == _sizes(before) and not _alike(lstm, before):
            raise Hint(
                "The lstm was changed, but no lstm is returned. Return the one that "
                "was handed in."
            ) from None
        raise
    if answer is not lstm:
        other = "another one" if isinstance(answer, type(lstm)) else "something else"
        raise Hint(f"The lstm that was handed in is wanted, and this is {other}.")
    if _sizes(lstm) != _sizes(before):
        raise Hint(
            "The weights have other names, shapes or dtypes than before. Only their "
            "numbers should change."
        )


def _sizes(lstm):
    return {k: (v.shape, v.dtype) for k, v in lstm.state_dict().items()}


def _alike(lstm, other):
    one, other = (module.state_dict().values() for module in (lstm, other))
    return all(a.equal(b) for a, b in zip(one, other, strict=True))


def _kept(lstm):
    """The size of the gradient of c after 300 steps back, from 1, in weak noise."""
    x = 0.1 * np.random.default_rng(9).normal(size=(301, 4, 1))
    back = gradient_by_lag(lstm, x, wrt="c")
    return back[300] / back[0]


def _forget_gates(lstm):
    """What the forget gates are while there is neither input nor hidden state."""
    b = (lstm.bias_ih_l0 + lstm.bias_hh_l0).detach().numpy()
    return _sigmoid(np.split(b, 4)[1])


def _why_not(lstm, before, found):
    """Why the last of the gradients that were found is out of range."""
    last = found[-1]
    if not np.isfinite(last):
        return "The gradient is no finite number: what has been written into it?"
    if _alike(lstm, before):
        return (
            f"This lstm is as PyTorch made it, and {last:.0e} of the gradient is left "
            "after 300 steps."
        )
    if len(found) > 1:
        numbers = ", ".join(f"{one:.2g}" for one in found)
        return (
            f"It depends on the seed: the first {len(found)} leave {numbers} of the "
            "gradient. What is drawn differently each time, and by which door does it "
            "get into the cell state?"
        )
    if last > 5:
        return (
            f"The gradient grows to {last:.2g} times what it was. No gate is above 1, "
            "so along the band it cannot grow. Which way round is there besides, and "
            "what stands open on it?"
        )
    widest = _forget_gates(lstm).max()
    return (
        f"After 300 steps {last:.1g} of the gradient is left. The widest of the forget "
        f"gates starts at {widest:.4f}, and to the power of 300 that is "
        f"{widest**300:.1g}."
    )


@exercise
def race(figure):
    """A `MemoryRace` whose LSTM keeps c and its gradient, each between 1/2 and 1."""
    figure = explorer(figure, "MemoryRace")
    if figure.w_h != 0.58 or figure.timesteps != 30:
        raise Hint("Leave w_h at 0.58 and the number of steps at 30.")
    if (figure.b_f, figure.b_i, figure.impulse) == (0, 0, 1):
        if figure.b_z != 0:
            raise Hint("b_z is the GRU's. It is the LSTM that should keep its state.")
        raise NotTried("Move the figure above, then run this cell again.")
    c, left = figure.memories["lstm"], figure.left["lstm"]
    back = figure.gradients["lstm"][-1]
    f = _sigmoid(figure.b_f)
    if c[0] == 0:
        raise Hint("Nothing at all was let in, so there is nothing to keep.")
    if not left <= 1 + 1e-9:
        raise Hint(
            f"The cell state has grown to {left:.3g} times the first one, and the "
            f"gradient is at {back:.3g}. f is {f:.3f}, and cannot make anything grow. "
            "What else comes in at each step, and through what?"
        )
    if left < 0.5:
        raise Hint(
            f"Of the first cell state {left:.2g} is left. f is {f:.3f}, and to the "
            f"power of 29 that is {f**29:.2g}."
        )
    if back < 0.5:
        raise Hint(
            f"{left:.2f} of the first cell state is left, but {back:.2g} of the "
            "gradient. What leaks out comes back through tanh, and tanh gives less and "
            "less: can you make it leak less?"
        )
    said = f"{left:.2f} of the cell state and {back:.2f} of the gradient. "
    biases = {name: getattr(figure, name) for name in ("b_f", "b_i")}
    grown = type(figure)(**biases, w_h=0.7, impulse=figure.impulse).left["lstm"]
    if grown > 1:
        return (
            f"{said}But f alone would leave {f**29:.2g}. The rest comes back through "
            f"h, and that is a balance: with w_h at 0.7 the cell state would grow to "
            f"{grown:.1f} times the first. Can you do without it?"
        )
    return (
        f"{said}f alone would leave {f**29:.2f}, and with w_h at 0.7 it would be "
        f"{grown:.2f}: no balance. You pay at the door: i lets in "
        f"{100 * _sigmoid(figure.b_i):.2g}% of the candidate, where it was 50%."
    )


def _sigmoid(a):
    return 1 / (1 + np.exp(-a))


def _cell(make, d, H=None):
    """The `LSTMCell` of the given sizes that the reader's function returns."""
    cell = ask(make)
    if not isinstance(cell, LSTMCell):
        kind = str(type(cell)).split("'")[1]  # with its module: PyTorch has one too
        raise Hint(f"An LSTMCell of `unrolled.cells` is wanted, and this is a {kind}.")
    if cell.input_size != d:
        raise Hint(
            f"This cell reads {cell.input_size} features. W_x should have as many "
            f"columns as there are features, {d}."
        )
    if H is not None and cell.hidden_size != H:
        raise Hint(
            f"This cell has {cell.hidden_size} units, and {H} is wanted: 4 rows in "
            "W_x, W_h and b."
        )
    return cell


def _run(cell, x):
    return cell.run(x.astype(cell.dtype))


def _stray_rows(cell, passes, orders):
    """Raise a `Hint` where a wrong cell would pass without W_h or in another order.

    orders : where the reader may have thought i, f, g and o to stand, as "figo". Gates
        that are alike in a right cell must not change places: that hides other errors.
    """
    if cell.W_h.any() and passes(dataclasses.replace(cell, W_h=0 * cell.W_h)):
        raise Hint(
            "Without its W_h this cell would do it. What does a hidden state tell the "
            "gates here that they had better not hear?"
        )
    for order in orders:
        W_x, W_h, b = (
            np.concatenate([np.split(rows, 4)[order.index(gate)] for gate in "ifgo"])
            for rows in (cell.W_x, cell.W_h, cell.b)
        )
        if passes(dataclasses.replace(cell, W_x=W_x, W_h=W_h, b=b)):
            raise Hint(
                "These would be the right weights if the blocks of rows stood in "
                "another order. Which one is PyTorch's?"
            )
