"""The largest of many scores in each row, by a partial sort that plain array calls can do."""

from math import inf

from xpnet.backend import Array, namespace, vecdot
from xpnet.recommend.lists.groups import GROUP, in_groups


def best(scores: Array, n: int) -> tuple[Array, Array]:
    """Return the places of the n largest scores of each row, the largest first, and these scores: (rows, n).

    Of equal scores the first comes first.

    Parameters
    ----------
    scores : Array, shape (rows, GROUP, groups)
        As `in_groups` arranges them.
    n : int
        At least 1, and at most the number of scores.

    Notes
    -----
    The n best scores lie in the n groups with the largest maxima: each group before them holds a score that comes
    before all of a later group.  So only the maxima and n groups are sorted.

    Examples
    --------
    >>> import numpy as np
    >>> places, scores = best(in_groups(np.asarray([[0.5, 0.9, 0.7, 0.9]])), 3)
    >>> places.tolist(), scores.tolist()
    ([[1, 3, 2]], [[0.9, 0.9, 0.7]])
    """
    xp, (rows, _, groups) = namespace(scores), scores.shape
    if n < groups:
        chosen = xp.sort(_largest(xp.max(scores, axis=1), n), axis=-1)
        scores = xp.take_along_axis(scores, chosen[:, None, :], axis=-1)
    else:
        chosen = xp.broadcast_to(xp.arange(groups, device=scores.device), (rows, groups))
    scores = xp.reshape(scores.mT, (rows, -1))  # in the order of the items, which decides between equal scores
    found = _largest(scores, n)
    values = xp.take_along_axis(scores, found, axis=-1)
    order = xp.argsort(-values, axis=-1, stable=True)
    found, values = (xp.take_along_axis(x, order, axis=-1) for x in (found, values))
    return xp.take_along_axis(chosen, found // GROUP, axis=-1) * GROUP + found % GROUP, values


def ranked(users: Array, items: Array, n: int, hidden: Array | None = None) -> tuple[Array, Array]:
    """Return the numbers of the n best items for each user, (rows, n), and their scores.

    Parameters
    ----------
    users : Array, shape (rows, k)
    items : Array, shape (k, GROUP, groups)
        The score of an item is the inner product of both.
    n : int
        At most the number of items.
    hidden : Array of bool, shape (rows, GROUP, groups), optional
        Items that are not listed: their number is -1 and their score minus infinity, after all others.

    Examples
    --------
    >>> import numpy as np
    >>> items = in_groups(np.asarray([[3.0, 5.0, 4.0]]))
    >>> numbers, scores = ranked(np.asarray([[1.0]]), items, 3, items == 5.0)
    >>> numbers.tolist(), scores.tolist()
    ([[2, 0, -1]], [[4.0, 3.0, -inf]])
    """
    xp, shape = namespace(users), items.shape
    scores = xp.reshape(users @ xp.reshape(items, (shape[0], shape[1] * shape[2])), (users.shape[0], *shape[1:]))
    if hidden is not None:
        scores = xp.where(hidden, -inf, scores)
    numbers, scores = best(scores, n)
    return xp.where(scores == -inf, -1, numbers), scores


def nearest(x: Array, number: int, n: int) -> tuple[Array, Array]:
    """Return the n rows of `x`, (m, k), with the largest cosines with row `number`, itself first, and the cosines.

    Examples
    --------
    >>> import numpy as np
    >>> numbers, cosines = nearest(np.asarray([[3.0, 4.0], [0.0, 0.0], [-3.0, -4.0]]), 0, 3)
    >>> numbers.tolist(), [round(float(cosine), 6) for cosine in cosines]
    ([0, 1, 2], [1.0, 0.0, -1.0])
    """
    xp = namespace(x)
    lengths = xp.sqrt(vecdot(x, x))
    x = x / xp.where(lengths > 0.0, lengths, 1.0)[:, None]
    cosines = xp.where(xp.arange(x.shape[0], device=x.device) == number, 1.0, x @ x[number, :])
    numbers, cosines = best(in_groups(cosines[None, :]), min(n, x.shape[0]))
    return numbers[0, :], cosines[0, :]


def _largest(x: Array, n: int) -> Array:
    """Return the places of the n largest entries of each row, (rows, n): those above the smallest of them come first.

    Of equal entries the first are taken.  Sorting numbers of 8 bits and bare values is faster than sorting places.
    """
    xp, m = namespace(x), x.shape[-1]
    least = xp.sort(x, axis=-1, stable=False)[:, m - n : m - n + 1]
    above, equal_or_above = x > least, x >= least
    class_number = 2 - xp.astype(above, xp.int8) - xp.astype(equal_or_above, xp.int8)  # 0 above, 1 equal, 2 below
    return xp.argsort(class_number, axis=-1, stable=True)[:, :n]
