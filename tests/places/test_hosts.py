"""Hosts that cannot be had here, such as VS Code's renderer, by what they may lack.

The anywidget front-end module's contract is `get` and `set`. All else a host may leave
out, or have and let throw; what it hands out it may freeze. Every explorer is shown by
such hosts, on a bare page that says as VS Code does that it is dark.
"""

from inspect import signature

import pytest
from anywidget import AnyWidget
from hands import ROOT
from hands.reader import KINDS, asks_only

from unrolled.checks import recurrence

# But what is made of pictures that were drawn for the site.
SHOWN = [
    k for k, cls in KINDS.items() if "frames" not in signature(cls.__init__).parameters
]
SHOW = (ROOT / "tests" / "hands" / "poor_host.js").read_text("utf-8")


@pytest.fixture(scope="module")
def page(chromium):
    page = chromium.new_page()
    page.goto("about:blank")
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.on(
        "console", lambda one: one.type == "error" and page.problems.append(one.text)
    )
    yield page
    page.close()


@pytest.mark.parametrize("has", ["nothing", "throws"])
@pytest.mark.parametrize("kind", SHOWN)
def test_a_host_that_gives_the_least_shows_a_living_figure(page, kind, has):
    cls = KINDS[kind]
    one = cls(recurrence.predict.pulse) if asks_only(cls) else cls()
    state = one.get_state()
    own = set(cls.class_traits(sync=True)) - set(AnyWidget.class_traits())
    traits = {name: state[name] for name in own if name in state}
    shown = {"esm": state["_esm"], "css": state["_css"], "traits": traits, "has": has}
    told = page.evaluate(SHOW, shown)
    assert page.problems == []
    living = {"dark": "dark", "heard": True, "moved": True}
    assert told == {"kind": "object", "others": []} | living
