"""Each notebook alone in an empty folder, with the versions that Colab has.

`make test` keeps an environment with the versions of colab.txt in `.venv-colab`. Each
notebook gets one of its own on top of it, in which nothing else is installed. The
notebooks are those of the branch that `make publish` pushes, here to a folder, for git
takes that for GitHub's address. There a notebook installs the helper package in its own
first cell and runs to its end. pip may ask no index, so a cell that wants anything
beside this package fails. The first chapter runs as it is published; the others name
the branch's commit, for which pip has the package in its cache.
"""

import json
import os
import re
import subprocess
import sys

import nbformat
import publish
import pytest
from anywidget import AnyWidget
from hands import ROOT, memory
from hands.copies import copy_house, git
from hands.reader import KINDS

from unrolled.book.configure import Repository, configure, setup_cell

COLAB = ROOT / ".venv-colab"
ASKED = ROOT / "tests" / "places" / "colab.txt"
RUN = ASKED.with_name("run.py")
HERE = Repository("someone/unrolled", "published")
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"
SVG = "image/svg+xml"


def depends(path):
    """What a notebook's run depends on: itself, the package, and what is installed."""
    cell = [
        ROOT / "src" / "unrolled" / "book" / "configure.py",
        ROOT / publish.__file__,
        ROOT / "setup.py",
    ]
    colab = [ASKED, RUN, COLAB / "pyvenv.cfg", memory.versions(COLAB)]
    return [path, *memory.package(), *cell, *colab]


