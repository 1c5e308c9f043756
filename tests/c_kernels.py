"""Kernels compiled for this processor by its C compiler: the text that a GPU would get, run on NumPy arrays."""

import ctypes
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

COMPILER = shutil.which("cc")
needs_compiler = pytest.mark.skipif(COMPILER is None, reason="no C compiler (cc) is here")


def compiled(texts: Sequence[str], folder: Path) -> list[Callable[..., None]]:
    """Return the kernels as functions ``kernel(*arrays, counter, ahead)``; a*b + c is rounded twice, as in NumPy."""
    file, library = folder / "kernels.c", folder / "kernels.so"
    file.write_text("\n".join(t.replace("KERNEL fused(", f"KERNEL fused{i}(") for i, t in enumerate(texts)))
    options = ["-O1", "-ffp-contract=off", "-Wall", "-Wno-unused", "-Werror", "-shared", "-fPIC"]
    subprocess.run([str(COMPILER), *options, str(file), "-o", str(library), "-lm"], check=True)
    loaded = ctypes.CDLL(str(library))
    return [_called(getattr(loaded, f"fused{i}")) for i in range(len(texts))]


def _called(function: Any) -> Callable[..., None]:
    def kernel(*given: Any) -> None:
        *arrays, ahead = given
        pointers = [ctypes.c_void_p(x.ctypes.data) for x in arrays]
        function(*pointers, ctypes.c_int(int(ahead)))

    return kernel


def ulps(a: Any, b: Any) -> float:
    """Return the largest distance of two floating arrays, in units of the last place of the larger number."""
    a, b = np.asarray(a, "float64"), np.asarray(b)
    unit = np.spacing(np.maximum(np.abs(b), np.finfo(b.dtype).smallest_normal))
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    with np.errstate(invalid="ignore"):
        return float(np.max(np.where(same, 0.0, np.abs(a - b.astype("float64")) / unit), initial=0.0))
