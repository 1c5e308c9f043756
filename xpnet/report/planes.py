"""What a model says at each place of a plane: the values behind a decision boundary."""

from typing import Any, NamedTuple

import numpy as np

from xpnet.backend import to_numpy
from xpnet.data import Encoding, Table
from xpnet.data.preparing.encoders.numbers import NumberEncoder
from xpnet.io import Model

MARGIN = 0.1  # of the range of the rows, beyond them
MOST_PLACES = 2000  # along a side


class Plane(NamedTuple):
    """What a model says at n x n places.

    Attributes
    ----------
    across, up : array, shape (n,)
        The two columns at the places.
    values : array, shape (n, n)
        A class number, or the value of a regression; the rows go with `up`.
    proba : array, shape (n, n), or None
        The probability of that class.
    n_classes : int
        0 for a regression.
    """

    across: Any
    up: Any
    values: Any
    proba: Any = None
    n_classes: int = 0


def decision_plane(model: Any, x: Any, *, n: int = 200) -> Plane:
    """Return what a model with two inputs says at places around its rows.

    Parameters
    ----------
    model : Result or Model
        It predicts; nothing is trained.
    x : array or Table, shape (m, 2)
        Raw rows, which say how far the plane goes: a tenth of their range beyond them.
    n : int
        How many places a side has.

    Returns
    -------
    Plane

    Raises
    ------
    ValueError
        If `x` has another shape or is not finite, `n` is not between 2 and 2000, or the model tells several labels.

    Examples
    --------
    >>> import xpnet
    >>> x, y = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0]
    >>> result = xpnet.train(xpnet.Network([2, 4, 1]), (x, y), epochs=2)
    >>> plane = decision_plane(result, x, n=5)
    >>> plane.values.shape, plane.n_classes
    ((5, 5), 2)
    """
    rows = rows_in_plane(x)
    if not 2 <= n <= MOST_PLACES:
        raise ValueError(f"n must be between 2 and {MOST_PLACES}, got {n}")
    found = getattr(model, "model", model)  # of a Result
    if found.network.several:
        raise ValueError("model must give one label for each row, got a network for several labels")
    return plane_at(found, *(np.linspace(*wider(column.min(), column.max(), MARGIN), n) for column in rows.T))


def plane_at(model: Model, across: Any, up: Any) -> Plane:
    """Return what a model says where the columns have these values; of several targets, the first."""
    places = np.stack([each.reshape(-1) for each in np.meshgrid(across, up)], axis=1)
    asked, shape = _as_asked(model, places), (len(up), len(across))
    values = to_numpy(model.decide(asked)).reshape(len(places), -1)[:, 0].reshape(shape)
    if not model.network.classifies:
        return Plane(across, up, values)
    proba = to_numpy(model.predict_proba(asked))
    return Plane(across, up, values.astype("int64"), proba.max(axis=1).reshape(shape), proba.shape[1])


def wider(low: float, high: float, share: float) -> tuple[float, float]:
    """Return a range that is wider by a share of itself at both ends, and never empty."""
    margin = share * (float(high) - float(low)) or 0.5
    return float(low) - margin, float(high) + margin


def rows_in_plane(x: Any) -> Any:
    """Return rows as a host array of shape (m, 2)."""
    if isinstance(x, Table):
        x = np.stack([column.numbers() for column in x.columns], axis=1) if x.columns else np.zeros((0, 0))
    rows = np.asarray(to_numpy(x) if hasattr(x, "dtype") else x, dtype="float64")
    if rows.ndim != 2 or rows.shape[1] != 2 or not len(rows):
        raise ValueError(f"x must have shape (m, 2), got {rows.shape}")
    if not np.isfinite(rows).all():
        raise ValueError("x must be finite, got NaN or infinity")
    return rows


def _as_asked(model: Model, places: Any) -> Any:
    """Return places as the rows that a model reads: by the names of its columns where it has such."""
    if not isinstance(model.preprocessing, Encoding):
        return places
    encoders = model.preprocessing.columns
    if len(encoders) != 2 or not all(isinstance(encoder, NumberEncoder) for encoder in encoders):
        raise ValueError(f"model must have two columns of numbers, got {len(encoders)} columns")
    return {encoder.name: column for encoder, column in zip(encoders, places.T, strict=True)}
