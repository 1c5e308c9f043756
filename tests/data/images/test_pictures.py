"""Picture files as gray numbers: modes, transparency, orientation, and files that are refused."""

import numpy as np
import pytest

from xpnet.data import FormatError
from xpnet.data.images.pictures import is_picture, read_gray

Image = pytest.importorskip("PIL.Image", reason="needs Pillow")


def gradient():
    return np.arange(48, dtype=np.uint8).reshape(6, 8) * 5


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "LA", "CMYK"])
def test_every_mode_gives_the_same_brightness(tmp_path, mode):
    name = "a.tif" if mode == "CMYK" else "a.png"
    Image.fromarray(gradient()).convert(mode).save(tmp_path / name)
    np.testing.assert_allclose(read_gray(tmp_path / name), gradient(), rtol=0, atol=1.0)  # CMYK rounds


def test_sixteen_bits_are_scaled_to_the_brightest_pixel(tmp_path):
    Image.fromarray(gradient().astype(np.uint16) * 257).save(tmp_path / "a.png")
    np.testing.assert_allclose(read_gray(tmp_path / "a.png"), gradient() * (255.0 / 235.0), rtol=1e-12)


def test_what_is_transparent_is_white(tmp_path):
    pixels = np.zeros((2, 2, 4), np.uint8)
    pixels[0, 0] = (0, 0, 0, 255)
    pixels[0, 1] = (0, 0, 0, 51)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    np.testing.assert_allclose(read_gray(tmp_path / "a.png"), [[0.0, 204.0], [255.0, 255.0]])


def test_a_picture_is_turned_as_its_camera_says(tmp_path):
    image = Image.fromarray(gradient())
    exif = image.getexif()
    exif[0x0112] = 6  # the upper edge is on the right
    image.save(tmp_path / "a.png", exif=exif)
    np.testing.assert_array_equal(read_gray(tmp_path / "a.png"), np.rot90(gradient(), -1))


def test_colors_count_as_the_eye_sees_them(tmp_path):
    Image.fromarray(np.asarray([[[255, 0, 0], [0, 255, 0], [0, 0, 255]]], np.uint8)).save(tmp_path / "a.bmp")
    np.testing.assert_allclose(read_gray(tmp_path / "a.bmp"), [[76.245, 149.685, 29.07]])


@pytest.mark.parametrize("size", [(10_000, 6000), (10_000, 9500)])  # the second one is too large for Pillow as well
def test_a_picture_that_is_too_large_is_refused(tmp_path, size):
    Image.new("1", size).save(tmp_path / "a.png")
    with pytest.raises(FormatError, match=r"a\.png: must"):
        read_gray(tmp_path / "a.png")


def test_damaged_files_are_refused(tmp_path):
    path = tmp_path / "a.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (40, 40), np.uint8)).save(path)
    whole = path.read_bytes()
    for part in (whole[:200], b"", b"PK\x03\x04", whole[:40] + b"\xff" * 20 + whole[60:]):
        path.write_bytes(part)
        with pytest.raises(FormatError, match="must be a picture that can be read"):
            read_gray(path)
    with pytest.raises(FileNotFoundError, match="must be a picture file that exists"):
        read_gray(tmp_path / "none.png")


def test_endings_tell_pictures():
    assert [is_picture(name) for name in ("a.jpg", "a.JPEG", "b.csv", "a.png.csv")] == [True, True, False, False]
