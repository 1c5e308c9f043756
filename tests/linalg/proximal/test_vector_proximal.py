"""Proximal operators: worked values, the minimum that defines them, and Moreau's decomposition."""

from functools import partial
from itertools import product

import numpy as np
import pytest
from compiled import compiled
from hypothesis import given, settings
from hypothesis import strategies as st
from tools import TOLERANCES, assert_close, assert_near, complex_array, no_looking

from xpnet.backend import to_numpy
from xpnet.linalg.proximal.matrix_proximal import (
    project_nuclear,
    project_spectral,
    prox_l21,
    prox_nuclear,
    prox_spectral,
)
from xpnet.linalg.proximal.projections import project_l1, project_l2, project_linf
from xpnet.linalg.proximal.vector_proximal import (
    hard_threshold,
    prox_l0,
    prox_l1,
    prox_l2,
    prox_linf,
    prox_squared_l2,
    soft_threshold,
)

PENALTIES = {
    prox_l1: lambda z: np.abs(z).sum(),
    prox_l2: lambda z: np.linalg.norm(z),
    prox_squared_l2: lambda z: 0.5 * (np.abs(z) ** 2).sum(),
    prox_linf: lambda z: np.abs(z).max(),
    prox_l21: lambda z: np.linalg.norm(z, axis=-1).sum(),
    prox_nuclear: lambda z: np.linalg.norm(z, "nuc"),
    prox_spectral: lambda z: np.linalg.norm(z, 2),
}
ON_DUAL_BALL = {
    prox_l1: partial(compiled, operator=project_linf),
    prox_linf: partial(compiled, operator=project_l1),
    prox_l2: partial(compiled, operator=project_l2),
    prox_l21: partial(compiled, operator=project_l2, axis=-1),
    prox_nuclear: partial(compiled, operator=project_spectral),
    prox_spectral: partial(compiled, operator=project_nuclear),
}
VECTORS = [prox_l0, prox_l1, prox_l2, prox_squared_l2, prox_linf]
MATRICES = [prox_l21, prox_nuclear, prox_spectral]
EVERY = VECTORS + MATRICES
MATRIX = np.random.default_rng(5).standard_normal((3, 4))


def over(operators):
    return pytest.mark.parametrize("prox", operators, ids=lambda prox: prox.__name__)


# ---- worked by hand -----------------------------------------------------------------------------------------


def test_thresholds_shrink_or_keep(backend):
    x = backend.asarray([3.0, -2.0, 1.0, -0.5])
    assert_close(backend, soft_threshold(x, 1.0), [2.0, -1.0, 0.0, 0.0])
    assert_close(backend, hard_threshold(x, 1.0), [3.0, -2.0, 0.0, 0.0])
    each = backend.asarray([4.0, 0.0, 0.5, 0.25])
    assert_close(backend, soft_threshold(x, each), [0.0, -2.0, 0.5, -0.25])
    assert_close(backend, hard_threshold(x, each), [0.0, -2.0, 1.0, -0.5])


def test_prox_l0_keeps_what_is_worth_its_price(backend):
    assert_close(backend, prox_l0(backend.asarray([3.0, -2.0, 2.0001, 0.5]), 2.0), [3.0, 0.0, 2.0001, 0.0])


def test_prox_l2_shortens_the_vector(backend):
    x = backend.asarray([[3.0, 4.0], [0.3, 0.4]])
    assert_close(backend, compiled(backend, prox_l2, axis=-1)(x, 2.5), [[1.5, 2.0], [0.0, 0.0]])
    x = backend.asarray([[2.0, 2.0], [2.0, -2.0]])
    assert_close(backend, compiled(backend, prox_l2)(x, 1.0), [[1.5, 1.5], [1.5, -1.5]])


def test_prox_squared_l2_is_ridge(backend):
    assert_close(backend, prox_squared_l2(backend.asarray([3.0, -4.0]), 3.0), [0.75, -1.0])


