"""Lists of many users, a block at a time: memory is that of a block, whatever the number of users."""

from math import nan
from typing import Any

from xpnet.backend import Array, namespace, of, to_numpy
from xpnet.recommend.algorithms.bias import Biases
from xpnet.recommend.algorithms.problems import Factors
from xpnet.recommend.algorithms.workers import work_on, workers_of
from xpnet.recommend.lists.ranking import ranked
from xpnet.recommend.lists.seen import Seen

SCORES = 2**19  # of a block of users and all items: 2 MB in float32, which stays in the processor's cache


def lists_of_users(
    biases: Biases, factors: Factors, items: Array, users: Any, n: int, seen: Seen | None
) -> tuple[Any, Any]:
    """Return the row numbers of each user's n best items, and the ratings expected: host arrays (m, n) or narrower.

    Parameters
    ----------
    biases, factors : Biases, Factors
    items : Array, shape (k + 1, GROUP, groups)
        The items' factors and biases, as `items_in_groups` arranges them.
    users : host array of int, shape (m,)
        Row numbers; -1 for a user never seen, of whom nothing is known but the mean.
    n : int
    seen : Seen, optional
        Items that are not listed again.  Default: all may be listed.

    Returns
    -------
    numbers, scores
        After the last item of a shorter list, -1 and NaN.
    """
    home, host = of(biases.user), namespace(users)
    if not users.shape[0]:
        return host.zeros((0, 0), dtype=users.dtype), host.zeros((0, 0))
    n_items = factors.q.shape[0]

    def work(some: Any) -> tuple[Any, Any]:
        known = home.asarray(some >= 0, home.dtype)[:, None]
        at, xp = home.asarray(host.maximum(some, 0)), namespace(known)
        vectors = xp.concat([xp.take(factors.p, at, axis=0) * known, xp.ones_like(known)], axis=-1)
        hidden = None if seen is None else home.asarray(seen.hidden(some))
        numbers, scores = ranked(vectors, items, min(n, n_items), hidden)
        shift = biases.mean + known * xp.take(biases.user, at)[:, None]
        return to_numpy(numbers), to_numpy(scores + shift)

    rows = max(1, SCORES // n_items)
    blocks = [users[start : start + rows] for start in range(0, users.shape[0], rows)]
    numbers, scores = zip(*work_on(blocks, work, workers_of(home)), strict=True)
    numbers, scores = host.concat(numbers, axis=0), host.concat(scores, axis=0)
    return numbers, host.where(numbers < 0, nan, scores)
