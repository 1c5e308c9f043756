"""Inner products other than the standard one, reduced to it: x^H G y = (C x)^H (C y) with G = C^H C."""

from collections.abc import Callable
from typing import Any, NamedTuple

from xpnet.backend import Array, all_true, device_of, is_linalg_error, library_of, namespace, to_numpy
from xpnet.linalg.arguments import COMPLEX, adjoint, as_inexact, conjugate, finite_matrix, is_kind, limits, real_backend
from xpnet.linalg.factorizations.library import library_svd


class InnerProduct(NamedTuple):
    """Maps to coordinates in which an inner product is the standard one, and back.

    Attributes
    ----------
    enter : callable
        C x for columns x, (..., m, n).
    leave : callable
        C^-1 x.
    is_standard : bool
        Whether C is the identity.
    """

    enter: Callable[[Array], Array]
    leave: Callable[[Array], Array]
    is_standard: bool = False


def inner_product(inner: Any, a: Array) -> InnerProduct:
    """Return the inner product that `inner` describes, for columns like those of `a`, (..., m, n).

    Parameters
    ----------
    inner : None, Array of shape (m,) or Array of shape (m, m)
        None is the standard inner product; positive weights stand for a diagonal G; else G itself.
    a : Array

    Raises
    ------
    ValueError
        If `inner` has another shape, or weights that are not positive and finite, or is not a finite Hermitian
        positive definite matrix.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.asarray([[1.0], [1.0]])
    >>> inner_product([4.0, 9.0], x).enter(x)
    array([[2.],
           [3.]])
    """
    if inner is None:
        return InnerProduct(_itself, _itself, is_standard=True)
    g = _at_home(inner, a)
    m = a.shape[-2]
    if g.shape not in ((m,), (m, m)):
        raise ValueError(f"inner must have shape ({m},) or ({m}, {m}), got {tuple(g.shape)}")
    return _weighted(g) if g.ndim == 1 else _by_gram_matrix(finite_matrix(g, "inner"))


def _itself(x: Array) -> Array:
    return x


def _weighted(w: Array) -> InnerProduct:
    root = _roots(w, "positive and finite weights")[:, None]  # (m, 1)
    return InnerProduct(lambda x: root * x, lambda x: x / root)


def _by_gram_matrix(g: Array) -> InnerProduct:
    """Return the inner product of a matrix G = D H D: H has ones on its diagonal, so that scales do not matter."""
    xp = namespace(g)
    m, eps = g.shape[-1], limits(xp, g.dtype)[0]
    g, skew = 0.5 * g + 0.5 * adjoint(g), 0.5 * g - 0.5 * adjoint(g)
    if m and all_true(xp.max(xp.abs(skew)) <= 10 * m * eps * xp.max(xp.abs(g))) is False:
        raise ValueError("inner must be Hermitian, got a matrix that differs from its conjugate transpose")
    diagonal = xp.sum(xp.where(xp.eye(m, device=device_of(g)) > 0.0, g, xp.zeros_like(g)), axis=-1)
    d = _roots(_real(diagonal), _DEFINITE)[:, None]
    h = g / d / xp.matrix_transpose(d)
    enter, leave = (_cholesky if hasattr(xp, "linalg") else _singular)(h, m * eps)
    return InnerProduct(
        lambda x: enter(d * xp.astype(x, g.dtype)),
        lambda x: leave(x) / d,
    )


_DEFINITE = "a positive definite matrix"
Maps = tuple[Callable[[Array], Array], Callable[[Array], Array]]


def _cholesky(h: Array, least: float) -> Maps:
    xp = namespace(h)
    try:
        lower = xp.tril(xp.linalg.cholesky(h))
    except Exception as error:
        if is_linalg_error(error):
            raise ValueError(f"inner must be {_DEFINITE}, got one that is not") from error
        raise
    pivots = xp.sum(xp.abs(lower) ** 2 * xp.eye(h.shape[-1], dtype=xp.abs(h).dtype, device=device_of(h)), axis=-1)
    upper = adjoint(lower)
    # CuPy's factorization of an indefinite matrix returns without an error: only the product shows it
    residual = xp.abs(lower @ upper - h)
    _need(xp.all(pivots > least) & xp.all(residual <= 10.0 * least))
    return lambda x: upper @ x, lambda x: _solve(upper, x)


def _solve(upper: Array, x: Array) -> Array:
    """Return ``upper^-1 x`` for a stack x, (..., m, n): not every library's solve broadcasts."""
    xp = namespace(x)
    return x if 0 in x.shape else xp.linalg.solve(xp.broadcast_to(upper, (*x.shape[:-2], *upper.shape)), x)


def _singular(h: Array, least: float) -> Maps:
    """Do what `_cholesky` does on libraries without it: H = V S V^H if no eigenvalue is negative."""
    xp = namespace(h)
    u, s, vh = library_svd(h)
    agree = _real(xp.sum(conjugate(u) * adjoint(vh), axis=-2))  # all 1, or one is at most 1 - 2/m
    _need(xp.all((s > least) & (agree > 1.0 - 1.0 / h.shape[-1])))
    root = xp.sqrt(s)[:, None]
    return lambda x: root * (vh @ x), lambda x: adjoint(vh) @ (x / root)


def _real(x: Array) -> Array:
    xp = namespace(x)
    return xp.real(x) if is_kind(xp, x.dtype, COMPLEX) else x


def _need(definite: Array) -> None:
    if all_true(definite) is False:
        raise ValueError(f"inner must be {_DEFINITE}, got one that is not")


def _roots(w: Array, kind: str) -> Array:
    """Return the square roots of positive numbers, (m,); an error names the first number that is not positive."""
    xp = namespace(w)
    if all_true((w > 0.0) & xp.isfinite(w)) is False:
        host = to_numpy(w)
        place = int((~((host > 0.0) & (host < float("inf")))).nonzero()[0][0])
        raise ValueError(f"inner must be {kind}, got {host[place]} at {place}")
    return xp.sqrt(w)


def _at_home(inner: Any, a: Array) -> Array:
    """Return `inner` in the library, on the device and in the precision of `a`."""
    xp = namespace(a)
    host = library_of(inner) in (None, "numpy")
    inner = as_inexact(inner, "inner")
    dtype = real_backend(a).dtype
    if is_kind(namespace(inner), inner.dtype, COMPLEX):
        dtype = xp.result_type(dtype, xp.complex64)
    if host:
        return xp.asarray(inner.copy(), dtype=dtype, device=device_of(a))
    namespace(a=a, inner=inner)
    return xp.astype(inner, dtype)