def test_prox_linf_cuts_to_one_height(backend):
    x, prox = backend.asarray([3.0, -2.0, 0.5]), compiled(backend, prox_linf)
    assert_close(backend, prox(x, 0.5), [2.5, -2.0, 0.5])
    assert_close(backend, prox(x, 2.0), [1.5, -1.5, 0.5])
    assert_close(backend, prox(x, 5.5), [0.0, 0.0, 0.0])


@pytest.mark.parametrize(
    ("operator", "t", "expected"),
    [
        (soft_threshold, 2.5, [1.5 + 2j, 0.0, 0.0]),
        (hard_threshold, 2.5, [3 + 4j, 0.0, 0.0]),
        (prox_l0, 3.0, [3 + 4j, 0.0, 0.0]),
        (prox_l1, 1.0, [2.4 + 3.2j, -1j, 0.0]),
        (prox_l2, 29.0**0.5 / 2.0, [1.5 + 2j, -1j, 0.0]),
        (prox_squared_l2, 1.0, [1.5 + 2j, -1j, 0.0]),
        (prox_linf, 4.0, [0.9 + 1.2j, -1.5j, 0.0]),
    ],
)
def test_complex_entries_keep_their_phase(backend, operator, t, expected):
    x = complex_array(backend, [3 + 4j, -2j, 0.0])
    atol = 5.0 * TOLERANCES["rounding"][backend.dtype_name]
    assert_near(backend, compiled(backend, operator)(x, t), np.asarray(expected), atol)


# ---- the definition -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("t", [0.2, 1.3])
@over(PENALTIES)
def test_no_other_point_is_better(backend, rng, prox, t):
    # the objective is strongly convex: away from its minimum it grows at least by half the squared distance
    p = to_numpy(compiled(backend, prox)(backend.asarray(MATRIX), t)).astype("float64")

    def objective(z):
        return t * PENALTIES[prox](z) + 0.5 * ((z - MATRIX) ** 2).sum()

    tolerance = 10.0 * TOLERANCES["product"][backend.dtype_name] * objective(p)
    for scale in (1e-4, 1e-2, 1.0):
        for _ in range(60):
            z = p + scale * rng.standard_normal(p.shape) * rng.integers(0, 2, p.shape)
            assert objective(z) >= objective(p) + 0.5 * ((z - p) ** 2).sum() - tolerance
    for z in (0.0 * p, MATRIX, 0.5 * p):
        assert objective(z) >= objective(p) + 0.5 * ((z - p) ** 2).sum() - tolerance


def test_prox_l0_is_the_best_of_all_supports(backend):
    x = MATRIX.ravel()[:6]
    for t in (0.05, 0.3, 1.0):
        p = to_numpy(compiled(backend, prox_l0)(backend.asarray(x), t)).astype("float64")
        every = [np.where(kept, x, 0.0) for kept in product([False, True], repeat=6)]
        best = min(t * np.count_nonzero(z) + 0.5 * ((z - x) ** 2).sum() for z in every)
        assert abs(t * np.count_nonzero(p) + 0.5 * ((p - x) ** 2).sum() - best) <= 1e-6


@pytest.mark.parametrize("t", [0.0, 0.3, 2.0, 100.0])
@over(ON_DUAL_BALL)
def test_prox_and_projection_on_the_dual_ball_add_up(backend, prox, t):
    project, atol = ON_DUAL_BALL[prox], 5.0 * TOLERANCES["product"][backend.dtype_name]
    for x in (backend.asarray(MATRIX), complex_array(backend, MATRIX + 1j * MATRIX[::-1])):
        assert_near(backend, compiled(backend, prox)(x, t) + project(backend)(x, t), x, atol)


# ---- what holds for every one -------------------------------------------------------------------------------


@over(EVERY)
def test_t_of_0_changes_not_a_bit(backend, prox):
    x = backend.asarray(MATRIX)
    np.testing.assert_array_equal(to_numpy(compiled(backend, prox)(x, 0)), to_numpy(x))


