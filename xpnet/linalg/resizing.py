"""Changed sizes of entries, groups or singular values, whose directions stay.

A size is the absolute value of an entry, the norm of a group, or a singular value.  So one function of a vector of
sizes serves complex entries, groups and matrices.
"""

from math import prod

from xpnet.backend import Array, namespace, of, quiet

REFINEMENTS = 2  # running sums of 10^7 float32 numbers are wrong by 10^-3; two corrections leave only rounding


def resized(x: Array, size: Array, new: Array) -> Array:
    """Return ``x new / size``, which is `x` itself, to the last bit, where the size is to stay.

    Examples
    --------
    >>> import numpy as np
    >>> resized(np.asarray([3.0, 4.0]), np.asarray(5.0), np.asarray(10.0))
    array([6., 8.])
    """
    xp = namespace(x)
    with quiet():
        unit = x / xp.where(size == 0.0, xp.ones_like(size), size)  # first, since new / size may underflow
        return xp.where(new == size, x, unit * new)


def shrunk(size: Array, t: Array) -> Array:
    """Return ``max(size - t, 0)``."""
    return namespace(size).maximum(size - t, 0.0)


def in_l1_ball(size: Array, radius: Array, axes: tuple[int, ...]) -> Array:
    """Return the nearest sizes whose sum over `axes` is at most `radius`: each shrunk by the same amount."""
    if 0 in size.shape:
        return size
    xp, rows, radius = namespace(size), as_rows(size, axes), as_rows(radius, axes)
    with quiet():
        inside = xp.sum(rows, axis=-1, keepdims=True) <= radius
        nearest = xp.minimum(rows, _on_simplex(rows, radius))  # rounding must not make a small size larger
        return from_rows(xp.where(inside, rows, nearest), axes, size.shape)


def on_simplex(v: Array, total: Array, axes: tuple[int, ...]) -> Array:
    """Return the nearest real array with nonnegative entries whose sum over `axes` is `total`."""
    with quiet():
        return from_rows(_on_simplex(as_rows(v, axes), as_rows(total, axes)), axes, v.shape)


def _on_simplex(rows: Array, total: Array) -> Array:
    """Return max(rows - theta, 0), theta such that each row, (..., n), sums to its total, (..., 1).

    The depth of an entry is its distance below the largest entry, divided by the total.  An entry deeper than 1
    always becomes 0, so depths are clipped at 1, and numbers of any size can be mixed.  For sorted depths
    z_1 <= z_2 <= ... the level is the minimum over j of (1 + z_1 + ... + z_j)/j, and an entry becomes
    total max(level - depth, 0).
    """
    xp = namespace(rows)
    unit = xp.where(total > 0.0, total, xp.ones_like(total))
    depth = xp.minimum((xp.max(rows, axis=-1, keepdims=True) - rows) / unit, 1.0)
    j = xp.arange(1, rows.shape[-1] + 1, dtype=rows.dtype, device=of(rows).device)
    volume = xp.cumulative_sum(xp.sort(depth, axis=-1), axis=-1)
    level = xp.min((1.0 + volume) / j, axis=-1, keepdims=True)  # (..., 1)
    for _ in range(REFINEMENTS):
        surplus = xp.sum(shrunk(level, depth), axis=-1, keepdims=True) - 1.0
        level = level - surplus / xp.sum(xp.astype(depth < level, rows.dtype), axis=-1, keepdims=True)
    return total * shrunk(level, depth)


def as_rows(x: Array, axes: tuple[int, ...]) -> Array:
    """Return the vectors along `axes` as the last axis of an array, shape (..., n)."""
    xp = namespace(x)
    others = tuple(i for i in range(x.ndim) if i not in axes)
    last = xp.permute_dims(x, others + axes)
    return xp.reshape(last, (*last.shape[: len(others)], prod(x.shape[i] for i in axes)))


def from_rows(rows: Array, axes: tuple[int, ...], shape: tuple[int, ...]) -> Array:
    """Return what `as_rows` took apart, as an array of `shape`."""
    xp = namespace(rows)
    others = tuple(i for i in range(len(shape)) if i not in axes)
    order = others + axes
    last = xp.reshape(rows, tuple(shape[i] for i in order))
    return xp.permute_dims(last, tuple(order.index(i) for i in range(len(shape))))
