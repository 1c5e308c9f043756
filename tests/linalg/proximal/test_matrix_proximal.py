"""Operators on groups and on singular values: worked values, and what they do to rank and rows.

What they share with the operators on vectors is tested with those.
"""

import numpy as np
import pytest
from compiled import compiled
from tools import assert_close

from xpnet.backend import to_numpy
from xpnet.linalg.proximal.matrix_proximal import (
    project_l21,
    project_nuclear,
    project_spectral,
    prox_l21,
    prox_nuclear,
    prox_spectral,
)

MATRICES = [prox_l21, prox_nuclear, prox_spectral, project_l21, project_nuclear, project_spectral]
SINGULAR = [prox_nuclear, prox_spectral, project_nuclear, project_spectral]


def rotated(s):
    """Return a matrix with singular values s, from two reflections worked by hand: (3, 2)."""
    u = np.asarray([[1.0, 2.0], [2.0, 1.0], [2.0, -2.0]]) / 3.0
    v = np.asarray([[3.0, 4.0], [4.0, -3.0]]) / 5.0
    return u @ np.diag(s) @ v.T


def test_prox_l21_shortens_every_group(backend):
    x = backend.asarray([[3.0, 4.0], [0.6, 0.8]])
    assert_close(backend, compiled(backend, prox_l21)(x, 2.5), [[1.5, 2.0], [0.0, 0.0]])
    columns = backend.asarray([[3.0, 0.6], [4.0, 0.8]])
    p = compiled(backend, prox_l21, group_axis=-2)(columns, 2.5)
    assert_close(backend, p, [[1.5, 0.0], [2.0, 0.0]])


def test_project_l21_shortens_every_group_by_the_same_amount(backend):
    x = backend.asarray([[3.0, 4.0], [1.2, 1.6], [0.0, -0.5]])
    assert_close(backend, compiled(backend, project_l21)(x, 4.0), [[2.1, 2.8], [0.3, 0.4], [0.0, 0.0]])
    columns = compiled(backend, project_l21, group_axis=0)(x.T, 4.0)
    assert_close(backend, columns, [[2.1, 0.3, 0.0], [2.8, 0.4, 0.0]])


def test_prox_nuclear_meets_the_published_value(backend):
    x = backend.asarray([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    expected = [[1.4089, 1.8613, 2.3137], [3.3640, 4.4441, 5.5242]]
    np.testing.assert_allclose(to_numpy(prox_nuclear(x, 1.0)), expected, rtol=0.0, atol=5e-5)


@pytest.mark.parametrize(
    ("operator", "level", "expected"),
    [
        (prox_nuclear, 1.5, (2.5, 0.5)),
        (prox_nuclear, 2.0, (2.0, 0.0)),
        (prox_spectral, 1.0, (3.0, 2.0)),
        (prox_spectral, 3.0, (1.5, 1.5)),
        (prox_spectral, 6.5, (0.0, 0.0)),
        (project_nuclear, 4.0, (3.0, 1.0)),
        (project_nuclear, 1.0, (1.0, 0.0)),
        (project_spectral, 3.0, (3.0, 2.0)),
        (project_spectral, 1.0, (1.0, 1.0)),
    ],
)
def test_singular_values_change_and_vectors_stay(backend, operator, level, expected):
    x = backend.asarray(rotated([4.0, 2.0]))
    assert_close(backend, operator(x, level), rotated(expected), "product")
    assert_close(backend, operator(x.T, level), rotated(expected).T, "product")


def test_prox_nuclear_lowers_the_rank(float64):
    x = float64.asarray(np.random.default_rng(0).standard_normal((6, 5)))
    s = np.linalg.svd(to_numpy(x), compute_uv=False)
    for k in range(5):
        p = to_numpy(prox_nuclear(x, float(s[k])))
        assert np.linalg.matrix_rank(p, tol=1e-10) == k


def test_groups_of_length_0_stay(backend):
    x = backend.asarray([[0.0, 0.0], [3.0, 4.0]])
    assert_close(backend, compiled(backend, prox_l21)(x, 1.0), [[0.0, 0.0], [2.4, 3.2]])
    assert_close(backend, compiled(backend, project_l21)(x, 1.0), [[0.0, 0.0], [0.6, 0.8]])


def test_groups_let_nan_pass(backend):
    x = backend.asarray([[np.nan, 1.0], [3.0, 4.0]])
    assert np.isnan(to_numpy(compiled(backend, prox_l21)(x, 0.5))).tolist() == [[True, True], [False, False]]
    assert np.isnan(to_numpy(compiled(backend, project_l21)(x, 0.5))).all()


@pytest.mark.parametrize("operator", SINGULAR)
def test_singular_values_refuse_what_is_not_finite(operator):
    for value in (np.nan, np.inf):
        with pytest.raises(ValueError, match=rf"x must be finite, got {value} at \(0, 1\)"):
            operator([[1.0, value], [0.0, 1.0]], 1.0)


@pytest.mark.parametrize("operator", MATRICES)
def test_a_vector_is_no_matrix(operator):
    with pytest.raises(ValueError, match=r"x must have shape \(\.\.\., m, n\), got \(3,\)"):
        operator([1.0, 2.0, 3.0], 1.0)


@pytest.mark.parametrize("operator", [prox_l21, project_l21])
def test_groups_are_rows_or_columns(operator):
    for group_axis in (0, -3, 3, None, (0, 1)):
        with pytest.raises(ValueError, match=r"group_axis must be -2 \(columns\) or -1 \(rows\), got"):
            operator(np.zeros((2, 3, 4)), 1.0, group_axis=group_axis)
