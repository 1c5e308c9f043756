"""Read numeric tables from text: one header line, then one example on each line."""

import math
from array import array
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import numpy as np

from xpnet.data.columns.spellings import foreign_number, number_of
from xpnet.data.errors import FormatError
from xpnet.data.files import PathLike
from xpnet.data.tables.columns import check_names, select_features
from xpnet.data.tables.dataset import Array, Dataset
from xpnet.data.tables.labels import check_task, encode_labels, parse_labels
from xpnet.data.tables.readers.csv_header_and_rows import read_rows


class _Rows(NamedTuple):
    x: Array  # (n, n_in) float64
    labels: list[str]  # n, or none without a target
    lines: list[int]  # n: the line on which each row ends


def read_csv(
    path: PathLike, target: str | None, *, task: str | None = None, columns: Sequence[str] | None = None
) -> Dataset:
    r"""Return the data set of a text table whose first line names the columns.

    Parameters
    ----------
    path : str or path-like
        The file, in UTF-8.  Tabs separate the cells if its name ends in ``.tsv``; else the one of comma,
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
    Blanks around a cell are ignored, and blank lines are skipped.  The header is line 1.

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
    check_task(task)
    header, lines = read_rows(path)
    check_names(path, header, target)
    features = select_features(path, header, target, columns)
    rows = _rows(path, lines, header, features, target)
    y, classes = None, None
    if target is not None:

        def where(row: int) -> str:
            return f"{path}: line {rows.lines[row]}, column '{target}'"

        y, classes = encode_labels(parse_labels(rows.labels, task, where), task, where)
    return Dataset(rows.x, y, classes, features, Path(path).stem)


def _rows(
    path: PathLike,
    below: Iterator[tuple[int, list[str]]],
    header: list[str],
    features: tuple[str, ...],
    target: str | None,
) -> _Rows:
    """Return the numbers, labels and line numbers of all rows below the header."""
    position = {name: i for i, name in enumerate(header)}
    places = [position[name] for name in features]
    label_place = None if target is None else position[target]
    values, labels, lines = array("d"), [], []
    for line, cells in below:
        values.extend(_numbers(path, line, features, [cells[place] for place in places]))
        if label_place is not None:
            labels.append(cells[label_place].strip())
        lines.append(line)
    if not lines:
        raise FormatError(f"{path}: must have a row below the header, got none")
    x = np.frombuffer(values, dtype=np.float64).reshape(len(lines), len(features))  # (n, n_in)
    return _Rows(x, labels, lines)


def _numbers(path: PathLike, line: int, names: tuple[str, ...], cells: list[str]) -> list[float]:
    """Return the cells of one row as numbers, or name the cell that is not a number."""
    if "_" not in "".join(cells):
        with suppress(ValueError):  # the lines below find the cell and its column
            numbers = [float(cell) for cell in cells]
            if all(map(math.isfinite, numbers)):
                return numbers
    found = [number for cell in cells if (number := number_of(cell)) is not None and math.isfinite(number)]
    if len(found) == len(cells):
        return found  # some are booleans
    wrong = next(i for i, cell in enumerate(cells) if (v := number_of(cell)) is None or not math.isfinite(v))
    spelling = foreign_number(cells[wrong])
    advice = f"write it without {spelling}" if spelling else "fill it in, remove the row, or choose columns"
    raise FormatError(
        f"{path}: line {line}, column '{names[wrong]}' must be a finite number, got '{cells[wrong]}': {advice}"
    )
