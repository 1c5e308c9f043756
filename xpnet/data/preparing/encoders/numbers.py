"""Numbers and booleans become standardized numbers, and inputs for intervals and gaps where these are wanted."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from xpnet.data.columns.column import Array, Column
from xpnet.data.columns.spelling import Reading, Spelling
from xpnet.data.columns.texts import retyped
from xpnet.data.errors import FormatError
from xpnet.data.preparing.encoders import checked
from xpnet.data.preparing.encoders.bins import NONE, Bins
from xpnet.data.preparing.encoders.choices import Choices
from xpnet.data.preparing.encoders.gaps import CellError, first_gap, json_of_spelling, spelling_of_json
from xpnet.data.preparing.rounding import roundings

MARGIN = 0.1  # of the range of training; numbers that are outside of it by less are not told


@dataclass(frozen=True, slots=True)
class NumberEncoder:
    """A column of numbers or booleans, encoded as ``(number - mean) / scale``, then by its intervals, then by its gaps.

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
    bins : Bins
        The intervals, one input each; empty if there are none.
    gaps : bool
        Whether an additional input is 1 where the cell was missing.

    Examples
    --------
    >>> from xpnet.data.columns.building import column_of
    >>> encoder, out = NumberEncoder.fit(column_of("legs", [4, 2]), Choices()), np.empty((2, 1))
    >>> encoder.encode_into(column_of("legs", ["3", "4"]), out)
    >>> out
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
    bins: Bins = NONE
    gaps: bool = False

    @classmethod
    def fit(cls, column: Column, choices: Choices) -> "NumberEncoder":
        """Return the encoder of a column that has a number.

        Raises
        ------
        FormatError
            If a number is infinite, or the squares cannot be summed.
        """
        numbers, gaps = column.numbers(), bool(column.missing.any())
        numbers = numbers[~column.missing] if gaps else numbers
        with np.errstate(over="ignore", invalid="ignore"):  # the next line refuses infinity
            mean = float(np.add.reduce(numbers)) / len(numbers)
            distances = numbers - mean
            deviation = math.sqrt(float(distances @ distances) / len(numbers))
        if not math.isfinite(deviation):
            raise _too_large(column.name, numbers)
        scale = deviation if deviation > roundings(np.float64) * abs(mean) else 1.0
        bins = Bins.of(np.sort(numbers), choices.bins) if choices.bins else NONE
        fill = None if choices.impute is None else mean if choices.impute == "mean" else _median(numbers)
        low, high = float(numbers.min()), float(numbers.max())
        told = gaps and choices.impute == "indicator"
        return cls(column.name, mean, scale, fill, column.spelling, low, high, bins, told)

    @property
    def names(self) -> tuple[str, ...]:
        """The name of each input."""
        return (self.name, *self.bins.names(self.name), *((f"{self.name} missing",) if self.gaps else ()))

    @property
    def width(self) -> int:
        """The number of inputs."""
        return 1 + len(self.bins) + self.gaps

    @property
    def kind(self) -> str | None:
        """The kind that text must be read as; None if it is found out."""
        return None

    def encode_into(self, column: Column, out: Array) -> None:
        """Write its numbers into ``out``, shape (n, `width`)."""
        read = self.read(column)
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
        standardized = numbers - self.mean
        standardized /= self.scale
        out[:, 0] = standardized
        self.bins.encode_into(numbers, out[:, 1 : 1 + len(self.bins)])
        if self.gaps:
            out[:, -1] = read.missing

    def read(self, column: Column) -> Column:
        """Return the column, its text read as that of the training rows was."""
        if column.kind not in ("category", "text"):
            return column
        return retyped(column, Reading(spellings={self.name: self.spelling} if self.spelling else {}))

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
        >>> encoder = NumberEncoder.fit(column_of("legs", [4, 2]), Choices())
        >>> encoder.unseen(column_of("legs", [3, 8, None, 1])), encoder.span
        ((2, '8'), '2 to 4')
        """
        read = self.read(column)
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
        gaps = {"missing": True} if self.gaps else {}
        return plain | self.bins.to_json() | gaps | json_of_spelling(self.spelling)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "NumberEncoder":
        """Return the encoder that `to_json` described."""
        low, high = checked.numbers(value, "range", 2) if "range" in value else (None, None)
        bins, gaps, spelling = Bins.from_json(value), bool(checked.flag(value, "missing")), spelling_of_json(value)
        name, mean = checked.text(value, "name"), checked.number(value, "mean")
        scale = checked.number(value, "scale", positive=True)
        fill = None if value["fill"] is None else checked.number(value, "fill")
        return cls(name, mean, scale, fill, spelling, low, high, bins, gaps)


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
