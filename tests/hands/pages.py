"""What holds for every page in every engine: each engine's tests inherit it.

    class TestFirefox(EveryPageIn):
        engine = Firefox
        size = 1280, 900

A page is opened once, for all questions; its figures are set back between them. What it
complains of fails the test that caused it.
"""

import functools
import http.server
import threading
from pathlib import Path

import pytest

from hands import HTML

# 404.html is tested where a host shows it: tests/book/test_sharing.py.
# Without a book the fixture `book` says what to do.
PAGES = sorted(
    path.relative_to(HTML).as_posix()
    for path in HTML.rglob("*.html")
    if "_static" not in path.parts
    and path.name != "404.html"
    and '<meta http-equiv="Refresh"' not in path.read_text("utf-8")
) or ["index.html"]
HEAD = b"<head>"
FIRST = Path(__file__).with_name("engine.js")


class _Server(http.server.SimpleHTTPRequestHandler):
    """Serves the book, each page with a first script that keeps its complaints."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path = Path(self.translate_path(self.path))
        if self.path == "/engine.js":
            own = b"(() => {\n%s})();" % FIRST.read_bytes()  # a scope of its own
            self._send(own, "text/javascript")
        elif path.suffix == ".html" and path.is_file():
            text = path.read_bytes()
            assert text.count(HEAD) == 1
            first = HEAD + b'<script src="/engine.js"></script>'
            self._send(text.replace(HEAD, first), "text/html; charset=utf-8")
        else:
            super().do_GET()

    def _send(self, body, kind):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class EveryPageIn:
    """A page of the book in an engine, under a reader's hand."""

    engine = None
    size = None

    @pytest.fixture(scope="class")
    @classmethod
    def browser(cls, book, tmp_path_factory):
        handler = functools.partial(_Server, directory=book)
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            browser = cls.engine(tmp_path_factory.mktemp("engine"), cls.size)
            browser.origin = f"http://127.0.0.1:{server.server_port}"
            yield browser
            browser.close()
            server.shutdown()

    @pytest.fixture(scope="class", params=PAGES)
    @classmethod
    def opened(cls, browser, request):
        browser.go(f"{browser.origin}/{request.param}")
        return browser

    @pytest.fixture
    def page(self, opened):
        opened.set_back()
        yield opened
        assert not opened.hear("complaints")

    def test_it_opens_quietly(self, page):
        """What it complained of while it was opened fails here."""

    def test_every_slider_moves_something(self, page):
        for name, k, label, key in page.hear("sliders"):
            page.hear("take", name, k)
            value, _, drawn = page.hear("look", name, k)
            page.press(key)
            moved, said, redrawn = page.hear("look", name, k)
            if moved == value:  # another slider has brought it to its end
                page.press({"Home": "End", "End": "Home"}[key])
                moved, said, redrawn = page.hear("look", name, k)
            assert moved != value, f"#{name}: {label} stays at {value}"
            assert said, f"#{name}: {label} does not say where it is"
            assert redrawn != drawn, f"#{name}: {label} moves nothing"

    def test_what_is_drawn_can_be_dragged(self, page):
        """One of a figure's handles at least; one may stand at an end of its way."""
        for name, count in page.hear("handles"):
            before = page.hear("state", name)
            for k in range(count):
                x, y = page.hear("handle", name, k)
                page.drag((x, y), (x - 9, y + 25))
                if page.hear("state", name) != before:
                    break
            else:
                raise AssertionError(f"#{name}: a drag moves nothing")

    def test_a_question_takes_an_answer_and_nothing_moves(self, page):
        for name in page.hear("questions"):
            assert page.hear("reply", name)[0] == "", f"#{name} speaks unasked"
            before = page.hear("reply", name)[1]
            page.click(*page.hear("option", name, 0))
            said, high = page.hear("reply", name)
            assert said and high == before, f"#{name}: {said}"

    def test_no_letter_of_a_formula_leaves_its_place(self, page):
        assert page.hear("astray") == []

    def test_a_link_sets_its_figure_and_back_returns_to_the_sentence(self, page):
        for name, link in page.hear("links"):
            page.click(*page.hear("link", link))
            assert page.hear("lacks", name, link) == [], f"{link} sets it otherwise"
            assert page.hear("seen", f"#{name}"), f"{link} does not show its figure"
            page.ask("Back")
            page.wait_for("seen", link)
