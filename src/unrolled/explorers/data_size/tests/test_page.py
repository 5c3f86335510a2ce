"""Little data and much, on its chapter's page."""

import pytest
from hands.asked import AskedFirst
from hands.every import EveryPage
from hands.reader import CROWDED, ROOMS, explorer_at, one_height, set_state, settle

from unrolled.explorers import DataSize

COMPARISONS = [
    {"task": task, "other": other, "equal": equal}
    for task in DataSize.task.options
    for other in DataSize.other.options
    for equal in DataSize.equal.options
]


class TestPage(AskedFirst, EveryPage):
    waits = 2
    kind = DataSize
    chapter = "07_memory_lab"
    name = "size"
    told_apart = {"size": 4}

    def count(self, page, path):
        return (self.part(page, path).get_attribute("d") or "").count("M")

    def test_every_seed_is_drawn_and_what_is_decided_is_filled(self, page):
        for comparison in COMPARISONS:
            set_state(page, self.place, **comparison)
            settle(page)
            better = explorer_at(page, self.place).better
            assert self.count(page, ".scores .full") == 50
            assert self.count(page, ".scores .hollow") == 50
            assert self.count(page, ".scores .front") == 10
            undecided = better.count("undecided")
            assert self.count(page, ".differences .open") == undecided
            assert self.count(page, ".differences .decided") == 5 - undecided

    def test_the_chosen_size_stands_in_numbers(self, page):
        for size in (1, 3, 5):
            set_state(page, self.place, size=size)
            settle(page)
            explorer = explorer_at(page, self.place)
            better = explorer.better[size - 1]
            end = "undecided" if better == "undecided" else f"{better} better"
            line = self.part(page, ".differences text").text_content()
            assert line.endswith(f": {end}")
            said = self.part(page, ".u-formula > div").all_text_contents()
            assert f"{explorer.sequences} sequences" in said[0]
            value = explorer.scores[0, size - 1].mean()
            assert f"LSTM {float(f'{value:.3g}'):g}"[:8] in said[0].replace(
                " × 10⁻⁴", ""
            )

    def test_a_touched_column_is_chosen(self, page):
        heads = self.part(page, ".u-stage .u-ticks text")
        drawing = self.part(page, ".u-stage svg").bounding_box()
        for size in (2, 5, 1):
            x = heads.nth(size - 1).bounding_box()
            page.mouse.click(x["x"] + x["width"] / 2, drawing["y"] + 120)
            settle(page)
            assert explorer_at(page, self.place).size == size

    def test_the_comparison_before_stays_as_a_ghost(self, page):
        self.press(page, "reset")
        set_state(page, self.place, equal="weights")
        settle(page)
        assert self.count(page, ".scores .u-ghost") == 10
        assert self.count(page, ".differences .u-ghost") == 5

    @pytest.mark.parametrize("size", ROOMS, ids=str)
    def test_the_drawing_has_one_height(self, page, size):
        far = [one | {"size": 5} for one in COMPARISONS[::3]]
        assert one_height(page, self.place, size, far) <= ROOMS[size]

    @pytest.mark.parametrize("width", [320, 390, 768, 1280])
    def test_nothing_collides_in_any_comparison(self, page, width):
        page.set_viewport_size({"width": width, "height": 800})
        for comparison in COMPARISONS:
            for size in range(1, 6) if width < 400 else [1]:
                set_state(page, self.place, **comparison, size=size)
                settle(page)
                found = page.evaluate(CROWDED, f"{self.place} .u-stage svg")
                assert not found, (comparison, size, found)
