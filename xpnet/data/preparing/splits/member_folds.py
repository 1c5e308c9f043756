"""Which rows each member of an ensemble watches: another part of the training rows for each."""

from typing import Any

import numpy as np

from xpnet.checks import whole
from xpnet.data.preparing.splits.folds import Folds, grouped_folds, random_folds
from xpnet.data.preparing.splits.split import Split


def member_folds(n: int, k: int, seed: int = 0, *, labels: Any = None, groups: Any = None, times: Any = None) -> Folds:
    """Return at most k splits of the training rows: (rows to train on, rows to watch).

    Parameters
    ----------
    n : int
        Training rows, at least 1.
    k : int
        Parts wanted, at least 2; there are fewer if there are fewer rows, groups or times.
    seed : int
        Of the random parts.
    labels : array, shape (n,), integers, optional
        Classes, of which each part gets its share.  A class of fewer than k rows is in some parts only, and the row of
        a class of one row is always trained on.
    groups : array, shape (n,), optional
        Rows of a group stay in one part.
    times : array, shape (n,), numbers or dates, optional
        Parts are stretches of time.

    Returns
    -------
    tuple of Split
        () if there is nothing to watch: fewer than two rows, groups or times, or no class with two rows.

    Examples
    --------
    >>> labels = np.asarray([0, 0, 0, 0, 1, 1, 2])
    >>> [sorted(labels[watched].tolist()) for _, watched in member_folds(7, 2, labels=labels)]
    [[0, 0, 1], [0, 0, 1]]
    >>> [watched.tolist() for _, watched in member_folds(4, 2, times=np.asarray([9, 1, 2, 8]))]
    [[1, 2], [0, 3]]
    """
    n, k = whole("n", n, 1), whole("k", k, 2)
    if times is not None:
        part = _stretches(np.unique(times, return_inverse=True)[1], k)
    elif groups is not None:
        groups = np.unique(groups, return_inverse=True)[1]
        k = min(k, int(groups.max()) + 1)
        return grouped_folds(groups, k, seed) if k > 1 else ()
    elif labels is not None:
        part = _dealt(np.asarray(labels), k, seed)
    else:
        return random_folds(n, min(k, n), seed) if n > 1 else ()
    return _splits(part, int(part.max()) + 1)


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
    return np.unique(before[ranks] * k // len(ranks), return_inverse=True)[1]


def _splits(part: Any, k: int) -> Folds:
    return tuple(Split(np.flatnonzero(part != i), np.flatnonzero(part == i)) for i in range(k)) if k > 1 else ()
