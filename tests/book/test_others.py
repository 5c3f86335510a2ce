"""What others do to a page: their scripts, a bad address, a printer, a strict server.

A figure goes on, and says what is so.
"""

import functools
import http.server
import threading
from pathlib import Path

import pytest
import sphinx
from hands import HTML
from hands.reader import FIGURES, centre, drag, open_page, settle

CHAPTERS = sorted(
    path.relative_to(HTML).as_posix() for path in HTML.glob("notebooks/*.html")
)
LIVE = [*CHAPTERS, "book/index.html"]
FIRST = CHAPTERS[0]

# --- a mistyped address

BAD = ["50%", "{name}:w_h=1.5%", "{name}:w_h=%E0%A4", "{name}%:w_h=1", "%E0%A4", "%"]
BAD += ["{name}:%=1", "{name}:w_h=0.5;b=%", "{name}:"]

NOTES = """() => [...document.querySelectorAll('.u-note')].map(one => one.textContent)
  .filter(text => text)"""


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_address_is_a_note_at_most(visit, chromium, origins, bad):
    page = visit(FIRST)
    name = page.locator(FIGURES).first.get_attribute("id")
    bad = bad.replace("{name}", name)
    noted = bad.startswith(f"{name}:") and len(bad) > len(name) + 1
    assert page.evaluate(NOTES) == []
    page.evaluate("hash => location.hash = hash", bad)
    settle(page)
    assert len(page.evaluate(NOTES)) == noted
    page.evaluate(
        """hash => {
          const link = document.createElement('a');
          link.setAttribute('href', `#${hash}`);
          document.querySelector('h1').append(link);
          link.click();
          link.remove();
        }""",
        bad,
    )
    settle(page)
    assert len(page.evaluate(NOTES)) == noted
    with open_page(chromium, f"{origins['http']}/{FIRST}#{bad}") as page:
        assert len(page.evaluate(NOTES)) == noted
        slider = page.locator(f"#{name} input[type=range]").first
        before = slider.input_value()
        slider.press("ArrowRight")
        assert slider.input_value() != before


# --- others' scripts

# Sphinx's own, which marks what was searched for: it splits texts, and puts boxes in.
MARK = """() => {
  for (const figure of document.querySelectorAll('.u-explorer'))
    for (const word of ['e', 'step', 'h', '1', '0.', '−'])
      _highlightText(figure, word, 'highlighted');
}"""
# As translators do it: each text in two elements of theirs.
WRAP = """() => {
  const article = document.querySelector('.bd-article');
  const texts = document.createTreeWalker(article, NodeFilter.SHOW_TEXT);
  const found = [];
  while (texts.nextNode()) found.push(texts.currentNode);
  for (const text of found) {
    const { parentElement: parent } = text;
    if (!text.data.trim()) continue;
    if (parent.closest('svg, script, textarea')) continue;
    const inner = document.createElement('font');
    const outer = document.createElement('font');
    text.replaceWith(outer);
    outer.append(inner);
    inner.append(text);
  }
}"""
# As a reader's own do it: notes and anchors among what is there, in drawings too.
STREW = """() => {
  for (const el of document.querySelectorAll('.u-explorer *')) {
    if (el.matches('textarea, input, option, select, title')) continue;
    const svg = el.namespaceURI.endsWith('svg');
    const node = svg ? document.createElementNS(el.namespaceURI, 'g')
      : document.createElement('ins');
    svg ? el.before(node) : el.prepend(node);
  }
}"""

SAID = """place => [...place.querySelectorAll('.u-stage, .u-formula, .u-controls')]
  .map(part => part.textContent.replace(/\\s+/g, ' ').trim())"""
MOVE = """place => {
  for (const input of place.querySelectorAll('input[type=range]')) {
    for (const way of [1, 1, 1, -1]) {
      input.stepUp(way);
      input.dispatchEvent(new Event('input', {bubbles: true}));
    }
  }
}"""


def sphinx_marks():
    """The script that marks what was searched for."""
    file = Path(sphinx.__file__).with_name("themes") / "basic" / "static"
    text = (file / "sphinx_highlight.js").read_text("utf-8")
    return text.replace('"use strict";', "").partition("_ready(")[0]


