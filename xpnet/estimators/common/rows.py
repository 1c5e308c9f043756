"""The rows of X: dense on the device, or sparse on the host and made dense some at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scipy.sparse import issparse

from xpnet.backend import Array, Backend
from xpnet.training.batches.batches import STRETCH, gather


@dataclass(frozen=True)
class Rows:
    """Validated examples, shape (n, n_in), for computations on `backend`."""

    x: Any  # an array of the backend, or a CSR matrix
    backend: Backend

    @classmethod
    def of(cls, X: Any, backend: Backend) -> "Rows":
        """Return the rows of validated `X`; a dense one is moved to the backend, once."""
        if issparse(X):
            return cls(X.tocsr(), backend)
        x = backend.asarray(X, backend.dtype, name="X")
        # contiguous rows: gathering from columns or from Fortran's order would copy the whole array each time
        return cls(backend.xp.reshape(backend.xp.reshape(x, (-1,)), x.shape), backend)

    @property
    def sparse(self) -> bool:
        """Whether the rows lie on the host as a sparse matrix."""
        return issparse(self.x)

    @property
    def n(self) -> int:
        """Number of rows."""
        return int(self.x.shape[0])

    @property
    def at_once(self) -> int:
        """How many rows are made dense, or computed, at once: about 8 MB, and at least 256."""
        return max(256, STRETCH // (8 * int(self.x.shape[1])))

    def take(self, numbers: Any) -> Array:
        """Return the rows with these numbers, a host array of shape (m,): a dense array of the backend."""
        if self.sparse:
            return self.backend.asarray(self.x[numbers].toarray(), self.backend.dtype)
        return gather(self.x, self.backend.asarray(numbers))

    def subset(self, numbers: Any) -> "Rows":
        """Return the rows with these numbers, a host array of shape (m,)."""
        return Rows(self.x[numbers] if self.sparse else self.take(numbers), self.backend)

    def parts(self) -> Iterator[tuple[slice, Array]]:
        """Yield all rows in order, some at a time: which, and a dense array of the backend."""
        for start in range(0, self.n, self.at_once):
            part = slice(start, min(start + self.at_once, self.n))
            if self.sparse:
                yield part, self.backend.asarray(self.x[part].toarray(), self.backend.dtype)
            else:
                yield part, self.x[part, ...]
