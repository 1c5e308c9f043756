"""QR decomposition, the library's and the one by our own reflections."""

import numpy as np
import pytest
from tools import assert_at_home, assert_near, random_matrix

from xpnet.backend import to_numpy
from xpnet.linalg import qr
from xpnet.linalg.factorizations.householder import householder_qr
from xpnet.linalg.factorizations.library import library_qr

SHAPES = [(4, 3), (3, 4), (4, 4), (5, 1), (2, 4, 3), (3, 0), (0, 3)]


def check(backend, a, q, r, complete):
    host, q_host, r_host = (np.asarray(to_numpy(x)) for x in (a, q, r))
    m, n = a.shape[-2:]
    width = m if complete else min(m, n)
    assert (q.shape[-2:], r.shape[-2:]) == ((m, width), (width, n))
    assert_at_home(backend, q, r)
    tolerance = 1e-5 if backend.dtype_name == "float32" else 1e-14
    np.testing.assert_allclose(q_host @ r_host, host, atol=tolerance * 10)
    identity = np.broadcast_to(np.eye(width), (*a.shape[:-2], width, width))
    np.testing.assert_allclose(q_host.conj().swapaxes(-1, -2) @ q_host, identity, atol=tolerance)
    np.testing.assert_array_equal(np.triu(r_host), r_host)


@pytest.mark.parametrize("kind", ["real", "complex"])
@pytest.mark.parametrize("shape", SHAPES)
def test_qr_is_orthonormal_times_triangular(backend, rng, shape, kind):
    a = random_matrix(backend, rng, shape, kind)
    for mode in ("reduced", "complete"):
        q, r = qr(a, mode)
        check(backend, a, q, r, mode == "complete")
    assert_near(backend, qr(a, "r"), qr(a).R, 1e-6)


@pytest.mark.parametrize("kind", ["real", "complex"])
@pytest.mark.parametrize("shape", [(4, 3), (3, 4), (2, 4, 3)])
def test_reflections_give_the_librarys_decomposition_up_to_signs(backend, rng, shape, kind):
    a = random_matrix(backend, rng, shape, kind)
    for complete in (False, True):
        q, r = householder_qr(a, complete)
        check(backend, a, q, r, complete)
    expected = np.abs(to_numpy(library_qr(a)[1]))
    assert_near(backend, backend.xp.abs(householder_qr(a)[1]), expected, 1e-5 if "32" in backend.dtype_name else 1e-13)


def test_reflections_of_dependent_columns_and_extreme_sizes_stay_orthonormal(backend):
    big, small = {"float32": (1e30, 1e-30), "float64": (1e200, 1e-200)}[backend.dtype_name]
    for host in ([[1.0, 2.0], [1.0, 2.0], [1.0, 2.0]], np.zeros((3, 2)), [[big, small], [big, 0.0], [0.0, small]]):
        a = backend.asarray(host)
        q, r = householder_qr(a)
        identity = to_numpy(q).T @ to_numpy(q)
        np.testing.assert_allclose(identity, np.eye(2), atol=1e-6)
        np.testing.assert_allclose(
            to_numpy(q) @ to_numpy(r), np.asarray(host), rtol=1e-5, atol=1e-6 * np.abs(host).max()
        )


def test_bad_arguments_are_named(backend):
    for bad, mode, words in [
        (backend.full((3,)), "reduced", "must have shape"),
        (backend.full((2, 2), float("nan")), "reduced", r"a must be finite, got nan at \(0, 0\)"),
        (backend.full((2, 2)), "raw", "mode must be reduced, complete or r, got 'raw'"),
    ]:
        with pytest.raises(ValueError, match=words):
            qr(bad, mode)
