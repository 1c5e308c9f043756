"""The interface between a captured step and CuPy: memory, kernels, products, reductions and CUDA graphs.

A captured step calls CuPy only through this module.  This code has not been tested on a GPU yet: it was written
against CuPy's source, 14.0.1 to 14.2.
"""

import importlib
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Protocol, TypeAlias

import numpy as np

from xpnet.backend import BackendError
from xpnet.execution.cuda_graph.cublas import WORKSPACE, Cublas, load, product
from xpnet.execution.fused.kernels import NVRTC_OPTIONS, Kernel
from xpnet.execution.recording.calls import Layout

Launch: TypeAlias = Callable[[int], None]  # its argument: how many steps it is ahead of the counter

_THREADS = 128  # per block, as in CuPy's elementwise kernels
_TF32 = 7  # CuPy's code for products in TF32


class Device(Protocol):
    """The operations that a graph is built from.  Each runs after the work that was queued on the device before it."""

    def empty(self, shape: tuple[int, ...], dtype: Any) -> Any:
        """Return a new uninitialized array, C-contiguous."""

    def copy(self, target: Any, source: Any) -> None:
        """Copy an array into another one of the same shape."""

    def kernel(self, kernel: Kernel, inputs: list[Any], outputs: list[Any], counter: Any) -> Launch:
        """Return a function that launches a kernel on these arrays."""

    def gemm(self, a: Any, b: Any, out: Any) -> Launch:
        """Return a function that computes ``out = a @ b``."""

    def reduce(self, name: str, x: Any, axis: Any, keepdims: bool, out: Any) -> Launch:
        """Return a function that computes a sum, prod, max or min along axes."""

    def warm(self, run: Callable[[], None]) -> None:
        """Call `run` once without capturing it, so that all its kernels are compiled and loaded."""

    def capture(self, run: Callable[[], None]) -> Any:
        """Return the graph of all that `run` launches; the work is recorded, not executed."""

    def launch(self, graph: Any) -> None:
        """Start to compute a graph, and return at once."""


class CupyDevice:
    """CuPy's current device, with a stream for capturing and a cuBLAS handle on that stream.

    CuPy's reductions allocate temporary memory.  The graph writes there each time it is launched, so that memory comes
    from a private pool that no other array uses.  Stream, pool and handle live as long as this object.
    """

    def __init__(self) -> None:
        cupy = self._cupy = importlib.import_module("cupy")
        self._stream, self._pool = cupy.cuda.Stream(non_blocking=True), _holding_pool(cupy)
        self._workspace = cupy.empty((WORKSPACE,), "uint8")
        tf32 = cupy._core.get_compute_type(np.dtype("float32")) == _TF32  # the precision that CuPy itself would use now
        library = load(cupy.cuda.runtime.runtimeGetVersion() // 1000)
        self._cublas = Cublas(library, self._stream.ptr, self._workspace.data.ptr, tf32=tf32)
        weakref.finalize(self, self._cublas.close)
        self._compiled: dict[str, Any] = {}

    def empty(self, shape: tuple[int, ...], dtype: Any) -> Any:
        """Return a new uninitialized array, C-contiguous."""
        return self._cupy.empty(shape, dtype)

    def copy(self, target: Any, source: Any) -> None:
        """Copy an array into another one of the same shape."""
        self._cupy.copyto(target, source)

    def kernel(self, kernel: Kernel, inputs: list[Any], outputs: list[Any], counter: Any) -> Launch:
        """Return a function that launches a kernel on these arrays."""
        text = kernel.text
        if text not in self._compiled:
            self._compiled[text] = self._cupy.RawKernel(text, "fused", NVRTC_OPTIONS)
        compiled, arrays = self._compiled[text], (*inputs, *outputs, counter)
        grid = (max(1, min(-(-kernel.size // _THREADS), 2**31 - 1)),)
        return lambda ahead: compiled(grid, (_THREADS,), (*arrays, np.int32(ahead)))

    def gemm(self, a: Any, b: Any, out: Any) -> Launch:
        """Return a function that computes ``out = a @ b``."""
        described = product(*(Layout(x.shape, x.dtype, x.strides) for x in (a, b, out)))
        if described is None:
            raise BackendError(f"cuBLAS cannot multiply {a.shape} by {b.shape} as they lie in memory")
        pointers = [x.data.ptr for x in (a, b, out)]
        return lambda _: self._cublas.multiply(described, a.dtype, *pointers)

    def reduce(self, name: str, x: Any, axis: Any, keepdims: bool, out: Any) -> Launch:
        """Return a function that computes a sum, prod, max or min along axes with CuPy."""
        function = getattr(self._cupy, name)
        return lambda _: function(x, axis=axis, out=out, keepdims=keepdims)

    def warm(self, run: Callable[[], None]) -> None:
        """Call `run` once without capturing it, so that all its kernels are compiled and loaded."""
        with self._on_side_stream():
            run()

    def capture(self, run: Callable[[], None]) -> Any:
        """Return the graph of all that `run` launches; the work is recorded, not executed."""
        with self._on_side_stream():
            self._stream.begin_capture()
            try:
                run()
            except BaseException:
                with suppress(Exception):  # an error that invalidated the capture is raised again here
                    self._stream.end_capture()
                raise
            return self._stream.end_capture()

    def launch(self, graph: Any) -> None:
        """Start to compute a graph on the current stream, and return at once."""
        graph.launch()

    @contextmanager
    def _on_side_stream(self) -> Iterator[None]:
        """Use the side stream: after all work queued on the current stream, and before all later work there."""
        current = self._cupy.cuda.get_current_stream()
        self._stream.wait_event(current.record())
        try:
            with self._stream, self._cupy.cuda.using_allocator(self._pool.malloc):
                yield
        finally:
            # Also after an error, because kernels that are still running may write the carry that the plain loop reads
            # next.
            current.wait_event(self._stream.record())


def _holding_pool(cupy: Any) -> Any:
    """Return a pool that keeps all its blocks as long as it lives.

    A pool of CuPy's gives its free blocks back when memory runs out, although graphs may still write there.  The blocks
    of this pool come from CuPy's default pool, so that `memory_limit` counts them.
    """
    held: list[Any] = []

    def allocate(size: int) -> Any:
        block = cupy.get_default_memory_pool().malloc(size)
        held.append(block)
        return block

    return cupy.cuda.MemoryPool(allocate)
