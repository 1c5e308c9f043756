"""Threads: the shards of a step at the same time, each with one thread of the BLAS."""

from xpnet.checks import whole
from xpnet.training.parallel.parallel import Parallel


class Threads(Parallel):
    """Threads of this process.  `threads` makes it."""

    def __init__(self, n: int) -> None:
        self.workers = n

    def blas_threads(self, fitting: int | None) -> int | None:
        """Return one thread of the BLAS for each shard."""
        return fitting if self.workers == 1 or fitting is None else 1

    def __repr__(self) -> str:
        return f"threads({self.workers})"


def threads(n: int) -> Threads:
    """Return what computes each step in `n` shards, at the same time, on the cores of this machine.

    The result is that of ``train(shards=n)``, bit for bit.  It pays where a step takes some milliseconds.

    Parameters
    ----------
    n : int
        Threads, and shards; each shard uses one thread of the BLAS.

    Examples
    --------
    >>> import numpy as np, xpnet
    >>> x, y = np.eye(8), np.arange(8) % 2
    >>> network = xpnet.Network([8, 4, 2])
    >>> one = xpnet.train(network, (x, y), epochs=2, batch_size=4, shards=2)
    >>> two = xpnet.train(network, (x, y), epochs=2, batch_size=4, parallel=threads(2))
    >>> bool((one.parameters[0].w == two.parameters[0].w).all())
    True
    """
    return Threads(whole("n", n, 1))
