"""The bias model, by itself or as the first part of another model."""

from dataclasses import dataclass
from typing import Any

from xpnet.backend import Backend, get
from xpnet.checks import whole
from xpnet.recommend.algorithms.bias import Biases, explained
from xpnet.recommend.algorithms.observed import Observed, observe
from xpnet.recommend.algorithms.problems import Factors
from xpnet.recommend.folding.biased import BiasFolding
from xpnet.recommend.models.settings import check_number
from xpnet.recommend.recommender import Recommender


@dataclass(frozen=True)
class BiasModel:
    """The mean, a bias for each user and one for each item.

    Parameters
    ----------
    damping : (float, float)
        The number of imagined ratings with bias 0 for each user and for each item: few ratings give a small bias.
    sweeps : int
        Rounds of fitting all items, then all users.

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
        if not isinstance(self.damping, tuple | list) or len(self.damping) != 2:
            raise TypeError(f"damping must be two numbers, got {self.damping!r}")
        for damping in self.damping:
            check_number("damping", damping)
        whole("sweeps", self.sweeps, 1)

    def fit(self, ratings: Any, backend: str | Backend | None = None) -> Recommender:
        """Return the biases of `ratings`."""
        home = get(backend)
        biases, _ = self.start(observe(ratings, home))
        none = Factors(home.full((ratings.n_users, 0)), home.full((ratings.n_items, 0)))
        return Recommender(ratings, biases, none, BiasFolding(self.dampings))

    @property
    def dampings(self) -> tuple[float, float]:
        """The damping as Python's numbers, for files."""
        user, item = self.damping
        return float(user), float(item)

    def start(self, observed: Observed) -> tuple[Biases, Observed]:
        """Return the biases, and the residuals, which other models explain."""
        return explained(observed, self.dampings, self.sweeps)


USUAL = BiasModel()  # the other models start with it
