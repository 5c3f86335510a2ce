"""Make notebooks to hand in of the chapters' exercises: `make assignments`.

    python course/assignments.py [CHAPTER ...] [--to FOLDER]

Of every chapter, or of those that are named, by stem or number, it writes

- `students/NN_name.ipynb`: the exercises, without solutions;
- `solutions/NN_name.ipynb`: the same with solutions, and with why they are so;
- `nbgrader/source/NN_name/NN_name.ipynb`: what nbgrader makes its versions of. The
  folder `nbgrader` is a course of it, with its configuration;
- `NN_name.zip`: all of this.

A figure that was moved and a choice that was clicked are no part of a notebook's file.
So in these notebooks an answer is a value that a cell of code holds, and the check asks
for that alone: what is graded elsewhere is what the student saw graded.

All notebooks are made before the first is written, and nothing that lies in the folder
is removed: a gradebook stays.
"""

import argparse
import ast
import json
import re
import sys
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from unrolled import records
from unrolled.book.solutions import is_solution, written
from unrolled.words import Words

HERE = Path(__file__).parent
ROOT = HERE.parent
WORDS = Words(HERE / "words")
CONFIGURATION = """\
# Of the course that Unrolled's `make assignments` has made.
c = get_config()  # noqa: F821

# What stands above a solution is the student's stub; nothing needs to take its place.
c.ClearSolutions.code_stub = {{"python": ""}}
c.ClearSolutions.text_stub = {text_stub!r}
c.ExecutePreprocessor.timeout = 120  # seconds that one cell of a submission may take
# A figure, or what may be chosen, is a picture in feedback: it would be left out there.
c.NbConvertBase.display_data_priority = ["image/svg+xml", "text/html", "image/png",
                                         "text/markdown", "text/plain"]
"""


class AssignmentError(ValueError):
    """A chapter is missing, or its exercises are not as they must be."""


@dataclass
class Exercise:
    """One exercise of a notebook, taken apart.

    text : its heading and its text. figure : the code that shows a figure or asks a
    question, or "". answer : the name that holds the answer. stub : the code that is to
    be completed. solution : the code that does so. shown : the solution's cells as the
    chapter has them, code and prose.
    """

    name: str
    record: records.Exercise
    text: str = ""
    figure: str = ""
    answer: str = ""
    stub: str = ""
    solution: str = ""
    shown: list = field(default_factory=list)

    @property
    def why(self):
        """Why the solution is so, as Markdown."""
        cells = (one for one in self.shown if one["cell_type"] == "markdown")
        return "\n\n".join(map(_unfolded, cells))


# Reading a chapter


def chapters(named):
    """Return the records of the chapters that are named, of all if none is."""
    known = {one.stem: one for one in records.records()}
    known |= {str(int(stem[:2])): one for stem, one in known.items()}
    for name in named:
        if name not in known:
            stems = ", ".join(one.stem for one in records.records())
            raise AssignmentError(
                f"there is no chapter {name!r}; there are {stems}. "
                "Write CHAPTERS=01_recurrence, or CHAPTERS=1"
            )
    wanted = {known[name].stem: known[name] for name in named}
    return list(wanted.values()) or list(records.records())


def read(record, folder):
    """Return a chapter's cells by id, and its exercises in their order."""
    path = folder / f"{record.stem}.ipynb"
    if not path.is_file():
        raise AssignmentError(f"{path} is missing, which the record names")
    cells = {}
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        cells[cell["id"]] = cell | {"source": "".join(cell["source"])}
    _check_headings(record, cells)
    found, name = [], None
    for key, cell in cells.items():
        kind, _, rest = key.partition("-")
        if kind == "exercise":
            name = rest
            found.append(Exercise(name, record.exercises[len(found)], cell["source"]))
        elif name and is_solution(cell):
            found[-1].shown.append(cell)
    try:
        for one in found:
            _take_apart(one, cells)
    except AssignmentError as error:
        raise AssignmentError(f"{path.name}, {one.name}: {error}") from None
    return cells, found


def _check_headings(record, cells):
    """Refuse a chapter whose exercises are not numbered as its record has them."""
    numbers = {}
    for key, cell in cells.items():
        if not key.startswith("exercise-"):
            continue
        heading = re.match(r"### (\d+)\. (.+)", cell["source"])
        if not heading:
            raise AssignmentError(
                f"{record.stem}.ipynb: {key} begins with {cell['source'][:30]!r}, but "
                'must with its number and title, such as "### 3. Shapes"'
            )
        number, title = int(heading[1]), heading[2]
        if number in numbers:
            raise AssignmentError(
                f"{record.stem}.ipynb: two exercises have the number {number}: "
                f"{numbers[number]!r} and {title!r}. Number them as the record does"
            )
        numbers[number] = title
    expected = {k: one.title for k, one in enumerate(record.exercises, 1)}
    if list(numbers.items()) != list(expected.items()):
        raise AssignmentError(
            f"{record.stem}.ipynb has the exercises {_told(numbers)}; its record has "
            f"{_told(expected)}"
        )


