"""The house keeps its rules (tests/hands/house.py), and each rule finds its breaches.

Rooms and floors are made up that break one rule each: what is not found here would not
be found in the house. What ESLint holds is seen to be refused, or taken, by ESLint.
"""

import json
import re
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest
from hands import ROOT
from hands.house import (
    RULES,
    SCREEN,
    classes_named,
    crossed_tests,
    foreign_style,
    long_functions,
    names_of_rooms,
    sentences,
    sources,
    unrun_tests,
    untested_rooms,
    wrong_arrows,
)

# The house as it is, and houses that were made up


@pytest.fixture(scope="module")
def house():
    return sources()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_house_keeps(house, rule):
    breaches = rule(house)
    assert not breaches, "\n".join(["", *breaches])


ONE, TWO = "src/unrolled/explorers/one/", "src/unrolled/explorers/two/"
SOUND = {
    f"{ONE}__init__.py": "from unrolled.explorers.base import a\nclass One(a): 1",
    f"{ONE}front.js": 'html("p", { class: "u-line mine" })',
    f"{ONE}style.css": ".room-one { .mine, &[data-narrow] .u-line { top: 0 } }",
    f"{ONE}tests/test_face.py": "class Test(EveryFace): 1",
    f"{ONE}tests/test_page.py": "class Test(EveryPage): 1",
    f"{TWO}__init__.py": "class Two: 1",
    f"{TWO}front.js": "",
    f"{TWO}tests/test_face.py": "class Test(EveryFace): 1",
    f"{TWO}tests/test_page.py": "class Test(EveryPage): 1",
    "src/unrolled/explorers/base.py": "class Explorer: 1",
    "src/unrolled/figures/__init__.py": "",
    "src/unrolled/cells/__init__.py": "",
    "src/unrolled/book/__init__.py": "",
    "frontend/view/explorer.js": 'html("hr", { class: "u-line" })',
    "frontend/view/explorer.css": ".u-line { top: 0 }",
    "frontend/view/gates.js": 'svg("g", { class: "u-flow" })',
    "frontend/view/gates.css": ".u-flow { top: 0 }",
}
LONG = "def long():\n" + "    x = 1\n" * (SCREEN + 1)
BREACHES = [
    (wrong_arrows, f"{ONE}figure.py", "from unrolled.explorers.two import x"),
    (wrong_arrows, f"{ONE}figure.py", "from unrolled.explorers import Two"),
    (wrong_arrows, f"{ONE}figure.py", "import unrolled.explorers.two.figure"),
    (wrong_arrows, f"{ONE}figure.py", "from unrolled.explorers.base import _x"),
    (wrong_arrows, f"{ONE}figure.py", "from unrolled import figures\nfigures._x()"),
    (wrong_arrows, f"{ONE}figure.py", "from unrolled.book import pages"),
    (wrong_arrows, "src/unrolled/cells/rnn.py", "from unrolled import figures"),
    (wrong_arrows, "src/unrolled/cells/rnn.py", "import unrolled.book"),
    (
        wrong_arrows,
        "src/unrolled/explorers/base.py",
        "from unrolled.explorers import one",
    ),
    (wrong_arrows, "src/unrolled/figures/style.py", "import unrolled.explorers.one"),
    (wrong_arrows, "src/unrolled/tasks.py", "from unrolled.explorers import base"),
    (wrong_arrows, "src/unrolled/book/pages.py", "from unrolled import figures"),
    (names_of_rooms, "tests/book/test_site.py", "from unrolled.explorers import One"),
    (names_of_rooms, "src/unrolled/figures/style.py", "kind == 'one'"),
    (names_of_rooms, "bench/bench.py", 'ROOMS = ["one"]'),
    (names_of_rooms, "pyproject.toml", 'files = ["explorers/one/words"]'),
    (names_of_rooms, "frontend/view/explorer.css", ".room-one { top: 0 }"),
    (sentences, f"{ONE}__init__.py", "x = f'The state of {n}'"),
    (sentences, f"{ONE}figure.py", "axes.text(0, 0, 'after each step')"),
    (
        sentences,
        "src/unrolled/checks/gru.py",
        "raise ValueError(1)\nx = 'try it again'",
    ),
    (foreign_style, f"{ONE}style.css", ".mine { top: 0 }"),
    (foreign_style, f"{ONE}style.css", "@media print { .u-line { top: 0 } }"),
    (foreign_style, f"{ONE}style.css", ".room-one .mine { top: 0 }"),
    (foreign_style, f"{ONE}style.css", ".room-one { .nobodys { top: 0 } }"),
    (foreign_style, f"{ONE}style.css", ".room-one { .u-nobodys { top: 0 } }"),
    (foreign_style, f"{ONE}front.js", 'html("p", { class: "u-mine mine" })'),
    # the breach that there was: `u-flow` of the gates, for something else
    (foreign_style, f"{ONE}front.js", 'html("p", { class: "u-line u-flow mine" })'),
    (foreign_style, "frontend/view/explorer.css", ".u-line .mine { top: 0 }"),
    (foreign_style, "frontend/view/explorer.css", ".u-line, .u-mine { top: 0 }"),
    (crossed_tests, "tests/floors/test_a.py", "from test_b import x"),
    (crossed_tests, f"{ONE}tests/test_face.py", "from floors.test_b import x"),
    (unrun_tests, f"{ONE}tests/front.test.js", "test();"),
    (untested_rooms, f"{ONE}tests/test_page.py", "class TestPage: 1"),
    (untested_rooms, f"{TWO}tests/test_face.py", ""),
    (long_functions, "tests/floors/test_a.py", LONG),
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_house_can_be_sound(rule):
    fine = SOUND | {
        f"{ONE}figure.py": "from unrolled import figures\n"
        "from unrolled.cells import rnn\nfrom unrolled.explorers.one import One\n"
        "def draw():\n    'After each step.'\n"
        "    expected = 'has to be'\n    raise problem(f'it is {x}, but {expected}')",
        "tests/floors/test_a.py": LONG.replace("x = 1\n", "\n    # no\n", 1),
    }
    assert not rule(fine)


@pytest.mark.parametrize("rule, path, text", BREACHES)
def test_a_breach_is_found(rule, path, text):
    found = rule(SOUND | {path: text})
    assert len(found) == 1, found
    assert found[0].startswith(path)


# JavaScript: what ESLint refuses, all in one process

LINT = """
import { readFileSync } from "node:fs";
import { ESLint } from "eslint";
const eslint = new ESLint();
const rules = new Set(
  ["no-restricted-imports", "no-restricted-syntax", "max-lines-per-function"]);
const cases = JSON.parse(readFileSync(0, "utf8"));
const found = await Promise.all(cases.map(async ([filePath, code]) => {
  const [{ messages }] = await eslint.lintText(code, { filePath });
  return messages.map((one) => one.ruleId).filter((rule) => rules.has(rule));
}));
console.log(JSON.stringify(found));
"""
FRONT = f"{ONE}front.js"
ARROWS = {
    "frontend/core/a.js": {
        "./b.js": True,
        "../../src/unrolled/shapes.json": True,
        "#core/b.js": False,
        "#view/b.js": False,
        "../view/b.js": False,
        "../host/host.js": False,
        "../../src/unrolled/explorers/two/front.js": False,
        "d3": False,
    },
    "frontend/view/a.js": {
        "./b.js": True,
        "#core/b.js": True,
        "../../src/unrolled/tokens.json": True,
        "../core/b.js": False,
        "../host/host.js": False,
        "../../src/unrolled/explorers/two/front.js": False,
        "#view/../../src/unrolled/explorers/two/front.js": False,
    },
    FRONT: {
        "./part.js": True,
        "#core/b.js": True,
        "#view/b.js": True,
        "../two/front.js": False,
        "./../two/front.js": False,
        "../../explorers/two/front.js": False,
        "#view/../../src/unrolled/explorers/two/front.js": False,
        "../../../../frontend/view/b.js": False,
        "../../../../frontend/host/host.js": False,
        "#host/host.js": False,
        "lodash": False,
    },
    f"{ONE}part.js": {"./front.js": True, "../two/front.js": False},
    "frontend/host/host.js": {
        "./b.js": True,
        "#core/b.js": True,
        "#view/messages.js": True,
        "#view/host.js": True,
        "#view/b.js": False,
        "../core/b.js": False,
        "../../src/unrolled/explorers/two/front.js": False,
    },
}
SENTENCES = [
    ('html("p", { text: "Drag the first input." });', False),
    ("text(`after ${n} of the steps`);", False),
    ('html("p", { class: "u-row u-line held" });', True),
    ('throw new Error("there is no such thing");', True),
    ("python(`for t in range(3):  # and so on and on`);", True),
]
LONG_FUNCTION = "export function f() {\n" + "  f();\n" * SCREEN + "}\n"


def test_eslint_refuses_what_must_not_be(node):
    cases, wanted = [], []
    for path, names in ARROWS.items():
        for name, fine in names.items():
            for code in ('import {{ x }} from "{}"; x();', 'export {{ x }} from "{}";'):
                cases.append((path, f"{code.format(name)}\n"))
                wanted.append([] if fine else ["no-restricted-imports"])
        cases.append((path, 'export const x = () => import("./b.js");\n'))
        wanted.append(["no-restricted-syntax"])
    for path in (FRONT, "frontend/view/a.js"):
        for code, fine in SENTENCES:
            cases.append((path, f"{code}\n"))
            wanted.append([] if fine else ["no-restricted-syntax"])
    cases.append((FRONT, LONG_FUNCTION))
    wanted.append(["max-lines-per-function"])
    done = subprocess.run(
        [node, "--input-type=module", "-e", LINT],
        cwd=ROOT,
        input=json.dumps(cases),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    for case, found, want in zip(cases, json.loads(done.stdout), wanted, strict=True):
        assert found == want, case


def test_no_class_of_a_room_is_one_of_the_themes(house):
    """A page has the theme's style too: its `.row` makes a column of what it holds."""
    themes = ("pydata_sphinx_theme", "sphinx_book_theme")
    sheets = [
        path
        for theme in themes
        for path in Path(find_spec(theme).origin).parent.rglob("*-theme.css")
    ]
    assert len(sheets) == len(themes)
    theirs = set().union(*(classes_named(path.read_text("utf-8")) for path in sheets))
    assert "row" in theirs
    for path, text in house.items():
        if re.fullmatch(r"src/unrolled/explorers/\w+/style\.css", path):
            shared = classes_named(text) & theirs
            assert not shared, f"{path}: {shared}"
