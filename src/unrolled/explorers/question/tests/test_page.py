"""Questions on their chapters' pages, under a reader's hand."""

import pytest
from hands.measures import sizes
from hands.reader import PHONE, reached_by_tab, settle, standing

CHOICE, NUMBER, SHAPES = "#ask-path", "#ask-pulse", "#ask-shapes"
WORDS, BARS = "#ask-logs", "#ask-largest"
CHAPTER = {WORDS: "03_long_term_dependencies", BARS: "02_training_through_time"}
PLACES = (CHOICE, NUMBER, SHAPES, WORDS, BARS)


def at(visit, place, **device):
    page = visit(f"notebooks/{CHAPTER.get(place, '01_recurrence')}.html", **device)
    page.locator(place).scroll_into_view_if_needed()
    return page


@pytest.fixture
def page(visit):
    return at(visit, CHOICE)


def said(page, place):
    settle(page)
    return page.locator(f"{place} .reply .said").inner_text()


def choose(page, place, key):
    page.locator(f"{place} [data-key='{key}']").click()


def answer_number(page, text):
    page.locator(f"{NUMBER} input").fill(text)
    page.locator(f"{NUMBER} .u-check").click()


def test_a_choice_gets_its_hint_then_the_reason(page):
    ways = page.locator(f"{CHOICE} .reply .u-action")
    assert said(page, CHOICE) == "" and not ways.first.is_visible()
    choose(page, CHOICE, "a")
    assert said(page, CHOICE).startswith("Not yet. On a circle")
    assert page.locator(f"{CHOICE} [data-key='a']").get_attribute("aria-pressed")
    assert ways.first.is_visible() and ways.last.is_visible()
    choose(page, CHOICE, "b")
    assert said(page, CHOICE).startswith("Right. Turn and shrink")
    assert not ways.last.is_visible(), "there is nothing more to show"


def test_whoever_is_stuck_is_shown_the_answer(page):
    choose(page, CHOICE, "d")
    page.locator(f"{CHOICE} .reply button").click()
    assert said(page, CHOICE).startswith("Right. ")
    pressed = page.locator(f"{CHOICE} [aria-pressed='true']")
    assert pressed.get_attribute("data-key") == "b"


def test_a_hint_sets_the_figure_to_show_it_and_back_returns(page):
    choose(page, CHOICE, "d")
    page.locator(f"{CHOICE} .reply a").click()
    settle(page)
    outward = page.locator("#plane [data-preset='outward']")
    assert outward.get_attribute("aria-pressed") == "true"
    page.go_back()
    settle(page)
    assert page.evaluate("location.hash") == ""


@pytest.mark.parametrize(
    "text, verdict",
    [
        ("0.24", "Not yet. Nine tenths of 0.76"),
        ("0,15", "Right. "),
        ("15 %", "Right. "),
        ("3/20", "Right. "),
        ("0.9", "Not yet. There is less left"),
        ("−1", "Not yet. There is more left"),
        ("a lot", "That is no number: write one such as 0.25 or 1/4."),
        ("", "That is no number: write one such as 0.25 or 1/4."),
    ],
)
def test_a_number_is_read_as_it_is_written(visit, text, verdict):
    page = at(visit, NUMBER)
    answer_number(page, text)
    assert said(page, NUMBER).startswith(verdict)


def test_a_table_says_how_much_is_right_and_what_is_not_a_shape(visit):
    page = at(visit, SHAPES)
    fields, check = page.locator(f"{SHAPES} input"), f"{SHAPES} .u-check"
    page.locator(check).click()
    assert said(page, SHAPES).startswith("Not tried yet. ")
    fields.nth(0).fill("(20, 32, 50)")
    fields.nth(1).fill("50 x 64")
    fields.nth(1).press("Enter")
    assert said(page, SHAPES).startswith("Not yet. 1 of 7 are right. W")
    fields.nth(1).fill("many")
    page.locator(check).click()
    assert said(page, SHAPES).startswith("That is no shape: write whole numbers")
    assert fields.nth(1).evaluate("one => one === document.activeElement")
    for k, shape in enumerate(["64, 50", "64,64", "64", "20 32 64", "(5, 64)", "32,5"]):
        fields.nth(k + 1).fill(shape)
    page.locator(check).click()
    assert said(page, SHAPES).startswith("Right. No weight has an axis for words")


