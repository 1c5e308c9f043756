"""Expanding images: shifts, turns and bends, the same on every library."""

import numpy as np
import pytest
from tools import assert_at_home, assert_close, no_looking

from xpnet.backend import get, to_numpy
from xpnet.execution.loop import Loop
from xpnet.nn import Network
from xpnet.training import Expansion, train
from xpnet.training import loop as loop_module
from xpnet.training.batches.expansion import draw


@pytest.fixture
def image():
    x = np.zeros((5, 5))
    x[1, 1], x[1, 2], x[3, 2] = 1.0, 2.0, 3.0
    return x


def distorted(backend, expansion, image, draws):
    row = np.zeros((1, expansion.n_draws))
    row[0, : len(draws)] = draws
    return expansion.apply(backend.asarray(image.reshape(1, -1)), backend.asarray(row), expansion.fields(backend))


def test_no_draw_is_no_distortion(backend, image):
    for expansion in (Expansion(5), Expansion(5, shift=2.0, rotation=90.0, bend=1.0)):
        assert_close(backend, distorted(backend, expansion, image, [0.0]), image.reshape(1, -1))


def test_a_whole_shift_moves_every_pixel_and_fills_with_zero(backend, image):
    moved = distorted(backend, Expansion(5, shift=1.0), image, [1.0, 0.0])
    expected = np.vstack([image[1:], np.zeros((1, 5))])
    assert_close(backend, moved, expected.reshape(1, -1))
    moved = distorted(backend, Expansion(5, shift=1.0), image, [0.0, -1.0])
    expected = np.hstack([np.zeros((5, 1)), image[:, :-1]])
    assert_close(backend, moved, expected.reshape(1, -1))


def test_half_a_shift_is_the_mean_of_two_pixels(backend, image):
    moved = distorted(backend, Expansion(5, shift=1.0), image, [0.5, 0.0])
    expected = 0.5 * (image + np.vstack([image[1:], np.zeros((1, 5))]))
    assert_close(backend, moved, expected.reshape(1, -1))


def test_a_quarter_turn_is_that_of_numpy(backend, image):
    turned = to_numpy(distorted(backend, Expansion(5, rotation=90.0), image, [0.0, 0.0, 1.0])).reshape(5, 5)
    atol = 1e-5 if backend.dtype_name == "float32" else 1e-13  # cos(90 degrees) is not quite 0
    assert any(np.allclose(turned, np.rot90(image, k), atol=atol) for k in (1, 3))


def test_bending_moves_by_the_pixels_asked_for():
    expansion, home = Expansion(28, bend=1.5), get("numpy", dtype="float64")
    draws = draw(np.arange(400, dtype=np.int32), expansion.n_draws, (3, 4), home.dtype)
    row, column = expansion._sources(draws, expansion.fields(home))
    i, j = np.divmod(np.arange(784), 28)
    for moved in (row - i, column - j):
        assert np.sqrt((moved**2).mean()) == pytest.approx(1.5, rel=0.05)
        smooth = np.diff(moved.reshape(400, 28, 28), axis=2)
        assert np.sqrt((smooth**2).mean()) < 0.5  # neighbours stay neighbours


def test_draws_are_even_and_the_same_on_every_backend(backend):
    def places(home):
        return home.xp.arange(0, 2000, dtype=home.xp.int32, device=home.device)

    numpy = get("numpy", dtype=backend.dtype_name)
    here, there = (draw(places(home), 5, (1, 2), home.dtype) for home in (backend, numpy))
    assert_at_home(backend, here)
    assert to_numpy(here).tobytes() == there.tobytes()
    assert there.min() >= -1.0
    assert there.max() < 1.0
    counts, _ = np.histogram(there, bins=10, range=(-1, 1))
    assert np.abs(counts - 1000).max() < 5 * np.sqrt(900)


def test_training_sees_distorted_images_the_same_everywhere(backend, rng):
    x, y = rng.random((20, 25)), np.arange(20) % 2
    fit = {"epochs": 2, "batch_size": 8, "expand": Expansion(5, shift=1.0, rotation=10.0, bend=0.3)}
    numpy = get("numpy", dtype=backend.dtype_name)
    here = train(Network([25, 2]), (x, y), backend=backend, **fit)
    there = train(Network([25, 2]), (x, y), backend=numpy, **fit)
    assert_close(backend, here.parameters[0].w, to_numpy(there.parameters[0].w), "training")
    plain = train(Network([25, 2]), (x, y), backend=numpy, epochs=2, batch_size=8)
    assert np.abs(plain.parameters[0].w - there.parameters[0].w).max() > 1e-3


def test_distorting_never_looks_at_a_value(backend, rng, monkeypatch):
    class Guarded(Loop):
        def __call__(self, carry, inputs):
            with no_looking(backend):
                carry, outputs = Loop.__call__(self, carry, inputs)
            assert_at_home(backend, carry[0], inputs, outputs)
            return carry, outputs

    monkeypatch.setattr(loop_module, "executor", lambda step, library, steps=None: Guarded(step))
    x, y = rng.random((6, 25)), np.arange(6) % 2
    train(Network([25, 2]), (x, y), epochs=1, expand=Expansion(5, 1.0, 10.0, 0.3), backend=backend)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"side": 1}, "side must be at least 2, got 1"),
        ({"side": 5, "shift": -1.0}, "shift must be finite and at least 0, got -1.0"),
        ({"side": 5, "bend": float("nan")}, "bend must be finite and at least 0, got nan"),
    ],
)
def test_expansion_refuses_what_makes_no_sense(arguments, message):
    with pytest.raises(ValueError, match=message):
        Expansion(**arguments)


def test_train_refuses_an_expansion_of_another_size():
    with pytest.raises(ValueError, match=r"expand must have side \* side = 25 pixels, got side 4"):
        train(Network([25, 2]), (np.ones((4, 25)), np.arange(4) % 2), expand=Expansion(4))
