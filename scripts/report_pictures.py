"""The pictures of docs/report.md: a digit that is drawn on the page, and XOR by a perceptron and by a hidden layer.

    python scripts/report_pictures.py [--out docs/pictures] [--quick]

It needs Chromium, playwright and Pillow (pip install playwright pillow).
"""

import argparse
import io
import shutil
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import sync_playwright

import xpnet
from xpnet.data import Scaling, load_digits
from xpnet.report import Film, report_numbers, write_page

THREE = [  # where the pen goes
    [80, 60],
    [110, 40],
    [160, 40],
    [185, 70],
    [175, 110],
    [130, 130],
    [180, 150],
    [190, 200],
    [150, 240],
    [85, 225],
]
XOR = np.asarray([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.asarray([0, 1, 1, 0])


def digits_page(path, epochs):
    """Write the page of a network that learned the bundled digits."""
    data = load_digits()
    test = np.arange(data.n) % 5 == 0
    (x, y), watched = ((data.x[rows] / 16.0, data.y[rows]) for rows in (~test, test))
    result = xpnet.train(xpnet.Network([64, 30, 10]), (x, y), epochs=epochs, validation=watched)
    model = xpnet.Model(result.network, result.best_parameters, Scaling.divide_by(16), classes=data.classes)
    numbers = report_numbers(model, (data.x[test], data.y[test]), histories=[result.history], name="digits")
    write_page(path, numbers)


def xor_page(path, hidden, epochs):
    """Write the page of a network that learned XOR, or did not, with its film."""
    network = xpnet.Network([2, *hidden, 1])
    film = Film(xpnet.Model(network, network.initialize(seed=0)), *XOR)
    result = xpnet.train(network, XOR, epochs=epochs, batch_size=4, optimizer=xpnet.adam(0.1), callbacks=[film])
    numbers = report_numbers(result.model, XOR, histories=[result.history], film=film.to_json(), name="XOR")
    write_page(path, numbers)


def drawn(browser, path, scheme):
    """Return the top of the page after a digit was drawn."""
    page = opened(browser, path, color_scheme=scheme, viewport={"width": 960, "height": 860})
    box = page.locator("#pad").bounding_box()
    places = [(box["x"] + x, box["y"] + y) for x, y in THREE]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=4)
    page.mouse.up()
    page.wait_for_timeout(200)
    return Image.open(io.BytesIO(page.screenshot()))


def last_frame(browser, path):
    """Return the last frame of the film."""
    page = opened(browser, path)
    page.focus("#film")
    page.keyboard.press("End")
    return Image.open(io.BytesIO(page.locator("#film-section canvas.map").screenshot()))


def opened(browser, path, **how):
    """Return an open page."""
    page = browser.new_page(locale="en-US", **how)
    page.goto(path.as_uri())
    page.wait_for_selector("#page[data-ready]", state="attached")
    return page


def save(image, path):
    """Save a picture with 160 colors, which are enough."""
    image.convert("RGB").quantize(160, dither=Image.Dither.NONE).save(path, optimize=True)
    print(f"{path}: {path.stat().st_size / 1000:.0f} kB")


def main():
    """Train, draw, and save the pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="folder for the pictures; without it they are thrown away")
    parser.add_argument("--quick", action="store_true", help="few epochs: only to see that it works")
    options = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        out = options.out or Path(folder)
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = Path(folder, "page.html")
        digits_page(page, 2 if options.quick else 30)
        for scheme in ("light", "dark"):
            save(drawn(browser, page, scheme), out / f"report_{scheme}.png")
        maps = []
        for hidden in ([], [4]):
            xor_page(page, hidden, 5 if options.quick else 300)
            maps.append(last_frame(browser, page))
        both = Image.new("RGB", (2 * maps[0].width + 20, maps[0].height), "white")
        for i, each in enumerate(maps):
            both.paste(each, (i * (each.width + 20), 0))
        save(both, out / "report_xor.png")
        browser.close()


if __name__ == "__main__":
    main()