def _told(titles):
    return ", ".join(f"{number}. {title}" for number, title in titles.items())


def _take_apart(one, cells):
    """Find the stub, the solution and the name of the answer."""
    if one.record.check is None:
        return
    sources = {}
    for kind in ("try", "solution"):
        cell = cells.get(f"{kind}-{one.name}")
        if cell is None:
            raise AssignmentError(f"there is no cell {kind}-{one.name}")
        sources[kind] = cell["source"]
    given, one.answer = _checked(sources["try"], one.record.check)
    code, expression = _checked(sources["solution"], one.record.check)
    code = code.removeprefix("# @title Solution").strip("\n")
    if expression != one.answer:
        code = f"{code}\n{one.answer} = {expression}".lstrip("\n")
    one.solution = code
    one.figure = cells.get(f"explorer-{one.name}", {}).get("source", "")
    one.stub = _stub(one, given) if one.figure else given


def _checked(source, check):
    """Split code into what comes before its check, and what that is given."""
    last = ast.parse(source).body[-1]
    call = getattr(last, "value", None)
    fits = isinstance(call, ast.Call) and ast.unparse(call.func) == f"check.{check}"
    if not fits or len(call.args) != 1:
        raise AssignmentError(
            f"the last line is {source.splitlines()[-1]!r}, but must ask the check, "
            f"such as check.{check}(answer)"
        )
    before = "\n".join(source.splitlines()[: last.lineno - 1]).rstrip()
    return before, ast.get_source_segment(source, call.args[0])


def _stub(one, given):
    """The cell that holds the answer to a question, or about a figure.

    given : what the chapter's cell says, a comment: it tells what may be set.
    """
    comments = [line.removeprefix("#").removeprefix(" ") for line in given.splitlines()]
    rest = comments[0].partition(": ")[2]
    call = ast.parse(one.figure).body[0].value
    kind = ast.unparse(call.func)
    if kind == "Question":
        table = "\n".join(comments[1:]).replace(".answer = ", " = ", 1)
        options = rest.partition(" = ")[2]
        code = table if table.strip() else f"{one.answer} = None  # {options}"
        said = WORDS("answer.chosen")
    else:
        # Of what the figure was made with, all that the answer depends on.
        kept = [k for k in call.keywords if k.arg not in _SHOWING]
        lines = [f"    {ast.get_source_segment(one.figure, k)},\n" for k in kept]
        inside = "\n" + "".join(lines) if lines else ""
        code = f"{one.answer} = {kind}({inside})\n# {rest}"
        said = WORDS("answer.moved")
    if not ast.parse(code).body:
        raise AssignmentError(f"its comment says nothing to set: {comments}")
    return f"# {said}\n{code}"


_SHOWING = {"name", "exercise", "try_this", "presets", "ask"}


def _unfolded(cell):
    found = re.search(r"</summary>\s*(.*?)\s*</details>", cell["source"], re.DOTALL)
    return found[1] if found else cell["source"]


# The three notebooks


def code(name, source):
    """Return a cell of code."""
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": name,
        "metadata": {},
        "outputs": [],
        "source": source.splitlines(keepends=True),
    }


def text(name, source):
    """Return a cell of text."""
    return {
        "cell_type": "markdown",
        "id": name,
        "metadata": {},
        "source": source.splitlines(keepends=True),
    }


