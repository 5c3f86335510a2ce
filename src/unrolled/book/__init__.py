"""The Sphinx side of the book.

`python -m unrolled.book SOURCE` builds it (`__main__`). As a Sphinx extension,
`unrolled.book` is made of

- `language`: what language the site and its figures speak;
- `execution`: when notebooks run again, and what they find when they run;
- `solutions`: what a solution is, and the edition that shows none;
- `outputs`: how a cell's output becomes a part of the page;
- `mathml`: how a formula is drawn;
- `code`: how code is coloured;
- `pages`: what a page loads, and what it does not;
- `sheet`: what of the theme's style sheets there is;
- `search`: what the search page looks through;
- `sharing`: how a page is found, and shown where a link to it is passed on;
- `offline`: what a reader's browser keeps of the site;
- `facts`: the fact check's page, and the way to it;
- `course`: what the instructors' pages say of the chapters.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from docutils import nodes

if TYPE_CHECKING:
    from sphinx.application import Sphinx

problems: list[str] = []
"""Every warning and error of the last build, for the summary at its end."""

english: list[str] = []
"""The words that the last build's language lacks, a line for each folder of them."""


def told_in_english() -> str:
    """Say which words the last build had to say in English."""
    rows = "".join(f"\n  {line}" for line in english)
    return f"Said in English, for these words are not translated:{rows}"


class _Collector(logging.Handler):
    """Puts what Sphinx warns about into `problems`."""

    def __init__(self, app: Sphinx) -> None:
        super().__init__(logging.WARNING)
        self._app = app

    def emit(self, record: logging.LogRecord) -> None:
        from sphinx.util.logging import is_suppressed_warning

        kind = getattr(record, "type", None)
        subtype = getattr(record, "subtype", None)
        if is_suppressed_warning(kind, subtype, self._app.config.suppress_warnings):
            return
        place = self._place(getattr(record, "location", None))
        problems.append(f"{place}{record.getMessage().strip()}")

    def _place(self, location: object) -> str:
        """Say where: Sphinx gives a page's name, with a line or without, or a node."""
        from sphinx.util.logging import get_node_location

        if not location:
            return ""
        if isinstance(location, nodes.Node):
            place = get_node_location(location) or ""
            return place.removeprefix(f"{self._app.srcdir}/").rstrip(":") + ": "
        page, line = location if isinstance(location, tuple) else (location, None)
        if page in self._app.project.docnames:
            page = self._app.project.doc2path(page, absolute=False)
        # myst-nb numbers a notebook's lines from 10000 on, for each cell.
        return f"{page}:{line}: " if line and line < 10_000 else f"{page}: "


def setup(app: Sphinx) -> dict:
    """Register everything with Sphinx."""
    from unrolled import __version__
    from unrolled.book import (
        code,
        course,
        execution,
        facts,
        language,
        mathml,
        offline,
        pages,
        search,
        sharing,
        sheet,
        solutions,
    )

    problems.clear()
    logging.getLogger("sphinx").addHandler(_Collector(app))
    language.setup(app)  # first: the others ask for the language
    execution.setup(app)
    solutions.setup(app)
    mathml.setup(app)
    code.setup(app)
    pages.setup(app)
    sheet.setup(app)
    search.setup(app)
    sharing.setup(app)
    offline.setup(app)
    facts.setup(app)
    course.setup(app)
    return {
        "version": __version__,
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
