"""CuPy's manners put on NumPy: factorizations that never raise, and a solve that does not broadcast."""

import sys
from types import ModuleType

import numpy as np
import pytest
from linalg.table import CALLS, A, B

from xpnet.backend import libraries
from xpnet.linalg import gram_schmidt, is_orthonormal, lstsq, pinv, randomized_svd, svd
from xpnet.linalg.low_rank.sketch import orthonormal
from xpnet.linalg.orthogonal.inner_products import inner_product

INDEFINITE = np.asarray([[1.0, 2.0], [2.0, 1.0]])  # stops with a pivot of -3, whose square is large


def cholesky(a):
    """Do as cuSOLVER does: stop at a pivot that is not positive, and leave the rest as it is."""
    a = np.array(a)
    for matrix in a.reshape(-1, *a.shape[-2:]):
        for j in range(matrix.shape[-1]):
            pivot = matrix[j, j] - np.sum(np.abs(matrix[j, :j]) ** 2)
            if not pivot.real > 0.0:
                matrix[j, j] = pivot
                break
            matrix[j, j] = np.sqrt(pivot)
            below = matrix[j + 1 :, j] - matrix[j + 1 :, :j] @ matrix[j, :j].conj()
            matrix[j + 1 :, j] = below / matrix[j, j]
    return a  # what is above the diagonal is not cleared


def inv(a):
    with np.errstate(all="ignore"):
        try:
            return np.linalg.inv(a)
        except np.linalg.LinAlgError:
            return np.full_like(a, np.nan)


def solve(a, b):
    assert a.ndim == b.ndim, "solve does not broadcast"
    assert a.shape[:-2] == b.shape[:-2], "solve does not broadcast"
    return inv(a) @ b


@pytest.fixture
def _on_the_device(monkeypatch):
    manners = ModuleType("manners")
    vars(manners).update(vars(np))
    manners.linalg = ModuleType("manners.linalg")
    vars(manners.linalg).update(vars(np.linalg))
    vars(manners.linalg).update(cholesky=cholesky, inv=inv, solve=solve)
    monkeypatch.setitem(libraries._namespaces, np.ndarray, manners)


pytestmark = pytest.mark.usefixtures("_on_the_device")


def test_indefinite_inner_products_are_found_by_what_the_factor_leaves():
    assert np.all(np.isfinite(cholesky(INDEFINITE)))  # and nothing was said
    for g in (INDEFINITE, np.kron(np.eye(3), INDEFINITE), INDEFINITE * [[1.0, 1j], [-1j, 1.0]]):
        with pytest.raises(ValueError, match="inner must be a positive definite matrix"):
            inner_product(g, np.ones((len(g), 1)))


@pytest.mark.parametrize("shape", [(3, 2), (2, 3, 2), (5, 2, 3, 2), (0, 3, 2)])
@pytest.mark.parametrize("method", ["cgs2", "block", "householder"])
def test_stacks_meet_one_inner_product(shape, method, rng):
    g = np.asarray([[4.0, 2.0, 0.0], [2.0, 5.0, -2.0], [0.0, -2.0, 3.0]])
    a = rng.standard_normal(shape)
    q = gram_schmidt(a, inner=g, method=method).q
    np.testing.assert_allclose(q.mT @ g @ q, np.broadcast_to(np.eye(2), (*shape[:-2], 2, 2)), atol=1e-13)


def test_dependent_columns_are_found_in_blocks(rng):
    a = rng.standard_normal((40, 6))
    dependent = np.concatenate([a, a @ rng.standard_normal((6, 4)), 1e-9 * a + rng.standard_normal((40, 6))], axis=1)
    q, r, rank, kept = gram_schmidt(dependent, method="block", rtol=1e-10)
    assert rank == 12
    assert is_orthonormal(q[:, kept])
    np.testing.assert_allclose(q @ r, dependent, atol=1e-12)


@pytest.mark.parametrize("nearly", [False, True])
def test_sketches_of_dependent_columns_become_orthonormal(nearly, rng):
    y = rng.standard_normal((50, 3)) @ rng.standard_normal((3, 8))
    q = orthonormal(y, nearly=nearly)
    np.testing.assert_allclose(q.T @ q, np.eye(8), atol=1e-12)


def test_the_rest_of_linalg_does_not_mind(rng):
    a = rng.standard_normal((30, 4)) @ rng.standard_normal((4, 20))
    found = randomized_svd(a, 6)
    np.testing.assert_allclose((found.U * found.S) @ found.Vh, a, atol=1e-12)
    np.testing.assert_allclose(pinv(a), np.linalg.pinv(a), atol=1e-12)
    np.testing.assert_allclose(lstsq(a, a[:, 0]).x, np.linalg.lstsq(a, a[:, 0], rcond=None)[0], atol=1e-12)
    np.testing.assert_allclose(svd(a).S, np.linalg.svd(a)[1], atol=1e-12)


@pytest.mark.parametrize("name", sorted(CALLS))
def test_devices_need_no_hash(name, monkeypatch):
    strict = pytest.importorskip("array_api_strict")
    own = strict.Device.__hash__

    def hash_for_strict_only(device):  # cupy.cuda.Device has no hash
        assert "array_api_strict" in sys._getframe(1).f_code.co_filename, "unhashable type"
        return own(device)

    monkeypatch.setattr(strict.Device, "__hash__", hash_for_strict_only)
    call = CALLS[name]
    call.run(*(strict.asarray(x) for x in (A, B)[: call.data]))
