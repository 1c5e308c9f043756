"""The singular value decomposition: LAPACK's own ratios, signs, and what happens when LAPACK fails."""

from math import inf, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tools import assert_at_home, assert_close, assert_near, flushes, random_matrix

from xpnet.backend import LinAlgError, get, to_numpy
from xpnet.linalg import flip_signs, svd, svdvals
from xpnet.linalg.factorizations import library
from xpnet.linalg.factorizations.library import jacobi_svd, library_svd, library_svdvals
from xpnet.linalg.factorizations.svd import SVD

SLOW_ON_JAX = "JAX compiles every round of rotations anew; it brings an SVD of its own"
SHAPES = [(5, 5), (7, 3), (3, 7), (1, 4), (4, 1), (2, 6, 4)]


def ratios(backend, a, factors):
    """Return LAPACK's test ratios: residual, orthogonality of u and of v, in units of rounding."""
    a, u, s, vh = (np.asarray(to_numpy(x), dtype="clongdouble") for x in (a, *factors))
    m, n = a.shape[-2:]
    eps = float(np.finfo(backend.dtype_name).eps)
    size = np.maximum(s.real.max(initial=0.0), np.longdouble(np.finfo(backend.dtype_name).smallest_subnormal))
    k = s.shape[-1]
    rebuilt = (u[..., :k] * s[..., None, :]) @ vh[..., :k, :]
    norms = [
        float(np.abs(a - rebuilt).max()) / (size * max(m, n) * eps),
        float(np.abs(u.conj().swapaxes(-1, -2) @ u - np.eye(u.shape[-1])).max()) / (m * eps),
        float(np.abs(vh @ vh.conj().swapaxes(-1, -2) - np.eye(vh.shape[-2])).max()) / (n * eps),
    ]
    s = s.real
    assert (s >= 0).all()
    assert (s[..., :-1] >= s[..., 1:]).all()
    return norms


def lapack_types(backend, rng, m, n):
    """Yield the kinds of matrices that LAPACK's xDRVBD is tested with."""
    tiny, top = float(np.finfo(backend.dtype_name).smallest_normal), float(np.finfo(backend.dtype_name).max)
    u = np.linalg.qr(rng.standard_normal((m, m)))[0][:, : min(m, n)]
    v = np.linalg.qr(rng.standard_normal((n, n)))[0][:, : min(m, n)]
    k = min(m, n)
    even = np.linspace(1.0, 1.0 / k, k)
    yield "zero", np.zeros((m, n))
    yield "identity", np.eye(m, n)
    yield "even near 1", (u * even) @ v.T
    yield "even near underflow", (u * even) @ v.T * (tiny * 4)
    yield "even near overflow", (u * even) @ v.T * (top / 8)
    yield "graded", (u * np.geomspace(1.0, 1e-25, k)) @ v.T
    yield "graded rows", rng.standard_normal((m, n)) * np.geomspace(1.0, 1e-20, m)[:, None]
    yield "one large entry", rng.standard_normal((m, n)) * 1e-12 + (np.arange(m * n).reshape(m, n) == 1)


@pytest.mark.parametrize("shape", [(12, 12), (20, 6), (6, 20)])
@pytest.mark.parametrize("full", [False, True])
def test_svd_keeps_lapacks_ratios_below_thirty_on_lapacks_matrices(backend, rng, shape, full):
    for name, host in lapack_types(backend, rng, *shape):
        if flushes(backend) and "underflow" in name:
            continue
        a = backend.asarray(host)
        assert max(ratios(backend, a, svd(a, full))) < 30.0, name
        values, s = to_numpy(svdvals(a)), to_numpy(svd(a, full).S)
        np.testing.assert_allclose(values, s, rtol=0, atol=30 * np.finfo(s.dtype).eps * s.max(initial=0.0))


@pytest.mark.parametrize("kind", ["real", "complex"])
@pytest.mark.parametrize("shape", SHAPES)
def test_svd_rebuilds_its_matrix_from_orthonormal_factors(backend, rng, shape, kind):
    a = random_matrix(backend, rng, shape, kind)
    m, n = shape[-2:]
    for full in (False, True):
        u, s, vh = svd(a, full)
        k = min(m, n)
        assert (u.shape[-1], s.shape[-1], vh.shape[-2]) == ((m, k, n) if full else (k, k, k))
        assert_at_home(backend, u, s, vh)
        assert u.dtype == vh.dtype == a.dtype
        assert max(ratios(backend, a, (u, s, vh))) < 30.0
    values = svd(a, compute_uv=False)
    assert_close(backend, values, np.linalg.svd(np.asarray(to_numpy(a)), compute_uv=False), "product")


