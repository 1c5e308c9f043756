"""Read numeric tables: every feature cell is a finite number."""

from collections.abc import Callable, Sequence

import numpy as np

from xpnet.data.columns.column import Column
from xpnet.data.columns.numbers import plain_numbers
from xpnet.data.columns.spelling import Reading
from xpnet.data.errors import FormatError
from xpnet.data.files import PathLike
from xpnet.data.tables.columns import check_names, select_features
from xpnet.data.tables.dataset import Array, Dataset
from xpnet.data.tables.delimited.contents import table_name
from xpnet.data.tables.delimited.reading import open_text
from xpnet.data.tables.labels import check_task, encode_labels, reading_of_labels
from xpnet.data.tables.opened import OpenTable

Open = Callable[[PathLike, Reading], OpenTable]
PLAIN = Reading()


def read_csv(
    path: PathLike, target: str | None, *, task: str | None = None, columns: Sequence[str] | None = None
) -> Dataset:
    r"""Return the data set of a text table whose first line names the columns.

    Parameters
    ----------
    path : str or path-like
        The file, in UTF-8, or with a byte order mark in UTF-16 or UTF-32; compressed if the name ends in ``.gz``,
        ``.zip`` or ``.zst``.  Tabs separate the cells if its name ends in ``.tsv``; else the one of comma,
        semicolon and tab that splits the header into most names.
    target : str or None
        The column that holds the labels; None for a table to predict on.
    task : {"classification", "regression"}, optional
        What the labels are for.  Default: text, and whole numbers with at most 20 distinct values, are
        classes; other numbers are a regression.
    columns : sequence of str, optional
        The feature columns, in the order wanted; others are ignored.  Default: every column but the
        target, in the order of the file.

    Returns
    -------
    Dataset
        ``x`` float64; ``y`` None without a target; ``name`` the file's name without its ending.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    FormatError
        If the file is not such a table; the message names the line and the column.
    ValueError
        If ``task`` or ``columns`` is not one of the above.

    Notes
    -----
    Blanks around a cell are ignored, and blank lines are skipped.  The header is line 1.  Numbers may have decimal
    commas, thousands, percent signs or currencies; booleans are 1 and 0.

    References
    ----------
    .. [1] Y. Shafranovich, "Common Format and MIME Type for Comma-Separated Values (CSV) Files",
       RFC 4180 (2005).

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "fruit.csv")
    ...     _ = path.write_text("weight,length,kind\n150,7,apple\n120,9,pear\n")
    ...     fruit = read_csv(path, "kind")
    >>> fruit.features, fruit.classes, fruit.y
    (('weight', 'length'), ('apple', 'pear'), array([0, 1]))
    """
    return read_numbers(open_text, path, target, task=task, columns=columns)


def read_numbers(
    opener: Open,
    path: PathLike,
    target: str | None,
    *,
    task: str | None = None,
    columns: Sequence[str] | None = None,
) -> Dataset:
    """Return the data set of a numeric table; arguments and errors as for `read_csv`.

    Parameters
    ----------
    opener : callable
        Takes a path and a `Reading`, and returns an `OpenTable`.
    path, target, task, columns
        As for `read_csv`.
    """
    check_task(task)
    table = opener(path, PLAIN)
    check_names(path, table.header, target)
    features = select_features(path, table.header, target, columns)
    if not table.n:
        raise FormatError(f"{path}: must have a row below the header, got none")
    x = np.empty((table.n, len(features)))
    for i, column in enumerate(table.columns(features, PLAIN)):
        x[:, i] = _numbers(table, column)
    y, classes = None, None
    if target is not None:

        def where(row: int) -> str:
            return f"{path}: {table.place(row)}, column '{target}'"

        column = table.column(target, reading_of_labels(PLAIN, target, task))
        y, classes = encode_labels(column, task, where, lambda row: table.written(row, target))
    return Dataset(x, y, classes, features, table_name(path))


def _numbers(table: OpenTable, column: Column) -> Array:
    """Return the finite numbers of a column, or name the first cell that is none."""
    if column.kind == "date":
        raise FormatError(f"{table.path}: column '{column.name}' must hold numbers, got dates: leave it out")
    if column.kind in ("number", "boolean"):
        numbers = column.numbers()
        finite = np.isfinite(numbers)
        if finite.all():
            return numbers
        row = int(np.argmin(finite))
    else:
        usable = np.asarray([plain_numbers([text]) is not None for text in column.distinct])
        row = int(np.argmin(usable[column.values] & ~column.missing))
        row = column.doubt.row if column.doubt and not column.missing[: column.doubt.row].any() else row
    raise FormatError(
        f"{table.path}: {table.place(row)}, column '{column.name}' must be a finite number, "
        f"got '{table.written(row, column.name)}': fill it in, remove the row, or choose columns"
    )
