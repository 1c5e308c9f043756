"""SoftImpute: ratings explained by biases and a matrix of small nuclear norm."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from xpnet.backend import Array, Backend, get, namespace, to_numpy
from xpnet.recommend.algorithms import soft_impute
from xpnet.recommend.algorithms.observed import observe
from xpnet.recommend.algorithms.problems import Factors
from xpnet.recommend.folding.biased import StretchedFolding
from xpnet.recommend.models.bias_model import USUAL, BiasModel
from xpnet.recommend.models.settings import check_settings
from xpnet.recommend.recommender import Recommender


@dataclass(frozen=True)
class SoftImpute:
    """Low rank by the nuclear norm: ``1/2 sum (y - z)^2 + lambda |Z|_*`` on the biases' residuals.

    Parameters
    ----------
    k : int
        The largest number of singular values.
    lam : float, optional
        Lambda.  Default: the best of a path on a validation part.
    n_lambdas : int
        The number of lambdas on the path.  Let lambda_0 be the smallest lambda for which Z = 0: the path starts at
        0.9 lambda_0 and ends at `smallest` lambda_0.
    smallest : float
    steps, tol : int, float
        The largest number of steps for a lambda.  They end when a step makes a relative change of Z of at most `tol`.
    debias : bool
        Whether least squares refits the singular values at the end.
    validation : float
        The part of the ratings that chooses lambda.
    seed : int
        Names the validation part and the first directions.
    biases : BiasModel

    References
    ----------
    Mazumder, Hastie and Tibshirani, JMLR 11 (2010); Hastie et al., JMLR 16 (2015).
    """

    k: int = 64
    lam: float | None = None
    n_lambdas: int = 10
    smallest: float = 0.1
    steps: int = 100
    tol: float = 1e-2
    debias: bool = False
    validation: float = 0.1
    seed: int = 0
    biases: BiasModel = USUAL

    def __post_init__(self) -> None:
        check_settings(self.k, self.lam, self.validation)

    def fit(
        self,
        ratings: Any,
        backend: str | Backend | None = None,
        progress: Callable[[soft_impute.PathPoint], None] | None = None,
    ) -> Recommender:
        """Return the recommender for `lam`, or for the best lambda of the path, fitted to all ratings.

        The best lambda decides the rank, too: the singular values that it shrinks to 0 are gone.  `progress` is as
        for `path`; the path that chooses lambda has errors of validation, the last one has none.
        """
        lam = self.lam
        if lam is None:
            train, watched = ratings.split(self.validation, self.seed)
            tried = self.path(train, backend, progress=progress, watched=watched)
            lam = min(tried, key=lambda one: one.history[-1].validation).lam
        return self.path(ratings, backend, lam, progress)[-1]

    def path(
        self,
        ratings: Any,
        backend: str | Backend | None = None,
        until: float | None = None,
        progress: Callable[[soft_impute.PathPoint], None] | None = None,
        watched: Any = None,
    ) -> list[Recommender]:
        """Return a recommender for each lambda of the path, the largest first.

        Parameters
        ----------
        ratings : Ratings
        backend : str or Backend, optional
        until : float, optional
            The last lambda of the path, instead of `smallest` times the largest.
        progress : callable, optional
            A function that is called after each point of the path with its record: lambda, rank, objective, steps and
            validation.
        watched : Ratings, optional
            Other ratings, for the error of validation of each point.
        """
        home = get(backend)
        biases, observed = self.biases.start(observe(ratings, home))
        k = min(self.k, *observed.shape)
        largest = soft_impute.largest_lambda(observed, home, tol=1e-6)
        found: list[Recommender] = []
        for point, z in soft_impute.path(
            observed, self._lambdas(largest, until), k, home, steps=self.steps, tol=self.tol, seed=self.seed
        ):
            after = soft_impute.debiased(observed, z) if self.debias else z
            folding = StretchedFolding(self.biases.dampings, point.lam, _stretch(z.d, after.d))
            one = Recommender(ratings, biases, _factors(after), folding, point.lam)
            point = point._replace(validation=None if watched is None else one.rmse(watched))
            found.append(replace(one, history=(*(found[-1].history if found else ()), point)))
            if progress:
                progress(point)
        return found

    def _lambdas(self, largest: float, until: float | None) -> Sequence[float]:
        end = self.smallest * largest if until is None else float(until)
        if end >= 0.9 * largest:
            return [end]
        n = self.n_lambdas if until is None else max(2, self.n_lambdas // 2)
        return soft_impute.geometric(0.9 * largest, max(end, 1e-6 * largest), n)


def _factors(z: soft_impute.LowRankEstimate) -> Factors:
    """Return p and q with Z = p q^T, columns of the same length."""
    xp = namespace(z.d)
    half = xp.sqrt(xp.abs(z.d))
    return Factors(z.u * half, z.v * (half * xp.sign(z.d)))


def _stretch(before: Array, after: Array) -> tuple[float, ...]:
    """Return what refitting the singular values multiplied p and q by, with the sign: 1 where they are 0."""
    xp = namespace(before)
    ratio = xp.where((before > 0.0) & (after != 0.0), after / xp.where(before > 0.0, before, 1.0), 1.0)
    return tuple(to_numpy(xp.sqrt(xp.abs(ratio)) * xp.sign(ratio)).tolist())
