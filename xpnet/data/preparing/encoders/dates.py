"""Dates become standardized numbers: year, month, day of the week, hour, and days since the first one."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from xpnet.data.columns.column import Array, Column
from xpnet.data.columns.spelling import Reading, Spelling
from xpnet.data.columns.texts import retyped
from xpnet.data.preparing.encoders import checked
from xpnet.data.preparing.encoders.bins import NONE, Bins
from xpnet.data.preparing.encoders.choices import Choices
from xpnet.data.preparing.encoders.gaps import CellError, first_gap, json_of_spelling, spelling_of_json
from xpnet.data.preparing.rounding import usable_scale

PARTS = ("year", "month", "weekday", "hour", "days")
DAY = np.timedelta64(86_400_000_000, "us")
HOUR = np.timedelta64(3_600_000_000, "us")


@dataclass(frozen=True, slots=True)
class DateEncoder:
    """A column of dates, encoded as ``(part - mean) / scale`` of each part.

    The parts are the year, the month (1 to 12), the day of the week (Monday is 0), the hour with its fraction, and
    the days since the first date of the training rows.

    Attributes
    ----------
    name : str
    first : str
        The first date of the training rows, in ISO's spelling.
    mean, scale : tuple of float
        Of the parts, in the training rows.
    fill : str, optional
        The date that replaces gaps; None refuses them.
    spelling : Spelling, optional
        The order of the text of the training rows.
    last : str, optional
        The last date of the training rows, in ISO's spelling.
    bins : Bins
        Intervals of the days since the first date, one input each; empty if there are none.
    gaps : bool
        Whether an additional input is 1 where the cell was missing.

    Examples
    --------
    >>> from xpnet.data.columns.building import column_of
    >>> DateEncoder.fit(column_of("when", ["2024-01-31", "2024-03-02"]), Choices()).names
    ('when.year', 'when.month', 'when.weekday', 'when.hour', 'when.days')
    """

    name: str
    first: str
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    fill: str | None = None
    spelling: Spelling | None = None
    last: str | None = None
    bins: Bins = NONE
    gaps: bool = False

    @classmethod
    def fit(cls, column: Column, choices: Choices) -> "DateEncoder":
        """Return the encoder of a column that has a date; the mean or the median date replaces gaps."""
        dates = column.values[~column.missing]
        first = dates.min()
        parts = _parts(dates, first)
        mean, deviation = parts.mean(axis=0), parts.std(axis=0)
        scale = usable_scale(mean, deviation, np.float64)
        since = (dates - first).astype(np.int64)
        middle = since.mean() if choices.impute == "mean" else np.median(since)
        fill = None if choices.impute is None else str(first + np.timedelta64(round(float(middle)), "us"))
        bins = Bins.of(np.sort(parts[:, -1]), choices.bins) if choices.bins else NONE
        gaps = choices.impute == "indicator" and bool(column.missing.any())
        return cls(
            column.name,
            str(first),
            tuple(mean.tolist()),
            tuple(scale.tolist()),
            fill,
            column.spelling,
            str(dates.max()),
            bins,
            gaps,
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The name of each input."""
        parts = [f"{self.name}.{part}" for part in PARTS]
        return (*parts, *self.bins.names(parts[-1]), *((f"{self.name} missing",) if self.gaps else ()))

    @property
    def width(self) -> int:
        """The number of inputs."""
        return len(PARTS) + len(self.bins) + self.gaps

    @property
    def kind(self) -> str | None:
        """The kind that text must be read as; None if it is found out."""
        return None

    def encode_into(self, column: Column, out: Array) -> None:
        """Write its numbers into ``out``, shape (n, `width`)."""
        read = self.read(column)
        if read.kind != "date" and not read.missing.all():
            row = int(np.argmin(read.missing))
            found = repr(read.distinct[read.values[row]]) if read.distinct else read.values[row]
            raise CellError(row, self.name, f"must be a date, got {found}")
        if self.fill is None and read.missing.any():
            raise first_gap(read)
        dates = read.values if read.kind == "date" else np.full(len(read), "NaT", dtype="datetime64[us]")
        filled = np.where(read.missing, np.datetime64(self.fill or self.first, "us"), dates)
        parts = _parts(filled, np.datetime64(self.first, "us"))
        out[:, : len(PARTS)] = (parts - np.asarray(self.mean)) / np.asarray(self.scale)
        self.bins.encode_into(parts[:, -1], out[:, len(PARTS) : len(PARTS) + len(self.bins)])
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
        return f"{self.first[:10]} to {(self.last or '')[:10]}"

    def unseen(self, column: Column) -> tuple[int, str]:
        """Return in how many rows the date is outside of the range of training, and the first of them.

        A date counts if it is outside by more than a tenth of the range.

        Examples
        --------
        >>> from xpnet.data.columns.building import column_of
        >>> encoder = DateEncoder.fit(column_of("when", ["2024-01-31", "2024-03-02"]), Choices())
        >>> encoder.unseen(column_of("when", ["2024-02-01", "2025-01-01"])), encoder.span
        ((1, '2025-01-01'), '2024-01-31 to 2024-03-02')
        """
        read = self.read(column)
        if self.last is None or read.kind != "date":
            return 0, ""
        first, last = (np.datetime64(each, "us") for each in (self.first, self.last))
        margin = (last - first) // 10
        rows = np.flatnonzero((read.values < first - margin) | (read.values > last + margin))  # a gap is neither
        return len(rows), str(read.values[rows[0]])[:10] if len(rows) else ""

    def to_json(self) -> dict[str, Any]:
        """Return the encoder as plain JSON."""
        plain = {"name": self.name, "first": self.first, "mean": list(self.mean), "scale": list(self.scale)}
        last = {} if self.last is None else {"last": self.last}
        gaps = {"missing": True} if self.gaps else {}
        return plain | {"fill": self.fill} | last | self.bins.to_json() | gaps | json_of_spelling(self.spelling)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "DateEncoder":
        """Return the encoder that `to_json` described."""
        name, first = checked.text(value, "name"), checked.date(value, "first")
        mean, scale = (
            checked.numbers(value, "mean", len(PARTS)),
            checked.numbers(value, "scale", len(PARTS), positive=True),
        )
        bins, gaps, spelling = Bins.from_json(value), bool(checked.flag(value, "missing")), spelling_of_json(value)
        fill = None if value["fill"] is None else checked.date(value, "fill")
        last = None if value.get("last") is None else checked.date(value, "last")
        return cls(name, first, mean, scale, fill, spelling, last, bins, gaps)


def _parts(dates: Array, first: Any) -> Array:
    """Return the parts of dates, shape (n, 5), float64."""
    days, months = dates.astype("datetime64[D]"), dates.astype("datetime64[M]").astype(np.int64)
    return np.stack(
        [
            1970.0 + months // 12,
            1.0 + months % 12,
            (days.astype(np.int64) + 3) % 7,  # 1970-01-01 was a Thursday
            (dates - days) / HOUR,
            (dates - first) / DAY,
        ],
        axis=1,
    )
