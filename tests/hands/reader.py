"""A reader's hand in Chromium, and what a reader sees: what the site's tests share."""

import contextlib
import inspect
import math
import re
from functools import partial
from urllib.parse import urlparse

from unrolled import explorers

# The explorers' classes by their bundles.
KINDS = {
    kind.bundle: kind
    for kind in (getattr(explorers, name) for name in explorers.__all__)
    if kind is not explorers.Explorer
}


def stands_alone(cls):
    """Whether an explorer can be made with nothing given, as a reader makes it."""
    given = list(inspect.signature(cls.__init__).parameters.values())[1:]
    return all(
        one.kind is one.VAR_KEYWORD or one.default is not one.empty for one in given
    )


def asks_only(cls):
    """Whether an explorer is a question, which has an answer and nothing to draw."""
    return "answer" in cls.class_traits()


ALIVE = """() => [...document.querySelectorAll('[data-explorer]')]
  .every(place => place.dataset.live)"""

# Waits until the figures are set in their own letters.
LETTERS = """() => Promise.all(['400', '700'].map(
  weight => document.fonts.load(`${weight} 12px "Unrolled Letters"`)))"""

PATIENCE = 120_000  # milliseconds to wait for anything, whatever else the machine does

PHONE = {
    "viewport": {"width": 390, "height": 660},
    "has_touch": True,
    "is_mobile": True,
    "device_scale_factor": 2,
    "reduced_motion": "reduce",
}


# A reader has answered what the figures ask, and wants to see.
SHOW = """() => {
  for (const button of document.querySelectorAll('.u-show')) button.click();
}"""
# The figures of a page; a question has nothing to draw.
FIGURES = "[data-explorer]:has(.u-stage)"
# The site is not kept for later (tests/book/test_offline.py): a context lives shortly.
KEEP_NOTHING = "delete Navigator.prototype.serviceWorker"
# Figures that a hand, or a change of theirs, has touched begin anew. What is read aloud
# is no change: it comes some time after one.
TOUCHED = """
  const events = ['pointerdown', 'touchstart', 'focusin', 'keydown', 'input', 'scroll'];
  const all = { subtree: true, childList: true, attributes: true, characterData: true };
  const seen = ({target}) => !(target.closest ? target : target.parentElement)
    ?.closest('[aria-live]');
  const figures = () => [...document.querySelectorAll('[data-explorer]')];
  const watch = place => {
    let touched = false;
    for (const event of events)
      place.addEventListener(event, () => { touched = true; }, true);
    const observer = new MutationObserver(news => { touched ||= news.some(seen); });
    observer.observe(place, all);
    const told = JSON.parse(place.querySelector('script').textContent);
    const state = () => JSON.stringify(Object.keys(told).map(
      key => place.model.get(key)));
    let opened;
    return {
      place,
      touched: () => touched || observer.takeRecords().some(seen)
        || state() !== opened,
      forget() { observer.takeRecords(); [touched, opened] = [false, state()]; },
    };
  };
  let watched = null;
  globalThis.touched = {
    takeAway() {
      for (const live of document.querySelectorAll('.unrolled-live')) live.remove();
    },
    beginAnew(only) {
      // of a page that was loaded again nobody has watched the figures
      const all = watched ?? figures().map(place => ({place, touched: () => true}));
      for (const {place, touched} of all) {
        const awake = place.querySelector('.unrolled-live');
        if (awake ? touched() : !only || place.matches(only)) unrolled.start(place);
      }
    },
    forget() {
      watched ??= figures().map(watch);
      for (const one of watched) one.forget();
    },
  };
"""
# What a page tells a figure that is no setting of it.
TOLD = ["name", "try_this", "presets", "ask", "_task"]


