"""Every page of the built site in Chromium, with the network blocked.

On http, in a folder of a site, and from files: nothing is asked of another host, and
every figure is alive.
"""

import json
from urllib.parse import unquote, urlparse

import pytest
from bs4 import BeautifulSoup
from conftest import HTML, ROOT
from reader import KINDS, open_page, settle

CHAPTER = "notebooks/01_recurrence.html"
PULSE = "#pulse"
PAGES = sorted(
    str(path.relative_to(HTML))
    for path in HTML.glob("*/**/*.html")
    if "_static" not in path.parts
)
assert PAGES, f"no book in {HTML}: run `make book` first"
PAGES.append("search.html")
LIVE = [*(page for page in PAGES if page.startswith("notebooks/")), "book/index.html"]


@pytest.mark.parametrize("origin", ["http", "folder", "file"])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_quiet_and_alive(chromium, origins, origin, path):
    with open_page(chromium, f"{origins[origin]}/{path}") as page:
        page.wait_for_load_state("load")
        places = page.locator("[data-explorer]")
        assert (places.count() > 0) == (path in LIVE)
        for k in range(places.count()):
            assert places.nth(k).get_attribute("data-live") == "true"
            assert places.nth(k).locator("input[type=range]").count() > 0
            assert not places.nth(k).locator(".unrolled-picture").is_visible()


@pytest.mark.parametrize("origin", ["http", "folder", "file"])
def test_the_root_leads_to_the_landing_page(chromium, origins, origin):
    with open_page(chromium, f"{origins[origin]}/index.html") as page:
        page.wait_for_url("**/book/index.html")


@pytest.mark.parametrize("width", [320, 390, 768, 1440])
@pytest.mark.parametrize("path", PAGES)
def test_no_page_is_wider_than_its_screen(chromium, origins, path, width):
    address = f"{origins['http']}/{path}"
    with open_page(chromium, address, viewport={"width": width, "height": 800}) as page:
        measure = "[document.documentElement.scrollWidth, innerWidth]"
        wide, screen = page.evaluate(measure)
        assert wide <= screen
        for preset in page.locator("[data-preset]").all():
            preset.click()
            settle(page)
            wide, screen = page.evaluate(measure)
            assert wide <= screen


# a phone's colours are the desk's
@pytest.mark.parametrize(
    "theme, width", [("light", 1280), ("dark", 1280), ("light", 390)]
)
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing(chromium, origins, path, theme, width):
    axe = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
    with open_page(
        chromium,
        f"{origins['http']}/{path}",
        theme=theme,
        viewport={"width": width, "height": 800},
        reduced_motion="reduce",
    ) as page:
        assert page.evaluate("document.documentElement.dataset.theme") == theme
        if path == CHAPTER:  # as a reader leaves it: a lesson chosen, the code open
            page.click(f"{PULSE} [data-preset=flips]")
            page.click("text=Copy as NumPy")
        page.evaluate(axe.read_text("utf-8"))
        found = page.evaluate("axe.run({preload: false}).then(r => r.violations)")
        report = [
            (one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found
        ]
        assert not report, json.dumps(report, indent=1)


@pytest.mark.parametrize("path", LIVE)
def test_without_javascript_a_page_still_reads(chromium, origins, path):
    address = f"{origins['file']}/{path}"
    with open_page(chromium, address, java_script_enabled=False) as page:
        for place in page.locator("[data-explorer]").all():
            picture = place.locator(".unrolled-picture svg[role=img]")
            assert picture.is_visible()
            assert len(picture.get_attribute("aria-label")) > 40
            assert place.locator("input").count() == 0
        if path == CHAPTER:
            formula = page.locator("math[display=block]").first
            assert formula.is_visible()
            assert formula.bounding_box()["width"] > 100


def test_internal_links_and_anchors_resolve(book):
    missing = []
    soups = {
        p: BeautifulSoup((book / p).read_text("utf-8"), "html.parser") for p in PAGES
    }
    ids = {p: {tag["id"] for tag in soup.select("[id]")} for p, soup in soups.items()}
    followed = 0
    for page, soup in soups.items():
        assert not soup.select("html:not([lang])")
        for tag in soup.select("[href], [src]"):
            target = tag.get("href") or tag.get("src")
            if urlparse(target).scheme or target.startswith("//"):
                assert tag.name == "a", f"{page} loads {target}"
                continue
            file, _, anchor = target.partition("#")
            file = unquote(file.partition("?")[0])
            to = (book / page).parent.joinpath(file).resolve() if file else book / page
            name = str(to.relative_to(book.resolve())) if file else page
            anchor = unquote(anchor).partition(":")[0]
            followed += 1
            if not to.is_file() or (anchor and anchor not in ids.get(name, set())):
                missing.append(f"{page}: {target}")
    assert followed > 50
    assert not missing


def test_prose_links_name_settings_that_the_figure_has(book):
    """A link such as #pulse:w_h=1.1 is checked by Python's own traits."""
    words = {"none": None, "true": True, "false": False}

    def read(text, now):
        if text in words:
            return words[text]
        numbers = [float(one) for one in text.split(",")]
        return numbers if isinstance(now, list) else numbers[0]

    links = 0
    for page in LIVE:
        soup = BeautifulSoup((book / page).read_text("utf-8"), "html.parser")
        for anchor in soup.select('a[href^="#"][href*=":"]'):
            name, _, settings = unquote(anchor["href"][1:]).partition(":")
            place = soup.find(id=name)
            kind = place["data-explorer"]
            sliders = json.loads(place.script.string).get("sliders", [])
            stops = {one["name"]: [str(k) for k in one["stops"]] for one in sliders}
            if kind == "sweep":
                for key, value in (part.split("=") for part in settings.split(";")):
                    assert value in stops[key], f"{page}: {anchor['href']}"
                continue
            explorer = KINDS[kind]()
            for part in settings.split(";"):
                key, value = part.split("=")
                now = explorer.state[key]
                text = isinstance(now, str)
                setattr(explorer, key, value if text else read(value, now))
            links += 1
    assert links >= 4


def test_a_page_carries_no_widget_state_and_no_explorer_code(book):
    for page in LIVE:
        text = (book / page).read_text("utf-8")
        assert "widget-state+json" not in text
        assert "_esm" not in text
