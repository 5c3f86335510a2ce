"""The instructors' pages: what they say of the chapters is what the records say."""

import re

import pytest
from bs4 import BeautifulSoup
from hands import HTML, ROOT, memory
from hands.books import build, write_book

from unrolled.book.configure import read
from unrolled.records import records

pytestmark = memory.remembered(lambda: memory.everything())
FOLDER = HTML / "book" / "instructors"


@pytest.fixture(scope="module")
def chapters(book):
    """The records of the chapters that are pages."""
    return [one for one in records() if (book / f"notebooks/{one.stem}.html").exists()]


def page(name):
    return BeautifulSoup((FOLDER / name).read_text("utf-8"), "html.parser")


def rows(table):
    return [
        tuple(" ".join(cell.text.split()) for cell in row.select("td"))
        for row in table.select("tbody tr")
    ]


def duration(minutes):
    return f"{minutes // 60}:{minutes % 60:02} h"


def takes(some):
    exercises = [exercise for one in some for exercise in one.exercises]
    return (
        duration(sum(one.minutes for one in some)),
        duration(sum(one.exercise_minutes for one in some)),
        str(sum(one.points for one in exercises)),
    )


def test_the_chapters_at_a_glance_are_the_records(chapters):
    first, *others = page("chapters.html").select(".course-table")
    expected = [
        (f"{int(one.stem[:2])}. {one.title}", *takes([one])) for one in chapters
    ]
    assert rows(first) == [*expected, ("Together", *takes(chapters))]
    assert len(others) == len(chapters)
    sections = page("chapters.html").select(".course-chapter")
    for one, section, table in zip(chapters, sections, others, strict=True):
        said = " ".join(section.text.split())
        for objective in one.objectives:
            assert objective.can.replace("`", "") in said
        for needed in one.prerequisites:
            assert needed.what in said
        assert rows(table) == [
            (str(k), exercise.title, exercise.kind, str(exercise.points))
            for k, exercise in enumerate(one.exercises, 1)
        ]


def test_a_path_adds_up_what_its_chapters_take(chapters):
    tables = page("paths.html").select(".course-table")
    assert len(tables) >= 3
    named = {f"{int(one.stem[:2])}. {one.title}": one for one in chapters}
    for table in tables:
        *each, together = rows(table)
        some = [named[name] for name, *_ in each]
        assert each == [(name, *takes([named[name]])) for name, *_ in each]
        assert together == ("Together", *takes(some))
    assert len(rows(tables[-1])) == len(chapters) + 1, "the longest path has them all"


def test_the_hub_has_a_link_for_every_chapter(chapters):
    (table,) = page("hub.html").select(".course-table")
    repository = read(ROOT)
    linked = [a["href"] for a in table.select("td:last-child a")]
    assert len(linked) == (len(chapters) if repository and repository.hub else 0)
    for one, (_, address) in zip(chapters, rows(table), strict=True):
        assert address.endswith(f"/notebooks/{one.stem}.ipynb")
        assert "/hub/user-redirect/git-pull?repo=" in address


def test_every_command_of_the_guide_is_one(book):
    """What the pages have typed after `make` is a target, with settings that it has."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    said = "".join(p.read_text("utf-8") for p in (ROOT / "book/instructors").glob("*"))
    typed = re.findall(r"(?:^ {4}|`)make (\w+)((?: \w+=)*)", said, re.MULTILINE)
    assert {"assignments", "quizzes", "students", "configure"} <= {
        one for one, _ in typed
    }
    for target, _ in typed:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    for setting in set(re.findall(r"\b([A-Z]{3,})=", said)):
        assert f"$({setting})" in makefile, setting


def test_a_small_book_with_a_hub_links_it_and_a_wrong_number_is_an_error(tmp_path):
    """A chapter that is no page is left out; none of that number stops the build."""
    text = "# Course\n\n```{chapters}\n```\n\n```{hub-links}\n```\n"
    stem = records()[0].stem
    wrong = "# Wrong\n\n```{chapters} 1 12\n```\n\n```{chapters} one\n```\n"
    pages = {"course": text, f"notebooks/{stem}": "# One\n", "wrong": wrong}
    folder = write_book(tmp_path / "small", pages)
    config = (folder / "_config.yml").read_text("utf-8")
    lines = 'repository:\n  url: https://github.com/a/b\n  branch: "v1"\n'
    lines += "launch_buttons:\n  jupyterhub_url: https://hub.example.edu\n"
    begin = "# make configure writes from here\n"
    before, _, after = config.partition(begin)
    after = after.partition("# to here")[2]
    (folder / "_config.yml").write_text(f"{before}{begin}{lines}# to here{after}")
    done = build(folder)
    assert done.returncode != 0
    problems = re.findall(r"^- .*", done.stdout, re.MULTILINE)
    assert len(problems) == 2
    assert problems[0].endswith("wrong.md:3: there is no chapter 12; there are 1")
    assert problems[1].endswith("wrong.md:6: there is no chapter one; there are 1")
    built = (folder / "_build" / "html" / "course.html").read_text("utf-8")
    takes, hub = BeautifulSoup(built, "html.parser").select(".course-table")
    assert len(rows(takes)) == 1
    (link,) = hub.select("td:last-child a")
    assert link["href"] == (
        "https://hub.example.edu/hub/user-redirect/git-pull?"
        "repo=https%3A%2F%2Fgithub.com%2Fa%2Fb&branch=v1"
        f"&urlpath=lab/tree/b/notebooks/{stem}.ipynb"
    )
