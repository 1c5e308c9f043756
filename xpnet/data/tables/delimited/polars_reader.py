"""Read the columns of a text table with polars: the same columns as the standard library's, or a doubt."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from xpnet.data.columns.column import Array, Column
from xpnet.data.columns.numbers import EXACT, number_column
from xpnet.data.columns.spelling import Reading
from xpnet.data.columns.texts import AS_TEXT, Texts, code_remark, column_of_distinct, takes_plain_numbers
from xpnet.data.tables.delimited.codes import has_codes
from xpnet.data.tables.delimited.quotes import outside_quotes

CODES = "^0[0-9]+$"
PIECE = 2**20  # bytes that are looked at at once
PEEK = 1000  # rows that tell whether a column may hold numbers
MOST_COLUMNS = 5000  # polars is slow with more
OTHER_BLANKS = (b"\x1c", b"\x1d", b"\x1e", b"\x1f")  # blanks for Python, not for polars
GAPS = ["NA", "N/A", "NaN", "nan", "null", "NULL", "None", "?", "n/a", "NaT"]  # the most usual markers


class PolarsColumns:
    """The cells of a text table as columns of polars: numbers as float64, the others as text."""

    def __init__(self, frame: Any, text: bytes, delimiter: str) -> None:
        self.n = len(frame)
        self._frame, self._text, self._delimiter = frame, text, delimiter

    def column(self, place: int, name: str, reading: Reading) -> Column:
        """Return a typed column."""
        import polars as pl

        series = self._frame.to_series(place)
        if series.dtype == pl.Float64 and reading.kinds.get(name) not in AS_TEXT:
            gaps = series.is_null().to_numpy() if series.null_count() else np.zeros(self.n, dtype=np.bool_)
            values = (series.fill_null(0.0) if gaps.any() else series).to_numpy()
            exact = values.min(initial=0.0) > -EXACT and values.max(initial=0.0) < EXACT  # and none is NaN
            if exact and not gaps.all():  # a larger number may be a whole one that int64 holds exactly
                return number_column(name, values, gaps)
        if series.dtype != pl.String:
            frame = _read(self._text, self._delimiter, columns=[place])
            series = series.cast(pl.String) if frame is None else frame.to_series(0)
        return column_of_series(name, series, reading)


def read_columns(text: bytes, delimiter: str, header: Sequence[str], reading: Reading) -> PolarsColumns | None:
    """Return the columns of a text table below its header; None if there is any doubt about them.

    Parameters
    ----------
    text : bytes
        In UTF-8, with its header.
    delimiter : str
        What separates the cells.
    header : sequence of str
        The names of the columns.
    reading : Reading
        What is known about the text.

    Returns
    -------
    PolarsColumns or None
        None without polars, on every error of polars, and for text that polars may split otherwise: ragged or blank
        lines, quotes inside cells, line ends of old machines, and more columns than polars reads fast.
    """
    width = len(header)
    if not _there() or width > MOST_COLUMNS or any(blank in text for blank in OTHER_BLANKS):
        return None
    text = text.strip(b"\r\n") if text[:1] in b"\r\n" or text[-2:] in (b"\n\n", b"\r\n", b"\n\r") else text
    marks = outside_quotes(text, delimiter) if b'"' in text else _count(text, delimiter)
    blank_lines = width == 1 and (b"\n\n" in text or b"\n\r\n" in text)  # of more columns they lack delimiters
    if marks is None or blank_lines or (b"\r" in text and _count(text, "\r") != text.count(b"\r\n")):
        return None
    markers = {"null_values": [*GAPS, *reading.missing]} if width > 1 else {}
    kinds = _kinds(text, delimiter, [reading.kinds.get(name) not in AS_TEXT for name in header], markers)
    frame = None if kinds is None else _read(text, delimiter, infer_schema=True, schema_overrides=kinds, **markers)
    frame = _read(text, delimiter) if frame is None else frame
    sound = frame is not None and frame.width == width
    whole = sound and marks == (width - 1) * (len(frame) + 1)  # polars fills lines that are too short
    return PolarsColumns(frame, text, delimiter) if whole else None


def _count(text: bytes, character: str) -> int:
    """Return how often a character occurs; NumPy counts frequent ones faster than Python."""
    return sum(
        int(np.count_nonzero(np.frombuffer(text, np.uint8, min(PIECE, len(text) - start), start) == ord(character)))
        for start in range(0, len(text), PIECE)
    )


def _there() -> bool:
    try:
        import polars as pl  # noqa: F401
    except ImportError:
        return False
    return True


def _read(text: bytes, delimiter: str, **how: Any) -> Any:
    """Return a frame of polars, of text unless `how` says otherwise; None on every error."""
    import polars as pl

    how = {"infer_schema": False, **how}
    try:
        frame = pl.read_csv(text, separator=delimiter, **how)
        return frame.with_columns(pl.col(pl.String).str.strip_chars())
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, MemoryError, TypeError, ValueError):
        return None


def _kinds(text: bytes, delimiter: str, may_be_numbers: list[bool], markers: dict[str, Any]) -> list[Any] | None:
    """Return for each column whether polars reads numbers or text, as its first rows tell; None if not at once."""
    import polars as pl

    head = text[: _end_of_line(text, PEEK)]
    first = None if has_codes(head, delimiter) else _read(head, delimiter, n_rows=PEEK, infer_schema=True, **markers)
    if first is None or first.width != len(may_be_numbers) or not len(first):
        return None
    numeric = [kind in (pl.Int64, pl.Float64) for kind in first.dtypes]
    numbers = zip(numeric, may_be_numbers, strict=True)
    return [pl.Float64 if is_number and may else pl.String for is_number, may in numbers]


def _end_of_line(text: bytes, line: int) -> int:
    """Return where the first lines of a text end."""
    place = -1
    for _ in range(line):
        place = text.find(b"\n", place + 1)
        if place < 0:
            return len(text)
    return place


def column_of_series(name: str, series: Any, reading: Reading) -> Column:
    """Return the typed column of a series of text of polars; the same as `column_of_texts` returns.

    Parameters
    ----------
    name : str
    series : polars.Series of strings, length n
        Without blanks around them; null is an empty cell.
    reading : Reading
        What is known about it.
    """
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
                values = numbers.fill_null(0).to_numpy()
                return None if np.isnan(values).any() else values  # NaN is a gap, not a number
    return None


def _factorize(series: Any) -> Texts:
    """Return the distinct texts in the order of their first rows, and a code for each row."""
    import polars as pl

    distinct = series.unique(maintain_order=True)
    codes = series.cast(pl.Enum(distinct)).to_physical().to_numpy()
    return Texts(distinct.to_list(), codes.astype(np.int32))
