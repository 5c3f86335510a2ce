"""What of a notebook is a solution, and the edition of the book that shows none.

A solution is a cell with the tag `solution`: its code, and why it is so. `make book
SOLUTIONS=hidden` builds an edition in which no such cell is to be found, in the pages,
in what the search looks through, or in the notebooks that a reader downloads. Chapters
are run as they are, solutions and all: their outputs are those of the other edition,
from the same cache.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes

from unrolled.book.configure import STUDENTS, Repository, read

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config

EDITIONS = ("folded", "hidden")
VARIABLE = "UNROLLED_SOLUTIONS"
"""The environment variable that chooses the edition."""
TAG = "solution"


class EditionError(ValueError):
    """There is no such edition."""


def hidden() -> bool:
    """Say whether the present build shows no solutions."""
    return os.environ.get(VARIABLE) == "hidden"


def is_solution(cell: dict) -> bool:
    """Say whether a notebook's cell is a solution, or a part of one."""
    return TAG in cell["metadata"].get("tags", [])


def without(notebook: dict) -> dict:
    """Return a notebook without its solutions."""
    return notebook | {
        "cells": [cell for cell in notebook["cells"] if not is_solution(cell)]
    }


def repository(source: Path) -> Repository | None:
    """Return the repository whose notebooks this edition opens elsewhere, or None."""
    found = read(source)
    return replace(found, ref=STUDENTS) if found and hidden() else found


def written(notebook: dict) -> str:
    """Return a notebook as the text of a file, the usual way."""
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"


def choose(edition: str, source: Path) -> Path:
    """Have the next build be of this edition; returns the folder of its `_build`.

    Each has one of its own: what another one has left could not be told from it.
    """
    if edition not in EDITIONS:
        raise EditionError(
            f"SOLUTIONS is {edition!r}, but must be folded or hidden: "
            "make book SOLUTIONS=hidden"
        )
    os.environ[VARIABLE] = edition
    return source / "_build" / "hidden" if edition == "hidden" else source


def configure(app: Sphinx, config: Config) -> None:
    """Let Sphinx know which edition its pages are of."""
    config.unrolled_solutions = EDITIONS[hidden()]


def leave_out_prose(app: Sphinx, name: str, source: list[str]) -> None:
    """Take off a page why solutions are so, before it is read.

    jupyter-cache knows a run by its code, so this one is still known.
    """
    if hidden() and app.env.doc2path(name).endswith(".ipynb"):
        notebook = json.loads(source[0])
        notebook["cells"] = [
            cell
            for cell in notebook["cells"]
            if cell["cell_type"] == "code" or not is_solution(cell)
        ]
        source[0] = json.dumps(notebook)


def leave_out_code(app: Sphinx, doctree: nodes.document) -> None:
    """Take off a page the solutions' code, and what it has shown, after the run."""
    if hidden():
        for cell in list(doctree.findall(nodes.container)):
            if f"tag_{TAG}" in cell["classes"]:
                cell.parent.remove(cell)


def take_out_of_sources(app: Sphinx, exception: Exception | None) -> None:
    """Take the solutions out of the notebooks that the pages offer."""
    if hidden():
        for path in Path(app.outdir, "_sources").rglob("*.ipynb"):
            notebook = json.loads(path.read_text("utf-8"))
            path.write_text(written(without(notebook)), "utf-8")


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.add_config_value("unrolled_solutions", EDITIONS[0], "env", types=[str])
    app.connect("config-inited", configure)
    app.connect("source-read", leave_out_prose)
    app.connect("doctree-read", leave_out_code, priority=0)
    app.connect("build-finished", take_out_of_sources)
