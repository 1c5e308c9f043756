"""Split rows by time: the past is for training, the latest rows are for testing."""

from datetime import date
from typing import Any

import numpy as np

from xpnet.data.columns.cells import is_missing
from xpnet.data.preparing.splits.split import Split, split_with, test_size
from xpnet.data.tables.dataset import Array
from xpnet.data.tables.frames import as_plain


def time_split(times: Any, fraction: float = 0.2) -> Split:
    """Return a split in which every test row is later than every training row.

    A random split of rows over time trains on the future of its test rows.  This split says how well the future is
    predicted from the past.

    Parameters
    ----------
    times : array, list or column, shape (n,)
        The time of each row: dates, datetimes, datetime64 of NumPy, pandas and polars, or real numbers such as years.
    fraction : float
        Wanted share of the test rows, at least 0 and below 1; dimensionless.  0: every row is a training row.

    Returns
    -------
    Split
        Rows of one time stay together, so that the border lies between two times: the one that brings the number of
        test rows nearest to ``n * fraction``.  Each part has a row at least.

    Raises
    ------
    TypeError
        If ``times`` holds text, booleans or anything else without an order in time.
    ValueError
        If all times are equal, one is missing, ``fraction`` is not at least 0 and below 1, or ``times`` has masked
        entries.

    See Also
    --------
    ordered_split : The last rows of a table that is in order already.

    Examples
    --------
    >>> time_split([2023, 2021, 2024, 2022, 2021], 0.4)
    Split(train=array([1, 3, 4]), test=array([0, 2]))
    """
    instants = _instants(times)
    n = instants.size
    test_size(n, fraction)
    if not fraction:
        return split_with(n, np.zeros(0, dtype=np.int64))
    _, index, counts = np.unique(instants, return_inverse=True, return_counts=True)
    if counts.size < 2:
        raise ValueError(f"times must differ, so that some are the latest, got one time in all {n} rows")
    tested = n - np.cumsum(counts)[:-1]  # (k - 1,): the number of test rows if the border is above time k
    border = int(np.abs(tested - n * fraction)[::-1].argmin())  # of two that are equally near the smaller test part
    return split_with(n, np.flatnonzero(index > counts.size - 2 - border))


def _instants(times: Any) -> Array:
    """Return the times as an array that can be sorted, shape (n,), or refuse them."""
    given = as_plain("times", times)
    array = np.asarray(given, dtype=object) if isinstance(given, list | tuple) else np.asarray(given)
    if array.ndim != 1:
        raise ValueError(f"times must have shape (n,), got {array.shape}")
    if array.dtype.kind == "O":
        array = _from_objects(array)
    if array.dtype.kind not in "iufM":
        raise TypeError(f"times must hold dates or numbers, got {array.dtype}")
    gaps = np.isnat(array) if array.dtype.kind == "M" else np.isnan(array)
    if gaps.any():
        raise ValueError(f"times must not be missing, got {array[gaps.argmax()]} in row {int(gaps.argmax())}")
    return array


def _from_objects(array: Array) -> Array:
    """Return Python's dates, datetimes and numbers as one array of integers that are in their order."""
    values = array.tolist()
    for row, value in enumerate(values):
        if is_missing(value):
            raise ValueError(f"times must not be missing, got {value} in row {row}")
        if isinstance(value, bool) or not isinstance(value, int | float | date | np.datetime64 | np.number):
            raise TypeError(f"times must hold dates or numbers, got {value!r} in row {row}")
    try:
        places = {value: i for i, value in enumerate(sorted(set(values)))}
    except TypeError as error:  # a date beside a number, a time zone beside none
        raise TypeError(f"times must be of one kind, got some that cannot be compared: {error}") from error
    return np.asarray([places[value] for value in values])