def test_words_are_chosen_from_lists(visit):
    page = at(visit, WORDS)
    lists, check = page.locator(f"{WORDS} select"), page.locator(f"{WORDS} .u-check")
    assert lists.count() == 4
    lists.nth(0).select_option("deaf")
    check.click()
    assert said(page, WORDS).startswith("Not yet. A: ")
    for k, word in enumerate(["finished", "deaf", "learning", "exploded"]):
        lists.nth(k).select_option(word)
    check.click()
    assert said(page, WORDS).startswith("Right. ")


def test_a_bar_is_chosen_by_touching_it(visit):
    page = at(visit, BARS)
    bars = page.locator(f"{BARS} .bar")
    heights = bars.evaluate_all("all => all.map(one => one.offsetHeight)")
    assert len(heights) == 6 and heights == sorted(heights, reverse=True)
    choose(page, BARS, "1")
    assert said(page, BARS).startswith("Not yet. Step 1 multiplies what came before")
    choose(page, BARS, "6")
    assert said(page, BARS).startswith("Right. ")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_moves_whatever_is_said(visit, place, width):
    page = at(visit, place)
    page.set_viewport_size({"width": width, "height": 660})
    settle(page)
    box = f"{place} .u-explorer"
    before = page.locator(box).bounding_box()
    assert before["width"] <= width
    wide = "el => el.scrollWidth <= el.clientWidth"
    for answer in page.locator(f"{place} :is([data-key], .u-check)").all():
        answer.click()
        settle(page)
        assert page.locator(box).bounding_box()["height"] == before["height"]
        assert page.locator(box).evaluate(wide)


@pytest.mark.parametrize("place", PLACES)
def test_the_keyboard_alone_can_answer(visit, place):
    page = at(visit, place)
    reached = reached_by_tab(page, place)
    fields = page.locator(f"{place} :is([data-key], input, select, .u-check)").count()
    assert len(reached) >= fields


@pytest.mark.parametrize("place", PLACES)
def test_a_finger_finds_every_answer(visit, place):
    page = at(visit, place, **PHONE)
    small = [one for one in sizes(page, place) if min(one[1:3]) < 24]
    assert not small
    high = page.locator(f"{place} :is([data-key], input, select)").evaluate_all(
        "all => all.map(one => one.offsetHeight)"
    )
    assert min(high) >= 40


# What a chapter remembers

HEAD = ".unrolled-answers"


def reload(page):
    page.reload()
    page.wait_for_function(
        "() => [...document.querySelectorAll('[data-explorer]')]"
        ".every(place => place.dataset.live)"
    )
    settle(page)


def test_a_chapter_remembers_and_forgets_on_this_device(page):
    head, end = page.locator(HEAD).all()
    count = page.locator("[data-explorer]").evaluate_all(
        "all => all.filter(one => one.task).length"
    )
    assert count >= 6
    opening = f"{count} questions on this page. Your answers stay on this device."
    assert head.locator("p").inner_text() == opening
    assert head.locator("button").first.is_disabled()
    choose(page, CHOICE, "b")
    answer_number(page, "0.24")
    one_right = f"{count} questions on this page, 1 answered right. "
    assert head.locator("p").inner_text().startswith(one_right)
    assert end.locator("p").inner_text() == head.locator("p").inner_text()
    reload(page)
    assert said(page, CHOICE).startswith("Right. ")
    assert said(page, NUMBER).startswith("Not yet. Nine tenths")
    assert page.locator(f"{NUMBER} input").input_value() == "0.24"
    assert head.locator("p").inner_text().startswith(one_right)
    end.get_by_text("Clear").click()
    settle(page)
    assert head.locator("p").inner_text() == opening
    assert said(page, CHOICE) == said(page, NUMBER) == ""
    kept = page.evaluate("Object.keys(localStorage)")
    assert not [one for one in kept if "answers" in one]


def test_a_page_that_is_opened_again_stands_where_it_was_left(visit):
    """A phone puts pages away; figures above are as high as their pictures by then."""
    page = at(visit, WORDS, **PHONE)
    left = standing(page)
    assert left > 20_000
    reload(page)
    assert standing(page) == pytest.approx(left, abs=200)


