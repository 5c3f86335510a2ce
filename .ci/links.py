"""Ask every link of the book to another site: `python .ci/links.py` (`make links`).

Sphinx's own check does the asking. Links that lead nowhere are written as Markdown into
_build/links.md, which is there only if there are any. A site that lets no program in,
or does not answer in time, is not counted: a reader may find it open.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

# What the check says of a site that is there, and is not to be asked by a program.
CLOSED = re.compile(r"(?:401|403|405|406|418|429|5\d\d) ")
HEAD = """\
These links of the book lead nowhere. Mend each, or take it out; a book that was moved \
has often a new place under the old title. `make links` asks again.

"""


def check(found: list[dict]) -> tuple[str, list[dict]]:
    """Return what the check comes to, in words, and the links that lead nowhere.

    found: the rows that Sphinx has written. Raises ValueError if nothing can be said,
    for not one link has been answered.
    """
    asked = [row for row in found if row["uri"].startswith("http")]
    failed = [row for row in asked if row["status"] in ("broken", "timeout")]
    broken = [
        row
        for row in failed
        if row["status"] == "broken" and not CLOSED.match(row["info"])
    ]
    if len(broken) == len(asked):
        first = broken[0]["info"] if broken else "The book has no such link."
        raise ValueError(
            f"none of {len(asked)} links has been answered. Is there a network?\n"
            f"The first: {first}"
        )
    said = f"{len(asked)} links to other sites were asked: {len(broken)} lead nowhere"
    return f"{said}, {len(failed) - len(broken)} let no program in.", broken


def ask(source: Path) -> str:
    """Have Sphinx ask every link of a book; what it has to say at last."""
    from jupyter_book.cli.main import main as jupyter_book

    build = ["build", str(source), "-qq", "--builder", "custom"]
    try:
        jupyter_book([*build, "--custom-builder", "linkcheck"], standalone_mode=False)
    except (SystemExit, RuntimeError) as error:  # also where a link leads nowhere
        return str(error.__cause__ or error).strip()
    return ""


def main() -> int:
    """Check the book in this folder; the exit status is 1 if a link leads nowhere."""
    source = Path.cwd()
    rows = source / "_build" / "linkcheck" / "output.json"
    report = source / "_build" / "links.md"
    for old in (rows, report):
        old.unlink(missing_ok=True)
    print("Asking the links of the book (some minutes).", flush=True)
    why = ask(source)
    try:
        lines = rows.read_text("utf-8").splitlines()
        said, broken = check([json.loads(line) for line in lines])
    except FileNotFoundError:
        print(f"The links were not checked: no book was read.\n{why}", file=sys.stderr)
        return 1
    except ValueError as error:
        print(f"The links were not checked: {error}", file=sys.stderr)
        return 1
    print(said)
    if broken:
        items = (f"- {row['filename']}: <{row['uri']}> {row['info']}" for row in broken)
        report.write_text(HEAD + "\n".join(items) + "\n", "utf-8")
        print(report.read_text("utf-8"))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
