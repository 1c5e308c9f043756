"""Orthonormal bases: their loss of orthogonality, projections onto their span, and their completion."""

from typing import Any

from xpnet.backend import Array, device_of, namespace, quiet
from xpnet.linalg.arguments import adjoint, finite_matrix, limits
from xpnet.linalg.factorizations.library import library_qr, library_svdvals
from xpnet.linalg.orthogonal.gram_schmidt_columns import zeros
from xpnet.linalg.precision import promotes


@promotes("x", "q")
def project(x: Any, q: Any) -> Array:
    """Return the orthogonal projection of `x` onto the span of the columns of `q`: q q^H x.

    Parameters
    ----------
    x : Array, shape (m,) or (..., m, p)
        One vector, or columns.
    q : Array, shape (..., m, n)
        Orthonormal columns; zero ones do nothing.

    Returns
    -------
    Array
        The nearest point of the span.  The shape of `x`, with the leading axes of both.

    Raises
    ------
    ValueError
        If the shapes do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> project(np.asarray([3.0, 4.0]), np.asarray([[1.0], [0.0]]))
    array([3., 0.])
    """
    q = finite_matrix(q, "q")
    columns = x[:, None] if x.ndim == 1 else x
    if x.ndim == 0 or columns.shape[-2] != q.shape[-2]:
        m = q.shape[-2]
        raise ValueError(f"x must have shape ({m},) or (..., {m}, p) to fit q, got {tuple(x.shape)}")
    found = q @ (adjoint(q) @ columns)
    return found[..., 0] if x.ndim == 1 else found


@promotes("q")
def orthogonality_loss(q: Any) -> Array:
    """Return how far the columns of `q` are from orthonormal: ||I - q^H q||_2 over those that are not zero.

    Parameters
    ----------
    q : Array, shape (..., m, n)

    Returns
    -------
    Array, shape (...)
        0 is perfect; columns of length 1 that coincide give 1.  Infinite where q^H q overflows.

    Raises
    ------
    ValueError
        If `q` is not a finite matrix.

    Examples
    --------
    >>> import numpy as np
    >>> orthogonality_loss(np.asarray([[1.0, 0.6, 0.0], [0.0, 0.8, 0.0]])).round(12)
    np.float64(0.6)
    """
    q = finite_matrix(q, "q")
    xp = namespace(q)
    there = xp.astype(xp.any(q != 0.0, axis=-2), q.dtype)  # (..., n)
    with quiet():
        gap = there[..., None, :] * xp.eye(q.shape[-1], dtype=q.dtype, device=device_of(q)) - adjoint(q) @ q
    sound = xp.all(xp.isfinite(gap), axis=(-2, -1))
    values = library_svdvals(xp.where(sound[..., None, None], gap, xp.zeros_like(gap)))  # (..., n)
    largest = values[..., 0] if values.shape[-1] else xp.sum(values, axis=-1)
    return xp.where(sound, largest, float("inf"))


def is_orthonormal(q: Any, *, tol: float | None = None) -> Array:
    """Return whether the columns of `q` that are not zero are orthonormal.

    Parameters
    ----------
    q : Array, shape (..., m, n)
    tol : float, optional
        The largest `orthogonality_loss` to be called orthonormal.  Default: ``10 max(m, n) eps``: each entry of
        q^H q is a sum of m products, each of which rounds, and the best methods leave a few roundings of their own.

    Returns
    -------
    Array of bool, shape (...)

    Examples
    --------
    >>> import numpy as np
    >>> is_orthonormal(np.asarray([[0.6], [0.8]]))
    np.True_
    """
    q = finite_matrix(q, "q")
    if tol is None:
        tol = 10 * max(q.shape[-2:]) * limits(namespace(q), q.dtype)[0]
    return orthogonality_loss(q) <= tol


@promotes("q")
def complete_basis(q: Any) -> Array:
    """Return an orthonormal basis of the whole space: the nonzero columns of `q`, then the missing directions.

    Parameters
    ----------
    q : Array, shape (..., m, n)
        Orthonormal columns, some of which may be zero, as `gram_schmidt` returns them.

    Returns
    -------
    Array, shape (..., m, m)

    Notes
    -----
    The missing directions are those of Householder's reflections: always the same for the same `q`.

    Examples
    --------
    >>> import numpy as np
    >>> abs(complete_basis(np.asarray([[0.0, 0.6], [0.0, 0.8]]))).round(12)
    array([[0.6, 0.8],
           [0.8, 0.6]])
    """
    q = finite_matrix(q, "q")
    xp = namespace(q)
    m, n = q.shape[-2:]
    if 0 in q.shape:
        return library_qr(zeros(q, m, 1), complete=True)[0]
    is_zero = ~xp.any(q != 0.0, axis=-2)  # (..., n)
    order = xp.argsort(xp.astype(is_zero, xp.int32), axis=-1)[..., None, :]  # the zero columns come last
    q = xp.take_along_axis(q, xp.broadcast_to(order, q.shape), axis=-1)[..., : min(m, n)]
    known = xp.concat([q, zeros(q, m, max(m - n, 0))], axis=-1)  # (..., m, m)
    return xp.where(xp.any(known != 0.0, axis=-2, keepdims=True), known, library_qr(known, complete=True)[0])
