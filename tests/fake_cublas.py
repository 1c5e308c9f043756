"""A stand-in for cuBLAS that computes on the host, from the pointers; it follows cuBLAS's documentation."""

import ctypes

import numpy as np


class Library:
    """cuBLAS on the host, column-major as the real one; `calls` logs its calls, `status` holds the codes it returns."""

    def __init__(self):
        self.calls, self.status = [], {}

    def __getattr__(self, name):
        def function(*args):
            self.calls.append((name, [getattr(x, "value", x) for x in args]))
            {
                "cublasCreate_v2": self.create,
                "cublasGemmEx": self.gemm,
                "cublasGemmStridedBatchedEx": self.gemm_strided,
            }.get(name, lambda *_: None)(*args)
            return self.status.get(name, 0)

        if name.startswith("cublas"):
            return function
        raise AttributeError(name)

    def create(self, handle):
        handle._obj.value = 77

    def gemm(self, handle, ta, tb, m, n, k, alpha, a, _a, lda, b, _b, ldb, beta, c, kind, ldc, compute, algo):
        zero = ctypes.c_longlong(0)
        sides = (a, _a, lda, zero, b, _b, ldb, zero, beta, c, kind, ldc, zero, ctypes.c_int(1))
        self.gemm_strided(handle, ta, tb, m, n, k, alpha, *sides, compute, algo)

    def gemm_strided(
        self,
        handle,
        ta,
        tb,
        m,
        n,
        k,
        alpha,
        a,
        _a,
        lda,
        sa,
        b,
        _b,
        ldb,
        sb,
        beta,
        c,
        kind,
        ldc,
        sc,
        count,
        compute,
        algo,
    ):
        assert handle.value == 77
        assert (alpha._obj.value, beta._obj.value) == (1.0, 0.0)
        assert lda.value >= max(1, k.value if ta.value else m.value)
        assert ldb.value >= max(1, n.value if tb.value else k.value)
        assert ldc.value >= max(1, m.value)
        dtype = {0: "float32", 1: "float64"}[kind.value]
        for i in range(count.value):
            left = columns(a, lda, sa, i, (k, m) if ta.value else (m, k), dtype)
            right = columns(b, ldb, sb, i, (n, k) if tb.value else (k, n), dtype)
            out = columns(c, ldc, sc, i, (m, n), dtype)
            out[...] = (left.T if ta.value else left) @ (right.T if tb.value else right)


def columns(pointer, leading, apart, i, shape, dtype):
    """Return the matrix at a pointer, as BLAS sees it: column by column."""
    size = np.dtype(dtype).itemsize
    rows, n = (x.value for x in shape)
    start = pointer.value + i * apart.value * size
    reach = ((n - 1) * leading.value + rows) * size
    memory = (ctypes.c_char * reach).from_address(start)
    return np.ndarray((rows, n), dtype, memory, 0, (size, leading.value * size))
