"""What alternating least squares minimizes: the objective, and its systems for fixed users or fixed items."""

from collections.abc import Callable
from typing import NamedTuple, Protocol

from xpnet.backend import Array, namespace, vecdot
from xpnet.recommend.algorithms.observed import Observed
from xpnet.recommend.algorithms.plan import Block, BlockPlan, at, over_blocks, padded, pairs
from xpnet.recommend.algorithms.systems import Opinions, Systems


class Factors(NamedTuple):
    """A vector for each user and each item; the inner product of two is an estimate."""

    p: Array  # (n_users, k)
    q: Array  # (n_items, k)

    def predict(self, users: Array, items: Array) -> Array:
        """Return the estimates at row numbers `users` and `items`, (n,)."""
        return pairs(self.p, self.q, users, items)


class Problem(Protocol):
    """An objective of P and Q that is quadratic in each of them."""

    @property
    def lam(self) -> float:
        """Lambda."""

    def of_items(self, p: Array) -> Systems:
        """Return what the items' factors minimize for fixed users."""

    def of_users(self, q: Array) -> Systems:
        """Return what the users' factors minimize for fixed items."""

    def value(self, factors: Factors) -> float:
        """Return the objective."""


class Explicit(NamedTuple):
    """``1/2 sum (y - p_u . q_i)^2 + lambda/2 (|P|_F^2 + |Q|_F^2)`` over the ratings.

    |Z|_* is the minimum of ``1/2 (|P|_F^2 + |Q|_F^2)`` over all Z = P Q^T, so with enough factors the minimum is that
    of SoftImpute.  If lambda is `counted`, it is multiplied by the number of ratings of each row: a weighted trace
    norm, not the nuclear one.

    References
    ----------
    Srebro, Rennie and Jaakkola, NIPS 2004 (the factored norm); Zhou et al., doi:10.1007/978-3-540-68880-8_32
    (counted).
    """

    observed: Observed
    lam: float  # above 0
    counted: bool = False

    def of_items(self, p: Array) -> Systems:
        """Return what the items' factors minimize for fixed users."""
        return self._systems(self.observed.by_item, p)

    def of_users(self, q: Array) -> Systems:
        """Return what the users' factors minimize for fixed items."""
        return self._systems(self.observed.by_user, q)

    def value(self, factors: Factors) -> float:
        """Return the objective."""
        total = _sum_of(self.observed.by_user, factors, lambda y, z: (y - z) ** 2)
        for x, plan in ((factors.p, self.observed.by_user), (factors.q, self.observed.by_item)):
            total += self.lam * float(namespace(x).sum((plan.lengths if self.counted else 1.0) * vecdot(x, x)))
        return 0.5 * total

    def _systems(self, plan: BlockPlan, x: Array) -> Systems:
        """Return the systems of the rows; where lambda is counted, all is divided by the number of ratings."""
        return Systems(plan, x, _multiple_of_one(self.lam, x), self._shares(plan) if self.counted else _values)

    @staticmethod
    def _shares(plan: BlockPlan) -> Opinions:
        xp = namespace(plan.lengths)

        def shares(block: Block) -> tuple[Array, Array]:
            share = 1.0 / xp.take(plan.lengths, block.members)[:, None]
            return block.values * share, share

        return shares


class Implicit(NamedTuple):
    """``sum over all pairs c (t - p . q)^2 + lambda (|P|^2 + |Q|^2)``: feedback, and the lack of it.

    Of observed pairs, whose values are above 0, t = 1 and c = 1 + alpha value; of all others, t = 0 and c = 1.  The
    others enter through P^T P and Q^T Q alone.

    References
    ----------
    Hu, Koren and Volinsky, doi:10.1109/ICDM.2008.22.
    """

    observed: Observed
    lam: float  # above 0
    alpha: float

    def of_items(self, p: Array) -> Systems:
        """Return what the items' factors minimize for fixed users."""
        return self._systems(self.observed.by_item, p)

    def of_users(self, q: Array) -> Systems:
        """Return what the users' factors minimize for fixed items."""
        return self._systems(self.observed.by_user, q)

    def value(self, factors: Factors) -> float:
        """Return the objective."""
        p, q = factors
        xp = namespace(p)

        def term(values: Array, z: Array) -> Array:
            c = xp.astype(values > 0.0, values.dtype) + self.alpha * values  # 0 for padding
            return c * (1.0 - z) ** 2 - z * z

        everywhere = xp.sum((p.mT @ p) * (q.mT @ q))  # sum of z^2 over all pairs
        there = _sum_of(self.observed.by_user, factors, term)
        return there + float(everywhere + self.lam * (xp.sum(p * p) + xp.sum(q * q)))

    def _systems(self, plan: BlockPlan, x: Array) -> Systems:
        def weights(block: Block) -> tuple[Array, Array]:
            more = self.alpha * block.values  # c - 1
            return 1.0 + more, more

        return Systems(plan, x, x.mT @ x + _multiple_of_one(self.lam, x), weights)


def _values(block: Block) -> tuple[Array, None]:
    """Return the values themselves as targets, all of weight 1."""
    return block.values, None


def _multiple_of_one(lam: float, x: Array) -> Array:
    """Return lambda times the identity, (k, k), for factors `x`, (n, k)."""
    return lam * namespace(x).eye(x.shape[-1], dtype=x.dtype, device=x.device)


def _sum_of(plan: BlockPlan, factors: Factors, term: Callable[[Array, Array], Array]) -> float:
    """Return the sum of ``term(value, estimate)`` over all ratings; of the padding, value and estimate are 0."""
    xp, q = namespace(factors.q), padded(factors.q)

    def work(block: Block) -> Array:
        p = xp.take(factors.p, block.members, axis=0)
        z = (at(q, block.others) @ p[..., None])[..., 0]
        return xp.sum(term(block.values, z), axis=-1)

    return float(xp.sum(over_blocks(plan, work)))
