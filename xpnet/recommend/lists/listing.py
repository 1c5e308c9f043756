"""Lists as they are handed out: one, or those of many users."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from xpnet.backend import namespace


class Scored(NamedTuple):
    """Items (or users) in order, the best first, and the scores that order them: host arrays."""

    ids: Any  # (n,)
    scores: Any  # (n,)


@dataclass(frozen=True, eq=False)
class Lists:
    """The lists of m users, host arrays; ``lists[i]`` is that of the i-th user, and a loop goes over all of them.

    Parameters
    ----------
    users : array, shape (m,)
        Their ids.
    numbers : array of int, shape (m, n)
        Row numbers of items, the best first; -1 after the last one of a shorter list.
    scores : array, shape (m, n)
        The ratings expected; NaN after the last one.
    item_ids : array, shape (n_items,)
        The ids that the row numbers stand for.

    Examples
    --------
    >>> import numpy as np
    >>> numbers, scores = np.asarray([[1, 0], [0, -1]]), np.asarray([[4.5, 4.0], [3.0, np.nan]])
    >>> lists = Lists(np.asarray(["ann", "bob"]), numbers, scores, np.asarray([7, 8]))
    >>> lists[1].ids.tolist(), {name: column.tolist() for name, column in lists.columns().items()}["rank"]
    ([7], [1, 2, 1])
    """

    users: Any
    numbers: Any
    scores: Any
    item_ids: Any

    def __len__(self) -> int:
        return int(self.numbers.shape[0])

    def __getitem__(self, row: int) -> Scored:
        there = self.numbers[row] >= 0
        return Scored(self.item_ids[self.numbers[row][there]], self.scores[row][there])

    def __iter__(self) -> Iterator[Scored]:
        return (self[row] for row in range(len(self)))

    def columns(self) -> dict[str, Any]:
        """Return the lists as columns of one table: user, item, rank (1 for the best) and score, a row for each item.

        ``pandas.DataFrame(lists.columns())`` makes the table.
        """
        rows, ranks = namespace(self.numbers).nonzero(self.numbers >= 0)
        items = self.item_ids[self.numbers[rows, ranks]]
        return {"user": self.users[rows], "item": items, "rank": ranks + 1, "score": self.scores[rows, ranks]}
