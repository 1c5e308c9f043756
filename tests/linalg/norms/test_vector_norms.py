"""Vector norms: values by hand, every scale, every library."""

from math import inf, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tools import assert_at_home, assert_close, complex_array, flushes

from xpnet.backend import AxisError, get, to_numpy
from xpnet.linalg import norm, vector_norm

X = [3.0, 0.0, -4.0, 12.0]
BY_HAND = {
    0: 3.0,
    0.5: (3**0.5 + 2 + 12**0.5) ** 2,
    1: 19.0,
    2: 13.0,
    3: (27 + 64 + 1728) ** (1 / 3),
    4: (81 + 256 + 20736) ** 0.25,
    7.5: (3**7.5 + 4**7.5 + 12**7.5) ** (1 / 7.5),
    inf: 12.0,
    -inf: 0.0,
    -1: 0.0,
}
# powers of these over- or underflow; the last are subnormal numbers
SCALES = {"float32": [1e30, 1e-30, 1e19, 1e-22, 1e-42], "float64": [1e200, 1e-200, 1e155, 1e-160, 1e-320]}
ORDERS = [0.5, 1, 1.5, 2, 3, 4, 10, 100, inf]


@pytest.mark.parametrize("p", BY_HAND)
def test_vector_norm_has_the_values_worked_by_hand(backend, p):
    assert_close(backend, vector_norm(backend.asarray(X), ord=p), BY_HAND[p])


def test_negative_orders_take_the_harmonic_way(backend):
    x = backend.asarray([1.0, -2.0, 3.0, 4.0])
    assert_close(backend, vector_norm(x, ord=-1), 12 / 25)
    assert_close(backend, vector_norm(x, ord=-2), (205 / 144) ** -0.5)


@pytest.mark.parametrize("axis", [0, -1, (2, 0), None])
def test_vector_norm_over_axes_equals_the_norm_of_each_vector(backend, rng, axis):
    host = rng.standard_normal((2, 3, 4))
    axes = tuple(range(3)) if axis is None else tuple(np.atleast_1d(axis) % 3)
    others = [length for i, length in enumerate(host.shape) if i not in axes]
    rows = np.moveaxis(host, axes, range(len(axes))).reshape(-1, *others)
    x = backend.asarray(host)
    for p in (0, 1, 2, 3, inf, -inf, -1):
        expected = np.apply_along_axis(lambda v: float(np.linalg.norm(v, p)), 0, rows)  # noqa: B023
        assert_close(backend, vector_norm(x, axis=axis, ord=p), expected)
        kept = vector_norm(x, axis=axis, ord=p, keepdims=True)
        assert kept.shape == tuple(1 if i in axes else length for i, length in enumerate(host.shape))
        assert_close(backend, backend.xp.reshape(kept, expected.shape), expected)


@pytest.mark.parametrize("scale", range(5))
def test_vector_norm_is_right_at_every_scale(backend, scale):
    """Four roundings, for the whole array and along an axis beside an ordinary vector."""
    size = SCALES[backend.dtype_name][scale]
    if scale == 4 and flushes(backend):
        pytest.skip("subnormal numbers count as 0 here")
    host = np.asarray([3.0, -4.0, 5.0]) * size
    x = backend.asarray(host)
    host = np.asarray(to_numpy(x), dtype=np.longdouble)  # as rounded on the way in
    eps = float(np.finfo(backend.dtype_name).eps)
    for p in (0.5, 1, 2, 3, -1, -2, inf, -inf):
        t = np.abs(host).max() if p > 0 else np.abs(host).min()
        expected, plain = float(np.linalg.norm(host / t, p) * t), float(np.linalg.norm([3.0, -4.0, 5.0], p))
        error = max(4 * eps * expected, _smallest(backend))
        assert abs(float(to_numpy(vector_norm(x, ord=p))) - expected) <= error, p
        both = vector_norm(backend.xp.stack([backend.asarray([3.0, -4.0, 5.0]), x]), axis=1, ord=p)
        assert_at_home(backend, both)
        assert abs(float(to_numpy(both)[0]) - plain) <= 4 * eps * plain, p
        assert abs(float(to_numpy(both)[1]) - expected) <= error, p


def _smallest(backend):
    return float(np.finfo(backend.dtype_name).smallest_subnormal)


def test_large_beside_small_overflow_beyond_reach_and_zeros(backend):
    big, top = SCALES[backend.dtype_name][0], float(np.finfo(backend.dtype_name).max)
    rows = [[big, 1.0], [1.0, 1.0 / big], [0.0, 0.0], [top, top], [inf, 1.0], [nan, 1.0], [-inf, inf]]
    found = to_numpy(vector_norm(backend.asarray(rows), axis=-1))
    np.testing.assert_allclose(found[:2], [big, 1.0], rtol=4e-7)
    assert found[2] == 0.0
    assert np.isposinf(found[[3, 4, 6]]).all()
    assert np.isnan(found[5])


