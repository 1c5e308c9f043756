"""Norms of matrices, by their entries, rows and columns, and by their singular values."""

from math import inf
from typing import Any

from xpnet.backend import Array, namespace, quiet
from xpnet.checks import whole
from xpnet.linalg.arguments import adjoint, as_matrix, unboxed
from xpnet.linalg.factorizations.library import largest_eigenvalue
from xpnet.linalg.factorizations.svd import svdvals
from xpnet.linalg.norms.vector_norms import as_order, measure, vector_norm
from xpnet.linalg.precision import promotes
from xpnet.linalg.scaling import moderate

ORDERS = ("fro", "nuc", 1, -1, 2, -2, inf, -inf)


@promotes("a")
def matrix_norm(a: Any, /, *, keepdims: bool = False, ord: float | str = "fro") -> Array:
    """Return the norm of a matrix, or of each in a stack.

    Parameters
    ----------
    a : Array, shape (..., m, n)
    keepdims : bool
        Whether the last two axes stay in the result, with length 1.
    ord : {"fro", "nuc", 1, 2, inf, -1, -2, -inf}
        ``"fro"``: ``sqrt(sum |a_ij|^2)``, Frobenius.  ``"nuc"``: sum of the singular values.  1: the largest sum of
        absolute values of a column, inf: of a row.  2: the largest singular value, the spectral norm.  A negative
        order takes the smallest instead, and is no norm.

    Returns
    -------
    Array, shape (...)
        Real, in the precision of `a`.

    Raises
    ------
    ValueError
        If `a` is no matrix or `ord` is none of these.

    Notes
    -----
    The spectral norm is the square root of the largest eigenvalue of a^H a (or a a^H), which has min(m, n) rows: this
    is four times faster than singular values, and as accurate for the largest one.  No norm computes singular vectors.
    Entries too large or too small to be squared are scaled first.  NaN gives NaN, and infinity gives infinity.

    References
    ----------
    Golub and Van Loan, Matrix Computations, 4th edition, section 2.3.

    Examples
    --------
    >>> import numpy as np
    >>> a = np.asarray([[1.0, 3.0], [5.0, 7.0]])
    >>> [round(float(matrix_norm(a, ord=p)), 4) for p in ("fro", "nuc", 1, 2, np.inf)]
    [9.1652, 10.0, 10.0, 9.1231, 12.0]
    """
    a = as_matrix(a)
    last = a.ndim - 1
    match _as_matrix_order(ord):
        case "fro":
            found = measure(a, (last - 1, last), 2.0)
        case "nuc":
            found = schatten_norm(a, 1)
        case 2.0:
            found = _spectral(a)
        case -2.0:
            if 0 in a.shape[-2:]:
                raise ValueError(f"a must have at least one entry for ord -2, got shape {tuple(a.shape)}")
            found = namespace(a).min(_singular_values(a), axis=-1)
        case p:
            sums = measure(a, (last - 1 if abs(p) == 1.0 else last,), 1.0)
            found = measure(sums, (last - 1,), inf if p > 0.0 else -inf)
    return found[..., None, None] if keepdims else found


@promotes("a")
def schatten_norm(a: Any, p: float, /) -> Array:
    """Return the Schatten norm, the vector norm of order `p` of the singular values: shape (...).

    p = 1 is the nuclear norm, 2 Frobenius, inf the spectral norm; below 1 it is no norm, and 0 counts the values
    that are not zero.

    Parameters
    ----------
    a : Array, shape (..., m, n)
        Real or complex.
    p : float
        The order, from 0 to inf.

    Examples
    --------
    >>> round(float(schatten_norm([[1, 3], [5, 7]], 3)), 6)
    9.125805
    """
    a, p = as_matrix(a), as_order(p)
    return _spectral(a) if p == inf else measure(_singular_values(a), (a.ndim - 2,), p)


@promotes("a")
def ky_fan_norm(a: Any, k: int, /, *, p: float = 1) -> Array:
    """Return the Ky Fan norm, the vector norm of order `p` of the `k` largest singular values: shape (...).

    With p = 1 their sum.  k = 1 is the spectral norm, k = min(m, n) the nuclear norm.

    Parameters
    ----------
    a : Array, shape (..., m, n)
        Real or complex.
    k : int
        How many singular values count, from 1 to min(m, n).
    p : float
        As for `schatten_norm`.

    Raises
    ------
    ValueError
        If `k` is not between 1 and min(m, n).

    Examples
    --------
    >>> round(float(ky_fan_norm([[1, 3], [5, 7]], 2)), 6)
    10.0
    """
    a = as_matrix(a)
    k = whole("k", k, 1, min(a.shape[-2:]))
    return vector_norm(_singular_values(a)[..., :k], ord=p, axis=-1)


def _as_matrix_order(ord: Any) -> Any:
    known = ord if isinstance(ord, str) else as_order(ord)
    if known not in ORDERS:
        raise ValueError(f"ord must be one of {', '.join(map(str, ORDERS))} for matrices, got {ord!r}")
    return known


def _spectral(a: Array) -> Array:
    """Return the largest singular value, shape (...): NaN if the matrix holds NaN, else infinity if it does."""
    xp = namespace(a)
    if 0 in a.shape:
        return xp.sum(xp.abs(a), axis=(-2, -1))
    b, unit, finite = moderate(a)
    squared = largest_eigenvalue(adjoint(b) @ b if a.shape[-1] <= a.shape[-2] else b @ adjoint(b))
    with quiet():
        found = unit[..., 0, 0] * xp.sqrt(xp.maximum(squared, 0.0))
    return unboxed(xp.where(finite[..., 0, 0], found, unit[..., 0, 0]))


def _singular_values(a: Array) -> Array:
    """Return the singular values, (..., k), of matrices; NaN gives NaN, and infinity infinity."""
    xp = namespace(a)
    if 0 in a.shape:
        return svdvals(a)
    b, unit, finite = moderate(a)
    values = svdvals(b)
    with quiet():
        return xp.where(finite[..., 0], unit[..., 0] * values, unit[..., 0])
