"""Packs the package's texts for a wheel; all else of it stands in pyproject.toml.

Words, records and results are much alike, and the bundles share most of their code:
packed as one they take half of what they take as files. A model's weights, which no
other text is like, are packed alone, and opened by the chapter that asks for them.
`unrolled.data` reads all this. A Python without lzma leaves the files as they are, and
in a copy of the book nothing is packed.
"""

import json
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

try:
    import lzma
except ImportError:
    lzma = None

# What experiments/ alone imports.
STUDIES = [("unrolled", name) for name in ("studies", "clusters", "tuning")]
TEXTS = {".css", ".json", ".mjs", ".txt"}
LARGE = 300_000  # bytes
# For base64, in which four letters say three bytes: each of the four is like its own.
FOURS = [{"id": lzma.FILTER_LZMA2, "preset": 9, "lc": 0, "lp": 2}] if lzma else None


class Pack(build_py):
    """Copies the package, and puts packed files in the place of its texts."""

    def find_package_modules(self, package, folder):
        """Leave out the modules that no reader needs."""
        found = super().find_package_modules(package, folder)
        return [one for one in found if one[:2] not in STUDIES]

    def run(self):
        super().run()
        if lzma and not self.editable_mode:
            pack(Path(self.build_lib, "unrolled"))


def pack(package):
    """Pack the texts of a package that was copied."""
    texts = {}
    for path in sorted(one for one in package.rglob("*") if one.suffix in TEXTS):
        text = path.read_bytes()
        if len(text) > LARGE:
            packed = lzma.compress(text, filters=FOURS)
            path.with_name(f"{path.name}.xz").write_bytes(packed)
        else:
            texts[path.relative_to(package).as_posix()] = text.decode()
        path.unlink()
    packed = lzma.compress(json.dumps(texts, ensure_ascii=False).encode(), preset=9)
    package.joinpath("data.xz").write_bytes(packed)


setup(cmdclass={"build_py": Pack})
