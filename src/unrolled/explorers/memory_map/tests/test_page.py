"""The memory map on its chapter's page."""

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
)

from unrolled.explorers import MemoryMap

TASKS = MemoryMap.task.options
LAST = MemoryMap.length.most


class TestPage(AskedFirst, EveryPage):
    waits = 2
    kind = MemoryMap
    chapter = "07_memory_lab"
    name = "map"
    told_apart = {"row": 1}

    def marks(self, page, look):
        settle(page)
        return (self.part(page, f".marks .{look}").get_attribute("d") or "").count("M")

    def test_every_place_shows_its_seeds(self, page):
        for task in TASKS:
            set_state(page, self.place, task=task)
            places = [
                one
                for series in MemoryMap.results()["tasks"][task]["places"]
                for one in series
            ]
            tried = [one for one in places if one]
            solved = sum(one["solved"] for one in tried)
            assert self.marks(page, "solved") == solved
            assert self.marks(page, "open") == 10 * len(tried) - solved
            assert self.marks(page, "interval") == self.marks(page, "front")
            assert self.marks(page, "interval") == len(tried)
            assert self.marks(page, "untried") == len(places) - len(tried)

    def test_a_touched_place_shows_its_curves(self, page):
        set_state(page, self.place, task="adding", row=1, length=1)
        rows = self.part(page, ".u-rows text")
        heads = self.part(page, ".u-stage .u-ticks text")
        for row, length in ((4, 1), (9, 2), (1, 1)):
            y = rows.nth(row - 1).bounding_box()
            x = heads.nth(length - 1).bounding_box()
            page.mouse.click(x["x"] + x["width"] / 2, y["y"] + y["height"] / 2)
            settle(page)
            explorer = explorer_at(page, self.place)
            assert (explorer.row, explorer.length) == (row, length)
            place = explorer.place
            said = self.part(page, ".u-formula > div").all_text_contents()
            assert said[1].startswith(f"{place['solved']} of 10 seeds solve it")
            drawn = self.part(page, ".curves .others").get_attribute("d")
            assert drawn.count("M") == 9
            ends = self.part(page, ".curves .ends").get_attribute("d") or ""
            assert ends.count("M") == place["solved"]
            chosen = self.part(page, "text.u-chosen").all_text_contents()
            assert chosen[0].startswith(explorer.series[0])

    def test_the_curves_of_the_place_before_stay_as_a_ghost(self, page):
        ghost = self.part(page, ".curves .u-ghost")
        self.press(page, "reset")
        self.part(page, "input[aria-label^='row']").press("ArrowLeft")
        settle(page)
        assert ghost.get_attribute("d").count("M") == 10
        set_state(page, self.place, task="copy")
        settle(page)
        explorer = explorer_at(page, self.place)
        assert explorer.task == "copy"
        assert not ghost.get_attribute("d"), "an error is no share of right answers"

    def test_an_untried_place_says_why(self, page):
        untried = None
        for task, found in MemoryMap.results()["tasks"].items():
            for row, series in enumerate(found["places"], 1):
                if None in series:
                    untried = {"task": task, "row": row, "length": LAST}
        set_state(page, self.place, **untried)
        settle(page)
        assert "not tried" in self.part(page, ".u-note").inner_text()
        assert not self.part(page, ".curves .others").get_attribute("d")

    def test_a_seed_is_followed_over_the_whole_map(self, page):
        set_state(page, self.place, task="adding", row=5, length=1, seed=0)
        settle(page)
        front = self.part(page, ".curves .front")
        before = front.get_attribute("d")
        set_state(page, self.place, seed=7)
        settle(page)
        assert front.get_attribute("d") != before
        said = self.part(page, ".u-formula > div").all_text_contents()
        updates = explorer_at(page, self.place).place["updates"][7]
        assert said[3].startswith("Seed 7 ") and (
            not updates or str(updates) in said[3]
        )

    @pytest.mark.parametrize("size", ROOMS, ids=str)
    def test_the_drawing_has_one_height(self, page, size):
        far = [{"task": task, "row": 10, "length": LAST} for task in TASKS]
        assert one_height(page, self.place, size, far) <= ROOMS[size]

    @pytest.mark.parametrize("width", [320, 390, 768, 1280])
    def test_nothing_collides_in_any_task(self, page, width):
        page.set_viewport_size({"width": width, "height": 800})
        for task in TASKS:
            set_state(page, self.place, task=task, row=1, length=1)
            settle(page)
            found = page.evaluate(CROWDED, f"{self.place} .u-stage svg")
            assert not found, (task, found)
