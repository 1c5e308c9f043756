"""Projections: worked values, the inequality that defines them, and what holds for every one of them."""

from itertools import combinations

import numpy as np
import pytest
from compiled import compiled
from hypothesis import given, settings
from hypothesis import strategies as st
from tools import TOLERANCES, assert_close, assert_near, complex_array, no_looking

from xpnet.backend import BackendError, get, to_numpy
from xpnet.linalg.proximal.matrix_proximal import project_l21, project_nuclear, project_spectral
from xpnet.linalg.proximal.projections import (
    project_box,
    project_l0,
    project_l1,
    project_l2,
    project_linf,
    project_simplex,
)

NORMS = {
    project_l1: lambda z: np.abs(z).sum(),
    project_l2: lambda z: np.linalg.norm(z),
    project_linf: lambda z: np.abs(z).max(),
    project_l21: lambda z: np.linalg.norm(z, axis=-1).sum(),
    project_nuclear: lambda z: np.linalg.norm(z, "nuc"),
    project_spectral: lambda z: np.linalg.norm(z, 2),
}
VECTORS = [project_l1, project_l2, project_linf]
BALLS = list(NORMS)
every_ball = pytest.mark.parametrize("project", BALLS, ids=lambda project: project.__name__)
every_vector_ball = pytest.mark.parametrize("project", VECTORS, ids=lambda project: project.__name__)
MATRIX = np.random.default_rng(5).standard_normal((3, 4))


# ---- worked by hand -----------------------------------------------------------------------------------------


def test_project_l0_keeps_the_largest_and_of_equals_the_first(backend):
    x = backend.asarray([1.0, -5.0, 2.0, -2.0, 2.0])
    for k, expected in [
        (0, [0, 0, 0, 0, 0]),
        (1, [0, -5, 0, 0, 0]),
        (2, [0, -5, 2, 0, 0]),
        (3, [0, -5, 2, -2, 0]),
        (5, [1, -5, 2, -2, 2]),
    ]:
        assert_close(backend, compiled(backend, project_l0, k=k)(x), expected)


def test_project_l1_reduces_all_by_the_same_amount(backend):
    x, project = backend.asarray([3.0, -2.0, 0.5]), compiled(backend, project_l1)
    assert_close(backend, project(x, 4.0), [2.5, -1.5, 0.0])
    assert_close(backend, project(x, 4.75), [2.75, -1.75, 0.25])
    assert_close(backend, project(x, 0.5), [0.5, 0.0, 0.0])
    assert_close(backend, project(backend.asarray([2.0, -2.0, 2.0]), 3.0), [1.0, -1.0, 1.0])


def test_project_l2_scales(backend):
    x = backend.asarray([[3.0, 0.0], [0.0, -4.0]])
    assert_close(backend, compiled(backend, project_l2)(x, 2.5), [[1.5, 0.0], [0.0, -2.0]])


def test_project_linf_cuts(backend):
    assert_close(backend, project_linf(backend.asarray([[3.0, -0.5], [1.0, -4.0]]), 2.5), [[2.5, -0.5], [1.0, -2.5]])


def test_project_simplex_fills_from_the_top(backend):
    project = compiled(backend, project_simplex)
    for x, total, expected in [
        ([1.0, 0.5, -1.0], 1.0, [0.75, 0.25, 0.0]),
        ([5.0, 0.0, 0.0], 1.0, [1.0, 0.0, 0.0]),
        ([-7.0, -7.0, -7.0], 3.0, [1.0, 1.0, 1.0]),
        ([2.0, 1.0, 0.0], 6.0, [3.0, 2.0, 1.0]),
    ]:
        assert_close(backend, project(backend.asarray(x), total), expected)
    assert_close(backend, project(backend.asarray([-4.0]), 2.0), [2.0])


def test_project_simplex_takes_rows_unless_told_otherwise(backend):
    x = backend.asarray([[1.0, 0.0], [0.0, 0.0]])
    assert_close(backend, project_simplex(x), [[1.0, 0.0], [0.5, 0.5]])
    assert_close(backend, compiled(backend, project_simplex, axis=0)(x), [[1.0, 0.5], [0.0, 0.5]])
    assert_close(backend, compiled(backend, project_simplex, axis=None)(x), [[1.0, 0.0], [0.0, 0.0]])


def test_project_box_has_bounds_for_all_or_for_each(backend):
    x = backend.asarray([[-2.0, 0.5], [7.0, 1.0]])
    assert_close(backend, project_box(x, 0, 1), [[0.0, 0.5], [1.0, 1.0]])
    assert_close(backend, project_box(x, -np.inf, backend.asarray([0.0, 2.0])), [[-2.0, 0.5], [0.0, 1.0]])
    assert_close(backend, project_box(x, [[-1.0], [8.0]], np.inf), [[-1.0, 0.5], [8.0, 8.0]])


