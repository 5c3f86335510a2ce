"""The fact check: claims about recurrent networks, and what has come of each.

    for fact in read():
        print(fact.verdict, fact.claim["en"])

A record says what is claimed, in English and in Korean, which measure decides it
(`unrolled.facts.measures`), and which verdict follows from what numbers. The records of
a chapter lie in a file of its stem, beside this one, by their names:

    "one-measure": {
      "notes": ["001"], "short": "...", "claim": {"en": "...", "ko": "..."},
      "measure": "latch_reach",
      "verdicts": [{"when": "lstm < 9", "verdict": "does not hold", "why": "{lstm}"}],
      "section": "ten-steps-against-a-thousand", "by": "the latch study"
    }

The first verdict whose condition is true of the numbers is the claim's; its sentence
has the numbers in its holes. A claim that nothing can measure, of a name, a date or an
advice, has no `measure` and one verdict; it may name a `source` of the references.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from unrolled.rules import Names, RuleError, compiled, evaluate
from unrolled.words import WordsError, say

VERDICTS = ("holds", "holds with conditions", "does not hold", "undecided")
HERE = Path(__file__).parent
_KEYS = {"notes", "short", "claim", "verdicts", "section", "by"}


class FactError(ValueError):
    """A record is not as a record must be, or no verdict of it fits the numbers."""


@dataclass(frozen=True)
class Fact:
    """A claim, and what has come of it.

    name : of the record, and on the page.
    stem : of the chapter that decides it; section : the id of its heading there.
    notes : the numbers of the notes that claim it, a tuple of str.
    short : a few words. claim : {"en", "ko"} to the claim in the notes' own sense.
    verdict : one of `VERDICTS`. why : a sentence, with the figure that decides.
    by : what decides it. source : a key of the references, or None.
    """

    name: str
    stem: str
    section: str
    notes: tuple
    short: str
    claim: dict
    verdict: str
    why: str
    by: str
    source: str | None


def read(folder=HERE, measured=None):
    """Return all facts, a list in the order of the chapters and of their records.

    measured : a function from a measure's name to its numbers, a dict; as the package
        measures them if None.

    Raises `FactError`, which says what to do.
    """
    measured = measured or _measured
    return [
        _fact(path.stem, name, record, measured)
        for path in sorted(Path(folder).glob("*.json"))
        for name, record in json.loads(path.read_text("utf-8")).items()
    ]


@cache
def _measured(name):
    from unrolled.facts import measures

    return getattr(measures, name)()


def _fact(stem, name, record, measured):
    _check(f"{stem}.json: {name}", record)
    values = measured(record["measure"]) if "measure" in record else {}
    chosen = _chosen(f"{stem}.json: {name}", record["verdicts"], values)
    try:
        why = say(chosen["why"], **{k: _shown(one) for k, one in values.items()})
    except WordsError as error:
        raise FactError(f"{stem}.json: {name}: its sentence: {error}") from None
    return Fact(
        name,
        stem,
        record["section"],
        tuple(record["notes"]),
        record["short"],
        record["claim"],
        chosen["verdict"],
        why,
        record["by"],
        record.get("source"),
    )


def _check(where, record):
    """Raise `FactError` where a record lacks something, or has too much."""
    known = _KEYS | {"measure", "source"}
    for problem, keys in (
        ("lacks", _KEYS - set(record)),
        ("has, and nobody reads,", set(record) - known),
    ):
        if keys:
            raise FactError(f"{where} {problem} {', '.join(sorted(keys))}")
    if set(record["claim"]) != {"en", "ko"}:
        raise FactError(f"{where}: its claim must be given in en and in ko")
    for one in record["verdicts"]:
        if one["verdict"] not in VERDICTS:
            raise FactError(
                f"{where}: the verdict is {one['verdict']!r}, but must be one of "
                f"{', '.join(VERDICTS)}"
            )
    alone = len(record["verdicts"]) == 1 and "when" not in record["verdicts"][0]
    if "measure" not in record and not alone:
        raise FactError(
            f"{where} has no measure, so it must have one verdict without `when`"
        )
    if alone and "measure" in record:
        raise FactError(f"{where} is measured: say `when` its verdict follows")


def _chosen(where, verdicts, values):
    """The first verdict whose condition is true of the values."""
    for one in verdicts:
        try:
            if "when" not in one or evaluate(compiled(one["when"]), Names(values.get)):
                return one
        except (RuleError, TypeError) as error:
            raise FactError(f"{where}: “{one['when']}”: {error}") from None
    now = ", ".join(f"{name} = {_shown(one)}" for name, one in values.items())
    raise FactError(
        f"{where}: no verdict follows from what is measured now ({now}): read its "
        "claim again, and write the verdict that does, with its sentence"
    )


def _shown(value):
    """A number as it is read: three digits that count, or a whole number."""
    if isinstance(value, float) and not value.is_integer():
        text = f"{value:.3g}"
        if "e" in text:
            digits, power = text.split("e")
            sup = str(int(power)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
            text = f"{digits} × 10{sup}"
        return text.replace("-", "−")
    return f"{int(value)}".replace("-", "−")
