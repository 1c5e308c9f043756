"""Parquet files, opened without being read."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from xpnet.data.errors import FormatError
from xpnet.data.files import PathLike


def open_parquet(path: PathLike) -> Any:
    """Return a Parquet file as a lazy table of polars.

    Parameters
    ----------
    path : str or path-like
        The file.

    Returns
    -------
    polars.LazyFrame
        Of which only the names and types of the columns have been read.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    FormatError
        If it is no Parquet file.
    ImportError
        Without polars.
    """
    if not Path(path).exists():
        raise FileNotFoundError(f"path must be an existing file, got '{os.fspath(path)}'")
    try:
        import polars as pl
    except ImportError as error:
        raise ImportError(f"{path}: Parquet files need polars; pip install 'xpnet[tables]'") from error
    with parquet_errors(path):
        table = pl.scan_parquet(path, glob=False)
        table.collect_schema()
    return table


@contextmanager
def parquet_errors(path: PathLike) -> Iterator[None]:
    """Turn what polars says of a damaged or foreign file into a FormatError."""
    import polars as pl

    try:
        yield
    except pl.exceptions.PolarsError as error:
        raise FormatError(f"{path}: must be a Parquet file, got {error}") from error
