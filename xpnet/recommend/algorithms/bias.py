"""The bias model: the mean, a bias for each user and a bias for each item.  Other models fit its residuals."""

from typing import NamedTuple

from xpnet.backend import Array, namespace
from xpnet.recommend.algorithms.observed import Observed
from xpnet.recommend.algorithms.plan import BlockPlan, row_sums


class Biases(NamedTuple):
    """rating = mean + user + item; a bias is 0 where there are no ratings."""

    mean: Array  # ()
    user: Array  # (n_users,)
    item: Array  # (n_items,)

    def predict(self, users: Array, items: Array) -> Array:
        """Return the ratings of row numbers `users` and `items`, (n,)."""
        xp = namespace(self.user)
        return self.mean + xp.take(self.user, users) + xp.take(self.item, items)


def no_biases(n_users: int, n_items: int, like: Array) -> Biases:
    """Return biases that predict 0, with the dtype and device of `like`."""
    xp = namespace(like)
    user, item = (xp.zeros((n,), dtype=like.dtype, device=like.device) for n in (n_users, n_items))
    return Biases(xp.zeros((), dtype=like.dtype, device=like.device), user, item)


def fit_biases(
    users: Array,
    items: Array,
    values: Array,
    by_user: BlockPlan,
    by_item: BlockPlan,
    damping: tuple[float, float],
    sweeps: int = 10,
) -> Biases:
    """Return the biases that fit `values` best; few ratings give a smaller bias.

    Parameters
    ----------
    users, items : Array of int, shape (n,)
    values : Array, shape (n,)
    by_user, by_item : BlockPlan
    damping : (float, float)
        Imagined ratings of size 0 for each user and each item, at least 0.
    sweeps : int
        Rounds of items after users.

    Notes
    -----
    ``b_i = sum (r - mean - b_u) / (n_i + damping)``, then b_u likewise: each half of a sweep minimizes
    ``sum (r - mean - b_u - b_i)^2 + damping sum b^2`` over one side.

    References
    ----------
    Koren, doi:10.1145/1644873.1644874, section 2.1.
    """
    xp = namespace(values)
    mean = xp.mean(values)
    centered = values - mean
    biases = no_biases(by_user.lengths.shape[0], by_item.lengths.shape[0], values)
    for_user, for_item = _weight(by_user, damping[0]), _weight(by_item, damping[1])
    user = biases.user
    for _ in range(sweeps):
        item = row_sums(by_item, centered - xp.take(user, users)) * for_item
        user = row_sums(by_user, centered - xp.take(item, items)) * for_user
    return Biases(mean, user, item)


def explained(observed: Observed, damping: tuple[float, float], sweeps: int = 10) -> tuple[Biases, Observed]:
    """Return the biases of `observed`, and the residuals, which other models explain: 0 where only rounding."""
    known = (observed.users, observed.items, observed.values, observed.by_user, observed.by_item)
    biases = fit_biases(*known, damping=damping, sweeps=sweeps)
    xp, values = namespace(observed.values), observed.values
    left = values - biases.predict(observed.users, observed.items)
    rounding = 8.0 * float(xp.finfo(values.dtype).eps) * xp.max(xp.abs(values))
    return biases, observed.with_values(xp.where(xp.abs(left) > rounding, left, 0.0))


def _weight(plan: BlockPlan, damping: float) -> Array:
    xp = namespace(plan.lengths)
    return 1.0 / xp.maximum(plan.lengths + damping, 1.0 if damping == 0.0 else damping)