# The last of these reaches beyond the figures: what it does, no new beginning undoes.
SCRIPTS = {"nothing": "() => 0", "mark": MARK, "strew": STREW, "wrap": WRAP}
BEGIN_ANEW = """() => {
  for (const place of document.querySelectorAll('[data-explorer]'))
    unrolled.start(place);
}"""


@pytest.mark.parametrize("where", LIVE)
def test_a_figure_says_what_is_so_whatever_others_have_put_into_it(
    chromium, origins, where
):
    told, opened = {}, None
    with open_page(chromium, f"{origins['http']}/{where}") as page:
        page.add_script_tag(content=sphinx_marks())
        places = page.locator(FIGURES).all()
        for name, script in SCRIPTS.items():
            if told:
                page.evaluate(BEGIN_ANEW)
                settle(page)
            now = [place.evaluate(SAID) for place in places]
            opened = opened or now
            assert now == opened, "it begins anew"
            page.evaluate(script)
            before = [place.evaluate(SAID) for place in places]
            for place in places:
                place.evaluate(MOVE)
            settle(page)
            told[name] = [place.evaluate(SAID) for place in places]
            assert told[name] != before, "something moved"
    for name in SCRIPTS:
        assert told[name] == told["nothing"], name


# --- a printer

# What is printed in a colour that cannot be read on paper: a text, or a label.
FAINT = """() => {
  const light = (colour) => {
    const [r, g, b, a = 1] = colour.match(/[\\d.]+/g).map(Number);
    const part = (x) => {
      const on = (a * x + (1 - a) * 255) / 255;
      return on <= .04045 ? on / 12.92 : ((on + .055) / 1.055) ** 2.4;
    };
    return .2126 * part(r) + .7152 * part(g) + .0722 * part(b);
  };
  const contrast = (a, b) => (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
  const out = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const el = texts.currentNode.parentElement;
    const text = texts.currentNode.data.trim();
    if (!text || !el.checkVisibility() || el.closest('script, noscript')) continue;
    const style = getComputedStyle(el);
    const drawn = el.closest('svg');
    const ink = light(drawn ? style.fill : style.color);
    if (drawn && style.fill === 'none') continue;
    // a label may lie on a mark: then white on dark is fine
    if (drawn && (ink > .9 || contrast(ink, 1) >= 3)) continue;
    if (contrast(ink, 1) < 4.5) out.push([text, style.color, style.fill].join());
  }
  return out;
}"""


@pytest.mark.parametrize("where", [*LIVE, "book/notation.html", "book/glossary.html"])
def test_what_is_printed_from_the_dark_can_be_read(chromium, origins, where):
    with open_page(chromium, f"{origins['http']}/{where}", theme="dark") as page:
        page.wait_for_load_state("load")
        assert page.evaluate("document.documentElement.dataset.theme") == "dark"
        page.emulate_media(media="print", color_scheme="dark")
        settle(page)
        for place in page.locator("[data-explorer]").all():
            assert place.locator(
                ".unrolled-picture, .unrolled-asked"
            ).first.is_visible()
        assert page.evaluate(FAINT) == []
        paper = "getComputedStyle(document.body).backgroundColor"
        assert page.evaluate(paper) in ("rgb(255, 255, 255)", "rgba(0, 0, 0, 0)")
        page.emulate_media(media="screen", color_scheme="dark")
        settle(page)
        assert len(page.evaluate(FAINT)) > 20, "on the screen it is dark"


# --- a strict server


class Strict(http.server.SimpleHTTPRequestHandler):
    """Forbids styles and scripts that stand in a page."""

    def end_headers(self):
        self.send_header("Content-Security-Policy", "default-src 'self'")
        super().end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def strict(book):
    handler = functools.partial(Strict, directory=book)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


COLOURS = """() => {
  const names = ['fill', 'stroke', 'color', 'background-color', 'background-image',
    'stroke-width', 'stroke-dasharray', 'fill-opacity', 'opacity', 'font-size', 'left',
    'text-decoration-color', 'text-align', 'padding-right', 'max-width', 'text-anchor'];
  return [...document.querySelectorAll('body *')].map(el => {
    const style = getComputedStyle(el);
    return `${el.localName} ${names.map(one => style.getPropertyValue(one)).join(' ')}`;
  });
}"""


