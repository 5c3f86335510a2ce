"""The language that the site and its figures speak.

Sphinx's own `language`, in _config.yml, chooses it. Here it reaches the words of this
package: those of the site's furniture (`words/`, which the templates have as `words`),
and, by the environment variable UNROLLED_LANGUAGE, those that this process and the
kernels say. What a language lacks is said in English, and listed.
"""

from __future__ import annotations

import json
import os
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from sphinx.util import logging

from unrolled import book
from unrolled.words import ENGLISH, Words, language, missing

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config

PACKAGE = Path(__file__).resolve().parents[1]
FURNITURE = Words(PACKAGE / "book" / "words")
_LOGGER = logging.getLogger(__name__)


def untranslated(package: Path, wanted: str) -> list[str]:
    """Say for each folder of words what it lacks in a language."""
    said = []
    for english in sorted(package.rglob(f"words/{ENGLISH}.json")):
        folder = english.parent
        lacking = missing(folder, wanted)
        if lacking:
            place = folder.relative_to(package).as_posix()
            whole = not (folder / f"{wanted}.json").is_file()
            what = f"no {wanted}.json" if whole else ", ".join(lacking)
            said.append(f"{place}: {what}")
    return said


def configure(app: Sphinx, config: Config) -> None:
    """Choose the language, and give the furniture its words."""
    os.environ["UNROLLED_LANGUAGE"] = (config.language or ENGLISH).replace("_", "-")
    tree = FURNITURE.tree
    plain = (key for key, one in tree.items() if isinstance(one, str))
    config.html_context["words"] = {key: escape(FURNITURE(key)) for key in plain}
    config.html_context["results"] = escape(json.dumps(tree["results"]))
    for option, key in (("show", "showCode"), ("hide", "hideCode")):
        name = f"nb_code_prompt_{option}"
        if config[name] == config.values[name].default:  # the book has none of its own
            config[name] = FURNITURE(key)
    book.english[:] = untranslated(PACKAGE, language())
    if book.english:
        _LOGGER.info("%s", book.told_in_english())


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.connect("config-inited", configure)
