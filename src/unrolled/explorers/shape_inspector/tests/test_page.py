"""The shape inspector on its page: what a reader touches is what Python says of it."""

import pytest
from hands.asked import AskedFirst
from hands.every import EveryPage
from hands.reader import CROWDED, ROOMS, explorer_at, one_height, set_state, settle

from unrolled.explorers import ShapeInspector

MOST = {
    "batch_size": 3,
    "timesteps": 6,
    "features": 4,
    "hidden_size": 4,
    "num_layers": 3,
}
LEAST = dict.fromkeys(MOST, 1)
# The middle of what a path draws, in pixels of the window.
MIDDLE = """el => {
  const { left, top, width, height } = el.getBoundingClientRect();
  return width + height ? [left + width / 2, top + height / 2] : null;
}"""


class TestPage(AskedFirst, EveryPage):
    waits = 3
    kind = ShapeInspector
    chapter = "06_deep_bidirectional_padded"
    name = "shapes"
    told_apart = {"num_layers": 3}

    def middle(self, page, look):
        return self.part(page, f"path.{look}").evaluate(MIDDLE)

    def assert_says_what_python_says(self, page):
        """The slice's name and its twin's, every shape, and the slider's words."""
        explorer = explorer_at(page, self.place)
        first = self.part(page, ".u-formula > div").first.text_content()
        other = "h_n" if explorer.chosen.startswith("output") else "output"
        nowhere = f"{explorer.chosen} stands nowhere in {other}."
        found = explorer.same and f"{explorer.chosen} = {explorer.same}"
        assert first == (found or nowhere)
        names = set(self.part(page, ".u-stage text.u-strong").all_text_contents())
        assert names == {
            f"{k} {v}".replace(",)", ")") for k, v in explorer.shapes.items()
        }
        said = self.part(page, ".u-time").get_attribute("aria-valuetext")
        assert said == explorer.chosen
        assert (self.middle(page, "twin") is None) == (explorer.same is None)
        return explorer

    def test_every_slice_that_the_slider_reaches(self, page):
        slider = self.part(page, ".u-time")
        slider.press("Home")
        seen = []
        for _ in range(int(slider.get_attribute("max")) + 1):
            seen.append(self.assert_says_what_python_says(page).chosen)
            slider.press("ArrowRight")
        assert len(set(seen)) == len(seen) == 2 * 4 * 2 + 2 * (2 * 2 * 2)

    def test_a_click_on_a_slice_chooses_it_and_its_twin_leads_back(self, page):
        for settings in ({}, {"batch_first": False}, {"lengths": [6, 2], "step": 1}):
            self.press(page, "reset")
            set_state(page, self.place, sequence=1, **settings)
            first = self.assert_says_what_python_says(page)
            assert first.same
            page.mouse.click(*self.middle(page, "twin"))
            second = self.assert_says_what_python_says(page)
            assert (second.chosen, second.same) == (first.same, first.chosen)
            page.mouse.click(*self.middle(page, "twin"))
            assert self.assert_says_what_python_says(page).chosen == first.chosen

    def test_a_finger_chooses_by_a_tap(self, phone):
        self.part(phone, ".u-stage").evaluate("el => el.scrollIntoView()")
        settle(phone)
        x, y = self.middle(phone, "picked")
        height = self.part(phone, "path.picked").bounding_box()["height"]
        phone.touchscreen.tap(x, y + height)
        settle(phone)
        explorer = self.assert_says_what_python_says(phone)
        assert (explorer.chosen, explorer.same) == ("output[0, 3, 3:6]", None)

    def test_a_mouse_walks_over_the_slices(self, page):
        x, y = self.middle(page, "picked")
        wide = self.part(page, "path.picked").bounding_box()["width"]
        page.mouse.move(x, y)
        page.mouse.down()
        for k in range(1, 4):
            page.mouse.move(x - k * wide, y)
        page.mouse.up()
        assert self.assert_says_what_python_says(page).chosen == "output[0, 0, 0:3]"

    def test_what_it_teaches_is_said(self, page):
        verdict = self.part(page, ".u-formula > div").nth(2)
        for settings, said in (
            (
                {"num_layers": 1, "bidirectional": False},
                "output[:, -1] is h_n[-1].",
            ),
            (
                {"bidirectional": False},
                "output[:, -1] is h_n[-1], the last of 2 layers in h_n.",
            ),
            (
                {"bidirectional": False, "lengths": [6, 2]},
                "output[:, -1] is 0 where a sequence has ended; take h_n[-1].",
            ),
            (
                {"batch_first": False},
                "output[-1] has a backward half that has read one step; take h_n[-2] "
                "and h_n[-1].",
            ),
            (
                {"lengths": [3]},
                "output[:, -1] is 0 where a sequence has ended, and elsewhere its "
                "backward half has read one step; take h_n[-2] and h_n[-1].",
            ),
        ):
            self.press(page, "reset")
            set_state(page, self.place, layer=0, **settings)
            assert verdict.text_content() == said
        self.press(page, "reset")
        set_state(page, self.place, tensor="h_n", layer=0)
        why = self.part(page, ".u-formula > div").nth(1).text_content()
        assert "Layer 0 is read by layer 1; output has the last layer alone." in why
        set_state(page, self.place, tensor="c_n", layer=1)
        why = self.part(page, ".u-formula > div").nth(1).text_content()
        assert why.endswith("A cell state is never put out.")

    def test_a_length_is_of_the_chosen_sequence(self, page):
        set_state(page, self.place, sequence=1)
        slider = self.part(page, "input[type=range][aria-label='length of sequence 1']")
        assert slider.get_attribute("aria-valuetext") == "4"
        slider.press("Home")
        assert explorer_at(page, self.place).sequence_lengths == [4, 1]
        assert self.part(page, "path.padded").first.get_attribute("d").count("M") == 18
        slider.press("End")
        explorer = explorer_at(page, self.place)
        assert explorer.sequence_lengths == [4, 4]
        set_state(page, self.place, timesteps=6)
        assert explorer_at(page, self.place).sequence_lengths == [6, 6]

    def test_batch_first_turns_output_and_leaves_h_n(self, page):
        ghost = self.part(page, ".u-ghost")
        assert not ghost.get_attribute("d")
        set_state(page, self.place, batch_first=False)
        explorer = self.assert_says_what_python_says(page)
        assert explorer.shapes["output"] == (4, 2, 6)
        assert ghost.get_attribute("d").count("M") == 4, (
            "two sheets, of output and of x"
        )
        axes = self.part(page, ".u-stage text.axis").all_text_contents()
        assert axes[:2] == ["T", "N"] and axes[2:5] == ["L·D", "N", "H"]

    @pytest.mark.parametrize("size", ROOMS, ids=str)
    def test_the_drawing_has_one_height(self, page, size):
        far = [MOST, LEAST | {"cell": "GRU"}]
        most = ROOMS[size] + (30 if size == (844, 390) else 0)  # four tensors' names
        assert one_height(page, self.place, size, far) <= most

    @pytest.mark.parametrize("width", [320, 390, 768, 1280])
    def test_no_size_is_cut_off_or_collides(self, page, width):
        page.set_viewport_size({"width": width, "height": 800})
        for sizes in (MOST, LEAST, MOST | {"timesteps": 1}, MOST | {"batch_size": 1}):
            for more in ({}, {"batch_first": False}, {"tensor": "h_n", "cell": "GRU"}):
                plain = {"batch_first": True, "tensor": "output", "cell": "LSTM"}
                set_state(page, self.place, **plain | sizes | more)
                problems = page.evaluate(CROWDED, f"{self.place} .u-stage svg")
                assert not problems, (sizes, more, problems)
        drawn = self.part(page, ".u-stage svg *").count()
        assert drawn < 1500
