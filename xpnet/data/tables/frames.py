"""Turn frames of pandas, polars and pyarrow, masked arrays and matrices into plain arrays; match columns by name."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from xpnet.backend import plain_array
from xpnet.data.columns.building import table_of
from xpnet.data.columns.spelling import Reading
from xpnet.data.columns.table import Table
from xpnet.data.frame_columns import frame_columns
from xpnet.data.tables.columns import listing, repeated_names


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
    x : frame or array
        A frame with named columns is matched by name; its other columns are ignored.  Anything else is taken by
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

    Examples
    --------
    >>> take_features("x", np.asarray([[1.0, 2.0]]), ("a", "b"))
    array([[1., 2.]])
    """
    x = x if features is None else _as_columns(x, features)
    names = tuple(x) if isinstance(x, Mapping) else feature_names(x)
    if names is None or features is None:
        return as_plain(name, x)
    _check_there(name, names, features)
    return _columns(name, x, list(features))


def typed_features(x: Any, features: Sequence[str], reading: Reading) -> Table:
    """Return examples as a table of typed columns, those of a model in its order.

    Parameters
    ----------
    x : Table, frame, mapping, sequence of mappings, or array (n, n_in)
        What has names is matched by them; its other columns are ignored.  A mapping holds columns, or the cells of one
        row; a sequence of mappings holds rows.  Anything else is taken by position.
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
    >>> len(typed_features({"color": "black", "legs": 4}, ("legs", "color"), Reading()))
    1
    """
    x = _as_columns(x, features)
    names = x.names if isinstance(x, Table) else tuple(x) if isinstance(x, Mapping) else feature_names(x)
    if names is None:
        return table_of(np.asarray(as_plain("x", x), dtype=None if hasattr(x, "dtype") else object), features, reading)
    _check_there("x", names, features)
    if isinstance(x, Table):
        return x if names == tuple(features) else x.select(features)
    if not isinstance(x, Mapping):
        _refuse_repeated("x", x, features)
    return Table(frame_columns(x, features, reading))


def _as_columns(x: Any, features: Sequence[str]) -> Any:
    """Return rows with names as columns: the cells of one row in a mapping, or a sequence of such mappings.

    Raises
    ------
    ValueError
        If a row lacks a feature, or a mapping holds cells beside columns.
    """
    if isinstance(x, Mapping):
        cells = [name for name in features if name in x and _is_cell(x[name])]
        if not cells:
            return x
        _check_there("x", tuple(x), features)
        if len(cells) < len(features):
            columns = [name for name in features if name not in cells]
            told = f"the cell {cells[0]!r} beside the column {columns[0]!r}"
            raise ValueError(f"x must hold the cells of one row, or columns, got {told}")
        return {name: [x[name]] for name in features}
    if isinstance(x, list | tuple) and x and isinstance(x[0], Mapping):
        for i, row in enumerate(x):
            _check_there(f"x[{i}]", tuple(row), features)
        return {name: [row[name] for row in x] for name in features}
    return x


def _is_cell(value: Any) -> bool:
    """Return whether this is a cell, not a column."""
    return isinstance(value, str | bytes) or value is None or not hasattr(value, "__len__")


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
        masked = int(np.ma.getmaskarray(x).sum())
        if masked:
            raise ValueError(f"{name} must not have masked entries, got {masked}; fill them or leave their rows out")
        return np.asarray(x.data)
    if isinstance(x, np.ndarray) and type(x) not in (np.ndarray, np.memmap):
        return np.asarray(x)
    return plain_array(x, name) if isinstance(x, list | tuple) else x


def _column_names(x: Any) -> list[Any] | None:
    """Return the names of the columns of a frame of pandas or polars or a table of pyarrow, or None."""
    if hasattr(x, "column_names") and hasattr(x, "column"):
        return list(x.column_names)
    return list(x.columns) if hasattr(x, "columns") and hasattr(x, "to_numpy") else None


def _columns(name: str, x: Any, chosen: list[Any]) -> Any:
    """Return some columns of a frame as one array: of one numeric dtype if all are numbers, else of objects."""
    if not isinstance(x, Mapping):
        _refuse_repeated(name, x, chosen)
    columns = [np.asarray(x[column]) for column in chosen]
    if columns and all(column.dtype.kind in "biuf" for column in columns):
        return np.stack(columns, axis=1)
    cells = np.empty((len(columns[0]), len(chosen)), dtype=object)
    for i, column in enumerate(columns):
        cells[:, i] = column
    return cells


def _refuse_repeated(name: str, x: Any, chosen: Sequence[Any]) -> None:
    wanted = set(map(str, chosen))
    repeated = [each for each in repeated_names([str(column) for column in _column_names(x) or ()]) if each in wanted]
    if repeated:
        raise ValueError(f"{name} must have each column once, got {listing(repeated)} more than once")
