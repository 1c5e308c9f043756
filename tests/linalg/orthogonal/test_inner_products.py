"""Inner products brought back to the standard one."""

import numpy as np
import pytest
from tools import assert_at_home, assert_close

from xpnet.backend import BackendError, to_numpy
from xpnet.linalg.orthogonal.gram_schmidt import gram_schmidt
from xpnet.linalg.orthogonal.inner_products import inner_product

G = np.asarray([[4.0, 2.0, 0.0], [2.0, 5.0, -2.0], [0.0, -2.0, 3.0]])


def test_entering_makes_the_standard_product_of_it(backend, rng):
    x = rng.normal(size=(2, 3, 4)).astype(backend.dtype_name)
    for g, inner in ((np.diag([1.0, 4.0, 9.0]), [1.0, 4.0, 9.0]), (G, G), (G, backend.asarray(G))):
        product = inner_product(inner, backend.asarray(x))
        entered = product.enter(backend.asarray(x))
        assert_at_home(backend, entered)
        assert_close(backend, entered.mT @ entered, x.swapaxes(-1, -2) @ g @ x, "product")
        assert_close(backend, product.leave(entered), x, "product")


def test_no_inner_product_changes_nothing(backend):
    x = backend.asarray([[1.0], [2.0]])
    product = inner_product(None, x)
    assert product.is_standard
    assert product.enter(x) is x
    assert product.leave(x) is x


def test_scales_of_the_axes_may_differ_by_far(backend):
    d = np.asarray([1.0, 1e-8, 1e8])
    product = inner_product(G * d * d[:, None], backend.full((3, 1), 1.0))
    entered = product.enter(backend.asarray(np.diag(1.0 / d)))
    assert_close(backend, entered.mT @ entered, G, "product")


def test_a_complex_product_makes_complex_columns_of_real_ones(backend):
    dtype = {"float32": "complex64", "float64": "complex128"}[backend.dtype_name]
    g = np.asarray([[2.0, 1.0j], [-1.0j, 2.0]])
    entered = inner_product(g, backend.asarray(np.eye(2))).enter(backend.asarray(np.eye(2)))
    assert entered.dtype == getattr(backend.xp, dtype)
    host = to_numpy(entered)
    np.testing.assert_allclose(host.conj().T @ host, g, atol=1e-6)


@pytest.mark.parametrize(
    ("inner", "message"),
    [
        ([1.0, 2.0], r"inner must have shape \(3,\) or \(3, 3\), got \(2,\)"),
        (np.ones((3, 2)), r"inner must have shape \(3,\) or \(3, 3\), got \(3, 2\)"),
        (2.0, r"inner must have shape \(3,\) or \(3, 3\), got \(\)"),
        ([1.0, 0.0, 2.0], "inner must be positive and finite weights, got 0.0 at 1"),
        ([1.0, 2.0, -1.0], "inner must be positive and finite weights, got -1.0 at 2"),
        ([float("inf"), 1.0, 2.0], "inner must be positive and finite weights, got inf at 0"),
        ([1.0, float("nan"), 2.0], "inner must be positive and finite weights, got nan at 1"),
        (np.where(np.eye(3) > 0, 1.0, np.nan), r"inner must be finite, got nan at \(0, 1\)"),
        (G + np.triu(G, 1), "inner must be Hermitian, got a matrix that differs from its conjugate transpose"),
        (G - 4.5 * np.eye(3), "inner must be a positive definite matrix, got -0.5 at 0"),
        ([[1.0, 2.0, 0.0], [2.0, 1.0, 0.0], [0.0, 0.0, 1.0]], "inner must be a positive definite matrix, got one that"),
        (np.ones((3, 3)), "inner must be a positive definite matrix, got one that is not"),
        (3.0 * np.ones((3, 3)) - 3.0 * np.eye(3) + np.eye(3), "inner must be a positive definite matrix, got one"),
        (np.zeros((3, 3)), "inner must be a positive definite matrix, got 0.0 at 0"),
    ],
)
def test_inner_products_that_are_none_are_refused(backend, inner, message):
    with pytest.raises(ValueError, match=message):
        gram_schmidt(backend.full((3, 2), 1.0), inner=inner)


def test_indefinite_matrices_with_equal_singular_values_are_refused(backend):
    # eigenvalues 3, 3 and -3: every basis of the plane is as good as another to an SVD
    v = np.asarray([1.0, 1.0, 1.0]) / np.sqrt(3.0)
    with pytest.raises(ValueError, match="positive definite"):
        inner_product(3.0 * np.eye(3) - 6.0 * np.outer(v, v), backend.full((3, 1), 1.0))


def test_nearly_singular_matrices_are_refused(backend):
    eps = 1.2e-7 if backend.dtype_name == "float32" else 2.3e-16
    with pytest.raises(ValueError, match="positive definite"):
        inner_product(backend.asarray([[1.0, 1.0], [1.0, 1.0 + eps]]), backend.full((2, 1), 1.0))


def test_an_inner_product_from_elsewhere_is_refused(backend):
    if backend.name in ("numpy", "torch"):
        pytest.skip("needs two libraries other than NumPy")
    torch = pytest.importorskip("torch")
    with pytest.raises(BackendError, match="inner must be on the library and device of a"):
        gram_schmidt(backend.full((2, 2), 1.0), inner=torch.ones(2))
