"""Read tables with polars, as numbers or as cells of text."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from xpnet.data.columns.cells import RawTable
from xpnet.data.errors import FormatError
from xpnet.data.files import PathLike
from xpnet.data.tables.columns import check_names, select_features
from xpnet.data.tables.dataset import Dataset
from xpnet.data.tables.labels import check_task, encode_labels, parse_labels
from xpnet.data.tables.readers.polars_frames import collect, frame_numbers, is_number

Open = Callable[[PathLike], Any]


def read_numbers(
    opener: Open,
    kind: str,
    path: PathLike,
    target: str | None,
    *,
    task: str | None = None,
    columns: Sequence[str] | None = None,
) -> Dataset:
    """Return the data set of a numeric table; arguments and errors as for `xpnet.data.read_csv`.

    Parameters
    ----------
    opener : callable
        Takes a path and returns a lazy table of polars.
    kind : str
        The format's name in messages.
    path, target, task, columns
        As for `xpnet.data.read_csv`.
    """
    check_task(task)
    table = opener(path)
    schema = dict(table.collect_schema())
    check_names(path, tuple(schema), target)
    features = select_features(path, tuple(schema), target, columns)
    for name in features:
        if not is_number(schema[name]):
            raise FormatError(f"{path}: column '{name}' must hold numbers, got {schema[name]}: leave it out")
    frame = collect(path, kind, table.select([*features, *(() if target is None else (target,))]))
    if not len(frame):
        raise FormatError(f"{path}: must have a row, got none")
    y, classes = None, None
    if target is not None:

        def where(row: int) -> str:
            return f"{path}: row {row}, column '{target}'"

        labels = [_written(cell) for cell in _shortest(frame.select(target))[target].to_list()]
        y, classes = encode_labels(parse_labels(labels, task, where), task, where)
    x = frame_numbers(path, frame.select(features), "float64")
    return Dataset(x, y, classes, features, Path(path).stem)


def read_raw(opener: Open, kind: str, path: PathLike) -> RawTable:
    """Return the header of a table, its cells as text, and the place of each row for messages.

    Parameters
    ----------
    opener : callable
        Takes a path and returns a lazy table of polars.
    kind : str
        The format's name in messages.
    path : str or path-like
        The file.
    """
    frame = collect(path, kind, opener(path))
    rows = [[_written(cell) for cell in row] for row in _shortest(frame).iter_rows()]
    return RawTable(frame.columns, rows, [f"row {i}" for i in range(len(rows))])


def _shortest(frame: Any) -> Any:
    """Write single-precision numbers as their shortest text: 0.1, not 0.10000000149011612."""
    import polars as pl

    return frame.with_columns(pl.col(pl.Float32).cast(pl.String))


def _written(cell: Any) -> str:
    if cell is None:
        return ""
    return str(int(cell)) if isinstance(cell, bool) else str(cell).strip()
