"""Ratings in files: the columns of a table, or row numbers with their tables of ids."""

import re
import warnings
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from xpnet.checks import listing
from xpnet.data.columns.building import column_of
from xpnet.data.columns.column import Column
from xpnet.data.columns.numbers import to_number
from xpnet.data.columns.spelling import Reading
from xpnet.data.errors import FormatError
from xpnet.data.files import PathLike
from xpnet.data.ratings.ids import from_cells
from xpnet.data.tables.cell_tables import read_cells
from xpnet.data.tables.dataset import Array
from xpnet.data.tables.formats import WITH_CELLS, endings, holds_cells
from xpnet.data.tables.readers.npz import read_arrays

ISO = re.compile(r"\s*\d{4}-\d\d")  # how ISO's dates begin, which NumPy reads, and refuses time zones
ENDINGS = (*endings(WITH_CELLS), ".npz")


class RatingColumns(NamedTuple):
    """The columns of a file; `users` and `items` are row numbers if there are tables of ids, else ids."""

    users: Array
    items: Array
    values: Array
    times: Array | None
    user_ids: Array | None = None
    item_ids: Array | None = None


def read_columns(path: PathLike, user: str, item: str, rating: str | None, time: str | None) -> RatingColumns:
    r"""Return the columns of a file of ratings, by the ending of its name; without a rating, every row is a 1.

    Raises
    ------
    FileNotFoundError, FormatError
        If there is no such file, or it is not a table with these columns.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "drinks.csv")
    ...     _ = path.write_text("user,item,rating\nann,7,4.5\n")
    ...     found = read_columns(path, "user", "item", "rating", None)
    >>> found.users.tolist(), found.items.tolist(), found.values.tolist()
    (['ann'], [7], [4.5])
    """
    ending = Path(path).suffix.lower()
    if ending == ".npz":
        return _archive(path, user, item, rating, time)
    if not holds_cells(path):
        raise FormatError(f"{path}: the name must end in {', '.join(ENDINGS)}, got '{ending}'")
    names = (user, item) if time is None else (user, item, time)
    as_written = Reading(kinds=dict.fromkeys(names, "text"))
    task = None if rating is None else "regression"
    table = read_cells(path, rating, task=task, columns=names, reading=as_written)
    users, items, *dates = table.x.columns
    values = np.ones(len(users.values)) if rating is None else np.asarray(table.y)
    times = None if time is None else _times(path, time, [dates[0].distinct[code] for code in dates[0].values])
    return RatingColumns(_ids(users), _ids(items), values, times)


def _ids(column: Column) -> Array:
    return from_cells(list(column.distinct))[column.values]


def _archive(path: PathLike, user: str, item: str, rating: str | None, time: str | None) -> RatingColumns:
    arrays = read_arrays(path)
    users, items = (_member(path, arrays, name) for name in (user, item))
    values = np.ones(users.shape) if rating is None else _member(path, arrays, rating)
    times = None if time is None else _member(path, arrays, time)
    user_table, item_table = f"{user.removesuffix('s')}_ids", f"{item.removesuffix('s')}_ids"
    if (user_table in arrays) != (item_table in arrays):
        raise FormatError(f"{path}: must hold both {user_table} and {item_table} or neither, got {listing([*arrays])}")
    if user_table not in arrays:
        return RatingColumns(users, items, values, times)
    users, user_ids = _sorted_table(path, user_table, arrays[user_table], users)
    items, item_ids = _sorted_table(path, item_table, arrays[item_table], items)
    return RatingColumns(users, items, values, times, user_ids, item_ids)


def _member(path: PathLike, arrays: dict[str, Array], name: str) -> Array:
    for written in (name, f"{name}s"):
        if written in arrays:
            return arrays[written]
    raise FormatError(f"{path}: must hold the array '{name}', got {listing([*arrays])}")


def _sorted_table(path: PathLike, name: str, ids: Array, numbers: Array) -> tuple[Array, Array]:
    """Return row numbers and ids after sorting the ids; wrong row numbers are left for a later check to refuse."""
    if ids.ndim != 1 or ids.size == 0:
        raise FormatError(f"{path}: array '{name}' must have shape (n,) with an id, got {ids.shape}")
    order = np.argsort(ids, kind="stable")
    inside = numbers.dtype.kind in "iu" and bool(((numbers >= 0) & (numbers < ids.size)).all())
    return (np.argsort(order)[numbers] if inside else numbers), ids[order]


def _times(path: PathLike, name: str, cells: list[str]) -> Array:
    """Return times as numbers, or as dates (in ISO's or another usual order) if the first one is no number."""
    if to_number(cells[0]) is None:
        if ISO.match(cells[0]) is None and (column := column_of(name, cells)).kind == "date":
            return column.values
        return np.asarray([_date(path, name, row, cell) for row, cell in enumerate(cells)])
    numbers: list[Any] = [to_number(cell) for cell in cells]
    if None in numbers:
        row = numbers.index(None)
        raise FormatError(f"{path}: column '{name}', row {row} must be a number, got '{cells[row]}'")
    return np.asarray(numbers)


def _date(path: PathLike, name: str, row: int, cell: str) -> np.datetime64:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # NumPy warns of time zones and drops them
            return np.datetime64(cell, "us")
    except (ValueError, UserWarning) as error:
        raise FormatError(
            f"{path}: column '{name}', row {row} must be a number or a date without time zone, got '{cell}'"
        ) from error
