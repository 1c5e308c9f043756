"""QR decomposition, with NumPy's signature."""

from typing import Any, Literal, NamedTuple, overload

from xpnet.backend import Array
from xpnet.linalg.arguments import finite_matrix
from xpnet.linalg.factorizations.library import library_qr
from xpnet.linalg.precision import promotes


class QR(NamedTuple):
    """Factors of a = Q R, with the standard's field names."""

    Q: Array  # (..., m, k), or (..., m, m)
    R: Array  # (..., k, n), or (..., m, n)


@overload
def qr(a: Any, mode: Literal["reduced", "complete"] = ...) -> QR: ...
@overload
def qr(a: Any, mode: Literal["r"]) -> Array: ...
@promotes("a")
def qr(a: Any, mode: str = "reduced") -> QR | Array:
    """Return Q with orthonormal columns and upper triangular R, a = Q R, by Householder reflections.

    Parameters
    ----------
    a : Array, shape (..., m, n)
    mode : {"reduced", "complete", "r"}
        ``"reduced"``: k = min(m, n) columns and rows.  ``"complete"``: a square Q.  ``"r"``: R alone, reduced.

    Returns
    -------
    QR
        A named tuple (Q, R).  The diagonal of R may be negative; that of `gram_schmidt` is not.

    Raises
    ------
    ValueError
        If `a` is no matrix, is not finite, or `mode` is another.

    References
    ----------
    Golub and Van Loan, Matrix Computations, 4th edition, section 5.2.

    Examples
    --------
    >>> q, r = qr([[3.0, 1.0], [4.0, 2.0]])
    >>> abs(r).round(12)
    array([[5. , 2.2],
           [0. , 0.4]])
    """
    a = finite_matrix(a)
    if mode not in ("reduced", "complete", "r"):
        raise ValueError(f"mode must be reduced, complete or r, got {mode!r}")
    q, r = library_qr(a, complete=mode == "complete")
    return r if mode == "r" else QR(q, r)
