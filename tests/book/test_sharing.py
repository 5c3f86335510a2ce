"""How pages are found and passed on, in a small book that knows its address.

It is built, and served at its path of a host that has nothing beside it.
"""

import re
import shutil
from io import BytesIO
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup
from hands import HTML, ROOT, memory
from hands.axe import assert_clean
from hands.books import build, write_book
from hands.reader import PHONE, open_page
from hands.serving import served
from PIL import Image

from unrolled import records
from unrolled.book import sharing
from unrolled.book.configure import Repository, configure

pytestmark = memory.remembered(lambda: memory.everything())

SITE = "https://someone.github.io/un-rolled"
FRONT = """---
jupytext: {text_representation: {extension: .md, format_name: myst}}
kernelspec: {name: python3, display_name: Python 3}
---

# The front

What it is, said in a line.

```{code-cell} python
:tags: [remove-cell]
import matplotlib.pyplot as plt
%config InlineBackend.figure_formats = ["svg", "png"]
```

## [1. The chapter](../notebooks/01_recurrence.md)

```{code-cell} python
---
mystnb: {image: {alt: A line that rises}}
---
plt.figure(figsize=(4, 2), facecolor="none").subplots().plot([0, 1], color="#ff0000");
```
"""
LONG = "A sentence of nine words stands here, as you see. "
OTHER = f"""# Elsewhere

{LONG * 9}

## A & B

## A & B

A [link](#a--b-1).

## 되풀이
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A book that was configured, built."""
    folder = tmp_path_factory.mktemp("site")
    chapter = "# The chapter\n\nIt begins otherwise than its record.\n"
    pages = {"book/front": FRONT, "notebooks/01_recurrence": chapter}
    write_book(folder, pages | {"book/other": OTHER})
    shutil.copy(ROOT / "CITATION.cff", folder)
    configure(folder, Repository("Someone/un-rolled"))
    done = build(folder)
    assert done.returncode == 0, done.stdout
    return folder / "_build" / "html"


def head(file):
    """What a page's head tells: by the name of a tag, and its canonical address."""
    text = file.read_text("utf-8").partition("</head>")[0]
    soup = BeautifulSoup(text, "html.parser")
    tags = soup.select("head > meta[content]:not([name=viewport], [http-equiv])")
    told = [(tag.get("name") or tag["property"], tag["content"]) for tag in tags]
    assert len(told) == len(dict(told)), "each once"
    links = [link["href"] for link in soup.select("link[rel=canonical]")]
    return dict(told) | ({"canonical": links[0]} if links else {}), soup


def test_a_page_says_what_it_is_and_has_a_card(site):
    chapter, _ = head(site / "notebooks" / "01_recurrence.html")
    line = records.record("01_recurrence").line
    url = f"{SITE}/notebooks/01_recurrence.html"
    assert chapter["description"] == chapter["og:description"] == line
    assert chapter["canonical"] == chapter["og:url"] == url
    assert chapter["og:title"] == "1. The chapter"[3:]
    assert chapter["og:type"] == "article"
    assert chapter["og:image"] == f"{SITE}/_static/cards/01_recurrence.png"

    other, _ = head(site / "book" / "other.html")
    assert other["description"] == (LONG * 4).strip(), "as many sentences as have room"
    assert other["og:image"] == f"{SITE}/_static/cards/front.png"

    front, _ = head(site / "book" / "front.html")
    assert front["description"] == "What it is, said in a line."
    assert front["og:type"] == "website"


def test_a_card_shows_the_chapters_picture(site):
    for name in ("01_recurrence", "front"):
        data = (site / "_static" / "cards" / f"{name}.png").read_bytes()
        picture = Image.open(BytesIO(data)).convert("RGB")
        assert picture.size == sharing.SIZE
        assert len(data) < 150_000
        red = sum(n for n, c in picture.getcolors(1 << 20) if c[0] > 250 > 10 > c[1])
        assert red > 500, "the line of its picture"


def test_the_root_tells_what_the_front_tells(site):
    root, soup = head(site / "index.html")
    front, _ = head(site / "book" / "front.html")
    titles = {"og:title", "og:image:alt"}
    assert {k: v for k, v in root.items() if k not in titles} == {
        k: v for k, v in front.items() if k not in titles
    }
    assert root["og:title"] == soup.title.text == "Unrolled"


