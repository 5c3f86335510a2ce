"""The book on paper: `python -m unrolled.book.paper SITE PDF [--browser PATH]`.

Of the built site's pages one document is made, which a Chromium prints: a title, the
contents, and every page that the side bar lists, in its order. On paper nothing can be
pressed: figures are the pictures that they open with, code that is folded away is left
out, and the answers to what a chapter asks stand at its end. What is wider than a page
is set smaller until it fits.

It is printed twice. Only the first print can say on which pages things are.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from html import escape
from pathlib import Path
from posixpath import normpath
from typing import TYPE_CHECKING

from unrolled import __version__
from unrolled.words import Words

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag
    from playwright.sync_api import Page

WORDS = Words(Path(__file__).parent / "words")
STYLE = Path(__file__).parent / "templates" / "paper.css"
WIDTH = 642  # CSS pixels between the margins, which paper.css says
CONTROLS = (
    "script, template, button, noscript, .headerlink, .unrolled-answers, "
    ".facts-choices, .tag_hide-input details.hide"
)
UNKNOWN = "000"
"""A number of a page that is not known yet takes as much room as one that is."""

# Sets smaller what would be cut off; returns what is still wider than the page.
FIT = """wide => {
  const boxes = '.unrolled-formula-box, .pst-scrollable-table-container, .output';
  for (const box of document.querySelectorAll(`${boxes}, :is(p, li):has(> math)`)) {
    const share = box.clientWidth / box.scrollWidth;
    if (share < 1) for (const one of box.children) one.style.zoom = share * 0.99;
  }
  return [...document.querySelectorAll('main *')].filter(one => {
    if (one.closest('svg, math') || !one.clientWidth) return false;
    const { left, right } = one.getBoundingClientRect();
    return Math.max(right, left + one.scrollWidth) > wide + 1;
  }).map(one => one.outerHTML.slice(0, 200));
}"""


# One document of many pages


def pages(site: Path) -> list[str]:
    """The book's pages in the order of the side bar."""
    front = site / "index.html"
    address = re.search(r'url=([^"]+)"', front.read_text("utf-8"))
    start = address[1] if address else "index.html"
    beside = Path(start).parent.as_posix()
    links = _soup(site / start).select(".bd-docs-nav a.internal")
    found = [one["href"].partition("#")[0] for one in links]
    return [start, *(normpath(f"{beside}/{one}") for one in found if one)]


def _soup(file: Path) -> BeautifulSoup:
    from bs4 import BeautifulSoup

    return BeautifulSoup(file.read_text("utf-8"), "html.parser")


def _name(address: str, names: dict[str, str], page: str) -> str | None:
    """Where a link of a page leads in the document; None if it leads nowhere there."""
    if re.match(r"[a-z]+:", address):
        return address
    file, _, anchor = address.partition("#")
    target = normpath(f"{Path(page).parent.as_posix()}/{file}") if file else page
    if target not in names:
        return None
    anchor = anchor.partition(":")[0]  # of a figure and its settings, the figure
    return f"#{names[target]}-{anchor}" if anchor else f"#{names[target]}"


def article(site: Path, page: str, names: dict[str, str]) -> Tag:
    """What a page says, with ids that are its own in the whole book."""
    text = str(_soup(site / page).select_one("article > section, article"))
    prefix = f"{names[page]}-"
    text = re.sub(r"(\sid=\")", rf"\g<1>{prefix}", text)
    text = re.sub(r"(url\(#|xlink:href=\"#)", rf"\g<1>{prefix}", text)
    from bs4 import BeautifulSoup

    found = BeautifulSoup(text, "html.parser")
    for control in found.select(CONTROLS):
        control.decompose()
    for link in found.select("a[href]"):
        target = _name(link["href"], names, page)
        if target is None:
            link.unwrap()
        else:
            link["href"] = target
    for use in found.select("use[href^='#']"):
        use["href"] = f"#{prefix}{use['href'][1:]}"
    _answers_last(found, prefix)
    return found


def _answers_last(page: BeautifulSoup, prefix: str) -> None:
    """Put what can be unfolded on the site at the end, and say there where it is."""
    last = _made(
        f'<section class="paper-answers"><h2 id="{prefix}answers"></h2></section>'
    )
    last.h2.string = WORDS("paper.answers")
    before, _, after = escape(WORDS("paper.see", page=UNKNOWN)).partition(UNKNOWN)
    title = None
    for k, folded in enumerate(page.select("details")):
        folded.summary.extract()
        folded.name = "div"
        asked = folded.find_parent(class_="unrolled-asked")
        heading = (asked or folded).find_previous(["h2", "h3"])
        place = folded.find_parent(class_="tag_solution") or folded
        said = (asked.p if asked else heading).get_text()
        if said != title:  # a solution and its reasons are one answer
            title, anchor = said, f"{prefix}answer-{k}"
            last.section.append(_made(f'<h3 id="{anchor}">{escape(title)}</h3>'))
            see = f'{before}<span class="paper-page">{UNKNOWN}</span>{after}'
            see = f'<p class="paper-see"><a href="#{anchor}">{see}</a></p>'
            place.insert_before(_made(see))
        last.section.append(place.extract())
    if title:
        page.append(last)


def _made(html: str) -> BeautifulSoup:
    from bs4 import BeautifulSoup

    return BeautifulSoup(html, "html.parser")


