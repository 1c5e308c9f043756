"""A table in memory: typed columns of one length, in order."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from xpnet.data.columns.column import Array, Column


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Typed columns of one length.  It can be asked for rows and for its shape as a matrix can.

    Attributes
    ----------
    columns : tuple of Column
        At least one, with distinct names.
    place : callable, optional
        Takes the number of a row and returns its place in the file, in words, such as ``"line 17"``; a table of some
        rows still knows their places.  None for a table that was not read from a file.

    Raises
    ------
    ValueError
        If there is no column, the lengths differ, or a name comes twice.

    Examples
    --------
    >>> from xpnet.data.columns.building import table_of
    >>> table = table_of({"legs": [4, 2, 4], "color": ["black", None, "green"]})
    >>> table.shape, table.names, [column.kind for column in table.columns]
    ((3, 2), ('legs', 'color'), ['number', 'category'])
    >>> table[1:].column("legs").values
    array([2, 4])
    """

    columns: tuple[Column, ...]
    place: Callable[[int], str] | None = None

    def __post_init__(self) -> None:
        lengths = {len(column) for column in self.columns}
        if len(lengths) != 1:
            raise ValueError(f"columns must be at least one and of one length, got the lengths {sorted(lengths)}")
        if len(set(self.names)) < len(self.columns):
            raise ValueError(f"columns must have distinct names, got {self.names}")

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.columns[0])

    def __eq__(self, other: object) -> bool:
        """Return whether the other table has the same columns; places do not count."""
        return isinstance(other, Table) and self.columns == other.columns

    __hash__ = None  # type: ignore[assignment]  # it holds arrays

    def __getitem__(self, rows: Any) -> "Table":
        """Return the table of some rows: a slice, row numbers or a mask; ``table[rows, ...]`` is the same."""
        chosen = rows[0] if isinstance(rows, tuple) and len(rows) == 2 and rows[1] is Ellipsis else rows
        if isinstance(chosen, int | np.integer | tuple):
            raise TypeError(f"rows must be a slice, row numbers or a mask, got {rows!r}")
        place = None if self.place is None else _place_of_some(self.place, len(self), chosen)
        return Table(tuple(column.take(chosen) for column in self.columns), place)

    @property
    def names(self) -> tuple[str, ...]:
        """The name of each column."""
        return tuple(column.name for column in self.columns)

    @property
    def shape(self) -> tuple[int, int]:
        """The number of rows and of columns."""
        return len(self), len(self.columns)

    @property
    def ndim(self) -> int:
        """Always 2, as of a matrix."""
        return 2

    def column(self, name: str) -> Column:
        """Return the column of this name.

        Raises
        ------
        KeyError
            If there is none.
        """
        return {column.name: column for column in self.columns}[name]

    def select(self, names: Sequence[str]) -> "Table":
        """Return the columns of these names, in this order.

        Raises
        ------
        KeyError
            If one is not there.
        """
        known = {column.name: column for column in self.columns}
        return replace(self, columns=tuple(known[name] for name in names))

    def digest(self) -> str:
        """Return a digest of all columns: equal only for equal tables.

        Examples
        --------
        >>> from xpnet.data.columns.building import table_of
        >>> table_of({"a": [1.0]}).digest() == table_of({"a": [2.0]}).digest()
        False
        """
        seen = hashlib.sha256(str(self.shape).encode())
        for column in self.columns:
            seen.update(repr((column.name, column.kind, column.values.dtype.str, column.distinct)).encode())
            seen.update(_bytes(column.values))
            seen.update(_bytes(column.missing))
        return seen.hexdigest()


def _place_of_some(place: Callable[[int], str], n: int, chosen: Any) -> Callable[[int], str]:
    """Return where the rows of a table of some rows are in the file."""
    return lambda row: place(int(np.arange(n)[chosen][row]))


def _bytes(array: Array) -> bytes:
    return np.ascontiguousarray(array).tobytes()
