"""Every page of the built site in Chromium, with the network blocked.

Each page is opened once, and asked everything: nothing comes from another host, every
figure is alive, nothing is wider than a screen, axe finds nothing. Opened once more
each, in a folder of a site and from a file, it is alive there too; and without
JavaScript it still reads.
"""

import json
from functools import cache
from urllib.parse import unquote, urlparse

import pytest
from bs4 import BeautifulSoup
from hands import HTML
from hands.asked import SEEN
from hands.axe import assert_clean, findings
from hands.reader import FIGURES, KINDS, PHONE, Visit, open_page, settle

PAGES = sorted(
    str(path.relative_to(HTML))
    for path in HTML.glob("*/**/*.html")
    if "_static" not in path.parts
)
assert PAGES, f"no book in {HTML}: run `make book` first"
PAGES.append("search.html")
CHAPTERS = [page for page in PAGES if page.startswith("notebooks/")]
LIVE = [*CHAPTERS, "book/index.html"]


# --- one visit to each page


@pytest.fixture(scope="module", params=PAGES)
def path(request):
    """A page: all that is asked of it is asked before the next is opened."""
    return request.param


@pytest.fixture(scope="module")
def opened(chromium, origins, path):
    address = f"{origins['http']}/{path}"
    visit = Visit(chromium, address, reduced_motion="reduce")
    visit.page.wait_for_load_state("load")
    yield visit
    visit.context.close()


@pytest.fixture
def page(opened):
    opened.set_back()
    yield opened.page
    opened.assert_quiet()


def assert_alive(page, path):
    places = page.locator("[data-explorer]")
    assert (places.count() > 0) == (path in LIVE)
    for place in places.all():
        assert place.get_attribute("data-live") == "true"
        assert not place.locator(".unrolled-picture").is_visible()
    for place in page.locator(FIGURES).all():
        assert place.locator("input[type=range]").count() > 0


def test_a_page_is_quiet_and_alive(page, path):
    assert_alive(page, path)


MOST_ELEMENTS = 7500  # of a page, its figures alive: all are walked when one moves


def test_a_page_has_few_elements(page):
    count = page.evaluate("document.getElementsByTagName('*').length")
    assert 100 < count <= MOST_ELEMENTS


# The page's width and the screen's, as it is, and with each preset pressed.
WIDTHS = """async () => {
  const { documentElement: page } = document;
  const measured = [['none', page.scrollWidth, innerWidth]];
  for (const preset of document.querySelectorAll('[data-preset]')) {
    preset.click();
    await new Promise(requestAnimationFrame);
    measured.push([preset.textContent, page.scrollWidth, innerWidth]);
  }
  return measured;
}"""


@pytest.mark.parametrize(
    ("width", "height"),
    [(320, 800), (390, 800), (768, 800), (844, 390), (1440, 800)],
)
def test_no_page_is_wider_than_its_screen(page, width, height):
    page.set_viewport_size({"width": width, "height": height})
    settle(page)
    presets = page.locator("[data-preset]").count()
    measured = page.evaluate(WIDTHS)
    assert len(measured) == presets + 1
    for lesson, wide, screen in measured:
        assert wide <= screen == width, lesson


# The page has the theme's colours, no transition is on its way between two, and Tab
# reaches what scrolls at the present width.
FOLLOWED = """theme => document.documentElement.dataset.theme === theme
  && document.getAnimations().every(one => one.playState === 'finished')
  && [...document.querySelectorAll('pre, .output, .pst-scrollable-table-container')]
    .every(one => one.scrollWidth <= one.clientWidth || one.tabIndex === 0)"""


# a phone's colours are the desk's
@pytest.mark.parametrize(
    "theme, width", [("light", 1280), ("dark", 1280), ("light", 390)]
)
def test_axe_finds_nothing(page, theme, width):
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=theme)
    page.wait_for_function(FOLLOWED, arg=theme)  # some time later, the theme's scripts
    # as a reader leaves it: a lesson chosen, the code open
    copied = page.locator(FIGURES).evaluate_all(
        """places => places.map(place => {
          [...place.querySelectorAll('[data-preset]')].at(-1)?.click();
          const [first, ...others] = place.querySelectorAll('.u-actions button');
          if (others.length > 1) first.click(); // it copies code
          return others.length > 1;
        })"""
    )
    settle(page)
    for k, code in enumerate(page.locator("[data-explorer] .u-code").all()):
        assert code.is_visible() == copied[k]
    assert_clean(page)


# --- tables

