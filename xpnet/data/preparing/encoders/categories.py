"""Categories become one input each; rare ones share one, and gaps may have one of their own."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from xpnet.data.columns.column import Array, Column
from xpnet.data.columns.texts import as_categories
from xpnet.data.errors import FormatError
from xpnet.data.preparing.encoders.gaps import first_gap

MOST_CATEGORIES = 1000


@dataclass(frozen=True)
class CategoryEncoder:
    """A column of categories, encoded one-hot.

    A category that was not in the training rows is taken for a rare one; if none was rare, it becomes all zeros.

    Attributes
    ----------
    name : str
    categories : tuple of str
        Sorted; each has an input.
    fill : str, optional
        The category that replaces gaps; None refuses them, unless they have an input of their own.
    rare : tuple of str
        Sorted; they share an input.
    indicator : bool
        Whether gaps are a category of their own.

    Examples
    --------
    >>> from xpnet.data.columns.building import column_of
    >>> CategoryEncoder("color", ("black", "green")).encode(column_of("color", ["green", "pink"]))
    array([[0., 1.],
           [0., 0.]])
    >>> colors = column_of("color", ["red", "red", "blue", "pink", None])
    >>> encoder = CategoryEncoder.fit(colors, "indicator", rare=2)
    >>> encoder.names
    ('color=red', 'color (rare)', 'color (missing)')
    """

    name: str
    categories: tuple[str, ...]
    fill: str | None = None
    rare: tuple[str, ...] = ()
    indicator: bool = False

    @classmethod
    def fit(cls, column: Column, impute: str | None, *, rare: int = 0) -> "CategoryEncoder":
        """Return the encoder of a column that has a category.

        The commonest category replaces gaps; with "indicator", gaps of the training rows are a category of their own.
        Categories with fewer than `rare` rows share an input, and so do those behind the 1000 commonest.

        Raises
        ------
        FormatError
            If there are over 1000 categories, and none may be rare.
        """
        read = as_categories(column)
        counts = np.bincount(read.values[~read.missing], minlength=len(read.distinct))
        found = [(text, count) for text, count in zip(read.distinct, counts.tolist(), strict=True) if count]
        if len(found) > MOST_CATEGORIES and not rare:
            raise FormatError(
                f"column '{column.name}' must have at most {MOST_CATEGORIES} categories, got {len(found)}: leave it out"
            )
        falling = sorted(found, key=lambda each: -each[1])  # of equally common ones the first in the table
        common = [text for text, count in falling[:MOST_CATEGORIES] if count >= rare]
        others = tuple(sorted(text for text, _ in found if text not in set(common))) if rare else ()
        indicator = impute == "indicator" and bool(read.missing.any())
        fill = falling[0][0] if impute and not indicator else None
        return cls(column.name, tuple(sorted(common)), fill, others, indicator)

    @property
    def names(self) -> tuple[str, ...]:
        """The name of each input."""
        rare = [f"{self.name} (rare)"] if self.rare else []
        missing = [f"{self.name} (missing)"] if self.indicator else []
        return (*(f"{self.name}={category}" for category in self.categories), *rare, *missing)

    @property
    def kind(self) -> str | None:
        """The kind that text must be read as."""
        return "category"

    @cached_property
    def _places(self) -> dict[str, int]:
        """The input of each category that training saw."""
        places = {category: i for i, category in enumerate(self.categories)}
        return {**places, **dict.fromkeys(self.rare, len(self.categories))}

    def encode(self, column: Column) -> Array:
        """Return its numbers, shape (n, number of `names`), float64."""
        read = as_categories(column)
        if self.fill is None and not self.indicator and read.missing.any():
            raise first_gap(read)
        places, n_common = self._places, len(self.categories)
        new = n_common if self.rare else -1
        gap = n_common + bool(self.rare) if self.indicator else places.get(self.fill or "", -1)
        known = np.asarray([places.get(text, new) for text in read.distinct] + [gap])
        chosen = known[np.where(read.missing, len(read.distinct), read.values)]
        encoded = np.zeros((len(read), n_common + bool(self.rare) + self.indicator))
        rows = np.flatnonzero(chosen >= 0)
        encoded[rows, chosen[rows]] = 1.0
        return encoded

    def unseen(self, column: Column) -> tuple[int, str]:
        """Return in how many rows there is a category that training did not see, and the first of them.

        Examples
        --------
        >>> from xpnet.data.columns.building import column_of
        >>> CategoryEncoder("color", ("black",)).unseen(column_of("color", ["pink", "black", None, "red"]))
        (2, 'pink')
        """
        read = as_categories(column)
        new = np.asarray([text not in self._places for text in read.distinct] + [False])
        rows = np.flatnonzero(new[np.where(read.missing, len(read.distinct), read.values)])
        return len(rows), read.distinct[read.values[rows[0]]] if len(rows) else ""

    def to_json(self) -> dict[str, Any]:
        """Return the encoder as plain JSON."""
        plain: dict[str, Any] = {"name": self.name, "categories": list(self.categories), "fill": self.fill}
        plain |= {"rare": list(self.rare)} if self.rare else {}
        return plain | ({"indicator": True} if self.indicator else {})

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "CategoryEncoder":
        """Return the encoder that `to_json` described."""
        rare, indicator = tuple(value.get("rare", ())), bool(value.get("indicator", False))
        return cls(value["name"], tuple(value["categories"]), value["fill"], rare, indicator)
