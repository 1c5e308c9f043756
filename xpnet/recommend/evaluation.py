"""Lists compared with ratings that were held out, beside the lists by popularity."""

from typing import Any

from xpnet.backend import namespace, of
from xpnet.checks import whole
from xpnet.recommend.algorithms.bias import Biases
from xpnet.recommend.algorithms.problems import Factors
from xpnet.recommend.folding.biased import BiasFolding
from xpnet.recommend.metrics.lists import coverage, hit_rate_at_k, mrr_at_k, ndcg_at_k, precision_at_k, recall_at_k
from xpnet.recommend.recommender import Recommender

Figures = dict[str, float]
MEASURES = {
    "precision": precision_at_k,
    "recall": recall_at_k,
    "ndcg": ndcg_at_k,
    "mrr": mrr_at_k,
    "hit rate": hit_rate_at_k,
}
USERS = 4096  # whose lists are compared at a time


def evaluate_lists(
    found: Recommender, held: Any, n: int = 10, least: float | None = None
) -> dict[str, dict[str, float]]:
    """Return the worth of lists of n unseen items against held-out ratings, by the model and by popularity.

    Parameters
    ----------
    found : Recommender
    held : Ratings
        Ratings that it was not fitted to; users and items are met by their ids.
    n : int
        The length of the lists.
    least : float, optional
        The smallest rating of a relevant item.  Default: every item with a rating above 0 is relevant.

    Returns
    -------
    dict
        For ``"model"`` and ``"popularity"``, which lists the unseen items with the most ratings: ``"precision"``,
        ``"recall"``, ``"ndcg"``, ``"mrr"`` and ``"hit rate"``, the mean over the users with a relevant item, and
        ``"coverage"``, the share of all items that are listed.  Empty if no held-out rating is relevant.

    Examples
    --------
    >>> from xpnet.recommend import BiasModel, Ratings
    >>> known = Ratings.of([1, 1, 2, 2, 3], [7, 8, 7, 9, 7], [5.0, 3.0, 4.0, 2.0, 5.0])
    >>> figures = evaluate_lists(BiasModel().fit(known), Ratings.of([2, 3], [8, 9], [5.0, 4.0]), n=1)
    >>> figures["model"]["precision"], figures["popularity"]["precision"]
    (0.5, 0.5)
    """
    n = min(whole("n", n, 1), found.ratings.n_items)
    users, relevant = _relevant(found, held, least)
    if not len(relevant):
        return {}
    return {name: _figures(one, users, relevant, n) for name, one in (("model", found), ("popularity", popular(found)))}


def popular(found: Recommender) -> Recommender:
    """Return a recommender with the same ratings that scores an item by the number of its ratings."""
    ratings, like = found.ratings, found.biases.item
    xp, home = namespace(ratings.items), of(like)
    ordered = xp.sort(ratings.items)
    starts = xp.searchsorted(ordered, xp.arange(ratings.n_items + 1, dtype=ordered.dtype))
    counts = home.asarray(xp.astype(starts[1:] - starts[:-1], xp.float64), home.dtype)
    biases = Biases(home.full(()), home.full((ratings.n_users,)), counts)
    none = Factors(home.full((ratings.n_users, 0)), home.full((ratings.n_items, 0)))
    return Recommender(ratings, biases, none, BiasFolding((0.0, 0.0)), bounded=False)


def _relevant(found: Recommender, held: Any, least: float | None) -> tuple[Any, list[Any]]:
    """Return the row numbers of the users with relevant items, -1 for those never seen, and the items of each.

    An item that was never seen gets a number beyond those known: no list holds it.
    """
    xp = namespace(held.values)
    rows = xp.nonzero(held.values >= least if least is not None else held.values > 0.0)[0]
    rows = xp.take(rows, xp.argsort(xp.take(held.users, rows), stable=True))
    known_users, known_items = found.ratings.numbers(held.user_ids, held.item_ids, same_kind=True)
    items = xp.where(known_items < 0, found.ratings.n_items + xp.arange(held.n_items), known_items)
    users, counts = xp.unique_counts(xp.take(held.users, rows))
    ends = xp.cumulative_sum(counts)
    own = xp.take(items, xp.take(held.items, rows))
    return xp.take(known_users, users), [own[e - c : e] for e, c in zip(ends.tolist(), counts.tolist(), strict=True)]


def _figures(found: Recommender, users: Any, relevant: list[Any], n: int) -> Figures:
    xp, totals, listed = namespace(users), dict.fromkeys(MEASURES, 0.0), []
    for start in range(0, len(relevant), USERS):
        some = relevant[start : start + USERS]
        lists = found.top_numbers(users[start : start + USERS], n)
        wanted = xp.stack(_padded(xp, some))
        for name, measure in MEASURES.items():
            totals[name] += float(measure(lists, wanted, n)) * len(some)
        listed.append(xp.unique_values(lists))
    shown = xp.unique_values(xp.concat(listed))
    figures = {name: total / len(relevant) for name, total in totals.items()}
    return figures | {"coverage": float(coverage(shown[None, :], found.ratings.n_items))}


def _padded(xp: Any, rows: list[Any]) -> list[Any]:
    """Return the rows, each with -1 up to the longest."""
    width = max(row.shape[0] for row in rows)
    return [xp.concat([row, xp.full((width - row.shape[0],), -1, dtype=row.dtype)]) for row in rows]
