"""Work on independent blocks, in several threads where the array library computes a block in one."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

from xpnet.backend import Backend
from xpnet.backend.blas import most_threads
from xpnet.execution.threads import limited

T = TypeVar("T")
R = TypeVar("R")


def workers_of(backend: Backend) -> int:
    """Return how many blocks to work on at a time: the threads of NumPy, whose calls on small matrices use one.

    Examples
    --------
    >>> from xpnet.backend import get
    >>> workers_of(get("numpy", threads=3)), workers_of(get("array_api_strict"))
    (3, 1)
    """
    return backend.options.get("threads") or most_threads() if backend.name == "numpy" else 1


def work_on(blocks: Sequence[T], work: Callable[[T], R], workers: int) -> list[R]:
    """Return what `work` makes of each block, in their order; any number of workers gives the same.

    Examples
    --------
    >>> work_on(["a", "bc"], len, 2)
    [1, 2]
    """
    if workers == 1 or len(blocks) < 2:
        return [work(block) for block in blocks]
    contexts = [copy_context() for _ in blocks]  # NumPy's warnings are switched on and off by context
    with limited(1), ThreadPoolExecutor(workers) as pool:
        return list(pool.map(lambda context, block: context.run(work, block), contexts, blocks))
