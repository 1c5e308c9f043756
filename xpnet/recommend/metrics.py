"""How good a recommender is: the errors of its ratings, and what its lists of k items are worth.

The lists are arrays of item numbers, one row a user, with -1 where there is no item: `recommended` (n_users, n) in
order of rank, the best first, and `relevant` (n_users, m), the items that were held out, in any order.  Users for whom
nothing was held out do not count.  Below, hit_j is 1 where the item at rank j = 1, 2, ... is relevant, else 0.

The answers are 0-d arrays; those about lists have the floating dtype that the device prefers.
"""

from xpnet.backend import Array, namespace, to_numpy
from xpnet.checks import whole
from xpnet.linalg.arguments import as_inexact, refuse_nonfinite

CHUNK = 1 << 22  # comparisons of items held in memory at a time


def rmse(predicted: Array, actual: Array, weights: Array | None = None) -> Array:
    """Return the root of the mean squared error, in the unit of the ratings.

    Parameters
    ----------
    predicted, actual : Array, shape (n,), real
    weights : Array, shape (n,), optional
        How much each rating counts, zero or more.  Default: all the same.

    Raises
    ------
    ValueError
        If there is no rating, a shape does not fit, a value is not finite, or no weight is above zero.

    Notes
    -----
    ``sqrt(sum_i w_i (predicted_i - actual_i)^2 / sum_i w_i)``.  Never below `mae`.

    References
    ----------
    Herlocker et al., ACM TOIS 22 (2004) 5, DOI 10.1145/963770.963772.

    Examples
    --------
    >>> import numpy as np
    >>> float(rmse(np.asarray([1.0, 5.0]), np.asarray([4.0, 1.0])))
    3.5355339059327378
    """
    error = _error(predicted, actual)
    return namespace(error).sqrt(_mean(error * error, weights))


def mae(predicted: Array, actual: Array, weights: Array | None = None) -> Array:
    """Return the mean absolute error, in the unit of the ratings.

    ``sum_i w_i |predicted_i - actual_i| / sum_i w_i``.  Arguments, errors and reference are as of `rmse`.

    Examples
    --------
    >>> import numpy as np
    >>> float(mae(np.asarray([1.0, 5.0]), np.asarray([4.0, 1.0])))
    3.5
    """
    error = _error(predicted, actual)
    return _mean(namespace(error).abs(error), weights)


def precision_at_k(recommended: Array, relevant: Array, k: int | None = None) -> Array:
    """Return the share of the first k places that hold a relevant item, the mean over the users.

    Parameters
    ----------
    recommended : Array, shape (n_users, n), signed integers
        Item numbers in order of rank, none twice in a row; -1 for no item.
    relevant : Array, shape (n_users, m), signed integers
        Item numbers in any order, none twice in a row; padded with -1.
    k : int, optional
        From 1 to n.  Default: n.

    Raises
    ------
    TypeError
        If an array does not hold signed integers.
    ValueError
        If a shape does not fit, an item is below -1 or there twice, k is out of range, or no user has a relevant item.

    Notes
    -----
    ``sum_(j <= k) hit_j / k`` for each user: a place left empty is a miss.

    References
    ----------
    Herlocker et al., ACM TOIS 22 (2004) 5, DOI 10.1145/963770.963772.

    Examples
    --------
    >>> import numpy as np
    >>> float(precision_at_k(np.asarray([[7, 3, 5, 1]]), np.asarray([[1, 3, -1]])))
    0.5
    """
    hits, n_relevant = _compare(recommended, relevant, k)
    return _mean_over_users(namespace(hits).mean(hits, axis=1), n_relevant)


def recall_at_k(recommended: Array, relevant: Array, k: int | None = None) -> Array:
    """Return the share of a user's relevant items that are among the first k, the mean over the users.

    ``sum_(j <= k) hit_j / (number of relevant items)`` for each user; the order of the first k does not matter.
    Arguments, errors and reference are as of `precision_at_k`.

    Examples
    --------
    >>> import numpy as np
    >>> float(recall_at_k(np.asarray([[7, 3, 5, 1]]), np.asarray([[1, 3, -1]]), k=2))
    0.5
    """
    hits, n_relevant = _compare(recommended, relevant, k)
    xp = namespace(hits)
    return _mean_over_users(xp.sum(hits, axis=1) / xp.maximum(n_relevant, 1.0), n_relevant)


