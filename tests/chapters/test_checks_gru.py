"""The exercises of chapter 5: stubs, solutions, likely mistakes, nonsense."""

import dataclasses

import numpy as np
from hands.checks import Exercises

from unrolled.cells import GRUCell
from unrolled.checks import gru
from unrolled.explorers import GRUGates, HiddenState


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def step(*, order="rzn", turned=False, part=None, new=None):
    """One step of PyTorch's GRU with one mistake or another.

    part : what the candidate hears, of r, h_n (the product) and b_hn.
    new : the new state, of r, z, n and h.
    """
    part = part or (lambda r, h_n, b_hn: r * (h_n + b_hn))
    new = new or (lambda r, z, n, h: (1 - z) * n + z * h)

    def one_step(x, h, W_x, W_h, b, b_hn):
        from_x = dict(zip(order, np.split(x @ W_x.T + b, 3, -1), strict=True))
        from_h = dict(zip(order, np.split(h @ W_h.T, 3, -1), strict=True))
        r = sigmoid(from_x["r"] + from_h["r"])
        z = sigmoid(from_x["z"] + from_h["z"])
        n = np.tanh(from_x["n"] + part(r, from_h["n"], b_hn))
        return new(r, 1 - z if turned else z, n, h)

    return one_step


def before(x, h, W_x, W_h, b, b_hn):
    H = len(b_hn)
    b = b + np.concatenate([np.zeros(2 * H), b_hn])
    return GRUCell(W_x, W_h, b, reset_after=False).step(x, h)


def only_a_batch(x, *rest):
    if x.ndim < 2:
        raise ZeroDivisionError
    return step()(x, *rest)


def columns(x, h, W_x, W_h, b, b_hn):
    return W_x @ x + W_h @ h + b


def between(of):
    """A function (n, h) of the state before each step, of n and of h."""
    return lambda n, h: of(np.vstack([0 * h[:1], h[:-1]]), n, h)


def most_units(d, H, *, biases=2, budget=None):
    units, budget = 1, budget or 4 * H * (d + H + 2)
    while 3 * (units + 1) * (d + units + 1 + biases) <= budget:
        units += 1
    return units


def swap(array):
    z, r, n = np.split(array, 3, axis=-1)
    return np.concatenate([r, z, n], axis=-1)


def converted(**changed):
    def convert(kernel, recurrent_kernel, bias):
        right = {
            "weight_ih": swap(kernel).T,
            "weight_hh": swap(recurrent_kernel).T,
            "bias_ih": swap(bias[0]),
            "bias_hh": swap(bias[1]),
        }
        given = kernel, recurrent_kernel, bias
        return right | {name: make(*given) for name, make in changed.items()}

    return convert


PULSES = gru.light_switch.task.rule["start"]["x"]
FOUR_PULSES = gru.even_steps.task.rule["start"]["x"]


def light(**traits):
    weights = {"r": [0, 0, 10], "z": [-20, 0, 10], "n": [0, -4, 1]}
    return GRUGates(**{"x": PULSES, **weights, **traits})


def stairs(**traits):
    weights = {"r": [0, 0, 10], "z": [-8.8, -2, 10], "n": [5, 0, 0]}
    return GRUGates(**{"x": FOUR_PULSES, **weights, **traits})


FACTS = {
    "hold": "both",
    "count": "LSTM",
    "hide": "LSTM",
    "add": "LSTM",
    "erase": "both",
    "bounded": "GRU",
    "lighter": "GRU",
}


def back(*, leave="", turned=(), mixed=False, ear=False):
    """One step back, without the ways in `leave`, or with another mistake."""

    def one(dh, h, r, z, n, W_h):
        W_hr, W_hz, W_hn = np.split(W_h, 3)
        if mixed:
            W_hr, W_hz, W_hn = W_hr.T, W_hz.T, W_hn.T
        da_n = dh * (1 - z) * (1 - n**2)
        da_z = dh * (h - n) * z * (1 - z)
        at = W_hn.T @ da_n
        da_r = at * h * r * (1 - r)
        ways = {
            "s": (1 - z if "s" in turned else z) * dh,
            "n": at if ear else r * at,
            "z": (-1 if "z" in turned else 1) * (W_hz.T @ da_z),
            "r": W_hr.T @ da_r,
        }
        return sum(way for name, way in ways.items() if name not in leave)

    return one


