"""Checks of the numbers and parameters that a caller gives."""

from collections.abc import Sequence
from math import isfinite
from numbers import Real
from typing import Any

import numpy as np

from xpnet.book.functions import Array


def number(name: str, value: Any) -> float:
    """Return `value` as a finite float, which may be negative, as in the book."""
    if not isinstance(value, Real):
        raise TypeError(f"{name} must be a number, got {value!r}")
    if not isfinite(value):
        raise ValueError(f"{name} must be finite, got {value}")
    return float(value)


def as_column(name: str, x: Any, n: int, several: bool = False) -> Array:
    """Return `x` in float64 if it is a column, shape (n, 1), or `several` side by side, shape (n, m)."""
    x = np.asarray(x)
    if x.ndim != 2 or x.shape[0] != n or not (several or x.shape[1] == 1):
        allowed = f"({n}, 1) or ({n}, m)" if several else f"({n}, 1)"
        raise ValueError(f"{name} must have shape {allowed}, got {x.shape}{hint(x.shape, n)}")
    return x.astype(np.float64, copy=False)


def hint(shape: tuple[int, ...], n: int) -> str:
    """Return advice for the end of an error: how to make a column of n numbers from an array of this shape."""
    if shape == (n,):
        return "; reshape(-1, 1) makes a column of a vector"
    return "; vectorized_result makes a column of a digit" if shape == () else ""


def layer_sizes(weights: Sequence[Any], biases: Sequence[Any]) -> tuple[int, ...]:
    """Return the neurons per layer of a network with weights (n_out, n_in) and biases (n_out, 1).

    Examples
    --------
    >>> layer_sizes([np.zeros((30, 784)), np.zeros((10, 30))], [np.zeros((30, 1)), np.zeros((10, 1))])
    (784, 30, 10)
    """
    if not len(weights) == len(biases) > 0:
        raise ValueError(f"weights and biases must be lists of the same length, got {len(weights)} and {len(biases)}")
    sizes: list[int] = []
    for l, (w, b) in enumerate(zip(map(np.shape, weights), map(np.shape, biases), strict=True)):
        entering = sizes[-1] if sizes else "n_in"
        if len(w) != 2 or (sizes and w[1] != sizes[-1]):
            raise ValueError(f"weights[{l}] must have shape (n_out, {entering}), got {w}")
        if b != (w[0], 1):
            raise ValueError(f"biases[{l}] must have shape {(w[0], 1)}, got {b}")
        sizes += [w[0]] if sizes else [w[1], w[0]]
    return tuple(sizes)
