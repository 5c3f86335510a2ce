"""What the build of the book promises.

`python -m unrolled.book` stops, and stops again, at anything that would be wrong or
dead on a page, and says where and why; it never shows an output that is out of date;
and a page holds what its cells show, its formulas, and nothing from another host.

The books here are tiny, and built in temporary folders: one that is broken in every
way at once (built twice), and one that is sound (built, then changed and built again).
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pytest
from bs4 import BeautifulSoup
from fontTools.ttLib import TTFont
from hands import ROOT, memory
from hands.books import PACKAGE, build, write_book
from sphinx.highlighting import PygmentsBridge

from unrolled import results, svg
from unrolled.book import code, configure, execution, mathml, pages, sheet
from unrolled.book.configure import Repository, setup_cell

pytestmark = memory.remembered(lambda: memory.everything())

# A cell that shows what an explorer shows. `{name}` is to be filled in.
EXPLORER = """
import json

class Explorer:
    def _repr_mimebundle_(self, **options):
        picture = (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">'
            '<rect id="bar" width="9" height="9" fill="#1f2328"/>'
            '<use href="#bar"/></svg>'
        )
        shown = {
            "explorer": "probe",
            "name": "{name}",
            "traits": {"x": [1.0, -0.5], "label": "</script>"},
            "shared": json.dumps({"language": "en", "words": {"step": "step"}}),
            "room": json.dumps({"words": {"title": "</script>", "back": "before"}}),
        }
        return (
            {
                "text/plain": "Explorer()",
                "application/vnd.jupyter.widget-view+json": {"model_id": "0"},
                "image/svg+xml": picture,
            },
            {"image/svg+xml": {"alt": "Two bars", "unrolled": shown}},
        )

Explorer()
"""
FIGURE = """
%config InlineBackend.figure_formats = ["svg"]
import matplotlib.pyplot as plt
figure, axes = plt.subplots(figsize=(3, 2))
axes.plot([1, 3, 2], color="#2f6db3")
plt.show()
"""
ALT = {"mystnb": {"image": {"alt": "A line that rises, then falls"}}}


# The front end of that explorer, as esbuild writes it.
MODULE = 'const a={render(){return "first"}};export{a as default};\n'


def copy_package(folder: Path) -> Path:
    """Copy the package, to be changed, with an explorer's bundle for these tests."""
    package = folder / "src" / "unrolled"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    (package / "explorers" / "bundles" / "probe.mjs").write_text(MODULE)
    (package / "explorers" / "bundles" / "probe.css").write_text(".room-probe{top:0}")
    (package / "answer.py").write_text("ANSWER = 'forty-one'\n")
    return package


def to_mend(result: subprocess.CompletedProcess) -> str:
    """The summary at the end of a failed build."""
    assert result.returncode != 0, result.stdout
    return result.stdout.split("The book was not built. What to mend:")[1]


# A broken book


@pytest.fixture(scope="module")
def broken(tmp_path_factory) -> tuple[str, str]:
    """The summaries of building a broken book twice."""
    folder = tmp_path_factory.mktemp("broken")
    cells = [
        (FIGURE, {}),
        (FIGURE.replace("svg", "png"), {}),
        (FIGURE, ALT),
        (EXPLORER.replace("{name}", "twin"), {}),
        (EXPLORER.replace("{name}", "twin"), {}),
        (EXPLORER.replace("{name}", "broken"), {}),
        (
            "from IPython.display import HTML, Javascript\n"
            "HTML('<script src=\"https://example.org/plot.js\"></script>')",
            {},
        ),
        ("Javascript('alert(1)')", {}),
        ("HTML('<b>bold</b> <a href=\"https://example.org\">a link</a>')", {}),
        ("import ipywidgets\n\ndef square(x):\n    return x * x", {}),
        ("ipywidgets.interact(square, x=3);", {}),
    ]
    raises = [
        ("fine = 1", {}),
        ("x = fine\nnumerator = 1 / 0", {"tags": ["remove-cell"]}),
    ]
    formulas = (
        "# Formulas\n\nGood: $a_1$. Bad: $\\fraction{1}{2}$.\n\n![](picture.png)\n"
    )
    book = write_book(
        folder / "book", {"broken": cells, "raises": raises, "formulas": formulas}
    )
    (book / "picture.png").write_bytes(PIXEL)
    package = copy_package(folder)
    return to_mend(build(book, package)), to_mend(build(book, package))


