"""Newcomers of a factorization: bias and factors fitted together, the bias without a penalty."""

from dataclasses import dataclass
from math import inf
from typing import Any

from xpnet.backend import Array, namespace, of, vecdot
from xpnet.recommend.folding.newcomer import Newcomer, all_count, shortest


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
