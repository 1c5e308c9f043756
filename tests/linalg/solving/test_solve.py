"""Pseudoinverse and least squares."""

import numpy as np
import pytest
from tools import assert_close, assert_near, random_matrix

from xpnet.backend import LinAlgError, to_numpy
from xpnet.linalg import lstsq, pinv


@pytest.mark.parametrize("kind", ["real", "complex"])
@pytest.mark.parametrize("shape", [(4, 4), (5, 3), (3, 5), (2, 4, 3)])
def test_pinv_obeys_penroses_four_equations(backend, rng, shape, kind):
    a = random_matrix(backend, rng, shape, kind)
    x = pinv(a)
    tolerance = 2e-4 if backend.dtype_name == "float32" else 1e-12
    assert_near(backend, a @ x @ a, a, tolerance)
    assert_near(backend, x @ a @ x, x, tolerance)
    for product in (a @ x, x @ a):
        host = np.asarray(to_numpy(product))
        np.testing.assert_allclose(host, host.conj().swapaxes(-1, -2), atol=tolerance)


def test_pinv_counts_small_values_as_zero(backend):
    a = backend.asarray([[2.0, 0.0], [0.0, 1e-3]])
    assert_close(backend, pinv(a), [[0.5, 0.0], [0.0, 1000.0]], "product")
    for how in ({"rtol": 1e-2}, {"rcond": 1e-2}, {"rtol": 1e-2, "hermitian": True}):
        assert_close(backend, pinv(a, **how), [[0.5, 0.0], [0.0, 0.0]])
    assert_close(backend, pinv(backend.full((2, 3))), np.zeros((3, 2)))
    assert pinv(backend.full((2, 0))).shape == (0, 2)
    with pytest.raises(ValueError, match="can't be both set"):
        pinv(a, rcond=0.1, rtol=0.1)


def test_lstsq_fits_a_line(backend):
    a = backend.asarray([[0.0, 1.0], [1.0, 1.0], [2.0, 1.0], [3.0, 1.0]])
    x, residuals, rank, s = lstsq(a, backend.asarray([-1.0, 0.2, 0.9, 2.1]))
    assert_close(backend, x, [1.0, -0.95], "product")
    assert abs(float(to_numpy(residuals)) - 0.05) < 1e-6
    assert int(rank) == 2
    assert_close(backend, s, np.linalg.svd(to_numpy(a), compute_uv=False), "product")


def test_lstsq_takes_several_sides_stacks_and_complex_numbers(backend, rng):
    for kind in ("real", "complex"):
        a, b = random_matrix(backend, rng, (2, 5, 3), kind), random_matrix(backend, rng, (2, 5, 4), kind)
        found = lstsq(a, b)
        assert (found.x.shape, found.residuals.shape, found.rank.shape) == ((2, 3, 4), (2, 4), (2,))
        for i in range(2):
            expected = np.linalg.lstsq(np.asarray(to_numpy(a))[i], np.asarray(to_numpy(b))[i], rcond=None)
            tolerance = 1e-4 if backend.dtype_name == "float32" else 1e-12
            assert_near(backend, found.x[i, ...], expected[0], tolerance)
            assert_near(backend, found.residuals[i, ...], expected[1], tolerance)


def test_lstsq_of_a_deficient_matrix_is_the_shortest_solution(backend):
    a = backend.asarray([[1.0, 1.0], [1.0, 1.0]])
    found = lstsq(a, backend.asarray([2.0, 4.0]))
    assert_close(backend, found.x, [1.5, 1.5], "product")
    assert int(found.rank) == 1
    wide = lstsq(backend.asarray([[3.0, 4.0]]), backend.asarray([25.0]))
    assert_close(backend, wide.x, [3.0, 4.0], "product")


def test_lstsq_refuses_sides_that_do_not_fit(backend):
    with pytest.raises(LinAlgError, match="Incompatible dimensions"):
        lstsq(backend.full((3, 2)), backend.full((4,)))
    with pytest.raises(ValueError, match="must be finite"):
        lstsq(backend.full((2, 2), float("nan")), backend.full((2,)))
