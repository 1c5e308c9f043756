"""The data set of a frame of pandas, polars or pyarrow: as if its table had been read from a file."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from xpnet.data.columns.column import Column
from xpnet.data.columns.spelling import Reading
from xpnet.data.columns.table import Table
from xpnet.data.errors import FormatError
from xpnet.data.frame_columns import frame_columns
from xpnet.data.tables.columns import check_names, select_features
from xpnet.data.tables.dataset import Array, Dataset, Label
from xpnet.data.tables.frames import feature_names
from xpnet.data.tables.labels import check_task, encode_labels, reading_of_labels

PLAIN = Reading()


def from_frame(
    frame: Any,
    target: str | None = None,
    *,
    task: str | None = None,
    columns: Sequence[str] | None = None,
    reading: Reading = PLAIN,
    drop_missing_target: bool = False,
) -> Dataset:
    """Return the data set of a frame, as `read_cells` returns that of a file.

    Parameters
    ----------
    frame : frame or mapping of str to columns
        Of pandas, polars or pyarrow, or of any library that narwhals knows (``pip install 'xpnet[tables]'``).
    target : str, optional
        The column that holds the labels; None for a table to predict on.
    task : {"classification", "regression"}, optional
        What the labels are for.  Default: text, booleans, categories, and whole numbers with at most 20 distinct
        values, are classes; other numbers are a regression.
    columns : sequence of str, optional
        The feature columns, in the order wanted.  Default: all but the target.
    reading : Reading, optional
        What is known about text.
    drop_missing_target : bool, optional
        Whether rows without a label are left out; they are refused otherwise.

    Returns
    -------
    Dataset
        ``x`` a `Table`, which may have gaps.

    Raises
    ------
    TypeError
        If ``frame`` is no frame with named columns, or a column holds lists, durations or the like.
    FormatError
        If there is no row, no such target or column, or a label is missing; the message names row and column.
    ValueError
        If ``task`` is not one of the above.

    Examples
    --------
    >>> frame = {"legs": [4, 2, None], "color": ["black", "green", "black"], "bird": [False, True, True]}
    >>> birds = from_frame(frame, "bird")  # or a frame of pandas, polars or pyarrow
    >>> birds.features, birds.classes, birds.y
    (('legs', 'color'), (False, True), array([0, 1, 1]))
    """
    check_task(task)
    names = tuple(map(str, frame)) if isinstance(frame, Mapping) else feature_names(frame)
    if names is None:
        raise TypeError(f"frame must have columns whose names are text, got {type(frame).__name__}")
    check_names("frame", names, target)
    features = select_features("frame", names, target, columns)
    x = Table(frame_columns(frame, features, reading))
    if not len(x):
        raise FormatError("frame must have a row, got none")
    if target is None:
        return Dataset(x, None, None, features)
    (labels,) = frame_columns(frame, (target,), reading_of_labels(reading, target, task))
    rows = np.flatnonzero(~labels.missing) if drop_missing_target and labels.missing.any() else None
    if rows is not None and not len(rows):
        raise FormatError(f"frame: column '{target}' must hold a label, got none in {len(x)} rows")
    y, classes = _encoded(labels if rows is None else labels.take(rows), task)
    return Dataset(x if rows is None else x[rows], y, classes, features)


def _encoded(labels: Column, task: str | None) -> tuple[Array, tuple[Label, ...] | None]:
    """Return the targets and the classes; those of booleans are False and True, not 0 and 1."""
    y, classes = encode_labels(labels, task, lambda row: f"row {row}, column '{labels.name}'")
    flags = labels.kind == "boolean" and classes is not None
    return y, tuple(map(bool, classes or ())) if flags else classes
