"""Accuracy and confusion of predicted labels; the area under the curve of predicted probabilities."""

from math import inf, nan

from xpnet.backend import Array, library_of, namespace, of, plain_array
from xpnet.checks import whole
from xpnet.nn import one_hot
from xpnet.nn.checking.one_hot import counting

ROWS = 2**20  # counted at once: float32 holds every whole number up to 2^24


def confusion(y: Array, predicted: Array, n_classes: int) -> Array:
    """Return how often class i was predicted as class j: the number in row i, column j.

    Parameters
    ----------
    y, predicted : Array, shape (m,) or (m, 1), integers from 0 to n_classes - 1
        On one library and device.
    n_classes : int

    Returns
    -------
    Array, shape (n_classes, n_classes), integers of the library's default dtype
        Rows are counted by products of float32 matrices, which is fast everywhere.

    Raises
    ------
    TypeError, ValueError
        If `y` and `predicted` are no labels of that many classes, or not equally many.

    Examples
    --------
    >>> import numpy as np
    >>> confusion(np.asarray([0, 1, 1]), np.asarray([0, 0, 1]), 2)
    array([[1, 0],
           [1, 1]])
    """
    n_classes = whole("n_classes", n_classes, 1)
    y, predicted = _pair(y, predicted)
    xp = namespace(y)
    integer = xp.__array_namespace_info__().default_dtypes(device=of(y).device)["integral"]
    y, predicted = (_labels(name, x, n_classes, integer) for name, x in (("y", y), ("predicted", predicted)))
    counts = xp.zeros((n_classes, n_classes), dtype=integer, device=of(y).device)
    for start in range(0, y.shape[0], ROWS):
        part = slice(start, min(start + ROWS, y.shape[0]))
        rows, columns = (one_hot(x[part], n_classes, xp.float32) for x in (y, predicted))
        counts = counts + xp.astype(rows.mT @ columns, integer)
    return counts


def accuracy(y: Array, predicted: Array) -> float:
    """Return the share of labels that were predicted correctly, 0 to 1.  It copies one number to the host.

    Parameters
    ----------
    y, predicted : Array, shape (m,) or (m, 1)
        On one library and device.  Of several labels a row, shape (m, k), a row is right if all of its labels are.

    Raises
    ------
    ValueError
        If they have another shape, are not equally many, there are none, or entries are masked.

    Examples
    --------
    >>> import numpy as np
    >>> accuracy(np.asarray([0, 1, 1, 2]), np.asarray([0, 0, 1, 2]))
    0.75
    """
    xp = namespace(y=y, predicted=predicted)
    y, predicted = plain_array(y, "y"), plain_array(predicted, "predicted")
    several = y.ndim == 2 and y.shape[1] > 1 and y.shape == predicted.shape
    y, predicted = (y, predicted) if several else _pair(y, predicted)
    if not y.shape[0]:
        raise ValueError("y must hold at least one label, got none")
    right = _equal(y, predicted)
    return int(xp.count_nonzero(xp.all(right, axis=-1) if several else right)) / int(y.shape[0])


def auc(y: Array, p: Array) -> float:
    """Return the area under the ROC curve: how often a row of a class has a larger probability of it than another row.

    Parameters
    ----------
    y : Array, shape (m,) or (m, 1), integers from 0 to n_classes - 1
    p : Array, shape (m, n_classes)
        Probabilities, or other numbers that are larger where a class is more likely.

    Returns
    -------
    float
        1/2 for guesses, 1 for a perfect order; equal probabilities count half.  With more than two classes it is the
        mean over the classes, each against all others.  NaN if no class has rows beside other rows.

    Raises
    ------
    TypeError, ValueError
        If `y` holds no labels of that many classes, or not one for each row of `p`.

    References
    ----------
    Hanley and McNeil, doi:10.1148/radiology.143.1.7063747.

    Examples
    --------
    >>> import numpy as np
    >>> auc(np.asarray([0, 0, 1]), np.asarray([[0.9, 0.1], [0.6, 0.4], [0.6, 0.4]]))
    0.75
    """
    xp = namespace(y=y, p=p)
    p = plain_array(p, "p")
    if p.ndim != 2 or p.shape[1] < 2:
        raise ValueError(f"p must have shape (m, n_classes), got {tuple(p.shape)}")
    y, _ = _pair(y, p[:, 0])
    integer = xp.__array_namespace_info__().default_dtypes(device=of(y).device)["integral"]
    y = _labels("y", y, p.shape[1], integer)
    # the sum is contiguous, as PyTorch wants it
    found = [_one_against_the_rest(y == c, p[:, c] + 0.0) for c in ((1,) if p.shape[1] == 2 else range(p.shape[1]))]
    known = [area for area in found if area is not None]
    return sum(known) / len(known) if known else nan


def _one_against_the_rest(inside: Array, p: Array) -> float | None:
    """Return the share of pairs (a row inside, a row outside) in which p is larger inside; None without pairs."""
    xp = namespace(p)
    ours = int(xp.count_nonzero(inside))
    rest = int(p.shape[0]) - ours
    if not (ours and rest):
        return None
    others = xp.sort(xp.where(inside, inf, p))  # rows inside are behind all others, and count for none
    below, upto = (xp.searchsorted(others, p, side=side) for side in ("left", "right"))
    pairs = int(xp.sum(xp.where(inside, below + upto, 0)))  # twice
    return pairs / (2 * ours * rest)


def _equal(y: Array, predicted: Array) -> Array:
    """Return where both are equal; only NumPy compares integers of any two dtypes exactly."""
    xp = namespace(y)
    if y.dtype != predicted.dtype and library_of(y) != "numpy":
        y, predicted = (counting(x) if xp.isdtype(x.dtype, ("integral", "bool")) else x for x in (y, predicted))
    return y == predicted


def _pair(y: Array, predicted: Array) -> tuple[Array, Array]:
    """Return both as vectors of one length: a column against a vector would be compared all with all."""
    xp = namespace(y=y, predicted=predicted)
    vectors = []
    for name, x in (("y", plain_array(y, "y")), ("predicted", plain_array(predicted, "predicted"))):
        if x.ndim == 2 and x.shape[1] == 1:
            x = xp.reshape(x, (-1,))
        if x.ndim != 1:
            raise ValueError(f"{name} must have shape (m,) or (m, 1), got {tuple(x.shape)}")
        vectors.append(x)
    if vectors[0].shape != vectors[1].shape:
        raise ValueError(f"predicted must hold {vectors[0].shape[0]} labels, as y does, got {vectors[1].shape[0]}")
    return vectors[0], vectors[1]


def _labels(name: str, x: Array, n_classes: int, dtype: object) -> Array:
    xp = namespace(x)
    if not xp.isdtype(x.dtype, ("integral", "bool")):
        raise TypeError(f"{name} must hold integer labels, got dtype {x.dtype}")
    x = xp.astype(x, dtype)
    wrong = (x < 0) | (x >= n_classes)
    if bool(xp.any(wrong)):
        i = int(xp.argmax(xp.astype(wrong, dtype)))
        raise ValueError(f"{name} must hold labels between 0 and {n_classes - 1}, got {int(x[i])} in row {i}")
    return x
