"""What the checks say is data: in their code no sentence stands, and none is unused.

That the files are whole is seen in tests/floors/test_words_files.py.
"""

import ast
import re
from unicodedata import east_asian_width

import numpy as np
import pytest
from hands import ROOT

from unrolled.checks import recurrence
from unrolled.checks.questions import rules_of
from unrolled.words import Words

CHECKS = ROOT / "src" / "unrolled" / "checks"
MODULES = sorted(CHECKS.rglob("*.py"))
ROOMS = sorted(path.parent for path in CHECKS.glob("*/__init__.py"))


def name(path):
    return str(path.relative_to(CHECKS.parent))


def texts(tree):
    """The strings in code, without docstrings and what a ValueError says."""
    left_out = set()
    for node in ast.walk(tree):
        docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        error = isinstance(node, ast.Raise) and "ValueError" in ast.unparse(node)
        if docstring or error:
            left_out |= set(ast.walk(node))
    return {
        node.value
        for node in set(ast.walk(tree)) - left_out
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_no_sentence_stands_in_the_code(module):
    found = texts(ast.parse(module.read_text("utf-8")))
    assert not [one for one in found if re.search(r"[A-Za-z]{2}[,.:;]? [a-z]{2}", one)]


def named(rule):
    """The hints that a rule can give: those it names, and the options not to choose."""
    tables = [key for _, key in rule.get("hints", ())]
    steps = [one.get("hint", one.get("not_tried")) for one in rule.get("rules", ())]
    form = {"number": ["too_small", "too_large"]}.get(rule.get("form"), [])
    words = rule["right"].values() if rule.get("form") == "words" else []
    chosen = [one for one in rule.get("options", ()) if one != rule["right"]]
    return {*rule.get("mistakes", ()), *tables, *steps, *form, *words, *chosen} - {None}


@pytest.mark.parametrize("room", ROOMS, ids=name)
def test_a_row_is_named_once_where_its_hint_is_said(room):
    """Of a table it is said as `A: ...`, so a hint does not begin with the row."""
    said = Words(room / "words").tree
    for task, rule in rules_of(room).items():
        rows = rule["right"] if rule.get("form") == "words" else {}
        for row, right in rows.items():
            hint = said[task]["hints"][right]
            assert not re.match(rf"{re.escape(row)}\b", hint), (task, hint)


@pytest.mark.parametrize("room", ROOMS, ids=name)
def test_an_exercise_uses_all_of_its_messages(room):
    """A hint is named in its exercise or its rule, or in what exercises share."""
    shared = [ast.parse(one.read_text("utf-8")) for one in CHECKS.glob("*.py")]
    shared = set().union(*map(texts, shared))
    tree, rules = Words(room / "words").tree, rules_of(room)
    code = {
        getattr(node, "name", None): texts(node)
        for node in ast.parse((room / "__init__.py").read_text("utf-8")).body
    }
    for exercise, said in tree.items():
        if exercise == "hints":  # those of the whole room
            hints, known = (
                said,
                set().union(*code.values(), *map(named, rules.values())),
            )
        else:
            asks = (
                {"ask", "options", "rows"}
                if "form" in rules.get(exercise, {})
                else set()
            )
            assert {"right"} <= set(said) <= {"right", "hints"} | asks
            hints, others = said.get("hints", {}), tree.keys() - {exercise}
            known = set().union(*(code[one] for one in code.keys() - others))
            known |= named(rules.get(exercise, {}))
        assert not hints.keys() - known - shared
        assert not hints.keys() & Words(CHECKS / "words").tree["hints"].keys()


@pytest.mark.parametrize("room", ROOMS, ids=name)
def test_a_rule_has_the_words_for_all_that_it_can_say(room):
    tree, every = Words(room / "words").tree, Words(CHECKS / "words").tree["hints"]
    for exercise, rule in rules_of(room).items():
        hints = every | tree.get("hints", {}) | tree[exercise].get("hints", {})
        assert named(rule) <= hints.keys()
        if "form" in rule:
            assert tree[exercise]["ask"]
            options = rule.get("options", [])
            if rule["form"] == "words":
                options = sorted(set(rule["right"].values()))
            assert list(tree[exercise].get("options", [])) == options
            assert tree[exercise].get("rows", {}).keys() <= set(rule["right"])
        assert rule.get("see", {}).keys() <= named(rule) | {"right"}


def test_korean_says_it_in_korean_and_in_lines_that_fit(capsys, monkeypatch):
    monkeypatch.setenv("UNROLLED_LANGUAGE", "ko")
    recurrence.two_pulses("c")
    recurrence.two_pulses("a")
    recurrence.two_pulses(None)
    recurrence.one_step(lambda *given: np.zeros((5, 4)))
    lines = capsys.readouterr().out.splitlines()
    verdicts = [Words(CHECKS / "words")(key) for key in ("right", "not_yet")]
    assert lines[0].startswith(verdicts[0])
    assert sum(line.startswith(verdicts[1]) for line in lines) == 2
    assert all(re.search("[가-힣]", line) for line in lines)
    widths = [
        sum(1 + (east_asian_width(letter) in "WF") for letter in line) for line in lines
    ]
    assert 60 < max(widths) <= 76
