"""A table as a cell's output: HTML that a page and a notebook show, and plain text."""

from xml.etree import ElementTree

import pytest

from unrolled import figures

TABLE = figures.Table(["", "A", "B"], [["a < b", "1", "no"], ["long name", "", "<i>"]])


def test_it_names_its_columns_and_rows():
    root = ElementTree.fromstring(TABLE._repr_html_())
    head = [(one.get("scope"), one.text or "") for one in root.iterfind("thead/tr/th")]
    assert head == [("col", "A"), ("col", "B")]
    assert [one.tag for one in root.find("thead/tr")] == ["td", "th", "th"]
    names = [(one.get("scope"), one.text) for one in root.iterfind("tbody/tr/th")]
    assert names == [("row", "a < b"), ("row", "long name")]
    entries = [[one.text or "" for one in row] for row in root.iterfind("tbody/tr")]
    assert entries == TABLE.rows


def test_as_text_its_columns_stand_below_one_another():
    assert repr(TABLE).splitlines() == [
        "           A  B",
        "a < b      1  no",
        "long name     <i>",
    ]


def test_a_row_of_another_length_is_refused():
    with pytest.raises(ValueError) as caught:
        figures.Table(["", "A"], [["a", "1", "2"]])
    assert str(caught.value) == (
        "Table: the row ['a', '1', '2'] has 3 entries, but the head has 2: give each "
        "column one, an empty string for none"
    )
