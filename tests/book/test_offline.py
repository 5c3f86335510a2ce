"""A site that was visited once opens without a network, and never shows an old page.

A browser visits a copy of the built book at a path of a host that can be switched off.
"""

import re
import shutil
from urllib.parse import unquote
from zipfile import ZipFile

import pytest
from hands.reader import ALIVE, FIGURES, PATIENCE, open_page, settle
from hands.serving import served

from unrolled import results
from unrolled.book import offline
from unrolled.data import PACKAGE

# Waits until the newest worker is at work and has kept its version, and none that is
# old; returns how many files that is.
KEPT = """async ([old, patience]) => {
  const end = Date.now() + patience;
  while (Date.now() < end) {
    const there = await navigator.serviceWorker.getRegistration();
    const names = (await caches.keys()).filter(name => !name.includes('/1.0/'));
    const ready = there?.active && !there.installing && !there.waiting;
    if (ready && names.length === 1 && names[0] !== old)
      return (await (await caches.open(names[0])).keys()).length;
    await new Promise(done => setTimeout(done, 50));
  }
  throw new Error(`kept: ${await caches.keys()}`);
}"""
# A figure that asks for some of its files when a reader does.
MODEL = "document.querySelector('[data-explorer=character_model]').model"
# Keeps nothing, and notes down what a page asks for.
ASKED = """(() => {
  window.asked = [];
  navigator.serviceWorker.register = async one => window.asked.push(String(one));
})()"""


@pytest.fixture
def site(book, tmp_path):
    """A copy of the built book, which a test may change."""
    left = shutil.ignore_patterns("_sources", "locales", "vendor")
    return shutil.copytree(book, tmp_path / "site", ignore=left)


@pytest.fixture
def page(chromium):
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


def write(site, text):
    """Publish the site again, with another text on its landing page."""
    front = site / "book" / "index.html"
    page = front.read_text("utf-8")
    front.write_text(page.replace("Who it is for", text), "utf-8")
    offline.write(site)


def kept(page, old=None):
    """Wait until a version of the site is kept, and no `old` one; return its size."""
    return page.evaluate(KEPT, [old, PATIENCE])


def version(page):
    """The name of the version that is kept."""
    (name,) = (one for one in page.evaluate("caches.keys()") if "/1.0/" not in one)
    return name


def test_each_file_has_one_address(book):
    """A room's first file has the same to the page and to the host."""
    named = [one.split("?v=") for one in offline.files(book)]
    versions = {path: version for path, *version in named}
    assert len(versions) == len(named)
    for room in PACKAGE.joinpath("explorers").iterdir():
        for name in results.texts(room):
            assert versions[f"_static/{room.name}.{name}.js"], "its content is named"


def test_after_one_visit_every_page_opens_without_a_network(site, page):
    with served(site, "/a/book") as address:
        page.goto(f"{address}/book/index.html")
        assert kept(page) == len(offline.files(site)) > 40
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{address}/notebooks/05_gru.html#backwards")
    page.wait_for_function(ALIVE)
    slider = page.locator(f"{FIGURES} input[type=range]").first
    before = slider.input_value()
    slider.press("ArrowRight")
    settle(page)
    assert slider.input_value() != before
    page.goto(f"{address}/notebooks/08_character_model.html")
    page.wait_for_function(ALIVE)
    page.evaluate(f"{MODEL}.set('_wanted', 'untrained')")
    page.wait_for_function(f"{MODEL}.get('_files').untrained")
    page.goto(f"{address}/search.html?q=BPTT")
    page.wait_for_selector("#search-results li")
    page.goto(f"{address}/")
    page.wait_for_url(f"{address}/book/index.html")
    assert complaints == []


def test_a_page_that_was_kept_is_never_shown_for_a_newer_one(site, page):
    heading = page.locator("#who-it-is-for > h2")
    with served(site, "/a/book") as address:
        page.goto(f"{address}/book/index.html")
        kept(page)
        old = version(page)
        other = f"{address}/1.0/ abc"
        page.evaluate("name => caches.open(name)", other)
        write(site, "Whom it is for")
        page.goto(f"{address}/book/index.html")
        assert "Whom it is for" in heading.inner_text(), "at the first visit"
        kept(page, old)
    page.goto(f"{address}/book/index.html")
    assert "Whom it is for" in heading.inner_text(), "and without a network"
    assert other in page.evaluate("caches.keys()"), "what others on the host keep stays"


def test_what_comes_from_a_file_is_not_kept_nor_for_who_saves_data(page, origins):
    page.context.add_init_script(ASKED)
    page.clock.install()

    def asked(origin):
        page.goto(f"{origins[origin]}/book/glossary.html")
        page.wait_for_load_state("load")
        page.clock.fast_forward(10_000)
        return page.evaluate("asked")

    for origin in ("file", "http", "folder"):
        worker = f"{origins[origin]}/{offline.NAME}"
        assert asked(origin) == ([] if origin == "file" else [worker])
    page.context.add_init_script(
        "Object.defineProperty(navigator.connection, 'saveData', { get: () => true })"
    )
    assert asked("http") == []


def test_the_same_site_has_the_same_version_and_another_has_another(site):
    def version():
        offline.write(site)
        return site.joinpath(offline.NAME).read_text("utf-8").partition(";")[0]

    first = version()
    assert version() == first
    write(site, "Whom it is for")
    assert version() != first


def test_the_packed_site_is_whole(book, chromium, tmp_path, capsys):
    archive = tmp_path / "unrolled.zip"
    assert offline.main([str(book), str(archive)]) == 0
    assert str(archive) in capsys.readouterr().out
    assert archive.stat().st_size < 5_000_000
    stick = tmp_path / "a stick of 50%"
    ZipFile(archive).extractall(stick)
    (top,) = stick.iterdir()
    pages = list(top.rglob("*.html"))
    assert len(pages) > 12
    for page in pages:
        for link in re.findall(r'\s(?:href|src)="([^"#?]+)', page.read_text("utf-8")):
            there = (page.parent / unquote(link)).exists()
            assert there or re.match("[a-z]+:", link), f"{page}: {link}"
    with open_page(chromium, (top / "notebooks" / "04_lstm.html").as_uri()) as page:
        page.locator(".header-article-items [download]").wait_for()
    for room in PACKAGE.joinpath("explorers").iterdir():
        for name in results.texts(room):
            assert (top / "_static" / f"{room.name}.{name}.js").is_file()


def test_where_there_is_no_book_nothing_is_packed(tmp_path, capsys):
    archive = tmp_path / "unrolled.zip"
    assert offline.main([str(tmp_path), str(archive)]) == 1
    assert "make book" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
