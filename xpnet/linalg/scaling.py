"""Matrices brought to a size that can be squared."""

from math import inf, sqrt

from xpnet.backend import Array, is_look_free, namespace, quiet
from xpnet.linalg.arguments import COMPLEX, is_kind, limits


def moderate(a: Array) -> tuple[Array, Array, Array]:
    """Return `a` over a unit, finite everywhere and safe to be squared; the unit; and where `a` was finite.

    The unit, shape (..., 1, 1), is 1 for ordinary matrices (not a bit is changed) and the largest absolute value
    where that is extreme, infinite or NaN.
    """
    xp = namespace(a)
    eps, tiny = limits(xp, a.dtype)
    t = largest(a)
    finite, one = t < inf, xp.ones_like(t)
    ordinary = (t == 0.0) | ((t > sqrt(tiny / eps)) & (t < sqrt(eps / tiny)))
    if is_look_free(a) and bool(xp.all(ordinary)):
        return a, one, finite
    unit = xp.where(ordinary, one, t)
    with quiet():
        return xp.where(finite, over(a, unit), xp.zeros_like(a)), unit, finite


def largest(a: Array) -> Array:
    """Return the largest absolute value in each matrix, (..., 1, 1): NaN if there is one, then infinity."""
    xp, axes = namespace(a), (-2, -1)
    if is_kind(xp, a.dtype, COMPLEX):
        return xp.max(xp.abs(a), axis=axes, keepdims=True)
    # no copy of absolute values
    return xp.maximum(xp.max(a, axis=axes, keepdims=True), -xp.min(a, axis=axes, keepdims=True))


def over(x: Array, unit: Array) -> Array:
    """Return ``x / unit`` for positive units of any size.

    A compiler that multiplies by 1/unit instead (XLA) must not find it too small to be a number.
    """
    xp = namespace(unit)
    head = xp.where(unit > 1.0, 0.0625 * xp.ones_like(unit), xp.ones_like(unit))
    return (x * head) / (unit * head)