@pytest.mark.parametrize(
    "where", [*LIVE, "book/notation.html", "genindex.html", "search.html?q=gradient"]
)
def test_a_server_that_forbids_inline_styles_gets_the_same_page(
    chromium, origins, strict, where
):
    seen = []
    for origin in (origins["http"], strict):
        with open_page(chromium, f"{origin}/{where}") as page:
            page.wait_for_load_state("load")
            settle(page)
            for place in page.locator(FIGURES).all():
                place.evaluate(MOVE)
            settle(page)
            seen.append(page.evaluate(COLOURS))
    free, bound = seen
    assert len(free) == len(bound) > 100
    assert [pair for pair in zip(free, bound, strict=True) if len(set(pair)) > 1] == []


# --- large letters

WIDE = """() => [...document.querySelectorAll('body *')].filter(el => {
  const { right, width } = el.getBoundingClientRect();
  const scrolls = '.unrolled-picture, .unrolled-formula-box, pre, .u-formula';
  return width && right > innerWidth + 1 && el.checkVisibility()
    && !el.closest(`${scrolls}, .u-hidden, .visually-hidden, .u-trials`);
}).map(el => `${el.localName}.${el.className.baseVal ?? el.className} ${el.textContent
  .slice(0, 50)}`).slice(0, 9)"""


# How high a text of each drawing is: the one in the middle, for some are small. (A
# sweep's frames were drawn elsewhere, for one width.)
DRAWN = """all => all.flatMap(stage => {
  const texts = [...stage.querySelectorAll('svg:not([version]) text')];
  const heights = texts.map(one => one.getBoundingClientRect().height).filter(Boolean);
  return heights.sort((one, other) => one - other)[heights.length >> 1] ?? [];
})"""


@pytest.mark.parametrize("where", [*LIVE, "book/notation.html", "book/glossary.html"])
def test_letters_of_twice_the_size_fit_a_phone(chromium, origins, where):
    address = f"{origins['http']}/{where}"
    size = {"viewport": {"width": 390, "height": 660}, "reduced_motion": "reduce"}
    with open_page(chromium, address, **size) as page:
        letters = """() => [
          ...document.querySelectorAll('.u-title, .u-try, .u-formula')]
          .map(el => parseFloat(getComputedStyle(el).fontSize))"""
        usual = page.evaluate(letters)
        drawn = page.locator(".u-stage").evaluate_all(DRAWN)
        page.add_style_tag(content=":root { font-size: 200% !important }")
        settle(page)
        page.locator(".u-more").evaluate_all("all => all.map(one => one.open = true)")
        settle(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, (
            page.evaluate(WIDE)
        )
        assert page.evaluate(letters) == pytest.approx([2 * one for one in usual])
        larger = zip(page.locator(".u-stage").evaluate_all(DRAWN), drawn, strict=True)
        assert [now / before for now, before in larger if now < 1.3 * before] == []


def test_a_hand_holds_what_it_points_at_whatever_the_letters(chromium, origins):
    """Where the drawing has grown with them, its pixels are larger than the hand's."""
    size = {"viewport": {"width": 390, "height": 660}, "reduced_motion": "reduce"}
    for where in LIVE:
        with open_page(chromium, f"{origins['http']}/{where}", **size) as page:
            page.add_style_tag(content=":root { font-size: 200% !important }")
            settle(page)
            for place in page.locator("[data-explorer]:has(.u-bars .u-handle)").all():
                inputs = place.locator(".u-bars .u-handle")
                opened = place.evaluate("place => place.model.get('x')")
                inputs.last.evaluate("el => el.scrollIntoView({block: 'center'})")
                x, y = centre(inputs.last)
                drag(page, (x, y), (x, y + (40 if opened[-1] > 0 else -40)))
                now = place.evaluate("place => place.model.get('x')")
                assert now[:-1] == opened[:-1]
                assert abs(now[-1] - opened[-1]) > 0.2


@pytest.mark.parametrize("where", LIVE)
def test_a_slider_keeps_its_track_where_there_is_little_room(chromium, origins, where):
    size = {"viewport": {"width": 195, "height": 400}, "reduced_motion": "reduce"}
    with open_page(chromium, f"{origins['http']}/{where}", **size) as page:
        widths = page.locator(".u-control input[type=range]:visible").evaluate_all(
            "all => all.map(one => one.getBoundingClientRect().width)"
        )
        assert widths and min(widths) >= 80, widths
