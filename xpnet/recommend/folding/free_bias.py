"""Newcomers of a factorization: bias and factors fitted together, the bias without a penalty."""

from dataclasses import dataclass
from math import inf
from typing import Any

from xpnet.backend import Array, namespace, of, vecdot
from xpnet.recommend.algorithms.bias import Biases
from xpnet.recommend.algorithms.biased_factors import shorten
from xpnet.recommend.algorithms.observed import Observed
from xpnet.recommend.algorithms.plan import Block, BlockPlan, at, padded
from xpnet.recommend.algorithms.problems import Factors
from xpnet.recommend.algorithms.systems import Systems, solve
from xpnet.recommend.folding.newcomer import Newcomer, all_count, shortest

LEAST = 1e-3  # the penalty of what is free, beside one of each rating: a system of few ratings has one solution


@dataclass(frozen=True)
class FreeBiasFolding:
    """Least squares for a bias and for factors that are penalized or limited: `MatrixFactorization`.

    Parameters
    ----------
    pulls : tuple of float, length k
        The penalty of each factor: l2, and l1 over the norm of the factor's columns.
    max_norm : float, optional
        The largest norm of the factors.  Default: no limit.

    Notes
    -----
    ``1/2 sum (y - b - p . q)^2 + 1/2 sum_f pull_f p_f^2``.  For any p, the best bias is the mean of ``y - p . q``;
    what is left is a problem in centered y and q.  Training with Adam comes to this minimum under a penalty, and only
    near it at a limit on norms: Adam scales each factor's gradient by itself before the norm is limited.
    """

    pulls: tuple[float, ...]
    max_norm: float | None

    def counts(self, values: Any) -> Any:
        """Return that every rating counts."""
        return all_count(values)

    def fold(self, newcomer: Newcomer) -> tuple[Array, Array]:
        """Return the bias and the factors."""
        f, left = newcomer.factors, newcomer.values - newcomer.known
        xp, pulls = namespace(f), of(f).asarray(self.pulls, f.dtype)
        f_mean, mean = xp.mean(f, axis=0), xp.mean(left)
        centered = f - f_mean
        k = pulls.shape[0]
        a = centered.mT @ centered + xp.eye(k, dtype=f.dtype, device=f.device) * pulls
        limit = inf if self.max_norm is None else self.max_norm
        p = shortest(a, centered.mT @ (left - mean)[:, None], limit)
        return mean - vecdot(f_mean, p), p

    def refit(self, observed: Observed, biases: Biases, factors: Factors, iterations: int) -> tuple[Biases, Factors]:
        """Return biases and factors after alternating least squares, each row's bias a factor whose other side is 1."""
        users, items = (biases.user, factors.p), (biases.item, factors.q)
        centered = observed.with_values(observed.values - biases.mean)
        users = self._solved(centered.by_user, items)
        for _ in range(iterations):
            items = self._solved(centered.by_item, users)
            users = self._solved(centered.by_user, items)
        return biases._replace(user=users[0], item=items[0]), Factors(users[1], items[1])

    def _solved(self, plan: BlockPlan, others: tuple[Array, Array]) -> tuple[Array, Array]:
        """Return the biases and factors of one side for those of the other."""
        bias, f = others
        xp, one = namespace(f), f[:, :1] * 0.0 + 1.0
        pulls = of(f).asarray([max(pull, LEAST) for pull in (*self.pulls, 0.0)], f.dtype)
        base = xp.eye(pulls.shape[0], dtype=f.dtype, device=f.device) * pulls
        bias = padded(bias)

        def opinions(block: Block) -> tuple[Array, None]:
            return block.values - at(bias, block.others), None

        found = solve(Systems(plan, xp.concat([f, one], axis=-1), base, opinions))
        p = found[:, :-1]
        return found[:, -1], p if self.max_norm is None else shorten(p, self.max_norm)
