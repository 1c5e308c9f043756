"""The book's data: lists of pairs (x, y) of columns, which are stacked into rows."""

import random
from collections.abc import Callable, Iterator, Sized
from typing import Any

import numpy as np

from xpnet.backend import Backend
from xpnet.book.arguments import hint
from xpnet.book.functions import Array


class Examples(list[tuple[Any, Any]]):
    """A list of pairs (x, y) with a name for errors.  It stacks its columns into rows once.

    The book's methods get it in the place of the caller's list, so that the same data are not stacked again in every
    epoch and every method.  A reader's own method may use it as a list.
    """

    name: str
    _made: dict[Any, Any]

    @classmethod
    def of(cls, name: str, data: Any) -> "Examples":
        """Return the examples of a list or an iterator of pairs.  An Examples is returned unchanged.

        Raises
        ------
        TypeError
            If `data` is not one of these, or its items are not pairs.
        ValueError
            If it is empty.
        """
        if isinstance(data, cls):
            return data
        try:
            examples = cls(data)
        except TypeError:
            raise TypeError(f"{name} must be a list of pairs (x, y), got {type(data).__name__}") from None
        if not examples:
            used_up = "" if isinstance(data, Sized) else "; an iterator such as zip can be used once: make it a list"
            raise ValueError(f"{name} must hold at least one example, got none{used_up}")
        for i, pair in enumerate(list[Any](examples)):
            if not isinstance(pair, tuple | list) or len(pair) != 2:
                shape = f" of shape {pair.shape}" if hasattr(pair, "shape") else ""
                raise TypeError(f"{name}[{i}] must be a pair (x, y), got {type(pair).__name__}{shape}")
        examples.name, examples._made = name, {}
        return examples

    @classmethod
    def if_any(cls, name: str, data: Any) -> "Examples | None":
        """Return the examples, or None if there are none: no data, or an empty list."""
        return None if data is None or (isinstance(data, Sized) and not len(data)) else cls.of(name, data)

    def inputs(self, n_in: int, backend: Backend) -> Any:
        """Return every x as a row, shape (n, n_in), on `backend`.  float32 and integers keep their dtype.

        Each step converts its mini-batch to the dtype of the weights.  So the data take half the memory.
        """

        def make() -> Any:
            rows = self.rows(0, n_in)
            return backend.asarray(rows, backend.xp.float32 if rows.dtype == np.float32 else None)

        return self._once(("x", n_in, backend.name, str(backend.device), backend.dtype_name), make)

    def targets(self, n_out: int, labels: bool = False) -> Any:
        """Return every desired output as a row, shape (n, n_out).  Labels become unit vectors."""
        if labels:
            return np.eye(n_out)[self.labels(n_out)]
        return self._once(("y", n_out), lambda: self.rows(1, n_out).astype(np.float64))

    def labels(self, n_out: int) -> Any:
        """Return every y, which must be a label from 0 to n_out - 1, shape (n,)."""
        return self._once(("label", n_out), lambda: self._labels(n_out))

    def columns(self, part: int, n: int) -> list[Array]:
        """Return the x (part 0) or y (part 1) of every pair, each checked to be a column of n numbers."""
        made = [np.asarray(pair[part]) for pair in self]
        for i, column in enumerate(made):
            if column.shape != (n, 1):
                where, shape = f"{self.name}[{i}][{part}]", column.shape
                raise ValueError(f"{where} must be a column of shape ({n}, 1), got shape {shape}{hint(shape, n)}")
        return made

    def rows(self, part: int, n: int) -> Array:
        """Return the x (part 0) or y (part 1) of every pair as a row, shape (n_examples, n), checked to be finite."""
        rows: Array = np.concatenate(self.columns(part, n)).reshape(len(self), n)
        if rows.dtype.kind not in "biuf":
            raise TypeError(f"{self.name} must hold real numbers, got dtype {rows.dtype}")
        finite = np.isfinite(rows)
        if not finite.all():
            i = int(finite.all(axis=1).argmin())
            raise ValueError(f"{self.name}[{i}][{part}] must be finite, got {rows[i][~finite[i]][0]}")
        return rows

    def _labels(self, n_out: int) -> Array:
        ys = [np.asarray(y) for _, y in self]
        for i, y in enumerate(ys):
            if y.shape not in ((), (1,)) or y.dtype.kind not in "biuf":
                kind = f"{y.dtype} of shape {y.shape}; np.argmax makes a label of a column (in network2: convert=True)"
                raise TypeError(f"{self.name}[{i}][1] must be a label, a whole number, got {kind}")
        values = np.asarray([y.item() for y in ys])
        wrong = ~np.isin(values, np.arange(n_out))
        if wrong.any():
            i = int(wrong.argmax())
            raise ValueError(f"{self.name}[{i}][1] must be a label from 0 to {n_out - 1}, got {values[i]}")
        return values.astype(np.int64)

    def _once(self, key: Any, make: Callable[[], Any]) -> Any:
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]


def shuffled(data: Any, examples: Examples, epochs: int) -> Iterator[tuple[int, list[int]]]:
    """Shuffle `data` for each epoch as ``random.shuffle(data)`` does, and yield (epoch, order).

    A list of row numbers is shuffled with the same random numbers as the list itself, and gives the order.  As in the
    book, the caller's list stays shuffled.
    """
    order = list(range(len(examples)))
    for epoch in range(epochs):
        random.shuffle(order)
        if isinstance(data, list):
            data[:] = [examples[i] for i in order]
        yield epoch, order
