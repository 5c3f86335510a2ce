"""The checks of chapter 5, the GRU."""

import dataclasses

import numpy as np

from unrolled.cells import GRUCell
from unrolled.checks import (
    Hint,
    NotTried,
    array,
    ask,
    choose,
    compare,
    exercise,
    explorer,
    same,
    truth,
)


def _draw(rng, d, H, **options):
    """A GRUCell of a size at which no gate is flat."""
    return GRUCell(
        rng.normal(size=(3 * H, d)) / 2,
        rng.normal(size=(3 * H, H)) / 2,
        rng.normal(size=3 * H) / 2,
        **options,
    )


@exercise
def all_zero(prediction):
    """A choice, "a" to "d": a GRU without any weights, from a state of 1."""
    choose(
        prediction,
        "c",
        {
            "a": "To keep everything, z would have to be 1. What is the sigmoid of 0?",
            "b": "To lose everything at once, z would have to be 0. What is it?",
            "d": "A state of zero would need more steps than there are. How much is "
            "left after one?",
        },
    )
    cell = GRUCell(np.zeros((3, 1)), np.zeros((3, 1)), np.zeros(3))
    h = cell.run(np.zeros((3, 1)), np.ones(1)).h[:, 0]
    return (
        f"{h[0]:g}, {h[1]:g}, {h[2]:g}: z is a half, the candidate 0, and a step is "
        "the mean of the two. A GRU that has learned nothing forgets by halves."
    )


@exercise
def one_step(step):
    """A function (x, h, W_x, W_h, b, b_hn) -> the next h, with or without a batch."""
    rng = np.random.default_rng(1)
    d, H = 3, 4
    cell = _draw(rng, d, H, b_hn=rng.normal(size=H))
    weights = cell.W_x, cell.W_h, cell.b, cell.b_hn
    for N in ((5,), ()):
        x, h = rng.normal(size=(*N, d)), rng.uniform(-1, 1, (*N, H))
        if not N:
            try:
                answer = ask(step, x, h, *weights)
            except Hint as hint:
                raise Hint(f"A batch works, a single x (d) does not. {hint}") from None
        else:
            answer = ask(step, x, h, *weights)
        right = cell.step(x, h)
        run = cell.run(x[None], h)
        r, z, n = run.r[0], run.z[0], run.n[0]
        summed = np.append(cell.b[: 2 * H], cell.b_n + cell.b_hn)
        outside = dataclasses.replace(cell, b=summed, b_hn=None)
        before = GRUCell(cell.W_x, cell.W_h, summed, reset_after=False)
        order = np.r_[H : 2 * H, :H, 2 * H : 3 * H]
        keras = GRUCell(cell.W_x[order], cell.W_h[order], cell.b[order], cell.b_hn)
        replaced = dataclasses.replace(cell, update_keeps=False)
        mistakes = {
            "z is turned: here a z of 1 keeps the old state.": replaced.step(x, h),
            "b_hn stands inside r's reach: r multiplies it too.": outside.step(x, h),
            "Here r comes after the product with W_hn, not before it.": (
                before.step(x, h)
            ),
            "The blocks come in the order r, z, n.": keras.step(x, h),
            "This is the candidate. z has not divided yet.": n,
            "b_hn is missing.": dataclasses.replace(cell, b_hn=None).step(x, h),
            "r is missing: the candidate hears all of the old state.": (
                cell.run(x[None], h, clamp={"r": 1.0}).h[0]
            ),
            "The candidate comes in whole. How much of it does z leave room for?": (
                n + z * h
            ),
            "The candidate lacks its tanh.": (1 - z) * np.arctanh(n) + z * h,
            "r divides here, and z should.": (1 - r) * n + r * h,
        }
        compare(answer, right, mistakes, "Print r, z and n: which one is it?")
    return (
        "One product with W_x, one with W_h, and the rest goes number by number. "
        "PyTorch's own step differs by less than a millionth."
    )


@exercise
def read_off(gate):
    """A function (n (T, H), h (T, H)) -> z (T, H), of a GRU that began at zero."""
    rng = np.random.default_rng(2)
    cell = _draw(rng, 2, 3)
    run = cell.run(rng.normal(size=(6, 2)))
    n, h, z = run.n, run.h, run.z
    old = np.vstack([np.zeros(3), h[:-1]])
    late = np.vstack([h[1:], np.zeros(3)])
    mistakes = {
        "This is 1 - z: how far h has gone towards n. How much of the old is left?": (
            1 - z
        ),
        "The first step is missing. Where was the state before it?": z[1:],
        "The old state is the one before. Is it here?": (h - n) / (h - n),
        "The old state is taken from the step after.": (h - n) / (late - n),
        "Upside down: this is 1 / z, and above 1.": 1 / z,
        "This is what z has kept of h, the product. Divide by what it was kept of.": (
            z * old
        ),
        "From h take off what n gave. But it gave only its share of itself.": (
            (h - n) / np.where(old, old, 1)
        ),
        "This is r * h or so: r cannot be seen in n and h.": run.r,
    }
    with np.errstate(all="ignore"):
        compare(ask(gate, n, h), z, mistakes, "Solve the last line of the GRU for z.")
    return (
        "Where h stands between n and the old h is z, and no weight is needed to see "
        "it. So a figure of a GRU can be checked, and a z that is turned found out."
    )


