"""Gram-Schmidt one column after another: classical and modified.

The caller scales the columns to a length near 1, and reduces the inner product to the standard one.
"""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from xpnet.backend import Array, device_of, namespace
from xpnet.linalg.arguments import adjoint


class PanelColumns(NamedTuple):
    """Orthonormal columns, and their coefficients.

    Attributes
    ----------
    q : Array, shape (..., m, p)
        A dropped column is zero.
    r : Array, shape (..., k + p, p)
        Coefficients of the k columns before, then of these.
    kept : Array of bool, shape (..., p)
    """

    q: Array
    r: Array
    kept: Array


PanelMethod: TypeAlias = Callable[
    [Array, Array, float, Array | int], PanelColumns
]  # (q, c, rtol, room), as of `classical`

PANEL = 32  # columns that are made orthonormal together


def in_panels(method: PanelMethod, q: Array, c: Array, rtol: float, room: Array | int) -> PanelColumns:
    """Apply `method` to 32 columns of `c` at a time, so that the results are seldom concatenated."""
    xp = namespace(c)
    k, p = q.shape[-1], c.shape[-1]
    r, kept = [], []
    for first in range(0, p, PANEL):
        found = method(q, c[..., first : min(first + PANEL, p)], rtol, room)
        q = xp.concat([q, found.q], axis=-1)
        below = zeros(c, k + p - found.r.shape[-2], found.r.shape[-1])
        r.append(xp.concat([found.r, below], axis=-2))
        kept.append(found.kept)
        room = room - xp.count_nonzero(found.kept, axis=-1)[..., None, None]
    return PanelColumns(q[..., k:], xp.concat(r, axis=-1), xp.concat(kept, axis=-1))


def nothing(c: Array, k: int) -> PanelColumns:
    """Return the result for columns without entries, after k other columns: all are dropped."""
    xp = namespace(c)
    p = c.shape[-1]
    return PanelColumns(xp.zeros_like(c), zeros(c, k + p, p), xp.zeros_like(zeros(c, 1, p)[..., 0, :], dtype=xp.bool))


def lengths(a: Array) -> Array:
    """Return the Euclidean norms of columns of moderate size, (..., m, n) -> (..., 1, n)."""
    xp = namespace(a)
    return xp.sqrt(xp.sum(xp.abs(a) ** 2, axis=-2, keepdims=True))


def zeros(a: Array, m: int, n: int) -> Array:
    """Return zeros, (..., m, n), with the leading axes, dtype and device of `a`."""
    return namespace(a).zeros((*a.shape[:-2], m, n), dtype=a.dtype, device=device_of(a))


def coefficients(q: Array, a: Array) -> Array:
    """Return q^H a, (..., k, p), by transposing `a`, which has few columns, instead of `q`."""
    return adjoint(adjoint(a) @ q)


def unit(v: Array, floor: Array, room: Array | int) -> tuple[Array, Array, Array]:
    """Return v / ||v||, ||v|| and True; or zeros and False where v is too short or no direction is left.

    Parameters
    ----------
    v : Array, shape (..., m, 1)
        The remainder of a column.
    floor : Array, shape (..., 1, 1)
        The column is dropped if its remainder is not longer.
    room : Array or int, shape (..., 1, 1)
        How many directions are left.
    """
    xp = namespace(v)
    norm = lengths(v)
    keep = (norm > floor) & (room > 0)
    q = xp.where(keep, v / xp.where(keep, norm, xp.ones_like(norm)), xp.zeros_like(v))
    return q, xp.astype(xp.where(keep, norm, xp.zeros_like(norm)), v.dtype), keep


def classical(q: Array, c: Array, rtol: float, room: Array | int, passes: int = 2) -> PanelColumns:
    """Make the columns of `c` orthonormal, and orthogonal to those of `q`.

    It computes all coefficients of a column, then subtracts once.

    Parameters
    ----------
    q : Array, shape (..., m, k)
        Orthonormal columns; zero ones do nothing.
    c : Array, shape (..., m, p)
    rtol : float
        A remainder of at most `rtol` times the length of its column is dropped.
    room : Array or int, shape (..., 1, 1)
        How many directions are left.
    passes : int
        1 is the textbook formula; 2 repeats it, to subtract what rounding left.
    """
    xp = namespace(c)
    k, p, floor = q.shape[-1], c.shape[-1], rtol * lengths(c)
    column, row = xp.arange(p, device=device_of(c)), xp.arange(k + p, device=device_of(c))[:, None]
    new, r, kept = xp.zeros_like(c), [], []  # of full width from the start: the same shapes for every column
    for j in range(p):
        v, h = c[..., j : j + 1], 0.0  # (..., m, 1)
        for _ in range(passes):
            s, t = coefficients(q, v), coefficients(new, v)
            v = v - q @ s - new @ t
            h = h + xp.concat([s, t], axis=-2)  # (..., k + p, 1)
        found, norm, keep = unit(v, floor[..., j : j + 1], room)
        new = xp.where(column == j, found, new)
        r.append(xp.where(row == k + j, norm, h))
        kept.append(keep[..., 0])
        room = room - xp.astype(keep, xp.int32)
    return PanelColumns(new, xp.concat(r, axis=-1), xp.concat(kept, axis=-1))


def modified(a: Array, rtol: float) -> PanelColumns:
    """Make the columns of `a`, (..., m, n), orthonormal.

    It subtracts each new direction from all columns to its right at once.  So every coefficient is computed from the
    remainder after the directions before, and r is built row by row.
    """
    xp = namespace(a)
    n, floor = a.shape[-1], rtol * lengths(a)
    rest, room = a, a.shape[-2]
    q, r, kept = [], [], []
    for j in range(n):
        found, norm, keep = unit(rest[..., :1], floor[..., j : j + 1], room)
        rest = rest[..., 1:]
        s = adjoint(found) @ rest  # (..., 1, n - j - 1)
        rest = rest - found * s
        q.append(found)
        r.append(xp.concat([zeros(a, 1, j), norm, s], axis=-1))
        kept.append(keep[..., 0])
        room = room - xp.astype(keep, xp.int32)
    return PanelColumns(xp.concat(q, axis=-1), xp.concat(r, axis=-2), xp.concat(kept, axis=-1))


def modified_twice(a: Array, rtol: float) -> PanelColumns:
    """Make the columns of `a` orthonormal by `modified`, applied twice."""
    first = modified(a, rtol)
    second = modified(first.q, rtol)
    return PanelColumns(second.q, second.r @ first.r, second.kept)
