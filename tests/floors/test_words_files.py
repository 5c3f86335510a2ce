"""The words files, wherever they lie: each is whole, and all is used."""

import json
import re
from functools import cache

import pytest
from hands import ROOT

from unrolled.words import ENGLISH, holes, leaves, parse

PACKAGE = ROOT / "src" / "unrolled"
EXPLORERS = PACKAGE / "explorers"
HOST = ROOT / "frontend" / "host"

SPEAKERS = (PACKAGE, ROOT / "course")
FOLDERS = sorted(one for top in SPEAKERS for one in top.rglob("words") if one.is_dir())
FILES = sorted(file for folder in FOLDERS for file in folder.iterdir())
OTHERS = [file for file in FILES if file.stem != ENGLISH]

# What is no code: docstrings, and comments that have a block or a line's rest.
PROSE = {
    ".py": re.compile(r'"""[\s\S]*?"""|(?<!\S)# .*'),
    ".js": re.compile(r"/\*[\s\S]*?\*/|(?<!\S)// .*"),
    ".html": re.compile(r"<!--[\s\S]*?-->|{#[\s\S]*?#}"),
}


def name(path):
    return str(path.relative_to(ROOT))


def messages(file):
    return leaves(json.loads(file.read_text("utf-8")))


@cache
def names_in(folder, *, deep=True):
    """All names and words in the code of a folder, without comments and tests."""
    paths = (folder.rglob if deep else folder.glob)("*")
    code = [
        PROSE[path.suffix].sub("", path.read_text("utf-8"))
        for path in paths
        if path.suffix in PROSE
        and not {"tests", "bundles"} & set(path.relative_to(ROOT).parts)
    ]
    return set(re.findall(r"\w+", "\n".join(code)))


def results_of(room):
    """The files of the studies that an explorer shows: their names are data too."""
    faces = "".join(one.read_text("utf-8") for one in room.glob("*.py"))
    loaded = re.findall(r"results\.load\(\"(\w+)\"\)", faces)
    return [PACKAGE / "results" / f"{one}.json" for one in loaded]


def names_near(folder):
    """The names in the code that may use a folder's words.

    That is the code beside them, and of the floors that it stands on. What explorers
    share may be used by any of them.
    """
    room = folder.parent
    if EXPLORERS not in (room, *room.parents):
        rules = " ".join(one.read_text("utf-8") for one in room.rglob("rules.json"))
        known = names_in(room) | names_in(room.parent, deep=False)
        known |= set(re.findall(r"\w+", rules))
        return known | (names_in(HOST) if room.name == "book" else set())
    floors = names_in(EXPLORERS, deep=False) | names_in(PACKAGE, deep=False)
    floors = floors.union(*map(names_in, (PACKAGE / "figures", ROOT / "frontend")))
    for data in PACKAGE.glob("*.json"):  # what Python and JavaScript share
        floors |= set(re.findall(r"\w+", data.read_text("utf-8")))
    for data in room.glob("*.json"):  # presets, and the plan of a drawing
        floors |= set(re.findall(r"\w+", data.read_text("utf-8")))
    shared = not (room / "front.js").exists()
    for study in results_of(room):
        floors |= set(re.findall(r"\w+", study.read_text("utf-8")))
    return names_in(EXPLORERS if shared else room) | floors


def test_words_were_found():
    found = {file.stem for file in FILES}
    assert {"en", "ko"} <= found
    assert len(FOLDERS) > 10


@pytest.mark.parametrize("folder", FOLDERS, ids=name)
def test_a_folder_has_english_and_nothing_but_languages(folder):
    names = {file.name for file in folder.iterdir()}
    assert "en.json" in names
    assert all(re.fullmatch(r"[a-z]{2,3}(-[A-Z]{2})?\.json", one) for one in names)


@pytest.mark.parametrize("file", FILES, ids=name)
def test_every_message_can_be_read(file):
    def look(tree):
        for key, value in tree.items():
            assert key and "." not in key
            if isinstance(value, dict):
                look(value)
            else:
                assert isinstance(value, str) and value
                assert "'" not in value
                parse(value)

    look(json.loads(file.read_text("utf-8")))


@pytest.mark.parametrize("file", OTHERS, ids=name)
def test_a_language_says_all_that_english_says(file):
    english, other = messages(file.with_name("en.json")), messages(file)
    assert other.keys() == english.keys()
    for key, text in other.items():
        assert holes(parse(text)) == holes(parse(english[key])), key


@pytest.mark.parametrize("folder", FOLDERS, ids=name)
def test_nothing_is_unused(folder):
    known = names_near(folder)
    english = messages(folder / "en.json")
    unused = [key for key in english if set(re.findall(r"\w+", key)) - known]
    assert not unused
