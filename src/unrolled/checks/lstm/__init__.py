"""The checks of chapter 4, the LSTM."""

import copy
import dataclasses

import numpy as np

from unrolled.cells import LSTMCell
from unrolled.checks import exercise, predictions
from unrolled.checks.answers import (
    Hint,
    NotTried,
    Raised,
    array,
    ask,
    compare,
    number,
    same,
)
from unrolled.gradients import gradient_by_lag
from unrolled.rules import apart

predict = predictions(__file__)


@exercise
def extremes(answer):
    """A dictionary: what a step does to c with both gates at their ends."""


@exercise
def bias(of):
    """A function (steps) -> the b_f with which c is halved in so many steps."""
    steps = np.array([1, 2, 10, 100, 1000])
    found = np.array([number(ask(of, int(one))) for one in steps])

    def logit(f):
        return np.log(f / (1 - f))

    f = 0.5 ** (1 / steps)
    right = logit(f)
    mistakes = {
        "gate_itself": f,
        "logarithm": np.log(f),
        "sign_wrong": -right,
        "sigmoid_of_gate": _sigmoid(f),
        "always_zero": np.zeros(5),
        "amount_taken": logit(1 - 0.5 / steps),
        "one_e_th": logit(np.exp(-1 / steps)),
        "base_2": right / np.log(2),
        "steps_for_a_tenth": logit(0.1 ** (1 / steps)),
    }
    if not same(found, right) and np.allclose(found[3:], right[3:], atol=0.05):
        raise Hint("approximated")
    left = apart(_sigmoid(found[3]) ** 100, 0.5, 2, "g")
    compare(found, right, mistakes, left=left)
    ten, hundred, thousand = (f"{one:.2f}" for one in right[2:])
    return {"ten": ten, "hundred": hundred, "thousand": thousand}


@exercise
def forget_rows(rows):
    """A function (weight_hh_l0 (4H, H)) -> the rows of the forget gate, (H, H)."""
    rng = np.random.default_rng(3)
    for H in (3, 5):
        weight = rng.normal(size=(4 * H, H))
        i, right, g, o = np.split(weight, 4)
        mistakes = {
            "input_gate": i,
            "candidate": g,
            "output_gate": o,
            "every_fourth": weight[1::4],
            "one_row": weight[1],
            "one_of_the_rows": right[0],
            "row_numbers": np.arange(H, 2 * H),
            "columns": right.T,
            "half": weight[: 2 * H],
            "all_below": weight[H:],
            "a_row_late": weight[H + 1 : 2 * H + 1],
            "a_row_early": weight[H - 1 : 2 * H - 1],
        }
        compare(ask(rows, weight), right, mistakes)


@exercise
def mislabelled(which):
    """A function (a, b, g, c), each (T, H) -> the one of a and b that forgets."""
    rng = np.random.default_rng(4)
    found, off, larger = [], [], []
    for run in range(40):
        first, high = run % 2 == 0, run % 4 in (0, 3)  # of a and b, of the two in size
        f, i, g, c = _gates(rng, high, *((8, 3) if run < 4 else (2 + run % 3, 1)))
        off.append(np.abs(i * c[:-1] + f * g - c[1:]).max())
        answer = ask(which, *((f, i) if first else (i, f)), g, c[1:])
        if isinstance(answer, (str, bool, np.bool_)):
            raise Hint("array_wanted")
        answer = array(answer)
        if not same(answer, f) and not same(answer, i):
            for name, other in (("g", g), ("c", c[1:])):
                if same(answer, other):
                    raise Hint("another", name=name)
            raise Hint("neither")
        found.append(same(answer, f))
        larger.append(found[-1] == (f.mean() > i.mean()))
    if not any(found):
        raise Hint("input_gate", all=len(found))
    if found in (20 * [True, False], 20 * [False, True]):
        raise Hint("always_the_same", name="a" if found[0] else "b")
    if all(larger) or not any(larger):
        raise Hint("larger" if larger[0] else "smaller")
    if not all(found):
        raise Hint("some_right", count=sum(found), all=len(found))
    return {"off": f"{max(off):.1f}", "count": len(found)}


