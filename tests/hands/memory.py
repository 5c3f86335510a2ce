"""What was green before and need not run again: a plugin of pytest.

A test that is slow, and depends on files alone, says on which:

    @memory.remembered(lambda path: [path, *memory.package()])
    @pytest.mark.parametrize("path", NOTEBOOKS)
    def test_a_notebook(path): ...

The function takes those of the test's parameters that it names; it returns paths, and
words for what is no file. What counts always: the test's own file, conftest.py, what
these two import of tests/hands, pyproject.toml, requirements.txt, and every version
that is installed beside pytest. A test that asks for the built book (the fixture
`book`) is remembered without saying so, and depends on `everything`. Of all this a
digest is made. A test that passed with
the same digest in this checkout is counted as passed, says so, and is not run.

Kept are only tests that passed from set-up to tear-down while nothing they depend on
changed, and only at the end of a run that came to its end. What fails in a tear-down
may be what a whole file shares: then nothing of that file is kept. The memory lies in
_build/.green, which git ignores and `make clean` removes; `pytest --again`, or
`make test ALL=1`, does not look into it.
"""

import ast
import hashlib
import inspect
import os
import platform
import subprocess
from functools import cache
from importlib import metadata
from pathlib import Path

import pytest

from hands import ROOT
from hands.browser import FIND, families

PLACE = Path("_build", ".green")
ALWAYS = ("conftest.py", "pyproject.toml", "requirements.txt", "tests/hands/memory.py")
DIGEST = pytest.StashKey[str]()


def remembered(depends):
    """Mark a test to be remembered; `depends` says on what it depends."""
    return pytest.mark.remembered(depends=depends)


# What a test depends on


def package(root=ROOT, room=None):
    """Return the files of the package that a notebook imports or shows.

    They are all but the Sphinx side, which no notebook imports, the tests, and what
    bundles are built from. With `room`, the other rooms are left out too: no room knows
    another.
    """
    top = root / "src" / "unrolled"
    rooms = {front.parent.name for front in top.glob("explorers/*/front.js")}
    other = rooms - {room} if room else set()

    def counts(path):
        first, *within = path.relative_to(top).parts
        if first == "book" or {"tests", "__pycache__"} & set(within):
            return False
        if first != "explorers":
            return True
        of_room, bundle = within[0] in rooms, within[0] == "bundles"
        name = path.stem if bundle else within[0]
        source = of_room and path.name in ("front.js", "style.css")
        return not source and name not in other

    return [path for path in sorted(top.rglob("*")) if path.is_file() and counts(path)]


@cache
def versions(environment=None):
    """Return what is installed in a virtual environment, the present one if none."""
    where = {}
    if environment:
        where["path"] = [str(path) for path in environment.glob("lib/python*/site-pa*")]
    found = {f"{one.name}=={one.version}" for one in metadata.distributions(**where)}
    return " ".join(sorted(found))


def everything(root=ROOT):
    """Return what a page depends on: all sources, the built book, and who reads it.

    As words: of a thousand files and as many tests, no list is made again and again.
    """
    now = tuple(map(_state, _sources(root)))
    return [_content_of_all(root, now), *map(browser, FIND), " ".join(families())]


@cache
def _sources(root):
    tops = ("src", "frontend", "notebooks", "book", "tests/hands", "_build/html")
    found = [*root.glob("*.*"), *root.glob("tests/book/*/**/*")]
    for top in tops:
        found += (root / top).rglob("*")
    tests = {"tests", "__pycache__"}
    return [
        str(path)
        for path in sorted({one for one in found if one.is_file()})
        if not tests & set(path.relative_to(root).parts[1:-1])
    ]


def _state(path):
    try:
        about = os.stat(path)
    except FileNotFoundError:
        return None
    return about.st_mtime_ns, about.st_size


@cache
def _content_of_all(root, states):
    files = [Path(path) for path in _sources(root)]
    return digest("all", [path for path in files if path.is_file()], root)


@cache
def browser(name="chromium"):
    """Return the version of one of the tests' browsers, or nothing if there is none."""
    path = FIND[name]()
    path = path[0] if isinstance(path, tuple) else path  # WebKit's driver
    if not path:
        return ""
    return subprocess.run([path, "--version"], capture_output=True).stdout.decode()