def test_many_numbers_near_the_threshold_lose_no_digits(float64):
    """Squares at the border of what is normal: the sum is taken again before it has lost a digit."""
    for size in (1e-146, 1e-150, 1e-153, 1e-156, 1e153, 1e154):
        found = float(to_numpy(vector_norm(float64.full((10_000,), size))))
        assert abs(found / size - 100.0) < 1e-11


def test_float16_is_computed_with_more_digits_and_answered_in_float16():
    x = np.asarray([600.0, 800.0], dtype=np.float16)
    assert norm(x) == 1000.0
    assert norm(x).dtype == np.float16
    assert norm(np.full(10_000, 6e-8, dtype=np.float16)) == 100 * np.float16(6e-8)
    assert norm(np.asarray([3e4, 3e4], dtype=np.float16), 1) == np.float16(6e4)
    assert norm(np.ones((300, 300), dtype=np.float16)) == 300.0


def test_complex_vectors_have_real_norms(backend):
    x = complex_array(backend, [3 + 4j, 0.0, -5j])
    for p, expected in {0: 2.0, 1: 10.0, 2: 50**0.5, 3: 250 ** (1 / 3), inf: 5.0, -inf: 0.0}.items():
        assert_close(backend, vector_norm(x, ord=p), expected)
    big = SCALES[backend.dtype_name][0]
    assert_close(backend, vector_norm(big * x) / big, 50**0.5)


def test_integers_and_booleans_count_as_the_devices_own_floats(backend):
    xp = backend.xp
    x = xp.asarray([3, -4], dtype=xp.int32, device=backend.device)
    found = vector_norm(x)
    assert xp.isdtype(found.dtype, "real floating")
    assert float(to_numpy(found)) == 5.0
    least = xp.asarray([-(2**31)], dtype=xp.int32, device=backend.device)
    assert float(to_numpy(vector_norm(least, ord=3))) == 2.0**31
    assert float(to_numpy(vector_norm(x > 0))) == 1.0


def test_weights_count_entries_several_times(backend):
    x, w = backend.asarray([3.0, -4.0, 100.0]), backend.asarray([4.0, 1.0, 0.0])
    for p in (0.5, 1, 2, 3, -1):
        assert_close(backend, vector_norm(x, ord=p, weights=w), np.linalg.norm([3.0, 3.0, 3.0, 3.0, 4.0], p))
    assert_close(backend, vector_norm(x, ord=0, weights=w), 5.0)
    assert_close(backend, vector_norm(x, ord=inf, weights=w), 4.0)
    assert_close(backend, vector_norm(x, ord=-inf, weights=w), 3.0)
    big = SCALES[backend.dtype_name][0]
    assert_close(backend, vector_norm(x * big, weights=w) / big, 52**0.5)


@pytest.mark.parametrize("p", [2, 3, 1.5])
def test_a_weight_counts_what_a_power_would_lose(backend, p):
    small, weight = {"float32": (2.0 ** (-140 / p), 1e12), "float64": (2.0 ** (-1064 / p), 1e60)}[backend.dtype_name]
    x = np.asarray([1.25, 0.5])  # times small, subnormal to the power p
    expected = np.sum(weight * x**p) ** (1 / p)
    assert_close(backend, vector_norm(backend.asarray(x * small), ord=p, weights=[weight, weight]) / small, expected)


