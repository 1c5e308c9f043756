"""Projections: the nearest point of a set, for balls of the norms, the simplex and the box.

``project(x) = argmin over z in the set of ||z - x||``, the norm Euclidean (Frobenius for matrices).

All accept a real, complex (not simplex and box) or integer `x`, and return a point of the ball unchanged, to the last
bit.  Vectors lie along `axis`: an integer, a tuple, or None, which makes all of `x` one vector.  A radius is a number
of at least 0 (infinity changes nothing), or an array with one value for each vector, which broadcasts to the shape of
`x` without the axes of a vector.  Numbers are checked, values of arrays are not, and NaN makes its vector NaN.
"""

from numbers import Real
from typing import Any

from xpnet.backend import Array, namespace
from xpnet.checks import whole
from xpnet.linalg.arguments import COMPLEX, REAL, as_axes, is_kind
from xpnet.linalg.norms.vector_norms import vector_norm
from xpnet.linalg.precision import promotes
from xpnet.linalg.proximal.levels import as_level, nonnegative, positive
from xpnet.linalg.resizing import as_rows, from_rows, in_l1_ball, on_simplex, resized


@promotes("x")
def project_l0(x: Any, k: int, *, axis: int | tuple[int, ...] | None = None) -> Array:
    """Return the `k` largest entries of each vector by absolute value, and 0 for the others.

    Parameters
    ----------
    x : array
    k : int
        Between 0 and the length of a vector.
    axis : int, tuple of int or None
        Axes of a vector; None makes all of `x` one vector.

    Notes
    -----
    Among equal entries the first are kept.  The vectors with at most k nonzero entries are not a convex set, so the
    nearest one may not be unique.  NaN entries stay.  O(n log n) for a vector of n.

    References
    ----------
    Blumensath and Davies, doi:10.1016/j.acha.2009.04.002.

    Examples
    --------
    >>> project_l0([3.0, -5.0, 1.0, 4.0], 2)
    array([ 0., -5.,  0.,  4.])
    """
    xp, axes = namespace(x), as_axes(axis, x.ndim)
    rows = as_rows(x, axes)  # (..., n)
    k = whole("k", k, 0, rows.shape[-1])
    nan = xp.isnan(rows)
    if k == 0:
        return from_rows(xp.where(nan, rows, xp.zeros_like(rows)), axes, x.shape)
    size = xp.where(nan, -1.0, xp.abs(rows))
    least = xp.sort(size, axis=-1)[..., -k, None]  # of those that are kept
    above, equal = size > least, size == least
    room = k - xp.count_nonzero(above, axis=-1, keepdims=True)
    first = equal & (xp.cumulative_sum(xp.astype(equal, xp.int32), axis=-1) <= room)
    return from_rows(xp.where(above | first | nan, rows, xp.zeros_like(rows)), axes, x.shape)


@promotes("x")
def project_l1(x: Any, radius: Any, *, axis: int | tuple[int, ...] | None = None) -> Array:
    """Return the nearest vectors whose absolute values sum to at most `radius`.

    Each absolute value is reduced by the same amount, down to 0: the nearest point is often sparse.

    Parameters
    ----------
    x : array
    radius : number or array
        At least 0; infinity changes nothing.  An array holds one for each vector.
    axis : int, tuple of int or None
        Axes of a vector; None makes all of `x` one vector.

    Raises
    ------
    ValueError
        If `radius` is a number below 0 or NaN, or an array of another shape.

    Notes
    -----
    By sorting and running sums, O(n log n) for a vector of n, whatever the values are.  The sum over the remaining
    entries is then computed again, so that millions of float32 numbers keep their accuracy.

    References
    ----------
    Duchi et al., doi:10.1145/1390156.1390191.

    Examples
    --------
    >>> project_l1([3.0, 1.0, -2.0], 2.0)
    array([ 1.5,  0. , -0.5])
    """
    axes = as_axes(axis, x.ndim)
    size = namespace(x).abs(x)
    return resized(x, size, in_l1_ball(size, nonnegative(radius, "radius", x, axes), axes))


