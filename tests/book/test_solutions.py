"""The edition without solutions, `make book SOLUTIONS=hidden`.

It is built once, into a folder of its own, from the runs of the book that all tests
share: no chapter runs again. No file of it has a trace of a solution.
"""

import json
import os
import re
import shutil
import subprocess
import sys

import pytest
from bs4 import BeautifulSoup
from hands import HTML, ROOT, memory
from hands.solutions import others_than, traces

pytestmark = memory.remembered(lambda: memory.everything())

STEMS = [path.stem for path in sorted(ROOT.glob("notebooks/*.ipynb"))]
LINKED = ("src", "notebooks", "book", "_toc.yml")


@pytest.fixture(scope="module")
def hidden(tmp_path_factory, book):
    """The edition's pages: of this book, with a repository, in another folder."""
    folder = tmp_path_factory.mktemp("hidden")
    for name in LINKED:
        (folder / name).symlink_to(ROOT / name)
    configured = "\nrepository:\n  url: https://github.com/someone/unrolled\n"
    configured += '  branch: "main"\n# to here\n'
    config = (ROOT / "_config.yml").read_text("utf-8")
    config = re.sub(r"(writes from here\n)[^#]*# to here\n", r"\1# to here\n", config)
    (folder / "_config.yml").write_text(config.replace("\n# to here\n", configured))
    cache = folder / "_build" / ".jupyter_cache"
    shutil.copytree(ROOT / "_build" / ".jupyter_cache", cache)
    done = subprocess.run(
        [sys.executable, "-m", "unrolled.book", folder, "--solutions", "hidden"],
        cwd=folder,
        env=os.environ,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    assert "Executing notebook" not in done.stdout
    assert "make students" in done.stdout
    return folder / "_build" / "hidden" / "_build" / "html"


def test_no_file_has_a_trace_of_a_solution(hidden):
    """Pages, sources, search indexes, data: whatever is text."""
    texts = {}
    for path in hidden.rglob("*"):
        if path.suffix in {".html", ".ipynb", ".js", ".json", ".txt", ".md", ".xml"}:
            texts[path.relative_to(hidden).as_posix()] = path.read_text("utf-8")
    for stem in STEMS:
        page = f"notebooks/{stem}.html"
        assert traces(stem, (HTML / page).read_text("utf-8")), "they are to be found"
        assert f"_sources/notebooks/{stem}.ipynb" in texts
        own = [name for name in texts if stem in name or "search" in name]
        assert len(own) >= 4
        for name in own:
            assert traces(stem, texts[name]) == [], name
    every, open_to_all = "\n".join(texts.values()), "".join(map(others_than, STEMS))
    for stem in STEMS:
        found = traces(stem, every)
        assert [one for one in found if one not in open_to_all] == []


def test_the_rest_of_a_chapter_is_as_it_was(hidden):
    for stem in STEMS:
        pages = [
            BeautifulSoup(
                (root / "notebooks" / f"{stem}.html").read_text("utf-8"), "html.parser"
            )
            for root in (HTML, hidden)
        ]
        found, left = ([h.text for h in p.select("h2, h3")] for p in pages)
        assert found == left
        shown, kept = (
            [e["id"] for e in page.select(".unrolled-explorer")] for page in pages
        )
        assert shown == kept
        sources = [
            root / "_sources" / "notebooks" / f"{stem}.ipynb" for root in (HTML, hidden)
        ]
        whole, rest = (json.loads(s.read_text("utf-8"))["cells"] for s in sources)
        assert [
            c for c in whole if "solution" not in c["metadata"].get("tags", [])
        ] == rest


def test_what_a_page_says_without_a_script_answers_predictions_alone(hidden):
    """The answer to an exercise stands below its picture in the other edition."""
    answered = 0
    for stem in STEMS:
        page = BeautifulSoup(
            (hidden / "notebooks" / f"{stem}.html").read_text("utf-8"), "html.parser"
        )
        for figure in page.select(".unrolled-explorer"):
            told = json.loads(figure.find("script").string)
            folded = figure.select(".unrolled-asked details")
            if "_task" in told and not told["_task"]["rule"].get("predict"):
                assert not folded, told["name"]
            answered += len(folded)
    assert answered >= 5


def test_its_buttons_open_the_branch_of_the_students(hidden):
    for stem in STEMS:
        page = BeautifulSoup(
            (hidden / "notebooks" / f"{stem}.html").read_text("utf-8"), "html.parser"
        )
        links = [a["href"] for a in page.select(".article-header-buttons a")][1:]
        assert len(links) == 2
        assert all("someone/unrolled" in one and "students" in one for one in links)


def test_another_edition_is_an_error(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "unrolled.book", tmp_path, "--solutions", "hiden"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert (
        "SOLUTIONS is 'hiden', but must be folded or hidden: make book" in done.stderr
    )
    assert not any(tmp_path.iterdir())