def _gates(rng, high, T, H):
    """f, i, g (T, H) and c (T + 1, H) of a run in which f is above i, or below.

    They are so near each other that only the right arithmetic tells them apart.
    """
    above = rng.uniform(0.3, 1, (T, H))
    gates = above, above - rng.uniform(0.05, 0.3, (T, H))
    f, i = gates if high else gates[::-1]
    g, c = rng.uniform(-1, 1, (T, H)), np.zeros((T + 1, H))
    for t in range(T):
        c[t + 1] = f[t] * c[t] + i[t] * g[t]
    return f, i, g, c


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
        "too_early": np.cumprod(back, axis=0),
        "from_first": lags(f[:-1]),
        "from_first_without_1": np.cumprod(f, axis=0),
        "from_second": lags(f[1:]),
        "last_missing": lags(back[1:]),
        "reversed": right[::-1],
        "row_too_many": lags(back),
        "not_multiplied": np.vstack([one, back[:-1]]),
        "turned_round": back,
        "last_for_all": f[-1] ** np.arange(6)[:, None],
        "added": np.vstack([one, np.cumsum(back[:-1], axis=0)]),
        "over_units": np.cumprod(f, axis=1),
    }
    compare(ask(products, f), right, mistakes, before="c_{T-1}")
    small, middle, large = np.array([0.5, 0.95, 0.99]) ** 100
    return {"small": f"{small:.0e}", "middle": f"{middle:.3f}", "large": f"{large:.2f}"}


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
            raise _in_silence(quiet)
        raise _in_noise(_run(cell, x), right(cell))
    weakest = np.abs(_run(cell, x).h_n.sum(axis=-1)).min()
    back = cell.backward(quiet, grad_c_n=np.ones_like(quiet.c_n)).c
    left = np.linalg.norm(back[0]) / np.linalg.norm(back[-1])
    along_c = bool(0.1 < left < 10)
    return {
        "weakest": f"{weakest:.2f}",
        "along_c": along_c,
        "left": f"{left:.2f}" if along_c else f"{left:.1g}",
    }


def _in_silence(run):
    """The hint at why a latch is wrong without noise: of a 1, a -1, then zeros."""
    first, last, shown = run.c[0], run.c_n, run.h_n.sum(axis=-1)
    told = {"one": apart(shown[0], 0.1), "other": apart(shown[1], -0.1)}
    size = np.abs(first).max(axis=-1)
    if size.max() < 0.1:
        return Hint("shut_out", size=f"{size.max():.2g}")
    if size.min() < 0.1:
        heard, unheard = ("1", "-1") if size[0] > size[1] else ("-1", "1")
        sizes = {"large": f"{size.max():.2f}", "small": f"{size.min():.2f}"}
        return Hint("one_bit_unheard", heard=heard, unheard=unheard, **sizes, **told)
    differ = np.abs(first[0] - first[1]).max()
    if differ < 0.1:
        return Hint("bits_alike")
    left = np.abs(last[0] - last[1]).max() / differ
    if left < 0.5:
        return Hint("leaks", left=f"{left:.1g}", f=f"{run.f[-1].max():.4g}")
    if (run.o[-1] < 0.2).all():
        return Hint("not_shown", o=f"{run.o[-1].max():.2g}")
    if shown[0] < -0.1 and shown[1] > 0.1:
        return Hint("sign_wrong", **told)
    if np.abs(last).max() > 2 * np.abs(first).max():
        return Hint("zeros_write", first=_widest(first), last=_widest(last))
    return Hint("units_disagree", **told)


def _in_noise(run, right):
    """The hint at why a latch that is right in silence is wrong in noise."""
    count, opened = int(right.sum()), run.i[1:].mean(axis=(0, 1)).max()
    if opened > 0.01:
        return Hint("input_open", count=count, opened=f"{opened:.2g}")
    if run.f[1:].min() < 0.99:
        return Hint("forget_moved", count=count, f=f"{run.f[1:].min():.2g}")
    return Hint("noise_otherwise", count=count)


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
        raise _miscounted(run, c, depth)
    shown = run.h[[0, 3, 4], 3, 0]
    one, four, five = (f"{state:.4f}" for state in shown)
    worst, deepest = f"{off(cell):.1g}", f"{depth.max():.0f}"
    return {"off": worst, "depth": deepest, "one": one, "four": four, "five": five}


