"""Truncated decompositions and the best approximation of low rank."""

import numpy as np
import pytest
from tools import assert_close, complex_array

from xpnet.backend import to_numpy
from xpnet.linalg import low_rank, norm, truncated_svd


def with_values(rng, s, m=8, n=6):
    """Return a matrix with these singular values."""
    u, _ = np.linalg.qr(rng.standard_normal((m, m)))
    v, _ = np.linalg.qr(rng.standard_normal((n, n)))
    return (u[:, : len(s)] * np.asarray(s)) @ v[:, : len(s)].T


S = [10.0, 5.0, 1.0, 0.1, 0.01, 0.0]


@pytest.mark.parametrize(
    ("how", "rank"),
    [
        ({"k": 1}, 1),
        ({"k": 6}, 6),
        ({"energy": 0.79}, 1),  # 100 of 126.0101
        ({"energy": 0.8}, 2),
        ({"energy": 0.99}, 2),
        ({"energy": 0.99999}, 4),
        ({"tol": 0.6}, 1),
        ({"tol": 0.4}, 2),
        ({"tol": 0.0099}, 4),
        ({"tol": 1.0}, 0),
    ],
)
def test_rank_is_what_was_asked_for_or_is_needed(backend, rng, how, rank):
    a = backend.asarray(with_values(rng, S))
    u, s, vh = truncated_svd(a, **how)
    assert (u.shape, s.shape, vh.shape) == ((8, rank), (rank,), (rank, 6))
    assert_close(backend, s, S[:rank], "product")


def test_low_rank_is_the_nearest_and_tells_its_distance(backend, rng):
    host = with_values(rng, S)
    for k in range(1, 6):
        near = low_rank(backend.asarray(host), k)
        assert near.rank == k
        difference = backend.asarray(host) - near.approximation
        tolerance = 1e-4 if backend.dtype_name == "float32" else 1e-12
        assert abs(float(to_numpy(near.spectral_error)) - S[k]) < tolerance
        assert abs(float(to_numpy(near.frobenius_error)) - np.linalg.norm(S[k:])) < tolerance
        assert abs(float(to_numpy(norm(difference, 2))) - S[k]) < tolerance
    assert float(to_numpy(low_rank(backend.asarray(host), 6).spectral_error)) == 0.0


def test_a_stack_takes_the_largest_rank_that_is_needed(backend, rng):
    stack = backend.asarray(np.stack([with_values(rng, [1.0, 0.0]), with_values(rng, [1.0, 1.0, 1.0])]))
    assert truncated_svd(stack, tol=0.5).S.shape == (2, 3)
    near = low_rank(stack, 1)
    assert_close(backend, near.frobenius_error, [0.0, 2**0.5], "product")


def test_complex_matrices_and_zeros(backend):
    a = complex_array(backend, [[2j, 0.0], [0.0, 1.0]])
    near = low_rank(a, 1)
    np.testing.assert_allclose(to_numpy(near.approximation), [[2j, 0.0], [0.0, 0.0]], atol=1e-6)
    assert low_rank(backend.full((3, 2)), energy=1.0).rank == 0
    assert low_rank(backend.full((3, 0)), tol=0.5).approximation.shape == (3, 0)


def test_bad_arguments_are_named(backend):
    a = backend.full((3, 2), 1.0)
    for how, error, words in [
        ({}, ValueError, "give one of k, energy and tol"),
        ({"k": 1, "tol": 0.1}, ValueError, "give one of k, energy and tol"),
        ({"k": 0}, ValueError, "k must be between 1 and 2, got 0"),
        ({"k": 3}, ValueError, "k must be between 1 and 2, got 3"),
        ({"k": 1.0}, TypeError, "k must be a whole number"),
        ({"energy": 1.1}, ValueError, "energy must be between 0 and 1"),
        ({"tol": -0.1}, ValueError, "tol must be between 0 and 1"),
        ({"tol": "much"}, TypeError, "tol must be a number"),
    ]:
        with pytest.raises(error, match=words):
            truncated_svd(a, **how)
