"""Turn the cells of a table into inputs of a network: standardize numbers, encode categories one-hot, fill gaps."""

import math
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from statistics import fmean, median
from typing import Any

import numpy as np

from xpnet.data.columns.cells import is_missing
from xpnet.data.columns.spellings import category, foreign_number, is_boolean, number_of
from xpnet.data.errors import FormatError
from xpnet.data.preparing.rounding import usable_scale
from xpnet.data.tables.dataset import Array
from xpnet.data.tables.frames import take_features

IMPUTE = ("mean", "median")
MOST_CATEGORIES = 1000


@dataclass(frozen=True, slots=True)
class NumberColumn:
    """A column of numbers, encoded as ``(cell - mean) / scale``; `fill` replaces missing cells, None refuses them."""

    name: str
    mean: float
    scale: float
    fill: float | None = None

    @property
    def width(self) -> int:
        """The number of inputs that the column becomes."""
        return 1

    def encode(self, cells: Array) -> Array:
        """Return its numbers, shape (n, 1)."""
        return np.asarray([(self._number(cell, i) - self.mean) / self.scale for i, cell in enumerate(cells)])[:, None]

    def _number(self, cell: Any, row: int) -> float:
        if is_missing(cell):
            if self.fill is None:
                raise FormatError(f"row {row}, column '{self.name}' must not be missing, got {cell!r}")
            return self.fill
        number = number_of(cell)
        if number is None or not math.isfinite(number):
            spelling = foreign_number(cell) if isinstance(cell, str) else None
            advice = f": write it without {spelling}" if spelling else ""
            raise FormatError(f"row {row}, column '{self.name}' must be a finite number, got {cell!r}{advice}")
        return number


@dataclass(frozen=True, slots=True)
class CategoryColumn:
    """A column of categories, encoded one-hot; a category that was not in the training rows becomes all zeros."""

    name: str
    categories: tuple[str, ...]
    fill: str | None = None

    @property
    def width(self) -> int:
        """The number of inputs that the column becomes."""
        return len(self.categories)

    def encode(self, cells: Array) -> Array:
        """Return its numbers, shape (n, categories)."""
        places = {name: i for i, name in enumerate(self.categories)}
        encoded = np.zeros((len(cells), len(places)))
        for row, cell in enumerate(cells):
            name = category(cell)
            if is_missing(cell):
                if self.fill is None:
                    raise FormatError(f"row {row}, column '{self.name}' must not be missing, got {cell!r}")
                name = self.fill
            if name in places:
                encoded[row, places[name]] = 1.0
        return encoded


@dataclass(frozen=True, slots=True)
class Encoding:
    """How the columns of a table become numbers; it is fitted on the training rows only.

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
    """

    columns: tuple[NumberColumn | CategoryColumn, ...]

    @classmethod
    def fit(
        cls, x: Array, features: Collection[str], *, impute: str | None = None, categorical: Collection[str] = ()
    ) -> "Encoding":
        """Return the encoding of the training rows.

        Parameters
        ----------
        x : array of cells or frame, shape (n, n_columns)
            Text or numbers.  A column of numbers and booleans only is a number column; a column without numbers is
            a category column; a mixture is refused unless `categorical` names it.
        features : collection of str, length n_columns
        impute : {"mean", "median"}, optional
            What replaces missing numbers; missing categories become the most common one.  None refuses missing cells.
        categorical : collection of str, optional
            Columns whose numbers are codes, such as zip codes.

        Raises
        ------
        FormatError
            If a column mixes numbers and text, writes numbers in another spelling (1,25 or 12 %), has missing
            cells only, or has over 1000 categories.
        ValueError
            If `impute` is unknown, `categorical` names no column, `x` has another number of columns, or entries are
            masked.
        """
        if impute is not None and impute not in IMPUTE:
            raise ValueError(f"impute must be one of {', '.join(IMPUTE)}, got {impute!r}")
        names, codes = tuple(features), set(categorical)
        unknown = sorted(codes.difference(names))
        if unknown:
            raise ValueError(f"categorical must name columns of the table, got {unknown[0]!r}")
        cells = _cells(x, names)
        return cls(tuple(_fit_column(name, cells[:, i], impute, name in codes) for i, name in enumerate(names)))

    @property
    def features(self) -> tuple[str, ...]:
        """The name of each column of the table."""
        return tuple(column.name for column in self.columns)

    @property
    def names(self) -> tuple[str, ...]:
        """The name of each encoded input; that of a category is ``column=category``."""
        return tuple(name for column in self.columns for name in _names(column))

    def apply(self, x: Array, *, dtype: str = "float32") -> Array:
        """Return the rows as numbers, shape (n, number of `names`); a frame is matched by the names of its columns.

        Raises
        ------
        ValueError
            If the rows have another number of columns, a frame lacks one, or entries are masked.
        FormatError
            If a cell is missing, or is not a number in a number column; the message names row and column.
        """
        cells = _cells(x, self.features)
        return np.concatenate([c.encode(cells[:, i]) for i, c in enumerate(self.columns)], axis=1).astype(dtype)

    def to_json(self) -> dict[str, Any]:
        """Return the encoding as plain JSON."""
        return {"kind": "encoding", "columns": [_to_json(column) for column in self.columns]}

    @classmethod
    def from_json(cls, value: Any) -> "Encoding":
        """Return the encoding that `to_json` described."""
        try:
            return cls(tuple(_from_json(column) for column in value["columns"]))
        except (KeyError, TypeError) as error:
            raise FormatError(f"encoding must be what to_json returned, got {value!r}") from error


