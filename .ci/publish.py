"""Publish the book with git alone: `python .ci/publish.py push|site ...`.

`push [TO]` (`make publish`) builds the book as it is configured and pushes two branches
to TO, an address or a remote (at first `origin`), both or none of them:

- `published`, the sources as they are configured here: what the Colab and Binder
  buttons open, and what a notebook in Colab installs the package from. Its notebooks
  have what the build has shown (shown.py);
- `pages`, the site.

A book that is configured for `published-v1.0` is the edition 1.0, which the tag v1.0
marks; its branches are `published-v1.0` and `pages-v1.0`, and stay as they are.

`site [TO] [ADDRESS]` (`make site`) puts together what was pushed, in _build/site: the
book as it is now, each edition under its number, and in each the list of all. ADDRESS
is where the whole will stand on the web; with it, a page of an edition names the same
page of today as the canonical one. It needs Python alone, nothing that is installed.

Each branch is one commit without a history. Neither the sources here nor the branch
that is checked out change, and where something is wrong nothing is pushed.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PUBLISHED, PAGES = "published", "pages"
EDITION = re.compile(rf"{PAGES}-v(\d+(?:\.\d+)*)")  # the branch of an edition's pages
LEFT_OUT = ".github"  # GitHub lets no workflow push workflows; no reader needs them
LIST = re.compile(
    r'(<ul class="unrolled-editions">\s*<li>)(.*?)(</li>).*?(</ul>)', re.DOTALL
)
CANONICAL = re.compile(r'\s*<link\b[^>]*\brel="canonical"[^>]*>')


class PublishingError(Exception):
    """Something is not as it must be, and nothing was published."""


# --- git


def git(folder: Path, *arguments: str, **environment: str) -> str:
    """Return what git says in a folder. Raises CalledProcessError if it fails."""
    done = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env=os.environ | environment | {"GIT_TERMINAL_PROMPT": "0"},
        capture_output=True,
        check=True,
    )
    return done.stdout.decode().strip()


def branches(source: Path, to: str) -> dict[str, str]:
    """Return the commits of the branches at an address, by name."""
    try:
        listed = git(source, "ls-remote", "--heads", "--", to)
    except subprocess.CalledProcessError as error:
        raise PublishingError(
            f"{to!r} could not be reached: {_said(error)}\nIs there a network, and a "
            "repository that you may write to? TO=address names another."
        ) from None
    rows = (line.split("\trefs/heads/") for line in listed.splitlines())
    return {name: commit for commit, name in rows}


def commit(source: Path, tree: Path, what: str, instead: Path | None = None) -> str:
    """Return a new commit, without parents, of the files of a folder.

    Of `source` itself it has what git knows, as it is now; of another folder all.
    What lies in the folder `instead` takes the place of files of the same name.
    """
    with tempfile.TemporaryDirectory() as folder:
        index = {"GIT_INDEX_FILE": str(Path(folder, "index"))}
        add = ["--work-tree", str(tree.resolve()), "add"]
        if tree == source:
            git(source, "read-tree", "HEAD", **index)
            git(source, *add, "--update", **index)
            remove = ["rm", "-r", "--cached", "--quiet", "--ignore-unmatch"]
            git(source, *remove, LEFT_OUT, **index)
        else:
            git(tree, *add, "--force", "--all", ".", **index)
        if instead:
            add[1] = str(instead.resolve())
            git(instead, *add, "--force", "--ignore-removal", ".", **index)
        written = git(source, "write-tree", **index)
    date = git(source, "show", "--no-patch", "--format=%cI", "HEAD")
    who = {
        f"GIT_{role}_{field}": value
        for role in ("AUTHOR", "COMMITTER")
        for field, value in (("NAME", "make publish"), ("EMAIL", ""), ("DATE", date))
    }
    message = f"{what}, of {git(source, 'rev-parse', '--short', 'HEAD')}"
    return git(source, "commit-tree", written, "-m", message, **who)


def push(source: Path, to: str, commits: dict[str, str]) -> None:
    """Have branches at an address be these commits: all of them, or none."""
    refs = [f"{one}:refs/heads/{name}" for name, one in commits.items()]
    try:
        git(source, "push", "--quiet", "--force", "--atomic", "--", to, *refs)
    except subprocess.CalledProcessError as error:
        raise PublishingError(f"{to!r} took nothing: {_said(error)}") from None


def _said(error: subprocess.CalledProcessError) -> str:
    return error.stderr.decode(errors="replace").strip()


# --- make publish


def check_edition(source: Path, tag: str) -> None:
    """Raise PublishingError unless a tag marks what is checked out, and its version."""
    tags = git(source, "tag").split()
    if tag not in tags:
        there = f"the tags here are {', '.join(tags)}" if tags else "there is none here"
        raise PublishingError(
            f"The book is configured for the edition that the tag {tag} marks, but "
            f"{there}. git fetch --tags brings others; git tag {tag} makes it."
        )
    if tag not in git(source, "tag", "--points-at", "HEAD").split():
        raise PublishingError(
            f"The tag {tag} marks another state than this one: git checkout {tag}"
        )
    about = source.joinpath("pyproject.toml").read_text("utf-8")
    (version,) = re.findall(r'^version = "(.+)"$', about, re.MULTILINE)
    if f"{version}.".startswith(f"{tag[1:]}."):
        return
    raise PublishingError(
        f"The tag is {tag}, but the version in pyproject.toml is {version}: the tag "
        f"of an edition is how its version begins, such as v{version}"
    )


def publish(source: Path, to: str) -> list[str]:
    """Build the book and push both of its branches; the lines to say about it."""
    import shown

    from unrolled.book import __main__ as book
    from unrolled.book import configure

    repository = configure.read(source)
    again = "make configure REPO=owner/name REF=published"
    if repository is None:
        raise PublishingError(f"The book names no repository: {again}")
    edition = repository.edition
    ending = f"-v{edition}" if edition else ""
    if repository.ref != PUBLISHED + ending:
        raise PublishingError(
            f"The book is configured for {repository.ref!r}, but must be for "
            f"'published', or 'published-v1.0' as the edition of the tag v1.0: {again}"
        )
    if edition:
        check_edition(source, f"v{edition}")
    branches(source, to)  # before anything is built
    if book.main([str(source)]):
        raise PublishingError("The book was not built.")
    what = f"Edition {edition}" if edition else "The book"
    html = source / "_build" / "html"
    names = git(source, "ls-files", "notebooks/*.ipynb").splitlines()
    notebooks = shown.write(source, names)
    of = f"{what} of {repository.repo}"
    commits = {
        PUBLISHED + ending: commit(source, source, of, instead=notebooks),
        PAGES + ending: commit(source, html, f"{what}’s pages"),
    }
    push(source, to, commits)
    return [f"Pushed to {to}: {' and '.join(commits)}."]


# --- make site


def list_editions(page: Path, up: str, editions: dict[str, str]) -> None:
    """Fill in the list of a page that has one: today's book, and editions by date.

    up: the way from the page to the top of the whole.
    """
    text = page.read_text("utf-8")
    items = "".join(
        f'\n<li><a href="{up}{name}/index.html">{name}</a> <time>{date}</time></li>'
        for name, date in editions.items()
    )
    filled = rf'\1<a href="{up}index.html">\2</a>\3{items}\n\4'
    page.write_text(LIST.sub(filled, text, count=1), "utf-8")


def name_canonical(folder: Path, top: Path, address: str) -> None:
    """Have every page of an edition name the same page of today, if there is one."""
    for page in folder.rglob("*.html"):
        name = page.relative_to(folder).as_posix()
        if top.joinpath(name).is_file():
            text = CANONICAL.sub("", page.read_text("utf-8"))
            link = f'<link rel="canonical" href="{address.rstrip("/")}/{name}" />'
            page.write_text(text.replace("</head>", f"{link}\n</head>", 1), "utf-8")


def fetch(source: Path, to: str, found: str, folder: Path) -> str:
    """Write the files of a commit at an address into a folder; the day of it."""
    git(source, "fetch", "--quiet", "--depth", "1", "--no-tags", "--", to, found)
    with tempfile.TemporaryDirectory() as place:
        index = {"GIT_INDEX_FILE": str(Path(place, "index"))}
        git(source, "read-tree", found, **index)
        git(source, "checkout-index", "--all", f"--prefix={folder}/", **index)
    return git(source, "show", "--no-patch", "--format=%cs", found)


def assemble(source: Path, to: str, address: str) -> list[str]:
    """Put the site together in _build/site; the lines to say about it."""
    found = branches(source, to)
    if PAGES not in found:
        raise PublishingError(
            f"{to!r} has no branch `{PAGES}`, so there is no site yet: make publish"
        )
    numbers = sorted(
        (one[1] for one in map(EDITION.fullmatch, found) if one),
        key=lambda number: [int(part) for part in number.split(".")],
        reverse=True,
    )
    build = source / "_build"
    build.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=build.resolve()) as folder:
        top = Path(folder, "site")
        fetch(source, to, found[PAGES], top)
        editions = {
            number: fetch(source, to, found[f"{PAGES}-v{number}"], top / number)
            for number in numbers
        }
        for number in editions:
            if address:
                name_canonical(top / number, top, address)
        for number in ["", *editions]:
            page = top / number / "book" / "editions.html"
            if page.is_file():
                list_editions(page, "../../" if number else "../", editions)
        shutil.rmtree(build / "site", ignore_errors=True)
        top.rename(build / "site")
    said = f"with the editions {', '.join(editions)}" if editions else "no edition yet"
    lines = [f"The site is put together, {said}:", f"  {build / 'site' / 'index.html'}"]
    if editions and not address:
        lines.append("No page of an edition has a canonical link: ADDRESS=https://...")
    return lines


def main(arguments: list[str] | None = None) -> int:
    """Do what is asked in this folder, and say so; the exit status."""
    parser = argparse.ArgumentParser(
        prog="python .ci/publish.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("task", choices=("push", "site"))
    parser.add_argument("to", metavar="TO", nargs="?", default="")
    parser.add_argument("address", metavar="ADDRESS", nargs="?", default="")
    given = parser.parse_args(arguments)
    source, to = Path.cwd(), given.to or "origin"
    try:
        if Path(git(source, "rev-parse", "--show-toplevel")) != source.resolve():
            raise PublishingError(f"{source} is not the top of a git repository.")
        if given.task == "push":
            lines = publish(source, to)
        else:
            lines = assemble(source, to, given.address)
    except subprocess.CalledProcessError as error:
        print(f"Nothing was published. {_said(error)}", file=sys.stderr)
        return 1
    except (PublishingError, ValueError) as error:
        print(f"Nothing was published. {error}", file=sys.stderr)
        return 1
    print("\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
