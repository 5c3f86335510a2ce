"""What an answer may be: the checks' helpers, which raise a fitting `Hint`."""

import copy
import inspect
import re
import textwrap
import traceback
import weakref

import numpy as np

from unrolled.cells import RNNCell


class Said(Exception):
    """What is said: the key of a message among the hints, and what fills its holes.

    The hints are those of the exercise, and those of all. A hole is filled with a str,
    an int, or what is said itself.
    """

    def __init__(self, key, /, **values):
        super().__init__(key)
        self.key, self.values = key, values


class NotTried(Said):
    """The answer is still the stub; the message says what to do."""


class Hint(Said):
    """The answer is wrong; the message says where to look."""


class Raised(Hint):
    """The reader's function raised an error, its cause; the message reports it."""

    by = None  # the error, also where a check raises this again, from None


def ask(function, *arguments, copied=True):
    """Return what the reader's function makes of the arguments (of copies of them).

    Raises `NotTried` where it is a stub, and `Raised` where it raises.
    """
    if not callable(function):
        raise Hint("function_wanted", kind=_kind(function))
    try:
        answer = function(*(copy.deepcopy(arguments) if copied else arguments))
    except NotImplementedError:
        answer = NotImplemented
    except (Exception, SystemExit) as error:
        given, line = _given(function, arguments), _line(function, error)
        told = {"some": bool(given), "given": given, "line": line}
        raised = Raised("raised", error=report(error), **told)
        raised.by = error
        raise raised from error
    if answer is None:
        raise NotTried("none_returned")
    if blank(answer):
        raise NotTried("stub")
    return answer


def array(value):
    """Return an answer as a float64 array; a `Hint` says what it is if it is none."""
    found = _found(value)
    if found is None or found.dtype.kind not in "biuf":
        raise Hint("numbers_wanted", kind=_kind(value))
    return found.astype(float)


def number(value):
    """Return an answer that is one number as a float64 array of shape ()."""
    found = array(value)
    if found.ndim:
        raise Hint("number_wanted", shape=str(found.shape))
    return found


def truth(value):
    """Return an answer that is True or False as a bool."""
    found = _found(value)
    if found is None or found.shape != () or found.dtype != bool:
        raise Hint("truth_wanted", kind=_kind(value))
    return bool(found)


def choose(prediction, right, letters=("a", "b", "c", "d")):
    """Raise a `Hint` where a prediction, one of a few letters, is not the right one.

    Each of the letters but the right one is the key of the hint to it.
    """
    if not isinstance(prediction, str):
        *others, last = (f'"{one}"' for one in letters)
        raise Hint("letter_wanted", letters=", ".join(others), last=last)
    letter = prediction.strip(" ().:\"'").lower()
    if letter not in letters:
        raise Hint("letter_unknown", given=prediction[:20], count=len(letters))
    if letter != right:
        raise Hint(letter)


def choose_each(answer, right):
    """Raise a `Hint` where an answer is not `right`, a dictionary of words.

    A right word is the key of the hint to another word in its place. Raises `NotTried`
    where no word has been put in.
    """
    with_keys(answer, right)
    blank = [name for name in right if answer[name] is ... or answer[name] is None]
    if len(blank) == len(right):
        raise NotTried("words_wanted")
    for name in right:
        if name in blank:
            continue
        if not isinstance(answer[name], str):
            raise Hint("word_wanted", name=name)
        known = {word.lower(): word for word in right.values()}
        word = answer[name].strip().lower()
        if word not in known:
            known = ", ".join(known.values())
            raise Hint("word_unknown", given=answer[name][:20], known=known)
        if known[word] != right[name]:
            raise Hint("word_wrong", name=name, hint=Hint(right[name]))
    if blank:
        raise Hint("still_open", names="; ".join(blank))


def with_keys(answer, keys):
    """Return an answer that is a dictionary with just these keys."""
    if not isinstance(answer, dict) or set(answer) != set(keys):
        raise Hint("keys_wanted", keys=", ".join(f'"{key}"' for key in keys))
    return answer


def compare(answer, right, mistakes, otherwise="otherwise", **values):
    """Raise a `Hint` where an answer is not the array `right`.

    mistakes : {key of the hint: the array that this mistake gives}.
    otherwise : the key for an answer of the right shape that is none of these.
    values : what fills the holes of these hints.
    """
    answer = array(answer)
    if same(answer, right):
        return
    for key, wrong in mistakes.items():
        if same(answer, wrong):
            raise Hint(key, **values)
    if answer.shape != right.shape:
        raise Hint("shape", shape=str(answer.shape), wanted=str(right.shape))
    if np.isnan(answer).any():
        raise Hint("nan")
    raise Hint("numbers", hint=Hint(otherwise, **values))


def same(one, other):
    """Whether two arrays are of one shape and equal to 1e-5, as float32 can be."""
    return one.shape == other.shape and np.allclose(one, other, rtol=1e-5, atol=1e-5)


def draw_weights(rng, d, H):
    """Draw W_x (H, d), W_h (H, H) and b (H,), of a size at which tanh is not flat."""
    return rng.normal(size=(H, d)) / 2, rng.normal(size=(H, H)) / 2, rng.normal(size=H)


def watched(cell):
    """Return an `RNNCell` like this, and the list of its runs, filled as they are made.

    Of each run it has the number of steps, and of how many earlier runs the states were
    still in memory when it began.
    """
    runs, kept = [], []

    class Watched(RNNCell):
        def run(self, x, h_0=None):
            kept[:] = [one for one in kept if one() is not None]
            runs.append((len(x), len(kept)))
            run = super().run(x, h_0)
            kept.append(weakref.ref(run.h))
            return run

    return Watched(cell.W_x, cell.W_h, cell.b, cell.activation), runs


