"""Turn the columns of a table into inputs of a network: numbers standardized, categories one-hot, dates in parts."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np

from xpnet.checks import listing
from xpnet.data.columns.column import Array, Column
from xpnet.data.columns.spelling import Reading
from xpnet.data.columns.table import Table
from xpnet.data.errors import FormatError
from xpnet.data.preparing.encoders import checked
from xpnet.data.preparing.encoders.categories import CategoryEncoder
from xpnet.data.preparing.encoders.choices import Choices
from xpnet.data.preparing.encoders.dates import DateEncoder
from xpnet.data.preparing.encoders.gaps import CellError
from xpnet.data.preparing.encoders.numbers import NumberEncoder
from xpnet.data.tables.frames import feature_names, typed_features

Encoder: TypeAlias = NumberEncoder | CategoryEncoder | DateEncoder
ENCODERS: dict[str, type[Encoder]] = {
    "number": NumberEncoder,
    "boolean": NumberEncoder,
    "date": DateEncoder,
    "category": CategoryEncoder,
    "text": CategoryEncoder,
}


@dataclass(frozen=True)
class Encoding:
    """How the columns of a table become numbers; it is fitted on the training rows only.

    Attributes
    ----------
    columns : tuple of NumberEncoder, CategoryEncoder or DateEncoder
        One for each column of the table.
    missing : tuple of str
        Markers of gaps beside the usual ones, in text.

    Examples
    --------
    >>> cells = np.asarray([["4", "black"], ["2", "green"], ["", "black"]], dtype=object)
    >>> encoding = Encoding.fit(cells, ("legs", "color"), impute="mean")
    >>> encoding.names
    ('legs', 'color=black', 'color=green')
    >>> encoding.apply(cells)
    array([[ 1.,  1.,  0.],
           [-1.,  0.,  1.],
           [ 0.,  1.,  0.]], dtype=float32)
    >>> Encoding.fit(cells, ("legs", "color"), impute="indicator", rare=2).names
    ('legs', 'legs missing', 'color=black', 'color (rare)')
    """

    columns: tuple[Encoder, ...]
    missing: tuple[str, ...] = ()

    @classmethod
    def fit(
        cls,
        x: Any,
        features: Collection[str] | None = None,
        *,
        impute: str | None = None,
        categorical: Collection[str] = (),
        missing: Collection[str] = (),
        bins: int = 0,
        rare: int = 0,
    ) -> "Encoding":
        """Return the encoding of the training rows.

        Parameters
        ----------
        x : Table, frame, mapping of str to columns, or array of cells, shape (n, n_columns)
            Text or numbers.  A column of numbers or booleans becomes one input, a column of dates five, a column of
            text one for each category.  A mixture of numbers and text is refused unless `categorical` names it.
        features : collection of str, length n_columns, optional
            The names of the columns; of a table or a frame those wanted.  Default: all columns of a table or a frame.
        impute : {"mean", "median", "indicator"}, optional
            What replaces missing numbers and dates; missing categories become the most common one.  With
            ``"indicator"`` the median replaces them, and a column that has gaps in the training rows gets an additional
            input that is 1 at gaps; a missing category becomes this input only, or all zeros if the training rows have
            no gap.  None refuses missing cells.
        categorical : collection of str, optional
            Columns whose numbers are codes, such as zip codes.
        missing : collection of str, optional
            Markers of gaps beside the usual ones, in text.
        bins : int, optional
            Numbers, and days of dates, become also piecewise-linear inputs between so many quantiles of the training
            rows: ``clip((x - e[i]) / (e[i + 1] - e[i]), 0, 1)`` for the distinct quantiles e (arXiv:2203.05556).  With
            0 or 1, and for columns of at most two distinct numbers, there are none.
        rare : int, optional
            Categories with fewer training rows share one input, and new categories take it as well.  More than 1000
            categories are then allowed: the least common ones share that input, too.

        Raises
        ------
        FormatError
            If a column mixes numbers and text, can be read in two ways (1,234), has missing cells only, or has over
            1000 categories without `rare`.
        ValueError
            If `impute` is unknown, `bins` or `rare` is negative, `categorical` names no column, `x` has another number
            of columns or none that have names, or entries are masked.
        TypeError
            If `bins` or `rare` is no whole number.
        """
        choices = Choices(impute, bins, rare).checked()
        names, codes = _names(x, features), set(categorical)
        unknown = sorted(codes.difference(names))
        if unknown:
            raise ValueError(f"categorical must name columns of the table, got {unknown[0]!r}")
        table = typed_features(x, names, Reading(tuple(missing), kinds=dict.fromkeys(codes, "category")))
        return cls(tuple(_fit(column, choices, column.name in codes) for column in table.columns), tuple(missing))

    @cached_property
    def features(self) -> tuple[str, ...]:
        """The name of each column of the table."""
        return tuple(column.name for column in self.columns)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The name of each encoded input; that of a category is ``column=category``.

        That of an interval is ``column 0.31 to 0.4``, of gaps ``column missing``, of rare categories ``column (rare)``.
        """
        return tuple(name for column in self.columns for name in column.names)

    @cached_property
    def reading(self) -> Reading:
        """How new text is read: as the text of the training rows was."""
        kinds = {column.name: column.kind for column in self.columns if column.kind is not None}
        spelled = (column for column in self.columns if not isinstance(column, CategoryEncoder))
        spellings = {column.name: column.spelling for column in spelled if column.spelling is not None}
        return Reading(self.missing, kinds=kinds, spellings=spellings)

    def table(self, x: Any) -> Table:
        """Return rows as a table of the columns that were fitted; a frame or table is matched by name.

        A mapping of names to cells is one row, and a sequence of such mappings is as many rows.

        Raises
        ------
        ValueError
            If the rows have another number of columns, a frame, table or mapping lacks one, or entries are masked.

        Examples
        --------
        >>> encoding = Encoding.fit({"legs": [4, 2], "color": ["black", "green"]})
        >>> encoding.apply({"legs": 2, "color": "black"})
        array([[-1.,  1.,  0.]], dtype=float32)
        """
        return typed_features(x, self.features, self.reading)

    def apply(self, x: Any, *, dtype: str = "float32") -> Array:
        """Return the rows as numbers, shape (n, number of `names`); a frame is matched by the names of its columns.

        Raises
        ------
        ValueError
            If the rows have another number of columns, a frame lacks one, or entries are masked.
        FormatError
            If a cell is missing, or is not a number in a number column; the message names row and column.
        """
        table = self.table(x)
        encoded = np.empty((len(table), self._places[-1].stop if self._places else 0), dtype=dtype)
        for encoder, column, place in zip(self.columns, table.columns, self._places, strict=True):
            try:
                encoder.encode_into(column, encoded[:, place])
            except CellError as error:  # name the place in the file, if there is one
                raise error if table.place is None else error.at(table.place(error.row)) from error
        return encoded

    @cached_property
    def _places(self) -> tuple[slice, ...]:
        """The inputs of each column."""
        ends = np.cumsum([column.width for column in self.columns]).tolist()
        return tuple(slice(end - column.width, end) for column, end in zip(self.columns, ends, strict=True))

    def to_json(self) -> dict[str, Any]:
        """Return the encoding as plain JSON."""
        markers = {"missing": list(self.missing)} if self.missing else {}
        return {"kind": "encoding", "columns": [column.to_json() for column in self.columns], **markers}

    @classmethod
    def from_json(cls, value: Any) -> "Encoding":
        """Return the encoding that `to_json` described."""
        try:
            made = cls(tuple(_from_json(column) for column in value["columns"]), checked.texts(value, "missing"))
        except (AttributeError, KeyError, TypeError) as error:
            raise FormatError(f"encoding must be what to_json returned, got {value!r:.200}") from error
        if len(set(made.features)) < len(made.features):
            raise FormatError(f"encoding must have columns of different names, got {listing(made.features)}")
        return made


def _names(x: Any, features: Collection[str] | None) -> tuple[str, ...]:
    names = x.names if isinstance(x, Table) else tuple(x) if isinstance(x, Mapping) else feature_names(x)
    if features is None and names is None:
        raise ValueError(f"features must name the columns of x, which has no names of its own, got {type(x).__name__}")
    return tuple(names or ()) if features is None else tuple(features)


def _fit(column: Column, choices: Choices, categorical: bool) -> Encoder:
    if len(column) == 0 or column.missing.all():
        raise FormatError(f"column '{column.name}' must hold something in the training part, got only missing cells")
    if column.doubt is not None and not categorical:
        raise FormatError(column.doubt.told(column.name))
    return ENCODERS["category" if categorical else column.kind].fit(column, choices)


def _from_json(value: dict[str, Any]) -> Encoder:
    if "categories" in value:
        return CategoryEncoder.from_json(value)
    return DateEncoder.from_json(value) if "first" in value else NumberEncoder.from_json(value)
