"""Read tables of numbers, categories and gaps as text; an `Encoding` turns the text into numbers later."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from xpnet.data.columns.cells import is_missing
from xpnet.data.errors import FormatError
from xpnet.data.files import PathLike
from xpnet.data.tables.columns import check_names, select_features
from xpnet.data.tables.dataset import Dataset
from xpnet.data.tables.formats import read_raw_table
from xpnet.data.tables.labels import check_task, encode_labels, parse_labels


def read_cells(
    path: PathLike,
    target: str | None,
    *,
    task: str | None = None,
    columns: Sequence[str] | None = None,
    missing: bool = False,
) -> Dataset:
    r"""Return a table whose feature cells are text, as an `Encoding` wants them.

    Parameters
    ----------
    path : str or path-like
        A text table (see `read_csv`), or a Parquet or Arrow IPC file (``.parquet``, ``.arrow``, ``.feather``), which
        needs polars.
    target : str or None
        The column that holds the labels; None for a table to predict on.
    task : {"classification", "regression"}, optional
        As for `read_csv`.
    columns : sequence of str, optional
        The feature columns, in the order wanted.  Default: all but the target.
    missing : bool, optional
        Whether feature cells may be missing: empty, or written ?, NA, N/A, NaN, null or None.

    Returns
    -------
    Dataset
        ``x`` an object array of text, shape (n, n_columns).

    Raises
    ------
    FileNotFoundError, FormatError, ValueError
        As `read_csv`; and for a missing cell where none may be, with its line and column.
    ImportError
        For Parquet and Arrow IPC without polars.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "pets.csv")
    ...     _ = path.write_text("legs,color,kind\n4,black,cat\n2,green,parrot\n")
    ...     read_cells(path, "kind").x.tolist()
    [['4', 'black'], ['2', 'green']]
    """
    check_task(task)
    header, rows, places = read_raw_table(path)
    check_names(path, header, target)
    features = select_features(path, header, target, columns)
    if not rows:
        raise FormatError(f"{path}: must have a row below the header, got none")
    whole = np.empty((len(rows), len(header)), dtype=object)
    whole[:] = rows
    position = {name: i for i, name in enumerate(header)}
    x = whole[:, [position[name] for name in features]]
    if not missing:
        _refuse_missing(path, x, features, places)
    y, classes = None, None
    if target is not None:

        def where(row: int) -> str:
            return f"{path}: {places[row]}, column '{target}'"

        labels = whole[:, position[target]].tolist()
        y, classes = encode_labels(parse_labels(labels, task, where), task, where)
    return Dataset(x, y, classes, features, Path(path).stem)


def _refuse_missing(path: PathLike, x: Any, features: tuple[str, ...], places: list[str]) -> None:
    for i, row in enumerate(x):
        for name, cell in zip(features, row, strict=True):
            if is_missing(cell):
                raise FormatError(
                    f"{path}: {places[i]}, column '{name}' must not be missing, got '{cell}': fill it in, remove the "
                    "row, leave the column out, or let it be imputed"
                )
