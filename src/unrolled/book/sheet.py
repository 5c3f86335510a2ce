"""The one style sheet of the site: what the theme's say of the elements that there are.

The theme styles whatever any site may have: 66 KB that a browser waits for, and nearly
all of it is for nothing on a page of the book. When all pages are written, the rules of
others are kept that may match something: each tag, class, id and attribute that a rule
names stands on some page, or in a script that may put it there. Our own sheets follow
whole. A rule is kept when in doubt: states, media and `:has` are not looked into.

Paper is light: rules for the dark theme are not for print, those for the light one are
for print in any theme.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import tinycss2

from unrolled.book.mathml import FONT, cell_style, characters_of, make_font

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx

NAME = "book.css"
THEME = ("basic.css", "styles/pydata-sphinx-theme.css")
"""What the theme links by itself, before what Sphinx knows of."""
OURS = ("explorers.css", "theme.css", "site.css")

_TAG = re.compile(r"<([a-zA-Z][\w-]*)((?:\s[^<>]*)?)>")
_ATTRIBUTE = re.compile(r"([\w:-]+)=\"([^\"]*)\"")
_STYLED = re.compile(
    r'(<(?:table|td)) style="[^"]*"'
)  # Sphinx's index: theme.css has it
_TEXT = re.compile(r"\"([^\"\n]*)\"|'([^'\n]*)'|`([^`]*)`")  # of a script
_WORD = re.compile(r"[\w-]+")
_LINK = re.compile(rf"(_static/{re.escape(NAME)})(?:\?v=\w*)?")
_DARK, _LIGHT = (
    re.compile(rf"\[data-theme=[\"']?{theme}[\"']?\]") for theme in ("dark", "light")
)
_SCRIPT = re.compile(r'<script[^>]* src="[^"]*_static/([^"?]+)')
_USED = re.compile(r"var\(\s*(--[\w-]+)")


# What there is


def words_of(pages: Iterable[str], scripts: Iterable[str]) -> frozenset[str]:
    """The names of tags, attributes, classes and ids that pages have or may get."""
    found: set[str] = set()
    for page in pages:
        for tag, attributes in set(_TAG.findall(page)):
            found.add(tag.lower())
            for name, value in _ATTRIBUTE.findall(attributes):
                found.add(name)
                if name in ("class", "id"):
                    found.update(value.split())
    for script in scripts:
        for texts in _TEXT.findall(script):
            found.update(word for text in texts for word in _WORD.findall(text))
    return frozenset(found)


# What a rule needs


def _parts(tokens: list, separator: str) -> Iterator[list]:
    """Tokens between a separator."""
    part: list = []
    for token in tokens:
        if token == separator:
            yield part
            part = []
        else:
            part.append(token)
    yield part


def may_match(selector: list, words: frozenset[str]) -> bool:
    """Say whether all names of one selector, its tokens, are among `words`."""
    before = ""
    for token in selector:
        if token.type == "ident":
            named = before == "." or before != ":"
            if named and token.value not in words:
                return False
        elif token.type == "hash" and token.value not in words:
            return False
        elif token.type == "[] block":
            name = next(one.value for one in token.content if one.type == "ident")
            if name not in words:
                return False
        elif token.type == "function" and token.name in ("is", "where", "has"):
            choices = _parts(token.arguments, ",")
            if not any(may_match(choice, words) for choice in choices):
                return False
        before = token.value if token.type == "literal" else ""
    return True


# The sheet: rules as pairs of a head and what it holds, declarations or other rules


def _kept(rules: list, words: frozenset[str]) -> Iterator[tuple[str, list]]:
    """The rules that may match, each with the selectors that may."""
    for rule in rules:
        if rule.type == "qualified-rule":
            choices = _parts(rule.prelude, ",")
            kept = [_text(one) for one in choices if may_match(one, words)]
            if kept:
                yield from _for_paper(kept, list(_declarations(rule)))
        elif rule.at_keyword in ("media", "supports"):
            inner = tinycss2.parse_rule_list(rule.content, True, True)
            yield f"@{rule.at_keyword} {_text(rule.prelude)}", list(_kept(inner, words))
        elif rule.at_keyword == "font-face":
            yield "@font-face", list(_declarations(rule))
        elif rule.at_keyword not in ("charset", "import"):
            head = f"@{rule.at_keyword} {_text(rule.prelude)}"
            yield head, [("", tinycss2.serialize(rule.content))]


def _for_paper(selectors: list[str], declared: list) -> Iterator[tuple[str, list]]:
    """A rule, in a form in which what is printed is light, whatever the screen is."""
    dark = [one for one in selectors if _DARK.search(one)]
    if dark:
        yield "@media not print", [(",".join(dark), declared)]
    others = [one for one in selectors if one not in dark]
    if others:
        yield ",".join(others), declared
    light = [_LIGHT.sub("[data-theme]", one) for one in others if _LIGHT.search(one)]
    if light:
        yield "@media print", [(",".join(light), declared)]


def _text(tokens: list) -> str:
    return tinycss2.serialize(tokens).strip()


def _declarations(rule) -> Iterator[tuple[str, str]]:
    """The names and the texts of what a rule declares."""
    for one in tinycss2.parse_blocks_contents(rule.content, True, True):
        if one.type == "declaration":
            end = "!important" if one.important else ""
            yield one.name, f"{one.name}:{_text(one.value)}{end}"


def _written(rules: list, wanted: Callable[[str, list], bool]) -> str:
    """Those rules and declarations that are wanted, as text."""
    texts = []
    for head, held in rules:
        if not wanted(head, held):
            continue
        if held and isinstance(held[0][1], list):
            body = _written(held, wanted)
        else:
            body = ";".join(text for name, text in held if wanted(name, []))
        if body:
            texts.append(f"{head}{{{body}}}")
    return "".join(texts)


def trimmed(sheets: Iterable[str], words: frozenset[str], others: str) -> str:
    """What of `sheets` may matter where there are `words`; `others` are read, too.

    Variables, fonts and animations that nothing uses go with the rules that did.
    """
    rules = [
        rule
        for sheet in sheets
        for rule in _kept(tinycss2.parse_stylesheet(sheet, True, True), words)
    ]
    text = ""
    defines = ("@font-face", "@keyframes")
    shorter = _written(rules, lambda name, held: not name.startswith(defines))
    while shorter != text:  # until no variable is only used by one that is not
        text = shorter
        used = set(_USED.findall(text + others)) | set(_WORD.findall(others))
        shorter = _written(rules, _wanted(used, text + others))
    return text


def _wanted(used: set[str], text: str) -> Callable[[str, list], bool]:
    """Say of a name whether it is used: a variable's, an animation's, a font's."""

    def wanted(name: str, held: list) -> bool:
        if name == "@font-face":
            family = next(said for declared, said in held if declared == "font-family")
            return family.partition(":")[2].strip(" \"'") in text
        if name.startswith("@keyframes"):
            animation = re.escape(name.split()[1])
            return re.search(rf"animation[^;}}]*\b{animation}\b", text) is not None
        return not name.startswith("--") or name in used

    return wanted