def test_weights_may_balance_numbers_of_any_size(backend):
    n = {"float32": 99, "float64": 999}[backend.dtype_name]
    x, weights = backend.asarray([2.0**-n, 1.0]), [2.0**n, 2.0**-n]
    assert_close(backend, vector_norm(x, weights=weights) * 2.0 ** (n / 2), 2.0**0.5)
    weight = 2.0 ** (2 * n // 3)  # its square, 1/p = 2, is infinite
    assert_close(backend, vector_norm(x[:1], ord=0.5, weights=[weight]), 2.0 ** (n // 3))


def test_tolerance_decides_what_counts_as_zero(backend):
    x = backend.asarray([1.0, -1e-9, 0.0, 1e-3])
    assert float(to_numpy(vector_norm(x, ord=0))) == 3.0
    assert float(to_numpy(vector_norm(x, ord=0, tolerance=1e-6))) == 2.0


def test_nothing_has_norm_zero(backend):
    empty = backend.full((0, 3))
    for p in (0, 1, 2, 3, inf):
        assert_close(backend, vector_norm(empty, axis=0, ord=p), np.zeros(3))
        assert vector_norm(empty, axis=1, ord=p).shape == (0,)
    with pytest.raises(ValueError, match="at least one entry"):
        vector_norm(empty, axis=0, ord=-inf)


def test_x_is_left_alone_and_a_number_is_a_vector_of_one(backend):
    x = backend.asarray(X)
    vector_norm(1e-30 * x, ord=3)
    assert to_numpy(x).tolist() == X
    assert_close(backend, vector_norm(backend.asarray(-2.0)), 2.0)


def test_bad_arguments_are_named(backend):
    x = backend.asarray(X)
    for arguments, error, words in [
        ({"ord": "fro"}, ValueError, "ord must be a real number"),
        ({"ord": nan}, ValueError, "ord must be a real number"),
        ({"ord": 1j}, ValueError, "ord must be a real number"),
        ({"axis": 1}, AxisError, "axis must be between -1 and 0"),
        ({"axis": (0, -1)}, ValueError, "twice"),
        ({"axis": 0.5}, TypeError, "axis must be None, an integer"),
        ({"weights": [1.0, -1.0, 1.0, 1.0]}, ValueError, "weights must be finite and at least 0"),
        ({"weights": [1.0, nan, 1.0, 1.0]}, ValueError, "weights must be finite and at least 0"),
    ]:
        with pytest.raises(error, match=words):
            vector_norm(x, **arguments)
    with pytest.raises(TypeError, match="must hold numbers"):
        vector_norm(["a", "b"])


numbers = st.floats(-1e300, 1e300)
vectors = st.lists(numbers, min_size=1, max_size=8)


@given(vectors, st.sampled_from(ORDERS))
def test_norms_are_homogeneous_and_order_the_orders(x, p):
    x = get("numpy").xp.asarray(x)
    length = vector_norm(x, ord=p)
    assert length >= vector_norm(x, ord=inf) * (1 - 1e-12)
    assert vector_norm(-0.5 * x, ord=p) == pytest.approx(0.5 * length, rel=1e-12, abs=1e-320)


@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=8), st.sampled_from([p for p in ORDERS if p >= 1]))
def test_the_triangle_inequality_holds_from_order_one_on(pairs, p):
    x, y = np.asarray(pairs).T / 4
    assert vector_norm(x + y, ord=p) <= (vector_norm(x, ord=p) + vector_norm(y, ord=p)) * (1 + 1e-12)


def test_a_weight_of_zero_silences_whatever_it_meets(backend):
    for bad in (inf, nan, 1e30):
        x = backend.asarray([3.0, bad, 4.0])
        for p, expected in ((1, 7.0), (2, 5.0), (3, 91.0 ** (1 / 3)), (-1, 12 / 7), (0, 2.0), (inf, 4.0), (-inf, 3.0)):
            found = vector_norm(x, ord=p, weights=[1.0, 0.0, 1.0])
            assert_close(backend, found, expected)
    assert_close(backend, vector_norm(backend.asarray([0.0, 2.0]), ord=-2, weights=[0.0, 1.0]), 2.0)


def test_weights_must_broadcast_to_the_array(backend):
    with pytest.raises(ValueError, match=r"weights must have a shape that broadcasts to \(3,\), got \(2, 3\)"):
        vector_norm(backend.full((3,)), weights=np.ones((2, 3)))


def test_nan_counts_as_an_entry_that_is_not_zero(backend):
    x = backend.asarray([nan, 1.0, 0.0, -inf])
    assert float(to_numpy(vector_norm(x, ord=0))) == 3.0
    assert float(to_numpy(norm(x, 0))) == 3.0


def test_longdouble_reaches_as_far_as_it_does():
    if np.finfo(np.longdouble).minexp > -2000:
        pytest.skip("longdouble is float64 here")
    for scale in (np.longdouble("1e-3000"), np.longdouble("1e3000")):
        for p in (2, 3, 2.5, 4):
            assert vector_norm(np.asarray([3.0, 4.0], np.longdouble) * scale, ord=p) / scale == pytest.approx(
                float(np.linalg.norm([3.0, 4.0], p)), rel=1e-15
            )


def test_the_default_dtype_of_a_library_is_asked_at_each_call():
    torch = pytest.importorskip("torch")
    before = torch.get_default_dtype()
    try:
        for dtype in (torch.float64, torch.float32, torch.float64):
            torch.set_default_dtype(dtype)
            assert norm(torch.asarray([3, 4])).dtype == dtype
    finally:
        torch.set_default_dtype(before)


def test_jax_compiles_norms_of_integers_and_finds_no_nan_among_gradients():
    jax = pytest.importorskip("jax")
    x = jax.numpy.asarray([[3, 4], [0, 0]])
    assert float(jax.jit(norm)(x)) == 5.0
    gradient = jax.grad(lambda x: norm(x, axis=1).sum())(x.astype("float32"))
    np.testing.assert_allclose(gradient, [[0.6, 0.8], [0.0, 0.0]], rtol=1e-6)
