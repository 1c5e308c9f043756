"""CuPy and its GPU: whether it is usable, its settings for a computation, and the error of a full device.

This module imports CuPy only when a function needs it.  It is written against CuPy's source, 14.0.1 to 14.2.
"""

import importlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from xpnet.backend.libraries import BackendError

_TF32, _FLOAT32 = 7, 1  # CuPy's codes for the precision of float32 products


# ---- is it usable -----------------------------------------------------------------------------------------


def usable() -> Any:
    """Return CuPy if it can compute on a GPU; creates no CUDA context.

    Raises
    ------
    BackendError
        If no GPU is there, or the driver or a CUDA library is missing or too old.
    """
    try:
        cupy = importlib.import_module("cupy")
        why = _why_no_device(cupy.cuda.runtime)
    except Exception as error:  # a broken installation may raise any exception while its libraries load
        why = _named(error)
    if why:
        raise BackendError(
            f"cupy is installed but finds no usable NVIDIA GPU ({why}); look at nvidia-smi, "
            "or choose the backend numpy or auto"
        )
    try:
        _ = cupy.cuda.cublas, cupy.cuda.nvrtc.getVersion()  # loaded on first use; products and kernels need them
    except Exception as error:
        raise BackendError(
            f"cupy is installed but lacks a CUDA library ({_named(error)}); "
            "pip install 'xpnet[cuda13]' (or 'xpnet[cuda12]') brings them"
        ) from error
    return cupy


def _why_no_device(runtime: Any) -> str | None:
    try:
        count = runtime.getDeviceCount()
    except Exception as error:
        if "InsufficientDriver" not in str(error):
            return _named(error) + _hidden()
        driver = runtime.driverGetVersion()
        if driver == 0:
            return "no NVIDIA driver is loaded"
        needed = _version(runtime.runtimeGetVersion())
        return f"the NVIDIA driver knows CUDA up to {_version(driver)}, this CuPy needs {needed}"
    return None if count else "CUDA reports no device" + _hidden()


def _hidden() -> str:
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    return "" if visible is None else f"; CUDA_VISIBLE_DEVICES is set to {visible!r}"


def _named(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).replace('====', '').split())}"


def _version(number: int) -> str:
    return f"{number // 1000}.{number % 1000 // 10}"


def open_device(device: Any) -> Any:
    """Return CuPy's object for a device, and make that device the current one.

    Raises
    ------
    BackendError
        If the device does not exist.
    """
    cupy = usable()
    count = cupy.cuda.runtime.getDeviceCount()
    index = getattr(device, "id", 0 if device is None else device)
    if not isinstance(index, int) or not 0 <= index < count:
        raise BackendError(f"device must be between 0 and {count - 1} on this machine, got {index!r}")
    chosen = cupy.cuda.Device(index)
    chosen.use()  # CuPy's creation functions use the current device and ignore `device=`
    return chosen


def prepare(device: Any, options: Mapping[str, Any]) -> None:
    """Check that the current device, `device`, supports the options, and set its memory limit."""
    if options.get("tf32") and int(device.compute_capability) < 80:
        raise BackendError(f"tf32 needs a GPU of compute capability 8.0 or newer, got {device.compute_capability}")
    limit = options.get("memory_limit")
    if limit is not None:
        pool = importlib.import_module("cupy").get_default_memory_pool()
        pool.set_limit(**{"fraction" if isinstance(limit, float) else "size": limit})


def describe(device: Any, options: Mapping[str, Any]) -> dict[str, str]:
    """Return the device's name and memory, the CUDA versions, and the settings."""
    cupy = importlib.import_module("cupy")
    runtime = cupy.cuda.runtime
    properties = runtime.getDeviceProperties(device.id)
    memory = properties["totalGlobalMem"]
    tf32 = options.get("tf32", _number(os.environ.get("CUPY_TF32", "0")) > 0)
    report = {
        "device": f"{properties['name'].decode()} ({memory / 2**30:.0f} GiB), device {device.id}",
        "cuda": f"{_version(runtime.runtimeGetVersion())} (driver {_version(runtime.driverGetVersion())})",
        "tf32": "on" if tf32 else "off",
    }
    limit = options.get("memory_limit")
    if limit is not None:
        report["memory_limit"] = _size(int(limit * memory) if isinstance(limit, float) else limit)
    return report


def _number(text: str) -> int:
    return int(text) if text.lstrip("-").isdigit() else 0


# ---- while it computes ------------------------------------------------------------------------------------


@contextmanager
def computing(device: Any, options: Mapping[str, Any]) -> Iterator[None]:
    """Make `device` the current one and set TF32 as in the options, inside a ``with`` block.

    The precision of products is a setting of CuPy for the whole process; without the option it does not change.
    An out-of-memory error becomes a BackendError with sizes and advice.
    """
    cupy = importlib.import_module("cupy")
    with device, _products(cupy, options.get("tf32")):
        try:
            yield
        except Exception as error:
            if is_full(error):
                raise BackendError(_explain(cupy, device, error)) from error
            raise


@contextmanager
def _products(cupy: Any, tf32: bool | None) -> Iterator[None]:
    # CuPy's only public switch is the variable CUPY_TF32, which it reads once; CuPy's tests use these two functions
    if tf32 is None:
        yield
        return
    dtype = np.dtype("float32")
    before = cupy._core.get_compute_type(dtype)
    cupy._core.set_compute_type(dtype, _TF32 if tf32 else _FLOAT32)
    try:
        yield
    finally:
        cupy._core.set_compute_type(dtype, before)


def is_full(error: Exception) -> bool:
    """Return whether `error` is an out-of-memory error of CuPy or of a CUDA library."""
    if not type(error).__module__.startswith("cupy"):
        return False
    text = str(error)
    return type(error).__name__ == "OutOfMemoryError" or "ErrorMemoryAllocation" in text or "ALLOC_FAILED" in text


def _explain(cupy: Any, device: Any, error: Exception) -> str:
    pool, (free, total) = cupy.get_default_memory_pool(), device.mem_info
    used, held, limit = pool.used_bytes(), pool.total_bytes(), pool.get_limit()
    asked = getattr(error, "_size", None)  # errors of CuPy's pool know the size; those of CUDA's libraries do not
    parts = [
        f"device {device.id} is full: {_size(asked)} were asked for" if asked else f"device {device.id} is full",
        f"{_size(free)} of its {_size(total)} are free",
        f"arrays use {_size(used)}",
        f"the memory pool keeps {_size(held - used)} more",
        *([f"its limit is {_size(limit)}"] if limit else []),
    ]
    return (
        f"{', '.join(parts)}; make batch_size smaller, compute in float32, give images as uint8 (they stay so until a "
        "batch needs them), drop arrays you no longer need and call cupy.get_default_memory_pool().free_all_blocks(), "
        "or leave data that do not fit on the host and train on them part by part"
    )


def _size(n: int) -> str:
    """Return a number of bytes in a readable unit.

    Examples
    --------
    >>> _size(3 * 2**29), _size(5000)
    ('1.5 GiB', '4.9 KiB')
    """
    unit = next((i for i in (3, 2, 1) if n >= 1024**i), 0)
    return f"{n / 1024**unit:.1f} {('bytes', 'KiB', 'MiB', 'GiB')[unit]}" if unit else f"{n} bytes"
