"""The front of the book: notation, glossary, references, contents, logo.

The tables of `book/notation.md` are read from the page and computed: its expressions
run, and what PyTorch, Keras and ONNX compute must follow from them. So a wrong cell of
a table fails here. ONNX is asked twice: its specification, which comes with it, has the
shapes and the order of the gates, and its reference evaluator has the numbers.
"""

import json
import re
import unicodedata
from functools import partial
from types import SimpleNamespace
from xml.etree import ElementTree

import numpy as np
import onnx
import pytest
import torch
import yaml
from bs4 import BeautifulSoup as Soup
from hands import ROOT
from hands.cells import EPS, SIZES, H, N, T, d, draw, keras_layer
from onnx.reference import ReferenceEvaluator

from unrolled.cells import LSTMCell

BOOK = ROOT / "book"
PARSER = "html.parser"


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


# --- reading the page


def split_sections(text):
    """The text under each heading of the second level, by heading."""
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def plain(cell):
    return cell.strip().replace("`", "").replace("$", "")


def table(section):
    """A section's only table: for every first cell, the others by their column."""
    lines = [line for line in SECTIONS[section].splitlines() if line[:1] == "|"]
    head, rule, *rows = [[plain(c) for c in line.split("|")[1:-1]] for line in lines]
    assert set("".join(rule)) <= {"-", " "}
    found = {row[0]: dict(zip(head[1:], row[1:], strict=True)) for row in rows}
    assert len(found) == len(rows)
    return found


def compute(expression, **names):
    """What an expression of the page is, with NumPy's functions and these names."""
    numpy = {name: getattr(np, name) for name in ("tanh", "log", "hstack")}
    return eval(expression, {"__builtins__": {"sum": sum}}, numpy | SIZES | names)


SECTIONS = split_sections((BOOK / "notation.md").read_text("utf-8"))


# --- PyTorch, Keras and ONNX


def torch_layer(kind, **options):
    """A layer of PyTorch with its arrays by name, and how it runs over x (T, N, d)."""
    torch.manual_seed(1)
    module = getattr(torch.nn, kind)(d, H, dtype=torch.float64, **options)
    module.requires_grad_(False)
    return SimpleNamespace(
        precision=1e-12,
        arrays={name: p.numpy() for name, p in module.named_parameters()},
        run=lambda x: module(torch.tensor(x))[0].numpy(),
    )


def onnx_says(kind, name):
    """What the specification of an operator says of one of its inputs."""
    schema = onnx.defs.get_schema(kind)
    (said,) = [one.description for one in schema.inputs if one.name == name]
    return said


def onnx_array(kind, name, seed):
    """An array for an operator, of the shape that its specification wants."""
    sizes = {"num_directions": 1, "hidden_size": H, "input_size": d}
    said = re.search(r"has (?:the )?shape `(\[.*?\])`", onnx_says(kind, name))
    return draw(*eval(said[1], {"__builtins__": {}}, sizes), seed=seed)


def onnx_layer(kind, inputs="WRB", **attributes):
    arrays = {name: onnx_array(kind, name, k) for k, name in enumerate(inputs)}
    named = ["X", "W", "R", "B", "", "", "", "P"] if "P" in inputs else ["X", *inputs]
    node = onnx.helper.make_node(kind, named, ["Y", "Y_h"], hidden_size=H, **attributes)

    def run(x):
        return ReferenceEvaluator(node).run(None, arrays | {"X": x})

    return SimpleNamespace(
        precision=1e-12, arrays=arrays, outputs=run, run=lambda x: run(x)[0][:, 0]
    )


def assert_close(layer, x, expected):
    difference = np.abs(layer.run(x) - expected.reshape(*x.shape[:-1], H)).max()
    assert difference <= layer.precision


@pytest.fixture(params=["PyTorch", "Keras", "ONNX"])
def library(request):
    return request.param


@pytest.fixture
def make(request, library):
    """Makes a layer of the library."""
    if library == "PyTorch":
        return torch_layer
    if library == "ONNX":
        return onnx_layer
    return partial(keras_layer, request.getfixturevalue("keras"))


OURS = {"c": "g", "h": "n"}  # the candidates in Keras and ONNX


def columns(library, arrays):
    """W_x and W_h of a layer, for vectors that are columns."""
    if library == "PyTorch":
        return arrays["weight_ih_l0"], arrays["weight_hh_l0"]
    if library == "ONNX":
        return arrays["W"][0], arrays["R"][0]
    return arrays["kernel"].T, arrays["recurrent_kernel"].T


