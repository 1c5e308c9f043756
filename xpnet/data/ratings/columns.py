"""Checks of the columns of a table of ratings, and repeated pairs."""

from typing import Any

import numpy as np
import numpy.typing as npt

from xpnet.backend import plain_array, to_numpy
from xpnet.data.tables.dataset import Array

Numbers = npt.NDArray[np.int32]
DUPLICATES = ("error", "last", "first", "mean", "sum")


def as_column(name: str, column: Any, n: int | None = None) -> Array:
    """Return a column as an array of shape (n,), or refuse another shape.

    Examples
    --------
    >>> as_column("users", ["ann", "bob"], 2).shape
    (2,)
    """
    column = plain_array(column, name)
    try:
        array = to_numpy(column)
    except ValueError as error:
        raise ValueError(f"{name} must have shape (n,), got rows of several lengths") from error
    if array.ndim != 1:
        raise ValueError(f"{name} must have shape (n,), got {array.shape}")
    if n is not None and array.size != n:
        raise ValueError(f"{name} must have one entry a rating, {n}, got {array.size}")
    return array


def as_values(values: Any, n: int) -> npt.NDArray[np.float64]:
    """Return ratings as float64, or name the first that is not finite.

    Examples
    --------
    >>> as_values([5, 3], 2)
    array([5., 3.])
    """
    array = as_column("values", values, n)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"values must be numbers, got {array.dtype}")
    with np.errstate(over="ignore"):  # a longer float may overflow
        numbers = array.astype(np.float64)
    refuse_first("values", ~np.isfinite(numbers), array, "be finite")
    return numbers


def as_times(times: Any, n: int) -> Array:
    """Return the times, numbers or dates, or name the first that is missing or infinite.

    Examples
    --------
    >>> as_times([20, 10], 2).tolist()
    [20, 10]
    """
    array = as_column("times", times, n)
    if array.dtype.kind not in "iufM":
        raise TypeError(f"times must be numbers or dates, got {array.dtype}")
    refuse_first("times", ~np.isfinite(array), array, "be finite")  # NaT is not finite
    return array


def as_numbers(name: str, column: Any, count: int, n: int | None = None, least: int = 0) -> Numbers:
    """Return row numbers from `least` to below `count` as int32, or name the first that is outside.

    Examples
    --------
    >>> as_numbers("users", [0, 2], 3).tolist()
    [0, 2]
    """
    array = as_column(name, column, n)
    if array.dtype.kind not in "iu" and array.size:  # NumPy makes float64 of an empty list
        raise TypeError(f"{name} must be whole numbers, got {array.dtype}")
    refuse_first(name, (array < least) | (array >= count), array, f"be between {least} and {count - 1}")
    return array.astype(np.int32)


def check_duplicates(duplicates: str) -> None:
    """Refuse an unknown rule for repeated pairs.

    Examples
    --------
    >>> check_duplicates("max")
    Traceback (most recent call last):
    ValueError: duplicates must be one of error, last, first, mean, sum, got 'max'
    """
    if duplicates not in DUPLICATES:
        raise ValueError(f"duplicates must be one of {', '.join(DUPLICATES)}, got {duplicates!r}")


def means(groups: Array, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the mean of the values of each group; no sum overflows.

    Examples
    --------
    >>> means(np.asarray([0, 0, 1]), np.asarray([1.7e308, 1.5e308, 3.0]))
    array([1.6e+308, 3.0e+000])
    """
    unit = 2.0**64 if np.abs(values).max() > 2.0**900 else 1.0  # dividing by a power of two causes no rounding
    return np.bincount(groups, values / unit) / np.bincount(groups) * unit


def sums(groups: Array, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the sum of the values of each group, or refuse one that overflows.

    Examples
    --------
    >>> sums(np.asarray([0, 0, 1]), np.asarray([1.0, 2.0, 3.0]))
    array([3., 3.])
    """
    found: npt.NDArray[np.float64] = np.bincount(groups, values).astype(np.float64)
    if not np.isfinite(found).all():
        raise ValueError(f"values must have finite sums of duplicates, got up to {np.abs(values).max()}")
    return found


def refuse_first(name: str, wrong: Array, array: Array, condition: str) -> None:
    """Name the first entry of a column that is wrong, if there is one.

    Examples
    --------
    >>> refuse_first("users", np.asarray([False, True]), np.asarray([3, -1]), "be at least 0")
    Traceback (most recent call last):
    ValueError: users must be at least 0, got -1 in row 1
    """
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ValueError(f"{name} must {condition}, got {array[row]} in row {row}")


def find_repeats(users: Numbers, items: Numbers, n_items: int) -> tuple[Array, Array, Array]:
    """Return the group of each row, one group for each pair, and the first and the last row of each group.

    Examples
    --------
    >>> group, first, last = find_repeats(np.asarray([0, 1, 0]), np.asarray([2, 2, 2]), 3)
    >>> group.tolist(), first.tolist(), last.tolist()
    ([0, 1, 0], [0, 1], [2, 1])
    """
    pair = users.astype(np.int64) * n_items + items
    order = np.argsort(pair, kind="stable")
    opens = np.diff(pair[order], prepend=-1) != 0
    starts = np.flatnonzero(opens)
    group = np.empty(pair.size, dtype=np.int64)
    group[order] = np.cumsum(opens) - 1
    return group, order[starts], order[np.append(starts[1:], pair.size) - 1]
