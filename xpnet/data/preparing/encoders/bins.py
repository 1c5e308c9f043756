"""Piecewise-linear inputs: how far a number is through each interval between quantiles of the training rows."""

import math
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from xpnet.data.columns.column import Array
from xpnet.data.errors import FormatError
from xpnet.data.preparing.rounding import roundings

ROWS_AT_ONCE = 8192  # so that the intermediate results stay in the cache
LARGEST = 2.0**1023
TINY = float(np.finfo(np.float64).tiny)  # the smallest normal number: a narrower interval has no reliable width


@dataclass(frozen=True)
class Bins:
    """The intervals of a column; each becomes an input ``clip((x - e[i]) / (e[i + 1] - e[i]), 0, 1)``.

    Attributes
    ----------
    edges : tuple of float
        Increasing, at least three; or none, then there is no input.

    References
    ----------
    Gorishniy, Rubachev and Babenko 2022, On embeddings for numerical features in tabular deep learning, equation 1,
    arXiv:2203.05556, with 0 below the first edge and 1 above the last one.

    Examples
    --------
    >>> bins = Bins.of(np.asarray([0.0, 1.0, 2.0, 4.0, 8.0]), 2)
    >>> bins.names("size")
    ('size 0 to 2', 'size 2 to 8')
    >>> out = np.empty((3, 2))
    >>> bins.encode_into(np.asarray([1.0, 5.0, 9.0]), out)
    >>> out
    array([[0.5, 0. ],
           [1. , 0.5],
           [1. , 1. ]])
    """

    edges: tuple[float, ...] = ()

    @classmethod
    def of(cls, ordered: Array, bins: int) -> "Bins":
        """Return the intervals between the distinct quantiles of finite numbers, shape (n,), sorted.

        There are none if fewer than two intervals are left, or if there are at most two distinct numbers: the
        standardized number already tells them apart.
        """
        if bins < 2 or np.count_nonzero(ordered[1:] > ordered[:-1]) < 2:
            return cls()
        last = len(ordered) - 1
        bins = min(bins, last)
        place, rest = np.divmod(np.arange(bins + 1) * last, bins)  # whole numbers: exact at samples and at both ends
        below, above = ordered[place], ordered[np.minimum(place + 1, last)]
        quantiles = np.minimum(below + rest / bins * (above - below), above).tolist()
        edges = quantiles[:1]
        for edge in quantiles[1:]:
            if edge - edges[-1] > max(TINY, roundings(np.float64) * max(abs(edge), abs(edges[-1]))):
                edges.append(edge)
        return cls(tuple(edges) if len(edges) > 2 else ())

    def __len__(self) -> int:
        """Return the number of inputs."""
        return max(0, len(self.edges) - 1)

    def names(self, name: str) -> tuple[str, ...]:
        """Return the name of each input, with as few digits as tell the edges apart, six at least."""
        written = next(
            texts
            for digits in range(6, 18)
            if len(set(texts := [f"{edge:.{digits}g}" for edge in self.edges])) == len(texts)
        )
        return tuple(f"{name} {low} to {high}" for low, high in pairwise(written))

    @cached_property
    def _lower(self) -> Array:
        return np.asarray(self.edges[:-1])

    @cached_property
    def _width(self) -> Array:
        return np.diff(np.asarray(self.edges))

    def encode_into(self, numbers: Array, out: Array) -> None:
        """Write the inputs of finite float64 numbers, shape (n,), into ``out``, shape (n, number of inputs)."""
        if not self.edges:
            return
        for start in range(0, len(numbers), ROWS_AT_ONCE):
            rows = slice(start, start + ROWS_AT_ONCE)
            inside = numbers[rows, None] - self._lower
            np.maximum(inside, 0.0, out=inside)
            np.minimum(inside, self._width, out=inside)  # before the division, so that nothing overflows
            inside /= self._width
            out[rows] = inside

    def to_json(self) -> dict[str, Any]:
        """Return the entry in the JSON of an encoder, if there are intervals."""
        return {"edges": list(self.edges)} if self.edges else {}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Bins":
        """Return the intervals in the JSON of an encoder.

        Raises
        ------
        FormatError
            If the edges are not finite and increasing.
        """
        if "edges" not in value:
            return NONE
        edges = value["edges"]
        numbers = isinstance(edges, list) and all(type(edge) in (int, float) and abs(edge) < LARGEST for edge in edges)
        if not numbers or len(edges) < 3 or not all(TINY <= b - a < math.inf for a, b in pairwise(edges)):
            raise FormatError(f"edges must be at least three increasing numbers, got {edges!r:.200}")
        return cls(tuple(map(float, edges)))


NONE = Bins()