ORDER = "The order of the gates"


def gates(kind, library, arrays):
    """Our W_xi, W_hi and so on, from a layer's arrays, by the page's gate orders."""
    W_x, W_h = columns(library, arrays)
    order = table(ORDER)[kind][library].split(", ")
    ours = [OURS.get(letter, letter) for letter in order]
    weights = {}
    for name, W in (("x", W_x), ("h", W_h)):
        blocks = np.split(W, len(order))
        weights |= {f"W_{name}{gate}": b for gate, b in zip(ours, blocks, strict=True)}
    return weights, ours


def biases(kind, library, arrays):
    """Our biases, by the page's expressions."""
    rows = table("One bias or two")
    return {
        name.removeprefix(f"{kind} ").replace("{", "").replace("}", ""): compute(
            row[library], **arrays
        )
        for name, row in rows.items()
        if name.startswith(kind)
    }


# --- the tables


def test_shapes(library, make):
    rows = {
        name.removeprefix(f"{library} "): row
        for name, row in table("Shapes in PyTorch, Keras and ONNX").items()
        if name.startswith(library)
    }
    for kind in ("RNN", "LSTM", "GRU"):
        arrays = make(kind).arrays
        assert set(arrays) == set(rows)
        for name, array in arrays.items():
            assert array.shape == compute(rows[name][kind])


def test_the_bias_of_a_gru_that_resets_before(keras):
    said = re.search(
        r"`reset_after=False`, the bias of Keras' GRU is `(.*?)`",
        SECTIONS["Shapes in PyTorch, Keras and ONNX"],
    )
    arrays = keras_layer(keras, "GRU", reset_after=False).arrays
    assert arrays["bias"].shape == compute(said[1])


def test_a_simple_cell(library, make):
    layer = make("RNN")
    W_x, W_h = columns(library, layer.arrays)
    b = biases("RNN", library, layer.arrays)["b"]
    x, h, states = draw(T, N, d), np.zeros((N, H)), []
    for x_t in x:
        h = np.tanh(x_t @ W_x.T + h @ W_h.T + b)
        states.append(h)
    assert_close(layer, x, np.stack(states))


def test_an_lstm(library, make):
    layer = make("LSTM")
    w, order = gates("LSTM", library, layer.arrays)
    both = layer.arrays
    if library == "PyTorch":
        bias = both["bias_ih_l0"] + both["bias_hh_l0"]
    elif library == "ONNX":
        bias = sum(np.split(both["B"][0], 2))
    else:
        bias = both["bias"]
    b = dict(zip(order, np.split(bias, 4), strict=True))
    assert np.array_equal(biases("LSTM", library, both)["b_f"], b["f"])
    x, h, c, states = draw(T, N, d), np.zeros((N, H)), np.zeros((N, H)), []
    for x_t in x:
        sums = {k: x_t @ w[f"W_x{k}"].T + h @ w[f"W_h{k}"].T + b[k] for k in "ifgo"}
        c = sigmoid(sums["f"]) * c + sigmoid(sums["i"]) * np.tanh(sums["g"])
        h = sigmoid(sums["o"]) * np.tanh(c)
        states.append(h)
    assert_close(layer, x, np.stack(states))


def run_gru(x, w, candidate, new_state):
    """The states of a GRU, by the page's expressions, for x (T, d)."""
    h, states = np.zeros(H), []
    for x_t in x:
        r = sigmoid(w["W_xr"] @ x_t + w["W_hr"] @ h + w["b_r"])
        z = sigmoid(w["W_xz"] @ x_t + w["W_hz"] @ h + w["b_z"])
        n = compute(candidate, x=x_t, h=h, r=r, **w)
        h = compute(new_state, n=n, z=z, h=h)
        states.append(h)
    return np.stack(states)


def row_of(section, where):
    """The row whose first cell names `where`."""
    (row,) = [row for name, row in table(section).items() if where in name.split(", ")]
    return row


def test_a_gru(library, make):
    layer, where = make("GRU"), library
    if library == "ONNX":
        said = "With `linear_before_reset=1` ONNX has the first row"
        assert said in SECTIONS["Where r stands"]
        layer = make("GRU", linear_before_reset=1)
        where = next(iter(table("Where r stands"))).split(", ")[0]
    w, _ = gates("GRU", library, layer.arrays)
    w |= biases("GRU", library, layer.arrays)
    candidate = row_of("Where r stands", where)["the candidate n_t"]
    new_state = row_of("Which way z turns", library)["new state h_t"]
    x = draw(T, 1, d)
    expected = run_gru(x[:, 0], w, candidate, new_state)
    assert_close(layer, x, expected)


