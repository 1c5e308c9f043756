"""Ratings on their device, with their plans: what every model is fitted to."""

from typing import Any, NamedTuple

from xpnet.backend import Array, Backend, namespace
from xpnet.recommend.algorithms.plan import BlockPlan, make_plan


class Observed(NamedTuple):
    """The known entries of a matrix, users by items."""

    users: Array  # (n,), int32
    items: Array  # (n,), int32
    values: Array  # (n,)
    by_user: BlockPlan
    by_item: BlockPlan

    @property
    def shape(self) -> tuple[int, int]:
        """How many users and items there are."""
        return int(self.by_user.places.shape[0]), int(self.by_item.places.shape[0])

    def with_values(self, values: Array) -> "Observed":
        """Return the same places with other values."""
        return self._replace(values=values)


def observe(ratings: Any, backend: Backend) -> Observed:
    """Return `ratings` (a `xpnet.data.Ratings`) on `backend`, arranged by user and by item."""
    n_users, n_items = ratings.n_users, ratings.n_items
    xp = namespace(ratings.users)
    return Observed(
        backend.asarray(xp.astype(ratings.users, xp.int32)),
        backend.asarray(xp.astype(ratings.items, xp.int32)),
        backend.asarray(ratings.values),
        make_plan(ratings.users, ratings.items, n_users, n_items, backend),
        make_plan(ratings.items, ratings.users, n_items, n_users, backend),
    )
