"""Which rows of the validation set a process measures, and the check of the argument `parallel`."""

from typing import Any

from xpnet.training.batches.batches import Data, borders
from xpnet.training.parallel.parallel import Parallel


def check_parallel(parallel: Any, shards: int) -> Parallel:
    """Return the argument `parallel`; None is one process with one thread."""
    if parallel is None:
        return Parallel()
    if not isinstance(parallel, Parallel):
        told = type(parallel).__name__
        raise TypeError(f"parallel must be threads(n), mpi() or nccl() of xpnet.training.parallel, got {told}")
    if parallel.workers > 1 and shards != 1:
        raise ValueError(f"shards must be left out for threads({parallel.workers}), which says them, got {shards}")
    return parallel


def own_rows(watched: Data | None, parallel: Parallel) -> Data | None:
    """Return the rows that this process measures: a part, or all of them if they are fewer than the processes."""
    if watched is None or watched.n < parallel.size:
        return watched
    first, last = borders(watched.n, parallel.size)[parallel.rank]
    return watched._replace(x=watched.x[first:last, ...], y=watched.y[first:last, ...])