@exercise
def slower(prediction):
    """A choice, "a" to "d": why a GRU took longer than an LSTM of its size."""
    choose(
        prediction,
        "b",
        {
            "a": "Count them: three blocks or four?",
            "c": "At equal size the GRU has fewer multiplications, and the products "
            "with W_h are where they are.",
            "d": "They are. And the gates of the LSTM?",
        },
    )
    return (
        "So the cheapest thing to try is nothing in the network: another precision, "
        "another size, another library. Time them before you choose a cell for speed."
    )


@exercise
def fair(size):
    """A function (d, H) -> the largest GRU with no more weights than that LSTM."""
    for d, H in ((10, 64), (64, 64), (300, 20), (1, 1)):
        budget = 4 * H * (d + H + 2)

        def cost(units, d=d, biases=2):
            return 3 * units * (d + units + biases)

        def most(budget, cost=cost, **options):
            units = 1
            while cost(units + 1, **options) <= budget:
                units += 1
            return units

        right = most(budget)
        answer = array(ask(size, d, H))
        if answer.ndim:
            raise Hint(f"One number is wanted, and this has shape {answer.shape}.")
        if not np.isfinite(answer) or answer != np.floor(answer):
            raise Hint(
                f"For d = {d} and H = {H} this is {answer:.4g}. Units come whole, and "
                "the GRU must not have more weights: so to which side?"
            )
        if answer == right:
            continue
        if answer == 4 * H // 3 or answer == round(4 * H / 3):
            raise Hint(
                "Four thirds as many units have more than four thirds as many weights: "
                "every unit hears every unit."
            )
        if answer == H:
            raise Hint("That is the same size, and three quarters of the weights.")
        if cost(answer) > budget:
            raise Hint(
                f"For d = {d} and H = {H} the LSTM has {budget:,} weights, and a GRU "
                f"of {answer:g} units {cost(answer):,.0f}."
            )
        raise Hint(
            f"For d = {d} and H = {H} the LSTM has {budget:,} weights, and a GRU of "
            f"{answer:g} units {cost(answer):,.0f}: there is room for another unit."
        )
    return (
        "With 64 features, 77 units cost what an LSTM's 64 do. Whoever compares the "
        "two has to say which is equal, the units or the weights; chapter 7 does both."
    )


@exercise
def from_keras(convert):
    """A function (kernel, recurrent_kernel, bias) -> PyTorch's four arrays, a dict."""
    rng = np.random.default_rng(6)
    d, H = 2, 3
    kernel, recurrent = rng.normal(size=(d, 3 * H)), rng.normal(size=(H, 3 * H))
    bias = rng.normal(size=(2, 3 * H))
    swap = np.r_[H : 2 * H, :H, 2 * H : 3 * H]
    cell = GRUCell(
        kernel.T[swap],
        recurrent.T[swap],
        bias[0, swap] + np.append(bias[1, swap[: 2 * H]], np.zeros(H)),
        bias[1, 2 * H :],
    )
    shapes = {
        "weight_ih": (3 * H, d),
        "weight_hh": (3 * H, H),
        "bias_ih": (3 * H,),
        "bias_hh": (3 * H,),
    }
    answer = ask(convert, kernel, recurrent, bias)
    if not isinstance(answer, dict) or set(answer) != set(shapes):
        names = ", ".join(f'"{name}"' for name in shapes)
        raise Hint(f"A dictionary with these keys is wanted: {names}.")
    if any(one is None or one is ... for one in answer.values()):
        raise NotTried("There are still three dots in the dictionary.")
    given = {name: array(value) for name, value in answer.items()}
    for name, shape in shapes.items():
        if given[name].shape == shape:
            continue
        if given[name].shape == shape[::-1] and len(shape) > 1:
            raise Hint(f"{name} lies on its side: PyTorch has a row for each gate.")
        raise Hint(f"{name} has shape {given[name].shape}, and {shape} is wanted.")
    right = {
        "weight_ih": cell.W_x,
        "weight_hh": cell.W_h,
        "bias_ih": bias[0, swap],
        "bias_hh": bias[1, swap],
    }
    plain = {
        "weight_ih": kernel.T,
        "weight_hh": recurrent.T,
        "bias_ih": bias[0],
        "bias_hh": bias[1],
    }
    for name in shapes:
        if same(given[name], plain[name]):
            raise Hint(
                f"{name} still has its blocks as Keras has them. Which block comes "
                "first here, and which there?"
            )
        if name.startswith("weight") and not same(given[name], right[name]):
            if same(np.sort(given[name].ravel()), np.sort(right[name].ravel())):
                raise Hint(
                    f"{name} holds the right numbers in the wrong places. A transposed "
                    "matrix and a reshaped one are not the same."
                )
            raise Hint(f"{name} holds other numbers than Keras gave it.")
    # of r's and z's two biases only the sum counts; the candidate's stay apart
    b = given["bias_ih"].copy()
    b[: 2 * H] += given["bias_hh"][: 2 * H]
    if not same(given["bias_hh"][2 * H :], cell.b_hn):
        raise Hint(
            "The candidate's second bias is not where r can reach it: what is the "
            "last third of bias_hh?"
        )
    if not same(b, cell.b):
        raise Hint(
            "The biases of r and z together are not what Keras adds up, or they have "
            "changed places."
        )
    return (
        "Transposed, the first two blocks exchanged, and the two rows of the bias each "
        "to its own: now a Keras GRU runs in PyTorch, to the last digits."
    )


