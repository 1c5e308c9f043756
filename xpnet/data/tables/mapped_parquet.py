"""Copy Parquet and Arrow IPC files of any size to NumPy files, slice by slice, and map those into memory."""

import os
import weakref
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, NamedTuple

import numpy as np

from xpnet.data.errors import FormatError
from xpnet.data.files import PathLike
from xpnet.data.tables.columns import check_names, select_features
from xpnet.data.tables.dataset import Array
from xpnet.data.tables.formats import open_table_frame
from xpnet.data.tables.readers.polars_frames import frame_errors, frame_numbers, is_number

DTYPES = ("float32", "float64", "uint8")
SLICE = 2**25  # bytes of numbers that are read at once


class _Part(NamedTuple):
    """The columns and the dtype of one file."""

    columns: tuple[str, ...]
    dtype: str


def map_parquet(
    path: PathLike,
    target: str | None,
    *,
    columns: Sequence[str] | None = None,
    dtype: str = "float32",
    folder: PathLike | None = None,
) -> tuple[Array, Array | None]:
    """Copy the numbers of a Parquet or Arrow IPC file of any size to NumPy files, and return those mapped.

    Parameters
    ----------
    path : str or path-like
        A file ending in ``.parquet``, ``.arrow`` or ``.feather``; reading it needs polars.
    target : str or None
        The column that holds the labels or the numbers to predict; None for a table without.
    columns : sequence of str, optional
        The feature columns, in the order wanted.  Default: all but the target.
    dtype : {"float32", "float64", "uint8"}
        Of ``x``; uint8 is for whole numbers up to 255, such as images.
    folder : str or path-like, optional
        Where ``x.npy`` and ``y.npy`` stay; it is made if missing.  ``numpy.load`` maps the files the next time.
        Default: a temporary folder, which is removed when ``x`` is no longer used.

    Returns
    -------
    x : array, shape (n, n_in)
        Mapped from its file, read-only.
    y : array, shape (n,), int64 or float64, or None
        In memory; int64 if the target holds whole numbers.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    FormatError
        If it is not such a file, lacks a column, or holds something else than numbers in one; or if a number is
        missing or not finite, with its row and column.
    ImportError
        Without polars.
    ValueError
        If ``dtype`` or ``columns`` is not one of the above.

    Notes
    -----
    However large the file is, the memory used is a few times `SLICE`.  A file gets its name when it is complete.
    Arrays that are mapped from an older file of the same name do not change.

    Examples
    --------
    >>> x, y = map_parquet("clicks.parquet", "bought", folder="clicks")  # doctest: +SKIP
    >>> result = xpnet.train(network, (x, y))                            # doctest: +SKIP
    >>> x = numpy.load("clicks/x.npy", mmap_mode="r")                    # doctest: +SKIP
    """
    if dtype not in DTYPES:
        raise ValueError(f"dtype must be one of {', '.join(DTYPES)}, got {dtype!r}")
    kind, table = open_table_frame(path)
    parts = _parts(path, dict(table.collect_schema()), target, columns, dtype)
    if folder is not None:
        Path(folder).mkdir(parents=True, exist_ok=True)
        return _copied(path, kind, table, parts, Path(folder))
    made = TemporaryDirectory(prefix="xpnet-", ignore_cleanup_errors=True)
    try:
        x, y = _copied(path, kind, table, parts, Path(made.name))
    except BaseException:
        made.cleanup()
        raise
    weakref.finalize(x, made.cleanup)  # every view of x keeps x alive
    return x, y


def _parts(
    path: PathLike, schema: dict[str, Any], target: str | None, columns: Sequence[str] | None, dtype: str
) -> dict[str, _Part]:
    """Return what goes into the files x and y."""
    check_names(path, tuple(schema), target)
    features = select_features(path, tuple(schema), target, columns)
    for name in (*features, *(() if target is None else (target,))):
        whole = dtype == "uint8" and name != target
        if not is_number(schema[name], whole=whole):
            kind = "whole numbers for dtype uint8" if whole else "numbers"
            raise FormatError(
                f"{path}: column '{name}' must hold {kind}, got {schema[name]}: leave it out or encode it"
            )
    parts = {"x": _Part(features, dtype)}
    if target is not None:
        parts["y"] = _Part((target,), "int64" if is_number(schema[target], whole=True) else "float64")
    return parts


def _copied(path: PathLike, kind: str, table: Any, parts: dict[str, _Part], folder: Path) -> tuple[Array, Array | None]:
    """Return x and y after copying their columns to files in the folder."""
    import polars as pl

    names = [name for part in parts.values() for name in part.columns]
    rows = max(1, SLICE // (8 * len(names)))
    with frame_errors(path, kind):
        n = table.select(pl.len()).collect().item()
    if n == 0:
        raise FormatError(f"{path}: must have a row, got none")
    with ExitStack() as files:
        opened = {
            name: files.enter_context(_new_file(folder / f"{name}.npy", shape, parts[name].dtype))
            for name, shape in (("x", (n, len(parts["x"].columns))), ("y", (n,)))
            if name in parts
        }
        for start in range(0, n, rows):
            with frame_errors(path, kind):
                frame = table.select(names).slice(start, rows).collect()
            for name, part in parts.items():
                opened[name].write(frame_numbers(path, frame.select(part.columns), part.dtype, start).data)
    return np.load(folder / "x.npy", mmap_mode="r"), np.load(folder / "y.npy") if "y" in parts else None


@contextmanager
def _new_file(path: Path, shape: tuple[int, ...], dtype: str) -> Iterator[BinaryIO]:
    """Open a NumPy file for its rows; it gets its name when all rows are written."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    header = {"descr": np.lib.format.dtype_to_descr(np.dtype(dtype)), "fortran_order": False, "shape": shape}
    try:
        with unfinished.open("wb") as file:
            np.lib.format.write_array_header_2_0(file, header)
            yield file
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
