"""The chapters as they are committed: what Colab, JupyterLab and GitHub all read."""

import ast
import json
import re
import sys

import nbformat
import pytest
from hands import ROOT

from unrolled.book.configure import SETUP

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
assert NOTEBOOKS
CACHE = ROOT / "_build" / ".jupyter_cache"  # of the build that all tests share
# What Colab has by default, and our own.
PACKAGES = {"numpy", "torch", "matplotlib", "ipywidgets", "unrolled"}
# Of what GitHub leaves of HTML, what a chapter may need.
GITHUB = {"a", "b", "br", "code", "details", "em", "i", "img", "kbd", "p", "strong"}
GITHUB |= {"sub", "summary", "sup"}
MOST_LINES = 30  # a cell fits on a screen
# What only MyST reads: the others show it as it is written.
MYST = {
    "a directive": r"^ *(`{3,}|~{3,}|:{3,}) *\{",
    "a block of colons": r"^ *:::",
    "a role": r"\{[A-Za-z][\w:.+-]*\}`",
    "a target": r"^ *\([\w:-]+\)= *$",
    "a substitution": r"\{\{.*\}\}",
    "a block break": r"^\+\+\+",
    "a comment": r"^ *%",
    "a footnote": r"\[\^[^\]]+\]",
    "a labelled equation": r"\$\$ *\([\w:-]+\) *$",
    "an environment without dollars": r"^\\begin\{",
    "a definition": r"^: ",
}


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def path(request):
    return request.param


@pytest.fixture
def notebook(path):
    return nbformat.read(path, as_version=4)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def prose(source):
    """Markdown without what stands in code or in a formula."""
    source = re.sub(r"^(`{3,})[^{\n]*\n.*?^\1`*$", "", source, flags=re.M | re.S)
    source = re.sub(r"\$\$.*?\$\$", "$$$$", source, flags=re.S)
    return re.sub(r"\$[^$\n]+\$|(?<![`}])`[^`\n]+`(?!`)", "", source)


def test_it_is_a_valid_notebook_written_the_usual_way(path, notebook):
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) >= (4, 5)
    text = path.read_text("utf-8")
    usual = json.dumps(json.loads(text), ensure_ascii=False, indent=1) + "\n"
    assert text == usual
    assert re.fullmatch(r"\d\d_[a-z][a-z_]*", path.stem)


def test_it_is_committed_without_what_a_run_leaves(notebook):
    for cell in code_cells(notebook):
        assert (cell.outputs, cell.execution_count) == ([], None), cell.id
        assert set(cell.metadata) <= {"tags", "mystnb", "cellView", "jupyter"}, cell.id
    assert notebook.metadata == {
        "kernelspec": {
            "display_name": "Python 3",
            "language": "python",
            "name": "python3",
        },
        "language_info": {"name": "python"},
    }


def test_its_cells_have_names_of_their_own(notebook):
    names = [cell.id for cell in notebook.cells]
    assert len(set(names)) == len(names)
    for name in names:
        assert re.fullmatch(r"[a-z][a-z0-9-]*", name)
        assert not re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f-]+)?", name), "made by chance"


def test_its_first_code_cell_sets_up(notebook):
    first, *others = code_cells(notebook)
    assert first.id == SETUP
    assert first.metadata.get("tags") == ["remove-cell"]
    for cell in others:
        assert not re.search(r"^ *[%!]|\bpip\b", cell.source, re.M), cell.id


def test_its_text_is_read_alike_everywhere(notebook):
    title, *rest = [c for c in notebook.cells if c.cell_type == "markdown"]
    assert title is notebook.cells[0]
    assert re.match(r"# \S", title.source)
    assert not any(re.search(r"^# ", prose(cell.source), re.M) for cell in rest)
    found = [
        f"{cell.id}: {what}"
        for cell in (title, *rest)
        for what, pattern in MYST.items()
        if re.search(
            pattern,
            cell.source if "equation" in what else prose(cell.source),
            re.MULTILINE,
        )
    ]
    assert not found, f"only MyST reads this: {found}"


