"""The texts that every reader has, and what is true of them letter by letter."""

import re
import string
import sys

import numpy as np
import pytest

from unrolled import corpus


def test_the_texts_are_long_clean_and_in_two_parts():
    for make, least in ((corpus.code, 3_000_000), (corpus.prose, 200_000)):
        text = make()
        assert len(text.train) > least and len(text.held_out) > least / 40
        assert set(text.train + text.held_out) <= set(corpus.ALPHABET)
        assert not re.search(r" \n|\t|\r", text.train)
        assert text.train[:5000] not in text.held_out
        whole = text.train + text.held_out
        assert len(whole) == sum(map(len, text.parts.values()))
        assert len(text.digest) == 12 and text.files.keys() == text.parts.keys()
    assert "def " in corpus.code().held_out
    assert " the " in corpus.prose().held_out


def test_the_alphabet_is_all_that_ascii_prints_and_the_end_of_a_line():
    printable = set(string.printable) - set("\t\r\x0b\x0c")
    assert set(corpus.ALPHABET) == printable and len(corpus.ALPHABET) == 96
    numbers = corpus.encode(corpus.ALPHABET)
    assert (numbers == np.arange(96)).all() and numbers.dtype == np.int64
    assert corpus.decode(numbers) == corpus.ALPHABET
    assert corpus.encode("a\té😀").tolist() == [66, -1, -1, -1]
    assert corpus.encode("").shape == (0,)
    with pytest.raises(TypeError, match="text must be a str; it is 3"):
        corpus.encode(3)


def test_a_text_is_cleaned():
    assert corpus.clean("a\tb  \n“x” – é’s") == 'a       b\n"x" - e\'s'


def test_a_library_without_its_source_is_refused_in_words(monkeypatch, tmp_path):
    monkeypatch.setattr(corpus.sysconfig, "get_path", lambda name: str(tmp_path))
    with pytest.raises(FileNotFoundError, match="0 are there as source.*zip"):
        corpus.code.__wrapped__()
    monkeypatch.setitem(sys.modules, "pydoc_data.topics", None)
    with pytest.raises(ModuleNotFoundError, match=r"pydoc_data\.topics"):
        corpus.prose.__wrapped__()


SOURCE = '''async def f(x, y="a(b", *z):
    """Long (text)."""
    return [x, f"{y}!",  # a (comment
            'it']
class A: pass
'''


def where(name):
    """The source, with a dot for each letter after which the property is false."""
    true = corpus.properties(SOURCE)[name]
    shown = [
        one if so or one == "\n" else "." for one, so in zip(SOURCE, true, strict=True)
    ]
    return "".join(shown).split("\n")


def test_what_is_true_after_each_letter():
    assert where("string")[0].strip(".") == '"a(b'
    assert where("string")[3].strip(".") == "'it"
    assert where("long string")[1].strip(".") == '"Long (text).""'
    assert where("comment")[2].strip(".") == "# a (comment"
    assert where("brackets")[0].strip(".") == '(x, y="a(b", *z'
    assert where("brackets")[2].strip(".").startswith("[x, f")
    assert where("brackets")[3] == "            'it'."
    assert where("definition")[0].strip(".") == 'f f(x, y="a(b", *z):'
    assert where("definition")[4].strip(".") == "s A: pass"
    assert where("indentation")[3] == "            ....."
    assert where("word")[0].startswith("async.def.f.x..y.")
    assert where("column")[0].strip(".") == ""
    long = corpus.properties("x = '" + "a" * 60 + "'\n")["column"]
    assert long.nonzero()[0].tolist() == list(range(39, 66))


def test_every_module_has_the_properties():
    parts = corpus.code().parts
    for name in ("argparse", *corpus.HELD_OUT[:3]):
        found = corpus.properties(parts[name])
        assert list(found) == list(corpus.PROPERTIES)
        for true in found.values():
            assert true.shape == (len(parts[name]),) and 0 < true.mean() < 0.9


def test_the_little_language_keeps_its_rules():
    text, depths, quotes = corpus.nested(5000, seed=0, depth=3)
    open_, quoted = 0, False
    for letter, depth, quote in zip(text, depths, quotes, strict=True):
        if letter == '"':
            quoted = not quoted
        elif not quoted:
            open_ += {"(": 1, ")": -1}.get(letter, 0)
            assert letter != "\n" or open_ == 0
        assert 0 <= open_ <= 3
        assert (depth, quote) == (open_, quoted)
    assert {*depths} == {0, 1, 2, 3}
    assert corpus.nested(50, seed=0, depth=3)[0] == text[:50]
    assert corpus.nested(50, seed=1)[0] != corpus.nested(50, seed=2)[0]


def test_the_odds_are_a_grammar():
    for depth in range(4):
        for quoted in (False, True):
            odds = corpus.nested_odds(depth, quoted, 3)
            assert sum(odds.values()) == pytest.approx(1)
            assert min(odds.values()) >= 0
    assert corpus.nested_odds(3, False, 3)["("] == 0
    assert corpus.nested_odds(0, False, 3)[")"] == 0
    assert "\n" not in corpus.nested_odds(0, True, 3)


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"length": 0}, ValueError),
        ({"depth": 1.5}, TypeError),
        ({"seed": -1}, ValueError),
    ],
)
def test_what_does_not_fit_is_refused(wrong, error):
    given = {"length": 10, "seed": 0, "depth": 2} | wrong
    with pytest.raises(error, match=next(iter(wrong))):
        corpus.nested(**given)