CELLS = ".bd-article :is(th, td)"
BROKEN = r"""cells => cells.flatMap(cell => {
  const found = [], texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const { currentNode: text } = texts;
    if (text.parentElement.closest('math, code, .unrolled-explorer')) continue;
    for (const { 0: word, index } of text.data.matchAll(/[\w’]+/g)) {
      const range = document.createRange();
      range.setStart(text, index);
      range.setEnd(text, index + word.length);
      const tops = [...range.getClientRects()].map(({ top }) => Math.round(top));
      if (new Set(tops).size > 1) found.push(word);
    }
  }
  return found;
})"""


def test_no_word_of_a_table_is_broken_on_a_phone(page):
    page.set_viewport_size(PHONE["viewport"])
    assert page.locator(CELLS).evaluate_all(BROKEN) == []


# --- what is asked

ASKING = """all => all
  .filter(place => JSON.parse(place.querySelector('script').textContent).ask)
  .map(place => place.id)"""


def test_what_a_page_asks_is_not_answered_before_it_is_shown(page, path):
    names = page.locator(FIGURES).evaluate_all(ASKING)
    first = {"notebooks/01_recurrence.html": ["pulse", "plane"]}
    assert names == first.get(path, names)
    for name in names:
        answers = page.locator(f"#{name} .u-answer")
        assert answers.count() > 0
        assert answers.evaluate_all(SEEN) == 0
        page.locator(f"#{name} .u-show").click()
        settle(page)
        assert answers.evaluate_all(SEEN) == answers.count()
        # nor does a link of the text lead to a figure that is silent
        preset = page.locator(f"#{name} [data-preset]").first
        link = f"{name}:preset={preset.get_attribute('data-preset')}"
        page.locator(f"#{name}").evaluate("place => unrolled.start(place)")
        assert page.locator(f"#{name} .u-show").count() == 1
        page.evaluate("link => location.hash = link", link)
        settle(page)
        assert page.locator(f"#{name} .u-show").count() == 0
        assert answers.evaluate_all(SEEN) == answers.count()


# --- what the theme hears


def test_a_key_looks_for_the_search_field_only_where_it_opens_it(visit):
    """The theme looked through all elements, whatever key was pressed."""
    page = visit("notebooks/01_recurrence.html")
    page.evaluate(
        """() => {
          window.asked = 0;
          const all = document.querySelectorAll;
          document.querySelectorAll = function (...given) {
            window.asked += 1;
            return all.apply(this, given);
          };
        }"""
    )
    try:
        page.keyboard.press("ArrowRight")
        assert page.evaluate("window.asked") == 0
        page.keyboard.press("Control+k")
        assert page.evaluate("window.asked") > 0
        assert page.locator("#pst-search-dialog[open]").count() == 1
        page.keyboard.press("Escape")
        assert page.locator("#pst-search-dialog[open]").count() == 0
    finally:
        page.evaluate("() => { delete document.querySelectorAll; }")


# --- the menu


def test_a_section_is_chosen_in_the_menu_and_the_menu_goes(visit):
    page = visit("notebooks/01_recurrence.html", **PHONE)
    page.locator("button.primary-toggle").tap()
    link = page.locator("dialog .page-toc a").nth(3)
    target = link.get_attribute("href")
    link.tap()
    page.wait_for_function("() => !document.querySelector('dialog[open]')")
    page.wait_for_function(
        """id => {
          const { top } = document.getElementById(id).getBoundingClientRect();
          return top > 0 && top < 200;
        }""",
        arg=target[1:],
    )
    assert page.url.endswith(target)


# --- in other places


@pytest.mark.parametrize("origin", ["folder", "file"])
@pytest.mark.parametrize("where", PAGES)
def test_in_a_folder_and_from_a_file_a_page_is_alive(chromium, origins, origin, where):
    with open_page(chromium, f"{origins[origin]}/{where}") as page:
        page.wait_for_load_state("load")
        assert_alive(page, where)


@pytest.mark.parametrize("origin", ["http", "folder", "file"])
def test_the_root_leads_to_the_landing_page(chromium, origins, origin):
    with open_page(chromium, f"{origins[origin]}/index.html") as page:
        page.wait_for_url("**/book/index.html")


@pytest.mark.parametrize("where", LIVE)
def test_without_javascript_a_page_still_reads(chromium, origins, where):
    address = f"{origins['file']}/{where}"
    with open_page(chromium, address, java_script_enabled=False) as page:
        for place in page.locator("[data-explorer]").all():
            picture = place.locator(".unrolled-picture svg[role=img]")
            assert picture.is_visible()
            assert len(picture.get_attribute("aria-label")) > 30
            assert place.locator("input").count() == 0
        formulas = page.locator("math[display=block]")
        assert formulas.count() > 0 or where not in CHAPTERS
        for formula in formulas.all()[:1]:
            assert formula.is_visible()
            assert formula.bounding_box()["width"] > 100


