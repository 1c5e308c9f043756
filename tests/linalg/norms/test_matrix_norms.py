"""Norms of matrices, and the norms of their singular values and groups."""

from math import inf, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tools import assert_close, complex_array, random_matrix

from xpnet.backend import AxisError, get, to_numpy
from xpnet.linalg import (
    cond,
    conjugate_exponent,
    dual_norm,
    ky_fan_dual_norm,
    ky_fan_norm,
    l21_norm,
    lpq_norm,
    matrix_norm,
    max_norm,
    norm,
    schatten_norm,
)

A = [[1.0, 3.0], [5.0, 7.0]]
B = (0.1 * np.asarray([[1, 2, 3], [6, 0, 5], [3, 2, 1]])).tolist()
ORDERS = ["fro", "nuc", 1, -1, 2, -2, inf, -inf]
VALUES = {
    "A": (A, [84**0.5, 10.0, 10.0, 6.0, 9.1231056256176615, 0.87689437438234041, 12.0, 4.0]),
    "B": (B, [0.1 * 89**0.5, 1.3366836911774836, 1.0, 0.4, 0.88722940323461277, 0.19456584790481812, 1.1, 0.6]),
}


@pytest.mark.parametrize("name", VALUES)
def test_matrix_norm_has_its_known_values(backend, name):
    a, values = VALUES[name]
    for ord, expected in zip(ORDERS, values, strict=True):
        assert_close(backend, matrix_norm(backend.asarray(a), ord=ord), expected)


def test_norms_of_singular_values_and_groups_have_their_known_values(backend):
    a, b = backend.asarray(A), backend.asarray(B)
    for found, expected in [
        (schatten_norm(a, 0.5), 15.656854249492376),
        (schatten_norm(a, 1), 10.0),
        (schatten_norm(a, 3), 9.125805270773931),
        (schatten_norm(a, 4), 9.123300290286362),
        (schatten_norm(b, 0.5), 3.5641268330469478),
        (schatten_norm(b, 3), 0.8972470554390477),
        (schatten_norm(b, inf), 0.88722940323461277),
        (ky_fan_norm(a, 1), 9.1231056256176615),
        (ky_fan_norm(a, 2), 10.0),
        (ky_fan_norm(b, 2), 1.3366836911774836 - 0.19456584790481812),
        (ky_fan_norm(a, 2, p=2), 84**0.5),
        (l21_norm(a, group_axis=-2), 12.714792619456693),
        (l21_norm(a, group_axis=-1), 11.764602927211007),
        (l21_norm(b, group_axis=0), 1.5526836890971074),
        (l21_norm(b, group_axis=1), 1.529356444945454),
        (lpq_norm(a, 1, 2, group_axis=-2), 11.661903789690601),
        (lpq_norm(a, 1, 1, group_axis=-1), 16.0),
        (max_norm(a), 7.0),
    ]:
        assert_close(backend, found, expected)


def test_matrix_norm_of_a_stack_and_with_keepdims(backend, rng):
    host = rng.standard_normal((2, 3, 4, 5))
    a = backend.asarray(host)
    for ord in ORDERS:
        expected = np.linalg.norm(host, ord, (-2, -1))
        assert_close(backend, matrix_norm(a, ord=ord), expected, "product")
        assert_close(backend, matrix_norm(a, ord=ord, keepdims=True), expected[..., None, None], "product")
        assert_close(backend, norm(a, ord, (1, 3)), np.linalg.norm(host, ord, (1, 3)), "product")
        kept = norm(a, ord, (3, 0), keepdims=True)
        assert_close(backend, kept, np.linalg.norm(host, ord, (3, 0), keepdims=True), "product")


@pytest.mark.parametrize("scale", [0, 1])
def test_matrix_norm_is_right_at_every_scale(backend, scale):
    size = {"float32": (1e30, 1e-30), "float64": (1e200, 1e-200)}[backend.dtype_name][scale]
    for name in VALUES:
        a, values = VALUES[name]
        for ord, expected in zip(ORDERS, values, strict=True):
            found = matrix_norm(backend.asarray(np.asarray(a) * size), ord=ord)
            assert_close(backend, found, expected * size)
    both = backend.xp.stack([backend.asarray(np.asarray(A) * size), backend.asarray(A)])
    found = to_numpy(matrix_norm(both, ord=2)).astype("float64")
    np.testing.assert_allclose(found / [size, 1.0], [VALUES["A"][1][4]] * 2, rtol=4e-7)


