"""Publishing with git alone: a book is pushed to an address, and put together again.

The book is a tiny one, and the address a bare repository. It is pushed from a checkout
like those of GitHub's machines, which has one commit and no history.
"""

import base64
import os
import re
import shutil
import subprocess
import sys

import nbconvert
import nbformat
import publish
import pytest
import shown
from bs4 import BeautifulSoup
from hands import ROOT
from hands.books import PACKAGE, write_book
from hands.copies import git
from hands.reader import KINDS, stands_alone

import unrolled
from unrolled.book import configure
from unrolled.book.configure import Repository, read, setup_cell

SCRIPT = ROOT / ".ci" / "publish.py"
REPO = "someone/unrolled"
ADDRESS = "https://someone.github.io/unrolled"
NOTEBOOK = "notebooks/01_small.ipynb"
HEADS = "refs/heads/*"
# A figure that can wait for an answer.
FIGURE = next(
    kind
    for kind in KINDS.values()
    if stands_alone(kind) and kind._can_hide() and not kind.files()
)
ASK = "Is 1 < 2? First your answer."
ALT = "A line that rises."
PRINTS = """
import sys
import matplotlib.pyplot as plt
from unrolled import figures
from unrolled.explorers import {name}

figures.use_style()
print("one")
print("a warning", file=sys.stderr)
print("two")
"""
DRAWS = "plt.plot([1, 2]); plt.xlabel('$\\\\nabla_h$, −1');"
CELLS = [
    ("", {}),  # sets up
    (PRINTS.format(name=FIGURE.__name__), {}),
    (f"{FIGURE.__name__}(ask={ASK!r})", {"tags": ["remove-input"]}),
    (DRAWS, {"mystnb": {"image": {"alt": ALT}}}),
    ("figures.Table(['step', 'state'], [['1', '0.5']])", {}),
    ("1 + 1", {}),
    ("print('not on the page')", {"tags": ["remove-output"]}),
    ("print('not on the page')", {"tags": ["remove-cell"]}),
]


def run(folder, *arguments):
    """What `make publish` and `make site` do."""
    return subprocess.run(
        [sys.executable, SCRIPT, *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(PACKAGE.parent)},
        capture_output=True,
        text=True,
    )


def commit(folder, text):
    """Commit everything, with a text of the first page."""
    page = folder / "book" / "index.md"
    page.write_text(f"# A small book\n\n{text}\n")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", text)


@pytest.fixture(scope="module")
def seed(tmp_path_factory):
    """A book in a repository of its own: one page, one notebook, one workflow."""
    folder = tmp_path_factory.mktemp("seed")
    pages = {
        "book/index": "# A small book",
        "notebooks/01_small": CELLS,
        "book/editions": (ROOT / "book" / "editions.md").read_text("utf-8"),
    }
    write_book(folder, pages)
    for name in ("CITATION.cff", "pyproject.toml", ".gitignore"):
        shutil.copy(ROOT / name, folder)
    path = folder / "notebooks" / "01_small.ipynb"
    notebook = nbformat.read(path, 4)
    notebook.cells[1].id = "setup"
    nbformat.write(notebook, path)
    configure.configure(folder, None)
    (folder / ".github").mkdir()
    (folder / ".github" / "test.yml").write_text("on: push\n")
    git(folder, "init", "--quiet")
    commit(folder, "As it began.")
    return folder


def clone(seed, folder):
    """An address that has the book, and a checkout of it as GitHub makes one."""
    git(seed, "clone", "--quiet", "--bare", ".", folder / "origin.git")
    return checkout(folder, "main", "main")


def checkout(folder, name, at):
    origin = (folder / "origin.git").as_uri()
    one = ["--depth", "1", "--branch", at]
    git(folder, "clone", "--quiet", *one, origin, name)
    return folder / name


@pytest.fixture
def book(seed, tmp_path):
    """A checkout of its own, for what goes wrong."""
    return clone(seed, tmp_path)


TAG = "v" + ".".join(unrolled.__version__.split(".")[:2])
NUMBER = TAG[1:]


def push_pages(folder, pages):
    """Push what is configured with these pages, as if they had been built."""

    def built(arguments):
        for name, text in pages.items():
            path = folder / "_build" / "html" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return 0 if pages else 1

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("unrolled.book.__main__.main", built)
        return publish.publish(folder, "origin")


