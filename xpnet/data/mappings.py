"""Rows as mappings of Python: a mapping of names to columns, one of names to cells, or a list of the latter."""

from collections.abc import Mapping, Sequence
from typing import Any

from xpnet.checks import listing


def is_mappings(x: Any) -> bool:
    """Return whether these are rows as mappings.

    Examples
    --------
    >>> is_mappings({"legs": 4}), is_mappings([{"legs": 4}]), is_mappings([[4]])
    (True, True, False)
    """
    return isinstance(x, Mapping) or (isinstance(x, list | tuple) and bool(x) and isinstance(x[0], Mapping))


def columns_of_mappings(name: str, x: Any, features: Sequence[str]) -> dict[str, Any]:
    """Return some columns of rows that are mappings.

    Parameters
    ----------
    name : str
        The argument, for messages.
    x : mapping of str to columns or to cells, or sequence of mappings of str to cells
        A mapping of names to cells is one row.
    features : sequence of str
        The columns wanted; others are ignored.

    Returns
    -------
    dict of str to sequence
        In the order of ``features``.

    Raises
    ------
    ValueError
        If a column is missing, the lengths differ, or there are cells in some columns and sequences in others.
    TypeError
        If a row is no mapping.

    Examples
    --------
    >>> columns_of_mappings("x", {"legs": 4, "color": "red"}, ("color", "legs"))
    {'color': ['red'], 'legs': [4]}
    >>> columns_of_mappings("x", [{"legs": 4}, {"legs": 2}], ("legs",))
    {'legs': [4, 2]}
    """
    if isinstance(x, Mapping):
        columns = _taken(name, "", x, features)
        cells = [_is_cell(value) for value in columns.values()]
        if not any(cells):
            lengths = sorted({len(column) for column in columns.values()})
            if len(lengths) > 1:
                raise ValueError(f"{name} must have columns of one length, got the lengths {lengths}")
            return columns
        _refuse_sequences(name, "", columns, cells)
        return {feature: [value] for feature, value in columns.items()}
    rows = [_taken(name, f" in row {i}", row, features) for i, row in enumerate(x)]
    for i, row in enumerate(rows):
        _refuse_sequences(name, f" of row {i}", row, [_is_cell(value) for value in row.values()])
    return {feature: [row[feature] for row in rows] for feature in features}


def _taken(name: str, where: str, row: Any, features: Sequence[str]) -> dict[str, Any]:
    if not isinstance(row, Mapping):
        raise TypeError(f"{name} must hold a mapping for each row, got {type(row).__name__}{where}")
    try:
        return {feature: row[feature] for feature in features}
    except KeyError:
        missing = [feature for feature in features if feature not in row]
        raise ValueError(
            f"{name} must have the columns {listing(missing)}{where}, got {listing([str(key) for key in row])}"
        ) from None


def _refuse_sequences(name: str, where: str, row: dict[str, Any], cells: list[bool]) -> None:
    if not all(cells):
        column = list(row)[cells.index(False)]
        found = type(row[column]).__name__
        raise ValueError(f"{name} must hold one cell in every column of a row, got a {found} in '{column}'{where}")


def _is_cell(value: Any) -> bool:
    """Return whether a value is one cell: text, a number, a date or a gap, but no sequence of them."""
    if isinstance(value, str | bytes):
        return True
    ndim = getattr(value, "ndim", None)  # of arrays, of numbers of NumPy, and of columns of frames
    return not hasattr(value, "__len__") if ndim is None else ndim == 0
