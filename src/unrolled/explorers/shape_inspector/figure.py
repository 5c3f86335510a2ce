"""The static picture of a recurrent module's tensors."""

import re

import matplotlib as mpl
import numpy as np
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from unrolled.figures.style import COLOURS, STYLE, new_figure

GAP = 0.7  # between the sheets of a tensor, in cells
SHORT = 0.5  # how high a cell is, as a share of its width
UNIT = 0.38  # the width of a cell, in inches
TITLE = 1.3  # room for a tensor's name, likewise
SQUARE = np.array(
    [(0.06, 0.03), (0.94, 0.03), (0.94, 0.47), (0.06, 0.47), (0.06, 0.03)]
)
CODES = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY]


def cells_of(text, shape):
    """The cells that a slice has, "output[0, 3, 0:3]": an array of indices (n, 3)."""
    grid = np.arange(np.prod(shape)).reshape(shape)
    parts = [
        slice(*map(int, part.split(":"))) if ":" in part else int(part)
        for part in re.search(r"\[(.*)\]", text)[1].split(", ")
    ]
    return np.stack(np.unravel_index(grid[tuple(parts)].ravel(), shape), axis=-1)


def outline(cells, shape, top):
    """The cells of a tensor as one path: its first axis counts sheets, from the left.

    Within a sheet the second axis counts columns, and the third rows.
    """
    sheet, column, row = np.asarray(cells).T
    left = sheet * (shape[1] + GAP) + column
    corners = np.stack([left, top - SHORT * (row + 1)], axis=-1)
    points = (corners[:, None] + SQUARE).reshape(-1, 2)
    return Path(points, CODES * len(corners))


def padded_cells(name, layout, shape):
    """Which cells lie behind the end of their sequence: an array of indices (n, 3)."""
    cells = np.argwhere(np.ones(shape))
    if layout.lengths is None or name not in ("x", "output"):
        return cells[:0]
    first, second = cells[:, 0], cells[:, 1]
    sequence, step = (first, second) if layout.batch_first else (second, first)
    return cells[step >= np.array(layout.lengths)[sequence]]


def draw(layout, shapes, *, chosen, same, words):
    """Draw each tensor as sheets of cells, and the same numbers in two of them.

    layout : an `unrolled.cells.layout.Layout`; shapes : tuples by the tensors' names.
    chosen, same : slices as Python has them; None for `same` if there is none.
    words : what the letters of the axes are called, `unrolled.words.Words`.
    """
    order = [name for name in ("output", "h_n", "c_n", "x") if name in shapes]
    marked = [text for text in (chosen, same) if text]
    width = max(10, *(a * (b + GAP) for a, b, _ in shapes.values()))
    with mpl.rc_context(STYLE):
        height = sum(SHORT * shapes[name][2] + TITLE for name in order)
        figure, axes = new_figure(UNIT * (width + 0.6), UNIT * (height + 0.9))
        top = 0.0
        for name in order:
            shape = shapes[name]
            letters = layout.axes["h_n" if name == "c_n" else name]
            said = ", ".join(letter.replace("*", "·") for letter, _ in letters)
            axes.text(0, top + 0.25, f"{name} {shape}", fontsize=11)
            axes.text(
                width, top + 0.25, said, color=COLOURS["soft"], fontsize=10, ha="right"
            )
            padding = padded_cells(name, layout, shape)
            looks = [(np.argwhere(np.ones(shape)), "zero"), (padding, "page")]
            looks += [
                (cells_of(text, shape), "accent")
                for text in marked
                if text.startswith(f"{name}[")
            ]
            for cells, colour in looks:
                if len(cells):
                    face = {"facecolor": COLOURS[colour], "edgecolor": COLOURS["faint"]}
                    axes.add_patch(
                        PathPatch(outline(cells, shape, top), lw=0.6, **face)
                    )
            top -= SHORT * shape[2] + TITLE
        told = same or words("face.nowhere")
        end = {"va": "center", "fontsize": 10}
        axes.text(0, top + 0.4, f"{chosen}  =  {told}" if same else chosen, **end)
        axes.set(xlim=(-0.2, width + 0.4), ylim=(top, top + height + 0.9))
    return figure