def test_the_sitemap_lists_the_pages(site):
    tree = ElementTree.parse(site / "sitemap.xml").getroot()
    pages = ["book/front", "book/other", "notebooks/01_recurrence"]
    assert [one.text for one in tree.iter() if one.tag.endswith("}loc")] == [
        f"{SITE}/{page}.html" for page in pages
    ]


def test_an_address_that_leads_nowhere_is_answered_by_a_page_that_is_whole(
    site, chromium
):
    with served(site, "/un-rolled") as address:
        lost = f"{address}/notebooks/deep/12_nothing.html"
        with open_page(chromium, lost, quiet=False, **PHONE) as page:
            assert page.locator("h1").inner_text() == "There is no such page"
            form = page.locator("main .unrolled-search")
            style = form.evaluate("form => getComputedStyle(form).display")
            assert style == "flex", "it has found its style"
            assert_clean(page)
            page.set_viewport_size({"width": 1280, "height": 800})
            page.locator(".bd-links a", has_text="The chapter").click()
            page.wait_for_url(f"{address}/notebooks/01_recurrence.html")
            page.goto(lost)
            page.locator("main input[name=q]").fill("sentence")
            page.keyboard.press("Enter")
            page.wait_for_selector("#search-results li")


def test_every_heading_has_an_address_that_can_be_read(site):
    soup = BeautifulSoup(
        (site / "book" / "other.html").read_text("utf-8"), "html.parser"
    )
    ids = [one["id"] for one in soup.select("article section")]
    assert ids == ["elsewhere", "a-b", "a-b-2", "되풀이"]
    assert soup.find("a", string="link")["href"] == "#a-b-2"
    assert [a["href"] for a in soup.select(".page-toc a")] == [
        "#a-b",
        "#a-b-2",
        "#되풀이",
    ]


# --- this book, which may know no address


def test_every_page_has_a_description_of_its_own():
    pages = [*HTML.glob("book/**/*.html"), *HTML.glob("notebooks/*.html")]
    assert len(pages) > 20
    said = {}
    for page in [*pages, *HTML.glob("*.html")]:
        told, _ = head(page)
        if page.name != "index.html" or page.parent != HTML:  # the front's
            said.setdefault(told["description"], []).append(page.name)
        assert 25 <= len(told["description"]) <= sharing.LONGEST, page
        assert ("canonical" in told) == ("og:image" in told)
    assert all(len(names) == 1 for names in said.values()), said


def test_no_address_is_made_up():
    """Without one there are no cards and no sitemap."""
    known = (HTML / "sitemap.xml").exists()
    assert known == (HTML / "_static" / "cards").exists()
    for page in HTML.rglob("*.html"):
        assert ("canonical" in head(page)[0]) == known or {"_static", "404.html"} & {
            *page.parts
        }


def test_a_description_is_cut_between_sentences_or_words():
    assert sharing.shortened("One. Two.", 20) == "One. Two."
    assert sharing.shortened("One. Two. Three four five.", 20) == "One. Two."
    assert sharing.shortened("One, e.g. two. Three four.", 20) == "One, e.g. two."
    assert sharing.shortened("one two three four five", 12) == "one two …"


@pytest.mark.parametrize(
    "repo, site",
    [
        ("Someone/un.rolled", "https://someone.github.io/un.rolled/"),
        ("Someone/someone.github.io", "https://someone.github.io/"),
    ],
)
def test_a_repository_has_a_site(repo, site):
    assert Repository(repo).site == site


def test_only_a_pages_own_addresses_are_rooted():
    page = (
        '<a href="#x"></a><a href="https://a.b/c"></a><a href="mailto:a@b"></a>'
        '<a href="book/a.html#b"></a><script src="./_static/a.js"></script>'
        '<html data-content_root="./">'
    )
    assert re.findall(r'"([^"]*)"', sharing.rooted(page, "https://a.b/c/d/")) == [
        "#x",
        "https://a.b/c",
        "mailto:a@b",
        "/c/d/book/a.html#b",
        "/c/d/_static/a.js",
        "/c/d/",
    ]
