"""Commit the book without its solutions to a branch of its own: `make students`.

    python course/students.py [--source FOLDER]

The branch `students` is what a class opens in Colab, on Binder or on a hub: what is
committed here, with notebooks that have no solutions, and without the tests, which hold
right answers in other forms. It has a history of its own, so that no older commit of it
has one either. No file in the folder is touched; where nothing has changed, nothing is
committed.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from unrolled.book.configure import STUDENTS
from unrolled.book.solutions import without, written

ROOT = Path(__file__).parents[1]


class BranchError(ValueError):
    """There is nothing to commit from, or git will not."""


def git(source, *arguments, given=None, **environment):
    """Return what git says."""
    try:
        done = subprocess.run(
            ["git", *arguments],
            cwd=source,
            input=given,
            env=os.environ | environment,
            capture_output=True,
            text=True,
        )
    except FileNotFoundError as error:
        raise BranchError(f"git is missing, or the folder: {error}") from None
    if done.returncode:
        raise BranchError(f"git {arguments[0]} says: {done.stderr.strip()}")
    return done.stdout.strip()


def commit(source):
    """Commit to the branch; return the commit, or None if none was needed."""
    changed = git(source, "status", "--porcelain", "--", "notebooks")
    if changed:
        raise BranchError(f"notebooks/ has changes that are not committed:\n{changed}")
    parents = git(source, "for-each-ref", "--format=%(objectname)", _REF).split()
    with tempfile.TemporaryDirectory() as folder:
        index = {"GIT_INDEX_FILE": str(Path(folder, "index"))}
        git(source, "read-tree", "HEAD", **index)
        for path in git(source, "ls-files", **index).splitlines():
            if "tests" in Path(path).parts:
                git(source, "update-index", "--force-remove", path, **index)
            elif path.startswith("notebooks/") and path.endswith(".ipynb"):
                notebook = json.loads(git(source, "show", f"HEAD:{path}"))
                text = written(without(notebook))
                blob = git(source, "hash-object", "-w", "--stdin", given=text)
                entry = f"100644,{blob},{path}"
                git(source, "update-index", "--cacheinfo", entry, **index)
        tree = git(source, "write-tree", **index)
    if parents and git(source, "rev-parse", f"{parents[0]}^{{tree}}") == tree:
        return None
    of = git(source, "rev-parse", "--short", "HEAD")
    message = f"The book without its solutions, of {of}"
    after = [part for parent in parents for part in ("-p", parent)]
    made = git(source, "commit-tree", tree, *after, "-m", message)
    git(source, "update-ref", _REF, made, *parents)
    return made


_REF = f"refs/heads/{STUDENTS}"


def main(arguments=None):
    """Commit, and say so; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--source", type=Path, default=ROOT)
    given = parser.parse_args(arguments)
    try:
        made = commit(given.source)
    except BranchError as error:
        print(f"Nothing was committed. {error}", file=sys.stderr)
        return 1
    if made is None:
        print(f"The branch {STUDENTS} is as it must be: nothing has changed.")
    else:
        print(f"The branch {STUDENTS} is now at {made[:9]}. Publish it with")
        print(f"  git push origin {STUDENTS}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
