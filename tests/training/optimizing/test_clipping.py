"""Gradient clipping."""

import numpy as np
import pytest
from tools import assert_close

from xpnet.backend import to_numpy
from xpnet.nn import Layer
from xpnet.training import clip_norm, clip_value


def test_clip_norm_shortens_all_gradients_together(backend):
    g = (Layer(backend.asarray([[3.0, 0.0]]), backend.asarray([[4.0]])),)
    ((w, b),) = clip_norm(1.0)(g)
    assert_close(backend, w, [[0.6, 0.0]])
    assert_close(backend, b, [[0.8]])


def test_clip_norm_leaves_short_gradients_bit_for_bit(backend, rng):
    g = backend.asarray(rng.standard_normal((3, 4)))
    np.testing.assert_array_equal(to_numpy(clip_norm(100.0)((g,))[0]), to_numpy(g))
    zero = clip_norm(1.0)((0.0 * g,))[0]
    assert not to_numpy(zero).any()


def test_clip_norm_measures_each_network_of_a_stack(backend):
    g = backend.asarray([[[3.0, 4.0]], [[0.3, 0.4]]])
    assert_close(backend, clip_norm(1.0)((g,))[0], [[[0.6, 0.8]], [[0.3, 0.4]]])


def test_clip_value_clips_each_entry(backend):
    (w,) = clip_value(1.0)((backend.asarray([[100.0, -100.0, 0.5]]),))
    assert_close(backend, w, [[1.0, -1.0, 0.5]])


@pytest.mark.parametrize("limit", [0.0, -1.0, float("nan"), 10**400])
@pytest.mark.parametrize("make", [clip_norm, clip_value])
def test_clipping_wants_a_limit_above_zero(make, limit):
    with pytest.raises(ValueError, match="limit must be finite and above 0, got"):
        make(limit)
    with pytest.raises(TypeError, match="limit must be a number, got '1'"):
        make("1")
