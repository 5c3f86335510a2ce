"""No word escapes: what a reader sees or hears, of figures and furniture, is data.

A book is built in the invented language en-XA, in which every message stands in ⟦ ⟧.
Its one notebook shows every explorer that is found. Whatever is then done to them, two
letters in a row outside brackets are a word that no translator could have reached.

Not words are

- a symbol's index: `w_xf` is drawn as an italic letter and what stands below it;
- the names of functions and of what a number can be, `NAMES`;
- a tensor with its shape, `logits (4, 2)`, and an argument, `batch_first=True`;
- code to copy, and a cell's code.

The prose of a chapter, and what Sphinx and its theme say, are not the book's words.
"""

import json
import os
import re
import shutil

import pytest
from bs4 import BeautifulSoup
from hands import ROOT, memory
from hands.books import PACKAGE, build, set_language, write_book
from hands.reader import KINDS, open_page, stands_alone

from unrolled.book.configure import Repository, configure
from unrolled.book.language import untranslated
from unrolled.explorers import HiddenState
from unrolled.words import Words

pytestmark = memory.remembered(lambda: memory.everything())

NAMES = {"tanh", "log", "diag", "Re", "Im", "NaN"}
SLICE = r"[a-z_]+\[[\d:, ]+\]"
CODE = re.compile(
    rf"[a-z_]+ \((\d+,?\s?)+\)|[a-z_]+=\w+|(= )?{SLICE}|{SLICE} +=  *{SLICE}"
)

ASKED = """
from unrolled.checks import recurrence
explorers.Question(recurrence.shapes)
"""
SWEEP = """
import ipywidgets
from matplotlib.figure import Figure
from unrolled import sweep

def draw(height, kind):
    figure = Figure(figsize=(3, 2))
    figure.subplots().plot([0, height])
    return figure

sweep(
    draw,
    alt="⟦A line⟧ {height} {kind}",
    height=ipywidgets.FloatSlider(description="⟦height⟧", value=1, max=2, step=1),
    kind=ipywidgets.SelectionSlider(description="⟦kind⟧", options=["⟦one⟧", "⟦two⟧"]),
)
"""

# `outside(element)`: every text in it that is read or heard and has letters outside
# brackets, as triples of where it stands, what is outside, and the whole of it.
OUTSIDE = """
const heard = ['aria-label', 'aria-valuetext', 'aria-description', 'aria-placeholder',
  'aria-roledescription', 'title', 'alt', 'placeholder'];
const isIndex = (el) => {
  const letter = el.previousSibling;
  if (el.textContent.length > 3 || letter?.nodeType !== 1) return false;
  return el.localName === 'sub' ? letter.localName === 'i'
    : el.localName === 'tspan' && letter.getAttribute('font-style') === 'italic';
};
function outside(root) {
  const found = [];
  function read(text, where, before) {
    let [depth, left] = [before, ''];
    for (const letter of text) {
      if (letter === '⟦') depth += 1;
      else if (letter === '⟧') depth -= 1;
      else left += depth > 0 ? ' ' : letter;
    }
    if (/\\p{L}\\p{L}/u.test(left)) found.push([where, left.trim(), text.trim()]);
    return depth;
  }
  let depth = 0;
  const all = NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT;
  const walker = document.createTreeWalker(root, all);
  for (let node = walker.currentNode; node; node = walker.nextNode()) {
    const el = node.nodeType === 1 ? node : node.parentElement;
    const where = `${el.localName}.${el.getAttribute('class') ?? ''}`;
    if (node === el) {
      for (const name of heard.filter((one) => el.hasAttribute(one))) {
        const text = el.getAttribute(name);
        if (read(text, `${where} ${name}`, 0)) found.push([where, 'UNBALANCED', text]);
      }
    } else if (!el.closest('script, style, textarea, code, pre') && !isIndex(el)) {
      depth = read(node.data, where, depth);
    }
  }
  if (depth) found.push(['', 'UNBALANCED', root.textContent]);
  return found;
}
"""

