"""When notebooks run again, and what they find when they run.

jupyter-cache knows a run by the notebook's code cells alone. So that a change of the
helper package or of a dependency never leaves a stale output behind, the cache lives
in a folder named by a digest of what the notebooks import. The name is a
configuration value: when it changes, Sphinx reads every page again.

Notebooks that have to run do so together, one to a core, before Sphinx reads them one
after another. One that fails then fails once more when Sphinx runs it, which tells why.
"""

from __future__ import annotations

import hashlib
import logging
import os
import platform
import shutil
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_cache import get_cache
from jupyter_cache.executors import load_executor

from unrolled.words import language

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config
    from sphinx.environment import BuildEnvironment

PACKAGE = Path(__file__).resolve().parents[1]
LIBRARIES = (
    "anywidget",
    "ipykernel",
    "ipython",
    "ipywidgets",
    "matplotlib",
    "nbclient",
    "numpy",
    "torch",
    "traitlets",
)


def digest(paths: Iterable[Path], root: Path, extra: str = "") -> str:
    """Sixteen hexadecimal digits from files' names (below `root`) and contents."""
    total = hashlib.sha256(extra.encode())
    for path in sorted(paths):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{path.relative_to(root).as_posix()} {content}\n".encode())
    return total.hexdigest()[:16]


def installed_versions() -> dict[str, str]:
    """The versions that a notebook's numbers and pictures may depend on."""
    versions = {"python": platform.python_version()}
    for name in LIBRARIES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            versions[name] = "none"
    return versions


def execution_digest(
    package: Path, versions: Mapping[str, str], spoken: str = "en"
) -> str:
    """What a run depends on beside its notebook.

    That is the Python of the helper package at `package` (without `book/`, which no
    notebook imports, and without tests), its data (words, programs, tokens, results,
    rows), the libraries' versions and the language spoken.
    """
    paths = [
        path
        for pattern in ("*.py", "*.json", "program.txt")
        for path in package.rglob(pattern)
        if path.relative_to(package).parts[0] != "book"
        and "tests" not in path.relative_to(package).parts
    ]
    return digest(paths, package, repr((sorted(versions.items()), spoken)))


def configure(app: Sphinx, config: Config) -> None:
    """Name the cache, forget older ones, and tell the kernels that this is a book."""
    caches = Path(app.srcdir) / "_build" / ".jupyter_cache"  # of all editions
    cache = caches / execution_digest(PACKAGE, installed_versions(), language())
    for other in caches.glob("*"):
        if other != cache:
            shutil.rmtree(other) if other.is_dir() else other.unlink()
    config.nb_execution_mode = "cache"
    config.nb_execution_cache_path = str(cache)
    config.unrolled_reading = digest((PACKAGE / "book").glob("*.py"), PACKAGE)
    os.environ["UNROLLED_BOOK"] = "1"


def run_together(app: Sphinx, env: BuildEnvironment, documents: list[str]) -> None:
    """Run what is about to be read and has not run, and put it into the cache."""
    paths = [str(env.doc2path(name)) for name in documents]
    cache = get_cache(app.config.nb_execution_cache_path)
    known = [cache.add_nb_to_project(one) for one in paths if one.endswith(".ipynb")]
    waiting = cache.list_unexecuted(filter_pks=[one.pk for one in known])
    if len(waiting) < 2:
        return
    told = logging.Logger(__name__, logging.CRITICAL)  # Sphinx tells of what fails
    load_executor("temp-parallel", cache, told).run_and_cache(
        filter_pks=[one.pk for one in waiting],
        timeout=app.config.nb_execution_timeout,
    )


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    # Read every page again when the code that reads them changes.
    app.add_config_value("unrolled_reading", "", "env", types=[str])
    app.connect("config-inited", configure)
    app.connect("env-before-read-docs", run_together)
