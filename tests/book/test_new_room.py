"""A new explorer is one folder: in a copy of the house a small room is added.

The room is `pulse_counter/` beside this file, the smallest there can be. It is built,
lives on a page, and is taken up by the tests of all explorers, by the bench and by the
package that readers install; and no other file has changed.
"""

import json
import lzma
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest
from hands import ROOT, memory
from hands.books import build, write_book
from hands.copies import copy_house, git
from hands.house import RULES, sources
from hands.reader import open_page, settle

pytestmark = memory.remembered(lambda: memory.everything())

ROOM = ROOT / "tests" / "book" / "pulse_counter"
NAME = ROOM.name
PAGE = "notebooks/01_counting"
CELL = "from unrolled.explorers import PulseCounter\nPulseCounter()"
STUDIES = ("studies.py", "clusters.py", "tuning.py")  # what experiments/ alone imports


def run(house, *command):
    """What a command says in the copy, with the copy's package."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST")}
    paths = [house / "src", house / "tests", house / "bench"]
    done = subprocess.run(
        command,
        cwd=house,
        env=environment | {"PYTHONPATH": os.pathsep.join(map(str, paths))},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def house(tmp_path_factory, node):
    """A copy of the house with a new room in it, built, with a book that shows it."""
    folder = tmp_path_factory.mktemp("house")
    house = copy_house(folder / "copy")
    (house / "node_modules").symlink_to(ROOT / "node_modules")
    (house / ".git" / "info" / "exclude").write_text("/node_modules\n")
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOM, house / "src/unrolled/explorers" / NAME, ignore=ignore)
    run(house, node, "frontend/build.js")
    book = folder / "book"
    (book / "notebooks").mkdir(parents=True)
    write_book(book, {"index": "# A book\n\nIt counts.\n", PAGE: [(CELL, {})]})
    done = build(book, house / "src" / "unrolled")
    assert done.returncode == 0, done.stdout
    (house / "_build").mkdir()
    (house / "_build" / "html").symlink_to(book / "_build" / "html")
    return house


def test_no_other_file_has_changed(house):
    bundles = f"src/unrolled/explorers/bundles/{NAME}"
    room = [path for path in ROOM.rglob("*") if path.suffix not in ("", ".pyc")]
    files = [path.relative_to(ROOM.parent).as_posix() for path in room]
    changed = git(house, "status", "--porcelain", "--untracked-files=all")
    assert set(changed.splitlines()) == {
        f"?? {bundles}.css",
        f"?? {bundles}.mjs",
        *(f"?? src/unrolled/explorers/{path}" for path in files),
    }


def test_it_lives_on_its_page(house, chromium):
    address = (house / "_build" / "html" / f"{PAGE}.html").as_uri()
    with open_page(chromium, address) as page:
        place = page.locator(f"[data-explorer={NAME}][data-live]")
        bars = place.locator(".u-stage .u-bars")
        before = bars.inner_html()
        place.locator("input[type=range]").first.press("ArrowLeft")
        settle(page)
        assert bars.inner_html() != before
        colour = place.locator(".floor").evaluate("el => getComputedStyle(el).stroke")
        accent = place.locator(".u-explorer").evaluate(
            """el => { el.style.color = 'var(--unrolled-accent)';
                       return getComputedStyle(el).color }"""
        )
        assert colour == accent, "its style has come with it"


def test_the_tests_of_all_explorers_take_it_up(house):
    pytest_ = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"]
    said = run(house, *pytest_, f"src/unrolled/explorers/{NAME}")
    assert int(re.search(r"(\d+) passed", said)[1]) > 20, said
    assert "skipped" not in said
    said = run(house, *pytest_, "--collect-only", "tests/places/test_jupyter.py")
    assert len(re.findall(rf"\[\w+-{NAME}\]", said)) >= 4, "two applications"


def test_it_keeps_the_rules_of_the_house(house, node):
    breaches = [found for rule in RULES for found in rule(sources(house))]
    assert not [found for found in breaches if NAME in found]
    eslint = ROOT / "node_modules" / "eslint" / "bin" / "eslint.js"
    run(house, node, eslint, f"src/unrolled/explorers/{NAME}")


def test_the_bench_has_a_row_for_it(house):
    ask = "import bench; print(bench.figures())"
    said = run(house, sys.executable, "-c", ask)
    assert said.strip() == f"[('{PAGE}.html', '{NAME.replace('_', '-')}')]"


def test_the_wheel_holds_all_that_a_reader_needs_and_no_more(house, tmp_path):
    """It holds what is committed of the package, its texts packed (setup.py).

    Not in it are tests, the sources of bundles, and what makes the site or a study.
    """
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-index", "--no-deps"]
    run(house, *pip, "--no-build-isolation", "--wheel-dir", tmp_path, ".")
    (wheel,) = tmp_path.glob("*.whl")
    held = {name for name in ZipFile(wheel).namelist() if ".dist-info/" not in name}
    package = house / "src" / "unrolled"
    wanted = {
        path.relative_to(package)
        for path in package.rglob("*")
        if path.is_file()
        and not {"tests", "__pycache__"} & set(path.parts)
        and path.relative_to(package).parts[0] not in ("book", "facts", *STUDIES)
        and path.suffix != ".js"
        and (path.suffix != ".css" or path.parent.name == "bundles")
    }
    modules = {f"unrolled/{path}" for path in wanted if path.suffix == ".py"}
    weights = Path("results", "characters.json")
    assert held == modules | {"unrolled/data.xz", f"unrolled/{weights}.xz"}
    texts = json.loads(lzma.decompress(ZipFile(wheel).read("unrolled/data.xz")))
    assert texts == {
        path.as_posix(): package.joinpath(path).read_text("utf-8")
        for path in wanted
        if path.suffix != ".py" and path != weights
    }
    assert f"unrolled/explorers/{NAME}/__init__.py" in held
    assert f"explorers/{NAME}/words/en.json" in texts
    assert f"explorers/bundles/{NAME}.mjs" in texts
