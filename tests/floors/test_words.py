"""Words as data: what Python makes of them, and that the front end makes the same.

tests/floors/messages.json holds cases that both sides read; in messages.test.js an
implementation of the whole of ICU MessageFormat reads them too.
"""

import itertools
import json
from pathlib import Path

import pytest
from hands import ROOT

from unrolled import words
from unrolled.words import Words, WordsError, holes, leaves, missing, parse

HERE = Path(__file__).parent
CASES = json.loads((HERE / "messages.json").read_text("utf-8"))
FILES = sorted((ROOT / "src" / "unrolled").rglob("words/*.json"))
COUNTS = [0, 1, 2, 5, 21, 100]


@pytest.fixture
def folder(tmp_path):
    """Write words: `folder(en={...}, ko={...})` returns the place of the files."""

    def write(name="words", **languages):
        place = tmp_path / name
        place.mkdir()
        for language, tree in languages.items():
            text = json.dumps(tree, ensure_ascii=False)
            (place / f"{language}.json").write_text(text, "utf-8")
        return place

    return write


@pytest.fixture(autouse=True)
def english(monkeypatch):
    monkeypatch.delenv("UNROLLED_LANGUAGE", raising=False)


def speak(monkeypatch, language):
    monkeypatch.setenv("UNROLLED_LANGUAGE", language)


# One message


@pytest.mark.parametrize("case", CASES["said"], ids=lambda case: case["text"])
def test_a_message_is_filled(folder, monkeypatch, case):
    text, language = case["text"], case.get("language", "en")
    speak(monkeypatch, language)
    said = Words(folder(en={"deep": {"message": case["message"]}}))
    shown = f"⟦{text}⟧" if language == "en-XA" else text
    assert said("deep.message", **case["values"]) == shown


@pytest.mark.parametrize("case", CASES["refused"], ids=lambda case: case["message"])
def test_what_is_not_known_is_refused_with_its_place(folder, case):
    message = case["message"]
    with pytest.raises(WordsError) as error:
        parse(message)
    assert str(error.value) == f"the message “{message}” {case['said']}"
    with pytest.raises(WordsError):
        Words(folder(en={"message": message}))("message")


@pytest.mark.parametrize("case", CASES["unfilled"], ids=lambda case: case["message"])
def test_a_hole_that_is_not_filled_says_what_was_given(folder, case):
    said = Words(folder(en={"message": case["message"]}))
    with pytest.raises(WordsError) as error:
        said("message", **case["values"])
    assert case["said"] in str(error.value)


@pytest.mark.parametrize("value", [None, 0.5, ["a"], float("nan")])
def test_numbers_come_as_they_shall_be_read(folder, value):
    said = Words(folder(en={"message": "{n}"}))
    with pytest.raises(WordsError, match=r"^n is .*, but must be a str or an int$"):
        said("message", n=value)


def test_the_holes_of_a_message_are_those_of_all_its_forks():
    text = "{a} {n, plural, one {{b}} other {{k, select, x {{c}} other {}}}}"
    assert holes(parse(text)) == {"a", "b", "c", "k", "n"}
    assert holes(parse("none")) == set()


# A folder of them


def test_a_key_goes_through_the_tree(folder):
    tree = {"presets": {"fades": {"label": "fades", "lesson": "{n} left"}}, "a": "b"}
    said = Words(folder(en=tree))
    assert said("presets.fades.lesson", n=2) == "2 left"
    assert said.text("presets.fades.lesson") == "{n} left"
    assert leaves(said.tree) == {
        "presets.fades.label": "fades",
        "presets.fades.lesson": "{n} left",
        "a": "b",
    }


@pytest.mark.parametrize("key", ["presets", "presets.fade", "a.b", "", "presets."])
def test_an_unknown_key_is_an_error_that_lists_the_known(folder, key):
    said = Words(folder(en={"presets": {"fades": "fades"}, "a": "b"}))
    with pytest.raises(WordsError) as error:
        said(key)
    known = f"there is no message {key!r}; there are a, presets.fades"
    assert str(error.value) == known


def test_a_later_folder_lies_on_top(folder):
    floor = folder("floor", en={"a": "floor", "deep": {"x": "floor", "y": "floor"}})
    room = folder("room", en={"b": "room", "deep": {"y": "room"}})
    said = Words(floor, room)
    assert said.tree == {"a": "floor", "b": "room", "deep": {"x": "floor", "y": "room"}}
    assert said.folders == (floor, room)


