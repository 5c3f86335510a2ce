"""The checks of chapter 5, the GRU."""

import dataclasses

import numpy as np

from unrolled.cells import GRUCell
from unrolled.checks import exercise, predictions
from unrolled.checks.answers import (
    Hint,
    NotTried,
    array,
    ask,
    compare,
    number,
    same,
    truth,
    with_keys,
)


def _draw(rng, d, H, **options):
    """A GRUCell of a size at which no gate is flat."""
    return GRUCell(
        rng.normal(size=(3 * H, d)) / 2,
        rng.normal(size=(3 * H, H)) / 2,
        rng.normal(size=3 * H) / 2,
        **options,
    )


predict = predictions(__file__)


@exercise
def all_zero(prediction):
    """A choice, "a" to "d": a GRU without any weights, from a state of 1."""
    cell = GRUCell(np.zeros((3, 1)), np.zeros((3, 1)), np.zeros(3))
    h = cell.run(np.zeros((3, 1)), np.ones(1)).h[:, 0]
    first, second, third = (f"{state:g}" for state in h)
    return {"first": first, "second": second, "third": third}


@exercise
def one_step(step):
    """A function (x, h, W_x, W_h, b, b_hn) -> the next h, with or without a batch."""
    rng = np.random.default_rng(1)
    d, H = 3, 4
    cell = _draw(rng, d, H, b_hn=rng.normal(size=H))
    weights = cell.W_x, cell.W_h, cell.b, cell.b_hn
    for N in ((5,), ()):
        x, h = rng.normal(size=(*N, d)), rng.uniform(-1, 1, (*N, H))
        try:
            answer = ask(step, x, h, *weights)
        except Hint as hint:
            if N:
                raise
            raise Hint("single_wrong", hint=hint) from None
        compare(answer, cell.step(x, h), _mistaken_steps(cell, x, h))


def _mistaken_steps(cell, x, h):
    """The states that likely mistakes would give, by the key of the hint."""
    H = cell.hidden_size
    run = cell.run(x[None], h)
    r, z, n = run.r[0], run.z[0], run.n[0]
    summed = np.append(cell.b[: 2 * H], cell.b_n + cell.b_hn)
    outside = dataclasses.replace(cell, b=summed, b_hn=None)
    before = GRUCell(cell.W_x, cell.W_h, summed, reset_after=False)
    order = np.r_[H : 2 * H, :H, 2 * H : 3 * H]
    keras = GRUCell(cell.W_x[order], cell.W_h[order], cell.b[order], cell.b_hn)
    return {
        "z_turned": dataclasses.replace(cell, update_keeps=False).step(x, h),
        "b_hn_outside": outside.step(x, h),
        "r_before": before.step(x, h),
        "blocks_in_another_order": keras.step(x, h),
        "candidate": n,
        "b_hn_missing": dataclasses.replace(cell, b_hn=None).step(x, h),
        "r_missing": cell.run(x[None], h, clamp={"r": 1.0}).h[0],
        "candidate_whole": n + z * h,
        "tanh_missing": (1 - z) * np.arctanh(n) + z * h,
        "r_divides": (1 - r) * n + r * h,
        "tanh_of_all": np.tanh((1 - z) * n + z * h),
    }


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
        "one_minus_z": 1 - z,
        "first_missing": z[1:],
        "old_is_new": (h - n) / (h - n),
        "old_is_later": (h - n) / (late - n),
        "upside_down": 1 / z,
        "product": z * old,
        "candidate_whole": (h - n) / np.where(old, old, 1),
        "reset_gate": run.r,
        "of_the_change": (h - old) / (n - h),
    }
    compare(ask(gate, n, h), z, mistakes)


@exercise
def slower(prediction):
    """A choice, "a" to "d": why a GRU took longer than an LSTM of its size."""


