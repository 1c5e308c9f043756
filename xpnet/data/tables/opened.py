"""A table that is open: its header is known, and its columns are read one by one, as they are wanted."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from xpnet.data.columns.column import Column
from xpnet.data.columns.spelling import Reading
from xpnet.data.files import PathLike

UNNAMED = ("", "Unnamed: 0", "__UNNAMED__0")  # pandas' row numbers: in text, in text that was read again, in Excel


class OpenTable(NamedTuple):
    """A table whose columns are read when they are wanted.

    Attributes
    ----------
    path : str or path-like
        The file, for messages.
    header : tuple of str
        The names as the file has them.
    n : int
        The number of rows.
    read : callable
        ``read(place, name, reading)`` returns a typed column by its place in the header.
    place : callable
        Takes the number of a row, from 0, and returns its place in the file, in words, such as ``"line 2"``.
    cell : callable
        Takes the number of a row and the place of a column, and returns the cell as it is written.
    remarks : tuple of str
        What was found out about the file, in words for the user.
    """

    path: PathLike
    header: tuple[str, ...]
    n: int
    read: Callable[[int, str, Reading], Column]
    place: Callable[[int], str]
    cell: Callable[[int, int], str]
    remarks: tuple[str, ...] = ()

    def columns(self, names: Sequence[str], reading: Reading) -> Iterator[Column]:
        """Yield the typed columns of these names."""
        place = {name: i for i, name in enumerate(self.header)}
        return (self.read(place[name], name, reading) for name in names)

    def column(self, name: str, reading: Reading) -> Column:
        """Return the typed column of this name."""
        return next(self.columns((name,), reading))

    def written(self, row: int, name: str) -> str:
        """Return a cell as it is written."""
        return self.cell(row, self.header.index(name))


def without_row_numbers(table: OpenTable, reading: Reading) -> OpenTable:
    r"""Return the table without the first column, if that holds the row numbers of pandas: no name, no number twice.

    Examples
    --------
    >>> from xpnet.data.tables.formats import open_table
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "t.csv")
    ...     _ = path.write_text(",legs\n0,4\n1,2\n")
    ...     without_row_numbers(open_table(path), Reading()).header
    ('legs',)
    """
    if len(table.header) < 2 or table.header[0] not in UNNAMED:
        return table
    column = table.read(0, table.header[0], reading)
    numbers = column.kind == "number" and column.values.dtype.kind == "i" and not column.missing.any()
    if not numbers or len(np.unique(column.values)) < table.n:
        return table
    read, cell = table.read, table.cell
    return table._replace(
        header=table.header[1:],
        read=lambda place, name, reading: read(place + 1, name, reading),
        cell=lambda row, place: cell(row, place + 1),
        remarks=(*table.remarks, "the first column has no name and numbers the rows, as pandas does: it is left out"),
    )