def test_nan_gives_nan_and_infinity_infinity_each_to_its_own_matrix(backend):
    stack = backend.asarray([A, [[1.0, nan], [0.0, 1.0]], [[1.0, 0.0], [-inf, 1.0]], [[inf, nan], [0.0, 0.0]]])
    for ord in ("fro", "nuc", 1, 2, inf):
        found = to_numpy(matrix_norm(stack, ord=ord))
        assert np.isfinite(found[0])
        assert np.isnan(found[1])
        assert np.isposinf(found[2])
        assert np.isnan(found[3])


def test_norms_of_complex_matrices(backend, rng):
    host = rng.standard_normal((3, 4)) + 1j * rng.standard_normal((3, 4))
    a = complex_array(backend, host)
    for ord in ORDERS:
        assert_close(backend, matrix_norm(a, ord=ord), np.linalg.norm(host, ord), "product")


def test_empty_matrices_have_norm_zero(backend):
    for shape in [(0, 2), (2, 0), (0, 0)]:
        for ord in ("fro", "nuc", 1, 2, inf):
            assert_close(backend, matrix_norm(backend.full(shape), ord=ord), 0.0)


def test_norm_takes_any_number_of_axes_without_an_order(backend):
    x = backend.full((2, 3, 4), 1.0)
    assert_close(backend, norm(x), 24**0.5)
    assert_close(backend, norm(x, axis=(0, 2)), [8**0.5] * 3)
    assert_close(backend, norm(x, axis=1, keepdims=True), np.full((2, 1, 4), 3**0.5))
    assert_close(backend, norm(backend.asarray(-2.0)), 2.0)
    assert_close(backend, norm(backend.asarray(A), 1), 10.0)


def test_bad_arguments_are_named(backend):
    a, x = backend.asarray(A), backend.full((2, 3, 4))
    for call, error, words in [
        (lambda: matrix_norm(a, ord=3), ValueError, "ord must be one of"),
        (lambda: matrix_norm(a, ord="nofro"), ValueError, "ord must be one of"),
        (lambda: matrix_norm(a[0, ...]), ValueError, r"must have shape \(\.\.\., m, n\)"),
        (lambda: norm(a, 0), ValueError, "ord must be one of"),
        (lambda: norm(a, "fro", 0), ValueError, "ord must be a real number for vectors"),
        (lambda: norm(x, 2), ValueError, "axis must name one axis"),
        (lambda: norm(x, None, (0, 1, 2)), ValueError, "axis must name one axis"),
        (lambda: norm(x, None, 3), AxisError, "axis must be between -3 and 2"),
        (lambda: norm(x, None, (1, -2)), ValueError, "twice"),
        (lambda: ky_fan_norm(a, 3), ValueError, "k must be between 1 and 2"),
        (lambda: ky_fan_norm(a, 1.5), TypeError, "k must be a whole number"),
        (lambda: lpq_norm(x, 1, 2, group_axis=0), ValueError, "group_axis must be -2"),
        (lambda: l21_norm(a, group_axis=None), ValueError, "group_axis must be -2"),
        (lambda: dual_norm(a, -2), ValueError, "dual matrix norm"),
        (lambda: dual_norm(a, 0.5, 0), ValueError, "p must be at least 1"),
    ]:
        with pytest.raises(error, match=words):
            call()


def test_float16_matrices_are_computed_with_more_digits():
    a = np.asarray([[200.0, 300.0], [500.0, 600.0]], dtype=np.float16)
    for ord in ORDERS:
        found = norm(a, ord)
        assert found.dtype == np.float16
        assert abs(float(found) - np.linalg.norm(a.astype("float64"), ord)) < 1.0


# ---- duality: |<x, y>| <= norm(x) dual_norm(y), and some x reaches it ---------------------------------------


