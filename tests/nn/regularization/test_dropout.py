"""Dropout masks: the same everywhere, fair, and without pattern."""

import numpy as np
import pytest
from tools import assert_at_home

from xpnet.backend import get, to_numpy
from xpnet.counter_rng import scramble
from xpnet.nn import dropout_mask

KEYS = (-123456789, 987654321)
KNOWN = ["10110011", "11010001", "10000101", "10010000"]


def places(backend, start, stop, shape=(-1,)):
    drawn = backend.xp.arange(start, stop, dtype=backend.xp.int32, device=backend.device)
    return backend.xp.reshape(drawn, shape)


def test_mask_is_bit_for_bit_the_same_on_every_backend(backend):
    numpy = get("numpy", dtype=backend.dtype_name)
    here = dropout_mask(places(backend, 0, 60, (3, 20)), 17, KEYS, 0.3, backend.dtype)
    there = dropout_mask(places(numpy, 0, 60, (3, 20)), 17, KEYS, 0.3, numpy.dtype)
    assert_at_home(backend, here)
    assert to_numpy(here).tobytes() == there.tobytes()
    assert tuple(here.shape) == (3, 20, 17)


def test_mask_is_known():
    # the hash is part of what a seed means: a change of it would change every network trained with dropout
    numpy = get("numpy")
    kept = dropout_mask(places(numpy, 0, 4), 8, KEYS, 0.5, numpy.dtype) > 0
    assert ["".join("01"[v] for v in row) for row in kept.astype(int)] == KNOWN


def test_mask_of_a_place_does_not_depend_on_its_batch():
    numpy = get("numpy")
    whole = dropout_mask(places(numpy, 0, 100), 9, KEYS, 0.5, numpy.dtype)
    np.testing.assert_array_equal(dropout_mask(places(numpy, 40, 60), 9, KEYS, 0.5, numpy.dtype), whole[40:60])


@pytest.mark.parametrize("rate", [0.0, 0.1, 0.5, 0.9])
def test_mask_keeps_its_share_and_the_mean(rate):
    numpy = get("numpy", dtype="float64")
    mask = dropout_mask(places(numpy, 0, 2000), 500, KEYS, rate, numpy.dtype)
    share = (mask == 0).mean()
    assert abs(share - rate) <= 4.0 * np.sqrt(rate * (1 - rate) / mask.size)
    assert set(np.unique(mask)) <= {0.0, 1.0 / (1.0 - rate)}


def test_masks_show_no_correlation():
    numpy = get("numpy", dtype="float64")
    draws = dropout_mask(places(numpy, 0, 4000), 256, KEYS, 0.5, numpy.dtype) - 1.0  # each -1 or 1
    other = dropout_mask(places(numpy, 0, 4000), 256, (KEYS[0], KEYS[1] + 1), 0.5, numpy.dtype) - 1.0
    limit = 4.5 / np.sqrt(draws.size)
    for lag in (1, 2, 3, 7, 8, 10, 16, 64, 100, 128):
        assert abs((draws[lag:] * draws[:-lag]).mean()) < limit * 1.1, f"rows {lag} apart"
        assert abs((draws[:, lag:] * draws[:, :-lag]).mean()) < limit * 1.6, f"units {lag} apart"
    assert abs((draws * other).mean()) < limit
    assert np.abs(draws.mean(axis=0)).max() < 5.0 / np.sqrt(4000)
    assert np.abs(draws.mean(axis=1)).max() < 5.5 / np.sqrt(256)


def test_scramble_is_a_bijection_on_a_sample():
    x = np.arange(-(2**19), 2**19, dtype=np.int32) * np.int32(4093)
    assert np.unique(scramble(x)).size == np.unique(x).size
