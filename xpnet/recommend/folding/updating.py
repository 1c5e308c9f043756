"""New ratings of a fitted model: the tables are made one, and all factors start where the last fit ended."""

from typing import Any

from xpnet.backend import Array, namespace, of, quiet
from xpnet.recommend.algorithms.als import random_factors
from xpnet.recommend.algorithms.bias import Biases
from xpnet.recommend.algorithms.observed import observe
from xpnet.recommend.algorithms.problems import Factors
from xpnet.recommend.folding.newcomer import Folding

Fitted = tuple[Any, Biases, Factors, Folding]  # the Ratings, what was fitted to them, and how
SMALL = 0.01  # the size of products with a new item's first factors, beside that of the ratings


def updated(fitted: Fitted, ratings: Any, iterations: int, seed: int) -> tuple[Any, Biases, Factors]:
    """Return all ratings, the biases and the factors after some iterations on all of them."""
    known, biases, factors, folding = fitted
    together = known.merged(ratings)
    together = together.take(folding.counts(together.values).nonzero()[0])
    home = of(biases.user)
    observed = observe(together, home)
    at = [home.asarray(x) for x in known.numbers(together.user_ids, together.item_ids)]
    new = random_factors(observed, factors.p.shape[-1], home, seed, SMALL * observed.size)
    user, item = (_rows_of(x[:, None], where)[:, 0] for x, where in zip(biases[1:], at, strict=True))
    p, q = (_rows_of(x, where, first) for x, where, first in zip(factors, at, new, strict=True))
    with quiet():
        return together, *folding.refit(observed, Biases(biases.mean, user, item), Factors(p, q), iterations)


def _rows_of(x: Array, where: Array, new: Array | None = None) -> Array:
    """Return the rows of `x`, (n, k), at the indices `where`, (m,); where these are -1, the rows of `new`, or zeros."""
    xp = namespace(x)
    known = xp.astype(where >= 0, x.dtype)[:, None]
    found = known * xp.take(x, xp.maximum(where, 0), axis=0)
    return found if new is None else found + (1.0 - known) * new