@pytest.mark.parametrize(
    ("project", "radius", "expected"),
    [
        (project_l1, 4.0, [2.1 + 2.8j, -0.5j, 0.0]),
        (project_l2, 29.0**0.5 / 2.0, [1.5 + 2j, -1j, 0.0]),
        (project_linf, 2.5, [1.5 + 2j, -2j, 0.0]),
    ],
)
def test_complex_entries_keep_their_phase(backend, project, radius, expected):
    x = complex_array(backend, [3 + 4j, -2j, 0.0])
    atol = 5.0 * TOLERANCES["rounding"][backend.dtype_name]
    assert_near(backend, compiled(backend, project)(x, radius), np.asarray(expected), atol)
    assert_near(backend, compiled(backend, project_l0, k=1)(x), np.asarray([3 + 4j, 0.0, 0.0]), 0.0)


# ---- the definition -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("radius", [0.3, 1.7])
@every_ball
def test_balls_meet_the_inequality_that_defines_a_projection(backend, rng, project, radius):
    # p is the nearest point of a convex set if and only if <x - p, z - p> <= 0 for every z in it
    p = to_numpy(compiled(backend, project)(backend.asarray(MATRIX), radius)).astype("float64")
    tolerance = TOLERANCES["product"][backend.dtype_name]
    assert NORMS[project](p) <= radius * (1.0 + tolerance)
    for _ in range(200):
        z = rng.standard_normal(p.shape) * rng.integers(0, 2, p.shape)
        z *= radius * rng.uniform() ** 0.1 / max(NORMS[project](z), 1e-3)
        assert ((MATRIX - p) * (z - p)).sum() <= 10.0 * tolerance


@pytest.mark.parametrize("total", [0.1, 1.0, 30.0])
def test_simplex_meets_the_inequality_that_defines_a_projection(backend, rng, total):
    x = MATRIX.ravel()
    p = to_numpy(compiled(backend, project_simplex)(backend.asarray(x), total)).astype("float64")
    tolerance = total * TOLERANCES["product"][backend.dtype_name]
    assert p.min() >= 0.0
    assert abs(p.sum() - total) <= tolerance
    for _ in range(200):
        z = total * rng.dirichlet(np.full(x.size, 0.2))
        assert (x - p) @ (z - p) <= 100.0 * tolerance


def test_project_l0_finds_the_nearest_of_all_supports(backend):
    x = MATRIX.ravel()[:7]
    for k in range(8):
        p = to_numpy(compiled(backend, project_l0, k=k)(backend.asarray(x)))
        left = [sum(x[i] ** 2 for i in out) for out in combinations(range(7), 7 - k)]
        assert np.count_nonzero(p) == k
        np.testing.assert_allclose(((x - p) ** 2).sum(), min(left), atol=1e-10)


# ---- what holds for every one -------------------------------------------------------------------------------


@every_ball
def test_points_of_the_ball_stay_to_the_last_bit(backend, project):
    x = backend.asarray(MATRIX)
    for radius in (NORMS[project](MATRIX) * 1.001, np.inf):
        np.testing.assert_array_equal(to_numpy(compiled(backend, project)(x, radius)), to_numpy(x))


def test_points_on_the_boundary_stay_to_the_last_bit(backend):
    x = backend.asarray([0.1, -0.2, 0.3, 0.4])
    size = float(backend.xp.sum(backend.xp.abs(x)))
    for project, radius in [(project_l1, size), (project_linf, 0.4), (project_l2, 0.5477226)]:
        np.testing.assert_array_equal(to_numpy(compiled(backend, project)(x, radius)), to_numpy(x))


def test_rounding_makes_no_entry_larger(backend, rng):
    # a hair outside of the ball every entry loses less than a rounding of the largest
    x, eps = backend.asarray(rng.standard_normal((50, 100))), backend.xp.finfo(backend.dtype).eps
    size = backend.xp.abs(x)
    p = compiled(backend, project_l1, axis=-1)(x, backend.xp.sum(size, axis=-1) * (1.0 - float(eps)))
    assert (to_numpy(p) != to_numpy(x)).any()
    assert (np.abs(to_numpy(p)) <= to_numpy(size)).all()


@every_ball
def test_projecting_twice_is_projecting_once(backend, project):
    project = compiled(backend, project)
    once = project(backend.asarray(MATRIX), 1.3)
    assert_close(backend, project(once, 1.3), to_numpy(once), "product")