def test_github_shows_all_of_its_text(path, notebook):
    """GitHub keeps some HTML, leads from file to file, and shows no data of a page."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            text = prose(cell.source)
            tags = set(re.findall(r"<([a-z]\w*)", text))
            assert tags <= GITHUB, f"{cell.id}: GitHub takes out {tags - GITHUB}"
            assert not cell.get("attachments"), cell.id
            for place in re.findall(r"\]\(([^)\s#]+)", text):
                there = place.startswith("https://") or (path.parent / place).is_file()
                assert there, f"{cell.id}: {place} is not in the repository"
            for place in re.findall(r'href="([^"]+)"', text):
                assert place.startswith("#"), f"{cell.id}: GitHub leads {place} astray"


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("```{note}\nOh.\n```", "a directive"),
        ("> x\n\n````{code-cell} python\n````", "a directive"),
        (":::\nOh\n:::", "a block of colons"),
        ("See {ref}`there`, and {py:func}`f`.", "a role"),
        ("(there)=\n# Here", "a target"),
        ("{{ version }}", "a substitution"),
        ("One.[^1]", "a footnote"),
        ("$$\nx\n$$ (eq)", "a labelled equation"),
        ("\\begin{align}\nx\n\\end{align}", "an environment without dollars"),
        ("% no", "a comment"),
        ("term\n: what it is", "a definition"),
    ],
)
def test_what_only_myst_reads_is_found(source, what):
    text = source if "equation" in what else prose(source)
    assert re.search(MYST[what], text, re.MULTILINE)


def test_a_solution_is_folded_everywhere_and_its_reasons_beside_it(notebook):
    """On the site by its tag, in Colab as a form, in JupyterLab by its source hidden.

    Why it is so is prose, in a cell of text below it, folded by its own HTML.
    """
    cells = notebook.cells
    found = [(k, c) for k, c in enumerate(cells) if c.id.startswith("solution-")]
    assert found
    for k, cell in found:
        assert {"solution", "hide-cell"} <= set(cell.metadata.tags), cell.id
        assert cell.metadata.cellView == "form", cell.id
        assert cell.metadata.jupyter == {"source_hidden": True}, cell.id
        title, *code = cell.source.splitlines()
        assert title == "# @title Solution", cell.id
        assert not code[0].startswith("#"), f"{cell.id}: reasons are prose"
        why = cells[k + 1]
        assert why.id == cell.id.replace("solution-", "why-")
        assert (why.cell_type, why.metadata) == ("markdown", {"tags": ["solution"]})
        fold = r"<details><summary>Why</summary>\n\n([^<]{80,})\n\n</details>"
        assert re.fullmatch(fold, why.source), why.id
    for cell in code_cells(notebook):
        if "hide-cell" in cell.metadata.get("tags", []):
            assert cell.id.startswith("solution-"), cell.id


def test_a_question_stands_without_its_code_and_its_check_is_not_on_the_page(notebook):
    """The page itself checks what needs no Python."""
    tags = {cell.id: cell.metadata.get("tags") for cell in code_cells(notebook)}
    asked = [cell.id for cell in code_cells(notebook) if "Question(" in cell.source]
    assert len(asked) >= 3
    for name in asked:
        assert tags[name] == ["remove-input"], name
        attempt = name.replace("explorer-", "try-")
        assert attempt == name or tags[attempt] == ["remove-cell"], name


def test_it_imports_what_colab_has(notebook):
    for cell in code_cells(notebook):
        lines = cell.source.splitlines()
        plain = [re.sub(r"^( *)%.*", r"\1pass", line) for line in lines]
        for node in ast.walk(ast.parse("\n".join(plain))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or "."]
            for name in names:
                root = name.split(".")[0]
                assert root in PACKAGES | sys.stdlib_module_names, (cell.id, name)


def test_its_cells_fit_on_a_screen(notebook):
    for cell in code_cells(notebook):
        assert len(cell.source.splitlines()) <= MOST_LINES, cell.id


def test_the_build_ran_it_without_a_complaint(path, notebook):
    sources = [cell.source for cell in code_cells(notebook)]
    runs = (nbformat.read(one, 4) for one in CACHE.glob("*/executed/*/base.ipynb"))
    ran = next((r for r in runs if [c.source for c in code_cells(r)] == sources), None)
    assert ran, f"no run of {path.name} as it is now: run `make book`"
    for cell in code_cells(ran):
        name = cell.id
        assert cell.execution_count, f"{name} did not run"
        if "image" in cell.metadata.get("mystnb", {}):
            shown = [one.get("data", {}) for one in cell.outputs]
            assert any("image/svg+xml" in one for one in shown), f"{name} shows nothing"
        if "raises-exception" in cell.metadata.get("tags", []):
            continue
        for output in cell.outputs:
            assert output.output_type != "error", (name, output.evalue)
            assert output.get("name") != "stderr", (name, output.text)
