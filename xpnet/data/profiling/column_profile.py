"""What one column holds: its kind, gaps, range or categories, and whether it looks like an id."""

from dataclasses import asdict, dataclass
from math import isfinite
from typing import Any

import numpy as np

from xpnet.data.columns.column import Array, Column
from xpnet.data.columns.texts import MIXED

FEW = 20  # with fewer rows ids cannot be recognized reliably


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """What one column of a table holds, and what becomes of it.

    Attributes
    ----------
    name : str
    kind : {"number", "boolean", "date", "category", "text"}
    missing : int
        The number of gaps.
    low, high : float, str or None
        The smallest and the largest number; of dates, in ISO's form; of booleans, as they are written.  None for
        categories and empty columns.
    categories : int or None
        The number of distinct texts; None for numbers and dates.
    commonest : str or None
        The category with most rows.
    constant : bool
        Whether all cells that are there are equal.
    left_out : str or None
        Why the column is not trained on; None if it is.
    inputs : int or None
        How many inputs of the network it becomes; None until an encoding is fitted, 0 if it is left out.
    """

    name: str
    kind: str
    missing: int = 0
    low: float | str | None = None
    high: float | str | None = None
    categories: int | None = None
    commonest: str | None = None
    constant: bool = False
    left_out: str | None = None
    inputs: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the profile as plain JSON."""
        return asdict(self)


def profile_column(column: Column) -> ColumnProfile:
    """Return what a column holds.

    Examples
    --------
    >>> from xpnet.data.columns.building import column_of
    >>> profile_column(column_of("legs", [4, 2, None, 4])).high
    4
    >>> profile_column(column_of("color", ["red", "blue", "red"])).commonest
    'red'
    """
    present = column.values[~column.missing] if column.missing.any() else column.values
    missing = len(column) - len(present)
    if not len(present):
        return ColumnProfile(column.name, column.kind, missing, left_out="it holds nothing")
    if column.kind in ("category", "text"):
        counts = np.bincount(present, minlength=len(column.distinct))
        n = int((counts > 0).sum())
        return ColumnProfile(
            column.name,
            column.kind,
            missing,
            categories=n,
            commonest=column.distinct[int(counts.argmax())],
            constant=n == 1,
            left_out=_unique_text(column, n, len(present)),
        )
    low, high = _plain(present.min()), _plain(present.max())
    if column.spelling is not None and column.spelling.words:
        low, high = column.spelling.words[low], column.spelling.words[high]
    reason = "it numbers the rows, as an id does" if column.kind == "number" and numbers_rows(present) else None
    return ColumnProfile(column.name, column.kind, missing, low, high, constant=low == high, left_out=reason)


def numbers_rows(present: Array) -> bool:
    """Return whether numbers are whole, distinct and without large gaps, as row numbers are after a split.

    Examples
    --------
    >>> numbers_rows(np.arange(100)[::-1]), numbers_rows(np.arange(100) ** 2), numbers_rows(np.arange(100) / 2)
    (True, False, False)
    """
    n = len(present)
    if n < FEW or not float(present.max()) - float(present.min()) < 2 * n:
        return False
    if present.dtype.kind == "f" and not (present == np.floor(present)).all():
        return False
    places = (present - present.min()).astype(np.int64)
    return bool(np.bincount(places).max() == 1)


def _unique_text(column: Column, categories: int, n: int) -> str | None:
    """Return why text is left out; not if it is numbers or dates that can be read in two ways: an error asks which."""
    in_doubt = column.doubt is not None and not column.doubt.words.startswith(MIXED)
    if column.kind != "text" or 2 * categories <= n or in_doubt:
        return None
    return f"nearly unique text, {categories} texts in {n} rows"


def _plain(value: Any) -> Any:
    """Return a value of an array as plain JSON; a date at midnight without its time."""
    if isinstance(value, np.datetime64):
        text = str(np.datetime_as_string(value, unit="s"))
        return text.removesuffix("T00:00:00")
    plain = value.item()
    return plain if isfinite(plain) else str(plain)  # JSON has no infinity
