"""The page itself: policy, names from files, access by keyboard and on a phone, what is missing, size."""

import json
import re
from importlib.util import find_spec

import numpy as np
import pytest

import xpnet
from xpnet.data import Scaling, load_digits
from xpnet.nn import Activation, sigmoid
from xpnet.report import render, report_numbers, write_page

HOSTILE = (
    "</script><script>document.title='owned'</script>",
    "<img src=x onerror=\"document.title='owned'\">",
    "\u2028\u2029 {0} '\" & <!--",
    "\u202edes\x00rever",
)


def hostile_model():
    network = xpnet.Network([2, 3, 4], cost="log_likelihood")
    features = (HOSTILE[1], "</title><b>")
    parameters = network.initialize(seed=0)
    return xpnet.Model(network, parameters, Scaling((0.0,), (1.0,)), classes=HOSTILE, features=features)


def rows(n, n_in, k, seed=0):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, n_in)), rng.integers(0, k, n)


def test_names_from_files_are_text(opened):
    model = hostile_model()
    x, y = rows(60, 2, 4)
    page = opened(report_numbers(model, (x, [HOSTILE[i] for i in y]), name=HOSTILE[0], command=HOSTILE[1]))
    assert page.evaluate("document.querySelectorAll('img, b, script').length") == 2  # the page's own blocks
    assert page.title() == f"What {HOSTILE[0]} learned"
    assert page.locator("th", has_text="<img src=x").count() >= 1
    page.select_option("#start-row", "3")
    assert page.locator(".fields label", has_text="</title><b>").count() == 1


def test_hostile_names_are_escaped_without_a_browser():
    text = render(report_numbers(hostile_model(), name=HOSTILE[0], command=HOSTILE[1]))
    assert text.count("<script") == 2
    assert text.count("</script>") == 2
    assert "<img src" not in text
    block = re.search(r'id="data">(.*?)</script>', text, re.DOTALL)
    assert json.loads(block[1])["model"]["classes"] == list(HOSTILE)


def test_the_policy_allows_nothing_but_the_pages_own_script(chromium, digits_numbers, tmp_path):
    path = tmp_path / "other.html"
    write_page(path, digits_numbers)
    path.write_text(path.read_text().replace('<div id="page">', "<script>window.owned = 1</script><div id='page'>"))
    text = path.read_text()
    assert "default-src 'none'" in text
    assert "unsafe" not in text
    page = chromium.new_page()
    page.goto(path.as_uri())
    page.wait_for_selector("#page[data-ready]", state="attached")
    assert page.evaluate("window.owned") is None
    assert page.evaluate("fetch('data:text/plain,x').then(() => 'got', () => 'refused')") == "refused"
    page.close()


