"""Read numeric tables from NumPy archives: one matrix and its labels, or one array for each column."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from xpnet.checks import listing
from xpnet.data.columns.building import column_of
from xpnet.data.columns.spelling import Reading
from xpnet.data.errors import FormatError
from xpnet.data.files import PathLike
from xpnet.data.tables.columns import check_names, select_features
from xpnet.data.tables.dataset import Array, Dataset, Label
from xpnet.data.tables.labels import check_task, encode_labels, reading_of_labels
from xpnet.data.tables.readers.npz import read_arrays


def read_npz(
    path: PathLike, target: str | None, *, task: str | None = None, columns: Sequence[str] | None = None
) -> Dataset:
    """Return the data set of an npz file.

    Parameters
    ----------
    path : str or path-like
        The file.  Its features are the matrix ``x`` or ``X``; else the only matrix; else, if all arrays are
        one-dimensional, each of them is a column.
    target : str or None
        The array that holds the labels; None for a table to predict on.
    task : {"classification", "regression"}, optional
        What the labels are for.  Default: text, and whole numbers with at most 20 distinct values, are
        classes; other numbers are a regression.
    columns : sequence of str, optional
        The feature columns, in the order wanted; for files with one array a column.

    Returns
    -------
    Dataset
        ``x`` in the number type of the file (float64 from columns); ``features`` None for a matrix;
        ``y`` None without a target; ``name`` the file's name without its ending.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    FormatError
        If the file is not such a table; the message names the array.
    ValueError
        If ``task`` or ``columns`` is not one of the above.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "fruit.npz")
    ...     np.savez(path, weight=[150, 120], length=[7, 9], kind=["apple", "pear"])
    ...     fruit = read_npz(path, "kind")
    >>> fruit.features, fruit.classes, fruit.x
    (('weight', 'length'), ('apple', 'pear'), array([[150., 7.], [120., 9.]]))
    """
    check_task(task)
    arrays = read_arrays(path)
    check_names(path, tuple(arrays), target)
    matrix = _matrix_name(path, arrays, target)
    if matrix is None:
        features = select_features(path, tuple(arrays), target, columns)
        x = _stack(path, arrays, features)
    elif columns is not None:
        raise FormatError(f"{path}: must hold the columns {listing(columns)}, got the matrix '{matrix}' without names")
    else:
        features, x = None, _numeric(path, matrix, arrays[matrix])
    if len(x) == 0:
        raise FormatError(f"{path}: must have a row, got none")
    y, classes = (None, None) if target is None else _targets(path, target, arrays[target], len(x), task)
    return Dataset(x, y, classes, features, Path(path).stem)


def _matrix_name(path: PathLike, arrays: dict[str, Array], target: str | None) -> str | None:
    """Return the name of the feature matrix, or None if every array is a column."""
    others = {name: array for name, array in arrays.items() if name != target}
    matrices = [name for name, array in others.items() if array.ndim == 2]
    for name in ("x", "X"):
        if name in matrices:
            return name
    if len(matrices) == 1:
        return matrices[0]
    if matrices or not others or any(array.ndim != 1 for array in others.values()):
        found = listing([f"{name} {array.shape}" for name, array in arrays.items()])
        raise FormatError(f"{path}: must hold one matrix of features, best named x, got {found}")
    return None


def _stack(path: PathLike, arrays: dict[str, Array], features: tuple[str, ...]) -> Array:
    """Return one-dimensional arrays as the columns of a float64 matrix."""
    lengths = {len(arrays[name]) for name in features}
    if len(lengths) > 1:
        found = listing([f"{name} {arrays[name].shape}" for name in features])
        raise FormatError(f"{path}: columns must have one length, got {found}")
    columns = [_numeric(path, name, arrays[name]).astype(np.float64) for name in features]
    return np.stack(columns, axis=1)  # (n, n_in)


def _numeric(path: PathLike, name: str, array: Array) -> Array:
    """Return an array of finite numbers in this machine's byte order, or refuse it."""
    if array.dtype.kind not in "biuf":
        raise FormatError(f"{path}: array '{name}' must hold real numbers, got {array.dtype}: leave it out")
    if array.ndim == 2 and array.shape[1] == 0:
        raise FormatError(f"{path}: array '{name}' must have a column, got shape {array.shape}")
    if array.dtype.kind == "f" and array.dtype.itemsize > 8:
        with np.errstate(over="ignore"):  # the next line refuses infinity
            array = array.astype(np.float64)
    wrong = np.argwhere(~np.isfinite(array))
    if len(wrong):
        place = tuple(int(i) for i in wrong[0])
        raise FormatError(
            f"{path}: array '{name}' must be finite, got {array[place]} in row {place[0]}: fill it in or remove the row"
        )
    native = np.uint8 if array.dtype.kind == "b" else array.dtype.newbyteorder("=")
    return array.astype(native)


def _targets(
    path: PathLike, target: str, array: Array, n: int, task: str | None
) -> tuple[Array, tuple[Label, ...] | None]:
    """Return the targets and classes of the label array."""
    if array.shape != (n,):
        raise FormatError(f"{path}: array '{target}' must have shape ({n},) as the features, got {array.shape}")
    if array.dtype.kind not in "biufU":
        raise FormatError(f"{path}: array '{target}' must hold numbers or text, got {array.dtype}")

    def where(row: int) -> str:
        return f"{path}: array '{target}', row {row}"

    labels = column_of(target, array, reading_of_labels(Reading(), target, task))
    return encode_labels(labels, task, where, lambda row: str(array[row]))
