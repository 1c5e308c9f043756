"""Sizes that change while directions stay; what the operators make of it is tested with them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tools import assert_close

from xpnet.backend import to_numpy
from xpnet.linalg.resizing import as_rows, from_rows, in_l1_ball, on_simplex, resized, shrunk


def test_resized_scales_and_leaves_zeros(backend):
    x, size = backend.asarray([[3.0, 4.0], [0.0, 0.0]]), backend.asarray([[5.0], [0.0]])
    assert_close(backend, resized(x, size, 2.0 * size), [[6.0, 8.0], [0.0, 0.0]])
    assert_close(backend, resized(x, size, size + 5.0), [[6.0, 8.0], [0.0, 0.0]])


def test_resized_keeps_every_bit_of_a_size_that_stays(backend, rng):
    x = backend.asarray(rng.standard_normal((50, 1)))
    size = 3.0 * backend.xp.abs(x)
    np.testing.assert_array_equal(to_numpy(resized(x, size, size)), to_numpy(x))


def test_shrunk_stops_at_0(backend):
    assert_close(backend, shrunk(backend.asarray([3.0, 1.0, 0.5]), backend.asarray([1.0])), [2.0, 0.0, 0.0])


def test_l1_ball_and_simplex_worked_by_hand(backend):
    v, one = backend.asarray([[3.0, 2.0], [0.5, 1.0]]), backend.asarray([[2.0]])
    assert_close(backend, in_l1_ball(v, one, (0, 1)), [[1.5, 0.5], [0.0, 0.0]])
    assert_close(backend, in_l1_ball(v, one, (1,)), [[1.5, 0.5], [0.5, 1.0]])
    assert_close(backend, on_simplex(v, one, (1,)), [[1.5, 0.5], [0.75, 1.25]])
    assert_close(backend, on_simplex(v, one, (0,)), [[2.0, 1.5], [0.0, 0.5]])


@given(data=st.data(), ndim=st.integers(0, 4))
def test_rows_go_back_to_where_they_were(data, ndim):
    shape = tuple(data.draw(st.lists(st.integers(0, 3), min_size=ndim, max_size=ndim)))
    axes = tuple(data.draw(st.permutations(range(ndim)))[: data.draw(st.integers(0, ndim))])
    x = np.arange(np.prod(shape, dtype=int)).reshape(shape)
    rows = as_rows(x, axes)
    assert rows.ndim == ndim - len(axes) + 1
    np.testing.assert_array_equal(from_rows(rows, axes, shape), x)
