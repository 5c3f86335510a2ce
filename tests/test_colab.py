"""Each notebook alone in an empty folder, with the versions that Colab has.

`make test` keeps an environment with the versions of colab.txt in `.venv-colab`. There
a notebook installs the helper package in its own first cell, from a git repository that
is made of the working tree, and runs to its end. pip may ask no index, so a cell that
wants anything beside this package fails.
"""

import json
import os
import re
import shutil
import subprocess
import sys

import nbformat
import pytest
from anywidget import AnyWidget
from conftest import ROOT

from unrolled import explorers
from unrolled.book.configure import Repository, read, setup_cell

COLAB = ROOT / ".venv-colab"
PYTHON = COLAB / "bin" / "python"
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"
SVG = "image/svg+xml"
CLASSES = {
    cls.bundle: cls
    for cls in map(explorers.__dict__.get, explorers.__all__)
    if isinstance(cls, type) and issubclass(cls, explorers.Explorer)
}


def git(*arguments, cwd):
    done = subprocess.run(
        ["git", "-c", "safe.directory=*", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def installed():
    """Every distribution in Colab's stand-in with its version."""
    code = (
        "import importlib.metadata as m, json; "
        "print(json.dumps({d.name.lower(): d.version for d in m.distributions()}))"
    )
    done = subprocess.run([PYTHON, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, f"{done.stderr}\nmake .venv-colab/stamp makes it"
    return json.loads(done.stdout)


def uninstall():
    subprocess.run(
        [PYTHON, "-m", "pip", "uninstall", "--quiet", "--yes", "unrolled"],
        check=True,
        capture_output=True,
    )


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """A git repository of the working tree as it is, with what is not ignored."""
    folder = tmp_path_factory.mktemp("repository") / "unrolled"
    listed = git("ls-files", "-z", "-co", "--exclude-standard", cwd=ROOT)
    for name in listed.split("\0"):
        if name and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    git("init", "--quiet", "--initial-branch=main", cwd=folder)
    git("add", ".", cwd=folder)
    who = ["-c", "user.name=test", "-c", "user.email=test@localhost"]
    git(*who, "commit", "--quiet", "--no-gpg-sign", "-m", "As it is", cwd=folder)
    return f"git+{folder.as_uri()}@main"


@pytest.fixture
def colab(tmp_path):
    """Runs a notebook there, in a folder of its own, and returns it as it is left."""
    kernel = tmp_path / "jupyter" / "kernels" / "colab"
    kernel.mkdir(parents=True)
    argv = [str(PYTHON), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
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
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }

    def run(notebook):
        folder = tmp_path / "alone"
        folder.mkdir()
        nbformat.write(notebook, folder / "chapter.ipynb")
        command = [sys.executable, "-m", "nbconvert", "--to=notebook", "--execute"]
        command += ["--ExecutePreprocessor.kernel_name=colab", "--inplace"]
        command += ["--ExecutePreprocessor.timeout=120"]  # of a cell, in seconds
        for _ in range(2):
            done = subprocess.run(
                [*command, "chapter.ipynb"],
                cwd=folder,
                env=environment,
                capture_output=True,
                text=True,
            )
            # Where a cell shows an Output widget, as `interact` does, nbclient sends on
            # the socket that it waits on, and once in many runs then misses the answer
            # (jupyter/nbclient, issue 312): then the notebook is run again.
            if "CellTimeoutError" not in done.stderr:
                break
        assert done.returncode == 0, done.stderr[-6000:]
        assert sorted(p.name for p in folder.iterdir()) == ["chapter.ipynb"]
        return nbformat.read(folder / "chapter.ipynb", 4)

    uninstall()
    yield run
    uninstall()


def test_the_stand_in_has_the_versions_that_are_asked_for():
    lines = (ROOT / "tests" / "colab.txt").read_text("utf-8").splitlines()
    asked = dict(line.split("==") for line in lines if line and line[0] != "#")
    assert {"numpy", "torch", "ipywidgets", "ipython", "anywidget"} < set(asked)
    has = installed()
    assert {name: has.get(name, "none").split("+")[0] for name in asked} == asked


def is_explorer(model):
    return (model["model_module"], model["model_name"]) == ("anywidget", "AnyModel")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_alone_and_leaves_living_figures(path, address, colab):
    repository = read(ROOT) or Repository("someone/unrolled")
    source = setup_cell(repository)
    public = f"git+{repository.url}@{repository.ref}"
    assert source.count(public) == 1
    notebook = nbformat.read(path, 4)
    first = next(cell for cell in notebook.cells if cell.cell_type == "code")
    first.source = source.replace(public, address)

    number = notebook.cells.index(first)

    before = installed()
    assert "unrolled" not in before
    done = colab(notebook)
    after = installed()
    assert after.pop("unrolled", None), "its first cell has installed nothing"
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
        cls = CLASSES[explorer["explorer"]]
        assert "<svg" in output.data[SVG]
        assert output.metadata[SVG]["alt"]
        state = models[output.data[VIEW]["model_id"]]["state"]
        own = set(cls.class_traits(sync=True)) - set(AnyWidget.class_traits())
        assert own > {"name"}
        assert own | {"_esm", "_css", "_anywidget_id", "layout"} <= set(state)
        assert (state["_esm"], state["_css"]) == (str(cls._esm), str(cls._css))
        assert state["name"] == explorer["name"]
