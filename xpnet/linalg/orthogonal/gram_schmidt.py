"""Gram-Schmidt orthogonalization: an orthonormal basis of the columns of a matrix, from left to right."""

from collections.abc import Callable
from functools import cache, partial
from math import log2
from numbers import Real
from typing import Any, NamedTuple

from xpnet.backend import Array, Namespace, namespace, quiet
from xpnet.linalg.arguments import finite_matrix, limits
from xpnet.linalg.orthogonal.gram_schmidt_block import block, householder
from xpnet.linalg.orthogonal.gram_schmidt_columns import (
    PanelColumns,
    PanelMethod,
    classical,
    in_panels,
    modified,
    modified_twice,
    nothing,
    zeros,
)
from xpnet.linalg.orthogonal.inner_products import InnerProduct, inner_product
from xpnet.linalg.precision import promotes


class GramSchmidt(NamedTuple):
    """An orthonormal basis of the columns of a matrix, ``a = q r``.

    Attributes
    ----------
    q : Array, shape (..., m, n)
        Orthonormal columns; a dropped column is zero.
    r : Array, shape (..., n, n)
        Upper triangular; the diagonal is not negative, and zero where a column was dropped.
    rank : Array of int, shape (...)
        How many columns were kept.
    kept : Array of bool, shape (..., n)
    """

    q: Array
    r: Array
    rank: Array
    kept: Array


def _in_panels(method: PanelMethod) -> Callable[[Array, float], PanelColumns]:
    return lambda a, rtol: in_panels(method, a[..., :0], a, rtol, a.shape[-2])


METHODS: dict[str, Callable[[Array, float], PanelColumns]] = {
    "cgs": _in_panels(partial(classical, passes=1)),
    "cgs2": _in_panels(partial(classical, passes=2)),
    "mgs": modified,
    "mgs2": modified_twice,
    "block": _in_panels(block),
    "householder": householder,
}


@promotes("a")
def gram_schmidt(a: Any, /, *, method: str = "cgs2", rtol: float | None = None, inner: Any = None) -> GramSchmidt:
    """Return an orthonormal basis q of the columns of `a`, and the triangular r with a = q r.

    Parameters
    ----------
    a : Array, shape (..., m, n)
        Columns to make orthonormal, from left to right.  Each matrix of a stack has its own rank.
    method : str
        How; see the Notes.
    rtol : float, optional
        A column is dropped if its remainder, after the columns before it, is at most `rtol` times as long as it.
        Dimensionless.  Default: ``max(m, n) eps``.  Values below 1e-146 (3e-16 in float32) are raised to it.
    inner : Array, optional
        The inner product x^H G y: positive weights, shape (m,), the diagonal of G; or a Hermitian positive definite
        G, shape (m, m).  Lengths and angles are then those of G, and ``q^H G q = I``.  Default: the standard one.

    Returns
    -------
    GramSchmidt
        `q`, `r`, `rank` and `kept`; the kept columns of `q` have the span of the columns of `a`.

    Raises
    ------
    ValueError
        If `a` is not a finite matrix, the method is unknown, `rtol` is negative or `inner` is not positive definite.

    Notes
    -----
    ``v = a_j - sum_i q_i (q_i^H a_j)``, then ``q_j = v / ||v||``.  With u the unit roundoff and kappa the condition
    number of `a`, ``||I - q^H q||`` is about

    - "cgs", classical, the textbook's formula as it stands: u kappa^2;
    - "mgs", modified, which computes each coefficient from the remainder of a_j: u kappa;
    - "cgs2" and "mgs2", one of these two applied twice: u, whatever kappa is;
    - "block", panels of 32 columns by matrix products, faster: u.  A panel of nearly
      dependent columns is done as in "cgs2";
    - "householder", the library's QR with r's diagonal made positive: u.

    ``a = q r`` holds to rounding for all methods, except for the remainders of dropped columns (in the norm of G, if
    there is one).  "block" reads a value on the host once a panel, "householder" once; the others never do.
    Columns may have any length, such as 1e200 or 1e-200.

    Columns are kept or dropped from left to right.  Two columns that nearly coincide magnify rounding, and a dependent
    column after them may seem independent.  Then give a larger `rtol`, or take the rank from the singular values.

    References
    ----------
    Giraud, Langou, Rozloznik and van den Eshof, "Rounding error analysis of the classical Gram-Schmidt
    orthogonalization process", Numer. Math. 101 (2005); Bjorck, "Solving linear least squares problems by
    Gram-Schmidt orthogonalization", BIT 7 (1967).

    Examples
    --------
    >>> import numpy as np
    >>> q, r, rank, kept = gram_schmidt(np.asarray([[3.0, 6.0, 1.0], [4.0, 8.0, 0.0]]))
    >>> r.round(1)
    array([[ 5. , 10. ,  0.6],
           [ 0. ,  0. ,  0. ],
           [ 0. ,  0. ,  0.8]])
    >>> int(rank), kept
    (2, array([ True, False,  True]))
    """
    a = finite_matrix(a)
    if method not in METHODS:
        raise ValueError(f"method must be one of {', '.join(METHODS)}, got {method!r}")
    product = inner_product(inner, a)
    rtol = _tolerance(rtol, a, a.shape[-1])
    with quiet():  # BLAS may set floating-point flags for memory outside the arrays
        b, scale = _scaled(a, product)
        found = nothing(b, 0) if 0 in a.shape else METHODS[method](b, rtol)
        q = product.leave(found.q)
    return _result(q, found.r * scale, found.kept)