@over(EVERY)
def test_t_without_bound_leaves_nothing(backend, prox):
    for t in (1e6, np.inf):
        p = to_numpy(compiled(backend, prox)(backend.asarray(MATRIX), t))
        np.testing.assert_allclose(p, 0.0 * MATRIX, atol=1e-5)


@over(EVERY)
def test_prox_scales_with_its_argument(backend, prox):
    power = {prox_squared_l2: 0, prox_l0: 2}.get(prox, 1)
    operator = compiled(backend, prox)
    expected = to_numpy(operator(backend.asarray(MATRIX), 0.7)).astype("float64")
    extreme = 1e30 if backend.dtype_name == "float32" else 1e200
    extreme = extreme**0.5 if prox is prox_l0 else extreme
    for scale in (extreme, 1.0 / extreme):
        p = to_numpy(operator(backend.asarray(scale * MATRIX), 0.7 * scale**power)).astype("float64") / scale
        np.testing.assert_allclose(p, expected, atol=10.0 * TOLERANCES["product"][backend.dtype_name])


@pytest.mark.parametrize("axis", [0, -2, (0, 2), (-1, 1), None])
@over(VECTORS)
def test_every_vector_of_a_stack_is_taken_alone(backend, rng, prox, axis):
    host = rng.standard_normal((2, 3, 4))
    others = tuple(sorted(set(range(3)) - {i % 3 for i in np.atleast_1d(range(3) if axis is None else axis)}))
    t = np.resize([0.1, 0.4, 0.9], [host.shape[i] for i in others])
    p = to_numpy(compiled(backend, prox, axis=axis)(backend.asarray(host), backend.asarray(t)))
    for place in np.ndindex(t.shape):
        cut = tuple(place[others.index(i)] if i in others else slice(None) for i in range(3))
        alone = prox(host[cut], t[place])
        np.testing.assert_allclose(p[cut], alone, rtol=0.0, atol=10.0 * TOLERANCES["product"][backend.dtype_name])


@over(MATRICES)
def test_every_matrix_of_a_stack_is_taken_alone(backend, rng, prox):
    host, ts = rng.standard_normal((3, 4, 2)), [0.5, 0.0, 100.0]
    alone = [prox(a, t) for a, t in zip(host, ts, strict=True)]
    assert_close(backend, compiled(backend, prox)(backend.asarray(host), backend.asarray(ts)), alone, "product")


def test_t_may_be_for_each_entry(backend):
    x, t = backend.asarray([[3.0, -2.0], [0.5, 4.0]]), backend.asarray([[1.0], [2.0]])
    for prox in (prox_l1, prox_l2, prox_linf):
        p = compiled(backend, prox, axis=())(x, t)
        assert_close(backend, p, [[2.0, -1.0], [0.0, 2.0]])


@over([prox for prox in EVERY if prox is not prox_l0])
@given(seed=st.integers(0, 1000), t=st.floats(0.0, 10.0))
@settings(max_examples=30, deadline=None)
def test_prox_brings_no_two_points_apart(prox, seed, t):
    x, y = 3.0 * np.random.default_rng(seed).standard_normal((2, 3, 4))
    assert np.linalg.norm(prox(x, t) - prox(y, t)) <= np.linalg.norm(x - y) * (1.0 + 1e-12)


@given(x=st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=8), t=st.floats(0.0, 1e3))
def test_thresholds_agree_on_what_is_0(x, t):
    soft, hard = soft_threshold(x, t), hard_threshold(x, t)
    kept = np.abs(x) > t
    assert ((hard != 0.0) == kept).all()
    assert (soft[~kept] == 0.0).all()
    np.testing.assert_array_equal(hard, np.where(kept, x, 0.0))
    np.testing.assert_allclose(soft, np.sign(x) * np.maximum(np.abs(x) - t, 0.0), rtol=1e-12)


