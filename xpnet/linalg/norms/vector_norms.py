"""Norms of vectors, right at every scale.

The plain sum of powers comes first.  Where it overflows or underflows, it is computed again, from the vector divided by
its largest entry (for negative orders, its smallest).  So ordinary input costs one pass, and [1e200] has a norm.
"""

from math import inf, isnan, prod
from typing import Any

from xpnet.backend import Array, all_true, is_look_free, namespace, quiet, vecdot
from xpnet.linalg.arguments import (
    COMPLEX,
    as_axes,
    conjugate,
    is_kind,
    limits,
    real_backend,
    unboxed,
)
from xpnet.linalg.precision import promotes
from xpnet.linalg.scaling import over


@promotes("x")
def vector_norm(
    x: Any,
    /,
    *,
    axis: int | tuple[int, ...] | None = None,
    keepdims: bool = False,
    ord: float = 2,
    weights: Any = None,
    tolerance: float = 0.0,
) -> Array:
    """Return the norms of the vectors in `x`: ``(sum w |x|^p)^(1/p)`` for p = `ord`.

    Parameters
    ----------
    x : Array
        Real, complex or integer; a sequence is taken as a NumPy array.
    axis : int, tuple of int or None
        Axes of a vector; None makes all of `x` one vector.
    keepdims : bool
        Whether the axes stay in the result, with length 1.
    ord : float
        1 is the sum of absolute values (Manhattan distance), 2 the Euclidean length, ``inf`` the largest absolute
        value and ``-inf`` the smallest, 0 the number of entries that are not 0, and any other p the formula above.
        Orders below 1 break the triangle inequality: they are no norms, but useful.
    weights : array, optional
        Weights w >= 0 that broadcast to `x`.  An entry of weight 0 does not count, whatever its value is.  For
        ``inf`` and ``-inf`` all other weights are alike.
    tolerance : float
        For `ord` 0: entries up to this absolute value count as 0.

    Returns
    -------
    Array
        Real, in the precision of `x`.

    Raises
    ------
    ValueError
        If `ord` is not a number, a weight is negative or not finite, or `ord` is ``-inf`` for a vector without entries.
    IndexError
        If `axis` is out of range (NumPy's AxisError, on every library).

    Notes
    -----
    Powers that overflow or underflow do no harm: [1e200, 1e200] has length 1.414e200, and the norm of [1e-200, 0] is
    not 0.  Where reading a value would wait for a device (CuPy) or stop a compiler (JAX), both sums are computed and
    the right one is selected.

    References
    ----------
    Array API standard 2024.12, `linalg.vector_norm`.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.asarray([3.0, 0.0, -4.0])
    >>> [float(vector_norm(x, ord=p)) for p in (0, 1, 2, np.inf, -np.inf)]
    [2.0, 7.0, 5.0, 4.0, 0.0]
    >>> vector_norm([1e200, 1e200]) == 2**0.5 * 1e200
    np.True_
    """
    p, axes = as_order(ord), as_axes(axis, x.ndim)
    return keep(measure(x, axes, p, _as_weights(weights, x), tolerance), x, axes, keepdims)


def as_order(ord: Any) -> float:
    """Return the order of a vector norm as a number."""
    if isinstance(ord, str | complex) or not hasattr(ord, "__float__") or isnan(ord):
        raise ValueError(f"ord must be a real number for vectors, got {ord!r}")
    return float(ord)


def keep(found: Array, x: Array, axes: tuple[int, ...], keepdims: bool) -> Array:
    """Return the result of a reduction over `axes` of `x`; with `keepdims` those axes have length 1."""
    if not keepdims:
        return found
    return namespace(x).reshape(found, tuple(1 if i in axes else length for i, length in enumerate(x.shape)))


def measure(x: Array, axes: tuple[int, ...], p: float, w: Array | None = None, tolerance: float = 0.0) -> Array:
    """Return the vector norm of order `p` of checked `x` over checked `axes`."""
    if w is not None and 1.0 <= abs(p) < inf:
        x, w = _weighted(x, w, p), None
    if p not in (0.0, 1.0, inf, -inf):
        return _power_norm(x, axes, p, w)
    xp, counted = namespace(x), prod(x.shape[i] for i in axes)
    size = xp.abs(x)
    if p == 1.0:
        return xp.sum(size, axis=axes)
    if p == 0.0:
        there = xp.astype(~(size <= tolerance), size.dtype)  # NaN counts
        nothing = xp.sum(xp.reshape(size, (-1,))[:0])  # ties the result to `x` where a library computes gradients
        return xp.sum(there if w is None else there * w, axis=axes) + nothing
    if p < 0.0 and counted == 0:
        raise ValueError("x must have at least one entry for ord -inf")
    return _extreme(size, axes, p, w) if counted else xp.sum(size, axis=axes)


