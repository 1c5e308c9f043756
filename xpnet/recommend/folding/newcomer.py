"""What is known of a newcomer, and the small least-squares problem that every model with factors solves for it."""

from math import hypot, inf
from typing import Any, NamedTuple, Protocol

from xpnet.backend import Array, namespace, to_numpy
from xpnet.linalg import svd
from xpnet.linalg.arguments import limits
from xpnet.recommend.algorithms.bias import Biases
from xpnet.recommend.algorithms.observed import Observed
from xpnet.recommend.algorithms.problems import Factors


class Newcomer(NamedTuple):
    """A user who rates m known items, or an item that m known users rate."""

    values: Array  # (m,), the ratings
    known: Array  # (m,), the mean and the biases of the others: the prediction without the newcomer
    factors: Array  # (m, k), those of the others that are rated, or that rate
    everyone: Array  # (n, k), those of all the others
    side: int  # 0 for a user, 1 for an item


class Folding(Protocol):
    """How one model deals with ratings that come later: a value with the settings that the model was fitted with.

    Its fields are numbers, or tuples of numbers, so that a file can keep it.
    """

    def counts(self, values: Any) -> Any:
        """Return which of the ratings, host array (m,), say something: bool, (m,).  Refuse what the model does."""

    def fold(self, newcomer: Newcomer) -> tuple[Array, Array]:
        """Return the bias, (), and the factors, (k,), that minimize the model's objective for fixed others."""

    def refit(self, observed: Observed, biases: Biases, factors: Factors, iterations: int) -> tuple[Biases, Factors]:
        """Return biases and factors fitted to changed ratings: users for fixed items, then iterations of both."""


def all_count(values: Any) -> Any:
    """Return that every rating counts."""
    return values == values


def damped_bias(newcomer: Newcomer, damping: float) -> tuple[Array, Array]:
    """Return the mean of what the others do not explain, with `damping` more ratings of 0, and what it leaves, (m,)."""
    xp, left = namespace(newcomer.values), newcomer.values - newcomer.known
    bias = xp.sum(left) / (left.shape[0] + damping)
    return bias, left - bias


def ridge(f: Array, y: Array, penalty: float) -> Array:
    """Return the p, (k,), that makes ``|y - f p|^2 + penalty |p|^2`` least, for f of shape (m, k).

    Examples
    --------
    >>> import numpy as np
    >>> ridge(np.asarray([[1.0], [1.0]]), np.asarray([4.0, 2.0]), 1.0)
    array([2.])
    """
    xp, k = namespace(f), f.shape[-1]
    return shortest(f.mT @ f + penalty * xp.eye(k, dtype=f.dtype, device=f.device), f.mT @ y[:, None])


def shortest(a: Array, b: Array, limit: float = inf) -> Array:
    """Return the p, (k,), that makes ``p^T a p / 2 - b^T p`` least with ``|p| <= limit``, and of several the shortest.

    Parameters
    ----------
    a : Array, shape (k, k)
        Symmetric, positive semidefinite.
    b : Array, shape (k, 1)
        In the range of `a`.
    limit : float

    Notes
    -----
    ``(a + mu 1) p = b``, with the smallest mu >= 0 for which p is short enough.

    References
    ----------
    Moré and Sorensen, doi:10.1137/0904038.

    Examples
    --------
    >>> import numpy as np
    >>> a, b = np.asarray([[2.0, 0.0], [0.0, 0.0]]), np.asarray([[6.0], [0.0]])
    >>> shortest(a, b), shortest(a, b, limit=1.0)
    (array([3., 0.]), array([1., 0.]))
    """
    xp, k = namespace(a), a.shape[-1]
    u, s, vh = svd(a, full_matrices=False, flip=False)
    c = xp.where(s > k * limits(xp, a.dtype)[0] * s[:1], (u.mT @ b)[:, 0], 0.0)  # a's null space takes no part
    mu = _shift(to_numpy(s).tolist(), to_numpy(c).tolist(), limit)
    return vh.mT @ (c / xp.where(c == 0.0, 1.0, s + mu))


def _shift(s: list[float], c: list[float], limit: float) -> float:
    """Return the smallest mu >= 0 for which ``|c / (s + mu)| <= limit``, by bisection."""

    def length(mu: float) -> float:
        return hypot(*(y / (x + mu) for x, y in zip(s, c, strict=True) if y))

    if length(0.0) <= limit:
        return 0.0
    low, high = 0.0, hypot(*c) / limit
    while low < (middle := 0.5 * (low + high)) < high:
        low, high = (middle, high) if length(middle) > limit else (low, middle)
    return high
