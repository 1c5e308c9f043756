"""Split rows into a training part and a test part."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from xpnet.data.tables.dataset import Array
from xpnet.data.tables.frames import as_plain

Rows = npt.NDArray[np.int64]


class Split(NamedTuple):
    """Two disjoint lists of row numbers that together hold every row.

    Parameters
    ----------
    train, test : array, shape (m,), int64
        Row numbers, ascending.

    Examples
    --------
    >>> ordered_split(5, 0.4)
    Split(train=array([0, 1, 2]), test=array([3, 4]))
    """

    train: Rows
    test: Rows


def ordered_split(n: int, fraction: float = 0.2) -> Split:
    """Return a split into the first rows for training and the last rows for testing.

    Parameters
    ----------
    n : int
        Number of rows.
    fraction : float
        Share of the test rows, at least 0 and below 1; dimensionless.  0: every row is a training row.

    Returns
    -------
    Split
        ``round(n * fraction)`` test rows.

    Raises
    ------
    ValueError
        If ``fraction`` is not at least 0 and below 1, or one part would be empty.

    Examples
    --------
    >>> ordered_split(10).test
    array([8, 9])
    """
    cut = n - test_size(n, fraction)
    rows = np.arange(n, dtype=np.int64)
    return Split(rows[:cut], rows[cut:])


def random_split(n: int, fraction: float = 0.2, seed: int = 0) -> Split:
    """Return a split into randomly chosen test rows and the other rows.

    Parameters
    ----------
    n : int
        Number of rows.
    fraction : float
        Share of the test rows, at least 0 and below 1; dimensionless.  0: every row is a training row.
    seed : int
        Of the random choice; the same seed gives the same split.

    Returns
    -------
    Split
        ``round(n * fraction)`` test rows.

    Raises
    ------
    ValueError
        If ``fraction`` is not at least 0 and below 1, or one part would be empty.

    Examples
    --------
    >>> random_split(10).test.size
    2
    """
    size = test_size(n, fraction)
    return split_with(n, generator(seed).permutation(n)[:size])


def stratified_split(y: Array, fraction: float = 0.2, seed: int = 0) -> Split:
    """Return a random split in which every class has its share of the test rows.

    Parameters
    ----------
    y : array, shape (n,), integers or text
        The class of each row.
    fraction : float
        Share of the test rows, at least 0 and below 1; dimensionless.  0: every row is a training row.
    seed : int
        Of the random choice; the same seed gives the same split.

    Returns
    -------
    Split
        ``round(n * fraction)`` test rows.  The share of each class is rounded down or up, those with the
        largest remainders up.  A class with two rows or more has one in each part if the size of the parts
        allows it; the only row of a class is a training row.

    Raises
    ------
    TypeError
        If ``y`` holds other numbers than integers.
    ValueError
        If ``fraction`` is not at least 0 and below 1, one part would be empty, too many rows are the only one of
        their class, or ``y`` has masked entries.

    Examples
    --------
    >>> import numpy as np
    >>> y = np.asarray([0, 0, 0, 0, 1, 1, 1, 1])
    >>> y[stratified_split(y, 0.5).test]
    array([0, 0, 1, 1])
    """
    y = as_plain("y", y)
    if y.ndim != 1:
        raise ValueError(f"y must have shape (n,), got {y.shape}")
    if y.dtype.kind not in "biuU":
        raise TypeError(f"y must hold classes (a regression takes random_split), got {y.dtype}")
    size = test_size(y.size, fraction)
    _, index, counts = np.unique(y, return_inverse=True, return_counts=True)
    rng = generator(seed)
    chosen = [rng.permutation(np.flatnonzero(index == c))[:share] for c, share in enumerate(_shares(counts, size))]
    return split_with(y.size, np.concatenate(chosen))


def test_size(n: int, fraction: float) -> int:
    """Return the number of test rows; refuse it if a part would be empty that should not be.

    Examples
    --------
    >>> test_size(10, 0.25), test_size(10, 0.0)
    (2, 0)
    """
    if not 0 <= fraction < 1:
        raise ValueError(f"fraction must be at least 0 and below 1, got {fraction}")
    size = round(n * fraction)
    if fraction and not 0 < size < n:
        raise ValueError(f"n must leave both parts a row at fraction {fraction}, got {n}")
    return size


def generator(seed: int) -> np.random.Generator:
    """Return the random generator of a seed."""
    if seed < 0:
        raise ValueError(f"seed must be at least 0, got {seed}")
    return np.random.default_rng(seed)


def split_with(n: int, test: Rows) -> Split:
    """Return the split with these test rows, given in any order.

    Examples
    --------
    >>> split_with(4, np.asarray([3, 1]))
    Split(train=array([0, 2]), test=array([1, 3]))
    """
    tests = np.zeros(n, dtype=np.bool_)
    tests[test] = True
    return Split(np.flatnonzero(~tests), np.flatnonzero(tests))


def _shares(counts: Rows, size: int) -> Rows:
    """Return the number of test rows of each class: ``size`` in total, each as near to its quota as possible."""
    single = counts == 1
    low = np.where(single, 0, 1)
    high = np.where(single, 0, counts - 1)
    if low.sum() > size:  # fewer test rows than classes
        low = np.zeros_like(counts)
    if high.sum() < size:  # fewer training rows than classes
        high = np.where(single, 0, counts)
    if high.sum() < size:
        raise ValueError(f"y must have at most {counts.sum() - size} classes of one row, got {single.sum()}")
    quota = counts * size / counts.sum()
    shares: Rows = np.clip(np.floor(quota).astype(np.int64), low, high)
    while shares.sum() < size:
        shares[np.argmax(np.where(shares < high, quota - shares, -np.inf))] += 1
    while shares.sum() > size:
        shares[np.argmax(np.where(shares > low, shares - quota, -np.inf))] -= 1
    return shares
