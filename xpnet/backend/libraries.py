"""The array libraries xpnet runs on: which one owns an array, its functions, and the way back to the host.

`xpnet.backend` is the door to all this; nothing else needs to look here.
"""

import importlib
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


class StandIn:
    """What stands for an array while a step is recorded: it has the array's shape, dtype and library, and no value."""

    library: str
    namespace: Namespace  # functions that note what is asked of them
    device: Any


def library_of(x: Any) -> str | None:
    """Return the backend name of the library that `x` is an array of, or None."""
    known = _libraries.get(type(x))
    if known is not None:
        return known
    if isinstance(x, StandIn):
        return x.library
    for name, owns in _owners.items():
        if owns(x):
            return _libraries.setdefault(type(x), name)
    return None


_owners: dict[str, Callable[[Any], bool]] = {
    "numpy": array_api_compat.is_numpy_array,
    "cupy": array_api_compat.is_cupy_array,
    "torch": array_api_compat.is_torch_array,
    "jax": array_api_compat.is_jax_array,
    "array_api_strict": lambda x: type(x).__module__.startswith("array_api_strict"),
}
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
    standing = [x for x in (*arrays, *named.values()) if isinstance(x, StandIn)]
    if standing:
        return standing[0].namespace
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


def detached(x: Any) -> Any:
    """Return `x` without what PyTorch remembers of how it came about; anything else as it is.

    Examples
    --------
    >>> detached([1.0])
    [1.0]
    """
    return x.detach() if library_of(x) == "torch" and x.requires_grad else x


def host_numbers(x: Any, name: str) -> Any:
    """Return `x` as a NumPy array of real numbers, or say what is wrong with it."""
    try:
        host = to_numpy(x)
    except ValueError as error:
        raise TypeError(f"{name} must be a rectangular array of numbers, got {error}") from error
    if host.dtype.kind not in "fiub":
        raise TypeError(f"{name} must hold real numbers, got dtype {host.dtype}")
    return host


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
    match None if isinstance(x, StandIn) else library_of(x):
        case "numpy" | "array_api_strict":
            return True
        case "torch":
            return bool(x.device.type == "cpu")
        case _:
            return False


def is_linalg_error(error: Exception) -> bool:
    """Return whether `error` is a library's word for a factorization that failed."""
    return "LinAlgError" in type(error).__name__
