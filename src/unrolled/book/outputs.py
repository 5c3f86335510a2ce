"""How a cell's output becomes a part of the page.

`Renderer` is myst-nb's renderer (entry point `myst_nb.renderers`, chosen by
`nb_render_plugin: unrolled`) with these differences:

- an explorer becomes a placeholder: its traits, and its picture with alternative
  text, from which the host on the page brings it to life;
- every other SVG stands inside the page, in the page's colours;
- a picture without alternative text, a cell that raised, and anything that would be
  dead on a static page are errors, which name the notebook and the cell;
- no widget state is written: a page is made from what its cells show, and no more.
"""

from __future__ import annotations

import json
import re
from html import escape
from itertools import count
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from docutils import nodes
from myst_nb.core.render import WIDGET_STATE_MIMETYPE, MimeData, NbElementRenderer
from sphinx.util import logging

from unrolled.book.pages import FIRST
from unrolled.book.sharing import keep_picture
from unrolled.book.solutions import hidden
from unrolled.svg import inline
from unrolled.words import Words

HERE = Path(__file__).parent
BUNDLES = Path(__file__).resolve().parents[1] / "explorers" / "bundles"
SVG = "image/svg+xml"
ADVICE = (
    "A page of the book has no kernel and loads nothing from other sites, so this "
    "would be dead on it. Show an explorer of unrolled.explorers instead, or a "
    "Matplotlib figure."
)

_LOGGER = logging.getLogger(__name__)

# A script, or anything that the browser fetches from another host by itself.
_FOREIGN = re.compile(
    r"<script\b|<(?!a\b)[a-z][^>]*?\b(?:src|href|data)\s*=\s*[\"']?(?:https?:)?//",
    re.IGNORECASE,
)


