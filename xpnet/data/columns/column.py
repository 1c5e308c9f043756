"""One typed column of a table: its values as one array, and a mask of its gaps."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from xpnet.data.columns.spelling import Spelling

Array: TypeAlias = npt.NDArray[Any]


class Doubt(NamedTuple):
    """Why a column of text was read as categories although it looks like more, such as numbers among text.

    Attributes
    ----------
    row : int
        The first row at fault, in the table that was read.
    words : str
        The end of an error message: what the column must hold, and what it holds.
    place : str
        The place of the row in the file, in words; empty if there is no file.

    Examples
    --------
    >>> Doubt(3, "must hold numbers or text, got 'two' among numbers").told("legs")
    "row 3, column 'legs' must hold numbers or text, got 'two' among numbers"
    """

    row: int
    words: str
    place: str = ""

    def told(self, column: str) -> str:
        """Return the error message."""
        return f"{self.place or f'row {self.row}'}, column '{column}' {self.words}"


KINDS = ("number", "boolean", "date", "category", "text")
DTYPES = {"number": "if", "boolean": "b", "date": "M", "category": "i", "text": "i"}  # the kinds of NumPy's dtypes


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A named column of one kind.  `column_of` finds the kind; this is the value that it returns.

    Attributes
    ----------
    name : str
    kind : {"number", "boolean", "date", "category", "text"}
        Text is a category column with too many categories to be one: more than 20, most of which occur once.
    values : array, shape (n,)
        Numbers: int64 if all are whole numbers that it holds, else float64.  Booleans: bool.  Dates: datetime64[us],
        in UTC where the text names a time zone.  Categories and text: int32 codes into ``distinct``.
    missing : array, shape (n,), bool
        True at gaps.  There ``values`` holds 0, NaN, False, NaT or -1.
    distinct : tuple of str
        The distinct texts of a category or text column, in the order of their first rows; else empty.  A column of
        some rows keeps those of the whole column.
    spelling : Spelling, optional
        How the text wrote the values; None if plainly, or if they never were text.
    remark : str, optional
        What may have been meant in another way, in words; None if nothing.
    doubt : Doubt, optional
        Why text was read as categories although it looks like more; None if nothing is wrong.

    Raises
    ------
    ValueError
        If the kind is unknown, or the arrays do not fit together.

    Examples
    --------
    >>> column = Column("legs", "number", np.asarray([4, 0]), np.asarray([False, True]))
    >>> len(column), column.numbers()
    (2, array([ 4., nan]))
    """

    name: str
    kind: str
    values: Array
    missing: Array
    distinct: tuple[str, ...] = ()
    spelling: Spelling | None = None
    remark: str | None = None
    doubt: Doubt | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}, got {self.kind!r}")
        if self.values.dtype.kind not in DTYPES[self.kind] or self.values.ndim != 1:
            raise ValueError(f"values must be an array (n,) for a {self.kind} column, got {self.values.dtype}")
        if self.missing.dtype.kind != "b" or self.missing.shape != self.values.shape:
            raise ValueError(f"missing must be a mask of shape {self.values.shape}, got {self.missing.shape}")

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.values)

    def __eq__(self, other: object) -> bool:
        """Return whether the other column has the same name, kind, values and gaps."""
        if not isinstance(other, Column):
            return NotImplemented
        if (self.name, self.kind, self.distinct) != (other.name, other.kind, other.distinct):
            return False
        same = self.values.dtype == other.values.dtype and np.array_equal(self.values, other.values, equal_nan=True)
        return bool(same and np.array_equal(self.missing, other.missing))

    __hash__ = None  # type: ignore[assignment]  # it holds arrays

    def take(self, rows: slice | Sequence[int] | Array) -> "Column":
        """Return the column of the chosen rows; ``distinct`` stays.

        Examples
        --------
        >>> Column("legs", "number", np.asarray([4, 2]), np.zeros(2, dtype=bool)).take([1]).values
        array([2])
        """
        values, missing = self.values[rows], self.missing[rows]
        return Column(self.name, self.kind, values, missing, self.distinct, self.spelling, self.remark, self.doubt)

    def numbers(self) -> Array:
        """Return numbers and booleans as float64, NaN at gaps, shape (n,).

        Raises
        ------
        TypeError
            If the column holds something else.

        Examples
        --------
        >>> Column("sold", "boolean", np.asarray([True, False]), np.zeros(2, dtype=bool)).numbers()
        array([1., 0.])
        """
        if self.kind not in ("number", "boolean"):
            raise TypeError(f"column '{self.name}' must hold numbers or booleans, got the kind {self.kind}")
        if self.values.dtype == np.float64 and not self.missing.any():
            return self.values
        return np.where(self.missing, np.nan, self.values.astype(np.float64))
