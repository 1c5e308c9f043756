"""Build typed columns and tables from arrays, lists and mappings."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from xpnet.data.columns.cells import is_missing
from xpnet.data.columns.column import Array, Column
from xpnet.data.columns.numbers import number_column
from xpnet.data.columns.spelling import Reading
from xpnet.data.columns.table import Table
from xpnet.data.columns.texts import AS_TEXT, column_of_texts

PLAIN = Reading()
LARGEST = 2**63 - 1


def column_of(name: str, values: Any, reading: Reading = PLAIN) -> Column:
    """Return the typed column of an array or a sequence of cells.

    Parameters
    ----------
    name : str
        Its name.
    values : array or sequence, length n
        Numbers, booleans, dates or text; text is read as the cells of a file are.  None, NaN, NaT, pandas' NA and
        masked entries are gaps, and so are the markers of `is_missing` in text.  Cells of several types are read as
        text.
    reading : Reading, optional
        What is known about the text.

    Returns
    -------
    Column
        No view of ``values`` that the caller could write through, unless they are float64 or int64 without gaps.

    Raises
    ------
    ValueError
        If ``values`` is not one-dimensional.

    Examples
    --------
    >>> column_of("when", np.asarray(["2024-01-31", "NaT"], dtype="datetime64[D]")).kind
    'date'
    >>> column_of("legs", [4, None]).numbers()
    array([ 4., nan])
    >>> column_of("zip", ["007", "12"], Reading(kinds={"zip": "category"})).distinct
    ('007', '12')
    """
    values = values.tolist() if isinstance(values, np.ma.MaskedArray) else values  # None where it is masked
    as_text = reading.kinds.get(name) in AS_TEXT
    array = values if isinstance(values, np.ndarray) else _array(values, as_text)
    if array.ndim != 1:
        raise ValueError(f"values must have shape (n,), got {array.shape}")
    if not as_text:
        none = np.zeros(len(array), dtype=np.bool_)
        if array.dtype.kind == "b":
            return Column(name, "boolean", array, none)
        if array.dtype.kind in "iu" and (array.dtype != np.uint64 or not len(array) or array.max() <= LARGEST):
            return Column(name, "number", array.astype(np.int64, copy=False), none)
        if array.dtype.kind in "iuf":
            return number_column(name, array.astype(np.float64, copy=False), none)
        if array.dtype.kind == "M":
            gaps = np.isnat(array)
            return Column(name, "date", array.astype("datetime64[us]"), gaps)
    return _of_cells(name, array, reading)


def _array(values: Any, as_text: bool) -> Array:
    """Return cells as a one-dimensional array; a list of several types becomes one of objects."""
    if hasattr(values, "__array__"):
        return np.asarray(values)
    if not as_text and set(map(type, values)) == {float}:
        return np.asarray(values, dtype=np.float64)
    cells = np.empty(len(values), dtype=object)
    cells[:] = values
    return cells


def _of_cells(name: str, array: Array, reading: Reading) -> Column:
    """Return the column of cells that are Python objects."""
    cells = array.tolist() if array.dtype.kind in "OUS" else list(array)
    gaps = np.asarray([not isinstance(cell, str) and is_missing(cell) for cell in cells], dtype=np.bool_)
    present = [cell for cell, gone in zip(cells, gaps.tolist(), strict=True) if not gone]
    kind = None if reading.kinds.get(name) in AS_TEXT or not present else _common_kind(present)
    if kind is None:
        return column_of_texts(name, ["" if gone else _text(c) for c, gone in zip(cells, gaps, strict=True)], reading)
    if kind is bool:
        flags = np.asarray([not gone and bool(cell) for cell, gone in zip(cells, gaps, strict=True)], dtype=np.bool_)
        return Column(name, "boolean", flags, gaps)
    numbers = [0 if gone else kind(cell) for cell, gone in zip(cells, gaps.tolist(), strict=True)]
    return number_column(name, np.asarray(numbers, dtype=np.int64 if kind is int else np.float64), gaps)


def _common_kind(present: list[Any]) -> type | None:
    """Return bool, int or float if all cells are such, or None; True counts as a number among numbers."""
    kinds = set(map(type, present))
    if all(issubclass(kind, bool | np.bool_) for kind in kinds):
        return bool
    if all(issubclass(kind, int | np.integer | np.bool_) for kind in kinds):
        return int if all(-LARGEST <= int(cell) <= LARGEST for cell in present) else None
    return float if all(issubclass(kind, float | int | np.floating | np.integer | np.bool_) for kind in kinds) else None


def _text(cell: Any) -> str:
    return (cell.decode("utf-8", "replace") if isinstance(cell, bytes) else str(cell)).strip()


def table_of(x: Any, names: Sequence[str] | None = None, reading: Reading = PLAIN) -> Table:
    """Return the typed table of a mapping of columns, a matrix, or a table.

    Parameters
    ----------
    x : Table, mapping of str to columns, or array (n, n_columns)
    names : sequence of str, optional
        The names of a matrix's columns; of a mapping or a table, those wanted, in order.
    reading : Reading, optional
        What is known about the text.

    Raises
    ------
    ValueError
        If the matrix has another number of columns.
    KeyError
        If a column wanted is not there.

    Examples
    --------
    >>> table_of([["4", "black"], ["2", "green"]], ("legs", "color")).column("color").distinct
    ('black', 'green')
    """
    if isinstance(x, Table):
        return x if names is None else x.select(names)
    if isinstance(x, Mapping):
        return Table(tuple(column_of(name, x[name], reading) for name in (names or x)))
    matrix = x if isinstance(x, np.ndarray) else np.asarray(x, dtype=object)
    names = tuple(map(str, range(matrix.shape[-1]))) if names is None else tuple(names)
    if matrix.ndim != 2 or matrix.shape[1] != len(names):
        raise ValueError(f"x must have shape (m, {len(names)}), got {matrix.shape}")
    return Table(tuple(column_of(name, matrix[:, i], reading) for i, name in enumerate(names)))
