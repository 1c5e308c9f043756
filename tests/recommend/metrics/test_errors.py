"""Errors of ratings at every scale, in every dtype."""

import importlib.util

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xpnet.backend import get, to_numpy
from xpnet.recommend import coverage, mae, ndcg_at_k, precision_at_k, recall_at_k, rmse

LIBRARIES = [
    name for name in ("numpy", "torch", "jax", "array_api_strict") if importlib.util.find_spec(name.replace("-", "_"))
]
INTEGERS = [f"{kind}{bits}" for kind in ("int", "uint") for bits in (8, 16, 32, 64)]


@pytest.fixture(params=LIBRARIES)
def library(request):
    return get(request.param)


def made(library, x, dtype):
    return library.xp.asarray(x, dtype=getattr(library.xp, dtype), device=library.device)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1), st.floats(0, 1)), min_size=1, max_size=6),
    st.integers(-1000, 1000),
    st.integers(-1000, 1000),
)
def test_errors_are_right_at_every_scale(rows, scale, weight):
    predicted, actual, weights = np.asarray(rows).T
    weights = weights + 0.5
    unit = 2.0**scale
    exact = np.asarray([2.0**-60 * round(x * 2.0**60) for x in (*predicted, *actual)])  # no bit is lost by the scale
    predicted, actual = exact[: len(rows)], exact[len(rows) :]
    wide = [x.astype(np.longdouble) * np.longdouble(2.0) ** scale for x in (predicted, actual)]
    error, w = np.abs(wide[0] - wide[1]), weights.astype(np.longdouble)
    found = rmse(predicted * unit, actual * unit), mae(predicted * unit, actual * unit)
    expected = np.sqrt(np.sum(w * error**2) / np.sum(w)), np.sum(w * error) / np.sum(w)
    heavy = weights * 2.0**weight
    assert float(rmse(predicted * unit, actual * unit, heavy)) == pytest.approx(float(expected[0]), rel=1e-12)
    assert float(mae(predicted * unit, actual * unit, heavy)) == pytest.approx(float(expected[1]), rel=1e-12)
    assert float(found[0]) == pytest.approx(float(np.sqrt(np.mean(error**2))), rel=1e-12)
    assert float(found[1]) == pytest.approx(float(np.mean(error)), rel=1e-12)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
def test_small_floats_are_computed_in_single(library, dtype):
    if not hasattr(library.xp, dtype):
        pytest.skip(f"{library.name} has no {dtype}")
    predicted, actual = (made(library, x, dtype) for x in ([300.0, -40000.0], [0.0, 40000.0]))
    host = to_numpy(library.xp.astype(predicted, library.xp.float32)).astype("float64")
    assert float(mae(predicted, actual)) == pytest.approx((host[0] + 2 * -host[1]) / 2, rel=1e-6)
    assert float(rmse(predicted[:1], actual[:1])) == 300.0


def test_a_large_and_a_small_array_meet(library):
    if not hasattr(library.xp, "float16"):
        pytest.skip(f"{library.name} has no float16")
    halves, singles = made(library, [1.0, 2.0], "float16"), made(library, [1.0, 4.0], "float32")
    assert float(rmse(halves, singles)) == pytest.approx(2**0.5)
    assert float(rmse(made(library, [1, 2], "int8"), singles)) == pytest.approx(2**0.5)


@pytest.mark.filterwarnings("ignore:Explicitly requested dtype")
@pytest.mark.parametrize("dtype", INTEGERS)
def test_integers_of_every_dtype_are_ratings_and_items(library, dtype):
    if library.name == "jax" and dtype not in ("int8", "uint16"):
        pytest.skip("JAX compiles every function for every dtype: two are enough")
    stars, best = made(library, [1, 5], dtype), made(library, [100, 3], dtype)
    assert float(mae(stars, best)) == pytest.approx(50.5)
    shown, held = made(library, [[7, 3, 5, 1]], dtype), made(library, [[1, 3]], "int32")
    assert float(precision_at_k(shown, held)) == 0.5
    assert float(recall_at_k(held, shown)) == 0.5
    assert float(ndcg_at_k(shown, shown)) == 1.0
    assert float(coverage(shown, 400)) == pytest.approx(0.01)


def test_an_unsigned_minus_one_is_no_empty_place():
    with pytest.raises(ValueError, match="relevant must hold item numbers, or -1 for none"):
        recall_at_k(np.asarray([[1]]), np.asarray([[2**64 - 1]], dtype="uint64"))


MASKED = np.ma.masked_equal([1.0, 2.0], 2.0)
PLAIN = np.asarray([1.0, 4.0])


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: rmse(MASKED, PLAIN), "predicted"),
        (lambda: mae(PLAIN, MASKED), "actual"),
        (lambda: rmse(PLAIN, PLAIN, MASKED), "weights"),
        (lambda: precision_at_k(np.ma.masked_equal([[1, 2]], 2), np.asarray([[1]])), "recommended"),
        (lambda: recall_at_k(np.asarray([[1]]), np.ma.masked_equal([[1, 2]], 2)), "relevant"),
        (lambda: coverage(np.ma.masked_equal([[1, 2]], 2), 3), "recommended"),
    ],
)
def test_masked_entries_are_refused_by_name(call, name):
    with pytest.raises(ValueError, match=f"{name} must not have masked entries"):
        call()


@pytest.mark.filterwarnings("ignore:the matrix subclass")
def test_subclasses_count_as_the_plain_array():
    assert float(rmse(np.ma.asarray(PLAIN), PLAIN + 1.0)) == 1.0
    lists = np.asarray([[7, 3, 5, 1]])
    assert float(precision_at_k(np.matrix(lists), np.matrix([[1, 3]]))) == 0.5
    assert float(coverage(np.matrix(lists), 8)) == 0.5
    with pytest.raises(ValueError, match=r"predicted must have shape \(n,\)"):
        rmse(np.matrix(PLAIN), PLAIN)