# One transparent pixel.
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d4944415478"
    "9c6360000002000001e221bc330000000049454e44ae426082"
)


def test_a_cell_that_raises_stops_the_build_again_and_again(broken):
    for summary in broken:
        said = "raises.ipynb: cell 3 raised ZeroDivisionError: division by zero"
        assert said in summary
        assert "    numerator = 1 / 0" in summary


def test_the_second_build_finds_everything_that_the_first_one_found(broken):
    first, second = (set(re.findall(r"^- .*", text, re.MULTILINE)) for text in broken)
    assert first == second


def test_a_bare_widget_stops_the_build(broken):
    summary = broken[0]
    assert "broken.ipynb: cell 12 shows a widget (VBox)" in summary
    assert "    ipywidgets.interact(square, x=3);" in summary
    assert "Show an explorer of unrolled.explorers instead, or a Matplotlib" in summary


def test_a_picture_without_alternative_text_stops_the_build(broken):
    summary = broken[0]
    message = "shows a picture without alternative text"
    assert f"broken.ipynb: cell 2 {message}" in summary  # SVG
    assert f"broken.ipynb: cell 3 {message}" in summary  # PNG
    assert "broken.ipynb: cell 4" not in summary
    assert "formulas.md: the picture picture.png has no alternative text" in summary


def test_two_explorers_of_one_name_stop_the_build(broken):
    summary = broken[0]
    assert 'broken.ipynb: cell 6 shows a second explorer named "twin"' in summary
    assert 'name="twin-2"' in summary
    assert "broken.ipynb: cell 5" not in summary


def test_an_explorer_named_like_a_heading_stops_the_build(broken):
    assert 'an explorer is named "broken", which is also the address' in broken[0]


def test_a_script_in_an_output_stops_the_build(broken):
    summary = broken[0]
    assert "broken.ipynb: cell 8 shows HTML with '<script'" in summary
    assert "broken.ipynb: cell 9 shows a script" in summary
    assert "broken.ipynb: cell 10" not in summary


def test_a_broken_formula_stops_the_build(broken):
    assert (
        "this formula cannot be read: Undefined control sequence: \\fraction"
        in (broken[0])
    )


# A sound book


HERE = Repository("someone/unrolled", "v1.0")
COLAB = "https://colab.research.google.com/github/someone/unrolled/blob/v1.0"
FORMULAS = r"""# Formulas

The state $h_t = \tanh(W_h h_{t-1})$, and

$$\mathbb{R}^{H \times d}$$ (space)

See {eq}`space`.

```{code-cell} python
print(1 + 1)
```
"""


class Sound:
    """A sound book, its package, and what was built last."""

    def __init__(self, folder: Path) -> None:
        self.package = copy_package(folder)
        head = (ROOT / "book" / "index.md").read_text("utf-8").split("\n# ")[0]
        self.book = write_book(
            folder / "book",
            {
                "notebooks/chapter": [
                    (setup_cell(None), {"tags": ["remove-cell"]}),
                    ("from unrolled.answer import ANSWER\nprint(ANSWER)", {}),
                    ("import os\nprint('in a book:', os.environ['UNROLLED_BOOK'])", {}),
                    (EXPLORER.replace("{name}", "bars"), {}),
                    (EXPLORER.replace("{name}", "more-bars"), {"tags": ["hide-input"]}),
                    (FIGURE, ALT),
                    ("import ipywidgets\nslider = ipywidgets.IntSlider()", {}),
                ],
                "formulas": f"{head}\n{FORMULAS}",
            },
        )
        shutil.copy(ROOT / "CITATION.cff", self.book)
        chapter = self.book / "notebooks" / "chapter.ipynb"
        notebook = nbformat.read(chapter, 4)
        notebook.cells[1].id = "setup"
        nbformat.write(notebook, chapter)
        configure.configure(self.book, HERE)
        self.log = ""

    def build(self) -> None:
        result = build(self.book, self.package)
        assert result.returncode == 0, result.stdout
        self.log = result.stdout

    def page(self, name: str) -> str:
        name = "notebooks/chapter" if name == "chapter" else name
        return (self.book / "_build" / "html" / f"{name}.html").read_text("utf-8")


