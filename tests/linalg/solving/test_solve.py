"""Pseudoinverse and least squares."""

import numpy as np
import pytest
from tools import assert_close, assert_near, random_matrix

from xpnet.backend import LinAlgError, to_numpy
from xpnet.linalg import lstsq, matrix_rank, pinv


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


@pytest.mark.parametrize("f", [lambda a, **how: lstsq(a, np.ones(len(a)), **how).x, pinv])
def test_the_default_tolerance_is_the_longer_side_in_roundings(f):
    eps, m = float(np.finfo("float64").eps), 100
    a = np.zeros((m, 2))
    for part, counts in ((0.9, False), (1.1, True)):
        a[0, 0], a[1, 1] = 1.0, part * m * eps
        assert bool(np.any(f(a)[1] != 0.0)) is counts
    a[1, 1] = 1.5 * eps
    assert np.any(f(a, rcond=-1)[1] != 0.0)  # a negative one means eps
    a[1, 1] = 0.5 * eps
    assert not np.any(f(a, rcond=-1)[1] != 0.0)


def test_tolerances_are_numbers_or_one_for_each_matrix(backend):
    stack = backend.asarray([np.diag([1.0, 0.1])] * 2)
    b = backend.full((2, 2, 1), 1.0)
    for rcond in ([0.05, 0.5], np.asarray([0.05, 0.5]), backend.asarray([0.05, 0.5])):
        assert to_numpy(lstsq(stack, b, rcond).rank).tolist() == [2, 1]
        assert_close(backend, pinv(stack, rcond), [np.diag([1.0, 10.0]), np.diag([1.0, 0.0])], "product")
        assert to_numpy(matrix_rank(stack, tol=rcond)).tolist() == [2, 1]
        assert to_numpy(matrix_rank(stack, rtol=rcond)).tolist() == [2, 1]
    for rcond, rank in ((0.5, 1), (backend.asarray(0.5), 1), (None, 2), (-1, 2)):
        assert to_numpy(lstsq(stack, b, rcond).rank).tolist() == [rank, rank]
    assert to_numpy(lstsq(stack, b, [-1.0, 0.5]).rank).tolist() == [2, 1]
    with pytest.raises(ValueError, match=r"rcond must .* a shape that broadcasts to \(2,\), got \(3,\)"):
        pinv(stack, [0.1, 0.1, 0.1])
    with pytest.raises(ValueError, match="tol must be a number, got nan"):
        matrix_rank(stack, tol=float("nan"))
    with pytest.raises(TypeError, match="rcond must"):
        pinv(stack, "small")


def test_a_side_that_is_not_finite_spoils_its_own_column_only(backend):
    a, b = backend.asarray(np.eye(3)[:, :2]), np.ones((3, 2))
    b[0, 1] = np.nan
    found = to_numpy(lstsq(a, backend.asarray(b)).x)
    assert found[:, 0].tolist() == [1.0, 1.0]
    assert np.isnan(found[0, 1])


def test_numbers_below_the_smallest_normal_one_are_solved_for():
    tiny = np.asarray([[3e-320]])
    np.testing.assert_allclose(lstsq(tiny, tiny[0]).x, [1.0])
    assert pinv(tiny)[0, 0] == np.inf  # 3e319 is no number
