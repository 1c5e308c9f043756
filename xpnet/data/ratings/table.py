"""The table of ratings: users, items and values, and the ids that the row numbers stand for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from xpnet.data.preparing.splits.split import Split
from xpnet.data.ratings.columns import (
    Numbers,
    as_column,
    as_numbers,
    as_times,
    as_values,
    check_duplicates,
    find_repeats,
    means,
    sums,
)
from xpnet.data.ratings.ids import all_ids, as_ids, check_kind, id_table, lookup, number_of
from xpnet.data.ratings.splits import fold_splits, latest_split, one_of_each_split, permuted_split
from xpnet.data.tables.dataset import Array


@dataclass(frozen=True, eq=False, repr=False)
class Ratings:
    """Ratings in host memory, made by `of`, `numbered` or `load_ratings`; the arrays are read-only.

    Parameters
    ----------
    users, items : array, shape (n,), int32
        Places in ``user_ids`` and ``item_ids``.
    values : array, shape (n,), float64
        The ratings, in the unit of the source.
    user_ids, item_ids : array, shapes (n_users,) and (n_items,)
        Whole numbers or text, ascending.
    times : array, shape (n,), optional
        When each rating was given: numbers or dates.

    Examples
    --------
    >>> ratings = Ratings.of(["ann", "bob", "ann"], ["tea", "tea", "rum"], [5, 4, 1])
    >>> ratings
    Ratings(n=3, n_users=2, n_items=2)
    >>> ratings.users, ratings.item_ids.tolist()
    (array([0, 1, 0], dtype=int32), ['rum', 'tea'])
    """

    users: Numbers
    items: Numbers
    values: npt.NDArray[np.float64]
    user_ids: Array
    item_ids: Array
    times: Array | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            array = getattr(self, field.name)
            if array is not None and array.flags.writeable:
                array = array.copy()  # the caller's own stays writeable
                array.flags.writeable = False
                object.__setattr__(self, field.name, array)

    def __repr__(self) -> str:
        return f"Ratings(n={self.n}, n_users={self.n_users}, n_items={self.n_items})"

    @classmethod
    def of(cls, users: Any, items: Any, values: Any, *, times: Any = None, duplicates: str = "error") -> "Ratings":
        """Return the ratings in three columns: the ids of users, the ids of items, and values.

        Parameters
        ----------
        users, items : sequence or array, shape (n,)
            Ids: numbers, or text.
        values : sequence or array, shape (n,), finite real numbers
            The ratings.
        times : sequence or array, shape (n,), optional
            Numbers or dates.
        duplicates : {"error", "last", "first", "mean", "sum"}
            The rule for a user who rates an item twice: refuse it, keep the last or the first row, or keep the
            mean of the values with the time of the last row.

        Raises
        ------
        TypeError
            If ids are mixed, cannot be sorted or fit no dtype exactly, values are not numbers, or times are neither
            numbers nor dates.
        ValueError
            If there is no rating, the columns differ in length, an entry is masked, a value is not finite, or a
            pair is repeated.

        Examples
        --------
        >>> Ratings.of([3, 3], [8, 8], [1.0, 2.0], duplicates="mean").values
        array([1.5])
        """
        n = as_column("values", values).size
        user_ids, user_numbers = np.unique(as_ids("users", users, n), return_inverse=True)
        item_ids, item_numbers = np.unique(as_ids("items", items, n), return_inverse=True)
        return cls._checked(user_numbers, item_numbers, values, user_ids, item_ids, times, duplicates)

    @classmethod
    def numbered(
        cls,
        users: Any,
        items: Any,
        values: Any,
        n_users: int | None = None,
        n_items: int | None = None,
        *,
        user_ids: Any = None,
        item_ids: Any = None,
        times: Any = None,
        duplicates: str = "error",
    ) -> "Ratings":
        """Return the ratings of users and items that are row numbers already.

        Give the ids that the numbers stand for, in ascending order, or how many there are: then the ids are ``0 ..
        n_users - 1``.  Users and items without ratings are included.  The other parameters and errors are as in `of`.

        Examples
        --------
        >>> Ratings.numbered([0, 2], [1, 0], [5, 3], n_users=4, n_items=2)
        Ratings(n=2, n_users=4, n_items=2)
        """
        user_table = id_table("user", n_users, user_ids)
        item_table = id_table("item", n_items, item_ids)
        return cls._checked(users, items, values, user_table, item_table, times, duplicates)

    @classmethod
    def _checked(
        cls, users: Any, items: Any, values: Any, user_ids: Array, item_ids: Array, times: Any, duplicates: str
    ) -> "Ratings":
        check_duplicates(duplicates)
        n = as_column("values", values).size
        if n == 0:
            raise ValueError("values must hold a rating, got none")
        found = cls(
            as_numbers("users", users, user_ids.size, n),
            as_numbers("items", items, item_ids.size, n),
            as_values(values, n),
            user_ids,
            item_ids,
            None if times is None else as_times(times, n),
        )
        return found._without_repeats(duplicates)

    def _without_repeats(self, duplicates: str) -> "Ratings":
        group, first, last = find_repeats(self.users, self.items, self.n_items)
        if first.size == self.n:
            return self
        if duplicates == "error":
            row = int(np.flatnonzero(first[group] != np.arange(self.n))[0])
            pair = f"user {self.user_ids[self.users[row]]} and item {self.item_ids[self.items[row]]}"
            raise ValueError(
                f"users and items must name each pair once, got {pair} in rows {first[group[row]]} and {row}: "
                "choose what to do with duplicates"
            )
        kept = np.sort(first if duplicates == "first" else last)
        found = self.take(kept)
        if duplicates not in ("mean", "sum"):
            return found
        values = (means if duplicates == "mean" else sums)(group, self.values)[group[kept]]
        return Ratings(found.users, found.items, values, self.user_ids, self.item_ids, found.times)

    @property
    def n(self) -> int:
        """The number of ratings."""
        return self.values.size

    @property
    def n_users(self) -> int:
        """The number of users, those without ratings included."""
        return self.user_ids.size

    @property
    def n_items(self) -> int:
        """The number of items, those without ratings included."""
        return self.item_ids.size

    @property
    def density(self) -> float:
        """The share of all pairs of a user and an item that are rated; dimensionless."""
        return self.n / (self.n_users * self.n_items)

    def user_number(self, user: Any) -> int:
        """Return the row number of a user's id, or raise ValueError."""
        return number_of("user", self.user_ids, user)

    def item_number(self, item: Any) -> int:
        """Return the row number of an item's id, or raise ValueError."""
        return number_of("item", self.item_ids, item)

    def numbers(self, users: Any, items: Any, *, same_kind: bool = False) -> tuple[Numbers, Numbers]:
        """Return the row numbers of ids, -1 for each that is unknown; the two columns may differ in length.

        With `same_kind`, ids of another kind than those known, text for numbers, say, are a TypeError: none of them
        could ever be known.

        Examples
        --------
        >>> Ratings.of([3, 5], [8, 8], [1.0, 2.0]).numbers([5, 4], [8])
        (array([ 1, -1], dtype=int32), array([0], dtype=int32))
        """
        if same_kind:
            check_kind("users", self.user_ids, users)
            check_kind("items", self.item_ids, items)
        return lookup("users", self.user_ids, users), lookup("items", self.item_ids, items)

    def take(self, rows: Sequence[int] | Array) -> "Ratings":
        """Return the chosen ratings in the order given, with the same tables of ids.

        Parameters
        ----------
        rows : sequence or array, shape (m,), integers
            Row numbers; negative numbers count from the end.

        Raises
        ------
        TypeError, ValueError, IndexError
            If ``rows`` is not integers, not one-dimensional, or one is outside the table.
        """
        chosen = as_column("rows", rows)
        chosen = chosen.astype(np.int64) if chosen.size == 0 else chosen  # NumPy makes float64 of an empty list
        if chosen.dtype.kind not in "iu":
            raise TypeError(f"rows must be integers, got {chosen.dtype}")
        times = None if self.times is None else self.times[chosen]
        columns = (self.users[chosen], self.items[chosen], self.values[chosen])
        return Ratings(*columns, self.user_ids, self.item_ids, times)

    def merged(self, other: "Ratings", *, duplicates: str = "last") -> "Ratings":
        """Return these ratings and those of `other`, whose users and items are met by their ids or are new.

        Parameters
        ----------
        other : Ratings
        duplicates : {"error", "last", "first", "mean", "sum"}
            The rule for a pair that both hold, as for `of`: the rating of `other` is the last one.  Times are kept if
            both have them.

        Raises
        ------
        TypeError
            If ids of the two are of different kinds: numbers and text, say.

        Examples
        --------
        >>> Ratings.of([3, 5], [8, 8], [1.0, 2.0]).merged(Ratings.of([5, 6], [8, 9], [4.0, 3.0])).values
        array([1., 4., 3.])
        """
        user_ids = all_ids("users", self.user_ids, other.user_ids)
        item_ids = all_ids("items", self.item_ids, other.item_ids)
        both, timed = (self, other), self.times is not None and other.times is not None
        return Ratings.numbered(
            np.concatenate([lookup("users", user_ids, one.user_ids)[one.users] for one in both]),
            np.concatenate([lookup("items", item_ids, one.item_ids)[one.items] for one in both]),
            np.concatenate([one.values for one in both]),
            user_ids=user_ids,
            item_ids=item_ids,
            times=np.concatenate([self.times, other.times]) if timed else None,
            duplicates=duplicates,
        )

    def split(self, fraction: float = 0.1, seed: int = 0) -> tuple["Ratings", "Ratings"]:
        """Return ratings to train on and a random ``floor(n * fraction)`` of them to test on, in their order.

        Notes
        -----
        The test rows are ``numpy.random.default_rng(seed).permutation(n)[: floor(n * fraction)]``.
        """
        return self._parts(permuted_split(self.n, fraction, seed))

    def k_fold(self, k: int = 5, seed: int = 0) -> Iterator[tuple["Ratings", "Ratings"]]:
        """Return an iterator over k pairs to train and test on; each rating is in exactly one test part."""
        return map(self._parts, fold_splits(self.n, k, seed))

    def leave_one_out(self, seed: int = 0) -> tuple["Ratings", "Ratings"]:
        """Return ratings to train on, and to test on a random one of each user with at least two."""
        return self._parts(one_of_each_split(self.users, seed))

    def split_by_time(self, fraction: float = 0.1) -> tuple["Ratings", "Ratings"]:
        """Return the earlier ratings to train on and the latest ``floor(n * fraction)`` to test on."""
        if self.times is None:
            raise ValueError("times must be known for a split by time, got none")
        return self._parts(latest_split(self.times, fraction))

    def _parts(self, split: Split) -> tuple["Ratings", "Ratings"]:
        return self.take(split.train), self.take(split.test)
