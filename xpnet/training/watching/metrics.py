"""How well labels are told apart."""

from xpnet.backend import Array, namespace
from xpnet.nn import one_hot


def confusion(y: Array, predicted: Array, n_classes: int) -> Array:
    """Return how often each class was taken for each: row i, column j counts labels i that were read as j.

    Parameters
    ----------
    y, predicted : Array, shape (m,), integers from 0 to n_classes - 1
        On one library and device.
    n_classes : int

    Returns
    -------
    Array, shape (n_classes, n_classes), integers
        Exact up to 2^24 rows: they are counted by a product of float32 matrices, which is fast everywhere.

    Examples
    --------
    >>> import numpy as np
    >>> confusion(np.asarray([0, 1, 1]), np.asarray([0, 0, 1]), 2)
    array([[1, 0],
           [1, 1]])
    """
    xp = namespace(y=y, predicted=predicted)
    counts = one_hot(y, n_classes, xp.float32).mT @ one_hot(predicted, n_classes, xp.float32)
    return xp.astype(counts, y.dtype)


def accuracy(y: Array, predicted: Array) -> float:
    """Return the share of labels that were predicted, 0 to 1: a look at the host.

    Examples
    --------
    >>> import numpy as np
    >>> accuracy(np.asarray([0, 1, 1, 2]), np.asarray([0, 0, 1, 2]))
    0.75
    """
    xp = namespace(y=y, predicted=predicted)
    return int(xp.count_nonzero(y == predicted)) / int(y.shape[0])
