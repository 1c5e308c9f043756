"""Ratings on their device, arranged in blocks: what models are fitted to."""

from typing import Any, NamedTuple

from xpnet.backend import Array, Backend, namespace
from xpnet.linalg import vector_norm
from xpnet.recommend.algorithms.plan import ALONE, BlockPlan, make_plan
from xpnet.training.parallel.parallel import Parallel


class Observed(NamedTuple):
    """The known entries of a matrix of users by items."""

    users: Array  # (n,), int32
    items: Array  # (n,), int32
    values: Array  # (n,)
    by_user: BlockPlan
    by_item: BlockPlan

    @property
    def shape(self) -> tuple[int, int]:
        """The numbers of users and items."""
        return int(self.by_user.places.shape[0]), int(self.by_item.places.shape[0])

    @property
    def size(self) -> float:
        """The root mean square of the values."""
        return float(vector_norm(self.values)) / self.values.shape[0] ** 0.5

    def with_values(self, values: Array) -> "Observed":
        """Return the same users and items with other values."""
        by_user, by_item = (plan.with_values(values) for plan in (self.by_user, self.by_item))
        return self._replace(values=values, by_user=by_user, by_item=by_item)


def check_size(values: Any, backend: Backend, name: str = "values") -> float:
    """Refuse ratings, host array (n,), whose squares could overflow on `backend`; return the largest size allowed."""
    largest = float(backend.xp.finfo(backend.dtype).max) ** 0.4
    wrong = abs(values) > largest
    if wrong.any():
        row = int(wrong.argmax())
        raise ValueError(
            f"{name} must be at most {largest:.0e} in size in {backend.dtype_name}, got {values[row]} in row {row}: "
            "divide all ratings by one number"
        )
    return largest


def observe(ratings: Any, backend: Backend, parallel: Parallel = ALONE) -> Observed:
    """Return `ratings` (a `xpnet.recommend.Ratings`) on `backend`, in blocks by user and item; processes share them.

    Raises
    ------
    ValueError
        If the ratings are too large for their squares to be summed, or so small that these vanish.
    """
    size, largest = float(abs(ratings.values).max()), check_size(ratings.values, backend)
    if 0.0 < size < 1.0 / largest:
        raise ValueError(
            f"values must be 0 or reach {1.0 / largest:.0e} in size in {backend.dtype_name}, got at most {size}: "
            "multiply all ratings by one number"
        )
    n_users, n_items = ratings.n_users, ratings.n_items
    xp = namespace(ratings.users)
    return Observed(
        backend.asarray(xp.astype(ratings.users, xp.int32)),
        backend.asarray(xp.astype(ratings.items, xp.int32)),
        backend.asarray(ratings.values),
        make_plan(ratings.users, ratings.items, ratings.values, n_users, n_items, backend, parallel),
        make_plan(ratings.items, ratings.users, ratings.values, n_items, n_users, backend, parallel),
    )
