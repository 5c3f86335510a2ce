"""What holds for every explorer, written once: each room's tests inherit it.

A room's tests/test_face.py and tests/test_page.py begin with

    class TestFace(EveryFace):
        kind = Decay

    class TestPage(EveryPage):
        kind = Decay
        chapter = "03_long_term_dependencies"
        name = "decay"           # its name on that page, where it is not the room's

and go on with what is the room's own, as methods or as functions beside the class. The
fixture `page` is the chapter's page on a desk with the figure in view, `phone` the same
on a phone; both are as a reader finds them, but that other figures may be asleep.
`self.place` is the figure's selector.
"""

import json
import math
import re

import pytest
from traitlets import TraitError

from hands.measures import AIM, SCREENS, sizes, still, view
from hands.reader import (
    CROWDED,
    PHONE,
    TOLD,
    explorer_at,
    reached_by_tab,
    set_state,
    settle,
    state_of,
)
from hands.twins import assert_drawn_with_tokens, assert_refused, settings
from unrolled import figures
from unrolled.explorers import traits as kinds
from unrolled.words import leaves

# By the kind of a setting, what none of that kind takes.
BAD = {
    kinds.Number: [math.nan, math.inf, "1", True, 1j, [1.0]],
    kinds.Whole: [1.5, math.nan, "1", True, 10**6, -(10**6)],
    kinds.Numbers: ["abc", None, 1.0, [], [0.0] * 500],
    kinds.Text: [None, 1, ["a"], "a" * 10**6],
    kinds.Letters: ["", "aXb", None, 1, ["a"], "a" * 500],
    kinds.Choice: ["nonsense", None, 1],
    kinds.Flag: [1, 0, None, "true"],
    kinds.Steps: [[0], [1, 1], [1.5], ["1"], None, 3, [500]],
}


# What a figure has drawn has been said, and no longer what it asked before.
SAID = """live => live.textContent
  && live.textContent !== live.closest('[data-explorer]').model.get('ask')"""


# How far the middle of a slider's thumb, of 20 px, is from that of each band over the
# chosen column in its figure.
THUMB = """slider => {
  const { left, width } = slider.getBoundingClientRect();
  const beside = parseFloat(getComputedStyle(slider).paddingLeft);
  const share = (slider.value - slider.min) / (slider.max - slider.min);
  const thumb = left + beside + 10 + share * (width - 2 * beside - 20);
  const figure = slider.closest('.u-explorer');
  return [...figure.querySelectorAll('.u-field > svg > .u-band')]
    .map(band => band.getBoundingClientRect())
    .filter(band => band.width)
    .map(band => band.left + band.width / 2 - thumb);
}"""


def as_set(text):
    """A text as it is read where its symbols, such as w_h, are set as symbols."""
    return re.sub(r"\b(d?[A-Za-z])_(\w+)", r"\1\2", text)


