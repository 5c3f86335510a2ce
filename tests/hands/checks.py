"""What is true of every chapter's exercises; a chapter's tests inherit it.

Stubs and solutions are the notebook's own cells: `try-NAME` and `solution-NAME` belong
to the check NAME. Every answer gets one paragraph, and no answer stops the run. A hint
never holds the answer.
"""

import contextlib
import json
import re
import subprocess
import sys

import numpy as np
import pytest

from hands import ROOT, memory
from hands.mutants import mutants
from hands.verdicts import fits, said_by_page, some_answers
from unrolled import explorers
from unrolled.checks import Grade, NotRight
from unrolled.records import record

NOTEBOOKS = ROOT / "notebooks"


def figures():
    """Every explorer that can be made of nothing."""
    for name in explorers.__all__[1:]:
        with contextlib.suppress(TypeError):
            yield getattr(explorers, name)()


RAGGED = [[1.0], [1.0, 2.0]]
NONSENSE = [
    0,
    -1.5,
    float("nan"),
    1j,
    True,
    "",
    "tanh",
    b"h",
    [],
    RAGGED,
    {},
    {1: ...},
    {"x": None},
    set(),
    object(),
    object,
    int,
    np.ndarray,
    np.zeros((2, 3)),
    np.full(4, np.nan),
    np.array(["h"]),
    np.array([None]),
    *figures(),
]


# What NumPy and PyTorch say of arrays that do not fit, and no reader should read.
RAW = re.compile(
    r"operand|ufunc|broadcast|core dim|not aligned|concatenation axis|out of bounds"
    r"|is ambiguous|inhomogeneous|at index|Python scalars|mat1|tensor a|must match"
)


def raises(*_):
    raise ZeroDivisionError("a very\nlong story " * 100)


def unbracketed(text):
    """What of a text in the made-up language en-XA lies outside ⟦ ⟧."""
    while text != (text := re.sub(r"⟦[^⟦⟧]*⟧", "", text)):
        pass
    return text.strip()


def seen(answer):
    """An answer as it is now, to be compared with what it is later."""
    return repr(getattr(answer, "state", answer))