@pytest.fixture(scope="module")
def sound(tmp_path_factory) -> Sound:
    """A sound book, built once; the last tests of this file change it."""
    book = Sound(tmp_path_factory.mktemp("sound"))
    book.build()
    return book


def test_the_build_ends_with_what_to_open(sound):
    assert sound.log.rstrip().endswith(str(Path("_build", "html", "index.html")))


def test_kernels_know_that_they_make_a_book(sound):
    assert "in a book: 1" in sound.page("chapter")


def explorers_on(page: str) -> dict[str, tuple[dict, ElementTree.Element]]:
    """The traits and the picture of each explorer on a page, by its name."""
    places = re.findall(
        r'<div class="unrolled-explorer" id="([\w-]+)" data-explorer="probe">\s*'
        r'<script type="application/json">(.*?)</script>\s*'
        r'<div class="unrolled-picture" tabindex="0">(<svg.*?</svg>)</div>',
        page,
        re.DOTALL,
    )
    return {
        name: (json.loads(traits), ElementTree.fromstring(picture))
        for name, traits, picture in places
    }


def test_an_explorer_leaves_its_traits_and_its_picture(sound):
    shown = explorers_on(sound.page("chapter"))
    assert list(shown) == ["bars", "more-bars"]
    for name, (traits, picture) in shown.items():
        assert traits == {"name": name, "x": [1.0, -0.5], "label": "</script>"}
        assert picture.get("role") == "img"
        assert picture.get("aria-label") == "Two bars"


def test_a_page_says_once_what_the_host_must_know_of_a_room(sound):
    page = sound.page("chapter")
    said = re.findall(
        r'<script type="application/json" data-unrolled-room="(\w*)">(.*?)</script>',
        page,
    )
    told = {room: json.loads(told) for room, told in said}
    words = {"title": "</script>", "back": "before"}
    assert told[""] == {"language": "en", "words": {"step": "step"}}
    assert told["probe"] == {"words": words}
    assert list(told["probe"]["words"]) == list(words), "as they were written"
    assert len(said) == 2
    assert all('": ' not in told and '", ' not in told for _, told in said), "compact"


def test_a_figure_stands_in_the_page_in_its_colours(sound):
    page = sound.page("chapter")
    assert 'aria-label="A line that rises, then falls"' in page
    assert "var(--unrolled-negative, #2f6db3)" in page


def test_no_widget_state_is_on_a_page(sound):
    page = sound.page("chapter")
    assert 'type="application/vnd.jupyter' not in page
    assert "IntSlider" in page  # the cell's source, and nothing of its state
    assert "IntSliderModel" not in page


def test_scripts_hold_up_no_page_and_are_loaded_only_where_used(sound):
    head, _, body = sound.page("chapter").partition("<body")
    scripts = re.findall(r'<script async="async" src="(\S+)\?v=', head)
    assert [Path(script).name for script in scripts] == ["probe.js", "host.js"]
    assert "host.js" not in sound.page("formulas")
    held_up_by = re.findall(
        r"<script (?!async|defer|type)[^>]*>|<link [^>]*sheet[^>]*>", head + body
    )
    assert len(held_up_by) == 2, "a line of script, and one style sheet"
    site = sound.book / "_build" / "html" / "_static"
    assert ".room-probe{top:0}" in (site / "book.css").read_text()
    assert not list(site.rglob("*.mjs"))


def test_a_page_fetches_nothing_from_another_host(sound):
    for name in ("chapter", "formulas", "search", "genindex"):
        loaded = re.findall(
            r'<(?!a\b|link rel="canonical")\w[^>]*\b'
            r'(?:src|href)="((?:https?:)?//[^"]*)',
            sound.page(name),
        )
        assert loaded == []
        scripts = " ".join(re.findall(r"<script[^>]*>", sound.page(name))).lower()
        assert "host.js" in scripts or name != "chapter"
        for unwanted in ("thebe", "fontawesome", "mathjax", "require"):
            assert unwanted not in scripts


