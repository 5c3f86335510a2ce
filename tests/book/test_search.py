"""What readers ask is found, on the paragraph that answers; from a file too."""

import json
import re
from urllib.parse import quote

import pytest
from hands import HTML
from hands.reader import open_page

from unrolled.book import search

STATIC = HTML / "_static"

# What is asked, and of the first three results one: the page, a word in what it says,
# and where there is one, the glossary's word or the heading.
ASKED = [
    ("What is h_n?", "glossary", "last states", "h_n"),
    ("why does my LSTM forget?", "glossary", "how much of the cell", "forget gate"),
    ("what is z in GRU", "05_gru", "z keeps", "which way z turns"),
    ("BPTT", "glossary", "chain rule", "backpropagation through time"),
    ("은닉 상태", "glossary", "vector", "hidden state"),
    ("은닉상태", "glossary", "vector", "hidden state"),
    ("망각 게이트", "glossary", "cell state", "forget gate"),
    ("망각 게이트는 무엇인가", "glossary", "cell state", "forget gate"),
    ("the vanishing gradients", "glossary", "shrinks", "vanishing gradient"),
    ("forget gate bias", "notation", "in PyTorch", "One bias or two"),
    ("vanilla RNN", "glossary", "simple recurrent", "vanilla RNN"),
    ("keras SimpleRNN", "01_recurrence", "SimpleRNN", "Five lines"),
    ("memory cell", "glossary", "used again at every step", "cell"),
    ("메모리 셀", "glossary", "used again at every step", "cell"),
    ("장기 상태", "glossary", "long-term state", "cell state"),
    ("short-term state", "glossary", "short-term state", "hidden state"),
    ("teacher forcing", "glossary", "right input at every step", "teacher forcing"),
    ("그래디언트 소실", "glossary", "shrinks", "vanishing gradient"),
    ("truncatd", "glossary", "steps back", "truncated backpropagation"),
]

RESULTS = """() => [...document.querySelectorAll('#search-results li')].map(one => ({
  title: one.querySelector('a').textContent,
  href: one.querySelector('a').getAttribute('href'),
  said: one.querySelector('p')?.textContent ?? '',
}))"""


@pytest.mark.parametrize("origin", ["http", "file"])
@pytest.mark.parametrize("asked, page_name, word, title", ASKED)
def test_a_question_leads_to_its_answer(
    chromium, origins, origin, asked, page_name, word, title
):
    address = f"{origins[origin]}/search.html?q={quote(asked)}"
    with open_page(chromium, address) as page:
        page.wait_for_selector("#search-results [role=status]")
        results = page.evaluate(RESULTS)[:3]
        (found,) = [
            k
            for k, one in enumerate(results)
            if page_name in one["href"]
            and title.lower() in one["title"].lower()
            and word in one["said"]
        ][:1] or [None]
        assert found is not None, results
        page.locator("#search-results li a").nth(found).click()
        target = page.locator(":target")
        assert (
            word
            in target.evaluate(
                "el => (el.localName === 'dt' ? el.nextElementSibling : el).textContent"
            )
            or title in target.inner_text()
        )
        assert target.evaluate(
            """el => { const {top, bottom} = el.getBoundingClientRect();
                 return bottom > 0 && top < innerHeight }"""
        )


def test_excerpts_are_sentences(chromium, origins):
    for asked in ("gradient", "hidden state", "tanh", "weights"):
        address = f"{origins['file']}/search.html?q={quote(asked)}"
        with open_page(chromium, address) as page:
            page.wait_for_selector("#search-results [role=status]")
            results = page.evaluate(RESULTS)
            assert len(results) > 3
            for one in results:
                assert not re.search(r"\\[a-z]|\$|\{|import |>>>", one["said"]), one
                assert len(one["said"]) < 700
            marks = page.locator("#search-results mark").all_inner_texts()
            assert marks and all(mark.strip() for mark in marks)


def test_common_words_and_nothing_find_nothing(chromium, origins):
    for asked, said in (("what is the", "Nothing"), ("qqqq", "Nothing"), ("", None)):
        address = f"{origins['http']}/search.html?q={quote(asked)}"
        with open_page(chromium, address) as page:
            assert page.locator("input[name=q]").last.input_value() == asked
            status = page.locator("#search-results [role=status]")
            if said:
                assert said in status.inner_text()
            assert page.locator("#search-results li").count() == 0


def test_the_search_of_any_page_leads_there(chromium, origins):
    with open_page(chromium, f"{origins['file']}/book/glossary.html") as page:
        page.locator(".search-button").first.click()
        page.keyboard.type("BPTT")
        page.keyboard.press("Enter")
        page.wait_for_selector("#search-results li")


def test_only_the_search_page_loads_the_index():
    for page in HTML.glob("**/*.html"):
        loads = search.NAME in page.read_text("utf-8")
        assert loads == (page.name == "search.html"), page


def test_every_entry_has_an_address_of_its_own():
    text = (STATIC / search.NAME).read_text("utf-8")
    index = json.loads(text.removesuffix(";\n").partition("index=")[2])
    assert len(index["entries"]) > 500
    ids = {}
    for place, (address, title) in enumerate(index["pages"]):
        assert title
        found = re.findall(r' id="([^"]+)"', (HTML / address).read_text("utf-8"))
        ids[place] = set(found)
        assert len(found) == len(ids[place]), "an id stands twice"
    answers = [(page, anchor) for page, anchor, *_, text in index["entries"] if text]
    for page, anchor in answers:
        assert anchor in ids[page]
    assert len(set(answers)) > 0.9 * len(answers)


PAGE = """<h1>Out</h1><article class="bd-article"><section id="a"><h1>One<a
class="headerlink">#</a></h1><p id="p-1">It is <math><msub><mi>h</mi><mrow><mi>t</mi>
<mo>−</mo><mn>1</mn></mrow></msub><mo>=</mo><mfrac><mn>1</mn><mn>2</mn></mfrac></math>.
</p><div class="cell"><p>code</p><pre>x</pre></div><ul><li id="p-2">an item
<ul><li><p id="p-3">within</p></li></ul></li></ul><table><thead><tr><th>head</th></tr>
</thead><tr id="p-4"><td><p>left</p></td><td>right</td></tr></table>
<dl><dt id="term-x">word</dt><dd><p>means</p></dd></dl></section></article><p>Out</p>"""


def test_a_page_is_read_as_what_it_says():
    assert search.read(PAGE).entries == [
        ("a", "One", "", ""),
        ("p-1", "One", "", "It is h_(t−1) = 1/2."),
        ("p-2", "One", "", "an item"),
        ("p-3", "One", "", "within"),
        ("p-4", "One", "", "left · right"),
        ("term-x", "One", "word", "means"),
    ]
