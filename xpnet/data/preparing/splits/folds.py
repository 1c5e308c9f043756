"""Split rows several times: folds of a cross-validation, and bootstrap samples."""

from typing import Any

import numpy as np

from xpnet.checks import whole
from xpnet.data.preparing.splits.split import Rows, Split
from xpnet.data.tables.dataset import Array
from xpnet.data.tables.frames import as_plain

Folds = tuple[Split, ...]


def random_folds(n: int, k: int = 5, seed: int = 0) -> Folds:
    """Return k splits, in which each row is in the test part exactly once.

    Parameters
    ----------
    n : int
        Number of rows.
    k : int
        Number of folds, from 2 to n.
    seed : int
        Of the random assignment; the same seed gives the same folds.

    Returns
    -------
    tuple of Split
        Pairs (training rows, test rows), as scikit-learn's splitters yield them.  The sizes of the test parts differ
        by at most one.

    Raises
    ------
    TypeError, ValueError
        If a number is no whole number or out of range.

    Examples
    --------
    >>> [test.size for train, test in random_folds(10, 4)]
    [3, 3, 2, 2]
    """
    n, k = whole("n", n, 2), whole("k", k, 2)
    if k > n:
        raise ValueError(f"k must be at most the number of rows {n}, got {k}")
    fold = np.empty(n, dtype=np.int64)
    fold[_rng(seed).permutation(n)] = np.arange(n) % k
    return _folds(fold, k)


def stratified_folds(y: Array, k: int = 5, seed: int = 0) -> Folds:
    """Return k splits as `random_folds`, in which every class has its share of each test part.

    Parameters
    ----------
    y : array, shape (n,), integers, booleans or text
        The class of each row.
    k : int
        Number of folds, from 2 to the number of rows of the smallest class.
    seed : int
        Of the random assignment; the same seed gives the same folds.

    Returns
    -------
    tuple of Split
        The numbers of rows of a class differ by at most one between the test parts, and so do the sizes of the test
        parts.

    Raises
    ------
    TypeError, ValueError
        If `y` holds other numbers than integers or has masked entries, or a class has fewer than k rows.

    Examples
    --------
    >>> y = np.asarray(["a", "a", "b", "b", "b", "b"])
    >>> [y[test].tolist() for train, test in stratified_folds(y, 2)]
    [['a', 'b', 'b'], ['a', 'b', 'b']]
    """
    k = whole("k", k, 2)
    labels, index, counts = np.unique(_classes("y", y), return_inverse=True, return_counts=True)
    if counts.min() < k:
        rarest = int(counts.argmin())
        raise ValueError(
            f"k must be at most the number of rows of each class, got {k}, and {counts[rarest]} of class "
            f"{labels[rarest].item()!r}"
        )
    rng, fold, start = _rng(seed), np.empty(index.size, dtype=np.int64), 0
    for c, count in enumerate(counts.tolist()):
        rows = rng.permutation(np.flatnonzero(index == c))
        fold[rows] = (start + np.arange(count)) % k
        start += count  # the next class goes on where this one ends, so that the parts stay equal
    return _folds(fold, k)


def grouped_folds(groups: Array, k: int = 5, seed: int = 0) -> Folds:
    """Return k splits in which the rows of a group are never on both sides.

    Rows that belong together, such as the visits of one patient, are nearly copies of one another: a network that was
    trained on some of them looks better on the others than it is on new patients.

    Parameters
    ----------
    groups : array, shape (n,), integers, booleans or text
        The group of each row.
    k : int
        Number of folds, from 2 to the number of groups.
    seed : int
        Of the order in which groups of one size are dealt; the same seed gives the same folds.

    Returns
    -------
    tuple of Split
        Each group is in the test part exactly once.  The largest groups are dealt first, each to the fold with the
        fewest rows so far.

    Raises
    ------
    TypeError, ValueError
        If `groups` holds other numbers than integers or has masked entries, or there are fewer than k groups.

    Examples
    --------
    >>> [test.tolist() for train, test in grouped_folds([7, 7, 7, 8, 8, 9], 2)]
    [[0, 1, 2], [3, 4, 5]]
    """
    k = whole("k", k, 2)
    _, index, counts = np.unique(_classes("groups", groups), return_inverse=True, return_counts=True)
    if counts.size < k:
        raise ValueError(f"k must be at most the number of groups {counts.size}, got {k}")
    shuffled = _rng(seed).permutation(counts.size)
    sizes, home = np.zeros(k, dtype=np.int64), np.empty(counts.size, dtype=np.int64)
    for group in shuffled[np.argsort(-counts[shuffled], kind="stable")]:
        home[group] = sizes.argmin()
        sizes[home[group]] += counts[group]
    return _folds(home[index], k)


