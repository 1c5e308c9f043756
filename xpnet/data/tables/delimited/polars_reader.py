"""Read the columns of a text table with polars: the same columns as the standard library's, or a doubt."""

import re
from typing import Any

import numpy as np

from xpnet.data.columns.column import Array, Column
from xpnet.data.columns.numbers import number_column
from xpnet.data.columns.spelling import Reading
from xpnet.data.columns.texts import Texts, code_remark, column_of_distinct, takes_plain_numbers

CODES = "^0[0-9]+$"
PEEK = 1000  # rows that tell whether a column may hold whole numbers
MOST_COLUMNS = 5000  # polars is slow with more


class PolarsColumns:
    """The cells of a text table as columns of polars."""

    def __init__(self, frame: Any) -> None:
        self.n = len(frame)
        self._frame = frame

    def column(self, place: int, name: str, reading: Reading) -> Column:
        """Return a typed column."""
        return column_of_series(name, self._frame.to_series(place), reading)


def read_columns(text: bytes, delimiter: str, width: int) -> PolarsColumns | None:
    """Return the columns of a text table below its header; None if there is any doubt about them.

    Parameters
    ----------
    text : bytes
        In UTF-8, with its header.
    delimiter : str
        What separates the cells.
    width : int
        The number of names in the header.

    Returns
    -------
    PolarsColumns or None
        None without polars, on every error of polars, and for text that polars may split otherwise: ragged or blank
        lines, quotes inside cells, line ends of old machines, and more columns than polars reads fast.
    """
    try:
        import polars as pl
    except ImportError:
        return None
    if width > MOST_COLUMNS:
        return None
    text = text.strip(b"\r\n")
    bare = _without_quoted(text, delimiter) if b'"' in text else text
    if b'"' in bare or bare.count(b"\r") != bare.count(b"\r\n") or b"\n\n" in bare or b"\n\r\n" in bare:
        return None
    try:
        frame = pl.read_csv(text, separator=delimiter, infer_schema=False)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, MemoryError, ValueError):
        return None
    marks = bare.count(delimiter.encode())  # polars fills lines that are too short
    sound = frame.width == width and marks == (width - 1) * (len(frame) + 1)
    return PolarsColumns(frame) if sound else None


def _without_quoted(text: bytes, delimiter: str) -> bytes:
    """Return the text without its properly quoted cells; quotes that are left are no proper ones."""
    mark = re.escape(delimiter.encode())
    return re.sub(rb"(?:(?<=[\n" + mark + rb'])|^)"(?:[^"]|"")*"(?=[\r\n' + mark + rb"]|$)", b"", text)


def column_of_series(name: str, series: Any, reading: Reading) -> Column:
    """Return the typed column of a series of text of polars; the same as `column_of_texts` returns.

    Parameters
    ----------
    name : str
    series : polars.Series of strings, length n
        Null is an empty cell.
    reading : Reading
        What is known about it.
    """
    series = series.str.strip_chars()
    gaps = series.is_null() | (series == "")
    empty = gaps.any() and bool(gaps.all())
    if takes_plain_numbers(name, reading) and len(series) and not empty:
        values = _plain_numbers(series, gaps)
        if values is not None:
            whole = values.dtype.kind == "i"
            remark = code_remark(name, series.filter(series.str.contains(CODES)).head(1).to_list()) if whole else None
            return number_column(name, values, gaps.to_numpy(), remark=remark)
    return column_of_distinct(name, _factorize(series.fill_null("")), reading)


def _plain_numbers(series: Any, gaps: Any) -> Array | None:
    """Return numbers, 0 or NaN at gaps, or None if one of the texts is no number."""
    import polars as pl

    n_gaps = gaps.sum()
    for dtype in (pl.Int64, pl.Float64):
        head = series.head(PEEK)
        if head.cast(dtype, strict=False).null_count() == gaps.head(PEEK).sum():
            numbers = series.cast(dtype, strict=False)
            if numbers.null_count() == n_gaps:
                return numbers.fill_null(0).to_numpy()
    return None


def _factorize(series: Any) -> Texts:
    """Return the distinct texts in the order of their first rows, and a code for each row."""
    import polars as pl

    distinct = series.unique(maintain_order=True)
    codes = series.cast(pl.Enum(distinct)).to_physical().to_numpy()
    return Texts(distinct.to_list(), codes.astype(np.int32))
