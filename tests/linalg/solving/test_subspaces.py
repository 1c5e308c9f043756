"""Bases of column and null spaces, and the angles between subspaces."""

import numpy as np
import pytest
from tools import assert_close, complex_array

from xpnet.backend import to_numpy
from xpnet.linalg import column_space, null_space, subspace_angles


def nearly_of_rank_five(n=7):
    rng = np.random.RandomState(1)
    x = rng.rand(n, 5) @ rng.rand(5, n)
    return x + 1e-4 * rng.rand(n, 1) @ rng.rand(1, n)


def test_column_space_of_ones_is_one_direction(backend):
    for n in (1, 2, 3, 10, 100):
        q = column_space(backend.full((n, 2), 1.0))
        assert_close(backend, q, np.full((n, 1), n**-0.5), "product")


def test_dimensions_follow_the_tolerance(backend):
    a = backend.asarray(nearly_of_rank_five())
    assert column_space(a, rtol=1e-3).shape == (7, 5)
    assert null_space(a, rtol=1e-3).shape == (7, 2)
    assert column_space(a, rtol=1e-6).shape == (7, 6)
    assert null_space(a, rtol=1e-6).shape == (7, 1)
    z = to_numpy(null_space(a, rtol=1e-6))
    np.testing.assert_allclose(to_numpy(a) @ z, 0.0, atol=1e-5)
    np.testing.assert_allclose(z.T @ z, np.eye(1), atol=1e-6)


def test_empty_and_zero_matrices_span_nothing(backend):
    assert column_space(backend.full((3, 0))).shape == (3, 0)
    assert null_space(backend.full((0, 3))).shape == (3, 3)
    assert column_space(backend.full((3, 2))).shape == (3, 0)
    assert null_space(backend.full((2, 3))).shape == (3, 3)


def test_angles_between_halves_of_a_hadamard_matrix_are_right(backend):
    h = np.asarray([[1.0]])
    for _ in range(3):
        h = np.block([[h, h], [h, -h]])
    assert_close(
        backend, subspace_angles(backend.asarray(h[:, :3]), backend.asarray(h[:, 3:])), [np.pi / 2] * 3, "product"
    )
    assert_close(
        backend, subspace_angles(backend.asarray(h[:, 3:]), backend.asarray(h[:, :3])), [np.pi / 2] * 3, "product"
    )


def test_small_angles_keep_their_digits(float64):
    for angle in (1e-12, 1e-8, 1e-3, 0.7, 1.5):
        a, b = float64.asarray([[1.0], [0.0]]), float64.asarray([[np.cos(angle)], [np.sin(angle)]])
        assert float(to_numpy(subspace_angles(a, b))[0]) == pytest.approx(angle, rel=1e-12, abs=0.0)


def test_angles_of_complex_stacks(backend):
    a = complex_array(backend, [[[1.0], [0.0]], [[1j], [0.0]]])
    b = complex_array(backend, [[[1j], [0.0]], [[1.0], [1j]]])
    assert_close(backend, subspace_angles(a, b), [[0.0], [np.pi / 4]], "product")


def test_bad_arguments_are_named(backend):
    with pytest.raises(ValueError, match="as many rows"):
        subspace_angles(backend.full((3, 1)), backend.full((2, 1)))
    with pytest.raises(ValueError, match="one matrix"):
        null_space(backend.full((2, 3, 3)))
    with pytest.raises(ValueError, match="rtol must be between 0 and 1"):
        column_space(backend.full((3, 2)), rtol=-1.0)
