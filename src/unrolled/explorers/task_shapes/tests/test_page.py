"""Task shapes on their page: at every switch it says what Python says."""

import pytest
from hands.every import EveryPage
from hands.reader import explorer_at, set_state, settle

from unrolled.explorers import TaskShapes
from unrolled.task_shapes import SHAPES


class TestPage(EveryPage):
    kind = TaskShapes
    lays_out_the_page = True
    chapter = "01_recurrence"
    told_apart = {"outputs": [2]}


PLACE = "#task-shapes"


@pytest.fixture
def page(visit):
    return visit("notebooks/01_recurrence.html")


def figure(page):
    return page.locator(PLACE)


def python_of(page):
    """The explorer in Python with the settings of the page, which says the same."""
    explorer = explorer_at(page, PLACE)
    shown = figure(page)
    assert shown.locator(".u-formula b").text_content() == explorer.shape_name
    code = shown.locator(".task-code").text_content().strip().split("\n")
    essence = explorer.pytorch().partition("tensors = {")[0].split("\n")
    assert code == [
        line for line in essence if line and not line.startswith(("import", "from"))
    ]
    rows = shown.locator(".task-table tbody tr").evaluate_all(
        "rows => rows.map(one => [one.querySelector('code').textContent,"
        " one.cells[2].textContent])"
    )
    shapes = explorer.tensor_shapes
    assert dict(rows) == {name: str(shape) for name, shape in shapes.items()}
    return explorer


def test_the_page_shows_what_python_says_at_every_switch(page):
    assert python_of(page).shape_name == "many-to-one"
    for n, shape in enumerate(SHAPES):
        figure(page).locator(".u-presets button").nth(n).click()
        assert python_of(page).shape_name == shape
        assert figure(page).locator(".u-presets button[aria-pressed=true]").count() == 1

    figure(page).get_by_role("checkbox", name="output read at step 2").press("Space")
    explorer = python_of(page)
    assert (explorer.outputs, explorer.losses) == ([1, 3, 4, 5, 6], [1, 3, 4, 5, 6])
    figure(page).get_by_role("checkbox", name="loss at step 2").click()
    explorer = python_of(page)
    assert explorer.outputs == explorer.losses == [1, 2, 3, 4, 5, 6]
    figure(page).get_by_role("checkbox", name="input at step 6").click()
    assert python_of(page).shape_name == "many-to-many, partly synchronised"
    figure(page).get_by_role("button", name="Reset").click()

    steps = figure(page).get_by_role("slider", name="number of steps")
    steps.press("Home")
    assert python_of(page).shape_name == "one-to-one"
    steps.press("End")
    explorer = python_of(page)
    assert (explorer.timesteps, explorer.outputs) == (8, [8]), "the shape came back"
    figure(page).get_by_role("slider", name="classes").press("ArrowRight")
    assert python_of(page).tensor_shapes["W_y"] == (3, 6)


def test_what_python_sets_in_two_messages_arrives_whole(page):
    set_state(page, PLACE, losses=[2, 6], outputs=[2, 6])
    explorer = python_of(page)
    assert (explorer.outputs, explorer.losses) == ([2, 6], [2, 6])
    set_state(page, PLACE, outputs=[6], losses=[6])
    explorer = python_of(page)
    assert (explorer.outputs, explorer.losses) == ([6], [6])


@pytest.mark.parametrize("size", [(1440, 900), (390, 660), (320, 600)])
def test_question_and_answer_are_in_one_view(page, size):
    """Its name and the changed lines stand with the switches, whatever is switched."""
    width, height = size
    page.set_viewport_size({"width": width, "height": height})
    settle(page)
    seen = set()
    for step in (1, 2, 3):
        figure(page).get_by_role("checkbox", name=f"loss at step {step}").click()
        settle(page)
        stage = figure(page).locator(".u-stage").bounding_box()
        seen.add(stage["height"])
        changed = figure(page).locator(".task-code [data-new]")
        assert changed.count() >= 1
        code = figure(page).locator(".task-code").bounding_box()
        for k in range(changed.count()):
            box = changed.nth(k).bounding_box()
            assert box["y"] >= code["y"] - 1
            assert box["y"] + box["height"] <= code["y"] + code["height"] + 1
    assert len(seen) == 1
    assert stage["height"] <= height - 140
    assert "many-to-many" in figure(page).locator(".task-code").inner_text()


@pytest.mark.parametrize("width", [320, 390])
def test_every_switch_can_be_hit_on_a_phone(page, width):
    page.set_viewport_size({"width": width, "height": 900})
    figure(page).get_by_role("slider", name="number of steps").press("End")
    settle(page)
    stage = figure(page).locator(".u-stage")
    stage.evaluate("el => el.scrollIntoView({block: 'center', behavior: 'instant'})")
    switches = figure(page).get_by_role("checkbox")
    boxes = switches.evaluate_all(
        """all => all.map(one => {
          const r = one.getBoundingClientRect();
          const [x, y] = [r.x + r.width / 2, r.y + r.height / 2];
          const hit = document.elementFromPoint(x, y) === one;
          return [r.x, r.right, r.y, r.bottom, hit, one.ariaLabel];
        })"""
    )
    assert len(boxes) == 24
    for left, right, top, bottom, hit, label in boxes:
        assert hit, f"{label} lies under something"
        assert right - left >= 24 and bottom - top >= 24, label
        assert left >= 0 and right <= width, label
    for a in boxes:
        for b in boxes:
            apart = a[1] <= b[0] + 0.1 or b[1] <= a[0] + 0.1
            apart = apart or a[3] <= b[2] + 0.1 or b[3] <= a[2] + 0.1
            assert a is b or apart, f"{a[5]} and {b[5]} overlap"
    assert page.evaluate("document.documentElement.scrollWidth") == width
    small = page.evaluate(
        "[...document.querySelectorAll('#task-shapes .u-explorer *')].filter(one =>"
        " [...one.childNodes].some(n => n.nodeType === 3 && n.data.trim())"
        " && parseFloat(getComputedStyle(one).fontSize) < 12)"
        ".map(one => one.outerHTML)"
    )
    assert not [one for one in small if "tspan" not in one and "<sub" not in one]
