"""Drawings become what the training images are: by hand, by invariance, and refused where nothing is drawn."""

from pathlib import Path

import numpy as np
import pytest

from xpnet.data import load_digits
from xpnet.data.images.drawing import FRAMINGS, frame


def blank(side=40):
    return np.full((side, side), 255.0)


def test_averages_by_hand():
    gray = np.full((6, 6), 255.0)
    gray[1:5, 1:5] = [[0, 255, 255, 0], [255, 255, 255, 255], [255, 255, 255, 255], [0, 255, 255, 0]]
    image = frame(gray, FRAMINGS[8])  # 4 x 4 pixels become 8 x 8
    expected = np.kron([[1, 0, 0, 1], [0, 0, 0, 0], [0, 0, 0, 0], [1, 0, 0, 1]], np.ones((2, 2))) * 16.0
    np.testing.assert_allclose(image, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("side", [8, 28])
def test_the_center_of_mass_is_in_the_middle_and_no_ink_is_lost(side):
    gray = blank()
    gray[5:30, 8:12] = 0.0
    gray[26:30, 8:20] = 100.0
    framing = FRAMINGS[side]
    image = frame(gray, framing)
    rows = (image.sum(axis=1) * (np.arange(side) + 0.5)).sum() / image.sum()
    if framing.box < side:  # there is room to move it
        assert rows == pytest.approx(framing.center, abs=0.01)  # a share of a pixel counts from the pixel's middle
    ink = (255.0 - gray).sum() / 255.0
    assert image.sum() / framing.ink == pytest.approx(ink * (framing.box / 25) ** 2)


def test_place_polarity_and_size_do_not_matter():
    gray = blank()
    gray[5:25, 10:14] = 0.0
    gray[5:9, 10:20] = 60.0
    expected = frame(gray, FRAMINGS[28])
    for other in (255.0 - gray, np.roll(gray, (9, 6), axis=(0, 1)), np.kron(gray, np.ones((3, 3))), gray / 2.0 + 10.0):
        np.testing.assert_allclose(frame(other, FRAMINGS[28]), expected, rtol=0, atol=1e-9)


def test_images_of_the_training_set_stay_nearly_as_they_are():
    digits = load_digits().x[:50].reshape(-1, 8, 8).astype(float)
    apart = []
    for image in digits:
        large = np.pad(np.kron(255.0 - 255.0 * image / 16.0, np.ones((10, 10))), 20, constant_values=255.0)
        apart.append(np.abs(frame(large, FRAMINGS[8]) - image).mean())
    assert np.mean(apart) < 1.5  # of 16


@pytest.mark.parametrize("gray", [blank(), np.full((3, 3), 250.0), np.zeros((1, 1))])
def test_paper_without_ink_is_refused(gray):
    with pytest.raises(ValueError, match="picture must show a digit that is darker or lighter than its paper"):
        frame(gray, FRAMINGS[8])


@pytest.mark.parametrize("gray", [np.zeros((0, 4)), np.zeros(4), np.full((4, 4), np.nan)])
def test_what_is_no_picture_is_refused(gray):
    with pytest.raises(ValueError, match="gray must be a picture of finite numbers"):
        frame(gray, FRAMINGS[8])


SHARED = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "mnist.npz"


@pytest.mark.skipif(not SHARED.is_file(), reason="needs mnist.npz in the folder shared/data beside the project")
def test_images_of_mnist_lie_where_a_drawing_is_put():
    with np.load(SHARED) as arrays:
        images = arrays["x_test"][:300].reshape(-1, 28, 28).astype(float)
    apart = [frame(255.0 - np.kron(image, np.ones((4, 4))), FRAMINGS[28]) - image for image in images]
    assert np.mean(np.abs(apart)) < 8.0  # of 255; with the center at 14 it is 13.5