def test_svd_has_the_values_worked_by_hand(backend):
    u, s, vh = svd(backend.asarray([[0.0, -2.0], [3.0, 0.0], [0.0, 0.0]]), full_matrices=False)
    assert_close(backend, s, [3.0, 2.0])
    assert_close(backend, u, [[0.0, 1.0], [1.0, 0.0], [0.0, 0.0]])
    assert_close(backend, vh, [[1.0, 0.0], [0.0, -1.0]])


@pytest.mark.parametrize("kind", ["real", "complex"])
def test_signs_are_settled_and_do_not_depend_on_the_library(backend, rng, kind):
    a = random_matrix(backend, rng, (6, 4), kind)
    u, s, vh = svd(a)
    host = np.asarray(to_numpy(u))
    largest = np.take_along_axis(host, np.abs(host).argmax(axis=0)[None], axis=0)
    tolerance = 8 * np.finfo(backend.dtype_name).eps
    assert (largest.real > 0).all()
    assert (np.abs(largest.imag) < tolerance).all()
    flipped = flip_signs(SVD(-1.0 * u, s, -1.0 * vh))
    assert_near(backend, flipped.U, u, tolerance)
    assert_near(backend, flipped.Vh, vh, tolerance)


def test_ties_between_largest_entries_are_settled_alike_whatever_the_noise(backend):
    for noise in (-1e-7, 1e-7) if backend.dtype_name == "float32" else (-1e-15, 1e-15):
        u, _, _ = svd(backend.asarray([[1.0, 0.0], [-1.0 + noise, 0.0]]))
        assert float(to_numpy(u)[0, 0]) > 0.7
        u, _, _ = svd(backend.asarray([[0.0, 80.0 - k] for k in range(10)]))
    assert (to_numpy(svd(backend.asarray(np.arange(80.0).reshape(10, 8))).U)[:, :2].max(axis=0) > 0.3).all()


def test_svd_of_a_hermitian_matrix_by_its_eigenvalues(backend, rng):
    for kind in ("real", "complex"):
        b = random_matrix(backend, rng, (2, 5, 5), kind)
        a = b + (backend.xp.conj(b.mT) if kind == "complex" else b.mT)
        factors = svd(a, hermitian=True)
        assert max(ratios(backend, a, factors)) < 30.0
        assert_near(backend, svdvals(a, hermitian=True), factors.S, 1e-5 if backend.dtype_name == "float32" else 1e-13)


def test_empty_matrices_have_identities_for_vectors(backend):
    for shape in [(4, 0), (0, 4), (0, 0), (2, 3, 0), (0, 3, 2)]:
        u, s, vh = svd(backend.full(shape))
        m, n = shape[-2:]
        assert (u.shape[-2:], vh.shape[-2:], s.shape[-1]) == ((m, m), (n, n), min(m, n))
        np.testing.assert_array_equal(to_numpy(u), np.broadcast_to(np.eye(m), u.shape))
        assert svdvals(backend.full(shape)).shape == (*shape[:-2], min(m, n))


def test_nan_and_infinity_are_named_before_lapack_sees_them(backend):
    host = np.ones((2, 3, 4))
    for bad in (nan, inf, -inf):
        host[1, 2, 0] = bad
        with pytest.raises(ValueError, match=rf"a must be finite, got {bad} at \(1, 2, 0\)"):
            svd(backend.asarray(host))
        with pytest.raises(ValueError, match="a must be finite"):
            svdvals(backend.asarray(host))
    with pytest.raises(ValueError, match=r"a must have shape \(\.\.\., m, n\), got \(3,\)"):
        svd(backend.full((3,)))
    with pytest.raises(TypeError, match="must hold numbers"):
        svd([["a"]])


def test_values_beyond_the_largest_number_are_infinite_with_their_vectors_sound(backend):
    top = float(np.finfo(backend.dtype_name).max) / 2
    u, s, vh = svd(backend.full((4, 4), top), full_matrices=False)
    assert np.isposinf(to_numpy(s)[0])
    assert_near(backend, backend.xp.abs(u[:, :1]), np.full((4, 1), 0.5), 1e-6)
    assert_near(backend, backend.xp.abs(vh[:1, :]), np.full((1, 4), 0.5), 1e-6)


def test_float16_is_computed_in_float32():
    a = np.asarray([[3.0, 0.0], [0.0, 4.0]], dtype=np.float16)
    u, s, vh = svd(a)
    assert (u.dtype, s.dtype, vh.dtype) == (np.float16,) * 3
    assert s.tolist() == [4.0, 3.0]


# ---- when the library's iteration does not converge ---------------------------------------------------------


def failing(times, silently=False):
    """Return a decomposition that fails so many times before it works."""
    calls = []

    def svd_that_fails(a, full=False):
        calls.append(a.shape)
        if len(calls) > times:
            return library_svd(a, full)
        if silently:
            u, s, vh = library_svd(a, full)
            return u, s * nan, vh
        raise LinAlgError("SVD did not converge")

    return svd_that_fails, calls


