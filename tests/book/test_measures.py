"""The measures of a figure see what a reader would: on figures that were made up."""

import re

import pytest
from hands import ROOT
from hands.measures import SCREENS, options, still, view

# A figure of a drawing and controls; `above` stands between the two, and grows with the
# value of the slider by `growth` pixels.
FIGURE = """
<meta name="viewport" content="width=device-width">
<style>
body {{ margin: 0 }}
.u-explorer {{ {look} }}
.u-stage {{ height: 500px; {stage} }}
label {{ display: inline-block; height: 40px }}
</style>
<div style="height: 700px"></div>
<div id="made" data-explorer="made"><div class="u-explorer">
  <div class="u-stage">a drawing</div>
  <div>
    <p style="height: {above}px; margin: 0"></p>
    <input type="range" aria-label="a" min="0" max="2" step="0.5" value="0">
    <details><summary>More</summary>
      <fieldset><legend>kind</legend>
        <label>plain <input type="radio"></label>
      </fieldset>
    </details>
    <div style="height: 700px"></div>
  </div>
</div></div>
<div style="height: 900px"></div>
<script>
{{
  const [slider, between] = ["input", "p"].map((one) => document.querySelector(one));
  slider.oninput = () => {{
    between.style.height = `${{ {above} + {growth} * slider.value }}px`;
  }};
  document.querySelector("#made").model = {{
    get: (name) => (name === "_room" ? {{ settings: {{ a: {{}} }} }} : slider.value),
    set(name, value) {{
      slider.value = value;
      slider.oninput();
    }},
  }};
}}
</script>"""
EXPLORERS = re.compile(r'<div[^>]*id="([^"]+)"[^>]*data-explorer=')
MADE = {"look": "", "stage": "", "above": 0, "growth": 0}
NAMES = ["a", "kind plain"]


@pytest.fixture(params=SCREENS)
def opened(request, chromium):
    """Open a made-up figure on each of the screens."""
    context = chromium.new_context(**options(request.param))
    page = context.new_page()

    def open_(**made):
        page.set_content(FIGURE.format(**MADE | made))
        return page

    yield open_
    context.close()


def test_a_drawing_beside_its_controls_is_in_view(opened):
    side = "display: grid; grid-template-columns: 1fr 1fr"
    page = opened(look=side, stage="position: sticky; top: 0; height: 300px")
    assert view(page, "#made") == [[name, 1] for name in NAMES]
    assert page.evaluate("scrollY") == 0
    assert not page.locator("details").get_attribute("open"), "it is folded again"


def test_a_drawing_far_above_its_controls_is_not(opened):
    page = opened(above=1000)
    assert view(page, "#made") == [[name, 0] for name in NAMES]


def test_what_lies_over_a_drawing_hides_it(opened):
    page = opened(stage="position: sticky; top: 0; height: 200px")
    assert view(page, "#made")[0] == ["a", 1]
    page.evaluate(
        """document.querySelector(".u-explorer").insertAdjacentHTML("beforebegin",
           '<div style="position: absolute; z-index: 1; width: 100%; height: 50px">')"""
    )
    assert view(page, "#made")[0] == ["a", pytest.approx(0.75, abs=0.03)]


def test_a_control_under_the_drawing_is_not_in_view(opened):
    stage = "position: sticky; top: 0; height: 100vh; z-index: 1"
    page = opened(stage=stage, above=10)
    assert view(page, "#made")[1] == ["kind plain", 0]


def test_what_grows_pushes_and_what_does_not_is_still(opened):
    assert still(opened(), "#made") == [[name, 0, 0] for name in NAMES]
    page = opened(growth=10)
    assert still(page, "#made") == [["a", 20, 20], ["kind plain", 0, 0]]
    assert page.locator("input").first.input_value() == "0", "it is set back"


def test_the_bench_has_a_row_for_every_figure_and_for_no_question(book, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "bench")
    import bench

    shown = [
        (page.relative_to(book).as_posix(), name)
        for page in sorted(book.glob("notebooks/*.html"))
        for name in EXPLORERS.findall(page.read_text("utf-8"))
        if not name.startswith("ask-")
    ]
    assert bench.figures(book) == shown
    assert len({page for page, _ in shown}) == len([*book.glob("notebooks/*.html")])