@promotes("x")
def project_l2(x: Any, radius: Any, *, axis: int | tuple[int, ...] | None = None) -> Array:
    """Return the nearest vectors of Euclidean length at most `radius`: longer ones are scaled down.

    Parameters
    ----------
    x : array
    radius : number or array
        At least 0; infinity changes nothing.  An array holds one for each vector.
    axis : int, tuple of int or None
        Axes of a vector; None makes all of `x` one vector.

    Notes
    -----
    O(n).  With axis None it is the projection of a matrix on the ball of the Frobenius norm.

    Examples
    --------
    >>> project_l2([[3.0, 4.0], [0.3, 0.4]], 1.0, axis=-1)
    array([[0.6, 0.8],
           [0.3, 0.4]])
    """
    axes = as_axes(axis, x.ndim)
    size = vector_norm(x, axis=axes, keepdims=True)
    return resized(x, size, namespace(x).minimum(size, nonnegative(radius, "radius", x, axes)))


@promotes("x")
def project_linf(x: Any, radius: Any, *, axis: int | tuple[int, ...] | None = None) -> Array:
    """Return the nearest vectors whose entries have absolute values of at most `radius`: larger ones are reduced to it.

    Parameters
    ----------
    x : array
    radius : number or array
        At least 0; infinity changes nothing.  An array holds one for each vector.
    axis : int, tuple of int or None
        Axes of a vector; they matter only if `radius` is an array.  ``()`` makes each entry a vector.

    Notes
    -----
    O(n).  Complex entries keep their phase.

    Examples
    --------
    >>> project_linf([3.0, -1.0, 0.5], 1.0)
    array([ 1. , -1. ,  0.5])
    """
    xp = namespace(x)
    r = nonnegative(radius, "radius", x, as_axes(axis, x.ndim))
    if is_kind(xp, x.dtype, REAL):
        return xp.minimum(xp.maximum(x, -r), r)
    size = xp.abs(x)
    return resized(x, size, xp.minimum(size, r))


@promotes("x")
def project_simplex(x: Any, total: Any = 1.0, axis: int | tuple[int, ...] | None = -1) -> Array:
    """Return the nearest vectors with entries of at least 0 that sum to `total`: with 1, probabilities.

    Parameters
    ----------
    x : array
        Real.
    total : number or array
        Above 0 and finite.  An array holds one for each vector.
    axis : int, tuple of int or None
        Axes of a vector; None makes all of `x` one vector.

    Raises
    ------
    ValueError
        If `total` is a number that is not above 0 and finite, or an array of another shape, or a vector has no entry.
    TypeError
        If `x` is complex.

    Notes
    -----
    max(x - theta, 0), with the only theta that gives the right sum.  By sorting and running sums, O(n log n).

    References
    ----------
    Held, Wolfe and Crowder, doi:10.1007/BF01580223; Duchi et al., doi:10.1145/1390156.1390191.

    Examples
    --------
    >>> project_simplex([1.0, 0.5, -1.0])
    array([0.75, 0.25, 0.  ])
    """
    _need_real(x)
    axes = as_axes(axis, x.ndim)
    if any(x.shape[i] == 0 for i in axes):
        raise ValueError(f"x must have at least one entry in a vector, got shape {tuple(x.shape)}")
    total = positive(total, "total", x, axes)
    return x if 0 in x.shape else on_simplex(x, total, axes)


@promotes("x")
def project_box(x: Any, low: Any, high: Any) -> Array:
    """Return the nearest array with entries between `low` and `high`.

    Parameters
    ----------
    x : array
        Real.
    low, high : number or array
        ``low <= high``, either may be infinite.  Arrays broadcast to the shape of `x`.

    Raises
    ------
    ValueError
        If `low` and `high` are numbers and `low` is above `high`, or one is NaN.
    TypeError
        If `x` is complex.

    Examples
    --------
    >>> project_box([-2.0, 0.5, 7.0], 0.0, [1.0, 1.0, 5.0])
    array([0. , 0.5, 5. ])
    """
    _need_real(x)
    xp = namespace(x)
    bottom, top = as_level(low, "low", x, ()), as_level(high, "high", x, ())
    if isinstance(low, Real) and isinstance(high, Real) and low > high:
        raise ValueError(f"low must be at most high, got {low} and {high}")
    return xp.minimum(xp.maximum(x, bottom), top)


def _need_real(x: Array) -> None:
    if is_kind(namespace(x), x.dtype, COMPLEX):
        raise TypeError(f"x must be real, got dtype {x.dtype}")