class Visit:
    """A page of its own context, with no network but its own host."""

    def __init__(self, chromium, address, *, theme="light", **options):
        self.options = {"viewport": {"width": 1280, "height": 900}} | options
        self.theme, self.address = theme, address
        self.foreign, self.complaints = [], []
        self._own = urlparse(address)
        self.context = chromium.new_context(color_scheme=theme, **self.options)
        self.context.set_default_timeout(PATIENCE)
        self.context.route("**/*", self._gate)
        self.context.add_init_script(KEEP_NOTHING)
        self.context.add_init_script(f"{{{TOUCHED}}}")
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._hear)
        self.page.on("response", self._answered)
        self.page.goto(address)
        if options.get("java_script_enabled", True):
            self.page.wait_for_function(ALIVE)
            self.page.evaluate(LETTERS)
            self.page.evaluate("touched.forget()")

    def _gate(self, route):
        asked = urlparse(route.request.url)
        if (asked.scheme, asked.netloc) == (self._own.scheme, self._own.netloc):
            route.continue_()
        else:
            self.foreign.append(route.request.url)
            route.abort()

    def _hear(self, message):
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def _answered(self, response):
        if response.status >= 400:
            self.complaints.append(response.url)

    def set_back(self, only=None):
        """All as it was when the page was opened: figures, size, theme, place.

        A figure that nothing has touched since is as it was. Where size or theme was
        another, `only` one begins anew, if it is named: the others sleep, their places
        empty, until a test asks for all.
        """
        page = self.page
        resized = page.viewport_size != self.options["viewport"]
        if page.url != self.address:
            page.evaluate("url => history.replaceState(null, '', url)", self.address)
        if resized:  # then all begin anew: none has to follow before
            page.evaluate("touched.takeAway()")
            page.set_viewport_size(self.options["viewport"])
        page.emulate_media(media="null", color_scheme=self.theme)
        page.mouse.move(0, 0)
        page.evaluate(
            """([theme, only]) => {
              const { dataset } = document.documentElement;
              document.activeElement?.blur();
              localStorage.clear();
              if (dataset.theme !== theme) touched.takeAway();
              dataset.theme = theme;
              touched.beginAnew(only);
              scrollTo({top: 0, left: 0, behavior: 'instant'});
            }""",
            [self.theme, only],
        )
        settle(page)
        page.evaluate("touched.forget()")

    def assert_quiet(self):
        foreign, complaints = self.foreign[:], self.complaints[:]
        self.foreign.clear()
        self.complaints.clear()
        assert not foreign, f"asked of another host: {foreign}"
        assert not complaints, complaints


class Visits:
    """The pages that a run of tests has opened, by address and kind of device."""

    def __init__(self, chromium, origins):
        self._chromium, self._origins = chromium, origins
        self._open, self._used = {}, []

    def go(self, path, *, origin="http", only=None, **options):
        """The page at `path`, as it was when it was opened, for the present test.

        What its figures ask before they show has been answered. A test that looks at
        `only` one figure, a selector, may find the others asleep.
        """
        address = f"{self._origins[origin]}/{path}"
        key = address, repr(sorted(options.items()))
        if key in self._open:
            self._open[key].set_back(only)
        else:
            self._open[key] = Visit(self._chromium, address, **options)
        self._used.append(self._open[key])
        page = self._open[key].page
        if options.get("java_script_enabled", True):
            page.evaluate(SHOW)
            settle(page)
            page.evaluate("touched.forget()")
        return page

    def leave(self):
        """The present test is over: fail it if one of its pages complained."""
        used, self._used = self._used, []
        for visit in used:
            visit.assert_quiet()

    def close(self):
        for visit in self._open.values():
            visit.context.close()


@contextlib.contextmanager
def open_page(chromium, address, *, quiet=True, **options):
    """A page of its own, for what cannot be set back.

    An error, or a request to another host, fails.
    """
    visit = Visit(chromium, address, **options)
    yield visit.page
    visit.context.close()
    if not quiet:
        visit.complaints.clear()
    visit.assert_quiet()


def settle(page):
    """Wait until what was changed has been drawn."""
    page.evaluate(
        "() => new Promise(done => requestAnimationFrame("
        "() => requestAnimationFrame(done)))"
    )


def standing(page):
    """Wait until the page scrolls no more; return how far it has, in pixels."""
    return page.evaluate(
        """() => new Promise(done => {
            let [was, still] = [NaN, 0];
            const look = () => {
                still = scrollY === was ? still + 1 : 0;
                was = scrollY;
                if (still < 6) requestAnimationFrame(look); else done(was);
            };
            look();
        })"""
    )


