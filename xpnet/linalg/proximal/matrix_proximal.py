"""Proximal operators and projections of matrix norms: by groups, which are rows or columns, and by singular values.

Matrices lie along the last two axes.  As in `vector_proximal` and `projections`, `t` and radius are a number of at
least 0 or an array with one for each matrix, shape (...).  Entries that already satisfy the condition are returned
unchanged, to the last bit.
Functions of groups pass NaN on; functions of singular values refuse what is not finite.
"""

from collections.abc import Callable
from typing import Any

from xpnet.backend import Array, namespace
from xpnet.linalg.arguments import as_matrix, finite_matrix
from xpnet.linalg.factorizations.svd import svd
from xpnet.linalg.norms.vector_norms import vector_norm
from xpnet.linalg.precision import promotes
from xpnet.linalg.proximal.levels import nonnegative
from xpnet.linalg.resizing import in_l1_ball, resized, shrunk


@promotes("x")
def prox_l21(x: Any, t: Any, *, group_axis: int = -1) -> Array:
    """Return the proximal operator of the sum of the groups' Euclidean lengths: each group shortened by `t`.

    Parameters
    ----------
    x : array, shape (..., m, n)
    t : number or array, shape (...)
        At least 0.  For one that differs from group to group see `prox_l2`.
    group_axis : {-1, -2}
        Axis of a group: -1 makes every row a group, -2 every column.

    References
    ----------
    Yuan and Lin, doi:10.1111/j.1467-9868.2005.00532.x (the group lasso).

    Examples
    --------
    >>> prox_l21([[3.0, 4.0], [0.6, 0.8]], 2.5)
    array([[1.5, 2. ],
           [0. , 0. ]])
    """
    x, length = _groups(x, group_axis)
    return resized(x, length, shrunk(length, nonnegative(t, "t", x, _matrix_axes(x))))


@promotes("x")
def prox_nuclear(x: Any, t: Any) -> Array:
    """Return the proximal operator of the nuclear norm: every singular value reduced by `t`, down to 0.

    Parameters
    ----------
    x : array, shape (..., m, n)
        Finite.
    t : number or array, shape (...)
        At least 0.

    Notes
    -----
    The rank becomes the number of singular values above t.  One thin SVD, O(m n min(m, n)).

    References
    ----------
    Cai, Candes and Shen, doi:10.1137/080738970, theorem 2.1.

    Examples
    --------
    >>> prox_nuclear([[1, 2, 3], [4, 5, 6]], 1).round(4)
    array([[1.4089, 1.8613, 2.3137],
           [3.364 , 4.4441, 5.5242]])
    """
    x = finite_matrix(x, "x")
    level = nonnegative(t, "t", x, _matrix_axes(x))
    return _with_singular_values(x, lambda s: shrunk(s, level[..., 0]))


@promotes("x")
def prox_spectral(x: Any, t: Any) -> Array:
    """Return the proximal operator of the spectral norm: the largest singular values are clipped to a common value.

    Parameters
    ----------
    x : array, shape (..., m, n)
        Finite.
    t : number or array, shape (...)
        At least 0: the sum of what is clipped off the singular values.

    Notes
    -----
    `prox_linf` changes the singular values; the singular vectors stay.  One thin SVD, O(m n min(m, n)).

    Examples
    --------
    >>> prox_spectral([[3.0, 0.0], [0.0, 1.0]], 1.0)
    array([[2., 0.],
           [0., 1.]])
    """
    x = finite_matrix(x, "x")
    level = nonnegative(t, "t", x, _matrix_axes(x))
    return _with_singular_values(x, lambda s: s - in_l1_ball(s, level[..., 0], (s.ndim - 1,)))


@promotes("x")
def project_l21(x: Any, radius: Any, *, group_axis: int = -1) -> Array:
    """Return the nearest matrices whose groups' Euclidean lengths sum to at most `radius`.

    Every group is shortened by the same amount, down to 0: few rows (or columns) remain.

    Parameters
    ----------
    x : array, shape (..., m, n)
    radius : number or array, shape (...)
        At least 0; infinity changes nothing.
    group_axis : {-1, -2}
        Axis of a group: -1 makes every row a group, -2 every column.

    Notes
    -----
    The lengths are projected on the L1 ball; the directions stay.  O(m n + m log m) for m rows.

    Examples
    --------
    >>> project_l21([[3.0, 4.0], [0.6, 0.8]], 4.0)
    array([[2.4, 3.2],
           [0. , 0. ]])
    """
    x, length = _groups(x, group_axis)
    axes = _matrix_axes(x)
    return resized(x, length, in_l1_ball(length, nonnegative(radius, "radius", x, axes), axes))


@promotes("x")
def project_nuclear(x: Any, radius: Any) -> Array:
    """Return the nearest matrices whose singular values sum to at most `radius`: often of low rank.

    Parameters
    ----------
    x : array, shape (..., m, n)
        Finite.
    radius : number or array, shape (...)
        At least 0; infinity changes nothing.

    Notes
    -----
    The singular values are projected on the L1 ball; the singular vectors stay.  One thin SVD, O(m n min(m, n)).

    Examples
    --------
    >>> project_nuclear([[3.0, 0.0], [0.0, 1.0]], 2.0)
    array([[2., 0.],
           [0., 0.]])
    """
    x = finite_matrix(x, "x")
    r = nonnegative(radius, "radius", x, _matrix_axes(x))
    return _with_singular_values(x, lambda s: in_l1_ball(s, r[..., 0], (s.ndim - 1,)))


@promotes("x")
def project_spectral(x: Any, radius: Any) -> Array:
    """Return the nearest matrices whose largest singular value is at most `radius`: larger ones are reduced to it.

    Parameters
    ----------
    x : array, shape (..., m, n)
        Finite.
    radius : number or array, shape (...)
        At least 0; infinity changes nothing.

    Notes
    -----
    One thin SVD, O(m n min(m, n)).

    Examples
    --------
    >>> project_spectral([[3.0, 0.0], [0.0, 1.0]], 2.0)
    array([[2., 0.],
           [0., 1.]])
    """
    x = finite_matrix(x, "x")
    r = nonnegative(radius, "radius", x, _matrix_axes(x))
    return _with_singular_values(x, lambda s: namespace(s).minimum(s, r[..., 0]))


def _groups(x: Any, group_axis: int) -> tuple[Array, Array]:
    """Return `x` as matrices, (..., m, n), and the lengths of its groups, (..., m, 1) or (..., 1, n)."""
    x = as_matrix(x, "x")
    if group_axis not in (-2, -1, x.ndim - 2, x.ndim - 1):
        raise ValueError(f"group_axis must be -2 (columns) or -1 (rows), got {group_axis}")
    return x, vector_norm(x, axis=group_axis, keepdims=True)


def _matrix_axes(x: Array) -> tuple[int, int]:
    """Return the last two axes, counted from the front."""
    return x.ndim - 2, x.ndim - 1


def _with_singular_values(x: Array, change: Callable[[Array], Array]) -> Array:
    """Return ``u change(s) v^H`` for each matrix ``x = u s v^H``, and `x` itself where no value changes."""
    xp = namespace(x)
    u, s, vh = svd(x, full_matrices=False, flip=False)
    new = change(s)  # (..., k)
    same = xp.all(new == s, axis=-1)[..., None, None]
    return xp.where(same, x, (u * new[..., None, :]) @ vh)