def test_a_gru_that_resets_before(keras):
    layer = keras_layer(keras, "GRU", reset_after=False)
    w, order = gates("GRU", "Keras", layer.arrays)
    blocks = np.split(layer.arrays["bias"], 3)
    w |= {f"b_{gate}": b for gate, b in zip(order, blocks, strict=True)}
    row = row_of("Where r stands", "Keras with reset_after=False")
    new_state = row_of("Which way z turns", "Keras")["new state h_t"]
    x = draw(T, 1, d)
    expected = run_gru(x[:, 0], w, row["the candidate n_t"], new_state)
    assert_close(layer, x, expected)


def test_a_gru_of_onnx_resets_before_unless_told():
    layer = onnx_layer("GRU")
    w, _ = gates("GRU", "ONNX", layer.arrays)
    w |= biases("GRU", "ONNX", layer.arrays)
    w["b_n"] = w["b_n"] + w["b_hn"]
    assert "multiplies neither bias of the candidate" in SECTIONS["Where r stands"]
    candidate = row_of("Where r stands", "ONNX")["the candidate n_t"]
    new_state = row_of("Which way z turns", "ONNX")["new state h_t"]
    x = draw(T, 1, d)
    assert_close(layer, x, run_gru(x[:, 0], w, candidate, new_state))


@pytest.mark.parametrize("kind", ["LSTM", "GRU"])
def test_the_specification_of_onnx_has_the_gates_in_this_order(kind):
    order = table(ORDER)[kind]["ONNX"].replace(", ", "")
    assert f"`W[{order}]`" in onnx_says(kind, "W")
    assert f"`R[{order}]`" in onnx_says(kind, "R")
    assert f"`[Wb[{order}], Rb[{order}]]`" in onnx_says(kind, "B")


def test_the_peepholes_of_onnx():
    said = re.search(r"`P`, stand in the order `(.*?)`", SECTIONS[ORDER])
    layer = onnx_layer("LSTM", inputs="WRBP")
    w, order = gates("LSTM", "ONNX", layer.arrays)
    b = np.split(sum(np.split(layer.arrays["B"][0], 2)), 4)
    peepholes = zip(said[1].split(", "), np.split(layer.arrays["P"][0], 3), strict=True)
    cell = LSTMCell(
        np.concatenate([w[f"W_x{gate}"] for gate in "ifgo"]),
        np.concatenate([w[f"W_h{gate}"] for gate in "ifgo"]),
        np.concatenate([b[order.index(gate)] for gate in "ifgo"]),
        **{f"p_{gate}": p for gate, p in peepholes},
    )
    x = draw(T, N, d)
    assert_close(layer, x, cell.run(x).h)


def test_which_way_z_turns():
    rows = table("Which way z turns")
    assert len(rows) == 4
    h, n = draw(2, H)
    for where, row in rows.items():
        kept = compute(row["new state h_t"], h=h, n=n, z=1.0)
        assert np.array_equal(kept, {"keeps": h, "replaces": n}[row["z near 1"]])
        replaces = "chung2014" in where
        assert row["z near 1"] == ("replaces" if replaces else "keeps")


def test_where_r_stands():
    rows = table("Where r stands")
    assert len(rows) == 4
    W = {"W_xn": draw(H, d), "W_hn": draw(H, H), "b_n": 0.0, "b_hn": 0.0}
    x, h, r = draw(d), draw(H), np.abs(draw(H, seed=1))
    after = np.tanh(W["W_xn"] @ x + r * (W["W_hn"] @ h))
    before = np.tanh(W["W_xn"] @ x + W["W_hn"] @ (r * h))
    assert np.abs(after - before).max() > 0.1
    for row in rows.values():
        n = compute(row["the candidate n_t"], x=x, h=h, r=r, **W)
        expected = {"after W_{hn}": after, "before W_{hn}": before}[row["r comes"]]
        np.testing.assert_allclose(n, expected, atol=1e-12)
    said = {name: row["r comes"].split()[0] for name, row in rows.items()}
    assert said["Cho et al., first version"] == "after"
    assert said["Cho et al., last version; Chung et al."] == "before"


