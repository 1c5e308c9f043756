"""Turn frames of pandas, polars and pyarrow, masked arrays and matrices into plain arrays; match columns by name."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from xpnet.backend import plain_array
from xpnet.checks import listing
from xpnet.data.columns.building import column_of, table_of
from xpnet.data.columns.spelling import Reading
from xpnet.data.columns.table import Table
from xpnet.data.frame_columns import frame_columns
from xpnet.data.mappings import columns_of_mappings, is_mappings
from xpnet.data.tables.columns import repeated_names


def feature_names(x: Any) -> tuple[str, ...] | None:
    """Return the names of the columns of a frame, or None.

    Parameters
    ----------
    x : object
        A frame of pandas or polars or a table of pyarrow; anything else has no names.

    Returns
    -------
    tuple of str or None
        None also for a frame whose columns are numbered, as pandas does with a plain array.

    Examples
    --------
    >>> feature_names([[1.0, 2.0]]) is None
    True
    """
    names = _column_names(x)
    return tuple(names) if names and all(isinstance(name, str) for name in names) else None


def take_features(name: str, x: Any, features: Sequence[str] | None) -> Any:
    """Return examples with the columns that a model was trained on, in its order.

    Every function that takes examples for a trained model calls this one, so that all of them understand frames
    alike.

    Parameters
    ----------
    name : str
        The argument, for messages.
    x : frame, mapping or array
        A frame with named columns is matched by name; its other columns are ignored.  So is a mapping of names to
        columns, one of names to cells, which is one row, or a sequence of such rows.  Anything else is taken by
        position.
    features : sequence of str or None
        The names that the model knows; None if it was trained without names.

    Returns
    -------
    array
        Shape (n, n_in); ``x`` itself if it is an array already.

    Raises
    ------
    ValueError
        If a column is missing or comes twice, or entries are masked.
    TypeError
        If ``x`` is a mapping, and the model knows no names.

    Examples
    --------
    >>> take_features("x", np.asarray([[1.0, 2.0]]), ("a", "b"))
    array([[1., 2.]])
    >>> take_features("x", {"b": 2.0, "a": 1.0}, ("a", "b"))
    array([[1., 2.]])
    """
    if is_mappings(x):
        if features is None:
            raise TypeError(f"{name} must be an array, since the model knows no names of columns, got a mapping")
        columns = columns_of_mappings(name, x, features)
        _refuse_masked(name, columns.values())
        return _stacked([np.asarray(column) for column in columns.values()])
    names = feature_names(x)
    if names is None or features is None:
        return as_plain(name, x)
    _check_there(name, names, features)
    return _columns(name, x, list(features))


def typed_features(x: Any, features: Sequence[str], reading: Reading) -> Table:
    """Return examples as a table of typed columns, those of a model in its order.

    Parameters
    ----------
    x : Table, frame, mapping or array (n, n_in)
        A table or frame is matched by name; its other columns are ignored.  So is a mapping of names to columns, one
        of names to cells, which is one row, or a sequence of such rows.  Anything else is taken by position.
    features : sequence of str
        The names that the model knows.
    reading : Reading
        How text is read; a `Table` is typed already.

    Raises
    ------
    ValueError
        If a column is missing or comes twice, the shape is another one, or entries are masked.

    Examples
    --------
    >>> typed_features([["4", "black"]], ("legs", "color"), Reading()).names
    ('legs', 'color')
    """
    if is_mappings(x):
        columns = columns_of_mappings("x", x, features)
        _refuse_masked("x", columns.values())
        return Table(tuple(column_of(name, cells, reading) for name, cells in columns.items()))
    names = x.names if isinstance(x, Table) else feature_names(x)
    if names is None:
        return table_of(np.asarray(as_plain("x", x), dtype=None if hasattr(x, "dtype") else object), features, reading)
    _check_there("x", names, features)
    if isinstance(x, Table):
        return x if names == tuple(features) else x.select(features)
    _refuse_repeated("x", x, features)
    return Table(frame_columns(x, features, reading))


def _check_there(name: str, names: Sequence[str], features: Sequence[str]) -> None:
    known = set(names)
    missing = [feature for feature in features if feature not in known]
    if missing:
        raise ValueError(f"{name} must have the columns {listing(missing)}, got {listing(names)}")


def as_plain(name: str, x: Any) -> Any:
    """Return an argument as a plain array, if it is a frame, a masked array, a matrix or another subclass.

    Parameters
    ----------
    name : str
        The argument, for messages.
    x : object
        Arrays of other libraries, mapped arrays and lists are returned as they are; a list may hold masked arrays.

    Returns
    -------
    object
        With the same numbers.

    Raises
    ------
    ValueError
        If entries are masked, or two columns of a frame have one name.

    Examples
    --------
    >>> as_plain("x", np.ma.masked_equal([1, 2], 2))
    Traceback (most recent call last):
    ValueError: x must not have masked entries, got 1; fill them or leave their rows out
    """
    names = _column_names(x)
    if names is not None:
        return _columns(name, x, names)
    if isinstance(x, np.ma.MaskedArray):
        _refuse_masked(name, (x,))
        return np.asarray(x.data)
    if isinstance(x, np.ndarray) and type(x) not in (np.ndarray, np.memmap):
        return np.asarray(x)
    return plain_array(x, name) if isinstance(x, list | tuple) else x


def _refuse_masked(name: str, arrays: Iterable[Any]) -> None:
    masked = sum(int(np.ma.getmaskarray(x).sum()) for x in arrays if isinstance(x, np.ma.MaskedArray))
    if masked:
        raise ValueError(f"{name} must not have masked entries, got {masked}; fill them or leave their rows out")


def _column_names(x: Any) -> list[Any] | None:
    """Return the names of the columns of a frame of pandas or polars or a table of pyarrow, or None."""
    if hasattr(x, "column_names") and hasattr(x, "column"):
        return list(x.column_names)
    return list(x.columns) if hasattr(x, "columns") and hasattr(x, "to_numpy") else None


def _columns(name: str, x: Any, chosen: list[Any]) -> Any:
    """Return some columns of a frame as one array: of one numeric dtype if all are numbers, else of objects."""
    _refuse_repeated(name, x, chosen)
    return _stacked([np.asarray(x[column]) for column in chosen])


def _stacked(columns: list[Any]) -> Any:
    """Return columns as one array: of one numeric dtype if all are numbers, else of objects."""
    if columns and all(column.dtype.kind in "biuf" for column in columns):
        return np.stack(columns, axis=1)
    cells = np.empty((len(columns[0]) if columns else 0, len(columns)), dtype=object)
    for i, column in enumerate(columns):
        cells[:, i] = column
    return cells


def _refuse_repeated(name: str, x: Any, chosen: Sequence[Any]) -> None:
    wanted = set(map(str, chosen))
    repeated = [each for each in repeated_names([str(column) for column in _column_names(x) or ()]) if each in wanted]
    if repeated:
        raise ValueError(f"{name} must have each column once, got {listing(repeated)} more than once")