# Do to a figure what can be done to it; after each deed, look.
HANDS = """async (place) => {
  const [found, notes] = [new Map(), new Set()];
  const live = place.querySelector('.unrolled-live');
  async function look(done) {
    await new Promise((drawn) => requestAnimationFrame(drawn));
    await new Promise((said) => setTimeout(said, 2));
    for (const one of outside(place)) {
      const key = JSON.stringify(one);
      if (!found.has(key)) found.set(key, done);
    }
    notes.add(live.querySelector('.u-note')?.textContent ?? '');
  }
  const all = (selector) => [...live.querySelectorAll(selector)]
    .filter((one) => one.isConnected && one.checkVisibility());
  function write(box, text) {
    box.value = text;
    for (const event of ['input', 'change']) box.dispatchEvent(new Event(event));
  }
  await look('opened');
  for (const slider of all('input[type=range]')) {
    for (const value of [slider.min, slider.max]) {
      write(slider, value);
      await look(`${slider.ariaLabel} at ${value}`);
    }
  }
  for (const button of all('button')) {
    button.click();
    await look(`pressed ${button.textContent}`);
  }
  for (const choice of all('input[type=radio], input[type=checkbox]')) {
    choice.click();
    await look(`chose ${choice.value}`);
  }
  for (const box of all('input[type=number]')) {
    for (const text of ['', '1e9', '-1e9', '0.5']) {
      write(box, text);
      await look(`wrote ${text} for ${box.ariaLabel}`);
    }
  }
  location.hash = `#${place.id}:nonsense=1`;
  await new Promise((heard) => addEventListener('hashchange', heard, { once: true }));
  await look('followed a bad link');
  live.firstChild.dispatchEvent(new Event('pointerdown')); // it has been read
  const { model } = place;
  const settings = Object.entries(model.get('_room').settings);
  for (const far of [1e200, -1e200]) {
    for (const [name, { kind, least, most }] of settings) {
      const end = (far > 0 ? most : least) ?? far;
      if (kind === 'number' || kind === 'whole') model.set(name, end);
      if (kind === 'numbers') model.set(name, model.get(name).map(() => far));
      await look(`${name} at its end`);
    }
    for (const [name, { options = [] }] of settings) {
      for (const option of options) {
        model.set(name, option);
        await look(`${name} is ${option}`);
      }
    }
  }
  return [[...found].map(([one, done]) => [...JSON.parse(one), done]), [...notes]];
}"""


def words_in(found):
    """What of it are words."""
    words = []
    for where, left, *others in found:
        runs = "".join(letter if letter.isalpha() else " " for letter in left).split()
        if {run for run in runs if len(run) > 1} - NAMES and not CODE.fullmatch(left):
            words.append((where, left, *others))
    return words


def escaped(place):
    """The words of an element that no brackets hold, each with where it stands."""
    return words_in(place.evaluate(f"place => {{ {OUTSIDE} return outside(place); }}"))


def book_of(folder, language, cells):
    """Write a book with a notebook; it has a repository, a hub, and dated pages."""
    pages = {"index": "# Home\n", "parts": "# Parts\n\n## One\n", "every": cells}
    book = write_book(folder, pages)
    shutil.copy(ROOT / "CITATION.cff", book)
    configure(book, Repository("someone/unrolled", hub="https://hub.example.org"))
    config = book / "_config.yml"
    dated = '    html_last_updated_fmt: "%b %d, %Y"\n    language: '
    text = config.read_text("utf-8").replace("    language: ", dated)
    config.write_text(text, "utf-8")
    set_language(book, language)
    return book


# --- the invented language


@pytest.fixture(scope="module")
def pseudo(tmp_path_factory):
    """The book in en-XA, built."""
    cells = [("from unrolled import explorers", {"tags": ["hide-input"]})]
    for explorer in KINDS.values():
        if stands_alone(explorer):
            cells.append((f"explorers.{explorer.__name__}()", {}))
    cells += [(ASKED, {}), (SWEEP, {"tags": ["hide-cell"]})]
    book = book_of(tmp_path_factory.mktemp("pseudo"), "en-XA", cells)
    done = build(book)
    assert done.returncode == 0, done.stdout
    assert "Said in English" not in done.stdout
    return book / "_build" / "html"


@pytest.fixture(scope="module")
def page(pseudo, chromium):
    """The notebook's page; what a figure says after some time comes at once."""
    address = (pseudo / "every.html").as_uri()
    with open_page(chromium, address, reduced_motion="reduce") as page:
        page.evaluate(
            """() => {
              const later = globalThis.setTimeout;
              globalThis.setTimeout = (what, ms) => later(what, Math.min(ms ?? 0, 1));
              document.querySelectorAll('details').forEach(one => { one.open = true; });
            }"""
        )
        yield page


