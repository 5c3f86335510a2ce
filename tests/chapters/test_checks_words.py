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
from unrolled.words import Words

CHECKS = ROOT / "src" / "unrolled" / "checks"
MODULES = sorted(CHECKS.rglob("__init__.py"))
ROOMS = [module.parent for module in MODULES if module.parent != CHECKS]


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


@pytest.mark.parametrize("room", ROOMS, ids=name)
def test_an_exercise_uses_all_of_its_messages(room):
    """A hint is named in its exercise, or in what exercises share."""
    shared = ast.parse((CHECKS / "__init__.py").read_text("utf-8"))
    tree = Words(room / "words").tree
    code = {
        getattr(node, "name", None): texts(node)
        for node in ast.parse((room / "__init__.py").read_text("utf-8")).body
    }
    for exercise, said in tree.items():
        if exercise == "hints":  # those of the whole room
            hints, known = said, set().union(*code.values())
        else:
            assert set(said) <= {"right", "hints"} and "right" in said
            hints, others = said.get("hints", {}), tree.keys() - {exercise}
            known = set().union(*(code[one] for one in code.keys() - others))
        assert not hints.keys() - known - texts(shared)
        assert not hints.keys() & Words(CHECKS / "words").tree["hints"].keys()


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