def comes_from(function, libraries):
    """The first of these libraries that a function uses by name, or None."""
    code = getattr(function, "__code__", None)
    known = getattr(function, "__globals__", {})
    for name in code.co_names if code else ():
        value = known.get(name)
        source = getattr(value, "__module__", None) or getattr(value, "__name__", name)
        root = str(source).partition(".")[0]
        if root in libraries:
            return root
    return None


def explorer(value, kind):
    """Return an answer that is an explorer of this kind; raise a `Hint` if it is not.

    It goes by the class's name: the explorers' own module would import anywidget.
    """
    if kind not in [cls.__name__ for cls in type(value).__mro__]:
        raise Hint("figure_wanted", wanted=kind, kind=_kind(value))
    return value


# What changes how a figure shows itself, and nothing of what it shows.
_SHOWN = {"name", "try_this", "presets", "ask"}
_SHOWN |= {"step", "lag", "update", "gate", "cell", "gradient"}
_SHOWN |= {"tensor", "sequence", "layer", "direction"}


def untouched(figure, **given):
    """Whether a figure is as the exercise gave it: made with these settings alone."""
    now, before = figure.state, type(figure)(**given).state
    return all(now[name] == before[name] for name in now.keys() - _SHOWN)


def _found(value):
    """The array that NumPy makes of a value (of a tensor too), or None."""
    try:
        return np.asarray(value.detach() if hasattr(value, "detach") else value)
    except Exception:
        return None


def blank(answer):
    """Whether an answer is still the stub's."""
    return answer is None or answer is ... or answer is NotImplemented


def _kind(value):
    name = type(value).__name__
    return Hint("kind", name=name, vowel=name[0] in "aeiouAEIOU")


def _given(function, arguments):
    """What a function was given, by its own names: shapes of arrays, and numbers."""
    try:
        names = list(inspect.signature(function).bind(*arguments).arguments)
    except (TypeError, ValueError):
        names = []
    if len(names) != len(arguments):
        names = [""] * len(arguments)
    told = []
    for name, value in zip(names, arguments, strict=True):
        if isinstance(value, np.ndarray) and value.ndim:
            told.append(f"{name} {value.shape}")
        elif isinstance(value, (int, float, np.ndarray)):
            told.append(f"{name} = {value:.4g}" if name else f"{value:.4g}")
        else:
            told.append(name or type(value).__name__)
    return ", ".join(one.strip() for one in told)


def _line(function, error):
    """The line of the reader's function in which an error was raised; 0 if unknown."""
    code = getattr(function, "__code__", None)
    frames = traceback.walk_tb(error.__traceback__)
    lines = [line for frame, line in frames if frame.f_code is code]
    return lines[-1] - code.co_firstlineno + 1 if lines else 0


# What NumPy and PyTorch say where arrays do not fit, by the key of our words for it.
_SAID = (
    ("fits_not_product", r"size.(?P<right>\d+).is.different.from.(?P<left>\d+)"),
    ("fits_not_product", r"not.aligned: (?P<left>\d+).* != (?P<right>\d+) "),
    ("fits_not_product", r"\(\d+x(?P<left>\d+).and.(?P<right>\d+)x\d+\)"),
    ("number_in_product", r"matmul: .*not.have.enough.dimensions"),
    ("fits_not_each", r"broadcast.together.with.shapes.(?P<shapes>[(].*[)])"),
    ("fits_not_into", r"array.from.shape.(?P<one>.*).into.shape.(?P<other>.*)"),
    ("fits_not_into", r"with.shape.(?P<other>.*).doesn't.* shape.(?P<one>.*)"),
    ("joined_unlike", r"all.the.input.array|all.input.arrays.must|Sizes.of.tensors"),
    ("joined_number", r"zero-dimensional.arrays.cannot"),
    ("joined_nothing", r"need.at.least.one.array"),
    ("index_outside", r"index.(?P<index>\S+).is.out.* size.(?P<size>\d+)"),
    ("axis_missing", r"axis.(?P<axis>\S+).is.out.* dimension.(?P<axes>\d+)"),
    ("indices_too_many", r"array.is.(?P<axes>\d+)-dim.*, but.(?P<count>\d+).were"),
    ("reshaped_wrong", r"array.of.size.(?P<size>\d+).into.shape.(?P<shape>.*)"),
    ("truth_of_many", r"truth.value.of.an.array|value.of.Tensor.with.more"),
    ("split_uneven", r"array.split.does.not"),
    ("ragged", r"inhomogeneous|setting.an.array.element.with.a.sequence"),
    ("number_of_many", r"only.*arrays.can.be.converted"),
    ("shapes_unfit", r"operand|ufunc|broadcast|axes.don't.match|mismatch"),
    ("shapes_unfit", r"boolean.index.did.not.match|tensor.a |tensor.size|remapped"),
)


def report(error):
    """An error by its type, and what it says: NumPy's own messages in our words."""
    said = re.sub(r"[\w.]*<locals>\.", "", str(error))
    said = textwrap.shorten(said, 240, placeholder=" ...")
    for key, pattern in _SAID:
        found = re.search(pattern, str(error), re.DOTALL)
        if found:
            said = Hint(key, **found.groupdict())
            break
    name = type(error).__name__
    return Hint("error_says", name=name, said=said) if said else name
