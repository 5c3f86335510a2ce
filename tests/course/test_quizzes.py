"""`make quizzes`: the questions of the pages, in QTI and as a table, read back."""

import csv
import io
import os
import re
import subprocess
import sys
import zipfile
from html import unescape
from xml.etree import ElementTree

import pytest
from hands import ROOT

from unrolled.records import record, records

sys.path.append(str(ROOT / "course"))
import quizzes

CHAPTERS = [one.stem for one in records()]


@pytest.fixture(scope="module", params=CHAPTERS)
def stem(request):
    return request.param


@pytest.fixture(scope="module")
def questions(stem):
    return quizzes.bank(record(stem))


def seen(text):
    """What of Markdown, or of HTML, is read: letters, digits, signs."""
    text = re.sub(r"<[^>]+>|^ *\|[ |:-]+\|$", "", unescape(text), flags=re.M)
    return re.sub(r"[\s*`|'’\"“”]", "", text)  # quotes are set in type


class Item:
    """One question, as a QTI file has it."""

    def __init__(self, element):
        self.title = element.get("title")
        (self.text,) = element.findall("./presentation/material/mattext")
        self.text = self.text.text
        self.options = {
            one.get("ident"): one.find("./material/mattext").text
            for one in element.iter("response_label")
            if one.find("material") is not None
        }
        self.right = [
            one.find("./conditionvar/varequal").text
            for one in element.iter("respcondition")
            if one.find("setvar") is not None and self.options
        ]
        self.values = [one.text for one in element.iter("varequal")]
        self.bounds = [
            float(one.text)
            for name in ("vargte", "varlte")
            for one in element.iter(name)
        ]
        self.said = {
            one.get("ident"): one.find(".//mattext").text
            for one in element.iter("itemfeedback")
        }


def read(content):
    """The questions of a zip in QTI 1.2."""
    with zipfile.ZipFile(io.BytesIO(content)) as zipped:
        assert zipped.testzip() is None and "imsmanifest.xml" in zipped.namelist()
        texts = [zipped.read(n).decode() for n in zipped.namelist() if n[-4:] == ".xml"]
    (text,) = [one for one in texts if "<questestinterop" in one]
    assert "ims_qtiasiv1p2" in text
    root = ElementTree.fromstring(re.sub(r' xmlns="[^"]+"', "", text))
    return [Item(one) for one in root.iter("item")]


def test_a_quiz_in_qti_says_what_the_page_says(stem, questions):
    assert len(questions) >= 3
    items = read(quizzes.zipped(record(stem), questions))
    assert len(items) == len(questions)
    for one, item in zip(questions, items, strict=True):
        assert seen(item.text) == seen(quizzes.formulas(one.text)), one.name
        assert "$" not in item.text and "\\" not in item.text, one.name
        if one.options:
            options = {seen(text): key for key, text in item.options.items()}
            assert list(options) == [seen(text) for text, _ in one.options], one.name
            assert item.right == [options[seen(one.right)]], one.name
            said = {key.removesuffix("_fb"): seen(t) for key, t in item.said.items()}
            wanted = {options[seen(t)]: seen(s) for t, s in one.options if s}
            assert said == wanted, one.name
        elif isinstance(one.right, tuple):
            assert item.values == list(one.right), one.name
        else:
            low, high = min(item.bounds), max(item.bounds)
            assert low <= one.right <= high, one.name
            assert high - low == pytest.approx(2 * one.within, abs=1e-3), one.name


def test_every_question_of_a_page_is_there_and_judged_as_there(stem, questions):
    """Every hint of a choice is one that the check gives."""
    asked = {one.name.partition(":")[0] for one in questions}
    text = (ROOT / "notebooks" / f"{stem}.ipynb").read_text("utf-8")
    named = {
        f"{stem}.{n}" for n in re.findall(r"Question\((?:check|predict)\.(\w+)", text)
    }
    assert asked <= named and len(named - asked) <= 1  # that is picked in a drawing
    for one in questions:
        if one.options:
            assert [text for text, _ in one.options].count(one.right) == 1
            wrong = [said for text, said in one.options if text != one.right]
            assert all(wrong), one.name
            assert ": " in one.name or len(set(wrong)) == len(wrong), one.name
            assert not any(said.startswith("Not yet") for said in wrong)


def test_the_table_has_them_all(stem, questions):
    rows = list(csv.DictReader(io.StringIO(quizzes.table(questions))))
    assert [row["name"] for row in rows] == [one.name for one in questions]
    for one, row in zip(questions, rows, strict=True):
        assert row["text"] == one.text and row["title"] == one.title
        pairs = [
            (row[f"option_{k}"], row[f"said_{k}"])
            for k in range(1, 9)
            if row.get(f"option_{k}")
        ]
        assert tuple(pairs) == one.options


def run(*arguments, cwd, **environment):
    return subprocess.run(
        [sys.executable, ROOT / "course" / "quizzes.py", *arguments],
        cwd=cwd,
        env=os.environ | environment,
        capture_output=True,
        text=True,
    )


def test_it_writes_a_zip_for_a_chapter_and_one_table(tmp_path):
    done = run("1", CHAPTERS[-1], "--to", tmp_path / "out", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    names = {f"{CHAPTERS[0]}.zip", f"{CHAPTERS[-1]}.zip", "questions.csv"}
    assert {path.name for path in (tmp_path / "out").iterdir()} == names


def test_a_chapter_that_does_not_exist_is_an_error_and_leaves_nothing(tmp_path):
    done = run("99", "--to", tmp_path / "out", cwd=tmp_path)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert (
        "No quizzes were made. there is no chapter '99'; there are 01_" in done.stderr
    )
    assert not (tmp_path / "out").exists()


def test_without_text2qti_it_says_what_installs_it_and_leaves_nothing(tmp_path):
    (tmp_path / "text2qti.py").write_text("raise ModuleNotFoundError('No text2qti')")
    done = run("1", "--to", "out", cwd=tmp_path, PYTHONPATH=str(tmp_path))
    assert done.returncode == 1 and not (tmp_path / "out").exists()
    assert "No quizzes were made. No text2qti: make quizzes installs" in done.stderr


def test_a_formula_that_it_cannot_say_is_an_error():
    assert quizzes.formulas("$W_h h_{t-1}$") == (
        "<em>W</em><sub>h</sub> <em>h</em><sub>t−1</sub>"
    )
    with pytest.raises(
        quizzes.AssignmentError, match=r"cannot say the formula .*\\frac"
    ):
        quizzes.formulas(r"$\frac{1}{2}$")
