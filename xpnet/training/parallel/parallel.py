"""What `train` asks of threads, processes or GPUs that share its work."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from xpnet.backend import Array, Backend


class Parallel:
    """How many compute the mini-batches of one training, and how they sum.  This one is alone.

    Attributes
    ----------
    rank : int
        The number of this process, from 0.
    size : int
        The number of processes; each computes its part of each mini-batch.
    workers : int
        The threads of this process; each computes a shard of the process's part.

    Examples
    --------
    >>> alone = Parallel()
    >>> alone.rank, alone.size, alone.sum_numbers([1.0, 2.0])
    (0, 1, [1.0, 2.0])
    """

    rank = 0
    size = 1
    workers = 1

    def place(self, backend: Backend) -> Backend:
        """Return the backend on which this process computes."""
        return backend

    def blas_threads(self, fitting: int | None) -> int | None:
        """Return how many threads the BLAS should use, if `fitting` fit one process alone; None: xpnet does not say."""
        return fitting

    def sum(self, x: Array) -> Array:
        """Return the sum of an array over all processes."""
        return x

    def sum_numbers(self, numbers: list[Any]) -> list[Any]:
        """Return the sums of numbers on the host over all processes; lists in the list likewise."""
        return numbers

    def gather(self, value: Any) -> list[Any]:
        """Return a plain value of every process, in the order of their ranks."""
        return [value]

    def together(self) -> AbstractContextManager[None]:
        """Return a context in which an error in one process ends all."""
        return nullcontext()
