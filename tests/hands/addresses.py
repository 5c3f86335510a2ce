"""The addresses to which a link may lead for years: a page's headings and figures.

They are listed in tests/book/addresses.txt, a line each; test_addresses.py beside it
compares. `PYTHONPATH=tests python -m hands.addresses` adds what is new in the built
book. It takes none away: who does that by hand breaks every link to it.
"""

from functools import cache

from bs4 import BeautifulSoup

from hands import HTML, ROOT

LIST = ROOT / "tests" / "book" / "addresses.txt"
BEARERS = "article section:has(> :is(h1, h2, h3, h4, h5)), article [data-explorer]"


def listed():
    """Return the committed addresses."""
    return LIST.read_text("utf-8").splitlines()


@cache
def built():
    """Return the addresses of the built book, in the order of its pages."""
    found = []
    for page in sorted(HTML.glob("*/*.html")):
        soup = BeautifulSoup(page.read_text("utf-8"), "html.parser")
        where = page.relative_to(HTML).as_posix()
        found += [f"{where}#{bearer['id']}" for bearer in soup.select(BEARERS)]
    return found


if __name__ == "__main__":
    every = sorted({*listed(), *built()})
    print("\n".join(sorted({*built()} - {*listed()})) or "Nothing is new.")
    LIST.write_text("".join(f"{one}\n" for one in every), "utf-8")
