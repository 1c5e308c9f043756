"""Linear algebra where it meets CuPy's manners: nothing raises, solve does not broadcast, a device has no hash."""

import sys

import array_api_strict
import numpy as np
import pytest
from cupy_manners import FAILURES, cholesky, cupy_manners

from xpnet import linalg
from xpnet.backend import get, of
from xpnet.linalg.arguments import as_inexact
from xpnet.recommend import coverage


@pytest.fixture(params=FAILURES)
def failure(request):
    with cupy_manners(request.param):
        yield request.param


def hermitian(rng, eigenvalues, kind):
    n = len(eigenvalues)
    z = rng.standard_normal((n, n)) + (1j * rng.standard_normal((n, n)) if kind == "complex" else 0.0)
    q = np.linalg.qr(z)[0]
    return (q * np.asarray(eigenvalues)) @ q.conj().T


def test_the_stand_in_is_cholesky_where_there_is_one(failure, rng):
    for kind in ("real", "complex"):
        g = hermitian(rng, [1.0, 2.0, 3.0, 4.0], kind)
        lower = cholesky(g, failure)
        np.testing.assert_allclose(lower @ lower.conj().T, g, atol=1e-12)


@pytest.mark.parametrize("kind", ["real", "complex"])
@pytest.mark.parametrize("m", [2, 3, 7])
def test_an_indefinite_inner_product_is_refused(failure, kind, m, rng):
    for place in range(m):
        g = hermitian(rng, [-1.0 if i == place else 1.0 + i for i in range(m)], kind)
        for h in (g, g - 3.0 * g * np.eye(m)):  # the diagonal may be positive or not
            with pytest.raises(ValueError, match="inner must be a positive definite matrix"):
                linalg.gram_schmidt(np.eye(m), inner=h)
    with pytest.raises(ValueError, match="inner must be a positive definite matrix"):
        linalg.gram_schmidt(np.eye(2), inner=np.asarray([[1.0, 2.0], [2.0, 1.0]]))


@pytest.mark.parametrize("kind", ["real", "complex"])
def test_a_stack_has_an_inner_product(failure, kind, rng):
    g, a = hermitian(rng, [1.0, 2.0, 3.0], kind), rng.standard_normal((2, 4, 3, 2))
    q = linalg.gram_schmidt(a, inner=g).q
    products = np.conj(np.swapaxes(q, -1, -2)) @ g @ q
    np.testing.assert_allclose(products, np.broadcast_to(np.eye(2), products.shape), atol=1e-12)


def test_a_device_need_not_have_a_hash(monkeypatch):
    kind = type(get("array_api_strict").device)

    def refuse(device, own=kind.__hash__):  # array-api-strict itself needs it
        if sys._getframe(1).f_globals["__name__"].startswith("xpnet"):
            raise TypeError("unhashable type: a device")
        return own(device)

    monkeypatch.setattr(kind, "__hash__", refuse)
    whole = array_api_strict.asarray([[1, 2], [3, 4]])
    assert as_inexact(whole).dtype == array_api_strict.float64
    assert float(linalg.norm(whole)) == pytest.approx(30.0**0.5)
    assert float(coverage(whole, 8)) == 0.5
    assert hash(of(whole)) == hash(of(whole + 1))
