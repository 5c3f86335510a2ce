"""A picture that takes the page's colours.

`inline` prepares an SVG file to stand inside a page: its colours from the light
palette of `tokens.json` become custom properties (so the picture follows the page
into the dark), its letters are set in the page's font, its ids are its own, and it has
a name. Its styles become attributes,
which a server that forbids inline styles allows. What draws nothing is left out (ids
that nothing refers to, groups of nothing but an id, blanks), and its marks are placed
to a hundredth of a unit, where no eye can tell: so it weighs half as much.
"""

from __future__ import annotations

import re
from functools import cache
from xml.etree import ElementTree

from unrolled import data

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
_COLOUR = re.compile(r"(?<!url\()#[0-9a-fA-F]{6}\b")
_REFERENCE = re.compile(r"url\(\s*['\"]?#([^)'\"]+)['\"]?\s*\)")
_LINK = re.compile(r"href=[\"']#([^\"']+)")
_TEXTS = tuple(f"{{{_SVG}}}{name}" for name in ("text", "tspan", "title", "desc"))
_FONT = re.compile(
    r"(?:(?P<style>italic|oblique) )?(?:small-caps )?(?:(?P<weight>bold|\d+) )?"
    r"(?:[\w-]+ )?(?P<size>[\d.]+px) (?P<family>.+)"
)
_MARKS = (f"{{{_SVG}}}path", f"{{{_SVG}}}use")
_LONG = re.compile(r"-?\d+\.\d{3,}")
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")

ElementTree.register_namespace("", _SVG)
ElementTree.register_namespace("xlink", _XLINK)


@cache
def palette() -> dict[str, str]:
    """The light palette turned round: from a colour to its token."""
    tokens = data.read(data.PACKAGE / "tokens.json")["light"]
    colours: dict[str, str] = {}
    for token, colour in tokens.items():
        colours.setdefault(colour.lower(), token)
    return colours


def recolour(text: str) -> str:
    """Replace the palette's colours in `text` by custom properties.

    A colour that is not in the palette stays what it is.
    """

    def replace(match: re.Match) -> str:
        token = palette().get(match[0].lower())
        return f"var(--unrolled-{token}, {match[0]})" if token else match[0]

    return _COLOUR.sub(replace, text)


def _rounded(number: re.Match) -> str:
    return f"{float(number[0]):.2f}".rstrip("0").rstrip(".")


def _is_fine(root: ElementTree.Element) -> bool:
    """Say whether a unit is large, so that a hundredth of it could be seen."""
    sizes = re.findall(r"[\d.]+", root.get("viewBox", ""))[-2:]
    return not sizes or min(map(float, sizes)) < 50


def inline(source: str, alt: str, prefix: str) -> str:
    """Return the SVG `source` as a part of a page.

    Args:
        source: the SVG file's text, as Matplotlib or an explorer wrote it.
        alt: what a reader who does not see the picture should know.
        prefix: goes before every id, and must be the picture's own on its page.

    Raises:
        xml.etree.ElementTree.ParseError: `source` is not well-formed XML.
        ValueError: it has a style sheet with rules for some of its elements.
    """
    root = ElementTree.fromstring(source)
    fine = _is_fine(root)
    _tidy(root)
    for element in root.iter():
        _to_attributes(element)
    used = set(_REFERENCE.findall(source)) | set(_LINK.findall(source))
    for element in root.iter():
        for name, value in list(element.attrib.items()):
            if name == "id":
                if value not in used:
                    del element.attrib[name]
                    continue
                value = prefix + value
            elif name in ("href", f"{{{_XLINK}}}href"):
                value = f"#{prefix}{value[1:]}" if value.startswith("#") else value
            else:
                value = _REFERENCE.sub(rf"url(#{prefix}\1)", recolour(value))
                if element.tag in _MARKS and not fine:
                    value = _LONG.sub(_rounded, value)
            element.set(name, value)
    _ungroup(root)
    root.set("id", f"{prefix}svg")
    root.set("role", "img")
    root.set("aria-label", alt)
    return ElementTree.tostring(root, encoding="unicode")


def _tidy(root: ElementTree.Element) -> None:
    """Take out what is not drawn, and hand the sheet's own style on from the root."""
    for parent in list(root.iter()):
        if parent.tag not in _TEXTS:
            parent.text = None
        for child in list(parent):
            if child.tag == f"{{{_SVG}}}metadata":
                parent.remove(child)
            elif child.tag == f"{{{_SVG}}}style":
                _inherit(root, child.text or "")
                parent.remove(child)
            elif parent.tag not in _TEXTS:
                child.tail = None


def _inherit(root: ElementTree.Element, sheet: str) -> None:
    """Matplotlib's style sheet, `*{stroke-linejoin: round}`: the root hands it on."""
    rules = _RULE.findall(sheet)
    if any(selector.strip() != "*" for selector, _ in rules):
        raise ValueError(f"its style sheet is not for all of its elements: {sheet}")
    for _, declarations in rules:
        root.set("style", f"{declarations}; {root.get('style', '')}")


def _to_attributes(element: ElementTree.Element) -> None:
    """Write an element's style as attributes: `style="fill: none"` as `fill="none"`."""
    for declaration in element.attrib.pop("style", "").split(";"):
        name, _, value = (part.strip() for part in declaration.partition(":"))
        if name == "font":  # is no attribute
            found = _FONT.fullmatch(value).groupdict().items()
            element.attrib.update({f"font-{k}": part for k, part in found if part})
        elif name:
            element.set(name, value)
    element.attrib.pop("font-family", None)


def _ungroup(parent: ElementTree.Element) -> None:
    """Leave out the groups that say nothing of what is in them."""
    for child in list(parent):
        _ungroup(child)
        if child.tag == f"{{{_SVG}}}g" and not child.attrib:
            at = list(parent).index(child)
            parent[at : at + 1] = list(child)
