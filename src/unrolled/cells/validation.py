"""Checks of the numbers and arrays that cells and functions are given.

Each check returns what it approves of, or raises an error that says whose argument it
was, what was given, what was expected and what to do. `owner` is the name of the cell
or function. PyTorch's modules are checked in `pytorch`, beside this file.
"""

import numbers
import operator
import sys

import numpy as np

DTYPES = (np.dtype(np.float32), np.dtype(np.float64))


def plain(owner, name, value, dtype=np.float64):
    """Return `value` as an array: of an array, a PyTorch tensor or lists of numbers.

    What says more than its numbers is refused, because the rest would be lost without a
    word: a mask, units, a table's index, the lengths of packed and nested sequences, a
    tensor's way back to what it was computed from. A masked array in which nothing is
    masked is an array.

    dtype : what an error advises to convert to.

    Raises TypeError for what says more, ValueError for nested lists of unequal lengths.
    """
    _says_no_more(owner, name, value, np.dtype(dtype))
    try:
        return np.asarray(value)
    except (TypeError, ValueError, RuntimeError) as error:
        raise type(error)(
            f"{owner}: {name} is not an array ({error}): give it numbers, in lists of "
            "equal lengths; sequences of unequal lengths one by one"
        ) from error


def _says_no_more(owner, name, value, dtype):
    torch = sys.modules.get("torch")  # where there are tensors, it has been imported
    if torch and isinstance(value, torch.nn.utils.rnn.PackedSequence):
        padded = f"torch.nn.utils.rnn.pad_packed_sequence({name})[0]"
        raise TypeError(
            f"{owner}: {name} is a PackedSequence, whose lengths would be lost: give "
            f"it {_numbers_of(padded, dtype)}, and read each sequence at its own last "
            "step"
        )
    if isinstance(value, (list, tuple)):
        for k, one in enumerate(value):
            _says_no_more(owner, f"{name}[{k}]", one, dtype)
    elif torch and isinstance(value, torch.Tensor):
        _plain_tensor(owner, name, value, dtype)
    elif isinstance(value, np.ma.MaskedArray):
        if np.ma.is_masked(value):
            raise TypeError(
                f"{owner}: {name} is a masked array, and what lies under its mask "
                f"({np.ma.count_masked(value)} of {value.size} numbers) would be "
                f"computed with: fill it, {name}.filled(0), or leave those steps out"
            )
    elif hasattr(type(value), "__array__") and not (
        isinstance(value, np.generic) or type(value) in (np.ndarray, np.memmap)
    ):
        kind = f"{type(value).__module__.partition('.')[0]}.{type(value).__name__}"
        raise TypeError(
            f"{owner}: {name} is a {kind}, and what it says beside its numbers (units, "
            "an index, names) would be lost: give it the numbers alone, "
            f"np.asarray({name}, dtype=np.{dtype})"
        )


def _plain_tensor(owner, name, value, dtype):
    """Raise TypeError for a tensor that NumPy cannot read, or that would lose more."""
    import torch

    here, known = name, (torch.float16, torch.float32, torch.float64)
    if value.is_nested:
        what = "a nested tensor, whose lengths would be lost"
        here = f"torch.nested.to_padded_tensor({name}, 0.0).transpose(0, 1)"
    elif value.layout != torch.strided:
        what, here = "a sparse tensor", f"{name}.to_dense()"
    elif value.is_meta:
        raise TypeError(
            f"{owner}: {name} is on the meta device, where there are shapes and no "
            "numbers: make it on the CPU"
        )
    elif value.requires_grad:
        what = "a tensor that requires grad, and its way back would be lost"
    elif value.device.type != "cpu" or (
        value.is_floating_point() and value.dtype not in known
    ):
        what = f"a tensor of {value.dtype} on {value.device}, which NumPy cannot read"
    else:
        return
    numbers = _numbers_of(here, dtype)
    raise TypeError(f"{owner}: {name} is {what}: give it {numbers}")


def _numbers_of(tensor, dtype):
    return f'{tensor}.detach().to("cpu", torch.{dtype})'


