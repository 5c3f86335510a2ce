"""Two computations of one thing, which should agree.

    agree("nn.LSTM", ours, theirs)

is what a chapter says where NumPy, PyTorch and the package have to compute the same.
"""

import numpy as np

from unrolled.cells import validation


def agree(name, ours, theirs, *, within=1e-12, relative=False):
    """Print how far two arrays are apart, and stop where that is too far.

    name : what is compared, printed before the distance.
    ours, theirs : numbers, arrays, tensors or lists of these, of one shape.
    within : the distance that is allowed: of the two numbers that are farthest apart,
        or, with `relative`, the length of the difference over the length of `theirs`.

    Raises AssertionError, with the distance, where it is larger or NaN, and ValueError
    where the shapes differ: what NumPy would stretch to fit is not the same. Raises
    TypeError for what is not real numbers alone, such as a masked array.
    """
    ours, theirs = _array("ours", ours), _array("theirs", theirs)
    if ours.shape != theirs.shape:
        raise ValueError(
            f"agree: {name}: ours has shape {ours.shape}, theirs {theirs.shape}, but "
            "only what has one shape can agree"
        )
    difference = np.abs(ours - theirs)
    apart = float(difference.max(initial=0.0))
    if relative:
        apart = float(np.linalg.norm(difference) / np.linalg.norm(theirs))
    if not apart <= within:
        raise AssertionError(
            f"{name}: {apart:.0e} apart, but {within:.0e} is the most that is allowed"
        )
    how = "relatively, " if relative else ""
    print(f"{name}: {how}{apart:.0e} apart" if apart else f"{name}: equal")


def _array(name, value):
    """A value as a float64 array; of a tensor, its numbers without their graph."""
    array = validation.plain("agree", name, _detached(value))
    if not np.can_cast(array.dtype, float, "same_kind"):
        raise TypeError(
            f"agree: {name} is {array.dtype}, but must be real numbers: compare parts "
            f"that are, such as {name}.real"
        )
    return array.astype(float)


def _detached(value):
    if isinstance(value, (list, tuple)) and not hasattr(value, "batch_sizes"):
        return [_detached(one) for one in value]
    return value.detach().cpu() if hasattr(value, "detach") else value
