"""What axe, the accessibility checker, finds on an open page.

Nearly all of axe's time goes into the contrast of text, and on a chapter nearly all
text is one of some thousand spans of code and letters of formulas that look alike. So
of those that look alike, axe looks at the contrast of one. Two look alike if they, and
all that they stand in, have the same names, classes and styles of their own, and the
same colours, backgrounds, opacity and font as the browser computes them.

Where axe does not say that this one is good (something lies over it, say), it looks at
all of its kind. What an SVG draws is always looked at: a mark may lie behind a text.
All other rules see every element. tests/book/test_pages.py spoils one that looks like
many, in several ways, and sees it found.
"""

import json
from pathlib import Path

from hands import ROOT

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
FIND = Path(__file__).with_suffix(".js")


def findings(page):
    """What axe finds on the page as it is.

    Returns a dict: `violations`, pairs of a rule's name and an element's HTML; how many
    `texts` there are, and how many `looks` they have.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text("utf-8"))
    source = FIND.read_text("utf-8")
    return page.evaluate(source[source.index("async") :].rstrip().removesuffix(";"))


def assert_clean(page):
    """Axe finds nothing on the page."""
    found = findings(page)["violations"]
    assert not found, json.dumps(found, indent=1)
