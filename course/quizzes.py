"""Make quizzes of the questions that the chapters ask on their pages: `make quizzes`.

    python course/quizzes.py [CHAPTER ...] [--to FOLDER]

Of every chapter, or of those that are named, by stem or number, it writes
`NN_name.zip`, a quiz in QTI 1.2, which Canvas, Moodle and others import; and of all of
them one table, `questions.csv`.

A choice is a question. A table of words or of shapes is one for each of its rows. What
is set in a figure, or picked in one, cannot be asked elsewhere and is left out. What a
reader is told to an answer is what the check says to it, so that a quiz and the page
say the same; QTI tells of a number only whether it is right.
"""

import argparse
import csv
import io
import json
import re
import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from assignments import AssignmentError, chapters

from unrolled import records
from unrolled.words import Words

HERE = Path(__file__).parent
ROOT = HERE.parent
WORDS = Words(HERE / "words")


@dataclass(frozen=True)
class Asked:
    """What a quiz asks once.

    name : the chapter's stem and the check's name, with the row if it has rows.
    text : Markdown, with formulas between dollars. options : what there is to choose
    from, each with what is said to it; none where something is to be written. right :
    the right option, or number, or the ways to write what is right. within : how far
    off a number may be.
    """

    name: str
    title: str
    text: str
    options: tuple[tuple[str, str], ...]
    right: str | float | tuple[str, ...]
    said: str = ""
    within: float = 0


# The bank


def bank(record, folder=ROOT / "notebooks"):
    """Return the questions of a chapter, in the order in which it asks them."""
    (room,) = (one.parent.name for one in records.CHECKS.glob(f"*/{record.stem}.json"))
    module = import_module(f"unrolled.checks.{room}")
    cells = json.loads((folder / f"{record.stem}.ipynb").read_text("utf-8"))["cells"]
    found, before = [], ""
    for cell in cells:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            before = source
            continue
        asked = re.match(r"(?:\w+ = )?Question\((check|predict)\.(\w+)", source)
        if asked:
            where = module if asked[1] == "check" else module.predict
            task = getattr(where, asked[2]).task
            if "bars" not in task.rule:  # they are drawn
                found += _questions(task, record.stem, _text(before))
    return found


# Before a question: its heading, and that what is written is read by no check.
_BEFORE = r"^### .*\n+|^This one is open:[^.]*\.\s*|\*\*Then write(?:.|\n)*"


def _text(markdown):
    """What a question says before it asks."""
    text = re.sub(_BEFORE, "", markdown, flags=re.M).strip()
    text = text.partition("**Predict.**")[2].strip() or text
    return re.sub(r"\[([^]]+)\]\([^)]+\)|<[^>]+>", r"\1", text)


def _questions(task, stem, text):
    words = task.told()
    name, form = f"{stem}.{task.name}", words["rule"]["form"]
    title, ask = words["label"], words["ask"]
    asked = text if ask in text else f"{text}\n\n{ask}"

    def said(answer):
        found = task.outcome(answer)
        return found.said.removeprefix(words["words"][found.verdict]).strip()

    if form == "choice":
        told = {key: said(key) for key in task.rule["options"]}
        options = tuple((words["options"][key], told[key]) for key in told)
        right = words["options"][task.right]
        return [Asked(name, title, asked, options, right, said(task.right))]
    if form == "number":
        within = task.rule["within"]
        return [Asked(name, title, asked, (), task.right, said(task.right), within)]
    rows, labels, made = task.right, words.get("rows", {}), []
    for row, right in rows.items():
        one = {"name": f"{name}: {row}", "title": title}
        one["text"] = f"{asked}\n\n**{labels.get(row, row)}**"
        if form == "shapes":
            shape = ", ".join(map(str, right))
            comma = "," * (len(right) == 1)
            ways = (f"({shape}{comma})", f"({shape})", shape)
            made.append(Asked(**one, options=(), right=tuple(dict.fromkeys(ways))))
            continue
        told = {
            key: said(rows | {row: key}).removeprefix(f"{row}: ")
            for key in dict.fromkeys(rows.values())
        }
        told[right] = ""  # the check says it of the whole table alone
        options = tuple((words["options"][key], told[key]) for key in told)
        made.append(Asked(**one, options=options, right=words["options"][right]))
    return made


# QTI