def _weighted(x: Array, w: Array, p: float) -> Array:
    """Return ``w^(1/p) |x|``, whose norm is the weighted norm of `x`: ``|x|^p`` may vanish where ``w |x|^p`` does not.

    For p between -1 and 1 it is the power of `w` that may overflow, and ``|x|^p`` that may not.
    """
    xp, there = namespace(x), w > 0.0
    with quiet():
        size = xp.abs(x) * _root(xp.where(there, w, xp.ones_like(w)), p)
    return xp.where(there, size, 0.0 if p > 0.0 else inf)  # without a weight nothing counts, infinite or not


def _power_norm(x: Array, axes: tuple[int, ...], p: float, w: Array | None) -> Array:
    xp, look = namespace(x), is_look_free(x)
    counted = prod(x.shape) if len(axes) == x.ndim else prod(x.shape[i] for i in axes)
    with quiet():
        total = _power_sum(x, axes, p, w)
        eps, tiny = limits(xp, x.dtype)
        low = max(counted, 1) * tiny / eps  # a smaller sum may have lost digits
        if look and _lies_within(total, low):
            return _root(total, p)
        size = xp.abs(x)
        unit = _extreme(size, axes, p, w, keepdims=True) if counted else 0.0 * xp.sum(size, axis=axes, keepdims=True)
        usable = (unit > 0.0) & (unit < inf)
        unsound = ~((total >= low) & (total < inf)) & xp.reshape(usable, total.shape)
        is_zero = (total == 0.0) & (p > 0.0)
        if look and not bool(xp.any(unsound | is_zero)):
            return _root(total, p)
        unit = xp.where(usable, unit, xp.ones_like(unit))
        again = _power_sum(over(size, unit), axes, p, w)
        powers, unit = xp.where(unsound, again, total), xp.reshape(unit, total.shape)
        if p > 0.0:  # no root of 0: its gradient is infinite
            powers = xp.where(powers == 0.0, xp.ones_like(powers), powers)
        root = _root(powers, p) * xp.where(unsound, unit, xp.ones_like(unit))
        return unboxed(xp.where(is_zero & ~unsound, total, root))


def _power_sum(x: Array, axes: tuple[int, ...], p: float, w: Array | None) -> Array:
    """Return ``sum w |x|^p`` over `axes`; small integer powers as products, which are faster than a library's power."""
    xp = namespace(x)
    if p == 2.0 and w is None:
        return _inner(x, x, axes)
    size = xp.abs(x)
    if p == 3.0 and w is None:
        return _inner(size * size, size, axes)
    if w is not None:  # an entry without a weight counts for nothing, infinite or not
        size = xp.where(w > 0.0, size, 1.0)
    return xp.sum(size**p if w is None else w * size**p, axis=axes)


def _inner(x: Array, y: Array, axes: tuple[int, ...]) -> Array:
    """Return the real part of ``sum conj(x) y`` over `axes`."""
    xp = namespace(x)
    if x.ndim != 1 and len(axes) == x.ndim:
        x, y, axes = xp.reshape(x, (-1,)), xp.reshape(y, (-1,)), (0,)
    # vecdot takes one pass, and BLAS's where the array lies well
    products = vecdot(x, y) if axes == (x.ndim - 1,) else xp.sum(conjugate(x) * y, axis=axes)
    return xp.real(products) if is_kind(xp, x.dtype, COMPLEX) else products


def _extreme(size: Array, axes: tuple[int, ...], p: float, w: Array | None, keepdims: bool = False) -> Array:
    """Return the largest absolute value for p > 0, the smallest for p < 0, of the entries with a weight."""
    xp = namespace(size)
    if w is not None:
        size = xp.where(w > 0.0, size, 0.0 if p > 0.0 else inf)
    return (xp.max if p > 0.0 else xp.min)(size, axis=axes, keepdims=keepdims)


def _root(total: Array, p: float) -> Array:
    xp = namespace(total)
    if p == 1.0:
        return total
    if p == 2.0:
        return xp.sqrt(total)
    root = total ** (1.0 / p)
    # 1/p is rounded, and a power of a large or small number magnifies that: one step of Newton's method
    mended = root + root * ((total / root**p - 1.0) / p)
    return unboxed(xp.where((root > 0.0) & (root < inf), mended, root))


def _lies_within(total: Array, low: float) -> bool:
    xp = namespace(total)
    if total.ndim == 0:
        return bool(total >= low) and bool(total < inf)
    return 0 in total.shape or (bool(xp.min(total) >= low) and bool(xp.max(total) < inf))


def _as_weights(weights: Any, x: Array) -> Array | None:
    if weights is None:
        return None
    home, xp = real_backend(x), namespace(x)
    w = xp.astype(home.asarray(weights, name="weights"), home.dtype)
    if w.ndim > x.ndim or any(m not in (1, n) for m, n in zip(w.shape[::-1], x.shape[::-1], strict=False)):
        raise ValueError(f"weights must have a shape that broadcasts to {tuple(x.shape)}, got {tuple(w.shape)}")
    if all_true((w >= 0.0) & (w < inf)) is False:
        raise ValueError("weights must be finite and at least 0")
    return w
