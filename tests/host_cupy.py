"""CuPy on the host: real `cupy.ndarray` objects over NumPy's memory, on a machine without a GPU.

Shapes, strides, views, promotion and checks of arguments are CuPy's own.  Every call goes to CuPy first; where CuPy
would launch a kernel it finds no driver, and NumPy computes the result on the same memory.  Any other error of CuPy's
is a mistake of the caller's, and is raised.  `counts` tells how many calls went through, by name.
"""

import importlib
import operator
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from tempfile import mkdtemp
from types import ModuleType
from typing import Any

import cuda_stubs
import numpy as np
import pytest
from cupy_manners import cupy_manners

from xpnet.backend import Backend, gpu, libraries, opening, transfer


def missing() -> str | None:
    """Return why CuPy cannot be laid over the host's memory here, or None."""
    if not find_spec("cupy"):
        return "cupy is not installed"
    cupy = real_cupy()
    try:
        cupy.cuda.runtime.getDeviceCount()
    except cupy.cuda.runtime.CUDARuntimeError:
        return cuda_stubs.missing()
    return "a GPU is here: CuPy need not compute on the host"


# what CuPy says where it would use the device; the libraries of `cuda_stubs` refuse their handle
NO_DEVICE = ("cudaErrorInsufficientDriver", "cudaErrorNoDevice", "NOT_INITIALIZED")
OPERATORS = [
    *("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and", "or", "xor", "lshift", "rshift"),
]
COMPARISONS = ["eq", "ne", "lt", "le", "gt", "ge"]
ALONE = ["neg", "abs", "invert", "pos"]
LOOKS = ["float", "int", "bool", "complex", "index"]

counts: Counter[str] = Counter()


@cache
def real_cupy() -> Any:
    """Return CuPy, also while a test has put another one in its place."""
    return importlib.import_module("cupy")


def borrowed(x: Any) -> Any:
    """Return a CuPy array over the memory of a NumPy array, or of a copy of a view; or a tree of them."""
    if isinstance(x, tuple):
        return type(x)(*map(borrowed, x)) if hasattr(x, "_fields") else tuple(map(borrowed, x))
    if isinstance(x, list):
        return [borrowed(each) for each in x]
    if not isinstance(x, np.ndarray | np.generic):
        return x
    cupy = real_cupy()
    owned = x if isinstance(x, np.ndarray) and x.flags.c_contiguous and x.flags.owndata else np.array(x, order="C")
    memory = cupy.cuda.memory.UnownedMemory(owned.ctypes.data, max(1, owned.nbytes), owned, 0)
    return cupy.ndarray(owned.shape, owned.dtype, memptr=cupy.cuda.memory.MemoryPointer(memory, 0))


def host(x: Any) -> Any:
    """Return NumPy's view of the memory of a CuPy array, or of a tree of them; anything else as it is."""
    if isinstance(x, tuple):
        return type(x)(*map(host, x)) if hasattr(x, "_fields") else tuple(map(host, x))
    if isinstance(x, list):
        return [host(each) for each in x]
    if isinstance(x, slice):
        return slice(*map(host, (x.start, x.stop, x.step)))
    cupy = real_cupy()
    if isinstance(x, cupy.cuda.Device):
        return "cpu"
    if not isinstance(x, cupy.ndarray):
        return x
    assert is_inside(x), "an array reaches out of its memory"
    owner = x.data.mem._owner
    return np.ndarray(x.shape, x.dtype, owner.reshape(-1).view("uint8"), x.data.ptr - owner.ctypes.data, x.strides)


def is_inside(x: Any) -> bool:
    """Return whether all numbers of a CuPy array lie in the memory that it was given."""
    reach = [(n - 1) * step for n, step in zip(x.shape, x.strides, strict=True)] if x.size else []
    first = x.data.ptr + sum(min(0, r) for r in reach)
    last = x.data.ptr + sum(max(0, r) for r in reach) + (x.itemsize if x.size else 0)
    return bool(x.data.mem.ptr <= first and last <= x.data.mem.ptr + x.data.mem.size)


