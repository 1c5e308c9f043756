"""Matrices scaled so that their entries can be squared without overflow or underflow."""

from math import inf

from xpnet.backend import Array, is_look_free, namespace, quiet
from xpnet.linalg.arguments import COMPLEX, is_kind, limits


def moderate(a: Array) -> tuple[Array, Array, Array]:
    """Return `a` divided by a unit, finite everywhere and safe to be squared; the unit; and where `a` was finite.

    The unit, shape (..., 1, 1), is 1 for ordinary matrices (not a bit is changed) and the largest absolute value
    where that is extreme, infinite or NaN.  A matrix that is not finite becomes zeros.
    """
    xp = namespace(a)
    t = largest(a)
    finite, unit = t < inf, unit_of(t)
    if is_look_free(a) and bool(xp.all(unit == 1.0)):
        return a, unit, finite
    with quiet():
        return xp.where(finite, over(a, unit), xp.zeros_like(a)), unit, finite


def unit_of(size: Array) -> Array:
    """Return what numbers of the absolute value `size` are to be divided by: 1 where their squares are ordinary."""
    xp = namespace(size)
    eps, tiny = limits(xp, size.dtype)
    ordinary = (size == 0.0) | ((size > (tiny / eps) ** 0.5) & (size < (eps / tiny) ** 0.5))
    return xp.where(ordinary, xp.ones_like(size), size)


def largest(a: Array) -> Array:
    """Return the largest absolute value in each matrix, (..., 1, 1): NaN if there is one; 0 of no entries."""
    xp, axes = namespace(a), (-2, -1)
    if 0 in a.shape:
        return xp.sum(xp.abs(a), axis=axes, keepdims=True)
    if is_kind(xp, a.dtype, COMPLEX):
        return xp.max(xp.abs(a), axis=axes, keepdims=True)
    # no copy of absolute values
    return xp.maximum(xp.max(a, axis=axes, keepdims=True), -xp.min(a, axis=axes, keepdims=True))


def over(x: Array, unit: Array) -> Array:
    """Return ``x / unit`` for positive units of any size.

    A compiler (XLA) may multiply by 1/unit instead, which must not underflow.
    """
    xp = namespace(unit)
    head = xp.where(unit > 1.0, 0.0625 * xp.ones_like(unit), xp.ones_like(unit))
    return (x * head) / (unit * head)
