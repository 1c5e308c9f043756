"""Copies to the device while it computes: what a reader that runs ahead of training needs.

Not run on a GPU.  Elsewhere the same calls are plain copies, so that one reader serves every library.
"""

import importlib
from typing import Any, NamedTuple

import numpy as np

from xpnet.backend.backend import Backend
from xpnet.backend.libraries import Array


def pinned(backend: Backend, shape: tuple[int, ...], dtype: Any) -> Any:
    """Return a new host buffer, a NumPy array, from which `Copier` copies without waiting.

    On CuPy it is page-locked memory, which the device reads by itself; elsewhere it is `numpy.empty`.

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
    """A copy under way: the array it fills, and CuPy's event of its end (None where it has ended already)."""

    array: Array
    landed: Any = None

    def use(self) -> Array:
        """Return the array; what the calling thread computes from now on waits for the copy, the thread does not."""
        if self.landed is not None:
            importlib.import_module("cupy").cuda.get_current_stream().wait_event(self.landed)
        return self.array

    def wait(self) -> None:
        """Wait for the copy itself: the buffer it came from may then be written to again."""
        if self.landed is not None:
            self.landed.synchronize()


class Copier:
    """Copies host buffers to a backend's device, on CuPy on a stream of its own.

    The order that lets the device copy and compute at once is: ``use`` part i, ``start`` part i + 1, compute part i.

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
        """Begin to copy a host array, in its dtype, and return at once; leave it alone until ``wait`` has returned."""
        if self._stream is None:
            return Copy(self._backend.xp.asarray(np.array(buffer), device=self._backend.device))
        cupy = importlib.import_module("cupy")
        with self._backend.device:
            # the memory that the copy will fill may be what an array freed just now lay in: whatever was asked of the
            # device until now, which may still read that array, comes first
            self._stream.wait_event(cupy.cuda.get_current_stream().record())
            with self._stream:
                return Copy(cupy.asarray(buffer), self._stream.record())
