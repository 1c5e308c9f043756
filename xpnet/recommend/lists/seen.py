"""Which items each user has rated: host arrays, sorted by user."""

from typing import Any, NamedTuple

from xpnet.backend import namespace
from xpnet.recommend.lists.groups import GROUP, count


class Seen(NamedTuple):
    """The items of user u are ``items[starts[u] : starts[u + 1]]``."""

    items: Any  # (n,)
    starts: Any  # (n_users + 1,)
    n_items: int

    def hidden(self, users: Any) -> Any:
        """Return which items each user, a row number or -1 for one never seen, has rated: bool, (m, GROUP, groups).

        Examples
        --------
        >>> import numpy as np
        >>> from xpnet.recommend import Ratings
        >>> hidden = seen_items(Ratings.of([1, 1, 2], [7, 9, 8], [5.0, 3.0, 4.0])).hidden(np.asarray([1, -1, 0]))
        >>> hidden[:, :3, 0].tolist()
        [[False, True, False], [False, False, False], [True, False, True]]
        """
        xp, m = namespace(users), users.shape[0]
        at = xp.maximum(xp.astype(users, xp.int64), 0)
        first = xp.take(self.starts, at)
        counts = xp.where(users < 0, 0, xp.take(self.starts, at + 1) - first)
        jump = first - (xp.cumulative_sum(counts) - counts)  # from a place among the chosen ones to one among all
        chosen = xp.arange(int(xp.sum(counts))) + xp.repeat(jump, counts)
        row = xp.repeat(xp.arange(m), counts)
        items, hidden = xp.take(self.items, chosen), xp.zeros((m, GROUP, count(self.n_items)), dtype=xp.bool)
        hidden[row, items % GROUP, items // GROUP] = True
        return hidden


def seen_items(ratings: Any) -> Seen:
    """Return the items of each user of `ratings`."""
    xp = namespace(ratings.users)
    order = xp.argsort(ratings.users, stable=True)
    starts = xp.searchsorted(xp.take(ratings.users, order), xp.arange(ratings.n_users + 1, dtype=ratings.users.dtype))
    return Seen(xp.take(ratings.items, order), starts, ratings.n_items)
