"""A stand-in for CuPy with any number of GPUs: it answers every call except the mathematics."""

import contextlib
import importlib.util
import sys
import types
from collections.abc import Iterator
from typing import Any

import numpy as np


class OutOfMemoryError(MemoryError):
    """As CuPy's: it knows the requested size."""

    __module__ = "cupy.cuda.memory"

    def __init__(self, size: int) -> None:
        self._size = size
        super().__init__(f"Out of memory allocating {size:,} bytes")


class CUDARuntimeError(RuntimeError):
    """As CuPy's."""

    __module__ = "cupy_backends.cuda.api.runtime"


class Event:
    def __init__(self, cupy: types.ModuleType, name: str) -> None:
        self.cupy, self.name = cupy, name

    def synchronize(self) -> None:
        self.cupy.log.append(f"host waits for {self.name}")


class Stream:
    def __init__(self, cupy: types.ModuleType, name: str) -> None:
        self.cupy, self.name = cupy, name

    def record(self) -> Event:
        self.cupy.log.append(f"{self.name} records")
        return Event(self.cupy, self.name)

    def wait_event(self, event: Event) -> None:
        self.cupy.log.append(f"{self.name} waits for {event.name}")

    def __enter__(self) -> None:
        self.cupy.streams.append(self)

    def __exit__(self, *error: object) -> None:
        self.cupy.streams.pop()


class Device:
    def __init__(self, cupy: types.ModuleType, index: int) -> None:
        self.cupy, self.id = cupy, index
        self.compute_capability = cupy.capability
        self.mem_info = (2**30, 80 * 2**30)

    def use(self) -> None:
        self.cupy.log.append(f"use {self.id}")

    def __enter__(self) -> None:
        self.cupy.inside.append(self.id)

    def __exit__(self, *error: object) -> None:
        self.cupy.inside.pop()


def _raise(error: Exception) -> Any:
    raise error


def make(count: int | Exception = 1, *, driver: int = 13000, capability: str = "90", limit: int = 0) -> Any:
    """Return the module: `log` tells what was done, `inside` the devices entered, `compute_type` how products run."""
    cupy: Any = types.ModuleType("cupy")
    cupy.__spec__, cupy.__version__ = types.SimpleNamespace(name="cupy"), "14.2.0"
    cupy.ndarray = type("ndarray", (), {})
    cupy.log, cupy.inside, cupy.capability, cupy.compute_type = [], [], capability, 0
    cupy.streams = [Stream(cupy, "main")]
    properties = {"name": b"NVIDIA Fake", "totalGlobalMem": 80 * 2**30}
    runtime = types.SimpleNamespace(
        getDeviceCount=lambda: _raise(count) if isinstance(count, Exception) else count,
        driverGetVersion=lambda: driver,
        runtimeGetVersion=lambda: 12090,
        getDeviceProperties=lambda index: properties,
    )
    cupy.cuda = types.SimpleNamespace(
        runtime=runtime,
        Device=lambda index: Device(cupy, index),
        Stream=lambda non_blocking: Stream(cupy, "copies"),
        get_current_stream=lambda: cupy.streams[-1],
        cublas=types.ModuleType("cublas"),
        nvrtc=types.SimpleNamespace(getVersion=lambda: (12, 9)),
    )
    cupy._core = types.SimpleNamespace(
        get_compute_type=lambda dtype: cupy.compute_type,
        set_compute_type=lambda dtype, value: setattr(cupy, "compute_type", value),
    )
    pool = types.SimpleNamespace(
        set_limit=lambda **how: cupy.log.append(f"limit {how}"),
        used_bytes=lambda: 70 * 2**30,
        total_bytes=lambda: 75 * 2**30,
        get_limit=lambda: limit,
    )
    cupy.get_default_memory_pool = lambda: pool

    def asarray(x: Any) -> Any:
        cupy.log.append(f"{cupy.streams[-1].name} copies")
        return np.array(x)

    cupy.asarray = asarray
    return cupy


def install(monkeypatch: Any, *args: Any, **how: Any) -> Any:
    """Put a new one where `import cupy` finds it, and return it."""
    cupy = make(*args, **how)
    compat: Any = types.ModuleType("array_api_compat.cupy")
    compat.float32, compat.float64 = np.float32, np.float64
    modules = {"cupy": cupy, "array_api_compat.cupy": compat}
    for name, module in modules.items():
        monkeypatch.setitem(sys.modules, name, module)
    return cupy


def hide(monkeypatch: Any) -> None:
    """Let CuPy count as not installed, be it here or not."""
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "cupy" else found(name))


@contextlib.contextmanager
def nothing_left(cupy: Any) -> Iterator[None]:
    """Assert that a block leaves CuPy's settings as they were."""
    before = (cupy.compute_type, list(cupy.inside), list(cupy.streams))
    yield
    assert before == (cupy.compute_type, cupy.inside, cupy.streams)
