"""The figures' own letters: a font that comes with the book.

A label must not depend on the fonts of a reader's system: what fits on one machine
would be cut off on the next. So figures are set in DejaVu Sans, in which Matplotlib
lays out the book's pictures and which it brings along. Here it is cut down to
`CHARACTERS`, made as narrow as most systems' own, and packed for the browser: as files
on the site (`write_faces`), inside the style sheet in a notebook (`embedded_faces`).
"""

from __future__ import annotations

import base64
import unicodedata
from functools import cache
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fontTools.ttLib import TTFont

EM = 0.95
"""The size of a letter, as a share of DejaVu's, whose small letters are large."""

CUTS = {400: ("DejaVuSans.ttf", 0.9), 700: ("DejaVuSans-Bold.ttf", 0.86)}
"""By weight: Matplotlib's file, and the share of its letters' width that is left.

With `EM` they are as wide as Arial's."""


def _characters() -> frozenset[int]:
    """The code points that the figures' font has."""
    ranges = [
        (0x20, 0x7E),  # ASCII
        (0xC0, 0xFF),  # letters of western Europe
        (0x391, 0x3A9),  # Greek capitals
        (0x3B1, 0x3C9),  # Greek
    ]
    single = "\u00a0°±²³·¹½¾‖‘’“”–…′″\u0303⁰⁴⁵⁶⁷⁸⁹⁻ᵏⁿ₀₁₂₃₄₅₆₇₈₉←↑→↓↵∂∇∈∑−√∞≈≠≤≥⊙⋅⋯"
    found = {c for first, last in ranges for c in range(first, last + 1)}
    return frozenset(c for c in found | set(map(ord, single)) if _is_named(c))


def _is_named(code: int) -> bool:
    return bool(unicodedata.name(chr(code), ""))


CHARACTERS = _characters()


# Of any font


def cut_down(font: TTFont, characters: Iterable[int]) -> None:
    """Leave `font` what `characters` need, its copyright, and its licence."""
    from fontTools import subset

    options = subset.Options()
    options.hinting = False
    options.layout_features = []
    options.name_IDs = [0, 1, 2, 7, 13, 14]
    options.drop_tables += ["FFTM", "gasp"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=characters)
    subsetter.subset(font)


def packed(font: TTFont) -> tuple[str, bytes]:
    """Return `font` for a browser: as WOFF2, or as WOFF where Brotli is missing."""
    font.flavor = "woff2" if find_spec("brotli") else "woff"
    file = BytesIO()
    font.save(file)
    return font.flavor, file.getvalue()


# The figures'


@cache
def cut(weight: int) -> tuple[str, bytes]:
    """Return the kind of file, and the file, of the figures' font in one weight."""
    import matplotlib
    from fontTools.ttLib import TTFont

    name, width = CUTS[weight]
    file = Path(matplotlib.get_data_path(), "fonts", "ttf", name)
    with TTFont(file, lazy=True, recalcTimestamp=False) as font:
        cut_down(font, CHARACTERS)
        _condense(font, width)
        font["head"].unitsPerEm = round(font["head"].unitsPerEm / EM)
        return packed(font)


def _condense(font: TTFont, width: float) -> None:
    """Make every letter narrower; none becomes less high."""
    outlines, metrics = font["glyf"], font["hmtx"].metrics
    for name in font.getGlyphOrder():
        glyph = outlines[name]
        if glyph.isComposite():
            for part in glyph.components:
                part.x = round(part.x * width)
        elif glyph.numberOfContours > 0:
            glyph.coordinates.scale((width, 1))
            glyph.coordinates.toInt()
        advance, bearing = metrics[name]
        metrics[name] = (round(advance * width), round(bearing * width))
    for name in font.getGlyphOrder():
        outlines[name].recalcBounds(outlines)


def _face(family: str, weight: int, address: str, more: str = "") -> str:
    """The rule of a style sheet that says where the font lies. It delays nothing."""
    return (
        f'@font-face{{font-family:"{family}";font-weight:{weight};font-display:swap;'
        f'{more}src:url({address}) format("{cut(weight)[0]}")}}\n'
    )


def write_faces(folder: Path) -> str:
    """Write the font's files into `folder`; return the style sheet that names them.

    Explorers are set in "Unrolled Letters". Matplotlib measured its pictures' words in
    DejaVu Sans as it is: set in "Unrolled Pictures" they are as wide as that.
    """
    rules = []
    for weight, (_, width) in CUTS.items():
        kind, file = cut(weight)
        address = f"unrolled-letters-{weight}.{kind}"
        folder.joinpath(address).write_bytes(file)
        wide = f"size-adjust:{100 / (width * EM):.1f}%;"
        rules.append(_face("Unrolled Letters", weight, address))
        rules.append(_face("Unrolled Pictures", weight, address, wide))
    return "".join(rules)


@cache
def embedded_faces() -> str:
    """Return the style sheet that brings the font along, for a notebook."""
    rules = []
    for weight in CUTS:
        kind, file = cut(weight)
        address = f"data:font/{kind};base64,{base64.b64encode(file).decode()}"
        rules.append(_face("Unrolled Letters", weight, address))
    return "".join(rules)