def float_array(owner, name, value, dtype=None, like="W_x"):
    """Return `value` as a float32 or float64 array.

    An array keeps its dtype, which must be `dtype` where that is given: that of what is
    called `like`. Anything else that NumPy reads as numbers, such as a list of floats,
    becomes `dtype` (float64 if None).

    Raises TypeError for another dtype (integers, booleans, complex numbers, float16,
    text, objects), and TypeError and ValueError as `plain` does.
    """
    wanted = np.dtype(dtype or np.float64)
    array = plain(owner, name, value, wanted)
    if array.dtype not in DTYPES:
        is_real = np.can_cast(array.dtype, np.float64, "same_kind")
        convert = f"convert it with np.asarray({name}, dtype=np.{wanted})"
        raise TypeError(
            f"{owner}: {name} is {array.dtype}, but must be float32 or float64: "
            + (convert if is_real else "give it real numbers")
        )
    if dtype is not None and array.dtype != dtype:
        if hasattr(value, "dtype"):
            raise TypeError(
                f"{owner}: {name} is {array.dtype}, but {like} is {dtype}: "
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
        one = f"np.asarray({name}, dtype=np.{W_x.dtype})"
        hint = f", so {name} as one column, {one}[:, None]" if input_size == 1 else ""
        if array.shape == (input_size,) != (1,):
            hint = f", so {name} as one row, {one}[None]"
        raise ValueError(
            f"{owner}: {name} has shape {array.shape}, but must be "
            f"(T, ..., {input_size}): time first, features last{hint}"
        )
    return _features(owner, name, array, W_x)


def step_input(owner, name, value, W_x):
    """Return the input of one step as an array `(..., d)`; errors as in `sequence`."""
    array = float_array(owner, name, value, W_x.dtype)
    if array.ndim < 1:
        d = W_x.shape[1]
        what = "it" if d == 1 else f"the {d} features of the step"
        raise ValueError(
            f"{owner}: {name} is a single number, but must be (..., {d}): "
            f"put {what} into a list, [{name}{', ...' * (d > 1)}]"
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
    if isinstance(value, (tuple, list)) and len(value) == 2:
        shapes = {tuple(getattr(one, "shape", ())) for one in value}
        if shapes <= {shape, (1, *shape)}:
            _pair_of_states(owner, name, shapes.pop() != shape, gates)
    array = float_array(owner, name, value, W_x.dtype)
    if array.shape != shape:
        layer = array.shape == (1, *shape)
        raise ValueError(
            f"{owner}: {name} has shape {array.shape}, but x and W_x {W_x.shape} "
            f"need {shape}: one state of {shape[-1]} units for every sequence in the "
            "batch" + f", so without PyTorch's count of layers, {name}[0]" * layer
        )
    return array


def _pair_of_states(owner, name, layer, gates):
    """Raise TypeError for PyTorch's (h, c); with `layer`, each counts its layers."""
    h, c = (f"{name}[{k}]{'[0]' * layer}" for k in (0, 1))
    if gates == 4:
        end = "_0" * name.endswith("_0")
        what = f"give each by its name, h{end}={h} and c{end}={c}"
    else:
        what = f"this cell has one state, so give it the first, {h}"
    raise TypeError(f"{owner}: {name} is a pair of states, (h, c): {what}")


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
    """Raise ValueError if each of `gradients`, by name, is None.

    grad_NAME is the gradient with respect to the run's NAME.
    """
    if all(value is None for value in gradients.values()):
        *others, last = (f"run.{name[5:]} as {name}" for name in gradients)
        raise ValueError(
            f"{owner}: none of {', '.join(gradients)} is given, so there is nothing to "
            f"send back: give the loss's gradient with respect to {', '.join(others)} "
            f"or {last}"
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


def whole(owner, name, value, least, *, optional=False):
    """Return `value` as an int of at least `least`; or None, where it is `optional`.

    Raises TypeError for what is no whole number, ValueError for one below.
    """
    if value is None and optional:
        return None
    expected = (
        f"but must be a whole number of at least {least}" + ", or None" * optional
    )
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise TypeError(f"{owner}: {name} is {value!r}, {expected}")
    if operator.index(value) < least:
        raise ValueError(f"{owner}: {name} is {value!r}, {expected}")
    return operator.index(value)


def real(owner, name, value, *, least=None, above=None):
    """Return `value` if it is a finite number, of at least `least` or above `above`.

    Raises TypeError for what is no number, ValueError for one that does not fit.
    """
    expected = "but must be a finite number"
    if least is not None:
        expected += f" of at least {least}"
    if above is not None:
        expected += f" above {above}"
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(f"{owner}: {name} is {value!r}, {expected}")
    if (
        not np.isfinite(value)
        or (least is not None and value < least)
        or (above is not None and value <= above)
    ):
        raise ValueError(f"{owner}: {name} is {value!r}, {expected}")
    return value


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
