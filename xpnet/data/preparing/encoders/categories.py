"""Categories become one input each; rare ones share an input, and gaps have their own, where that is wanted."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from xpnet.data.columns.column import Array, Column
from xpnet.data.columns.texts import as_categories
from xpnet.data.errors import FormatError
from xpnet.data.preparing.encoders import checked
from xpnet.data.preparing.encoders.choices import Choices
from xpnet.data.preparing.encoders.gaps import first_gap

MOST_CATEGORIES = 1000


@dataclass(frozen=True)
class CategoryEncoder:
    """A column of categories, encoded one-hot.

    A category that was not in the training rows is encoded as the rare ones are, or as all zeros if none is rare.

    Attributes
    ----------
    name : str
    categories : tuple of str
        Those with an input of their own, sorted.
    fill : str, optional
        The category that replaces gaps.
    rare : tuple of str
        Those that share one input, sorted.
    gaps : bool, optional
        Whether gaps have an input of their own; False encodes them as all zeros, None replaces them by ``fill``, or
        refuses them if there is no ``fill``.

    Examples
    --------
    >>> from xpnet.data.columns.building import column_of
    >>> encoder, out = CategoryEncoder("color", ("black", "green")), np.empty((2, 2))
    >>> encoder.encode_into(column_of("color", ["green", "pink"]), out)
    >>> out
    array([[0., 1.],
           [0., 0.]])
    >>> CategoryEncoder("color", ("black", "green"), rare=("pink",), gaps=True).names
    ('color=black', 'color=green', 'color (rare)', 'color missing')
    """

    name: str
    categories: tuple[str, ...]
    fill: str | None = None
    rare: tuple[str, ...] = ()
    gaps: bool | None = None

    @classmethod
    def fit(cls, column: Column, choices: Choices) -> "CategoryEncoder":
        """Return the encoder of a column that has a category; the commonest one replaces gaps.

        Raises
        ------
        FormatError
            If there are over 1000 categories, and rare ones are not to share an input.
        """
        read = as_categories(column)
        counts = np.bincount(read.values[~read.missing], minlength=len(read.distinct))
        found = [(text, count) for text, count in zip(read.distinct, counts.tolist(), strict=True) if count]
        if len(found) > MOST_CATEGORIES and not choices.rare:
            raise FormatError(
                f"column '{column.name}' must have at most {MOST_CATEGORIES} categories, got {len(found)}: "
                "leave it out, or let rare ones share an input"
            )
        commonest = max(found, key=lambda each: each[1])[0]  # of equally common ones the first in the table
        common, rare = _common_and_rare(found, choices.rare)
        if choices.impute == "indicator":
            return cls(column.name, common, None, rare, bool(read.missing.any()))
        return cls(column.name, common, commonest if choices.impute else None, rare)

    @property
    def names(self) -> tuple[str, ...]:
        """The name of each input."""
        rare = (f"{self.name} (rare)",) if self.rare else ()
        gaps = (f"{self.name} missing",) if self.gaps else ()
        return (*(f"{self.name}={category}" for category in self.categories), *rare, *gaps)

    @property
    def width(self) -> int:
        """The number of inputs."""
        return len(self.categories) + bool(self.rare) + bool(self.gaps)

    @property
    def kind(self) -> str | None:
        """The kind that text must be read as."""
        return "category"

    @property
    def stand_in(self) -> str:
        """What a category becomes that training did not see, in words."""
        return "taken as a rare one" if self.rare else "all zeros"

    @cached_property
    def _place(self) -> dict[str, int]:
        """The input of each category."""
        return {category: i for i, category in enumerate(self.categories)}

    @cached_property
    def _known(self) -> frozenset[str]:
        """All categories of the training rows."""
        return frozenset((*self.categories, *self.rare))

    def encode_into(self, column: Column, out: Array) -> None:
        """Write its numbers into ``out``, shape (n, `width`)."""
        read = as_categories(column)
        if self.fill is None and self.gaps is None and read.missing.any():
            raise first_gap(read)
        place, other = self._place, len(self.categories) if self.rare else -1
        unfilled = self.width - 1 if self.gaps else -1
        gap = unfilled if self.fill is None else place.get(self.fill, other)
        known = np.asarray([*(place.get(text, other) for text in read.distinct), gap])
        chosen = known[read.values]  # a gap has the code -1
        rows = np.flatnonzero(chosen >= 0)
        out[...] = 0.0
        out[rows, chosen[rows]] = 1.0

    def unseen(self, column: Column) -> tuple[int, str]:
        """Return in how many rows there is a category that training did not see, and the first of them.

        Examples
        --------
        >>> from xpnet.data.columns.building import column_of
        >>> CategoryEncoder("color", ("black",)).unseen(column_of("color", ["pink", "black", None, "red"]))
        (2, 'pink')
        """
        read = as_categories(column)
        new = np.asarray([*(text not in self._known for text in read.distinct), False])
        rows = np.flatnonzero(new[read.values])  # a gap has the code -1
        return len(rows), read.distinct[read.values[rows[0]]] if len(rows) else ""

    def to_json(self) -> dict[str, Any]:
        """Return the encoder as plain JSON."""
        rare = {"rare": list(self.rare)} if self.rare else {}
        gaps = {} if self.gaps is None else {"missing": self.gaps}
        return {"name": self.name, "categories": list(self.categories), "fill": self.fill} | rare | gaps

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "CategoryEncoder":
        """Return the encoder that `to_json` described."""
        fill = None if value["fill"] is None else checked.text(value, "fill")
        categories, rare = checked.texts(value, "categories"), checked.texts(value, "rare")
        return cls(checked.text(value, "name"), categories, fill, rare, checked.flag(value, "missing"))


def _common_and_rare(found: list[tuple[str, int]], least: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the categories with at least so many rows, at most 1000 of them, and the others; both sorted."""
    ordered = sorted(found, key=lambda each: (-each[1], each[0]))
    n_common = min(MOST_CATEGORIES, sum(count >= least for _, count in ordered))
    texts = [text for text, _ in ordered]
    return tuple(sorted(texts[:n_common])), tuple(sorted(texts[n_common:]))
