"""The array libraries xpnet runs on: is it here, can it be used, which one owns an array, how is it opened.

`xpnet.backend` is the door to all this; nothing else needs to look here.
"""

import importlib.util
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, TypeAlias

import array_api_compat
import numpy as np

Array: TypeAlias = Any  # an array of any library that follows the array API standard
Namespace: TypeAlias = Any  # that library's functions


class BackendError(RuntimeError):
    """A library or a device cannot be used; the message says why, and what to type."""


AxisError = np.exceptions.AxisError  # both a ValueError and an IndexError
LinAlgError = np.linalg.LinAlgError  # a ValueError


def library_of(x: Any) -> str | None:
    """Return the backend name of the library that `x` is an array of, or None."""
    known = _libraries.get(type(x))
    if known is not None:
        return known
    for name, owns in _owners.items():
        if owns(x):
            return _libraries.setdefault(type(x), name)
    return None


_libraries: dict[type, str] = {}  # what is known of a type, so that small arrays are not asked twice
_namespaces: dict[type, Namespace] = {}


def namespace(*arrays: Array, **named: Array) -> Namespace:
    """Return the namespace of the arrays, which must share one library and one device.

    Parameters
    ----------
    *arrays, **named : Array
        Arrays given by keyword are called by that name in the error.

    Raises
    ------
    TypeError
        If an argument is not an array.
    BackendError
        If two arrays differ in library or device.

    Examples
    --------
    >>> import numpy as np
    >>> float(namespace(x=np.zeros(3)).exp(0.0))
    1.0
    """
    if len(arrays) == 1 and not named:
        known = _namespaces.get(type(arrays[0]))
        if known is not None:
            return known
    labelled = [*((f"argument {i + 1}", x) for i, x in enumerate(arrays)), *named.items()]
    homes = [(label, library_of(x), x) for label, x in labelled]
    for label, library, x in homes:
        if library is None:
            raise TypeError(f"{label} must be an array, got {type(x).__name__}")
    first, library, x = homes[0]
    home = array_api_compat.device(x)
    for label, other, z in homes[1:]:
        device = array_api_compat.device(z)
        if (other, device) != (library, home):
            raise BackendError(
                f"{label} must be on the library and device of {first} ({library}, {home}), "
                f"got {other}, {device}; move it with Backend.asarray"
            )
    # NumPy follows the standard itself, and array_api_compat's copy of it takes 0.1 s to import
    xp = np if library == "numpy" else array_api_compat.array_namespace(x)
    return _namespaces.setdefault(type(x), xp)


def to_numpy(x: Any) -> Any:
    """Return `x` as a NumPy array: the one door out, always a blocking copy from a device.

    Examples
    --------
    >>> to_numpy([1, 2])
    array([1, 2])
    """
    match library_of(x):
        case "cupy":
            return x.get()
        case "torch":
            return x.detach().cpu().numpy()
        case "array_api_strict":
            strict = importlib.import_module("array_api_strict")
            return np.asarray(x.to_device(strict.Device("CPU_DEVICE")))
        case _:
            return np.asarray(x)


def host_numbers(x: Any, name: str) -> Any:
    """Return `x` as a NumPy array of real numbers, or say what is wrong with it."""
    try:
        host = to_numpy(x)
    except ValueError as error:
        raise TypeError(f"{name} must be a rectangular array of numbers, got {error}") from error
    if host.dtype.kind not in "fiub":
        raise TypeError(f"{name} must hold real numbers, got dtype {host.dtype}")
    return host


def reason_against(name: str) -> str | None:
    """Return why the library called `name` cannot be used, or None if it can."""
    try:
        if name == "cupy":
            _usable_cupy()
        else:
            _need(name)
    except BackendError as error:
        return str(error)
    return None


# ---- what libraries do when numbers go wrong --------------------------------------------------------------


def quiet() -> AbstractContextManager[None]:
    """Return a context in which NumPy says nothing of overflow, underflow or division by zero.

    For computations that expect them and mend them; the other libraries are silent by themselves.
    """
    return np.errstate(all="ignore")


def is_look_free(x: Array) -> bool:
    """Return whether a value of `x` can be looked at without waiting for a device or stopping a compiler.

    Where it can, work that turns out to be needless may be left out; where not, it is done and selected from.
    """
    match library_of(x):
        case "numpy" | "array_api_strict":
            return True
        case "torch":
            return bool(x.device.type == "cpu")
        case _:
            return False


def is_linalg_error(error: Exception) -> bool:
    """Return whether `error` is a library's word for a factorization that failed."""
    return "LinAlgError" in type(error).__name__


# ---- opening a library ------------------------------------------------------------------------------------

