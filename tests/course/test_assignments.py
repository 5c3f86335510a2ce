"""`make assignments`: what is made of the exercises, and what nbgrader makes of that.

Of every chapter it is seen here that no notebook for students has a trace of a
solution, and that the answers of the source get all points and its stubs none. With
the real nbgrader, which `make test` keeps in `.venv-nbgrader`, one chapter goes all the
way: released, handed in blank, half and full, graded, and given back.
"""

import ast
import csv
import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from contextlib import redirect_stdout

import nbformat
import pytest
from hands import ROOT, memory
from hands.solutions import said_nowhere_else, traces

from unrolled.records import record, records

sys.path.append(str(ROOT / "course"))
import assignments

CHAPTERS = [one.stem for one in records()]
GRADER = ROOT / ".venv-nbgrader"
ASKED = ROOT / "tests" / "course" / "nbgrader.txt"
COURSE = sorted(p for p in (ROOT / "course").rglob("*") if p.suffix in {".py", ".json"})
MADE = [ASKED, *COURSE, *memory.package()]


def cells(text):
    return {cell.id: cell for cell in nbformat.reads(text, 4).cells}


@pytest.fixture(scope="module", params=CHAPTERS)
def stem(request):
    return request.param


@pytest.fixture(scope="module")
def made(stem):
    """What is made of a chapter: students, solutions and source, as texts."""
    files = assignments.made_of(record(stem))
    return {
        name.partition("/")[0]: text for name, text in files.items() if stem in name
    }


def points_of(notebook):
    """Run the answers of a notebook and what gives points for them; points by name."""
    space, given = {}, {}
    for name, cell in notebook.items():
        if cell.cell_type != "code":
            continue
        tree = ast.parse(cell.source)
        last = tree.body.pop() if name.startswith("points-") else None
        with redirect_stdout(io.StringIO()):
            exec(compile(tree, name, "exec"), space)
        if last:
            value = compile(ast.Expression(last.value), name, "eval")
            given[name] = eval(value, space)
    return given


def without_regions(notebook):
    """As nbgrader does it with our configuration."""
    for cell in notebook.values():
        for what in ("SOLUTION", "HIDDEN TESTS"):
            before, begun, rest = cell.source.partition(f"### BEGIN {what}\n")
            if begun:
                _, ended, after = rest.partition(f"### END {what}")
                assert ended and "BEGIN" not in after, cell.id
                cell.source = before + after
    return notebook


