"""Write the address of the book's repository wherever the book needs it.

`python -m unrolled.book.configure REPO [REF [HUB]]` (`make configure`): REPO is
owner/name on GitHub, REF a branch, tag or commit (at first `main`), and HUB the address
of an institution's JupyterHub, if there is one. Its places are

- `_config.yml`: from there the pages have their buttons for Colab, Binder and the hub;
- the first code cell of every notebook: it installs this package where it is missing;
- `CITATION.cff`.

In the two text files only the lines between `BEGIN` and `END` change. All places are
read and checked before the first is written, and to configure again changes nothing.
Until the book is configured it has no such button, and the cell says what to do.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

COLAB = "https://colab.research.google.com"
BINDER = "https://mybinder.org"
STUDENTS = "students"
"""The branch without solutions, which `make students` writes."""
BEGIN = "# make configure writes from here"
END = "# to here"
SETUP = "setup"  # the id of a notebook's first code cell

_OWNER = r"[A-Za-z0-9](?:[-_]?[A-Za-z0-9]){0,38}"  # a company's own have a _
_NAME = r"(?!\.\.?$)[A-Za-z0-9._-]{1,100}"
_REPO = re.compile(rf"{_OWNER}/{_NAME}")
_REF = re.compile(r"(?!.*(?:\.\.|//|/$|\.$|\.lock$))[A-Za-z0-9][A-Za-z0-9._/-]*")
_HUB = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d+)?(?:/[A-Za-z0-9._~-]+)*")
_EDITION = re.compile(r"published-v(\d+(?:\.\d+)*)")  # its branch (.ci/publish.py)
_URL = re.compile(r"^ +url: https://github\.com/(\S+)$", re.MULTILINE)
_BRANCH = re.compile(r'^ +branch: "(\S+)"$', re.MULTILINE)
_HUB_URL = re.compile(r"^ +jupyterhub_url: (\S+)$", re.MULTILINE)

# Both ask for what a chapter needs, not for the name: a folder called `unrolled`, such
# as a copy of the book, has the name too.
_UNCONFIGURED_CELL = """\
import importlib

try:
    importlib.import_module("unrolled.explorers")
except ImportError as error:
    raise ImportError(
        "This chapter needs `unrolled`, the helper package of the book. "
        "In a copy of the book, run:  pip install -e ."
    ) from error
"""
_CELL = """\
import importlib
import sys

try:
    importlib.import_module("unrolled.explorers")
except ImportError:  # in Colab, for example
    # Without its dependencies: the NumPy and the PyTorch that are here stay.
    %pip install -q --no-deps git+{address}
    importlib.invalidate_caches()
    sys.modules.pop("unrolled", None)  # a folder of that name
"""


class ConfigurationError(ValueError):
    """The address, or a place where it is to stand, is not as it must be."""


@dataclass(frozen=True)
class Repository:
    """A repository on GitHub: `repo` is owner/name, `ref` a branch, tag or commit.

    hub : the address of the JupyterHub that its readers have, or "".

    Raises ConfigurationError for what cannot be one of these.
    """

    repo: str
    ref: str = "main"
    hub: str = ""

    def __post_init__(self) -> None:
        if not _REPO.fullmatch(self.repo) or self.repo.endswith(".git"):
            raise ConfigurationError(
                f"REPO is {self.repo!r}, but must be owner/name as on GitHub: "
                "make configure REPO=owner/name"
            )
        if not _REF.fullmatch(self.ref):
            raise ConfigurationError(
                f"REF is {self.ref!r}, but must be a branch, a tag or a commit: "
                f"make configure REPO={self.repo} REF=v1.0"
            )
        if self.hub and not _HUB.fullmatch(self.hub):
            raise ConfigurationError(
                f"HUB is {self.hub!r}, but must be an address without a slash at its "
                f"end: make configure REPO={self.repo} HUB=https://hub.example.org"
            )

    @property
    def url(self) -> str:
        """The repository's page."""
        return f"https://github.com/{self.repo}"

    @property
    def site(self) -> str:
        """Where GitHub Pages publishes it."""
        owner, _, name = self.repo.partition("/")
        host = f"{owner.lower()}.github.io"
        return f"https://{host}/" if name.lower() == host else f"https://{host}/{name}/"

    @property
    def colab(self) -> str:
        """Where Colab opens its notebooks: a notebook's path is to follow."""
        return f"{COLAB}/github/{self.repo}/blob/{self.ref}"

    @property
    def binder(self) -> str:
        """Where Binder opens its notebooks: a notebook's path is to follow."""
        ref = quote(self.ref, safe="")
        return f"{BINDER}/v2/gh/{self.repo}/{ref}?urlpath=lab/tree"

    @property
    def pulled(self) -> str:
        """Where the hub does, which has nbgitpuller: a notebook's path is to follow."""
        if not self.hub:
            return ""
        given = urlencode({"repo": self.url, "branch": self.ref})
        folder = self.repo.partition("/")[2]
        there = f"{self.hub}/hub/user-redirect/git-pull"
        return f"{there}?{given}&urlpath=lab/tree/{folder}"

    @property
    def edition(self) -> str:
        """The number of the edition that is published from there, if it is one."""
        found = _EDITION.fullmatch(self.ref)
        return found[1] if found else ""