def test_formulas_need_no_script(sound):
    page = sound.page("formulas")
    formulas = re.findall(r"<math.*?</math>", page, re.DOTALL)
    assert len(formulas) == 2
    assert "tanh" in formulas[0]
    assert "\u211d" in formulas[1]
    assert re.search(r'id="equation-space".*?class="eqno">\(1\)', page, re.DOTALL)
    font = sound.book / "_build" / "html" / "_static" / mathml.FONT
    assert font.read_bytes()[:4] == b"wOF2"
    with TTFont(font) as font:  # Chromium leaves room for the widest root there is
        variants = font["MATH"].table.MathVariants
        place = variants.VertGlyphCoverage.glyphs.index(font.getBestCmap()[ord("√")])
        root = variants.VertGlyphConstruction[place]
    assert len(root.MathGlyphVariantRecord) == 1 and root.GlyphAssembly is None


def colab_links(sound: Sound, name: str) -> list[str]:
    page = sound.page(name)
    links = re.findall(r'<a [^>]*href="([^"]*)"[^>]*>Colab</a>', page)
    assert ("colab" in page.lower()) == bool(links)
    return links


def test_a_configured_book_links_its_notebooks_to_colab_and_says_no_more(sound):
    assert "No repository is configured" not in sound.log
    assert colab_links(sound, "chapter") == [f"{COLAB}/notebooks/chapter.ipynb"]
    assert colab_links(sound, "formulas") == []  # it runs, but Colab cannot open it


def test_a_changed_script_reaches_the_page_and_runs_no_notebook(sound):
    before = re.search(r"probe\.js\?v=\w+", sound.page("chapter"))[0]
    module = sound.package / "explorers" / "bundles" / "probe.mjs"
    module.write_text(MODULE.replace("first", "second"))
    sound.build()
    assert "Executing notebook" not in sound.log
    after = re.search(r"probe\.js\?v=\w+", sound.page("chapter"))[0]
    assert after != before
    script = sound.book / "_build" / "html" / "_static" / "probe.js"
    assert script.read_text() == pages.classic(module.read_text(), "probe")


def test_a_change_of_the_package_leaves_no_stale_output(sound):
    assert "forty-one" in sound.page("chapter")
    (sound.package / "answer.py").write_text("ANSWER = 'forty-two'\n")
    configure.configure(sound.book, None)
    sound.build()
    assert "forty-two" in sound.page("chapter")
    assert "forty-one" not in sound.page("chapter")
    caches = list((sound.book / "_build" / ".jupyter_cache").iterdir())
    assert len(caches) == 1


def test_a_book_without_a_repository_has_no_link_to_colab_and_says_so(sound):
    assert "No repository is configured" in sound.log
    assert colab_links(sound, "chapter") == colab_links(sound, "formulas") == []


# The parts


MEET = """import time
from pathlib import Path

Path({own!r}).touch()
for _ in range(600):
    if Path({other!r}).exists():
        break
    time.sleep(0.1)
else:
    raise TimeoutError("the other has not begun")
"""


def test_what_has_to_run_runs_together(tmp_path):
    """Of two notebooks that wait for each other, one alone would not end."""
    places = [str(tmp_path / name) for name in ("here", "there")]
    pages = {
        f"notebooks/{k}": [(MEET.format(own=own, other=other), {})]
        for k, (own, other) in enumerate([places, places[::-1]])
    }
    book = tmp_path / "book"
    book.mkdir()
    done = build(write_book(book, {"index": "# A book\n\nIt waits.\n", **pages}))
    assert done.returncode == 0, done.stdout


def test_the_cache_key_follows_what_notebooks_import(tmp_path):
    package = copy_package(tmp_path)
    versions = {"numpy": "2.0.0", "python": "3.11.1"}
    seen = {execution.execution_digest(package, versions)}
    assert execution.execution_digest(package, dict(versions)) in seen

    def changed() -> bool:
        digest = execution.execution_digest(package, versions)
        new = digest not in seen
        seen.add(digest)
        return new

    (package / "answer.py").write_text("ANSWER = 'another'\n")
    assert changed()
    (package / "new.py").write_text("")
    assert changed()
    (package / "new.py").rename(package / "renamed.py")
    assert changed()
    (package / "tokens.json").write_text("{}")
    assert changed()
    (package / "results" / "study.json").write_text("{}")
    assert changed()
    (package / "explorers" / "program.txt").write_text("print($x)\n")
    assert changed()
    versions["numpy"] = "2.0.1"
    assert changed()
    (package / "explorers" / "words" / "ko.json").write_text('{"front": {}}')
    assert changed()
    spoken = execution.execution_digest(package, versions, "ko")
    assert spoken not in seen
    (package / "explorers" / "bundles" / "probe.mjs").write_text("// another\n")
    next(package.glob("explorers/*/tests/test_face.py")).write_text("")
    (package / "book" / "pages.py").write_text("")
    (package / "book" / "words" / "en.json").write_text("{}")
    assert not changed()


