"""The package as a wheel: small, and enough for a chapter where nothing else is.

The environment has what the wheel asks for, PyTorch, and what these two ask for in
turn, as links to what is installed here. pip installs the wheel there, and may ask no
index: if it asked for anything more, or the chapter for anything that it does not ask
for, this would fail.
"""

import json
import re
import subprocess
import sys
import tomllib
import venv
import zipfile
from importlib import metadata

import pytest
from hands import ROOT, memory
from hands.copies import copy_house
from packaging.requirements import Requirement

CHAPTER = ROOT / "notebooks" / "01_recurrence.ipynb"
WEIGHTS = "unrolled/results/characters.json.xz"
MOST = 470_000  # bytes, of all but the weights of the character model
MOST_WEIGHTS = 445_000  # of five moments, 84 thousand numbers each, a byte a number
# Says what `unrolled.data` finds: by folder the names of its JSON, and its text.
FIND = """
import json, sys
from unrolled import data
print(json.dumps({
    folder: {
        path.name: data.text(path)
        for path in data.within(data.PACKAGE / folder, "*.json")
    }
    for folder in json.load(sys.stdin)
}))
"""
# Runs code cells as a notebook does, and stops where one fails.
RUN = """
import json, sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
for cell in json.load(open(sys.argv[1], encoding="utf-8"))["cells"]:
    if cell["cell_type"] == "code":
        shell.run_cell("".join(cell["source"])).raise_error()
import unrolled
print("from", unrolled.__file__)
"""


def asked_for(*names):
    """Every distribution that some of them ask for, directly or not, and they."""
    found, asked = {}, list(names)
    while asked:
        one = metadata.distribution(asked.pop())
        if one.metadata["Name"] not in found:
            found[one.metadata["Name"]] = one
            needs = map(Requirement, one.requires or [])
            asked += [
                need.name
                for need in needs
                if not need.marker or need.marker.evaluate({"extra": ""})
            ]
    return found.values()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    house = copy_house(tmp_path_factory.mktemp("house"))
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-index", "--no-deps"]
    build = [*pip, "--no-build-isolation", "--wheel-dir", house / "wheel", house]
    subprocess.run(build, check=True)
    (wheel,) = house.joinpath("wheel").glob("*.whl")
    return wheel


def test_it_is_small(wheel):
    with zipfile.ZipFile(wheel) as packed:
        weights = packed.getinfo(WEIGHTS).compress_size
        names = packed.namelist()
    assert weights <= MOST_WEIGHTS
    assert wheel.stat().st_size - weights <= MOST
    texts = [one for one in names if not re.search(r"\.py$|\.dist-info/", one)]
    assert sorted(texts) == ["unrolled/data.xz", WEIGHTS]


@pytest.mark.parametrize("left_out", ["book", "facts", "studies", "clusters", "tuning"])
def test_it_asks_for_nothing_that_it_leaves_out(wheel, left_out):
    asks = re.compile(rf"unrolled\.{left_out}\b|unrolled import .*\b{left_out}\b")
    with zipfile.ZipFile(wheel) as packed:
        for name in packed.namelist():
            assert not re.match(rf"unrolled/{left_out}\b", name)
            if name.endswith(".py"):
                assert not asks.search(packed.read(name).decode()), name


def test_its_texts_are_those_of_the_book(wheel, tmp_path):
    package = ROOT / "src" / "unrolled"
    texts = {}
    for path in package.rglob("*.json"):
        if not {"book", "facts", "tests"} & {*path.parts}:
            folder = path.parent.relative_to(package).as_posix()
            texts.setdefault(folder, {})[path.name] = path.read_text("utf-8")
    assert len(texts) > 30
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", FIND],
        cwd=tmp_path,
        input=json.dumps([*texts]),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == texts


@memory.remembered(lambda: [CHAPTER, *memory.package(), ROOT / "setup.py"])
def test_in_an_empty_environment_a_chapter_runs_from_it(wheel, tmp_path):
    place = tmp_path / "environment"
    venv.create(place, symlinks=True)
    (packages,) = place.glob("lib/python*/site-packages")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    needs = [Requirement(need).name for need in project["dependencies"]]
    for one in asked_for(*needs, "torch"):
        for top in {file.parts[0] for file in one.files} - {"..", "__pycache__"}:
            if not (packages / top).exists():
                (packages / top).symlink_to(one.locate_file(top))
    python = place / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--no-index"]
    done = subprocess.run([*pip, wheel], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Successfully installed unrolled-" in done.stdout

    runner, alone = tmp_path / "run.py", tmp_path / "alone"
    runner.write_text(RUN)
    alone.mkdir()
    done = subprocess.run(
        [python, runner, CHAPTER], cwd=alone, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    assert f"from {packages}" in done.stdout