class Exercises:
    """The exercises of one chapter.

    check : the chapter's module of `unrolled.checks`.
    notebook : the chapter's name.
    wrong : {exercise: [(a plausible wrong answer, words of the hint it should get)]}.
    right : {exercise: [a right answer in another form than the solution's]}.
    answers : {exercise: a regular expression for what would give its answer away}.
    alike : {exercise: {a mutant of the solution that is right as well: why}}.
    fits : {exercise: a function (answer) -> bool}, where an exercise has many answers:
        whether one is right, found out without the check, and by more than it tries.
    slow : the exercises whose mutants take long.
    """

    alike, fits, slow = {}, {}, ()

    def cell(self, kind, name):
        """The source of the cell `kind-name`, or None."""
        return self.cells().get(f"{kind}-{name.replace('_', '-')}", {}).get("source")

    @classmethod
    def cells(cls):
        notebook = json.loads((NOTEBOOKS / f"{cls.notebook}.ipynb").read_text("utf-8"))
        return {
            cell["id"]: cell | {"source": "".join(cell["source"])}
            for cell in notebook["cells"]
        }

    def run(self, *cells):
        space = {}
        for source in (self.cells()["exercises-setup"]["source"], *cells):
            exec(source, space)

    def said(self, capsys, answer, name):
        assert getattr(self.check, name)(answer) is None
        text = " ".join(capsys.readouterr().out.split())
        assert not RAW.search(text)
        return text

    def graded(self, capsys, answer, name):
        """What is said to an answer, and its points, which all forms agree on."""
        before = seen(answer)
        said = self.said(capsys, answer, name)
        grade = getattr(self.check, name).grade(answer)
        assert isinstance(grade, Grade) and grade == (grade.points, grade.most, said)
        assert grade.most == record(self.notebook).points(name)
        if grade.points == grade.most:
            assert getattr(self.check, name).require(answer) is None
        else:
            with pytest.raises(NotRight, match=f"^{re.escape(said)}$"):
                getattr(self.check, name).require(answer)
        assert capsys.readouterr() == ("", "")
        assert seen(answer) == before
        return said, grade.points

    def pytest_generate_tests(self, metafunc):
        if "hint" in metafunc.fixturenames:
            cases = [
                pytest.param(name, answer, hint, id=f"{name}: {hint}")
                for name, wrong in self.wrong.items()
                for answer, hint in wrong
            ]
            metafunc.parametrize(("name", "answer", "hint"), cases)
        elif "form" in metafunc.fixturenames:
            cases = [
                pytest.param(name, answer, id=f"{name}-{k}")
                for name, answers in self.right.items()
                for k, answer in enumerate(answers)
            ]
            metafunc.parametrize(("name", "form"), cases)
        elif "mutated" in metafunc.fixturenames:
            notebook = NOTEBOOKS / f"{self.notebook}.ipynb"
            kept = memory.remembered(lambda: [notebook, *memory.package()])
            marks = (pytest.mark.slow, kept)
            cases = [
                pytest.param(name, marks=marks if name in self.slow else ())
                for name in self.wrong
            ]
            metafunc.parametrize("mutated", cases)
        elif "name" in metafunc.fixturenames:
            metafunc.parametrize("name", self.wrong)

    def test_every_check_has_its_exercise(self):
        of = vars(self.check)
        checks = {name for name in of if hasattr(of[name], "__wrapped__")}
        tries = {i.removeprefix("try-") for i in self.cells() if i.startswith("try-")}
        assert checks == {name.replace("-", "_") for name in tries}
        assert checks == set(self.wrong) == set(self.answers) == set(self.right)
        assert len(checks) >= 8
        assert all(len(wrong) >= 5 for wrong in self.wrong.values())
        assert all(self.right.values())

    def test_a_stub_is_told_so(self, capsys, name):
        figure = self.cell("explorer", name)
        self.run(*[figure] * bool(figure), self.cell("try", name))
        assert "Not tried yet. " in capsys.readouterr().out

    def test_a_solution_passes_alone(self, capsys, name):
        self.run(self.cell("solution", name))
        assert "Right. " in capsys.readouterr().out

    def test_a_mistake_gets_its_hint_and_not_the_answer(
        self, capsys, name, answer, hint
    ):
        text, points = self.graded(capsys, answer, name)
        assert points == 0
        assert text.startswith("Not yet. ")
        assert hint in text
        assert not re.search(self.answers[name], text)

    def test_a_right_answer_is_right_in_every_form(self, capsys, name, form):
        text, points = self.graded(capsys, form, name)
        assert points == record(self.notebook).points(name)
        assert text.startswith("Right. ")

    def test_a_solution_with_one_piece_changed_does_not_pass(self, capsys, mutated):
        """What passes all the same is right: by `fits`, or listed in `alike`."""
        space, passed, tried = {}, set(), 0
        exec(self.cells()["exercises-setup"]["source"], space)
        fits = self.fits.get(mutated)
        for change, make in mutants(self.cell("solution", mutated)):
            tried += 1
            try:
                with np.errstate(all="ignore"):
                    answer = make(space)
            except Exception:  # not even an answer
                continue
            text = self.said(capsys, answer, mutated)
            assert "could not be checked" not in text, change
            if text.startswith("Right. "):
                assert not fits or fits(answer), change
                passed.add(change)
            else:
                assert text.startswith(("Not yet. ", "Not tried yet. ")), change
                told = "" if "raised an error" in text else text  # an error quotes code
                assert not re.search(self.answers[mutated], told), change
        assert tried >= 3
        if not fits:
            assert passed == set(self.alike.get(mutated, ()))

    def test_the_page_says_the_same_of_any_answer(self, node):
        """Where no Python is needed: of the likely answers, and of random ones."""
        asked = 0
        for question in self.questions():
            listed = [one for one, _ in self.wrong.get(question.name, ())]
            listed += self.right.get(question.name, ())
            answers = [one for one in listed if fits(question, one)]
            answers += some_answers(question)
            verdicts = set()
            for answer, said in zip(
                answers, said_by_page(node, question, answers), strict=True
            ):
                found = question.outcome(answer)
                expected = (found.verdict, found.key, found.said)
                assert tuple(said.values()) == expected, seen(answer)
                verdicts.add(found.verdict)
                asked += 1
            assert "not_yet" in verdicts
            assert "right" in verdicts or "rules" in question.rule
        assert asked >= 60

    def questions(self):
        """All that the chapter asks on its page: exercises and predictions."""
        asks = [*vars(self.check).values(), *vars(self.check.predict).values()]
        return [one.task for one in asks if getattr(one, "task", None)]

    def test_nonsense_is_survived(self, capsys, name):
        functions = [lambda *_, value=value: value for value in NONSENSE]
        for answer in (*NONSENSE, *functions):
            text = self.said(capsys, answer, name)
            assert text.startswith(("Not yet. ", "Not tried yet. "))
            assert "could not be checked" not in text
            assert not re.search(self.answers[name], text)

    def test_what_is_blank_was_not_tried(self, capsys, name):
        for blank in (None, ..., NotImplemented):
            stubs = [blank]
            if "def " in self.cell("try", name):
                stubs.append(lambda *_, blank=blank: blank)
            for stub in stubs:
                text, points = self.graded(capsys, stub, name)
                assert points == 0
                assert text.startswith("Not tried yet. ")

    def test_an_error_of_the_reader_is_reported_and_short(self, capsys, name):
        if "def " in self.cell("try", name):
            text, points = self.graded(capsys, raises, name)
            assert points == 0
            assert "ZeroDivisionError: a very long story" in text
            assert len(text) < 400
            with pytest.raises(NotRight) as raised:
                getattr(self.check, name).require(raises)
            assert isinstance(raised.value.__cause__, ZeroDivisionError)

    def test_all_that_is_said_is_words(self, capsys, monkeypatch, name):
        monkeypatch.setenv("UNROLLED_LANGUAGE", "en-XA")
        for answer in (None, raises, *(answer for answer, _ in self.wrong[name])):
            assert unbracketed(self.said(capsys, answer, name)) == ""
        for kind, verdict in (("try", "⟦Not tried yet.⟧"), ("solution", "⟦Right.⟧")):
            figure = self.cell("explorer", name) if kind == "try" else None
            self.run(*[figure] * bool(figure), self.cell(kind, name))
            _, found, said = capsys.readouterr().out.partition(verdict)
            assert found and said.strip() and unbracketed(said) == ""

    def test_checks_import_numpy_at_most(self):
        code = (
            f"import sys, {self.check.__name__}\n"
            "assert not {'torch', 'anywidget', 'matplotlib'} & set(sys.modules)"
        )
        subprocess.run([sys.executable, "-c", code], check=True)