def needs_device(error: Exception) -> bool:
    """Return whether CuPy stopped only because there is no device to compute on."""
    return any(word in str(error) for word in NO_DEVICE)


def tried(name: str, real: Callable[..., Any], substitute: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Return what CuPy gives, or, where it would launch something, what NumPy gives."""
    counts[name] += 1
    try:
        return real(*args, **kwargs)
    except Exception as error:
        if not needs_device(error):
            raise
    made = substitute(*host(args), **{key: host(x) for key, x in kwargs.items()})
    return borrowed(made.copy() if any(made is x for x in args) else made)  # what CuPy computes has memory of its own


class Functions:
    """The functions of `array_api_compat.cupy`, each with its sister of NumPy for what must be computed."""

    def __init__(self, real: Any, substitute: Any, prefix: str = "") -> None:
        self._real, self._substitute, self._prefix = real, substitute, prefix

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._real, name)
        if isinstance(real, ModuleType) and name in ("linalg", "fft"):
            found: Any = Functions(real, getattr(self._substitute, name), f"{name}.")
        elif callable(real) and not isinstance(real, type) and not name.startswith("__"):
            full, substitute = self._prefix + name, getattr(self._substitute, name)

            def found(*args: Any, **kwargs: Any) -> Any:
                return tried(full, real, substitute, *args, **kwargs)

        else:
            return real
        setattr(self, name, found)
        return found


def _open_copier(copier: Any, backend: Backend) -> None:
    copier._backend, copier._stream = backend, None


def _write(x: Any, key: Any, value: Any) -> None:
    host(x)[host(key)] = host(value)


def _method(name: str, real: Any, substitute: Callable[..., Any]) -> Callable[..., Any]:
    def method(self: Any, *args: Any) -> Any:
        return tried(name, real, substitute, self, *args)

    return method


def _look(f: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda self: f(host(self))


def _patches(array: Any) -> Iterator[tuple[str, Any]]:
    """Yield the methods of a CuPy array that compute or look, made to go on without a device."""
    names = [f"__{name}__" for name in (*OPERATORS, *COMPARISONS, *ALONE)]
    for name in names:
        yield name, _method(name, getattr(array, name), getattr(operator, name))
    for name in OPERATORS:
        swapped = f"__r{name}__"
        yield swapped, _method(swapped, getattr(array, swapped), getattr(np.ndarray, swapped))
    yield "__getitem__", _method("__getitem__", array.__getitem__, operator.getitem)
    yield "__setitem__", _write
    for name in LOOKS:
        yield f"__{name}__", _look(getattr(np.ndarray, f"__{name}__"))
    yield "get", lambda self, *_, **__: host(self).copy()
    yield "item", lambda self, *args: host(self).item(*args)
    yield "tolist", lambda self: host(self).tolist()


@cache
def _load_stubs() -> None:
    cuda_stubs.load(Path(mkdtemp()))


@contextmanager
def on_host() -> Iterator[Callable[..., Backend]]:
    """Let CuPy compute on the host in a ``with`` block, and give what makes backends of a dtype."""
    import array_api_compat.cupy
    import cupyx

    cupy = real_cupy()
    _load_stubs()
    functions = Functions(array_api_compat.cupy, np)

    def backend(dtype: str = "float32") -> Backend:
        return Backend("cupy", functions, cupy.cuda.Device(0), np.dtype(dtype))

    with cupy_manners(), pytest.MonkeyPatch.context() as patch:
        for name, method in list(_patches(cupy.ndarray)):
            patch.setattr(cupy.ndarray, name, method, raising=False)
        patch.setitem(libraries._namespaces, cupy.ndarray, functions)
        patch.setattr(Backend, "active", lambda _: nullcontext())
        patch.setattr(Backend, "synchronize", lambda _: None)
        patch.setitem(opening.OPENERS, "cupy", lambda _: (functions, cupy.cuda.Device(0)))
        patch.setattr(gpu, "describe", lambda *_: {"device": "none: CuPy on the host"})
        patch.setattr(cupyx, "empty_pinned", np.empty)
        patch.setattr(transfer.Copier, "__init__", _open_copier)
        yield backend
