"""Ask whether what the book is built with has known holes: `python .ci/audit.py`.

`make audit` runs it. pip-audit asks about every version in constraints.txt and
requirements.txt, npm about package-lock.json. Of each it says one of three things: that
nothing is known, what is known, or that the audit itself failed, which is no answer.
The exit status is 0 only if both have answered, and nothing is known.
"""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path


def known_to_pip(said: dict) -> list[str]:
    """Return the holes that a report of pip-audit names. KeyError if it is none."""
    skipped = [one["name"] for one in said["dependencies"] if "vulns" not in one]
    if skipped or not said["dependencies"]:
        raise KeyError(f"skipped: {', '.join(skipped) or 'everything'}")
    return [
        f"{one['name']} {one['version']}: {hole['id']}, mended in "
        f"{', '.join(hole['fix_versions']) or 'no version yet'}"
        for one in said["dependencies"]
        for hole in one["vulns"]
    ]


def known_to_npm(said: dict) -> list[str]:
    """Return the holes that a report of `npm audit` names. KeyError if it is none."""
    if said["metadata"]["dependencies"]["total"] < 1:
        raise KeyError("no dependency was audited")
    return [
        f"{name} {one['range']}: {one['severity']}"
        for name, one in said["vulnerabilities"].items()
    ]


def pinned(source: Path) -> str:
    """Return every package with its version, as far as the two lists say it."""
    texts = (source / name for name in ("constraints.txt", "requirements.txt"))
    lines = (line for text in texts for line in text.read_text("utf-8").splitlines())
    pins = {line for line in lines if "==" in line and not line.startswith("#")}
    return "\n".join(sorted(pins)) + "\n"


def audit(name: str, command: list[str], known) -> bool:
    """Run an audit and say what it has found; True if it is made, and it is nothing."""
    holes, why = None, ""
    try:
        done = subprocess.run(command, capture_output=True, text=True)
        why = done.stderr.strip()
        holes = known(json.loads(done.stdout))
    except (OSError, KeyError) as error:
        why = f"{why}\n{error}".strip()
    except ValueError:  # no report
        why = why or done.stdout.strip()
    if holes is None:
        print(f"{name}: the audit FAILED, so nothing is known either way.\n{why}\n")
    elif holes:
        print(f"{name}: {len(holes)} known holes.", *holes, sep="\n  ")
    else:
        print(f"{name}: audited, nothing is known.")
    return holes == []


def main(arguments: list[str]) -> int:
    """Make both audits: the commands of pip-audit and of npm are given."""
    pip_audit, npm = (shlex.split(one) for one in arguments)
    with tempfile.TemporaryDirectory() as folder:
        pins = Path(folder, "pinned.txt")
        pins.write_text(pinned(Path.cwd()), "utf-8")
        options = ["--strict", "--no-deps", "--disable-pip", "--format", "json"]
        options += ["--progress-spinner", "off", "--requirement", str(pins)]
        clean = [
            audit("Python", [*pip_audit, *options], known_to_pip),
            audit("JavaScript", [*npm, "audit", "--json"], known_to_npm),
        ]
    return 0 if all(clean) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