_INSTALL = {
    "cupy": "pip install 'xpnet[cuda13]' (or 'xpnet[cuda12]', by the CUDA version that nvidia-smi prints)",
    "torch": "pip install torch",
    "jax": "pip install jax",
    "array_api_strict": "pip install array-api-strict",
}


def _need(name: str) -> None:
    if importlib.util.find_spec(name) is None:
        raise BackendError(f"{name} is not installed; {_INSTALL[name]}")


def _usable_cupy() -> Any:
    """Return CuPy if it can see a GPU; creates no CUDA context."""
    _need("cupy")
    try:
        cupy = importlib.import_module("cupy")
        usable, why = cupy.cuda.is_available(), "CUDA reports no device"
    except Exception as error:  # a broken installation may raise anything while its libraries load
        usable, why = False, f"{type(error).__name__}: {error}"
    if not usable:
        raise BackendError(
            f"cupy is installed but finds no usable NVIDIA GPU ({why}); look at nvidia-smi, "
            "or choose the backend numpy or auto"
        )
    return cupy


def _open_numpy(device: Any) -> tuple[Namespace, Any]:
    if device not in (None, "cpu", 0):
        raise BackendError(f"device must be 'cpu' on numpy, got {device!r}")
    return np, "cpu"


def _open_cupy(device: Any) -> tuple[Namespace, Any]:
    cupy = _usable_cupy()
    count = cupy.cuda.runtime.getDeviceCount()
    index = getattr(device, "id", 0 if device is None else device)
    if not isinstance(index, int) or not 0 <= index < count:
        raise BackendError(f"device must be between 0 and {count - 1} on this machine, got {index!r}")
    chosen = cupy.cuda.Device(index)
    chosen.use()  # CuPy's creation functions take the current device, whatever their `device=` says
    return importlib.import_module("array_api_compat.cupy"), chosen


def _open_torch(device: Any) -> tuple[Namespace, Any]:
    _need("torch")
    torch = importlib.import_module("torch")
    try:
        chosen = torch.zeros(1, device="cpu" if device is None else device).device
    except (RuntimeError, AssertionError, ValueError) as error:
        raise BackendError(f"device must be one that PyTorch can use, got {device!r}: {error}") from error
    return importlib.import_module("array_api_compat.torch"), chosen


def _open_jax(device: Any) -> tuple[Namespace, Any]:
    _need("jax")
    jax = importlib.import_module("jax")
    devices = jax.devices()
    if device is None or isinstance(device, int):
        index = device or 0
        if not 0 <= index < len(devices):
            raise BackendError(f"device must be between 0 and {len(devices) - 1} on jax, got {index}")
        device = devices[index]
    elif isinstance(device, str):
        try:
            device = jax.devices(device)[0]
        except RuntimeError as error:
            raise BackendError(f"device must be one that JAX can use, got {device!r}: {error}") from error
    return importlib.import_module("jax.numpy"), device


def _open_strict(device: Any) -> tuple[Namespace, Any]:
    _need("array_api_strict")
    strict = importlib.import_module("array_api_strict")
    try:
        chosen = strict.Device("CPU_DEVICE" if device is None else device) if not hasattr(device, "_device") else device
    except ValueError as error:
        raise BackendError(f"device must be one of array-api-strict's, got {device!r}") from error
    return strict, chosen


OPENERS: dict[str, Callable[[Any], tuple[Namespace, Any]]] = {
    "numpy": _open_numpy,
    "cupy": _open_cupy,
    "torch": _open_torch,
    "jax": _open_jax,
    "array_api_strict": _open_strict,
}
_owners: dict[str, Callable[[Any], bool]] = {
    "numpy": array_api_compat.is_numpy_array,
    "cupy": array_api_compat.is_cupy_array,
    "torch": array_api_compat.is_torch_array,
    "jax": array_api_compat.is_jax_array,
    "array_api_strict": lambda x: type(x).__module__.startswith("array_api_strict"),
}


def describe(name: str, device: Any) -> dict[str, str]:
    """Return the name, version and device of an opened library and, for NumPy, its BLAS."""
    report = {"name": name, "version": str(importlib.import_module(name).__version__), "device": str(device)}
    if name == "cupy":
        properties = importlib.import_module("cupy").cuda.runtime.getDeviceProperties(device.id)
        memory = properties["totalGlobalMem"] / 2**30
        report["device"] = f"{properties['name'].decode()} ({memory:.0f} GiB), device {device.id}"
    if name == "numpy":
        report["blas"] = _blas()
    return report


def _blas() -> str:
    from threadpoolctl import threadpool_info

    pools = [pool for pool in threadpool_info() if pool.get("user_api") == "blas"]
    return (
        ", ".join(
            f"{pool['internal_api']} {pool.get('version') or ''} "
            f"({pool.get('architecture') or 'kernel not told'}, {pool['num_threads']} threads)"
            for pool in pools
        )
        or "not found"
    )
