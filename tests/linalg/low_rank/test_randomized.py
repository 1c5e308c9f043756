"""The randomized singular value decomposition and its error."""

import numpy as np
import pytest
from tools import assert_at_home, assert_near, complex_array, random_matrix

from xpnet.backend import to_numpy
from xpnet.linalg import norm, randomized_svd, spectral_error, svd, truncated_svd
from xpnet.linalg.low_rank.sketch import orthonormal


def low_rank_with_tail(rng, m=100, n=150, effective=5, tail=0.0):
    """Return a matrix whose singular values are a bell with a tail, as scikit-learn's tests use."""
    k = min(m, n)
    u, _ = np.linalg.qr(rng.standard_normal((m, k)))
    v, _ = np.linalg.qr(rng.standard_normal((n, k)))
    i = np.arange(k) / effective
    return (u * ((1 - tail) * np.exp(-(i**2)) + tail * np.exp(-0.1 * i))) @ v.T


def product(factors):
    u, s, vh = (np.asarray(to_numpy(x)) for x in factors[:3])
    return (u * s[..., None, :]) @ vh


@pytest.mark.parametrize("kind", ["real", "complex"])
@pytest.mark.parametrize("shape", [(30, 20), (20, 30), (2, 12, 9)])
def test_leading_factors_of_a_low_rank_matrix_are_found_exactly(backend, rng, shape, kind):
    m, n = shape[-2:]
    left, right = (random_matrix(backend, rng, (*shape[:-2], size, 4), kind) for size in (m, n))
    a = left @ right.mT
    found = randomized_svd(a, 4, oversampling=3)
    exact = truncated_svd(a, 4)
    size = float(np.max(to_numpy(exact.S)))
    tolerance = size * (1e-5 if backend.dtype_name == "float32" else 1e-13)
    assert_at_home(backend, *found)
    for part, other in zip(found[:3], exact, strict=True):
        assert_near(backend, part, other, 10 * tolerance / (1.0 if part.ndim < a.ndim else size / 10))
    np.testing.assert_allclose(product(found), np.asarray(to_numpy(a)), atol=10 * tolerance)
    assert np.max(to_numpy(found.error)) < 100 * tolerance


def test_a_tail_needs_power_iterations(float64, rng):
    for tail, few, many in [(0.1, 0.01, 1e-3), (1.0, 0.1, 1e-3)]:
        host = low_rank_with_tail(rng, tail=tail)
        s = np.linalg.svd(host, compute_uv=False)[:10]
        a = float64.asarray(host)
        error = [
            np.abs(to_numpy(randomized_svd(a, 10, power_iterations=q).S) - s).max() for q in (0, 7 if tail < 1 else 12)
        ]
        assert error[0] > few / 5
        assert error[1] < many


def test_spectral_error_is_close_to_the_best_and_below_its_bound(float64, rng):
    u, _ = np.linalg.qr(rng.standard_normal((120, 80)))
    v, _ = np.linalg.qr(rng.standard_normal((80, 80)))
    a = float64.asarray((u / np.arange(1, 81)) @ v.T)
    previous = np.inf
    for q in (0, 1, 2, 4):
        found = randomized_svd(a, 10, power_iterations=q)
        error = float(to_numpy(norm(a - float64.asarray(product(found)), 2)))
        assert 1 / 11 - 1e-12 <= error <= float(to_numpy(found.error))
        assert error <= previous * 1.01
        assert float(to_numpy(spectral_error(a, found))) == pytest.approx(error, rel=0.02)
        previous = error
    assert previous < 1.003 / 11


def test_every_seed_comes_within_three_percent_of_the_best_where_values_fall_slowly(rng):
    u, _ = np.linalg.qr(rng.standard_normal((200, 150)))
    v, _ = np.linalg.qr(rng.standard_normal((150, 150)))
    a = (u / np.arange(1, 151)) @ v.T
    errors = [norm(a - product(randomized_svd(a, 25, seed=seed)), 2) * 26 for seed in range(10)]
    assert min(errors) > 1.0 - 1e-9
    assert max(errors) < 1.03


def test_rank_grows_until_the_error_is_small_enough(backend, rng):
    a = backend.asarray(low_rank_with_tail(rng, 60, 80, effective=6))
    s = np.linalg.svd(np.asarray(to_numpy(a)), compute_uv=False)
    for tol in (0.5, 0.05, 0.01):
        found = randomized_svd(a, tol=tol)
        left = np.linalg.norm(np.asarray(to_numpy(a)) - product(found))
        assert left <= tol * np.linalg.norm(s) * 1.001
        needed = int((np.sqrt(np.cumsum(s[::-1] ** 2)[::-1]) > tol * np.linalg.norm(s)).sum())
        assert found.S.shape[0] <= needed + 1
    assert randomized_svd(backend.full((5, 4)), tol=0.1).S.shape == (0,)
    eye = backend.asarray(np.eye(12))
    assert randomized_svd(eye, tol=0.01, oversampling=3).S.shape == (12,)


