"""The site: built without a warning, every public name in it, every link of it resolved, its search put to questions.

A site that is built already is taken from XPNET_SITE; building one takes half a minute.
"""

import http.server
import importlib
import inspect
import os
import shutil
import subprocess
import sys
import threading
from functools import partial
from html.parser import HTMLParser
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from sphinx.util.inventory import InventoryFile
from test_public_api import ROOMS

REPOSITORY = Path(__file__).parents[1]
DOCS = REPOSITORY / "docs"
QUESTIONS = {
    "regression": "howto/regression",
    "several labels": "howto/several-labels",
    "validation set": "howto/validation-set",
    "callback": "howto/callback",
    "progress": "howto/progress",
    "continue training": "howto/continue-training",
    "pandas": "howto/dataframes",
    "polars": "howto/dataframes",
    "probabilities": "howto/probabilities",
    "save model": "howto/save",
    "own activation": "howto/own-activation",
    "GPU": "howto/gpu",
    "coming from scikit-learn": "coming-from/scikit-learn",
    "coming from Keras": "coming-from/keras",
    "coming from the book": "coming-from/book",
    "学习笔记": "notes.zh-CN",
    "xpnet.train": "reference/xpnet.train",
    "gram_schmidt": "reference/xpnet.linalg.gram_schmidt",
}


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """Return the folder of a site."""
    if "XPNET_SITE" in os.environ:
        return REPOSITORY / os.environ["XPNET_SITE"]
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-E", "-d", folder / "trees"]
    done = subprocess.run([*command, "-b", "html", "docs", folder / "html"], cwd=REPOSITORY, capture_output=True)
    assert (done.returncode, done.stderr.decode()) == (0, "")
    return folder / "html"


class Page(HTMLParser):
    """What a page links to, and what can be linked to in it."""

    def __init__(self, text):
        super().__init__()
        self.links, self.fetched, self.anchors, self.text = [], [], set(), text
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.anchors |= {given[key] for key in ("id", "name") if given.get(key)}
        link = given.get({"a": "href", "img": "src", "link": "href", "script": "src"}.get(tag, ""))
        if link and given.get("rel") != "search":
            self.links.append(link)
            self.fetched += [] if tag == "a" or given.get("rel") == "canonical" else [link]


@pytest.fixture(scope="session")
def pages(site):
    """Return the parsed pages by their paths."""
    return {
        path.relative_to(site).as_posix(): Page(path.read_text(encoding="utf-8"))
        for path in sorted(site.rglob("*.html"))
        if "_static" not in path.parts
    }


def targets(name, page):
    """Yield the path and the fragment of each link inside the site."""
    for link in page.links:
        parts = urlsplit(link)
        if not parts.scheme and not parts.netloc:
            yield unquote(urlsplit(urljoin(name, parts.path or name.rpartition("/")[2])).path), unquote(parts.fragment)


def broken(site, pages):
    """Return the links that lead nowhere."""
    return sorted(
        f"{name}: {path}#{fragment}"
        for name, page in pages.items()
        for path, fragment in targets(name, page)
        if not (site / path).is_file() or (fragment and path in pages and fragment not in pages[path].anchors)
    )


def test_every_link_and_anchor_resolves(site, pages):
    assert len(pages) > 300
    assert broken(site, pages) == []


@pytest.mark.parametrize("link", ["missing.html", "there.html#nowhere", "missing.png"])
def test_a_broken_link_is_seen(tmp_path, link):
    (tmp_path / "there.html").write_text('<p id="here">')
    tag = f'<img src="{link}">' if link.endswith("png") else f'<a href="{link}">'
    both = {"there.html": Page('<p id="here">'), "page.html": Page(f'{tag}<a href="there.html#here">')}
    assert broken(tmp_path, both) == [f"page.html: {link}" + "#" * ("#" not in link)]


def test_every_page_is_reached_from_the_front_page(site, pages):
    reached, ahead = set(), ["index.html"]
    while ahead:
        name = ahead.pop()
        if name not in reached and name in pages:
            reached.add(name)
            ahead += [path for path, _ in targets(name, pages[name])]
    alone = {"search.html", "genindex.html", "py-modindex.html"}
    assert set(pages) - reached - alone == set()


