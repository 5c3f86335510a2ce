"""Labels stand the same whatever fonts a reader's system has."""

import json
import re

import pytest
from bs4 import BeautifulSoup
from hands import HTML, ROOT
from hands.browser import FAMILIES, families, launch
from hands.reader import ALIVE, CROWDED, KINDS, LETTERS, PHONE, Visit, settle

from unrolled.letters import CHARACTERS

PAGES = sorted(
    str(path.relative_to(HTML))
    for path in [*HTML.glob("notebooks/*.html"), HTML / "book" / "index.html"]
    if "data-explorer" in path.read_text("utf-8")
)
WIDTHS = (1280, 390)

# Of every figure, by its name: each text with its box, from the figure's left upper
# corner. Code is set in a font of the system's, and so is what is typed.
LABELS = """() => Object.fromEntries(
  [...document.querySelectorAll('[data-explorer]')].map((place) => {
    const root = place.querySelector('.u-explorer');
    const { left, top } = root.getBoundingClientRect();
    const boxes = [['', [root.clientWidth, root.clientHeight]]];
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const { parentElement: el, data } = texts.currentNode;
      if (el.closest('pre, code, textarea, .u-hidden, .frame style')) continue;
      const range = document.createRange();
      range.selectNode(texts.currentNode);
      const box = range.getBoundingClientRect();
      if (box.width > 0)
        boxes.push([data, [box.left - left, box.top - top, box.width, box.height]]);
    }
    return [place.id, boxes];
  }))"""


@pytest.fixture(scope="module")
def measured(playwright, origins, tmp_path_factory):
    """By family of fonts, page, width and figure: its labels and their boxes."""
    found = {}
    for family in families():
        chromium = launch(playwright, tmp_path_factory.mktemp("fonts"), family)
        for path in PAGES:
            visit = Visit(chromium, f"{origins['http']}/{path}")
            for width in WIDTHS:
                visit.page.set_viewport_size({"width": width, "height": 800})
                settle(visit.page)
                for name, labels in visit.page.evaluate(LABELS).items():
                    found.setdefault((path, width, name), {})[family] = labels
            visit.assert_quiet()
            visit.context.close()
        chromium.close()
    return found


def test_labels_stand_the_same_in_every_system(measured):
    assert len(families()) > 1, f"install another one of {list(FAMILIES)}"
    assert len(measured) >= 2 * len(KINDS)
    for place, by_family in measured.items():
        first, *others = by_family.values()
        assert len(first) >= 5, "a question of a number has no more"
        for labels in others:
            assert [text for text, _ in labels] == [text for text, _ in first], place
            for (text, box), (_, other) in zip(first, labels, strict=True):
                assert other == pytest.approx(box, abs=1), (place, text)


# Has a figure say other words.
SPOKEN = """([place, words]) => {
  for (const told of document.querySelectorAll('[data-unrolled-room]')) {
    const room = JSON.parse(told.textContent);
    for (const [key, said] of Object.entries(words))
      if (key in room.words) room.words[key] = said;
    told.textContent = JSON.stringify(room);
  }
  unrolled.start(document.querySelector(place));
}"""


# The heights of each figure, and of its parts that keep room for what may be said.
HEIGHTS = """() => [...document.querySelectorAll(
  '.u-explorer, .u-try, .u-formula')].map((one) => one.offsetHeight)"""


def test_letters_that_come_late_leave_no_trace(playwright, origins, tmp_path):
    """What was measured in the system's letters is measured again."""
    chromium = launch(playwright, tmp_path, "dejavu")
    page = chromium.new_page(**PHONE)
    held = []
    page.route("**/unrolled-letters*", lambda route: held.append(route))
    page.goto(f"{origins['http']}/{PAGES[-1]}", wait_until="domcontentloaded")
    page.wait_for_function(ALIVE)
    settle(page)
    early = page.evaluate(HEIGHTS)
    assert held, "a page waits for no font"
    for route in held:
        route.continue_()
    page.evaluate(LETTERS)
    settle(page)
    late = page.evaluate(HEIGHTS)
    assert late != early, "these letters are of another width"
    page.unroute("**/unrolled-letters*")
    page.reload()
    page.wait_for_function(ALIVE)
    page.evaluate(LETTERS)
    settle(page)
    assert page.evaluate(HEIGHTS) == late
    chromium.close()


EXPLORERS = ROOT / "src" / "unrolled" / "explorers"
TRANSLATED = {file.parents[1].name: file for file in EXPLORERS.glob("*/words/ko.json")}


@pytest.mark.parametrize("room", TRANSLATED)
def test_a_label_in_korean_has_its_place(playwright, origins, tmp_path, room):
    """Its letters are the system's, and fit where Latin ones do."""
    *_, family = families()  # Noto CJK, where it is
    place = f'[data-explorer="{room}"]'
    path = next(page for page in PAGES if place[1:-1] in source(page))
    shared, own = (
        json.loads(file.read_text("utf-8"))["front"]
        for file in (EXPLORERS / "words" / "ko.json", TRANSLATED[room])
    )
    chromium = launch(playwright, tmp_path, family)
    visit = Visit(chromium, f"{origins['http']}/{path}")
    visit.page.evaluate(SPOKEN, [place, shared | own])
    for width in (1280, 390, 320):
        visit.page.set_viewport_size({"width": width, "height": 800})
        settle(visit.page)
        stage = visit.page.locator(f"{place} .u-stage").first
        assert re.search("[가-힣]", stage.text_content())
        assert not visit.page.evaluate(CROWDED, f"{place} .u-stage svg")
    chromium.close()


def source(page):
    return (HTML / page).read_text("utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_the_pictures_of_a_page_need_no_other_letters(page):
    shown = BeautifulSoup(source(page), "html.parser").select(".unrolled-picture text")
    assert shown
    used = set("".join(text.get_text() for text in shown)) - set("\n")
    lacking = {one for one in used if ord(one) not in CHARACTERS}
    assert not lacking, f"add {lacking} to CHARACTERS in unrolled/letters.py"
