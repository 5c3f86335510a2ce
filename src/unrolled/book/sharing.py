"""How a page is found, and what is shown where a link to it is passed on.

Every page has a description: a chapter's is the line of its record, another's its first
words. The site's root leads to the landing page, and `404.html` is a page for addresses
that lead nowhere.

Where the site's address is known, which is where its repository is configured (or
`html: baseurl` is set in _config.yml), a page also has its canonical address and a
card, a picture with its title and, for a chapter, its picture on the landing page; the
site has a sitemap; and `404.html` finds its parts from wherever it is shown. An address
that is not known is not made up: without one these are left out.
"""

from __future__ import annotations

import base64
import io
import json
import re
import shutil
import textwrap
from collections.abc import Iterator
from html import escape
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import quote, urlparse

from docutils import nodes

from unrolled import records
from unrolled.book.configure import read
from unrolled.book.execution import PACKAGE, digest
from unrolled.book.language import FURNITURE

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from sphinx.application import Sphinx
    from sphinx.config import Config

ROOT, LOST = "index", "404"
ABOUT = {"genindex": "about.index", "search": "about.search", LOST: "about.lost"}
CARDS = "cards"
SIZE = 1200, 630  # pixels of a card
LONGEST = 200  # letters of a description
KEPT = "unrolled-png"
"""What keeps a cell's picture as PNG, in Sphinx's own copy of a page."""


def configure(app: Sphinx, config: Config) -> None:
    """Take the site's address from the repository, unless it is given."""
    repository = read(Path(app.srcdir))
    if repository and not config.html_baseurl:
        config.html_baseurl = repository.site
    if config.html_baseurl and not config.html_baseurl.endswith("/"):
        config.html_baseurl += "/"


# What stands in the head of a page


def shortened(text: str, most: int = LONGEST) -> str:
    """As many of a text's sentences as have room, or of its words if none has."""
    if len(text) <= most:
        return text
    sentences = re.match(rf".{{1,{most - 1}}}[.!?](?=\s)", text)
    return sentences[0] if sentences else text[: most - 2].rpartition(" ")[0] + " …"


def description(name: str, page: nodes.document | None) -> str:
    """Say what a page is for."""
    stem = PurePosixPath(name).name
    if page is None:
        return FURNITURE(ABOUT[stem]) if stem in ABOUT else ""
    lines = {one.stem: one.line for one in records.records()}
    paragraphs = (" ".join(p.astext().split()) for p in page.findall(nodes.paragraph))
    return lines.get(stem) or shortened(next(paragraphs, ""))


def _tags(told: dict[str, str]) -> str:
    """Meta tags, by name or, those that are for who is sent a link, by property."""
    return "".join(
        f'\n    <meta {"property" if name.startswith("og:") else "name"}="{name}" '
        f'content="{escape(text)}" />'
        for name, text in told.items()
        if text
    )


def describe(
    app: Sphinx, name: str, template: str, context: dict, doctree: nodes.document | None
) -> None:
    """Write what search engines, and those who are sent a link, are told of a page."""
    root = app.config.root_doc
    if name == ROOT != root:
        name, doctree = root, app.env.get_doctree(root)
    title = re.sub(r"<[^>]*>", "", str(context.get("title", "")))
    said = description(name, doctree)
    base = app.config.html_baseurl
    url = f"{base}{quote(name)}.html" if base and name != LOST else None
    context["pageurl"] = url
    told = {"description": said, "og:title": title, "og:description": said}
    told["og:type"] = "website" if name == root else "article"
    told["og:site_name"] = app.config.html_title
    if url:
        card = _file(name if name in _cards(app) else root)
        told |= {"og:url": url, "og:image": f"{base}_static/{CARDS}/{card}"}
        told["og:image:width"], told["og:image:height"] = map(str, SIZE)
        told |= {"og:image:alt": title, "twitter:card": "summary_large_image"}
    context["metatags"] = context.get("metatags", "") + _tags(told)


# Cards


def keep_picture(node: nodes.Element, output: dict[str, str]) -> None:
    """Keep beside what shows a cell's picture the same as PNG, if the cell made one.

    Those of the landing page do: a card is made of it.
    """
    if "image/png" in output:
        node[KEPT] = output["image/png"]


def pictures(front: nodes.document) -> Iterator[tuple[str, str, bytes]]:
    """The chapters that the landing page shows: page, title, and picture as PNG."""
    for section in front.findall(nodes.section):
        elements = list(section.findall(nodes.Element))
        links = [one for one in section[0].findall(nodes.Element) if "reftarget" in one]
        kept = [one[KEPT] for one in elements if KEPT in one]
        if links and len(kept) == 1:
            title = section[0].astext()
            yield links[0]["reftarget"], title, base64.b64decode(kept[0])


