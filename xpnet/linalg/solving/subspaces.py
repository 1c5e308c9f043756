"""Orthonormal bases of the column space and the null space, and the angles between two subspaces."""

from typing import Any

from xpnet.backend import Array, namespace
from xpnet.checks import share
from xpnet.linalg.arguments import adjoint, as_matrix, limits
from xpnet.linalg.factorizations.svd import moderate_finite, svd, svdvals
from xpnet.linalg.precision import promotes


@promotes("a")
def column_space(a: Any, *, rtol: float | None = None) -> Array:
    """Return an orthonormal basis of the columns of one matrix `a`, (m, n): (m, rank), by singular values.

    Parameters
    ----------
    a : Array, shape (m, n)
    rtol : float, optional
        Singular values of at most this fraction of the largest count as 0.  Default: max(m, n) eps.

    Notes
    -----
    `gram_schmidt` also gives a basis, in the order of the columns and at a fraction of the cost.  Here the most
    important direction comes first, and the rank is more reliable.

    Examples
    --------
    >>> column_space([[3.0, 6.0], [4.0, 8.0]]).round(12)
    array([[0.6],
           [0.8]])
    """
    a = _single(a)
    u, s, _ = svd(a, full_matrices=False)
    return u[:, : _rank(a, s, rtol)]


@promotes("a")
def null_space(a: Any, *, rtol: float | None = None) -> Array:
    """Return an orthonormal basis of the x with a x = 0, for one matrix `a`, (m, n): (n, n - rank).

    The parameters are those of `column_space`.

    Parameters
    ----------
    a : Array, shape (m, n)
        One matrix.
    rtol : float, optional
        As for `column_space`.

    Examples
    --------
    >>> abs(null_space([[1.0, 1.0]])).round(6)
    array([[0.707107],
           [0.707107]])
    """
    a = _single(a)
    _, s, vh = svd(a)
    return adjoint(vh[_rank(a, s, rtol) :, :])


@promotes("a", "b")
def subspace_angles(a: Any, b: Any) -> Array:
    """Return the principal angles between the columns of `a` and of `b`, in radians, the largest first.

    Parameters
    ----------
    a, b : Array, shape (..., m, n) and (..., m, p)
        Of full rank.

    Returns
    -------
    Array, shape (..., min(n, p))

    Notes
    -----
    Small angles are computed from sines and large ones from cosines, so that neither loses digits.

    References
    ----------
    Björck and Golub, doi:10.1090/S0025-5718-1973-0348991-3; Knyazev and Argentati, doi:10.1137/S1064827500377332.

    Examples
    --------
    >>> import numpy as np
    >>> float(np.degrees(subspace_angles([[1.0], [0.0]], [[1.0], [1.0]]))[0].round(9))
    45.0
    """
    a, b = as_matrix(a), as_matrix(b, "b")
    xp = namespace(a)
    if a.shape[-2] != b.shape[-2]:
        raise ValueError(f"a and b must have as many rows, got shapes {tuple(a.shape)} and {tuple(b.shape)}")
    p, q = (svd(x, full_matrices=False, flip=False).U for x in (a, moderate_finite(b, "b")[0]))
    if p.shape[-1] < q.shape[-1]:
        p, q = q, p
    overlap = adjoint(p) @ q
    cosines = xp.flip(svdvals(overlap), axis=-1)  # rising: largest angle first
    sines = svdvals(q - p @ overlap)
    by_cosine, by_sine = (xp.minimum(xp.maximum(each, 0.0), 1.0) for each in (cosines, sines))
    return xp.where(by_cosine * by_cosine < 0.5, xp.acos(by_cosine), xp.asin(by_sine))


def _single(a: Any) -> Array:
    a = as_matrix(a)
    if a.ndim > 2:
        raise ValueError(f"a must be one matrix, since ranks may differ in a stack, got shape {tuple(a.shape)}")
    return a


def _rank(a: Array, s: Array, rtol: float | None) -> int:
    if 0 in a.shape:
        return 0
    xp = namespace(s)
    part = max(a.shape) * limits(xp, s.dtype)[0] if rtol is None else share("rtol", rtol)
    return int(xp.count_nonzero(s > part * s[0]))
