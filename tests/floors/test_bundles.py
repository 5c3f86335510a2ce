"""The committed bundles: what the sources build, small, and of one room each.

For every room there is a module and its style. A module holds no words and no style,
its own included; a style, and no other, is nested under its room's own class.
"""

import gzip
import json
import re
import subprocess

import pytest
from hands import ROOT
from hands.reader import KINDS, asks_only

from unrolled.book.pages import classic
from unrolled.words import leaves, parse

PACKAGE = ROOT / "src" / "unrolled"
BUNDLES = PACKAGE / "explorers" / "bundles"
ROOMS = sorted(front.parent.name for front in PACKAGE.glob("explorers/*/front.js"))
MODULES = sorted(BUNDLES.glob("*.mjs"))
SCRIPTS = [*MODULES, *sorted(BUNDLES.glob("*.js"))]
SHEETS = [BUNDLES / f"{room}.css" for room in ROOMS]
BUDGET = 20 * 1024  # bytes of a module, gzip


def name(path):
    return path.name


@pytest.mark.slow  # it builds every bundle
def test_every_bundle_is_what_its_sources_build(node, tmp_path):
    subprocess.run([node, ROOT / "frontend" / "build.js", tmp_path], check=True)
    built = {path.name: path.read_text("utf-8") for path in tmp_path.iterdir()}
    committed = {path.name: path.read_text("utf-8") for path in BUNDLES.iterdir()}
    assert sorted(built) == sorted(committed), "run `make frontend`"
    stale = [one for one in built if built[one] != committed[one]]
    assert not stale, f"run `make frontend`: {stale} are not what the sources build"


def test_there_is_a_module_and_a_style_for_every_room_and_nothing_else():
    expected = {f"{room}.{ending}" for room in ROOMS for ending in ("mjs", "css")}
    assert len(expected) >= 20
    found = {path.name for path in BUNDLES.iterdir()}
    assert found == expected | {"host.js", "search.js", "start.js", "explorers.css"}


def test_modules_keep_their_budget():
    weights = {
        module.name: len(gzip.compress(module.read_bytes(), mtime=0))
        for module in MODULES
    }
    above = {name: weight for name, weight in weights.items() if weight > BUDGET}
    assert not above


ASKING = 6 * 1024  # what questions may weigh, once: their room, and what judges them


def test_the_host_is_a_trifle_and_so_is_what_asks():
    asks = [BUNDLES / f"{cls.bundle}.mjs" for cls in KINDS.values() if asks_only(cls)]
    assert len(asks) == 1
    weights = [
        len(gzip.compress(one.read_bytes())) for one in (BUNDLES / "host.js", *asks)
    ]
    assert sum(weights) <= 1_150 + ASKING
    assert len(gzip.compress((BUNDLES / "start.js").read_bytes())) <= 250, "all wait"


EXPORTS = """
const found = await Promise.all(process.argv.slice(1).map(async (path) => {
  const module = await import(path);
  return [Object.keys(module), typeof module.default.render];
}));
console.log(JSON.stringify(found));
"""


def test_a_module_exports_its_default_alone(node):
    addresses = [module.as_uri() for module in MODULES]
    command = [node, "--input-type=module", "-e", EXPORTS, *addresses]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert found == [[["default"], "function"]] * len(ROOMS)
    for module in MODULES:  # the build takes it, and nothing but such
        assert classic(module.read_text("utf-8"), module.stem)


def literal(parts):
    """The texts of a message between its holes, those within its forks too."""
    for part in parts:
        if isinstance(part, str):
            yield part
        else:
            for inner in (part[2] or {}).values():
                yield from literal(inner)


def said():
    """Every phrase that is in a file of words, by where it is said."""
    found = {}
    for file in PACKAGE.rglob("words/*.json"):
        for key, message in leaves(json.loads(file.read_text("utf-8"))).items():
            for text in literal(parse(message)):
                phrase = text.strip(" .,:;?!()")
                words = re.findall(r"[^\W\d_]{2,}", phrase)
                if " " in phrase and len(words) > 1 and len(max(words, key=len)) > 3:
                    found[phrase] = f"{file.parent.parent.name}, {key}"
    return found


# What the code that a reader copies says beside a line, and what it prints.
COPIED = re.compile(r'  # [^\n`$]*|print\(f?\\?"[^"]*"')


def test_no_script_holds_words():
    phrases = said()
    assert len(phrases) > 500
    for script in SCRIPTS:
        text = COPIED.sub("", script.read_text("utf-8"))
        held = {phrase: place for phrase, place in phrases.items() if phrase in text}
        assert not held, f"{script.name} holds {held}"


@pytest.mark.parametrize("script", SCRIPTS, ids=name)
def test_no_script_holds_style(script):
    text = script.read_text("utf-8")
    classes = {one for sheet in SHEETS for one in selectors(sheet.read_text("utf-8"))}
    classes |= set(selectors((BUNDLES / "explorers.css").read_text("utf-8")))
    assert len(classes) > 100
    assert not [one for one in classes if f"{one}{{" in text]
    assert not re.search(r"\.room-\w", text)


def selectors(sheet):
    """Every selector of a style sheet as esbuild writes it; those of a list apart."""
    flat = re.sub(r"@[^{};]*[{;]", "", sheet)  # of @media, what is within
    for rule in re.findall(r"([^{}]+)\{", flat):
        yield from split(rule.split(";")[-1].strip())


def split(selector):
    """The parts of a list of selectors; a comma within brackets divides nothing."""
    depth, part = 0, ""
    for sign in selector:
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(sign, 0)
        if sign == "," and not depth:
            yield part
            part = ""
        else:
            part += sign
    yield part


@pytest.mark.parametrize("sheet", SHEETS, ids=name)
def test_a_rooms_style_is_nested_under_its_own_class(sheet):
    own = re.compile(rf"\.room-{sheet.stem}(?![\w-])")
    stray = [one for one in selectors(sheet.read_text("utf-8")) if not own.match(one)]
    assert not stray


def test_what_all_share_names_no_room():
    sheet = (BUNDLES / "explorers.css").read_text("utf-8")
    assert ".u-explorer" in set(selectors(sheet))
    assert ".room-" not in sheet


def test_it_would_be_seen():
    """The eyes of this file, on what they must and must not find."""
    sheet = (
        ".room-a .b,.c:is(.d,.e){top:0}@media (width<9px){.room-a{top:0}.f{top:1px}}"
    )
    assert list(selectors(sheet)) == [
        ".room-a .b",
        ".c:is(.d,.e)",
        ".room-a",
        ".f",
    ]
    message = "{n, plural, one {a step} other {{n} steps of all}} and so on"
    assert list(literal(parse(message))) == ["a step", " steps of all", " and so on"]
