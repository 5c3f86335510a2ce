"""The counter on its chapter's page."""

import re

import pytest
from hands.asked import AskedFirst
from hands.every import EveryPage
from hands.reader import (
    CROWDED,
    ROOMS,
    explorer_at,
    one_height,
    set_state,
    settle,
    short,
    state_of,
)

from unrolled.explorers import Counter

LONG = "a" * 45 + "b" * 45
MIXED = "abcabcaabbcc"


class TestPage(AskedFirst, EveryPage):
    waits = 4
    kind = Counter
    lays_out_the_page = True
    chapter = "07_memory_lab"
    name = "counter"
    told_apart = {"text": "aaabbb", "step": 2}

    def shown(self, page):
        settle(page)
        texts = self.part(page, ".u-stage svg text").all_text_contents()
        return explorer_at(page, self.place), texts

    def test_it_shows_what_python_computes(self, page):
        for cell in ("LSTM", "GRU", "RNN"):
            set_state(page, self.place, cell=cell, text="aaabbb", step=4, unit=2)
            explorer, texts = self.shown(page)
            assert short(explorer.memory[3, 1]) in texts
            shares = explorer.probabilities[3]
            rows = self.part(page, ".u-formula > div").all_text_contents()
            assert all(f"{share:.2f}" in rows[1] for share in shares)
            assert f"n = {explorer.weights['reaches']}." in rows[2]

    def test_the_printed_sums_are_right(self, page):
        for cell in ("LSTM", "GRU"):
            for text in ("aaabbb", "a" * 14 + "b" * 14):
                for step in (1, 4, len(text)):
                    set_state(page, self.place, cell=cell, text=text, step=step)
                    explorer, _ = self.shown(page)
                    row = self.part(page, ".u-formula > div").first.text_content()
                    *_, numbers, sign, result = re.split(r" ([=≈]) ", row)
                    numbers, result = (
                        one.replace("−", "-").replace("×", "*")
                        for one in (numbers, result)
                    )
                    assert result == f"{explorer.memory[step - 1, 0]:z.2f}"
                    assert sign == "=" and f"{eval(numbers):z.2f}" == result

    def test_a_typed_text_is_read_letter_by_letter(self, page):
        box = self.part(page, "input.typed")
        box.fill("aab")
        explorer, _ = self.shown(page)
        assert (explorer.text, explorer.step) == ("aab", 3)
        box.press("End")
        box.press("b")
        assert self.shown(page)[0].text == "aabb"
        box.fill("aabx")
        explorer, _ = self.shown(page)
        assert explorer.text == "aabb", "nothing is lost"
        assert "“x” is none" in self.part(page, ".u-note").inner_text()
        assert box.get_attribute("aria-invalid") == "true"
        box.press("Tab")
        assert box.input_value() == "aabb"
        box.fill("a" * 91)
        assert "room for 90" in self.part(page, ".u-note").inner_text()

    def test_it_goes_on_until_it_fails(self, page):
        for cell in ("GRU", "LSTM"):
            set_state(page, self.place, cell=cell, network="middle", language="anbn")
            self.part(page, "button:text-is('Go on until it fails')").click()
            explorer, _ = self.shown(page)
            n = explorer.weights["reaches"] + 1
            assert explorer.text == "a" * n + "b" * n
            assert explorer.step == explorer.wrong[0]
            marks = self.part(page, "path.wrong").get_attribute("d")
            assert marks.count("M") == len(explorer.wrong) > 0

    def test_n_makes_the_word(self, page):
        slider = self.part(page, "input[type=range][aria-label^='n, how']")
        slider.press("Home")
        slider.press("ArrowRight")
        assert state_of(page, self.place)["text"] == "aabb"
        set_state(page, self.place, language="anbncn")
        slider.press("ArrowRight")
        assert state_of(page, self.place)["text"] == "aaabbbccc"
        slider.press("End")
        assert state_of(page, self.place)["text"] == "a" * 30 + "b" * 30 + "c" * 30

    def test_a_tap_chooses_a_letter(self, page):
        box = self.part(page, ".u-field svg").bounding_box()
        page.mouse.click(box["x"] + box["width"] - 20, box["y"] + 60)
        explorer, _ = self.shown(page)
        assert explorer.step == len(explorer.text)

    @pytest.mark.parametrize("size", ROOMS, ids=str)
    def test_the_drawing_has_one_height(self, page, size):
        far = [{"text": LONG}, {"text": "a"}, {"text": MIXED, "cell": "RNN"}]
        assert one_height(page, self.place, size, far) <= ROOMS[size]

    @pytest.mark.parametrize("width", [320, 390, 768, 1280])
    def test_no_length_is_cut_off_or_collides(self, page, width):
        page.set_viewport_size({"width": width, "height": 800})
        for text in (LONG, MIXED, "a", "a" * 12 + "b" * 12):
            for step in (1, len(text)):
                set_state(page, self.place, text=text, step=step)
                settle(page)
                found = page.evaluate(CROWDED, f"{self.place} .u-stage svg")
                assert not found, (text, step, found)
