"""SoftImpute: ratings explained by biases and a matrix of small nuclear norm."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from xpnet.backend import Array, Backend, get, namespace, to_numpy
from xpnet.recommend.algorithms import soft_impute
from xpnet.recommend.algorithms.bias import Biases
from xpnet.recommend.algorithms.observed import Observed, observe
from xpnet.recommend.algorithms.problems import Factors
from xpnet.recommend.folding.biased import StretchedFolding
from xpnet.recommend.models.bias_model import USUAL, BiasModel
from xpnet.recommend.models.keeping import PathKeeper, PathState
from xpnet.recommend.models.settings import check_settings
from xpnet.recommend.recommender import Recommender

Begun: TypeAlias = tuple[Biases, Observed]
Progress: TypeAlias = Callable[[soft_impute.PathPoint], None]


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
        progress: Progress | None = None,
        checkpoint: Any = None,
    ) -> Recommender:
        """Return the recommender for `lam`, or for the best lambda of the path, fitted to all ratings.

        The best lambda decides the rank, too: the singular values that it shrinks to 0 are gone.  `progress` is as
        for `path`; the path that chooses lambda has errors of validation, the last one has none.  `checkpoint` is a
        folder, or a `xpnet.Checkpoint`: the state is written after a lambda, and a fit that was broken off goes on.
        """
        home, lam = get(backend), self.lam
        keeper = PathKeeper(checkpoint, self, ratings, home)
        try:
            if lam is None:
                train, watched = ratings.split(self.validation, self.seed)
                if not keeper.state.last:
                    done = keeper.state.tried, keeper.state.z
                    for point, z in self._walk(train, self._begun(train, home), home, None, watched, progress, done):
                        keeper.tell(PathState((*keeper.state.tried, point), (), z))
                lam = min(keeper.state.tried, key=lambda point: point.validation).lam  # type: ignore[arg-type,return-value]
            last, begun = keeper.state.last, self._begun(ratings, home)
            done = last, keeper.state.z if last else None
            for point, z in self._walk(ratings, begun, home, lam, None, progress, done):
                keeper.tell(PathState(keeper.state.tried, (*keeper.state.last, point), z))
        finally:
            keeper.close()
        assert keeper.state.z is not None  # a path has a lambda
        return self._made(ratings, begun, keeper.state.z, keeper.state.last)

    def path(
        self,
        ratings: Any,
        backend: str | Backend | None = None,
        until: float | None = None,
        progress: Progress | None = None,
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
        home, points, found = get(backend), list[soft_impute.PathPoint](), list[Recommender]()
        begun = self._begun(ratings, home)
        for point, z in self._walk(ratings, begun, home, until, watched, progress, ((), None)):
            points.append(point)
            found.append(self._made(ratings, begun, z, tuple(points)))
        return found

    def _begun(self, ratings: Any, home: Backend) -> Begun:
        """Return the biases, and the ratings' residuals."""
        return self.biases.start(observe(ratings, home))

    def _walk(
        self,
        ratings: Any,
        begun: Begun,
        home: Backend,
        until: float | None,
        watched: Any,
        progress: Progress | None,
        done: tuple[Sequence[soft_impute.PathPoint], soft_impute.LowRankEstimate | None],
    ) -> Iterator[tuple[soft_impute.PathPoint, soft_impute.LowRankEstimate]]:
        """Yield the points of the path after those that are done, with their estimates."""
        _, observed = begun
        k = min(self.k, *observed.shape)
        lambdas = self._lambdas(soft_impute.largest_lambda(observed, home, tol=1e-6), until)[len(done[0]) :]
        how: dict[str, Any] = {"steps": self.steps, "tol": self.tol, "seed": self.seed, "first": done[1]}
        for point, z in soft_impute.path(observed, lambdas, k, home, **how):
            error = None if watched is None else self._made(ratings, begun, z, (point,)).rmse(watched)
            point = point._replace(validation=error)
            if progress:
                progress(point)
            yield point, z

    def _made(
        self,
        ratings: Any,
        begun: Begun,
        z: soft_impute.LowRankEstimate,
        points: tuple[soft_impute.PathPoint, ...],
    ) -> Recommender:
        """Return the recommender of an estimate; the points lead to it."""
        biases, observed = begun
        after = soft_impute.debiased(observed, z) if self.debias else z
        folding = StretchedFolding(self.biases.dampings, points[-1].lam, _stretch(z.d, after.d))
        return Recommender(ratings, biases, _factors(after), folding, points[-1].lam, points)

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
