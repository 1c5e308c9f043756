"""Matrix factorization by mini-batches: the networks' training loop, with a choice of penalties."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from xpnet.backend import Array, Backend, get, namespace, resolve, to_numpy
from xpnet.checks import whole
from xpnet.data.ratings.columns import as_column, as_numbers, as_values
from xpnet.recommend.algorithms.bias import Biases
from xpnet.recommend.algorithms.biased_factors import column_norms
from xpnet.recommend.algorithms.observed import check_size
from xpnet.recommend.algorithms.problems import Factors
from xpnet.recommend.factorization import FactorModel
from xpnet.recommend.folding.free_bias import FreeBiasFolding
from xpnet.recommend.models.settings import check_number
from xpnet.recommend.recommender import Recommender
from xpnet.training import Callback, Optimizer, Record, Result, adam, train


@dataclass(frozen=True)
class MatrixFactorization:
    """``rating = mean + b_u + b_i + p_u . q_i``: biases and factors are trained together by Adam on mini-batches.

    Parameters
    ----------
    k : int
        Factors.
    penalty : {"frobenius", "l21", "max_norm"}
        What keeps the factors small: a penalty on their squares (`l2`); that and a penalty on the norm of each
        factor over all users and items (`l1`), which makes some factors vanish; or a limit on the norm of each user's
        and each item's factors (`max_norm`).
    l2, l1 : float
        Strengths of the penalties, beside half the sum of squared errors.
    max_norm : float, optional
    epochs, batch_size : int
    eta : float
        Learning rate.
    seed : int
        Names the first factors and the order of the ratings.

    References
    ----------
    Koren, Bell and Volinsky, doi:10.1109/MC.2009.263.

    Examples
    --------
    >>> from xpnet.recommend import Ratings
    >>> ratings = Ratings.of([1, 1, 2, 2], [7, 8, 7, 8], [5.0, 3.0, 4.0, 2.0])
    >>> found = MatrixFactorization(k=2, epochs=200, eta=0.05, l2=0.1).fit(ratings)
    >>> found.rmse(ratings) < 0.2
    True
    """

    k: int = 16
    penalty: str = "frobenius"
    l2: float = 12.0
    l1: float = 0.0
    max_norm: float | None = None
    epochs: int = 12
    batch_size: int = 4096
    eta: float = 0.005
    seed: int = 0

    def __post_init__(self) -> None:
        whole("k", self.k, 1)
        whole("epochs", self.epochs, 1)
        whole("batch_size", self.batch_size, 1)
        for name in ("l2", "l1"):
            check_number(name, getattr(self, name))
        if self.max_norm is not None:
            check_number("max_norm", self.max_norm, above=True)
        if self.penalty not in ("frobenius", "l21", "max_norm"):
            raise ValueError(f"penalty must be frobenius, l21 or max_norm, got {self.penalty!r}")

    def fit(
        self, ratings: Any, backend: str | Backend | None = None, progress: Callable[[Record], None] | None = None
    ) -> Recommender:
        """Return the recommender; its history is that of training; `progress` hears each record."""
        home = get(backend)
        l2 = 0.0 if self.penalty == "max_norm" else float(self.l2)
        max_norm = None if self.max_norm is None else float(self.max_norm)
        result = fit_factorization(
            ratings.users,
            ratings.items,
            ratings.values,
            ratings.n_users,
            ratings.n_items,
            k=self.k,
            penalty=self.penalty,
            epochs=self.epochs,
            batch_size=self.batch_size,
            optimizer=adam(self.eta),
            l2=l2,
            l1=float(self.l1),
            max_norm=max_norm,
            seed=self.seed,
            callbacks=() if progress is None else (_Told(progress),),
            backend=home,
        )
        p, q, user, item = result.parameters
        norms = to_numpy(column_norms(result.parameters)).tolist()
        pulls = tuple(l2 + float(self.l1) / norm for norm in norms)
        folding = FreeBiasFolding(pulls, max_norm)
        biases = Biases(home.full((), result.network.mean), user, item)
        return Recommender(ratings, biases, Factors(p, q), folding, l2, tuple(result.history))


class _Told(Callback):
    """Hands the record of each epoch on."""

    def __init__(self, progress: Callable[[Record], None]) -> None:
        self.progress = progress

    def epoch(self, record: Record, parameters: Any) -> None:  # noqa: ARG002  (a callback may look at them)
        self.progress(record)


def fit_factorization(
    users: Any,
    items: Any,
    values: Any,
    n_users: int,
    n_items: int,
    *,
    k: int = 16,
    penalty: str = "frobenius",
    epochs: int = 20,
    batch_size: int | None = 4096,
    optimizer: Optimizer | None = None,
    l2: float = 12.0,
    validation: tuple[Any, Any, Any] | None = None,
    seed: int = 0,
    backend: str | Backend | None = None,
    **options: Any,
) -> Result:
    """Train a `FactorModel` around the mean of the ratings.

    Parameters
    ----------
    users, items : array of int, shape (n,)
        Row numbers.
    values : array, shape (n,)
        Ratings.
    n_users, n_items, k, penalty
        As for `FactorModel`.
    epochs, batch_size, l2, seed, backend
        As for `xpnet.training.train`, as are other `options` such as ``max_norm`` or ``stopping``.
    optimizer : Optimizer, optional
        Default: ``adam(eta=0.005)``.
    validation : (users, items, values), optional
        Ratings to watch, never learned from.

    Returns
    -------
    Result
        Its parameters are `BiasedFactors`; ``result.network.predict(result.best_parameters, x)`` gives ratings.

    Raises
    ------
    TypeError, ValueError
        If an argument makes no sense; the message names it.

    Examples
    --------
    >>> result = fit_factorization([0, 0, 1], [0, 1, 0], [5, 3, 4], 2, 2, k=1, epochs=2)
    >>> result.network.predict(result.best_parameters, [[1, 1]]).shape
    (1,)
    """
    home = resolve(backend, users=users, items=items, values=values)
    model = FactorModel(n_users, n_items, k, 0.0, penalty)
    x, y = _examples(model, users, items, values)
    check_size(y, home)
    return train(
        replace(model, mean=float(y.mean())),
        (x, y),
        validation=None if validation is None else _examples(model, *validation),
        epochs=epochs,
        batch_size=batch_size,
        optimizer=adam(eta=0.005) if optimizer is None else optimizer,
        l2=l2,
        seed=seed,
        backend=home,
        **options,
    )


def _examples(model: FactorModel, users: Any, items: Any, values: Any) -> tuple[Array, Array]:
    """Return rows (user, item), (n, 2), and their ratings, (n,): checked host arrays."""
    n = as_column("values", values).size
    if not n:
        raise ValueError("values must hold a rating, got none")
    columns = (as_numbers("users", users, model.n_users, n), as_numbers("items", items, model.n_items, n))
    return namespace(columns[0]).stack(columns, axis=-1), as_values(values, n)
