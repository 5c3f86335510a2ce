"""The fact check's records: their form, and verdicts that follow what is measured."""

import inspect
import json
import re

import pytest
from hands import ROOT

from unrolled import facts
from unrolled.facts import VERDICTS, FactError, measures, read

FOLDER = ROOT / "src" / "unrolled" / "facts"
RECORDS = {
    name: record
    for path in FOLDER.glob("*.json")
    for name, record in json.loads(path.read_text("utf-8")).items()
}
MEASURES = {
    name
    for name, one in vars(measures).items()
    if inspect.isfunction(one)
    and one.__module__ == measures.__name__
    and not name.startswith("_")
}


@pytest.fixture(scope="module")
def found():
    return read()


def test_every_claim_has_a_verdict_in_both_languages(found):
    assert len(found) == len(RECORDS) == len({one.name for one in found}) >= 70
    for one in found:
        assert re.fullmatch(r"[a-z0-9-]+", one.name)
        assert one.verdict in VERDICTS and one.why.endswith((".", ")"))
        assert re.search("[가-힣]", one.claim["ko"]) and one.claim["ko"].endswith("다.")
        assert not re.search("[가-힣]{4}", one.claim["en"])
        assert one.notes and set(one.notes) <= {"000", "001", "002", "003", "004"}
        assert (ROOT / "notebooks" / f"{one.stem}.ipynb").exists()
    assert {one.verdict for one in found} == set(VERDICTS)
    assert {note for one in found for note in one.notes} >= {"000", "002", "004"}


def test_every_source_is_in_the_references():
    bib = (ROOT / "book" / "references.bib").read_text("utf-8")
    for name, record in RECORDS.items():
        source = record.get("source")
        assert source is None or f"{{{source}," in bib, name


def test_nothing_is_measured_for_nobody():
    used = {record["measure"] for record in RECORDS.values() if "measure" in record}
    assert used == MEASURES
    for measure in MEASURES:
        asked = " ".join(
            f"{one['when']} {one['why']}"
            for record in RECORDS.values()
            if record.get("measure") == measure
            for one in record["verdicts"]
        )
        for value in facts._measured(measure):
            assert re.search(rf"\b{value}\b", asked), f"{measure}: {value}"


def test_what_is_measured_is_the_same_again():
    for measure in sorted(MEASURES):
        assert getattr(measures, measure)() == facts._measured(measure)


RECORD = {
    "notes": ["001"],
    "short": "far",
    "claim": {"en": "It reaches far.", "ko": "멀리 간다."},
    "measure": "reach",
    "verdicts": [
        {"when": "reach > 100", "verdict": "holds", "why": "As far as {reach}."},
        {"when": "reach < 10", "verdict": "does not hold", "why": "Only {reach}."},
    ],
    "section": "how-far",
    "by": "a study",
}


def made(folder, record, reach=200):
    (folder / "03_made_up.json").write_text(json.dumps({"far": record}), "utf-8")
    (fact,) = read(folder, lambda name: {"reach": reach})
    return fact.verdict, fact.why


def test_another_result_is_another_verdict(tmp_path):
    assert made(tmp_path, RECORD, 200) == ("holds", "As far as 200.")
    assert made(tmp_path, RECORD, 0.25) == ("does not hold", "Only 0.25.")
    assert made(tmp_path, RECORD, -1.5e-7) == ("does not hold", "Only −1.5 × 10⁻⁷.")


def test_the_first_that_is_true_is_the_verdict(tmp_path):
    twice = [RECORD["verdicts"][0], RECORD["verdicts"][0] | {"verdict": "undecided"}]
    assert made(tmp_path, RECORD | {"verdicts": twice})[0] == "holds"


ONE = RECORD["verdicts"][0]
WRONG = [
    ({}, 50, "no verdict follows from what is measured now (reach = 50)"),
    ({"claim": {"en": "It reaches far."}}, 200, "in en and in ko"),
    ({"verdicts": [ONE | {"verdict": "maybe"}]}, 200, "'maybe', but must be one of"),
    ({"verdicts": [ONE | {"when": "import os"}]}, 200, "cannot be read"),
    ({"verdicts": [ONE | {"when": "unknown > 1"}]}, 200, "“unknown > 1”"),
    ({"verdicts": [ONE | {"why": "{nothing}"}]}, 200, "its sentence"),
    ({"verdicts": [{k: ONE[k] for k in ("verdict", "why")}]}, 200, "say `when`"),
    ({"colour": "red"}, 200, "has, and nobody reads, colour"),
]


@pytest.mark.parametrize(("changed", "reach", "said"), WRONG, ids=lambda one: str(one))
def test_a_record_that_is_wrong_is_refused_in_words(tmp_path, changed, reach, said):
    with pytest.raises(FactError, match=re.escape(said)) as error:
        made(tmp_path, RECORD | changed, reach)
    assert "03_made_up.json: far" in str(error.value)


def test_a_record_that_lacks_something_says_what(tmp_path):
    for key in ("notes", "section", "by"):
        with pytest.raises(FactError, match=f"lacks {key}"):
            made(tmp_path, {k: one for k, one in RECORD.items() if k != key})
    unmeasured = {k: one for k, one in RECORD.items() if k != "measure"}
    with pytest.raises(FactError, match="has no measure, so it must have one verdict"):
        made(tmp_path, unmeasured)
