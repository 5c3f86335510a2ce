"""The record of a chapter: what it is for, what it needs, and what its exercises are.

    records.record("04_lstm").objectives
    [one.title for one in records.records()]

A record is one JSON file beside the chapter's checks, named by the notebook's stem. Of
it are made the front of the chapter and the points of its graded checks.
"""

from dataclasses import MISSING, dataclass, fields
from functools import cache

from unrolled import data

CHECKS = data.PACKAGE / "checks"
PATTERN = "[0-9][0-9]_*.json"
KINDS = ("recall", "compute", "explore", "open")


class RecordError(ValueError):
    """A record is missing, or is not as a record must be."""


@dataclass(frozen=True)
class Objective:
    """What a reader can do after the chapter, and the checks that test it."""

    can: str
    tested_by: tuple[str, ...]


@dataclass(frozen=True)
class Prerequisite:
    """What a reader needs: of an earlier chapter, by its stem, or of elsewhere."""

    what: str
    chapter: str | None = None


@dataclass(frozen=True)
class Exercise:
    """One exercise, of one of the `KINDS`; an open one may have no check."""

    title: str
    kind: str
    points: int
    check: str | None = None


@dataclass(frozen=True)
class Record:
    """A chapter: `minutes` to read, `exercise_minutes`, and `seconds` that it runs.

    `line` is what the landing page says of it.
    """

    stem: str
    title: str
    line: str
    objectives: tuple[Objective, ...]
    prerequisites: tuple[Prerequisite, ...]
    minutes: int
    exercise_minutes: int
    seconds: int
    exercises: tuple[Exercise, ...]

    def points(self, check):
        """Return the points of the exercise that has this check."""
        found = {one.check: one.points for one in self.exercises if one.check}
        if check not in found:
            raise RecordError(
                f"{self.stem}.json has no exercise with the check {check!r}; it has "
                f"{', '.join(found)}"
            )
        return found[check]


LISTS = {
    "objectives": Objective,
    "prerequisites": Prerequisite,
    "exercises": Exercise,
    "tested_by": str,
}


def record(stem):
    """Return the record of the chapter whose notebook has this stem."""
    found = {one.stem: one for one in records()}
    if stem not in found:
        known = ", ".join(found)
        raise RecordError(f"there is no record of {stem!r}; there are {known}")
    return found[stem]


@cache
def records():
    """Return the records of all chapters in their order."""
    paths = (path for room in CHECKS.iterdir() for path in data.within(room, PATTERN))
    return tuple(sorted(map(read, paths), key=lambda r: r.stem))


@cache
def beside(room):
    """Return the record that lies in this folder, a chapter's room of the checks."""
    found = data.within(room, PATTERN)
    if len(found) != 1:
        raise RecordError(
            f"{room} has {len(found)} records, but one is expected: a file of the "
            "notebook's stem, such as 04_lstm.json"
        )
    return read(found[0])


def read(path):
    """Return the record that this file holds.

    Raises `RecordError` with the field that is not as it must be.
    """
    try:
        given = data.read(path)
    except ValueError as error:
        raise RecordError(f"{path.name} is not JSON: {error}") from None
    given = {"stem": path.stem} | given if isinstance(given, dict) else given
    made = _made(Record, given, path.name)
    checks = [one.check for one in made.exercises if one.check]
    for check in checks:
        if checks.count(check) > 1:
            raise _unlike(f"{path.name}: a check", check, "of one exercise alone")
    for k, one in enumerate(made.objectives):
        for check in set(one.tested_by) - set(checks):
            where = f"{path.name}: objectives[{k}].tested_by"
            raise _unlike(where, check, f"one of {', '.join(checks)}")
    for k, one in enumerate(made.exercises):
        if not one.check and one.kind != "open":
            where = f"{path.name}: exercises[{k}].check"
            raise _unlike(where, one.check, 'a name, as the kind is not "open"')
    return made


def _unlike(where, given, expected):
    return RecordError(f"{where} is {given!r}, but must be {expected}")


def _made(kind, given, where):
    """Make an object of what JSON gave for it."""
    if not isinstance(given, dict):
        raise _unlike(where, given, "an object")
    known = {one.name: one for one in fields(kind)}
    for name in given.keys() - known:
        raise _unlike(f"{where}: a field", name, f"one of {', '.join(known)}")
    values = {}
    for name, field in known.items():
        if name in given:
            values[name] = _value(field, given[name], f"{where}: {name}")
        elif field.default is MISSING:
            raise RecordError(f"{where} has no {name!r}, but needs {', '.join(known)}")
    return kind(**values)


def _value(field, given, where):
    """What JSON gave for a field, if it is as it must be."""
    of = LISTS.get(field.name)
    if of:
        if not isinstance(given, list) or not given:
            raise _unlike(where, given, "a list that is not empty")
        parts = [(one, f"{where}[{k}]") for k, one in enumerate(given)]
        make = _text if of is str else lambda *part: _made(of, *part)
        return tuple(make(*part) for part in parts)
    if field.type is int:
        if type(given) is not int or given < 1:
            raise _unlike(where, given, "a whole number of at least 1")
        return given
    if field.name == "kind" and given not in KINDS:
        raise _unlike(where, given, f"one of {', '.join(KINDS)}")
    return _text(given, where)


def _text(given, where):
    if not isinstance(given, str) or not given.strip():
        raise _unlike(where, given, "a text that is not empty")
    return given
