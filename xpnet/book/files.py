"""The book's file format for a network: JSON with "sizes", "weights", "biases" and "cost"."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import numpy as np

from xpnet.book.arguments import layer_sizes
from xpnet.book.functions import Array
from xpnet.data import FormatError
from xpnet.io import write_atomically

PathLike = str | os.PathLike[str]


class Saved(NamedTuple):
    """The content of a file."""

    sizes: list[int]
    weights: list[Array]
    biases: list[Array]
    cost: str  # the name of a class


def write(filename: PathLike, weights: Sequence[Array], biases: Sequence[Array], cost: str) -> None:
    """Write a network whole or not at all.

    Raises
    ------
    ValueError
        If a weight or bias is not finite: JSON cannot express it, and `read` would refuse the file.
    """
    for name, arrays in (("weights", weights), ("biases", biases)):
        for l, x in enumerate(arrays):
            if not np.isfinite(x).all():
                raise ValueError(f"{name}[{l}] must be finite to be saved, got {_first_not_finite(np.asarray(x))}")
    content = {
        "sizes": list(layer_sizes(weights, biases)),
        "weights": [np.asarray(w).tolist() for w in weights],
        "biases": [np.asarray(b).tolist() for b in biases],
        "cost": cost,
    }
    write_atomically(filename, json.dumps(content).encode())


def read(filename: PathLike) -> Saved:
    """Read a network that `write`, or the book's own code, wrote.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    FormatError
        If it is truncated, foreign, its parts do not fit each other, or a weight or bias is NaN or infinite.
    """
    try:
        content = json.loads(Path(filename).read_bytes(), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise FormatError(f"{filename}: must be JSON, got a truncated or foreign file: {error}") from error
    missing = set(Saved._fields) - set(content if isinstance(content, dict) else ())
    if missing:
        raise FormatError(f"{filename}: must hold {', '.join(Saved._fields)}, got no {', '.join(sorted(missing))}")
    try:
        weights, biases = ([_numbers(x) for x in content[name]] for name in ("weights", "biases"))
        found = list(layer_sizes(weights, biases))
    except (TypeError, ValueError) as error:
        raise FormatError(f"{filename}: must hold the weights and biases of a network: {error}") from error
    if content["sizes"] != found:
        raise FormatError(f"{filename}: sizes must be those of the weights, {found}, got {content['sizes']!r}")
    if not isinstance(content["cost"], str):
        raise FormatError(f"{filename}: cost must be the name of a class, got {content['cost']!r}")
    return Saved(found, weights, biases, content["cost"])


def _numbers(rows: Any) -> Array:
    x = np.asarray(rows)
    if x.dtype.kind not in "iuf":
        raise TypeError(f"they must be numbers, got {x.dtype}")
    if not np.isfinite(x).all():  # JSON allows 1e999, which Python reads as infinity
        raise ValueError(f"they must be finite, got {_first_not_finite(x)}")
    return x.astype(np.float64)


def _first_not_finite(x: Array) -> float:
    return float(x[~np.isfinite(x)][0])


def _refuse(word: str) -> NoReturn:
    """Refuse NaN and Infinity, which are not JSON, though Python reads them."""
    raise ValueError(f"{word} is no number of JSON")
