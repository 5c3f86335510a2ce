"""A question that needs no Python: asked, answered and answered back on the page.

What is asked, when an answer is right and which hint fits one that is not are data of
`unrolled.checks`, by which the check in Python goes as well.
"""

import json

import traitlets as t

from unrolled.explorers.base import Explorer
from unrolled.explorers.question.figure import draw
from unrolled.explorers.traits import problem


class Question(Explorer):
    """One question of a chapter: a choice, a number, a table of words or of shapes.

    Question(check.two_pulses)
    Question(check.predict.pulse, name="pulse-guess")

    check : a check of `unrolled.checks` that has a rule, or one of its predictions.
    answer : None before there is one; else the chosen word, a number, or a dictionary
        with a word, a list of sizes or None for each row. It goes both ways: what the
        reader chooses in the figure can be read here, and what is set here is shown.
    """

    answer = t.Any(None, allow_none=True).tag(sync=True)

    def __init__(self, check, **traits):
        super().__init__(exercise=check, **traits)
        self.set_trait("ask", self._task["ask"])
        self.observe(lambda _: self._judge(self.answer), "answer")

    @t.default("name")
    def _default_name(self):
        return f"ask-{self._exercise.name}".replace("_", "-")

    def _asked_by(self, check):
        task = getattr(check, "task", None)
        if not task or "form" not in task.rule:
            name = getattr(check, "__name__", repr(check))
            raise TypeError(
                f"Question: {name} has nothing to ask on a page; give a check of "
                "unrolled.checks with a choice, a number or a table for its answer"
            )
        return task

    @t.validate("answer")
    def _check_answer(self, proposal):
        answer, rule = proposal["value"], self._exercise.rule
        rows = ", ".join(rule["right"]) if isinstance(rule["right"], dict) else ""
        if rule["form"] == "choice":
            fits = answer in rule["options"]
            expected = f"must be one of {', '.join(rule['options'])}"
        elif rule["form"] == "number":
            fits = isinstance(answer, (int, float))
            expected = "must be a number"
        elif rule["form"] == "words":
            fits = self._fits_rows(answer, self._is_word)
            expected = f"must be a dictionary with a word or None for each of {rows}"
        else:
            fits = self._fits_rows(answer, self._is_shape)
            expected = f"must be a dictionary with a list of whole numbers for {rows}"
        if answer is None or fits:
            return answer
        raise problem(self, "answer", answer, expected)

    def _fits_rows(self, answer, fits):
        rows = self._exercise.rule["right"]
        known = isinstance(answer, dict) and answer.keys() == rows.keys()
        return known and all(one is None or fits(one) for one in answer.values())

    def _is_word(self, one):
        return one in self._exercise.rule["right"].values()

    def _is_shape(self, one):
        return isinstance(one, (list, tuple)) and all(type(n) is int for n in one)

    @property
    def _choices(self):
        """What there is to choose from or to fill in, a line each."""
        options = self._task.get("options", {})
        if self._task["rule"]["form"] == "choice":
            return [f"{key}.  {text}" for key, text in options.items()]
        rows, labels = self._task["rule"]["right"], self._task.get("rows", {})
        return [labels.get(row, row) for row in rows] if isinstance(rows, dict) else []

    def figure(self, hidden=False):
        return draw(self._choices)

    def description(self, hidden=False):
        said = self._task["ask"]
        if self._choices:
            said = f"{said} {'; '.join(self._choices)}."
        if not hidden:
            said = self.words("face.answer", answer=self._told_answer())
        return said

    def _told_answer(self):
        """The right answer in words, with what is said to it."""
        right, form = self._exercise.right, self._exercise.rule["form"]
        options = self._task.get("options", {})
        if form == "choice":
            shown = f"{right}. {options[right]}"
        elif form == "number":
            shown = f"{right:.3g}"
        else:
            write = options.get if form == "words" else _plain
            told = map(write, right.values())
            pairs = zip(self._choices, told, strict=True)
            shown = "; ".join(f"{row}: {one}" for row, one in pairs)
        return f"{shown.rstrip('.')}. {self._task['words']['own']['right']}"


def _plain(one):
    """A shape, as Python writes it."""
    return f"({json.dumps(one)[1:-1]})"