def _cells(x: Any, features: tuple[str, ...]) -> Array:
    """Return the cells of these columns unchanged, or refuse x."""
    cells = np.asarray(take_features("x", x, features), dtype=object)
    if cells.ndim != 2 or cells.shape[1] != len(features):
        raise ValueError(f"x must have shape (m, {len(features)}), got {cells.shape}")
    return cells


def _fit_column(name: str, cells: Array, impute: str | None, categorical: bool) -> NumberColumn | CategoryColumn:
    present = [cell for cell in cells if not is_missing(cell)]
    if not present:
        raise FormatError(f"column '{name}' must hold something in the training part, got only missing cells")
    numbers = [number for cell in present if (number := number_of(cell)) is not None]
    if len(numbers) == len(present) and not categorical:
        return _fit_numbers(name, numbers, impute)
    if not categorical:
        _refuse_mixture(name, present)
    counts = Counter(map(category, present))
    if len(counts) > MOST_CATEGORIES:
        raise FormatError(
            f"column '{name}' must have at most {MOST_CATEGORIES} categories, got {len(counts)}: leave it out"
        )
    return CategoryColumn(name, tuple(sorted(counts)), counts.most_common(1)[0][0] if impute else None)


def _refuse_mixture(name: str, present: list[Any]) -> None:
    """Refuse a column that mixes numbers and text, or writes numbers in another way; booleans count as text here."""
    foreign = {cell: spelling for cell in present if isinstance(cell, str) and (spelling := foreign_number(cell))}
    others = [cell for cell in present if cell not in foreign]
    texts = [cell for cell in others if is_boolean(cell) or number_of(cell) is None]
    call = "call the column categorical"
    if texts and (foreign or len(texts) < len(others)):
        raise FormatError(
            f"column '{name}' must hold numbers or text, got {texts[0]!r} among numbers: repair it, or {call}"
        )
    if foreign:
        cell, spelling = next(iter(foreign.items()))
        n = len(present) - len(others)
        raise FormatError(
            f"column '{name}' must hold plain numbers such as 1234.5, got {cell!r} with {spelling}: rewrite "
            f"{'this cell' if n == 1 else f'these {n} cells'} as plain numbers, or {call}"
        )


def _fit_numbers(name: str, numbers: list[float], impute: str | None) -> NumberColumn:
    if not all(map(math.isfinite, numbers)):
        raise FormatError(f"column '{name}' must hold finite numbers, got infinity")
    try:
        with np.errstate(over="ignore"):
            mean, scale = fmean(numbers), float(np.std(np.asarray(numbers, dtype="float64")))
    except OverflowError:  # the sum is too large
        mean, scale = math.inf, math.inf
    if not math.isfinite(mean) or not math.isfinite(scale):
        raise FormatError(f"column '{name}' must hold numbers whose squares can be summed, got up to {max(numbers):g}")
    fill = {None: None, "mean": mean, "median": float(median(numbers))}[impute]
    return NumberColumn(name, mean, float(usable_scale(np.asarray(mean), np.asarray(scale), np.float64)), fill)


def _names(column: NumberColumn | CategoryColumn) -> Iterator[str]:
    if isinstance(column, NumberColumn):
        yield column.name
    else:
        yield from (f"{column.name}={category}" for category in column.categories)


def _to_json(column: NumberColumn | CategoryColumn) -> dict[str, Any]:
    if isinstance(column, NumberColumn):
        return {"name": column.name, "mean": column.mean, "scale": column.scale, "fill": column.fill}
    return {"name": column.name, "categories": list(column.categories), "fill": column.fill}


def _from_json(value: dict[str, Any]) -> NumberColumn | CategoryColumn:
    if "categories" in value:
        return CategoryColumn(value["name"], tuple(value["categories"]), value["fill"])
    return NumberColumn(**value)