@every_ball
def test_a_ball_of_radius_0_is_a_point(backend, project):
    project = compiled(backend, project)
    assert_close(backend, project(backend.asarray(MATRIX), 0), 0.0 * MATRIX)
    assert_close(backend, project(backend.asarray(0.0 * MATRIX), 0.0), 0.0 * MATRIX)


@every_ball
def test_projections_scale_with_their_ball(backend, project):
    project = compiled(backend, project)
    expected = to_numpy(project(backend.asarray(MATRIX), 0.7)).astype("float64")
    large, small = (1e30, 1e-30) if backend.dtype_name == "float32" else (1e200, 1e-200)
    for scale in (large, small):
        p = to_numpy(project(backend.asarray(scale * MATRIX), 0.7 * scale)).astype("float64") / scale
        np.testing.assert_allclose(p, expected, atol=10.0 * TOLERANCES["product"][backend.dtype_name])


def test_a_small_ball_is_found_from_afar(backend):
    far, near = (1e30, 1e-30) if backend.dtype_name == "float32" else (1e200, 1e-200)
    x = backend.asarray([[far, far], [near, 0.0]])
    for project, expected in [
        (project_l1, [[0.5, 0.5], [0.0, 0.0]]),
        (project_l2, [[0.5**0.5, 0.5**0.5], [0.0, 0.0]]),
        (project_linf, [[1.0, 1.0], [1.0, 0.0]]),
        (project_l21, [[0.5**0.5, 0.5**0.5], [0.0, 0.0]]),
    ]:
        p = to_numpy(compiled(backend, project)(x, near)) / np.float64(near)
        np.testing.assert_allclose(p, expected, atol=TOLERANCES["product"][backend.dtype_name])
    assert_close(backend, compiled(backend, project_simplex, axis=None)(x), [[0.5, 0.5], [0.0, 0.0]])


def test_entries_beyond_one_another_do_no_harm(backend):
    top = 1.5e38 if backend.dtype_name == "float32" else 1.5e308
    x = backend.asarray([top, -top, 0.0])
    assert_close(backend, project_simplex(x, 2.0), [2.0, 0.0, 0.0])
    assert_close(backend, project_l1(x, 2.0), [1.0, -1.0, 0.0])
    np.testing.assert_array_equal(to_numpy(project_l1(x, np.inf)), to_numpy(x))


def test_a_million_entries_keep_their_accuracy(backend):
    if backend.name in ("array_api_strict", "jax"):
        pytest.skip("one library is enough for what follows from the sum")
    x = backend.asarray(1e-6 * np.random.default_rng(0).standard_normal(1_000_000))
    total = to_numpy(project_simplex(x)).sum(dtype="float64")
    assert abs(total - 1.0) <= TOLERANCES["rounding"][backend.dtype_name]


@pytest.mark.parametrize("axis", [0, -2, (0, 2), (-1, 1), None])
@every_vector_ball
def test_every_vector_of_a_stack_is_projected_alone(backend, rng, project, axis):
    host = rng.standard_normal((2, 3, 4))
    others = tuple(sorted(set(range(3)) - {i % 3 for i in np.atleast_1d(range(3) if axis is None else axis)}))
    radii = np.resize([0.5, 1.0, 8.0], [host.shape[i] for i in others])
    p = to_numpy(compiled(backend, project, axis=axis)(backend.asarray(host), backend.asarray(radii)))
    for place in np.ndindex(radii.shape):
        cut = tuple(place[others.index(i)] if i in others else slice(None) for i in range(3))
        alone = project(host[cut], radii[place])
        np.testing.assert_allclose(p[cut], alone, rtol=0.0, atol=10.0 * TOLERANCES["product"][backend.dtype_name])


@pytest.mark.parametrize("project", [project_l21, project_nuclear, project_spectral])
def test_every_matrix_of_a_stack_is_projected_alone(backend, rng, project):
    host, radii = rng.standard_normal((3, 4, 2)), [0.5, 0.0, 100.0]
    alone = [project(a, radius) for a, radius in zip(host, radii, strict=True)]
    assert_close(backend, compiled(backend, project)(backend.asarray(host), backend.asarray(radii)), alone, "product")


