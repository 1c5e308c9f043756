"""Orthonormal bases: their quality, projections and completion."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tools import assert_close

from xpnet.backend import to_numpy
from xpnet.linalg.orthogonal.basis import complete_basis, is_orthonormal, orthogonality_loss, project
from xpnet.linalg.orthogonal.gram_schmidt import gram_schmidt

Q = [[0.6, 0.0], [0.8, 0.0], [0.0, 0.0]]  # the second column was dropped


@pytest.fixture
def eager(backend):
    """`backend`, but for JAX, which compiles every operation anew for every shape."""
    if backend.name == "jax":
        pytest.skip("JAX would compile for seconds: it is tested on a few shapes")
    return backend


def test_project_by_hand(backend):
    q = backend.asarray(Q)
    # 0.6 * 5 + 0.8 * 10 = 11
    assert_close(backend, project(backend.asarray([5.0, 10.0, 7.0]), q), [6.6, 8.8, 0.0])
    columns = backend.asarray([[5.0, 0.0], [10.0, 0.0], [7.0, 1.0]])
    assert_close(backend, project(columns, q), [[6.6, 0.0], [8.8, 0.0], [0.0, 0.0]])


def test_project_takes_stacks(eager, rng):
    a, x = rng.normal(size=(2, 5, 3)), rng.normal(size=(5, 4))
    q = eager.asarray(gram_schmidt(a).q)
    found = project(eager.asarray(x), q)
    for i in range(2):
        expected = a[i] @ np.linalg.lstsq(a[i], x)[0]
        assert_close(eager, found[i, ...], expected, "product")
    assert project(eager.asarray(x[:, 0]), q).shape == (2, 5)


def test_project_complex_onto_complex(backend):
    dtype = {"float32": backend.xp.complex64, "float64": backend.xp.complex128}[backend.dtype_name]
    q = backend.xp.asarray(np.asarray([[0.6], [0.8j]]), dtype=dtype, device=backend.device)
    found = to_numpy(project(backend.asarray([0.0, 1.0]), q))  # q^H x = -0.8i
    np.testing.assert_allclose(found, [-0.48j, 0.64], atol=1e-7)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 6), st.integers(0, 6))
def test_projecting_twice_is_projecting_once_and_leaves_a_right_angle(seed, m, n):
    rng = np.random.default_rng(seed)
    q, x = gram_schmidt(rng.normal(size=(m, n))).q, rng.normal(size=m)
    once = project(x, q)
    np.testing.assert_allclose(project(once, q), once, atol=1e-13)
    np.testing.assert_allclose(q.T @ (x - once), np.zeros(n), atol=1e-13)


@pytest.mark.parametrize("x", [np.ones(2), np.ones((2, 1)), np.ones(()), np.ones((3, 2, 4))])
def test_project_refuses_what_does_not_fit(x):
    with pytest.raises(ValueError, match=r"x must have shape \(3,\) or \(\.\.\., 3, p\) to fit q"):
        project(x, np.asarray(Q))


def test_orthogonality_loss_by_hand(backend):
    q = backend.asarray([[[1.0, 0.6, 0.0], [0.0, 0.8, 0.0]], [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]], [[0.0] * 3] * 2])
    assert_close(backend, orthogonality_loss(q), [0.6, 0.0, 0.0])


def test_orthogonality_loss_of_single_and_empty_matrices(eager):
    assert_close(eager, orthogonality_loss(eager.asarray([[2.0]])), 3.0)
    assert_close(eager, orthogonality_loss(eager.full((3, 0))), 0.0)
    assert_close(eager, orthogonality_loss(eager.full((2, 0, 3))), [0.0, 0.0])


def test_orthogonality_loss_is_the_spectral_norm(float64, rng):
    q = rng.normal(size=(3, 7, 4))
    expected = [np.linalg.norm(np.eye(4) - x.T @ x, 2) for x in q]
    assert_close(float64, orthogonality_loss(float64.asarray(q)), expected)


def test_orthogonality_loss_may_be_infinite():
    assert orthogonality_loss(np.asarray([[[1e200, 0.0], [0.0, 1.0]], np.eye(2)])).tolist() == [np.inf, 0.0]


def test_is_orthonormal_of_each_matrix(backend, rng):
    a = rng.normal(size=(4, 6, 3))
    q = gram_schmidt(a).q
    bent = q + 1e-3 * np.asarray([0.0, 1.0, 0.0, 0.0])[:, None, None]
    found = is_orthonormal(backend.asarray(bent))
    assert found.dtype == backend.xp.bool
    assert to_numpy(found).tolist() == [True, False, True, True]
    assert to_numpy(is_orthonormal(backend.asarray(bent), tol=0.1)).tolist() == [True] * 4
    assert bool(is_orthonormal(backend.asarray(Q)))
    assert not bool(is_orthonormal(backend.asarray([[1.0, 1.0]])))


def test_complete_basis_by_hand(backend):
    found = to_numpy(complete_basis(backend.asarray([[0.0, 0.6], [0.0, 0.8]])))
    np.testing.assert_allclose(found[:, 0], [0.6, 0.8], rtol=1e-6)
    np.testing.assert_allclose(np.abs(found[:, 1]), [0.8, 0.6], rtol=1e-6)
    assert found[0, 1] * found[1, 1] < 0.0


@pytest.mark.parametrize("shape", [(5, 3), (3, 5), (4, 4)])
def test_complete_basis_keeps_what_there_is_and_adds_what_is_missing(eager, rng, shape):
    a = rng.normal(size=(3, *shape))
    a[1, :, 1], a[2] = 2.0 * a[1, :, 0], 0.0
    q, _, rank, kept = gram_schmidt(a.astype(eager.dtype_name))
    found = complete_basis(eager.asarray(q))
    m = shape[0]
    assert found.shape == (3, m, m)
    assert np.all(to_numpy(orthogonality_loss(found)) < (2e-6 if eager.dtype_name == "float32" else 4e-15))
    assert np.all(np.any(to_numpy(found) != 0.0, axis=-2))
    for i in range(3):
        np.testing.assert_array_equal(to_numpy(found)[i, :, : rank[i]], q[i][:, kept[i]])


@pytest.mark.parametrize("shape", [(3, 0), (0, 0), (0, 2), (0, 3, 2)])
def test_complete_basis_of_nothing_is_a_whole_basis(eager, shape):
    found = complete_basis(eager.full(shape))
    assert found.shape == (*shape[:-2], shape[-2], shape[-2])
    np.testing.assert_array_equal(np.abs(to_numpy(found)), np.broadcast_to(np.eye(shape[-2]), found.shape))


@pytest.mark.parametrize("function", [orthogonality_loss, is_orthonormal, complete_basis])
def test_bases_must_be_finite_matrices(function):
    with pytest.raises(ValueError, match=r"q must have shape \(\.\.\., m, n\), got \(2,\)"):
        function(np.ones(2))
    with pytest.raises(ValueError, match=r"q must be finite, got nan at \(0, 0\)"):
        function(np.full((2, 2), np.nan))
