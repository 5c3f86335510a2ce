"""On paper nothing is cut off, nothing can be pressed, and numbers of pages are true.

Two pages of the book are printed: a chapter with figures, questions, solutions and
padded output, and the notation, which has its widest tables and formulas.
"""

import re

import pypdfium2
import pytest
from bs4 import BeautifulSoup
from hands import HTML, memory

from unrolled.book import paper

pytestmark = memory.remembered(lambda: memory.everything())

PAGES = ["notebooks/05_gru.html", "book/notation.html"]
TITLES = ["5. The GRU: two gates", "Notation and dialects"]
SIDE = 20 / 25.4 * 72  # points of a margin, which paper.css says
HIGH = 22 / 25.4 * 72


@pytest.fixture(scope="module")
def text(book):
    return paper.document(book, PAGES)


@pytest.fixture(scope="module")
def printed(chromium, text, tmp_path_factory):
    """The PDF of the two pages, read."""
    page = chromium.new_page()
    page.set_default_timeout(0)
    place = tmp_path_factory.mktemp("paper") / "book.html"
    assert paper.open_document(page, text, place) == []
    pdf, count = paper.print_document(page)
    page.close()
    read = pypdfium2.PdfDocument(pdf)
    assert len(read) == count > 20
    yield read
    read.close()


@pytest.fixture(scope="module")
def said(printed):
    """What stands on each page, without its head and its number."""
    found, heads = [], 0
    for number, page in enumerate(printed, 1):
        rows = page.get_textpage().get_text_bounded().split("\r\n")
        above = [row for row in rows[:2] if row in (str(number), *TITLES)]
        heads += len(above) == 2
        found.append("\n".join(rows[len(above) :]))
    assert heads > 20, "a chapter's pages have its title above, and all a number"
    return found


def flat(text):
    return re.sub(r"\s|-\n|\u00ad", "", text)


def outside(page):
    """The letters of a page that are not within its margins, where Chromium cuts."""
    text = page.get_textpage()
    wide, high = page.get_size()
    found = []
    for k in range(text.count_chars()):
        left, bottom, right, top = text.get_charbox(k)
        across = left < SIDE - 1 or right > wide - SIDE + 1
        if right > left and (across or bottom < HIGH / 3 or top > high - HIGH / 3):
            found.append(text.get_text_range(k, 1))
    return "".join(found)


def test_no_letter_is_cut_off(printed):
    letters = 0
    for k, page in enumerate(printed):
        assert not outside(page), f"page {k + 1}: {outside(page)}"
        letters += page.get_textpage().count_chars()
    assert letters > 20_000


def test_all_that_is_said_is_on_paper(text, said):
    on_paper = flat("".join(said))
    soup = BeautifulSoup(text, "html.parser")
    code = soup.select("pre")
    assert len(code) > 50
    rows = [row for one in code for row in one.get_text().splitlines()]
    others = soup.select(":is(h1, h2, h3, th, dt):not(:has(math))")
    rows += [one.get_text() for one in others]
    assert len(rows) > 500
    missing = [row for row in rows if flat(row) not in on_paper]
    assert not missing


LARGE = ".bd-article div.highlight pre { font-size: 20pt !important; %s }"


@pytest.mark.parametrize(
    "style, wide",
    [
        (LARGE % "", False),  # it wraps
        (LARGE % "white-space: pre !important", True),
        (".unrolled-picture svg { max-width: none !important; width: 900px }", True),
    ],
)
def test_what_is_wider_than_a_page_is_seen_before_it_is_printed(
    chromium, text, tmp_path, style, wide
):
    page = chromium.new_page()
    other = text.replace("</style>", f"{style}</style>")
    assert bool(paper.open_document(page, other, tmp_path / "book.html")) == wide
    page.close()