def test_keys_reach_the_cells_of_the_confusion(opened, digits_numbers):
    page = opened(digits_numbers)
    cell = page.locator("[data-cell='0,0']")
    cell.focus()
    page.keyboard.press("Enter")
    shown = page.locator("#cell-rows canvas")
    assert shown.count() == min(24, digits_numbers["rows"]["said"].count(0))
    assert "is 0, said 0" in shown.first.get_attribute("aria-label")
    unreachable = page.evaluate(
        "[...document.querySelectorAll('button, select, input')].filter(e => e.tabIndex < 0).length"
    )
    assert unreachable == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_it_without_scrolling_sideways(opened, digits_numbers, scheme):
    page = opened(digits_numbers, viewport={"width": 360, "height": 740}, color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    paper, text = page.evaluate(
        "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"
    )
    light = [sum(map(int, re.findall(r"\d+", color))) for color in (paper, text)]
    assert (light[0] > light[1]) == (scheme == "light")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.skipif(find_spec("axe_playwright_python") is None, reason="needs axe-playwright-python")
def test_axe_finds_no_serious_violation(opened, digits_numbers, scheme):
    from axe_playwright_python.sync_playwright import Axe

    page = opened(digits_numbers, color_scheme=scheme, bypass_csp=True)
    page.locator("[data-cell='0,0']").click()
    found = Axe().run(page).response["violations"]
    told = [(each["id"], each["nodes"][0]["html"]) for each in found if each["impact"] in ("serious", "critical")]
    assert not told


def test_a_browser_without_scripts_shows_the_figures(opened, digits_numbers):
    page = opened(digits_numbers, java_script_enabled=False)
    assert "accuracy 9" in page.inner_text("noscript")
    assert "xpnet train" in page.inner_text("noscript")


def test_a_chinese_browser_reads_chinese(opened, digits_numbers):
    page = opened(digits_numbers, locale="zh-CN")
    assert page.evaluate("document.documentElement.lang") == "zh-Hans"
    assert page.title() == "digits 学到了什么"
    page.select_option("#language", "en")
    assert page.title() == "What digits learned"


def test_pictures_have_words(opened, digits_numbers):
    page = opened(digits_numbers)
    without = "[...document.querySelectorAll('canvas, svg')].filter(e => !e.getAttribute('aria-label')).length"
    assert page.evaluate(without) == 0


# ---- what is missing ----------------------------------------------------------------------------------------


def test_without_history_and_rows_the_page_says_so(opened, digits):
    page = opened(report_numbers(digits[0], why_no_test="digits.csv has changed"))
    words = page.inner_text("main")
    assert "holds no history" in words
    assert "There are no test rows: digits.csv has changed" in words
    page.locator("#pad").click(position={"x": 100, "y": 100})
    page.locator("#try output", has_text="%").wait_for()


def test_a_thousand_classes(opened):
    network = xpnet.Network([4, 8, 1000], cost="log_likelihood")
    model = xpnet.Model(network, network.initialize(seed=0), classes=tuple(f"class {i}" for i in range(1000)))
    x, y = rows(300, 4, 1000)
    page = opened(report_numbers(model, (x, [f"class {i}" for i in y])))
    assert "1000 classes are too many for a table" in page.inner_text("#confusion")
    assert page.locator("#confusion tbody tr").count() == 50
    assert "12 most probable of 1000" in page.inner_text("#try")


def test_a_hundred_thousand_columns(opened):
    n_in = 100_000
    network = xpnet.Network([n_in, 31, 2], cost="log_likelihood")
    model = xpnet.Model(network, network.initialize(seed=0), features=tuple(f"c{i}" for i in range(n_in)))
    x, y = rows(20, n_in, 2)
    numbers = report_numbers(model, (x, y))
    assert len(render(numbers)) < 300_000
    page = opened(numbers)
    words = page.inner_text("main")
    assert "too large for a page" in words
    assert "100000 columns are more than 200: importance is left out" in words


def test_functions_of_ones_own(opened):
    swish = Activation("swish", lambda z: z * sigmoid(z), lambda z, a: a + sigmoid(z) * (1.0 - a))
    network = xpnet.Network([2, 3, 2], hidden=swish)
    x, y = rows(30, 2, 2)
    page = opened(report_numbers(xpnet.Model(network, network.initialize(seed=0)), (x, y)))
    assert "functions of its author's own" in page.inner_text("#try")
    assert page.locator("#confusion table").count() == 1


# ---- size ---------------------------------------------------------------------------------------------------


def test_pages_are_small():
    data = load_digits()
    big = np.kron(data.x.reshape(-1, 8, 8), np.ones((3, 3), np.uint8))
    images = np.pad(big, ((0, 0), (2, 2), (2, 2))).reshape(-1, 784)[:400] * 15
    images = images + np.random.default_rng(0).integers(0, 15, images.shape)  # pixels do not repeat
    for sizes, members, limit in (([784, 30, 10], 1, 1e6), ([784, 128, 128, 10], 5, 3e6)):
        network = xpnet.Network(sizes)
        models = [xpnet.Model(network, network.initialize(seed=i), Scaling.divide_by(256)) for i in range(members)]
        numbers = report_numbers(xpnet.Model.ensemble(models), (images.astype("uint8"), data.y[:400]))
        assert len(numbers["rows"]["number"]) == 200
        assert len(render(numbers).encode()) < limit


def test_names_of_ten_thousand_letters_are_cut_and_turn_nothing_round(opened):
    names = ("W" * 10_000, "many words " * 1000, "\u202edrawer", "no")
    network = xpnet.Network([2, 3, 4], cost="log_likelihood")
    model = xpnet.Model(
        network, network.initialize(seed=0), Scaling((0.0,), (1.0,)), classes=names, features=(names[0], "b")
    )
    x, y = rows(60, 2, 4)
    page = opened(report_numbers(model, (x, [names[i] for i in y])), viewport={"width": 375, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    assert page.evaluate("document.documentElement.scrollHeight") < 20_000
    assert "\u202e" not in page.inner_text("main")
    assert "\ufffddrawer" in page.inner_text("#confusion")
