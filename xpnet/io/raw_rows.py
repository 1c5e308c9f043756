"""Raw rows for a model: in whatever form they come, a piece at a time, and answers in their library."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from xpnet.backend import Array, get, library_of, of, to_numpy
from xpnet.data import Encoding
from xpnet.data.tables.frames import as_plain, take_features


def as_rows(x: Any, preprocessing: Any, features: tuple[str, ...] | None, n_in: int) -> Any:
    """Return raw rows with the columns of a model, to be taken in slices: a matrix, or a table for an encoding.

    A mapped array stays in its file.
    """
    if isinstance(preprocessing, Encoding):
        x = preprocessing.table(x if library_of(x) is None else to_numpy(x))
    else:
        x = take_features("x", x, features)
        x = to_numpy(x) if library_of(x) is None else x
    if x.ndim != 2:
        raise ValueError(f"x must have shape (m, {n_in}), got {tuple(x.shape)}")
    return x


def as_targets(y: Any, n: int) -> Array:
    """Return the targets of n raw rows as an array."""
    y = as_plain("y", y)
    y = to_numpy(y) if library_of(y) is None else y
    if y.ndim < 1 or y.shape[0] != n:
        raise ValueError(f"y must hold a target for each of the {n} rows of x, got shape {tuple(y.shape)}")
    return y


def scaled(y: Array, targets: Any, n_out: int) -> Array:
    """Return targets in the unit of the data as a network was trained on them; `targets` is their scaling, or None."""
    if targets is None:
        return y
    y = get("numpy", dtype="float64").asarray(y, name="y")
    if y.shape[1:] != (n_out,) and (n_out, y.ndim) != (1, 1):
        raise ValueError(f"y must have shape ({y.shape[0]}, {n_out}), got {y.shape}")
    return (y - targets.shift) / targets.scale


def pieces(n: int, at_once: int) -> Iterator[slice]:
    """Yield slices that cover n rows; one, which is empty, if there are none."""
    return (slice(start, min(start + at_once, n)) for start in range(0, max(1, n), at_once))


def like(result: Array, x: Any) -> Array:
    """Return `result` in the library and on the device of `x`; plain sequences get NumPy."""
    home = library_of(x)
    if home is None or home == "numpy":
        return to_numpy(result)
    if library_of(result) == home:
        return result
    there = of(x) if of(x).xp.isdtype(x.dtype, "real floating") else get(home, device=of(x).device)
    return there.asarray(result)


def label_array(classes: tuple[Any, ...]) -> Any:
    """Return the labels as an array that keeps each as it is: a number beside text stays a number."""
    mixed = len({isinstance(label, str) for label in classes}) > 1
    return np.asarray(classes, dtype=object) if mixed else to_numpy(list(classes))
