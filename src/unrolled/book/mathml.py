"""How a formula is drawn: TeX to MathML when the book is built.

KaTeX, which sphinxcontrib-katex brings, reads the TeX; a small JavaScript engine that
installs from PyPI (dukpy) runs it, so no Node is needed. A page then needs no script
for its formulas. They are set in STIX Two Math (ziamath brings it, under the SIL Open
Font License), cut down to those of `CHARACTERS` that the pages have.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from html import unescape
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from docutils import nodes
from sphinx.locale import _
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

from unrolled.book.execution import digest
from unrolled.letters import cut_down, packed

if TYPE_CHECKING:
    from fontTools.ttLib import TTFont
    from sphinx.application import Sphinx
    from sphinx.config import Config
    from sphinx.writers.html5 import HTML5Translator

FONT = "unrolled-math.woff2"
_FORMULA = re.compile("<math.*?</math>", re.DOTALL)
_LOGGER = logging.getLogger(__name__)


# TeX to MathML


class TexError(ValueError):
    """A formula that KaTeX cannot read."""


@cache
def _katex():
    """Return an engine that knows KaTeX."""
    import dukpy
    import sphinxcontrib

    scripts = [Path(place) / "katex.min.js" for place in sphinxcontrib.__path__]
    script = next(script for script in scripts if script.exists())
    engine = dukpy.JSInterpreter()
    engine.evaljs(
        "var module = undefined, exports = undefined;"
        + script.read_text(encoding="utf-8")
        + """
        function toMathml(tex, display) {
          try {
            return {mathml: katex.renderToString(tex, {
              output: "mathml", displayMode: display, strict: "error"})};
          } catch (error) {
            return {error: error.message};
          }
        }"""
    )
    return engine


def to_mathml(tex: str, display: bool) -> str:
    """Return the `<math>` element for a formula.

    Args:
        tex: the formula, without dollar signs.
        display: whether it stands in a line of its own.

    Raises:
        TexError: the formula is empty, or KaTeX cannot read it.
    """
    if not tex.strip():
        raise TexError("the formula is empty")
    answer = _katex().evaljs(
        "toMathml(dukpy.tex, dukpy.display)", tex=tex, display=display
    )
    if "error" in answer:
        message = answer["error"].replace("\u0332", "")  # KaTeX underlines letters
        raise TexError(message.removeprefix("KaTeX parse error: "))
    math = next(ElementTree.fromstring(answer["mathml"]).iter(f"{_NS}math"))
    for element in math.iter():
        element.tag = element.tag.removeprefix(_NS)
    _unwrap(math)
    for element in math.iter():
        _to_core(element)
    math.set("xmlns", _NS.strip("{}"))
    return ElementTree.tostring(math, encoding="unicode")


# KaTeX writes MathML 3; browsers have agreed on the smaller MathML Core.

_NS = "{http://www.w3.org/1998/Math/MathML}"
# Characters whose MathML Core operator stretches, and sits, as TeX's does.
_OPERATORS = {"\u2223": "|", "\u2225": "\u2016", "\u20d7": "\u2192"}
_VARIANTS = {
    "bold": ("BOLD",),
    "italic": ("ITALIC",),
    "bold-italic": ("BOLD ITALIC",),
    "double-struck": ("DOUBLE-STRUCK",),
    "script": ("SCRIPT",),
    "fraktur": ("FRAKTUR", "BLACK-LETTER"),
    "sans-serif": ("SANS-SERIF",),
    "monospace": ("MONOSPACE",),
}


# Elements whose children make a row by themselves.
_ROWS = frozenset(("math", "mrow", "mstyle", "msqrt", "mtd", "mpadded", "mphantom"))


def _unwrap(parent: ElementTree.Element) -> None:
    """Leave out what draws nothing: KaTeX's own TeX, and rows of one."""
    for k, child in enumerate(list(parent)):
        if child.tag == "semantics":
            child = child[0]
        _unwrap(child)
        while child.tag == "mrow" and len(child) == 1:
            child = child[0]
        parent[k] = child
    if parent.tag in _ROWS and len(parent) == 1 and parent[0].tag == "mrow":
        parent[:] = list(parent[0])


