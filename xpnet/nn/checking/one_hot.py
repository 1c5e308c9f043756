"""Integer labels as one-hot targets."""

from xpnet.backend import Array, device_of, namespace, plain_array


def one_hot(labels: Array, n_out: int, dtype: object) -> Array:
    """Return targets (..., m, n_out) with a one where each of the integer `labels` (..., m) points.

    Labels may have any integer dtype, or be boolean; a label outside 0 to n_out - 1 gives zeros.

    Parameters
    ----------
    labels : Array, shape (..., m)
        Integers or booleans.
    n_out : int
        The number of classes.
    dtype : object
        The library's dtype of the targets.

    Examples
    --------
    >>> import numpy as np
    >>> one_hot(np.asarray([1, 0]), 3, np.float64)
    array([[0., 1., 0.],
           [1., 0., 0.]])
    """
    labels = counting(plain_array(labels, "labels"))
    units = namespace(labels).arange(n_out, dtype=labels.dtype, device=device_of(labels))
    return namespace(labels).astype(labels[..., None] == units, dtype)


def counting(labels: Array) -> Array:
    """Return integers in the library's default integer dtype: it is wide enough, and all functions accept it."""
    xp = namespace(labels)
    counting_dtype = xp.__array_namespace_info__().default_dtypes(device=device_of(labels))["integral"]
    return xp.astype(labels, counting_dtype, copy=False)
