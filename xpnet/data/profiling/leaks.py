"""Find columns that give the target away: a correlation or a purity of 1 is more often a mistake than a discovery."""

import numpy as np

from xpnet.data.columns.column import Array, Column
from xpnet.data.tables.dataset import Dataset

NEARLY_ONE = 0.99995  # a correlation that rounds to 1.0000
FEW = 10  # of fewer rows nothing can be said
CHANCE = 1e-4  # of a purity that is no accident
TINY = 1e-300
SAMPLE = 10_000  # rows that are looked at first: most columns are cleared by them


def gives_away(column: Column, data: Dataset) -> str | None:
    """Return in what way a column tells the target of every row, in words, or None.

    Parameters
    ----------
    column : Column
        Of the same rows as the data.
    data : Dataset
        With targets.

    Returns
    -------
    str or None
        For classes: each value, or whether the cell is missing, comes with one class only.  For numbers: a
        correlation of 1, or one number for each category.

    Examples
    --------
    >>> from xpnet.data.columns.building import column_of
    >>> data = Dataset(np.ones((40, 1)), np.arange(40) % 2, ("no", "yes"))
    >>> gives_away(column_of("refund", [["no", "full"][i % 2] for i in range(40)]), data)
    'each of its 2 values comes with one class only'
    >>> gives_away(column_of("size", [i % 7 for i in range(40)]), data) is None
    True
    """
    if data.y is None or len(data.y) < FEW:
        return None
    step = max(1, data.n // SAMPLE)
    if step > 1 and _told(column.take(slice(None, None, step)), data.y[::step], data.classes is not None) is None:
        return None
    return _told(column, data.y, data.classes is not None)


def _told(column: Column, y: Array, classes: bool) -> str | None:
    present = ~column.missing
    if classes and not present.all() and is_pure(present.astype(np.int64), y):
        return "whether its cell is missing tells the class"
    values, known = column.values[present], y[present]
    if not len(known):
        return None
    if not classes and column.kind in ("number", "boolean", "date"):
        r = _correlation(values, known)
        return f"its correlation with the target is {r:.4f}" if abs(r) >= NEARLY_ONE else None
    distinct, groups = np.unique(values, return_inverse=True)
    labels = known if classes else np.unique(known, return_inverse=True)[1]
    what = "class" if classes else "number"
    return f"each of its {len(distinct)} values comes with one {what} only" if is_pure(groups, labels) else None


def is_pure(groups: Array, labels: Array) -> bool:
    """Return whether all rows of a group have one label, and hardly by chance.

    Parameters
    ----------
    groups, labels : array, shape (n,), integers from 0

    Notes
    -----
    The first row of a group may have any label c; that each of the others has it, too, has the chance p_c, the share
    of the label.  The product of these chances must be below one in ten thousand: an id is pure, and says nothing.

    Examples
    --------
    >>> labels = np.arange(60) % 3
    >>> is_pure(labels, labels), is_pure(np.arange(60), labels), is_pure(np.arange(60) % 2, labels)
    (True, False, False)
    """
    sizes = np.bincount(groups)
    label = np.zeros(len(sizes), dtype=np.int64)
    label[groups] = labels  # that of one row of each group
    if not (label[groups] == labels).all():
        return False
    shares = np.bincount(labels) / len(labels)
    chances = np.log(np.maximum(shares, TINY))[label] * np.maximum(sizes - 1, 0)
    return bool(chances.sum() < np.log(CHANCE))


def _correlation(values: Array, y: Array) -> float:
    """Return Pearson's correlation, 0 if one side is constant; it is computed on centered and scaled numbers."""
    x = values.astype("datetime64[s]").astype(np.float64) if values.dtype.kind == "M" else values.astype(np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        x, y = x - x.mean(), y - y.mean()
        size = np.abs(x).max() * np.abs(y).max()
        if not 0.0 < size < np.inf:
            return 0.0
        x, y = x / np.abs(x).max(), y / np.abs(y).max()
        return float((x @ y) / np.sqrt((x @ x) * (y @ y)))
