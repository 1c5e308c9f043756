"""Quality measures for recommendation lists.

The lists are arrays of item numbers, one row a user, with -1 where there is no item: `recommended` (n_users, n) in
order of rank, the best first, and `relevant` (n_users, m), the items that were held out, in any order.  Users for whom
nothing was held out do not count.  Below, hit_j is 1 where the item at rank j = 1, 2, ... is relevant, else 0.

The answers are 0-d arrays of the floating dtype that the device prefers.
"""

from xpnet.backend import Array, namespace
from xpnet.checks import whole
from xpnet.linalg.arguments import as_inexact
from xpnet.recommend.metrics.hits import check_items, compare, mean_over_users, ranks_of, refuse_items


def precision_at_k(recommended: Array, relevant: Array, k: int | None = None) -> Array:
    """Return the share of the first k places that hold a relevant item, the mean over the users.

    Parameters
    ----------
    recommended : Array, shape (n_users, n), integers
        Item numbers in order of rank, no item repeated within a row; -1 for no item.
    relevant : Array, shape (n_users, m), integers
        Item numbers in any order, no item repeated within a row; padded with -1.
    k : int, optional
        From 1 to n.  Default: n.

    Raises
    ------
    TypeError
        If an array does not hold integers.
    ValueError
        If a shape does not fit, an item is below -1 or repeated within a row, k is out of range, or no user has a
        relevant item.

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
    hits, n_relevant = compare(recommended, relevant, k)
    return mean_over_users(namespace(hits).mean(hits, axis=1), n_relevant)


def recall_at_k(recommended: Array, relevant: Array, k: int | None = None) -> Array:
    """Return the share of a user's relevant items that are among the first k, the mean over the users.

    ``sum_(j <= k) hit_j / (number of relevant items)`` for each user; the order of the first k does not matter.
    Arguments, errors and reference are as of `precision_at_k`.

    Parameters
    ----------
    recommended, relevant : array, shape (..., n) and (..., m), integers
        As for `precision_at_k`.
    k : int, optional
        As for `precision_at_k`.

    Examples
    --------
    >>> import numpy as np
    >>> float(recall_at_k(np.asarray([[7, 3, 5, 1]]), np.asarray([[1, 3, -1]]), k=2))
    0.5
    """
    hits, n_relevant = compare(recommended, relevant, k)
    xp = namespace(hits)
    return mean_over_users(xp.sum(hits, axis=1) / xp.maximum(n_relevant, 1.0), n_relevant)


def ndcg_at_k(recommended: Array, relevant: Array, k: int | None = None) -> Array:
    """Return the normalized discounted cumulative gain of the first k, the mean over the users.

    ``DCG = sum_(j <= k) hit_j / log2(j + 1)`` for each user, divided by the DCG of a list that begins with
    min(k, number of relevant items) hits.  Arguments and errors are as of `precision_at_k`.

    Parameters
    ----------
    recommended, relevant : array, shape (..., n) and (..., m), integers
        As for `precision_at_k`.
    k : int, optional
        As for `precision_at_k`.

    References
    ----------
    Järvelin and Kekäläinen, ACM TOIS 20 (2002) 422, DOI 10.1145/582415.582418; theirs does not discount rank 2.

    Examples
    --------
    >>> import numpy as np
    >>> round(float(ndcg_at_k(np.asarray([[7, 3, 5, 1]]), np.asarray([[3, -1]]))), 4)  # 1 / log2(3)
    0.6309
    """
    hits, n_relevant = compare(recommended, relevant, k)
    xp, ranks = namespace(hits), ranks_of(hits)
    discounts = 1.0 / xp.log2(ranks + 1.0)  # (k,)
    ideal_hits = xp.astype(ranks <= xp.maximum(n_relevant, 1.0)[:, None], hits.dtype)  # (n_users, k)
    gains = xp.sum(hits * discounts, axis=1) / xp.sum(ideal_hits * discounts, axis=1)
    return mean_over_users(gains, n_relevant)


def mrr_at_k(recommended: Array, relevant: Array, k: int | None = None) -> Array:
    """Return the mean reciprocal rank: of the first relevant item among the first k, zero if there is none.

    ``max_(j <= k) hit_j / j`` for each user.  Arguments and errors are as of `precision_at_k`.

    Parameters
    ----------
    recommended, relevant : array, shape (..., n) and (..., m), integers
        As for `precision_at_k`.
    k : int, optional
        As for `precision_at_k`.

    References
    ----------
    Voorhees, "The TREC-8 question answering track report", NIST SP 500-246 (1999).

    Examples
    --------
    >>> import numpy as np
    >>> float(mrr_at_k(np.asarray([[7, 3, 5, 1]]), np.asarray([[1, 3, -1]])))
    0.5
    """
    hits, n_relevant = compare(recommended, relevant, k)
    return mean_over_users(namespace(hits).max(hits / ranks_of(hits), axis=1), n_relevant)


def hit_rate_at_k(recommended: Array, relevant: Array, k: int | None = None) -> Array:
    """Return the share of users with at least one relevant item among the first k.

    ``max_(j <= k) hit_j`` for each user.  Arguments and errors are as of `precision_at_k`.

    Parameters
    ----------
    recommended, relevant : array, shape (..., n) and (..., m), integers
        As for `precision_at_k`.
    k : int, optional
        As for `precision_at_k`.

    References
    ----------
    Deshpande and Karypis, ACM TOIS 22 (2004) 143, DOI 10.1145/963770.963776.

    Examples
    --------
    >>> import numpy as np
    >>> float(hit_rate_at_k(np.asarray([[7, 3], [3, 5]]), np.asarray([[3], [4]])))
    0.5
    """
    hits, n_relevant = compare(recommended, relevant, k)
    return mean_over_users(namespace(hits).max(hits, axis=1), n_relevant)


def coverage(recommended: Array, n_items: int) -> Array:
    """Return the share of all items that are recommended to anybody.

    ``(number of different items in the lists) / n_items``.

    Parameters
    ----------
    recommended : Array, shape (n_users, n), integers below n_items
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
    recommended = check_items(recommended, "recommended")
    xp = namespace(recommended)
    refuse_items(recommended, recommended >= n_items, f"recommended must hold items below n_items = {n_items}")
    no_item = xp.full((1,), -1, dtype=recommended.dtype, device=recommended.device)
    items = xp.sort(xp.concat([no_item, xp.reshape(recommended, (-1,))]))  # from -1 up: each step is a new item
    return xp.sum(as_inexact(items[1:] != items[:-1])) / n_items
