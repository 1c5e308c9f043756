"""Ids of users and items: numbers or text in a sorted table, with exact lookup."""

import re
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from xpnet.backend import library_of
from xpnet.checks import whole
from xpnet.data.ratings.columns import Numbers, as_column, refuse_first
from xpnet.data.tables.dataset import Array

EXACT = 2**53  # float64 holds every whole number up to here


def as_ids(name: str, column: Any, n: int | None = None) -> Array:
    """Return a column of ids in one sortable dtype: whole numbers are int64.

    Raises
    ------
    TypeError
        If numbers and text are mixed, the ids cannot be sorted, or no dtype holds them all exactly.
    ValueError
        If the column has another shape, or an id is NaN.

    Examples
    --------
    >>> as_ids("users", np.asarray(["ann", "bob"], dtype=object)).dtype.kind
    'U'
    """
    ids = _of_one_type(name, column, n)
    if ids.dtype.kind not in "biufUSM":
        raise TypeError(f"{name} must hold numbers or text, got {ids.dtype}: values that no one dtype holds exactly")
    if ids.dtype.kind in "fM":
        refuse_first(name, ids != ids, ids, "hold ids")
    fits = ids.dtype.kind in "bi" or (ids.dtype.kind == "u" and (ids.size == 0 or int(ids.max()) < 2**63))
    return ids.astype(np.int64) if fits else ids


def lookup(name: str, ids: Array, wanted: Any) -> Numbers:
    """Return the place of each wanted id in the sorted table `ids`, -1 for one that is not there.

    Two numbers are the same id if they are equal exactly, whatever their dtypes.

    Examples
    --------
    >>> lookup("users", np.asarray([10, 30]), [30, 20, 10.0]).tolist()
    [1, -1, 0]
    >>> lookup("users", np.asarray([2**60]), np.asarray([2.0**60, 2.0**60 + 256])).tolist()
    [0, -1]
    """
    asked = _of_one_type(name, wanted)
    if ids.size == 0 or not can_meet(ids, asked):
        return np.full(asked.shape, -1, dtype=np.int32)
    if _kind(ids) != _kind(asked):  # NumPy would compare both as float64; Python compares exactly
        places = {known: place for place, known in enumerate(ids.tolist())}
        return np.asarray([places.get(one, -1) for one in asked.tolist()], dtype=np.int32)
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
    """Return the place of one id in the sorted table `ids`, or refuse one that is not there.

    Examples
    --------
    >>> number_of("user", np.asarray([10, 30]), 30)
    1
    """
    return int(known_places(name, ids, [wanted])[0])


def is_several(wanted: Any) -> bool:
    """Return whether `wanted` holds ids; else it is one.

    Examples
    --------
    >>> is_several("ann"), is_several(["ann"]), is_several(np.int64(7)), is_several(np.asarray(7))
    (False, True, False, False)
    """
    return isinstance(wanted, Iterable) and not isinstance(wanted, str | bytes) and getattr(wanted, "ndim", 1) > 0


def as_sequence(wanted: Any) -> Any:
    """Return an array as it is, and other collections of ids, a range or a set, say, as a list.

    Examples
    --------
    >>> as_sequence(range(3)), as_sequence("ann")
    ([0, 1, 2], 'ann')
    """
    return list(wanted) if is_several(wanted) and library_of(wanted) is None else wanted


def known_places(name: str, ids: Array, wanted: Any) -> Numbers:
    """Return the place of each id in the sorted table `ids`, or refuse the first that is not there.

    Examples
    --------
    >>> known_places("user", np.asarray([10, 30]), [30, 20])
    Traceback (most recent call last):
    ValueError: user must be one of the 2 known (10 .. 30), got 20
    """
    wanted = as_sequence(wanted)
    places = lookup(f"{name}s", ids, wanted)
    if (places < 0).any():
        unknown = wanted[int((places < 0).argmax())]
        raise ValueError(f"{name} must be one of the {ids.size} known ({ids[0]} .. {ids[-1]}), got {unknown!r}")
    return places