def installed(python):
    """Every distribution that a Python finds, with its version."""
    code = (
        "import importlib.metadata as m, json; "
        "print(json.dumps({d.name.lower(): d.version for d in m.distributions()}))"
    )
    done = subprocess.run([python, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, f"{done.stderr}\nmake .venv-colab/stamp makes it"
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """The working tree as it is, with what is not ignored, pushed to a folder."""
    top = tmp_path_factory.mktemp("repository")
    folder, address = top / "unrolled", top / "github"
    copy_house(folder)
    git(top, "clone", "--quiet", "--bare", folder, address)
    configure(folder, HERE)
    commit = publish.commit(folder, folder, "The book")
    publish.push(folder, str(address), {HERE.ref: commit})
    return address


@pytest.fixture(scope="module")
def pip_cache(tmp_path_factory):
    return tmp_path_factory.mktemp("pip")


@pytest.fixture
def python(tmp_path):
    """A Python of its own, for one test, that has what Colab's stand-in has."""
    own = tmp_path / "environment"
    make = [COLAB / "bin" / "python", "-m", "venv", "--without-pip", own]
    subprocess.run(make, check=True)
    (packages,) = own.glob("lib/python*/site-packages")
    below = COLAB / packages.relative_to(own)
    packages.joinpath("colab.pth").write_text(
        f"import site; site.addsitedir({str(below)!r})\n"
    )
    return own / "bin" / "python"


@pytest.fixture
def chapter(published):
    """Reads a notebook as it is published, and the commit of what it installs."""

    def read(path):
        name = path.relative_to(ROOT).as_posix()
        text = git(published, "show", f"{HERE.ref}:{name}")
        commit = git(published, "rev-parse", HERE.ref)
        notebook = nbformat.reads(text, 4)
        first = next(cell for cell in notebook.cells if cell.cell_type == "code")
        assert first.source == setup_cell(HERE)
        if path != NOTEBOOKS[0]:
            first.source = first.source.replace(f"@{HERE.ref}", f"@{commit}")
        return notebook, notebook.cells.index(first), commit

    return read


@pytest.fixture
def colab(tmp_path, python, pip_cache, published):
    """Runs a notebook there, in a folder of its own, and returns it as it is left."""
    kernel = tmp_path / "jupyter" / "kernels" / "colab"
    kernel.mkdir(parents=True)
    argv = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": "Colab", "language": "python"}
    (kernel / "kernel.json").write_text(json.dumps(spec))
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PIP_", "PYTHON", "JUPYTER", "IPYTHON", "UNROLLED"))
    } | {
        "JUPYTER_PATH": str(tmp_path / "jupyter"),
        "IPYTHONDIR": str(tmp_path / "ipython"),
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(COLAB / "wheels"),
        "PIP_CACHE_DIR": str(pip_cache),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{published.as_uri()}.insteadOf",
        "GIT_CONFIG_VALUE_0": HERE.url,
    }

    def run(notebook):
        folder = tmp_path / "alone"
        folder.mkdir()
        nbformat.write(notebook, folder / "chapter.ipynb")
        done = subprocess.run(
            [sys.executable, RUN, "chapter.ipynb", "colab"],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr[-6000:]
        assert sorted(p.name for p in folder.iterdir()) == ["chapter.ipynb"]
        return nbformat.read(folder / "chapter.ipynb", 4)

    return run


def test_the_stand_in_has_the_versions_that_are_asked_for():
    lines = ASKED.read_text("utf-8").splitlines()
    asked = dict(line.split("==") for line in lines if line and line[0] != "#")
    assert {"numpy", "torch", "ipywidgets", "ipython", "anywidget"} < set(asked)
    has = installed(COLAB / "bin" / "python")
    assert {name: has.get(name, "none").split("+")[0] for name in asked} == asked


def test_a_folder_of_its_name_does_not_stand_for_the_package(chapter, python, colab):
    """A chapter is opened from beside a copy of the book."""
    notebook, number, _ = chapter(NOTEBOOKS[-1])
    copy = "from pathlib import Path\n\nPath('unrolled', 'src').mkdir(parents=True)"
    use = "import unrolled.explorers\n\nprint(unrolled.__file__)"
    last = "import shutil\n\nshutil.rmtree('unrolled')"
    cells = [nbformat.v4.new_code_cell(source) for source in (copy, use, last)]
    notebook.cells = [cells[0], notebook.cells[number], *cells[1:]]
    done = colab(notebook)
    (said,) = done.cells[2].outputs
    assert str(python.parents[1]) in said.text


def is_explorer(model):
    return (model["model_module"], model["model_name"]) == ("anywidget", "AnyModel")


@memory.remembered(depends)
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_alone_and_leaves_living_figures(path, chapter, python, colab):
    notebook, number, commit = chapter(path)
    before = installed(python)
    assert "unrolled" not in before
    done = colab(notebook)
    after = installed(python)
    assert after.pop("unrolled", None), "its first cell has installed nothing"
    (origin,) = python.parents[1].glob("lib/*/*/unrolled-*.dist-info/direct_url.json")
    told = json.loads(origin.read_text("utf-8"))
    assert (told["url"], told["vcs_info"]["commit_id"]) == (HERE.url, commit)
    assert after == before, "it has changed what Colab has"
    said = "".join(one.get("text", "") for one in done.cells[number].outputs)
    assert "ERROR" not in said, said

    models = done.metadata.get("widgets", {}).get(STATE, {}).get("state", {})
    for reference in set(re.findall(r"IPY_MODEL_(\w+)", json.dumps(models))):
        assert reference in models, "the state names a model that it does not have"
    outputs = [output for cell in done.cells for output in cell.get("outputs", [])]
    views = [one for one in outputs if VIEW in one.get("data", {})]
    live = [one for one in views if is_explorer(models[one.data[VIEW]["model_id"]])]
    shown = [
        one for one in outputs if "unrolled" in one.get("metadata", {}).get(SVG, {})
    ]
    assert shown == live
    if any("import" in c.source and ".explorers" in c.source for c in done.cells):
        assert shown, "no explorer is shown"
    for output in shown:
        explorer = output.metadata[SVG]["unrolled"]
        cls = KINDS[explorer["explorer"]]
        assert "<svg" in output.data[SVG]
        assert output.metadata[SVG]["alt"]
        state = models[output.data[VIEW]["model_id"]]["state"]
        own = set(cls.class_traits(sync=True)) - set(AnyWidget.class_traits())
        assert own > {"name", "_room"}
        assert own | {"_esm", "_css", "_anywidget_id", "layout"} <= set(state)
        assert state["_esm"] == str(cls._esm)
        assert state["_css"].count("url(data:font/woff;base64,") == 2, "its letters"
        assert state["name"] == explorer["name"]
        assert state["_room"]["name"] == explorer["explorer"]
