"""The character model on its chapter's page."""

import json

import pytest
from hands.asked import AskedFirst
from hands.every import EveryPage
from hands.reader import (
    CROWDED,
    ROOMS,
    centre,
    explorer_at,
    one_height,
    open_page,
    set_state,
    settle,
    state_of,
)

from unrolled import characters
from unrolled.explorers import CharacterModel

STRANGE = "é😀 \u202bשלום‬\tx = '한글'\n"
SHOWN = """([place, wanted]) => {
  const { model } = document.querySelector(place);
  return Boolean(model.get("_files")[wanted]);
}"""


class TestPage(AskedFirst, EveryPage):
    waits = 9
    kind = CharacterModel
    chapter = "08_character_model"
    name = "model"
    told_apart = {"text": "for x in", "letter": 8}

    def text(self, page):
        return self.part(page, "textarea.typed")

    def shown(self, page):
        """The explorer as Python computes it, and the texts of the drawing."""
        settle(page)
        texts = self.part(page, ".u-field svg text").all_text_contents()
        return explorer_at(page, self.place), texts

    def assert_shows_what_python_computes(self, page):
        explorer, texts = self.shown(page)
        p = explorer.probabilities
        if p is not None:
            assert f"{100 * p.max():.0f} %" in texts
            rows = self.part(page, ".u-formula > div").all_text_contents()
            step = explorer.states
            at = min(explorer.letter, len(explorer.text)) - 1
            for name in ("i", "f", "o"):
                value = getattr(step, name)[at, explorer.unit]
                assert f"{value:.2f}" in rows[1]
        said = self.part(page, ".told b").first.inner_text()
        known = explorer.surprise[~(explorer.surprise != explorer.surprise)]
        assert said == (f"{explorer.bits:.2f} bits a letter" if len(known) else "")

    def test_it_shows_what_python_computes(self, page):
        self.assert_shows_what_python_computes(page)
        for state in (
            {"show": "f", "unit": 3, "letter": 12},
            {"text": "x", "letter": 1},
            {"text": "", "letter": 0},
            {"text": STRANGE, "letter": 9},
            {"hold": "o", "held": 0.0, "text": "a = (1, 2)\n", "letter": 6},
        ):
            set_state(page, self.place, **state)
            self.assert_shows_what_python_computes(page)

    def test_what_is_typed_is_read_letter_by_letter(self, page):
        field = self.text(page)
        field.click()
        field.press("ControlOrMeta+End")
        before = state_of(page, self.place)["text"]
        field.press_sequentially("# a\n")
        now = state_of(page, self.place)
        assert now["text"] == before + "# a\n"
        assert now["letter"] == len(now["text"])
        self.assert_shows_what_python_computes(page)
        field.press("ArrowLeft")
        settle(page)
        assert state_of(page, self.place)["letter"] == len(now["text"]) - 1
        field.press("ControlOrMeta+Home")
        settle(page)
        assert state_of(page, self.place)["letter"] == 0
        field.press_sequentially("@")
        settle(page)
        assert state_of(page, self.place)["text"] == "@" + now["text"]
        self.assert_shows_what_python_computes(page)

    def test_letters_and_what_is_behind_them_stand_in_one_place(self, page):
        """Each letter's own box, in the field's text and behind it."""
        for text in ("x" * 300, STRANGE * 5, "a  b   " * 40, "\n\n\nx\n"):
            set_state(page, self.place, text=text, letter=5)
            settle(page)
            sizes = self.part(page, ".page").evaluate(
                """page => [...page.children].map(
                     ({ scrollWidth, scrollHeight }) => [scrollWidth, scrollHeight])"""
            )
            assert sizes[0] == sizes[1], text
            styles = self.part(page, ".page").evaluate(
                """page => [...page.children].map(one => {
                     const { font, padding, whiteSpace, wordBreak, letterSpacing }
                       = getComputedStyle(one);
                     return [font, padding, whiteSpace, wordBreak, letterSpacing]; })"""
            )
            assert styles[0] == styles[1]

    def test_the_field_and_what_is_behind_it_scroll_together(self, page):
        set_state(page, self.place, text="a line of it\n" * 60, letter=700)
        settle(page)
        tops = self.part(page, ".page").evaluate(
            "page => [...page.children].map(one => one.scrollTop)"
        )
        assert tops[0] == tops[1] > 100
        now = self.part(page, ".behind .now").bounding_box()
        frame = self.part(page, ".page").bounding_box()
        assert frame["y"] <= now["y"] <= frame["y"] + frame["height"] - now["height"]

    def test_twenty_thousand_letters_are_read_in_slices(self, page):
        page.evaluate(
            """place => {
              globalThis.longest = 0;
              new PerformanceObserver(list => {
                for (const one of list.getEntries())
                  globalThis.longest = Math.max(globalThis.longest, one.duration);
              }).observe({ entryTypes: ["longtask"] });
            }""",
            self.place,
        )
        text = "def f(x):\n    return x\n" * 1000
        self.text(page).fill(text)
        page.wait_for_function(
            "([one, text]) => one.textContent && one.textContent !== text",
            arg=[self.part(page, ".told b").first.element_handle(), ""],
        )
        note = self.part(page, ".u-note")
        assert "room for 20000 letters" in note.inner_text().replace(",", "")
        assert state_of(page, self.place)["text"] == text[:20_000]
        page.wait_for_function(
            """place => document.querySelector(place)
                 .querySelectorAll('.behind > span > span').length >= 800""",
            arg=self.place,
            timeout=60_000,
        )

    def test_a_checkpoint_is_brought_when_it_is_first_asked_for(
        self, chromium, origins
    ):
        files = (
            f"Object.keys(document.querySelector('{self.place}').model.get('_files'))"
        )
        for origin in ("http", "file"):
            address = f"{origins[origin]}/notebooks/{self.chapter}.html"
            with open_page(chromium, address) as page:
                page.wait_for_selector(f"{self.place}[data-live]")
                assert page.evaluate(files) == ["end"]
                for checkpoint in ("1000", "untrained", "end"):
                    set_state(page, self.place, checkpoint=checkpoint)
                    page.wait_for_function(SHOWN, arg=[self.place, checkpoint])
                    settle(page)
                    self.assert_shows_what_python_computes(page)
                assert len(page.evaluate(files)) == 3

    @pytest.mark.parametrize("lost", ["1000", "end"])
    def test_weights_that_do_not_come_are_told_and_asked_for_again(
        self, chromium, origins, lost
    ):
        """Of what the page itself asks for, too."""
        address = f"{origins['http']}/notebooks/{self.chapter}.html"
        script = f"**/character_model.{lost}.js*"
        asked = []

        def fail(route):
            asked.append(route.request.url)
            route.abort()

        with open_page(chromium, f"{origins['http']}/index.html", quiet=False) as page:
            page.route(script, fail)
            page.goto(address)
            page.wait_for_selector(f"{self.place}[data-live]")
            set_state(page, self.place, checkpoint=lost)
            note = page.locator(f"{self.place} .u-note[data-warning]")
            note.get_by_text("The weights could not be loaded.").wait_for()
            settle(page)
            assert self.part(page, ".told b").first.inner_text() == ""
            assert "?v=" in asked[-1]
            count = len(asked)
            settle(page)
            assert len(asked) == count, "nobody has changed anything"
            page.unroute(script)
            set_state(page, self.place, letter=9)
            page.wait_for_function(SHOWN, arg=[self.place, lost])
            settle(page)
            assert not note.count()
            self.assert_shows_what_python_computes(page)

    def test_the_gates_over_the_letters_are_chapter_fours_picture(self, page):
        set_state(page, self.place, below="gates", letter=60)
        explorer, texts = self.shown(page)
        said = self.part(page, "svg text.said, svg text.u-chosen").all_text_contents()
        beginning = explorer.text.index("".join(said).replace("\u21b5", "\n"))
        assert beginning < 60 <= beginning + len(said)
        assert self.part(page, "svg text.u-chosen").text_content() == explorer.text[59]
        assert {"h", "o", "c", "f", "i", "g"} <= {*texts}
        taps = self.part(page, ".u-gates .u-fill:not([d=''])")
        before = taps.first.get_attribute("d")
        set_state(page, self.place, unit=explorer.unit + 1)
        settle(page)
        assert taps.first.get_attribute("d") != before
        set_state(page, self.place, hold="f", held=0.0)
        settle(page)
        assert self.part(page, ".u-gates .u-held").count() == 1
        letter = self.part(page, "svg text.said").nth(3)
        wanted = explorer.text.index("".join(said).replace("\u21b5", "\n")) + 4
        page.mouse.click(*centre(letter))
        settle(page)
        assert state_of(page, self.place)["letter"] == wanted

    def test_its_own_writing_stands_beside_what_stands_there(self, page):
        set_state(page, self.place, below="own", letter=30)
        for state in (
            {},
            {"temperature": 0.0},
            {"seed": 9},
            {"text": "a = (", "letter": 5},
        ):
            set_state(page, self.place, **state)
            explorer, _ = self.shown(page)
            there, own = (
                row.replace("\u21b5", "\n")
                for row in self.part(page, ".ahead .letters").all_text_contents()
            )
            written = explorer.write(70)
            assert own == written
            letter = explorer.letter
            assert there == explorer.text[letter : letter + 70]
            costs = self.part(page, ".ahead .told b").all_text_contents()
            read = characters.read(explorer.model, explorer.text[:letter] + written)
            assert costs[1] == f"{read.surprise[letter - 1 :].mean():.2f} bits a letter"
            assert bool(costs[0]) == bool(there)

    def test_the_unit_for_a_property_is_found_and_the_text_stays(self, page):
        set_state(page, self.place, text="my = [own]\n", letter=5, show="o")
        find = self.part(page, "select")
        found = CharacterModel.results()["properties"]
        for name in found:
            find.select_option(name)
            settle(page)
            now = state_of(page, self.place)
            assert now["unit"] == found[name]["unit"] and now["show"] == "c"
            assert now["text"] == "my = [own]\n"
        others = {*range(96)} - {one["unit"] for one in found.values()}
        set_state(page, self.place, unit=min(others))
        settle(page)
        assert find.input_value() == ""

    def test_it_writes_what_python_writes(self, page):
        set_state(page, self.place, text="def spam(", letter=9, seed=4)
        settle(page)
        explorer, _ = self.shown(page)
        for button, letters in (("Write a letter", 1), ("Write on", 80)):
            wanted = explorer.text + explorer.write(letters)
            self.part(page, ".writing").get_by_text(button, exact=True).click()
            explorer, _ = self.shown(page)
            assert explorer.text == wanted
            assert explorer.letter == len(wanted)
        written = explorer.text
        self.part(page, ".writing").get_by_text("Write something else").click()
        explorer, _ = self.shown(page)
        begun = written[: 9 + 1]
        again = CharacterModel(text=begun, letter=10, seed=5)
        assert explorer.text == begun + again.write(80) != written
        set_state(page, self.place, text="x = 1\ny = 2\n", letter=3)
        self.part(page, ".writing").get_by_text("Write a letter", exact=True).click()
        explorer, _ = self.shown(page)
        assert len(explorer.text) == 4, "what stands behind is written anew"

    def test_a_tap_on_a_square_chooses_the_unit(self, page):
        order = CharacterModel.results()["order"]
        squares = self.part(page, ".u-field svg rect:not(.chosen, .u-band)")
        assert squares.count() == 96
        for n in (0, 17, 95):
            page.mouse.click(*centre(squares.nth(n)))
            settle(page)
            assert state_of(page, self.place)["unit"] == order[n]

    def test_a_link_brings_the_text_along(self, page):
        text = 'if x; y = "50 %" # é&\n'
        set_state(page, self.place, text=text, letter=4)
        wanted = state_of(page, self.place)
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        self.press(page, "link")
        page.wait_for_function(
            "el => el.textContent", arg=self.part(page, ".u-note").element_handle()
        )
        link = page.evaluate("navigator.clipboard.readText()")
        self.press(page, "reset")
        page.evaluate("hash => { location.hash = hash; }", link.partition("#")[2])
        settle(page)
        assert state_of(page, self.place) == wanted

    def test_all_weights_come_with_the_page_once_and_are_few(self, page):
        names = page.locator("script[src*='character_model']").evaluate_all(
            "all => all.map(one => new URL(one.src).pathname.split('/').at(-1))"
        )
        assert sorted(names) == ["character_model.end.js", "character_model.js"]

    @pytest.mark.parametrize("size", ROOMS, ids=str)
    def test_the_drawing_has_one_height(self, page, size):
        far = [{"text": ""}, {"text": STRANGE * 30}, {"show": "i"}]
        far += [{"below": "gates"}, {"below": "own"}, {"below": "own", "letter": 0}]
        assert one_height(page, self.place, size, far) <= ROOMS[size]

    @pytest.mark.parametrize("width", [320, 390, 768, 1280])
    def test_no_letter_of_the_drawing_is_cut_off(self, page, width):
        page.set_viewport_size({"width": width, "height": 800})
        for text in ("", "a", " ", "x\n", STRANGE, "def spam(x):\n" * 5):
            for below in ("units", "gates"):
                set_state(page, self.place, text=text, letter=len(text), below=below)
                settle(page)
                drawn = f"{self.place} .u-field:not([hidden]) svg"
                assert not page.evaluate(CROWDED, drawn), text


def test_the_page_is_told_no_weights():
    """They come as scripts of their own, not within the page."""
    told = json.dumps(CharacterModel()._front_room({}))
    weights = characters.packed(characters.load())
    assert weights[:200] not in told