def _miscounted(run, c, depth):
    """The hint at where a counter goes wrong: the first texts of `brackets` in turn."""
    leak, letters, pair = c[:, 0], c[:, 1], c[:, 2]
    if abs(leak[0] - 1) > 0.05:
        written = {"i": f"{run.i[0, 0, 0]:.2g}", "g": f"{run.g[0, 0, 0]:.2g}"}
        key = "counts_down" if leak[0] < -0.05 else "first_wrong"
        near = np.copysign(0.05, leak[0] - 1)
        return Hint(key, c=apart(leak[0], 1 + near, 2, "g"), **written)
    worst = np.abs(letters).argmax()
    if abs(letters[worst]) > 0.05:
        near = np.copysign(0.05, letters[worst])
        return Hint("letters_write", c=apart(letters[worst], near, 2, "g"))
    if abs(leak[-1] - 1) > 0.05:
        c = apart(leak[-1], 1 + np.copysign(0.05, leak[-1] - 1), 2, "g")
        return Hint("leaks", c=c, f=f"{run.f[-1, 0, 0]:.4g}")
    if abs(pair[1]) > 0.05:
        told = {"c": apart(pair[1], np.copysign(0.05, pair[1]), 2, "g")}
        if abs(pair[1] - 1) < 0.05:
            return Hint("closing_unheard", **told)
        if pair[1] > 1.5:
            return Hint("closing_adds", **told)
        gates = {name: f"{getattr(run, name)[1, 2, 0]:.2g}" for name in "fig"}
        return Hint("closing_gates", **gates, **told)
    off = np.abs(c - depth)
    t = (off > 0.05).any(axis=1).argmax()  # the first time
    n = off[t].argmax()
    near = depth[t, n] + np.copysign(0.05, c[t, n] - depth[t, n])
    open_there, counted = f"{depth[t, n]:.0f}", apart(c[t, n], near)
    return Hint("share_lost", at=int(t) + 1, depth=open_there, c=counted)


@exercise
def silent(figure):
    """An `LSTMGates` that stores a 1 from step 2 on, and shows it at step 16 only."""


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
            raise _why_not(lstm, before, found)
    f = _forget_gates(lstm)
    slope = np.median(f * (1 - f))
    return {
        "least": f"{min(found):.2g}",
        "most": f"{max(found):.2g}",
        "before": f"{_kept(before):.0e}",
        "movable": bool(slope >= 1e-4),
        "slope": f"{slope:.0e}",
    }


def _change(change, lstm, before):
    """Let the reader's function change an LSTM; a `Hint` where it is not usable."""
    try:
        answer = ask(change, lstm, copied=False)
    except Raised as error:
        if "in-place" in str(error.__cause__):
            raise Hint("guarded", raised=error) from None
        raise
    except NotTried:
        if _sizes(lstm) == _sizes(before) and not _alike(lstm, before):
            raise Hint("not_returned") from None
        raise
    if answer is not lstm:
        raise Hint("another" if isinstance(answer, type(lstm)) else "something_else")
    if _sizes(lstm) != _sizes(before):
        raise Hint("sizes_changed")


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
    """The hint at why the last of the gradients that were found is out of range."""
    last = found[-1]
    if not np.isfinite(last):
        return Hint("not_finite")
    if _alike(lstm, before):
        return Hint("unchanged", left=f"{last:.0e}")
    if len(found) > 1:
        numbers = ", ".join(apart(one, 5 if one > 1 else 0.05, 2, "g") for one in found)
        return Hint("by_the_seed", count=len(found), numbers=numbers)
    if last > 5:
        return Hint("grows", factor=apart(last, 5, 2, "g"))
    f, left = _forget_gates(lstm).max(), apart(last, 0.05, 1, "g")
    if f**300 >= 0.05:
        return Hint("fades_nearly_all", left=left, f=f"{f:.4f}")
    return Hint("fades", left=left, f=f"{f:.4f}", power=f"{f**300:.1g}")


