"""Alternating least squares for ratings."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from xpnet.backend import Backend
from xpnet.recommend.algorithms import als, soft_impute
from xpnet.recommend.algorithms.bias import Biases
from xpnet.recommend.algorithms.observed import Observed, observe
from xpnet.recommend.algorithms.problems import Explicit
from xpnet.recommend.folding.biased import RidgeFolding
from xpnet.recommend.models.bias_model import USUAL, BiasModel
from xpnet.recommend.models.keeping import PathKeeper, PathState, share_fit
from xpnet.recommend.models.settings import check_settings, check_steps
from xpnet.recommend.recommender import Recommender
from xpnet.training.parallel.parallel import Parallel


@dataclass(frozen=True)
class ALS:
    """Alternating least squares: ``1/2 sum (y - p . q)^2 + lambda/2 (|P|^2 + |Q|^2)`` on the biases' residuals.

    Parameters
    ----------
    k : int
        Factors.
    lam : float, optional
        Lambda.  Default: the best of a path on a validation part.
    counted : bool
        Whether lambda is multiplied by the number of ratings of each row.
    iterations, tol : int, float
        The largest number of iterations.  They end when the objective falls by no more than this part of itself.
    n_lambdas : int
        Lambdas that are tried.
    validation : float
        The part of the ratings that chooses lambda.
    seed : int
        Names the validation part and the first factors.
    biases : BiasModel
    cg_steps : int, optional
        Steps of conjugate gradients for each half of an iteration: 3 come as near as an exact solution, sooner.
        None solves exactly.

    References
    ----------
    Srebro, Rennie and Jaakkola, NIPS 2004; Zhou et al., doi:10.1007/978-3-540-68880-8_32; Takács, Pilászy and Tikk,
    doi:10.1145/2043932.2043987 (conjugate gradients).
    """

    k: int = 16
    lam: float | None = None
    counted: bool = False
    iterations: int = 15
    tol: float = 1e-4
    n_lambdas: int = 6
    validation: float = 0.1
    seed: int = 0
    biases: BiasModel = USUAL
    cg_steps: int | None = 3

    def __post_init__(self) -> None:
        check_settings(self.k, self.lam, self.validation)
        check_steps(self.cg_steps)
        if self.lam == 0.0:
            raise ValueError("lam must be above 0: a row with fewer ratings than factors has no single answer")

    def fit(
        self,
        ratings: Any,
        backend: str | Backend | None = None,
        progress: Callable[[soft_impute.PathPoint], None] | None = None,
        checkpoint: Any = None,
        parallel: Parallel | None = None,
    ) -> Recommender:
        """Return the recommender for `lam`, or for the best lambda tried, fitted to all ratings.

        Parameters
        ----------
        ratings : Ratings
        backend : str or Backend, optional
        progress : callable, optional
            A function that is called after each fit with its record: lambda, rank (the factors), objective, steps
            (the iterations) and the error of validation, which the last fit has not.
        checkpoint : Checkpoint or path, optional
            A folder in which each lambda that was tried is written, and from which a fit that was broken off goes on.
        parallel : Parallel, optional
            ``xpnet.training.parallel.mpi()``: every process of the job calls `fit` with the same arguments, solves for
            a part of the users and of the items, and returns the same recommender, bit for bit that of one process.
        """
        shared, home = share_fit(parallel, self, ratings, backend)
        with shared.together():
            return self._fit(ratings, home, progress, checkpoint, shared)

    def _fit(self, ratings: Any, home: Backend, progress: Any, checkpoint: Any, shared: Parallel) -> Recommender:
        lam = self.lam
        if lam is None:
            train, watched = ratings.split(self.validation, self.seed)
            biases, observed = self.biases.start(observe(train, home, shared))
            keeper = PathKeeper(checkpoint, self, ratings, home, shared)
            try:
                for each in self._lambdas(observed, home)[len(keeper.state.tried) :]:
                    one = self._fitted(train, biases, observed, each, home)
                    point = self._told(one, one.rmse(watched))
                    keeper.tell(PathState((*keeper.state.tried, point)))
                    if progress:
                        progress(point)
            finally:
                keeper.close()
            lam = min(keeper.state.tried, key=lambda point: point.validation).lam  # type: ignore[arg-type,return-value]
        biases, observed = self.biases.start(observe(ratings, home, shared))
        found = self._fitted(ratings, biases, observed, float(lam), home)
        if progress:
            progress(self._told(found))
        return found

    def _told(self, found: Recommender, error: float | None = None) -> soft_impute.PathPoint:
        return soft_impute.PathPoint(found.lam, self.k, found.history[-1], len(found.history), error)

    def _fitted(self, ratings: Any, biases: Biases, observed: Observed, lam: float, home: Backend) -> Recommender:
        first = als.random_factors(observed, self.k, home, self.seed, observed.size)
        problem = Explicit(observed, lam, self.counted)
        factors, seen = als.descended(problem, first, self.iterations, self.tol, self.cg_steps)
        als.check_lambda(observed, factors, lam)
        folding = RidgeFolding(self.biases.dampings, lam, self.counted)
        return Recommender(ratings, biases, factors, folding, lam, seen)

    def _lambdas(self, observed: Observed, home: Backend) -> Sequence[float]:
        if observed.size == 0.0:
            return [1.0]  # the biases explain everything: any lambda makes all factors 0
        if self.counted:
            return soft_impute.geometric(0.4 * observed.size, 0.02 * observed.size, self.n_lambdas)
        largest = soft_impute.largest_lambda(observed, home, tol=1e-3)
        return soft_impute.geometric(0.5 * largest, 0.1 * largest, self.n_lambdas)