_PICTURE = re.compile(r'class="unrolled-picture"[^>]*><svg[^>]* width="([\d.]+)pt"')
_CELL = re.compile(r'<mtd data-cell="([^"]+)"')


def measured(pages: Iterable[str]) -> str:
    """Rules for what pages tell by a number: pictures' own widths, and formulas' cells.

    A picture shrinks to the page, but only as far as it can be read; then it scrolls.
    """
    widths = {width for page in pages for width in _PICTURE.findall(page)}
    pictures = (
        f'.unrolled-picture>svg[width="{width}pt"]'
        f"{{max-width:max(100%,{0.65 * float(width):.0f}pt)}}"
        for width in sorted(widths, key=float)
    )
    cells = sorted({cell for page in pages for cell in _CELL.findall(page)})
    formulas = (f'mtd[data-cell="{cell}"]{{{cell_style(cell)}}}' for cell in cells)
    return "".join((*pictures, *formulas))


# Sphinx


def _rebased(sheet: Path, static: Path) -> str:
    """A sheet's text, with addresses as seen from the folder that the new one is in."""
    text = sheet.read_text("utf-8")
    return text if sheet.parent == static else text.replace("url(../", "url(")


def remember(
    app: Sphinx, name: str, template: str, context: dict, doctree: nodes.document | None
) -> None:
    """Keep the names of the style sheets that Sphinx would link."""
    linked = (str(one.filename) for one in context["css_files"])
    app.unrolled_sheets = [one.removeprefix("_static/") for one in linked]


def _scripts(pages: Iterable[str], static: Path) -> list[str]:
    """The texts of the scripts that pages load."""
    linked = {link for page in pages for link in _SCRIPT.findall(page)}
    return [static.joinpath(name).read_text("utf-8") for name in sorted(linked)]


def _sheet(app: Sphinx, pages: Iterable[str], static: Path) -> str:
    """The text of the sheet for these pages."""
    scripts = _scripts(pages, static)
    names = (*THEME, *app.unrolled_sheets)
    theirs = [_rebased(static / name, static) for name in names if name not in OURS]
    ours = "".join(
        static.joinpath(name).read_text("utf-8") for name in names if name in OURS
    )
    kept = trimmed(theirs, words_of(pages, scripts), ours + "".join(scripts))
    return f"{kept}\n{measured(pages)}\n{ours}"


def write(app: Sphinx, exception: Exception | None) -> None:
    """Write the sheet, and name it in every page by what is in it."""
    if exception or not getattr(app, "unrolled_sheets", None):  # no page was written
        return
    out = Path(app.outdir)
    static = out / "_static"
    files = [file for file in out.rglob("*.html") if static not in file.parents]
    pages = {file: file.read_text("utf-8") for file in files}
    version = make_font(out.parent / ".math", characters_of(pages.values()))
    shutil.copy(out.parent / ".math" / FONT, static)
    sheet = _sheet(app, pages.values(), static)
    sheet = sheet.replace(f'{FONT}"', f'{FONT}?v={version}"')
    static.joinpath(NAME).write_text(sheet, "utf-8")
    version = hashlib.sha256(sheet.encode()).hexdigest()[:8]
    for file, page in pages.items():
        named = _LINK.sub(rf"\1?v={version}", _STYLED.sub(r"\1", page))
        if named != page:
            file.write_text(named, "utf-8")


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.connect("html-page-context", remember, priority=900)
    # after the theme has written the colours of code
    app.connect("build-finished", write, priority=900)
