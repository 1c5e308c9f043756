"""The best of many scores."""

from collections.abc import Sequence
from math import inf
from typing import Any, NamedTuple

from xpnet.backend import Array, namespace, of, to_numpy


class Scored(NamedTuple):
    """Items (or users) in order, the best first, and the scores that order them: host arrays."""

    ids: Any  # (n,)
    scores: Any  # (n,)


def best(scores: Array, without: Sequence[int], n: int) -> tuple[Any, Array]:
    """Return the numbers of the n largest scores, on the host, and those scores; of equal ones the first comes first.

    Parameters
    ----------
    scores : Array, shape (m,)
    without : sequence of int
        Numbers that are left out, each once.
    n : int

    Examples
    --------
    >>> import numpy as np
    >>> best(np.asarray([0.5, 0.9, 0.7]), [1], 5)
    (array([2, 0]), array([0.7, 0.5]))
    """
    xp, home = namespace(scores), of(scores)
    if without:
        there = xp.arange(scores.shape[0], device=home.device)[:, None]
        hidden = xp.any(there == home.asarray(list(without))[None, :], axis=-1)
        scores = xp.where(hidden, -inf, scores)
    order = xp.argsort(-scores, stable=True)[: min(n, scores.shape[0] - len(without))]
    return to_numpy(order), xp.take(scores, order)
