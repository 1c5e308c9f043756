"""Matrix factorization by mini-batches: the same training loop as the networks', with the penalty of your choice."""

from dataclasses import dataclass
from typing import Any

from xpnet.backend import Backend, get
from xpnet.checks import whole
from xpnet.recommend.algorithms.als import Factors
from xpnet.recommend.algorithms.bias import Biases
from xpnet.recommend.factorization import fit_factorization
from xpnet.recommend.recommender import Recommender
from xpnet.training import adam

NEWCOMERS = 1.0  # the penalty with which they are folded in where the model has none of its own


@dataclass(frozen=True)
class MatrixFactorization:
    """``rating = mean + b_u + b_i + p_u . q_i``, all of it learned together by Adam on mini-batches.

    Parameters
    ----------
    k : int
        Factors.
    penalty : {"frobenius", "l21", "max_norm"}
        What keeps the factors small: their squares (`l2`), the joint lengths of whole factors (`l1`, which makes
        some vanish, and `l2`), or a limit on the length of every user's and item's (`max_norm`).
    l2, l1 : float
        Strengths, over the sum of squared errors.
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
        if self.penalty not in ("frobenius", "l21", "max_norm"):
            raise ValueError(f"penalty must be frobenius, l21 or max_norm, got {self.penalty!r}")

    def fit(self, ratings: Any, backend: str | Backend | None = None) -> Recommender:
        """Return the recommender; its history is that of training."""
        home = get(backend)
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
            l2=0.0 if self.penalty == "max_norm" else self.l2,
            l1=self.l1,
            max_norm=self.max_norm,
            seed=self.seed,
            backend=home,
        )
        p, q, user, item = result.parameters
        biases = Biases(home.full((), result.network.mean), user, item)
        folding = NEWCOMERS if self.penalty == "max_norm" or self.l2 == 0.0 else self.l2
        return Recommender(ratings, biases, Factors(p, q), folding, history=tuple(result.history))
