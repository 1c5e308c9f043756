"""Pages in headless Chromium.  Where it is absent the tests are skipped, but not where XPNET_BROWSER=1 asks for it."""

import os
import shutil
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest

import xpnet
from xpnet.data import Scaling, load_digits
from xpnet.report import report_numbers, write_page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="package")
def chromium() -> Iterator[Any]:
    """A browser, started once."""
    if CHROMIUM is None or find_spec("playwright") is None:
        assert os.environ.get("XPNET_BROWSER") != "1", "chromium and playwright must be installed"
        pytest.skip("needs chromium and playwright: apt install chromium, pip install playwright")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def opened(chromium, tmp_path) -> Iterator[Callable[..., Any]]:
    """Write numbers to a page and open it; afterwards there must be no error and no request but for the file."""
    seen: list[str] = []
    contexts = []

    def open_page(numbers: dict[str, Any] | None = None, path: Any = None, **how: Any) -> Any:
        if numbers is not None:
            path = tmp_path / "page.html"
            write_page(path, numbers)
        context = chromium.new_context(**{"locale": "en-US", **how})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: seen.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: seen.append(f"error: {error}"))
        page.on("request", lambda request: seen.append(request.url) if request.url != path.as_uri() else None)
        page.goto(path.as_uri())
        if how.get("java_script_enabled", True):
            page.wait_for_selector("#page[data-ready]", state="attached", timeout=20_000)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not seen


@pytest.fixture(scope="session")
def digits() -> Any:
    """A model of the bundled digits and its test part."""
    data = load_digits()
    test = np.arange(data.n) % 5 == 0
    network = xpnet.Network([64, 30, 10])
    pairs = [(data.x[rows] / 16.0, data.y[rows]) for rows in (~test, test)]
    result = xpnet.train(network, pairs[0], epochs=30, validation=pairs[1])
    model = xpnet.Model(network, result.best_parameters, Scaling.divide_by(16), classes=tuple(range(10)))
    return model, data.x[test], data.y[test], result.history


@pytest.fixture(scope="session")
def digits_numbers(digits) -> dict[str, Any]:
    """The numbers of its page."""
    model, x, y, history = digits
    return report_numbers(model, (x, y), histories=[history], name="digits", command="xpnet train")
