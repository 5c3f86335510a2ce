"""The checks of chapter 3, long-term dependencies."""

import numpy as np

from unrolled.cells import RNNCell
from unrolled.checks import exercise, predictions
from unrolled.checks.answers import (
    Hint,
    array,
    ask,
    compare,
    draw_weights,
    number,
    same,
    truth,
)
from unrolled.gradients import largest_singular_value, spectral_radius
from unrolled.rules import apart

predict = predictions(__file__)


@exercise
def half_life(steps):
    """A function (factor) -> after how many steps back a gradient has halved."""
    factors = np.array([0.5, 0.8, 0.95])
    found = np.array([number(ask(steps, factor)) for factor in factors])
    right = np.log(0.5) / np.log(factors)
    mistakes = {
        "sign_wrong": -right,
        "upside_down": 1 / right,
        "amount_taken": 0.5 / (1 - factors),
        "left_after_one": factors,
        "one_e_th": -1 / np.log(factors),
        "of_what_is_lost": np.log(0.5) / np.log(1 - factors),
        "approximated": np.log(2) / (1 - factors),
        "a_tenth": -1 / np.log10(factors),
    }
    if any(same(found, by(right)) for by in (np.ceil, np.round, np.floor)):
        raise Hint("rounded")
    compare(found, right, mistakes)
    return {"short": f"{right[1]:.1f}", "long": f"{right[2]:.1f}"}


@exercise
def firm_unit(prediction):
    """A choice, "a" to "d": the state and the gradient of a latch, 100 steps on."""
    cell = RNNCell([[2.0]], [[2.0]], [0.0])
    pulse = np.zeros((100, 1))
    pulse[0] = 1.0
    run = cell.run(pulse)
    slope = cell.backward(run, grad_h_n=np.ones(1)).x[0, 0]
    return {"state": f"{run.h_n[0]:.3f}", "slope": f"{slope:.0e}"}


@exercise
def logs(answer):
    """A dictionary: what ails each of four networks, by its training log."""


@exercise
def jacobian(of):
    """A function (h, W_h) -> dh_t/dh_{t-1}, (H, H), where h is the new state."""
    rng = np.random.default_rng(4)
    H = 4
    W, h = rng.normal(size=(H, H)), rng.uniform(-1, 1, H)
    slope = 1 - h**2
    right = slope[:, None] * W
    mistakes = {
        "at_columns": slope * W,
        "transposed": right.T,
        "slopes_missing": W,
        "tanh_again": (1 - np.tanh(h) ** 2)[:, None] * W,
        "square_missing": (1 - h)[:, None] * W,
        "summed": slope @ W,
        "weights_missing": np.diag(slope),
        "elsewhere": np.diag(slope) @ W.T,
        "plus_for_minus": (1 + h**2)[:, None] * W,
    }
    compare(ask(of, h, W), right, mistakes)


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
    restarted = [last] + [step.T @ last for step in J[::-1]]
    mistakes = {
        "forwards": walk(J[::-1], turned=False),
        "first_step_first": walk(J),
        "lag_0_missing": right[1:],
        "farthest_missing": right[:-1],
        "squares": right**2,
        "reversed": right[::-1],
        "at_most": np.linalg.norm(products, 2, axis=(1, 2)),
        "restarted": np.linalg.norm(restarted, axis=1),
        "added_up": np.cumsum(right),
        "relative": right / right[0],
    }
    compare(ask(lengths, J, last), right, mistakes)