class EveryFace:
    """The face in Python, and its twin in JavaScript."""

    kind = None

    def test_a_bad_value_is_named_and_nothing_is_lost(self):
        tried = 0
        for name, trait in self.kind.class_traits().items():
            if isinstance(trait, kinds.Setting):
                for value in BAD[type(trait)]:
                    if value is None and trait.allow_none:
                        continue
                    if value == [] and getattr(trait, "least", None) == 0:
                        continue  # a list that may be empty
                    said = f"{self.kind.__name__}: {name}"
                    assert_refused(self.kind(), name, value, said)
                    tried += 1
        assert tried
        said = "must be of small letters, digits and hyphens"
        assert_refused(self.kind(), "name", "Two words", said)

    def test_beyond_its_range_a_value_says_the_range(self):
        for name, trait in self.kind.class_traits().items():
            if isinstance(trait, (kinds.Number, kinds.Whole)):
                for end, beyond in (("least", -1), ("most", 1)):
                    limit = getattr(trait, end)
                    if math.isfinite(limit):
                        with pytest.raises(TraitError, match=re.escape(f"{limit:g}")):
                            setattr(self.kind(), name, limit + beyond)

    def test_a_step_beyond_the_last_is_an_error_and_fewer_steps_keep_it_inside(self):
        for name, trait in self.kind.class_traits().items():
            within = getattr(trait, "within", None)
            assert within or name not in ("step", "lag", "loss_step")
            if within:
                self._assert_within(name, trait, self.kind.class_traits()[within])

    def _assert_within(self, name, trait, holder):
        def held(steps):
            if isinstance(holder, kinds.Letters):
                return holder.options[0] * steps
            return steps if isinstance(holder, kinds.Whole) else [0.5] * steps

        least = getattr(holder, "least", 1)
        few, many = held(least), held(least + 2)
        last = trait.least + least - 1
        said = f"{name} is {last + 1}, but must be at most {last}: there are "
        for given in ({holder.name: few, name: last + 1}, {name: 10**4}):
            for order in (given, dict(reversed(given.items()))):
                with pytest.raises(TraitError, match=name):
                    self.kind(**order)
        explorer = self.kind(**{name: last + 2, holder.name: many})
        assert getattr(explorer, name) == last + 2
        setattr(explorer, holder.name, few)
        assert getattr(explorer, name) == last, "fewer steps keep it inside"
        with pytest.raises(TraitError, match=said):
            setattr(explorer, name, last + 1)
        assert getattr(explorer, name) == last, "nothing is lost"
        setattr(explorer, holder.name, many)
        setattr(explorer, name, last + 1)

    def test_an_unknown_setting_is_an_error_that_lists_the_known(self):
        with pytest.raises(TypeError) as error:
            self.kind(no_such_setting=1.0)
        assert "has no setting 'no_such_setting'; it has" in str(error.value)
        for name in self.kind().state:
            assert name in str(error.value)

    def test_a_misspelt_name_is_an_error_that_lists_the_known(self):
        explorer = self.kind()
        for name in ("no_such_setting", f"{next(iter(explorer.state))}s"):
            with pytest.raises(AttributeError) as error:
                setattr(explorer, name, 1.0)
            assert f"has no setting {name!r}; it has" in str(error.value)
            assert not hasattr(explorer, name)
            for known in explorer.state:
                assert known in str(error.value)
        explorer._kept = 1.0  # a reader's own, and those of the libraries
        explorer.layout, explorer.tooltip = {"width": "50%"}, "a figure"
        explorer.add_traits(note=kinds.Flag(True))
        explorer.note = False

    def test_what_is_displayed_is_the_state_at_that_moment(self):
        explorer = self.kind(name="one")
        before = explorer.state
        data, metadata = explorer._repr_mimebundle_()
        assert "application/vnd.jupyter.widget-view+json" in data
        shown = metadata["image/svg+xml"]
        told = {"explorer": self.kind.bundle, "name": "one", "traits": before}
        told |= {"file": name} if (name := next(iter(self.kind.files()), "")) else {}
        told |= {"asked": explorer.folded()} if explorer.folded() else {}
        assert shown["unrolled"] == told
        json.dumps(metadata, allow_nan=False)
        assert shown["alt"] == explorer.description()
        assert len(shown["alt"]) > 40
        again, _ = self.kind(name="one")._repr_mimebundle_()
        assert data["image/svg+xml"] == again["image/svg+xml"], "it is repeatable"

    def test_its_picture_has_the_colours_of_the_book_alone(self):
        assert_drawn_with_tokens(figures.to_svg(self.kind().figure()))

    def test_the_front_end_is_told_its_words_and_its_ranges(self):
        told = self.kind()._room
        assert told["name"] == self.kind.bundle
        own = settings(self.kind())
        assert list(told["settings"]) == list(own)
        front = self.kind.words.tree["front"]
        assert leaves(told["words"]) == leaves(front)
        for name, trait in self.kind.class_traits().items():
            if isinstance(trait, kinds.Setting):
                said = told["settings"][name]
                for end in ("low", "high", "step"):
                    assert said.get(end) == getattr(trait, end)
        with pytest.raises(TraitError):
            self.kind()._room = {}

    def test_presets_are_settings_and_have_words(self):
        presets = self.kind.data().get("presets", {})
        said = self.kind.words.tree["front"].get("presets", {})
        assert list(presets) == list(said), "every preset has words"
        for preset in presets.values():
            assert settings(self.kind(**preset)) == settings(self.kind()) | preset