def ndcg_at_k(recommended: Array, relevant: Array, k: int | None = None) -> Array:
    """Return the normalized discounted cumulative gain of the first k, the mean over the users.

    ``DCG = sum_(j <= k) hit_j / log2(j + 1)`` for each user, divided by the DCG of a list that begins with
    min(k, number of relevant items) hits.  Arguments and errors are as of `precision_at_k`.

    References
    ----------
    Järvelin and Kekäläinen, ACM TOIS 20 (2002) 422, DOI 10.1145/582415.582418; theirs does not discount rank 2.

    Examples
    --------
    >>> import numpy as np
    >>> round(float(ndcg_at_k(np.asarray([[7, 3, 5, 1]]), np.asarray([[3, -1]]))), 4)  # 1 / log2(3)
    0.6309
    """
    hits, n_relevant = _compare(recommended, relevant, k)
    xp, ranks = namespace(hits), _ranks(hits)
    discounts = 1.0 / xp.log2(ranks + 1.0)  # (k,)
    ideal_hits = xp.astype(ranks <= xp.maximum(n_relevant, 1.0)[:, None], hits.dtype)  # (n_users, k)
    gains = xp.sum(hits * discounts, axis=1) / xp.sum(ideal_hits * discounts, axis=1)
    return _mean_over_users(gains, n_relevant)


def mrr_at_k(recommended: Array, relevant: Array, k: int | None = None) -> Array:
    """Return the mean reciprocal rank: of the first relevant item among the first k, zero if there is none.

    ``max_(j <= k) hit_j / j`` for each user.  Arguments and errors are as of `precision_at_k`.

    References
    ----------
    Voorhees, "The TREC-8 question answering track report", NIST SP 500-246 (1999).

    Examples
    --------
    >>> import numpy as np
    >>> float(mrr_at_k(np.asarray([[7, 3, 5, 1]]), np.asarray([[1, 3, -1]])))
    0.5
    """
    hits, n_relevant = _compare(recommended, relevant, k)
    return _mean_over_users(namespace(hits).max(hits / _ranks(hits), axis=1), n_relevant)


def hit_rate_at_k(recommended: Array, relevant: Array, k: int | None = None) -> Array:
    """Return the share of users with at least one relevant item among the first k.

    ``max_(j <= k) hit_j`` for each user.  Arguments and errors are as of `precision_at_k`.

    References
    ----------
    Deshpande and Karypis, ACM TOIS 22 (2004) 143, DOI 10.1145/963770.963776.

    Examples
    --------
    >>> import numpy as np
    >>> float(hit_rate_at_k(np.asarray([[7, 3], [3, 5]]), np.asarray([[3], [4]])))
    0.5
    """
    hits, n_relevant = _compare(recommended, relevant, k)
    return _mean_over_users(namespace(hits).max(hits, axis=1), n_relevant)


def coverage(recommended: Array, n_items: int) -> Array:
    """Return the share of all items that are recommended to anybody.

    ``(number of different items in the lists) / n_items``.

    Parameters
    ----------
    recommended : Array, shape (n_users, n), signed integers below n_items
        As of `precision_at_k`; with no users the answer is zero.
    n_items : int
        At least 1.

    References
    ----------
    Ge, Delgado-Battenfeld and Jannach, RecSys (2010) 257, DOI 10.1145/1864708.1864761: catalog coverage.

    Examples
    --------
    >>> import numpy as np
    >>> float(coverage(np.asarray([[7, 3], [3, -1]]), n_items=8))
    0.25
    """
    n_items = whole("n_items", n_items, 1)
    _check_items(recommended, "recommended")
    xp = namespace(recommended)
    _refuse(recommended, recommended >= n_items, f"recommended must hold items below n_items = {n_items}")
    no_item = xp.full((1,), -1, dtype=recommended.dtype, device=recommended.device)
    items = xp.sort(xp.concat([no_item, xp.reshape(recommended, (-1,))]))  # from -1 up: each step is a new item
    return xp.sum(as_inexact(items[1:] != items[:-1])) / n_items