def test_a_figure_says_right_not_yet_and_what_is_missing(visit):
    page = at(visit, "#latch")
    check, note = page.locator("#latch .u-check"), page.locator("#latch .u-note")
    page.evaluate("document.querySelector('#latch').model.set('w_h', 0.5)")
    settle(page)
    check.click()
    settle(page)
    assert note.inner_text().startswith("Not yet. After step 30 the state is 0.00.")
    assert page.locator("#latch .u-verdict").inner_text() == "Not yet"
    page.evaluate(
        """() => { const { model } = document.querySelector('#latch');
          model.set('w_h', 1.5); model.set('w_x', 2); }"""
    )
    settle(page)
    check.click()
    settle(page)
    assert note.inner_text().startswith("Right. 0.86 after step 30")
    reload(page)
    assert page.locator("#latch .u-verdict").inner_text() == "Right"
    assert note.inner_text() == "", "it is not said again"
    assert page.evaluate("document.querySelector('#latch').model.get('w_x')") == 2


def copied(page):
    """What *Copy my answers* copies, pressed below the last question."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    end = page.locator(HEAD).last
    end.get_by_text("Copy my answers").click()
    end.get_by_text("Copied").wait_for()
    return page.evaluate("navigator.clipboard.readText()")


def test_my_answers_are_plain_text(page):
    choose(page, "#ask-two-pulses", "c")
    answer_number(page, "0.24")
    page.evaluate(
        """() => { const { model } = document.querySelector('#latch');
          model.set('w_h', 1.5); }"""
    )
    page.locator("#latch .u-check").click()
    settle(page)
    text = copied(page)
    count = page.locator("[data-explorer]").evaluate_all(
        "all => all.filter(one => one.task).length"
    )
    opening = f"The recurrence\n{count} questions on this page, 1 answered right.\n\n"
    assert text.startswith(f"{opening}How much of the pulse is left")
    assert "\n0.24\nNot yet. Nine tenths of 0.76" in text
    assert "1. Two pulses\nc. The same in both, and not zero.\nRight. They end" in text
    assert "3. Shapes\nNot answered." in text
    moved = text.partition("One bit of memory\n")[2].splitlines()
    assert moved[0] == "w_h = 1.5" and moved[1].startswith("Not yet. "), text


def test_a_table_is_copied_in_the_words_that_are_read(visit):
    page = at(visit, WORDS)
    rows = page.locator(f"{WORDS} select")
    for row in rows.all():
        row.select_option(index=1)
    page.locator(f"{WORDS} .u-check").click()
    settle(page)
    text = copied(page)
    for row in rows.all():
        label = row.get_attribute("aria-label")
        word = row.locator("option").nth(1).inner_text()
        assert f"\n{label} → {word}\n" in text


def test_where_nothing_may_be_kept_it_works_and_says_so(visit):
    page = at(visit, CHOICE)
    page.evaluate(
        """() => { globalThis.mine = Storage.prototype.setItem;
          Storage.prototype.setItem = () => { throw new Error('no'); }; }"""
    )
    choose(page, CHOICE, "b")
    assert said(page, CHOICE).startswith("Right. ")
    told = page.locator(f"{HEAD} p").first.inner_text()
    assert told.endswith(
        "This browser keeps nothing for this page: your answers last "
        "until you leave it."
    )
    page.evaluate("() => { Storage.prototype.setItem = mine; }")


def test_without_javascript_it_asks_and_folds_the_answer(visit):
    page = visit("notebooks/01_recurrence.html", java_script_enabled=False)
    place = page.locator(CHOICE)
    assert "Which path does the state draw?" in place.locator("p").first.inner_text()
    assert "a spiral outwards" in place.locator("svg").first.text_content()
    fold = place.locator("details")
    assert not fold.locator("p").is_visible()
    fold.locator("summary").click()
    assert "The answer: b. a spiral into" in fold.locator("p").inner_text()


def test_it_keeps_room_for_the_width_that_it_has(visit):
    """The fields of a table end before its reply does, on a wide page."""
    high = "el => el.getBoundingClientRect().height"
    narrow = {"viewport": {"width": 760, "height": 900}}
    wide = {"viewport": {"width": 1440, "height": 900}}
    fresh = at(visit, WORDS, **wide).locator(WORDS).evaluate(high)
    page = at(visit, WORDS, **narrow)
    assert page.locator(WORDS).evaluate(high) > fresh
    page.set_viewport_size(wide["viewport"])
    settle(page)
    assert page.locator(WORDS).evaluate(high) == fresh