def _to_core(element: ElementTree.Element) -> None:
    """Say in MathML Core what `element` says in MathML 3."""
    if element.tag == "mo" and element.text in _OPERATORS:
        element.text = _OPERATORS[element.text]
    variants = _VARIANTS.get(element.get("mathvariant", ""))
    if variants and element.text:
        element.text = "".join(_letter(c, variants) for c in element.text)
        del element.attrib["mathvariant"]
    if element.tag == "mtable":
        _align(element)
    _space_functions(element)
    _join_signs(element)


def _join_signs(parent: ElementTree.Element) -> None:
    """Set a sign close to its number, as TeX does: b = -1, but a - 1.

    MathML Core knows a sign by its place at the beginning of a row alone.
    """
    children = list(parent)
    for before, after in zip(children, children[1:], strict=False):
        if after.tag == "mo" and after.text in ("−", "+", "±"):
            opens = before.text in tuple("=<>≤≥≈≠∈([{,;:→−+±×⋅")
            if before.tag == "mo" and opens:
                after.set("form", "prefix")


def _space_functions(parent: ElementTree.Element) -> None:
    """Set a function apart from its argument, as TeX does: log y, but log(y).

    MathML Core gives the invisible operator "function application" no room.
    """
    children = list(parent)
    for before, after in zip(children, children[1:], strict=False):
        applied = before.tag == "mo" and before.text == "\u2061"
        if applied and not (after.tag == "mo" and after.get("stretchy") == "false"):
            before.set("rspace", "0.1667em")


def _letter(character: str, variants: tuple[str, ...]) -> str:
    """Return `character` in another alphabet: R, double-struck, is U+211D."""
    name = unicodedata.name(character, "")
    for prefix in ("LATIN ", "GREEK "):
        name = name.removeprefix(prefix)
    name = name.replace("LETTER ", "")
    for variant in variants:
        for block in ("MATHEMATICAL ", ""):
            try:
                return unicodedata.lookup(f"{block}{variant} {name}")
            except KeyError:
                continue
    return character


def _align(table: ElementTree.Element) -> None:
    """Write a table's alignment and gaps into its cells: the style sheet reads them."""
    sides = table.attrib.pop("columnalign", "center").split()
    gaps = table.attrib.pop("columnspacing", "0.8em").split()
    row_gap = table.attrib.pop("rowspacing", "0.5ex").split()[0]
    for row in table:
        for column, cell in enumerate(row):
            side = sides[min(column, len(sides) - 1)]
            gap = gaps[min(column, len(gaps) - 1)]
            last = column == len(row) - 1
            cell.set("data-cell", f"{side} {row_gap} {'0' if last else gap}")


def cell_style(cell: str) -> str:
    """The style of a table's cells, from what `_align` has written into them."""
    side, height, right = cell.split()
    return (
        # Chromium aligns a cell's formula by its own word only.
        f"text-align:{side};text-align:-webkit-{side};"
        f"padding:calc({height}/2) {right} calc({height}/2) 0"
    )


# The font


def _characters() -> frozenset[int]:
    """The code points that the font of the site may have."""
    ranges = [
        (0x20, 0x7E),  # ASCII
        (0x391, 0x3A9),  # Greek capitals
        (0x3B1, 0x3C9),  # Greek
        (0x1D400, 0x1D467),  # bold and italic Latin
        (0x1D6A8, 0x1D71B),  # bold and italic Greek
    ]
    single = (
        "ϑϕϖϰϱϵ±×÷·¬°…′″‖•−∗∘√∝∞∠|∧∨∩∪∫∑∏∂∇∈∉∋∅∀∃∼≃≅≈≠≡≤≥≪≫⊂⊃⊆⊇⊕⊖⊗⊘⊙⊤⊥⋅⋆⋮⋯⋰⋱"
        "←→↑↓↔↦⇐⇒⇔⟵⟶⟹⟨⟩⌈⌉⌊⌋⟦⟧ℓℎ∣∥⏞⏟‾¯ˉˆ^˜~˙¨ˇ˘\u0302\u0303\u0304\u0307\u0308"
        "ℂℕℙℚℝℤ𝔸𝔹𝔻𝔼𝔽𝟙ℬℰℱℋℐℒℳℛ𝒜𝒞𝒟𝒢𝒥𝒦𝒩𝒪𝒫𝒬𝒮𝒯𝒰𝒱𝒲𝒳𝒴𝒵"
    )
    spaces = [0xA0, *range(0x2002, 0x200C), *range(0x2061, 0x2065)]
    found = {c for first, last in ranges for c in range(first, last + 1)}
    found |= {ord(c) for c in single} | set(spaces)
    return frozenset(c for c in found if unicodedata.name(chr(c), ""))


