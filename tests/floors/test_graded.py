"""The graded forms of a check: quiet, always alike, and nothing of the reader changes.

That they agree with the form that prints, for every answer there is, is seen in the
tests of each chapter (tests/hands/checks.py).
"""

import random
import subprocess
import sys
import warnings

import numpy as np
import pytest

from unrolled.checks import Grade, NotRight, exercise
from unrolled.checks import recurrence as check
from unrolled.checks.answers import ask
from unrolled.records import RecordError


def right(x, h, W_x, W_h, b):
    return np.tanh(x @ W_x.T + h @ W_h.T + b)


def test_a_grade_is_three_values():
    points, most, said = grade = check.one_step.grade(right)
    assert isinstance(grade, Grade)
    assert (points, most) == (2, 2) and said.startswith("Right. ")
    assert check.one_step.grade(np.tanh)[:2] == (0, 2)
    assert check.one_step.grade() == check.one_step.grade(...)
    assert check.one_step.grade()[0] == 0


def test_a_grade_tells_what_the_check_prints(capsys):
    for answer in (None, np.tanh, right):
        check.one_step(answer)
        printed = capsys.readouterr().out
        check.one_step.grade(answer).tell()
        assert capsys.readouterr().out == printed
        assert max(map(len, printed.splitlines())) < 80


def test_what_an_answer_prints_and_warns_of_is_not_heard(capsys):
    def talks(*given):
        print("here", given)
        print("and here", file=sys.stderr)
        warnings.warn("and this", stacklevel=1)
        return right(*given)

    for filtered in ("always", "error"):
        with warnings.catch_warnings():
            warnings.simplefilter(filtered)
            assert check.one_step.grade(talks).points == 2
            check.one_step.require(talks)
    assert capsys.readouterr() == ("", "")
    with pytest.warns(UserWarning, match="and this"):
        check.one_step(talks)
    assert "and here" in capsys.readouterr().err


def test_an_answer_of_chance_is_graded_alike_and_uses_up_no_chance():
    torch = pytest.importorskip("torch")
    draws = {
        random.random: random.getstate,
        np.random.random: lambda: np.random.get_state()[1].tolist(),
        lambda: float(torch.rand(())): lambda: torch.get_rng_state().tolist(),
    }
    for draw, state in draws.items():

        def guesses(*given, draw=draw):
            return right(*given) + (draw() < 0.5)

        before = state()
        grades = set()
        for _ in range(20):
            grades.add(check.one_step.grade(guesses))
            assert state() == before
            draw()
            before = state()
        assert len(grades) == 1


def test_an_answer_that_leaves_the_program_stops_no_other(capsys):
    def leaves(*given):
        sys.exit("enough")

    assert check.one_step.grade(leaves).said.endswith("SystemExit: enough")
    with pytest.raises(NotRight) as raised:
        check.one_step.require(leaves)
    assert isinstance(raised.value.__cause__, SystemExit)
    check.one_step(leaves)
    assert capsys.readouterr().out.startswith("Not yet. ")

    def interrupted(*given):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check.one_step.grade(interrupted)


def test_the_cause_is_the_readers_own_error_wherever_it_was_met():
    def fails_on(*axes):
        def step(x, *rest):
            if x.ndim in axes:
                raise KeyError("mine")
            return right(x, *rest)

        return step

    for axes in ((1,), (2,), (1, 2)):
        with pytest.raises(NotRight) as raised:
            check.one_step.require(fails_on(*axes))
        assert repr(raised.value.__cause__) == "KeyError('mine')"
    try:
        check.one_step.require(fails_on(1))
    except NotRight:  # an error that is being handled is not the next answer's
        with pytest.raises(NotRight) as raised:
            check.one_step.require(np.tanh)
        assert not isinstance(raised.value.__cause__, KeyError)


def test_without_a_record_a_check_prints_and_has_no_grade(capsys):
    @exercise
    def heard(answer):
        ask(answer)

    heard(lambda: 1 / 0)
    assert "ZeroDivisionError" in capsys.readouterr().out
    with pytest.raises(NotRight, match="ZeroDivisionError"):
        heard.require(lambda: 1 / 0)
    with pytest.raises(RecordError, match="one is expected: a file of the notebook"):
        heard.grade(lambda: 1 / 0)


def test_an_error_of_the_check_itself_is_the_cause():
    @exercise
    def broken(answer):
        return {"shown": [][0]}

    with pytest.raises(NotRight, match="could not be checked: IndexError") as raised:
        broken.require(1)
    assert isinstance(raised.value.__cause__, IndexError)


def test_a_grade_shows_its_points_alone_in_a_notebook():
    """To nbgrader a last value that is no number of points is all of them."""
    from IPython.lib.pretty import pretty

    assert float(pretty(check.one_step.grade())) == 0
    assert float(pretty(check.one_step.grade(right))) == 2
    assert "said=" in repr(check.one_step.grade())


def test_a_bare_python_script_is_stopped_by_the_first_that_is_not_right():
    script = (
        "from unrolled.checks import recurrence as check\n"
        "print(*check.two_pulses.grade('c')[:2], *check.two_pulses.grade('a')[:2])\n"
        "check.two_pulses.require('c')\n"
        "check.two_pulses.require('a')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True
    )
    assert done.stdout == "1 1 0 1\n" and done.returncode == 1
    assert "unrolled.checks.NotRight: Not yet. " in done.stderr
