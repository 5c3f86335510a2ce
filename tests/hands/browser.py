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
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MACOS = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")

# Where a family of fonts lies, and what is its own: sans serif and monospace.
FAMILIES = {
    # all that Debian's Chromium brings by itself
    "liberation": (
        "/usr/share/fonts/truetype/liberation",
        "Liberation Sans",
        "Liberation Mono",
    ),
    # what most Linux desktops have: a sixth wider; Matplotlib brings it too
    "dejavu": ("{matplotlib}/fonts/ttf", "DejaVu Sans", "DejaVu Sans Mono"),
    # Debian's fonts-noto-cjk: Korean
    "noto-cjk": (
        "/usr/share/fonts/opentype/noto",
        "Noto Sans CJK KR",
        "Noto Sans Mono CJK KR",
    ),
}

# One family of fonts; every name that is asked for and is not there is its sans serif.
FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{place}</dir><cachedir>{cache}</cachedir>
<match><test name="family"><string>monospace</string></test>
<edit name="family" mode="assign"><string>{mono}</string></edit></match>
<match>
<edit name="family" mode="append"><string>{sans}</string></edit></match>
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


def families() -> dict[str, tuple[Path, str, str]]:
    """Return those of `FAMILIES` that this machine has; DejaVu it has always."""
    import matplotlib

    here = matplotlib.get_data_path()
    found = {
        name: (Path(place.format(matplotlib=here)), sans, mono)
        for name, (place, sans, mono) in FAMILIES.items()
    }
    return {name: one for name, one in found.items() if one[0].is_dir()}


def fonts(folder: Path, family: str | None = None) -> dict[str, str]:
    """Return the variables with which a browser sees one family of fonts.

    What else a machine has would move the page's text. If no family is named, it is the
    first that is there.
    """
    place, sans, mono = families()[family or next(iter(families()))]
    config = folder / "fonts.conf"
    config.write_text(FONTS.format(place=place, cache=folder, sans=sans, mono=mono))
    return {"FONTCONFIG_FILE": str(config)}


def launch(playwright: Playwright, folder: Path, family: str | None = None) -> Browser:
    """Start a headless Chromium that starts no traffic of its own, and sees `fonts`."""
    path = chromium_path()
    assert path, "no browser: run `python tests/hands/browser.py`"
    quiet = ["no-sandbox", "disable-gpu", "disable-background-networking"]
    quiet += ["disable-component-update", "disable-sync"]
    return playwright.chromium.launch(
        executable_path=path,
        args=[f"--{option}" for option in quiet],
        env=os.environ | fonts(folder, family),
    )


def install() -> None:
    """Install a browser. Raises CalledProcessError if that fails."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    if root and shutil.which("apt-get"):
        print("Installing Chromium (Debian's package).", flush=True)
        quiet = {"stdout": subprocess.DEVNULL}
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update"], ["install", "-y", "chromium", "fonts-noto-cjk"]):
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