def test_a_seed_names_the_sketch_and_signs_do_not_depend_on_it(backend, rng):
    a = random_matrix(backend, rng, (40, 30))
    first, again, other = (randomized_svd(a, 3, seed=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(to_numpy(first.U), to_numpy(again.U))
    assert not np.array_equal(to_numpy(first.U), to_numpy(other.U))
    for seed in range(5):
        u, _, vh = randomized_svd(backend.asarray([[2.0, 0.0], [0.0, 1.0]]), 2, seed=seed)[:3]
        assert_near(backend, u, np.eye(2), 1e-5)
        assert_near(backend, vh, np.eye(2), 1e-5)


def test_every_scale_and_every_rank_works(backend, rng):
    size = {"float32": 1e30, "float64": 1e200}[backend.dtype_name]
    host = rng.standard_normal((9, 6))
    for scale in (size, 1 / size):
        a = backend.asarray(host * scale)
        np.testing.assert_allclose(
            to_numpy(randomized_svd(a, 6).S) / scale, np.linalg.svd(host, compute_uv=False), rtol=1e-4
        )
    full = randomized_svd(backend.asarray(host), 6, oversampling=1)
    assert_near(backend, full.S, svd(backend.asarray(host)).S, 1e-4 if backend.dtype_name == "float32" else 1e-12)
    assert randomized_svd(backend.full((4, 3)), 2).S.shape == (2,)


def test_orthonormal_copes_with_dependent_columns(backend, rng):
    y = random_matrix(backend, rng, (12, 3))
    q = np.asarray(to_numpy(orthonormal(backend.xp.concat([y, y], axis=-1))))
    np.testing.assert_allclose(q.T @ q, np.eye(6), atol=1e-5)
    assert_near(backend, backend.asarray(q @ (q.T @ to_numpy(y))), y, 1e-4)


def test_bad_arguments_are_named(backend):
    a = complex_array(backend, np.eye(3))
    for arguments, error, words in [
        ({}, ValueError, "give one of k and tol"),
        ({"k": 2, "tol": 0.1}, ValueError, "give one of k and tol"),
        ({"k": 4}, ValueError, "k must be between 1 and 3"),
        ({"k": 1, "oversampling": 0}, ValueError, "oversampling must be at least 1"),
        ({"k": 1, "power_iterations": -1}, ValueError, "power_iterations must be at least 0"),
        ({"k": 1, "power_iterations": 0.5}, TypeError, "power_iterations must be a whole number"),
        ({"tol": 1e-12}, ValueError, "tol must be at least .*, the precision of sums of squares in"),
        ({"tol": 2.0}, ValueError, "tol must be between 0 and 1"),
    ]:
        with pytest.raises(error, match=words):
            randomized_svd(a, **arguments)
    with pytest.raises(ValueError, match=r"a must be finite, got nan at \(0, 0\)"):
        randomized_svd(backend.full((3, 3), float("nan")), 1)


def test_the_bound_is_ten_times_what_the_probes_saw():
    n, l = 300, 30
    a = np.linalg.qr(np.random.default_rng(5).standard_normal((n, n)))[0]  # all singular values are 1
    found = randomized_svd(a, l - 10)
    # (1 - q q^H) a w is a Gaussian vector in n - l dimensions: of ten, the longest has a length of about 17.5
    lengths = np.sqrt(n - l) + np.asarray([0.5, 1.8])
    low, high = 10.0 * np.sqrt(2.0 / np.pi) * lengths + 1.0
    assert low < found.error < high


@pytest.mark.parametrize(
    ("first", "second", "dtype"), [("float16", "float32", "float32"), ("float32", "float64", "float64")]
)
def test_spectral_error_takes_factors_of_another_precision(first, second, dtype):
    a = np.diag([3.0, 2.0, 1.0])
    for one, two in ((first, second), (second, first)):
        found = spectral_error(a.astype(one), truncated_svd(a.astype(two), 1))
        assert found.dtype == dtype
        assert float(found) == pytest.approx(2.0, rel=1e-3)


def test_the_rank_of_a_stack_is_enough_for_every_matrix(rng):
    one, three = (rng.standard_normal((9, k)) @ rng.standard_normal((k, 8)) for k in (1, 3))
    found = randomized_svd(np.stack([one, three]), tol=1e-3)
    assert found.S.shape == (2, 3)
