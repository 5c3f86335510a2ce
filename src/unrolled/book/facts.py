"""The fact check's page, and the way to it from every chapter.

The page has a place for the facts, the directive `fact-check`. A chapter's section gets
a line at its end for what it decides. What the facts are, and how each comes to its
verdict, is `unrolled.facts`.
"""

from __future__ import annotations

import re
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes
from docutils.parsers.rst import Directive
from pybtex.database import parse_file
from sphinx.util import logging

from unrolled.book.language import FURNITURE
from unrolled.facts import VERDICTS, Fact, FactError, read

if TYPE_CHECKING:
    from sphinx.application import Sphinx

PAGE = "book/fact_check"
_LOGGER = logging.getLogger(__name__)


@cache
def facts() -> list[Fact]:
    """Return all facts; one that cannot be read is an error of the build."""
    try:
        return read()
    except FactError as error:
        _LOGGER.error("the fact check: %s", error)
        return []


class FactCheck(Directive):
    """All facts, with what shows some of them alone."""

    def run(self) -> list[nodes.Node]:
        config = self.state.document.settings.env.config
        bib = Path(self.state.document.settings.env.srcdir, config.bibtex_bibfiles[0])
        return [nodes.raw("", page(facts(), bib), format="html")]


def page(found: list[Fact], bib: Path) -> str:
    """Return the facts as HTML: two rows of choices, and a section for each."""
    chapters = sorted({one.stem for one in found})
    rows = [
        _choices("chapter", [(one[:2], str(int(one[:2]))) for one in chapters], found),
        _choices("verdict", [(_key(one), _word(one)) for one in VERDICTS], found),
    ]
    return (
        f'<div class="facts"><form class="facts-choices">{"".join(rows)}</form>'
        f"{''.join(_section(one, bib) for one in found)}</div>"
    )


def _key(verdict: str) -> str:
    return verdict.replace(" ", "-")


_WORDS = {
    "holds": "facts.holds",
    "holds with conditions": "facts.conditions",
    "does not hold": "facts.holdsNot",
    "undecided": "facts.undecided",
}


def _word(verdict: str) -> str:
    return FURNITURE(_WORDS[verdict])


def _choices(name: str, options: list[tuple[str, str]], found: list[Fact]) -> str:
    """A row of radio buttons; the style sheet hides what is not chosen."""
    of = [one.stem[:2] if name == "chapter" else _key(one.verdict) for one in found]
    buttons = [("all", FURNITURE("facts.all"), len(found))]
    buttons += [(value, text, of.count(value)) for value, text in options]
    labels = "".join(
        f'<label><input type="radio" name="{name}" value="{value}"'
        f"{' checked' if value == 'all' else ''}>"
        f"<span>{escape(text)} <small>{count}</small></span></label>"
        for value, text, count in buttons
    )
    legend = escape(FURNITURE(f"facts.{name}"))
    return f"<fieldset><legend>{legend}</legend>{labels}</fieldset>"


@cache
def _sources(bib: Path) -> dict[str, str]:
    """How each entry of the references is cited: the first author and the year."""
    return {
        key: FURNITURE(
            "facts.source",
            author=" ".join(one.persons["author"][0].last_names),
            more=len(one.persons["author"]) > 1,
            year=one.fields["year"],
        )
        for key, one in parse_file(bib, "bibtex").entries.items()
    }


def _text(words: str) -> str:
    """A sentence as HTML: its symbols (c_t) have an index, its code is code."""
    html = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(words))
    parts = re.split(r"(<code>.*?</code>)", html)
    symbol = r"\b([A-Za-z])_([A-Za-z0-9]+(?:−\d)?)"
    parts[::2] = [re.sub(symbol, r"<i>\1</i><sub>\2</sub>", one) for one in parts[::2]]
    return "".join(parts)


def _section(fact: Fact, bib: Path) -> str:
    link = f"../notebooks/{fact.stem}.html#{fact.section}"
    number = int(fact.stem[:2])
    decided = escape(FURNITURE("facts.decided", by=fact.by, chapter=number))
    notes = escape(FURNITURE("facts.notes", notes=", ".join(fact.notes)))
    cited = f" {escape(_sources(bib)[fact.source])}" if fact.source else ""
    kind = f'data-chapter="{fact.stem[:2]}" data-verdict="{_key(fact.verdict)}"'
    verdict = f'<strong class="fact-verdict">{escape(_word(fact.verdict))}</strong>'
    claim, korean = (_text(fact.claim[language]) for language in ("en", "ko"))
    return (  # each paragraph has an address of its own, for the search
        f'<section class="fact" id="{fact.name}" {kind}>'
        f'<p class="fact-claim">{claim}</p>'
        f'<p class="fact-claim" lang="ko" id="{fact.name}-ko">{korean}</p>'
        f'<p id="{fact.name}-why">{verdict} {_text(fact.why)}{cited}</p>'
        f'<div class="fact-foot">{notes} <a href="{link}">{decided}</a></div></section>'
    )


def link_back(app: Sphinx, doctree: nodes.document, name: str) -> None:
    """At the end of a chapter's section, name the claims that it decides."""
    here = [one for one in facts() if f"notebooks/{one.stem}" == name]
    if not here or PAGE not in app.env.found_docs:
        return
    sections = {
        key: one for one in doctree.findall(nodes.section) for key in one["ids"]
    }
    for key in dict.fromkeys(one.section for one in here):
        section = sections.get(key)
        if section is None:
            lost = ", ".join(one.name for one in here if one.section == key)
            _LOGGER.error(
                "the fact check: %s has no section %s, which decides %s",
                name,
                key,
                lost,
            )
            continue
        links = ", ".join(
            f'<a href="../{PAGE}.html#{one.name}">{_text(one.short)}</a>'
            for one in here
            if one.section == key
        )
        said = FURNITURE("facts.checked", links="\0").split("\0")
        html = f'<p class="fact-links">{escape(said[0])}{links}{escape(said[1])}</p>'
        at = next(
            (k for k, one in enumerate(section) if isinstance(one, nodes.section)),
            len(section),
        )
        section.insert(at, nodes.raw("", html, format="html"))


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.add_directive("fact-check", FactCheck)
    app.connect("doctree-resolved", link_back)