def test_project_l0_and_simplex_take_stacks(backend):
    x = backend.asarray([[[3.0, -1.0], [2.0, 5.0]], [[0.0, 4.0], [1.0, -2.0]]])
    expected = [[[3, 0], [0, 5]], [[0, 0], [0, 0]]]
    assert_close(backend, compiled(backend, project_l0, k=1, axis=(0, 1))(x), expected)
    expected = [[[3, 0], [0, 5]], [[0, 4], [1, 0]]]
    assert_close(backend, compiled(backend, project_l0, k=1, axis=1)(x), expected)
    p = compiled(backend, project_simplex, axis=(1, 2))(x, backend.asarray([1.0, 9.0]))
    assert_close(backend, p, [[[0, 0], [0, 1]], [[4 / 3, 16 / 3], [7 / 3, 0]]])


def test_a_radius_may_be_for_each_entry(backend):
    x, radius = backend.asarray([[3.0, -2.0], [0.5, 4.0]]), backend.asarray([[1.0], [2.0]])
    for project in VECTORS:
        assert_close(backend, compiled(backend, project, axis=())(x, radius), [[1.0, -1.0], [0.5, 2.0]])


@every_vector_ball
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_vector_projections_bring_no_two_points_apart(project, data):
    entries = st.lists(st.floats(-10.0, 10.0), min_size=4, max_size=4)
    x, y = np.asarray(data.draw(entries)), np.asarray(data.draw(entries))
    radius = data.draw(st.floats(0.0, 10.0))
    apart = np.linalg.norm(project(x, radius) - project(y, radius))
    assert apart <= np.linalg.norm(x - y) * (1.0 + 1e-12) + 1e-12


@pytest.mark.parametrize("project", [project_l21, project_nuclear, project_spectral])
@given(seed=st.integers(0, 1000), radius=st.floats(0.0, 10.0))
@settings(max_examples=30, deadline=None)
def test_matrix_projections_bring_no_two_points_apart(project, seed, radius):
    x, y = 3.0 * np.random.default_rng(seed).standard_normal((2, 3, 4))
    apart = np.linalg.norm(project(x, radius) - project(y, radius))
    assert apart <= np.linalg.norm(x - y) * (1.0 + 1e-12) + 1e-12


@given(x=st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=8), total=st.floats(1e-3, 1e3))
def test_the_simplex_is_reached_from_anywhere(x, total):
    p = project_simplex(x, total)
    assert p.min() >= 0.0
    assert abs(p.sum() - total) <= 1e-13 * total
    np.testing.assert_allclose(project_simplex(p, total), p, rtol=0.0, atol=1e-13 * total)
    assert all(p[i] >= p[j] for i in range(len(x)) for j in range(len(x)) if x[i] > x[j])


def test_nan_makes_its_vector_nan_and_no_other(backend):
    x = backend.asarray([[np.nan, 1.0], [3.0, 4.0]])
    for project in (project_l1, project_l2, project_simplex):
        p = to_numpy(compiled(backend, project, axis=-1)(x, 1.0))
        assert np.isnan(p).tolist() == [[True, True], [False, False]]
    for p in (
        project_linf(x, 1.0),
        project_box(x, 0.0, 1.0),
        *(compiled(backend, project_l0, k=k)(x) for k in (0, 1, 4)),
    ):
        assert np.isnan(to_numpy(p)).tolist() == [[True, False], [False, False]]


def test_nan_does_not_count_among_the_largest(backend):
    x = backend.asarray([np.nan, 1.0, -4.0, 3.0])
    np.testing.assert_array_equal(to_numpy(compiled(backend, project_l0, k=2)(x)), [np.nan, 0.0, -4.0, 3.0])


def test_no_value_is_looked_at(backend):
    x, radii = backend.asarray(MATRIX), backend.asarray([0.1, 0.2, 0.3])
    with no_looking(backend):
        for project in (project_l1, project_linf, project_simplex):
            project(x, radii, axis=-1)
        project_l0(x, 3)
        project_box(x, 0.0, 1.0)
        if backend.name == "jax":
            project_l2(x, radii, axis=-1)
            project_l21(x, 1.0)


def test_nothing_has_a_projection(backend):
    for shape in ((0, 3), (3, 0)):
        x = backend.full(shape)
        for project in [*VECTORS, project_l21]:
            assert_close(backend, compiled(backend, project)(x, 1.0), np.zeros(shape))
        for project in VECTORS:
            assert_close(backend, compiled(backend, project, axis=-1)(x, 1.0), np.zeros(shape))
        for project in (project_nuclear, project_spectral):
            assert_close(backend, project(x, 1.0), np.zeros(shape))
        assert_close(backend, compiled(backend, project_l0, k=0)(x), np.zeros(shape))
        assert_close(backend, project_box(x, 0.0, 1.0), np.zeros(shape))
    assert_close(backend, project_simplex(backend.full((0, 3))), np.zeros((0, 3)))
    assert_close(backend, project_nuclear(backend.full((0, 2, 3)), 1.0), np.zeros((0, 2, 3)))


