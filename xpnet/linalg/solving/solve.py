"""The pseudoinverse and least squares, by the singular value decomposition."""

from typing import Any, NamedTuple

from xpnet.backend import Array, LinAlgError, namespace
from xpnet.linalg.arguments import adjoint, as_inexact, as_matrix, half_as_single, limits
from xpnet.linalg.factorizations.svd import svd
from xpnet.linalg.solving.rank import per_matrix


class LeastSquares(NamedTuple):
    """A solution of least squares, in NumPy's order."""

    x: Array  # (..., n) or (..., n, p)
    residuals: Array  # (...) or (..., p): squared distances of a x from b
    rank: Array  # (...)
    s: Array  # (..., min(m, n)), singular values of a


@half_as_single
def pinv(a: Any, rcond: Any = None, hermitian: bool = False, *, rtol: Any = None) -> Array:
    """Return the Moore-Penrose pseudoinverse of `a`, shape (..., m, n): (..., n, m).

    Parameters
    ----------
    a : Array, shape (..., m, n)
    rcond, rtol : float or Array, shape (...), optional
        Two names for one thing: singular values up to this part of the largest count as 0.
        Default: max(m, n) eps, the standard's.
    hermitian : bool
        Whether `a` is its own conjugate transpose, which is faster.

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
    factors = svd(as_matrix(a), full_matrices=False, hermitian=hermitian, flip=False)
    inverses, _ = _inverses(factors.S, rcond if rtol is None else rtol, tuple(factors.U.shape), factors.Vh.shape[-1])
    xp = namespace(factors.S)
    return (adjoint(factors.Vh) * xp.astype(inverses, factors.U.dtype)[..., None, :]) @ adjoint(factors.U)


@half_as_single
def lstsq(a: Any, b: Any, rcond: float | None = None) -> LeastSquares:
    """Return the x that makes ``|a x - b|`` least, and of several the shortest.

    Parameters
    ----------
    a : Array, shape (..., m, n)
    b : Array, shape (m,) or (..., m, p)
        One right-hand side or, as columns, several.
    rcond : float, optional
        Singular values up to this part of the largest count as 0.  Default: max(m, n) eps.

    Returns
    -------
    LeastSquares
        A named tuple (x, residuals, rank, s).  Unlike NumPy's, `residuals` are always there.

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
    a, b = as_matrix(a), as_inexact(b, "b")
    xp = namespace(a=a, b=b)
    if b.ndim == 0 or a.shape[-2] != b.shape[0 if b.ndim == 1 else -2]:
        shapes = f"{tuple(a.shape)} and {tuple(b.shape)}"
        raise LinAlgError(f"Incompatible dimensions: a and b must have the same number of rows, got shapes {shapes}")
    columns = b[:, None] if b.ndim == 1 else b
    u, s, vh = svd(a, full_matrices=False, flip=False)
    inverses, rank = _inverses(s, rcond, tuple(u.shape), vh.shape[-1])
    x = adjoint(vh) @ (xp.astype(inverses, u.dtype)[..., :, None] * (adjoint(u) @ columns))
    residuals = xp.sum(xp.abs(a @ x - columns) ** 2, axis=-2)
    if b.ndim == 1:
        x, residuals = x[..., 0], residuals[..., 0]
    return LeastSquares(x, residuals, rank, s)


def _inverses(s: Array, rtol: Any, u_shape: tuple[int, ...], n: int) -> tuple[Array, Array]:
    """Return 1/s where s counts, else 0, and how many count."""
    xp = namespace(s)
    rtol = max(u_shape[-2], n) * limits(xp, s.dtype)[0] if rtol is None else rtol
    large = s > per_matrix(rtol, s) * s[..., :1] if s.shape[-1] else s > 0.0
    return xp.where(large, 1.0 / xp.where(large, s, xp.ones_like(s)), xp.zeros_like(s)), xp.count_nonzero(
        large, axis=-1
    )
