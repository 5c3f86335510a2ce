"""What a page of the site loads, and what it does not.

Nothing comes from another host. From the theme a page takes what it needs of its style
sheets (`sheet`), and the scripts of its menus and of the light and dark switch; the
templates in `templates/` leave out Font Awesome (540 KB), Bootstrap's script and the
search index (only the search page needs it). No script holds up a page but the first,
which says whether it is light or dark.
"""

from __future__ import annotations

import json
import re
import shutil
import zlib
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx.util import logging

from unrolled import letters, results
from unrolled.book.execution import PACKAGE, digest
from unrolled.book.language import FURNITURE
from unrolled.book.solutions import repository

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config

HERE = Path(__file__).resolve().parent
BUNDLES = PACKAGE / "explorers" / "bundles"
FIRST = {"async": "async"}
"""How the scripts of figures are loaded: they run when they are here."""
UNUSED = ("doctools.js", "sphinx_highlight.js", "translations.js")
"""Sphinx's, for keys and marks that its own search has; ours leads to the sentence."""
START = "start.js"
"""What runs before anything is painted."""

_LOGGER = logging.getLogger(__name__)


def configure(app: Sphinx, config: Config) -> None:
    """Set what follows from how the explorers are made, not from taste."""
    config.nb_render_plugin = "unrolled"
    # myst-nb's name for the scripts of pages with widgets. A classic script: module
    # scripts are blocked on file://.
    config.nb_ipywidgets_js = {"host.js": FIRST}
    config.templates_path.insert(0, str(HERE / "templates"))
    found, places = repository(Path(app.srcdir)), ("colab", "binder", "pulled")
    open_in = {one: getattr(found, one) for one in places if found}
    config.html_context["open_in"] = {one: at for one, at in open_in.items() if at}
    if found and found.edition:
        edition = FURNITURE("editions.this", name=found.edition)
        config.html_context["edition"] = edition
    built = Path(app.outdir).parent
    faces = write_letters(built / ".letters")
    scripts = write_scripts(built / ".scripts", faces.read_text("utf-8"))
    folders = [HERE / "static", scripts, faces.parent]
    config.html_static_path[:0] = [str(folder) for folder in folders]
    folders += [Path(app.srcdir, folder) for folder in config.html_static_path]
    files = {file for folder in folders for file in folder.rglob("*") if file.is_file()}
    config.unrolled_assets = digest(files, Path("/"))


_DEFAULT = re.compile(r"\bexport\s*\{\s*([\w$]+) as default\s*\};?\s*$")
# Every form of import. Python's `import numpy as np`, in code to copy, is none.
_IMPORT = re.compile(r"\bimport\b\s*(?:[(.\"'`]|[\w$*{][^;\"'`]*?\bfrom\s*[\"'])")


def classic(module: str, name: str) -> str:
    """Return a module of the explorer `name` as a classic script that registers it.

    A page opened from a file may load no modules. Raises ValueError for a module that
    exports anything beside its default, or imports anything.
    """
    found = _DEFAULT.search(module)
    body = module[: found.start()] if found else module
    if not found or re.search(r"\bexport\b", body):
        raise ValueError(f"{name}.mjs has to export a default, and nothing else")
    if _IMPORT.search(body):
        raise ValueError(
            f"{name}.mjs has to import nothing; `make frontend` bundles it"
        )
    return (
        f"(()=>{{{body}\nconst home=globalThis.unrolled??={{}};"
        f"(home.explorers??={{}})[{json.dumps(name)}]={found[1]};home.look?.()}})();\n"
    )


def scripts_of(kind: str, module: str, texts: dict[str, str]) -> dict[str, str]:
    """Return an explorer's scripts by the names of their files.

    They are its own, and one for each of its room's `texts`: a page opened from a file
    can load these. Where they are its own says, in addresses that name their content,
    and as Sphinx does, for the page names the first.
    """
    files = {
        f"{kind}.{name}.js": _told("files", kind, {name: text})
        for name, text in texts.items()
    }
    addresses = {
        name: f"{file}?v={zlib.crc32(files[file].encode()):08x}"
        for name, file in zip(texts, files, strict=True)
    }
    own = classic(module, kind)
    if addresses:
        own += _told("addresses", kind, addresses)
    return {f"{kind}.js": own} | files


def _told(what: str, kind: str, told: dict[str, str]) -> str:
    """A script that tells the host something of an explorer, by its names."""
    return (
        f"{{const home=globalThis.unrolled??={{}};"
        f"Object.assign((home.{what}??={{}})[{json.dumps(kind)}]??={{}},"
        f"{json.dumps(told)});home.look?.()}}\n"
    )


