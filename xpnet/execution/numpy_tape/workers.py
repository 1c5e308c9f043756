"""Threads that share a large loop: each runs a part of its outer axis.

They are our own.  Numba's pools of threads abort the process if two threads use them or after a fork.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any

from xpnet.execution.threads import allowed_threads

_lock = Lock()
_pools: list[ThreadPoolExecutor] = []  # one, once it is needed; all trainings of a process share it


def run_in_parts(loop: Callable[..., None], arrays: Sequence[Any], length: int, parts: int) -> None:
    """Run ``loop(*arrays, start, stop)`` over all of 0 to `length`, in at most `parts` ranges at the same time.

    There are no more ranges than threads that are allowed now (`xpnet.execution.threads.limited`).  A range that no
    thread has begun when the caller has done its own is the caller's.
    """
    spans = split(length, min(parts, allowed_threads()))
    waiting = [(span, _pool().submit(loop, *arrays, *span)) for span in spans[1:]]
    loop(*arrays, *spans[0])
    for span, future in waiting:
        if future.cancel():
            loop(*arrays, *span)
        else:
            future.result()


def split(length: int, parts: int) -> list[tuple[int, int]]:
    """Return at most `parts` ranges that together are 0 to `length`, as equal as they can be.

    Examples
    --------
    >>> split(10, 3)
    [(0, 3), (3, 6), (6, 10)]
    """
    n = max(1, min(parts, length))
    return [(length * i // n, length * (i + 1) // n) for i in range(n)]


def _pool() -> ThreadPoolExecutor:
    with _lock:
        if not _pools:
            _pools.append(ThreadPoolExecutor(max(1, (os.cpu_count() or 1) - 1), thread_name_prefix="xpnet-loop"))
        return _pools[0]


def _forget() -> None:
    """Forget the pool in a forked process, which has none of its threads."""
    global _lock
    _lock = Lock()
    _pools.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
