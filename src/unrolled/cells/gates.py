"""What the gated cells share: the sigmoid, blocks of stacked arrays, clamped gates."""

import numbers

import numpy as np

from unrolled.cells import validation


def sigmoid(a, out=None):
    """1 / (1 + exp(-a)), number by number; into `out` where that is given.

    Far below zero the exponential overflows to infinity, whose inverse is the right
    answer: 0. So nothing is lost, as long as the caller switches the warning off.
    """
    # Not in place: NumPy 2.4's np.negative gave wrong signs where `out` was its own
    # input and the numbers stood 16 bytes apart (float32, AVX-512).
    return np.reciprocal(1 + np.exp(-a), out=out)


def blocks(stacked, gates, axis=0):
    """Return one property for each of `gates`, in the order of their blocks.

    Each property is a view of its own block of H along `axis` of the array that the
    object holds under the name `stacked`.
    """

    def block(k, gate):
        def view(self):
            return np.split(getattr(self, stacked), len(gates), axis)[k]

        what = "rows" if axis == 0 else "numbers"
        return property(view, doc=f"The {what} of `{stacked}` that belong to {gate}.")

    return [block(k, gate) for k, gate in enumerate(gates)]


def before(first, states, n):
    """Return the state before each step, (T, n, H): `first`, then all but the last."""
    earlier = np.concatenate([first[None], states[:-1]])
    return earlier.reshape(len(states), n, states.shape[-1])


def clamps(owner, value, gates):
    """Return `clamp` as a dict of floats by gate; None means that none is clamped.

    Raises TypeError for what is not a mapping of numbers, ValueError for a gate that is
    not one of the letters `gates` and for a value outside [0, 1].
    """
    if value is None:
        return {}
    try:
        given = dict(value)
    except (TypeError, ValueError):
        raise TypeError(
            f"{owner}: clamp is {value!r}, but must be a mapping from gates to "
            f"numbers, such as {{{gates[0]!r}: 1.0}}"
        ) from None
    for gate, number in given.items():
        validation.one_of(owner, "a gate in clamp", gate, gates)
        if not isinstance(number, numbers.Real):
            raise TypeError(
                f"{owner}: clamp[{gate!r}] is {number!r}, but must be a number from 0 "
                "to 1: leave a gate that is computed out of clamp"
            )
        if not 0 <= number <= 1:
            raise ValueError(
                f"{owner}: clamp[{gate!r}] is {number}, but must be from 0 (shut) to "
                "1 (open), as every gate is"
            )
    return {gate: float(number) for gate, number in given.items()}


def stacked(rows):
    """Return the weights of a cell of one unit on one feature, as its arguments.

    rows : (weight on x, weight on h, bias) of each gate or candidate, in the order of
        the cell's blocks.
    """
    weights = np.array(rows, np.float64)
    return {"W_x": weights[:, :1], "W_h": weights[:, 1:2], "b": weights[:, 2].copy()}


def along_band(shares):
    """Return what is left of each state at the last step, if no gate listens, (T,).

    shares : (T,), the share of the old state that each step keeps. The result is their
        product from t + 1 to T, the last state's derivative by each along the band.
    """
    return np.append(np.cumprod(shares[:0:-1])[::-1], 1.0)


def steps_to_half(share):
    """Return after how many steps, each of which keeps `share`, a half is left.

    It is log(1/2) / log(share): infinite where `share` is 1, and 0 where it is 0.
    """
    with np.errstate(divide="ignore"):
        log_share = np.log(share)
        return float(np.log(0.5) / log_share) if log_share else float("inf")