def test_scalars_are_vectors_of_one_entry(backend):
    for project in VECTORS:
        assert_close(backend, compiled(backend, project)(backend.asarray(-3.0), 2.0), -2.0)


def test_whole_numbers_and_sequences_are_taken():
    assert project_l1([3, 1], 2).tolist() == [2.0, 0.0]
    assert project_l2(np.asarray([3, 4], dtype="int32"), np.float32(2.5)).tolist() == [1.5, 2.0]
    assert project_l2([[3, 4], [6, 8]], [5, 5], axis=-1).tolist() == [[3.0, 4.0], [3.0, 4.0]]


def test_half_precision_is_answered_in_half_precision():
    p = project_l2(np.asarray([30000.0, 40000.0], dtype="float16"), 10.0)
    assert p.dtype == np.float16
    assert p.tolist() == [6.0, 8.0]


def test_numbers_beyond_the_dtype_are_infinite_or_0():
    x = np.asarray([3.0, -4.0], dtype="float32")
    assert project_l1(x, 1e300).tolist() == [3.0, -4.0]
    assert project_l1(x, 1e-300).tolist() == [0.0, 0.0]
    assert project_box(x, -1e300, 0.0).tolist() == [0.0, -4.0]


# ---- what is refused ----------------------------------------------------------------------------------------


@every_ball
def test_radius_must_be_a_number_of_at_least_0(project):
    for radius, got in [(-1.0, "-1.0"), (float("nan"), "nan")]:
        with pytest.raises(ValueError, match=f"^radius must be at least 0, got {got}$"):
            project(MATRIX, radius)
    with pytest.raises(TypeError, match="radius must hold real numbers, got dtype"):
        project(MATRIX, "wide")
    with pytest.raises(TypeError, match="radius must hold real numbers, got dtype complex128"):
        project(MATRIX, 1j)


def test_radii_must_fit_the_vectors():
    for radius, axis, shape in [([1.0, 2.0], -1, r"\(3,\)"), (np.ones((1, 3)), -1, r"\(3,\)"), ([1.0], None, r"\(\)")]:
        with pytest.raises(
            ValueError, match=f"radius must be a number or have a shape that broadcasts to {shape}, got"
        ):
            project_l1(MATRIX, radius, axis=axis)
    with pytest.raises(ValueError, match=r"broadcasts to \(\), got \(3,\)"):
        project_nuclear(MATRIX, [1.0, 1.0, 1.0])


def test_radii_must_live_where_the_vectors_do():
    radius = get("array_api_strict").asarray([1.0, 1.0, 1.0])
    with pytest.raises(BackendError, match="radius must be on the library and device of x"):
        project_l1(MATRIX, radius, axis=-1)


def test_k_must_be_a_count_of_entries():
    for k in (-1, 5):
        with pytest.raises(ValueError, match=f"k must be between 0 and 4, got {k}"):
            project_l0(MATRIX, k, axis=-1)
    with pytest.raises(TypeError, match=r"k must be a whole number, got 1\.5"):
        project_l0(MATRIX, 1.5)


def test_axis_must_be_there():
    for project in (project_l1, project_l2, project_linf, project_l0):
        with pytest.raises(IndexError, match="axis must be between -2 and 1"):
            project(MATRIX, 1, axis=2)


def test_total_must_be_above_0_and_finite():
    for total in (0.0, -1, np.inf, np.nan):
        with pytest.raises(ValueError, match=f"total must be above 0 and finite, got {total}"):
            project_simplex([1.0, 2.0], total)


def test_a_vector_of_no_entries_has_no_simplex():
    for shape in ((0,), (3, 0), (0, 0)):
        with pytest.raises(ValueError, match=r"x must have at least one entry in a vector, got shape"):
            project_simplex(np.zeros(shape))


def test_low_must_not_be_above_high():
    with pytest.raises(ValueError, match=r"low must be at most high, got 2\.0 and 1"):
        project_box([1.0], 2.0, 1)
    with pytest.raises(ValueError, match="high must be a number, got nan"):
        project_box([1.0], [2.0], np.nan)


def test_simplex_and_box_must_be_real():
    with pytest.raises(TypeError, match="x must be real, got dtype complex128"):
        project_simplex([1j])
    with pytest.raises(TypeError, match="x must be real, got dtype complex128"):
        project_box([1j], 0.0, 1.0)


def test_words_are_no_numbers():
    with pytest.raises(TypeError, match="x must hold numbers, got dtype"):
        project_l1(["a"], 1.0)
