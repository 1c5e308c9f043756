"""Which rows each member of an ensemble watches: another part of the training rows for each."""

from typing import Any

import numpy as np

from xpnet.checks import whole
from xpnet.data.preparing.splits.folds import Folds, grouped_folds, random_folds
from xpnet.data.preparing.splits.split import Split


def member_folds(n: int, k: int, seed: int = 0, *, labels: Any = None, groups: Any = None, times: Any = None) -> Folds:
    """Return k splits of the training rows: (rows to train on, rows to watch).

    Parameters
    ----------
    n : int
        Training rows, at least 2.
    k : int
        Parts, from 2 to n.
    seed : int
        Of the random parts.
    labels : array, shape (n,), integers, optional
        Classes, of which each part gets its share.  A class of fewer than k rows is in some parts only, and the row of
        a class of one row is always trained on.
    groups : array, shape (n,), optional
        Rows of a group stay in one part.
    times : array, shape (n,), numbers or dates, optional
        Parts are stretches of time.

    Raises
    ------
    ValueError
        If there are fewer rows, or fewer groups or times, than parts.

    Examples
    --------
    >>> labels = np.asarray([0, 0, 0, 0, 1, 1, 2])
    >>> [sorted(labels[watched].tolist()) for _, watched in member_folds(7, 2, labels=labels)]
    [[0, 0, 1], [0, 0, 1]]
    >>> [watched.tolist() for _, watched in member_folds(4, 2, times=np.asarray([9, 1, 2, 8]))]
    [[1, 2], [0, 3]]
    """
    n = whole("n", n, 2)
    k = whole("k", k, 2)
    if times is not None:
        return _splits(_stretches(np.unique(times, return_inverse=True)[1], k), k)
    if groups is not None:
        return grouped_folds(np.unique(groups, return_inverse=True)[1], k, seed)
    if labels is None:
        return random_folds(n, k, seed)
    if k > n:
        raise ValueError(f"k must be at most the number of rows {n}, got {k}")
    return _splits(_dealt(np.asarray(labels), k, seed), k)


def _dealt(labels: Any, k: int, seed: int) -> Any:
    """Return the part of each row: those of a class are dealt out one after another; -1 for a class of one row."""
    order = np.random.default_rng(whole("seed", seed, 0)).permutation(len(labels))
    order = order[np.argsort(labels[order], kind="stable")]  # by class, in random order inside of it
    counts = np.bincount(labels)
    several = order[counts[labels[order]] > 1]
    part = np.full(len(labels), -1)
    part[several] = np.arange(len(several)) % k
    return part


def _stretches(ranks: Any, k: int) -> Any:
    """Return the part of each row: stretches of time with nearly equally many rows; rows of one time stay together."""
    before = np.concatenate([[0], np.cumsum(np.bincount(ranks))[:-1]])  # rows that are earlier than each time
    part = before[ranks] * k // len(ranks)
    found, compact = np.unique(part, return_inverse=True)
    if len(found) < k:
        raise ValueError(f"k must be at most the number of stretches of time {len(found)}, got {k}")
    return compact


def _splits(part: Any, k: int) -> Folds:
    return tuple(Split(np.flatnonzero(part != i), np.flatnonzero(part == i)) for i in range(k))
