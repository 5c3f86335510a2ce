"""The work that a key makes for a figure's page, from a trace of the browser's.

What the main thread does for one press of an arrow key on a figure's first slider
(script, style, layout, pre-paint, paint), on a slowed processor, is told as a ratio to
a bare page with one slider and one path, measured before and after each figure.
"""

import json
from collections import defaultdict
from statistics import median

CPU = 4  # times slower
KEYS = 24
WAIT = 160  # ms: each key by itself, not a queue of them

BARE = """<!doctype html><title>Bare</title>
<input type="range" min="0" max="100" value="50">
<svg width="600" height="200"><path fill="none" stroke="black"></path></svg>
<script>
const slider = document.querySelector("input");
const path = document.querySelector("path");
const draw = () => path.setAttribute("d", "M" + Array.from({ length: 41 }, (_, k) =>
  `${15 * k} ${100 - 90 * Math.sin((k * slider.value) / 100)}`).join("L"));
slider.oninput = () => requestAnimationFrame(draw);
draw();
</script>"""

# Of what a trace tells, by its names: what is the main thread's work for a page.
KINDS = {
    "script": (
        "EventDispatch FunctionCall EvaluateScript FireAnimationFrame TimerFire "
        "RunMicrotasks MinorGC MajorGC"
    ),
    "style": "UpdateLayoutTree",
    "layout": "Layout",
    "pre-paint": "PrePaint",
    "paint": "Paint",
}
KIND_OF = {name: kind for kind, names in KINDS.items() for name in names.split()}

# Makes a figure as heavy as it gets: of every setting that takes a list, one of a few
# values, or what lies between two ends, the value at which most is drawn.
HEAVIEST = """async (name) => {
  const place = document.getElementById(name);
  const { model } = place;
  const { settings } = model.get("_room");
  const drawn = () => new Promise((done) =>
    requestAnimationFrame(() => requestAnimationFrame(done)));
  const weight = () => place.querySelector(".u-stage").outerHTML.length;
  const tried = {
    numbers: ({ most }) => [Array.from({ length: most }, (_, k) => (k % 5) / 4)],
    whole: ({ least, most }) => [least, most],
    choice: ({ options }) => options,
    flag: () => [false, true],
  };
  for (const [setting, told] of Object.entries(settings)) {
    let [best, most] = [model.get(setting), weight()];
    for (const value of tried[told.kind]?.(told) ?? []) {
      model.set(setting, value);
      await drawn();
      if (weight() > most) [best, most] = [value, weight()];
    }
    model.set(setting, best);
    await drawn();
  }
  return Object.fromEntries(Object.keys(settings).map((one) => [one, model.get(one)]));
}"""

# From a key to what it has drawn, in the browser's own steps of 8 ms.
OBSERVE = """() => {
  window.spent = [];
  new PerformanceObserver((list) => {
    for (const one of list.getEntries())
      if (one.name === "keydown") window.spent.push(one.duration);
  }).observe({ type: "event", durationThreshold: 16 });
}"""


def _own_times(events):
    """Each event's kind, start, and time, without that of the events inside it."""
    ends, times = [], []
    for event in sorted(events, key=lambda one: (one["ts"], -one.get("dur", 0))):
        while ends and ends[-1][0] <= event["ts"]:
            ends.pop()
        time = event.get("tdur", event.get("dur", 0)) / 1000
        record = [KIND_OF[event["name"]], event["ts"], time]
        if ends:
            ends[-1][1][2] -= time
        ends.append((event["ts"] + event.get("dur", 0), record))
        times.append(record)
    return times


def per_key(trace):
    """The work of each key that a trace has: a list of {kind: ms}."""
    threads = {
        (one["pid"], one["tid"])
        for one in trace
        if one["name"] == "thread_name" and one["args"]["name"] == "CrRendererMain"
    }
    main = [
        one
        for one in trace
        if one["ph"] == "X"
        and one["name"] in KIND_OF
        and (one["pid"], one["tid"]) in threads
    ]
    keys = [
        one
        for one in main
        if one["name"] == "EventDispatch" and one["args"]["data"]["type"] == "keydown"
    ]
    page = {one["pid"] for one in keys}
    starts = sorted(one["ts"] for one in keys)
    work = [defaultdict(float) for _ in starts]
    for kind, start, time in _own_times([one for one in main if one["pid"] in page]):
        number = sum(start >= one for one in starts) - 1
        if number >= 0:
            work[number][kind] += time
    return work


def pressed(browser, page, slider):
    """Press keys on a slider: the work of each, and the times to paint (ms)."""
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": CPU})
    page.evaluate(OBSERVE)
    slider.focus()
    page.wait_for_timeout(WAIT)
    browser.start_tracing(page=page, categories=["devtools.timeline"])
    back = slider.evaluate("one => one.value === one.max")  # each key moves it
    for k in range(KEYS):
        page.keyboard.press("ArrowLeft" if k % 2 != back else "ArrowRight")
        page.wait_for_timeout(WAIT)
    work = per_key(json.loads(browser.stop_tracing())["traceEvents"])
    assert len(work) == KEYS, f"{len(work)} of {KEYS} keys are in the trace"
    # the browser reports only what took 16 ms or more, in steps of 8
    spent = page.evaluate("window.spent")
    return work, [8.0] * (KEYS - len(spent)) + spent


def bare(browser):
    """The same for the bare page."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.set_content(BARE)
    found = pressed(browser, page, page.locator("input"))
    page.close()
    return found


def figure(browser, address, name):
    """The same for a figure of a page, at its largest."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(address)
    page.locator(f"#{name}[data-live]").wait_for(state="attached")
    show = page.locator(f"#{name} .u-show")
    if show.count():
        show.click()  # what is asked about is drawn, too
    page.evaluate(HEAVIEST, name)
    # the first of its settings; where it has none there, of its drawing
    sliders = page.locator(f"#{name} input[type=range]:visible")
    settings = page.locator(f"#{name} .u-controls input[type=range]:visible")
    slider = (settings if settings.count() else sliders).first
    found = pressed(browser, page, slider)
    page.close()
    return found


def total(work):
    """The median of the work of a key, in ms."""
    return median(sum(one.values()) for one in work)


def measure(browser, figures, rounds):
    """Of each figure (its address and name): the work, what of it is what, the paints.

    A list of (ratio to the bare page, {kind: ms}, times to paint), and the bare page's
    work in ms and its times to paint.
    """
    found, light, bare_paints = {}, [], []
    ratios = defaultdict(list)
    for _ in range(rounds):
        before, paints = bare(browser)
        for one in figures:
            work, spent = figure(browser, *one)
            after, more = bare(browser)
            beside = total(before + after)
            ratios[one].append(total(work) / beside)
            kinds, times = found.setdefault(one, ([], []))
            kinds += work
            times += spent
            light.append(beside)
            bare_paints += more
            before = after
    return [
        (
            median(ratios[one]),
            {kind: median(key[kind] for key in found[one][0]) for kind in KINDS},
            found[one][1],
        )
        for one in figures
    ], (median(light), bare_paints)
