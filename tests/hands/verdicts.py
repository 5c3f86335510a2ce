"""What a page says to an answer, asked of its own JavaScript."""

import contextlib
import json
import random
import subprocess

from traitlets import TraitError

from hands import ROOT
from hands.twins import ROOMS, settings
from unrolled import explorers
from unrolled.checks.answers import untouched
from unrolled.explorers import traits as kinds

SAY = """
import { readFileSync } from "node:fs";
const { judge } = await import(process.argv[1]);
const { front, task, language, results, cases } = JSON.parse(readFileSync(0, "utf8"));
const { compute, names } = front ? await import(front) : {};
const say = judge(task, language);
const knowing = (state, known) => (values) => {
  const other = { ...state, ...values };
  return { ...other, ...names(other, compute(other, results)), ...known };
};
const said = cases.map(({ answer, state, known }) =>
  say(answer, state && knowing(state, known)));
console.log(JSON.stringify(said));
"""


def said_by_page(node, question, answers, language="en"):
    """What the page says to each of some answers: dicts of verdict, key and text.

    question : of a check. answers : as its rule wants them, or figures.
    """
    rule, front = question.rule, None
    cases = [{"answer": answer} for answer in answers]
    if "rules" in rule:
        front = (ROOMS / answers[0].bundle / "front.js").as_uri()
        cases = [
            {
                "state": settings(figure),
                "known": {"untouched": untouched(figure, **rule.get("start", {}))},
            }
            for figure in answers
        ]
    told = {"front": front, "task": question.told(), "language": language}
    told["results"] = answers[0].data().get("results") if front else None
    if front and (files := answers[0].files()):  # as where they have come
        told["results"] = told["results"] | {"files": files, "patient": True}
    done = subprocess.run(
        [
            node,
            "--input-type=module",
            "-e",
            SAY,
            (ROOT / "frontend" / "host" / "verdicts.js").as_uri(),
        ],
        input=json.dumps(told | {"cases": cases}, sort_keys=True),
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def some_answers(question, count=60):
    """Answers at random to a question, in its own form: the same in every run."""
    draw, rule = random.Random(question.name), question.rule
    if "rules" in rule:
        kind = getattr(explorers, rule["figure"])
        return [_some_figure(kind, rule.get("start", {}), draw) for _ in range(count)]
    if rule["form"] == "choice":
        return rule["options"]
    if rule["form"] == "number":
        told = question.told()["rule"]
        likely = [told["right"], *(value for _, value in told["mistakes"])]
        near = [one + draw.gauss(0, told["within"]) for one in likely for _ in range(9)]
        return [*likely, *near]
    right = rule["right"]
    other = _some_word if rule["form"] == "words" else _some_shape
    answers = [
        {row: other(right, one, draw) for row, one in right.items()}
        for _ in range(count)
    ]
    return [right, *answers]


def _some_word(right, one, draw):
    return draw.choice([one, one, None, *right.values()])


def _some_shape(right, one, draw):
    turned = draw.sample(one, len(one))
    shorter, sizes = one[1:], [draw.choice([5, 20, 32, 50, 64]) for _ in one]
    return draw.choice([one] * 9 + [None, turned, shorter, sizes, [*one, 1]])


def _some_figure(kind, start, draw):
    """A figure with a few of its settings anywhere on their sliders."""
    figure = kind(**start)
    for name, trait in kind.class_traits().items():
        if isinstance(trait, kinds.Setting) and draw.random() < 0.4:
            with contextlib.suppress(TraitError):
                setattr(figure, name, _some_value(trait, getattr(figure, name), draw))
    return figure


def _some_value(trait, value, draw):
    told = trait.front()
    if trait.kind == "numbers":
        k, low, high = draw.randrange(len(value)), told.get("low"), told.get("high")
        one = draw.choice(value) if low is None else draw.uniform(low, high)
        return [*value[:k], one, *value[k + 1 :]]
    if "options" in told:
        return draw.choice(told["options"])
    low, high = (told.get(end, told.get(most)) for end, most in ENDS)
    if low is None:
        return draw.choice([True, False])
    whole = trait.kind == "whole"
    return draw.randint(low, high) if whole else round(draw.uniform(low, high), 3)


ENDS = (("low", "least"), ("high", "most"))


def fits(question, answer):
    """Whether the page could be given this answer: what Python takes may be any."""
    rule = question.rule
    if "rules" in rule:
        return type(answer).__name__ == rule["figure"]
    if rule["form"] == "choice":
        return isinstance(answer, str) and answer in rule["options"]
    return False