def back_after(dh, h, r, z, n, W_h):
    W_hr, W_hz, W_hn = np.split(W_h, 3)
    da_n = dh * (1 - z) * (1 - n**2)
    da_z = dh * (h - n) * z * (1 - z)
    da_r = da_n * (W_hn @ h) * r * (1 - r)
    return z * dh + W_hr.T @ da_r + W_hz.T @ da_z + W_hn.T @ (r * da_n)


def keeps(network):
    W, x, h = np.zeros((6, 2)), np.zeros(2), np.array([0.5, 0.5])
    return np.allclose(network(x, h, W, W, np.array([0, 0, 50, 50, 0, 0.0])), h)


def comes_after(network):
    W_x, W_h, h = np.zeros((6, 2)), np.zeros((6, 2)), np.array([0.5, 0.5])
    W_h[4:] = [[0, 1], [1, 0]]
    one, other = network(h, h, W_x, W_h, np.array([50, -50, 0, 0, 0, 0.0]))
    return bool(one > other)


def move(*, gates=("W_xr", "W_hr", "b_r"), axis=1, other=None):
    """Move r, of the gate's parts only those in `gates`."""

    def moved(cell):
        j = np.abs(cell.W_hn).argmax(axis=axis)

        def part(name):
            value = getattr(cell, name)
            return value[j] if name in gates else value

        return GRUCell(
            np.vstack([part("W_xr"), cell.W_xz, cell.W_xn]),
            np.vstack([part("W_hr"), cell.W_hz, cell.W_hn]),
            np.concatenate([part("b_r"), cell.b_z, cell.b_n]),
        )

    return moved


def moves_all(cell):
    j = np.abs(cell.W_hn).argmax(axis=1)
    rows = np.concatenate([j, 4 + j, 8 + np.arange(4)])
    return GRUCell(cell.W_x[rows], cell.W_h[rows], cell.b[rows])


def counted(d, H, in_lstm, in_gru, equal=True):
    """The most units where so many biases are counted in the one and in the other."""
    budget, units = 4 * H * (d + H + in_lstm), 1
    while 3 * (units + 1) * (d + units + 1 + in_gru) < budget + equal:
        units += 1
    return units


def root(d, H):
    """The size at which the weights would be equal."""
    return (np.sqrt((d + 2) ** 2 + 16 * H * (d + H + 2) / 3) - d - 2) / 2


def nearest(d, H):
    budget = 4 * H * (d + H + 2)
    return min(range(1, 2 * H + 2), key=lambda u: abs(3 * u * (d + u + 2) - budget))


def with_gate(cell, j):
    return GRUCell(
        np.vstack([cell.W_xr[j], cell.W_xz, cell.W_xn]),
        np.vstack([cell.W_hr[j], cell.W_hz, cell.W_hn]),
        np.concatenate([cell.b_r[j], cell.b_z, cell.b_n]),
    )


def turned_back(cell):
    return with_gate(cell, np.argsort(np.abs(cell.W_hn).argmax(axis=1)))


def without_abs(cell):
    return with_gate(cell, cell.W_hn.argmax(axis=1))


def only_four(cell):
    j = [int(np.abs(cell.W_hn[i]).argmax()) for i in range(4)]
    return with_gate(cell, j)


def unit_by_unit(cell):
    H = cell.hidden_size
    W_x, W_h, b = cell.W_x.copy(), cell.W_h.copy(), cell.b.copy()
    for i in range(H):
        (j,) = np.flatnonzero(cell.W_hn[i])
        W_x[i], W_h[i], b[i] = cell.W_x[j], cell.W_h[j], cell.b[j]
    return GRUCell(W_x, W_h, b)


