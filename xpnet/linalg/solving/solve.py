"""The pseudoinverse and least squares, by the singular value decomposition."""

from math import inf
from typing import Any, NamedTuple

from xpnet.backend import Array, LinAlgError, namespace, quiet
from xpnet.linalg.arguments import adjoint, as_matrix, limits
from xpnet.linalg.factorizations.svd import moderate_finite, svd
from xpnet.linalg.precision import promotes
from xpnet.linalg.scaling import largest, over, unit_of
from xpnet.linalg.solving.rank import leading, per_matrix


class LeastSquares(NamedTuple):
    """A solution of least squares, in NumPy's order."""

    x: Array  # (..., n) or (..., n, p)
    residuals: Array  # (...) or (..., p): squared distances of a x from b
    rank: Array  # (...)
    s: Array  # (..., min(m, n)), singular values of a


@promotes("a")
def pinv(a: Any, rcond: Any = None, hermitian: bool = False, *, rtol: Any = None) -> Array:
    """Return the Moore-Penrose pseudoinverse of `a`, shape (..., m, n): (..., n, m).

    Parameters
    ----------
    a : Array, shape (..., m, n)
    rcond, rtol : float or Array, shape (...), optional
        Two names of one tolerance: singular values of at most this fraction of the largest count as 0.
        Default: max(m, n) eps, the standard's.
    hermitian : bool
        Whether `a` equals its conjugate transpose, which is faster.

    Raises
    ------
    ValueError
        If both tolerances are given; and as `svd`.

    References
    ----------
    Golub and Van Loan, Matrix Computations, 4th edition, section 5.5.2.

    Examples
    --------
    >>> pinv([[2.0, 0.0], [0.0, 0.0]])
    array([[0.5, 0. ],
           [0. , 0. ]])
    """
    if rcond is not None and rtol is not None:
        raise ValueError("`rtol` and `rcond` can't be both set.")  # NumPy's words
    b, unit = moderate_finite(a)
    u, s, vh = svd(b, full_matrices=False, hermitian=hermitian, flip=False)
    divisors, counts = _divisors(s, rcond if rtol is None else rtol, b)
    xp = namespace(b)
    v = xp.where(counts[..., None, :], adjoint(vh) / xp.astype(divisors, vh.dtype)[..., None, :], 0.0)
    with quiet():
        return over(v @ adjoint(u), unit)


@promotes("a", "b")
def lstsq(a: Any, b: Any, rcond: Any = None) -> LeastSquares:
    """Return the x that minimizes ``|a x - b|``; if several do, the shortest.

    Parameters
    ----------
    a : Array, shape (..., m, n)
    b : Array, shape (m,) or (..., m, p)
        One right-hand side or, as columns, several.
    rcond : float or Array, shape (...), optional
        Singular values of at most this fraction of the largest count as 0.  Default: max(m, n) eps.  A negative
        one means eps, as in NumPy.

    Returns
    -------
    LeastSquares
        A named tuple (x, residuals, rank, s).  Unlike in NumPy, `residuals` are always given.

    Raises
    ------
    LinAlgError
        If the rows of `a` and `b` differ in number.

    References
    ----------
    Golub and Van Loan, Matrix Computations, 4th edition, section 5.5.

    Examples
    --------
    >>> line = lstsq([[0.0, 1.0], [1.0, 1.0], [2.0, 1.0]], [1.0, 3.0, 5.0])
    >>> line.x.round(6), int(line.rank)
    (array([2., 1.]), 2)
    """
    a = as_matrix(a)
    if b.ndim == 0 or a.shape[-2] != b.shape[0 if b.ndim == 1 else -2]:
        shapes = f"{tuple(a.shape)} and {tuple(b.shape)}"
        raise LinAlgError(f"Incompatible dimensions: a and b must have the same number of rows, got shapes {shapes}")
    columns = b[:, None] if b.ndim == 1 else b
    x, residuals, rank, s = _solved(*moderate_finite(a), columns, rcond)
    if b.ndim == 1:
        x, residuals = x[..., 0], residuals[..., 0]
    return LeastSquares(x, residuals, rank, s)


def _solved(a: Array, a_unit: Array, b: Array, rcond: Any) -> LeastSquares:
    """Return the solution for the matrices a_unit a and the columns of b, (..., m, p)."""
    xp = namespace(a)
    u, s, vh = svd(a, full_matrices=False, flip=False)
    divisors, counts = _divisors(s, rcond, a)
    size = largest(b)
    b_unit = unit_of(xp.where(size < inf, size, xp.ones_like(size)))  # NaN stays in its column
    with quiet():
        b = over(b, b_unit)
        along = adjoint(u) @ b  # (..., k, p)
        along = xp.where(counts[..., None], along / xp.astype(divisors, u.dtype)[..., None], 0.0)
        x = adjoint(vh) @ along
        residuals = xp.sum(xp.abs(a @ x - b) ** 2, axis=-2) * b_unit[..., 0] * b_unit[..., 0]
        return LeastSquares(x * over(b_unit, a_unit), residuals, xp.count_nonzero(counts, axis=-1), s * a_unit[..., 0])


def _divisors(s: Array, rtol: Any, a: Array) -> tuple[Array, Array]:
    """Return the singular values that count, with 1 in place of the others; and which count."""
    xp, eps = namespace(s), limits(namespace(s), s.dtype)[0]
    level = per_matrix(max(a.shape[-2:]) * eps if rtol is None else rtol, "rcond", s)
    counts = s > xp.where(level < 0.0, eps, level) * leading(s)
    return xp.where(counts, s, xp.ones_like(s)), counts