def digest(name, ingredients, root=ROOT):
    """Return the digest of a test: its name, and the files and words it depends on."""
    total = hashlib.sha256(f"{name}\n".encode())
    files = {one for one in ingredients if isinstance(one, Path)}
    for path in sorted(files):
        total.update(f"{path.relative_to(root).as_posix()} {_content(path)}\n".encode())
    for word in ingredients:
        if not isinstance(word, Path):
            total.update(f"{word}\n".encode())
    return total.hexdigest()[:32]


def _content(path):
    if not path.is_file():
        return "none"
    return _hashed(path, *_state(path))


@cache
def _hashed(path, *version):
    return hashlib.sha256(path.read_bytes()).hexdigest()


@cache
def hands(path, root=ROOT):
    """Return the modules of tests/hands that a file imports, by others too."""
    found, asked = set(), [path]
    while asked:
        path = asked.pop()
        names = set()
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                names |= {node.module, *(f"{node.module}.{n.name}" for n in node.names)}
            elif isinstance(node, ast.Import):
                names |= {one.name for one in node.names}
        for name in names:
            module = root.joinpath("tests", *name.split("."))
            for one in (module.with_suffix(".py"), module / "__init__.py"):
                if name.split(".")[0] == "hands" and one.is_file() and one not in found:
                    found.add(one)
                    asked.append(one)
    return sorted(found)


def always(path, root=ROOT):
    """Return what every test depends on that is remembered; `path` is its own file."""
    files = [path, *(root / name for name in ALWAYS)]
    files += [*hands(path, root), *hands(root / "conftest.py", root)]
    return [*files, platform.python_version(), platform.platform(), versions()]


def _depends(item):
    """The function that says on what a test depends, or None."""
    marked = item.get_closest_marker("remembered")
    if marked:
        return marked.kwargs["depends"]
    reads = "book" in getattr(item, "fixturenames", ())
    return (lambda: everything(item.config.rootpath)) if reads else None


def _digest_of(item):
    depends = _depends(item)
    given = item.callspec.params if hasattr(item, "callspec") else {}
    own = depends(
        **{name: given[name] for name in inspect.signature(depends).parameters}
    )
    root = item.config.rootpath
    return digest(item.nodeid, [*own, *always(item.path, root)], root)


# The plugin


def pytest_addoption(parser):
    parser.addoption(
        "--again", action="store_true", help="run also what was green before"
    )


def pytest_configure(config):
    config.addinivalue_line(
        "markers", "remembered(depends): once green, it runs when its digest changes"
    )
    if not hasattr(config, "workerinput"):  # of two workers' tests one process decides
        config.pluginmanager.register(_Memory(config.rootpath / PLACE))


class _Remembered(pytest.Item):
    """Stands for a test that was green before."""

    def runtest(self):
        said = f"green before, digest {self.stash[DIGEST]}"
        self.add_report_section("call", "memory", said)
        self.user_properties.append(("green before", self.stash[DIGEST]))

    def reportinfo(self):
        return self.path, None, self.name


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    place = config.rootpath / PLACE
    for k, item in enumerate(items):
        if _depends(item):
            known = _digest_of(item)
            if (place / known).is_file() and not config.getoption("again"):
                items[k] = item = _Remembered.from_parent(item.parent, name=item.name)
            item.stash[DIGEST] = known


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    known = item.stash.get(DIGEST, None)
    over = call.when == "teardown" and not isinstance(item, _Remembered)
    # and nothing that it depends on has changed meanwhile
    if known and over and report.passed and _digest_of(item) == known:
        report.user_properties.append(("green", known))
    return report


class _Memory:
    """Hears all reports, and writes down what was green when the run is over."""

    def __init__(self, place):
        self.place = place
        self.green, self.red, self.spoilt, self.recalled = {}, set(), set(), set()

    def pytest_runtest_logreport(self, report):
        for what, known in report.user_properties:
            if what == "green":
                self.green[report.nodeid] = known
            elif what == "green before":
                self.recalled.add(report.nodeid)
        if report.outcome != "passed":
            self.red.add(report.nodeid)
            if report.when == "teardown":
                self.spoilt.add(report.nodeid.partition("::")[0])

    def pytest_sessionfinish(self, exitstatus):
        if exitstatus not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            return
        for name, known in self.green.items():
            if name not in self.red and name.partition("::")[0] not in self.spoilt:
                self.place.mkdir(parents=True, exist_ok=True)
                (self.place / known).write_text(f"{name}\n", "utf-8")

    def pytest_terminal_summary(self, terminalreporter):
        if self.recalled:
            terminalreporter.write_line(
                f"{len(self.recalled)} of these were green before with the same digest "
                "and were not run again (make test ALL=1 runs them)."
            )
