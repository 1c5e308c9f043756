"""Map numeric tables from NumPy files of one matrix; the columns are named by their numbers."""

import io
import math
import os
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from xpnet.data.columns.building import column_of
from xpnet.data.columns.spelling import Reading
from xpnet.data.errors import FormatError
from xpnet.data.files import PathLike, check_regular
from xpnet.data.tables.columns import check_names, select_features
from xpnet.data.tables.dataset import Array, Dataset, Label
from xpnet.data.tables.labels import check_task, encode_labels, reading_of_labels
from xpnet.data.tables.readers.npz import HEADER_ERRORS, read_header

LONGEST_HEADER = 2**17  # bytes; NumPy reads headers of 10,000 characters at most
PIECE = 2**22  # numbers that are checked at once


def read_npy(
    path: PathLike, target: str | None, *, task: str | None = None, columns: Sequence[str] | None = None
) -> Dataset:
    """Return the data set of an npy file, a matrix whose columns are called 0, 1, 2 and so on.

    Parameters
    ----------
    path : str or path-like
        The file.
    target : str or None
        The number of the column that holds the labels; ``"-1"`` is the last one.  Or the path of another ``.npy``
        file that holds them, a label a row, numbers or text.  None for a table to predict on.
    task : {"classification", "regression"}, optional
        What the labels are for.  Default: whole numbers with at most 20 distinct values are classes; other numbers
        are a regression.
    columns : sequence of str, optional
        The numbers of the feature columns, in the order wanted.  Default: all but the target.

    Returns
    -------
    Dataset
        ``x`` in the dtype of the file, and mapped from it if the feature columns lie side by side;
        ``name`` the file's name without its ending.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    FormatError
        If the file is no matrix of finite numbers, is damaged, or lacks a column; or if the labels are not one a row.
    ValueError
        If ``task`` or ``columns`` is not one of the above.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "fruit.npy")
    ...     np.save(path, [[150.0, 7.0, 0.0], [120.0, 9.0, 1.0]])
    ...     fruit = read_npy(path, "-1")
    >>> fruit.features, fruit.x, fruit.y
    (('0', '1'), array([[150., 7.], [120., 9.]]), array([0, 1]))
    """
    check_task(task)
    table = _mapped(path)
    names = tuple(map(str, range(table.shape[1])))
    if isinstance(target, str) and holds_labels(target):
        features = select_features(path, names, None, columns)
        y, classes = _labels(target, len(table), task)
        return Dataset(_columns(table, [int(name) for name in features]), y, classes, features, Path(path).stem)
    if isinstance(target, str) and target.startswith("-") and target[1:] in names[1:]:
        target = names[int(target)]
    check_names(path, names, target)
    features = select_features(path, names, target, columns)
    x = _columns(table, [int(name) for name in features])
    if target is None:
        return Dataset(x, None, None, features, Path(path).stem)
    labels = column_of(target, table[:, int(target)], reading_of_labels(Reading(), target, task))
    y, classes = encode_labels(labels, task, lambda row: f"{path}: row {row}, column {target}")
    return Dataset(x, y, classes, features, Path(path).stem)


def holds_labels(target: str) -> bool:
    """Return whether a target is a file of labels, by its ending, and not the number of a column.

    Examples
    --------
    >>> holds_labels("labels.npy"), holds_labels("-1")
    (True, False)
    """
    return target.lower().endswith(".npy")


def _labels(path: str, n: int, task: str | None) -> tuple[Array, tuple[Label, ...] | None]:
    """Return the targets and classes of a file of labels, (n,) or (n, 1)."""
    needed = f"a label for each of the {n} rows, shape ({n},)"
    found = _open(path, "biufU", "numbers or text", needed, lambda shape: shape in ((n,), (n, 1)))
    values = np.array(found).reshape(n)
    column = column_of("label", values, reading_of_labels(Reading(), "label", task))
    return encode_labels(column, task, lambda row: f"{path}: row {row}")


def _open(path: PathLike, kinds: str, told: str, needed: str, fits: Callable[[tuple[int, ...]], bool]) -> Array:
    """Return the array in a file, mapped; its dtype must be of one of these kinds, and its shape must fit."""
    check_regular(path)
    try:
        shape, dtype = _header(path)
        if dtype.kind not in kinds:
            raise FormatError(f"{path}: must hold {told}, got {dtype}")
        if not fits(shape):
            raise FormatError(f"{path}: must hold {needed}, got shape {shape}")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of headers that Python 2 wrote
            return np.asarray(np.lib.format.open_memmap(path, mode="r"))
    except FormatError:
        raise
    except HEADER_ERRORS as error:
        raise FormatError(f"{path}: must be a whole npy file, got a damaged or foreign one: {error}") from error


def _mapped(path: PathLike) -> Array:
    """Return the matrix of finite numbers that a file holds, mapped."""
    needed = "a matrix with rows and columns"
    table = _open(path, "biuf", "real numbers", needed, lambda shape: len(shape) == 2 and 0 not in shape)
    rows = max(1, PIECE // table.shape[1])
    for start in range(0, len(table), rows):
        wrong = np.argwhere(~np.isfinite(table[start : start + rows]))
        if len(wrong):
            row, column = start + int(wrong[0, 0]), int(wrong[0, 1])
            raise FormatError(
                f"{path}: must hold finite numbers, got {table[row, column]} in row {row}, column {column}: "
                "fill it in or remove the row"
            )
    return table.view(np.uint8) if table.dtype.kind == "b" else table


def _header(path: PathLike) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Return the shape and dtype of the array in a file, which must not be smaller than its header says."""
    with Path(path).open("rb") as file:
        shape, _, dtype, start = read_header(io.BytesIO(file.read(LONGEST_HEADER)))
        size = os.fstat(file.fileno()).st_size
    if min(shape, default=0) < 0 or start + math.prod(shape) * dtype.itemsize > size:
        raise ValueError(f"shape {shape} of {dtype} does not fit into {size:,} bytes")
    return shape, dtype


def _columns(table: Array, chosen: list[int]) -> Array:
    """Return some columns, without a copy if they lie side by side."""
    first, last = chosen[0], chosen[-1]
    return table[:, first : last + 1] if chosen == list(range(first, last + 1)) else table[:, chosen]
