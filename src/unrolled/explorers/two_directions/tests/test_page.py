"""Two directions on their page: what it shows is what `unrolled.cells` computes."""

import math
import re

import numpy as np
import pytest
from hands.asked import AskedFirst
from hands.every import EveryPage
from hands.inputs import InputsUnderAFinger
from hands.reader import (
    CROWDED,
    ROOMS,
    brief,
    centre,
    drag,
    explorer_at,
    one_height,
    set_state,
    settle,
    short,
)

from unrolled.explorers import TwoDirections

X = [0.4, -0.6, 0.5, -0.3, -0.4, 0.3]
LONG = [(-1) ** k * 0.9 for k in range(10)]


class TestPage(AskedFirst, InputsUnderAFinger, EveryPage):
    waits = 12
    kind = TwoDirections
    lays_out_the_page = True
    chapter = "06_deep_bidirectional_padded"
    name = "directions"
    told_apart = {"padding": 4}

    def test_the_slider_ends_where_the_padding_begins(self, page):
        set_state(page, self.place, padding=3)
        settle(page)
        self.test_the_time_slider_s_thumb_stands_under_its_column(page)

    def texts(self, page, selector):
        settle(page)
        return self.part(page, selector).all_text_contents()

    def assert_shows_what_python_computes(self, page):
        """Both rows of states and both rows of derivatives, and the formula."""
        explorer = explorer_at(page, self.place)
        forward, backward = explorer.output.T
        read = len(X) if explorer.packed else len(explorer.output)
        shown = set(self.texts(page, ".u-stage svg > g > text"))
        for half in (forward, backward):
            assert {short(value) for value in half[:read]} <= shown
        moves = explorer.sensitivity
        at = explorer.step - 1
        spans = (slice(0, at + 1), slice(at, read))
        cells = self.part(page, ".u-cells")
        for k, span in enumerate(spans):
            found = cells.nth(k).locator("text").all_text_contents()
            assert found == [brief(value) for value in moves[k, span]]

    def test_what_is_shown_is_what_python_computes(self, page):
        for settings in (
            {},
            {"padding": 3},
            {"padding": 3, "packed": True},
            {"step": 1},
            {"step": 6, "padding": 2, "w_h_backward": -1.5},
        ):
            self.press(page, "reset")
            set_state(page, self.place, **settings)
            self.assert_shows_what_python_computes(page)

    def test_dragging_an_input_moves_each_half_on_its_own_side(self, page):
        before = explorer_at(page, self.place).output
        x, y = centre(self.handle(page, 4))
        drag(page, (x, y), (x, y - 40))
        explorer = explorer_at(page, self.place)
        assert explorer.x[3] > 0.5 and explorer.step == 4
        moved = np.abs(explorer.output - before) > 1e-9
        assert moved[:, 0].tolist() == [False] * 3 + [True] * 3
        assert moved[:, 1].tolist() == [True] * 4 + [False] * 2
        self.assert_shows_what_python_computes(page)

    def test_the_printed_sums_are_right(self, page):
        rng = np.random.default_rng(3)
        names = ("w_h_forward", "b_forward", "w_h_backward", "b_backward")
        for step in (1, 2, 4, 6):
            for padding, packed in ((0, False), (3, False), (3, True)):
                weights = {name: rng.uniform(-2, 2) for name in names}
                told = {"padding": padding, "packed": packed, "step": step}
                set_state(page, self.place, **weights, **told)
                output = explorer_at(page, self.place).output[step - 1]
                rows = self.part(page, ".u-formula .equation")
                for k, value in enumerate(output):
                    spans = rows.nth(k).locator("> span").all_text_contents()
                    numbers, result = (one.replace("−", "-") for one in spans[1:])
                    numbers = numbers.removeprefix("= ").replace("×", "*")
                    sign, printed = re.match(r"([=≈]) (-?[\d.]+)", result).groups()
                    assert sign == "="
                    assert f"{value:z.2f}" == printed
                    assert f"{eval(numbers, {'tanh': math.tanh}):z.2f}" == printed

    def test_padding_spoils_the_backward_half_and_packing_saves_it(self, page):
        slider = self.part(page, "input[type=range][aria-label^='zero steps']")
        marks = self.part(page, "path.unpadded").nth(1)  # of the backward half
        assert not marks.get_attribute("d")
        slider.press("End")
        set_state(page, self.place, step=6)
        explorer = explorer_at(page, self.place)
        assert explorer.padding == 6
        alone = explorer.backward_alone
        assert abs(explorer.output[5, 1] - alone[5]) > 0.2
        known = self.part(page, ".u-formula .known").inner_text()
        assert "backward steps 12 to 6." in known
        assert f"Without the padding, backward would be {alone[5]:.2f}." in known
        zero, top = (
            float(
                self.part(page, ".u-axis")
                .nth(1)
                .locator("line")
                .nth(k)
                .get_attribute("y1")
            )
            for k in (0, 1)
        )
        heights = re.findall(r"M\S+ (\S+?)h", marks.get_attribute("d"))
        found = [(zero - float(y)) / (zero - top) for y in heights]
        np.testing.assert_allclose(found, alone, atol=0.01)
        self.part(page, "input[value=packed]").click()
        explorer = explorer_at(page, self.place)
        assert explorer.packed
        assert abs(explorer.output[5, 1] - alone[5]) < 1e-12
        assert not marks.get_attribute("d")
        known = self.part(page, ".u-formula .known").inner_text()
        assert "backward step 6." in known and "the output there is 0" in known

    def test_the_ghost_is_where_the_states_were(self, page):
        old = explorer_at(page, self.place).output
        set_state(page, self.place, padding=4)
        ghosts = [
            self.part(page, ".u-bars").nth(k).locator(".u-ghost").get_attribute("d")
            for k in (0, 1)
        ]
        assert ghosts[0] == "", "the forward half has not moved"
        new = explorer_at(page, self.place).output[:6]
        assert ghosts[1].count("M") == (np.abs(new - old)[:, 1] * 36 > 0.8).sum() > 3

    @pytest.mark.parametrize("size", ROOMS, ids=str)
    def test_the_drawing_has_one_height(self, page, size):
        far = [{"x": LONG, "padding": 6}, {"x": [1.0, 1.0], "padding": 0}]
        assert one_height(page, self.place, size, far) <= ROOMS[size]

    @pytest.mark.parametrize("width", [320, 390, 768, 1280])
    def test_no_length_is_cut_off_or_collides(self, page, width):
        page.set_viewport_size({"width": width, "height": 800})
        for x in (LONG, LONG[:2]):
            for padding in (0, 1, 6):
                for step in (1, len(x)):
                    told = {"padding": padding, "step": 1}
                    set_state(page, self.place, **told, x=x)
                    set_state(page, self.place, step=step, w_h_backward=-1.7)
                    problems = page.evaluate(CROWDED, f"{self.place} .u-stage svg")
                    assert not problems, (len(x), padding, step, problems)
