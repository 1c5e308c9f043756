"""Columns that are constant up to rounding errors, such as 0.3 beside 0.1 + 0.2."""

from functools import cache
from typing import Any

import numpy as np

from xpnet.data.tables.dataset import Array

ROUNDINGS = 8  # float64 roundings by which two numbers that should be equal may differ


def usable_scale(mean: Array, deviation: Array, dtype: Any) -> Array:
    """Return the standard deviations, with 1 where a column is constant up to rounding errors.

    Parameters
    ----------
    mean, deviation : array, shape (n_in,) or (), float64
        Means and standard deviations of the columns.
    dtype : dtype
        Of the numbers in the columns.

    Returns
    -------
    array, shape of ``mean``
        ``deviation``, or 1 where it is not larger than one rounding of ``mean`` in ``dtype`` and eight in float64.

    Notes
    -----
    Two neighbors among the floating numbers near m differ by eps * |m| at most; their deviation is at most half
    of that.

    Examples
    --------
    >>> x = np.asarray([0.3, 0.1 + 0.2])
    >>> float(usable_scale(x.mean(), x.std(), x.dtype))
    1.0
    >>> x = np.asarray([0.3, 0.3001])
    >>> bool(usable_scale(x.mean(), x.std(), x.dtype) == x.std())
    True
    """
    return np.where(deviation <= roundings(dtype) * np.abs(mean), 1.0, deviation)


@cache
def roundings(dtype: Any) -> float:
    """Return the largest deviation, as a fraction of the mean, that roundings alone can make.

    Examples
    --------
    >>> roundings(np.float64) < 1e-14 < roundings(np.float32)
    True
    """
    eps = float(np.finfo(np.float64).eps)
    own = max(eps, float(np.finfo(dtype).eps)) if np.dtype(dtype).kind == "f" else 0.0
    return own + ROUNDINGS * eps
