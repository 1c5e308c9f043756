"""Categories become one input each."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from xpnet.data.columns.column import Array, Column
from xpnet.data.columns.texts import as_categories
from xpnet.data.errors import FormatError
from xpnet.data.preparing.encoders.gaps import first_gap

MOST_CATEGORIES = 1000


@dataclass(frozen=True, slots=True)
class CategoryEncoder:
    """A column of categories, encoded one-hot; a category that was not in the training rows becomes all zeros.

    Attributes
    ----------
    name : str
    categories : tuple of str
        Sorted.
    fill : str, optional
        The category that replaces gaps; None refuses them.

    Examples
    --------
    >>> from xpnet.data.columns.building import column_of
    >>> CategoryEncoder("color", ("black", "green")).encode(column_of("color", ["green", "pink"]))
    array([[0., 1.],
           [0., 0.]])
    """

    name: str
    categories: tuple[str, ...]
    fill: str | None = None

    @classmethod
    def fit(cls, column: Column, impute: str | None) -> "CategoryEncoder":
        """Return the encoder of a column that has a category; the commonest one replaces gaps.

        Raises
        ------
        FormatError
            If there are over 1000 categories.
        """
        read = as_categories(column)
        counts = np.bincount(read.values[~read.missing], minlength=len(read.distinct))
        found = [(text, count) for text, count in zip(read.distinct, counts.tolist(), strict=True) if count]
        if len(found) > MOST_CATEGORIES:
            raise FormatError(
                f"column '{column.name}' must have at most {MOST_CATEGORIES} categories, got {len(found)}: leave it out"
            )
        commonest = max(found, key=lambda each: each[1])[0]  # of equally common ones the first in the table
        return cls(column.name, tuple(sorted(text for text, _ in found)), commonest if impute else None)

    @property
    def names(self) -> tuple[str, ...]:
        """The name of each input."""
        return tuple(f"{self.name}={category}" for category in self.categories)

    @property
    def kind(self) -> str | None:
        """The kind that text must be read as."""
        return "category"

    def encode(self, column: Column) -> Array:
        """Return its numbers, shape (n, number of categories), float64."""
        read = as_categories(column)
        if self.fill is None and read.missing.any():
            raise first_gap(read)
        place = {category: i for i, category in enumerate(self.categories)}
        known = np.asarray([place.get(text, -1) for text in read.distinct] + [place.get(self.fill or "", -1)])
        chosen = known[np.where(read.missing, len(read.distinct), read.values)]
        encoded = np.zeros((len(read), len(self.categories)))
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
        known = set(self.categories)
        new = np.asarray([text not in known for text in read.distinct] + [False])
        rows = np.flatnonzero(new[np.where(read.missing, len(read.distinct), read.values)])
        return len(rows), read.distinct[read.values[rows[0]]] if len(rows) else ""

    def to_json(self) -> dict[str, Any]:
        """Return the encoder as plain JSON."""
        return {"name": self.name, "categories": list(self.categories), "fill": self.fill}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "CategoryEncoder":
        """Return the encoder that `to_json` described."""
        return cls(value["name"], tuple(value["categories"]), value["fill"])
