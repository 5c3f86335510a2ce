"""Build the book: `python -m unrolled.book SOURCE`.

Warnings are errors. A build that failed fails again until its cause is gone: what
Sphinx remembers of the pages is thrown away, because with `-W` it would not read
them a second time, and would report success.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from pathlib import Path

from unrolled.book import configure, english, problems, solutions, told_in_english


def build(source: Path, folder: Path) -> bool:
    """Build `source` into `folder/_build/html`; True if nothing went wrong."""
    # Writes Matplotlib's font cache now: the first notebook would print about it.
    import matplotlib.font_manager  # noqa: F401
    from jupyter_book.cli.main import main as jupyter_book
    from sphinx.util.console import nocolor

    if not sys.stdout.isatty():
        nocolor()
    built = False
    try:
        command = ["build", str(source), "--path-output", str(folder)]
        jupyter_book([*command, "-W", "-n", "--keep-going"], standalone_mode=False)
        built = True
    except SystemExit as stopped:
        built = not stopped.code
    except RuntimeError as error:  # jupyter-book's wrapping of an exception
        problems.append(str(error.__cause__ or error))
    finally:
        if not built:
            shutil.rmtree(folder / "_build" / ".doctrees", ignore_errors=True)
    return built


def main(arguments: list[str] | None = None) -> int:
    """Build, and say what there is to open or to mend; the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m unrolled.book", description=__doc__
    )
    parser.add_argument("source", type=Path, help="the folder with _config.yml")
    parser.add_argument("--solutions", default="folded", help="or hidden")
    given = parser.parse_args(arguments)
    source = given.source
    started = time.monotonic()
    try:
        folder = solutions.choose(given.solutions, source)
        repository = configure.read(source)
    except (solutions.EditionError, configure.ConfigurationError) as error:
        print(f"The book was not built: {error}", file=sys.stderr)
        return 1
    print("Building the book: running the notebooks, then writing the pages.")
    if not build(source, folder):
        print("\nThe book was not built. What to mend:\n", file=sys.stderr)
        for problem in dict.fromkeys(problems):
            print("- " + problem.replace("\n", "\n  "), file=sys.stderr)
        return 1
    if repository is None:
        print(
            "\nNo repository is configured, so there is no Colab button and no install "
            "cell: make configure REPO=owner/name"
        )
    elif solutions.hidden():
        print(
            f"\nIts buttons open the branch {configure.STUDENTS!r} of "
            f"{repository.url}: make students writes it."
        )
    if english:
        print(f"\n{told_in_english()}")
    print(f"\nThe book is built ({time.monotonic() - started:.0f} s). Open:")
    print(f"  {folder / '_build' / 'html' / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
