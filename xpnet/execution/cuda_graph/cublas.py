"""Matrix products by direct calls of cuBLAS, because CuPy refuses to call it while a CUDA graph is captured.

A call takes pointers, a stream and a workspace; it allocates nothing and does not wait.  Matrices here are in row-major
order, cuBLAS reads column-major order: cuBLAS computes b^T a^T, which is a b in row-major order.  This code has not
been tested on a GPU yet.
"""

import ctypes
import importlib
from ctypes import c_double, c_float, c_int, c_longlong, c_size_t, c_void_p
from math import prod
from typing import Any, NamedTuple

from xpnet.backend import BackendError
from xpnet.execution.recording.calls import Layout

WORKSPACE = 2**25  # bytes: the size for Hopper; other devices need less

_STATUS = {
    1: "NOT_INITIALIZED",
    3: "ALLOC_FAILED",
    7: "INVALID_VALUE",
    8: "ARCH_MISMATCH",
    11: "MAPPING_ERROR",
    13: "EXECUTION_FAILED",
    14: "INTERNAL_ERROR",
    15: "NOT_SUPPORTED",
    16: "LICENSE_ERROR",
}
_NUMBERS = {"float32": c_float, "float64": c_double}
_DATA = {"float32": 0, "float64": 1}  # CUDA_R_32F, CUDA_R_64F
_COMPUTE = {"float32": 68, "float64": 70}  # CUBLAS_COMPUTE_32F, CUBLAS_COMPUTE_64F
_COMPUTE_TF32 = 77  # CUBLAS_COMPUTE_32F_FAST_TF32
_ALGORITHM = -1  # CUBLAS_GEMM_DEFAULT: cuBLAS chooses


class Matrix(NamedTuple):
    """How cuBLAS reads a stack of row-major matrices: transposed or not, and the distances of rows and of matrices."""

    transposed: int  # 0 or 1
    leading: int  # elements from one row (or column, if transposed) to the next
    apart: int  # elements from one matrix to the next; 0: the same matrix for all


class Product(NamedTuple):
    """The shape of a product (..., m, k) @ (..., k, n), and how cuBLAS reads its factors and its result."""

    m: int
    n: int
    k: int
    stack: int  # number of products; each has its own matrices, or shares one
    a: Matrix
    b: Matrix
    out: Matrix


def matrix(layout: Layout) -> Matrix | None:
    """Return how cuBLAS can read matrices of this layout, or None if they must be copied first or are not matrices."""
    if layout.ndim < 2:
        return None
    (rows, columns), lines = layout.shape[-2:], layout.shape[:-2]
    size = layout.dtype.itemsize
    down, along = (step // size for step in layout.strides[-2:])
    steps = [step // size for n, step in zip(lines, layout.strides[:-2], strict=True) if n > 1]
    if len(steps) > 1:  # several stack axes: cuBLAS needs one distance for all
        together = [prod(lines[i + 1 :]) * steps[-1] for i, n in enumerate(lines) if n > 1]
        if steps != together:
            return None
    apart = steps[-1] if steps else 0
    if (along == 1 or columns == 1) and (down >= columns or rows == 1):
        return Matrix(0, down if rows > 1 else max(1, columns), apart)
    if (down == 1 or rows == 1) and along >= rows:
        return Matrix(1, along, apart)
    return None


def product(a: Layout, b: Layout, out: Layout) -> Product | None:
    """Return the product ``out = a @ b`` for cuBLAS, or None if cuBLAS cannot compute it with these layouts."""
    if min(a.ndim, b.ndim) < 2 or a.dtype != b.dtype or a.dtype != out.dtype or a.dtype.name not in _NUMBERS:
        return None
    stack, (left, right, result) = prod(out.shape[:-2]), map(matrix, (a, b, out))
    if left is None or right is None or result is None or result.transposed or 0 in (*a.shape, *b.shape):
        return None
    if any(prod(x.shape[:-2]) not in (1, stack) for x in (a, b)):
        return None
    return Product(out.shape[-2], out.shape[-1], a.shape[-1], stack, left, right, result)


def load(major: int) -> Any:
    """Load cuBLAS for this major version of CUDA, the library that CuPy uses.

    Raises
    ------
    BackendError
        If it is not found.
    """
    tried = []
    try:
        path = importlib.import_module("cuda.pathfinder").load_nvidia_dynamic_lib("cublas").abs_path
        return ctypes.CDLL(path)
    except (
        ImportError,
        RuntimeError,
        OSError,
        TypeError,
    ) as error:  # pathfinder is not installed, or it found no cuBLAS
        tried.append(str(error))
    for name in (f"libcublas.so.{major}", f"cublas64_{major}.dll"):
        try:
            return ctypes.CDLL(name)
        except OSError as error:
            tried.append(str(error))
    raise BackendError(f"cuBLAS is not found ({'; '.join(tried)}); pip install 'xpnet[cuda{major}]' brings it")


class Cublas:
    """A handle of cuBLAS on one stream.

    Parameters
    ----------
    library : ctypes.CDLL
        From `load`.
    stream : int
        The stream's pointer; every product runs there.
    workspace : int
        Pointer to `WORKSPACE` bytes of the device; the graphs captured with it need it as long as they live.
    tf32 : bool
        Whether factors in float32 may be rounded to TF32, in products of single matrices; stacks stay in float32, as
        with CuPy.  The compute type of each call says it; the math mode of the handle would also apply to
        stacks.
    """

    def __init__(self, library: Any, stream: int, workspace: int, *, tf32: bool = False) -> None:
        self._library, self._tf32, self._handle = library, tf32, c_void_p()
        self._call("cublasCreate_v2", ctypes.byref(self._handle))
        self._call("cublasSetStream_v2", self._handle, c_void_p(stream))
        # after the stream, because setting the stream resets the workspace
        self._call("cublasSetWorkspace_v2", self._handle, c_void_p(workspace), c_size_t(WORKSPACE))

    def close(self) -> None:
        """Destroy the handle; no product can be computed afterwards."""
        if self._handle:
            self._library.cublasDestroy_v2(self._handle)
            self._handle = c_void_p()

    def multiply(self, p: Product, dtype: Any, a: int, b: int, out: int) -> None:
        """Compute a product of `dtype`, given the pointers of its factors and its result."""
        name, several = str(dtype), p.stack > 1
        number, data = _NUMBERS[name], c_int(_DATA[name])
        compute = _COMPUTE_TF32 if self._tf32 and name == "float32" and not several else _COMPUTE[name]

        def side(pointer: int, x: Matrix) -> list[Any]:
            return [c_void_p(pointer), data, c_int(x.leading), *([c_longlong(x.apart)] if several else [])]

        self._call(
            "cublasGemmStridedBatchedEx" if several else "cublasGemmEx",
            self._handle,
            *(c_int(p.b.transposed), c_int(p.a.transposed)),
            *(c_int(p.n), c_int(p.m), c_int(p.k)),
            *(ctypes.byref(number(1.0)), *side(b, p.b), *side(a, p.a)),
            *(ctypes.byref(number(0.0)), *side(out, p.out)),
            *([c_int(p.stack)] if several else []),
            *(c_int(compute), c_int(_ALGORITHM)),
        )

    def _call(self, name: str, *args: Any) -> None:
        status = int(getattr(self._library, name)(*args))
        if status:
            raise BackendError(f"cuBLAS: {name} says {_STATUS.get(status, status)}")
