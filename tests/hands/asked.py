"""What holds of every explorer that can ask before it shows.

A room's tests/test_page.py inherits it beside `EveryPage` and says how many parts of
the drawing wait for the reader:

    class TestPage(AskedFirst, EveryPage):
        waits = 3
"""

from hands.reader import set_state, settle

QUESTION = "What will be seen here?"

OPEN = """(place, ask) => {
  const told = place.querySelector(":scope > script");
  told.textContent = JSON.stringify({ ...JSON.parse(told.textContent), ask });
  unrolled.start(place);
}"""


AS_BEFORE = """(place, told) => {
  place.querySelector(":scope > script").textContent = told;
  unrolled.start(place);
}"""

# What is drawn, and can be seen, under a button.
COVERED = """button => {
  const at = button.getBoundingClientRect();
  const under = ({ left, right, top, bottom }) =>
    left < at.right && right > at.left && top < at.bottom && bottom > at.top;
  const drawn = button.parentElement.querySelectorAll(
    ".u-stage :is(text, circle, .u-bars path, .u-cells rect)");
  return [...drawn].filter((one) => getComputedStyle(one).visibility !== "hidden"
    && one.checkVisibility() && one.getBoundingClientRect().width > 0
    && under(one.getBoundingClientRect())).map((one) => one.outerHTML);
}"""

SEEN = """all => all.filter(
  one => getComputedStyle(one).visibility !== 'hidden').length"""


class AskedFirst:
    """What the page asks about is neither drawn nor said before it is shown."""

    waits = None

    def test_what_is_asked_about_is_not_there_before_it_is_shown(self, page):
        place = page.locator(self.place)
        opened = self.part(page, "> script").text_content()
        try:
            place.evaluate(OPEN, QUESTION)
            settle(page)
            set_state(page, self.place, **self.told_apart)
            drawing = self.part(page, ".u-stage svg").first
            answers = self.part(page, ".u-answer")
            assert answers.count() == self.waits
            assert answers.evaluate_all(SEEN) == 0
            assert drawing.get_attribute("aria-label") == QUESTION
            assert not self.part(page, ".u-formula").is_visible()
            high = self.part(page, ".u-stage").bounding_box()["height"]
            assert self.part(page, ".u-show").evaluate(COVERED) == []
            self.part(page, ".u-show").click()
            settle(page)
            assert answers.evaluate_all(SEEN) == self.waits
            assert drawing.get_attribute("aria-label") != QUESTION
            assert self.part(page, ".u-stage").bounding_box()["height"] == high
        finally:
            place.evaluate(AS_BEFORE, opened)