class Renderer(NbElementRenderer):
    """myst-nb's renderer, for a page that lives without a kernel."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._explorers: dict[str, str] = {}  # from an explorer's name to its kind
        self._files: dict[str, str] = {}  # what a kind cannot begin without
        self._refused: set[tuple[int | None, int | None]] = set()
        self._pictures = count(1)
        self._questions: list[nodes.Node] = []

    # What an explorer and a figure leave.

    def render_image(self, data: MimeData) -> list[nodes.Element]:
        """Render an explorer, or a picture that has alternative text."""
        shown = data.output_metadata.get(SVG, {}) if data.mime_type == SVG else {}
        if "unrolled" in shown:
            return self._render_explorer(data, shown["unrolled"], shown.get("alt", ""))
        options = self.renderer.get_cell_level_config(
            "render_image_options", data.cell_metadata, line=data.line
        )
        alt = str(options.get("alt", "")).strip()
        if not alt:
            self._error(
                data.cell_index,
                "shows a picture without alternative text. Say in the cell's metadata "
                'what there is to see: {"mystnb": {"image": {"alt": "..."}}}.',
            )
            return []
        if data.mime_type != SVG:
            return super().render_image(data)
        shown = self._raw(self._picture(data, alt))
        output = self._cells[data.cell_index].outputs[data.output_index]
        keep_picture(shown[0], output.data)
        return shown

    def _render_explorer(
        self, data: MimeData, explorer: dict[str, Any], alt: str
    ) -> list[nodes.Element]:
        kind, name = explorer["explorer"], explorer["name"]
        if name in self._explorers:
            self._error(
                data.cell_index,
                f'shows a second explorer named "{name}" on this page. Give one of '
                f'them a name of its own: name="{name}-2".',
            )
            return []
        if not alt.strip():
            self._error(
                data.cell_index,
                f'shows the explorer "{name}" without alternative text ("alt" in the '
                f"metadata of its {SVG}).",
            )
            return []
        if not (BUNDLES / f"{kind}.mjs").exists():
            self._error(
                data.cell_index,
                f'shows an explorer of kind "{kind}", but {BUNDLES.name}/ has no '
                f"{kind}.mjs. Run `make frontend`.",
            )
            return []
        rooms = self._told_once("", explorer.get("shared"))
        if kind not in self._explorers.values():
            rooms += self._told_once(kind, explorer.get("room"))
        self._explorers[name] = kind
        needs = ""
        if "file" in explorer:
            self._files[kind] = explorer["file"]
            needs = f' data-needs="{escape(explorer["file"])}"'
        told = explorer.get("told", {})
        state = {"name": name, **explorer.get("traits", {}), **told}
        picture = self._picture(data, alt)
        if "asked" in explorer:
            asked = explorer["asked"]
            if hidden() and self._is_exercise(told):
                asked = {"ask": asked["ask"]}
            picture = self._asked(picture, **asked)
        place = self._raw(
            f'{rooms}<div class="unrolled-explorer" id="{escape(name)}" '
            f'data-explorer="{escape(kind)}"{needs}>\n'
            f'<script type="application/json">{_json(state)}</script>\n'
            f"{picture}\n</div>"
        )
        if "_task" in told:
            self._questions += place
        return place

    @staticmethod
    def _asked(picture: str, ask: str, show: str = "", answer: str = "") -> str:
        """Return a picture with its question, and its answer, if any, folded away."""
        folded = (
            f"<details><summary>{escape(show)}</summary><p>{escape(answer)}</p>"
            "</details>"
        )
        return (
            f'<div class="unrolled-asked"><p>{escape(ask)}</p>{picture}'
            f"{folded if answer else ''}</div>"
        )

    @staticmethod
    def _is_exercise(told: dict[str, Any]) -> bool:
        """Say whether an exercise is asked, and no prediction."""
        return "_task" in told and not told["_task"]["rule"].get("predict")

    def _told_once(self, kind: str, told: str | None) -> str:
        """What the host needs to know of a room, or of all, as JSON: once a page."""
        if told is None or (not kind and self._explorers):
            return ""
        return (
            f'<script type="application/json" data-unrolled-room="{escape(kind)}">'
            f"{_json(json.loads(told), sort_keys=False)}</script>\n"
        )

    def _picture(self, data: MimeData, alt: str) -> str:
        """Return the SVG in a box that scrolls, by keyboard too, where it is wide."""
        try:
            picture = inline(data.string, alt, f"picture-{next(self._pictures)}-")
        except (ParseError, ValueError) as error:
            self._error(data.cell_index, f"shows an SVG that cannot be read: {error}.")
            return ""
        return f'<div class="unrolled-picture" tabindex="0">{picture}</div>'

    # What cannot live on a static page.

    def render_widget_view(self, data: MimeData) -> list[nodes.Element]:
        """Refuse a widget, unless it is an explorer: that is shown by its SVG."""
        if "unrolled" in data.output_metadata.get(SVG, {}):
            return []
        metadata = self.renderer.nb_client.nb_metadata.get("widgets") or {}
        state = metadata.get(WIDGET_STATE_MIMETYPE, {}).get("state", {})
        model = state.get(data.content.get("model_id"), {})
        name = model.get("model_name", "").removesuffix("Model")
        return self._refuse(data, f"a widget ({name})" if name else "a widget")

    def render_javascript(self, data: MimeData) -> list[nodes.Element]:
        """Refuse a script."""
        return self._refuse(data, "a script")

    def render_text_html(self, data: MimeData) -> list[nodes.Element]:
        """Render HTML that needs nothing beside itself."""
        foreign = _FOREIGN.search(data.string)
        if foreign:
            return self._refuse(data, f"HTML with {foreign[0][:60]!r}")
        return super().render_text_html(data)

    def render_unhandled(self, data: MimeData) -> list[nodes.Element]:
        """Refuse what only a notebook's own extensions can show."""
        return self._refuse(data, f"an output of type {data.mime_type}")

    def _refuse(self, data: MimeData, what: str) -> list[nodes.Element]:
        place = (data.cell_index, data.output_index)
        if place not in self._refused:
            self._refused.add(place)
            self._error(data.cell_index, f"shows {what}. {ADVICE}")
        return []

    # The end of the notebook.

    def render_nb_finalise(self, metadata: dict) -> None:
        """Report cells that raised; name the scripts that this page's explorers need.

        myst-nb would write the widgets' state here, which the page does not need.
        """
        for index, cell in enumerate(self._cells):
            if "raises-exception" in cell.metadata.get("tags", []):
                continue
            for output in cell.get("outputs", []):
                if output.output_type == "error":
                    self._error(
                        index, f"raised {output.ename}: {output.evalue}", whole=True
                    )
        for name in self._explorers:
            if name in self.renderer.document.ids:
                self._error(
                    None,
                    f'an explorer is named "{name}", which is also the address of a '
                    "heading on this page. Give the explorer another name: name=...",
                )
        for kind in dict.fromkeys(self._explorers.values()):
            self.add_js_file(f"explorer_{kind}", f"{kind}.js", FIRST)
            if kind in self._files:
                file = f"{kind}.{self._files[kind]}.js"
                self.add_js_file(f"file_{kind}", file, FIRST)
        if self._questions:
            self._count_answers()
        if self._explorers:
            for path, attributes in self.config.ipywidgets_js.items():
                self.add_js_file(f"host_{path}", path, attributes)

    def _count_answers(self) -> None:
        """Say below the chapter's front, its title and two paragraphs, what it asks.

        Whoever has answered the last question has the same below its section.
        """
        words = Words(HERE / "words")
        tree = words.tree["answers"]
        count = words("answers.count", all=len(self._questions), right=0)
        said = escape(f"{count} {tree['kept']}")
        section = next(self.renderer.document.findall(nodes.section))
        told = escape(json.dumps(tree, ensure_ascii=False))
        head = (
            f'<div class="unrolled-answers" data-title="{escape(section[0].astext())}" '
            f'data-unrolled-answers="{told}"><p>{said}</p></div>'
        )
        last = self._questions[-1]
        while last.parent is not section:
            last = last.parent
        end = '<div class="unrolled-answers" data-unrolled-answers><p></p></div>'
        section.insert(section.index(last) + 1, self._raw(end)[0])
        section.insert(3, self._raw(head)[0])

    @property
    def _cells(self) -> list:
        return self.renderer.nb_client.notebook.cells

    def _error(self, cell_index: int | None, message: str, whole: bool = False) -> None:
        """Report an error of a cell, with its first line or its whole source."""
        if cell_index is not None:
            source = self._cells[cell_index].source.strip().splitlines() or [""]
            shown = source[:12] if whole else source[:1]
            if len(source) > len(shown):
                shown = [*shown, "..."]
            rows = "".join(f"\n    {row}" for row in shown)
            message = f"cell {cell_index + 1} {message}{rows}"
        _LOGGER.error(
            "%s",
            message,
            location=self.renderer.sphinx_env.docname,
            type="unrolled",
            subtype="cell",
        )

    @staticmethod
    def _raw(html: str) -> list[nodes.Element]:
        return [nodes.raw(text=html, format="html")]


def _json(value: Any, sort_keys: bool = True) -> str:
    """JSON that may stand in a script element; infinities and nan are refused.

    Keys are sorted, as those of an output are that comes from the cache of runs; a room
    is told as text, in which they keep their order: its presets'.
    """
    text = json.dumps(
        value,
        ensure_ascii=False,
        allow_nan=False,
        separators=(",", ":"),
        sort_keys=sort_keys,
    )
    return text.replace("<", "\\u003c")
