"""Labels and values in a model's own terms: class numbers, or numbers in the unit of the data, on the host."""

from collections.abc import Sequence
from typing import Any

from xpnet.backend import Array, get, to_numpy
from xpnet.checks import listing
from xpnet.data.columns.cells import category, is_missing
from xpnet.io import Model


def numbers_of(model: Model, y: Any, m: int | None = None) -> Array:
    """Return what `y` says of m rows: class numbers (m,), 0 or 1 for several labels, or the values of a regression.

    Raises
    ------
    ValueError
        If it is not one for each row, has gaps, or holds labels that the model does not know.
    """
    found, network = to_numpy(y), model.network
    if found.ndim == 2 and found.shape[1] == 1:
        found = found[:, 0]
    if found.ndim < 1 or (m is not None and found.shape[0] != m):
        raise ValueError(f"y must hold a target for each of the {m} rows of x, got shape {tuple(found.shape)}")
    _refuse_gaps(found)
    if network.classifies and not network.several:
        return class_numbers(found, model.classes or tuple(range(network.n_classes)))
    _check_shape(found, 1 if network.sizes[-1] == 1 else 2, network.sizes[-1])
    return get("numpy", dtype="float64").asarray(found, name="y")


def class_numbers(y: Any, classes: Sequence[Any]) -> Array:
    """Return the number of each label; 10, "10" and 10.0 are one label, and so are True and 1."""
    y = to_numpy(y)
    if y.ndim != 1:
        raise ValueError(f"y must hold a label for each row, shape (m,), got {tuple(y.shape)}")
    places = {category(label): i for i, label in enumerate(classes)}
    values = y.tolist()
    known = {value: places.get(category(value)) for value in set(values)}
    unknown = [value for value, place in known.items() if place is None]
    if unknown:
        raise ValueError(f"y must hold labels that the model knows ({listing(list(places))}), got {unknown[0]!r}")
    return to_numpy([known[value] for value in values])


def _refuse_gaps(y: Any) -> None:
    for row, value in enumerate(y.tolist()):
        if any(map(is_missing, value if isinstance(value, list) else [value])):
            raise ValueError(f"y must not be missing, got {value!r} in row {row}: leave the row out")


def _check_shape(y: Any, ndim: int, n_out: int) -> None:
    if y.ndim != ndim or (ndim == 2 and y.shape[1] != n_out):
        wanted = "(m,)" if ndim == 1 else f"(m, {n_out})"
        raise ValueError(f"y must have shape {wanted}, got {tuple(y.shape)}")
