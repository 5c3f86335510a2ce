"""What holds of every explorer with a row of inputs in its drawing, under a finger.

A room's tests/test_page.py inherits it beside `EveryPage`:

    class TestPage(InputsUnderAFinger, EveryPage):
        ...
"""

from hands.reader import centre, path, set_state, standing, state_of, touch


class InputsUnderAFinger:
    """A finger takes hold of any input at the first try; elsewhere the page scrolls."""

    def handle(self, page, step):
        return self.part(page, ".u-bars .u-handle").nth(step - 1)

    def in_the_middle(self, page):
        standing(page)  # or what is left of a swipe would carry it away again
        self.part(page, ".u-field > svg").evaluate(
            "el => el.scrollIntoView({block: 'center', behavior: 'instant'})"
        )
        return standing(page)

    def test_a_finger_drags_every_input_at_the_first_try(self, phone):
        stood = self.in_the_middle(phone)
        opened = state_of(phone, self.place)
        for step in (1, len(opened["x"]) // 2, len(opened["x"])):
            set_state(phone, self.place, x=opened["x"], step=3)
            x, y = centre(self.handle(phone, step))
            way = 40 if opened["x"][step - 1] > 0 else -40
            touch(phone, path((x, y), (x, y + way)))
            now = state_of(phone, self.place)
            assert abs(now["x"][step - 1] - opened["x"][step - 1]) > 0.5
            others = [k for k in range(len(now["x"])) if k != step - 1]
            assert all(now["x"][k] == opened["x"][k] for k in others)
            assert now["step"] == step
            assert phone.evaluate("scrollY") == stood

    def test_of_the_most_inputs_a_finger_takes_the_nearest(self, phone):
        most = self.kind.class_traits()["x"].most
        set_state(phone, self.place, x=[0.0] * most, step=3)
        stood = self.in_the_middle(phone)
        first, second = (centre(self.handle(phone, step)) for step in (1, 2))
        pitch = second[0] - first[0]
        for step, aside in ((1, 0.4), (most // 2, -0.4), (most, 0.4)):
            x, y = centre(self.handle(phone, step))
            finger = x + aside * pitch, y + 12
            touch(phone, path(finger, (finger[0], finger[1] - 50)))
            found = state_of(phone, self.place)["x"]
            assert [k + 1 for k, value in enumerate(found) if value] == [step]
            set_state(phone, self.place, x=[0.0] * most)
        assert phone.evaluate("scrollY") == stood

    def test_a_swipe_that_begins_beside_the_inputs_scrolls(self, phone):
        x = [0.0] * len(state_of(phone, self.place)["x"])
        set_state(phone, self.place, x=x, step=3)
        kept = state_of(phone, self.place)
        for away in (30, -60):
            stood = self.in_the_middle(phone)
            across, down = centre(self.handle(phone, 5))
            start = across, down + away
            touch(phone, path(start, (across, start[1] - 160)))
            phone.wait_for_function("was => Math.abs(scrollY - was) > 50", arg=stood)
        assert state_of(phone, self.place) == kept
