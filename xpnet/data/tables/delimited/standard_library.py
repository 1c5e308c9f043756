"""Read the columns of a text table with Python's csv module, or with NumPy if all cells are numbers."""

import csv
import io
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Protocol, TypeAlias

import numpy as np

from xpnet.data.columns.column import Array, Column
from xpnet.data.columns.numbers import EXACT, number_column
from xpnet.data.columns.spelling import Reading
from xpnet.data.columns.texts import AS_TEXT, column_of_texts
from xpnet.data.errors import FormatError
from xpnet.data.files import PathLike
from xpnet.data.tables.delimited.codes import has_codes
from xpnet.data.tables.delimited.dialect import HEADER, MALFORMED, csv_reader, records

CELLS_AT_ONCE = 2**20
Split: TypeAlias = Sequence[Sequence[str]]  # the cells of each column
PIECE = 2**22  # bytes that are split at once
PEEK = 2**20  # bytes of the first lines
BETWEEN = "\0"  # no cell holds a null character
BLANKS = (" ", "\t", "\n", "\r", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x1f")


class Columns(Protocol):
    """What both readers return: the number of rows, and a typed column by its place in the header."""

    n: int

    def column(self, place: int, name: str, reading: Reading) -> Column:
        """Return a typed column."""


class TextColumns:
    """The cells of a text table, column by column, each as a few long strings, which take less memory than cells."""

    def __init__(self, path: PathLike, text: bytes, delimiter: str, width: int) -> None:
        self.n = 0
        self._parts: list[list[str]] = [[] for _ in range(width)]
        plain = b'"' not in text and (b"\r" not in text or text.count(b"\r") == text.count(b"\r\n"))
        for columns in _split_plain(text, delimiter, width) if plain else _split_quoted(path, text, delimiter, width):
            if columns is None:
                _refuse_ragged(path, text, delimiter, width)
            elif columns[0]:
                self.n += len(columns[0])
                for parts, cells in zip(self._parts, columns, strict=True):
                    parts.append(BETWEEN.join(cells))

    def cells(self, place: int) -> list[str]:
        """Return the cells of a column, without blanks around them."""
        joined = BETWEEN.join(self._parts[place])
        cells = joined.split(BETWEEN) if self.n else []
        if joined.isascii() and not any(blank in joined for blank in BLANKS):
            return cells
        return [cell.strip() for cell in cells]

    def column(self, place: int, name: str, reading: Reading) -> Column:
        """Return a typed column."""
        return column_of_texts(name, self.cells(place), reading)


def _split_quoted(path: PathLike, text: bytes, delimiter: str, width: int) -> Iterator[Split | None]:
    """Yield the columns of some rows at a time, as tuples of cells; None if a line has another number of cells."""
    reader = csv_reader(text, delimiter)
    try:
        next(cells for cells in reader if cells)  # the header
        while lines := list(islice(reader, max(1, CELLS_AT_ONCE // width))):
            yield _columns([cells for cells in lines if cells], width)
    except csv.Error as error:
        raise FormatError(f"{path}: {MALFORMED.format(reader.line_num, error)}") from error


def _columns(lines: list[list[str]], width: int) -> Split | None:
    """Return lines of cells as columns; None if a line has another number of cells."""
    if set(map(len, lines)) - {width}:
        return None
    return list(zip(*lines, strict=True)) if lines else [()] * width


def _split_plain(text: bytes, delimiter: str, width: int) -> Iterator[Split | None]:
    """Yield the same columns of text without quotes, where every line end is the end of a row."""
    header = HEADER.match(text)
    start = header.end() if header else 0
    while start < len(text):
        end = text.find(b"\n", start + PIECE)
        end = len(text) if end < 0 else end
        piece = text[start:end].replace(b"\r\n", b"\n").strip(b"\n")
        if _is_regular(piece, delimiter, width):
            cells = piece.decode().replace("\n", delimiter).split(delimiter)
            yield [cells[place::width] for place in range(width)]
        else:
            yield _columns([line.split(delimiter) for line in piece.decode().split("\n") if line], width)
        start = end


def _is_regular(piece: bytes, delimiter: str, width: int) -> bool:
    """Return whether each line has this many cells, and none is blank."""
    signs = np.frombuffer(piece, dtype=np.uint8)
    ends = signs[(signs == ord(delimiter)) | (signs == ord("\n"))] == ord("\n")
    if not piece or (len(ends) + 1) % width:
        return False
    rows = np.append(ends, True).reshape(-1, width)
    return bool(rows[:, -1].all() and rows.sum() == len(rows) and (width > 1 or b"\n\n" not in piece))


def _refuse_ragged(path: PathLike, text: bytes, delimiter: str, width: int) -> None:
    for line, cells in records(path, text, delimiter):
        if len(cells) != width:
            raise FormatError(f"{path}: line {line} must have {width} cells as the header, got {len(cells)}")


class NumberColumns:
    """The columns of a text table whose cells all are numbers."""

    def __init__(self, values: Array) -> None:
        self.n = len(values)
        self._values = values

    def column(self, place: int, name: str, reading: Reading) -> Column:  # noqa: ARG002  # numbers have one spelling
        """Return a typed column."""
        values = np.ascontiguousarray(self._values[:, place])
        return number_column(name, values, np.zeros(self.n, dtype=np.bool_))


def read_columns(path: PathLike, text: bytes, delimiter: str, width: int, reading: Reading) -> Columns:
    """Return the columns of a text table below its header.

    Parameters
    ----------
    path : str or path-like
        The file, for messages.
    text : bytes
        In UTF-8, with its header.
    delimiter : str
        What separates the cells.
    width : int
        The number of names in the header.
    reading : Reading
        What is known about the text.

    Raises
    ------
    FormatError
        If a line has another number of cells, or is malformed.
    """
    wants_text = reading.missing or not set(AS_TEXT).isdisjoint(reading.kinds.values())
    numbers = None if wants_text else _read_numbers(text, delimiter, width)
    return numbers or TextColumns(path, text, delimiter, width)


def _read_numbers(text: bytes, delimiter: str, width: int) -> NumberColumns | None:
    """Return the columns if every cell is a number that float64 holds exactly as it is written; else None.

    NumPy reads a matrix of numbers about three times as fast as a reader of cells.
    """
    header = HEADER.match(text)
    body = text[header.end() if header else 0 :]
    plain = text.isascii() and b'"' not in text and b"_" not in text
    if not (plain and _first_lines_are_numbers(body, delimiter)) or has_codes(body[:PEEK], delimiter):
        return None
    try:
        values = np.loadtxt(io.BytesIO(body), delimiter=delimiter, comments=None, ndmin=2, dtype=np.float64)
    except ValueError:  # the reader of cells says what is wrong, and where
        return None
    small = bool((np.abs(values) < EXACT).all())  # a larger number may be a whole one that int64 holds exactly
    return NumberColumns(values) if small and values.shape[1] == width else None


def _first_lines_are_numbers(body: bytes, delimiter: str) -> bool:
    lines = body[:PEEK].split(b"\n")[:5]
    cells = [
        cell for line in lines[: max(1, len(lines) - 1)] if line.strip() for cell in line.split(delimiter.encode())
    ]
    try:
        return bool([float(cell) for cell in cells])
    except ValueError:
        return False
