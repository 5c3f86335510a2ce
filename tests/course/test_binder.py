"""`binder/`: the environment of a class, as far as it can be seen without a hub.

It is that of the build, in which every chapter runs: the same versions, of all that
Colab's stand-in needs to run each chapter alone.
"""

import json
import os
import re
import subprocess
import sys
from importlib import metadata

import pytest
from hands import ROOT
from packaging.requirements import Requirement

BINDER = ROOT / "binder"
PLACE = "/lab/tree/notebooks"


def plain(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def asked(path):
    """The requirements of a file, without options; `.` is this package."""
    lines = path.read_text("utf-8").splitlines()
    kept = [line for line in lines if line and not line.startswith(("#", "-"))]
    return [Requirement("unrolled" if line == "." else line) for line in kept]


@pytest.fixture(scope="module")
def environment():
    """What installing the environment brings, with the versions that are here."""
    found, waiting = {}, asked(BINDER / "requirements.txt")
    while waiting:
        one = waiting.pop()
        name = plain(one.name)
        if name in found or (one.marker and not one.marker.evaluate({"extra": ""})):
            continue
        found[name] = metadata.version(name)
        assert one.specifier.contains(found[name], prereleases=True), one
        waiting += map(Requirement, metadata.requires(name) or ())
    return found


def test_it_has_the_versions_of_the_build_and_all_that_a_chapter_needs(environment):
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pinned = dict(line.split("==") for line in lines if line[0] != "#")
    pinned = {plain(name): version for name, version in pinned.items()}
    ours = {plain(one.name): one for one in asked(ROOT / "requirements.txt")}
    for name, version in environment.items():
        if name == "torch":
            assert ours[name].specifier.contains(version.split("+")[0])
        elif name != "unrolled" and name in pinned:
            assert pinned[name] == version, name
    needed = {plain(one.name) for one in asked(ROOT / "tests" / "places" / "colab.txt")}
    assert needed <= set(environment)
    assert "jupyterlab" in environment and "jupyter-book" not in environment


def test_repo2docker_finds_pytorch_without_cuda_and_the_constraints():
    text = (BINDER / "requirements.txt").read_text("utf-8")
    assert "--extra-index-url https://download.pytorch.org/whl/cpu\n" in text
    (constraints,) = re.findall(r"^-c (\S+)$", text, re.MULTILINE)
    assert (BINDER / constraints).resolve() == ROOT / "constraints.txt"
    assert (BINDER / "runtime.txt").read_text("utf-8") == "python-3.11\n"
    assert os.access(BINDER / "postBuild", os.X_OK)


def test_jupyterlab_opens_on_the_chapters(tmp_path):
    home = os.environ | {"HOME": str(tmp_path)}
    home = {name: value for name, value in home.items() if name[:7] != "JUPYTER"}
    subprocess.run([BINDER / "postBuild"], cwd=ROOT, env=home, check=True)
    done = subprocess.run(
        [sys.executable, "-m", "jupyterlab", "--show-config-json"],
        cwd=tmp_path,
        env=home,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout)
    assert shown["LabApp"]["default_url"] == PLACE
    assert shown["ServerApp"]["default_url"] == PLACE
    assert (ROOT / PLACE.removeprefix("/lab/tree/")).is_dir()
