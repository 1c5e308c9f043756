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


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("center", [0.3, 1e4, -7e3])
def test_columns_that_are_constant_but_for_rounding_have_no_variance(dtype, center, rng):
    x = rng.standard_normal((60, 3)).astype(dtype)
    value = np.asarray(center, dtype)
    x[:, 1] = np.where(rng.random(60) < 0.5, value, np.nextafter(value, np.asarray(np.inf, dtype)))
    found = pca(x)
    assert found.singular_values[2] == 0.0
    assert found.explained_variance_ratio[2] == 0.0
    white = found.whiten(x)
    assert np.all(white[:, 2] == 0.0)
    assert np.abs(white).max() < 5.0
    assert pca(x[:, 1:2]).explained_variance_ratio.tolist() == [0.0]


def test_sums_of_columns_do_not_make_a_direction_of_their_rounding():
    rng = np.random.default_rng(1)
    x = 1e3 + rng.standard_normal((100, 2)) * 1e-3
    x = np.concatenate([x, x.sum(axis=1, keepdims=True)], axis=1)
    assert pca(x).singular_values[2] == 0.0
    assert np.all(pca(x).whiten(x)[:, 2] == 0.0)


def test_small_variance_beside_a_large_mean_in_another_column_is_kept():
    rng = np.random.default_rng(1)
    x = np.stack([1e8 + rng.standard_normal(50), 1e-10 * rng.standard_normal(50)], axis=1)
    large, small = (x - x.mean(axis=0)).T
    left = small - large * (large @ small) / (large @ large)  # what does not go along with the other column
    assert pca(x).singular_values[1] == pytest.approx(np.linalg.norm(left), rel=1e-6, abs=0.0)


def test_a_long_column_of_one_value_is_centered_exactly():
    x = np.full((200_000, 2), 0.1, dtype="float32")
    x[:, 1] = np.linspace(-1.0, 1.0, 200_000)
    assert pca(x).singular_values[1] == 0.0


def test_integers_and_lists_are_taken_everywhere():
    x = [[0, 1], [4, 3], [2, 5]]
    found = pca(x)
    np.testing.assert_allclose(found.inverse_transform(found.transform(x)), x, atol=1e-14)
    np.testing.assert_allclose(found.zca(x).T @ found.zca(x) / 2.0, np.eye(2), atol=1e-14)
    assert found.n_samples == 3
