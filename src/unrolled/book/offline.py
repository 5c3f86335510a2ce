"""What a reader keeps of the site, so that it opens without a network.

`offline.js`, beside the site's root, is a service worker (templates/offline.js). It
keeps every page and all that pages load: a list that is made here of what they name.
Pages register it once they have been loaded (static/page.js), but not when they were
opened from a file, nor for who has asked the browser to save data.

`python -m unrolled.book.offline SITE ZIP` (`make zip`) packs the same files, with the
notebooks that pages offer, for a memory stick.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path, PurePosixPath
from posixpath import normpath
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile

from unrolled.book.execution import digest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.application import Sphinx

NAME = "offline.js"
WORKER = Path(__file__).parent / "templates" / NAME
LEFT_OUT = ("404.html", "_static/vendor/")
"""What is never asked for by name; the theme's font of signs, which no page shows."""

_LOADED = re.compile(r'<(?:link|script|img)\b[^>]*?\s(?:href|src)="([^"#]+)"')
_NAMED = re.compile(r"url\([\"']?(?!data:|#)([^\"')]+)")
_WANTED = re.compile(r'"([\w.-]+\.js\?v=\w+)"')  # a room's files (pages.scripts_of)
_PATTERNS = {".html": _LOADED, ".css": _NAMED, ".js": _WANTED}


def _named_by(file: Path) -> list[str]:
    """What a page loads, or a style sheet, or a script when a reader asks for it."""
    pattern = _PATTERNS.get(file.suffix)
    return pattern.findall(file.read_text("utf-8")) if pattern else []


def _pages(site: Path) -> Iterator[str]:
    for page in site.rglob("*.html"):
        address = page.relative_to(site).as_posix()
        if not address.startswith("_static"):
            yield address


def files(site: Path) -> list[str]:
    """Every page of a built site and all that they load, by addresses from its root.

    A page loads some at once, and others when a reader asks for them.
    """
    found: set[str] = set()
    asked = list(_pages(site))
    while asked:
        address = asked.pop()
        path = address.partition("?")[0]
        left_out = address in found or address.startswith(LEFT_OUT)
        if left_out or not (site / path).is_file():
            continue
        found.add(address)
        named = [one for one in _named_by(site / path) if ":" not in one]
        asked += [normpath(f"{PurePosixPath(path).parent}/{one}") for one in named]
    return sorted(found)


def write(site: Path) -> None:
    """Write the worker of a built site, of one version for the same pages and files."""
    found = files(site)
    paths = {site / one.partition("?")[0] for one in found}
    worker = WORKER.read_text("utf-8")
    version = digest(paths, site, "\n".join([worker, *found]))
    told = {"VERSION": version, "FILES": found}
    rows = (f"const {name} = {json.dumps(value)};\n" for name, value in told.items())
    site.joinpath(NAME).write_text("".join(rows) + worker, "utf-8")


def pack(site: Path, archive: Path) -> None:
    """Pack a built site, in a folder of the archive's name: the whole, or nothing."""
    paths = [site / one.partition("?")[0] for one in files(site)]
    paths += sorted(site.glob("_sources/**/*.ipynb"))
    half = archive.with_suffix(".half")
    try:
        with ZipFile(half, "w", ZIP_DEFLATED) as packed:
            for path in paths:
                packed.write(path, f"{archive.stem}/{path.relative_to(site)}")
        half.replace(archive)
    finally:
        half.unlink(missing_ok=True)


def main(arguments: list[str]) -> int:
    """Pack a site, and say how large it is; the exit status."""
    site, archive = map(Path, arguments)
    if not (site / "index.html").is_file():
        print(f"There is no book in {site} to pack: make book", file=sys.stderr)
        return 1
    pack(site, archive)
    print(
        f"The website is packed in {archive} ({archive.stat().st_size / 1e6:.1f} MB)."
    )
    return 0


def finish(app: Sphinx, exception: Exception | None) -> None:
    """Write the worker once every page and file is as it will be."""
    if not exception and app.builder.format == "html":
        write(Path(app.outdir))


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.connect("build-finished", finish, priority=990)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
