"""The browsers of the tests: Chromium for everything, Firefox and WebKit for each page.

`chromium_path()`, `firefox_path()` and `webkit_paths()` return where they are, or None.
`python -m hands.browser chromium --wanted firefox webkit` installs what is missing:
Debian's packages where it may (as root), or else, for Chromium, Playwright's own. It
fails if the first cannot be had, and only says so of what is wanted.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from glob import glob
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

# Debian's packages, by the name of a browser. WebKit's driver has had two names.
PACKAGES = {
    "chromium": ["chromium-headless-shell", "fonts-noto-cjk"],
    "firefox": ["firefox-esr"],
    "webkit": ["webkitgtk-webdriver", "webkit2gtk-driver", "xvfb"],
}
ENGINES = ("firefox", "webkit")  # beside Chromium's
# The first is Chromium without its windows: the same pages, with less work behind each.
CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser")
CHROMIUM += ("google-chrome", "google-chrome-stable")
FIREFOX = ("firefox-esr", "firefox")
MACOS = Path("/Applications")
# What WebKit's driver starts, on Debian and on Fedora.
MINIBROWSER = ("/usr/lib/*/webkit*gtk*/MiniBrowser", "/usr/libexec/webkit*/MiniBrowser")

# Where a family of fonts lies, and what is its own: sans serif and monospace.
FAMILIES = {
    # which Debian's Chromium recommends
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
    found = _executable(CHROMIUM, "Google Chrome.app/Contents/MacOS/Google Chrome")
    if found:
        return found
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


def firefox_path() -> str | None:
    """Return Firefox's executable, or None if there is none."""
    return _executable(FIREFOX, "Firefox.app/Contents/MacOS/firefox")


def webkit_paths() -> tuple[str, str, str] | None:
    """Return WebKitGTK's driver, its browser, and a screen; None if one is missing."""
    driver, screen = shutil.which("WebKitWebDriver"), shutil.which("Xvfb")
    browser = next((path for place in MINIBROWSER for path in glob(place)), None)
    return (driver, browser, screen) if driver and browser and screen else None


FIND = {"chromium": chromium_path, "firefox": firefox_path, "webkit": webkit_paths}


def _executable(names: tuple[str, ...], app: str) -> str | None:
    found = next(filter(None, map(shutil.which, names)), None)
    return found or (str(MACOS / app) if (MACOS / app).exists() else None)


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
    assert path, "no browser: run `make test`, which installs one"
    quiet = ["no-sandbox", "disable-gpu", "disable-background-networking"]
    quiet += ["disable-component-update", "disable-sync"]
    return playwright.chromium.launch(
        executable_path=path,
        args=[f"--{option}" for option in quiet],
        env=os.environ | fonts(folder, family),
    )


def missing(name: str) -> str:
    """Return what is missing of a browser and how to get it; nothing if it is there."""
    packages = ", ".join(PACKAGES[name])
    return "" if FIND[name]() else f"It needs {name} (of Debian's packages: {packages})"


def install(name: str) -> None:
    """Install a browser. Raises CalledProcessError if that fails."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    if root and shutil.which("apt-get"):
        _apt("update").check_returncode()
        known = [
            one for one in PACKAGES[name] if not _apt("-s", "install", one).returncode
        ]
        print(f"Installing {' and '.join(known)} (Debian's packages).", flush=True)
        done = _apt("install", "-y", *known)
        sys.stderr.write(done.stderr if done.returncode else "")
        done.check_returncode()
    if name == "chromium" and not chromium_path():
        print("Installing Chromium (Playwright's).", flush=True)
        subprocess.run(
            [sys.executable, "-m", "playwright", "install", "chromium"], check=True
        )


def _apt(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "-qq", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True)


def main(arguments: list[str] | None = None) -> int:
    """Make sure that there are the browsers that are named; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m hands.browser")
    parser.add_argument("needed", nargs="+", choices=FIND)
    parser.add_argument("--wanted", nargs="+", choices=FIND, default=[])
    given = parser.parse_args(arguments)
    for name in given.needed + given.wanted:
        if not FIND[name]():
            try:
                install(name)
            except subprocess.CalledProcessError as error:
                print(f"Could not install {name}: {error}", file=sys.stderr)
    for name in given.needed:
        if missing(name):
            print(f"This could not be had. {missing(name)}.", file=sys.stderr)
            return 1
    return 0  # what is not tested without what was wanted, the tests say


if __name__ == "__main__":
    sys.exit(main())