@pytest.fixture(scope="module")
def published(seed, tmp_path_factory):
    """An edition, built and pushed to an address, and today's book; the folder of all.

    Today's pages are stand-ins.
    """
    folder = tmp_path_factory.mktemp("published")
    main = clone(seed, folder)
    commit(main, "As it was taught.")
    git(main, "tag", TAG)
    git(main, "push", "--quiet", "origin", "main", TAG)
    edition = checkout(folder, "edition", TAG)
    configure.configure(edition, Repository(REPO, f"published-{TAG}"))
    before = git(edition, "status", "--porcelain")
    done = run(edition, "push")
    assert done.returncode == 0, done.stderr
    assert f"Pushed to origin: published-{TAG} and pages-{TAG}." in done.stdout
    assert git(edition, "status", "--porcelain") == before

    list_ = (edition / "_build" / "html" / "book" / "editions.html").read_text("utf-8")
    pages = {
        "index.html": "",
        "book/editions.html": list_,
        "notebooks/01_small.html": "<head></head>",
    }
    for text in ("As it went on.", "As it is now."):  # the later takes the place
        commit(main, text)
        git(main, "push", "--quiet", "origin", "main")
        configure.configure(main, Repository(REPO, "published"))
        push_pages(main, pages | {"book/index.html": f"<head></head>{text}"})
        configure.configure(main, None)
    done = run(main, "site", "", ADDRESS)
    assert done.returncode == 0, done.stderr
    assert f"with the editions {NUMBER}" in done.stdout
    return folder


def test_two_branches_are_pushed_for_today_and_two_for_an_edition(published):
    origin = published / "origin.git"
    names = git(origin, "for-each-ref", "--format=%(refname:short)", HEADS).split()
    assert set(names) == {
        "main",
        *("published", "pages"),
        *(f"published-{TAG}", f"pages-{TAG}"),
    }
    for name in set(names) - {"main"}:
        assert git(origin, "rev-list", "--count", name) == "1", "without a history"
    assert "As it was taught" in git(origin, "show", f"published-{TAG}:book/index.md")
    assert "As it is now" in git(origin, "show", "published:book/index.md")
    assert "github.com" not in git(origin, "show", "main:_config.yml")


@pytest.mark.parametrize("ref", ["published", f"published-{TAG}"])
def test_the_published_sources_name_the_repository_and_are_whole(published, ref):
    origin, tree = published / "origin.git", published / f"tree-{ref}"
    git(origin, "worktree", "add", "--quiet", tree, ref)
    assert read(tree) == Repository(REPO, ref)
    notebook = nbformat.read(tree / "notebooks" / "01_small.ipynb", 4)
    assert notebook.cells[1].source == setup_cell(Repository(REPO, ref))
    assert f"git+https://github.com/{REPO}@{ref}" in notebook.cells[1].source
    held = set(git(origin, "ls-tree", "-r", "--name-only", ref).splitlines())
    main = set(git(origin, "ls-tree", "-r", "--name-only", "main").splitlines())
    assert held == main - {".github/test.yml"}


# --- what the published notebooks show before they are run


@pytest.fixture(scope="module")
def notebook(published):
    text = git(published / "origin.git", "show", f"published-{TAG}:{NOTEBOOK}")
    return nbformat.reads(text, 4)


def test_it_shows_what_the_page_shows_and_no_more(notebook):
    _, setup, printed, *shown, left_out, removed = notebook.cells
    assert setup.outputs == left_out.outputs == removed.outputs == []
    assert {one.output_type for one in printed.outputs} == {"stream"}
    assert "".join(one.text for one in printed.outputs) == "one\ntwo\n"
    kinds = [[set(one.data) for one in cell.outputs] for cell in shown]
    text = {"text/plain"}
    table, picture = text | {"text/html"}, text | {"image/png"}
    assert kinds == [[table, picture], [picture], [table], [text]]
    assert shown[2].outputs[0].data["text/plain"] == "step  state\n1     0.5"
    assert shown[3].outputs[0].data["text/plain"] == "2"


