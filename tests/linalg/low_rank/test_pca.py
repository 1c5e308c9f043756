"""Principal components and whitening."""

import numpy as np
import pytest
from tools import assert_close, assert_near

from xpnet.backend import to_numpy
from xpnet.linalg import pca


def data(rng, m=200):
    return rng.standard_normal((m, 3)) @ np.asarray([[3.0, 0.0, 0.0], [1.0, 1.0, 0.0], [0.5, 0.2, 0.1]]) + [
        5.0,
        -2.0,
        1.0,
    ]


def test_components_diagonalize_the_covariance(backend, rng):
    host = data(rng)
    found = pca(backend.asarray(host))
    covariance = np.cov(host.T)
    values = np.linalg.eigvalsh(covariance)[::-1]
    assert_close(backend, found.explained_variance, values, "product")
    assert_close(backend, found.explained_variance_ratio, values / values.sum(), "product")
    v = np.asarray(to_numpy(found.components)).astype("float64")
    tolerance = 1e-4 if backend.dtype_name == "float32" else 1e-12
    np.testing.assert_allclose(v @ covariance @ v.T, np.diag(values), atol=10 * tolerance)
    assert_close(backend, found.mean, host.mean(axis=0, keepdims=True), "product")


def test_transform_and_back_is_the_nearest_in_fewer_dimensions(backend, rng):
    x = backend.asarray(data(rng))
    tolerance = 1e-4 if backend.dtype_name == "float32" else 1e-12
    assert_near(backend, pca(x).inverse_transform(pca(x).transform(x)), x, tolerance)
    found = pca(x, 2)
    assert found.transform(x).shape == (200, 2)
    left = to_numpy(found.inverse_transform(found.transform(x)) - x).astype("float64")
    all_values = np.asarray(to_numpy(pca(x).singular_values)).astype("float64")
    assert np.linalg.norm(left) == pytest.approx(all_values[2], rel=1e-3)


def test_whitened_rows_vary_equally_in_all_directions(backend, rng):
    x = backend.asarray(data(rng))
    found = pca(x)
    for whitened in (found.whiten(x), found.zca(x)):
        np.testing.assert_allclose(
            np.cov(to_numpy(whitened).T), np.eye(3), atol=1e-2 if "32" in backend.dtype_name else 1e-10
        )
    shrunk = np.cov(to_numpy(found.whiten(x, epsilon=1.0)).T)
    variances = to_numpy(found.explained_variance)
    np.testing.assert_allclose(np.diag(shrunk), variances / (variances + 1.0), rtol=1e-3)


def test_zca_stays_nearer_to_the_data_than_turned_whitening(float64, rng):
    x = float64.asarray(data(rng))
    found = pca(x)
    centered = to_numpy(x - found.mean)
    distances = [np.linalg.norm(to_numpy(w) - centered) for w in (found.zca(x), found.whiten(x))]
    assert distances[0] < distances[1]


def test_directions_without_variance_become_zero(backend):
    x = backend.asarray([[0.0, 1.0], [4.0, 1.0], [2.0, 1.0]])
    assert_close(backend, pca(x).whiten(x), [[-1.0, 0.0], [1.0, 0.0], [0.0, 0.0]], "product")
    constant = backend.full((3, 2), 7.0)
    assert to_numpy(pca(constant).explained_variance_ratio).tolist() == [0.0, 0.0]


def test_stacks_have_components_each(backend, rng):
    host = np.stack([data(rng), data(rng)])
    both = pca(backend.asarray(host), 2)
    for i in range(2):
        one = pca(backend.asarray(host[i]), 2)
        assert_near(backend, both.components[i, ...], one.components, 1e-4)


def test_bad_arguments_are_named(backend):
    for x, k, words in [
        (backend.full((1, 3)), None, "at least two rows"),
        (backend.full((3, 2)), 3, "k must be between 1 and 2"),
        (backend.full((3, 2), float("inf")), None, r"x must be finite, got inf at \(0, 0\)"),
    ]:
        with pytest.raises(ValueError, match=words):
            pca(x, k)
    with pytest.raises(ValueError, match="epsilon must be at least 0"):
        pca(backend.full((3, 2))).whiten(backend.full((3, 2)), -1.0)
