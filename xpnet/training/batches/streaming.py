"""Inputs read ahead: rows in a file, or on the host while a device trains, are read one stretch at a time.

While the steps of one stretch run, a thread copies the rows of the next stretch into a buffer.  Copying releases
Python's lock, so both run at the same time.  Host arrays are NumPy's on every backend.
"""

from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import Any

from xpnet.backend import Array, Backend, library_of
from xpnet.backend.mapped import at_random, disk_waits, will_need
from xpnet.backend.transfer import Copier, Copy, pinned

BUFFER = 2**24  # bytes of inputs that a stretch may hold; a single step may need more
PROBE = 32  # rows that are read first, to see whether they come from a disk


def rows_at_once(x: Any, backend: Backend) -> int:
    """Return how many rows of `x` a buffer holds."""
    return BUFFER // (x.shape[1] * _dtype(x, backend).itemsize)


def read_ahead(x: Any, order: Any, parts: list[tuple[int, int, int]], backend: Backend) -> Generator[Array, None, None]:
    """Yield the inputs of each stretch on `backend`, while a thread reads those of the next one.

    The yielded array lies in a buffer that is filled again when the next one is requested.  The thread ends with the
    generator, also by ``close()``.  An error in the thread is raised here.

    Parameters
    ----------
    x : NumPy array, shape (n, n_in)
    order : NumPy array, shape (n,), integers
        The order in which the epoch reads the rows.
    parts : list of (first place, steps, rows a step)
        The stretches.
    backend : Backend

    Yields
    ------
    Array, shape (steps, rows a step, n_in)
        Integers keep their dtype; floating numbers have the dtype of `backend`.
    """
    buffers = _filled(x, order, parts, backend)
    return buffers if library_of(x) == backend.name else _moved(buffers, backend)


def _filled(x: Any, order: Any, parts: list[tuple[int, int, int]], backend: Backend) -> Generator[Any, None, None]:
    """Yield a buffer for each part; it is filled again when the next one is requested."""
    most = max(steps * m for _, steps, m in parts)
    buffers = [pinned(backend, (most, x.shape[1]), _dtype(x, backend)) for _ in parts[:2]]
    read = _Reader(x)

    def ask(i: int) -> "Future[Any]":
        start, steps, m = parts[i]
        begun = Event()
        asked = thread.submit(read, order[start : start + steps * m], buffers[i % 2][: steps * m], begun)
        begun.wait()  # small operations rarely release Python's lock: wait until the thread has had it
        return asked

    with at_random(x), ThreadPoolExecutor(1, "xpnet-reader") as thread:
        asked = ask(0)
        for i, (_, steps, m) in enumerate(parts):
            buffer = asked.result()
            if i + 1 < len(parts):
                asked = ask(i + 1)
            yield buffer.reshape(steps, m, x.shape[1])


class _Reader:
    """Copies rows of `x` into buffers.  Once it has waited for the disk, it announces rows before it reads them."""

    def __init__(self, x: Any) -> None:
        self.x, self.waits = x, False

    def __call__(self, rows: Any, buffer: Any, begun: Event) -> Any:
        """Return the buffer with the rows in it; `begun` is set when the rest needs Python's lock only briefly."""
        try:
            before = disk_waits()
            _gather(self.x, rows[:PROBE], buffer[:PROBE])
            self.waits = self.waits or disk_waits() > before
        finally:
            begun.set()
        if self.waits:
            will_need(self.x, rows[PROBE:])
        _gather(self.x, rows[PROBE:], buffer[PROBE:])
        return buffer


def _gather(x: Any, rows: Any, out: Any) -> None:
    if x.dtype == out.dtype and x.flags.c_contiguous:
        x.take(rows, axis=0, out=out, mode="clip")  # mode "raise" would write to a copy first
    else:
        out[...] = x[rows]


def _moved(buffers: Generator[Any, None, None], backend: Backend) -> Generator[Array, None, None]:
    """Yield the buffers on the device; each is copied while the device computes with the previous one."""
    copier, before = Copier(backend), None
    try:
        for buffer in buffers:
            copy: Copy = copier.start(buffer)
            if before is not None:
                yield before.use()
            copy.wait()
            before = copy
        if before is not None:
            yield before.use()
    finally:
        buffers.close()


def _dtype(x: Any, backend: Backend) -> Any:
    """Return the dtype of the buffers: the backend's for floating numbers, that of `x` for integers."""
    return x[:0].astype(backend.dtype_name).dtype if x.dtype.kind == "f" else x.dtype
