"""How many threads the BLAS should use: as many as the work of a step pays for, and only while it trains."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from xpnet.backend import Backend
from xpnet.backend.blas import most_threads, pools

FLOPS_PER_THREAD = 5e6  # floating-point operations of one matrix product that a thread is worth; measured, docs/log.md

_lock = threading.Lock()
_limits: list[int] = []  # of all trainings under way in this process: the pools are one for all of them
_unlimited: list[int] = []  # the pools' own numbers, from before the first of them


def fitting_threads(flops: float, most: int) -> int:
    """Return how many threads pay for products of `flops`: one for each 5 million, from 1 to `most`.

    Parameters
    ----------
    flops : float
        Floating-point operations of the largest matrix product of a step, 2 m n_in n_out.
    most : int
        How many there are.

    Notes
    -----
    A thread that is woken for a product must be there at once.  On a busy machine it is not, and a product of
    0.1 ms waits 4 ms for the scheduler.  Two threads make a step a seventh shorter from 10 million on, a fifth
    from 16 million, a third from 25 million.

    Examples
    --------
    >>> fitting_threads(2 * 10 * 784 * 30, 8), fitting_threads(2 * 256 * 784 * 512, 8)
    (1, 8)
    >>> fitting_threads(2 * 64 * 784 * 100, 8)
    2
    """
    return max(1, min(most, int(flops / FLOPS_PER_THREAD)))


def threads_for(backend: Backend, flops: float) -> int | None:
    """Return how many threads the BLAS is to use in steps of `backend`, or None where that is not xpnet's to say.

    Parameters
    ----------
    backend : Backend
        Its option ``threads`` decides; else the work does.  Neither goes beyond what the environment allows
        (OPENBLAS_NUM_THREADS and its like, or threadpoolctl).
    flops : float
        Of the largest matrix product of a step.

    Examples
    --------
    >>> from xpnet.backend import get
    >>> threads_for(get("numpy", threads=1), 1e12)
    1
    >>> threads_for(get("array_api_strict"), 1e12) is None
    True
    """
    if backend.name != "numpy" or not pools():
        return None
    with _lock:
        most = max(_unlimited) if _limits else most_threads()
    return min(most, backend.options.get("threads") or fitting_threads(flops, most))


@contextmanager
def limited(threads: int | None) -> Iterator[None]:
    """Let the BLAS use at most `threads` threads for the time of a ``with`` block; None changes nothing.

    A pool that is allowed fewer keeps its number.  Where blocks overlap, in one thread or several, the least number
    holds, and the pools get their own back after the last of them.

    Examples
    --------
    >>> with limited(1):
    ...     pass
    """
    if threads is None:
        yield
        return
    with _lock:
        if not _limits:
            _unlimited[:] = [pool.num_threads for pool in pools()]
        _limits.append(threads)
        _apply()
    try:
        yield
    finally:
        with _lock:
            _limits.remove(threads)
            _apply()


def _apply() -> None:
    for pool, own in zip(pools(), _unlimited, strict=True):
        _set(pool, min([own, *_limits]))


def _set(pool: Any, threads: int) -> None:
    if pool.num_threads != threads:
        pool.set_num_threads(threads)
