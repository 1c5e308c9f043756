"""Digits drawn on the page, stroke by stroke: what it says, and what xpnet says of the same canvas."""

import base64
import io

import numpy as np
import pytest

import xpnet
from xpnet.cli import main
from xpnet.data import Scaling
from xpnet.data.images.drawing import FRAMINGS, frame
from xpnet.io import save
from xpnet.report import report_numbers

PAD = 280
DRAW = """strokes => {
  document.getElementById("clear").click();
  const pad = document.getElementById("pad"), box = pad.getBoundingClientRect();
  const tell = (name, [x, y]) => pad.dispatchEvent(new PointerEvent(name, {
    bubbles: true, pointerId: 1, clientX: box.left + pad.clientLeft + x, clientY: box.top + pad.clientTop + y}));
  for (const [from, to] of strokes) { tell("pointerdown", from); tell("pointermove", to); tell("pointerup", to); }
  return [pad.toDataURL("image/png"), xpnetPage.answer(xpnetPage.pad())];
}"""


def outline(image):
    """Return where an image of a digit is inked when it is enlarged, (PAD, PAD), bool."""
    padded = np.pad(image.reshape(8, 8).astype(float) / image.max(), 1)
    t = (np.arange(PAD) + 0.5) * 10 / PAD - 0.5
    i = np.clip(np.floor(t).astype(int), 0, 8)
    share = np.clip(t - i, 0.0, 1.0)
    weights = np.zeros((PAD, 10))
    weights[np.arange(PAD), i] += 1.0 - share
    weights[np.arange(PAD), i + 1] += share
    return weights @ padded @ weights.T > 0.45


def strokes(inside, pen=9):
    """Return strokes of a round pen that fill an outline, from left to right, as [[x, y], [x, y]]."""
    found = []
    deep = inside[: -2 * pen] & inside[2 * pen :]  # a pen's radius away from the upper and the lower edge
    for y in range(pen, PAD - pen, 5):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], deep[y - pen].astype(int), [0]])))
        for left, right in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            middle = (left + right) / 2
            found.append([[min(left + pen, middle), y], [max(right - pen, middle), y]])
    return found


def gray(url):
    image = pytest.importorskip("PIL.Image").open(io.BytesIO(base64.b64decode(url.split(",")[1])))
    return np.asarray(image.convert("L"), dtype=float)


def test_a_hundred_digits_are_drawn_and_read_as_xpnet_reads_them(opened, digits, digits_numbers):
    model, x, y, _ = digits
    page, right, apart = opened(digits_numbers), 0, 0.0
    for image, label in zip(x[:100], y[:100], strict=True):
        url, found = page.evaluate(DRAW, strokes(outline(image)))
        p = model.predict_proba(frame(gray(url), FRAMINGS[8]).reshape(1, -1))[0]
        apart = max(apart, float(np.abs(p - np.asarray(found["mean"])).max()))
        right += found["said"] == label
    assert apart < 1e-5
    assert right >= 90


def test_a_saved_drawing_is_predicted_by_the_command_line(
    opened, digits, digits_numbers, tmp_path, monkeypatch, capsys
):
    model, x, _, _ = digits
    page = opened(digits_numbers)
    _, found = page.evaluate(DRAW, strokes(outline(x[0])))
    with page.expect_download() as download:
        page.click("#save")
    download.value.save_as(tmp_path / "digit.png")
    monkeypatch.chdir(tmp_path)
    save("model.safetensors", model, data={"source": "digits", "path": None, "split": {"fraction": 0.2}})
    assert main(["predict", "model.safetensors", "digit.png", "--proba"]) == 0
    row = dict(zip(*(line.split(",") for line in capsys.readouterr().out.splitlines()), strict=True))
    assert row["prediction"] == str(found["said"])
    assert [float(row[f"p_{c}"]) for c in range(10)] == pytest.approx(found["mean"], abs=1e-5)


def test_a_digit_is_drawn_by_keys(opened, digits_numbers):
    page = opened(digits_numbers, viewport={"width": 1000, "height": 900})
    page.focus("#pad")
    for key in ["Space", *["ArrowDown"] * 14, "Space"]:
        page.keyboard.press(key)
    page.locator("#try output", has_text="%").wait_for()
    assert page.evaluate("document.getElementById('pad').getAttribute('aria-label')") == "pen at 140, 210, up"
    assert page.evaluate("xpnetPage.answer(xpnetPage.pad()).said") == 1
    page.keyboard.press("Delete")
    page.locator("#try output", has_text="Nothing is drawn yet.").wait_for()


def test_a_drawing_stays_when_the_language_changes(opened, digits, digits_numbers):
    page = opened(digits_numbers)
    _, found = page.evaluate(DRAW, strokes(outline(digits[1][3])))
    page.select_option("#language", "zh")
    assert page.evaluate("document.documentElement.lang") == "zh-Hans"
    assert page.evaluate("xpnetPage.answer(xpnetPage.pad()).mean") == found["mean"]
    assert "写一个数字" in page.inner_text("main")


@pytest.mark.parametrize(("side", "ink"), [(8, 16), (28, 256)])
def test_both_languages_see_the_same_pixels(opened, digits, side, ink):
    network = xpnet.Network([side**2, 10])
    model = xpnet.Model(network, network.initialize(seed=0), Scaling.divide_by(ink))
    page = opened(report_numbers(model))
    for image in digits[1][:3]:
        url, _ = page.evaluate(DRAW, strokes(outline(image)))
        pixels = np.asarray(page.evaluate("xpnetPage.pad()")).reshape(side, side)
        np.testing.assert_allclose(pixels, frame(gray(url), FRAMINGS[side]), rtol=0, atol=1e-9)
