"""Arrays in memory-mapped files, and fast reading of their rows in random order.

The system reads a page from the disk when a program first uses it.  By default it also reads megabytes around the page,
which helps sequential reading only.  With `at_random` it reads only the page, and with `will_need` it reads many rows
at once: rows in random order are then read a hundred times faster.
"""

import importlib
import mmap
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np


def is_mapped(x: Any) -> bool:
    """Return whether `x` is a NumPy array in a memory-mapped file, or a view of one.

    Examples
    --------
    >>> is_mapped(np.zeros(3))
    False
    """
    return _memory(x) is not None


def disk_waits() -> int:
    """Return how often this thread has waited for the disk to read a page; 0 if the system does not report it.

    Examples
    --------
    >>> disk_waits() >= 0
    True
    """
    try:
        resource = importlib.import_module("resource")
        return int(resource.getrusage(resource.RUSAGE_THREAD).ru_majflt)
    except (ImportError, AttributeError):  # Windows, and systems that count only for the whole process
        return 0


@contextmanager
def at_random(x: Any) -> Iterator[None]:
    """Return a context that tells the system that a memory-mapped array is read in random order.

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
    """Tell the system that these rows of a memory-mapped array are needed soon; it costs a microsecond a row.

    Parameters
    ----------
    x : NumPy array, shape (n, ...)
        Nothing happens if it is not memory-mapped, or if its rows are not contiguous.
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
    """Return the memory-mapped file that holds `x`, or None."""
    while isinstance(x, np.ndarray | memoryview):
        x = x.base if isinstance(x, np.ndarray) else x.obj
    return x if isinstance(x, mmap.mmap) else None
