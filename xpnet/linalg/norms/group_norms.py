"""Norms of matrices by groups: a norm within each row or column, and a norm over those."""

from math import inf
from typing import Any

from xpnet.backend import Array
from xpnet.linalg.arguments import as_axes, as_matrix
from xpnet.linalg.norms.vector_norms import vector_norm
from xpnet.linalg.precision import promotes


@promotes("a")
def lpq_norm(a: Any, p: float, q: float, /, *, group_axis: int) -> Array:
    """Return ``(sum over groups of |group|_p ^ q)^(1/q)``: the vector norm q of the groups' vector norms p.

    Parameters
    ----------
    a : Array, shape (..., m, n)
    p, q : float
        Orders as in `vector_norm`, within a group and over the groups.
    group_axis : {-2, -1}
        Axis of a group: -2 makes every column a group, -1 every row.

    Returns
    -------
    Array, shape (...)

    Raises
    ------
    ValueError
        If `group_axis` is not one of the last two.

    Examples
    --------
    >>> round(float(lpq_norm([[1, 3], [5, 7]], 1, 2, group_axis=-2)), 6)  # columns: 6 and 10
    11.661904
    """
    a = as_matrix(a)
    axes = as_axes(group_axis, a.ndim)
    if axes not in ((a.ndim - 2,), (a.ndim - 1,)):
        raise ValueError(f"group_axis must be -2 (columns) or -1 (rows), got {group_axis}")
    return vector_norm(vector_norm(a, ord=p, axis=axes), ord=q, axis=-1)


@promotes("a")
def l21_norm(a: Any, /, *, group_axis: int) -> Array:
    """Return the sum of the groups' Euclidean norms: shape (...).

    As a penalty it makes whole groups 0: rows with ``group_axis=-1``, columns with -2.

    Parameters
    ----------
    a : Array, shape (..., m, n)
        Real or complex.
    group_axis : {-2, -1}
        As for `lpq_norm`.

    References
    ----------
    Yuan and Lin, doi:10.1111/j.1467-9868.2005.00532.x (the group lasso).

    Examples
    --------
    >>> float(l21_norm([[3, 4], [0, 0], [6, 8]], group_axis=-1))
    15.0
    """
    return lpq_norm(a, 2, 1, group_axis=group_axis)


@promotes("a")
def max_norm(a: Any, /) -> Array:
    """Return the largest absolute value of an entry: shape (...).

    This is not the factored max norm of recommender systems, which has the same name.

    Parameters
    ----------
    a : Array, shape (..., m, n)
        Real or complex.

    Examples
    --------
    >>> float(max_norm([[1, -9], [5, 7]]))
    9.0
    """
    return vector_norm(as_matrix(a), ord=inf, axis=(-2, -1))