CHARACTERS = _characters()


def missing_characters(mathml: str) -> set[str]:
    """The characters of a formula (but not of its words) that the font lacks."""
    math = ElementTree.fromstring(mathml)
    symbols = [
        element.text or ""
        for element in math.iter()
        if element.tag in (f"{_NS}mi", f"{_NS}mo", f"{_NS}mn")
    ]
    return {c for c in "".join(symbols) if ord(c) not in CHARACTERS}


def characters_of(pages: Iterable[str]) -> frozenset[int]:
    """The code points of the formulas on pages, and of the slanted letters in them."""
    formulas = (one for page in pages for one in _FORMULA.findall(page))
    found = set(unescape(re.sub("<[^>]*>", "", "".join(formulas))))
    found |= {_letter(one, _VARIANTS["italic"]) for one in found}
    found |= {"ℎ", "√"}  # what no formula writes as a letter
    return CHARACTERS & {ord(one) for one in found}


def make_font(folder: Path, characters: frozenset[int] = CHARACTERS) -> str:
    """Write `FONT` into `folder`, unless it is there; say what it is made from."""
    from fontTools.ttLib import TTFont

    ziamath = find_spec("ziamath").submodule_search_locations[0]
    source = Path(ziamath) / "fonts" / "STIXTwoMath-Regular.ttf"
    made_from = digest([source], source.parent, repr((sorted(characters), "one root")))
    note = folder / ".made_from"
    if (folder / FONT).exists() and note.exists() and note.read_text() == made_from:
        return made_from
    folder.mkdir(parents=True, exist_ok=True)
    with TTFont(source, lazy=True, recalcTimestamp=False) as font:
        _keep_one_root(font)
        cut_down(font, characters)
        folder.joinpath(FONT).write_bytes(packed(font)[1])
    note.write_text(made_from)
    return made_from


def _keep_one_root(font: TTFont) -> None:
    """Leave the font one radical sign, high enough for a letter with its indices.

    Chromium sets every root in the room of the widest one that it might need, so that
    a gap stood behind each.
    """
    variants = font["MATH"].table.MathVariants
    place = variants.VertGlyphCoverage.glyphs.index(font.getBestCmap()[ord("√")])
    construction = variants.VertGlyphConstruction[place]
    construction.MathGlyphVariantRecord = construction.MathGlyphVariantRecord[:1]
    construction.VariantCount = 1
    construction.GlyphAssembly = None


# Sphinx


def _math(node: nodes.Element, display: bool) -> str:
    try:
        mathml = to_mathml(node.astext(), display)
    except TexError as error:
        _LOGGER.warning(
            "this formula cannot be read: %s\n    %s",
            error,
            node.astext().strip(),
            location=node,
            type="unrolled",
            subtype="math",
        )
        return ""
    missing = missing_characters(mathml)
    if missing:
        _LOGGER.warning(
            "the site's font lacks %s: add it to CHARACTERS in unrolled/book/mathml.py",
            ", ".join(f"{c} (U+{ord(c):04X})" for c in sorted(missing)),
            location=node,
            type="unrolled",
            subtype="math",
        )
    return mathml


def visit_inline(self: HTML5Translator, node: nodes.math) -> None:
    """Write a formula in a line of text."""
    self.body.append(_math(node, display=False))
    raise nodes.SkipNode


def visit_block(self: HTML5Translator, node: nodes.math_block) -> None:
    """Write a formula in a line of its own, with its number if it has one."""
    self.body.append(self.starttag(node, "div", CLASS="unrolled-formula"))
    # The box scrolls where the formula is wider than the page, by keyboard too.
    self.body.append('<div class="unrolled-formula-box" tabindex="0">')
    self.body.append(_math(node, display=True) + "</div>")
    if node["number"]:
        number = get_node_equation_number(self, node)
        self.body.append(f'<span class="eqno">({number})')
        self.add_permalink_ref(node, _("Link to this equation"))
        self.body.append("</span>")
    self.body.append("</div>\n")
    raise nodes.SkipNode


def configure(app: Sphinx, config: Config) -> None:
    """Choose this renderer."""
    config.html_math_renderer = "mathml"


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    app.connect("config-inited", configure)
