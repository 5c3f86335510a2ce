"""What gives a chapter's solutions away: their lines, and the words of their whys."""

import html
import json
import re
from functools import cache

from hands import ROOT
from unrolled.book.solutions import is_solution

LONG = 25  # letters: a shorter line may stand in any code


def _cells(stem):
    text = (ROOT / "notebooks" / f"{stem}.ipynb").read_text("utf-8")
    return json.loads(text)["cells"]


def others_than(stem):
    """What stands in a chapter's cells that are no solutions."""
    return "".join(
        "".join(one["source"]) for one in _cells(stem) if not is_solution(one)
    )


@cache
def said_nowhere_else(stem):
    """The lines of a chapter's solutions that stand in none of its other cells.

    Of prose it is the first words of every sentence.
    """
    cells, others = _cells(stem), others_than(stem)
    found = []
    for cell in filter(is_solution, cells):
        lines = "".join(cell["source"]).splitlines()
        if cell["cell_type"] == "markdown":
            plain = re.sub(r"[$`*\\<].*", "", "\n".join(lines[1:]))  # up to a symbol
            lines = re.split(r"(?<=[.:;?!])\s|\n", plain)
        lines = [line.strip() for line in lines if len(line.strip()) >= LONG]
        found += [line for line in lines if line not in others]
    assert len(found) > 10, stem
    return found


def traces(stem, text):
    """Which of them stand in a text: a page, a notebook, or plain."""
    tried = [text, html.unescape(re.sub(r"<[^>]+>", "", text)), _strings(text)]
    return [
        line for line in said_nowhere_else(stem) if any(line in one for one in tried)
    ]


def _strings(text):
    """What stands in quotes, as JSON has it: in a notebook, an index, a page's data."""
    found = re.findall(r'"(?:[^"\\\n]|\\.)*"', text)
    return "\n".join(json.loads(one, strict=False) for one in found if _is_json(one))


def _is_json(text):
    try:
        return bool(json.loads(text, strict=False))
    except ValueError:
        return False