def by_book(x, h, W_x, W_h, b, b_hn):
    return GRUCell(W_x, W_h, b, b_hn=b_hn).step(x, h)


def block_by_block(x, h, W_x, W_h, b, b_hn):
    H = h.shape[-1]
    a = x @ W_x.T + b
    r = 0.5 + 0.5 * np.tanh((a[..., :H] + h @ W_h[:H].T) / 2)
    z = sigmoid(a[..., H : 2 * H] + h @ W_h[H : 2 * H].T)
    n = np.tanh(a[..., 2 * H :] + r * (h @ W_h[2 * H :].T + b_hn))
    return n + z * (h - n)


def step_back_in_time(n, h):
    found, old = [], np.zeros(h.shape[1])
    for candidate, new in zip(n, h, strict=True):
        found.append((new - candidate) / (old - candidate))
        old = new
    return found


def with_the_book(network):
    rng = np.random.default_rng(0)
    given = [rng.normal(size=size) for size in (2, 3, (9, 2), (9, 3), 9)]
    for after in (True, False):
        for keeps in (True, False):
            cell = GRUCell(*given[2:], reset_after=after, update_keeps=keeps)
            if np.allclose(cell.step(*given[:2]), network(*given)):
                return after, keeps


def by_splitting(dh, h, r, z, n, W_h):
    H = len(h)
    at = (dh * (1 - z) * (1 - n * n)) @ W_h[2 * H :]
    through_z = (dh * (h - n) * z * (1 - z)) @ W_h[H : 2 * H]
    return through_z + dh * z + at * r + (at * h * r * (1 - r)) @ W_h[:H]


# The right answers in other forms than the solution's.
RIGHT = {
    "all_zero": ["C", "(c)", "c)"],
    "one_step": [by_book, block_by_block],
    "read_off": [
        step_back_in_time,
        between(lambda old, n, h: 1 - (h - old) / (n - old)),
        between(lambda old, n, h: (n - h) / (n - old)),
    ],
    "slower": ["B", "(b)", "b."],
    "fair": [
        most_units,
        lambda d, H: int(np.floor(root(d, H) + 1e-9)),
        lambda d, H: max(
            u for u in range(2 * H + 1) if u * (d + u + 2) * 3 <= 4 * H * (d + H + 2)
        ),
        lambda d, H: float(most_units(d, H)),
    ],
    "from_keras": [
        converted(),
        converted(
            bias_ih=lambda k, r, b: swap(b[0]) + np.r_[swap(b[1])[:6], np.zeros(3)],
            bias_hh=lambda k, r, b: np.r_[np.zeros(6), b[1][6:]],
        ),
        converted(weight_ih=lambda k, r, b: k.T[[3, 4, 5, 0, 1, 2, 6, 7, 8]].tolist()),
    ],
    "light_switch": [light(), light(n=[1, -4, 0]), light(step=9, gate="n")],
    "back_before": [back(), by_splitting],
    "which_gru": [
        with_the_book,
        lambda network: [comes_after(network), bool(keeps(network))],
    ],
    "moved": [move(), unit_by_unit],
    "even_steps": [
        stairs(),
        stairs(z=[-8.8, -2.2, 10]),
        stairs(z=[-10, 0, 10], n=[0.36, 1.8, 0]),
        stairs(step=3, gate="n"),
    ],
    "advice": [FACTS, {name: f" {word.lower()} " for name, word in FACTS.items()}],
}


