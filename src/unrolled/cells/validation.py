"""Checks of the arrays that cells are given.

Each check returns what it approves of, or raises an error that says whose argument it
was, what was given, what was expected and what to do. `owner` is the cell's name.
"""

import operator

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

    `shape` holds sizes, or text for those that are free but not zero: "H", or "4*H" for
    a multiple of 4.

    Raises TypeError as `float_array` does, ValueError for the wrong shape and for a
    value that is NaN or infinite.
    """
    array = np.array(float_array(owner, name, value, dtype), order="C")
    fits = array.ndim == len(shape) and all(
        size and size % int(expected.rpartition("*")[0] or 1) == 0
        if isinstance(expected, str)
        else size == expected
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


def flag(owner, name, value):
    """Return `value` if it is True or False; raise TypeError if not."""
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{owner}: {name} is {value!r}, but must be True or False")
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


def state(owner, name, value, batch, W_x, gates=1):
    """Return a state as an array of shape `(*batch, H)`; None means zeros.

    `gates` says how many blocks of H rows W_x has.

    NaN and infinity pass: a state may come from a run that overflowed.

    Raises TypeError as `float_array` does, and ValueError for the wrong shape.
    """
    shape = (*batch, W_x.shape[0] // gates)
    if value is None:
        return np.zeros(shape, W_x.dtype)
    array = float_array(owner, name, value, W_x.dtype)
    if array.shape != shape:
        raise ValueError(
            f"{owner}: {name} has shape {array.shape}, but x and W_x {W_x.shape} "
            f"need {shape}: one state of {shape[-1]} units for every sequence "
            "in the batch"
        )
    return array


def run(owner, value, kind, W_x, gates=1):
    """Return `value` if it is a run, of class `kind`, of a cell with weights like W_x.

    `gates` says how many blocks of H rows W_x has.

    Raises TypeError for anything else, ValueError for a run of a cell that has other
    sizes or another dtype.
    """
    if not isinstance(value, kind):
        raise TypeError(
            f"{owner}: run is of type {type(value).__name__}, but must be the "
            f"{kind.__name__} that this cell's run(x) returned"
        )
    was = (gates * value.h.shape[-1], value.x.shape[-1])
    if was != W_x.shape or value.h.dtype != W_x.dtype:
        raise ValueError(
            f"{owner}: run is that of a cell with W_x {was} in {value.h.dtype}, but "
            f"this cell's W_x is {W_x.shape} in {W_x.dtype}: give it this cell's own "
            "run(x)"
        )
    return value


def some_gradient(owner, **gradients):
    """Raise ValueError if each of `gradients`, by name, is None."""
    if all(value is None for value in gradients.values()):
        raise ValueError(
            f"{owner}: none of {', '.join(gradients)} is given, so there is nothing to "
            "send back: give the loss's gradient with respect to run.h as grad_h, or "
            "with respect to run.h_n as grad_h_n"
        )


def gradient(owner, name, value, like):
    """Return a gradient as a new array, of the shape and dtype of the array `like`.

    None means zeros. NaN and infinity pass: a gradient may have overflowed.

    Raises TypeError as `float_array` does, and ValueError for the wrong shape.
    """
    if value is None:
        return np.zeros_like(like, order="C")
    array = np.array(float_array(owner, name, value, like.dtype), order="C")
    if array.shape != like.shape:
        raise ValueError(
            f"{owner}: {name} has shape {array.shape}, but must be {like.shape}: "
            f"one number for every number in run.{name.removeprefix('grad_')}"
        )
    return array


def steps(owner, name, value):
    """Return a number of steps, a whole number of at least 1, as an int; or None.

    Raises TypeError for what is no whole number, ValueError for one below 1.
    """
    if value is None:
        return None
    expected = f"but must be a whole number of steps, at least 1, or None: {name}=5"
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise TypeError(f"{owner}: {name} is {value!r}, {expected}")
    if operator.index(value) < 1:
        raise ValueError(f"{owner}: {name} is {value!r}, {expected}")
    return operator.index(value)


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
