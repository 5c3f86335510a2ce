"""A host of sites, as GitHub Pages is: a folder at a path, and nothing beside it."""

import contextlib
import functools
import http.server
import threading
from pathlib import Path


class _Host(http.server.SimpleHTTPRequestHandler):
    def __init__(self, *args, at, **options):
        self.at = at
        super().__init__(*args, **options)

    def translate_path(self, path):
        inside = path.startswith(f"{self.at}/")
        return super().translate_path(path.removeprefix(self.at) if inside else "/…")

    def send_error(self, code, *args):
        """What is not there is answered by the site's own page."""
        page = Path(self.directory, "404.html")
        if code != 404 or not page.is_file():
            return super().send_error(code, *args)
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(page.read_bytes())

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def served(folder, at=""):
    """The address at which `folder` is served, `at` a path of the host."""
    handler = functools.partial(_Host, directory=folder, at=at)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}{at}"
        server.shutdown()