def _kind(page, place):
    """The Python class of an explorer on the page."""
    return KINDS[page.locator(place).get_attribute("data-explorer")]


def state_of(page, place):
    """The settings of an explorer, as its host's model has them."""
    return page.locator(place).evaluate(
        """(el, told) => Object.fromEntries(
             Object.keys(JSON.parse(el.querySelector('script').textContent))
               .filter(name => !told.includes(name))
               .map(name => [name, el.model.get(name)]))""",
        TOLD,
    )


def explorer_at(page, place):
    """The explorer in Python with the same settings, once the page has drawn them."""
    settle(page)
    return _kind(page, place)(**state_of(page, place))


def set_state(page, place, **values):
    """Set traits of the host's model, one by one."""
    page.locator(place).evaluate(
        """(el, values) => {
          for (const [k, v] of Object.entries(values)) el.model.set(k, v);
        }""",
        values,
    )
    settle(page)


# The hand


def centre(locator):
    """The middle of what is drawn, in pixels of the window."""
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def thumb(slider, share):
    """Where a slider's thumb stands, in pixels from the left: a share of its way."""
    box = slider.bounding_box()
    inset = 10 + slider.evaluate("el => parseFloat(getComputedStyle(el).paddingLeft)")
    return box["x"] + inset + (box["width"] - 2 * inset) * share


def drag(page, start, end):
    """The mouse takes hold at one point and lets go at another."""
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=6)
    page.mouse.up()
    settle(page)


def touch(page, points):
    """A finger put down at the first point, moved along the others, and lifted."""
    session = page.context.new_cdp_session(page)
    for kind, (x, y) in zip(
        ["touchStart"] + ["touchMove"] * (len(points) - 1), points, strict=True
    ):
        session.send(
            "Input.dispatchTouchEvent",
            {"type": kind, "touchPoints": [{"x": x, "y": y}]},
        )
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    settle(page)


def path(start, end):
    """Points on the way of a finger, from one point to another."""
    (x0, y0), (x1, y1) = start, end
    return [(x0 + (x1 - x0) * k / 8, y0 + (y1 - y0) * k / 8) for k in range(9)]


def reached_by_tab(page, place):
    """The names of all that Tab reaches in a figure, from its first button on."""
    page.locator(f"{place} .u-explorer").locator(
        ":is(button, input, select):visible"
    ).first.focus()
    page.keyboard.press("Tab")  # there and back: focus is shown to who uses the keys
    page.keyboard.press("Shift+Tab")
    reached = []
    for _ in range(60):
        found = page.evaluate(
            """() => { const el = document.activeElement;
                const seen = el.matches('[type=radio]') ? el.nextSibling : el;
                const style = getComputedStyle(seen);
                return el.closest('.u-explorer') && [
                    el.getAttribute('aria-label') || el.value || el.textContent,
                    style.outlineStyle, parseFloat(style.outlineWidth)] }"""
        )
        if not found:
            break
        name, outline, width = found
        assert outline == "solid" and width >= 2, f"no focus to be seen on {name}"
        reached.append(name)
        page.keyboard.press("Tab")
    return reached


# What is drawn

# Of a drawing, the texts that are too small, cut off, or lie on one another.
CROWDED = """(drawing) => {
  const svg = document.querySelector(drawing);
  const area = svg.getBoundingClientRect();
  const boxes = [...svg.querySelectorAll('text')]
    .filter(t => t.textContent && t.getAttribute('visibility') !== 'hidden'
      && t.getClientRects().length)
    .map(t => [t.textContent, t.getBoundingClientRect(),
               Math.hypot(t.getScreenCTM().a, t.getScreenCTM().b)
                 * parseFloat(getComputedStyle(t).fontSize)]);
  const out = [];
  boxes.forEach(([text, a, size], i) => {
    if (size < 11.99) out.push(`${text} is ${size} px`);
    if (a.left < area.left - 1 || a.right > area.right + 1 ||
        a.top < area.top - 1 || a.bottom > area.bottom + 1)
      out.push(`${text} is cut off`);
    for (const [other, b] of boxes.slice(i + 1)) {
      const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (wide > 2 && high > 6) out.push(`${text} lies on ${other}`);
    }
  });
  return out;
}"""