class EveryPage:
    """The explorer on its chapter's page, under a reader's hand."""

    kind = None
    chapter = None
    name = None
    told_apart = None
    """Settings of which the summary says something else than at first: a dict."""
    lays_out_the_page = False
    """What its first slider changes may be of another size: columns, a picture."""

    @property
    def place(self):
        return f"#{self.name or self.kind.bundle.replace('_', '-')}"

    @property
    def words(self):
        return self.kind.words.tree["front"]

    def _at_figure(self, visit, **options):
        where = f"notebooks/{self.chapter}.html"
        page = visit(where, **{"only": self.place} | options)
        page.locator(f"{self.place} .u-stage").scroll_into_view_if_needed()
        return page

    @pytest.fixture
    def page(self, visit):
        return self._at_figure(visit)

    @pytest.fixture
    def phone(self, visit):
        return self._at_figure(visit, **PHONE)

    def part(self, page, selector):
        return page.locator(f"{self.place} {selector}")

    def press(self, page, action):
        """Press a button of the foot: "reset", "link", "copyNumpy", "copyPytorch"."""
        self.part(page, ".u-actions").get_by_text(
            self.words[action], exact=True
        ).click()
        settle(page)

    def test_it_opens_with_what_its_cell_displayed(self, page):
        opened = json.loads(self.part(page, "> script").text_content())
        opened = {name: opened[name] for name in opened if name not in TOLD}
        assert state_of(page, self.place) == opened
        assert self.part(page, ".u-note").inner_text() == ""
        picture = self.part(page, "> :is(.unrolled-picture, .unrolled-asked)")
        assert picture.count() == 0, "none of its parts is on the page"
        page.emulate_media(media="print")
        settle(page)
        assert picture.locator("svg[role=img]").is_visible(), "it stands for the figure"
        assert not self.part(page, "> .unrolled-live").is_visible()
        page.emulate_media(media="screen")
        settle(page)
        assert picture.count() == 0

    def test_a_figure_set_back_is_a_fresh_one(self, page, visit):
        fresh = self._html(page)
        for button in self.part(page, "[data-preset]").all():
            button.click()
        for slider in self.part(page, "input[type=range]:visible").all():
            slider.press("ArrowRight")
        self.part(page, ".u-actions button").first.click()
        settle(page)
        assert self._html(page) != fresh
        assert self._html(self._at_figure(visit)) == fresh

    def _html(self, page):
        settle(page)
        live = self.part(page, "[aria-live=polite]")
        page.wait_for_function(SAID, arg=live.element_handle())
        html = self.part(page, ".u-explorer").evaluate(
            """el => el.outerHTML + [...el.querySelectorAll('input, textarea')]
                 .map(one => `${one.checked} ${one.value}`).join()"""
        )
        return re.sub(r'name="u-\w+"', "", html)  # a group of buttons has any name

    def test_a_preset_is_a_lesson_and_reset_goes_back(self, page):
        lesson = self.part(page, ".u-try")
        opening, opened = lesson.inner_text(), state_of(page, self.place)
        assert opening
        for name, said in self.words.get("presets", {}).items():
            button = self.part(page, f"[data-preset='{name}']")
            assert button.inner_text() == said["label"]
            button.click()
            settle(page)
            assert button.get_attribute("aria-pressed") == "true"
            assert lesson.inner_text() == as_set(said["lesson"]) != opening
            assert "_" not in opening, "a symbol is set, its index below it"
            self.press(page, "reset")
            assert state_of(page, self.place) == opened
            assert lesson.inner_text() == opening

    def test_after_a_preset_there_is_no_ghost(self, page):
        ghosts = (
            "all => all.filter(one => { const { width, height } = one.getBBox();"
            " return width + height > 0; }).length"
        )
        self.part(page, "input[type=range]:visible").last.press("ArrowLeft")
        for button in self.part(page, "[data-preset]").all():
            button.click()
            settle(page)
            seen = self.part(page, ".u-stage .u-ghost").evaluate_all(ghosts)
            assert seen == 0, button.inner_text()

    def test_a_note_stands_beside_the_hand_and_pushes_nothing(self, page):
        boxes = """root => [root, ...root.querySelectorAll('input, button')]
          .map(one => {
            const { left, top, width, height } = one.getBoundingClientRect();
            return [left, top, width, height];
          })"""
        root = self.part(page, ".u-explorer")
        box = self.part(page, "input[type=number]:visible").last
        box.scroll_into_view_if_needed()
        before = root.evaluate(boxes)
        box.fill("")
        box.press("Tab")
        settle(page)
        assert root.evaluate(boxes) == before
        note, hand = self.part(page, ".u-note").bounding_box(), box.bounding_box()
        below = note["y"] - (hand["y"] + hand["height"])
        above = hand["y"] - (note["y"] + note["height"])
        assert 0 <= max(below, above) < 40
        page.keyboard.press("Shift")
        assert not self.part(page, ".u-note").is_visible(), "it has been read"

    def test_the_keyboard_alone_reaches_everything(self, page):
        reached = reached_by_tab(page, self.place)
        names = [one["label"] for one in self.words.get("presets", {}).values()]
        names += self.part(page, "input[type=range]:visible").evaluate_all(
            "all => all.map(one => one.getAttribute('aria-label'))"
        )
        names += self.part(page, ".u-actions button").all_text_contents()
        for name in names:
            assert any(one.startswith(name) for one in reached), (name, reached)

    def test_every_slider_moves_something_and_says_where_it_is(self, page):
        sliders = self.part(page, "input[type=range]:visible")
        assert sliders.count()
        for k in range(sliders.count()):
            slider = sliders.nth(k)
            before = state_of(page, self.place)
            value = slider.input_value()
            at_end = value == slider.get_attribute("max")
            slider.press("ArrowLeft" if at_end else "ArrowRight")
            settle(page)
            name = slider.get_attribute("aria-label")
            assert slider.input_value() != value, name
            assert state_of(page, self.place) != before, name
            assert slider.get_attribute("aria-valuetext"), name

    def test_a_number_box_explains_what_it_cannot_take(self, page):
        box = self.part(page, "input[type=number]:visible").first
        kept, shown = state_of(page, self.place), box.input_value()
        box.fill("")
        box.press("Tab")
        name = box.get_attribute("aria-label")
        note = self.part(page, ".u-note").inner_text()
        assert note == f"{as_set(name)} has to be a number; “” is not one."
        assert state_of(page, self.place) == kept
        assert box.input_value() == shown

    def test_a_link_to_a_state_opens_that_state(self, page):
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        for button in self.part(page, "[data-preset]").all()[-1:]:
            button.click()
        self.part(page, "input[type=range]:visible").first.press("ArrowRight")
        settle(page)
        wanted = state_of(page, self.place)
        self.press(page, "link")
        page.wait_for_function(
            "([el, text]) => el.textContent === text",
            arg=[
                self.part(page, ".u-note").element_handle(),
                self.words["linkCopied"],
            ],
        )
        link = page.evaluate("navigator.clipboard.readText()")
        address, _, hash_ = link.partition("#")
        assert address == page.url.partition("#")[0]
        assert hash_.startswith(f"{self.place[1:]}:")
        self.press(page, "reset")
        assert state_of(page, self.place) != wanted
        page.evaluate("hash => { location.hash = hash; }", hash_)
        page.wait_for_function(
            "hash => location.hash === hash", arg="#" + link.split("#")[1]
        )
        settle(page)
        assert state_of(page, self.place) == wanted

    def test_a_bad_link_is_a_note_in_words(self, page):
        opened = state_of(page, self.place)
        page.evaluate(f"location.hash = '{self.place}:nonsense=1'")
        page.wait_for_function(
            "el => el.textContent.includes('nonsense = 1')",
            arg=self.part(page, ".u-note").element_handle(),
        )
        assert state_of(page, self.place) == opened

    def test_a_change_is_read_aloud_once_it_is_over(self, page):
        live = self.part(page, "[aria-live=polite]")
        page.wait_for_function("el => el.textContent", arg=live.element_handle())
        before = live.text_content()
        set_state(page, self.place, **self.told_apart)
        page.wait_for_function(
            "([el, text]) => el.textContent && el.textContent !== text",
            arg=[live.element_handle(), before],
        )

    @pytest.mark.parametrize(
        ("width", "height"),
        [(320, 800), (390, 800), (768, 800), (1280, 800), (844, 390)],
    )
    def test_nothing_in_the_drawing_is_cut_off_or_collides(self, page, width, height):
        page.set_viewport_size({"width": width, "height": height})
        settle(page)
        assert not page.evaluate(CROWDED, f"{self.place} .u-stage svg")
        for button in self.part(page, "[data-preset]").all():
            button.click()
            settle(page)
            found = page.evaluate(CROWDED, f"{self.place} .u-stage svg")
            assert not found, (button.inner_text(), found)

    @pytest.mark.parametrize("screen", SCREENS)
    def test_cause_and_effect_are_in_one_view_and_nothing_moves(self, visit, screen):
        page = self._at_figure(visit, **({} if screen == "desk" else PHONE))
        width, height = SCREENS[screen]
        page.set_viewport_size({"width": width, "height": height})
        settle(page)
        root = self.part(page, ".u-explorer")
        assert screen != "desk" or root.bounding_box()["height"] <= 780
        shares = view(page, self.place, AIM[screen])
        assert shares
        hidden = {name: share for name, share in shares if share < AIM[screen]}
        assert not hidden
        values = still(page, self.place)
        moved = {name: far for name, *far in values if max(far) > 0.1}
        assert values and not moved

    def test_the_time_slider_s_thumb_stands_under_its_column(self, page):
        """Wherever the drawing has a band over the chosen one."""
        sliders = self.part(page, "input.u-time:visible")
        if not (sliders.count() and self.part(page, ".u-band").count()):
            return
        ends = []
        for key in ("Home", "End"):
            sliders.first.press(key)
            settle(page)
            ends += sliders.first.evaluate(THUMB)
        assert ends
        assert ends == pytest.approx([0] * len(ends), abs=1.5)

    def test_what_a_key_changes_is_laid_out_alone(self, page, chromium):
        """The page, some 10,000 elements, is not: that is most of a key's work."""
        root = self.part(page, ".u-explorer")
        settings = root.locator(".u-controls input[type=range]:visible")
        sliders = root.locator("input[type=range]:visible")
        (settings if settings.count() else sliders).first.focus()
        # The first that is said, some time after a figure has begun, is no key's doing.
        live = root.locator("[aria-live=polite]")
        live.evaluate("el => { el.textContent ||= 'said'; }")
        keys = ["ArrowLeft", "ArrowRight"]
        for key in keys:  # at first there is no ghost
            page.keyboard.press(key)
            settle(page)
        chromium.start_tracing(page=page, categories=["devtools.timeline"])
        for key in keys:
            page.keyboard.press(key)
            settle(page)
        trace = json.loads(chromium.stop_tracing())["traceEvents"]
        session = page.context.new_cdp_session(page)
        own = session.send("Page.getFrameTree")["frameTree"]["frame"]["id"]
        layouts = [one["args"] for one in trace if one["name"] == "Layout"]
        told = [one["beginData"] for one in layouts if "beginData" in one]
        told = [one for one in told if one["frame"] == own]  # of no other open page
        whole = [one for one in told if not one["partialLayout"]]
        assert len(told) >= len(keys)
        assert bool(whole) == self.lays_out_the_page, whole

    @pytest.mark.parametrize("screen", ["phone", "sideways"])
    def test_a_finger_finds_every_control(self, visit, screen):
        """40 px high where none stands beside it, and nowhere less than 24 (WCAG)."""
        phone = self._at_figure(visit, only=None, **PHONE)  # and what others ask
        width, height = SCREENS[screen]
        phone.set_viewport_size({"width": width, "height": height})
        settle(phone)
        phone.locator(".u-back").evaluate_all(
            "all => all.forEach(one => { one.hidden = false; })"
        )
        asking = phone.locator("[data-explorer]:has(.u-show)").evaluate_all(
            "all => all.map(one => `#${one.id}`)"
        )
        for place in {self.place, *asking}:
            small = {
                name: (round(width), round(height))
                for name, width, height, beside in sizes(phone, place)
                if min(width, height) < 24 or not (beside or round(height) >= 40)
            }
            assert not small, place

    def test_it_goes_dark_with_the_page(self, page):
        panel = (
            "getComputedStyle(document.querySelector("
            f"'{self.place} .u-explorer')).backgroundColor"
        )
        light = page.evaluate(panel)
        page.evaluate("document.documentElement.dataset.theme = 'dark'")
        assert page.evaluate(panel) != light

    def test_python_makes_the_same_explorer(self, page):
        explorer = explorer_at(page, self.place)
        assert settings(explorer) == state_of(page, self.place)