def test_conjugate_exponents_pair_up():
    assert [conjugate_exponent(p) for p in (1, 2, inf)] == [inf, 2.0, 1.0]
    assert conjugate_exponent(conjugate_exponent(3.0)) == pytest.approx(3.0)


@pytest.mark.parametrize("ord", ["fro", "nuc", 1, 2, inf])
@given(st.integers(0, 2**31))
def test_no_inner_product_exceeds_a_norm_times_its_dual(ord, seed):
    rng = np.random.default_rng(seed)
    x, y = rng.standard_normal((2, 3, 4))
    assert abs((x * y).sum()) <= norm(x, ord) * dual_norm(y, ord) * (1 + 1e-12)
    p = float(rng.uniform(1, 5))
    q = conjugate_exponent(p)
    assert abs((x * y).sum()) <= norm(x.ravel(), p) * dual_norm(y.ravel(), p) * (1 + 1e-12)
    assert abs((x * y).sum()) <= schatten_norm(x, p) * schatten_norm(y, q) * (1 + 1e-12)
    assert abs((x * y).sum()) <= ky_fan_norm(x, 2) * ky_fan_dual_norm(y, 2) * (1 + 1e-12)
    assert abs((x * y).sum()) <= lpq_norm(x, p, 1, group_axis=-1) * lpq_norm(y, q, inf, group_axis=-1) * (1 + 1e-12)


def test_dual_norms_are_reached(backend, rng):
    """The largest inner product with matrices of norm 1, found in closed form."""
    host = rng.standard_normal((3, 4))
    y = backend.asarray(host)
    u, s, vh = np.linalg.svd(host, full_matrices=False)
    signs = np.sign(host)
    columns = signs * (abs(host) == abs(host).max(axis=0))  # one entry of each column: norm 1 is 1
    rows = signs * (abs(host) == abs(host).max(axis=1, keepdims=True))
    for ord, x in [("fro", host), ("nuc", np.outer(u[:, 0], vh[0])), (2, u @ vh), (1, columns), (inf, rows)]:
        assert_close(backend, dual_norm(y, ord), (x * host).sum() / np.linalg.norm(x, ord), "product")
    assert_close(backend, dual_norm(y, 1, (1, 0), keepdims=True), [[abs(host).max(axis=1).sum()]])
    assert_close(backend, dual_norm(y, 1, 0), abs(host).max(axis=0))
    assert_close(backend, dual_norm(y), np.linalg.norm(host))
    assert_close(backend, ky_fan_dual_norm(y, 3), max(s[0], s.sum() / 3), "product")


@given(st.integers(0, 2**31), st.sampled_from(["fro", "nuc", 1, 2, inf]))
def test_norms_obey_their_axioms_and_unitary_ones_are_unitarily_invariant(seed, ord):
    rng = np.random.default_rng(seed)
    backend = get("numpy", dtype="float64")
    x, y = random_matrix(backend, rng, (3, 4), "complex"), random_matrix(backend, rng, (3, 4), "complex")
    assert norm(x + y, ord) <= (norm(x, ord) + norm(y, ord)) * (1 + 1e-12)
    assert norm(-2j * x, ord) == pytest.approx(2 * norm(x, ord), rel=1e-12)
    assert norm(x @ y.T, ord) <= norm(x, ord) * norm(y.T, ord) * (1 + 1e-12)
    q, _ = np.linalg.qr(rng.standard_normal((3, 3)) + 1j * rng.standard_normal((3, 3)))
    if ord in ("fro", "nuc", 2):
        assert norm(q @ x, ord) == pytest.approx(norm(x, ord), rel=1e-12)
    assert schatten_norm(q @ x, 3) == pytest.approx(schatten_norm(x, 3), rel=1e-12)
    assert ky_fan_norm(q @ x, 2) == pytest.approx(ky_fan_norm(x, 2), rel=1e-12)


def test_one_norm_is_a_number_of_numpy_as_numpys_own():
    a = np.asarray(A)
    for found in (*(norm(a, p) for p in [None, *ORDERS]), norm(a[0], 3), norm(1e200 * a), cond(a), cond(a, 1)):
        assert type(found) is np.float64
