"""Raw rows for a model: in whatever form they come, a piece at a time, and answers in their library."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from xpnet.backend import Array, get, library_of, of, to_numpy
from xpnet.checks import from_row, is_number, listing
from xpnet.data import Encoding, Table
from xpnet.data.tables.frames import as_plain, take_features


def as_rows(x: Any, preprocessing: Any, features: tuple[str, ...] | None, n_in: int) -> Any:
    """Return raw rows with the columns of a model, to be taken in slices: a matrix, or a table for an encoding.

    A mapped array stays in its file.
    """
    if isinstance(preprocessing, Encoding):
        x = preprocessing.table(x if library_of(x) is None else to_numpy(x))
    else:
        x = x if _is_array(x) else _matrix(x, features)
    if x.ndim != 2:
        raise ValueError(f"x must have shape (m, {n_in}), got {tuple(x.shape)}")
    return x


def _is_array(x: Any) -> bool:
    """Return whether `x` is an array and nothing more: no frame, no masked array, no list."""
    return type(x) is np.ndarray or library_of(x) not in (None, "numpy")


def _matrix(x: Any, features: tuple[str, ...] | None) -> Any:
    """Return rows in another form as an array."""
    x = take_features("x", _row(x, features) if isinstance(x, Mapping) else x, features)
    return to_numpy(x) if library_of(x) is None else x


def _row(x: Mapping[str, Any], features: tuple[str, ...] | None) -> Any:
    """Return the numbers of one row, given by the names of its columns, shape (1, n_in)."""
    if features is None:
        raise ValueError("x must be rows of numbers for a model that knows no names of columns, got a mapping")
    missing = [name for name in features if name not in x]
    if missing:
        raise ValueError(f"x must have the columns {listing(missing)}, got {listing(list(x))}")
    for name in features:
        if not (is_number(x[name]) or isinstance(x[name], bool | np.bool_)):
            raise TypeError(f"x must hold one number in column {name!r}, got {x[name]!r}")
    return np.asarray([[x[name] for name in features]])


def as_targets(y: Any, n: int, scaling: Any, n_out: int) -> Array:
    """Return the targets of n raw rows as an array, as the network was trained on them."""
    y = as_plain("y", y)
    y = to_numpy(y) if library_of(y) is None else y
    if y.ndim < 1 or y.shape[0] != n:
        raise ValueError(f"y must hold a target for each of the {n} rows of x, got shape {tuple(y.shape)}")
    if scaling is None:
        return y
    y = get("numpy", dtype="float64").asarray(y, name="y")
    if y.shape[1:] != (n_out,) and (n_out, y.ndim) != (1, 1):
        raise ValueError(f"y must have shape ({y.shape[0]}, {n_out}), got {y.shape}")
    return (y - scaling.shift) / scaling.scale


def piecewise(f: Callable[..., Array], at_once: int, *rows: Any) -> list[Array]:
    """Return what `f` gives for rows, and their targets, a piece at a time; its errors count from the first row."""
    n, found = rows[0].shape[0], []
    for start in range(0, n, at_once):
        part = slice(start, min(start + at_once, n))
        try:
            found.append(f(*(each[part, ...] for each in rows)))
        except ValueError as error:
            if start and not isinstance(rows[0], Table):  # a table knows its rows
                raise ValueError(from_row(start, str(error))) from error
            raise
    return found


def like(result: Array, x: Any) -> Array:
    """Return `result` in the library and on the device of `x`; plain sequences get NumPy."""
    home = library_of(x) or "numpy"
    if library_of(result) == home:
        return result
    if home == "numpy":
        return to_numpy(result)
    there = of(x) if of(x).xp.isdtype(x.dtype, "real floating") else get(home, device=of(x).device)
    return there.asarray(result)


def label_array(classes: tuple[Any, ...]) -> Any:
    """Return the labels as an array that keeps each as it is: a number beside text stays a number."""
    mixed = len({isinstance(label, str) for label in classes}) > 1
    return np.asarray(classes, dtype=object) if mixed else to_numpy(list(classes))
