"""Checks of the arrays that cells are given.

Each check returns what it approves of, or raises an error that says whose argument it
was, what was given, what was expected and what to do. `owner` is the cell's name.
"""

import numpy as np

DTYPES = (np.dtype(np.float32), np.dtype(np.float64))


def float_array(owner, name, value, dtype=None):
    """Return `value` as a float32 or float64 array.

    An array keeps its dtype, which must be `dtype` where that is given. Anything else
    that NumPy reads as numbers, such as a list of floats, becomes `dtype` (float64 if
    None).

    Raises TypeError for another dtype (integers, booleans, complex numbers, float16,
    text, objects), and ValueError for nested lists of unequal lengths.
    """
    try:
        array = np.asarray(value)
    except (TypeError, ValueError, RuntimeError) as error:
        raise type(error)(f"{owner}: {name} is not an array: {error}") from error
    if array.dtype not in DTYPES:
        message = f"{owner}: {name} is {array.dtype}, but must be float32 or float64"
        if np.can_cast(array.dtype, np.float64, "same_kind"):
            message += f": convert it with np.asarray({name}, dtype=np.float64)"
        raise TypeError(message)
    if dtype is not None and array.dtype != dtype:
        if hasattr(value, "dtype"):
            raise TypeError(
                f"{owner}: {name} is {array.dtype}, but W_x is {dtype}: "
                f"convert it with np.asarray({name}, dtype=np.{dtype})"
            )
        with np.errstate(over="ignore"):  # a value too large becomes inf
            array = array.astype(dtype)
    return array


def weight(owner, name, value, shape, dtype=None):
    """Return a read-only copy of a parameter, finite and of the given shape.

    `shape` holds sizes, or letters (such as "H") for sizes that are free but not zero.

    Raises TypeError as `float_array` does, ValueError for the wrong shape and for a
    value that is NaN or infinite.
    """
    array = np.array(float_array(owner, name, value, dtype), order="C")
    fits = array.ndim == len(shape) and all(
        size > 0 if isinstance(expected, str) else size == expected
        for size, expected in zip(array.shape, shape, strict=True)
    )
    if not fits:
        free = any(isinstance(size, str) for size in shape)
        raise ValueError(
            f"{owner}: {name} has shape {array.shape}, but must be {_written(shape)}"
            + (" with no size zero" if free else " to fit W_x")
        )
    if not np.isfinite(array).all():
        at = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(
            f"{owner}: {name} is {array[at]} at {list(at)}, but weights must be "
            "finite: look at what computed or trained them"
        )
    array.flags.writeable = False
    return array


def one_of(owner, name, value, choices):
    """Return `value` if it is one of the strings `choices`; raise ValueError if not."""
    if not isinstance(value, str) or value not in choices:
        *others, last = (repr(choice) for choice in choices)
        raise ValueError(
            f"{owner}: {name} is {value!r}, but must be {', '.join(others)} or {last}"
        )
    return value


def sequence(owner, name, value, W_x):
    """Return a sequence of inputs as an array `(T, ..., d)`, where T is not zero.

    NaN and infinity pass: data are shown as what they are.

    Raises TypeError as `float_array` does, and ValueError for the wrong shape.
    """
    array = float_array(owner, name, value, W_x.dtype)
    input_size = W_x.shape[1]
    if array.size == 0 and array.shape[:1] == (0,):
        raise ValueError(
            f"{owner}: {name} has shape {array.shape}, which is an empty sequence: "
            "give it at least one step"
        )
    if array.ndim < 2:
        hint = f", so {name} as one column, {name}[:, None]" if input_size == 1 else ""
        raise ValueError(
            f"{owner}: {name} has shape {array.shape}, but must be "
            f"(T, ..., {input_size}): time first, features last{hint}"
        )
    return _features(owner, name, array, W_x)


def step_input(owner, name, value, W_x):
    """Return the input of one step as an array `(..., d)`; errors as in `sequence`."""
    array = float_array(owner, name, value, W_x.dtype)
    if array.ndim < 1:
        raise ValueError(
            f"{owner}: {name} is a single number, but must be (..., {W_x.shape[1]}): "
            f"put it into a list, [{name}]"
        )
    return _features(owner, name, array, W_x)


def state(owner, name, value, batch, W_x):
    """Return a state as an array of shape `(*batch, H)`; None means zeros.

    NaN and infinity pass: a state may come from a run that overflowed.

    Raises TypeError as `float_array` does, and ValueError for the wrong shape.
    """
    shape = (*batch, W_x.shape[0])
    if value is None:
        return np.zeros(shape, W_x.dtype)
    array = float_array(owner, name, value, W_x.dtype)
    if array.shape != shape:
        raise ValueError(
            f"{owner}: {name} has shape {array.shape}, but x and W_x {W_x.shape} "
            f"need {shape}: one state of {W_x.shape[0]} units for every sequence "
            "in the batch"
        )
    return array


def _features(owner, name, array, W_x):
    if array.shape[-1] != W_x.shape[1]:
        raise ValueError(
            f"{owner}: {name} has {array.shape[-1]} features per step, "
            f"but W_x {W_x.shape} expects {W_x.shape[1]}"
        )
    return array


def _written(shape):
    """Write a shape as Python does, with letters for the free sizes: (H, d), (8,)."""
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"
