"""Polar decomposition and the orthogonal Procrustes problem."""

import numpy as np
import pytest
from tools import assert_close, assert_near, random_matrix

from xpnet.backend import to_numpy
from xpnet.linalg import norm, polar, procrustes


@pytest.mark.parametrize("kind", ["real", "complex"])
@pytest.mark.parametrize("shape", [(4, 4), (5, 3), (3, 5), (2, 4, 3)])
@pytest.mark.parametrize("side", ["right", "left"])
def test_polar_factors_are_orthonormal_and_positive(backend, rng, shape, kind, side):
    a = random_matrix(backend, rng, shape, kind)
    u, p = polar(a, side)
    tolerance = 1e-5 if backend.dtype_name == "float32" else 1e-13
    assert_near(backend, u @ p if side == "right" else p @ u, a, tolerance)
    u, p = np.asarray(to_numpy(u)), np.asarray(to_numpy(p))
    np.testing.assert_allclose(p, p.conj().swapaxes(-1, -2), atol=tolerance)
    assert np.linalg.eigvalsh(p).min() > -tolerance
    small = u.conj().swapaxes(-1, -2) @ u if shape[-2] >= shape[-1] else u @ u.conj().swapaxes(-1, -2)
    np.testing.assert_allclose(small, np.broadcast_to(np.eye(small.shape[-1]), small.shape), atol=tolerance)


def test_no_other_orthogonal_matrix_is_nearer(float64, rng):
    a, b = (random_matrix(float64, rng, (6, 3)) for _ in range(2))
    best = procrustes(a, b)
    distance = float(to_numpy(norm(a @ best.r - b)))
    squares = float(to_numpy(norm(a) ** 2 + norm(b) ** 2))
    assert distance**2 == pytest.approx(squares - 2 * float(to_numpy(best.scale)))
    for _ in range(20):
        q, _ = np.linalg.qr(rng.standard_normal((3, 3)))
        assert float(to_numpy(norm(a @ float64.asarray(q) - b))) >= distance
        near, _ = np.linalg.qr(np.eye(3) + 0.01 * rng.standard_normal((3, 3)))
        assert float(to_numpy(norm(a @ (best.r @ float64.asarray(near)) - b))) >= distance - 1e-12


def test_procrustes_finds_the_rotation_that_was_applied(backend, rng):
    q, _ = np.linalg.qr(rng.standard_normal((2, 3, 3)))
    a = random_matrix(backend, rng, (2, 5, 3))
    assert_close(backend, procrustes(a, a @ backend.asarray(q)).r, q, "product")


def test_bad_arguments_are_named(backend):
    with pytest.raises(ValueError, match="side must be right or left"):
        polar(backend.full((2, 2)), "up")
    with pytest.raises(ValueError, match="a and b must have one shape"):
        procrustes(backend.full((3, 2)), backend.full((2, 3)))
