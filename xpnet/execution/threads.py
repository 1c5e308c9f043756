"""Threads of the BLAS: chosen by the work of a step, and limited only during training."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from xpnet.backend import Backend
from xpnet.backend.blas import most_threads, pools

FLOPS_PER_THREAD = 5e6  # one more thread pays off for each 5 million operations of a product; measured, docs/log.md

_lock = threading.Lock()
_limits: list[int] = []  # of all trainings that run in this process: they share the pools
_unlimited: list[int] = []  # the pools' numbers of threads before the first limit


def fitting_threads(flops: float, most: int) -> int:
    """Return how many threads a product should use: one for each 5 million operations, from 1 to `most`.

    Parameters
    ----------
    flops : float
        Floating-point operations of the largest matrix product of a step, 2 m n_in n_out.
    most : int
        The largest number of threads.

    Notes
    -----
    A product waits until the scheduler has started all its threads.  On a busy machine a product of 0.1 ms waits
    4 ms.  Two threads make a step shorter by a seventh from 10 million operations on, by a fifth from 16 million
    and by a third from 25 million.

    Examples
    --------
    >>> fitting_threads(2 * 10 * 784 * 30, 8), fitting_threads(2 * 256 * 784 * 512, 8)
    (1, 8)
    >>> fitting_threads(2 * 64 * 784 * 100, 8)
    2
    """
    return max(1, min(most, int(flops / FLOPS_PER_THREAD)))


def threads_for(backend: Backend, flops: float) -> int | None:
    """Return how many threads the BLAS should use in steps of `backend`, or None if xpnet does not choose.

    Parameters
    ----------
    backend : Backend
        Its option ``threads`` decides, else the work of the step.  The environment (OPENBLAS_NUM_THREADS and
        similar variables, or threadpoolctl) sets the maximum.
    flops : float
        Floating-point operations of the largest matrix product of a step.

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


def allowed_threads() -> int:
    """Return how many threads may compute now: the smallest limit, or what the environment allows.

    Examples
    --------
    >>> with limited(1):
    ...     allowed_threads()
    1
    """
    with _lock:
        return max(1, min(_limits)) if _limits else max(1, most_threads())


@contextmanager
def limited(threads: int | None) -> Iterator[None]:
    """Limit the BLAS to `threads` threads inside a ``with`` block; None changes nothing.

    A pool with fewer threads keeps its number.  If blocks overlap, in one thread or several, the smallest limit
    holds.  After the last block the pools get their own numbers back.

    Parameters
    ----------
    threads : int or None
        The largest number of threads.

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
