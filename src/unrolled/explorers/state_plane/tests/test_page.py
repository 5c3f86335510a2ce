"""The state plane on its chapter's page."""

import numpy as np
import pytest
from hands.every import EveryPage, as_set
from hands.reader import (
    CROWDED,
    ROOMS,
    ask_first,
    centre,
    drag,
    explorer_at,
    one_height,
    path,
    set_state,
    settle,
    state_of,
    touch,
)

from unrolled.explorers import StatePlane

EXTREMES = (
    {"timesteps": 40, "step": 40, "scale": 1.2, "activation": "identity"},
    {"timesteps": 2, "shear": 2, "angle": 0, "activation": "relu"},
    {"scale": 1e200, "shear": 0, "angle": 30, "step": 1},
    {"scale": 0, "activation": "tanh", "b": 2, "h_0": [-1.0, -1.0]},
)


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
        assert as_set("W_h overflowed") in note.inner_text()
        set_state(page, self.place, scale=0.5, shear=0)
        assert note.inner_text() == ""

    @pytest.mark.parametrize("size", ROOMS)
    def test_the_drawing_has_one_height_and_keeps_to_its_room(self, page, size):
        assert one_height(page, self.place, size, EXTREMES) <= ROOMS[size]

    @pytest.mark.parametrize(
        "size", [(320, 600), (390, 660), (768, 1000), (844, 390), (1440, 900)]
    )
    def test_no_setting_is_cut_off_or_collides(self, page, size):
        page.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
        for values in EXTREMES:
            set_state(page, self.place, **values)
            found = page.evaluate(CROWDED, f"{self.place} .u-stage svg")
            assert not found, (values, found)

    def test_what_is_asked_about_is_not_drawn_before_it_is_shown(self, page):
        ask_first(page, self.place, "Where does the path lead?")
        answers = [".u-path.u-past", ".u-dots .u-here", ".u-bars", ".squash"]
        shown = [self.part(page, f".u-stage {one}").first for one in answers]
        assert not [one for one in shown if one.is_visible()]
        names = self.part(page, ".u-stage text.u-symbol")
        seen = [one.text_content() for one in names.all() if one.is_visible()]
        assert seen == ["h0", "Wh ="], "the start is there, and the matrix"
        set_state(page, self.place, scale=1.9, activation="identity")
        ends = self.part(page, ".u-stage > svg > g").first.locator("> g text")
        assert "2" not in ends.all_text_contents(), "the scale does not tell"
        set_state(page, self.place, scale=1e200)
        assert self.part(page, ".u-note").inner_text() == "", "nor does the note"
        set_state(page, self.place, scale=0.95, activation="tanh")
        self.part(page, ".u-show").click()
        settle(page)
        assert shown[0].is_visible() and shown[1].is_visible()
        assert self.shown(page) == self.computed(page)

    def test_a_finger_drags_the_start_an_eigenvalue_and_the_time(self, phone):
        model = "document.querySelector('#plane').model"
        for grip, (dx, dy), moved in (
            ("start", (-50, 30), "get('h_0')[0] < 0.8"),
            ("one", (-20, -6), "get('angle') > 38"),
        ):
            held = self.part(phone, f"[data-grip={grip}]")
            held.evaluate("el => el.scrollIntoView({block: 'center'})")
            settle(phone)
            stood = phone.evaluate("scrollY")
            x, y = centre(held)
            touch(phone, path((x, y), (x + dx, y + dy)))
            phone.wait_for_function(f"{model}.{moved}")
            assert phone.evaluate("scrollY") == stood
        numbers = self.part(phone, ".u-ticks text")
        (x, y), (end, _) = centre(numbers.first), centre(numbers.last)
        touch(phone, path((x, y), (end, y + 2)))
        phone.wait_for_function(f"{model}.get('step') > 12")
        # and where nothing can be taken hold of, the page scrolls
        stood = phone.evaluate("scrollY")
        touch(phone, path((x, y), (x, y - 150)))
        phone.wait_for_function("was => Math.abs(scrollY - was) > 50", arg=stood)