def test_every_markdown_page_is_on_the_site(pages):
    written = {path.relative_to(DOCS).with_suffix(".html").as_posix() for path in DOCS.rglob("*.md")}
    assert written <= set(pages)


def test_every_public_name_is_in_the_inventory(site):
    with (site / "objects.inv").open("rb") as file:
        inventory = InventoryFile.load(file, "", lambda base, path: path)
    known = {name for kind, entries in inventory.items() if kind.startswith("py:") for name in entries}
    wanted = set(ROOMS)
    for room in ROOMS:
        module = importlib.import_module(room)
        wanted |= {f"{room}.{name}" for name in module.__all__}
        inner = [(name, getattr(module, name)) for name in module.__all__ if inspect.ismodule(getattr(module, name))]
        wanted |= {f"{room}.{name}.{of}" for name, value in inner for of in getattr(value, "__all__", [])}
    assert len(wanted) > 300
    assert {name for name in wanted - known if name.rpartition(".")[0] in ROOMS} == set()


def test_formulas_are_elements_of_the_page(pages):
    notes = pages["notes.html"].text
    assert notes.count("<math") > 50
    assert "\\frac" not in notes


@pytest.mark.parametrize("latex", [r"\frac12 x", r"a \lt b \dots", r"\begin{cases} 0 \cr 1 \end{cases}"])
def test_a_formula_becomes_mathml(monkeypatch, latex):
    monkeypatch.syspath_prepend(DOCS / "_ext")
    to_mathml = importlib.import_module("mathml").to_mathml
    assert to_mathml(latex).startswith("<math")
    with pytest.raises(ValueError, match="formula must be readable, got"):
        to_mathml(latex + r"\unknown")


def test_names_in_text_lead_to_the_reference(pages):
    assert any(
        "reference/xpnet.train.html#xpnet.train" in link
        for link in pages["scaling.html"].links + pages["many.html"].links
    )


def test_links_out_of_docs_show_the_file(pages):
    link = "_files/xpnet/nn/backprop.py.html"
    assert link in pages["notes.html"].links
    assert '<span class="nf">backprop</span>' in pages[link].text


def test_names_have_their_source(pages):
    source = next(link for link in pages["reference/xpnet.train.html"].links if "_files/" in link)
    assert source.startswith("../_files/xpnet/training/train.py.html#L-")


def test_nothing_is_fetched_from_elsewhere(pages):
    for name, page in pages.items():
        assert not [link for link in page.fetched if urlsplit(link).netloc], name


@pytest.fixture(scope="module")
def address(site):
    """Serve the site on a port of this machine: the search fetches pages."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def tab(address):
    """Open the front page in Chromium; nothing but the site is asked for, and the console has no error."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if os.environ.get("XPNET_BROWSER") != "1":
        pytest.skip("needs XPNET_BROWSER=1, chromium and playwright")
    assert chromium, "chromium must be installed"
    assert find_spec("playwright"), "playwright must be installed"
    from playwright.sync_api import sync_playwright

    seen = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        page.on("pageerror", lambda error: seen.append(str(error)))
        page.on("console", lambda message: seen.append(message.text) if message.type == "error" else None)
        page.on(
            "request", lambda request: None if request.url.startswith((address, "data:")) else seen.append(request.url)
        )
        yield page
        browser.close()
    assert not seen


def first_hits(tab, address, question):
    """Type a question into the site's search, and return the pages of the first three hits."""
    tab.goto(f"{address}/index.html")
    tab.keyboard.press("Control+k")
    tab.keyboard.type(question)
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/search.html?q=*")
    tab.wait_for_function("document.querySelector('#search-results p.search-summary')?.innerText.includes('found')")
    links = tab.eval_on_selector_all(
        "#search-results ul.search > li > a", "links => links.slice(0, 3).map(a => a.pathname)"
    )
    return [unquote(link).removeprefix("/").removesuffix(".html") for link in links]


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_search_answers_a_newcomers_question(tab, address, site, question):
    wanted = QUESTIONS[question]
    assert wanted in first_hits(tab, address, question)