def setup_cell(repository: Repository | None) -> str:
    """Return the source of a notebook's first code cell."""
    if repository is None:
        return _UNCONFIGURED_CELL.rstrip()
    return _CELL.format(address=f"{repository.url}@{repository.ref}").rstrip()


def read(source: Path) -> Repository | None:
    """Return the repository that `source/_config.yml` names, or None.

    Raises ConfigurationError if the file has no place for it, or only a part.
    """
    path = source / "_config.yml"
    text = _marked(path.read_text(encoding="utf-8"), path.name)
    url, branch, hub = (one.search(text) for one in (_URL, _BRANCH, _HUB_URL))
    if url and branch:
        return Repository(url[1], branch[1], hub[1] if hub else "")
    if text.strip():
        raise ConfigurationError(
            f"{path.name} does not name a repository and its branch between {BEGIN!r} "
            f"and {END!r}. Empty the place, and run make configure REPO=owner/name"
        )
    return None


def configure(source: Path, repository: Repository | None) -> list[Path]:
    """Write `repository` (or None, that there is none) into the book at `source`.

    Returns the files that changed. Raises ConfigurationError, and writes nothing, if
    one of them has no place for it.
    """
    texts = {
        source / "_config.yml": _config_lines(repository),
        source / "CITATION.cff": _citation_lines(repository),
    }
    new = {
        path: _replace(path.read_text(encoding="utf-8"), lines, path.name)
        for path, lines in texts.items()
    }
    for path in sorted((source / "notebooks").glob("*.ipynb")):
        new[path] = _notebook(path, setup_cell(repository))
    changed = [
        path for path, text in new.items() if path.read_text(encoding="utf-8") != text
    ]
    for path in changed:
        path.write_text(new[path], encoding="utf-8")
    return changed


def _config_lines(repository: Repository | None) -> str:
    if repository is None:
        return ""
    return (
        "repository:\n"
        f"  url: {repository.url}\n"
        f'  branch: "{repository.ref}"\n'
        '  path_to_book: ""\n'
        "launch_buttons:\n"
        f"  colab_url: {COLAB}\n"
        f"  binderhub_url: {BINDER}\n"
    ) + (f"  jupyterhub_url: {repository.hub}\n" if repository.hub else "")


def _citation_lines(repository: Repository | None) -> str:
    return f"repository-code: {repository.url}\n" if repository else ""


def _place(text: str, name: str) -> tuple[int, int]:
    """Where the lines between `BEGIN` and `END` start and stop."""
    found = re.findall(
        rf"^(?:{re.escape(BEGIN)}|{re.escape(END)})$", text, re.MULTILINE
    )
    if found != [BEGIN, END]:
        raise ConfigurationError(
            f"{name} needs one line {BEGIN!r} and after it one line {END!r}; "
            f"it has {found or 'neither'}"
        )
    lines = rf"^{re.escape(BEGIN)}\n(.*?)^{re.escape(END)}$"
    return re.search(lines, text, re.MULTILINE | re.DOTALL).span(1)


def _marked(text: str, name: str) -> str:
    start, stop = _place(text, name)
    return text[start:stop]


def _replace(text: str, lines: str, name: str) -> str:
    start, stop = _place(text, name)
    return text[:start] + lines + text[stop:]


def _notebook(path: Path, cell_source: str) -> str:
    """The text of a notebook with `cell_source` in its first code cell."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    if not code or code[0].get("id") != SETUP:
        raise ConfigurationError(
            f'{path.name}: the first code cell must have the id "{SETUP}"'
        )
    code[0]["source"] = cell_source.splitlines(keepends=True)
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Configure the book in this folder, and say so; the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m unrolled.book.configure",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("repo", metavar="REPO", help="owner/name on GitHub")
    parser.add_argument("ref", metavar="REF", nargs="?", default="", help="or main")
    parser.add_argument("hub", metavar="HUB", nargs="?", default="", help="or none")
    given = parser.parse_args(arguments)
    source = Path.cwd()
    try:
        repository = Repository(given.repo, given.ref or "main", given.hub)
        changed = configure(source, repository)
    except (ConfigurationError, FileNotFoundError) as error:
        print(f"Nothing was configured. {error}", file=sys.stderr)
        return 1
    print(f"The book's repository is {repository.url}, at {repository.ref}.")
    if repository.hub:
        print(f"Its readers' hub is {repository.hub}.")
    for path in changed:
        print(f"  written: {path.relative_to(source)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
