"""Read the header of a text table, and split its lines into cells."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

from xpnet.data.columns.cells import RawTable
from xpnet.data.errors import FormatError
from xpnet.data.files import PathLike, read_bytes

HEADER = re.compile(r'[\r\n]*(?:"[^"]*"|[^"\r\n])*')  # a line end inside quotes does not end it


def read_text(path: PathLike) -> str:
    """Return the text of a file without a byte order mark.

    Parameters
    ----------
    path : str or path-like
        The file.

    Returns
    -------
    str
        Its text, line ends as they are.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    FormatError
        If it is not UTF-8; the message names the line.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "t.csv")
    ...     _ = path.write_text("size", encoding="utf-8-sig")
    ...     read_text(path)
    'size'
    """
    raw = read_bytes(path)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise FormatError(
            f"{path}: line {line} must be text in UTF-8, got the byte 0x{raw[error.start]:02x}: save it as UTF-8"
        ) from error


def find_delimiter(path: PathLike, text: str) -> str:
    """Return the character that separates the cells.

    Parameters
    ----------
    path : str or path-like
        The file; a tab separates if its name ends in ``.tsv``.
    text : str
        Its text.

    Returns
    -------
    str
        The one of comma, semicolon and tab that splits the header into most names; a comma wins a tie.

    Examples
    --------
    >>> find_delimiter("t.csv", 'size;"weight, dry, in g"')
    ';'
    """
    if Path(path).suffix.lower() == ".tsv":
        return "\t"
    header = re.sub(r'"[^"]*"', "", HEADER.match(text)[0])  # type: ignore[index]  # it also matches nothing
    return max(",;\t", key=header.count)


def records(path: PathLike, text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the cells of each line that is not blank, with the line's number.

    Parameters
    ----------
    path : str or path-like
        The file, for messages.
    text : str
        Its text.
    delimiter : str
        The character that separates the cells.

    Yields
    ------
    tuple of int and list of str
        The number of the line, from 1, and its cells.

    Raises
    ------
    FormatError
        If quotes are not closed or something follows them.

    Examples
    --------
    >>> list(records("t.csv", 'a,"b, c"', ","))
    [(1, ['a', 'b, c'])]
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            if cells:
                yield reader.line_num, cells
    except csv.Error as error:
        raise FormatError(f"{path}: line {reader.line_num} must be well-formed CSV, got: {error}") from error


def read_rows(path: PathLike) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    r"""Return the column names of a text table, and an iterator over the lines below them.

    Parameters
    ----------
    path : str or path-like
        The file.

    Returns
    -------
    header : list of str
        At least one name, without blanks around it.
    rows : iterator of tuple of int and list of str
        The number of each line, and as many cells as there are names.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    FormatError
        If it is empty or not text; while iterating, if a line has another number of cells or is malformed.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "t.csv")
    ...     _ = path.write_text("a; b\n1;2\n")
    ...     header, rows = read_rows(path)
    >>> header, list(rows)
    (['a', 'b'], [(2, ['1', '2'])])
    """
    text = read_text(path)
    lines = records(path, text, find_delimiter(path, text))
    header = [name.strip() for name in next(lines, (1, []))[1]]
    if not header:
        raise FormatError(f"{path}: must begin with a line of column names, got an empty file")
    return header, _of_width(path, lines, len(header))


def _of_width(path: PathLike, lines: Iterator[tuple[int, list[str]]], width: int) -> Iterator[tuple[int, list[str]]]:
    for line, cells in lines:
        if len(cells) != width:
            raise FormatError(f"{path}: line {line} must have {width} cells as the header, got {len(cells)}")
        yield line, cells


def read_raw_csv(path: PathLike) -> RawTable:
    """Return the header of a text table, its cells without blanks around them, and the line of each row."""
    header, lines = read_rows(path)
    rows, places = [], []
    for line, cells in lines:
        rows.append([cell.strip() for cell in cells])
        places.append(f"line {line}")
    return RawTable(header, rows, places)
