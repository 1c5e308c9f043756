"""This processor made to do what CuPy's kernels do: take numbers below the smallest normal one for zero."""

import ctypes
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import numpy as np
from c_kernels import COMPILER

TEXT = """
#if defined(__x86_64__)
#include <xmmintrin.h>
int flush(int on) { _mm_setcsr((_mm_getcsr() & ~0x8040u) | (on ? 0x8040u : 0u)); return 1; }
#elif defined(__aarch64__)
int flush(int on) {
    unsigned long long word;
    __asm__ volatile("mrs %0, fpcr" : "=r"(word));
    word = on ? word | 1ull << 24 : word & ~(1ull << 24);
    __asm__ volatile("msr fpcr, %0" : : "r"(word));
    return 1;
}
#else
int flush(int on) { return 0; }
#endif
"""


def missing() -> str | None:
    """Return why that cannot be done here, or None."""
    if COMPILER is None:
        return "no C compiler (cc) is here"
    if not _library().flush(0):
        return "this processor has no flush to zero that is known here"
    return None


@cache
def _library() -> Any:
    folder = Path(mkdtemp())
    (folder / "flush.c").write_text(TEXT)
    options = ["-O1", "-shared", "-fPIC", str(folder / "flush.c"), "-o", str(folder / "flush.so")]
    subprocess.run([str(COMPILER), *options], check=True)
    return ctypes.CDLL(str(folder / "flush.so"))


@contextmanager
def flushing() -> Iterator[None]:
    """Take subnormal numbers for zero in this thread, in a ``with`` block."""
    np.finfo(np.float32), np.finfo(np.float64)  # found out by arithmetic, once
    _library().flush(1)
    try:
        yield
    finally:
        _library().flush(0)
