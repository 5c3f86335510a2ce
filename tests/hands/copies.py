"""The house in another folder, in a git repository of its own."""

import shutil
import subprocess

from hands import ROOT

ALONE = ("safe.directory=*", "user.name=test", "user.email=test@localhost")
ALONE += ("commit.gpgsign=false", "init.defaultBranch=main")


def git(folder, *arguments):
    """What git says in a folder, whatever a user's own settings are."""
    settings = [part for one in ALONE for part in ("-c", one)]
    command = ["git", *settings, *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def copy_house(folder):
    """Copy what git does not ignore, as it is now, and commit it there."""
    for name in git(ROOT, "ls-files", "-z", "-co", "--exclude-standard").split("\0"):
        if name and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "As it is")
    return folder
