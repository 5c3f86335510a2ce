"""Records are read, and what is not as it must be is said in words."""

import json
import re

import pytest

from unrolled import records
from unrolled.records import Prerequisite, RecordError

SOUND = {
    "title": "The echo",
    "line": "What comes back.",
    "objectives": [{"can": "hear it", "tested_by": ["heard"]}],
    "prerequisites": [{"what": "ears"}, {"chapter": "01_recurrence", "what": "a loop"}],
    "minutes": 30,
    "exercise_minutes": 60,
    "seconds": 7,
    "exercises": [
        {"check": "heard", "title": "Heard", "kind": "recall", "points": 1},
        {"check": "said", "title": "Said", "kind": "open", "points": 2},
        {"title": "Why?", "kind": "open", "points": 3},
    ],
}


@pytest.fixture
def write(tmp_path):
    def write(given, name="99_echo.json"):
        path = tmp_path / name
        path.write_text(given if isinstance(given, str) else json.dumps(given), "utf-8")
        return path

    return write


def changed(*place, to):
    """The sound record with another value at a place; `...` takes it out."""
    given = json.loads(json.dumps(SOUND))
    *way, last = place
    part = given
    for one in way:
        part = part[one]
    if to is ...:
        del part[last]
    else:
        part[last] = to
    return given


def test_a_record_is_read(write):
    found = records.read(write(SOUND))
    assert (found.stem, found.title, found.seconds) == ("99_echo", "The echo", 7)
    assert found.objectives[0].tested_by == ("heard",)
    assert found.prerequisites[0] == Prerequisite("ears", None)
    assert [one.check for one in found.exercises] == ["heard", "said", None]
    assert (found.points("heard"), found.points("said")) == (1, 2)
    assert hash(found) == hash(records.read(write(SOUND)))
    with pytest.raises(
        RecordError, match=r"99_echo\.json has no .*'seen'; .*heard, sa"
    ):
        found.points("seen")


EXERCISE = ("exercises", 1)
FAULTS = [
    ("{", "99_echo.json is not JSON: "),
    ([], "99_echo.json is [], but must be an object"),
    (
        changed("title", to=...),
        "99_echo.json has no 'title', but needs stem, title, ",
    ),
    (changed("title", to=" "), "title is ' ', but must be a text that is not empty"),
    (changed("hours", to=1), "a field is 'hours', but must be one of stem, title, "),
    (changed("minutes", to="30"), "minutes is '30', but must be a whole number of at"),
    (changed("minutes", to=True), "minutes is True, but must be a whole number of at"),
    (changed("seconds", to=0), "seconds is 0, but must be a whole number of at least"),
    (changed("seconds", to=6.5), "seconds is 6.5, but must be a whole number of at"),
    (changed("exercises", to={}), "exercises is {}, but must be a list that is not"),
    (changed("objectives", to=[]), "objectives is [], but must be a list that is"),
    (changed("objectives", 0, to="hear"), "objectives[0] is 'hear', but must be an ob"),
    (changed("objectives", 0, "tested_by", to=[]), "objectives[0]: tested_by is [], "),
    (
        changed("objectives", 0, "tested_by", to=["heard", 1]),
        "objectives[0]: tested_by[1] is 1, but must be a text",
    ),
    (
        changed("objectives", 0, "tested_by", to=["seen"]),
        "objectives[0].tested_by is 'seen', but must be one of heard, said",
    ),
    (
        changed(*EXERCISE, "kind", to="code"),
        "exercises[1]: kind is 'code', but must be one of recall, compute, explore, op",
    ),
    (changed(*EXERCISE, "points", to=-1), "exercises[1]: points is -1, but must be a"),
    (changed(*EXERCISE, "check", to="heard"), "a check is 'heard', but must be of one"),
    (changed(*EXERCISE, "check", to=None), "exercises[1]: check is None, but must be"),
    (
        changed("exercises", 2, "kind", to="compute"),
        'exercises[2].check is None, but must be a name, as the kind is not "open"',
    ),
]


@pytest.mark.parametrize(("given", "said"), FAULTS, ids=[said for _, said in FAULTS])
def test_a_fault_is_told_with_its_file_and_field(write, given, said):
    with pytest.raises(RecordError, match=re.escape(said)) as raised:
        records.read(write(given))
    assert str(raised.value).startswith("99_echo.json")


def test_a_record_is_found_by_its_stem_and_by_its_room(write, tmp_path):
    for one in records.records():
        assert records.record(one.stem) is one
        (path,) = records.CHECKS.glob(f"*/{one.stem}.json")
        assert records.beside(path.parent) == one
    with pytest.raises(RecordError, match="no record of '4_lstm'; .* 04_lstm, 05_gru"):
        records.record("4_lstm")
    with pytest.raises(RecordError, match="has 0 records, but one is expected: a file"):
        records.beside(tmp_path)