def test_a_picture_says_what_there_is_to_see(notebook):
    explorer, figure = (notebook.cells[k].outputs[-1] for k in (3, 4))
    hidden = FIGURE(ask=ASK).description(hidden=True)
    for output, alt in ((explorer, hidden), (figure, ALT)):
        assert output.data["text/plain"] == output.metadata["image/png"]["alt"] == alt
        assert base64.b64decode(output.data["image/png"]).startswith(b"\x89PNG")


def test_where_something_is_asked_it_shows_the_question_and_no_answer(notebook):
    asked, picture = notebook.cells[3].outputs
    assert asked.data == {
        "text/html": "<p>Is 1 &lt; 2? First your answer.</p>",
        "text/plain": ASK,
    }
    drawn = base64.b64decode(picture.data["image/png"])
    question, answer = FIGURE(ask=ASK), FIGURE()
    assert drawn == shown.png(question.picture()) != shown.png(answer.picture())
    assert answer.description() not in nbformat.writes(notebook)


def test_nothing_in_it_wants_to_live(notebook):
    nbformat.validate(notebook)
    text = nbformat.writes(notebook)
    assert not re.search("svg|javascript|widget|<script", text, re.IGNORECASE)


def test_another_program_reads_it(notebook):
    """GitHub's viewer and nbviewer are made of nbconvert."""
    page, _ = nbconvert.HTMLExporter().from_notebook_node(notebook)
    soup = BeautifulSoup(page, "html.parser")
    widths = [notebook.cells[k].outputs[-1].metadata["image/png"].width for k in (3, 4)]
    assert [int(one["width"]) for one in soup.select("img")] == widths
    assert ASK in soup.text
    assert "0.5" in soup.select_one("table.dataframe").text


def test_the_checkout_has_none_of_it(published):
    path = published / "edition" / NOTEBOOK
    for cell in nbformat.read(path, 4).cells[1:]:
        assert (cell.outputs, cell.execution_count) == ([], None)


# --- the site


def page(folder, name):
    return BeautifulSoup((folder / name).read_text("utf-8"), "html.parser")


def test_the_site_is_todays_book_with_the_edition_below_its_number(published):
    site = published / "main" / "_build" / "site"
    assert "As it is now" in page(site, "book/index.html").text
    assert "As it was taught" in page(site / NUMBER, "book/index.html").text
    assert (site / "index.html").is_file()


def test_the_buttons_of_a_page_open_what_was_published_with_it(published):
    site = published / "main" / "_build" / "site"
    head = page(site / NUMBER, "notebooks/01_small.html").select_one(
        ".article-header-buttons"
    )
    links = {one.text: one["href"] for one in head.find_all("a", class_="btn")}
    links.pop("Notebook")
    place, at = "notebooks/01_small.ipynb", f"published-{TAG}"
    assert links == {
        f"Edition {NUMBER}": "../book/editions.html",
        "Colab": f"https://colab.research.google.com/github/{REPO}/blob/{at}/{place}",
        "Binder": f"https://mybinder.org/v2/gh/{REPO}/{at}?urlpath=lab/tree/{place}",
    }


def test_every_book_lists_the_editions_that_there_are(published):
    site = published / "main" / "_build" / "site"
    for folder in (site, site / NUMBER):
        place = folder / "book"
        items = page(place, "editions.html").select("ul.unrolled-editions > li")
        assert [one.a.text for one in items] == ["The book as it is now", NUMBER]
        leads = [(place / one.a["href"]).resolve() for one in items]
        assert leads == [site / "index.html", site / NUMBER / "index.html"]
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", items[1].time.text)


def test_a_page_of_an_edition_names_todays_page_as_canonical(published):
    site = published / "main" / "_build" / "site"
    for name in ("book/index.html", "notebooks/01_small.html"):
        (link,) = page(site / NUMBER, name).select("head > link[rel=canonical]")
        assert link["href"] == f"{ADDRESS}/{name}"
    assert f"{ADDRESS}/{NUMBER}" not in (site / "book/index.html").read_text("utf-8")


def test_a_page_that_is_gone_keeps_its_own_canonical_address(tmp_path):
    top, edition = tmp_path / "top", tmp_path / "top" / "1.0"
    edition.mkdir(parents=True)
    own = '<head>\n<link href="https://a/1.0/x.html" rel="canonical">\n</head>'
    for path in (top / "there.html", edition / "there.html", edition / "gone.html"):
        path.write_text(own)
    publish.name_canonical(edition, top, "https://b/c/")
    assert (edition / "gone.html").read_text() == own
    there = (edition / "there.html").read_text()
    assert re.findall(r'href="(.*?)"', there) == ["https://b/c/there.html"]
    assert (top / "there.html").read_text() == own