def notebook(cells):
    """Return a notebook of these cells."""
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {
        "cells": cells,
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def graded(cell, points=None, **what):
    """Return a cell with nbgrader's metadata: locked, a solution, or with points."""
    about = {"grade": points is not None, "locked": False, "solution": False} | what
    about |= {"schema_version": 3, "task": False, "grade_id": cell["id"]}
    about |= {"cell_type": cell["cell_type"]}
    if points is not None:
        about["points"] = points
    return cell | {"metadata": {"nbgrader": about}}


def _begun(record, cells, how):
    """The cells with which each of a chapter's notebooks begins."""
    points = sum(one.points for one in record.exercises)
    told = {"count": len(record.exercises), "points": points, "title": record.title}
    title = f"# {WORDS('title', title=record.title)}\n\n{WORDS(how, **told)}"
    setup = [cells[key]["source"] for key in ("setup", "exercises-setup")]
    return [text("title", title), code("setup", setup[0]), code("imports", setup[1])]


def _asked(one):
    """An exercise's text, with its points in the heading, and its figure."""
    heading, _, rest = one.text.partition("\n")
    worth = WORDS("points", points=one.record.points)
    cells = [text(f"exercise-{one.name}", f"{heading} ({worth})\n{rest}")]
    return cells + ([code(f"explorer-{one.name}", one.figure)] if one.figure else [])


def for_students(record, cells, exercises):
    """Return the notebook without solutions."""
    made = _begun(record, cells, "howStudents")
    for one in exercises:
        made += _asked(one)
        if one.answer:
            ask = f"check.{one.record.check}({one.answer})"
            made.append(code(f"try-{one.name}", f"{one.stub}\n\n\n{ask}"))
        if one.record.kind == "open":
            made.append(text(f"written-{one.name}", WORDS("answer.written")))
    return notebook(made)


def with_solutions(record, cells, exercises):
    """Return the notebook with solutions, which stand open."""
    made = _begun(record, cells, "howSolutions")
    _, imports = [one for one in cells.values() if one["cell_type"] == "code"][:2]
    made.insert(2, code("chapter", imports["source"]))  # a longer one may need it
    for one in exercises:
        made += _asked(one)
        for cell in one.shown:
            if cell["cell_type"] == "code":
                made.append(code(cell["id"], cell["source"]))
            else:
                made.append(text(cell["id"], _unfolded(cell)))
    return notebook(made)


def for_nbgrader(record, cells, exercises):
    """Return the notebook of which nbgrader makes the students' and the graded one."""
    title, setup, imports = _begun(record, cells, "howStudents")
    made = [title, graded(setup, locked=True), graded(imports, locked=True)]
    module = next(one for one in imports["source"] if one.endswith(" as check\n"))
    for one in exercises:
        asked, *figure = _asked(one)
        made += [asked, *(graded(cell, locked=True) for cell in figure)]
        points = one.record.points
        if one.answer:
            made += _answered(one, module)
            points = 0  # the check has given them all
        if one.record.kind == "open":
            made.append(
                graded(
                    text(f"written-{one.name}", one.why or WORDS("answer.written")),
                    points,
                    solution=True,
                )
            )
    return notebook(made)


def _answered(one, module):
    """Two cells: the stub with its solution, and what gives points for it.

    The check is imported once more, where students do not see it: theirs may be called
    otherwise by then. It says its hint on stdout, for to nbgrader whatever stands on
    stderr is a failure, and the cell's value are the points.
    """
    answer = f"{one.stub}\n\n### BEGIN SOLUTION\n{one.solution}\n### END SOLUTION"
    test = (
        f"### BEGIN HIDDEN TESTS\n{module}### END HIDDEN TESTS\n"
        f"grade = check.{one.record.check}.grade({one.answer})\n"
        "grade.tell()\n"
        "grade.points"
    )
    return [
        graded(code(f"try-{one.name}", answer), solution=True),
        graded(code(f"points-{one.name}", test), one.record.points, locked=True),
    ]


# Writing them


def made_of(record, folder=ROOT / "notebooks"):
    """Return the texts of all files that are made of a chapter, by their paths."""
    chapter = read(record, folder)
    name = f"{record.stem}.ipynb"
    stub = WORDS("answer.written")
    return {
        f"students/{name}": written(for_students(record, *chapter)),
        f"solutions/{name}": written(with_solutions(record, *chapter)),
        f"nbgrader/source/{record.stem}/{name}": written(
            for_nbgrader(record, *chapter)
        ),
        "nbgrader/nbgrader_config.py": CONFIGURATION.format(text_stub=stub),
    }


def write(folder, named=(), notebooks=ROOT / "notebooks"):
    """Write the files of the chapters that are named, and return their records."""
    wanted = chapters(named)
    files = {one.stem: made_of(one, notebooks) for one in wanted}
    for stem, made in files.items():
        for name, content in made.items():
            folder.joinpath(name).parent.mkdir(parents=True, exist_ok=True)
            folder.joinpath(name).write_text(content, "utf-8")
        with zipfile.ZipFile(folder / f"{stem}.zip", "w") as zipped:
            for name, content in made.items():
                entry = zipfile.ZipInfo(f"{stem}/{name}")  # of 1980: the same each time
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                zipped.writestr(entry, content)
    return wanted


def main(arguments=None):
    """Write them, and say so; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "chapters", metavar="CHAPTER", nargs="*", help="of all, if none"
    )
    parser.add_argument("--to", type=Path, default=Path("dist", "assignments"))
    given = parser.parse_args(arguments)
    try:
        wanted = write(given.to, given.chapters)
    except (AssignmentError, records.RecordError, OSError) as error:
        print(f"No assignments were made. {error}", file=sys.stderr)
        return 1
    print(f"Made, in {given.to}:")
    for one in wanted:
        points = sum(exercise.points for exercise in one.exercises)
        print(f"  {one.stem}: {len(one.exercises)} exercises, {points} points")
    return 0


if __name__ == "__main__":
    sys.exit(main())
