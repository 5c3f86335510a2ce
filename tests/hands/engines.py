"""Firefox and WebKit, each under the commands of W3C WebDriver, and nothing between.

Firefox hears them on a socket of its own (Marionette, which geckodriver speaks too);
WebKit through WebKitGTK's driver, which starts WebKitGTK's small browser on a screen
that nobody sees (Xvfb). Neither reports what a page complains of: so the pages are
served with a first script, engine.js, that keeps it, and answers what the tests ask.
"""

from __future__ import annotations

import base64
import contextlib
import itertools
import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from hands.browser import firefox_path, fonts, webkit_paths

PATIENCE = 120  # seconds, for an engine to start or to get somewhere, whatever the load

SETTLED = """
const done = arguments[arguments.length - 1];
requestAnimationFrame(() => requestAnimationFrame(() => done(true)));
"""


class Refused(Exception):
    """A command that an engine did not carry out, and why."""


class Engine:
    """What both have: the commands that the tests need."""

    name = None
    touched = False  # since the page was opened, or set back

    def go(self, address):
        self.ask("Navigate", url=address)
        self.wait_for("alive")
        self._unfold()

    def set_back(self):
        """All as it was opened, if something has been touched."""
        if self.touched:
            self.hear("setBack")
            self._unfold()

    def _unfold(self):
        """A figure folds what it will once it has been drawn; then all is unfolded."""
        self.settle()
        self.hear("unfold")
        self.settle()
        self.touched = False

    def hear(self, question, *arguments):
        """Ask one of the functions of engine.js; what it returns."""
        script = f"return engine.{question}(...arguments)"
        return self.ask("ExecuteScript", script=script, args=list(arguments))

    def settle(self):
        """Wait until what was changed has been drawn."""
        self.ask("ExecuteAsyncScript", script=SETTLED, args=[])

    def wait_for(self, question, *arguments):
        """Wait until one of them returns what is true."""
        end = time.monotonic() + PATIENCE
        while not self.hear(question, *arguments):
            assert time.monotonic() < end, f"in vain: {question}{arguments}"
            time.sleep(0.05)

    def press(self, key):
        """Press and release a key: "Home", "End"."""
        value = {"Home": "\ue011", "End": "\ue010"}[key]
        strokes = [{"type": kind, "value": value} for kind in ("keyDown", "keyUp")]
        self._act({"type": "key", "id": "keyboard", "actions": strokes})
        self.settle()

    def click(self, x, y):
        self.drag((x, y), (x, y))

    def drag(self, start, end):
        """The mouse takes hold at one point of the window and lets go at another."""
        (x0, y0), (x1, y1) = start, end
        way = [(x0 + (x1 - x0) * k / 6, y0 + (y1 - y0) * k / 6) for k in range(7)]
        moves = [
            {"type": "pointerMove", "x": round(x), "y": round(y), "duration": 0}
            for x, y in way
        ]
        down, up = ({"type": f"pointer{how}", "button": 0} for how in ("Down", "Up"))
        hand = {
            "type": "pointer",
            "id": "mouse",
            "parameters": {"pointerType": "mouse"},
        }
        self._act(hand | {"actions": [moves[0], down, *moves[1:], up]})
        self.settle()

    def _act(self, source):
        self.touched = True
        self.ask("PerformActions", actions=[source])

    def picture(self, path):
        """Write what the window shows, as PNG."""
        data = self.ask("TakeScreenshot", full=False)
        Path(path).write_bytes(base64.b64decode(data))


class Firefox(Engine):
    """Firefox without a window, in a profile of its own."""

    name = "Firefox"

    def __init__(self, folder, size):
        self._calls = itertools.count(1)
        folder.joinpath("user.js").write_text('user_pref("marionette.port", 0);\n')
        width, height = size
        self._process = subprocess.Popen(
            [firefox_path(), "--headless", "--marionette", "--no-remote"]
            + ["--profile", folder, f"--width={width}", f"--height={height}"],
            env=os.environ | fonts(folder) | {"HOME": str(folder)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        port = _soon(lambda: int(folder.joinpath("MarionetteActivePort").read_text()))
        self._socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self._answers = self._socket.makefile("rb")
        self._read()  # it says who it is
        self.ask("NewSession", capabilities={})

    def ask(self, command, **parameters):
        call = [0, next(self._calls), f"WebDriver:{command}", parameters]
        message = json.dumps(call).encode()
        self._socket.sendall(b"%d:%s" % (len(message), message))
        _, _, error, result = self._read()
        if error:
            raise Refused(f"{command}: {error['message']}")
        return (result or {}).get("value")

    def _read(self):
        """An answer: its length, a colon, and JSON."""
        length = b"".join(iter(lambda: self._answers.read(1), b":"))
        return json.loads(self._answers.read(int(length)))

    def close(self):
        self._answers.close()
        self._socket.close()
        _end(self._process)


class WebKit(Engine):
    """WebKitGTK's browser on a screen of its own."""

    name = "WebKit"
    _PATHS = {
        "Back": "back",
        "Navigate": "url",
        "ExecuteScript": "execute/sync",
        "ExecuteAsyncScript": "execute/async",
        "PerformActions": "actions",
        "SetWindowRect": "window/rect",
    }

    def __init__(self, folder, size):
        driver, browser, screen = webkit_paths()
        width, height = size
        reading, writing = os.pipe()
        self._screen = subprocess.Popen(
            [screen, "-displayfd", str(writing), "-nolisten", "tcp", "-screen", "0"]
            + ["1600x1200x24"],
            pass_fds=[writing],
            stderr=subprocess.DEVNULL,
        )
        os.close(writing)
        with os.fdopen(reading) as said:
            display = f":{said.readline().strip()}"
        port = _free_port()
        own = {"DISPLAY": display, "HOME": str(folder)}
        if os.geteuid() == 0:
            own["WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS"] = "1"
        self._driver = subprocess.Popen(
            [driver, f"--port={port}"],
            env=os.environ | fonts(folder) | own,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._address = f"http://127.0.0.1:{port}/session"
        options = {"binary": browser, "args": ["--automation"]}
        wanted = {"alwaysMatch": {"webkitgtk:browserOptions": options}}
        found = _soon(lambda: self._send("POST", "", capabilities=wanted))
        self._address += f"/{found['sessionId']}"
        self.ask("SetWindowRect", width=width, height=height)

    def ask(self, command, **parameters):
        if command == "TakeScreenshot":
            return self._send("GET", "/screenshot")
        return self._send("POST", f"/{self._PATHS[command]}", **parameters)

    def _send(self, method, path, **body):
        data = json.dumps(body).encode() if method == "POST" else None
        request = urllib.request.Request(self._address + path, data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            with error:
                said = json.load(error)["value"]
            raise Refused(f"{path}: {said['message']}") from None

    def close(self):
        with contextlib.suppress(OSError, Refused):
            self._send("DELETE", "")
        _end(self._driver)
        _end(self._screen)


def _soon(attempt):
    """What `attempt` returns, once what it needs is there."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return attempt()
        except (OSError, ValueError):
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


def _free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def _end(process):
    process.terminate()
    process.wait(PATIENCE)
