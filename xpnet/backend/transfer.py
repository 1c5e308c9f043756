"""Copies to the device while it computes, for a reader that prepares the next mini-batches.

This code has not been tested on a GPU yet.  On other libraries the same calls are plain copies, so one reader works
with every library.
"""

import importlib
from typing import Any, NamedTuple

import numpy as np

from xpnet.backend.backend import Backend
from xpnet.backend.libraries import Array


def pinned(backend: Backend, shape: tuple[int, ...], dtype: Any) -> Any:
    """Return a new host buffer, a NumPy array, from which `Copier` copies asynchronously.

    On CuPy it is page-locked memory, which the device can read directly; elsewhere it is `numpy.empty`.

    Examples
    --------
    >>> from xpnet.backend import get
    >>> pinned(get("numpy"), (2, 3), "uint8").shape
    (2, 3)
    """
    if backend.name == "cupy":
        return importlib.import_module("cupyx").empty_pinned(shape, dtype)
    return np.empty(shape, dtype)


class Copy(NamedTuple):
    """A copy that may still run: its target array, and CuPy's event of its end (None if it has ended)."""

    array: Array
    landed: Any = None

    def use(self) -> Array:
        """Return the array; later work on the current stream waits for the copy, the calling thread does not."""
        if self.landed is not None:
            importlib.import_module("cupy").cuda.get_current_stream().wait_event(self.landed)
        return self.array

    def wait(self) -> None:
        """Wait until the copy has ended; then the host buffer may be overwritten."""
        if self.landed is not None:
            self.landed.synchronize()


class Copier:
    """Copies host buffers to a backend's device; CuPy uses a separate stream.

    The device copies and computes at the same time in this order: ``use`` part i, ``start`` part i + 1, compute part i.

    Parameters
    ----------
    backend : Backend

    Examples
    --------
    >>> from xpnet.backend import get
    >>> buffer = pinned(get("numpy"), (2,), "uint8")
    >>> buffer[:] = 1, 2
    >>> copy = Copier(get("numpy")).start(buffer)
    >>> copy.wait()
    >>> buffer[:] = 0
    >>> copy.use()
    array([1, 2], dtype=uint8)
    """

    def __init__(self, backend: Backend) -> None:
        self._backend, self._stream = backend, None
        if backend.name == "cupy":
            with backend.device:
                self._stream = importlib.import_module("cupy").cuda.Stream(non_blocking=True)

    def start(self, buffer: Any) -> Copy:
        """Start to copy a host array and return at once; do not change the array until ``wait`` has returned."""
        if self._stream is None:
            return Copy(self._backend.xp.asarray(np.array(buffer), device=self._backend.device))
        cupy = importlib.import_module("cupy")
        with self._backend.device:
            # the target memory may have belonged to an array that was just freed and that queued work still reads: the
            # copy waits for that work
            self._stream.wait_event(cupy.cuda.get_current_stream().record())
            with self._stream:
                return Copy(cupy.asarray(buffer), self._stream.record())
