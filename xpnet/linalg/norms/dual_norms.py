"""Dual norms: the largest inner product with anything of norm 1, so that |<x, y>| <= norm(x) dual_norm(y)."""

from math import inf
from typing import Any

from xpnet.backend import Array, namespace
from xpnet.checks import whole
from xpnet.linalg.arguments import as_axes, as_matrix
from xpnet.linalg.norms.group_norms import lpq_norm
from xpnet.linalg.norms.matrix_norms import ky_fan_norm
from xpnet.linalg.norms.norm import norm
from xpnet.linalg.norms.vector_norms import as_order, keep
from xpnet.linalg.precision import promotes

DUAL_ORDERS: dict[Any, Any] = {"fro": "fro", "nuc": 2, 2: "nuc"}


def conjugate_exponent(p: float) -> float:
    """Return q with 1/p + 1/q = 1, the order of the norm dual to that of order `p`.

    This holds for vector norms and Schatten norms, and for both orders of Lp,q norms.

    Parameters
    ----------
    p : float
        From 1 to inf.

    Raises
    ------
    ValueError
        If `p` is below 1: that is no norm, and has no dual.

    Examples
    --------
    >>> [conjugate_exponent(p) for p in (1, 2, 4, float("inf"))]
    [inf, 2.0, 1.3333333333333333, 1.0]
    """
    p = as_order(p)
    if p < 1.0:
        raise ValueError(f"p must be at least 1 to have a dual norm, got {p:g}")
    if p == 1.0:
        return inf
    return 1.0 if p == inf else p / (p - 1.0)


@promotes("x")
def dual_norm(
    x: Any, ord: float | str | None = None, axis: int | tuple[int, ...] | None = None, keepdims: bool = False
) -> Array:
    """Return the norm dual to ``norm(x, ord, axis)``.

    Parameters
    ----------
    x : array
    ord, axis, keepdims
        As in `norm`; `ord` must be a norm: at least 1, or "fro", "nuc", 1, 2 or inf for matrices.

    Notes
    -----
    Vectors: order p and its conjugate exponent.  Matrices: Frobenius is its own dual; spectral and nuclear are each
    other's.  The dual of the largest column sum (1) is the sum of the largest entries of the columns; the dual of the
    largest row sum (inf) is the sum of the largest entries of the rows.

    Examples
    --------
    >>> float(dual_norm([3, -4], 1)), round(float(dual_norm([[1, 3], [5, 7]], 2)), 6)
    (4.0, 10.0)
    """
    axes = as_axes(axis, x.ndim)
    if len(axes) != 2 or ord is None:
        return norm(x, None if ord is None else conjugate_exponent(ord), axis, keepdims)  # type: ignore[arg-type]
    if ord in DUAL_ORDERS:
        return norm(x, DUAL_ORDERS[ord], axis, keepdims)
    if ord not in (1, inf):
        raise ValueError(f"ord must be fro, nuc, 1, 2 or inf to have a dual matrix norm, got {ord!r}")
    xp = namespace(x)
    found = lpq_norm(xp.moveaxis(x, axes, (-2, -1)), inf, 1, group_axis=-2 if ord == 1 else -1)
    return keep(found, x, axes, keepdims)


@promotes("a")
def ky_fan_dual_norm(a: Any, k: int, /) -> Array:
    """Return the norm dual to ``ky_fan_norm(a, k)``: the larger of s_1 and (s_1 + s_2 + ...)/k.

    Parameters
    ----------
    a : Array, shape (..., m, n)
        Real or complex.
    k : int
        From 1 to min(m, n).

    References
    ----------
    Bhatia, Matrix Analysis, section IV.2.

    Examples
    --------
    >>> round(float(ky_fan_dual_norm([[1, 3], [5, 7]], 2)), 6)
    9.123106
    """
    a = as_matrix(a)
    most = min(a.shape[-2:])
    k = whole("k", k, 1, most)
    return namespace(a).maximum(ky_fan_norm(a, 1), ky_fan_norm(a, most) / k)