def write_letters(folder: Path) -> Path:
    """Write the figures' font and its style sheet, unless they are there."""
    made_from = digest([Path(letters.__file__)], PACKAGE, version("matplotlib"))
    sheet = folder / "letters.css"
    head = f"/* {made_from} */\n"
    if not sheet.exists() or not sheet.read_text("utf-8").startswith(head):
        folder.mkdir(parents=True, exist_ok=True)
        sheet.write_text(head + letters.write_faces(folder), "utf-8")
    return sheet


def write_scripts(folder: Path, faces: str) -> Path:
    """Write what pages load, from the bundles: scripts, and one style sheet for all.

    faces: the style sheet that names the figures' font.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for script in BUNDLES.glob("*.js"):
        shutil.copy(script, folder)
    for module in BUNDLES.glob("*.mjs"):
        texts = results.texts(BUNDLES.parent / module.stem)
        scripts = scripts_of(module.stem, module.read_text("utf-8"), texts)
        for name, script in scripts.items():
            folder.joinpath(name).write_text(script, "utf-8")
    sheets = [BUNDLES / "explorers.css", *sorted(BUNDLES.glob("*.css"))]
    style = faces + "".join(sheet.read_text("utf-8") for sheet in dict.fromkeys(sheets))
    folder.joinpath("explorers.css").write_text(style, "utf-8")
    return folder


def check_pictures(app: Sphinx, doctree: nodes.document) -> None:
    """Warn about a picture in the text that has no alternative text."""
    for image in doctree.findall(nodes.image):
        if not image.get("alt", "").strip():
            _LOGGER.warning(
                "the picture %s has no alternative text",
                image.get("uri"),
                location=image,
                type="unrolled",
                subtype="alt",
            )


_OTHERS = {
    # docutils' own role for a citation is none of those that an item of a list may have
    'role="doc-biblioentry"': 'role="listitem"',
    # myst-nb's label, always in English, for what the visible words say better
    '<summary aria-label="Toggle hidden content">': "<summary>",
}


def mend_body(
    app: Sphinx, name: str, template: str, context: dict, doctree: nodes.document | None
) -> None:
    """Mend what others write into a page, so that all readers are told the same."""
    for written, better in _OTHERS.items():
        if written in context.get("body", ""):
            context["body"] = context["body"].replace(written, better)


THEME = Path("_static", "scripts", "pydata-sphinx-theme.js")
_HEARS = re.compile(
    r'(addEventListener\("keydown",(\w+)=>\{)(?=let \w+=\w+\(\);\2\.shift)'
)


def mend_theme(app: Sphinx, exception: Exception | None) -> None:
    """Have the theme look for its search field when a key is pressed that opens it.

    It looked through the whole page whatever key was pressed: on a phone, 2 ms for each
    that moves a slider.
    """
    if exception or not (script := Path(app.outdir, THEME)).is_file():
        return
    text = script.read_text("utf-8")
    asked = r"\1if(!/^(k|escape)$/i.test(\2.key))return;"
    script.write_text(_HEARS.sub(asked, text), "utf-8")


def order_scripts(
    app: Sphinx, name: str, template: str, context: dict, doctree: nodes.document | None
) -> None:
    """Have in the head what the first figure needs, all else at the end of the body.

    None holds up the page but START. What would stand in the page itself is left out: a
    server may forbid it, and no page needs it.
    """
    start, figures, others = [], [], []
    for script in context["script_files"]:
        if not script.filename or Path(script.filename).name in UNUSED:
            continue
        if "async" in script.attributes:
            figures.append(script)
        elif Path(script.filename).name == START:
            start.append(script)
        else:
            script.attributes["defer"] = "defer"
            others.append(script)
    context["start_script"] = start[0]
    context["script_files"] = figures[:1] + figures[1:][-1:]  # and the host
    context["later_scripts"] = figures[1:-1] + others


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    # Write every page again when a script or a style sheet changes: a page names them
    # with a checksum.
    app.add_config_value("unrolled_assets", "", "html", types=[str])
    # Jupyter Book sets it always; the extension that reads it is not used.
    app.add_config_value("comments_config", {}, "", types=[dict])
    app.add_js_file("page.js", loading_method="defer")
    app.add_css_file("explorers.css", priority=600)
    app.add_css_file("theme.css", priority=610)
    app.add_js_file(START, priority=0)
    app.add_js_file("scripts/pydata-sphinx-theme.js", priority=900)
    app.connect("config-inited", configure)
    app.connect("doctree-read", check_pictures)
    app.connect("html-page-context", mend_body)
    app.connect("html-page-context", order_scripts, priority=900)
    app.connect("build-finished", mend_theme)
