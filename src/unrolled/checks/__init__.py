"""What an exercise says to an answer: a room for a chapter, one check for each.

    from unrolled.checks import recurrence as check

    check.one_step(one_step)

A check prints one paragraph and returns None. It begins with "Not tried yet." for a
stub, with "Not yet." and a hint at the likely mistake (never the answer), or with
"Right." and what was shown. It raises nothing, whatever it is given: an error in the
reader's function is reported. Here is what the chapters' checks are made of.

Who assigns a chapter has the same outcome in two other forms, which print nothing:

    check.one_step.grade(one_step)    # a Grade: points, most, said
    check.one_step.require(one_step)  # nothing, or raises NotRight: the hint

A stub has no points, and an answer has all of them or none: the chapter's record says
how many. The same answer is graded alike whenever it is asked, and left as it was. In
nbgrader, a tests cell is one of these lines (for the second, give the cell the `most`
as its points; a check that prints would give a stub full points):

    check.one_step.require(one_step)
    check.one_step.grade(one_step).points

(`make assignments` writes such cells, which `tell` what the check says as well.) In
Otter, a test raises, in its doctests as in its test files:

    >>> check.one_step.require(one_step)
    @test_case(points=2)
    def test_one_step(one_step): check.one_step.require(one_step)

In a script many answers go through one check, and none of them stops it:

    for name, answer in answers.items():
        print(name, *check.one_step.grade(answer), sep="\\t")

What is said is data: a room's words/en.json has for each of its exercises the message
`right` and its `hints` by key; what any exercise may say is in the words/ beside this.

What needs no Python is answered on the page as well: a choice, a number, a table, the
setting of a figure. The rule for it is data, too, in the room's rules.json, by which
both sides go (`unrolled.rules`). A check that has a rule goes by it first, and its own
code, if there is any, says what was shown. What a chapter only asks to be predicted has
a rule and words, and no check: it is one of the room's `predictions`.
"""

import contextlib
import functools
import inspect
import io
import random
import sys
import warnings
from collections import ChainMap
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple
from unicodedata import east_asian_width

import numpy as np

from unrolled import data, records
from unrolled.checks.answers import (
    Hint,
    NotTried,
    Raised,
    Said,
    blank,
    report,
)
from unrolled.checks.questions import Outcome, Task, answered, by_rule, rules_of
from unrolled.words import Words, holes, leaves, parse

HERE = Path(__file__).parent


class Grade(NamedTuple):
    """What an answer gets: `points` of `most`, and what the check says to it."""

    points: int
    most: int
    said: str

    def tell(self):
        """Print what the check says, in lines: nbgrader's feedback cuts long ones."""
        print(_wrapped(self.said))

    def _repr_pretty_(self, printer, cycle):
        """Show the points alone in a notebook: to nbgrader, all else is full marks."""
        printer.text(str(self.points))


class NotRight(AssertionError):
    """An answer is not right; the message is what the check says to it.

    Where the reader's function raised an error, that is the cause.
    """


def exercise(check):
    """Make a check of a function that finds out what was shown, or raises a `Hint`.

    Its messages are found by its name, and its rule, if the room's rules.json has one:
    then the answer is right by that before the function is asked. What it returns, a
    dictionary or None, fills the holes of the message `right`. The check prints; its
    `grade` and its `require` are the forms for those who assign it, and need the
    chapter's record.
    """
    return _made(check, check.__name__, Path(inspect.getfile(check)).parent)


def predictions(file):
    """Return the questions of a room that no check is about, by name, as attributes.

    file : the room's `__file__`. They are the rules of its rules.json that say so.
    """
    room = Path(file).parent
    asked = [name for name, rule in rules_of(room).items() if rule.get("predict")]
    return SimpleNamespace(**{name: _made(lambda _: {}, name, room) for name in asked})


def _made(check, name, room):
    folders = (one / "words" for one in (HERE, room))
    words = Words(*(one for one in folders if data.within(one, "*.json")))
    rule = rules_of(room).get(name)

    def tell(said):
        if not isinstance(said, Said):
            return said
        own, shared = f"{name}.hints.{said.key}", f"hints.{said.key}"
        return fill(own if own in leaves(words.tree) else shared, said.values)

    def fill(key, values):
        wanted = holes(parse(words.text(key))) & set(values)
        return words(key, **{hole: tell(values[hole]) for hole in wanted})

    def shown(answer):
        found = by_rule(rule, answer) if rule else {}
        return ChainMap(check(answer) or {}, found)

    def found_out(answer):
        try:
            if blank(answer):
                raise NotTried("stub")
            with np.errstate(all="ignore"), _same_chance():
                return Outcome("right", fill(f"{name}.right", shown(answer)))
        except NotTried as said:
            return Outcome("not_tried", tell(said), said.key)
        except Hint as said:
            return Outcome("not_yet", tell(said), said.key, _readers_error(said))

    def outcome(answer):
        """The verdict, and all that is said."""
        try:
            found = found_out(answered(answer))
        except Exception as error:
            said = tell(Hint("not_checked", error=report(error)))
            found = Outcome("not_yet", said, "not_checked", error)
        return found._replace(
            said=" ".join(f"{words(found.verdict)} {found.said}".split())
        )

    def quiet(answer):
        # To nbgrader whatever stands on stderr is a failure.
        out, err = contextlib.redirect_stdout, contextlib.redirect_stderr
        with out(io.StringIO()), err(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return outcome(answer)

    @functools.wraps(check)
    def checked(answer=None):
        print(_wrapped(outcome(answer).said))

    def grade(answer=None):
        """Return the `Grade` of an answer: all points, or none."""
        most = records.beside(room).points(name)
        found = quiet(answer)
        return Grade(most if found.verdict == "right" else 0, most, found.said)

    def require(answer=None):
        """Raise `NotRight`, with the hint, unless the answer is right."""
        found = quiet(answer)
        if found.verdict != "right":
            raise NotRight(found.said) from found.error

    checked.grade, checked.require = grade, require
    checked.task = Task(name, room, rule, words, quiet) if rule else None
    return checked


@contextlib.contextmanager
def _same_chance():
    """Let what is random in an answer begin alike, and leave it as it was found."""
    torch = sys.modules.get("torch")
    kept = random.getstate(), np.random.get_state()
    drawn = torch and torch.get_rng_state()
    random.seed(0)
    np.random.seed(0)
    if torch:
        torch.default_generator.manual_seed(0)
    try:
        yield
    finally:
        random.setstate(kept[0])
        np.random.set_state(kept[1])
        if torch:
            torch.set_rng_state(drawn)


def _readers_error(said):
    """The error of the reader's function that a hint reports or followed, or None."""
    if isinstance(said, Raised):
        return said.by
    values = said.values.values() if isinstance(said.values, dict) else ()
    for other in (*values, said.__context__):
        if isinstance(other, Said) and (found := _readers_error(other)):
            return found
    return None


def _wrapped(text, columns=76):
    """The text in lines of so many columns; a letter may be two wide, as Korean is."""
    lines, room = [], 0
    for word in text.split():
        width = sum(1 + (east_asian_width(letter) in "WF") for letter in word)
        if width < room:
            lines[-1] += f" {word}"
            room -= width + 1
        else:
            lines.append(word)
            room = columns - width
    return "\n".join(lines)