def check_kind(name: str, ids: Array, wanted: Any) -> None:
    """Refuse ids of a kind that is not that of the table `ids`: none of them could ever be known.

    Examples
    --------
    >>> check_kind("users", np.asarray([10, 30]), ["10"])
    Traceback (most recent call last):
    TypeError: users must be ids like those known, such as 10, got '10'
    """
    asked = _of_one_type(name, wanted)
    if asked.size and ids.size and not can_meet(ids, asked):
        known, got = (column[:1].tolist()[0] for column in (ids, asked))
        raise TypeError(f"{name} must be ids like those known, such as {known!r}, got {got!r}")


def all_ids(name: str, known: Array, more: Array) -> Array:
    """Return the ids of two tables, each once, ascending.

    Examples
    --------
    >>> all_ids("users", np.asarray([10, 30]), np.asarray([20, 30])).tolist()
    [10, 20, 30]
    """
    check_kind(name, known, more)
    if _kind(known) == _kind(more):
        return np.union1d(known, more)
    return np.unique(as_ids(name, [*known.tolist(), *more.tolist()]))


def from_cells(cells: list[str]) -> Array:
    """Return ids as int64 if each cell is a plainly written whole number, else as text: 007 is not 7.

    Examples
    --------
    >>> from_cells(["7", "10"]).tolist(), from_cells(["007", "10"]).tolist()
    ([7, 10], ['007', '10'])
    """
    if all(re.fullmatch(r"0|-?[1-9][0-9]{0,17}", cell) for cell in cells):
        return np.asarray([int(cell) for cell in cells], dtype=np.int64)
    return np.asarray(cells)


def from_word(ids: Array, word: str) -> Any:
    """Return an id that somebody typed, as the kind of id that the table `ids` holds; else the word itself.

    Examples
    --------
    >>> from_word(np.asarray([7, 8]), "7"), from_word(np.asarray([7, 8]), "007"), from_word(np.asarray(["7"]), "7")
    (7, '007', '7')
    """
    if ids.dtype.kind in "iuf" and re.fullmatch(r"0|-?[1-9][0-9]{0,19}", word):
        return int(word)
    if ids.dtype.kind == "f" and re.fullmatch(r"-?(0|[1-9][0-9]*)\.[0-9]+", word):
        return float(word)
    return word


def _of_one_type(name: str, column: Any, n: int | None = None) -> npt.NDArray[Any]:
    """Return a column of ids in a dtype that keeps each of them, else as objects.

    NumPy alone would write 1 and "a" as "1" and "a", and 2**60 + 1 and 0.5 as 2.0**60 and 0.5.
    """
    ids = as_column(name, column, n)
    is_list = library_of(column) is None and not hasattr(column, "dtype")
    if ids.dtype.kind != "O" and not (is_list and ids.dtype.kind in "USf"):
        return ids
    entries = ids.tolist() if ids.dtype.kind == "O" else list(column)
    if len({isinstance(entry, str) for entry in entries}) > 1:
        raise TypeError(f"{name} must hold ids of one type, got numbers and text")
    ids = as_column(name, entries)
    if ids.dtype.kind != "f":
        return ids
    return _unrounded([int(x) if isinstance(x, np.integer) else x for x in entries], ids)


def _unrounded(numbers: list[Any], rounded: Array) -> Array:
    """Return `rounded`, float64, if it holds the numbers exactly, else as uint64 or objects."""
    whole_ones = [x for x in numbers if isinstance(x, int)]
    if all(abs(x) <= EXACT for x in whole_ones):
        return rounded
    fits = len(whole_ones) == len(numbers) and min(numbers) >= 0 and max(numbers) < 2**64
    return np.asarray(numbers, dtype=np.uint64 if fits else object)


def _kind(ids: Array) -> str:
    """Return the kind of dtype within which NumPy compares exactly."""
    return "i" if ids.dtype.kind == "b" else ids.dtype.kind


def can_meet(ids: Array, asked: Array) -> bool:
    """Return whether two columns can hold an id in common: all numbers can meet; objects are mixed numbers.

    Examples
    --------
    >>> can_meet(np.asarray([7]), np.asarray([7.0])), can_meet(np.asarray([7]), np.asarray(["7"]))
    (True, False)
    """
    numbers = "biufO"
    return ids.dtype.kind == asked.dtype.kind or (ids.dtype.kind in numbers and asked.dtype.kind in numbers)