def quiz(record, questions):
    """Return the quiz as text2qti reads it."""
    title = WORDS("quiz.title", title=record.title)
    parts = [f"Quiz title: {title}\nQuiz description: {WORDS('quiz.description')}\n"]
    for number, one in enumerate(questions, 1):
        lines = [f"Title: {_plain(one.title)}", _item(f"{number}.", one.text)]
        if one.said and not one.options:
            lines.append(_item("+", one.said))
        for letter, (option, said) in zip("abcdefgh", one.options, strict=False):
            lines.append(_item(f"{'*' * (option == one.right)}{letter})", option))
            lines += [_item("...", said)] if said else []
        if isinstance(one.right, tuple):
            lines += [f"* {way}" for way in one.right]
        elif not one.options:
            lines.append(f"= {one.right:.4f} +- {one.within}")
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def _item(mark, text):
    """A part of a quiz: what follows its first line is indented as its text is."""
    head = f"{mark} "
    return head + formulas(text).replace("\n", "\n" + " " * len(head))


_SIGNS = {"tanh": "tanh", "log": "log", "ell": "ℓ", "infty": "∞", "dots": "…"}
_SIGNS |= {"alpha": "α", "lambda": "λ", "rho": "ρ", "sigma": "σ"}
_SIGNS |= {"approx": "≈", "le": "≤", "ge": "≥", "ne": "≠", "to": "→"}
_SIGNS |= {"times": "×", "cdot": "·", "odot": "⊙"}


def formulas(markdown):
    """Markdown with its formulas in plain signs: not every system can draw others."""
    return re.sub(r"\$([^$]+)\$", lambda found: _formula(found[1]), markdown)


def _formula(tex):
    def sign(found):
        if found[1] not in _SIGNS:
            raise AssignmentError(
                f"a quiz cannot say the formula {tex!r}: add \\{found[1]} to the signs "
                "in course/quizzes.py, or ask without it"
            )
        return _SIGNS[found[1]]

    text = re.sub(r"\\([a-zA-Z]+)", sign, tex.replace("\\,", " "))
    text = text.replace("-", "−")
    text = re.sub(r"_\{([^}]+)\}|_(\w)", r"<sub>\1\2</sub>", text)
    text = re.sub(r"\^\{([^}]+)\}|\^(\w)", r"<sup>\1\2</sup>", text)
    return re.sub(r"(?<![\w<>/])([A-Za-zρ])(?!\w)", r"<em>\1</em>", text)


def _plain(text):
    return re.sub(r"[$`*]", "", text)


def zipped(record, questions):
    """Return the quiz as QTI 1.2, the bytes of a zip."""
    from text2qti.config import Config
    from text2qti.qti import QTI
    from text2qti.quiz import Quiz

    made = Quiz(quiz(record, questions), config=Config(), source_name=record.stem)
    return QTI(made).zip_bytes()


def table(questions):
    """Return the questions as CSV: a row for each."""
    most = max(len(one.options) for one in questions)
    numbered = [
        f"{what}_{n}" for n in range(1, most + 1) for what in ("option", "said")
    ]
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["name", "title", "text", "right", "within", "said", *numbered])
    for one in questions:
        right = one.right if not isinstance(one.right, tuple) else one.right[0]
        pairs = [part for pair in one.options for part in pair]
        row = [one.name, one.title, one.text, right, one.within or "", one.said, *pairs]
        writer.writerow(row)
    return file.getvalue()


def write(folder, named=()):
    """Write the quizzes of the chapters that are named; return questions by stem."""
    wanted = {one.stem: (one, bank(one)) for one in chapters(named)}
    files = {f"{stem}.zip": zipped(*pair) for stem, pair in wanted.items()}
    every = [one for _, found in wanted.values() for one in found]
    files["questions.csv"] = table(every).encode()
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return {stem: found for stem, (_, found) in wanted.items()}


def main(arguments=None):
    """Write them, and say so; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("chapters", metavar="CHAPTER", nargs="*", help="or all")
    parser.add_argument("--to", type=Path, default=Path("dist", "quizzes"))
    given = parser.parse_args(arguments)
    try:
        made = write(given.to, given.chapters)
    except ModuleNotFoundError as error:
        print(
            f"No quizzes were made. {error}: make quizzes installs it", file=sys.stderr
        )
        return 1
    except (AssignmentError, records.RecordError, OSError) as error:
        print(f"No quizzes were made. {error}", file=sys.stderr)
        return 1
    print(f"Made, in {given.to}:")
    for stem, questions in made.items():
        print(f"  {stem}: {len(questions)} questions")
    return 0


if __name__ == "__main__":
    sys.exit(main())