PULSES = [float(step in (2, 5, 6, 11, 15)) for step in range(1, 17)]


@exercise
def light_switch(figure):
    """A `GRUGates` whose state every pulse turns over: up, down, up, down, up."""
    figure = explorer(figure, "GRUGates")
    if list(figure.x) != PULSES:
        raise Hint("The inputs have been moved: leave them as they are.")
    if not (figure.reset_after and figure.update_keeps):
        raise Hint("Leave the conventions as PyTorch has them: z keeps, r after.")
    if figure.clamp:
        raise Hint(
            "A gate is held. Let both be computed: one that is held cannot tell a "
            "pulse from a pause."
        )
    start = type(figure)()
    if all(getattr(figure, name) == getattr(start, name) for name in "rzn"):
        raise NotTried("Move the figure above, then run this cell again.")
    h = figure.hidden_states
    up = np.cumsum(PULSES) % 2 == 1
    wrong = [k for k in range(1, 16) if (h[k] if up[k] else -h[k]) < 0.7]
    if not wrong:
        return (
            f"Five pulses, five turns, and never below {np.abs(h[1:]).min():.2f} in "
            "size. The same input writes another thing each time, for the candidate "
            "reads what it is going to replace."
        )
    at, state = wrong[0] + 1, h[wrong[0]]
    wanted = "at least 0.7" if up[wrong[0]] else "at most -0.7"
    said = f"At step {at} h is {state:.2f}, and {wanted} is wanted. "
    r, z = (figure.gates[gate][at - 1] for gate in "rz")
    if not PULSES[at - 1] or abs(h[0]) > 0.2:
        raise Hint(
            (said if abs(h[0]) <= 0.2 else f"At step 1 h is {h[0]:.2f} already. ")
            + "No pulse has come: which gate should have kept it?"
        )
    if z > 0.2:
        raise Hint(said + f"z is {z:.2f} there: it holds on to the old state.")
    if at == 2:
        raise Hint(
            said + "The first pulse finds a state of 0. What can the candidate be "
            "made of there?"
        )
    if r < 0.5:
        raise Hint(
            said + f"r is {r:.2f} there: the candidate cannot hear what it is to turn "
            "over."
        )
    raise Hint(
        said + "The gates let it. So it is the candidate: what should it be after a "
        "state near 1, and what after one near -1?"
    )


@exercise
def back_before(back):
    """A function (dh, h, r, z, n, W_h) -> dL/dh_{t-1}, where r is before W_hn."""
    rng = np.random.default_rng(8)
    H = 4
    cell = _draw(rng, 2, H, reset_after=False)
    h, dh = rng.uniform(-1, 1, H), rng.normal(size=H)
    run = cell.run(rng.normal(size=(1, 2)), h)
    r, z, n = run.r[0], run.z[0], run.n[0]
    right = cell.backward(run, grad_h_n=dh).h_0
    W_hr, W_hz, W_hn = np.split(cell.W_h, 3)
    da_n = dh * (1 - z) * (1 - n**2)
    da_z = dh * (h - n) * z * (1 - z)
    through = W_hn.T @ da_n
    da_r = through * h * r * (1 - r)
    ways = {"z": z * dh, "n": r * through, "u": W_hz.T @ da_z, "r": W_hr.T @ da_r}
    after_r = da_n * (W_hn @ h) * r * (1 - r)
    after = z * dh + W_hn.T @ (r * da_n) + ways["u"] + W_hr.T @ after_r
    mistakes = {
        "This is the way back of the chapter, where r comes after the product. Here it "
        "comes before: what arrives at r * h, and then at each of the two?": after,
        "This is the direct way alone. There are three more.": ways["z"],
        "The direct way is missing, the one that meets no weight.": right - ways["z"],
        "The way through the candidate is missing.": right - ways["n"],
        "The way through z is missing.": right - ways["u"],
        "The way through r is missing.": right - ways["r"],
        "The way through the candidate lacks r: h reaches it only as r * h.": (
            right - ways["n"] + through
        ),
        "z is turned: 1 - z stands where z should, on the direct way.": (
            right - ways["z"] + (1 - z) * dh
        ),
        "One sign is turned: if z grows, h moves from n towards the old h.": (
            right - 2 * ways["u"]
        ),
        "A gradient comes back through the transposed matrix.": z * dh
        + r * (W_hn @ da_n)
        + W_hz @ da_z
        + W_hr @ ((W_hn @ da_n) * h * r * (1 - r)),
    }
    answer = ask(back, dh, h, r, z, n, cell.W_h)
    compare(answer, right, mistakes, "Try one way at a time: z alone is the shortest.")
    return (
        "Four ways, as in the chapter, but what r is due has to pass W_hn first. With "
        "r after, one product with W_h serves all three blocks, forwards and "
        "backwards: PyTorch's form is the cheaper one."
    )


