"""Newcomers of implicit feedback: no bias, and every pair counts."""

from dataclasses import dataclass
from typing import Any

from xpnet.backend import Array, namespace
from xpnet.recommend.algorithms.als import refitted
from xpnet.recommend.algorithms.bias import Biases
from xpnet.recommend.algorithms.observed import Observed
from xpnet.recommend.algorithms.problems import Factors, Implicit
from xpnet.recommend.folding.newcomer import Newcomer, shortest


@dataclass(frozen=True)
class ImplicitFolding:
    """Weighted ridge regression over all of the other side: `ImplicitALS`.

    Parameters
    ----------
    lam, alpha : float

    References
    ----------
    Hu, Koren and Volinsky, doi:10.1109/ICDM.2008.22, equation 4.
    """

    lam: float
    alpha: float

    def counts(self, values: Any) -> Any:
        """Return which values are above 0: a value of 0 is no preference, as if there were none."""
        if (values < 0.0).any():
            row = int((values < 0.0).argmax())
            raise ValueError(f"values must be at least 0 for implicit feedback, got {values[row]} in row {row}")
        return values > 0.0

    def fold(self, newcomer: Newcomer) -> tuple[Array, Array]:
        """Return a bias of 0 and the factors.

        Notes
        -----
        ``(Q^T Q + sum alpha v q q^T + lambda 1) p = sum (1 + alpha v) q``, the sums over the feedback v.
        """
        values, _, f, q, _ = newcomer
        xp, k, more = namespace(q), q.shape[-1], self.alpha * values
        a = q.mT @ q + f.mT @ (f * more[:, None]) + self.lam * xp.eye(k, dtype=q.dtype, device=q.device)
        return xp.zeros((), dtype=q.dtype, device=q.device), shortest(a, f.mT @ (1.0 + more)[:, None])

    def refit(self, observed: Observed, biases: Biases, factors: Factors, iterations: int) -> tuple[Biases, Factors]:
        """Return the same biases of 0, and the factors after alternating least squares."""
        return biases, refitted(Implicit(observed, self.lam, self.alpha), factors, iterations)