def test_every_explorer_is_on_the_page(page):
    shown = page.locator("[data-explorer]").evaluate_all(
        "all => all.map(one => one.dataset.explorer)"
    )
    assert sorted(shown) == sorted(KINDS)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_no_word_of_a_figure_escapes(page, kind):
    part = page.locator(f"[data-explorer={kind}]")
    part.evaluate("place => unrolled.start(place)")
    script = f"place => {{ {OUTSIDE} return ({HANDS})(place); }}"
    found, notes = part.evaluate(script)
    assert not words_in(found), json.dumps(words_in(found), indent=1)
    said = "\n".join(notes)
    if not part.locator(".u-stage").count():
        return  # a question has nothing to draw, and no links
    assert "nonsense" in said, "a bad link"
    if part.locator("input[type=number]").count():
        assert "has to be" in said, "a bad number"
    for note in notes:
        assert re.fullmatch(r"(⟦.*⟧)?", note, re.DOTALL)
    live = part.locator("[aria-live=polite]").text_content()
    assert live.startswith("⟦")
    if kind == "hidden_state":
        assert "overflowed at step" in said, "an overflow"


@pytest.mark.parametrize(
    "html, seen",
    [
        ("<p>word</p>", "word"),
        ("<p>낱말</p>", "낱말"),
        ("<p>⟦one⟧ two ⟦three⟧</p>", "two"),
        ("<p>⟦a <b>b⟧</b> word</p>", "word"),
        ("<svg><text>word</text></svg>", "word"),
        ("<svg><title>word</title></svg>", "word"),
        ('<input placeholder="word">', "word"),
        ('<input type="range" aria-valuetext="word">', "word"),
        ('<div hidden aria-label="⟦one⟧ word"></div>', "word"),
        ("<p>tanh of h</p>", "tanh of h"),
        ("<p>cell<sub>a</sub></p>", "cell"),
        ("<i>a</i><sub>word</sub>", "word"),
        ("<p>⟦cut off</p>", "UNBALANCED"),
        ("<p>⟦one⟧⟧</p>", "UNBALANCED"),
        ("<p>⟦one⟧ x = 2, 3 × 10⁻¹⁷, NaN, tanh(h)</p>", None),
        ("<i>w</i><sub>hn</sub>", None),
        ("<b>h_n (1, 4)</b> <b>targets (4,)</b> <b>a_b=True</b>", None),
        ("<code>word</code><textarea>word</textarea>", None),
    ],
)
def test_what_escapes_is_seen(page, html, seen):
    page.evaluate(
        """html => {
          const probe = document.createElement('div');
          probe.id = 'probe';
          probe.innerHTML = html;
          document.body.append(probe);
        }""",
        html,
    )
    found = escaped(page.locator("#probe"))
    page.locator("#probe").evaluate("one => one.remove()")
    assert [left for _, left, _ in found] == ([seen] if seen else [])


def test_no_word_escapes_without_javascript(pseudo, chromium):
    address = (pseudo / "every.html").as_uri()
    with open_page(chromium, address, java_script_enabled=False) as page:
        places = page.locator("[data-explorer]").all()
        assert len(places) == len(KINDS)
        for place in places:
            assert not escaped(place)
            alt = place.locator("svg[role=img]").get_attribute("aria-label")
            assert alt.startswith("⟦")


# The furniture

OURS = (
    ".article-header-buttons",
    ".primary-toggle",
    ".bd-docs-nav .caption:has(+ .unrolled-coming)",
    "details.hide > summary",
    ".unrolled-answers",
)


def test_no_word_of_the_furniture_escapes(pseudo, page, chromium):
    for selector in OURS:
        places = page.locator(selector).all()
        assert places, selector
        for place in places:
            assert not escaped(place)
    for label in ("⟦Book⟧", "⟦Main⟧"):
        assert page.locator(f"nav[aria-label='{label}']").count() == 1
    said = page.locator("body").inner_text()
    own = json.loads((PACKAGE / "book" / "words" / "en.json").read_text("utf-8"))
    html = page.content()
    for other in ("parts", "search", "404"):
        html += (pseudo / f"{other}.html").read_text("utf-8")
    for key, text in own.items():
        # scripts say the first three; the others are of pages that are not here
        others = ("results", "common", "answers", "front", "facts", "course")
        others += ("about", "paper", "editions")
        if key not in others:
            assert f"⟦{text}⟧" in html, text
    assert "⟦Search⟧" in said


