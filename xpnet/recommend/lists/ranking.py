"""The largest of many scores in each row, by a partial sort that plain array calls can do."""

from math import inf

from xpnet.backend import Array, namespace, vecdot

GROUP = 32  # scores of which only the largest is looked at first
SORTED = 16  # rows of at most so many groups are sorted whole


def best(scores: Array, n: int) -> Array:
    """Return the places of the n largest scores of each row, the largest first; of equal ones the first comes first.

    Parameters
    ----------
    scores : Array, shape (rows, m)
    n : int
        At least 1.

    Returns
    -------
    Array of int, shape (rows, min(n, m))

    Notes
    -----
    The row is cut into groups.  The n best scores lie in the n groups with the largest maxima: each group before them
    holds a score that comes before all of a later group.  So only the maxima and n groups are sorted.

    Examples
    --------
    >>> import numpy as np
    >>> best(np.asarray([[0.5, 0.9, 0.7, 0.9]]), 3)
    array([[1, 3, 2]])
    """
    xp, (rows, m) = namespace(scores), scores.shape
    if m <= GROUP * max(n, SORTED):
        return _sorted(scores, n)
    groups = m // GROUP
    whole = groups * GROUP
    maxima = xp.max(xp.reshape(scores[:, :whole], (rows, groups, GROUP)), axis=-1)
    chosen = xp.sort(best(maxima, n), axis=-1)  # in the order of the items, which decides between equal scores
    place = xp.arange(m, dtype=chosen.dtype, device=scores.device)
    places = xp.reshape(chosen[:, :, None] * GROUP + place[:GROUP], (rows, -1))
    places = xp.concat([places, xp.broadcast_to(place[whole:], (rows, m - whole))], axis=-1)
    order = _sorted(xp.take_along_axis(scores, places, axis=-1), n)
    return xp.take_along_axis(places, order, axis=-1)


def ranked(users: Array, items: Array, n: int, hidden: Array | None = None) -> tuple[Array, Array]:
    """Return the numbers of the n best items for each user, (rows, min(n, n_items)), and their scores.

    Parameters
    ----------
    users, items : Array, shapes (rows, k) and (n_items, k)
        The score of an item is the inner product of two rows.
    n : int
    hidden : Array of bool, shape (rows, n_items), optional
        Items that are not listed: their number is -1 and their score minus infinity, after all others.

    Examples
    --------
    >>> import numpy as np
    >>> one = np.asarray([[1.0]])
    >>> numbers, scores = ranked(one, np.asarray([[3.0], [5.0], [4.0]]), 3, np.asarray([[False, True, False]]))
    >>> numbers.tolist(), scores.tolist()
    ([[2, 0, -1]], [[4.0, 3.0, -inf]])
    """
    xp, scores = namespace(users), users @ items.mT
    if hidden is not None:
        scores = xp.where(hidden, -inf, scores)
    numbers = best(scores, n)
    scores = xp.take_along_axis(scores, numbers, axis=-1)
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
    numbers = best(cosines[None, :], n)[0, :]
    return numbers, xp.take(cosines, numbers)


def _sorted(scores: Array, n: int) -> Array:
    return namespace(scores).argsort(-scores, axis=-1, stable=True)[:, : min(n, scores.shape[1])]
