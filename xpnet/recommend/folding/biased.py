"""Newcomers of the models that fit damped biases first: the bias model, alternating least squares and SoftImpute."""

from dataclasses import dataclass
from typing import Any

from xpnet.backend import Array, namespace, of
from xpnet.recommend.algorithms.als import refitted
from xpnet.recommend.algorithms.bias import Biases, explained
from xpnet.recommend.algorithms.observed import Observed
from xpnet.recommend.algorithms.problems import Explicit, Factors
from xpnet.recommend.folding.newcomer import Newcomer, all_count, damped_bias, ridge


@dataclass(frozen=True)
class BiasFolding:
    """A damped bias and no factors: `BiasModel`.

    Parameters
    ----------
    damping : (float, float)
        For a user and for an item.
    """

    damping: tuple[float, float]

    def counts(self, values: Any) -> Any:
        """Return that every rating counts."""
        return all_count(values)

    def fold(self, newcomer: Newcomer) -> tuple[Array, Array]:
        """Return the bias, and factors of length 0."""
        bias, _ = damped_bias(newcomer, self.damping[newcomer.side])
        return bias, namespace(bias).sum(newcomer.factors, axis=0)

    def refit(self, observed: Observed, biases: Biases, factors: Factors, iterations: int) -> tuple[Biases, Factors]:  # noqa: ARG002  (all models take the same)
        """Return new biases; there are no factors."""
        return explained(observed, self.damping)[0], factors


@dataclass(frozen=True)
class RidgeFolding:
    """A damped bias, and ridge regression on what it leaves: `ALS`.

    Parameters
    ----------
    damping : (float, float)
    lam : float
    counted : bool
        Whether lambda is multiplied by the number of ratings.
    """

    damping: tuple[float, float]
    lam: float
    counted: bool

    def counts(self, values: Any) -> Any:
        """Return that every rating counts."""
        return all_count(values)

    def fold(self, newcomer: Newcomer) -> tuple[Array, Array]:
        """Return the bias and the factors."""
        bias, left = damped_bias(newcomer, self.damping[newcomer.side])
        penalty = self.lam * left.shape[0] if self.counted else self.lam
        return bias, ridge(newcomer.factors, left, penalty)

    def refit(self, observed: Observed, biases: Biases, factors: Factors, iterations: int) -> tuple[Biases, Factors]:
        """Return new biases, and the factors after alternating least squares on what they leave."""
        biases, left = explained(observed, self.damping)
        return biases, refitted(Explicit(left, self.lam, self.counted), factors, iterations)


@dataclass(frozen=True)
class StretchedFolding:
    """A damped bias, and a row of the matrix of least nuclear norm on what it leaves: `SoftImpute`.

    Parameters
    ----------
    damping : (float, float)
    lam : float
    stretch : tuple of float, length k
        What refitting the singular values multiplied the factors of both sides by: 1 without `debias`, and below 0
        where it changed the sign of a singular value.

    Notes
    -----
    With ``p = u sqrt(d)`` and ``q = v sqrt(d)``, the optimality condition of the nuclear norm is that of ridge
    regression, for each row of p and of q.
    """

    damping: tuple[float, float]
    lam: float
    stretch: tuple[float, ...]

    def counts(self, values: Any) -> Any:
        """Return that every rating counts."""
        return all_count(values)

    def fold(self, newcomer: Newcomer) -> tuple[Array, Array]:
        """Return the bias and the factors."""
        bias, left = damped_bias(newcomer, self.damping[newcomer.side])
        home = of(left)
        stretch = home.asarray(self.stretch, left.dtype)
        return bias, ridge(newcomer.factors / home.xp.abs(stretch), left, self.lam) * stretch

    def refit(self, observed: Observed, biases: Biases, factors: Factors, iterations: int) -> tuple[Biases, Factors]:
        """Return new biases, and the factors after alternating least squares, whose minimum is the same.

        They are multiplied by `stretch` as before.
        """
        biases, left = explained(observed, self.damping)
        stretch = of(factors.p).asarray(self.stretch, factors.p.dtype)
        size = namespace(stretch).abs(stretch)
        raw = Factors(factors.p / size, factors.q / stretch)
        found = refitted(Explicit(left, self.lam), raw, iterations)
        return biases, Factors(found.p * size, found.q * stretch)
