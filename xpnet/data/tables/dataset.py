"""The data set that every reader returns: examples, targets and their names."""

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[Any]
Label: TypeAlias = str | int | float


class Dataset(NamedTuple):
    """A table of examples in host memory.

    Parameters
    ----------
    x : array, shape (n, n_in), real numbers, or Table
        One example a row, in the unit of the source.
    y : array, shape (n,), int64 or float64, or None
        Class indices ``0 .. k - 1``; or the numbers of a regression; or None for a table without targets.
    classes : tuple of str, int or float, optional
        The label that each class index stands for.  None for a regression.
    features : tuple of str, optional
        The names of the columns of ``x``.  None where columns have no names, as in images.
    name : str
        What the data are called, ``""`` if nothing.
    remarks : tuple of str
        What was found out while the file was read, a line each.

    Examples
    --------
    >>> import numpy as np
    >>> fruit = Dataset(np.asarray([[1.0], [2.0], [3.0]]), np.asarray([0, 1, 0]), ("apple", "pear"))
    >>> fruit.take([2, 1]).x
    array([[3.], [2.]])
    """

    x: Any
    y: Array | None
    classes: tuple[Label, ...] | None = None
    features: tuple[str, ...] | None = None
    name: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def n(self) -> int:
        """The number of rows."""
        return len(self.x)

    def take(self, rows: Sequence[int] | Array) -> "Dataset":
        """Return the data set of the chosen rows, in the order given.

        Parameters
        ----------
        rows : sequence or array, shape (m,), integers
            Row numbers; repetitions are allowed and negative numbers count from the end.

        Returns
        -------
        Dataset
            Copies of the chosen rows; classes, features and name stay.

        Raises
        ------
        TypeError
            If ``rows`` holds something else than integers (a mask, for example).
        ValueError
            If ``rows`` is not one-dimensional.
        IndexError
            If a row number is outside the table.

        Examples
        --------
        >>> import numpy as np
        >>> Dataset(np.asarray([[1], [2], [3]]), np.asarray([5.0, 6.0, 7.0])).take([0, 2]).y
        array([5., 7.])
        """
        chosen = np.asarray(rows)
        if chosen.size == 0:
            chosen = chosen.astype(np.int64)  # NumPy makes float64 of an empty list
        if chosen.dtype.kind not in "iu":
            raise TypeError(f"rows must be integers, got {chosen.dtype}")
        if chosen.ndim != 1:
            raise ValueError(f"rows must have shape (m,), got {chosen.shape}")
        return self._replace(x=self.x[chosen], y=None if self.y is None else self.y[chosen])

    def relabel(self, classes: Sequence[Label]) -> "Dataset":
        """Return the same rows with ``y`` counted in another list of classes.

        A file to evaluate on may miss a class that the training file had; its indices then mean
        something else until they are relabeled with the classes of the model.

        Parameters
        ----------
        classes : sequence of str, int or float
            The labels that the new indices stand for; every label that a row has must be there.

        Returns
        -------
        Dataset
            Same ``x``, new ``y`` and ``classes``.

        Raises
        ------
        ValueError
            If this data set has no classes, or a row has one that ``classes`` lacks.

        Examples
        --------
        >>> import numpy as np
        >>> pears = Dataset(np.asarray([[1.0]]), np.asarray([0]), ("pear",))
        >>> pears.relabel(("apple", "pear")).y
        array([1])
        """
        if self.classes is None or self.y is None:
            raise ValueError("relabel must be called on a data set with classes, got one without")
        place = {label: index for index, label in enumerate(classes)}
        unknown = [self.classes[i] for i in np.unique(self.y) if self.classes[i] not in place]
        if unknown:
            raise ValueError(f"classes must hold every label of the data, got none for {unknown}")
        new_index = np.asarray([place.get(label, -1) for label in self.classes], dtype=np.int64)  # (k,)
        return self._replace(y=new_index[self.y], classes=tuple(classes))
