"""PyTorch inputs that require a gradient keep their graph, and gradients are those of torch.linalg."""

import numpy as np
import pytest
from linalg.table import CALLS, A, B

from xpnet import linalg
from xpnet.trees import leaves

torch = pytest.importorskip("torch")


def generic(shape, seed=0):
    return torch.asarray(np.random.default_rng(seed).standard_normal(shape)).requires_grad_()


def assert_same_gradients(ours, theirs, shape, scale=1.0):
    """Compare the gradients of weighted sums of all results, so that each result counts."""
    gradients = []
    for f in (ours, theirs):
        x = generic(shape)
        results = [y for y in leaves(f(scale * x)) if y.dtype == torch.float64]
        total = sum((y * torch.asarray(np.random.default_rng(1).standard_normal(y.shape))).sum() for y in results)
        total.backward()
        gradients.append(np.zeros(shape) if x.grad is None else x.grad.numpy())
    np.testing.assert_allclose(gradients[0], gradients[1], rtol=0.0, atol=1e-10 * abs(gradients[1]).max())


@pytest.mark.parametrize("p", [None, 0, 0.5, 1, 1.5, 2, 2.5, 3, 7, -1, -2, float("inf"), -float("inf")])
def test_norms_of_vectors(p):
    for axis in (None, 0) if p is None else (0, 1):
        assert_same_gradients(
            lambda x, a=axis: linalg.norm(x, p, axis=a), lambda x, a=axis: torch.linalg.norm(x, p, dim=a), (4, 3)
        )
    if p is not None:
        assert_same_gradients(
            lambda x: linalg.vector_norm(x, ord=p), lambda x: torch.linalg.vector_norm(x, p), (2, 3, 4)
        )


@pytest.mark.parametrize("p", ["fro", "nuc", 1, -1, 2, -2, float("inf"), -float("inf")])
@pytest.mark.parametrize("shape", [(4, 3), (2, 3, 4)])
def test_norms_of_matrices(p, shape):
    assert_same_gradients(lambda x: linalg.matrix_norm(x, ord=p), lambda x: torch.linalg.matrix_norm(x, p), shape)


@pytest.mark.parametrize("scale", [1.0, 1e-200, 1e200])
def test_gradients_do_not_depend_on_the_scale(scale):
    x = generic((3, 4))
    linalg.norm(scale * x, axis=0).sum().backward()
    expected = (x / torch.linalg.norm(x, dim=0)).detach().numpy() * scale
    np.testing.assert_allclose(x.grad.numpy() / scale, expected / scale, atol=1e-12)


def test_a_zero_vector_has_a_gradient_of_zero_as_in_torch():
    x = torch.asarray([[3.0, 0.0], [4.0, 0.0]], dtype=torch.float64).requires_grad_()
    linalg.norm(x, axis=0).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), [[0.6, 0.0], [0.8, 0.0]], atol=1e-15)


@pytest.mark.parametrize("shape", [(4, 3), (3, 4), (2, 4, 3)])
def test_singular_values_and_vectors(shape):
    assert_same_gradients(linalg.svdvals, torch.linalg.svdvals, shape)
    assert_same_gradients(lambda x: linalg.svd(x, False, flip=False), lambda x: torch.linalg.svd(x, False), shape)

    def flipped(x):
        u, s, vh = torch.linalg.svd(x, full_matrices=False)
        signs = torch.sign(torch.gather(u, -2, u.abs().argmax(-2, keepdim=True))).detach()
        return u * signs, s, vh * signs.mT

    assert_same_gradients(lambda x: linalg.svd(x, False), flipped, shape)


@pytest.mark.parametrize("shape", [(4, 3), (2, 5, 4)])
@pytest.mark.parametrize("method", ["cgs", "cgs2", "mgs", "mgs2", "block", "householder", "qr"])
def test_orthonormal_columns(method, shape):
    def expected(x):
        q, r = torch.linalg.qr(x)
        signs = torch.sign(torch.diagonal(r, dim1=-2, dim2=-1)).detach()[..., None, :]
        return (q, r) if method == "qr" else (q * signs, r * signs.mT)

    def found(x):
        return tuple(linalg.qr(x) if method == "qr" else linalg.gram_schmidt(x, method=method)[:2])

    assert_same_gradients(found, expected, shape)


@pytest.mark.parametrize("name", sorted(CALLS))
def test_every_function_takes_arrays_that_require_a_gradient(name):
    call = CALLS[name]
    data = [torch.asarray(x, dtype=torch.float64) for x in (A, B)][: call.data]
    plain = leaves(call.run(*data))
    for got, right in zip(leaves(call.run(*(x.requires_grad_() for x in data))), plain, strict=True):
        if isinstance(got, torch.Tensor):
            np.testing.assert_allclose(got.detach().numpy(), right.numpy(), rtol=0.0, atol=1e-13)  # by svd, not svdvals
            assert got.requires_grad == (got.dtype == torch.float64)


def test_what_is_wrong_with_them_is_said_as_without():
    x = torch.asarray([[1.0, float("nan")]], requires_grad=True)
    with pytest.raises(ValueError, match=r"a must be finite, got nan at \(0, 1\)"):
        linalg.svd(x)
    with pytest.raises(ValueError, match=r"a must be finite, got \(1\+nanj\)"):
        linalg.svd(torch.conj(torch.asarray([[complex(1.0, float("nan"))]])))  # a view that NumPy cannot have