def test_the_cache_key_knows_the_installed_versions():
    versions = execution.installed_versions()
    assert versions["torch"].startswith("2.")
    assert set(versions) == {"python", *execution.LIBRARIES}
    assert "none" not in versions.values()


def test_a_module_becomes_a_script_that_registers_it(node):
    code = "# import numpy as np\\nimport torch\\n"  # in a text that is to be copied
    for module in (
        MODULE,
        MODULE.rstrip(),
        'var $a={render(){return "first"}};\nexport {\n  $a as default\n};\n',
        f'const c="{code}",a={{render(){{return "first"}}}};export{{a as default}};',
    ):
        script = pages.classic(module, "a-probe")
        check = (
            "const kept = unrolled.explorers; if (kept.other !== 1 "
            "|| kept['a-probe'].render() !== 'first' || typeof a !== 'undefined') "
            "throw new Error(JSON.stringify(kept))"
        )
        before = "globalThis.unrolled = { explorers: { other: 1 } };"
        source = f"{before}\n{script}\n{script}\n{check}"
        done = subprocess.run([node, "-e", source], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "module",
    [
        "const a={};",
        "const a={};export{a};",
        "const a={},b=1;export{a as default,b};",
        "const a={},b=1;export{b,a as default};",
        "const a={},b=1;export{b as c};export{a as default};",
        "export const b=1;const a={};export{a as default};",
        "export function b(){}const a={};export{a as default};",
        'export*from"./b.js";const a={};export{a as default};',
        'export{default}from"./b.js";',
        "export default{render(){}};",
        "const a={};export{a as default};a.b=1;",
    ],
)
def test_a_module_exports_its_default_and_nothing_else(module):
    said = "^a-probe.mjs has to export a default, and nothing else$"
    with pytest.raises(ValueError, match=said):
        pages.classic(module, "a-probe")


@pytest.mark.parametrize(
    "statement",
    [
        'import"./b.js";',
        'import b from"./b.js";',
        "import b from './b.js';",
        'import{b as c}from"./b.js";',
        'import {\n  b,\n  d\n} from "./b.js";',
        'import*as b from"./b.js";',
        'import $,{b}from"./b.js";',
        '/* first */import"./b.js";',
        'const b=import("./b.js");',
        "const b=import.meta.url;",
    ],
)
def test_a_module_imports_nothing(statement):
    with pytest.raises(ValueError, match="^a-probe.mjs has to import nothing; "):
        pages.classic(f"{statement}const a={{}};export{{a as default}};", "a-probe")


def test_where_a_file_is_that_no_page_names_tells_what_is_in_it():
    def address(text):
        texts = {"first": "1", "later": text}
        module = "const a={};export{a as default};"
        scripts = pages.scripts_of("probe", module, texts)
        assert list(scripts) == ["probe.js", "probe.first.js", "probe.later.js"]
        named = re.findall(r'"(probe\.\w+\.js\?v=\w{8})"', scripts["probe.js"])
        assert len(named) == 2
        return named

    first, later = address("2")
    assert first.startswith("probe.first.js?v=")
    assert later.startswith("probe.later.js?v=")
    assert address("2") == [first, later]
    assert address("3")[0] == first and address("3")[1] != later


