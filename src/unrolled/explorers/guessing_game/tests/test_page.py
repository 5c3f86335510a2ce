"""The guessing game on its chapter's page, played as a reader plays it."""

import pytest
from hands.every import EveryPage
from hands.measures import AIM
from hands.reader import (
    CROWDED,
    ROOMS,
    centre,
    explorer_at,
    one_height,
    set_state,
    settle,
    state_of,
)
from playwright.sync_api import expect

from unrolled.explorers import GuessingGame
from unrolled.explorers.guessing_game import PRESETS, expected

HIDDEN = GuessingGame().text[GuessingGame().shown :]
LONG = ("a = [" + "1, " * 95 + "\n]\n")[:300]
# Where everything stands that a hand takes hold of, and the figure's height.
PLACES = """root => [root.getBoundingClientRect().height,
  ...[...root.querySelectorAll('.u-side :is(input, button, textarea), .u-stage')]
    .map(one => {
      const { left, top, width, height } = one.getBoundingClientRect();
      const frame = root.getBoundingClientRect();
      return [left - frame.left, top - frame.top, width, height];
    })]"""


class TestPage(EveryPage):
    kind = GuessingGame
    lays_out_the_page = True
    chapter = "08_character_model"
    name = "game"
    told_apart = {"guesses": "__", "percents": [80, 90]}

    def field(self, page):
        return self.part(page, "textarea.typed")

    def play(self, page, letters):
        self.field(page).press_sequentially(letters)
        settle(page)
        return explorer_at(page, self.place)

    def letters(self, page):
        """What is drawn of the text, letter by letter."""
        return "".join(self.part(page, ".u-stage code span").all_text_contents())

    def assert_shows_what_python_computes(self, page):
        settle(page)
        game = explorer_at(page, self.place)
        values = self.part(page, ".u-stage svg .values text").all_text_contents()
        means = (game.bits, game.model_bits)
        shown = [f"{one:.2f}" if game.costs else "–" for one in means]
        assert values == [*shown, "6.58"]
        assert self.part(page, ".u-stage .guessed").count() == len(game.costs)
        said = self.part(page, ".told").inner_text()
        rows = " ".join(self.part(page, ".u-formula > div").all_text_contents())
        if game.costs:
            at = min(game.look or len(game.costs), len(game.costs)) - 1
            assert f"{game.costs[at]:.2f} bits for you" in said
            assert f"{game.model_costs[at]:.2f} for the model" in said
            assert f"= {game.costs[at]:.2f}" in rows
            assert f"= {game.model_costs[at]:.2f}" in rows
        return game

    def test_it_shows_what_python_computes(self, page):
        self.assert_shows_what_python_computes(page)
        for state in (
            {"guesses": "_x(", "percents": [99, 12, 50]},
            {"guesses": "_x(", "percents": [99, 12, 50], "look": 2},
            {"guesses": HIDDEN, "percents": [95] * len(HIDDEN)},
            PRESETS["words"] | {"guesses": "def dict", "percents": [80] * 8},
            {"guesses": "~" * 200, "percents": [1]},
        ):
            set_state(page, self.place, **state)
            self.assert_shows_what_python_computes(page)

    def test_a_letter_typed_is_a_guess(self, page):
        page.keyboard.press("Tab")
        self.field(page).focus()
        game = self.play(page, "__x")
        assert (game.guesses, game.percents) == ("__x", [50.0] * 3)
        assert self.field(page).input_value() == ""
        self.assert_shows_what_python_computes(page)
        page.keyboard.press("ArrowUp")
        page.keyboard.press("ArrowUp")
        game = self.play(page, "n")
        assert game.percents == [50, 50, 50, 60], "what was staked stays"
        for _ in range(20):
            page.keyboard.press("ArrowUp")
        assert state_of(page, self.place)["sure"] == 99
        page.keyboard.press("ArrowDown")
        assert state_of(page, self.place)["sure"] == 95
        for _ in range(30):
            page.keyboard.press("ArrowDown")
        assert state_of(page, self.place)["sure"] == 1

    def test_blank_and_end_of_line_are_typed_or_pressed(self, page):
        set_state(page, self.place, text="a\n\n  b", shown=1)
        self.field(page).press("Enter")
        end = self.part(page, ".guess button").get_by_text("end of line")
        end.click()
        self.field(page).press("Space")
        assert self.field(page).evaluate("one => one === document.activeElement")
        self.part(page, ".guess button").get_by_text("blank").click()
        settle(page)
        assert self.field(page).evaluate("one => one === document.activeElement")
        assert state_of(page, self.place)["guesses"] == "\n\n  "
        assert self.letters(page) == "a↵↵  ?"

    def test_of_several_letters_at_once_those_count_that_are_right(self, page):
        self.field(page).fill("__in_x__")
        settle(page)
        assert state_of(page, self.place)["guesses"] == "__in_"
        self.field(page).fill("é")
        settle(page)
        assert "“é” is none of the 96" in self.part(page, ".u-note").inner_text()
        assert state_of(page, self.place)["guesses"] == "__in_"

    def test_what_is_not_known_is_nowhere(self, page):
        """Not in the drawing, the labels, or the words; and then it is."""
        game = GuessingGame()
        for guessed in (0, 9, 15, 25):
            set_state(page, self.place, guesses=HIDDEN[:guessed], percents=[])
            settle(page)
            known = game.text[: game.shown + guessed].replace("\n", "")
            assert self.letters(page).replace("↵", "") == f"{known}?"
            html = self.part(page, ".u-explorer").evaluate("el => el.outerHTML")
            assert HIDDEN[guessed : guessed + 4] not in html
            cost = expected(game.text)["bits"][game.shown + guessed - 1]
            if cost > 1:  # and unlike that of the letter before
                assert f"{cost:.2f} for the model" not in html
        set_state(page, self.place, guesses=HIDDEN[:21])
        settle(page)
        label = self.part(page, ".u-stage svg").get_attribute("aria-label")
        assert "The line so far: (4 blanks) def __init__(self, items)" in label

    def test_a_game_is_played_to_its_end_and_nothing_moves(self, visit, page, phone):
        for here in (page, phone):
            root = self.part(here, ".u-explorer")
            self.part(here, ".u-more").evaluate("one => { one.open = true; }")
            settle(here)
            before = root.evaluate(PLACES)
            for k, letter in enumerate(HIDDEN):
                self.field(here).fill(letter if k % 5 else "~")
                settle(here)
                assert root.evaluate(PLACES) == before, (k, letter)
                high = self.part(here, ".u-formula").evaluate(
                    "one => one.scrollHeight - one.clientHeight"
                )
                assert high <= 1, (k, letter)
                told = self.part(here, ".told").evaluate(
                    "one => one.scrollHeight - one.clientHeight"
                )
                assert told <= 1, (k, letter)
            assert "That was all" in self.part(here, ".stakes").inner_text()
            self.assert_shows_what_python_computes(here)
            self.field(here).fill("x")
            settle(here)
            assert "That was all" in self.part(here, ".u-note").inner_text()
            assert len(state_of(here, self.place)["guesses"]) == len(HIDDEN)
            self.press(here, "reset")
            assert self.letters(here).endswith("def ?")

    def test_a_guess_can_be_looked_at_again(self, page):
        self.play(page, "__xx")
        look = self.part(page, ".looking button")
        for button, wanted in ((0, 3), (0, 2), (0, 1), (0, 1), (1, 2), (1, 3), (1, 0)):
            look.nth(button).click()
            settle(page)
            assert state_of(page, self.place)["look"] == wanted
            self.assert_shows_what_python_computes(page)
        page.mouse.click(*centre(self.part(page, ".u-stage .guessed").nth(1)))
        settle(page)
        assert state_of(page, self.place)["look"] == 2
        assert self.part(page, ".u-stage .chosen").count() == 1
        page.mouse.click(*centre(self.part(page, ".u-stage .asked")))
        assert self.field(page).evaluate("one => one === document.activeElement")
        self.play(page, "t")
        assert state_of(page, self.place)["look"] == 0, "what is new is told"

    def test_bars_are_as_high_as_what_was_paid(self, page):
        guesses, percents = "_~i~", [99, 99, 50, 50]
        set_state(page, self.place, guesses=guesses, percents=percents)
        settle(page)
        game = explorer_at(page, self.place)
        high = self.part(page, ".u-stage .guessed").evaluate_all(
            """all => all.map(one => ['--mine', '--its'].map(
                 name => parseFloat(one.style.getPropertyValue(name))))"""
        )
        for (mine, its), cost, model in zip(
            high, game.costs, game.model_costs, strict=True
        ):
            assert mine == pytest.approx(50 * cost / 14, abs=0.06)
            assert its == pytest.approx(50 * model / 14, abs=0.06)
        wrong = self.part(page, ".u-stage [data-wrong]").all_text_contents()
        assert wrong == ["_", "n"]

    def test_a_long_text_is_seen_where_it_is_guessed(self, page):
        set_state(page, self.place, text=LONG, shown=250, guesses="1", percents=[9])
        settle(page)
        asked = self.part(page, ".u-stage .asked").bounding_box()
        frame = self.part(page, ".u-stage code").bounding_box()
        assert frame["y"] <= asked["y"]
        assert asked["y"] + asked["height"] <= frame["y"] + frame["height"] + 1
        said = "is computed in Python, not on a page"
        assert said in self.part(page, ".u-note").inner_text()
        values = self.part(page, ".u-stage svg .values text").all_text_contents()
        assert values[1] == "–" and values[0] != "–"

    def test_the_game_is_in_one_view_with_what_is_typed(self, phone):
        """What is typed, how sure, and the whole drawing, on a phone's screen."""
        self.field(phone).evaluate("one => one.scrollIntoView({ block: 'end' })")
        bottom = self.part(phone, ".u-control").bounding_box()
        phone.mouse.wheel(0, bottom["y"] + bottom["height"] - 655)
        settle(phone)
        shown = phone.evaluate(
            f"""() => {{
              const box = one => document.querySelector('{self.place} ' + one)
                .getBoundingClientRect();
              const [stage, field, slider] = [".u-stage", ".typed", ".u-control"]
                .map(box);
              const seen = ({{ top, bottom, height }}) =>
                (Math.min(bottom, innerHeight) - Math.max(top, 0)) / height;
              return [stage, field, slider].map(seen);
            }}"""
        )
        assert shown[0] >= AIM["phone"] and min(shown[1:]) > 0.99

    @pytest.mark.parametrize("size", ROOMS, ids=str)
    def test_the_drawing_has_one_height(self, page, size):
        far = [
            {"guesses": HIDDEN, "percents": []},
            {"text": LONG, "shown": 200},
            {"text": "", "shown": 1},
        ]
        assert one_height(page, self.place, size, far) <= ROOMS[size]

    @pytest.mark.parametrize("width", [320, 390, 768, 1280])
    def test_no_letter_is_cut_off(self, page, width):
        page.set_viewport_size({"width": width, "height": 800})
        wide = """([root]) => [...root.querySelectorAll('code span, .guess > *')]
          .filter(one => one.getBoundingClientRect().right
            > root.getBoundingClientRect().right - 10).length"""
        root = self.part(page, ".u-explorer")
        for guesses in ("", "~" * 60, HIDDEN):
            set_state(page, self.place, guesses=guesses, percents=[99])
            settle(page)
            assert not page.evaluate(CROWDED, f"{self.place} .u-stage svg")
            assert page.evaluate(wide, [root.element_handle()]) == 0

    def test_the_field_is_seen_where_letters_are_twice_as_large(self, page):
        page.set_viewport_size({"width": 390, "height": 660})
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        settle(page)
        field, view = self.part(page, ".typed"), self.part(page, ".u-view")
        self.part(page, ".u-presets button").last.focus()
        for _ in range(4):
            page.keyboard.press("Tab")
            if field.evaluate("one => one === document.activeElement"):
                break
        expect(field).to_be_focused()
        settle(page)
        typed, drawn = field.bounding_box(), view.bounding_box()
        assert typed["y"] >= drawn["y"] + drawn["height"]
        assert typed["y"] + typed["height"] <= 660
        page.evaluate("document.documentElement.style.fontSize = null")