def test_a_folder_without_english_is_an_error(folder):
    with pytest.raises(WordsError, match=r"no words in .*words: en\.json is missing"):
        Words(folder(ko={"a": "b"}))("a")


# Languages


@pytest.mark.parametrize(
    ("asked", "language"),
    [("", "en"), ("en", "en"), ("ko", "ko"), ("en_XA", "en-XA"), ("en-XA", "en-XA")],
)
def test_the_language_is_that_of_the_environment(monkeypatch, asked, language):
    assert words.language() == "en"
    speak(monkeypatch, asked)
    assert words.language() == language


def test_what_a_language_lacks_is_english_and_is_listed(folder, monkeypatch):
    english = {"a": "an a", "deep": {"b": "a b", "c": "{n, plural, other {{n} c}}"}}
    place = folder(en=english, ko={"a": "에이", "deep": {"c": "씨 {n}개"}})
    assert missing(place) == missing(place, "en") == missing(place, "en-XA") == []
    assert missing(place, "ko") == ["deep.b"]
    assert missing(place, "de") == ["a", "deep.b", "deep.c"]
    said = Words(place)
    assert said("deep.c", n=1) == "1 c"
    speak(monkeypatch, "ko")
    assert missing(place) == ["deep.b"]
    assert (said("a"), said("deep.b"), said("deep.c", n=1)) == ("에이", "a b", "씨 1개")
    speak(monkeypatch, "de")
    assert said("a") == "an a"


def test_the_made_up_language_puts_every_message_in_brackets(folder, monkeypatch):
    place = folder(en={"a": "an a", "n": "{n, plural, one {a step} other {{n} steps}}"})
    speak(monkeypatch, "en-XA")
    said = Words(place)
    assert said("a") == "⟦an a⟧"
    assert (said("n", n=1), said("n", n=2)) == ("⟦a step⟧", "⟦2 steps⟧")
    assert set(leaves(said.tree)) == {"a", "n"}


def test_korean_has_one_form_for_all_numbers(folder, monkeypatch):
    fork = "{n, plural, one {one} other {other}}"
    said = Words(folder(en={"n": fork}))
    assert [said("n", n=k) for k in (0, 1, 2)] == ["other", "one", "other"]
    speak(monkeypatch, "ko")
    assert [said("n", n=k) for k in (0, 1, 2)] == ["other"] * 3


def test_a_language_of_which_no_plurals_are_known_says_where_to_add_them(
    folder, monkeypatch
):
    fork = "{n, plural, =0 {none} one {one} other {other}}"
    said = Words(folder(en={"n": fork}))
    speak(monkeypatch, "pl")
    assert said("n", n=0) == "none"
    with pytest.raises(WordsError) as error:
        said("n", n=1)
    assert str(error.value) == (
        "the plurals of 'pl' are not known, only those of en, ko: add them to PLURALS "
        "in unrolled/words.py"
    )


# Both sides


def forks(parts):
    """What there is to choose: for every hole of a message, some values."""
    found = {}
    for part in parts:
        if isinstance(part, str):
            continue
        name, kind, options = part
        values = {"plural": COUNTS, "select": ["no such word"]}.get(kind, [])
        found.setdefault(name, set()).update(values)
        for word, inner in (options or {}).items():
            known = int(word[1:]) if word.startswith("=") else word
            if kind == "select" or known != word:
                found[name].add(known)
            for deeper, values in forks(inner).items():
                found.setdefault(deeper, set()).update(values)
    return found


def values_of(message, most=200):
    """Values for the holes of a message, so that every option of a fork is chosen."""
    found = forks(parse(message))
    names = list(found)
    choices = [sorted(found[n], key=str) or [f"‹{n}›"] for n in names]
    every = list(itertools.product(*choices))
    for values in every[:: len(every) // most + 1]:
        yield dict(zip(names, values, strict=True))


def test_the_front_end_and_icu_say_the_same(node_test, tmp_path, monkeypatch):
    cases = []
    for file in FILES:
        speak(monkeypatch, file.stem)
        said = Words(file.parent)
        for key, message in leaves(json.loads(file.read_text("utf-8"))).items():
            for values in values_of(message):
                one = {"message": message, "language": file.stem, "values": values}
                cases.append(one | {"text": said(key, **values)})
    assert len(cases) > 500
    path = tmp_path / "cases.json"
    path.write_text(json.dumps(cases), "utf-8")
    node_test(HERE / "messages.test.js", least=6, UNROLLED_MESSAGES=str(path))
