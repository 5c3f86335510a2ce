"""A picture that takes the page's colours.

`inline` prepares an SVG file to stand inside a page: its colours from the light
palette of `tokens.json` become custom properties (so the picture follows the page
into the dark), its ids and its style sheet are its own, it has a name, the page's style
sheet knows its natural width, and its marks are placed to a hundredth of a unit, where
no eye can tell: they weigh half as much.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

TOKENS = Path(__file__).resolve().parent / "tokens.json"

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
_COLOUR = re.compile(r"(?<!url\()#[0-9a-fA-F]{6}\b")
_REFERENCE = re.compile(r"url\(\s*['\"]?#([^)'\"]+)['\"]?\s*\)")
_MARKS = (f"{{{_SVG}}}path", f"{{{_SVG}}}use")
_LONG = re.compile(r"-?\d+\.\d{3,}")
_RULE = re.compile(r"([^{}]+)(\{[^{}]*\})")

ElementTree.register_namespace("", _SVG)
ElementTree.register_namespace("xlink", _XLINK)


@cache
def palette() -> dict[str, str]:
    """The light palette turned round: from a colour to its token."""
    tokens = json.loads(TOKENS.read_text(encoding="utf-8"))["light"]
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
    """
    root = ElementTree.fromstring(source)
    fine = _is_fine(root)
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag == f"{{{_SVG}}}metadata":
                parent.remove(child)
    for element in root.iter():
        for name, value in element.attrib.items():
            if name == "id":
                value = prefix + value
            elif name in ("href", f"{{{_XLINK}}}href"):
                value = f"#{prefix}{value[1:]}" if value.startswith("#") else value
            else:
                value = _REFERENCE.sub(rf"url(#{prefix}\1)", recolour(value))
                if element.tag in _MARKS and not fine:
                    value = _LONG.sub(_rounded, value)
            element.set(name, value)
        if element.tag == f"{{{_SVG}}}style" and element.text:
            element.text = recolour(_scope(element.text, f"#{prefix}svg"))
    root.set("id", f"{prefix}svg")
    root.set("role", "img")
    root.set("aria-label", alt)
    if "width" in root.attrib:
        root.set("style", f"--natural:{root.get('width')}")
    return ElementTree.tostring(root, encoding="unicode")


def _scope(style: str, root: str) -> str:
    """Make the rules of `style` hold below the element `root` only.

    Matplotlib writes `*{stroke-linejoin: round}`; on a page that would be everything.
    """

    def scoped(rule: re.Match) -> str:
        selectors = (f"{root} {part.strip()}" for part in rule[1].split(","))
        return ", ".join(selectors) + rule[2]

    return _RULE.sub(scoped, style)
