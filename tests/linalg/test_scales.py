"""Every public function, of data at the ends of a dtype's range: right, as the norms are."""

import inspect

import numpy as np
import pytest
from linalg.table import CALLS, A, B

from xpnet import linalg
from xpnet.backend import available, get, to_numpy
from xpnet.trees import leaves

SCALES = [("float16", 2.0**9), ("float16", 2.0**-10), *(("float32", 10.0**e) for e in (25, -25, -36))]
SCALES += [("float64", 10.0**e) for e in (170, -170)]


def settled(call, data, s):
    extra = {"s": s} if "s" in inspect.signature(call.run).parameters else {}
    return call.settled(*(np.asarray(to_numpy(x), "float64") for x in leaves(call.run(*data, **extra))))


@pytest.mark.parametrize(("dtype", "s"), SCALES)
@pytest.mark.parametrize("name", sorted(CALLS))
def test_results_grow_with_the_data(name, dtype, s):
    call = CALLS[name]
    s = 2.0 ** round(np.log2(s))  # exact in every dtype
    expected = settled(call, [x.astype("float64") for x in (A, B)][: call.data], 1.0)
    found = settled(call, [(x * s).astype(dtype) for x in (A, B)][: call.data], s)
    degrees = call.degrees + call.degrees[-1:] * (len(found) - len(call.degrees))
    for got, right, degree in zip(found, expected, degrees, strict=True):
        if degree is not None:
            atol = 20.0 * float(np.finfo(dtype).eps) * max(1.0, float(np.abs(right).max(initial=0.0)))
            np.testing.assert_allclose(got / s**degree, right, rtol=0.0, atol=atol)


@pytest.mark.parametrize("unit", [1e-300, 1e300])
def test_what_leaves_the_range_is_infinite_or_zero_and_the_rest_is_right(unit):
    x = np.asarray(A, "float64")
    found, plain = linalg.pca(unit * x), linalg.pca(x)
    assert np.all(found.explained_variance == (np.inf if unit > 1.0 else 0.0))
    np.testing.assert_allclose(found.explained_variance_ratio, plain.explained_variance_ratio, atol=1e-14)
    assert linalg.procrustes(unit * x, unit * B).scale == (np.inf if unit > 1.0 else 0.0)


def test_the_largest_numbers_that_there_are():
    a = np.full((3, 2), 1.7e308)  # its singular value is none
    assert linalg.matrix_rank(a) == 1
    assert linalg.cond(a + np.eye(3, 2) * -1e308) < 10.0
    np.testing.assert_allclose(linalg.low_rank(a, 1).approximation, a, rtol=1e-14)
    np.testing.assert_allclose(linalg.lstsq(a, a[:, 0]).x, [0.5, 0.5], rtol=1e-14)
    assert linalg.stable_rank(a) == pytest.approx(1.0)


@pytest.mark.parametrize("backend_name", ["array_api_strict", "torch"])
def test_other_libraries_agree_at_the_ends_of_the_range(backend_name):
    if available()[backend_name]:
        pytest.skip(available()[backend_name])
    x = get(backend_name, dtype="float64").asarray(1e-200 * A)
    assert float(linalg.spectral_error(x, linalg.truncated_svd(x, 1))) == pytest.approx(
        1e-200 * np.linalg.svd(A)[1][1], rel=1e-3, abs=0.0
    )
    np.testing.assert_allclose(to_numpy(linalg.procrustes(x, x).r), np.eye(3), atol=1e-13)
