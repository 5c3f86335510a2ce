"""`make configure`: one address, the same in every place, and nothing else touched."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from urllib.parse import parse_qs, urlsplit

import nbformat
import pytest
import yaml
from bs4 import BeautifulSoup
from hands import HTML, ROOT

import unrolled
from unrolled.book import configure
from unrolled.book.configure import ConfigurationError, Repository, setup_cell

HERE = Repository("someone/unrolled", "v1.0", "https://hub.example.org")


@pytest.fixture
def book(tmp_path):
    """A copy of what configure writes into, unconfigured."""
    for name in ("_config.yml", "CITATION.cff"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")
    configure.configure(tmp_path, None)
    return tmp_path


def texts(folder):
    return {p: p.read_text("utf-8") for p in folder.rglob("*") if p.is_file()}


def run(folder, module, *arguments):
    """What `make` does in the folder of a book."""
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
    )


# --- this book


def test_every_place_has_the_same_address():
    """The configuration names it, or names none; the others follow."""
    repository = configure.read(ROOT)
    config = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    url = repository.url if repository else None
    assert config.get("repository", {}).get("url") == url
    assert citation.get("repository-code") == url
    assert ("launch_buttons" in config) == (repository is not None)
    notebooks = sorted((ROOT / "notebooks").glob("*.ipynb"))
    assert notebooks
    for path in notebooks:
        cells = nbformat.read(path, 4).cells
        first = next(cell for cell in cells if cell.cell_type == "code")
        assert first.source == setup_cell(repository), path.name


def test_the_citation_is_whole_and_every_version_is_the_same():
    """The package's, the citation's, and the newest that the list of changes has."""
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert citation["cff-version"] == "1.2.0"
    assert citation["message"]
    assert citation["title"].startswith("Unrolled")
    assert citation["authors"] == [{"name": "The Unrolled authors"}]
    assert citation["license"] == "BSD-3-Clause"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == unrolled.__version__
    changes = (ROOT / "CHANGELOG.md").read_text("utf-8")
    newest, when = re.search(r"^## (\S+), (.+)$", changes, re.MULTILINE).groups()
    assert newest == unrolled.__version__
    released = citation.get("date-released")
    assert when == (released.isoformat() if released else "not released yet")


def test_a_chapter_opens_elsewhere_where_a_repository_is_configured():
    repository = configure.read(ROOT)
    pages = sorted(HTML.glob("notebooks/*.html"))
    assert pages, f"no book in {HTML}: run `make book` first"
    for path in [*pages, HTML / "book" / "index.html"]:
        head = BeautifulSoup(path.read_text("utf-8"), "html.parser").select_one(
            ".article-header-buttons"
        )
        links = [a["href"] for a in head.find_all("a") if "download" not in a.attrs]
        expected = []
        if repository and path in pages:
            places = [repository.colab, repository.binder, repository.pulled]
            expected = [f"{one}/notebooks/{path.stem}.ipynb" for one in places if one]
        assert links == expected, path.name


def test_the_addresses_are_those_that_colab_binder_and_nbgitpuller_read():
    chapter = "notebooks/01_recurrence.ipynb"
    assert f"{HERE.colab}/{chapter}" == (
        "https://colab.research.google.com/github/someone/unrolled/blob/v1.0/" + chapter
    )
    there = urlsplit(f"{Repository('a/b', 'new/cells').binder}/{chapter}")
    assert there.path == "/v2/gh/a/b/new%2Fcells"
    assert parse_qs(there.query) == {"urlpath": [f"lab/tree/{chapter}"]}
    there = urlsplit(f"{HERE.pulled}/{chapter}")
    assert (there.netloc, there.path) == (
        "hub.example.org",
        "/hub/user-redirect/git-pull",
    )
    assert parse_qs(there.query) == {
        "repo": [HERE.url],
        "branch": ["v1.0"],
        "urlpath": [f"lab/tree/unrolled/{chapter}"],
    }
    assert Repository("a/b").pulled == ""


# --- configure


def test_it_writes_every_place_and_nothing_else(book):
    before = texts(book)
    done = run(book, "unrolled.book.configure", HERE.repo, HERE.ref, HERE.hub)
    assert done.returncode == 0, done.stderr
    after = texts(book)
    assert all(
        name in done.stdout for name in ("_config.yml", "CITATION.cff", ".ipynb")
    )
    assert configure.read(book) == HERE

    config = after[book / "_config.yml"]
    assert [line for line in config.splitlines() if "#" in line] == [
        line for line in before[book / "_config.yml"].splitlines() if "#" in line
    ], "its comments stay"
    parsed = yaml.safe_load(config)
    assert parsed.pop("repository") == {
        "url": "https://github.com/someone/unrolled",
        "branch": "v1.0",
        "path_to_book": "",
    }
    assert parsed.pop("launch_buttons") == {
        "colab_url": "https://colab.research.google.com",
        "binderhub_url": "https://mybinder.org",
        "jupyterhub_url": "https://hub.example.org",
    }
    assert parsed == yaml.safe_load(before[book / "_config.yml"])

    citation = yaml.safe_load(after[book / "CITATION.cff"])
    assert citation.pop("repository-code") == "https://github.com/someone/unrolled"
    assert citation == yaml.safe_load(before[book / "CITATION.cff"])

    for path in (book / "notebooks").glob("*.ipynb"):
        new, old = json.loads(after[path]), json.loads(before[path])
        cells = [c for c in new["cells"] if c["cell_type"] == "code"]
        assert "".join(cells[0]["source"]) == setup_cell(HERE)
        cells[0]["source"] = setup_cell(None).splitlines(keepends=True)
        assert new == old


def test_it_can_be_done_again_changed_and_undone(book):
    before = texts(book)
    configure.configure(book, HERE)
    configured = texts(book)
    assert configure.configure(book, HERE) == []
    assert texts(book) == configured
    other = Repository("a-b_c/c.d_e")
    configure.configure(book, other)
    assert configure.read(book) == other
    assert not any("someone" in text for text in texts(book).values())
    configure.configure(book, HERE)
    assert texts(book) == configured
    configure.configure(book, None)
    assert texts(book) == before
    assert configure.read(book) is None


@pytest.mark.parametrize(
    ("repo", "ref"),
    [
        ("", ""),
        ("unrolled", ""),
        ("someone/unrolled/more", ""),
        ("someone/", ""),
        ("/unrolled", ""),
        ("some one/unrolled", ""),
        ("some--one/unrolled", ""),
        ("someone/..", ""),
        ("someone/unrolled.git", ""),
        ("https://github.com/someone/unrolled", ""),
        ("git@github.com:someone/unrolled", ""),
        ('someone/unrolled"', ""),
        ("someone/unrolled", "a b"),
        ("someone/unrolled", "a..b"),
        ("someone/unrolled", "v1/"),
        ("someone/unrolled", "@v1"),
    ],
)
def test_a_bad_address_is_an_error_and_nothing_is_written(
    book, repo, ref, monkeypatch, capsys
):
    before = texts(book)
    monkeypatch.chdir(book)
    assert configure.main([repo, ref]) == 1
    said = capsys.readouterr().err
    given = f"REF is {ref!r}" if ref else f"REPO is {repo!r}"
    assert f"Nothing was configured. {given}, but must be" in said
    assert "make configure REPO=" in said
    assert texts(book) == before


@pytest.mark.parametrize("hub", ["hub.example.org", "https://hub/", "https://h/a b"])
def test_a_bad_hub_is_one_too(book, hub, monkeypatch, capsys):
    before = texts(book)
    monkeypatch.chdir(book)
    assert configure.main(["someone/unrolled", "", hub]) == 1
    said = capsys.readouterr().err
    assert f"HUB is {hub!r}, but must be an address without a slash" in said
    assert "HUB=https://hub.example.org" in said and texts(book) == before


def test_a_place_that_is_missing_is_an_error_and_nothing_is_written(book):
    path = sorted((book / "notebooks").glob("*.ipynb"))[-1]
    whole = path.read_text("utf-8")
    path.write_text(whole.replace('"id": "setup"', '"id": "other"'), "utf-8")
    before = texts(book)
    with pytest.raises(ConfigurationError, match=f'{path.name}: .* the id "setup"'):
        configure.configure(book, HERE)
    assert texts(book) == before
    path.write_text(whole, "utf-8")

    config = book / "_config.yml"
    for broken in (
        config.read_text("utf-8").replace(configure.END, "# elsewhere"),
        f"{configure.END}\n{configure.BEGIN}\n",
        config.read_text("utf-8").replace(configure.END, "repository: {}\n# to here"),
    ):
        config.write_text(broken, "utf-8")
        with pytest.raises(ConfigurationError, match="_config.yml"):
            configure.read(book)
    with pytest.raises(ConfigurationError, match="_config.yml"):
        config.write_text("title: none\n", "utf-8")
        configure.configure(book, HERE)


def test_the_cell_installs_this_package_alone_and_only_where_it_is_missing():
    source = setup_cell(HERE)
    condition, _, body = source.partition("except ImportError")
    assert 'import_module("unrolled.explorers")' in condition
    assert "pip" not in condition
    pips = re.findall(r"pip install.*", body)
    address = "git+https://github.com/someone/unrolled@v1.0"
    assert pips == [f"pip install -q --no-deps {address}"]
    exec(setup_cell(None), {})  # here it is installed: nothing happens


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("nothing.txt", ""),
        ("unrolled/src/unrolled/__init__.py", ""),  # a copy of the book
        ("unrolled/__init__.py", ""),  # another package
        ("unrolled.py", "import this_chapter"),  # a reader's own notes
    ],
)
def test_without_the_package_the_cell_says_what_to_do(tmp_path, path, text):
    """Whatever else of that name lies beside the notebook."""
    tmp_path.joinpath(path).parent.mkdir(parents=True, exist_ok=True)
    tmp_path.joinpath(path).write_text(text)
    bare = [sys.executable, "-S", "-c", setup_cell(None)]  # nothing is installed
    done = subprocess.run(bare, cwd=tmp_path, capture_output=True, text=True)
    *_, said = done.stderr.strip().splitlines()
    assert said.startswith("ImportError: This chapter needs `unrolled`")
    assert said.endswith("pip install -e .")
