"""Models to fit to ratings: descriptions without parameters, as `Network` is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from xpnet.backend import Backend, get, namespace
from xpnet.checks import whole
from xpnet.recommend.algorithms import als, soft_impute
from xpnet.recommend.algorithms.als import Factors
from xpnet.recommend.algorithms.bias import Biases, fit_biases, no_biases
from xpnet.recommend.algorithms.observed import Observed, observe
from xpnet.recommend.recommender import Recommender


@dataclass(frozen=True)
class BiasModel:
    """The mean, a bias for each user and one for each item.

    Parameters
    ----------
    damping : (float, float)
        Imagined ratings without bias, for each user and for each item: few ratings move a bias little.
    sweeps : int

    Examples
    --------
    >>> from xpnet.data.ratings.reading import Ratings
    >>> ratings = Ratings.of([1, 1, 2, 2], [7, 8, 7, 8], [5.0, 3.0, 4.0, 2.0])
    >>> BiasModel(damping=(0.0, 0.0)).fit(ratings).predict([1, 2, 3], [8, 7, 8])
    array([3. , 4. , 2.5], dtype=float32)
    """

    damping: tuple[float, float] = (5.0, 5.0)
    sweeps: int = 10

    def __post_init__(self) -> None:
        if len(self.damping) != 2 or not all(d >= 0.0 and isfinite(d) for d in self.damping):
            raise ValueError(f"damping must be two finite numbers of at least 0, got {self.damping!r}")
        whole("sweeps", self.sweeps, 1)

    def fit(self, ratings: Any, backend: str | Backend | None = None) -> Recommender:
        """Return the biases of `ratings`."""
        home = get(backend)
        biases, _ = self.start(observe(ratings, home))
        return Recommender(ratings, biases, _no_factors(ratings, home), damping=self.damping)

    def start(self, observed: Observed) -> tuple[Biases, Observed]:
        """Return the biases, and the ratings without them: what other models explain."""
        known = (observed.users, observed.items, observed.values, observed.by_user, observed.by_item)
        biases = fit_biases(*known, damping=self.damping, sweeps=self.sweeps)
        return biases, observed.with_values(observed.values - biases.predict(observed.users, observed.items))


@dataclass(frozen=True)
class SoftImpute:
    """Low rank by the nuclear norm: ``1/2 sum (y - z)^2 + lambda |Z|_*`` on what the biases leave.

    Parameters
    ----------
    k : int
        Most singular values to keep.
    lam : float, optional
        Lambda.  Default: the best of a path on a validation part.
    n_lambdas : int
        Lambdas on the path, from 0.9 of the one that makes Z = 0 down to `smallest` of it.
    smallest : float
    steps, tol : int, float
        Most steps for a lambda, and the relative change of Z that ends them sooner.
    debias : bool
        Whether the singular values are refitted by least squares at the end.
    validation : float
        Part of the ratings that choose lambda.
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
    biases: BiasModel = BiasModel()

    def __post_init__(self) -> None:
        _check(self.k, self.lam, self.validation)

    def fit(
        self,
        ratings: Any,
        backend: str | Backend | None = None,
        progress: Callable[[soft_impute.PathPoint], None] | None = None,
    ) -> Recommender:
        """Return the recommender for `lam`, or for the best lambda of the path, fitted to all ratings.

        The best lambda brings its rank with it: what it shrinks to 0 is gone.
        """
        lam = self.lam
        if lam is None:
            train, watched = ratings.split(self.validation, self.seed)
            tried = self.path(train, backend, progress=progress)
            lam = min(tried, key=lambda one: one.rmse(watched)).lam
        return self.path(ratings, backend, lam, progress)[-1]

    def path(
        self,
        ratings: Any,
        backend: str | Backend | None = None,
        until: float | None = None,
        progress: Callable[[soft_impute.PathPoint], None] | None = None,
    ) -> list[Recommender]:
        """Return a recommender for each lambda of the path, the largest first.

        Parameters
        ----------
        ratings : Ratings
        backend : str or Backend, optional
        until : float, optional
            Where the path ends, instead of `smallest`.
        progress : callable, optional
            Is given lambda, rank, objective and steps as each point of the path is reached.
        """
        home = get(backend)
        biases, observed = self.biases.start(observe(ratings, home))
        k = min(self.k, *observed.shape)
        largest = soft_impute.largest_lambda(observed, home, tol=1e-6)
        found: list[Recommender] = []
        for point, z in soft_impute.path(
            observed, self._lambdas(largest, until), k, home, steps=self.steps, tol=self.tol, seed=self.seed
        ):
            if progress:
                progress(point)
            z = soft_impute.debiased(observed, z) if self.debias else z
            xp = namespace(z.d)
            half = xp.sqrt(xp.abs(z.d))
            factors = Factors(z.u * half, z.v * (half * xp.sign(z.d)))
            history = (*(found[-1].history if found else ()), point)
            found.append(Recommender(ratings, biases, factors, point.lam, self.biases.damping, history))
        return found

    def _lambdas(self, largest: float, until: float | None) -> Sequence[float]:
        end = self.smallest * largest if until is None else until
        if end >= 0.9 * largest:
            return [end]
        n = self.n_lambdas if until is None else max(2, self.n_lambdas // 2)
        return soft_impute.geometric(0.9 * largest, max(end, 1e-6 * largest), n)


@dataclass(frozen=True)
class ALS:
    """Alternating least squares: ``1/2 sum (y - p . q)^2 + lambda/2 (|P|^2 + |Q|^2)`` on what the biases leave.

    Parameters
    ----------
    k : int
        Factors.
    lam : float, optional
        Lambda.  Default: the best of a path on a validation part.
    counted : bool
        Whether lambda is multiplied by the number of ratings of each row.
    iterations, tol : int, float
        Most iterations, and the relative fall of the objective that ends them sooner.
    n_lambdas : int
        Lambdas that are tried.
    validation : float
        Part of the ratings that choose lambda.
    seed : int
        Names the validation part and the first factors.
    biases : BiasModel

    References
    ----------
    Srebro, Rennie and Jaakkola, NIPS 2004; Zhou et al., doi:10.1007/978-3-540-68880-8_32.
    """

    k: int = 16
    lam: float | None = None
    counted: bool = False
    iterations: int = 15
    tol: float = 1e-4
    n_lambdas: int = 6
    validation: float = 0.1
    seed: int = 0
    biases: BiasModel = BiasModel()

    def __post_init__(self) -> None:
        _check(self.k, self.lam, self.validation)
        if self.lam == 0.0:
            raise ValueError("lam must be above 0: a row with fewer ratings than factors has no single answer")

    def fit(self, ratings: Any, backend: str | Backend | None = None) -> Recommender:
        """Return the recommender for `lam`, or for the best lambda tried, fitted to all ratings."""
        home, lam = get(backend), self.lam
        if lam is None:
            train, watched = ratings.split(self.validation, self.seed)
            biases, observed = self.biases.start(observe(train, home))
            tried = [self._fitted(train, biases, observed, each, home) for each in self._lambdas(observed, home)]
            lam = min(tried, key=lambda one: one.rmse(watched)).lam
        biases, observed = self.biases.start(observe(ratings, home))
        return self._fitted(ratings, biases, observed, lam, home)

    def _fitted(self, ratings: Any, biases: Biases, observed: Observed, lam: float, home: Backend) -> Recommender:
        factors, seen = als.descended(
            als.random_factors(observed, self.k, home, self.seed),
            lambda factors: als.improved(observed, factors, lam, self.counted),
            lambda factors: als.objective(observed, factors, lam, self.counted),
            self.iterations,
            self.tol,
        )
        return Recommender(ratings, biases, factors, lam, self.biases.damping, seen)

    def _lambdas(self, observed: Observed, home: Backend) -> Sequence[float]:
        if self.counted:
            return soft_impute.geometric(0.4, 0.02, self.n_lambdas)
        largest = soft_impute.largest_lambda(observed, home, tol=1e-3)
        return soft_impute.geometric(0.5 * largest, 0.1 * largest, self.n_lambdas)


@dataclass(frozen=True)
class ImplicitALS:
    """Alternating least squares on implicit feedback: values say how often or how long, not how much it was liked.

    Parameters
    ----------
    k : int
        Factors.
    lam : float
        Above 0.
    alpha : float
        How much more a pair counts for each unit of its value.
    iterations, tol : int, float
        Most iterations, and the relative fall of the objective that ends them sooner.
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
        _check(self.k, self.lam, 0.5)
        if self.lam == 0.0 or not (self.alpha > 0.0 and isfinite(self.alpha)):
            raise ValueError(f"lam and alpha must be above 0, got {self.lam} and {self.alpha}")

    def fit(self, ratings: Any, backend: str | Backend | None = None) -> Recommender:
        """Return the recommender; its predictions are preferences, mostly between 0 and 1."""
        if bool((ratings.values < 0.0).any()):
            raise ValueError("values must be at least 0 for implicit feedback")
        home = get(backend)
        observed = observe(ratings, home)
        factors, seen = als.descended(
            als.random_factors(observed, self.k, home, self.seed),
            lambda factors: als.improved_implicit(observed, factors, self.lam, self.alpha),
            lambda factors: als.implicit_objective(observed, factors, self.lam, self.alpha),
            self.iterations,
            self.tol,
        )
        biases = no_biases(*observed.shape, observed.values)
        return Recommender(ratings, biases, factors, self.lam, (0.0, 0.0), seen, bounded=False)


def _no_factors(ratings: Any, home: Backend) -> Factors:
    return Factors(home.full((ratings.n_users, 0)), home.full((ratings.n_items, 0)))


def _check(k: int, lam: float | None, validation: float) -> None:
    whole("k", k, 1)
    if lam is not None and not (isinstance(lam, int | float) and lam >= 0.0 and isfinite(lam)):
        raise ValueError(f"lam must be a finite number of at least 0, got {lam!r}")
    if not 0.0 < validation < 1.0:
        raise ValueError(f"validation must be between 0 and 1, got {validation}")
