"""The chapters as they are published, with what the build has shown."""

import io
import json

import nbformat
import numpy as np
import pytest
import shown
from hands import ROOT, memory
from matplotlib import rc_context
from matplotlib.figure import Figure
from PIL import Image

from unrolled.book.solutions import written
from unrolled.figures import COLOURS, STYLE, to_svg

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
assert NOTEBOOKS
MOST = 1_000_000  # bytes of a notebook
PNG = "image/png"


def read(path):
    return json.loads(path.read_text("utf-8"))


def is_number(output):
    """A question that is answered by a number draws nothing."""
    told = output["metadata"].get(shown.SVG, {}).get("unrolled", {}).get("told", {})
    return "_task" in told and told["_task"]["rule"].get("form") == "number"


@memory.remembered(lambda: [*memory.everything(), ROOT / ".ci" / "shown.py"])
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_chapter_shows_all_of_its_pictures_and_is_otherwise_as_it_was(book, path):
    notebook, run = read(path), shown.run_of(ROOT / "_build", path)
    assert any(cell.get("outputs") for cell in run["cells"])
    made = shown.with_outputs(notebook, run)
    nbformat.validate(made)
    assert len(written(made).encode()) <= MOST
    pairs = [pair for pair in zip(made["cells"], run["cells"], strict=True)]
    for cell, ran in pairs:
        if cell["cell_type"] == "code":
            assert cell["id"] == ran["id"]
            out = shown.LEFT_OUT & {*cell["metadata"].get("tags", [])}
            wanted = [
                one
                for one in ran["outputs"]
                if shown.SVG in one.get("data", {}) and not out and not is_number(one)
            ]
            found = [one for one in cell["outputs"] if PNG in one.get("data", {})]
            assert len(found) == len(wanted), cell["id"]
            cell["outputs"] = []
    assert made == notebook


def ink(picture):
    """Where a picture is not paper: left, top, right and bottom, in pixels."""
    rows, columns = np.nonzero(np.asarray(picture.convert("L")) < 128)
    return columns.min(), rows.min(), columns.max(), rows.max()


@pytest.mark.parametrize("letters", ["−1", "∂", "$\\nabla_h$", "ρ₁·⁻⁶", "½’→", "$w^2$"])
def test_letters_stand_where_matplotlib_has_put_them(letters):
    with rc_context(STYLE):
        figure = Figure((2, 1), facecolor=COLOURS["page"])
        figure.text(0.1, 0.4, letters, fontsize=24)
        svg, drawn = to_svg(figure, box=None), io.BytesIO()
        figure.savefig(drawn, dpi=96 * shown.ZOOM)
    made, meant = (Image.open(one) for one in (io.BytesIO(shown.png(svg)), drawn))
    assert made.size == meant.size
    np.testing.assert_allclose(ink(made), ink(meant), atol=2)


def said_of(figure, **told):
    """What is shown, in words, of an explorer's figure of which this is told."""
    output = {"output_type": "display_data", "metadata": {shown.SVG: told}}
    output["data"] = {shown.SVG: to_svg(figure, box=None)}
    made = shown.outputs({"outputs": [output], "metadata": {}})
    return [one["data"]["text/plain"] for one in made]


def test_a_picture_in_letters_that_are_not_here_is_said():
    """They would be missing in it, whatever the machine has."""
    figure = Figure()
    figure.text(0.5, 0.5, "기울기")
    assert said_of(figure, alt="A slope.") == ["A slope."]


def test_a_question_about_a_number_is_its_text():
    told = {"asked": {"ask": "How much?", "show": "Show", "answer": "Half."}}
    assert said_of(Figure(), alt="How much?", unrolled=told) == ["How much?"]
