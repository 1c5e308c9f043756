"""Alternating least squares for clicks and plays."""

from dataclasses import dataclass
from typing import Any

from xpnet.backend import Backend, get, quiet
from xpnet.recommend.algorithms import als
from xpnet.recommend.algorithms.bias import no_biases
from xpnet.recommend.algorithms.observed import check_size, observe
from xpnet.recommend.folding.implicit import ImplicitFolding
from xpnet.recommend.models.settings import check_number, check_settings
from xpnet.recommend.recommender import Recommender


@dataclass(frozen=True)
class ImplicitALS:
    """Alternating least squares on implicit feedback: values say how often or how long, not how much it was liked.

    A value of 0 is no preference: such a rating counts as if it were not there.

    Parameters
    ----------
    k : int
        Factors.
    lam : float
        Above 0.
    alpha : float
        A pair has the weight 1 + alpha times its value.
    iterations, tol : int, float
        The largest number of iterations.  They end when the objective falls by no more than this part of itself.
    seed : int

    References
    ----------
    Hu, Koren and Volinsky, doi:10.1109/ICDM.2008.22.
    """

    k: int = 16
    lam: float = 1.0
    alpha: float = 10.0
    iterations: int = 15
    tol: float = 1e-4
    seed: int = 0

    def __post_init__(self) -> None:
        check_settings(self.k, None)
        check_number("lam", self.lam, above=True)
        check_number("alpha", self.alpha, above=True)

    def fit(self, ratings: Any, backend: str | Backend | None = None) -> Recommender:
        """Return the recommender; its predictions are preferences, mostly between 0 and 1."""
        home, folding = get(backend), ImplicitFolding(float(self.lam), float(self.alpha))
        ratings = ratings.take(folding.counts(ratings.values).nonzero()[0])
        if not ratings.n:
            raise ValueError("values must hold one above 0 for implicit feedback, got none")
        observed = observe(ratings, home)
        with quiet():
            check_size(folding.alpha * ratings.values, home, "alpha times values")
        factors, seen = als.descended(
            als.random_factors(observed, self.k, home, self.seed),
            lambda factors: als.improved_implicit(observed, factors, folding.lam, folding.alpha),
            lambda factors: als.implicit_objective(observed, factors, folding.lam, folding.alpha),
            self.iterations,
            self.tol,
            folding.lam,
        )
        biases = no_biases(*observed.shape, observed.values)
        return Recommender(ratings, biases, factors, folding, folding.lam, seen, bounded=False)
