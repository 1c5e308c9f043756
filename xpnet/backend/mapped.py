"""Arrays that lie in memory-mapped files, and how to read rows in random order from a disk.

A page that is not in memory is read when it is touched, and by default megabytes around it, which only helps whoever
reads on.  With `at_random` the system reads no more than it is asked for, and with `will_need` many rows at once:
rows in random order then come a hundred times faster.
"""

import importlib
import mmap
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np


def is_mapped(x: Any) -> bool:
    """Return whether `x` is a NumPy array whose numbers lie in a memory-mapped file, or a view of one.

    Examples
    --------
    >>> is_mapped(np.zeros(3))
    False
    """
    return _memory(x) is not None


def disk_waits() -> int:
    """Return how often the calling thread has waited for the disk to fill a page; 0 where the system does not say.

    Examples
    --------
    >>> disk_waits() >= 0
    True
    """
    try:
        resource = importlib.import_module("resource")
        return int(resource.getrusage(resource.RUSAGE_THREAD).ru_majflt)
    except (ImportError, AttributeError):  # Windows; systems that count for the whole process only
        return 0


@contextmanager
def at_random(x: Any) -> Iterator[None]:
    """Return a context in which the system knows that a mapped array is read in random order.

    Examples
    --------
    >>> with at_random(np.zeros(3)):
    ...     pass
    """
    memory = _memory(x)
    if memory is None or not hasattr(memory, "madvise"):
        yield
        return
    memory.madvise(mmap.MADV_RANDOM)
    try:
        yield
    finally:
        memory.madvise(mmap.MADV_NORMAL)


def will_need(x: Any, rows: Any) -> None:
    """Tell the system that these rows of a mapped array are needed soon; it costs a microsecond a row.

    Parameters
    ----------
    x : NumPy array, shape (n, ...)
        One that is not mapped, or whose rows do not lie together, is left alone.
    rows : NumPy array, shape (m,), integers
    """
    memory, size = _memory(x), x[:1].nbytes
    if memory is None or not hasattr(memory, "madvise") or x.strides[0] < size:
        return
    start = x.ctypes.data - np.frombuffer(memory, dtype="uint8").ctypes.data
    for first in (start + rows * x.strides[0]).tolist():
        page = first - first % mmap.PAGESIZE
        memory.madvise(mmap.MADV_WILLNEED, page, first + size - page)


def _memory(x: Any) -> Any:
    """Return the mapped file that the numbers of `x` lie in, or None."""
    while isinstance(x, np.ndarray | memoryview):
        x = x.base if isinstance(x, np.ndarray) else x.obj
    return x if isinstance(x, mmap.mmap) else None