@exercise
def race(figure):
    """A `MemoryRace` whose LSTM keeps c and its gradient, each between 1/2 and 1."""


def _sigmoid(a):
    return 1 / (1 + np.exp(-a))


def _cell(make, d, H=None):
    """The `LSTMCell` of the given sizes that the reader's function returns."""
    cell = ask(make)
    if not isinstance(cell, LSTMCell):
        kind = str(type(cell)).split("'")[1]  # with its module: PyTorch has one too
        raise Hint("cell_wanted", kind=kind)
    if cell.input_size != d:
        raise Hint("features_wrong", features=cell.input_size, wanted=d)
    if H is not None and cell.hidden_size != H:
        raise Hint("units_wrong", units=cell.hidden_size, wanted=H)
    return cell


def _run(cell, x):
    return cell.run(x.astype(cell.dtype))


def _stray_rows(cell, passes, orders):
    """Raise a `Hint` where a wrong cell would pass without W_h or in another order.

    orders : where the reader may have thought i, f, g and o to stand, as "figo". Gates
        that are alike in a right cell must not change places: that hides other errors.
    """
    if cell.W_h.any() and passes(dataclasses.replace(cell, W_h=0 * cell.W_h)):
        raise Hint("W_h_harms")
    for order in orders:
        if passes(_reordered(cell, order)):
            raise Hint("order_wrong")


@exercise
def taken_out(step):
    """A function (x, h, c, W_x, W_h, b, out) -> (h, c), without the gates in `out`."""
    rng = np.random.default_rng(11)
    d, H = 2, 3
    shapes = (4 * H, d), (4 * H, H), 4 * H
    cell = LSTMCell(*(rng.normal(size=shape) for shape in shapes))
    x, h, c = rng.normal(size=d), rng.uniform(-1, 1, H), rng.normal(size=H)
    for out in ("", "f", "i", "o", "fo", "oif"):
        weights = cell.W_x, cell.W_h, cell.b
        answer = ask(step, x, h, c, *weights, out)
        if not isinstance(answer, (tuple, list)) or len(answer) != 2:
            raise Hint("two_wanted")
        if any(one is ... for one in answer):
            raise NotTried("still_dots")
        for name, one in zip("hc", answer, strict=True):
            if (shape := array(one).shape) != (H,):
                wanted = str((H,))
                raise Hint("shape_of", name=name, shape=str(shape), wanted=wanted)

        def stepped(clamp, cell=cell):
            run = cell.run(x[None], h, c, clamp=clamp)
            return np.array([run.h[0], run.c[0]])

        taken = dict.fromkeys(out, 1.0)
        others = dict.fromkeys(set("ifo") - set(out), 1.0)
        right, all_there = stepped(taken), stepped({})
        mistakes = {
            "ignored": all_there,
            "shut": stepped(dict.fromkeys(out, 0.0)),
            "the_others": stepped(others),
            "first_alone": stepped(dict.fromkeys(out[:1], 1.0)),
            "changed_places": right[::-1],
            "order_wrong": stepped(taken, _reordered(cell, "ifog")),
            "c_shown": [right[1] * stepped(taken)[0] / np.tanh(right[1]), right[1]],
        }
        mistakes = {key: np.array(one) for key, one in mistakes.items()}
        answer = np.array([array(one) for one in answer])
        compare(answer, right, mistakes, out=out, given=bool(out))


def _reordered(cell, order):
    """A cell that takes the blocks to stand in this order: "ifog" for i, f, o, g."""
    W_x, W_h, b = (
        np.concatenate([np.split(rows, 4)[order.index(gate)] for gate in "ifgo"])
        for rows in (cell.W_x, cell.W_h, cell.b)
    )
    return dataclasses.replace(cell, W_x=W_x, W_h=W_h, b=b)
