"""The state plane on its chapter's page."""

import numpy as np
from hands.every import EveryPage
from hands.reader import centre, drag, explorer_at, set_state, settle, state_of

from unrolled.explorers import StatePlane


class TestPage(EveryPage):
    kind = StatePlane
    chapter = "01_recurrence"
    name = "plane"
    told_apart = {"scale": 1.1}

    def shown(self, page):
        """The results of the formula: both units after the chosen step."""
        settle(page)
        return self.part(page, ".u-formula b").all_text_contents()

    def computed(self, page):
        explorer = explorer_at(page, self.place)
        h = explorer.hidden_states[explorer.step - 1]
        return [f"{value:z.2f}".replace("-", "−") for value in h]

    def test_it_shows_what_python_computes(self, page):
        assert self.shown(page) == self.computed(page)
        for preset in self.part(page, "[data-preset]").all():
            preset.click()
            assert self.shown(page) == self.computed(page)

    def test_dragging_the_first_state_moves_the_path(self, page):
        before = self.part(page, ".u-path").first.get_attribute("d")
        x, y = centre(self.part(page, "[data-grip=start]"))
        drag(page, (x, y), (x - 60, y + 40))
        one, other = state_of(page, self.place)["h_0"]
        assert one < 0.8 and other < 0.5
        assert self.part(page, ".u-path").first.get_attribute("d") != before
        ghost = self.part(page, ".u-ghost").first.get_attribute("d")
        assert ghost.count("L") == 16, "the path where it was"
        assert self.shown(page) == self.computed(page)

    def test_dragging_an_eigenvalue_sets_angle_and_scale(self, page):
        x, y = centre(self.part(page, "[data-grip=one]"))
        drag(page, (x, y), (x - 40, y - 10))
        explorer = explorer_at(page, self.place)
        assert explorer.angle > 35
        found = centre(self.part(page, "[data-grip=one]"))
        assert np.hypot(found[0] - x + 40, found[1] - y + 10) < 2
        assert self.shown(page) == self.computed(page)

    def test_a_click_on_the_path_chooses_its_step(self, page):
        x, y = centre(self.part(page, ".u-dots").first.locator("circle").nth(6))
        page.mouse.click(x, y)
        settle(page)
        assert state_of(page, self.place)["step"] == 6
        assert self.shown(page) == self.computed(page)

    def test_the_arrows_have_colours_of_their_own(self, page):
        """What W_h does is violet, what tanh does is ink; an axis is neither."""
        set_state(page, self.place, scale=1.6)
        colours = self.part(page, ".u-arrow").evaluate_all(
            "all => all.map(one => getComputedStyle(one).stroke)"
        )
        accent, ink = (
            page.evaluate(
                f"""() => {{ const one = document.createElement('i');
                  one.style.color = 'var(--unrolled-{token})';
                  document.body.append(one);
                  const seen = getComputedStyle(one).color;
                  one.remove(); return seen; }}"""
            )
            for token in ("accent", "ink")
        )
        assert colours == [accent, ink]

    def test_overflow_is_said(self, page):
        note = self.part(page, ".u-note")
        set_state(page, self.place, scale=1e200, activation="identity")
        assert "overflowed at step 2" in note.inner_text()
        set_state(page, self.place, shear=1e200)
        assert "W_h overflowed" in note.inner_text()
        set_state(page, self.place, scale=0.5, shear=0)
        assert note.inner_text() == ""
