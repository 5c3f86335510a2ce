"""Questions that need no Python: what a check's rule says, here and on a page."""

import functools
import json
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import numpy as np

from unrolled import data, records
from unrolled.checks.answers import (
    Hint,
    NotTried,
    choose,
    choose_each,
    explorer,
    number,
    untouched,
)
from unrolled.rules import Names, compiled, evaluate
from unrolled.words import Words


@functools.cache
def rules_of(room):
    """Return the rules of a room, by the name of what they are about."""
    return data.read(room / "rules.json", {})


def by_rule(rule, answer):
    """Return what fills the message `right`; raise a `Hint` or `NotTried` before that.

    answer : of the rule's form, or the figure.
    """
    if "rules" in rule:
        return _by_figure(rule, answer)
    _FORMS[rule["form"]](rule, answer)
    return {}


def answered(answer):
    """An answer, or that which stands in a `Question`'s figure."""
    kinds = [cls.__name__ for cls in type(answer).__mro__]
    return answer.answer if "Question" in kinds else answer


def _by_number(rule, answer):
    given, rule = float(number(answer)), _with_numbers(rule)
    if abs(given - rule["right"]) <= rule["within"]:
        return
    for key, mistake in rule["mistakes"].items():
        if abs(given - mistake) <= rule["within"]:
            raise Hint(key)
    raise Hint("too_small" if given < rule["right"] else "too_large")


def _by_shapes(rule, answer):
    """Raise a `Hint` where an answer, a dictionary of tuples, is not the rule's."""
    right = rule["right"]
    if not isinstance(answer, dict) or set(answer) != set(right):
        raise Hint("names_wanted", names=", ".join(right))
    blank = [name for name in right if answer[name] is ... or answer[name] is None]
    if len(blank) == len(right):
        raise NotTried("tuples_wanted")
    found = {name: _shape(name, answer[name]) for name in right if name not in blank}
    wrong = [name for name in found if found[name] != right[name]]
    if wrong:
        known = {"name": wrong[0], "given": found[wrong[0]], "right": right[wrong[0]]}
        names = Names(known.get)
        key = next(k for when, k in rule["hints"] if evaluate(compiled(when), names))
        hint = Hint(key, name=wrong[0])
        told = {"count": len(found) - len(wrong), "all": len(right)}
        raise Hint("some_right", **told, hint=hint)
    if blank:
        raise Hint("still_open", names=", ".join(blank))


def _shape(name, value):
    whole = isinstance(value, (tuple, list)) and all(
        isinstance(size, (int, np.integer)) for size in value
    )
    if not whole:
        raise Hint("tuple_wanted", name=name)
    return list(value)


_FORMS = {
    "choice": lambda rule, answer: choose(answer, rule["right"], rule["options"]),
    "words": lambda rule, answer: choose_each(answer, rule["right"]),
    "shapes": _by_shapes,
    "number": _by_number,
}


def _by_figure(rule, figure):
    figure, start = explorer(figure, rule["figure"]), rule.get("start", {})
    known = {"start": start, "untouched": untouched(figure, **start)}
    names = _names(figure, rule, known)
    fits = (one for one in rule["rules"] if evaluate(compiled(one["when"]), names))
    found = next(fits, {})
    told = _Told(rule.get("told", {}) | found.get("told", {}), names)
    for kind, key in ((NotTried, "not_tried"), (Hint, "hint")):
        if key in found:
            said = kind(found[key])
            said.values = told
            raise said
    return told


class _Told(Mapping):
    """What fills the holes of a message: each computed when it is asked for."""

    def __init__(self, texts, names):
        self.texts, self.names = texts, names

    def __getitem__(self, hole):
        return evaluate(compiled(self.texts[hole]), self.names)

    def __iter__(self):
        return iter(self.texts)

    def __len__(self):
        return len(self.texts)


def _with_numbers(rule):
    """A rule with the numbers that its expressions stand for: of its figure, if any.

    The figures' own module brings anywidget, so it is imported where one is needed.
    """
    figure = None
    if "figure" in rule:
        kinds = import_module("unrolled.explorers")
        figure = getattr(kinds, rule["figure"])(**rule.get("start", {}))
    names = _names(figure, rule, {})

    def number_of(text):
        return evaluate(compiled(text), names)

    if "bars" in rule:
        return rule | {"bars": number_of(rule["bars"])}
    mistakes = {key: number_of(text) for key, text in rule["mistakes"].items()}
    return rule | {"right": number_of(rule["right"]), "mistakes": mistakes}


