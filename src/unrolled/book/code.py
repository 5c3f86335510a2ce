"""How code is coloured: a span for what has a colour of its own, and no other.

Pygments writes a span for every name, operator and bracket too. They say nothing by
their colour, and were half of a chapter's elements.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO, TYPE_CHECKING

from pygments.formatters import HtmlFormatter
from pygments.token import Name, Operator, Punctuation, Text, Whitespace
from sphinx.highlighting import PygmentsBridge

if TYPE_CHECKING:
    from sphinx.application import Sphinx

PLAIN = frozenset((Name, Name.Namespace, Operator, Punctuation, Whitespace))


class Formatter(HtmlFormatter):
    """Pygments' formatter, which leaves plain code alone."""

    def format_unencoded(self, tokensource: Iterable[tuple], outfile: IO[str]) -> None:
        """Write the tokens, and those that are plain as text."""
        told = ((Text if kind in PLAIN else kind, text) for kind, text in tokensource)
        super().format_unencoded(told, outfile)


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    PygmentsBridge.html_formatter = Formatter
