"""Two tables of ratings made one: their ids are met, and the later table is last."""

from typing import Any

import numpy as np

from xpnet.data.ratings.ids import as_ids, can_meet, lookup
from xpnet.data.tables.dataset import Array


def merged_columns(one: Any, other: Any) -> dict[str, Any]:
    """Return the columns of two tables of ratings, one below the other, and tables of all their ids.

    Times are kept if both tables have them.

    Raises
    ------
    TypeError
        If ids of the two are of different kinds, or no dtype holds them all exactly.

    Examples
    --------
    >>> from xpnet.data.ratings.table import Ratings
    >>> found = merged_columns(Ratings.of([3], [8], [1.0]), Ratings.of([2], [8], [5.0]))
    >>> found["users"].tolist(), found["user_ids"].tolist()
    ([1, 0], [2, 3])
    """
    found: dict[str, Any] = {"values": np.concatenate([one.values, other.values]), "times": None}
    for name in ("user", "item"):
        ids = [getattr(table, f"{name}_ids") for table in (one, other)]
        every = _all_ids(f"{name}s", *ids)
        rows = [
            lookup(f"{name}s", every, own)[getattr(table, f"{name}s")]
            for own, table in zip(ids, (one, other), strict=True)
        ]
        found |= {f"{name}s": np.concatenate(rows), f"{name}_ids": every}
    if one.times is not None and other.times is not None:
        found["times"] = np.concatenate([one.times, other.times])
    return found


def _all_ids(name: str, known: Array, more: Array) -> Array:
    if not can_meet(known, more):
        raise TypeError(f"{name} must be ids like those known, such as {known[0]!r}, got {more[0]!r}")
    if known.dtype.kind == more.dtype.kind:
        return np.union1d(known, more)
    return np.unique(as_ids(name, [*known.tolist(), *more.tolist()]))
