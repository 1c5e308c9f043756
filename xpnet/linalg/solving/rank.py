"""Ranks and condition numbers."""

from math import inf, nan
from typing import Any

from xpnet.backend import Array, LinAlgError, namespace, quiet
from xpnet.linalg.arguments import adjoint, as_matrix, limits, unboxed
from xpnet.linalg.factorizations.svd import moderate_finite, svd, svdvals
from xpnet.linalg.norms.matrix_norms import matrix_norm
from xpnet.linalg.precision import promotes
from xpnet.linalg.proximal.levels import as_level
from xpnet.linalg.scaling import moderate, over


@promotes("a")
def matrix_rank(a: Any, tol: Any = None, hermitian: bool = False, *, rtol: Any = None) -> Array:
    """Return the numerical rank: how many singular values are above a tolerance, shape (...).

    Parameters
    ----------
    a : Array, shape (..., m, n)
        With fewer than two axes the rank is 1, or 0 if all entries are 0.
    tol : float or Array, shape (...), optional
        The tolerance itself.
    hermitian : bool
        Whether `a` equals its conjugate transpose, which is faster.
    rtol : float or Array, shape (...), optional
        The tolerance as a fraction of the largest singular value.  Default: max(m, n) eps.

    Raises
    ------
    ValueError
        If both tolerances are given; and as `svd`.

    Examples
    --------
    >>> int(matrix_rank([[1.0, 2.0], [2.0, 4.0]]))
    1
    """
    if tol is not None and rtol is not None:
        raise ValueError("`tol` and `rtol` can't be both set.")  # NumPy's words
    xp = namespace(a)
    if a.ndim < 2:
        return xp.astype(xp.any(a != 0.0), xp.int64)
    b, unit = moderate_finite(a)
    s = svdvals(b, hermitian=hermitian)
    if tol is None:
        default = max(a.shape[-2:]) * limits(xp, a.dtype)[0]
        level = per_matrix(default if rtol is None else rtol, "rtol", s) * leading(s)
    else:
        level = over(per_matrix(tol, "tol", s), unit[..., 0])
    return xp.count_nonzero(s > level, axis=-1)


@promotes("a")
def cond(a: Any, p: float | str | None = None) -> Array:
    """Return the condition number ``norm(a, p) norm(inverse of a, p)``, shape (...): how much errors may grow.

    Parameters
    ----------
    a : Array, shape (..., m, n)
        Square, except for `p` 2 and -2.
    p : {None, 1, -1, 2, -2, inf, -inf, "fro"}
        Order of the norm; None is 2, the ratio of the largest singular value and the smallest.

    Returns
    -------
    Array
        Infinite for a singular matrix (0 for `p` -2), NaN for one that holds NaN or infinity.

    Raises
    ------
    LinAlgError
        If `a` is empty, or not square where it should be.

    Examples
    --------
    >>> float(cond([[2.0, 0.0], [0.0, 0.5]]))
    4.0
    """
    a = as_matrix(a)
    xp, (m, n) = namespace(a), a.shape[-2:]
    if 0 in (m, n):
        raise LinAlgError(f"a must not be empty to have a condition number, got shape {tuple(a.shape)}")
    if m != n and p not in (None, 2, -2):
        raise LinAlgError(f"a must be square for a condition number of order {p}, got shape {tuple(a.shape)}")
    b, _, finite = moderate(a)
    with quiet():
        if p in (None, 2, -2):
            s = svdvals(b)
            found = s[..., -1] / s[..., 0] if p == -2 else s[..., 0] / s[..., -1]
        else:
            u, s, vh = svd(b, full_matrices=False, flip=False)
            inverse = (adjoint(vh) / xp.astype(s, u.dtype)[..., None, :]) @ adjoint(u)
            found = matrix_norm(b, ord=p) * matrix_norm(inverse, ord=p)
    singular = s[..., 0 if p == -2 else -1] == 0.0
    found = xp.where(singular, xp.full_like(found, inf), found)
    return unboxed(xp.where(finite[..., 0, 0], found, xp.full_like(found, nan)))


@promotes("a")
def stable_rank(a: Any) -> Array:
    """Return ``|a|_F^2 / |a|_2^2``, shape (...): a rank that small singular values hardly change; 0 for a zero matrix.

    Parameters
    ----------
    a : Array, shape (..., m, n)
        Real or complex.

    References
    ----------
    Rudelson and Vershynin, doi:10.1145/1255443.1255449.

    Examples
    --------
    >>> float(stable_rank([[1.0, 0.0], [0.0, 1e-9]]))
    1.0
    """
    shares = _shares(a)
    return namespace(shares).sum(shares * shares, axis=-1)


@promotes("a")
def effective_rank(a: Any) -> Array:
    """Return exp(H(p)), with H the entropy and p = s / sum(s): shape (...); 0 for a zero matrix.

    Parameters
    ----------
    a : Array, shape (..., m, n)
        Real or complex.

    References
    ----------
    Roy and Vetterli, The effective rank, EUSIPCO 2007.

    Examples
    --------
    >>> round(float(effective_rank([[2.0, 0.0], [0.0, 2.0]])), 6)
    2.0
    """
    shares = _shares(a)  # relative to the largest singular value
    xp = namespace(shares)
    total = xp.sum(shares, axis=-1, keepdims=True)
    p = shares / xp.where(total > 0.0, total, xp.ones_like(total))
    logs = xp.log(xp.where(p > 0.0, p, xp.ones_like(p)))
    return xp.exp(-xp.sum(p * logs, axis=-1)) * xp.astype(total[..., 0] > 0.0, total.dtype)


def _shares(a: Any) -> Array:
    """Return the singular values divided by the largest, (..., k)."""
    s = svdvals(moderate_finite(a)[0])
    xp, top = namespace(s), leading(s)
    return s / xp.where(top > 0.0, top, xp.ones_like(top))


def leading(s: Array) -> Array:
    """Return the largest of falling singular values, (..., k): shape (..., 1), or (..., 0) if there are none."""
    return s[..., : min(1, s.shape[-1])]


def per_matrix(tolerance: Any, name: str, s: Array) -> Array:
    """Return a tolerance (a number, or an array or sequence with one for each matrix) for singular values, (..., k)."""
    return as_level(tolerance, name, s, (s.ndim - 1,))
