"""The one style sheet says what all the theme's say: of whatever is on a page.

On each page the sheet is exchanged for all that it was made from, in their order, and
what the browser computes for every element stays the same: light and dark, wide and
narrow, on paper, with a menu open and figures alive.
"""

import re

import pytest
from hands import HTML
from hands.reader import open_page, settle

from unrolled.book import sheet

STATIC = HTML / "_static"
PAGES = [
    "book/glossary.html",
    "book/index.html",
    "book/notation.html",
    "book/references.html",
    "genindex.html",
    "notebooks/03_long_term_dependencies.html",
    "notebooks/05_gru.html",
    "search.html",
]

# All sheets that the page's was made from stand beside it, one or the others at work.
BESIDE = """async ([sheets, rest]) => {
  const [link] = document.querySelectorAll('link[rel=stylesheet]');
  const full = sheets.map(sheet => Object.assign(document.createElement('link'),
    {rel: 'stylesheet', href: new URL(sheet, link.href).href}));
  for (const one of full) {
    const loaded = new Promise((done, fail) =>
      Object.assign(one, {onload: done, onerror: fail}));
    link.before(one);
    await loaded;
  }
  const own = Object.assign(document.createElement('style'), {textContent: rest});
  document.head.append(own);
  window.putOn = whole => {
    link.disabled = whole;
    for (const one of [...full, own]) one.disabled = !whole;
  };
}"""

# What differs in what the browser computes for all that is on the page: for one of
# those elements that no rule can tell apart, by its and its ancestors' names and its
# place among others.
DIFFERENCES = """async () => {
  const marks = new Map(), first = new Map();
  const mark = (el) => {
    if (!el) return '';
    if (!marks.has(el)) {
      const within = el.parentElement?.closest('pre, math, svg');
      const beside = [el.previousElementSibling, el, el.nextElementSibling];
      const near = (within ? [el] : beside)
        .map(one => one ? `${one.localName}.${one.getAttribute('class')}` : '');
      const own = [...el.attributes].map(one => one.name).join();
      marks.set(el, `${mark(el.parentElement)}>${near}[${own}]`);
    }
    return marks.get(el);
  };
  for (const el of document.querySelectorAll('body, body *'))
    if (!first.has(mark(el))) first.set(mark(el), el);
  const without = matchMedia('print').matches ? /^--|^scroll-/ : /^--/; // paper stands
  const names = [...getComputedStyle(document.body)].filter(one => !without.test(one));
  const looks = async whole => {
    putOn(whole);
    await document.fonts.ready;
    for (let still = 0, high = 0; still < 3;) { // folded, and what that sets off
      for (const el of first.values()) getComputedStyle(el).height;
      for (const one of document.getAnimations()) one.finish();
      await new Promise(requestAnimationFrame);
      const { height } = document.body.getBoundingClientRect();
      still = height === high ? still + 1 : 0;
      high = height;
    }
    return [...first.values()].map(el => [null, '::before', '::after'].map(part => {
      const style = getComputedStyle(el, part);
      if (part && style.content === 'none') return '';
      return names.map(name => style.getPropertyValue(name)).join('\\n');
    }));
  };
  const less = await looks(false), full = await looks(true), differ = [];
  putOn(false);
  [...first.keys()].forEach((name, k) => less[k].forEach((text, part) => {
    if (text === full[k][part]) return;
    const [there, others] = [text, full[k][part]].map(all => all.split('\\n'));
    const found = names.flatMap((one, at) =>
      there[at] === others[at] ? [] : [`${one}: ${there[at]} / ${others[at]}`]);
    differ.push([name.slice(-200), ...found.slice(0, 9)]);
  }));
  return [first.size, names.length, differ.slice(0, 9)];
}"""


def theirs():
    """The names of all sheets that the site's was made from, in their order."""
    (notebooks,) = STATIC.glob("mystnb.*.css")
    others = ("pygments.css", "styles/sphinx-book-theme.css", "copybutton.css")
    return [*sheet.THEME, *others, notebooks.name]


