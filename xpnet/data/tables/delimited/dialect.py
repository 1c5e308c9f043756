"""The dialect of a text table: what separates its cells, and its records with their lines."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from xpnet.data.errors import FormatError
from xpnet.data.files import PathLike
from xpnet.data.tables.delimited.contents import unpacked_name

HEADER = re.compile(rb'[\r\n]*(?:"[^"]*"|[^"\r\n])*')  # a line end inside quotes does not end it
MALFORMED = "line {} must be well-formed CSV, got: {}"


def find_delimiter(path: PathLike, text: bytes) -> str:
    """Return the character that separates the cells.

    Parameters
    ----------
    path : str or path-like
        The file; a tab separates if its name ends in ``.tsv``.
    text : bytes
        Its text in UTF-8.

    Returns
    -------
    str
        The one of comma, semicolon and tab that splits the header into most names; a comma wins a tie.

    Examples
    --------
    >>> find_delimiter("t.csv", b'size;"weight, dry, in g"')
    ';'
    """
    if Path(unpacked_name(path)).suffix.lower() == ".tsv":
        return "\t"
    found = HEADER.match(text)
    header = re.sub(rb'"[^"]*"', b"", found[0] if found else b"")
    return max(",;\t", key=lambda mark: header.count(mark.encode()))


def records(path: PathLike, text: bytes, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the cells of each line that is not blank, with the line's number, from 1.

    Raises
    ------
    FormatError
        If quotes are not closed or something follows them.

    Examples
    --------
    >>> list(records("t.csv", b'a,"b, c"', ","))
    [(1, ['a', 'b, c'])]
    """
    reader = csv_reader(text, delimiter)
    try:
        for cells in reader:
            if cells:
                yield reader.line_num, cells
    except csv.Error as error:
        raise FormatError(f"{path}: {MALFORMED.format(reader.line_num, error)}") from error


def csv_reader(text: bytes, delimiter: str) -> Any:
    """Return the standard library's reader of some text in UTF-8."""
    lines = io.TextIOWrapper(io.BytesIO(text), "utf-8", newline="")
    return csv.reader(lines, delimiter=delimiter, strict=True)


def read_header(path: PathLike, text: bytes, delimiter: str) -> list[str]:
    """Return the names in the first line that is not blank.

    Raises
    ------
    FormatError
        If there is none.
    """
    header = [name.strip() for name in next(records(path, text, delimiter), (1, []))[1]]
    if not header:
        raise FormatError(f"{path}: must begin with a line of column names, got an empty file")
    return header


def record(path: PathLike, text: bytes, delimiter: str, row: int) -> tuple[int, list[str]]:
    r"""Return the line number and the cells of one row below the header, counted from 0.

    Examples
    --------
    >>> record("t.csv", b"a,b\n\n1,2\n", ",", 0)
    (3, ['1', '2'])
    """
    for i, found in enumerate(records(path, text, delimiter)):
        if i == row + 1:
            return found
    raise IndexError(f"row must be one of the table, got {row}")
