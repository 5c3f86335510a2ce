"""Write the front of every chapter from its record: `python -m unrolled.book.front`.

The front is a notebook's first cell: its title, the time that it takes, what a reader
can do after it, and what it needs. The landing page has the title again, and a line.
The record lies in `src/unrolled/checks/`; what is in it changes there, and these
follow.

How many seconds a chapter runs is measured, by the book's build. Where that is more
than twice what the record says, or less than half, the record gets what was measured.
Do this on a machine that is not busy: on one that is, a chapter can take four times as
long, which is why no test asks it.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from functools import reduce
from pathlib import Path

from unrolled import records
from unrolled.records import Prerequisite, Record, RecordError
from unrolled.words import Words

_WORDS = Words(Path(__file__).parent / "words")


def front(record: Record) -> str:
    """Return the source of a chapter's first cell."""
    time = _WORDS(
        "front.time",
        reading=_WORDS("front.duration", minutes=record.minutes),
        solving=_WORDS("front.duration", minutes=record.exercise_minutes),
        minutes=record.seconds // 60 + 1,
    )
    can = _joined("front.canMore", [one.can for one in record.objectives])
    need = _joined("front.needMore", [_needed(one) for one in record.prerequisites])
    said = f"{_WORDS('front.can', all=can)} {_WORDS('front.need', all=need)}"
    return f"# {record.title}\n\n*{time[0].upper()}{time[1:]}*\n\n{said}"


def cards(page: str) -> str:
    """Return the landing page with the titles and the lines of the records.

    Raises `RecordError` where the page has no card for a chapter: a heading that links
    to it, and a line.
    """
    for record in records.records():
        number, link = int(record.stem[:2]), f"](../notebooks/{record.stem}.ipynb)"
        card = rf"(### \[){number}\. [^]]*{re.escape(link)}\n\n.+\n"
        made = f"### [{number}. {record.title}{link}\n\n{record.line}\n"
        page, count = re.subn(card, lambda _, made=made: made, page)
        if count != 1:
            raise RecordError(
                f"book/index.md has {count} cards of {record.stem}, but must have one, "
                f"such as: {made!r}"
            )
    return page


def write(source: Path) -> list[Path]:
    """Write the fronts of the book at `source`; returns the files that changed."""
    made = {}
    for record in records.records():
        path = source / "notebooks" / f"{record.stem}.ipynb"
        notebook = json.loads(path.read_text("utf-8"))
        notebook["cells"][0]["source"] = front(record).splitlines(keepends=True)
        made[path] = json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"
    landing = source / "book" / "index.md"
    made[landing] = cards(landing.read_text("utf-8"))
    changed = [path for path, text in made.items() if text != path.read_text("utf-8")]
    for path in changed:
        path.write_text(made[path], "utf-8")
    return changed


def measured(source: Path) -> dict[str, float]:
    """Return the seconds that the build of `source` took to run a chapter, by stem.

    A chapter that was not built as it is now has none.
    """
    import nbformat
    from jupyter_cache import get_cache

    found = {}
    for folder in (source / "_build" / ".jupyter_cache").glob("*/global.db"):
        cache = get_cache(folder.parent)
        for path in (source / "notebooks").glob("*.ipynb"):
            try:
                run = cache.match_cache_notebook(nbformat.read(path, 4))
            except KeyError:
                continue
            found[path.stem] = run.data["execution_seconds"]
    return found


def write_seconds(path: Path, seconds: float) -> bool:
    """Write into a record how long its chapter ran; False if that is known well enough.

    That is, to a factor of two.
    """
    known = records.read(path).seconds
    if known <= 2 * seconds and seconds <= 2 * known:
        return False
    text = path.read_text("utf-8")
    line = rf"\g<1>{max(1, round(seconds))}"
    path.write_text(re.sub(r'^( *"seconds": )\d+', line, text, flags=re.M), "utf-8")
    return True


def _joined(more: str, parts: list[str]) -> str:
    def join(before: str, at: int) -> str:
        last = at == len(parts) - 1
        return _WORDS(more, before=before, one=parts[at], last=last)

    return reduce(join, range(1, len(parts)), parts[0])


def _needed(one: Prerequisite) -> str:
    if one.chapter is None:
        return one.what
    number = int(one.chapter.partition("_")[0])
    return _WORDS("front.ofChapter", number=number, stem=one.chapter, what=one.what)


def main(arguments: list[str] | None = None) -> int:
    """Write the records' seconds and the fronts of the book in this folder."""
    parser = argparse.ArgumentParser(
        prog="python -m unrolled.book.front",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.parse_args(arguments)
    source = Path.cwd()
    try:
        ran = measured(source)
        for path in records.CHECKS.glob(f"*/{records.PATTERN}"):
            if path.stem in ran and write_seconds(path, ran[path.stem]):
                print(f"written: {path.name}, for it ran {ran[path.stem]:.1f} s")
        records.records.cache_clear()
        for path in write(source):
            print(f"written: {path.relative_to(source)}")
    except (records.RecordError, FileNotFoundError) as error:
        print(f"The fronts were not written. {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
