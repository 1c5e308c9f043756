"""``xpnet report`` and ``xpnet train --report``: which pages are written, and what is refused."""

import json
import re

import numpy as np
import pytest

from xpnet.io import load, save

QUICK = ("--epochs", "2", "--quiet")


def numbers_in(path):
    return json.loads(re.search(r'id="data">(.*?)</script>', path.read_text(), re.DOTALL)[1])


def test_training_writes_a_page_beside_the_model(xpnet, tmp_path):
    ran = xpnet("train", "--epochs", "3", "--validation", "0.1", "--report")
    assert ran.code == 0
    assert "page     xpnet-digits.html" in ran.out
    found = numbers_in(tmp_path / "xpnet-digits.html")
    assert found["curves"]["epoch"] == [1, 2, 3]
    assert found["curves"]["kept"] in (1, 2, 3)
    assert found["command"] == "xpnet train digits --validation 0.1 --epochs 3 --report"
    assert f"{100 * found['test']['accuracy']:.2f} %" in ran.out
    assert found["film"] is None


def test_the_page_of_a_saved_model_has_the_figures_of_evaluate(xpnet, tmp_path):
    xpnet("train", *QUICK)
    assert xpnet("report", "xpnet-digits.safetensors").out == "saved to xpnet-digits.html\n"
    figures = json.loads(xpnet("evaluate", "xpnet-digits.safetensors", "--json").out)
    found = numbers_in(tmp_path / "xpnet-digits.html")
    assert found["test"]["accuracy"] == figures["accuracy"]
    assert sum(map(sum, found["test"]["confusion"])) == found["test"]["rows"] == figures["rows"]


def test_a_table_of_an_ensemble_with_a_film(xpnet, table, tmp_path):
    ran = xpnet("train", table(), "--target", "kind", *QUICK, "--film", "-o", "m.safetensors")
    assert ran.code == 0, ran.err
    found = numbers_in(tmp_path / "m.html")
    assert found["film"]["names"] == ["width", "height"]
    assert found["film"]["epochs"] == [1, 2]
    assert found["model"]["members"] == 5
    assert found["importance"]["names"]
    assert xpnet("report", "m.safetensors", "--test", "clouds.csv", "-o", "all.html").code == 0
    assert numbers_in(tmp_path / "all.html")["test"]["rows"] == 60


def test_data_that_are_gone_are_told_on_the_page(xpnet, table, tmp_path):
    name = table()
    xpnet("train", name, "--target", "kind", *QUICK, "-o", "m.safetensors")
    (tmp_path / name).unlink()
    ran = xpnet("report", "m.safetensors")
    assert ran.code == 0
    assert "the page has no test figures" in ran.err
    found = numbers_in(tmp_path / "m.html")
    assert found["test"] is None
    assert name in found["why_no_test"]


def test_a_model_of_a_program_has_a_page(xpnet, tmp_path):
    xpnet("train", *QUICK)
    model = load("xpnet-digits.safetensors")
    save("own.safetensors", model, data={})
    assert xpnet("report", "own.safetensors").code == 0
    assert "without its data" in numbers_in(tmp_path / "own.html")["why_no_test"]


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("train", "--report", "data.csv"), 2, "--report must end in .html, got data.csv; DATA stands before it"),
        (("train", "--film", "--seeds", "2"), 2, "--film shows one model: leave out --seeds"),
        (("report", "none.safetensors"), 1, "none.safetensors"),
        (("report", "notes.html"), 1, "notes.html"),
        (("report", "m.safetensors", "-o", "notes.html"), 1, "notes.html was not written by xpnet report"),
        (("report", "m.safetensors", "-o", "."), 1, "is a folder"),
        (("report", "m.safetensors", "-o", "m.safetensors"), 1, "m.safetensors is an input file"),
        (("predict", "m.safetensors", "broken.png"), 1, "broken.png: must be a picture that can be read"),
        (("predict", "m.safetensors", "empty.png"), 1, "empty.png: picture must show a digit"),
        (("predict", "m.safetensors", "none.png"), 1, "none.png must be a picture file that exists"),
        (("predict", "m.safetensors", "folder.png"), 1, "folder.png must be a picture file that exists"),
        (("predict", "m.safetensors", "empty.png", "--id", "a"), 1, "--id needs a table"),
    ],
)
def test_bad_input_is_one_clear_line(xpnet, tmp_path, words, code, told):
    image = pytest.importorskip("PIL.Image")
    xpnet("train", "-o", "m.safetensors", *QUICK)
    (tmp_path / "notes.html").write_text("<p>my own notes</p>")
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    (tmp_path / "folder.png").mkdir()
    image.new("L", (50, 50), 255).save(tmp_path / "empty.png")
    ran = xpnet(*words)
    assert ran.code == code
    assert told in ran.err
    assert len(ran.err.splitlines()) == 1
    assert (tmp_path / "notes.html").read_text() == "<p>my own notes</p>"


def test_a_photo_is_read_as_its_inverse_and_its_copy_are(xpnet, tmp_path):
    image = pytest.importorskip("PIL.Image")
    xpnet("train", "-o", "m.safetensors", "--quiet")
    dark = np.full((90, 70, 3), 250, np.uint8)
    dark[15:75, 30:40] = (20, 30, 60)
    image.fromarray(dark).save(tmp_path / "one.png")
    image.fromarray(255 - dark).save(tmp_path / "light.bmp")
    image.fromarray(np.kron(dark, np.ones((3, 3, 1), np.uint8))).save(tmp_path / "large.tif")
    answers = {xpnet("predict", "m.safetensors", name, "--proba").out for name in ("one.png", "light.bmp", "large.tif")}
    assert len(answers) == 1
    assert "\n0,1," in answers.pop()


def test_a_picture_needs_a_model_of_images(xpnet, table, tmp_path):
    pytest.importorskip("PIL")
    xpnet("train", table(), "--target", "kind", *QUICK, "-o", "m.safetensors")
    (tmp_path / "a.png").write_bytes(b"")
    ran = xpnet("predict", "m.safetensors", "a.png")
    assert ran.code == 1
    assert "the model was not trained on images of digits" in ran.err