def test_its_notebooks_are_valid_and_as_ruff_wants_names(stem, made, tmp_path):
    for name, text in made.items():
        nbformat.validate(nbformat.reads(text, 4))
        (tmp_path / f"{name}.ipynb").write_text(text, "utf-8")
    ruff = [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache"]
    done = subprocess.run(
        [*ruff, "--select", "E9,F63,F7,F82", tmp_path], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


def test_students_find_every_exercise_and_no_solution(stem, made):
    students = cells(made["students"])
    asked = [one for one in students if one.startswith("exercise-")]
    assert len(asked) == len(record(stem).exercises)
    for name, exercise in zip(asked, record(stem).exercises, strict=True):
        heading = students[name].source.splitlines()[0]
        assert exercise.title in heading
        assert f"({exercise.points} point" in heading
    assert traces(stem, made["students"]) == []
    assert len(traces(stem, made["solutions"])) == len(said_nowhere_else(stem))


def test_the_source_gives_all_points_and_its_stubs_none(stem, made):
    source = cells(made["nbgrader"])
    points = {
        name: cell.metadata.nbgrader.points
        for name, cell in source.items()
        if cell.metadata.get("nbgrader", {}).get("grade")
    }
    assert sum(points.values()) == sum(one.points for one in record(stem).exercises)
    graded = {name: most for name, most in points.items() if "written-" not in name}
    assert points_of(source) == graded
    blank = without_regions(cells(made["nbgrader"]))
    assert points_of(blank) == dict.fromkeys(graded, 0)
    for name, cell in blank.items():
        if name in graded:
            assert cell.metadata.nbgrader.locked and not cell.metadata.nbgrader.solution
            answer = source[name.replace("points-", "try-")].metadata.nbgrader
            assert answer.solution and not answer.locked and not answer.grade
    ids = [
        c.metadata.nbgrader.grade_id
        for c in source.values()
        if "nbgrader" in c.metadata
    ]
    assert len(ids) == len(set(ids))


def test_what_is_moved_in_a_figure_is_not_the_answer(stem, made):
    """It would be graded here, and be gone when the file is graded elsewhere."""
    for name, cell in cells(made["students"]).items():
        if not name.startswith("explorer-"):
            continue
        answer = cells(made["students"])[name.replace("explorer-", "try-")].source
        shown = ast.parse(cell.source).body[0].targets[0].id
        (assigned, *_) = ast.parse(answer).body
        assert assigned.targets[0].id == shown, name
        assert ".answer" not in answer and "not kept" in answer


# --- bad input


def run(*arguments, cwd):
    return subprocess.run(
        [sys.executable, ROOT / "course" / "assignments.py", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
    )


def test_chapters_are_named_by_stem_or_number_and_others_stay_as_they_are(tmp_path):
    folder = tmp_path / "out"
    kept = folder / "nbgrader" / "gradebook.db"
    kept.parent.mkdir(parents=True)
    kept.write_text("grades")
    done = run("1", CHAPTERS[1], CHAPTERS[0], "--to", folder, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(CHAPTERS[0]) == 1
    assert {p.stem for p in folder.glob("*.zip")} == set(CHAPTERS[:2])
    assert kept.read_text() == "grades"
    with zipfile.ZipFile(folder / f"{CHAPTERS[0]}.zip") as zipped:
        named = zipped.namelist()
        assert len(named) == 4 and all(one.startswith(CHAPTERS[0]) for one in named)
        for one in named:
            assert zipped.read(one) == (folder / one.partition("/")[2]).read_bytes()


def test_a_chapter_that_does_not_exist_is_an_error_and_leaves_nothing(tmp_path):
    done = run("1", "04_lstn", "--to", tmp_path / "out", cwd=tmp_path)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "No assignments were made. there is no chapter '04_lstn'" in done.stderr
    assert "04_lstm" in done.stderr and "CHAPTERS=1" in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("find", "replace", "said"),
    [
        (
            "### 3. ",
            "### 2. ",
            "two exercises have the number 2: 'One step, any batch'",
        ),
        ("### 3. Shapes", "### 3. Forms", "3. Forms, 4. How many"),
        ("### 3. Shapes", "Shapes", "exercise-shapes begins with 'Shapes"),
        ('"id": "try-shapes"', '"id": "tried-shapes"', "there is no cell try-shapes"),
        ("check.one_step(one_step)", "one_step", "must ask the check"),
    ],
)
def test_a_chapter_that_does_not_fit_its_record_is_one_too(
    tmp_path, find, replace, said
):
    path = tmp_path / "notebooks" / f"{CHAPTERS[0]}.ipynb"
    path.parent.mkdir()
    text = (ROOT / "notebooks" / path.name).read_text("utf-8")
    assert find in text
    path.write_text(text.replace(find, replace), "utf-8")
    with pytest.raises(assignments.AssignmentError) as raised:
        assignments.write(tmp_path / "out", ["1"], path.parent)
    assert path.stem in str(raised.value) and said in str(raised.value)
    assert not (tmp_path / "out").exists()


# --- the real nbgrader


@pytest.fixture(scope="module")
def nbgrader(tmp_path_factory):
    """Runs nbgrader in a course, in whose kernel the book's own Python runs."""
    assert (GRADER / "stamp").is_file(), "no nbgrader: make .venv-nbgrader/stamp"
    course = tmp_path_factory.mktemp("nbgrader") / "course"
    home = course.parent
    kernel = home / "jupyter" / "kernels" / "python3" / "kernel.json"
    kernel.parent.mkdir(parents=True)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    kernel.write_text(
        json.dumps({"argv": argv, "display_name": "", "language": "python"})
    )
    keep = {
        k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "PYTHON"))
    }
    # Its programs are looked for on the path: alembic is one.
    path = f"{GRADER / 'bin'}{os.pathsep}{os.environ['PATH']}"
    places = {"PATH": path, "HOME": str(home), "JUPYTER_PATH": str(kernel.parents[2])}

    def run(*arguments):
        done = subprocess.run(
            [GRADER / "bin" / "nbgrader", *arguments],
            cwd=course,
            env=keep | places | {"IPYTHONDIR": str(home / "ipython")},
            capture_output=True,
            text=True,
        )
        said = done.stdout + done.stderr
        assert done.returncode == 0 and "ERROR" not in said, said[-6000:]
        return said

    run.course = course
    return run


STEM = CHAPTERS[0]
# Of its 24 points these have 12, with a question, a table, functions and a figure.
HALF = (
    "two-pulses",
    "one-step",
    "shapes",
    "read-in-pieces",
    "latch",
    "clock",
    "mended",
)


@pytest.fixture(scope="module")
def released(nbgrader):
    """What a student is given."""
    assignments.write(nbgrader.course.parent, [STEM])  # its folder nbgrader/ ...
    shutil.copytree(nbgrader.course.parent / "nbgrader", nbgrader.course)
    nbgrader("generate_assignment", STEM)
    return (nbgrader.course / "release" / STEM / f"{STEM}.ipynb").read_text("utf-8")


@pytest.fixture(scope="module")
def graded(nbgrader, released):
    """The gradebook's rows by student, after three have handed in."""
    source = cells(
        assignments.made_of(record(STEM))[f"nbgrader/source/{STEM}/{STEM}.ipynb"]
    )
    for student in ("blank", "half", "full"):
        notebook = nbformat.reads(released, 4)
        for cell in notebook.cells:
            kind, _, name = cell.id.partition("-")
            if kind == "try" and (
                student == "full" or student == "half" and name in HALF
            ):
                cell.source = source[cell.id].source.replace("###", "# mine:")
        path = nbgrader.course / "submitted" / student / STEM / f"{STEM}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(notebook, path)
    nbgrader("autograde", STEM)
    nbgrader("generate_feedback", STEM)
    nbgrader("export")
    with (nbgrader.course / "grades.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["assignment"] == STEM]
    return {row["student_id"]: row for row in rows}


def depends():
    versions = memory.versions(GRADER)
    return [ROOT / "notebooks" / f"{STEM}.ipynb", *MADE, versions]


@memory.remembered(depends)
def test_nbgrader_releases_no_solution_and_grades_as_the_record_says(
    nbgrader, released, graded
):
    assert traces(STEM, released) == []
    assert "HIDDEN" not in released and "SOLUTION" not in released
    assert "Write your answer here" in released
    most = sum(one.points for one in record(STEM).exercises)
    scores = {who: float(row["score"]) for who, row in graded.items()}
    assert scores == {"blank": 0, "half": most / 2, "full": most}
    assert {float(row["max_score"]) for row in graded.values()} == {most}
    for student in graded:
        path = nbgrader.course / "autograded" / student / STEM / f"{STEM}.ipynb"
        for cell in nbformat.read(path, 4).cells:
            for output in cell.get("outputs", ()):
                assert output.output_type != "error", (student, cell.id)
                assert output.get("name") != "stderr", (student, cell.id)
    feedback = nbgrader.course / "feedback"
    pages = {
        s: (feedback / s / STEM / f"{STEM}.html").read_text("utf-8") for s in graded
    }
    assert pages["blank"].count("Not tried yet.") == len(record(STEM).exercises)
    assert pages["half"].count("Right. ") >= len(HALF)
    shown = [c for c in nbformat.reads(released, 4).cells if c.id[:9] == "explorer-"]
    assert pages["blank"].count("data:image/svg+xml") == len(shown) >= 3
    assert traces(STEM, pages["blank"]) == []
