"""Numbers and booleans become standardized numbers, and piecewise-linear inputs if they are wanted."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from xpnet.data.columns.column import Array, Column
from xpnet.data.columns.spelling import Reading, Spelling
from xpnet.data.columns.texts import retyped
from xpnet.data.errors import FormatError
from xpnet.data.preparing.encoders.gaps import CellError, first_gap, json_of_spelling, spelling_of_json
from xpnet.data.preparing.encoders.pieces import piece_names, pieces, quantile_edges
from xpnet.data.preparing.rounding import roundings

MARGIN = 0.1  # of the range of training; numbers that are outside of it by less are not told


@dataclass(frozen=True, slots=True)
class NumberEncoder:
    """A column of numbers or booleans, encoded as ``(number - mean) / scale``, and in pieces between quantiles.

    Attributes
    ----------
    name : str
    mean, scale : float
        Of the training rows.
    fill : float, optional
        What replaces gaps; None refuses them.
    spelling : Spelling, optional
        How the text of the training rows wrote the numbers.
    low, high : float, optional
        The smallest and the largest number of the training rows; None in files of earlier versions.
    edges : tuple of float
        Quantiles of the training rows; between each two of them there is a piecewise-linear input.
    indicator : bool
        Whether another input is 1 where there is a gap.

    Examples
    --------
    >>> from xpnet.data.columns.building import column_of
    >>> NumberEncoder.fit(column_of("legs", [4, 2]), None).encode(column_of("legs", ["3", "4"]))
    array([[0.],
           [1.]])
    """

    name: str
    mean: float
    scale: float
    fill: float | None = None
    spelling: Spelling | None = None
    low: float | None = None
    high: float | None = None
    edges: tuple[float, ...] = ()
    indicator: bool = False

    @classmethod
    def fit(cls, column: Column, impute: str | None, *, bins: int = 0) -> "NumberEncoder":
        """Return the encoder of a column that has a number; of few different ones there are fewer pieces than `bins`.

        Raises
        ------
        FormatError
            If a number is infinite, or the squares cannot be summed.
        """
        numbers = column.numbers()
        numbers = numbers[~column.missing] if column.missing.any() else numbers
        with np.errstate(over="ignore", invalid="ignore"):  # the next line refuses infinity
            mean = float(np.add.reduce(numbers)) / len(numbers)
            distances = numbers - mean
            deviation = math.sqrt(float(distances @ distances) / len(numbers))
        if not math.isfinite(deviation):
            raise _too_large(column.name, numbers)
        scale = deviation if deviation > roundings(np.float64) * abs(mean) else 1.0
        fill = None if impute is None else mean if impute == "mean" else _median(numbers)
        low, high = float(numbers.min()), float(numbers.max())
        edges = quantile_edges(numbers, bins) if bins else ()
        indicator = impute == "indicator" and len(numbers) < len(column)
        return cls(column.name, mean, scale, fill, column.spelling, low, high, edges, indicator)

    @property
    def names(self) -> tuple[str, ...]:
        """The name of each input: the number, its pieces, whether it is missing."""
        return (self.name, *piece_names(self.name, self.edges), *([f"{self.name} (missing)"] if self.indicator else []))

    @property
    def kind(self) -> str | None:
        """The kind that text must be read as; None if it is found out."""
        return None

    def encode(self, column: Column) -> Array:
        """Return its numbers, shape (n, number of `names`), float64."""
        read = retyped(column, Reading(spellings={self.name: self.spelling} if self.spelling else {}))
        if read.kind not in ("number", "boolean"):
            raise self._refusal(read)
        numbers = read.numbers()
        if read.missing.any():
            if self.fill is None:
                raise first_gap(read)
            numbers = np.where(read.missing, self.fill, numbers)
        finite = np.isfinite(numbers)
        if not finite.all():
            row = int(np.argmin(finite))
            raise CellError(row, self.name, f"must be a finite number, got {numbers[row]}")
        standardized = ((numbers - self.mean) / self.scale)[:, None]
        if not (self.edges or self.indicator):
            return standardized
        missing = [read.missing[:, None]] if self.indicator else []
        return np.concatenate([standardized, *([pieces(numbers, self.edges)] if self.edges else []), *missing], axis=1)

    @property
    def span(self) -> str:
        """The range of the training rows, in words."""
        return f"{self.low:.6g} to {self.high:.6g}"

    def unseen(self, column: Column) -> tuple[int, str]:
        """Return in how many rows the number is outside of the range of training, and the first of them.

        A number counts if it is outside by more than a tenth of the range: new rows often are by a little.

        Examples
        --------
        >>> from xpnet.data.columns.building import column_of
        >>> encoder = NumberEncoder.fit(column_of("legs", [4, 2]), None)
        >>> encoder.unseen(column_of("legs", [3, 8, None, 1])), encoder.span
        ((2, '8'), '2 to 4')
        """
        read = retyped(column, Reading(spellings={self.name: self.spelling} if self.spelling else {}))
        if self.low is None or self.high is None or read.kind not in ("number", "boolean"):
            return 0, ""
        numbers = read.numbers()
        margin = MARGIN * (self.high - self.low)
        rows = np.flatnonzero((numbers < self.low - margin) | (numbers > self.high + margin))  # a gap is neither
        return len(rows), f"{numbers[rows[0]]:.6g}" if len(rows) else ""

    def _refusal(self, read: Column) -> CellError:
        """Return the error about the first cell that is no number."""
        if read.kind == "date":
            row = int(np.argmin(read.missing))
            return CellError(row, self.name, f"must be a finite number, got the date {read.values[row]}")
        usable = np.asarray([_is_number(self.name, text, self.spelling) for text in read.distinct])
        row = int(np.argmin(usable[read.values] | read.missing))
        return CellError(row, self.name, f"must be a finite number, got {read.distinct[read.values[row]]!r}")

    def to_json(self) -> dict[str, Any]:
        """Return the encoder as plain JSON."""
        plain = {"name": self.name, "mean": self.mean, "scale": self.scale, "fill": self.fill}
        plain |= {} if self.low is None else {"range": [self.low, self.high]}
        plain |= {"edges": list(self.edges)} if self.edges else {}
        plain |= {"indicator": True} if self.indicator else {}
        return plain | json_of_spelling(self.spelling)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "NumberEncoder":
        """Return the encoder that `to_json` described."""
        low, high = value.get("range", (None, None))
        return cls(
            value["name"],
            value["mean"],
            value["scale"],
            value["fill"],
            spelling_of_json(value),
            low,
            high,
            tuple(value.get("edges", ())),
            bool(value.get("indicator", False)),
        )


def _too_large(name: str, numbers: Array) -> FormatError:
    if not np.isfinite(numbers).all():
        return FormatError(f"column '{name}' must hold finite numbers, got infinity")
    return FormatError(f"column '{name}' must hold numbers whose squares can be summed, got up to {numbers.max():g}")


def _median(numbers: Array) -> float:
    """Return the median; `numpy.median` takes five times as long for short columns."""
    middle = (len(numbers) - 1) // 2, len(numbers) // 2
    parted = np.partition(numbers, middle)
    return float(parted[middle[0]] + parted[middle[1]]) / 2.0


def _is_number(name: str, text: str, spelling: Spelling | None) -> bool:
    """Return whether one text is a number or a boolean in this spelling."""
    column = Column(name, "category", np.zeros(1, np.int32), np.zeros(1, np.bool_), (text,))
    return retyped(column, Reading(spellings={name: spelling} if spelling else {})).kind in ("number", "boolean")