def test_every_bundle_can_be_a_script(node, tmp_path):
    pages.write_scripts(tmp_path / "scripts", "")
    rooms = {bundle.stem for bundle in pages.BUNDLES.glob("*.mjs")}
    scripts = {script.stem for script in (tmp_path / "scripts").glob("*.js")}
    files = {
        f"{room}.{name}": text
        for room in rooms
        for name, text in results.texts(pages.BUNDLES.parent / room).items()
    }
    assert files and scripts == {*rooms, *files, "host", "search", "start"}
    check = "if (!Object.values(unrolled.explorers).every((one) => one.render)) throw 0"
    check += "\nconsole.log(JSON.stringify(unrolled.files))"
    source = "".join(
        (tmp_path / "scripts" / f"{name}.js").read_text("utf-8")
        for name in (*files, *rooms)
    )
    done = subprocess.run(
        [node, "-"], input=source + check, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert files == {f"{room}.{k}": v for room in told for k, v in told[room].items()}


def test_colours_of_the_palette_become_custom_properties():
    light = json.loads((PACKAGE / "tokens.json").read_text())["light"]
    for token, colour in light.items():
        assert (
            svg.recolour(f"fill: {colour}")
            == f"fill: var(--unrolled-{token}, {colour})"
        )
        assert svg.recolour(colour.upper()).startswith(f"var(--unrolled-{token},")
    assert svg.recolour("#123456 url(#1f2328)") == "#123456 url(#1f2328)"


def test_an_inline_picture_keeps_to_itself():
    source = (
        '<svg xmlns="http://www.w3.org/2000/svg" '
        'xmlns:xlink="http://www.w3.org/1999/xlink">'
        "<metadata><a/></metadata><style>*{stroke-linejoin: round}</style>"
        '<clipPath id="clip"/> <g id="all"><path id="p" clip-path="url(#clip)"/></g>'
        '<use xlink:href="#p"/></svg>'
    )
    picture = svg.inline(source, 'alt "text" <b>', "one-")
    root = ElementTree.fromstring(picture)
    assert root.get("aria-label") == 'alt "text" <b>'
    assert root.get("stroke-linejoin") == "round", "its parts inherit it"
    ids = re.compile(r' id="([^"]*)"')
    assert sorted(ids.findall(picture)) == ["one-clip", "one-p", "one-svg"]
    assert 'clip-path="url(#one-clip)"' in picture
    assert 'xlink:href="#one-p"' in picture
    assert "metadata" not in picture and "<g" not in picture and "> <" not in picture
    other = svg.inline(source, "alt", "two-")
    assert not set(ids.findall(picture)) & set(ids.findall(other))


def test_an_inline_picture_has_no_styles_that_a_server_may_forbid():
    source = (
        '<svg xmlns="http://www.w3.org/2000/svg"><style>*{stroke-linecap: butt}</style>'
        '<path style="fill: #1f2328; stroke-width: 0.8; stroke-linecap: round"/>'
        "<text style=\"font: italic bold 9px 'DejaVu Sans', Arial; fill: none\">a "
        '<tspan style="font-size: 7px; font-family: Arial">b</tspan> c</text></svg>'
    )
    picture = svg.inline(source, "alt", "one-")
    assert " style=" not in picture and "<style" not in picture
    root, path, text, index = ElementTree.fromstring(picture).iter()
    assert root.get("stroke-linecap") == "butt"
    assert path.attrib == {
        "fill": "var(--unrolled-ink, #1f2328)",
        "stroke-width": "0.8",
        "stroke-linecap": "round",
    }
    font = {"font-style": "italic", "font-weight": "bold", "font-size": "9px"}
    assert text.attrib == font | {"fill": "none"}
    assert index.attrib == {"font-size": "7px"}
    assert "".join(text.itertext()) == "a b c"
    with pytest.raises(ValueError, match="not for all of its elements"):
        svg.inline(source.replace("*{", "path{"), "alt", "one-")


def test_marks_are_placed_to_a_hundredth_of_a_unit_where_that_is_small():
    marks = (
        '<path d="M 1.23456 -0.0001 L 10.5 20" stroke-width="0.8333"/>'
        '<use transform="translate(7.891234 2)"/><text x="1.23456">0.12345</text></svg>'
    )
    start = '<svg xmlns="http://www.w3.org/2000/svg"'
    picture = svg.inline(f'{start} viewBox="0 0 400 50">{marks}', "alt", "a-")
    for kept in ('d="M 1.23 -0 L 10.5 20"', 'stroke-width="0.83"', "translate(7.89 2)"):
        assert kept in picture
    assert 'x="1.23456">0.12345<' in picture
    for size in (' viewBox="0 0 400 1"', ""):
        picture = svg.inline(f"{start}{size}>{marks}", "alt", "a-")
        assert 'd="M 1.23456 -0.0001 L 10.5 20"' in picture


@pytest.mark.parametrize(
    "tex",
    [
        r"\frac{a",
        r"a}",
        r"\foo x",
        r"x^^2",
        r"\begin{pmatrix} 1",
        r"\begin{nothing} 1 \end{nothing}",
        r"\left( x",
        r"a & b",
        r"a_b_c",
        " ",
    ],
)
def test_broken_tex_is_an_error(tex):
    with pytest.raises(mathml.TexError):
        mathml.to_mathml(tex, display=False)


def test_formulas_are_mathml_core():
    aligned = mathml.to_mathml(
        r"\begin{aligned} c_t &= f_t \\ |h| &\le \lVert \mathbf{W} \rVert "
        r"\end{aligned}",
        display=True,
    )
    assert 'display="block"' in aligned
    assert "columnalign" not in aligned and 'mathvariant="bold"' not in aligned
    cells = re.findall(r'<mtd data-cell="([^"]*)">', aligned)
    assert (
        cells == ["right 0.25em 0em", "left 0.25em 0"] * 2 and " style=" not in aligned
    )
    rules = sheet.measured([aligned])
    assert rules.count('mtd[data-cell="right 0.25em 0em"]{') == 1
    assert "text-align:-webkit-right;padding:calc(0.25em/2) 0em" in rules
    assert "\U0001d416" in aligned and "\u2016" in aligned
    spaced = mathml.to_mathml(r"\log y", display=False)
    assert 'rspace="0.1667em"' in spaced
    assert "rspace" not in mathml.to_mathml(r"\log(y)", display=False)
    assert '<mo form="prefix">−</mo>' in mathml.to_mathml("b = -1", display=False)
    assert "form" not in mathml.to_mathml("a - 1 = (a) - 1", display=False)
    alphabets = mathml.to_mathml(
        r"\mathbb{R} \mathcal{L} \mathbf{h} \boldsymbol{\theta} \mathbb{1}",
        display=False,
    )
    for letter in "\u211d\u2112\U0001d421\U0001d73d\U0001d7d9":
        assert letter in alphabets


def test_formulas_have_no_more_elements_than_they_need():
    math = ElementTree.fromstring(mathml.to_mathml(r"h_t = \frac{{a}}{b_{1}}", False))
    tags = [element.tag.rpartition("}")[2] for element in math.iter()]
    assert tags[:5] == ["math", "msub", "mi", "mi", "mo"]
    assert tags[5:] == ["mfrac", "mi", "msub", "mi", "mn"]
    grouped = mathml.to_mathml(r"x^{a+b} \sqrt{{c+d}}", False)
    assert grouped.count("<mrow>") == 1, "what makes a row of several stays one"


def test_code_has_a_span_for_what_has_a_colour_alone():
    source = "import a\nfor x in range(3):  # up\n    y[x] = 'b' + a.c(x, True)\n"
    code.setup(None)
    bridge = PygmentsBridge("html")
    plain = bridge.highlight_block(source, "python")
    shown = BeautifulSoup(plain, "html.parser")
    kinds = {span["class"][0] for span in shown.select("span[class]")}
    assert kinds == {"kn", "k", "ow", "nb", "mi", "c1", "s1", "kc"}
    assert shown.get_text().strip() == source.strip()


def test_the_font_has_what_the_book_writes(tmp_path):
    usual = mathml.to_mathml(
        r"\sum_{t=1}^{T} \frac{\partial L_t}{\partial W_h} \prod_k \hat y \tilde{c} "
        r"\odot \sigma \varepsilon \in \mathbb{R} \mapsto \vec{x} \sqrt{2} \cdots h'",
        display=True,
    )
    assert mathml.missing_characters(usual) == set()
    # Words are set in the page's font, and may be in any language.
    unusual = mathml.to_mathml(r"\text{한} \circledR", display=False)
    assert mathml.missing_characters(unusual) == {"\u00ae"}
    mathml.make_font(tmp_path)
    from fontTools.ttLib import TTFont

    with TTFont(tmp_path / mathml.FONT) as font:
        assert "MATH" in font
        assert mathml.CHARACTERS - set(font.getBestCmap()) == set()
        assert "Open Font License" in font["name"].getDebugName(13)
    assert (tmp_path / mathml.FONT).stat().st_size < 60_000
    time = (tmp_path / mathml.FONT).stat().st_mtime_ns
    mathml.make_font(tmp_path)
    assert (tmp_path / mathml.FONT).stat().st_mtime_ns == time