# --- how axe is asked


@pytest.fixture(scope="module")
def code(chromium, origins):
    """A chapter's page of which only the title and two cells of code are left."""
    with open_page(chromium, f"{origins['file']}/{CHAPTERS[0]}") as page:
        page.evaluate(
            """() => {
              const names = '.cell_input pre span.s2';
              const cells = [...document.querySelectorAll('.cell:not(.tag_hide-input)')]
                .filter(cell => cell.querySelectorAll(names).length > 9);
              const title = document.querySelector('h1');
              cells.length = 2;
              document.querySelector('.bd-article').replaceChildren(title, ...cells);
              const long = [...document.querySelectorAll(names)]
                .filter(name => name.textContent.length > 1);
              long[0].id = 'first';
              long.at(-1).id = 'last';
            }"""
        )
        assert findings(page)["violations"] == []
        yield page


COVER = """#first { position: relative }
  #first::after { content: ""; position: absolute; inset: 0; background: #fff }"""


@pytest.mark.parametrize(
    "style, least",
    [
        ("#last { color: #bbb }", 1),
        ("#last { opacity: 0.4 }", 1),
        ("#last { background: #555 }", 1),
        (".cell:last-child .highlight pre { background: #777 !important }", 5),
        # of the first axe cannot tell, so it has to look at the others
        (f"{COVER} pre span.s2 {{ color: #bbb !important }}", 5),
    ],
)
def test_one_bad_colour_among_many_alike_is_found(code, style, least):
    looked = findings(code)
    assert looked["looks"] < looked["texts"] / 2, "most look like others"
    spoilt = code.add_style_tag(content=style)
    found = findings(code)["violations"]
    spoilt.evaluate("style => style.remove()")
    assert len(found) >= least
    assert {rule for rule, _ in found} == {"color-contrast"}
    assert any('id="last"' in html for _, html in found)
    assert findings(code) == looked


# --- what the pages say, without a browser


@cache
def soup_of(page):
    return BeautifulSoup((HTML / page).read_text("utf-8"), "html.parser")


def test_internal_links_and_anchors_resolve():
    missing = []
    ids = {p: {tag["id"] for tag in soup_of(p).select("[id]")} for p in PAGES}
    followed = 0
    for page in PAGES:
        soup = soup_of(page)
        assert not soup.select("html:not([lang])")
        for tag in soup.select("[href], [src]"):
            target = tag.get("href") or tag.get("src")
            if urlparse(target).scheme or target.startswith("//"):
                assert tag.name == "a", f"{page} loads {target}"
                continue
            file, _, anchor = target.partition("#")
            file = unquote(file.partition("?")[0])
            to = (HTML / page).parent.joinpath(file).resolve() if file else HTML / page
            name = str(to.relative_to(HTML.resolve())) if file else page
            anchor = unquote(anchor).partition(":")[0]
            followed += 1
            if not to.is_file() or (anchor and anchor not in ids.get(name, set())):
                missing.append(f"{page}: {target}")
    assert followed > 50
    assert not missing


def test_prose_links_name_settings_that_the_figure_has():
    """A link such as #pulse:w_h=1.1 is checked by Python's own traits.

    One such as #pulse:preset=flips names a preset of the room.
    """
    words = {"none": None, "true": True, "false": False}

    def read(text, now):
        if text in words:
            return words[text]
        numbers = [float(one) for one in text.split(",")]
        return numbers if isinstance(now, list) else numbers[0]

    links = 0
    for page in LIVE:
        for anchor in soup_of(page).select('a[href^="#"][href*=":"]'):
            name, _, settings = unquote(anchor["href"][1:]).partition(":")
            place = soup_of(page).find(id=name)
            kind = place["data-explorer"]
            sliders = json.loads(place.script.string).get("sliders", [])
            stops = {one["name"]: [str(k) for k in one["stops"]] for one in sliders}
            if sliders:  # frames, made at their stops
                for key, value in (part.split("=") for part in settings.split(";")):
                    assert value in stops[key], f"{page}: {anchor['href']}"
                continue
            explorer = KINDS[kind]()
            for part in settings.split(";"):
                key, value = part.split("=")
                if key == "preset":
                    assert value in explorer.words.tree["front"]["presets"]
                    continue
                now = explorer.state[key]
                text = isinstance(now, str)
                setattr(explorer, key, value if text else read(value, now))
            links += 1
    assert links >= 4


def test_a_page_carries_no_widget_state_and_no_explorer_code():
    for page in LIVE:
        text = (HTML / page).read_text("utf-8")
        assert "widget-state+json" not in text
        assert "_esm" not in text
