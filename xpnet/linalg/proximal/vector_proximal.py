"""Proximal operators: steps of gradient methods for penalties that have no gradient.

``prox_f(x, t) = argmin over z of t f(z) + 1/2 ||z - x||^2``, the norm Euclidean (Frobenius for matrices).

All accept a real, complex or integer `x`, and return it unchanged, to the last bit, where `t` is 0.  Vectors lie along
`axis`: an integer, a tuple, or None, which makes all of `x` one vector.  `t` is a number of at least 0, or infinity, or
an array with one value for each vector, which broadcasts to the shape of `x` without the axes of a vector.  Numbers are
checked, values of arrays are not, and NaN in `x` stays NaN.

Moreau's decomposition: ``prox(x, t) + project(x, t) = x``, with the projection onto the ball of the dual norm.

References
----------
Parikh and Boyd, Proximal Algorithms, doi:10.1561/2400000003, chapters 2 and 6.
"""

from typing import Any

from xpnet.backend import Array, namespace
from xpnet.linalg.arguments import REAL, as_axes, is_kind
from xpnet.linalg.norms.vector_norms import vector_norm
from xpnet.linalg.precision import promotes
from xpnet.linalg.proximal.levels import nonnegative
from xpnet.linalg.resizing import in_l1_ball, resized, shrunk


@promotes("x")
def soft_threshold(x: Any, t: Any) -> Array:
    """Return the entries with their absolute values reduced by `t`, down to 0; they keep their sign or phase.

    Parameters
    ----------
    x : array
    t : number or array
        At least 0.  An array broadcasts to the shape of `x`.

    Examples
    --------
    >>> soft_threshold([3.0, -1.0, 0.5], 1.0)
    array([2., 0., 0.])
    >>> soft_threshold([3 + 4j], 2.5)
    array([1.5+2.j])
    """
    return _soft(x, nonnegative(t, "t", x, ()))


@promotes("x")
def hard_threshold(x: Any, t: Any) -> Array:
    """Return the entries with an absolute value above `t`, and 0 for the others.

    Parameters
    ----------
    x : array
    t : number or array
        At least 0.  An array broadcasts to the shape of `x`.

    Examples
    --------
    >>> hard_threshold([3.0, -1.0, 0.5], 1.0)
    array([3., 0., 0.])
    """
    return _hard(x, nonnegative(t, "t", x, ()))


@promotes("x")
def prox_l0(x: Any, t: Any, *, axis: int | tuple[int, ...] | None = None) -> Array:
    """Return the proximal operator of the number of entries that are not 0: the hard threshold sqrt(2 t).

    Parameters
    ----------
    x : array
    t : number or array
        At least 0.  An array holds one for each vector.
    axis : int, tuple of int or None
        Axes of a vector; they matter only if `t` is an array.

    Notes
    -----
    An entry is kept if ``|x|^2/2 > t``.  If both are equal, the entry and 0 are equally good, and 0 is returned.

    Examples
    --------
    >>> prox_l0([3.0, -2.0, 0.5], 2.0)
    array([3., 0., 0.])
    """
    t = nonnegative(t, "t", x, as_axes(axis, x.ndim))
    return _hard(x, 2.0 * namespace(x).sqrt(0.5 * t))  # 2 t might overflow


@promotes("x")
def prox_l1(x: Any, t: Any, *, axis: int | tuple[int, ...] | None = None) -> Array:
    """Return the proximal operator of the sum of absolute values: the soft threshold `t`.

    Parameters
    ----------
    x : array
    t : number or array
        At least 0.  An array holds one for each vector.
    axis : int, tuple of int or None
        Axes of a vector; they matter only if `t` is an array.

    References
    ----------
    Donoho, doi:10.1109/18.382009.

    Examples
    --------
    >>> prox_l1([[3.0, -1.0], [3.0, -1.0]], [0.5, 2.0], axis=-1)
    array([[ 2.5, -0.5],
           [ 1. ,  0. ]])
    """
    return _soft(x, nonnegative(t, "t", x, as_axes(axis, x.ndim)))


@promotes("x")
def prox_l2(x: Any, t: Any, *, axis: int | tuple[int, ...] | None = None) -> Array:
    """Return the proximal operator of the Euclidean length: vectors shortened by `t`, down to 0.

    Parameters
    ----------
    x : array
    t : number or array
        At least 0.  An array holds one for each vector.
    axis : int, tuple of int or None
        Axes of a vector; None makes all of `x` one vector.

    Notes
    -----
    The penalty is the length itself, not its square: a vector of length at most t becomes 0 (block soft threshold).

    Examples
    --------
    >>> prox_l2([3.0, 4.0], 2.5)
    array([1.5, 2. ])
    """
    axes = as_axes(axis, x.ndim)
    length = vector_norm(x, axis=axes, keepdims=True)
    return resized(x, length, shrunk(length, nonnegative(t, "t", x, axes)))


@promotes("x")
def prox_squared_l2(x: Any, t: Any, *, axis: int | tuple[int, ...] | None = None) -> Array:
    """Return the proximal operator of half the squared Euclidean length: ``x / (1 + t)``, as in ridge regression.

    Parameters
    ----------
    x : array
    t : number or array
        At least 0.  An array holds one for each vector.
    axis : int, tuple of int or None
        Axes of a vector; they matter only if `t` is an array.

    Examples
    --------
    >>> prox_squared_l2([3.0, -4.0], 1.0)
    array([ 1.5, -2. ])
    """
    return x / (1.0 + nonnegative(t, "t", x, as_axes(axis, x.ndim)))


@promotes("x")
def prox_linf(x: Any, t: Any, *, axis: int | tuple[int, ...] | None = None) -> Array:
    """Return the proximal operator of the largest absolute value: the largest entries are clipped to a common value.

    Parameters
    ----------
    x : array
    t : number or array
        At least 0: the sum of what is clipped off.  An array holds one for each vector.
    axis : int, tuple of int or None
        Axes of a vector; None makes all of `x` one vector.

    Notes
    -----
    What is clipped off is the projection on the L1 ball of radius t, by Moreau's decomposition.  O(n log n).

    Examples
    --------
    >>> prox_linf([3.0, -2.0, 0.5], 2.0)
    array([ 1.5, -1.5,  0.5])
    """
    axes = as_axes(axis, x.ndim)
    size = namespace(x).abs(x)
    return resized(x, size, size - in_l1_ball(size, nonnegative(t, "t", x, axes), axes))


def _soft(x: Array, t: Array) -> Array:
    xp = namespace(x)
    if is_kind(xp, x.dtype, REAL):
        return x - xp.minimum(xp.maximum(x, -t), t)
    size = xp.abs(x)
    return resized(x, size, shrunk(size, t))


def _hard(x: Array, t: Array) -> Array:
    xp = namespace(x)
    return xp.where(xp.abs(x) <= t, xp.zeros_like(x), x)
