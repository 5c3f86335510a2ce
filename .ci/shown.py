"""What a published notebook shows before any of it is run: on GitHub, in Colab.

GitHub's viewer runs nothing, shows no widget, and of pictures only PNG for certain. So
the notebooks that are published have what the build has shown: what cells printed,
their tables, and their pictures as PNG, with the alternative text as text. What a page
leaves out is left out here too. A picture is the page's before anybody has touched it:
where something is asked, the question stands above it, and the answer nowhere.
"""

from __future__ import annotations

import base64
import io
import json
import shutil
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from html import escape
from pathlib import Path
from xml.etree import ElementTree

import matplotlib
import nbformat
import resvg_py
from fontTools.ttLib import TTFont
from jupyter_cache import get_cache
from PIL import Image

from unrolled.book.solutions import written
from unrolled.figures import COLOURS

LETTERS = Path(matplotlib.get_data_path(), "fonts", "ttf")
"""The fonts in which the pictures were laid out; the machine's own are not asked."""
LEFT_OUT = {"remove-cell", "remove-output"}
"""The tags of cells whose outputs no page shows."""
SVG, HTML, TEXT = "image/svg+xml", "text/html", "text/plain"
ZOOM = 1.5
"""Pixels for one of the page's: sharp enough, and a third less to carry than 2."""


def write(source: Path, names: Iterable[str]) -> Path:
    """Write notebooks of a built book with what they show; the folder they lie in."""
    build = source / "_build"
    folder = build / "shown"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in names:
        notebook = json.loads((source / name).read_text("utf-8"))
        run = run_of(build, source / name)
        if run:
            folder.joinpath(name).parent.mkdir(exist_ok=True)
            text = written(with_outputs(notebook, run))
            folder.joinpath(name).write_text(text, "utf-8")
    return folder


def run_of(build: Path, path: Path) -> dict | None:
    """Return a notebook as the build ran it, now or before; None if it is no page."""
    notebook = nbformat.read(path, 4)
    for place in build.glob(".jupyter_cache/*"):  # there is one, of the present package
        with suppress(KeyError):
            return get_cache(place).merge_match_into_notebook(notebook)[1]
    return None


def with_outputs(notebook: dict, run: dict) -> dict:
    """Return a notebook with what the same one shows that has been run."""
    shown = {cell["id"]: outputs(cell) for cell in run["cells"] if "outputs" in cell}
    cells = [
        cell | {"outputs": shown[cell["id"]]} if cell["id"] in shown else cell
        for cell in notebook["cells"]
    ]
    return notebook | {"cells": cells}


def outputs(cell: dict) -> list[dict]:
    """Return what a cell that has been run shows, where nothing can be run."""
    if LEFT_OUT & set(cell["metadata"].get("tags", [])):
        return []
    found: list[dict] = []
    for output in cell["outputs"]:
        data = output.get("data", {})
        if SVG in data:
            found += _pictured(output, cell["metadata"])
        elif data:
            found.append(
                _shown({kind: data[kind] for kind in (HTML, TEXT) if kind in data})
            )
        elif output.get("name") != "stderr":
            found.append(output)
    return found


def _shown(data: dict, **metadata: dict) -> dict:
    return {"output_type": "display_data", "data": data, "metadata": metadata}


def _pictured(output: dict, cell: dict) -> list[dict]:
    """A picture, below what is asked; its text where there is nothing to see in it."""
    explorer = output["metadata"].get(SVG, {})
    alt = explorer.get("alt") or cell["mystnb"]["image"]["alt"]
    ask = explorer.get("unrolled", {}).get("asked", {}).get("ask")
    found = [_shown({HTML: f"<p>{escape(ask)}</p>", TEXT: ask})] if ask else []
    picture = png("".join(output["data"][SVG]))
    if picture:
        width = round(Image.open(io.BytesIO(picture)).width / ZOOM)
        data = {"image/png": base64.b64encode(picture).decode(), TEXT: alt}
        found.append(_shown(data, **{"image/png": {"alt": alt, "width": width}}))
    elif alt != ask:
        found.append(_shown({TEXT: alt}))
    return found


def png(svg: str) -> bytes | None:
    """Draw a picture on paper; None if it is empty, or in letters that are not here."""
    said = "".join(ElementTree.fromstring(svg).itertext())
    if not _letters().issuperset(map(ord, said)):
        return None
    drawn = resvg_py.svg_to_bytes(
        svg,
        background=COLOURS["page"],
        zoom=ZOOM,
        dpi=96,  # as in a browser: Matplotlib's pictures are measured in points
        font_dirs=[str(LETTERS)],
        skip_system_fonts=True,
    )
    return None if Image.open(io.BytesIO(drawn)).getcolors(1) else drawn


@cache
def _letters() -> frozenset[int]:
    with TTFont(LETTERS / "DejaVuSans.ttf", lazy=True) as font:
        return frozenset(font.getBestCmap()) | frozenset(map(ord, "\n\t"))