# By window, of a desk, a phone, and one held sideways: how high a drawing may be.
ROOMS = {(1440, 900): 620, (390, 660): 470, (844, 390): 320}


def ask_first(page, place, question):
    """Begin an explorer anew that asks before it shows."""
    page.locator(place).evaluate(
        """(el, ask) => {
          const told = el.querySelector('script');
          const text = told.textContent;
          told.textContent = JSON.stringify({...JSON.parse(text), ask});
          unrolled.start(el);
          told.textContent = text;
        }""",
        question,
    )
    settle(page)


def one_height(page, place, size, extremes):
    """The height of a drawing on a screen, which no preset and no extreme may move."""
    page.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
    presets = [one.click for one in page.locator(f"{place} [data-preset]").all()]
    far = [partial(set_state, page, place, **one) for one in extremes]
    found = {}
    for change in [lambda: None, *presets, *far]:
        change()
        settle(page)
        box = page.locator(f"{place} .u-stage").bounding_box()
        found.setdefault(round(box["height"], 1), []).append(state_of(page, place))
    assert len(found) == 1, found
    return next(iter(found))


def heights(axis):
    """log10 of what stands at a height, by a logarithmic axis's own labels."""
    ticks = axis.locator("g")
    places = []
    for k in (0, ticks.count() - 1):
        text = ticks.nth(k).locator("text").text_content()
        power = 0 if text == "1" else int(text[2:].translate(PLAIN))
        places.append((float(ticks.nth(k).locator("line").get_attribute("y1")), power))
    (y0, low), (y1, high) = places
    return lambda y: low + (y - y0) * (high - low) / (y1 - y0)


# Numbers, as frontend/view/number.js writes them

# Superscripts and the true minus, as a program reads them.
PLAIN = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹−", "-0123456789-")


def short(value):
    """Two decimals, or fewer where the number is large."""
    decimals = 2 if abs(value) < 9.995 else 1 if abs(value) < 99.95 else 0
    return f"{value:z.{decimals}f}".replace("-", "−")


def brief(value):
    """The same, but what is too small for that keeps its first digit."""
    size = abs(value)
    if 0 < size < 1e-9:
        return "≈0"
    if 0 < size < 0.00995:
        return re.sub("e-0", "e-", f"{value:.0e}").replace("-", "−")
    return short(value)


def significant(value):
    """Three digits that count; far from 1, in powers of ten."""
    size = abs(value)
    if value == 0:
        return "0"
    if size < 0.0009995 or size >= 9999.5:
        digits, power = f"{value:.2e}".split("e")
        high = str(int(power)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
        return f"{digits} × 10{high}".replace("-", "−")
    decimals = max(0, 2 - math.floor(math.log10(float(f"{size:.2e}"))))
    return f"{value:.{decimals}f}".replace("-", "−")


FUNCTIONS = {
    "σ": lambda a: 1 / (1 + math.exp(-a)) if a > -700 else 0.0,
    "tanh": math.tanh,
    "log": math.log,
}


def evaluated(text):
    """What the printed numbers of a sum come to."""
    text = text.removeprefix("= ").replace("×", "*").replace("½", "0.5")
    text = re.sub(
        "[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+(?=\\))", lambda digits: f"**{digits[0].translate(PLAIN)}", text
    )
    text = re.sub(r"tanh² (\(-[\d.]+\)|[\d.]+)", r"tanh(\1)**2", text)
    text = re.sub(r"(tanh|log) (\(-[\d.]+\)|[\d.]+)", r"\1(\2)", text)
    return eval(text, FUNCTIONS)


def assert_adds_up(parts, value):
    """The printed numbers give the printed result, and that is `value`."""
    _, numbers, result = parts
    sign, printed = re.match(r"([=≈]) (-?[\d.]+)", result).groups()
    decimals = len(printed.partition(".")[2])
    assert f"{value:z.{decimals}f}" == printed, (parts, value)
    assert sign == ("≈" if float(printed) == 0 != value else "="), parts
    assert f"{evaluated(numbers):z.{decimals}f}" == printed, parts