def test_no_word_stands_in_a_template():
    templates = sorted((PACKAGE / "book" / "templates").rglob("*.html"))
    assert len(templates) > 5
    for template in templates:
        text = template.read_text("utf-8")
        text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", text, flags=re.DOTALL)
        soup = BeautifulSoup(text, "html.parser")
        said = [soup.get_text()]
        for name in ("aria-label", "title", "alt", "placeholder"):
            said += [tag[name] for tag in soup.select(f"[{name}]")]
        assert not re.search(r"[^\W\d_]{2}", " ".join(said)), (template.name, said)


# --- Korean, and back


@pytest.fixture(scope="module")
def korean(tmp_path_factory):
    """A book in Korean with a prompt of its own, and what its build said."""
    cells = [
        ("print('hidden')", {"tags": ["hide-input"]}),
        ("from unrolled.explorers import HiddenState\nHiddenState()", {}),
    ]
    book = book_of(tmp_path_factory.mktemp("korean"), "ko", cells)
    config = book / "_config.yml"
    own = "    nb_code_prompt_show: 코드\n    language:"
    config.write_text(config.read_text("utf-8").replace("    language:", own), "utf-8")
    done = build(book)
    assert done.returncode == 0, done.stdout
    return book, done.stdout


def test_a_figure_is_korean_in_a_korean_book(korean, chromium, monkeypatch):
    book, _ = korean
    monkeypatch.setitem(os.environ, "UNROLLED_LANGUAGE", "ko")
    explorer = HiddenState()
    said = explorer.words.tree["front"]
    every = book / "_build" / "html" / "every.html"
    alt = explorer.description()
    assert alt in every.read_text("utf-8")
    with open_page(chromium, every.as_uri()) as page:
        place = page.locator("[data-explorer]")
        label = place.locator("svg[role=img]").get_attribute("aria-label")
        shown = {
            ".u-title": said["title"],
            ".u-try": said["tryThis"],
            "[data-preset=fades]": said["presets"]["fades"]["label"],
            ".u-actions button >> nth=-1": said["reset"],
        }
        for selector, text in shown.items():
            assert place.locator(selector).inner_text() == text
            assert re.search("[가-힣]", text)
        assert re.search("[가-힣].*[가-힣]", label)
        assert page.locator("html").get_attribute("lang") == "ko"
        assert page.locator("details.hide .collapsed").inner_text() == "코드"


def test_the_build_lists_what_is_still_english(korean):
    book, log = korean
    expected = untranslated(PACKAGE, "ko")
    end = log.partition("The HTML pages are in")[2]
    listed = end.partition("these words are not translated:\n")[2].partition("\n\n")[0]
    assert [line.strip() for line in listed.splitlines()] == expected
    rooms = "\n".join(expected)
    assert "explorers/decay/words: no ko.json" in rooms
    assert "explorers/hidden_state" not in rooms
    page = (book / "_build" / "html" / "every.html").read_text("utf-8")
    assert ">Search</button>" in page or "book/words" not in rooms


def test_another_language_shows_at_once(korean):
    """The same book, built again in en_XA, as Sphinx writes it."""
    book, _ = korean
    set_language(book, "en_XA")
    done = build(book)
    assert done.returncode == 0, done.stdout
    assert "Said in English" not in done.stdout
    page = (book / "_build" / "html" / "every.html").read_text("utf-8")
    assert 'lang="en-XA"' in page
    assert 'aria-label="⟦' in page and ">⟦Search⟧</button>" in page
    assert HiddenState.words.tree["front"]["title"] in page


def test_what_a_language_lacks_is_named(tmp_path):
    def write(place, **words):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_text(json.dumps(words), "utf-8")

    write("a/words/en.json", one="One", more={"two": "Two", "three": "Three"})
    write("a/words/ko.json", one="하나", more={"two": "둘"})
    write("b/words/en.json", one="One")
    write("c/words/en.json", one="One")
    write("c/words/ko.json", one="하나")
    expected = ["a/words: more.three", "b/words: no ko.json"]
    assert untranslated(tmp_path, "ko") == expected
    assert untranslated(tmp_path, "en") == untranslated(tmp_path, "en-XA") == []
    assert Words(tmp_path / "a" / "words")("more.three") == "Three"
