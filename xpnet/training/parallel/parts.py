"""What one of several processes does: its rows of the validation set, its networks of many."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from xpnet.backend import Backend, to_numpy
from xpnet.training.batches.batches import Data, borders
from xpnet.training.parallel.parallel import Parallel
from xpnet.trees import map_arrays


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


def agree(parallel: Parallel, *given: Any) -> None:
    """Refuse a training whose processes differ; see `xpnet.training.parallel.agreement`."""
    import_module("xpnet.training.parallel.agreement").agree(parallel, *given)


def own_rows(watched: Data | None, parallel: Parallel) -> Data | None:
    """Return the rows that this process measures: a part, or all of them if they are fewer than the processes."""
    if watched is None or watched.n < parallel.size:
        return watched
    first, last = borders(watched.n, parallel.size)[parallel.rank]
    return watched._replace(x=watched.x[first:last, ...], y=watched.y[first:last, ...])


def check_processes(parallel: Any, watch: Any) -> Parallel:
    """Return the argument `parallel` of `train_many`."""
    checked = check_parallel(parallel, 1)
    if checked.workers > 1:
        raise ValueError(f"parallel must be mpi() for many networks, got {parallel!r}: a stack is one computation")
    if watch is not None and checked.size > 1:
        raise ValueError("watch must be left out with mpi(): no process sees all networks")
    return checked


def share_of(k: int, parallel: Parallel) -> tuple[int, int]:
    """Return the first and the end of the networks, of k, that this process trains; both k if it has none.

    Examples
    --------
    >>> share_of(5, Parallel())
    (0, 5)
    """
    cuts = borders(k, parallel.size)
    return cuts[parallel.rank] if parallel.rank < len(cuts) else (k, k)


def gather_outcomes(parallel: Parallel, outcomes: list[Any], backend: Backend) -> list[Any]:
    """Return the outcomes of all processes, in the order of the networks."""
    if parallel.size == 1:
        return outcomes
    everybody = parallel.gather([_moved(outcome, to_numpy) for outcome in outcomes])
    return [_moved(outcome, backend.asarray) for each in everybody for outcome in each]


def _moved(outcome: Any, move: Callable[[Any], Any]) -> Any:
    last, best = (map_arrays(move, tree) for tree in (outcome.parameters, outcome.best_parameters))
    return outcome._replace(parameters=last, best_parameters=best)