def test_editions_are_listed_by_number(tmp_path):
    page = tmp_path / "editions.html"
    page.write_text('<ul class="unrolled-editions">\n<li>Now</li>\n</ul>')
    for _ in range(2):
        publish.list_editions(page, "../", {"1.10": "2028-01-01", "1.9": "2027-01-01"})
    names = BeautifulSoup(page.read_text(), "html.parser").select("li > a")
    assert [one.text for one in names] == ["Now", "1.10", "1.9"]


# --- what goes wrong


def heads(book):
    listed = git(book, "ls-remote", "--heads", "origin")
    return sorted(line.split("refs/heads/")[1] for line in listed.splitlines())


def refused(done, *said):
    """It was refused, in words, without a traceback."""
    assert done.returncode == 1, done.stdout
    assert done.stderr.startswith("Nothing was published. "), done.stderr
    assert "Traceback" not in done.stderr
    for words in said:
        assert words in done.stderr, done.stderr


@pytest.mark.parametrize(
    ("ref", "said"),
    [
        (None, "names no repository: make configure REPO=owner/name REF=published"),
        ("main", "configured for 'main', but must be for 'published'"),
        ("published-next", "configured for 'published-next', but must be for"),
        ("published-v9.9", "the tag v9.9 marks, but there is none here. git fetch"),
    ],
)
def test_a_book_that_is_not_configured_to_be_published(book, ref, said):
    configure.configure(book, ref and Repository(REPO, ref))
    refused(run(book, "push"), said)
    assert heads(book) == ["main"]
    assert not (book / "_build").exists(), "it was built for nothing"


def test_a_tag_that_does_not_exist_is_told_beside_those_that_do(book):
    git(book, "tag", "v0.7")
    git(book, "tag", "v0.8")
    configure.configure(book, Repository(REPO, "published-v9.9"))
    refused(run(book, "push"), "but the tags here are v0.7, v0.8")


def test_a_tag_of_another_state_or_another_version(book):
    git(book, "tag", "v9.9")
    configure.configure(book, Repository(REPO, "published-v9.9"))
    refused(run(book, "push"), "The tag is v9.9, but the version in pyproject.toml is")
    git(book, "tag", TAG)
    commit(book, "As it went on.")
    configure.configure(book, Repository(REPO, f"published-{TAG}"))
    refused(run(book, "push"), f"marks another state than this one: git checkout {TAG}")
    assert heads(book) == ["main"]


@pytest.mark.parametrize("task", ["push", "site"])
def test_an_address_that_cannot_be_reached(book, task):
    configure.configure(book, Repository(REPO, "published"))
    nowhere = (book / "nowhere.git").as_uri()
    refused(run(book, task, nowhere), f"'{nowhere}' could not be reached", "a network")
    assert not (book / "_build").exists()


def test_a_book_that_cannot_be_built_is_not_pushed(book):
    configure.configure(book, Repository(REPO, "published"))
    with pytest.raises(publish.PublishingError, match="The book was not built"):
        push_pages(book, {})
    assert heads(book) == ["main"]


def test_an_address_that_takes_nothing_has_neither_branch(book):
    """It takes both branches or none."""
    hook = book.parent / "origin.git" / "hooks" / "update"
    hook.write_text('#!/bin/sh\ntest "$1" != refs/heads/pages\n')
    hook.chmod(0o755)
    one = git(book, "rev-parse", "HEAD")
    with pytest.raises(publish.PublishingError, match="'origin' took nothing: "):
        publish.push(book, "origin", {"published": one, "pages": one})
    assert heads(book) == ["main"]


def test_where_nothing_was_published_there_is_no_site_and_the_old_one_stays(book):
    old = book / "_build" / "site" / "index.html"
    old.parent.mkdir(parents=True)
    old.write_text("as it was")
    refused(run(book, "site"), "no branch `pages`, so there is no site yet")
    assert old.read_text() == "as it was"
    assert [one.name for one in (book / "_build").iterdir()] == ["site"]


def test_a_folder_that_is_no_repository(tmp_path):
    refused(run(tmp_path, "push"), "not a git repository")
