"""Open the tables that polars reads as typed columns."""

from collections.abc import Callable
from typing import Any

import numpy as np

from xpnet.data.columns.column import Column
from xpnet.data.columns.numbers import number_column
from xpnet.data.columns.spelling import Reading
from xpnet.data.columns.texts import AS_TEXT, column_of_texts
from xpnet.data.files import PathLike
from xpnet.data.tables.delimited.polars_reader import column_of_series
from xpnet.data.tables.opened import OpenTable


def open_by_polars(frame: Callable[[PathLike], Any], path: PathLike, _: Reading) -> OpenTable:
    """Return a table that polars has read.

    Parameters
    ----------
    frame : callable
        Takes a path and returns a frame of polars, in memory.
    path : str or path-like
        The file.
    """
    table = frame(path)
    return OpenTable(
        path,
        tuple(table.columns),
        len(table),
        lambda place, name, how: column_of_polars(name, table.to_series(place), how),
        lambda row: f"row {row}",
        lambda row, place: _written(table.to_series(place)[row]),
    )


def column_of_polars(name: str, series: Any, reading: Reading) -> Column:
    """Return the typed column of a series of polars.

    Single precision is read by its own digits, as text is: 0.1, not 0.10000000149011612.
    """
    import polars as pl

    kind, known = series.dtype, reading.kinds.get(name)
    if known in AS_TEXT:
        series = series.cast(pl.UInt8) if kind == pl.Boolean else series
        if kind.is_numeric() or kind == pl.Boolean:
            return column_of_series(name, series.cast(pl.String), reading)
    elif kind == pl.Float32:
        return _plain(name, series.cast(pl.String).cast(pl.Float64))
    elif kind.is_numeric() or kind in (pl.Boolean, pl.Date) or isinstance(kind, pl.Datetime):
        return _plain(name, series)
    if isinstance(kind, pl.Enum | pl.Categorical | pl.Decimal) or kind == pl.String:
        return column_of_series(name, series.cast(pl.String).str.strip_chars(), reading)
    return column_of_texts(name, [_written(cell) for cell in series.to_list()], reading)


def _plain(name: str, series: Any) -> Column:
    """Return the column of numbers, booleans or dates."""
    import polars as pl

    gaps, kind = series.is_null().to_numpy(), series.dtype
    if kind == pl.Boolean:
        return Column(name, "boolean", series.fill_null(value=False).to_numpy(), gaps)
    if kind.is_numeric():
        whole = kind.is_integer() and (
            series.is_empty() or gaps.all() or -(2**63) <= series.min() <= series.max() < 2**63
        )
        return number_column(name, series.fill_null(0).cast(pl.Int64 if whole else pl.Float64).to_numpy(), gaps)
    if isinstance(kind, pl.Datetime) and kind.time_zone is not None:
        series = series.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    return Column(name, "date", series.cast(pl.Datetime("us")).to_numpy().astype("datetime64[us]"), gaps)


def _written(cell: Any) -> str:
    if cell is None:
        return ""
    return str(int(cell)) if isinstance(cell, bool | np.bool_) else str(cell).strip()
