"""What runs the texts of loops in tests: Numba where it is installed, and Python itself, everywhere."""

import importlib.util
from typing import Any

import numpy as np
import pytest

needs_numba = pytest.mark.skipif(importlib.util.find_spec("numba") is None, reason="numba is not installed")
COMPILERS = ["python", pytest.param("numba", marks=needs_numba)]

_BY_NUMBA: dict[Any, Any] = {}  # what one test has compiled serves the next
_NAMES = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64"]


def by_python(text: str, kinds: Any, releases: bool = True) -> Any:
    """Return the function of a loop's text, run by Python on NumPy's scalars; it checks the arrays."""
    namespace: dict[str, Any] = {"np": np, "nan": np.nan, "inf": np.inf, "index": int, "boolean": np.bool}
    namespace |= {name: getattr(np, name) for name in _NAMES}
    exec(text, namespace)

    def run(*args: Any) -> None:
        *arrays, start, stop = args
        for x, (dtype, ndim, layout) in zip(arrays, kinds, strict=True):
            assert x.dtype == ("bool" if dtype == "boolean" else dtype)
            assert x.ndim == ndim
            assert layout == "A" or x.flags.c_contiguous
        with np.errstate(all="ignore"):
            namespace["loop"](*arrays, start, stop)

    return run


def use(monkeypatch: pytest.MonkeyPatch, compiler: str) -> None:
    """Let tapes compile all their loops at once, by Numba or by Python."""
    module = "xpnet.execution.numpy_tape.numba_compiler"
    monkeypatch.setenv("XPNET_FAST", "1")
    # other tests shall not find loops that are compiled already
    monkeypatch.setattr(f"{module}._loops", _BY_NUMBA if compiler == "numba" else {})
    if compiler == "python":
        monkeypatch.setattr(f"{module}._compile", by_python)
        monkeypatch.setattr(f"{module}._is_installed", lambda: True)
        monkeypatch.setattr(f"{module}._given_up", [])
