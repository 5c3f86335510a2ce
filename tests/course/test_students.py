"""`make students`: a branch on which no solution is, nor was."""

import os
import shutil
import subprocess
import sys

import pytest
from hands import ROOT
from hands.solutions import traces

SCRIPT = ROOT / "course" / "students.py"


@pytest.fixture
def git(tmp_path, monkeypatch):
    """Git in a repository with the book's notebooks, and nobody's settings."""
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_NAME", "test")
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "test@localhost")
    for name in ("GLOBAL", "SYSTEM"):
        monkeypatch.setenv(f"GIT_CONFIG_{name}", os.devnull)
    book = tmp_path / "book"
    shutil.copytree(ROOT / "notebooks", book / "notebooks")
    tests = ("tests/test_answers.py", "src/room/tests/test_page.py")
    for name in (*tests, "src/package.py"):
        book.joinpath(name).parent.mkdir(parents=True, exist_ok=True)
        book.joinpath(name).write_text("right = 1\n")

    def run(*arguments):
        done = subprocess.run(
            ["git", *arguments], cwd=book, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    run("init", "--quiet", "--initial-branch=main")
    run("add", ".")
    run("commit", "--quiet", "-m", "As it is")
    run.book = book
    return run


def students(book):
    return subprocess.run(
        [sys.executable, SCRIPT, "--source", book], capture_output=True, text=True
    )


def test_the_branch_has_the_book_without_solutions_and_its_history_too(git):
    here = git("rev-parse", "HEAD"), git("status", "--porcelain")
    done = students(git.book)
    assert done.returncode == 0, done.stderr
    assert "git push origin students" in done.stdout
    names = git("ls-tree", "-r", "--name-only", "students").split()
    notebooks = [f"notebooks/{path.name}" for path in ROOT.glob("notebooks/*.ipynb")]
    assert sorted(names) == sorted([*notebooks, "src/package.py"])
    for name in notebooks:
        stem = name.removeprefix("notebooks/").removesuffix(".ipynb")
        text = git("show", f"students:{name}")
        assert traces(stem, text) == []
        assert '"id": "exercises-setup"' in text and '"id": "try-' in text
    assert git("rev-list", "--count", "students") == "1\n", "main is no parent"
    assert (git("rev-parse", "HEAD"), git("status", "--porcelain")) == here

    assert "nothing has changed" in students(git.book).stdout
    assert git("rev-list", "--count", "students") == "1\n"
    first = git("rev-parse", "students")
    git.book.joinpath("src/package.py").write_text("right = 2\n")
    git("commit", "--quiet", "-am", "Another")
    assert students(git.book).returncode == 0
    assert git("rev-parse", "students~1") == first, "a hub can pull it"
    assert git("show", "students:src/package.py") == "right = 2\n"


def test_what_is_not_committed_is_an_error(git):
    next(git.book.glob("notebooks/*.ipynb")).write_text("{}")
    done = students(git.book)
    assert done.returncode == 1
    assert "Nothing was committed. notebooks/ has changes that are not" in done.stderr
    assert "students" not in git("branch", "--list")


def test_without_a_repository_it_says_so(tmp_path):
    done = students(tmp_path)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "Nothing was committed. git status says: fatal: not a git" in done.stderr
    assert "git is missing, or the folder" in students(tmp_path / "none").stderr