def test_rows_and_columns():
    rows = table("Rows or columns")
    W_x, xs = draw(H, d), draw(N, d)
    assert compute(rows["W_x"]["columns"]) == W_x.shape
    assert compute(rows["W_x"]["rows"]) == W_x.T.shape
    for row, x in ((rows["one input"], {"x": xs[0]}), (rows["a batch"], {"xs": xs})):
        columns, turned = (compute(row[k], W_x=W_x, **x) for k in ("columns", "rows"))
        expected = next(iter(x.values())) @ W_x.T
        np.testing.assert_allclose(columns, expected, atol=1e-12)
        np.testing.assert_allclose(turned, expected, atol=1e-12)


def test_one_matrix_or_two():
    W_x, W_h, x, h = draw(H, d), draw(H, H), draw(d), draw(H)
    rows = table("One matrix or two")
    assert set(rows) == {"[h, x]", "[x, h]"}
    for brackets, row in rows.items():
        W = compute(row["the one matrix"], W_x=W_x, W_h=W_h)
        together = np.concatenate(compute(brackets, x=x, h=h))
        np.testing.assert_allclose(W @ together, W_x @ x + W_h @ h, atol=1e-12)


def test_biases_for_a_long_memory():
    rows = table("Biases for a long memory")
    assert len(rows) == 4
    for row in rows.values():
        for tau in (2.0, 10.0, 1000.0):
            value = sigmoid(compute(row["bias"], tau=tau))
            assert value == pytest.approx(compute(row["value of the gate"], tau=tau))
    for gate, keeps in (("LSTM f", 1), ("LSTM i", 0), ("GRU z that keeps", 1)):
        assert compute(rows[gate]["value of the gate"], tau=1e9) == pytest.approx(
            keeps, abs=1e-6
        )


def test_the_sign_flips_for_pytorchs_z():
    """With its bias alone, PyTorch's z keeps 1 - 1/tau of a state at each step."""
    tau = 50.0
    bias = table("Biases for a long memory")["GRU z that keeps"]["bias"]
    gru = torch.nn.GRU(d, H, dtype=torch.float64).requires_grad_(False)
    for parameter in gru.parameters():
        parameter.zero_()
    gru.bias_ih_l0[H : 2 * H] = compute(bias, tau=tau)
    h_0 = torch.ones(1, 1, H, dtype=torch.float64)
    kept = gru(torch.zeros(1, 1, d, dtype=torch.float64), h_0)[0]
    np.testing.assert_allclose(kept, 1 - 1 / tau, atol=1e-12)


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_what_goes_in_and_comes_out(keras, kind):
    rows = table("What goes in, what comes out")

    def last(states):
        return states[0] if isinstance(states, tuple) else states

    ours = {name: compute(row["this book, PyTorch"]) for name, row in rows.items()}
    theirs = {name: compute(row["Keras"]) for name, row in rows.items()}
    module = getattr(torch.nn, kind)(d, H)
    output, h_n = module(torch.zeros(ours["inputs"]))
    assert output.shape == ours["all states"]
    assert last(h_n).shape == ours["last state"]
    module = getattr(torch.nn, kind)(d, H, batch_first=True)
    output, h_n = module(torch.zeros(theirs["inputs"]))
    assert output.shape == theirs["all states"]
    assert last(h_n).shape == ours["last state"]
    layer = getattr(keras.layers, "SimpleRNN" if kind == "RNN" else kind)
    x = np.zeros(theirs["inputs"])
    assert layer(H)(x).shape == theirs["last state"]
    assert layer(H, return_sequences=True)(x).shape == theirs["all states"]
    theirs = {name: compute(row["ONNX"]) for name, row in rows.items()}
    Y, Y_h = onnx_layer(kind).outputs(np.zeros(theirs["inputs"]))
    assert Y.shape == theirs["all states"]
    assert Y_h.shape == theirs["last state"]


def test_how_the_libraries_start(keras):
    """What the page says of b_f, of Keras' other biases and of PyTorch's range."""
    layer = keras.layers.LSTM(H)
    layer.build((None, T, d))
    bias = layer.weights[-1].value.detach().numpy()
    expected = np.zeros(4 * H)
    expected[H : 2 * H] = 1
    assert np.array_equal(bias, expected)
    torch.manual_seed(0)
    for kind in ("RNN", "LSTM", "GRU"):
        for parameter in getattr(torch.nn, kind)(d, 400).parameters():
            assert 0.95 / 20 < parameter.abs().max() <= 1 / 20


# --- the symbols

# Explained where they stand, and used nowhere else.
LOCAL = {"u", "Φ"}


