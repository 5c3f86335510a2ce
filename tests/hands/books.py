"""A tiny book, written and built in a folder of its own."""

import json
import os
import re
import shutil
import subprocess
import sys

import nbformat

from hands import ROOT

PACKAGE = ROOT / "src" / "unrolled"


def write_book(folder, pages):
    """Write a book: a page is Markdown, or a list of cells (source, metadata)."""
    shutil.copytree(ROOT / "book" / "_static", folder / "book" / "_static")
    shutil.copy(ROOT / "book" / "references.bib", folder / "book")
    shutil.copy(ROOT / "_config.yml", folder)
    first, *others = pages
    toc = {
        "format": "jb-book",
        "root": first,
        "chapters": [{"file": p} for p in others],
    }
    (folder / "_toc.yml").write_text(json.dumps(toc))
    for name, page in pages.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if isinstance(page, str):
            (folder / f"{name}.md").write_text(page)
            continue
        notebook = nbformat.v4.new_notebook(
            metadata={
                "kernelspec": {"name": "python3", "display_name": "Python 3"},
                "language_info": {"name": "python"},
            }
        )
        notebook.cells.append(nbformat.v4.new_markdown_cell(f"# {name}"))
        for source, metadata in page:
            cell = nbformat.v4.new_code_cell(source.strip(), metadata=metadata)
            notebook.cells.append(cell)
        nbformat.write(notebook, folder / f"{name}.ipynb")
    return folder


def set_language(book, language):
    """Have a book that was written speak another language than this one."""
    config = book / "_config.yml"
    text, count = re.subn(
        r"^(    language:) .*$",
        rf"\1 {language}",
        config.read_text("utf-8"),
        flags=re.M,
    )
    assert count == 1
    config.write_text(text, "utf-8")


def build(book, package=PACKAGE, **environment):
    """Build a book with the package, or a copy of it, as `make book` does."""
    return subprocess.run(
        [sys.executable, "-m", "unrolled.book", "."],
        cwd=book,
        env=os.environ | {"PYTHONPATH": str(package.parent)} | environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
