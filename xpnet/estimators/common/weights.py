"""How much each example counts: `sample_weight` times `class_weight`, on the host."""

from typing import Any

import numpy as np
from sklearn.utils.class_weight import compute_sample_weight

from xpnet.backend import to_numpy
from xpnet.checks import is_number


def check_sample_weight(sample_weight: Any, n: int) -> Any:
    """Return n weights as float64 on the host, or None if there are none; one number stands for n equal ones.

    Raises
    ------
    ValueError
        If their number does not fit, one is negative or not finite, or all are 0.

    Examples
    --------
    >>> check_sample_weight([1, 2], 2)
    array([1., 2.])
    """
    if sample_weight is None:
        return None
    host = np.full(n, float(sample_weight)) if is_number(sample_weight) else np.asarray(to_numpy(sample_weight))
    if host.shape != (n,):
        detail = "1D array of length" if host.ndim == 1 else "1D array or a number, for"
        raise ValueError(f"sample_weight must be a {detail} {n} rows, got shape {host.shape}")
    host = host.astype("float64")
    wrong = ~((host >= 0.0) & (host < np.inf))
    if wrong.any():
        raise ValueError(f"sample_weight must be finite and at least 0, got {host[wrong][0]}")
    if not host.any():
        raise ValueError("sample_weight must contain at least one non-zero number, got 0 for all")
    return host


def weigh(class_weight: Any, y: Any, sample_weight: Any) -> Any:
    """Return the checked `sample_weight` multiplied by the weights of the classes of `y`.

    Parameters
    ----------
    class_weight : "balanced", dict, list of dict (one for each of several labels) or None
    y : host array, shape (n,) or (n, k)
    sample_weight : host array or None
        What `check_sample_weight` returned.

    Examples
    --------
    >>> weigh({0: 2.0}, np.asarray([0, 1, 1]), None)
    array([2., 1., 1.])
    """
    if class_weight is None:
        return sample_weight
    if sample_weight is None:
        return compute_sample_weight(class_weight, y)
    if class_weight == "balanced" and y.ndim == 1:
        return sample_weight * _balanced(y, sample_weight)
    return sample_weight * compute_sample_weight(class_weight, y)


def _balanced(y: Any, sample_weight: Any) -> Any:
    """Return for each row the inverse of its class's share of the weight; rows of classes without weight count 0."""
    numbers = np.unique(y, return_inverse=True)[1]
    shares = np.bincount(numbers, weights=sample_weight) / sample_weight.sum()
    by_class = np.where(shares > 0.0, 1.0 / (len(shares) * np.where(shares > 0.0, shares, 1.0)), 0.0)
    return by_class[numbers]
