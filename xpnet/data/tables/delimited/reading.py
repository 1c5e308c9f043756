"""Open a text table: with polars where it is installed and sure of the text, else with the standard library."""

from pathlib import Path

from xpnet.data.columns.spelling import Reading
from xpnet.data.files import PathLike
from xpnet.data.tables.delimited import polars_reader, standard_library
from xpnet.data.tables.delimited.contents import read_utf8
from xpnet.data.tables.delimited.dialect import find_delimiter, read_header, record
from xpnet.data.tables.opened import OpenTable

PLAIN = Reading()


def open_text(path: PathLike, reading: Reading = PLAIN) -> OpenTable:
    r"""Return a text table whose columns are read when they are wanted.

    Parameters
    ----------
    path : str or path-like
        The file; compressed if its name says so, ``"-"`` for standard input.
    reading : Reading
        What is known about its text.

    Raises
    ------
    FileNotFoundError, FormatError, ValueError
        As `read_utf8`; and if a line is malformed, or has another number of cells than the header.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "t.csv")
    ...     _ = path.write_text("a; b\n1;2\n")
    ...     table = open_text(path)
    ...     table.header, table.n, table.column("b", Reading()).values, table.place(0)
    (('a', 'b'), 1, array([2]), 'line 2')
    """
    text = read_utf8(path, reading.encoding)
    delimiter = find_delimiter(path, text)
    header = read_header(path, text, delimiter)
    fast = polars_reader.read_columns(text, delimiter, header, reading)
    columns = fast or standard_library.read_columns(path, text, delimiter, len(header), reading)
    kept = None if _can_be_read_again(path) else text  # only for messages

    def found(row: int) -> tuple[int, list[str]]:
        again = read_utf8(path, reading.encoding) if kept is None else kept
        return record(path, again, delimiter, row)

    return OpenTable(
        path,
        tuple(header),
        columns.n,
        columns.column,
        lambda row: f"line {found(row)[0]}",
        lambda row, place: found(row)[1][place].strip(),
    )


def _can_be_read_again(path: PathLike) -> bool:
    return str(path) != "-" and Path(path).is_file()