@pytest.mark.parametrize("silently", [False, True])
@pytest.mark.parametrize("times", range(5))
@pytest.mark.parametrize("full", [False, True])
def test_a_failure_to_converge_is_tried_again_in_other_ways(backend, rng, monkeypatch, times, full, silently):
    if backend.name == "jax" and times > 3:
        pytest.skip(SLOW_ON_JAX)
    a = random_matrix(backend, rng, (7, 4), "complex")
    expected = svd(a, full)
    broken, calls = failing(times, silently)
    monkeypatch.setattr(library, "library_svd", broken)
    found = svd(a, full)
    assert len(calls) == min(times, 3) + 1
    tolerance = 1e-4 if backend.dtype_name == "float32" else 1e-12
    for part, other in zip(found, expected, strict=True):
        columns = 4 if part.ndim == 2 else None  # the completing columns of u are free
        assert_near(backend, part[..., :columns], other[..., :columns], tolerance)
    assert max(ratios(backend, a, found)) < 30.0


def test_values_alone_are_tried_again_too(backend, rng, monkeypatch):
    a = random_matrix(backend, rng, (5, 3))
    expected = svdvals(a)

    def broken(a):
        raise LinAlgError("SVD did not converge")

    monkeypatch.setattr(library, "library_svdvals", broken)
    assert_near(backend, svdvals(a), expected, 1e-5)


def test_if_everything_fails_the_error_gives_advice_and_other_errors_pass(monkeypatch):
    broken, _ = failing(99)
    monkeypatch.setattr(library, "library_svd", broken)
    monkeypatch.setattr(library, "jacobi_svd", broken)
    with pytest.raises(LinAlgError, match=r"its transpose, its R factor and rescaled.*add a little noise"):
        svd(np.eye(3))

    def out_of_memory(a, full=False):
        raise MemoryError

    monkeypatch.setattr(library, "library_svd", out_of_memory)
    with pytest.raises(MemoryError):
        svd(np.eye(3))


# ---- the one without a library ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["real", "complex"])
@pytest.mark.parametrize("shape", [*SHAPES, (9, 9)])
def test_jacobi_svd_equals_the_library(backend, rng, shape, kind):
    if backend.name == "jax":
        pytest.skip(SLOW_ON_JAX)
    a = random_matrix(backend, rng, shape, kind)
    for full in (False, True):
        factors = jacobi_svd(a, full)
        assert max(ratios(backend, a, factors)) < 30.0
        assert_close(backend, factors[1], np.linalg.svd(np.asarray(to_numpy(a)), compute_uv=False), "product")


def test_jacobi_svd_completes_the_vectors_of_a_singular_matrix(backend, rng):
    if backend.name == "jax":
        pytest.skip(SLOW_ON_JAX)
    host = rng.standard_normal((6, 2)) @ rng.standard_normal((2, 4))
    for matrix in (host, np.zeros((5, 3)), np.ones((3, 3))):
        a = backend.asarray(matrix)
        assert max(ratios(backend, a, jacobi_svd(a, True))) < 30.0


def test_jacobi_leaves_columns_alone_whose_squares_underflow(float64):
    """Beside a column of ones, one of 4e-314 has length 0: found on a GPU, where rotations left such a rest."""
    a = float64.asarray(np.asarray([[1.7, 4e-314], [1.7, 4e-314], [1.7, 4e-314]]))
    assert_close(float64, jacobi_svd(a)[1], [1.7 * 3**0.5, 0.0], "product")


def test_jacobi_keeps_the_digits_of_small_singular_values(float64):
    if float64.name == "jax":
        pytest.skip(SLOW_ON_JAX)
    """Where columns are graded, LAPACK's small values have no digits; rotations keep them all."""
    q, _ = np.linalg.qr(np.vander(np.linspace(-1, 1, 6)))
    scales = 10.0 ** -np.arange(0, 60, 10)
    _, s, _ = jacobi_svd(float64.asarray(q * scales))
    np.testing.assert_allclose(to_numpy(s), scales, rtol=1e-13)


@given(st.integers(0, 2**31), st.integers(1, 6), st.integers(1, 6))
def test_singular_values_do_not_change_under_rotations_and_transposition(seed, m, n):
    backend = get("numpy", dtype="float64")
    rng = np.random.default_rng(seed)
    a = random_matrix(backend, rng, (m, n), "complex")
    q, _ = np.linalg.qr(random_matrix(backend, rng, (m, m), "complex"))
    s = svdvals(a)
    for other in (q @ a, a.T, a.conj(), -a):
        np.testing.assert_allclose(svdvals(other), s, rtol=0, atol=1e-13 * s[0])
    np.testing.assert_allclose(library_svdvals(3.0 * a), 3.0 * s, rtol=0, atol=1e-13 * s[0])