def conditions(page):
    """The page in each way that it may be seen."""
    for theme in ("light", "dark"):
        page.emulate_media(media="screen", color_scheme=theme)
        page.wait_for_function(
            "theme => document.documentElement.dataset.theme === theme", arg=theme
        )
        for width in (1440, 390):
            page.set_viewport_size({"width": width, "height": 800})
            settle(page)
            yield f"{theme}, {width} px wide"
    page.locator(".primary-toggle").first.click()
    yield "with the chapters open"
    page.keyboard.press("Escape")
    page.mouse.move(0, 0)
    page.emulate_media(media="screen", color_scheme="light")
    page.wait_for_function("() => document.documentElement.dataset.theme === 'light'")
    page.emulate_media(media="print", color_scheme="light")  # of the dark: test_others
    settle(page)
    yield "printed"


@pytest.mark.parametrize("where", PAGES)
def test_what_is_left_out_matches_nothing(chromium, origins, where):
    rest = "".join(STATIC.joinpath(name).read_text("utf-8") for name in sheet.OURS)
    rest = sheet.measured([(HTML / where).read_text("utf-8")]) + rest
    fonts = rf'url("{origins["http"]}/_static/\1")'
    near = re.sub(r'url\("?(unrolled[^")]*)"?\)', fonts, rest)
    address = f"{origins['http']}/{where}"
    with open_page(chromium, address, reduced_motion="reduce") as page:
        page.wait_for_load_state("load")
        page.evaluate(BESIDE, [theirs(), near])
        page.evaluate("putOn(false)")
        everywhere = "* { content-visibility: visible !important }"
        page.add_style_tag(content=everywhere)
        seen = []
        for how in conditions(page):
            elements, properties, differ = page.evaluate(DIFFERENCES)
            assert not differ, f"{how}: {differ}"
            assert elements > 50 and properties > 300
            seen.append(how)
    assert len(seen) == 6


def test_the_sheet_is_small():
    whole = sum((STATIC / name).stat().st_size for name in theirs())
    text = (STATIC / sheet.NAME).read_text("utf-8")
    assert 40_000 < len(text) < whole / 3


# The parts

SHEETS = """
@charset "utf-8"; @import "other.css";
:root { --used: 1px; --by-unused: 2px; --unused: var(--by-unused) }
.here, .gone, p.here:hover > .here:not(.gone), .here .gone { top: var(--used) }
#there[data-x]:is(.gone, .here)::before { animation: turn 1s }
#there[data-y] { top: 0 } .put-there { left: 0 !important } table .here { top: 1px }
:where(.gone), .here:has(.gone) { top: 2px }
@media print { .here { top: 0 } .gone { top: 0 } }
@media screen { .gone { top: 0 } }
@keyframes turn { from { top: 0 } } @keyframes other { to { top: 1px } }
@font-face { font-family: "Gone"; src: url("gone.woff2") }
"""


def test_a_rule_stays_if_all_that_it_names_may_be_there():
    page = '<p class="here too" id="there" data-x="1">gone</p>'
    words = sheet.words_of([page], ['put("put-there"); gone(1); f(`a${b} "x"`)'])
    assert {"p", "class", "here", "too", "there", "data-x", "put-there"} <= words
    assert not {"gone", "data-y"} & words
    assert sheet.trimmed([SHEETS], words, "") == (
        ":root{--used:1px}"
        ".here,p.here:hover > .here:not(.gone){top:var(--used)}"
        "#there[data-x]:is(.gone, .here)::before{animation:turn 1s}"
        ".put-there{left:0!important}"
        "@media print{.here{top:0}}"
        "@keyframes turn{ from { top: 0 } }"
    )
    assert "--by-unused" in sheet.trimmed([SHEETS], words, "a { b: var(--unused) }")


def test_paper_is_light_whatever_the_screen_is():
    source = (
        'html[data-theme="light"] p, html[data-theme=dark] p, p { top: 0 }'
        "html[data-theme=dark] { left: 0 } html[data-theme='light'] { left: 1px }"
    )
    assert sheet.trimmed([source], frozenset(["html", "p", "data-theme"]), "") == (
        "@media not print{html[data-theme=dark] p{top:0}}"
        'html[data-theme="light"] p,p{top:0}'
        "@media print{html[data-theme] p{top:0}}"
        "@media not print{html[data-theme=dark]{left:0}}"
        'html[data-theme="light"]{left:1px}'
        "@media print{html[data-theme]{left:1px}}"
    )


def test_pictures_are_bounded_by_their_own_width():
    page = '<div class="unrolled-picture" tabindex="0"><svg a="b" width="200.5pt" c="">'
    rule = '.unrolled-picture>svg[width="200.5pt"]{max-width:max(100%,130pt)}'
    assert sheet.measured([page, page]) == rule
