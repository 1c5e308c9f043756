"""Split rows so that the rows of a group, such as the visits of a patient, stay together."""

from typing import Any

import numpy as np

from xpnet.data.columns.cells import is_missing
from xpnet.data.preparing.class_numbers import number_classes
from xpnet.data.preparing.splits.split import Rows, Split, generator, split_with, test_size
from xpnet.data.tables.dataset import Array
from xpnet.data.tables.frames import as_plain


def group_split(groups: Any, fraction: float = 0.2, seed: int = 0) -> Split:
    """Return a split in which no group has rows in both parts.

    A random split of rows that belong together tests on what it was trained on: two visits of a patient, two
    pictures of a house, two rows that differ by rounding.  This split says how well new groups are predicted.

    Parameters
    ----------
    groups : array, list or column, shape (n,)
        The group of each row: numbers, dates, text or booleans.
    fraction : float
        Wanted share of the test rows, at least 0 and below 1; dimensionless.  0: every row is a training row.
    seed : int
        Of the random choice; the same seed gives the same split.

    Returns
    -------
    Split
        Groups are taken in random order; one is tested on if that brings the number of test rows nearer to
        ``n * fraction``.  Each part has a group at least.  The test part is smaller or larger than wanted where
        groups are large.

    Raises
    ------
    TypeError
        If ``groups`` holds something else.
    ValueError
        If there are fewer than two groups, one is missing, ``fraction`` is not at least 0 and below 1, or ``groups``
        has masked entries.

    See Also
    --------
    sklearn.model_selection.GroupShuffleSplit : Draws a share of the groups, not of the rows.

    Examples
    --------
    >>> group_split(["ann", "bob", "ann", "cy", "cy", "bob"], 0.3)
    Split(train=array([0, 1, 2, 5]), test=array([3, 4]))
    """
    numbers = _numbers(groups)
    n = numbers.size
    test_size(n, fraction)
    if not fraction:
        return split_with(n, np.zeros(0, dtype=np.int64))
    _, index, counts = np.unique(numbers, return_inverse=True, return_counts=True)
    if counts.size < 2:
        raise ValueError(f"groups must be at least 2, one for each part, got {counts.size}")
    chosen = _chosen(counts, n * fraction, generator(seed).permutation(counts.size))
    return split_with(n, np.flatnonzero(chosen[index]))


def _numbers(groups: Any) -> Array:
    """Return the groups as an array of numbers or dates, shape (n,), or refuse them."""
    plain, _ = number_classes(as_plain("groups", groups), name="groups")
    numbers = np.asarray(plain)
    if numbers.ndim != 1:
        raise ValueError(f"groups must have shape (n,), got {numbers.shape}")
    if numbers.dtype.kind == "O":
        numbers = np.asarray([None if is_missing(value) else value for value in numbers.tolist()])
    gaps = numbers == None if numbers.dtype.kind == "O" else numbers != numbers  # noqa: E711  # elementwise; NaN, NaT
    if gaps.any():
        row = int(gaps.argmax())
        raise ValueError(f"groups must not be missing, got {numbers[row]} in row {row}: leave the row out")
    if numbers.dtype.kind not in "iufM":
        raise TypeError(f"groups must hold numbers, dates, text or booleans, got {numbers.dtype}")
    return numbers


def _chosen(counts: Rows, wanted: float, order: Rows) -> Array:
    """Return which groups are tested on, shape (k,), bool; at least one and not all."""
    chosen, size = np.zeros(counts.size, dtype=np.bool_), 0
    for group in order.tolist():
        count = int(counts[group])
        if abs(size + count - wanted) < abs(size - wanted):
            chosen[group], size = True, size + count
    if not chosen.any():
        chosen[counts.argmin()] = True  # every group is larger than twice the test part
    if chosen.all():
        chosen[counts.argmin()] = False
    return chosen