def time_folds(times: Array, k: int = 5) -> Folds:
    """Return k splits in which the test rows are later than the training rows.

    The rows are cut by time into k + 1 blocks; split number i trains on the first i blocks and tests on the next one.
    A split at random would train on the future of its test rows.

    Parameters
    ----------
    times : array, shape (n,), numbers or dates
        The time of each row.
    k : int
        Number of splits, from 1 to one less than the number of different times.

    Returns
    -------
    tuple of Split
        Row numbers, ascending.  The blocks have about n / (k + 1) rows each; rows of one time are in one block.

    Raises
    ------
    TypeError, ValueError
        If `times` holds something else, is not finite or has masked entries, or there are too few different times.

    Examples
    --------
    >>> time_folds([2021, 2019, 2020, 2019], 2)
    (Split(train=array([1, 3]), test=array([2])), Split(train=array([1, 2, 3]), test=array([0])))
    """
    k, given = whole("k", k, 1), np.asarray(as_plain("times", times))
    if given.ndim != 1 or not given.size:
        raise ValueError(f"times must have shape (n,) with at least a row, got {given.shape}")
    if given.dtype.kind not in "iufM":
        raise TypeError(f"times must hold numbers or dates, got {given.dtype}")
    if given.dtype.kind != "i" and not np.isfinite(given).all():
        raise ValueError(f"times must be finite, got {given[~np.isfinite(given)][0]}")
    _, index, counts = np.unique(given, return_inverse=True, return_counts=True)
    if counts.size < k + 1:
        raise ValueError(f"k must be below the number of different times {counts.size}, got {k}")
    block = _blocks(counts, k + 1)[index]
    return tuple(Split(np.flatnonzero(block < i), np.flatnonzero(block == i)) for i in range(1, k + 1))


def _blocks(counts: Rows, k: int) -> Rows:
    """Return the block of each time: k blocks in order, with rows as nearly equal in number as times allow."""
    before, block = np.cumsum(counts) - counts, np.empty(counts.size, dtype=np.int64)
    start = 0
    for i in range(k):
        last = counts.size - (k - i - 1)  # each later block needs a time
        wanted = before[start] + (counts.sum() - before[start]) / (k - i)
        nearest = int(np.abs(before[start + 1 : last] - wanted).argmin()) + start + 1 if start + 1 < last else last
        end = counts.size if i == k - 1 else nearest
        block[start:end] = i
        start = end
    return block


def bootstrap_samples(n: int, k: int = 5, seed: int = 0) -> Folds:
    """Return k bootstrap samples: n rows drawn with repetition to train on, the rows that were not drawn to test on.

    Parameters
    ----------
    n : int
        Number of rows, at least 2.
    k : int
        Number of samples, at least 1.
    seed : int
        Of the random draws; the same seed gives the same samples.

    Returns
    -------
    tuple of Split
        Training rows, shape (n,), ascending and with repetitions, and test rows: about 0.37 n of them.  A sample that
        leaves no row to test on is drawn again.

    Raises
    ------
    TypeError, ValueError
        If a number is no whole number or out of range.

    References
    ----------
    Efron and Tibshirani, doi:10.1080/01621459.1997.10474007.

    Examples
    --------
    >>> train, test = bootstrap_samples(1000, 1)[0]
    >>> train.size, 300 < test.size < 440
    (1000, True)
    """
    n, k, rng = whole("n", n, 2), whole("k", k, 1), _rng(seed)
    samples: list[Split] = []
    while len(samples) < k:
        train = np.sort(rng.integers(0, n, n))
        left = np.ones(n, dtype=np.bool_)
        left[train] = False
        if left.any():
            samples.append(Split(train, np.flatnonzero(left)))
    return tuple(samples)


def _classes(name: str, given: Any) -> Array:
    classes = np.asarray(as_plain(name, given))
    if classes.ndim != 1 or not classes.size:
        raise ValueError(f"{name} must have shape (n,) with at least a row, got {classes.shape}")
    if classes.dtype.kind == "O" and all(isinstance(label, str) for label in classes):
        classes = classes.astype(str)
    if classes.dtype.kind not in "biuUT":
        raise TypeError(f"{name} must hold integers, booleans or text, got {classes.dtype}")
    return classes


def _folds(fold: Rows, k: int) -> Folds:
    """Return the splits, of which the test part of number i holds the rows of fold i."""
    return tuple(Split(np.flatnonzero(fold != i), np.flatnonzero(fold == i)) for i in range(k))


def _rng(seed: int) -> np.random.Generator:
    return np.random.default_rng(whole("seed", seed, 0))
