"""The index that the search page reads: what a paragraph of the book says, and where.

Sphinx's own knows pages. Here every paragraph, row of a table, heading and word of the
glossary is an entry with an address of its own: when a page is read, paragraphs and
rows get an id from their text, which stays as long as the text does. When all pages are
written, their entries are read from them: sentences, with formulas as one would type
them (h_t), without code and figures.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes

from unrolled.book.language import FURNITURE

if TYPE_CHECKING:
    from sphinx.application import Sphinx

NAME = "search-index.js"

# Addresses


_COUNTED = re.compile(
    r"id\d+"
)  # docutils' own, for a name that is taken or is no ASCII


def name_headings(app: Sphinx, doctree: nodes.document) -> None:
    """Give a heading whose id would be a number one that can be read.

    It is a heading of another language, or the second of its words on the page.
    """
    taken = set(doctree.ids)
    slugs = app.env.metadata[app.env.docname].get("myst_slugs", {})
    for section in doctree.findall(nodes.section):
        counted = section["ids"][0]
        if not _COUNTED.fullmatch(counted):
            continue
        title = section[0].astext().lower().lstrip("0123456789. ")
        words = "-".join(re.findall(r"\w+", title)) or "section"
        names = chain([words], (f"{words}-{n}" for n in count(2)))
        name = next(one for one in names if one not in taken)
        taken.add(name)
        section["ids"][0] = name
        doctree.ids[name] = doctree.ids.pop(counted)
        for slug, (line, target, title) in slugs.items():  # by it other pages link
            if target == counted:
                slugs[slug] = line, name, title
        for link in doctree.findall(nodes.reference):
            if link.get("refid") == counted:
                link["refid"] = name


def give_addresses(app: Sphinx, doctree: nodes.document) -> None:
    """Give every paragraph and row an id, unless it has one."""
    taken = set(doctree.ids)
    for paragraph in doctree.findall(nodes.paragraph):
        node = _bearer(paragraph)
        if node is None or node["ids"]:
            continue
        text = hashlib.sha256(node.astext().encode()).hexdigest()
        name = next(
            f"p-{text[:n]}" for n in range(6, 64) if f"p-{text[:n]}" not in taken
        )
        taken.add(name)
        node["ids"].append(name)


def _bearer(paragraph: nodes.paragraph) -> nodes.Element | None:
    """What bears the id of a paragraph: itself, its item of a list, or its row."""
    parent = paragraph.parent
    if isinstance(parent, nodes.entry):
        return parent.parent
    if isinstance(parent, nodes.list_item) and parent[0] is paragraph:
        return parent
    if isinstance(parent, (nodes.definition, nodes.footnote, nodes.citation)):
        return None
    return paragraph


# Entries

HEADINGS = ("h1", "h2", "h3", "h4")
BLOCKS = (*HEADINGS, "p", "li", "tr", "dt", "dd", "summary")
SKIPPED = ("svg", "script", "style", "pre", "button", "thead", "template", "aside")
VOID = ("br", "hr", "img", "input", "link", "meta", "col", "wbr", "source", "path")


class Reader(HTMLParser):
    """Reads a page into `entries`: (anchor, heading, term, text)."""

    def __init__(self) -> None:
        super().__init__()
        self.title = ""
        self.entries: list[tuple[str, str, str, str]] = []
        self._inside = False  # the article
        self._skipping = 0  # elements that are open in one that is skipped
        self._math: list[list] = []  # open elements of a formula, with their parts
        self._blocks: list[dict] = []
        self._heading = self._anchor = self._term = self._term_anchor = ""

    # The parser's events.

    def handle_starttag(self, tag: str, attributes: list) -> None:
        if tag == "article":
            self._inside = True
        if not self._inside or tag in VOID:
            return
        given = {name: value or "" for name, value in attributes}
        if self._skipping or self._is_skipped(tag, given):
            self._skipping += 1
        elif self._math or tag == "math":
            self._math.append([tag])
        elif tag == "section":
            self._anchor = given.get("id", "")
        elif tag in BLOCKS and not self._in_row():
            self._close_text()
            self._blocks.append({"tag": tag, "id": given.get("id", ""), "text": ""})
        elif tag in ("td", "th"):
            self.handle_data(" · ")

    def _in_row(self) -> bool:
        """Say whether a row of a table is open: it is one entry."""
        return bool(self._blocks) and self._blocks[-1]["tag"] == "tr"

    def _is_skipped(self, tag: str, given: dict[str, str]) -> bool:
        classes = set(given.get("class", "").split())
        named = {"cell", "headerlink", "unrolled-formula", "unrolled-explorer", "eqno"}
        return tag in SKIPPED or bool(classes & named)

    def handle_endtag(self, tag: str) -> None:
        if tag == "article":
            self._inside = False
        if not self._inside or tag in VOID:
            return
        if self._skipping:
            self._skipping -= 1
        elif self._math:
            part = self._math.pop()
            text = _said(part)
            self._math[-1].append(text) if self._math else self.handle_data(text)
        elif self._blocks and self._blocks[-1]["tag"] == tag:
            self._close_text()
            self._blocks.pop()

    def handle_data(self, data: str) -> None:
        if not self._inside or self._skipping:
            return
        if self._math:
            if data.strip():
                self._math[-1].append(data.strip())
        elif self._blocks:
            self._blocks[-1]["text"] += data

    # What a block says.

    def _close_text(self) -> None:
        """The block that is open has said something: an entry, a heading or a term."""
        if not self._blocks:
            return
        block = self._blocks[-1]
        text = " ".join(block["text"].split()).strip("· ")
        block["text"] = ""
        if not text:
            return
        if block["tag"] in HEADINGS:
            self._heading = text
            self.title = self.title or text
            self.entries.append((self._anchor, text, "", ""))
        elif block["tag"] == "dt":
            self._term, self._term_anchor = text, block["id"]
        else:
            within = any(one["tag"] == "dd" for one in self._blocks)
            ids = [one["id"] for one in reversed(self._blocks) if one["id"]]
            anchor = (ids or [self._term_anchor if within else self._anchor])[0]
            term = self._term if within else ""
            self.entries.append((anchor, self._heading, term, text))


def _said(element: list) -> str:
    """A formula, or a part of one, as one would type it."""
    tag, *parts = element
    if tag == "msub" and len(parts) == 2:
        return f"{parts[0]}_{_grouped(parts[1])}"
    if tag == "msup" and len(parts) == 2:
        return f"{parts[0]}^{_grouped(parts[1])}"
    if tag == "msubsup" and len(parts) == 3:
        return f"{parts[0]}_{_grouped(parts[1])}^{_grouped(parts[2])}"
    if tag == "mfrac" and len(parts) == 2:
        return f"{_grouped(parts[0])}/{_grouped(parts[1])}"
    if tag == "mo" and parts and parts[0] in "=<>≤≥≈≠∈+−→⊙×⋅":
        return f" {parts[0]} "
    text = ""
    for part in parts:
        apart = "_" in text[-3:] and text[-1:].isalnum() and part[:1].isalnum()
        text += f" {part}" if apart else part
    return text.replace("\u2061", " ")


def _grouped(text: str) -> str:
    return text if len(text) == 1 or text.isalnum() else f"({text.replace(' ', '')})"


def read(page: str) -> Reader:
    """Read a page."""
    reader = Reader()
    reader.feed(page)
    reader.close()
    return reader


def index(pages: Iterable[tuple[str, str]], common: list[str]) -> dict:
    """The index of pages, each an address and its text."""
    found: dict = {"pages": [], "entries": [], "common": common}
    for address, text in pages:
        page = read(text)
        if not page.entries:
            continue
        place = len(found["pages"])
        found["pages"].append([address, page.title])
        found["entries"] += [[place, *entry] for entry in page.entries]
    return found


# Sphinx


def _pages(app: Sphinx) -> Iterator[tuple[str, str]]:
    for name in sorted(app.env.found_docs):
        file = Path(app.outdir, f"{name}.html")
        if file.exists():
            yield f"{name}.html", file.read_text("utf-8")


def write(app: Sphinx, exception: Exception | None) -> None:
    """Write the index, as a script that a page opened from a file may load."""
    if exception or app.builder.format != "html":
        return
    common = FURNITURE("common").split()
    text = json.dumps(
        index(_pages(app), common), ensure_ascii=False, separators=(",", ":")
    )
    script = f"(globalThis.unrolled??={{}}).index={text};\n"
    Path(app.outdir, "_static", NAME).write_text(script, "utf-8")
    page = Path(app.outdir, "search.html")
    version = hashlib.sha256(script.encode()).hexdigest()[:8]
    named = re.sub(
        rf"({NAME})(?:\?v=\w*)?", rf"\1?v={version}", page.read_text("utf-8")
    )
    page.write_text(named, "utf-8")


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.connect("doctree-read", name_headings, priority=100)  # before lists are made
    app.connect("doctree-read", give_addresses)
    app.connect("build-finished", write)