def _cards(app: Sphinx) -> dict[str, tuple[str, str, bytes]]:
    """What is on each page's card: title, line and picture. The front has the first."""
    if not hasattr(app, "unrolled_cards"):
        root, cards = app.config.root_doc, {}
        front = app.env.get_doctree(root)
        for name, title, picture in pictures(front):
            page = app.env.get_doctree(name)
            cards[name] = title, description(name, page), picture
        first = next(iter(cards.values()), (None, None, b""))
        own = app.config.html_title, description(root, front), first[-1]
        app.unrolled_cards = {root: own} | cards
    return app.unrolled_cards


def _file(name: str) -> str:
    return f"{PurePosixPath(name).name}.png"


def card(title: str, line: str, picture: bytes) -> Figure:
    """Draw a card: a picture (PNG, if there is one), below it a title and a line."""
    from matplotlib.figure import Figure
    from PIL import Image

    colours = json.loads((PACKAGE / "tokens.json").read_text("utf-8"))["light"]
    figure = Figure((SIZE[0] / 100, SIZE[1] / 100), dpi=100, facecolor=colours["page"])
    rows = [
        *((row, 0.12, 33, "bold", "ink") for row in textwrap.wrap(title, 37)),
        *((row, 0.07, 20, "normal", "soft") for row in textwrap.wrap(line, 66)),
    ]
    y = 0.09
    for row, height, size, weight, colour in reversed(rows):
        figure.text(
            0.06,
            y,
            row,
            family="DejaVu Sans",
            size=size,
            weight=weight,
            color=colours[colour],
            parse_math=False,
        )
        y += height
    if picture:
        above = figure.add_axes((0.06, y + 0.03, 0.88, 0.89 - y), anchor="W")
        drawn = Image.open(io.BytesIO(picture)).convert("RGBA")
        above.imshow(drawn.crop(drawn.getchannel("A").getbbox()), resample=True)
        above.axis("off")
    return figure


def write_cards(app: Sphinx) -> None:
    """Write the cards, each drawn once for what is on it."""
    drawn = Path(app.outdir).parent / ".cards"
    place = Path(app.outdir, "_static", CARDS)
    for folder in (drawn, place):
        folder.mkdir(parents=True, exist_ok=True)
    for name, (title, line, picture) in _cards(app).items():
        what = digest([Path(__file__)], PACKAGE, f"{title}\n{line}\n{picture!r}")
        file = drawn / f"{what}.png"
        if not file.exists():
            options = {"optimize": True}
            card(title, line, picture).savefig(file, pil_kwargs=options)
        shutil.copy(file, place / _file(name))


# The site's other files


def other_pages(app: Sphinx) -> Iterator[tuple[str, dict, str]]:
    """The root, which leads to the landing page, and the page for what is not there."""
    root = app.config.root_doc
    if root != ROOT:
        yield (
            ROOT,
            {"title": app.config.html_title, "front": f"{root}.html"},
            "root.html",
        )
    yield LOST, {"title": FURNITURE("lostTitle")}, "lost.html"


_RELATIVE = re.compile(
    r'(\s(?:href|src|action|data-content_root)=")(?!#|/|[a-z][a-z+.-]*:)([^"]*)'
)


def rooted(page: str, base: str) -> str:
    """A page whose own addresses begin at the root of the host, as `base` says."""
    place = urlparse(base).path
    return _RELATIVE.sub(lambda m: f"{m[1]}{place}{m[2].removeprefix('./')}", page)


def sitemap(base: str, names: list[str]) -> str:
    """The sitemap of the pages that have these names."""
    rows = "".join(
        f"<url><loc>{base}{quote(name)}.html</loc></url>\n" for name in names
    )
    schema = "http://www.sitemaps.org/schemas/sitemap/0.9"
    head = '<?xml version="1.0" encoding="utf-8"?>\n'
    return f'{head}<urlset xmlns="{schema}">\n{rows}</urlset>\n'


def write(app: Sphinx, exception: Exception | None) -> None:
    """Write what needs the site's address, where that is known."""
    base = app.config.html_baseurl
    if exception or app.builder.format != "html":
        return
    out = Path(app.outdir)
    for made in (out / "_static" / CARDS, out / "sitemap.xml"):
        shutil.rmtree(made) if made.is_dir() else made.unlink(missing_ok=True)
    if base:
        write_cards(app)
        names = sorted(app.env.found_docs)
        out.joinpath("sitemap.xml").write_text(sitemap(base, names), "utf-8")
        lost = out / f"{LOST}.html"
        lost.write_text(rooted(lost.read_text("utf-8"), base), "utf-8")


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.connect("config-inited", configure)
    app.connect("html-collect-pages", other_pages)
    app.connect("html-page-context", describe)
    # after the style sheet has been named in the pages
    app.connect("build-finished", write, priority=950)
