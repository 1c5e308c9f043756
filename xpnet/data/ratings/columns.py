"""The columns of a table of ratings: checked, numbered, and each pair kept once."""

from typing import Any

import numpy as np
import numpy.typing as npt

from xpnet.checks import whole
from xpnet.data.tables.dataset import Array

Numbers = npt.NDArray[np.int32]
DUPLICATES = ("error", "last", "first", "mean")


def as_column(name: str, column: Any, n: int | None = None) -> Array:
    """Return a column as an array of shape (n,), or say what it is instead.

    Examples
    --------
    >>> as_column("users", ["ann", "bob"], 2).shape
    (2,)
    """
    array = np.asarray(column)
    if array.ndim != 1:
        raise ValueError(f"{name} must have shape (n,), got {array.shape}")
    if n is not None and array.size != n:
        raise ValueError(f"{name} must have one entry a rating, {n}, got {array.size}")
    return array


def as_ids(name: str, column: Any, n: int | None = None) -> Array:
    """Return a column of ids in one sortable type: whole numbers are int64.

    Raises
    ------
    TypeError
        If numbers and text are mixed, or the ids cannot be sorted.
    ValueError
        If the column has another shape, or an id is NaN.

    Examples
    --------
    >>> as_ids("users", np.asarray(["ann", "bob"], dtype=object)).dtype.kind
    'U'
    """
    ids = _of_one_type(name, column, n)
    if ids.dtype.kind not in "biufUSM":
        raise TypeError(f"{name} must hold numbers or text, got {ids.dtype}")
    if ids.dtype.kind in "fM":
        _refuse_first(name, ids != ids, ids, "hold ids")
    fits = ids.dtype.kind in "bi" or (ids.dtype.kind == "u" and (ids.size == 0 or int(ids.max()) < 2**63))
    return ids.astype(np.int64) if fits else ids


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
    _refuse_first("values", ~np.isfinite(array), array, "be finite")
    return array.astype(np.float64)


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
    _refuse_first("times", ~np.isfinite(array), array, "be finite")  # NaT is not finite
    return array


def as_numbers(name: str, column: Any, n: int, count: int) -> Numbers:
    """Return row numbers from 0 to below `count` as int32, or name the first that is outside.

    Examples
    --------
    >>> as_numbers("users", [0, 2], 2, 3).tolist()
    [0, 2]
    """
    array = as_column(name, column, n)
    if array.dtype.kind not in "iu":
        raise TypeError(f"{name} must be whole numbers, got {array.dtype}")
    _refuse_first(name, (array < 0) | (array >= count), array, f"be between 0 and {count - 1}")
    return array.astype(np.int32)


def lookup(name: str, ids: Array, wanted: Any) -> Numbers:
    """Return the place of each wanted id in the sorted table `ids`, -1 for one that is not there.

    Examples
    --------
    >>> lookup("users", np.asarray([10, 30]), [30, 20]).tolist()
    [1, -1]
    """
    asked = _of_one_type(name, wanted)
    if ids.size == 0 or _family(ids) != _family(asked):
        return np.full(asked.shape, -1, dtype=np.int32)
    place = np.minimum(np.searchsorted(ids, asked), ids.size - 1)
    return np.where(ids[place] == asked, place, -1).astype(np.int32)


def id_table(name: str, count: int | None, ids: Any) -> Array:
    """Return the ids that row numbers stand for: those given, or ``0 .. count - 1``.

    Examples
    --------
    >>> id_table("user", 3, None).tolist()
    [0, 1, 2]
    """
    if ids is None:
        return np.arange(whole(f"n_{name}s", count, 1, 2**31 - 1), dtype=np.int64)
    table = as_ids(f"{name}_ids", ids)
    if table.size == 0 or not (table[1:] > table[:-1]).all():
        raise ValueError(f"{name}_ids must be ascending, each once, got {table}")
    if count is not None and count != table.size:
        raise ValueError(f"n_{name}s must be the number of ids, {table.size}, got {count}")
    return table


def number_of(name: str, ids: Array, wanted: Any) -> int:
    """Return the place of one id in the sorted table `ids`, or say that it is not there.

    Examples
    --------
    >>> number_of("user", np.asarray([10, 30]), 30)
    1
    """
    number = int(lookup(name, ids, [wanted])[0])
    if number < 0:
        raise ValueError(f"{name} must be one of the {ids.size} known ({ids[0]} .. {ids[-1]}), got {wanted!r}")
    return number


def check_duplicates(duplicates: str) -> None:
    """Refuse a rule for repeated pairs that there is not.

    Examples
    --------
    >>> check_duplicates("sum")
    Traceback (most recent call last):
    ValueError: duplicates must be one of error, last, first, mean, got 'sum'
    """
    if duplicates not in DUPLICATES:
        raise ValueError(f"duplicates must be one of {', '.join(DUPLICATES)}, got {duplicates!r}")


def find_repeats(users: Numbers, items: Numbers, n_items: int) -> tuple[Array, Array, Array]:
    """Return the group of each row, and the first and last row of each group: one group a pair.

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


def _refuse_first(name: str, wrong: Array, array: Array, condition: str) -> None:
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ValueError(f"{name} must {condition}, got {array[row]} in row {row}")


def _of_one_type(name: str, column: Any, n: int | None = None) -> Array:
    """Return a column of ids in NumPy's own type; NumPy alone would write 1 and "a" as "1" and "a"."""
    ids = as_column(name, column, n)
    if ids.dtype.kind == "O" or (ids.dtype.kind in "US" and not isinstance(column, np.ndarray)):
        entries = ids.tolist() if ids.dtype.kind == "O" else list(column)
        if len({isinstance(entry, str) for entry in entries}) > 1:
            raise TypeError(f"{name} must hold ids of one type, got numbers and text")
        ids = as_column(name, entries)
    return ids


def _family(ids: Array) -> str:
    """Return what ids can be compared with: all numbers are of one family."""
    return "number" if ids.dtype.kind in "biuf" else ids.dtype.kind
