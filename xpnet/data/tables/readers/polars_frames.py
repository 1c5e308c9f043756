"""Open Parquet and Arrow IPC files with polars, and check what they claim."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from xpnet.data.errors import FormatError
from xpnet.data.files import PathLike, check_regular
from xpnet.data.tables.dataset import Array

ALWAYS_CELLS = 2**22  # cells that every file may claim to hold
DEEPEST = 64  # lists and objects inside each other, in JSON
TEXT = re.compile(rb'"(?:[^"\\]|\\.)*"')  # in JSON
CELLS_A_BYTE = 12  # a larger claim may be at most so many cells for each byte of the file
IN_POLARS = {"float32": "Float32", "float64": "Float64", "uint8": "UInt8", "int64": "Int64"}


def open_frame(path: PathLike, kind: str, scan: str) -> Any:
    """Return a file as a lazy table of polars.

    Parameters
    ----------
    path : str or path-like
        The file.
    kind : str
        The format's name in messages, such as ``"Parquet"``.
    scan : str
        The name of polars' function that opens it, such as ``"scan_parquet"``.

    Returns
    -------
    polars.LazyFrame
        Only the names and types of its columns have been read.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    FormatError
        If the file has another format.
    ImportError
        Without polars.
    """
    check_regular(path)
    pl = _polars(path, kind)
    if kind == "Parquet":
        from xpnet.data.tables.readers.parquet_claims import check_parquet

        check_parquet(path)
    with frame_errors(path, kind):
        table = getattr(pl, scan)(path, glob=False)
        table.collect_schema()
    return table


def _polars(path: PathLike, kind: str) -> Any:
    try:
        import polars as pl
    except ImportError as error:
        raise ImportError(f"{path}: {kind} files need polars; pip install 'xpnet[tables]'") from error
    return pl


def read_frame(path: PathLike, kind: str, scan: str) -> Any:
    """Return a whole file as a frame of polars; arguments and errors as for `open_frame` and `collect`."""
    return collect(path, kind, open_frame(path, kind, scan))


def read_json_lines(path: PathLike) -> Any:
    """Return a file of one JSON object a line as a frame of polars.

    Raises
    ------
    FileNotFoundError, FormatError, ImportError
        As `open_frame`.
    """
    check_regular(path)
    pl = _polars(path, "JSON Lines")
    _check_depth(path)
    with frame_errors(path, "JSON Lines"):
        return pl.read_ndjson(path, infer_schema_length=None)


def _check_depth(path: PathLike) -> None:
    """Refuse lines whose values are nested so deeply that polars would take seconds, or no end, to find their type."""
    with Path(path).open("rb") as file:
        for number, line in enumerate(file, 1):
            if line.count(b"[") + line.count(b"{") > DEEPEST and _depth(line) > DEEPEST:
                raise FormatError(f"{path}: line {number} must be an object of cells, got {DEEPEST} and more inside it")


def _depth(line: bytes) -> int:
    """Return how many lists and objects are inside each other at most."""
    deepest = depth = 0
    for byte in TEXT.sub(b"", line):
        depth += (byte in b"[{") - (byte in b"]}")
        deepest = max(deepest, depth)
    return deepest


def read_excel(path: PathLike) -> Any:
    """Return the first sheet of an Excel file as a frame of polars.

    Raises
    ------
    FileNotFoundError, FormatError, ImportError
        As `open_frame`; polars reads Excel with fastexcel.
    """
    check_regular(path)
    pl = _polars(path, "Excel")
    try:
        import fastexcel
    except ImportError as error:
        raise ImportError(f"{path}: Excel files need fastexcel; pip install 'xpnet[tables]'") from error
    try:
        with frame_errors(path, "Excel"):
            return pl.read_excel(path, infer_schema_length=None)
    except fastexcel.FastExcelError as error:
        reason = " ".join(str(error).split())
        raise FormatError(f"{path}: must be a whole Excel file, got {reason}") from error


def collect(path: PathLike, kind: str, table: Any) -> Any:
    """Read a lazy table into memory, if the number of its cells fits the size of its file.

    Raises
    ------
    FormatError
        If it cannot be read, or claims many more cells than a file of its size should hold.
    """
    import polars as pl

    with frame_errors(path, kind):
        rows = table.select(pl.len()).collect().item()
    cells, size = rows * len(table.collect_schema()), Path(path).stat().st_size
    if cells > max(ALWAYS_CELLS, CELLS_A_BYTE * size):
        raise FormatError(
            f"{path}: must not claim to hold {cells:,} cells in a file of {size:,} bytes: use map_parquet"
        )
    with frame_errors(path, kind):
        return table.collect()


@contextmanager
def frame_errors(path: PathLike, kind: str) -> Iterator[None]:
    """Turn every error of polars into a FormatError; also a panic, which is not an Exception."""
    import polars as pl

    try:
        yield
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, MemoryError) as error:
        reason = " ".join(str(error).split())  # polars writes some messages on several lines
        raise FormatError(f"{path}: must be a whole {kind} file, got {reason}") from error


def is_number(kind: Any, *, whole: bool = False) -> bool:
    """Return whether a dtype of polars holds numbers or booleans; with ``whole``, integers or booleans."""
    return kind.is_integer() or str(kind) == "Boolean" or (kind.is_numeric() and not whole)


def frame_numbers(path: PathLike, frame: Any, dtype: str, first: int = 0) -> Array:
    """Return a frame as a matrix of finite numbers, or name the first cell that is not finite.

    Parameters
    ----------
    path : str or path-like
        The file, for messages.
    frame : polars.DataFrame
        Columns for which `is_number` is true.
    dtype : str
        One of `IN_POLARS`.
    first : int
        The number of the first row in the file, from 0.

    Raises
    ------
    FormatError
        If a number is missing, is not finite or does not fit ``dtype``.
    """
    import polars as pl

    try:
        numbers = frame.cast(getattr(pl, IN_POLARS[dtype])).to_numpy(order="c")  # a missing cell becomes NaN
    except pl.exceptions.PolarsError as error:
        place = f"rows {first} to {first + len(frame) - 1}"
        raise FormatError(f"{path}: {place} must hold numbers that fit {dtype}, got: {error}") from error
    wrong = np.argwhere(~np.isfinite(numbers))
    if len(wrong):
        row, column = wrong[0].tolist()
        cell = frame[row, column]
        raise FormatError(
            f"{path}: row {first + row}, column '{frame.columns[column]}' must hold a finite number that fits "
            f"{dtype}, got {'nothing' if cell is None else cell}: fill it in or remove the row"
        )
    return numbers.astype(dtype, copy=False)
