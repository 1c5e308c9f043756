"""Read tables of numbers, categories, dates and gaps as typed columns; an `Encoding` turns them into numbers later."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from xpnet.checks import listing
from xpnet.data.columns.column import Column
from xpnet.data.columns.spelling import Reading
from xpnet.data.columns.table import Table
from xpnet.data.errors import FormatError
from xpnet.data.files import PathLike
from xpnet.data.tables.columns import check_names, select_features
from xpnet.data.tables.dataset import Array, Dataset
from xpnet.data.tables.delimited.contents import table_name
from xpnet.data.tables.formats import open_table
from xpnet.data.tables.labels import check_task, encode_labels, reading_of_labels
from xpnet.data.tables.opened import OpenTable, without_row_numbers

PLAIN = Reading()


def read_cells(
    path: PathLike,
    target: str | None,
    *,
    task: str | None = None,
    columns: Sequence[str] | None = None,
    missing: bool = False,
    reading: Reading = PLAIN,
    drop_missing_target: bool = False,
) -> Dataset:
    r"""Return a table of typed columns, as an `Encoding` wants them.

    Parameters
    ----------
    path : str or path-like
        A text table (see `read_csv`), JSON Lines (``.jsonl``, ``.ndjson``), a Parquet, Arrow IPC or Excel file
        (``.parquet``, ``.arrow``, ``.feather``, ``.xlsx``); all but text need polars.  ``"-"`` is a text table from
        standard input.
    target : str or None
        The column that holds the labels; None for a table to predict on.
    task : {"classification", "regression"}, optional
        As for `read_csv`.
    columns : sequence of str, optional
        The feature columns, in the order wanted.  Default: all but the target, and but row numbers without a name,
        which pandas writes.
    missing : bool, optional
        Whether feature cells may be missing: empty, or written ?, NA, N/A, NaN, null or None.
    reading : Reading, optional
        What you know about the text; the rest is found out column by column.
    drop_missing_target : bool, optional
        Whether rows without a label are left out; they are refused otherwise.

    Returns
    -------
    Dataset
        ``x`` a `Table`; ``remarks`` says in words what was found out.

    Raises
    ------
    FileNotFoundError, FormatError, ValueError
        As `read_csv`; and for a missing cell where none may be, with its line and column.
    ImportError
        For a format that needs polars, without polars.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "pets.csv")
    ...     _ = path.write_text("legs;weight;color;kind\n4;1,5;black;cat\n2;0,25;green;parrot\n")
    ...     pets = read_cells(path, "kind")
    >>> [(column.name, column.kind) for column in pets.x.columns]
    [('legs', 'number'), ('weight', 'number'), ('color', 'category')]
    >>> pets.x.column("weight").values, pets.remarks
    (array([1.5 , 0.25]), ("column 'weight' is read with a decimal comma",))
    """
    check_task(task)
    table = without_row_numbers(open_table(path, reading), reading)
    check_names(path, table.header, target)
    features = select_features(path, table.header, target, columns)
    if not table.n:
        raise FormatError(f"{path}: must have a row below the header, got none")
    rows, y, classes, told = _labels(table, target, task, reading, drop_missing_target)
    x = Table(tuple(_placed(table, column) for column in table.columns(features, reading)), table.place)
    x = x if rows is None else x[rows]
    if not missing:
        _refuse_missing(table, x, rows)
    remarks = (*table.remarks, *told, *_remarks(x.columns))
    return Dataset(x, y, classes, features, table_name(path), remarks)


def _placed(table: OpenTable, column: Column) -> Column:
    """Return a column whose doubt names the line of the file."""
    if column.doubt is None:
        return column
    return replace(column, doubt=column.doubt._replace(place=f"{table.path}: {table.place(column.doubt.row)}"))


def _labels(
    table: OpenTable, target: str | None, task: str | None, reading: Reading, drop: bool
) -> tuple[Array | None, Array | None, tuple[str | int | float, ...] | None, tuple[str, ...]]:
    """Return the rows that have a label (None for all), the targets, the classes and remarks."""
    if target is None:
        return None, None, None, ()
    column = table.column(target, reading_of_labels(reading, target, task))
    rows, told = None, _remarks([column])
    if drop and column.missing.any():
        rows = np.flatnonzero(~column.missing)
        column = column.take(rows)
        told = (*told, f"{table.n - len(rows)} of {table.n} rows have no '{target}': they are left out")
        if not len(rows):
            raise FormatError(f"{table.path}: column '{target}' must hold a label, got none in {table.n} rows")

    def in_file(row: int) -> int:
        return row if rows is None else int(rows[row])

    def where(row: int) -> str:
        return f"{table.path}: {table.place(in_file(row))}, column '{target}'"

    y, classes = encode_labels(column, task, where, lambda row: table.written(in_file(row), target))
    return rows, y, classes, told


def _refuse_missing(table: OpenTable, x: Table, rows: Array | None) -> None:
    """Refuse the first row with a gap."""
    first = {column.name: int(np.argmax(column.missing)) for column in x.columns if column.missing.any()}
    if first:
        name = min(first, key=first.__getitem__)
        row = first[name] if rows is None else int(rows[first[name]])
        raise FormatError(
            f"{table.path}: {table.place(row)}, column '{name}' must not be missing, got '{table.written(row, name)}': "
            "fill it in, remove the row, leave the column out, or let it be imputed"
        )


def _remarks(columns: Iterable[Column]) -> tuple[str, ...]:
    """Return a line for each spelling that is not plain, with the names of its columns."""
    names: dict[str, list[str]] = {}
    for column in columns:
        if column.spelling and column.spelling.told:
            names.setdefault(column.spelling.told, []).append(f"'{column.name}'")
    return tuple(
        f"column{'s' if len(found) > 1 else ''} {listing(found)} {'are' if len(found) > 1 else 'is'} read with {told}"
        for told, found in names.items()
    )
