"""Number the classes of labels that are text or booleans, as they come from Python: lists, arrays, columns."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from xpnet.backend import library_of, namespace
from xpnet.checks import listing
from xpnet.data.columns.cells import is_missing
from xpnet.data.tables.dataset import Array, Label


def number_classes(
    y: Any, classes: Sequence[Label] | None = None, name: str = "y"
) -> tuple[Any, tuple[Label, ...] | None]:
    """Return labels that are text or booleans as class numbers, with the classes; others as they are, with None.

    Parameters
    ----------
    y : list, array or column, shape (n,)
        A list, an array of any library, or a column of pandas, polars or pyarrow.
    classes : sequence, optional
        The classes to count in, those of the training labels.  Default: the sorted distinct labels; of booleans
        always False and True.
    name : str
        The argument, for messages.

    Returns
    -------
    y : array, shape (n,), integers
        Indices into the classes; ``y`` itself if it holds neither text nor booleans.
    classes : tuple of str or bool, or None
        The label that each number stands for.

    Raises
    ------
    TypeError
        If text and something else are mixed.
    ValueError
        If a label is missing, or is not among ``classes``.

    Examples
    --------
    >>> number_classes(["dog", "cat", "dog"])
    (array([1, 0, 1]), ('cat', 'dog'))
    >>> number_classes(np.asarray([True, False]))
    (array([1, 0]), (False, True))
    >>> number_classes([2, 0, 1])
    ([2, 0, 1], None)
    """
    if library_of(y) not in (None, "numpy"):
        return _number_device_booleans(y)
    host = _host_labels(y)
    if host is None:
        return y, None
    if host.dtype.kind == "b":
        return host.astype(np.int64), (False, True)
    values = _decoded(host.tolist())
    _check_text(values, name)
    values = [str(value) for value in values]  # NumPy's text becomes Python's
    found = tuple(sorted(set(values))) if classes is None else tuple(classes)
    places = {label: i for i, label in enumerate(found)}
    unknown = sorted(set(values).difference(places)) if classes is not None else []
    if unknown:
        raise ValueError(
            f"{name} must hold labels of the training data ({listing(written(found))}), got {unknown[0]!r}"
        )
    return np.asarray([places[value] for value in values], dtype=np.int64), found


def written(classes: Sequence[Label]) -> list[str]:
    """Return labels as Python writes them, for messages.

    Examples
    --------
    >>> written(("cat", True))
    ["'cat'", 'True']
    """
    return [repr(label) for label in classes]


def _number_device_booleans(y: Any) -> tuple[Any, tuple[Label, ...] | None]:
    """Return booleans of an array of any library as integers; other arrays as they are."""
    xp = namespace(y)
    return (xp.astype(y, xp.int32), (False, True)) if y.ndim == 1 and xp.isdtype(y.dtype, "bool") else (y, None)


def _host_labels(y: Any) -> Array | None:
    """Return labels as an array of booleans or of objects, shape (n,), or None if they are numbers."""
    listed = isinstance(y, list | tuple)
    if listed and not any(issubclass(kind, str | bytes | bool | np.bool_) for kind in set(map(type, y))):
        return None  # numbers, or rows of targets
    host = np.asarray(y, dtype=object) if listed else np.asarray(y)
    if host.ndim == 2 and host.shape[1] == 1 and host.dtype.kind in "OUST":
        host = host[:, 0]  # a frame of one column
    if host.ndim != 1 or host.dtype.kind not in "bOUST":
        return None
    if host.dtype.kind != "O":
        return host if host.dtype.kind == "b" else host.astype(object)
    values = host.tolist()
    kinds = {type(value) for value in values if type(value) in (str, bytes, bool) or not is_missing(value)}
    if kinds <= {bool, np.bool_}:
        return host.astype(np.bool_) if len(set(map(type, values)) - kinds) == 0 else host
    return host if any(issubclass(kind, str | bytes) for kind in kinds) else None


def _decoded(values: list[Any]) -> list[Any]:
    """Return labels as text if all of them are bytes, else as they are."""
    all_bytes = all(isinstance(value, bytes) for value in values)
    return [value.decode("utf-8") for value in values] if all_bytes else values


def _check_text(values: list[Any], name: str) -> None:
    """Refuse labels that are missing, and other things among text."""
    others = {type(value).__name__ for value in values if not isinstance(value, str)}
    if not others:
        return
    for row, value in enumerate(values):
        if is_missing(value) and not isinstance(value, str):
            raise ValueError(f"{name} must not be missing, got {value} in row {row}: leave the row out")
    found = sorted(others | ({"str"} if any(isinstance(value, str) for value in values) else set()))
    raise TypeError(f"{name} must hold numbers, text or booleans, and one kind only, got {' and '.join(found)}")
