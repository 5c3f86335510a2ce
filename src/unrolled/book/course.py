"""What an instructor's pages say of the chapters, made from their records.

Three directives, for pages of Markdown:

- `chapters` is a table of chapters with what each takes, and of all together. It names
  them by number: `1 3-5 7-`, the last of these being all from 7 on; without, it is all.
- `chapters-in-full` has of each what students can do after it, what it needs, and its
  exercises.
- `hub-links` has for each the link by which a JupyterHub fetches and opens it.

A chapter that is no page of the book, for it is being written, is left out.
"""

from __future__ import annotations

import hashlib
import re
from functools import reduce
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes
from docutils.parsers.rst import Directive

from unrolled import records
from unrolled.book.configure import Repository
from unrolled.book.language import FURNITURE
from unrolled.book.solutions import repository

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config
    from sphinx.environment import BuildEnvironment

    from unrolled.records import Prerequisite, Record

HUB = "https://hub.example.org"
STAND_IN = Repository("owner/name")


def _said(key: str, **values: str | int | bool) -> str:
    return escape(FURNITURE(f"course.{key}", **values))


class _OfChapters(Directive):
    """A directive that knows the chapters, and where its own page lies."""

    @property
    def _env(self) -> BuildEnvironment:
        return self.state.document.settings.env

    @property
    def _chapters(self) -> dict[int, Record]:
        pages = self._env.found_docs
        return {
            int(one.stem[:2]): one
            for one in records.records()
            if f"notebooks/{one.stem}" in pages
        }

    def _link(self, stem: str, text: str) -> str:
        up = "../" * self._env.docname.count("/")
        return f'<a href="{up}notebooks/{stem}.html">{escape(text)}</a>'

    def _named(self, record: Record) -> str:
        """A link to a chapter, by its number and title."""
        return self._link(record.stem, f"{int(record.stem[:2])}. {record.title}")

    def _raw(self, html: str) -> list[nodes.Node]:
        return [nodes.raw("", html, format="html")]


class Chapters(_OfChapters):
    """What chapters take, each and together."""

    optional_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        wanted = self._wanted(self.arguments[0]) if self.arguments else self._chapters
        found = [self._chapters[number] for number in wanted]
        rows = [(self._named(one), _takes([one])) for one in found]
        if len(found) > 1:
            rows.append((_said("together"), _takes(found)))
        return self._raw(
            _table(
                ("chapter", "read", "solve", "points"),
                [(name, *takes) for name, takes in rows],
            )
        )

    def _wanted(self, said: str) -> list[int]:
        """The numbers that are named, in their order."""
        found, known = [], [str(number) for number in self._chapters]
        for part in said.split():
            first, dash, last = part.partition("-")
            last = last or (known[-1] if dash else first)
            if not {first, last} <= set(known):
                there = ", ".join(known)
                raise self.error(f"there is no chapter {part}; there are {there}")
            found += [k for k in self._chapters if int(first) <= k <= int(last)]
        return found


def _takes(chapters: list[Record]) -> tuple[str, str, str]:
    """How long chapters are read, how long one is at their exercises, their points."""
    exercises = [exercise for one in chapters for exercise in one.exercises]
    return (
        _duration(sum(one.minutes for one in chapters)),
        _duration(sum(one.exercise_minutes for one in chapters)),
        str(sum(one.points for one in exercises)),
    )


def _duration(minutes: int) -> str:
    return _said("duration", hours=minutes // 60, minutes=f"{minutes % 60:02}")


def _table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A table of HTML, each row with an address; heads are keys of words."""
    head = "".join(f'<th scope="col">{_said(one)}</th>' for one in heads)
    body = ""
    for row in rows:
        told = "".join(f"<td>{one}</td>" for one in row)
        name = hashlib.sha256(f"{rows} {told}".encode()).hexdigest()[:8]
        body += f'<tr id="p-{name}">{told}</tr>'
    return (
        '<div class="pst-scrollable-table-container" tabindex="0"><table class="table '
        f'course-table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    )


class ChaptersInFull(_OfChapters):
    """What each chapter is for, and what it asks."""

    def run(self) -> list[nodes.Node]:
        return self._raw("".join(map(self._told, self._chapters.values())))

    def _needed(self, one: Prerequisite) -> str:
        if one.chapter is None:
            return _text(one.what)
        number = FURNITURE("course.numbered", number=int(one.chapter[:2]))
        return f"{self._link(one.chapter, number)}, {_text(one.what)}"

    def _told(self, record: Record) -> str:
        can = _joined("can", [_text(one.can) for one in record.objectives])
        need = _joined("need", list(map(self._needed, record.prerequisites)))
        rows = [
            (str(k), escape(one.title), _said(one.kind), str(one.points))
            for k, one in enumerate(record.exercises, 1)
        ]
        count = len(record.exercises)
        return (
            f'<section class="course-chapter" id="chapter-{record.stem[:2]}">'
            f"<p><strong>{self._named(record)}</strong></p>"
            f"<p>{_holding('can', can)} {_holding('need', need)}</p>"
            f"<details><summary>{_said('count', count=count)}</summary>"
            f"{_table(('number', 'title', 'kind', 'points'), rows)}</details></section>"
        )


def _text(words: str) -> str:
    """A record's words as HTML."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(words))


def _joined(how: str, parts: list[str]) -> str:
    def join(before: str, at: int) -> str:
        last = at == len(parts) - 1
        return FURNITURE(f"front.{how}More", before=before, one=parts[at], last=last)

    return reduce(join, range(1, len(parts)), parts[0])


def _holding(key: str, html: str) -> str:
    """A sentence of which a part is HTML."""
    return _said(key, all="\0").replace("\0", html)


class HubLinks(_OfChapters):
    """For each chapter the link that nbgitpuller reads.

    What is not configured is stood in for, and then the links are shown, not linked.
    """

    def run(self) -> list[nodes.Node]:
        known = repository(Path(self._env.srcdir))
        used = known or STAND_IN
        hub = used if used.hub else Repository(used.repo, used.ref, HUB)
        rows = []
        for one in self._chapters.values():
            address = escape(f"{hub.pulled}/notebooks/{one.stem}.ipynb")
            shown = f"<code>{address}</code>"
            whole = f'<a href="{address}">{shown}</a>' if used.hub else shown
            rows.append((self._named(one), whole))
        said = ""
        if not used.hub:
            told = {"repository": STAND_IN.repo, "hub": HUB, "known": bool(known)}
            said = f"<p>{_said('standIn', **told)}</p>"
        return self._raw(said + _table(("chapter", "address"), rows))


def configure(app: Sphinx, config: Config) -> None:
    """Let Sphinx know what the links are made of: then the page is read again."""
    config.unrolled_repository = repr(repository(Path(app.srcdir)))


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.add_config_value("unrolled_repository", "", "env", types=[str])
    app.connect("config-inited", configure)
    app.add_directive("chapters", Chapters)
    app.add_directive("chapters-in-full", ChaptersInFull)
    app.add_directive("hub-links", HubLinks)