def formulas(text):
    """The formulas of a Markdown text."""
    text = re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)
    return [
        a or b for a, b in re.findall(r"\$\$(.+?)\$\$|\$([^$]+)\$", text, re.DOTALL)
    ]


def symbols(formula):
    """The letters of a formula, without their indices and what is no symbol."""
    formula = re.sub(
        r"\\(begin|end|text|operatorname)\{[^}]*\}|\[[\d.]+ex\]", " ", formula
    )
    formula = re.sub(r"_(\{[^}]*\}|\\?\w)", " ", formula)
    found = set()
    for name in re.findall(r"\\([A-Za-z]+)", formula):
        size = "CAPITAL" if name[0].isupper() else "SMALL"
        name = name.removeprefix("var").upper()
        try:
            found.add(unicodedata.lookup(f"GREEK {size} LETTER {name}"))
        except KeyError:
            continue  # a command
    return found | set(re.findall(r"[A-Za-z]", re.sub(r"\\[A-Za-z]+", " ", formula)))


def test_every_symbol_of_the_chapters_is_in_the_table():
    known = set().union(*map(symbols, table("Symbols"))) | LOCAL
    assert len(known) > 25
    lost = []
    for path in sorted(ROOT.glob("notebooks/*.ipynb")):
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            if cell["cell_type"] == "markdown":
                for formula in formulas("".join(cell["source"])):
                    new = sorted(symbols(formula) - known)
                    lost += [f"{path.stem[:2]} {cell['id']}: {one}" for one in new]
    assert not lost, "\n".join(["not in the table of symbols", *lost])


def test_a_symbol_has_one_row():
    split = [re.split(r",\s*(?:\\ )?", row) for row in table("Symbols")]
    all_of = [symbol.strip() for row in split for symbol in row]
    assert len(set(all_of)) == len(all_of)


# --- how this book works


def test_the_page_names_the_tolerances_of_the_tests():
    page = (BOOK / "how_it_works.md").read_text("utf-8")
    power = re.search(r"more than \$10\^\{(-\d+)\}\$", page)
    assert float(f"1e{power[1]}") == EPS["float64"]
    digits, power = re.search(r"\$([\d.]+) \\times 10\^\{(-\d+)\}\$", page).groups()
    assert f"{EPS['float32']:.1e}" == f"{float(f'{digits}e{power}'):.1e}"


# --- glossary


def glossary():
    text = (BOOK / "glossary.md").read_text("utf-8")
    body = re.search(r"```\{glossary\}\n(.*?)\n```", text, re.DOTALL)[1]
    return [entry.split("\n  ") for entry in body.split("\n\n")]


def test_every_term_has_korean_one_sentence_and_a_place():
    entries = glossary()
    assert len(entries) >= 70
    for term, korean, explained in entries:
        words = re.fullmatch(r'<span lang="ko">(.+)</span>', korean)[1]
        assert re.fullmatch(r"[가-힣]+(?:[ ,-]+(?:[가-힣]+|RNN))*", words), term
        sentence, place = re.fullmatch(
            r"([A-Z].*\.) (\[[^]]+\]\([^)]+\)|Chapter \d+)", explained
        ).groups()
        assert not re.search(r"[.!?] ", sentence), f"{term}: more than one sentence"


def test_terms_are_sorted_and_unique():
    terms = [term for term, *_ in glossary()]
    assert terms == sorted(set(terms), key=str.lower)


def test_a_term_names_a_chapter_only_while_it_is_being_written():
    for term, _, explained in glossary():
        for number in re.findall(r"Chapter (\d+)$", explained):
            assert int(number) in COMING, f"{term}: link to chapter {number}"


# --- references


ADDRESS = re.compile(
    r"https?://(?:dx\.)?(?:doi|arxiv)\.org/(?:abs/|pdf/)?([^\s)\"'<>\\]+)"
)


def entries():
    """The fields of each reference, by key."""
    text = (BOOK / "references.bib").read_text("utf-8")
    found = re.findall(r"^@\w+\{(\w+),\n(.*?)^\}$", text, re.MULTILINE | re.DOTALL)
    assert len(found) == text.count("@") > 30
    return {
        key: dict(re.findall(r"^  (\w+) = \{(.*)\},$", fields, re.MULTILINE))
        for key, fields in found
    }


def test_every_reference_has_an_address():
    for key, fields in entries().items():
        assert {"doi", "eprint", "url"} & set(fields), key