@exercise
def which_gru(tell):
    """A function (step) -> (reset_after, update_keeps) of a GRU that one cannot see."""
    names = {
        (True, True): "PyTorch's",
        (False, True): "the last version of Cho's paper",
        (True, False): "one with r after and a z that replaces",
        (False, False): "Chung's",
    }
    for right, ((after, keeps), name) in enumerate([*names.items()] * 2):

        def step(x, h, W_x, W_h, b, after=after, keeps=keeps):
            cell = GRUCell(W_x, W_h, b, reset_after=after, update_keeps=keeps)
            return cell.step(np.asarray(x, float), np.asarray(h, float))

        answer = ask(tell, step, copied=False)
        if not isinstance(answer, (tuple, list)) or len(answer) != 2:
            raise Hint("Two answers are wanted: return reset_after, update_keeps")
        if any(one is ... for one in answer):
            raise NotTried("Replace the dots, then run this cell again.")
        found = tuple(truth(one) for one in answer)
        for said, wanted, what in (
            (found[0], after, "where r stands"),
            (found[1], keeps, "what z does"),
        ):
            if said != wanted:
                raise Hint(
                    f"{right} of the first {right + 1} were right. Then came {name}, "
                    f"and your function is wrong about {what}. Which weights would "
                    "make that visible, and nothing else?"
                )
    return (
        "All eight. Two questions, asked with weights made for them, and no look "
        "inside: so one finds out what a library computes when its manual does not say."
    )


@exercise
def moved(move):
    """A function (GRUCell, r before) -> the same GRU with r after the product."""
    rng = np.random.default_rng(10)
    H = 4
    for places in ([1, 0, 3, 2], [2, 2, 0, 3], [0, 1, 2, 3]):
        cell = _draw(rng, 2, H, reset_after=False)
        W_h = cell.W_h.copy()
        W_h[2 * H :] = 0
        W_h[2 * H + np.arange(H), places] = rng.normal(size=H)
        cell = dataclasses.replace(cell, W_h=W_h)
        answer = ask(move, cell)
        if type(answer).__name__ != "GRUCell":
            raise Hint("A GRUCell is wanted: GRUCell(W_x, W_h, b) has r after.")
        if not answer.reset_after:
            raise Hint("This cell still has r before the product.")
        if answer.W_x.shape != cell.W_x.shape:
            raise Hint("The new cell has another size than the old one.")
        x = rng.normal(size=(6, 2))
        one, other = cell.run(x).h, answer.run(x).h
        if same(one, other):
            continue
        who = ", ".join(str(1 + place) for place in places)
        changed = [
            letter
            for letter in "zn"
            if not all(
                same(
                    getattr(cell, f"{kind}{letter}"), getattr(answer, f"{kind}{letter}")
                )
                for kind in ("W_x", "W_h", "b_")
            )
        ]
        if changed:
            raise Hint(f"The weights of {changed[0]} need not change.")
        kept = [same(cell.W_xr, answer.W_xr), same(cell.W_hr, answer.W_hr)]
        if all(kept):
            raise Hint(
                "These are the old weights in the other cell. If unit 1 hears only "
                "unit 2, whose gate was at work before, and whose is now?"
            )
        if any(kept) or same(cell.b_r, answer.b_r):
            raise Hint("A gate is made of three things: W_xr, W_hr and b_r.")
        raise Hint(
            f"In one cell the units 1 to 4 hear the units {who}, each just one. There "
            "the new cell computes something else."
        )
    return (
        "The ear takes over the gate of the mouth that it listens to. With two "
        "mouths and one ear it has to choose, and that is where converting ends."
    )
