"""What an exercise says to an answer: one module for a chapter, one check for each.

    from unrolled.checks import recurrence as check

    check.one_step(one_step)

A check prints one paragraph and returns None. It begins with "Not tried yet." for a
stub, with "Not yet." and a hint at the likely mistake (never the answer), or with
"Right." and what was shown. It raises nothing, whatever it is given: an error in the
reader's function is reported. Here is what the chapters' checks are made of.
"""

import copy
import functools
import textwrap

import numpy as np


class NotTried(Exception):
    """The answer is still the stub; the message says what to do."""


class Hint(Exception):
    """The answer is wrong; the message says where to look."""


class Raised(Hint):
    """The reader's function raised an error; the message reports it."""


def exercise(check):
    """Make a check of a function that returns what was shown, or raises a `Hint`."""

    @functools.wraps(check)
    def checked(answer=None):
        try:
            if _blank(answer):
                raise NotTried("Replace the three dots, then run this cell again.")
            with np.errstate(all="ignore"):
                said = f"Right. {check(answer)}"
        except NotTried as reason:
            said = f"Not tried yet. {reason}"
        except Hint as hint:
            said = f"Not yet. {hint}"
        except Exception as error:
            said = f"Not yet. This could not be checked: {_report(error)}"
        print(textwrap.fill(said, 76, break_long_words=False, break_on_hyphens=False))

    return checked


def ask(function, *arguments, copied=True):
    """Return what the reader's function makes of the arguments (of copies of them).

    Raises `NotTried` where it is a stub, and `Raised` where it raises.
    """
    if not callable(function):
        raise Hint(f"A function is wanted, and this is {_kind(function)}.")
    try:
        answer = function(*(copy.deepcopy(arguments) if copied else arguments))
    except NotImplementedError:
        answer = NotImplemented
    except Exception as error:
        raise Raised(f"Your function raised an error, {_report(error)}") from None
    if answer is None:
        raise NotTried(
            "The function returns None. If it is written, is `return` there?"
        )
    if _blank(answer):
        raise NotTried("Replace the three dots, then run this cell again.")
    return answer


def array(value):
    """Return an answer as a float64 array; a `Hint` says what it is if it is none."""
    found = _found(value)
    if found is None or found.dtype.kind not in "biuf":
        raise Hint(f"Numbers are wanted, and this is {_kind(value)}.")
    return found.astype(float)


def truth(value):
    """Return an answer that is True or False as a bool."""
    found = _found(value)
    if found is None or found.shape != () or found.dtype != bool:
        raise Hint(f"True or False is wanted, and this is {_kind(value)}.")
    return bool(found)


def choose(prediction, right, hints):
    """Raise a `Hint` where a prediction, one of a few letters, is not the right one.

    hints : {letter: the hint to it}, for each of the letters but the right one.
    """
    letters = sorted([right, *hints])
    if not isinstance(prediction, str):
        wanted = ", ".join(f'"{one}"' for one in letters[:-1])
        raise Hint(
            f'One of the letters is wanted, in quotes: {wanted} or "{letters[-1]}".'
        )
    letter = prediction.strip(" ().").lower()
    if letter in hints:
        raise Hint(hints[letter])
    if letter != right:
        raise Hint(f'"{prediction[:20]}" is not one of the {len(letters)} letters.')


def words(answer, right, hints):
    """Raise a `Hint` where an answer is not `right`, a dictionary of words.

    hints : {name: the hint to a word of the list that is wrong there}.

    Raises `NotTried` where no word has been put in.
    """
    if not isinstance(answer, dict) or set(answer) != set(right):
        names = ", ".join(f'"{name}"' for name in right)
        raise Hint(f"A dictionary with these keys is wanted: {names}.")
    blank = [name for name in right if answer[name] is ... or answer[name] is None]
    if len(blank) == len(right):
        raise NotTried("Put one of the words in place of each three dots.")
    for name in right:
        if name in blank:
            continue
        if not isinstance(answer[name], str):
            raise Hint(f"{name}: one of the words is needed, in quotes.")
        word = answer[name].strip().lower()
        if word not in right.values():
            known = ", ".join(right.values())
            raise Hint(f'"{answer[name][:20]}" is not one of the words: {known}.')
        if word != right[name]:
            raise Hint(f"{name}: {hints[name]}")
    if blank:
        raise Hint(f"Right so far. Still open: {'; '.join(blank)}.")


def compare(answer, right, mistakes, otherwise):
    """Raise a `Hint` where an answer is not the array `right`.

    mistakes : {hint: the array that this mistake gives}.
    otherwise : the hint for an answer of the right shape that is none of these.
    """
    answer = array(answer)
    if same(answer, right):
        return
    for hint, wrong in mistakes.items():
        if same(answer, wrong):
            raise Hint(hint)
    if answer.shape != right.shape:
        raise Hint(f"The result has shape {answer.shape}, and {right.shape} is wanted.")
    if np.isnan(answer).any():
        raise Hint("The shape is right, but there are NaNs in the result.")
    raise Hint(f"The shape is right, the numbers are not. {otherwise}")


def same(one, other):
    """Whether two arrays are of one shape and equal to 1e-5, as float32 can be."""
    return one.shape == other.shape and np.allclose(one, other, rtol=1e-5, atol=1e-5)


def draw_weights(rng, d, H):
    """Draw W_x (H, d), W_h (H, H) and b (H,), of a size at which tanh is not flat."""
    return rng.normal(size=(H, d)) / 2, rng.normal(size=(H, H)) / 2, rng.normal(size=H)


def explorer(value, kind):
    """Return an answer that is an explorer of this kind; raise a `Hint` if it is not.

    It goes by the class's name: the explorers' own module would import anywidget.
    """
    if kind not in [cls.__name__ for cls in type(value).__mro__]:
        raise Hint(f"The figure itself is wanted, {kind}; this is {_kind(value)}.")
    return value


def _found(value):
    """The array that NumPy makes of a value (of a tensor too), or None."""
    try:
        return np.asarray(value.detach() if hasattr(value, "detach") else value)
    except Exception:
        return None


def _blank(answer):
    return answer is None or answer is ... or answer is NotImplemented


def _kind(value):
    article = "an" if type(value).__name__[0] in "aeiouAEIOU" else "a"
    return f"{article} {type(value).__name__}"


def _report(error):
    message = textwrap.shorten(str(error), 240, placeholder=" ...")
    return f"{type(error).__name__}: {message}" if message else type(error).__name__