def test_a_letter_that_is_cut_off_is_seen(chromium, text, tmp_path):
    page = chromium.new_page()
    left = ".paper-title { transform: translateX(-5mm) }"
    moved = text.replace("</style>", f"{left}</style>")
    assert paper.open_document(page, moved, tmp_path / "book.html") == []
    pdf = pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True))
    assert outside(pdf[0]).startswith("U")
    pdf.close()
    page.close()


def test_nothing_can_be_pressed(text):
    soup = BeautifulSoup(text, "html.parser")
    assert soup.select("button, input, summary, details, script, .headerlink") == []
    ids = [one["id"] for one in soup.select("[id]")]
    assert len(ids) == len(set(ids)) > 250
    links = [one["href"] for one in soup.select("a[href]")]
    assert len(links) > 50
    for link in links:
        assert link.startswith(("http:", "https:")) or link[1:] in ids, link


def test_every_figure_is_a_picture(text, book):
    soup = BeautifulSoup(text, "html.parser")
    places = soup.select("[data-explorer]")
    assert len(places) > 5
    assert all(place.select_one("svg[role=img]") for place in places)
    drawn = re.findall(r'(?:url\(|href=")#([^)"]+)', str(soup.select("svg")))
    ids = {one["id"] for one in soup.select("[id]")}
    assert drawn and set(drawn) <= ids, "a picture's parts are its own"


def test_the_numbers_of_pages_are_true(printed, said, text):
    soup = BeautifulSoup(text, "html.parser")
    rows = [one.span.get_text() for one in soup.select(".paper-contents a")]
    listed = flat("".join(said[1:4]))
    assert len(rows) > 25
    for row in rows:
        (number,) = re.findall(rf"{re.escape(flat(row))}(\d+)", listed)[:1] or [None]
        assert number, f"{row} has no number"
        number = re.match(r"\d{1,2}", number)[0]
        assert flat(row) in flat(said[int(number) - 1]), f"{row} is not on {number}"
    answers = re.findall(r"The answer stands on page (\d+)", "\n".join(said))
    assert len(answers) > 10
    first = min(map(int, answers))
    assert "Answers" in said[first - 1]
    assert all(first <= int(number) <= first + 12 for number in answers)


def test_the_book_s_outline_has_its_headings(printed, text):
    titles = [one.get_title() for one in printed.get_toc()]
    soup = BeautifulSoup(text, "html.parser")
    headings = soup.select(":is(h1, h2, h3, h4):not(:has(math))")
    wanted = {one.get_text() for one in headings}
    assert len(wanted) > 40
    assert wanted <= set(titles)


def test_a_heading_of_two_lines_is_whole_in_the_outline(chromium, book, tmp_path):
    text = paper.document(book, ["book/editions.html"])
    long = "A heading that is longer than a line of this paper has room for"
    page = chromium.new_page()
    text = text.replace("Editions", long)
    assert paper.open_document(page, text, tmp_path / "book.html") == []
    pdf = pypdfium2.PdfDocument(paper.print_document(page)[0])
    assert long in [one.get_title() for one in pdf.get_toc()]
    pdf.close()
    page.close()


def test_answers_stand_last_and_once(text):
    soup = BeautifulSoup(text, "html.parser")
    chapter = soup.select_one("#p-05-gru")
    (last,) = chapter.select(".paper-answers")
    assert last.find_parent().find_all(recursive=False)[-1] is last
    titles = [one.get_text() for one in last.select("h3")]
    assert all(a != b for a, b in zip(titles, titles[1:], strict=False))
    assert not [
        one for one in chapter.select(".tag_solution") if last not in one.parents
    ]


def test_where_there_is_no_book_nothing_is_printed(tmp_path, capsys):
    assert paper.main([str(tmp_path), str(tmp_path / "book.pdf")]) == 1
    assert "make book" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_the_whole_book_is_in_it():
    pages = paper.pages(HTML)
    assert pages[0] == "book/index.html"
    chapters = [
        f"notebooks/{one.name}" for one in sorted(HTML.glob("notebooks/*.html"))
    ]
    assert pages[1 : len(chapters) + 1] == chapters
    assert "book/glossary.html" in pages
