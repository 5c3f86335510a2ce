"""A question in Python: what may be asked, what may be answered, what is said to it."""

import json
from types import SimpleNamespace

import pytest
from hands.twins import assert_drawn_with_tokens
from traitlets import TraitError

from unrolled import figures
from unrolled.checks import dependencies, gru, lstm, recurrence, through_time
from unrolled.explorers import Decay, HiddenState, Question

CHAPTERS = (recurrence, through_time, dependencies, lstm, gru)
ASKED = [
    one
    for chapter in CHAPTERS
    for one in (*vars(chapter).values(), *vars(chapter.predict).values())
    if "form" in getattr(getattr(one, "task", None), "rule", ())
]
FORMS = {one.task.rule["form"]: one for one in ASKED}
# By the form of an answer, what it cannot be, and what the error says is wanted.
BAD = {
    "choice": (["e", "", 1, True, ["a"]], "must be one of "),
    "number": (["a", [1], {}], "must be a number"),
    "words": (["a", {}, {"A": "deaf"}], "must be a dictionary with a word or None"),
    "shapes": (["a", {}, {"x": 3}], "must be a dictionary with a list of whole"),
}


@pytest.fixture(params=ASKED, ids=lambda check: check.task.name)
def check(request):
    return request.param


def test_every_form_is_asked_somewhere():
    assert set(FORMS) == set(BAD)
    assert any("bars" in one.task.rule for one in ASKED)


def test_it_answers_as_the_check_does(check):
    question = Question(check)
    assert question.answer is None and question._said == {}
    question.answer = check.task.right
    assert question._said["verdict"] == "right"
    assert question._said["text"] == check.task.outcome(question.answer).said


def test_a_wrong_answer_gets_its_hint_and_can_be_changed(check):
    if check.task.rule["form"] != "choice":
        return
    question = Question(check)
    for option in check.task.rule["options"]:
        question.answer = option
        right = option == check.task.right
        assert question._said["verdict"] == ("right" if right else "not_yet")
        assert question._said["key"] == ("right" if right else option)


def test_a_check_takes_the_figure_for_an_answer(capsys):
    question = Question(recurrence.two_pulses)
    recurrence.two_pulses(question)
    assert capsys.readouterr().out.startswith("Not tried yet. ")
    question.answer = "c"
    recurrence.two_pulses(question)
    assert capsys.readouterr().out.startswith("Right. ")
    assert recurrence.two_pulses.grade(question).points == 1


@pytest.mark.parametrize("form", BAD)
def test_a_bad_answer_is_named_and_nothing_is_lost(form):
    question = Question(FORMS[form])
    answers, said = BAD[form]
    for before in (None, FORMS[form].task.right):
        question.answer = before
        for answer in answers:
            with pytest.raises(TraitError) as error:
                question.answer = answer
            assert f"Question: answer is {answer!r}, but {said}" in str(error.value)
            assert question.answer == before


def test_what_cannot_be_asked_says_what_to_give():
    for bad in (recurrence.one_step, recurrence.latch, "two_pulses", SimpleNamespace()):
        with pytest.raises(TypeError, match="has nothing to ask on a page; give a"):
            Question(bad)
    with pytest.raises(TypeError, match="exercise is one_step, which is not about a"):
        HiddenState(exercise=recurrence.one_step)
    with pytest.raises(TypeError, match="latch, which is about a HiddenState; give a"):
        Decay(exercise=recurrence.latch)


def test_a_figure_says_whether_it_is_set_right():
    figure = HiddenState(exercise=recurrence.latch)
    figure._asked = 1  # what the button does
    assert figure._said["key"] == "inputs_moved"
    figure.x = recurrence.latch.task.rule["start"]["x"]
    figure.w_x, figure.w_h = 2.0, 1.5
    figure._asked = 2
    assert figure._said["verdict"] == "right"
    assert figure._said["text"] == recurrence.latch.task.outcome(figure).said


def test_what_is_displayed_asks_and_folds_the_answer_away(check):
    question = Question(check, name="one")
    data, metadata = question._repr_mimebundle_()
    shown = metadata["image/svg+xml"]["unrolled"]
    assert shown["told"]["ask"] == question.ask
    told = json.loads(json.dumps(shown["told"]["_task"], allow_nan=False))
    assert told == check.task.told()
    assert shown["asked"]["answer"] == question.description()
    assert told["words"]["own"]["right"] in shown["asked"]["answer"]
    assert metadata["image/svg+xml"]["alt"] == question.description(hidden=True)
    assert told["words"]["own"]["right"] not in question.description(hidden=True)
    assert_drawn_with_tokens(figures.to_svg(question.figure()))
    again, _ = Question(check, name="one")._repr_mimebundle_()
    assert data["image/svg+xml"] == again["image/svg+xml"]
