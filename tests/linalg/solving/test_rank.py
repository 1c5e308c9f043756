"""Ranks and condition numbers."""

from math import inf, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tools import assert_close, complex_array

from xpnet.backend import LinAlgError, to_numpy
from xpnet.linalg import cond, effective_rank, matrix_rank, stable_rank

A, B = [[1.0, 3.0], [5.0, 7.0]], 0.1 * np.asarray([[1, 2, 3], [6, 0, 5], [3, 2, 1]])
C = [[1.0, 0.0, 1.0], [0.0, -2.0, 0.0], [0.0, 0.0, 3.0]]


def test_matrix_rank_counts_directions(backend, rng):
    eye = np.eye(4)
    deficient = np.diag([1.0, 1.0, 1.0, 0.0])
    assert to_numpy(matrix_rank(backend.asarray(np.stack([deficient, eye, 0 * eye])))).tolist() == [3, 4, 0]
    low = rng.standard_normal((10, 3)) @ rng.standard_normal((3, 8))
    assert int(matrix_rank(backend.asarray(low))) == 3
    assert int(matrix_rank(complex_array(backend, low * 1j))) == 3
    assert int(matrix_rank(backend.asarray([1.0, 0.0]))) == 1
    assert int(matrix_rank(backend.full((4,)))) == 0


def test_matrix_rank_takes_a_tolerance_of_either_kind(backend):
    a = backend.asarray(np.diag([2.0, 2.0, 1e-3]))
    for how, rank in [({"tol": 0.9e-3}, 3), ({"tol": 1.1e-3}, 2), ({"rtol": 0.4e-3}, 3), ({"rtol": 0.6e-3}, 2)]:
        assert int(matrix_rank(a, **how)) == rank
        assert int(matrix_rank(a, hermitian=True, **how)) == rank
    stack = backend.xp.stack([a, a])
    assert to_numpy(matrix_rank(stack, rtol=backend.asarray([0.4e-3, 0.6e-3]))).tolist() == [3, 2]
    with pytest.raises(ValueError, match="can't be both set"):
        matrix_rank(a, tol=0.1, rtol=0.1)


def test_condition_numbers_have_their_known_values(backend):
    assert_close(backend, cond(backend.asarray(A)), 10.40388203202209, "product")
    assert_close(backend, cond(backend.asarray(B)), 4.5600469598788305, "product")
    assert_close(backend, cond(backend.asarray(A), -2), 1 / 10.40388203202209, "product")
    for p, expected in [(inf, 4.0), (-inf, 2 / 3), (1, 4.0), (-1, 0.5), ("fro", (265 / 12) ** 0.5)]:
        assert_close(backend, cond(backend.asarray(C), p), expected, "product")
        assert_close(backend, cond(complex_array(backend, np.asarray(C) * (1 + 1j)), p), expected, "product")
    tall = backend.asarray([[3.0, 0.0], [0.0, 2.0], [0.0, 0.0]])
    assert_close(backend, cond(tall), 1.5, "product")


def test_singular_matrices_are_infinitely_ill_conditioned_and_nan_passes_through(backend):
    stack = backend.asarray([A, [[0.0, 0.0], [0.0, 0.0]], [[1.0, nan], [0.0, 1.0]], [[inf, 0.0], [0.0, 1.0]]])
    for p in (None, 1, 2, -1, -2, "fro", inf):
        found = to_numpy(cond(stack, p))
        assert np.isfinite(found[0])
        assert np.isposinf(found[1])
        assert np.isnan(found[2:]).all()


def test_cond_refuses_what_has_none(backend):
    with pytest.raises(LinAlgError, match="not be empty"):
        cond(backend.full((0, 0)))
    with pytest.raises(LinAlgError, match="must be square"):
        cond(backend.full((3, 2)), 1)
    with pytest.raises(ValueError, match="ord must be one of"):
        cond(backend.asarray(A), 3)


def test_soft_ranks_have_their_known_values(backend):
    assert_close(backend, stable_rank(backend.asarray(A)), 1.0092386637682051, "product")
    assert_close(backend, effective_rank(backend.asarray(A)), 1.3460295398951492, "product")
    assert_close(backend, stable_rank(backend.asarray(B)), 1.1306238810785831, "product")
    assert_close(backend, effective_rank(backend.asarray(B)), 2.383438378128639, "product")
    stack = backend.asarray(np.stack([np.eye(3), np.zeros((3, 3)), np.ones((3, 3))]))
    assert_close(backend, stable_rank(stack), [3.0, 0.0, 1.0], "product")
    # entropy of rounding: small, but not nothing
    assert_close(backend, effective_rank(stack), [3.0, 0.0, 1.0], "product")


@given(st.integers(0, 2**31), st.integers(1, 5), st.integers(1, 5))
def test_soft_ranks_are_no_larger_than_the_rank(seed, m, n):
    a = np.random.default_rng(seed).standard_normal((m, n))
    assert 1.0 - 1e-12 <= stable_rank(a) <= min(m, n) * (1 + 1e-12)
    assert 1.0 - 1e-12 <= effective_rank(a) <= min(m, n) * (1 + 1e-12)
    assert stable_rank(1e200 * a) == pytest.approx(stable_rank(a), rel=1e-12)


def test_cond_of_order_minus_two_is_zero_for_singular_matrices(backend):
    assert float(to_numpy(cond(backend.asarray(np.diag([1.0, 0.0])), -2))) == 0.0
    assert to_numpy(cond(backend.asarray([np.diag([2.0, 1.0]), np.diag([1.0, 0.0])]), -2)).tolist() == [0.5, 0.0]
    assert np.isposinf(to_numpy(cond(backend.full((2, 2)), -2)))  # 0/0, as in NumPy


@pytest.mark.parametrize("p", [None, 1, -2, "fro"])
def test_an_empty_stack_has_no_condition_numbers(backend, p):
    assert cond(backend.asarray(np.zeros((0, 2, 2))), p).shape == (0,)
