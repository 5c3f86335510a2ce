"""The figures' letters: a small font that has all that a figure shows."""

import json
import re
import warnings
from io import BytesIO
from pathlib import Path

import matplotlib
import pytest
from fontTools.ttLib import TTFont
from hands import ROOT
from matplotlib.figure import Figure

from unrolled import figures, letters
from unrolled.explorers import Explorer
from unrolled.words import leaves

PACKAGE = ROOT / "src" / "unrolled"
MOST = 25_000  # bytes, of all its files
HANGUL = re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")

# Strings, without comments: a figure's symbols stand in code.
COMMENTS = re.compile(r'/\*[\s\S]*?\*/|"""[\s\S]*?"""|(?<![:"\w])(?://|# ).*')


@pytest.fixture(scope="module", params=letters.CUTS)
def weight(request):
    return request.param


@pytest.fixture
def font(weight):
    with TTFont(BytesIO(letters.cut(weight)[1])) as font:
        yield font


def original(weight):
    return TTFont(
        Path(matplotlib.get_data_path(), "fonts", "ttf", letters.CUTS[weight][0])
    )


def width(font, text):
    """How wide `text` is, in ems."""
    names = font.getBestCmap()
    total = sum(font["hmtx"][names[ord(letter)]][0] for letter in text)
    return total / font["head"].unitsPerEm


def test_it_is_small():
    assert {kind for kind, _ in map(letters.cut, letters.CUTS)} == {"woff2"}
    assert 15_000 < sum(len(letters.cut(one)[1]) for one in letters.CUTS) <= MOST


def test_it_has_its_characters_and_its_licence(font):
    assert letters.CHARACTERS - set(font.getBestCmap()) == set()
    assert "Bitstream" in font["name"].getDebugName(0)
    assert "Permission is hereby granted" in font["name"].getDebugName(13)


def test_digits_are_of_one_width(font):
    assert len({width(font, digit) for digit in "0123456789"}) == 1


def test_pictures_are_as_wide_as_matplotlib_laid_them_out(font, weight, tmp_path):
    rule = next(
        rule
        for rule in letters.write_faces(tmp_path).splitlines()
        if "Pictures" in rule and f"font-weight:{weight}" in rule
    )
    share = float(re.search(r"size-adjust:([\d.]+)%", rule)[1]) / 100
    text = "spectral radius ρ, 12.34 × 10⁻⁵ − 6"
    with original(weight) as measured:
        assert share * width(font, text) == pytest.approx(width(measured, text), 2e-3)
    address = re.search(r"url\((.+?)\)", rule)[1]
    assert (tmp_path / address).read_bytes() == letters.cut(weight)[1]


def test_a_letter_keeps_its_form(font, weight):
    """Also one that is made of two: its accent stays above it."""
    names = font.getBestCmap()
    outlines = font["glyf"]
    assert outlines[names[ord("ö")]].isComposite()
    with original(weight) as wide:
        across = letters.CUTS[weight][1]
        for letter in "hö½":
            before = wide["glyf"][wide.getBestCmap()[ord(letter)]]
            after = outlines[names[ord(letter)]]
            assert (after.yMin, after.yMax) == (before.yMin, before.yMax)
            assert after.xMax == pytest.approx(across * before.xMax, abs=2)


def test_without_brotli_it_is_packed_another_way(monkeypatch):
    monkeypatch.setattr(letters, "find_spec", lambda name: None)
    kind, file = letters.cut.__wrapped__(400)
    assert kind == "woff" and file[:4] == b"wOFF"
    with TTFont(BytesIO(file)) as font:
        assert letters.CHARACTERS - set(font.getBestCmap()) == set()


def strings():
    """All that figures may say, by the file in which it stands."""
    for path in PACKAGE.rglob("words/*.json"):
        yield path, "".join(leaves(json.loads(path.read_text("utf-8"))).values())
    code = [*PACKAGE.glob("explorers/*/front.js"), *ROOT.glob("frontend/view/*.js")]
    code += [*ROOT.glob("frontend/core/*.js")]
    code += [*PACKAGE.glob("explorers/*/*.py"), *PACKAGE.glob("figures/*.py")]
    for path in code:
        yield path, COMMENTS.sub("", path.read_text("utf-8"))


def test_it_has_all_that_a_figure_says():
    seen = set()
    for path, text in strings():
        used = set(HANGUL.sub("", text)) - set("\n")
        lacking = {one for one in used if ord(one) not in letters.CHARACTERS}
        assert not lacking, (
            f"{path}: add {lacking} to CHARACTERS in unrolled/letters.py"
        )
        seen |= used
    assert set("₀⁻⁹∂‖ρσ−≈∞⋯½±") <= seen


def test_a_notebook_gets_the_font_with_the_style(monkeypatch):
    kind = next(kind for kind in Explorer.__subclasses__() if kind.bundle)
    style = kind()._css
    for weight in letters.CUTS:
        assert f'"Unrolled Letters";font-weight:{weight};' in style
    assert style.count("url(data:font/woff2;base64,") == len(letters.CUTS)
    monkeypatch.setenv("UNROLLED_BOOK", "1")
    assert "@font-face" not in kind()._css, "the site has it in a file"
    assert style.endswith(kind()._css)


def test_letters_of_another_font_are_no_cause_to_warn():
    """A picture's text stays text; all else that Matplotlib warns about is heard."""
    figure = Figure()
    figure.text(0, 0, "셀 상태")
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        assert "셀 상태" in figures.to_svg(figure)
        assert not heard
        axes = figure.add_subplot()
        axes.set_yscale("log")
        axes.set_ylim(1, 10)
        figure.set_layout_engine("constrained", rect=(0, 0, 1e-3, 1e-3))
        figures.to_svg(figure)
        assert heard
