"""The package's texts: its words, records, results, settings and bundles.

A copy of the book has them as files. A wheel has them packed (setup.py): what is large
in a file of its own, all else in one. Whoever needs one asks here, by the path that it
has in a copy of the book.
"""

import json
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parent
PACK = PACKAGE / "data.xz"


def text(path):
    """Return the text of a file of the package, or None if there is none."""
    if path.is_file():
        return path.read_text("utf-8")
    alone = path.with_name(f"{path.name}.xz")
    if alone.is_file():
        return _opened(alone).decode()
    return _packed().get(path)


def read(path, default=None):
    """Return what a JSON file of the package says, or a default if there is none."""
    found = text(path)
    return default if found is None else json.loads(found)


def within(folder, pattern):
    """Return the paths in a folder of the package whose names fit a pattern, sorted."""
    packed = {path for path in _packed() if path.parent == folder}
    packed |= {path.with_suffix("") for path in folder.glob("*.xz")}
    return sorted({*folder.glob(pattern), *(p for p in packed if p.match(pattern))})


@cache
def _packed():
    """What is packed together, by paths; nothing in a copy of the book."""
    texts = json.loads(_opened(PACK)) if PACK.is_file() else {}
    return {PACKAGE / name: text for name, text in texts.items()}


def _opened(file):
    import lzma  # a Python without it has everything as files

    return lzma.decompress(file.read_bytes())
