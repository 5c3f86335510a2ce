"""`make` on machines with other Pythons: stand-ins that say which one they are."""

import shutil
import subprocess
import sys

import pytest
from hands import ROOT

# A Python that tells its version, and whose virtual environment tells who made it.
STAND_IN = """#!/bin/sh
case "$1" in
  -c) exec {python} -c "import sys; sys.version_info = {version}; $2" ;;
  --version) echo "Python {version}" ;;
  *) mkdir -p .venv/bin && echo {name} > .venv/bin/python ;;
esac
"""
INGREDIENTS = ("requirements.txt", "constraints.txt", "pyproject.toml")
INGREDIENTS += ("tests/places/colab.txt",)
NEITHER = "import sys; sys.modules['ensurepip'] = None"  # Debian without python3-venv


@pytest.fixture
def machine(tmp_path):
    """Runs make on a machine that has these Pythons, by name, and no other."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("cat", "echo", "mkdir", "rm", "test"):
        tools.joinpath(name).symlink_to(shutil.which(name))
    book = tmp_path / "book"
    for name in ("Makefile", *INGREDIENTS):
        book.joinpath(name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, book / name)

    def run(pythons, *arguments):
        for name, version in pythons.items():
            text = STAND_IN.format(python=sys.executable, version=version, name=name)
            tools.joinpath(name).write_text(text)
            tools.joinpath(name).chmod(0o755)
        return subprocess.run(
            [shutil.which("make"), "--no-print-directory", *arguments],
            cwd=book,
            env={"PATH": str(tools)},
            capture_output=True,
            text=True,
        )

    run.book = book
    return run


PY = ".venv/bin/python"
BARE = f"(3, 14); {NEITHER}"


@pytest.mark.parametrize(
    ("taken", "pythons"),
    [
        ("python3", {"python3": (3, 11), "python3.13": (3, 13)}),
        ("python3", {"python3": (3, 14)}),
        ("python3.13", {"python3": (3, 10), "python3.11": 0, "python3.13": (3, 13)}),
        ("python3.14", {"python3": (3, 15), "python3.14": (3, 14)}),
        ("python3.12", {"python3.14": BARE, "python3.12": (3, 12)}),
    ],
)
def test_it_takes_python3_or_else_the_newest_that_will_do(machine, taken, pythons):
    done = machine({name: v or (3, 11) for name, v in pythons.items()}, PY)
    assert done.returncode == 0, done.stderr
    assert machine.book.joinpath(PY).read_text() == f"{taken}\n"


@pytest.mark.parametrize("pythons", [{}, {"python3": (3, 10)}, {"python3": BARE}])
def test_where_there_is_none_it_says_what_to_install(machine, pythons):
    done = machine(pythons, PY)
    assert done.returncode != 0
    assert not machine.book.joinpath(PY).exists()
    for name in ("Debian", "python3-venv", "Fedora", "dnf", "macOS", "brew", "uv"):
        assert name in done.stdout


def test_one_that_is_named_is_taken_and_no_other(machine):
    pythons = {"python3": (3, 12), "python3.11": (3, 11), "python3.10": (3, 10)}
    assert machine(pythons, PY, "PYTHON=python3.10").returncode != 0
    assert machine(pythons, PY, "PYTHON=python3.11").returncode == 0
    assert machine.book.joinpath(PY).read_text() == "python3.11\n"


def test_what_was_installed_in_another_folder_is_installed_again(machine):
    """A clone that was moved, or has another name now."""
    python, stamp = (
        machine.book / ".venv" / one for one in ("bin/python", "book.stamp")
    )
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    stamp.write_text(f"{machine.book}\n")
    again = "Installing what the book needs"
    assert again not in machine({}, "--dry-run", "book").stdout
    stamp.write_text(f"{machine.book.parent}\n")
    assert again in machine({}, "--dry-run", "book").stdout
    stamp.write_text(f"{machine.book}\n")
    python.unlink()  # the Python that it was made of is gone
    python.symlink_to(machine.book / "gone")
    assert again in machine({}, "--dry-run", "book").stdout


@pytest.mark.parametrize(
    ("taken", "others"),
    [
        ("python3.13", {"python3.13": (3, 13), "python3.12": (3, 12)}),
        ("python3.12", {"python3.14": (3, 14), "python3.12": (3, 12)}),
        ("own", {"python3.14": (3, 14), "python3.11": (3, 11)}),
    ],
)
def test_colabs_versions_get_the_newest_python_that_colab_could_have(
    machine, taken, others
):
    """Colab's is 3.13."""
    python = machine.book / PY
    python.parent.mkdir(parents=True)
    own = STAND_IN.format(python=sys.executable, version=(3, 11), name="own")
    python.write_text(own)
    python.chmod(0o755)
    machine(others, ".venv-colab/stamp")  # pip is none, and ends it
    assert python.read_text() == f"{taken}\n"


def test_without_a_python_for_colabs_versions_there_are_none(machine):
    python = machine.book / PY
    python.parent.mkdir(parents=True)
    python.write_text(STAND_IN.format(python=sys.executable, version=(3, 14), name=""))
    python.chmod(0o755)
    done = machine({"python3.14": (3, 14)}, ".venv-colab/stamp")
    assert done.returncode == 0, done.stderr
    assert not (machine.book / ".venv-colab").exists()