def _names(figure, rule, known):
    """What names mean: what the rule lets them be, then the figure's own."""
    texts = rule.get("let", {})

    def find(name):
        if name in known:
            return known[name]
        if name in texts:
            return evaluate(compiled(texts[name]), names)
        return getattr(figure, name)

    def another(values):
        return _names(type(figure)(**figure.state | values), {}, {})

    names = Names(find, another)
    return names


class Outcome(NamedTuple):
    """What a check finds of an answer.

    verdict : "right", "not_yet" or "not_tried". said : all that it says. key : of the
    hint, "right" without. error : the reader's own, that led to it, or None.
    """

    verdict: str
    said: str
    key: str = "right"
    error: Exception | None = None


class Task(NamedTuple):
    """What an explorer needs of a check to ask its question: its `task`.

    rule : of the room's rules.json. words : of the room, and of all checks. outcome : a
    function from an answer, or a figure, to its `Outcome`.
    """

    name: str
    room: Path
    rule: dict
    words: Words
    outcome: Callable

    def told(self):
        """Return what a page needs to ask, and to judge by itself, as JSON has it."""
        tree = self.words.tree
        own, rule = tree[self.name], _for_a_page(self.rule)
        said = {key: own[key] for key in ("right", "hints")}
        if "form" in rule:  # one answer is right: what is said to it is known
            found = self.outcome(self.right)
            said["right"] = found.said.removeprefix(f"{tree['right']} ")
        hints = _needed(rule, tree["hints"] | said["hints"])
        verdicts = {key: tree[key] for key in ("right", "not_yet", "not_tried")}
        asks = {key: own[key] for key in ("ask", "options", "rows") if key in own}
        return asks | {
            "id": f"{records.beside(self.room).stem}.{self.name}",
            "label": self.label,
            "rule": rule,
            "words": verdicts | {"own": said | {"hints": hints}},
        }

    @property
    def label(self):
        """The exercise's number and title; of a prediction, what it asks."""
        for k, one in enumerate(records.beside(self.room).exercises, 1):
            if one.check == self.name:
                return f"{k}. {one.title}"
        return self.words(f"{self.name}.ask")

    @property
    def right(self):
        """The right answer, of a question that has one."""
        rule = self.rule
        return (_with_numbers(rule) if rule["form"] == "number" else rule)["right"]


def _for_a_page(rule):
    """A rule with its expressions compiled; its numbers are computed here.

    An object of JSON has no order: where one counts, there is a list beside it.
    """
    if "bars" in rule:
        return _with_numbers(rule)
    if rule.get("form") == "number":
        rule = _with_numbers(rule)
        return rule | {"mistakes": [*map(list, rule["mistakes"].items())]}
    if rule.get("form") == "words":
        return rule | {"rows": list(rule["right"])}
    if rule.get("form") == "shapes":
        hints = [[compiled(when), key] for when, key in rule["hints"]]
        return rule | {"rows": list(rule["right"]), "hints": hints}
    if "rules" not in rule:
        return rule
    made = [
        one
        | {"when": compiled(one["when"])}
        | {"told": _all_compiled(one.get("told", {}))}
        for one in rule["rules"]
    ]
    texts = {key: _all_compiled(rule.get(key, {})) for key in ("let", "told")}
    return rule | {"rules": made} | texts


def _all_compiled(texts):
    return {key: compiled(text) for key, text in texts.items()}


def _needed(rule, hints):
    """Of the hints those that this rule can give."""
    text, more = json.dumps(rule), _BY_FORM.get(rule.get("form"), ())
    return {k: one for k, one in hints.items() if f'"{k}"' in text or k in more}


_BY_FORM = {
    "words": ("words_wanted", "word_wrong", "still_open"),
    "shapes": ("tuples_wanted", "some_right", "still_open"),
    "number": ("too_small", "too_large"),
}
