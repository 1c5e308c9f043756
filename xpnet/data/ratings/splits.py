"""Splits of ratings into those to train on and those to test on."""

from fractions import Fraction

import numpy as np

from xpnet.checks import whole
from xpnet.data.preparing.splits.split import Rows, Split
from xpnet.data.tables.dataset import Array


def permuted_split(n: int, fraction: float, seed: int) -> Split:
    """Return the first ``floor(n * fraction)`` rows of a seeded permutation to test on, and the others.

    Examples
    --------
    >>> permuted_split(10, 0.2, seed=0)
    Split(train=array([0, 1, 2, 3, 5, 7, 8, 9]), test=array([4, 6]))
    """
    size = _test_size(n, fraction)
    return _split(n, _rng(seed).permutation(n)[:size])


def fold_splits(n: int, k: int, seed: int) -> list[Split]:
    """Return k splits; each row is in the test part of exactly one of them.

    Examples
    --------
    >>> [fold.test.size for fold in fold_splits(10, 3, seed=0)]
    [4, 3, 3]
    """
    k = whole("k", k, 2, n)
    return [_split(n, test) for test in np.array_split(_rng(seed).permutation(n), k)]


def one_of_each_split(users: Array, seed: int) -> Split:
    """Return one random row of every user with at least two to test on, and the others.

    Examples
    --------
    >>> import numpy as np
    >>> one_of_each_split(np.asarray([0, 0, 1]), seed=0).test.size
    1
    """
    shuffled = _rng(seed).permutation(users.size)
    _, first, counts = np.unique(users[shuffled], return_index=True, return_counts=True)
    if not (counts > 1).any():
        raise ValueError("users must hold one with at least two ratings, got none")
    return _split(users.size, shuffled[first[counts > 1]])


def latest_split(times: Array, fraction: float) -> Split:
    """Return the latest ``floor(n * fraction)`` rows to test on; of equal times, the later row counts as later.

    Examples
    --------
    >>> import numpy as np
    >>> latest_split(np.asarray([5, 9, 1, 9]), 0.25).test
    array([3])
    """
    size = _test_size(times.size, fraction)
    return _split(times.size, np.argsort(times, kind="stable")[times.size - size :])


def _test_size(n: int, fraction: float) -> int:
    """Return the number of rows to test on, or refuse a fraction that leaves a part empty."""
    if not 0 < fraction < 1:
        raise ValueError(f"fraction must lie between 0 and 1, both excluded, got {fraction}")
    size = int(n * Fraction(str(float(fraction))))  # the decimal that was written: 100 * 0.29 is below 29
    if size == 0:
        raise ValueError(f"n must leave both parts a rating at fraction {fraction}, got {n}")
    return size


def _rng(seed: int) -> np.random.Generator:
    return np.random.default_rng(whole("seed", seed, 0))


def _split(n: int, test: Rows) -> Split:
    tests = np.zeros(n, dtype=np.bool_)
    tests[test] = True
    return Split(np.flatnonzero(~tests), np.flatnonzero(tests))