@exercise
def fair(size):
    """A function (d, H) -> the largest GRU with no more weights than that LSTM."""
    # Chosen so that no two of the likely mistakes give the same numbers.
    sizes = [(10, 64), (64, 64), (300, 20), (1, 1), (7, 19), (3, 11), (1, 12), (1, 15)]
    sizes += [(1, 18), (4, 2)]
    answers = [float(number(ask(size, d, H))) for d, H in sizes]

    def are(of):
        return answers == [of(d, H) for d, H in sizes]

    if are(_most_units):
        return
    for key, biases in (("one_bias", 1), ("no_bias", 0)):
        if are(lambda d, H, biases=biases: _most_units(d, H, biases)):
            raise Hint(key)
    if are(lambda d, H: 4 * H // 3) or are(lambda d, H: round(4 * H / 3)):
        raise Hint("four_thirds")
    if are(lambda d, H: H):
        raise Hint("same_size")
    for (d, H), answer in zip(sizes, answers, strict=True):
        if answer == _most_units(d, H):
            continue
        budget, cost = _cost(4, d, H), _cost(3, d, answer)
        told = {"d": d, "H": H, "budget": f"{budget:,}"}
        if not np.isfinite(answer) or answer != np.floor(answer):
            raise Hint("not_whole", answer=f"{answer:.4g}", **told)
        if answer < 1:
            raise Hint("no_units", units=f"{answer:g}", **told)
        told |= {"units": f"{answer:g}", "cost": f"{cost:,.0f}"}
        raise Hint("too_many" if cost > budget else "too_few", **told)


def _cost(blocks, d, H, biases=2):
    """How many weights a gated cell has: so many blocks of rows, each of H."""
    return blocks * H * (d + H + biases)


def _most_units(d, H, biases=2):
    units = 1
    while _cost(3, d, units + 1, biases) <= _cost(4, d, H, biases):
        units += 1
    return units


@exercise
def from_keras(convert):
    """A function (kernel, recurrent_kernel, bias) -> PyTorch's four arrays, a dict."""
    rng = np.random.default_rng(6)
    d, H = 2, 3
    kernel, recurrent = rng.normal(size=(d, 3 * H)), rng.normal(size=(H, 3 * H))
    bias = rng.normal(size=(2, 3 * H))
    swap = np.r_[H : 2 * H, :H, 2 * H : 3 * H]
    plain = {
        "weight_ih": kernel.T,
        "weight_hh": recurrent.T,
        "bias_ih": bias[0],
        "bias_hh": bias[1],
    }
    right = {name: value[swap] for name, value in plain.items()}
    answer = with_keys(ask(convert, kernel, recurrent, bias), right)
    if any(one is None or one is ... for one in answer.values()):
        raise NotTried("still_dots")
    given = {name: array(value) for name, value in answer.items()}
    for name in right:
        found, wanted = given[name].shape, right[name].shape
        if found != wanted:
            on_its_side = found == wanted[::-1]
            told = {"name": name, "shape": str(found), "wanted": str(wanted)}
            raise Hint("on_its_side" if on_its_side else "shape_of", **told)
    for name in right:
        if same(given[name], plain[name]):
            raise Hint("order_of_keras", name=name)
        if name.startswith("weight") and not same(given[name], right[name]):
            moved = same(np.sort(given[name].ravel()), np.sort(right[name].ravel()))
            raise Hint("numbers_moved" if moved else "other_numbers", name=name)
    if not same(given["bias_hh"][2 * H :], right["bias_hh"][2 * H :]):
        raise Hint("out_of_reach")

    def summed(biases):
        """Of r's and z's two biases only the sum counts; the candidate's stay apart."""
        return biases["bias_ih"] + np.append(biases["bias_hh"][: 2 * H], np.zeros(H))

    if not same(summed(given), summed(right)):
        raise Hint("biases_wrong")


@exercise
def light_switch(figure):
    """A `GRUGates` whose state every pulse turns over: up, down, up, down, up."""


@exercise
def even_steps(figure):
    """A `GRUGates` whose state each of four pulses lifts by at least 0.15."""


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
        "r_after": after,
        "direct_alone": ways["z"],
        "direct_missing": right - ways["z"],
        "n_missing": right - ways["n"],
        "z_missing": right - ways["u"],
        "r_missing": right - ways["r"],
        "r_forgotten": right - ways["n"] + through,
        "z_turned": right - ways["z"] + (1 - z) * dh,
        "sign_turned": right - 2 * ways["u"],
        "not_transposed": z * dh
        + r * (W_hn @ da_n)
        + W_hz @ da_z
        + W_hr @ ((W_hn @ da_n) * h * r * (1 - r)),
    }
    answer = ask(back, dh, h, r, z, n, cell.W_h)
    compare(answer, right, mistakes)


@exercise
def which_gru(tell):
    """A function (step) -> (reset_after, update_keeps) of a GRU that one cannot see."""
    conventions = [(True, True), (False, True), (True, False), (False, False)]
    for count, (after, keeps) in enumerate(2 * conventions, start=1):

        def step(x, h, W_x, W_h, b, after=after, keeps=keeps):
            cell = GRUCell(W_x, W_h, b, reset_after=after, update_keeps=keeps)
            return cell.step(np.asarray(x, float), np.asarray(h, float))

        answer = ask(tell, step, copied=False)
        if not isinstance(answer, (tuple, list)) or len(answer) != 2:
            raise Hint("two_wanted")
        if any(one is ... for one in answer):
            raise NotTried("still_dots")
        found = tuple(truth(one) for one in answer)
        if found != (after, keeps):
            told = {"right": count - 1, "count": count, "after": after, "keeps": keeps}
            raise Hint("r_wrong" if found[0] != after else "z_wrong", **told)


@exercise
def moved(move):
    """A function (GRUCell, r before) -> the same GRU with r after the product."""
    rng = np.random.default_rng(10)
    for places in ([1, 0, 3, 2], [2, 2, 0, 3], [0, 1, 2, 3], [1, 2, 3, 0], [2, 0, 1]):
        H = len(places)
        cell = _draw(rng, 2, H, reset_after=False)
        W_h = cell.W_h.copy()
        W_h[2 * H :] = 0
        W_h[2 * H + np.arange(H), places] = rng.normal(size=H)
        cell = dataclasses.replace(cell, W_h=W_h)
        answer = ask(move, cell)
        if type(answer).__name__ != "GRUCell":
            raise Hint("cell_wanted")
        if not answer.reset_after:
            raise Hint("still_before")
        if answer.W_x.shape != cell.W_x.shape:
            raise Hint("size_wrong")
        x = rng.normal(size=(6, 2))
        one, other = cell.run(x).h, answer.run(x).h
        if same(one, other):
            continue
        for gate in "zn":
            parts = [f"W_x{gate}", f"W_h{gate}", f"b_{gate}"]
            if not all(same(getattr(cell, k), getattr(answer, k)) for k in parts):
                raise Hint("gate_changed", gate=gate)
        kept = [same(cell.W_xr, answer.W_xr), same(cell.W_hr, answer.W_hr)]
        if all(kept):
            raise Hint("not_moved")
        if any(kept) or same(cell.b_r, answer.b_r):
            raise Hint("partly_moved")
        raise Hint("otherwise", units=", ".join(str(1 + place) for place in places))


@exercise
def advice(answer):
    """A dictionary: which of two cells of one size can do each of seven things."""
