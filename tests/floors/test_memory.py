"""The memory of green runs: what it depends on, and that it keeps nothing but green."""

import shutil
import sys
import textwrap

import pytest
from hands import ROOT, memory

pytest_plugins = ["pytester"]

PACKAGE = "src/unrolled/"
ROOM, OTHER = f"{PACKAGE}explorers/one/", f"{PACKAGE}explorers/two/"
FILES = [
    "conftest.py",
    "pyproject.toml",
    "requirements.txt",
    "notebooks/01_first.ipynb",
    "notebooks/02_second.ipynb",
    "tests/hands/__init__.py",
    "tests/hands/memory.py",
    "tests/hands/far.py",
    "tests/hands/other.py",
    "tests/places/test_place.py",
    f"{PACKAGE}words.py",
    f"{PACKAGE}tokens.json",
    f"{PACKAGE}results/study.json",
    f"{PACKAGE}book/pages.py",
    f"{PACKAGE}checks/first/words/en.json",
    f"{PACKAGE}explorers/base.py",
    f"{PACKAGE}explorers/words/en.json",
    f"{PACKAGE}explorers/bundles/explorers.css",
    *(
        f"{PACKAGE}explorers/bundles/{room}.{end}"
        for room in ("one", "two")
        for end in ("mjs", "css")
    ),
    *(
        f"{room}{name}"
        for room in (ROOM, OTHER)
        for name in ("__init__.py", "front.js", "style.css", "words/en.json")
    ),
    f"{ROOM}tests/test_face.py",
]
# What no run of a notebook depends on: a bundle's sources, other tests, Sphinx' side.
NEVER = {path for path in FILES if path.endswith(("front.js", "style.css", "face.py"))}
NEVER |= {f"{PACKAGE}book/pages.py", "tests/hands/other.py"}


@pytest.fixture
def checkout(tmp_path):
    """A small checkout of two rooms and two chapters."""
    for name in FILES:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    (tmp_path / "tests/places/test_place.py").write_text("from hands import near\n")
    near = tmp_path / "tests/hands/near.py"
    near.write_text("from hands.far import x\n")
    return tmp_path


def changed(root, ingredients):
    """The files whose change gives another digest, by changing each of them once."""

    def known():
        always = memory.always(root / "tests/places/test_place.py", root)
        return memory.digest("a test", [*ingredients(), *always], root)

    found, before = set(), known()
    assert known() == before
    for path in sorted(root.rglob("*")):
        if path.is_file():
            text = path.read_text()
            path.write_text(f"{text}\n# changed")
            if known() != before:
                found.add(path.relative_to(root).as_posix())
            path.write_text(text)
            assert known() == before
    return found


def test_a_chapter_depends_on_itself_and_on_the_package(checkout):
    chapter = checkout / "notebooks/01_first.ipynb"
    found = changed(checkout, lambda: [chapter, *memory.package(checkout)])
    everything = {*FILES, "tests/hands/near.py"}
    assert found == everything - NEVER - {"notebooks/02_second.ipynb"}


def test_a_figure_depends_on_its_room_and_on_no_other(checkout):
    found = changed(checkout, lambda: memory.package(checkout, room="one"))
    everything = {*FILES, "tests/hands/near.py"}
    other = {path for path in FILES if "/two" in path or path.startswith("notebooks/")}
    assert found == everything - NEVER - other


def test_a_page_depends_on_all_but_tests(checkout):
    (checkout / "_build/html").mkdir(parents=True)
    (checkout / "_build/html/index.html").write_text("")
    (checkout / "tests/hands/axe.js").write_text("")
    found = changed(checkout, lambda: memory.everything(checkout))
    more = {"_build/html/index.html", "tests/hands/axe.js", "tests/hands/near.py"}
    assert found == {*FILES, *more} - {f"{ROOM}tests/test_face.py"}


def test_a_new_file_and_one_that_is_gone_count(checkout):
    def known():
        return memory.digest("a test", memory.package(checkout), checkout)

    seen = {known()}
    new = checkout / PACKAGE / "new.py"
    for change in (new.touch, lambda: new.rename(new.with_name("newer.py"))):
        change()
        assert known() not in seen
        seen.add(known())
    (checkout / PACKAGE / "newer.py").unlink()
    assert known() in seen


def test_versions_names_and_words_count(monkeypatch):
    def known(name="a test", *words):
        always = memory.always(ROOT / "conftest.py")
        return memory.digest(name, [*words, *always], ROOT)

    seen = {known(), known("another"), known("a test", "a word")}
    assert len(seen) == 3
    monkeypatch.setattr(memory, "versions", lambda: "torch==0.0")
    assert known() not in seen


def test_the_versions_of_an_environment_are_read(tmp_path):
    monkey = tmp_path / "lib" / "python3.11" / "site-packages" / "monkey-1.2.dist-info"
    monkey.mkdir(parents=True)
    (monkey / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: monkey\nVersion: 1.2\n"
    )
    assert memory.versions(tmp_path) == "monkey==1.2"
    assert "pytest==" in memory.versions()
    assert memory.versions(tmp_path / "nothing") == ""


def test_a_browser_says_its_version(monkeypatch):
    memory.browser.cache_clear()
    monkeypatch.setitem(memory.FIND, "chromium", lambda: sys.executable)
    monkeypatch.setitem(memory.FIND, "webkit", lambda: (sys.executable, "it", "screen"))
    monkeypatch.setitem(memory.FIND, "firefox", lambda: None)
    assert memory.browser().startswith("Python 3.")
    assert memory.browser("webkit") == memory.browser()
    assert memory.browser("firefox") == ""
    memory.browser.cache_clear()