def contents(articles: dict[str, Tag]) -> str:
    """The table of contents: every page, and its sections."""
    rows = []
    for name, page in articles.items():
        rows.append((1, name, page.h1.get_text()))
        for heading in page.select("h2"):
            anchor = heading.get("id") or heading.find_parent("section")["id"]
            rows.append((2, anchor, heading.get_text()))
    return "".join(
        f'<li class="paper-level-{level}"><a href="#{anchor}"><span>{escape(title)}'
        f'</span><span class="paper-page">{UNKNOWN}</span></a></li>'
        for level, anchor, title in rows
    )


def document(site: Path, only: list[str] | None = None) -> str:
    """The whole book as one HTML document, or `only` some of its pages."""
    front, *others = pages(site)
    names = {one: "p-" + Path(one).stem.replace("_", "-") for one in only or others}
    articles = {names[page]: article(site, page, names) for page in names}
    head = _soup(site / front)
    title = head.h1.find(string=True)
    line = head.select_one("article p").get_text()
    version = WORDS("paper.version", version=__version__)
    style = site.resolve().joinpath("_static", "book.css").as_uri()
    running = "".join(
        f"@page {name} {{ @top-left {{ content: {json.dumps(page.h1.get_text())} }} }}"
        f"#{name} {{ page: {name} }}"
        for name, page in articles.items()
    )
    body = "".join(
        f'<div class="paper-chapter" id="{name}">{page}</div>'
        for name, page in articles.items()
    )
    return (
        f'<!DOCTYPE html><html lang="{head.html["lang"]}" data-theme="light"><head>'
        f'<meta charset="utf-8"><title>{escape(title)}</title>'
        f'<link rel="stylesheet" href="{style}">'
        f"<style>{STYLE.read_text('utf-8')}{running}</style></head><body>"
        f'<main class="bd-article"><header class="paper-title"><h1>{escape(title)}</h1>'
        f"<p>{escape(line)}</p><p>{escape(WORDS('paper.note'))}</p>"
        f"<p>{escape(version)}</p></header>"
        f'<nav class="paper-contents"><h2>{escape(WORDS("paper.contents"))}</h2>'
        f"<ul>{contents(articles)}</ul></nav>{body}</main></body></html>"
    )


# Printing


def numbers(pdf: bytes, anchors: list[str]) -> dict[str, int]:
    """On which page of a PDF each anchor is that a link of it leads to."""
    import pypdfium2

    raw = pypdfium2.raw
    read = pypdfium2.PdfDocument(pdf)
    found = {}
    for anchor in anchors:
        target = raw.FPDF_GetNamedDestByName(read, anchor.encode())
        if target:
            found[anchor] = raw.FPDFDest_GetDestPageIndex(read, target) + 1
    read.close()
    return found


NUMBER = """numbers => {
  for (const one of document.querySelectorAll('.paper-page'))
    one.textContent = numbers[decodeURIComponent(one.closest('a').hash.slice(1))] ?? '';
}"""
ANCHORS = """() => [...document.querySelectorAll('a:has(.paper-page)')]
  .map(one => decodeURIComponent(one.hash.slice(1)))"""


def open_document(page: Page, text: str, place: Path) -> list[str]:
    """Open the document as it will be printed; return what would be cut off."""
    place.write_text(text, "utf-8")
    page.set_viewport_size({"width": WIDTH, "height": 900})
    page.emulate_media(media="print", color_scheme="light")
    page.goto(place.resolve().as_uri())
    page.evaluate("document.fonts.ready")
    return page.evaluate(FIT, WIDTH)


def print_document(page: Page) -> tuple[bytes, int]:
    """Print the document that is open; return the PDF and how many pages it has."""
    import pypdfium2

    options = {"prefer_css_page_size": True, "print_background": True}
    first = page.pdf(**options)
    known = numbers(first, page.evaluate(ANCHORS))
    page.evaluate(NUMBER, known)
    pdf = page.pdf(**options, outline=True, tagged=True)
    if numbers(pdf, list(known)) != known:
        raise RuntimeError("the numbers of pages have moved what they count")
    return pdf, len(pypdfium2.PdfDocument(pdf))


def main(arguments: list[str] | None = None) -> int:
    """Print the book, and say how many pages it has; the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m unrolled.book.paper", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("site", type=Path, help="the built site")
    parser.add_argument("pdf", type=Path, help="what to write")
    parser.add_argument("--browser", help="Chromium; or Playwright's own")
    given = parser.parse_args(arguments)
    if not (given.site / "index.html").is_file():
        print(f"There is no book in {given.site} to print: make book", file=sys.stderr)
        return 1
    from playwright.sync_api import sync_playwright

    half = given.pdf.with_suffix(".html")
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=given.browser, args=["--no-sandbox"]
            )
            page = browser.new_page()
            page.set_default_timeout(0)
            cut = open_document(page, document(given.site), half)
            pdf, count = (b"", 0) if cut else print_document(page)
            browser.close()
    finally:
        half.unlink(missing_ok=True)
    if cut:
        rows = "\n  ".join(cut)
        print(f"Nothing was printed. Wider than a page:\n  {rows}", file=sys.stderr)
        return 1
    given.pdf.write_bytes(pdf)
    print(f"The book is printed: {given.pdf} ({count} pages, {len(pdf) / 1e6:.1f} MB).")
    return 0


if __name__ == "__main__":
    sys.exit(main())
