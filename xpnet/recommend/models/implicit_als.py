"""Alternating least squares for clicks and plays."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from xpnet.backend import Backend, quiet
from xpnet.recommend.algorithms import als
from xpnet.recommend.algorithms.bias import no_biases
from xpnet.recommend.algorithms.observed import check_size, observe
from xpnet.recommend.algorithms.problems import Implicit
from xpnet.recommend.folding.implicit import ImplicitFolding
from xpnet.recommend.models.keeping import share_fit
from xpnet.recommend.models.settings import check_number, check_settings, check_steps
from xpnet.recommend.recommender import Recommender
from xpnet.training.parallel.parallel import Parallel


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
    cg_steps : int, optional
        Steps of conjugate gradients for each half of an iteration: 3 come as near as an exact solution, sooner.
        None solves exactly.

    References
    ----------
    Hu, Koren and Volinsky, doi:10.1109/ICDM.2008.22; Takács, Pilászy and Tikk, doi:10.1145/2043932.2043987
    (conjugate gradients).

    Examples
    --------
    >>> from xpnet.recommend import Ratings
    >>> plays = Ratings.of(["ann", "ann", "bob", "eve", "eve"], ["tea", "rum", "tea", "tea", "gin"], [9, 1, 4, 2, 7])
    >>> ImplicitALS(k=2).fit(plays).recommend(["ann", "eve"], 1)[0].ids.tolist()
    ['gin']
    """

    k: int = 16
    lam: float = 1.0
    alpha: float = 10.0
    iterations: int = 15
    tol: float = 1e-4
    seed: int = 0
    cg_steps: int | None = 3

    def __post_init__(self) -> None:
        check_settings(self.k, None)
        check_number("lam", self.lam, above=True)
        check_number("alpha", self.alpha, above=True)
        check_steps(self.cg_steps)

    def fit(
        self,
        ratings: Any,
        backend: str | Backend | None = None,
        progress: Callable[[float], None] | None = None,
        parallel: Parallel | None = None,
    ) -> Recommender:
        """Return the recommender; its predictions are preferences, mostly between 0 and 1.

        Parameters
        ----------
        ratings : Ratings
        backend : str or Backend, optional
        progress : callable, optional
            A function that is called with the objective after each iteration.
        parallel : Parallel, optional
            As for `ALS.fit`.
        """
        shared, home = share_fit(parallel, self, ratings, backend)
        with shared.together():
            return self._fit(ratings, home, progress, shared)

    def _fit(
        self, ratings: Any, home: Backend, progress: Callable[[float], None] | None, shared: Parallel
    ) -> Recommender:
        folding = ImplicitFolding(float(self.lam), float(self.alpha))
        ratings = ratings.take(folding.counts(ratings.values).nonzero()[0])
        if not ratings.n:
            raise ValueError("values must hold one above 0 for implicit feedback, got none")
        observed = observe(ratings, home, shared)
        with quiet():
            check_size(folding.alpha * ratings.values, home, "alpha times values")
        problem, first = (
            Implicit(observed, folding.lam, folding.alpha),
            als.random_factors(observed, self.k, home, self.seed),
        )
        factors, seen = als.descended(problem, first, self.iterations, self.tol, self.cg_steps, progress)
        biases = no_biases(*observed.shape, observed.values)
        return Recommender(ratings, biases, factors, folding, folding.lam, seen, bounded=False)
