"""`make links` and `make audit`: what others say is told from that they say nothing."""

import http.server
import json
import os
import subprocess
import sys
import threading

import links
import pytest
from hands import ROOT
from hands.books import PACKAGE, write_book

# --- links


class Others(http.server.BaseHTTPRequestHandler):
    """Sites of others: /200 is there, /404 is gone, /403 lets no program in."""

    def do_GET(self):
        self.send_response(int(self.path[1:4]))
        self.end_headers()

    do_HEAD = do_GET

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def others():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Others) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_link_that_leads_nowhere_is_reported_and_a_closed_door_is_not(
    others, tmp_path
):
    asked = [f"{others}/{code}" for code in (200, 404, 403)]
    text = "".join(f"\n[Read this]({link}).\n" for link in asked)
    pages = {"book/index": f"# Links\n{text}", "book/other": "# Another"}
    write_book(tmp_path, pages)
    report = tmp_path / "_build" / "links.md"
    done = subprocess.run(
        [sys.executable, ROOT / ".ci" / "links.py"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(PACKAGE.parent)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1, done.stderr
    assert "3 links to other sites were asked: 1 lead nowhere, 1 let no" in done.stdout
    (line,) = [one for one in report.read_text("utf-8").splitlines() if one[:1] == "-"]
    assert line.startswith(f"- book/index.md: <{asked[1]}> 404 ")


def test_without_a_network_nothing_is_said_of_any_link(tmp_path, monkeypatch, capsys):
    """Nor is a report of last week left lying, or the book's own links counted."""
    build = tmp_path / "_build"
    (build / "linkcheck").mkdir(parents=True)
    (build / "links.md").write_text("- gone")
    here = {"uri": "#here", "status": "unchecked", "info": ""}
    there = {"uri": "https://a/b", "status": "broken", "info": "Failed to resolve 'a'"}

    def ask(source):
        rows = "\n".join(map(json.dumps, (here, there)))
        (source / "_build" / "linkcheck" / "output.json").write_text(rows)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(links, "ask", ask)
    assert links.main() == 1
    said = capsys.readouterr().err
    assert "not checked: none of 1 links has been answered. Is there a network" in said
    assert "Failed to resolve 'a'" in said
    assert not (build / "links.md").exists()


def test_a_book_that_cannot_be_read_says_why(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(links, "ask", lambda source: "There are no contents.")
    assert links.main() == 1
    said = capsys.readouterr().err
    assert said == "The links were not checked: no book was read.\n" + (
        "There are no contents.\n"
    )


# --- audits

HOLE = {"id": "PYSEC-1", "fix_versions": ["1.1"]}
CLEAN = {"dependencies": [{"name": "numpy", "version": "2", "vulns": []}]}
HOLED = {"dependencies": [{"name": "numpy", "version": "2", "vulns": [HOLE]}]}
SKIPPED = {"dependencies": [{"name": "numpy", "skip_reason": "not found"}]}
SOUND = {"metadata": {"dependencies": {"total": 9}}, "vulnerabilities": {}}
BROKEN = {"x": {"range": "<2", "severity": "high"}}
SENT_AWAY = {"message": "405 Method Not Allowed", "statusCode": 405}


@pytest.fixture
def audit(tmp_path):
    """Audits, with a pip-audit and an npm that say this; None is no such program."""

    def command(name, said):
        if said is None:
            return str(tmp_path / "no-such-program")
        path = tmp_path / f"{name}.py"
        text = said if isinstance(said, str) else json.dumps(said)
        path.write_text(f"import sys; print({text!r}); sys.exit(1)")
        return f"{sys.executable} {path}"

    def run(pip, npm):
        done = subprocess.run(
            [sys.executable, ROOT / ".ci" / "audit.py"]
            + [command("pip", pip), command("npm", npm)],
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        assert "Traceback" not in done.stderr
        return done.returncode, done.stdout

    return run


def test_clean_is_said_only_where_both_have_answered(audit):
    status, said = audit(CLEAN, SOUND)
    assert status == 0
    assert said.splitlines() == [
        "Python: audited, nothing is known.",
        "JavaScript: audited, nothing is known.",
    ]


@pytest.mark.parametrize(
    ("pip", "npm", "expected"),
    [
        (HOLED, SOUND, "Python: 1 known holes.\n  numpy 2: PYSEC-1, mended in 1.1"),
        (CLEAN, SOUND | {"vulnerabilities": BROKEN}, "JavaScript: 1 known holes.\n  x"),
    ],
)
def test_what_is_known_is_named(audit, pip, npm, expected):
    status, said = audit(pip, npm)
    assert status == 1
    assert expected in said
    assert "FAILED" not in said


@pytest.mark.parametrize(
    ("pip", "npm", "who"),
    [
        ("", SOUND, "Python"),  # as pip-audit without its service
        (SKIPPED, SOUND, "Python"),
        ({"dependencies": []}, SOUND, "Python"),
        (None, SOUND, "Python"),
        (CLEAN, SENT_AWAY, "JavaScript"),  # as npm without its
        (CLEAN, "", "JavaScript"),
        (CLEAN, None, "JavaScript"),
    ],
)
def test_an_audit_that_failed_is_not_taken_for_a_clean_one(audit, pip, npm, who):
    status, said = audit(pip, npm)
    assert status == 1
    assert f"{who}: the audit FAILED, so nothing is known either way." in said
    assert said.count("audited, nothing is known") == 1, "the other's answer stands"


def test_every_version_that_is_pinned_is_asked_about(tmp_path):
    """A pip-audit that shows what it was asked."""
    told = tmp_path / "told"
    script = tmp_path / "pip_audit.py"
    script.write_text(
        "import shutil, sys; assert '--strict' in sys.argv; "
        f"shutil.copy(sys.argv[sys.argv.index('--requirement') + 1], {str(told)!r})"
    )
    audit = [sys.executable, ROOT / ".ci" / "audit.py", f"{sys.executable} {script}"]
    subprocess.run([*audit, "false"], cwd=ROOT, capture_output=True)
    names = {line.split("==")[0] for line in told.read_text().splitlines()}
    assert {"numpy", "torch", "jupyter-book", "Sphinx", "ruff"} <= names
    assert len(names) > 150
