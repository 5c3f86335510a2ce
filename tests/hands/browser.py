"""A Chromium for the tests: find one, or install one.

`chromium_path()` returns its place. `python tests/browser.py` installs one where
there is none: Debian's package (as root), otherwise Playwright's own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MACOS = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")

# One family of fonts; every name that is asked for and is not there is its sans serif.
FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{place}</dir><cachedir>{cache}</cachedir>
<match><test name="family"><string>monospace</string></test>
<edit name="family" mode="assign"><string>Liberation Mono</string></edit></match>
<match><test name="family"><string>serif</string></test>
<edit name="family" mode="assign"><string>Liberation Serif</string></edit></match>
<match>
<edit name="family" mode="append"><string>Liberation Sans</string></edit></match>
</fontconfig>
"""


def chromium_path() -> str | None:
    """Return the browser's executable, or None if there is none."""
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return found
    if MACOS.exists():
        return str(MACOS)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


def fonts(folder: Path) -> dict[str, str]:
    """Return the variables with which a browser sees the fonts that Chromium brings.

    Debian's package comes with Liberation; what else a machine has would move labels.
    Nothing where Liberation is not there.
    """
    place = Path("/usr/share/fonts/truetype/liberation")
    if not place.is_dir():
        return {}
    config = folder / "fonts.conf"
    config.write_text(FONTS.format(place=place, cache=folder))
    return {"FONTCONFIG_FILE": str(config)}


def install() -> None:
    """Install a browser. Raises CalledProcessError if that fails."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    if root and shutil.which("apt-get"):
        print("Installing Chromium (Debian's package).", flush=True)
        quiet = {"stdout": subprocess.DEVNULL}
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update"], ["install", "-y", "chromium"]):
            subprocess.run(
                ["apt-get", "-qq", *command], check=True, env=environment, **quiet
            )
    else:
        print("Installing Chromium (Playwright's).", flush=True)
        subprocess.run(
            [sys.executable, "-m", "playwright", "install", "chromium"], check=True
        )


def main() -> int:
    """Make sure that there is a browser; the exit status."""
    if not chromium_path():
        try:
            install()
        except subprocess.CalledProcessError as error:
            print(f"Could not install a browser: {error}", file=sys.stderr)
    if not chromium_path():
        print(
            "The tests need Chromium or Google Chrome: install one so that `chromium` "
            "or `google-chrome` is found, and run `make test` again.",
            file=sys.stderr,
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