def _error(predicted: Array, actual: Array) -> Array:
    namespace(predicted=predicted, actual=actual)
    if predicted.ndim != 1 or predicted.shape[0] == 0:
        raise ValueError(f"predicted must have shape (n,) with n at least 1, got {tuple(predicted.shape)}")
    n = predicted.shape[0]
    return _finite(predicted, "predicted", n) - _finite(actual, "actual", n)


def _mean(values: Array, weights: Array | None) -> Array:
    xp = namespace(values)
    if weights is None:
        return xp.mean(values)
    namespace(predicted=values, weights=weights)
    weights = _finite(weights, "weights", values.shape[0])
    if bool(xp.any(weights < 0.0)) or not bool(xp.any(weights > 0.0)):
        raise ValueError(f"weights must be zero or more and not all zero, got a smallest of {float(xp.min(weights))}")
    return xp.sum(weights * values) / xp.sum(weights)


def _finite(x: Array, name: str, n: int) -> Array:
    if x.shape != (n,):
        raise ValueError(f"{name} must have shape ({n},), got {tuple(x.shape)}")
    xp = namespace(x)
    if xp.isdtype(x.dtype, "complex floating"):
        raise TypeError(f"{name} must hold real numbers, got dtype {x.dtype}")
    x = as_inexact(x, name)
    if not bool(xp.all(xp.isfinite(x))):
        refuse_nonfinite(x, name)
    return x


def _compare(recommended: Array, relevant: Array, k: int | None) -> tuple[Array, Array]:
    """Return the hits (n_users, k) and the numbers of relevant items (n_users,), both floating."""
    xp = namespace(recommended=recommended, relevant=relevant)
    _check_items(recommended, "recommended")
    _check_items(relevant, "relevant")
    if relevant.shape[0] != recommended.shape[0]:
        raise ValueError(f"relevant must have {recommended.shape[0]} rows like recommended, got {relevant.shape[0]}")
    if recommended.shape[1] == 0:
        raise ValueError(f"recommended must have a column or more, got shape {tuple(recommended.shape)}")
    k = recommended.shape[1] if k is None else whole("k", k, 1, recommended.shape[1])
    there = relevant >= 0
    if not bool(xp.any(there)):
        raise ValueError(f"relevant must hold an item for a user or more, got none in shape {tuple(relevant.shape)}")
    return as_inexact(_hits(recommended[:, :k], relevant)), as_inexact(xp.count_nonzero(there, axis=1))


def _hits(recommended: Array, relevant: Array) -> Array:
    xp, (n_users, k) = namespace(recommended), recommended.shape
    rows = max(1, CHUNK // (k * relevant.shape[1]))
    starts = range(0, n_users, rows)
    chunks = [(recommended[i : min(i + rows, n_users), :], relevant[i : min(i + rows, n_users), :]) for i in starts]
    found = [xp.any(shown[:, :, None] == held[:, None, :], axis=2) for shown, held in chunks]  # (rows, k)
    return xp.concat(found, axis=0) & (recommended >= 0)


def _ranks(hits: Array) -> Array:
    return namespace(hits).arange(1, hits.shape[1] + 1, dtype=hits.dtype, device=hits.device)


def _mean_over_users(values: Array, n_relevant: Array) -> Array:
    xp, counts = namespace(values), as_inexact(n_relevant > 0.0)
    return xp.sum(values * counts) / xp.sum(counts)


def _check_items(x: Array, name: str) -> None:
    xp = namespace(**{name: x})
    if not xp.isdtype(x.dtype, "signed integer"):
        raise TypeError(f"{name} must hold signed integers, got dtype {x.dtype}")
    if x.ndim != 2:
        raise ValueError(f"{name} must have shape (n_users, n), got {tuple(x.shape)}")
    _refuse(x, x < -1, f"{name} must hold item numbers, or -1 for none")
    if x.shape[1] > 1:
        ordered = xp.sort(x, axis=1)
        again = (ordered[:, 1:] == ordered[:, :-1]) & (ordered[:, 1:] >= 0)
        _refuse(ordered[:, 1:], again, f"{name} must not hold an item twice in a row")


def _refuse(x: Array, wrong: Array, rule: str) -> None:
    if bool(namespace(x).any(wrong)):
        row, column = (int(i[0]) for i in to_numpy(wrong).nonzero())
        raise ValueError(f"{rule}, got {int(x[row, column])} in row {row}")