# Of each exercise: (a plausible wrong answer, words of the hint that it should get).
WRONG = {
    "all_zero": [
        ("a", "z would have to be 1"),
        ("B", "z would have to be 0"),
        ("(d)", "after one"),
        (0.125, "in quotes"),
        ("none of them", "not one of the 4"),
    ],
    "one_step": [
        (step(turned=True), "z is turned"),
        (step(part=lambda r, h_n, b_hn: r * h_n + b_hn), "r multiplies it too"),
        (before, "What is it that r multiplies there"),
        (step(order="zrn"), "They come as r, z, n"),
        (step(new=lambda r, z, n, h: n), "not divided yet"),
        (step(part=lambda r, h_n, b_hn: r * h_n), "b_hn is missing"),
        (step(part=lambda r, h_n, b_hn: h_n + b_hn), "r is missing"),
        (step(new=lambda r, z, n, h: n + z * h), "comes in whole"),
        (
            step(new=lambda r, z, n, h: (1 - z) * np.arctanh(n) + z * h),
            "lacks its tanh",
        ),
        (step(new=lambda r, z, n, h: (1 - r) * n + r * h), "r shares out"),
        (step(new=lambda r, z, n, h: z), "Print r, z and n"),
        (only_a_batch, "a single x (d) does not"),
        (columns, "in a product"),
        (
            step(new=lambda r, z, n, h: np.tanh((1 - z) * n + z * h)),
            "a tanh of its own",
        ),
        (step(order="rnz"), "the numbers are not"),
    ],
    "read_off": [
        (between(lambda old, n, h: (h - old) / (n - old)), "This is 1 - z"),
        (lambda n, h: (h - n)[1:] / (h[:-1] - n[1:]), "first step is missing"),
        (lambda n, h: (h - n) / (h - n), "the one before"),
        (
            lambda n, h: (h - n) / (np.vstack([h[1:], 0 * h[:1]]) - n),
            "from the step after",
        ),
        (between(lambda old, n, h: (old - n) / (h - n)), "Upside down"),
        (
            between(lambda old, n, h: (h - n) / (old - n) * old),
            "Divide by what it was kept of",
        ),
        (
            between(lambda old, n, h: (h - n) / np.where(old, old, 1)),
            "only its share",
        ),
        (lambda n, h: h, "last line of the GRU"),
        (between(lambda old, n, h: (h - old) / (n - h)), "the way that is left"),
    ],
    "slower": [
        ("a", "three blocks or four"),
        ("(C)", "fewer multiplications"),
        ("d", "gates of the LSTM"),
        ("the library", "not one of the 4"),
        (2, "in quotes"),
    ],
    "fair": [
        (lambda d, H: 4 * H // 3, "every unit hears every unit"),
        (lambda d, H: round(4 * H / 3), "every unit hears every unit"),
        (lambda d, H: H, "three quarters of the weights"),
        (lambda d, H: most_units(d, H) + 1, "the LSTM has"),
        (lambda d, H: most_units(d, H) - 1, "room for another unit"),
        (lambda d, H: most_units(d, H) + 0.5, "Units come whole"),
        (lambda d, H: most_units(d, H, budget=4 * H * (d + H + 1)), "room for"),
        (lambda d, H: (d, H), "One number"),
        (lambda d, H: counted(d, H, 1, 1), "This counts one bias"),
        (lambda d, H: counted(d, H, 0, 0), "This counts no bias"),
        (lambda d, H: counted(d, H, 2, 1), "the LSTM has"),
        (lambda d, H: counted(d, H, 1, 2), "room for another"),
        (lambda d, H: counted(d, H, 2, 0), "the LSTM has"),
        (lambda d, H: counted(d, H, 0, 2), "room for another"),
        (lambda d, H: counted(d, H, 2, 2, equal=False), "room for another"),
        (lambda d, H: counted(0, H, 2, 2), "the LSTM has"),
        (lambda d, H: round(root(d, H)), "the LSTM has"),
        (lambda d, H: int(np.sqrt(4 / 3) * H), "room for another"),
        (lambda d, H: nearest(d, H), "the LSTM has"),
        (lambda d, H: 0, "at least one unit"),
    ],
    "from_keras": [
        (converted(weight_ih=lambda k, r, b: k.T), "as Keras has them"),
        (converted(weight_hh=lambda k, r, b: r.T), "as Keras has them"),
        (converted(bias_ih=lambda k, r, b: b[0]), "as Keras has them"),
        (converted(bias_hh=lambda k, r, b: b[1]), "as Keras has them"),
        (converted(weight_ih=lambda k, r, b: swap(k)), "lies on its side"),
        (
            converted(weight_ih=lambda k, r, b: swap(k).reshape(9, 2)),
            "a reshaped one",
        ),
        (converted(weight_ih=lambda k, r, b: 0 * k.T), "other numbers"),
        (converted(bias_ih=lambda k, r, b: b), "(2, 9)"),
        (
            converted(
                bias_ih=lambda k, r, b: swap(b.sum(0)),
                bias_hh=lambda k, r, b: 0 * b[1],
            ),
            "where r can reach it",
        ),
        (converted(bias_ih=lambda k, r, b: 0 * b[0]), "what Keras adds up"),
        (lambda k, r, b: {"weight_ih": k}, "with these keys"),
        (lambda k, r, b: (k, r, b), "with these keys"),
        (converted(weight_hh=lambda k, r, b: swap(r)), "weight_hh lies on its side"),
        (
            converted(bias_ih=lambda k, r, b: swap(b[1])),
            "what Keras adds up",
        ),
    ],
    "light_switch": [
        (light(n=[0, -4, 0]), "candidate be made of"),
        (light(z=[0, 0, 10]), "holds on to the old state"),
        (light(z=[0, 0, -10]), "At step 1 h is 0.76 already"),
        (light(z=[-10, 0, 1], n=[4, -6, 0]), "No pulse has come"),
        (light(r=[0, 0, -10]), "cannot hear"),
        (light(n=[0, 4, 1]), "So it is the candidate"),
        (light(n=[0, -4, 0.866]), "h is 0.699, and at least 0.7"),
        (light(z=[-10.2, 0, 10], n=[0, -4, 3]), "z is 0.45 there"),
        (light(clamp_r=1), "A gate is held"),
        (light(x=[1.0] * 16), "inputs have been moved"),
        (light(update_keeps=False), "z keeps, r after"),
        (HiddenState(), "this is a HiddenState"),
    ],
    "back_before": [
        (back_after, "arrives at r * h"),
        (back(leave="nzr"), "direct way alone"),
        (back(leave="s"), "direct way is missing"),
        (back(leave="n"), "through the candidate is missing"),
        (back(leave="z"), "through z is missing"),
        (back(leave="r"), "through r is missing"),
        (back(ear=True), "only as r * h"),
        (back(turned="s"), "z is turned"),
        (back(turned="z"), "One sign is turned"),
        (back(mixed=True), "the transposed"),
        (lambda dh, *_: dh, "one way at a time"),
        (lambda dh, h, r, z, n, W: W @ dh, "shape (12,)"),
        (lambda dh, h, r, z, n, W: W.T @ dh, "12 meet 4"),
    ],
    "which_gru": [
        (lambda network: (True, True), "1 of the first 2 were right"),
        (lambda network: (comes_after(network), True), "what z does"),
        (lambda network: (True, keeps(network)), "where r stands"),
        (lambda network: (keeps(network), comes_after(network)), "is wrong about"),
        (lambda network: keeps(network), "Two answers"),
        (lambda network: ("after", "keeps"), "True or False"),
        (lambda network: network(1, 2, 3), "TypeError"),
    ],
    "moved": [
        (move(gates=()), "the old weights"),
        (move(gates=("W_xr",)), "three things"),
        (move(gates=("W_xr", "W_hr")), "three things"),
        (moves_all, "The weights of z need not"),
        (move(axis=0), "hear the units"),
        (turned_back, "hear the units 3, 3, 1, 4"),
        (without_abs, "hear the units"),
        (only_four, "number 3 was asked for, of 3"),
        (lambda cell: cell, "still has r before"),
        (lambda cell: dataclasses.replace(cell, reset_after=True), "the old weights"),
        (lambda cell: cell.with_convention(reset_after=True), "ValueError"),
        (lambda cell: cell.W_h, "A GRUCell is wanted"),
        (
            lambda cell: GRUCell(cell.W_x[:3], cell.W_h[:3, :1], cell.b[:3]),
            "another size",
        ),
    ],
    "even_steps": [
        (stairs(z=[-10, 0, 10]), "the same share of the way"),
        (stairs(z=[-11, 0, 10]), "z is 0.27 at every pulse"),
        (stairs(z=[-2, 0, 2]), "there is no pulse, and h moves"),
        (stairs(z=[0, 0, 10]), "hardly anything comes in"),
        (stairs(z=[-7, -2, 10]), "It is the first pulse"),
        (stairs(z=[-9.2, -4, 10]), "hardly any room left"),
        (stairs(z=[-9.4, -2, 10]), "hardly any room left"),
        (stairs(n=[-5, 0, 0]), "h falls by 0.23"),
        (stairs(n=[0.3, 0, 0]), "cannot rise above it"),
        (stairs(z=[-8.8, 1, 10]), "does it make up for"),
        (stairs(clamp_z=0.5), "A gate is held"),
        (stairs(x=[1.0] * 16), "inputs have been moved"),
        (stairs(reset_after=False), "z keeps, r after"),
        (HiddenState(), "this is a HiddenState"),
    ],
    "advice": [
        (FACTS | {"count": "both"}, "last lines of both cells"),
        (FACTS | {"hide": "GRU"}, "hide: Write down"),
        (FACTS | {"lighter": "LSTM"}, "How large can h become"),
        (FACTS | {"erase": "LSTM"}, "gates of one unit"),
        (FACTS | {"count": "neither"}, "both, LSTM, GRU"),
        (FACTS | {"lighter": 3}, "in quotes"),
        (FACTS | {"lighter": ...}, "Still open: lighter"),
        ({"counts": "LSTM"}, "with these keys"),
        ("LSTM", "with these keys"),
    ],
}

# What would give an answer away.
ANSWERS = {
    "all_zero": r"an eighth|1/8|0\.125",
    "one_step": r"axis|split|\.T\b|\(1 - z\) \* n",
    "read_off": r"\(h - n\)|vstack|\[:-1\]",
    "slower": r"oneDNN|one call|small calls",
    "fair": r"77 units cost|while",
    "from_keras": r"\.T\b|exchange the first",
    "light_switch": r"-4\b|-20\b|negative",
    "even_steps": r"-8\.8|weight on h|negative|-2\b",
    "advice": r"only the (LSTM|GRU)|open sum|closed door",
    "back_before": r"\.T\b|@",
    "which_gru": r"\b50\b|\[\[0",
    "moved": r"argmax|\[j\]",
}


ALIKE = {"read_off": {"h -> n": "of the same shape"}}


def turns_over(figure):
    """Whether every pulse turns the state over, and it stays so in the pauses."""
    h, up, r, z, n = 0.0, False, *(np.array(figure.state[k]) for k in "rzn")
    for k, x in enumerate(figure.x):
        reset, update = (sigmoid(g @ [x, h, 1]) for g in (r, z))
        new = np.tanh(n[0] * x + n[2] + reset * (n[1] * h + figure.b_hn))
        h = (1 - update) * new + update * h
        up ^= x == 1
        if k and (h if up else -h) < 0.7:
            return False
    return figure.x == PULSES


def climbs(figure):
    """Whether every pulse lifts the state by 0.15, and no other step moves it."""
    h, r, z, n = 0.0, *(np.array(figure.state[k]) for k in "rzn")
    for x in figure.x:
        reset, update = (sigmoid(g @ [x, h, 1]) for g in (r, z))
        candidate = np.tanh(n[0] * x + n[2] + reset * (n[1] * h + figure.b_hn))
        old, h = h, (1 - update) * candidate + update * h
        if (h - old < 0.15) if x else (abs(h - old) > 0.02):
            return False
    return figure.x == FOUR_PULSES


class TestGRU(Exercises):
    check = gru
    notebook = "05_gru"
    wrong = WRONG
    right = RIGHT
    answers = ANSWERS
    alike = ALIKE
    # The four GRUs of which_gru are all there are: whoever knows them all is right.
    fits = {"light_switch": turns_over, "even_steps": climbs, "which_gru": callable}
    slow = ("one_step", "back_before", "which_gru")