@exercise
def certain(vanishes):
    """A function (W_h) -> bool: whether a tanh network's gradient must vanish."""
    rng = np.random.default_rng(6)
    turn, _ = np.linalg.qr(rng.normal(size=(4, 4)))
    shear = np.array([[0.5, 2.0], [0.0, 0.5]])
    small = rng.uniform(-0.2, 0.2, (4, 4))
    matrices = {
        "turned_09": 0.9 * turn,
        "turned_11": 1.1 * turn,
        "shear": shear,
        "turned_over": -0.9 * np.eye(3),
        "crowded": np.full((4, 4), 0.4),
        "small_numbers": 0.9 * small / largest_singular_value(small),
        "weak_shear": shear / 2.5,
        "hidden_shear": np.array([[0.5, 0.99], [0.0, 0.5]]),
        "identity": np.eye(3),
        "one_long": np.diag([0.3, 1.2, 0.1]),
        "of_halves": np.array([[0.6, 0.6], [-0.6, 0.6]]),
    }
    for key, W_h in matrices.items():
        right = bool(largest_singular_value(W_h) < 1)
        if truth(ask(vanishes, W_h)) == right:
            continue
        if right:
            raise Hint("must_vanish", matrix=Hint(key))
        rho = spectral_radius(W_h)
        why = (
            "powers_vanish" if rho < 1 else "powers_grow" if rho > 1 else "powers_stay"
        )
        raise Hint(why, matrix=Hint(key))


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
        summed = np.linalg.norm(shares, axis=(1, 2))
        mistakes = {
            "near_part": length(near) / whole,
            "lengths_subtracted": 1 - length(near) / whole,
            "not_compared": length(far),
            "too_early": length(shares[: T - k + 1]) / whole,
            "too_late": length(shares[: T - k - 1]) / whole,
            "squares": (length(far) / whole) ** 2,
            "lengths_added": summed[: T - k].sum() / summed.sum(),
            "over_the_near": length(far) / length(near),
        }
        answer = number(ask(part, cell, x, last, k))
        compare(answer, np.array(length(far) / whole), mistakes)
    weights = np.random.default_rng(0)
    usual = RNNCell(
        *(weights.uniform(-1, 1, size) / 32**0.5 for size in ((32, 1), (32, 32), 32))
    )
    run = usual.run(weights.normal(size=(40, 1)))
    whole, near = (
        usual.backward(run, grad_h_n=np.ones(32), truncate=k).W_h for k in (None, 20)
    )
    found = np.linalg.norm(whole - near) / np.linalg.norm(whole)
    return {"found": f"{found:.0e}"}


@exercise
def deaf_memory(figure):
    """A `Decay` under tanh that keeps its first input and lets no gradient through."""


@exercise
def fastest(figure):
    """A `Cliff`, clipped by norm at 0.25, at the largest rate that is never thrown."""


@exercise
def at_rest(factor):
    """A function (h) -> what a step back is multiplied by where tanh(w_h h) = h."""
    states = np.array([0.3, 0.5, 0.8, -0.8, 0.99])
    found = np.array([number(ask(factor, h)) for h in states])
    weight, slope = np.arctanh(states) / states, 1 - states**2
    right = weight * slope
    mistakes = {
        "slope_alone": slope,
        "weight_alone": weight,
        "weight_upside_down": slope / weight,
        "not_divided": np.arctanh(states) * slope,
        "tanh_again": weight * (1 - np.tanh(states) ** 2),
        "square_missing": weight * (1 - states),
        "added": weight + slope,
        "tan_for_tanh": np.arctan(states) / states * slope,
    }
    compare(found, right, mistakes)
    return {"inside": f"{right[1]:.2f}", "far_out": f"{right[4]:.2f}"}


@exercise
def start(make):
    """A function (H, rng) -> a W_h (H, H) that keeps a gradient for 100 quiet steps."""
    found = []
    for seed, H in enumerate((8, 16, 32, 33)):
        drawn = np.random.default_rng(seed)
        W_h = array(ask(make, H, drawn, copied=False))
        if W_h.shape != (H, H):
            raise Hint("shape", shape=str(W_h.shape), wanted=str((H, H)))
        if not np.isfinite(W_h).all():
            raise Hint("not_finite")
        kept, size = _kept_of_100(W_h, np.random.default_rng(100 + seed))
        found.append(kept)
        if not 0.5 <= kept <= 2:
            raise _why_not_kept(W_h, size, found)
    return {"least": f"{min(found):.2f}", "most": f"{max(found):.2f}"}


def _kept_of_100(W_h, rng):
    """What is left of a gradient of 1 after 100 steps back, and the states' mean size.

    The inputs are noise of a standard deviation of 0.01.
    """
    H = len(W_h)
    cell = RNNCell(rng.normal(size=(H, 1)), W_h, np.zeros(H))
    run = cell.run(0.01 * rng.normal(size=(100, 1)))
    last = rng.normal(size=H)
    back = cell.backward(run, grad_h_n=last / np.linalg.norm(last)).h_0
    return np.linalg.norm(back), np.abs(run.h).mean()


def _why_not_kept(W_h, size, found):
    """The hint at why the last of the gradients found is not between 1/2 and 2."""
    last, rho, s = found[-1], spectral_radius(W_h), largest_singular_value(W_h)
    bar = 0.5 if last < 0.5 else 2
    told = {"kept": apart(last, bar, 2, "g"), "rho": f"{rho:.3g}", "s": f"{s:.3g}"}
    if len(found) > 1:
        numbers = ", ".join(apart(one, 2 if one > 1 else 0.5, 2, "g") for one in found)
        return Hint("by_the_draw", count=len(found), numbers=numbers)
    if not W_h.any():
        return Hint("nothing_kept")
    if last > 2:
        return Hint("grows", **told)
    if size > 0.3:
        return Hint("states_at_the_ends", size=f"{size:.2f}", **told)
    return Hint("every_step_shortens" if s < 1 else "some_lost", **told)