def test_nan_stays_nan(backend):
    x = backend.asarray([[np.nan, 1.0], [3.0, 4.0]])
    for prox in (prox_l0, prox_l1, prox_squared_l2, soft_threshold, hard_threshold):
        assert np.isnan(to_numpy(prox(x, 0.5))).tolist() == [[True, False], [False, False]]
    for prox in (prox_l2, prox_linf):
        p = to_numpy(compiled(backend, prox, axis=-1)(x, 0.5))
        assert np.isnan(p).tolist() == [[True, True], [False, False]]


def test_no_value_is_looked_at(backend):
    x, t = backend.asarray(MATRIX), backend.asarray([0.1, 0.2, 0.3])
    with no_looking(backend):
        for prox in VECTORS:
            if prox is not prox_l2 or backend.name == "jax":
                prox(x, t, axis=-1)
        soft_threshold(x, 0.5)
        hard_threshold(x, 0.5)


def test_nothing_has_a_prox(backend):
    for shape in ((0, 3), (3, 0)):
        x = backend.full(shape)
        for prox in [*VECTORS, prox_l21, soft_threshold, hard_threshold]:
            assert_close(backend, compiled(backend, prox)(x, 1.0), np.zeros(shape))
        for prox in VECTORS:
            assert_close(backend, compiled(backend, prox, axis=-1)(x, 1.0), np.zeros(shape))
        for prox in (prox_nuclear, prox_spectral):
            assert_close(backend, prox(x, 1.0), np.zeros(shape))


def test_scalars_are_vectors_of_one_entry(backend):
    for prox in (prox_l1, prox_l2, prox_linf, soft_threshold):
        assert_close(backend, compiled(backend, prox)(backend.asarray(-3.0), 2.0), -1.0)


def test_whole_numbers_and_sequences_are_taken():
    assert prox_l1([3, -1], 1).tolist() == [2.0, 0.0]
    assert prox_l2(np.asarray([3, 4], dtype="int32"), np.float32(2.5)).tolist() == [1.5, 2.0]
    assert prox_l2(np.asarray([3, 4]), np.asarray(2.5)).tolist() == [1.5, 2.0]


def test_half_precision_is_answered_in_half_precision():
    p = prox_l2(np.asarray([30000.0, 40000.0], dtype="float16"), 25000.0)
    assert p.dtype == np.float16
    assert p.tolist() == [15000.0, 20000.0]


def test_a_price_of_any_size_is_weighed():
    # |x|^2/2 is 7.2e307 and 1.1e308
    assert prox_l0([1.2e154, 1.5e154], 1e308).tolist() == [0.0, 1.5e154]
    assert prox_l0([1.2e-154, 1.5e-154], 1e-308).tolist() == [0.0, 1.5e-154]


def test_t_beyond_the_dtype_is_infinite():
    assert soft_threshold(np.asarray([3.0], dtype="float32"), 1e300).tolist() == [0.0]


# ---- what is refused ----------------------------------------------------------------------------------------


@over([*EVERY, soft_threshold, hard_threshold])
def test_t_must_be_a_number_of_at_least_0(prox):
    for t, got in [(-1.0, "-1.0"), (float("nan"), "nan")]:
        with pytest.raises(ValueError, match=f"^t must be at least 0, got {got}$"):
            prox(MATRIX, t)
    with pytest.raises(TypeError, match="t must hold real numbers, got dtype"):
        prox(MATRIX, None)


@over(EVERY)
def test_t_must_fit_the_vectors_or_matrices(prox):
    with pytest.raises(ValueError, match=r"t must be a number or have a shape that broadcasts to \(\), got \(3,\)"):
        prox(MATRIX, [1.0, 1.0, 1.0])


def test_axis_must_be_there():
    for prox in VECTORS:
        with pytest.raises(IndexError, match="axis must be between -2 and 1"):
            prox(MATRIX, 1, axis=2)
