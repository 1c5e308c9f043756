"""Newcomers of the models that fit damped biases first: the bias model, alternating least squares and SoftImpute."""

from dataclasses import dataclass
from typing import Any

from xpnet.backend import Array, namespace, of
from xpnet.recommend.folding.newcomer import Newcomer, all_count, damped_bias, ridge


@dataclass(frozen=True)
class BiasFolding:
    """A damped bias and no factors: `BiasModel`.

    Parameters
    ----------
    damping : (float, float)
        For a user and for an item.
    """

    damping: tuple[float, ...]

    def counts(self, values: Any) -> Any:
        """Return that every rating counts."""
        return all_count(values)

    def fold(self, newcomer: Newcomer) -> tuple[Array, Array]:
        """Return the bias, and factors of length 0."""
        bias, _ = damped_bias(newcomer, self.damping[newcomer.side])
        return bias, namespace(bias).sum(newcomer.factors, axis=0)


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

    damping: tuple[float, ...]
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

    damping: tuple[float, ...]
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