# The plugin, in a checkout of its own

TESTS = """
    from pathlib import Path

    import pytest
    from hands import memory

    HERE = Path(__file__).parent

    def note(name, text):
        with (HERE / name).open("a") as file:
            file.write(text)

    @pytest.fixture(scope="module")
    def dear():
        note("log", "dear ")

    @memory.remembered(lambda name: [HERE / name])
    @pytest.mark.parametrize("name", ["a", "b"])
    def test_slow(dear, name):
        note("log", f"{name} ")
        assert (HERE / name).read_text() != "red"

    def test_quick():
        note("log", "quick ")
"""


@pytest.fixture
def runs(pytester, monkeypatch):
    """Runs pytest there, and says what ran."""
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    shutil.copytree(ROOT / "tests" / "hands", pytester.path / "tests" / "hands")
    pytester.makeini("[pytest]\npythonpath = tests\naddopts = -p hands.memory\n")
    (pytester.path / "tests" / "test_it.py").write_text(textwrap.dedent(TESTS))
    for name in ("conftest.py", "pyproject.toml", "requirements.txt"):
        (pytester.path / name).touch()

    def run(*arguments, **contents):
        log = pytester.path / "tests" / "log"
        log.write_text("")
        for name, text in contents.items():
            (pytester.path / "tests" / name).write_text(text)
        arguments = ("-p", "no:cacheprovider", *arguments)
        if "-n" in arguments:
            done = pytester.runpytest_subprocess(*arguments)
        else:
            done = pytester.runpytest_inprocess(*arguments, no_reraise_ctrlc=True)
        return done, log.read_text().split()

    return run


def test_what_was_green_is_counted_and_not_run(runs):
    done, ran = runs(a="1", b="1")
    assert ran == ["dear", "a", "b", "quick"]
    done.assert_outcomes(passed=3)
    assert "green before" not in done.stdout.str()
    done, ran = runs("-rA")
    assert ran == ["quick"], "not even what it would have needed"
    done.assert_outcomes(passed=3)
    said = "*2 of these were green before with the same digest and were not run again*"
    done.stdout.fnmatch_lines(["green before, digest *", said])
    done, ran = runs(b="2")
    assert ran == ["dear", "b", "quick"]
    done, ran = runs("--again")
    assert ran == ["dear", "a", "b", "quick"]
    done, ran = runs(b="1")
    assert ran == ["quick"], "it was green with this, too"


READS = """
    @pytest.fixture
    def book():
        note("log", "book ")

    def test_reads(book):
        note("log", "read ")
"""


def test_who_reads_the_book_is_remembered_as_long_as_it_is_the_same(runs, pytester):
    page = pytester.path / "_build" / "html" / "index.html"
    page.parent.mkdir(parents=True)
    page.write_text("one")
    (pytester.path / "tests" / "test_it.py").write_text(textwrap.dedent(TESTS + READS))
    for text, ran in (("one", True), ("one", False), ("two", True), ("one", False)):
        page.write_text(text)
        assert ("read" in runs(a="1", b="1")[1]) == ran
    (pytester.path / "tests" / "hands" / "axe.js").write_text("// another")
    assert "read" in runs()[1]


@pytest.mark.slow  # it starts two workers twice
def test_two_workers_remember_as_one(runs):
    done, ran = runs("-n", "2", a="1", b="1")
    done.assert_outcomes(passed=3)
    done, ran = runs("-n", "2")
    done.assert_outcomes(passed=3)
    assert ran == ["quick"]
    done.stdout.fnmatch_lines(["*2 of these were green before*"])


def test_what_was_red_is_not_remembered(runs):
    for _ in range(2):
        done, ran = runs(a="red", b="1")
        done.assert_outcomes(passed=2, failed=1)
        assert "a" in ran
    assert ran == ["dear", "a", "quick"]


BREAKS = {
    "a fixture that fails in the end": (
        "@pytest.fixture(scope='module')\ndef dear():\n    yield\n    assert False\n",
        {"passed": 3, "errors": 1},
    ),
    "a skip": ("@pytest.fixture\ndef dear():\n    pytest.skip('no')\n", {"skipped": 2}),
    "an interrupt": (
        "def test_zero():\n    pass\n\n"
        "@pytest.fixture(scope='module', autouse=True)\ndef dear():\n    yield\n"
        "    raise KeyboardInterrupt\n",
        None,
    ),
    "a change meanwhile": (
        "@pytest.fixture\ndef dear(name):\n    yield\n    note(name, '.')\n",
        {"passed": 3},
    ),
}


@pytest.mark.parametrize("broken, outcome", BREAKS.values(), ids=BREAKS)
def test_nothing_is_kept_of_a_run_that(runs, pytester, broken, outcome):
    text = textwrap.dedent(TESTS)
    start, end = text.index("@pytest.fixture"), text.index("@memory")
    text = text[:start] + broken + "\n" + text[end:]
    (pytester.path / "tests" / "test_it.py").write_text(text)
    done, _ = runs(a="1", b="1")
    if outcome:
        quick = {"passed": 1} if "skipped" in outcome else {}
        done.assert_outcomes(**quick | outcome)
    assert done.ret != 0 or outcome
    assert not list((pytester.path / "_build").glob(".green/*"))