def append_columns(basis: GramSchmidt, c: Any, *, rtol: float | None = None, inner: Any = None) -> GramSchmidt:
    """Return the basis extended by the columns of `c`; its old part is not computed again.

    Parameters
    ----------
    basis : GramSchmidt
        Of k columns, (..., m, k).
    c : Array, shape (..., m, p)
        Columns to append, with the leading axes of `basis`.
    rtol, inner
        As in `gram_schmidt`; `inner` must be what `basis` was made with.

    Returns
    -------
    GramSchmidt
        Of k + p columns: to rounding the result of `gram_schmidt` for all columns at once.

    Raises
    ------
    ValueError
        If the shapes do not fit, `c` is not finite, `rtol` is negative or `inner` is not positive definite.

    Notes
    -----
    Method "cgs2", 8 m k operations a column.

    Examples
    --------
    >>> import numpy as np
    >>> basis = gram_schmidt(np.asarray([[3.0], [4.0]]))
    >>> append_columns(basis, np.asarray([[5.0], [0.0]])).r
    array([[5., 3.],
           [0., 4.]])
    """
    if not isinstance(basis, GramSchmidt):
        raise TypeError(f"basis must be what gram_schmidt returned, got {type(basis).__name__}")
    return _appended(basis.q, basis.r, c, basis.kept, rtol, inner)


@promotes("q", "r", "c")
def _appended(q: Array, r: Array, c: Array, kept: Array, rtol: float | None, inner: Any) -> GramSchmidt:
    xp, c = namespace(q), finite_matrix(c, "c")
    if c.shape[:-1] != q.shape[:-1]:
        raise ValueError(f"c must have as many rows and matrices as the basis, {tuple(q.shape)}, got {tuple(c.shape)}")
    k, p = q.shape[-1], c.shape[-1]
    product, rtol = inner_product(inner, c), _tolerance(rtol, c, k + p)
    room = c.shape[-2] - xp.count_nonzero(kept, axis=-1)[..., None, None]
    with quiet():
        b, scale = _scaled(c, product)
        found = nothing(b, k) if 0 in c.shape else in_panels(classical, product.enter(q), b, rtol, room)
        new = product.leave(found.q)
    return _result(
        xp.concat([q, new], axis=-1),
        xp.concat([xp.concat([r, zeros(r, p, k)], axis=-2), found.r * scale], axis=-1),
        xp.concat([kept, found.kept], axis=-1),
    )


def _result(q: Array, r: Array, kept: Array) -> GramSchmidt:
    return GramSchmidt(q, r, namespace(q).count_nonzero(kept, axis=-1), kept)


def _tolerance(rtol: Any, a: Array, n: int) -> float:
    eps, tiny = limits(namespace(a), a.dtype)
    if rtol is None:
        return max(a.shape[-2], n) * eps
    if not isinstance(rtol, Real) or not float(rtol) >= 0.0:
        raise ValueError(f"rtol must be a number of at least 0, got {rtol!r}")
    return max(float(rtol), float((tiny / eps) ** 0.5))  # squares of shorter remainders have lost digits


def _scaled(a: Array, product: InnerProduct) -> tuple[Array, Array | float]:
    """Return the columns of `a` in standard coordinates, scaled to a length near 1, and their scales."""
    scale = _column_scales(a)
    b = product.enter(a / scale)
    again = 1.0 if product.is_standard else _column_scales(b)
    return b / again, scale * again


def _column_scales(a: Array) -> Array:
    """Return the power of 2 below the largest entry of each column, (..., 1, n): dividing by it rounds nothing."""
    xp = namespace(a)
    if 0 in a.shape:
        return xp.ones_like(xp.abs(zeros(a, 1, a.shape[-1])))
    top = xp.max(xp.abs(a), axis=-2, keepdims=True)
    exponent = xp.floor(xp.log2(xp.where(top > 0.0, top, xp.ones_like(top))))
    reach = _reach(xp, top.dtype)
    return 2.0 ** xp.minimum(xp.maximum(exponent, -reach), reach)


@cache
def _reach(xp: Namespace, dtype: Any) -> float:
    """Return the exponent of the smallest normal number of a real dtype, without its sign."""
    tiny = limits(xp, dtype)[1]
    return -log2(tiny) if isinstance(tiny, float) else -float(xp.log2(tiny))  # a longdouble, which only NumPy has
