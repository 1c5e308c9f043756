"""Thresholds and radii as arrays that fit; what is refused is tested with the operators."""

import numpy as np
import pytest
from tools import assert_close, complex_array

from xpnet.backend import to_numpy
from xpnet.linalg.proximal.levels import as_level, nonnegative, positive


@pytest.mark.parametrize(
    ("t", "axes", "expected"),
    [
        (2.5, (1,), [[[2.5]]]),
        (np.float32(2.5), (0, 1, 2), [[[2.5]]]),
        (np.asarray(3), (0, 1, 2), [[[3.0]]]),
        ([1.0, 2.0, 3.0, 4.0], (0, 1), [[[1.0, 2.0, 3.0, 4.0]]]),
        ([[1], [2]], (1,), [[[1.0] * 4], [[2.0] * 4]]),
        ([5.0, 6.0, 7.0], (2, 0), [[[5.0], [6.0], [7.0]]]),
    ],
)
def test_as_level_stands_where_it_is_needed(backend, t, axes, expected):
    x = backend.full((2, 3, 4))
    assert_close(backend, as_level(t, "t", x, axes), expected)
    if np.ndim(t):
        assert_close(backend, as_level(backend.asarray(t), "t", x, axes), expected)


def test_as_level_takes_the_precision_of_complex_numbers(backend):
    x = complex_array(backend, [1j, 2.0])
    for t in (1.0, np.asarray(1.0)):
        assert_close(backend, as_level(t, "t", x, (0,)), [1.0])


def test_levels_may_be_without_bound():
    x = np.zeros(2)
    assert to_numpy(nonnegative(np.inf, "t", x, (0,))) == np.inf
    assert to_numpy(as_level(-np.inf, "low", x, (0,))) == -np.inf


def test_positive_refuses_0_and_infinity():
    for t in (0, 0.0, -1.0, np.inf, np.nan):
        with pytest.raises(ValueError, match=f"total must be above 0 and finite, got {t}"):
            positive(t, "total", np.zeros(2), (0,))
