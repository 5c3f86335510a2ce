"""The record of each chapter says what its notebook is, and the front is made of it.

How many seconds a chapter runs is not asked here: nothing in a test may depend on time.
`unrolled.book.front`, which writes the fronts, compares them with the book's build.
"""

import json
import re
import shutil
from collections import Counter
from importlib import import_module

import pytest
from hands import ROOT

from unrolled import records
from unrolled.book import front

NOTEBOOKS = {path.stem: path for path in sorted((ROOT / "notebooks").glob("*.ipynb"))}
RECORDS = {one.stem: one for one in records.records()}
ROOMS = {path.stem: path.parent for path in records.CHECKS.glob("*/[0-9]*.json")}
# What a chapter must have.
LEAST = {"recall": 2, "compute": 3, "explore": 2, "open": 1}


@pytest.fixture(params=NOTEBOOKS)
def stem(request):
    return request.param


def cells(stem):
    found = json.loads(NOTEBOOKS[stem].read_text("utf-8"))["cells"]
    return [(cell["id"], "".join(cell["source"])) for cell in found]


def test_a_chapter_has_one_record_and_a_record_its_chapter():
    assert RECORDS.keys() == NOTEBOOKS.keys() == ROOMS.keys()
    rooms = {path.parent for path in records.CHECKS.glob("*/__init__.py")}
    assert rooms == set(ROOMS.values())


def test_its_exercises_are_the_notebooks_in_their_order(stem):
    found, titles = [], []
    for name, source in cells(stem):
        heading = re.match(r"### (\d+)\. (.+)", source)
        if heading:
            assert name.startswith("exercise-")
            titles.append((int(heading[1]), heading[2]))
        if name.startswith("try-"):
            checks = re.findall(r"^check\.(\w+)\(", source, re.MULTILINE)
            found.append((titles[-1][1], *checks))
    exercises = RECORDS[stem].exercises
    assert titles == [(k, one.title) for k, one in enumerate(exercises, 1)]
    assert found == [(one.title, one.check) for one in exercises if one.check]


def test_its_exercises_are_the_checks_of_its_module_once_each(stem):
    module = import_module(f"unrolled.checks.{ROOMS[stem].name}")
    checks = [name for name, one in vars(module).items() if hasattr(one, "grade")]
    listed = [one.check for one in RECORDS[stem].exercises if one.check]
    assert sorted(listed) == sorted(checks)


def test_every_exercise_serves_an_objective(stem):
    tested = {one for goal in RECORDS[stem].objectives for one in goal.tested_by}
    assert tested == {one.check for one in RECORDS[stem].exercises if one.check}


def test_what_it_needs_comes_before_it(stem):
    for one in RECORDS[stem].prerequisites:
        assert one.chapter is None or one.chapter in RECORDS and one.chapter < stem


def test_its_exercises_are_of_all_kinds(stem):
    exercises = RECORDS[stem].exercises
    kinds = Counter(one.kind for one in exercises)
    missing = {kind: least - kinds[kind] for kind, least in LEAST.items()}
    assert not {kind: count for kind, count in missing.items() if count > 0}
    assert len(exercises) >= sum(LEAST.values())


# --- the front


def test_its_front_is_made_of_its_record(stem):
    (_, first), *_ = cells(stem)
    assert first == front.front(RECORDS[stem]), "run python -m unrolled.book.front"


def test_the_landing_page_has_what_the_records_say():
    page = (ROOT / "book" / "index.md").read_text("utf-8")
    assert front.cards(page) == page
    line = RECORDS["05_gru"].line
    assert page.count(line) == 1
    assert front.cards(page.replace(line, "Something else.")) == page
    with pytest.raises(records.RecordError, match="has 0 cards of 05_gru, but must"):
        front.cards(page.replace("/05_gru.ipynb", "/5.ipynb"))


def test_a_front_reads_as_prose():
    lstm = front.front(RECORDS["04_lstm"])
    assert lstm.startswith(
        "# The LSTM: a cell state with gates\n\n*Three quarters of an"
    )
    assert lstm.count("\n") == 4
    assert "; and write an LSTM" in lstm
    assert "[chapter 3](03_long_term_dependencies.ipynb), where every step" in lstm
    two = front.front(RECORDS["02_training_through_time"])
    assert two.endswith("its five lines above all, and the chain rule.")


@pytest.fixture
def book(tmp_path, monkeypatch):
    """A copy of the notebooks and of the records, in the place of the book's own."""
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")
    (tmp_path / "book").mkdir()
    shutil.copy(ROOT / "book" / "index.md", tmp_path / "book")
    for stem, room in ROOMS.items():
        (tmp_path / "checks" / room.name).mkdir(parents=True)
        shutil.copy(room / f"{stem}.json", tmp_path / "checks" / room.name)
    monkeypatch.setattr(records, "CHECKS", tmp_path / "checks")
    monkeypatch.chdir(tmp_path)
    records.records.cache_clear()
    yield tmp_path
    records.records.cache_clear()


def test_writing_the_fronts_changes_first_cells_alone_and_once(book, capsys):
    (room,) = book.glob("checks/*/05_gru.json")
    text = room.read_text("utf-8")
    room.write_text(text.replace('"minutes": 45', '"minutes": 90'), "utf-8")
    records.records.cache_clear()
    assert front.main([]) == 0
    written = re.findall(r"written: (\S+)", capsys.readouterr().out)
    assert written == ["notebooks/05_gru.ipynb"]
    fronts = {}
    for stem, path in NOTEBOOKS.items():
        before = json.loads(path.read_text("utf-8"))
        after = json.loads((book / "notebooks" / path.name).read_text("utf-8"))
        one, other = before["cells"].pop(0), after["cells"].pop(0)
        assert before == after
        assert (one == other) == (stem != "05_gru")
        fronts[stem] = "".join(other["source"])
    assert "*An hour and a half to read" in fronts["05_gru"]
    assert front.main([]) == 0
    assert capsys.readouterr().out == ""


def test_a_fault_in_a_record_writes_nothing(book, capsys):
    (room,) = book.glob("checks/*/05_gru.json")
    room.write_text(room.read_text("utf-8").replace('"minutes"', '"hours"'), "utf-8")
    before = {path: path.read_bytes() for path in book.rglob("*.*")}
    assert front.main([]) == 1
    said = capsys.readouterr().err
    assert said.startswith("The fronts were not written. 05_gru.json")
    assert before == {path: path.read_bytes() for path in book.rglob("*.*")}


def test_seconds_that_are_a_factor_of_two_off_are_written(book, monkeypatch, capsys):
    (path,) = book.glob("checks/*/04_lstm.json")
    known = RECORDS["04_lstm"].seconds
    for seconds in (known, known / 2, known * 2):
        assert not front.write_seconds(path, seconds)
    assert path.read_bytes() == (ROOMS["04_lstm"] / path.name).read_bytes()
    monkeypatch.setattr(front, "measured", lambda source: {"04_lstm": 2.1 * known})
    assert front.main([]) == 0
    said = f"written: 04_lstm.json, for it ran {2.1 * known:.1f} s"
    assert said in capsys.readouterr().out
    assert records.record("04_lstm").seconds == round(2.1 * known)
    assert front.write_seconds(path, 0.2)
    assert records.read(path).seconds == 1


def test_the_builds_seconds_are_found_by_what_a_notebook_is():
    """Of the chapters that stand in the build as they are now."""
    found = front.measured(ROOT)
    assert found.keys() == NOTEBOOKS.keys(), "run make book"
    assert all(seconds > 0 for seconds in found.values())