def test_what_is_cited_is_in_the_references():
    known = {
        fields[kind].lower()
        for fields in entries().values()
        for kind in ("doi", "eprint")
        if kind in fields
    }
    cited = {}
    for path in sorted(ROOT.glob("notebooks/*.ipynb")):
        cells = json.loads(path.read_text("utf-8"))["cells"]
        cited[path.name] = "\n".join("".join(cell["source"]) for cell in cells)
    for path in sorted(BOOK.glob("*.md")):
        cited[path.name] = path.read_text("utf-8")
    found = [
        (name, address)
        for name, text in cited.items()
        for address in ADDRESS.findall(text)
    ]
    assert found
    for name, address in found:
        assert re.sub(r"v\d+$", "", address.lower().rstrip(".,")) in known, (
            f"{name} cites {address}, which book/references.bib does not have"
        )


def test_references_are_a_list_of_items(book):
    page = (book / "book" / "references.html").read_text("utf-8")
    assert page.count('role="listitem"') == len(entries())


# --- contents


def coming_chapters():
    config = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))
    return config["sphinx"]["config"]["html_context"]["coming"]


COMING = {int(name[:2]): title for name, title in coming_chapters().items()}


def test_a_chapter_is_either_there_or_coming():
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
    chapters = [entry["file"] for entry in contents["parts"][0]["chapters"]]
    names = [name.removeprefix("notebooks/") for name in chapters]
    assert sorted(names) == [p.stem for p in sorted(ROOT.glob("notebooks/*.ipynb"))]
    numbers = [int(name[:2]) for name in names + list(coming_chapters())]
    assert sorted(numbers) == list(range(1, 11))


def test_coming_chapters_are_named_in_the_side_bar_and_on_the_landing_page(book):
    page = (book / "book" / "index.html").read_text("utf-8")
    bar = re.search(
        r'<ul class="nav bd-sidenav unrolled-coming">(.*?)</ul>', page, re.S
    )
    named = [f"{number}. {title}" for number, title in COMING.items()]
    assert re.findall(r"<li>(.*?)</li>", bar[1]) == named
    text = (BOOK / "index.md").read_text("utf-8")
    for title in named:
        assert f"\n{title}\n" in text


def test_chapters_are_numbered_in_title_menu_and_way_on(book):
    names = sorted(path.stem for path in ROOT.glob("notebooks/*.ipynb"))
    for name in names:
        page = Soup((book / "notebooks" / f"{name}.html").read_text("utf-8"), PARSER)
        title = page.select_one("article h1").get_text().removesuffix("#")
        assert title.startswith(f"{int(name[:2])}. ")
        assert page.title.get_text().startswith(title)
        assert page.select_one(".bd-docs-nav .active > a").get_text() == title
        assert not page.select("article :is(h2, h3) .section-number")
    way = page.select_one(".left-prev .prev-next-title").get_text()
    assert way.startswith(f"{len(names) - 1}. ")


def test_the_landing_page_has_a_card_for_each_chapter(book):
    page = Soup((book / "book" / "index.html").read_text("utf-8"), PARSER)
    cards = page.select("#the-chapters > section:has(h3 > a.reference)")
    entries = page.select(".bd-docs-nav > .bd-toc-item > ul")[0].select("li > a")
    linked = [card.select_one("h3 > a") for card in cards]
    assert [(one.get_text(), one["href"]) for one in linked] == [
        (one.get_text(), one["href"]) for one in entries
    ]
    for card in cards:
        (picture,) = card.select("svg[role=img]")
        assert len(picture["aria-label"]) > 40
        assert not picture.find("text"), "letters would be too small to read"
        assert card.select_one("section > p").get_text().endswith((".", "?"))


# --- logo


def drawing(name):
    root = ElementTree.fromstring((BOOK / "_static" / name).read_text("utf-8"))
    return [
        (shape.get("d"), re.findall("#[0-9a-f]{6}", " ".join(shape.attrib.values())))
        for shape in root
    ]


def test_the_favicon_is_the_logo_without_its_page():
    assert drawing("favicon.svg") == drawing("logo.svg")
    assert "var(" not in (BOOK / "_static" / "favicon.svg").read_text("utf-8")


def test_every_page_has_both(book):
    for path in [*book.glob("book/*.html"), *book.glob("notebooks/*.html")]:
        page = path.read_text("utf-8")
        assert page.count('class="unrolled-logo"') == 1
        assert re.search(r'<link rel="icon" href="\.\./_static/favicon\.svg"', page)
