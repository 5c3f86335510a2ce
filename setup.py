"""Packs the explorers' bundles for a wheel; all else of it stands in pyproject.toml.

The bundles share most of their code. Packed as one they take 100 KB of a wheel instead
of 300. A Python without lzma leaves them as they are: `unrolled.explorers.base` reads
both. In a copy of the book nothing is packed.
"""

import json
import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

try:
    import lzma
except ImportError:
    lzma = None


class Pack(build_py):
    """Copies the package, and puts one file in the place of the bundles' folder."""

    def run(self):
        super().run()
        if lzma and not self.editable_mode:
            folder = Path(self.build_lib, "unrolled", "explorers", "bundles")
            paths = sorted(folder.iterdir())
            texts = {path.name: path.read_text("utf-8") for path in paths}
            packed = lzma.compress(json.dumps(texts).encode(), preset=9)
            folder.with_name("bundles.json.xz").write_bytes(packed)
            shutil.rmtree(folder)


setup(cmdclass={"build_py": Pack})
