"""The array libraries: which one owns an array, its functions, and the conversion to NumPy.

Import these names from `xpnet.backend`.
"""

import importlib
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeAlias

import array_api_compat
import numpy as np

Array: TypeAlias = Any  # an array of any library that follows the array API standard
Namespace: TypeAlias = Any  # that library's functions


class BackendError(RuntimeError):
    """A library or a device cannot be used; the message says why and how to fix it."""


AxisError = np.exceptions.AxisError  # both a ValueError and an IndexError
LinAlgError = np.linalg.LinAlgError  # a ValueError


class StandIn:
    """A stand-in for an array while a step is recorded: it has the array's shape, dtype and library, but no value."""

    library: str
    namespace: Namespace  # functions that record their calls
    device: Any


def library_of(x: Any) -> str | None:
    """Return the name of the library whose array `x` is, or None.

    Parameters
    ----------
    x : object
        An array, or anything else.

    Examples
    --------
    >>> library_of(np.zeros(3)), library_of([0.0])
    ('numpy', None)
    """
    known = _libraries.get(type(x))
    if known is not None:
        return known
    if isinstance(x, StandIn):
        return x.library
    if type(x) in _NO_ARRAYS:
        return None
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
_NO_ARRAYS = frozenset({bool, int, float, complex, str, bytes, list, tuple, dict, type(None)})
_libraries: dict[type, str] = {}  # library of each type seen so far: a look-up is fast for small arrays
_namespaces: dict[type, Namespace] = {}


def namespace(*arrays: Array, **named: Array) -> Namespace:
    """Return the namespace of the arrays, which must share one library and one device.

    Parameters
    ----------
    *arrays, **named : Array
        An error calls an array by its keyword.

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
    given = (*arrays, *named.values())
    if len(set(map(type, given))) == 1 and _namespaces.get(type(given[0])) is np:
        return np  # it has one device
    stand_ins = [x for x in given if isinstance(x, StandIn)]
    if stand_ins:
        return stand_ins[0].namespace
    labelled = [*((f"argument {i + 1}", x) for i, x in enumerate(arrays)), *named.items()]
    owners = [(label, library_of(x), x) for label, x in labelled]
    for label, library, x in owners:
        if library is None:
            raise TypeError(f"{label} must be an array, got {type(x).__name__}")
    first, library, x = owners[0]
    device_of_first = device_of(x)
    for label, other, z in owners[1:]:
        device = device_of(z)
        traced = None in (device, device_of_first)  # JAX traces a function, and puts the result where it will
        if other != library or (device != device_of_first and not traced):
            raise BackendError(
                f"{label} must be on the library and device of {first} ({library}, {device_of_first}), "
                f"got {other}, {device}; move it with Backend.asarray"
            )
    # NumPy follows the standard; array_api_compat's copy of NumPy takes 0.1 s to import
    xp = np if library == "numpy" else array_api_compat.array_namespace(x)
    return _namespaces.setdefault(type(x), xp)


def device_of(x: Array) -> Any:
    """Return the device of an array; NumPy has one only, ``"cpu"``.  It is None where JAX traces a function.

    Parameters
    ----------
    x : Array
        An array of any library.

    Examples
    --------
    >>> device_of(np.zeros(3))
    'cpu'
    """
    return "cpu" if _libraries.get(type(x)) == "numpy" else array_api_compat.device(x)


def holds(x: Array, kind: str | tuple[str, ...]) -> bool:
    """Return whether the dtype of an array is of a kind, or of one of several, as the standard's `isdtype` names them.

    The library is asked once for each dtype: NumPy takes a microsecond to answer, and a prediction asks often.

    Parameters
    ----------
    x : Array
        An array of any library.
    kind : str or tuple of str
        ``"bool"``, ``"integral"``, ``"real floating"``, ``"numeric"`` and others.

    Examples
    --------
    >>> holds(np.zeros(3), "real floating"), holds(np.zeros(3), "integral")
    (True, False)
    """
    xp, dtype = namespace(x), x.dtype
    if isinstance(x, StandIn):  # its functions belong to one recording, which a cache would keep
        return bool(xp.isdtype(dtype, kind))
    return _isdtype(xp, dtype, kind)


@lru_cache(maxsize=256)
def _isdtype(xp: Namespace, dtype: Any, kind: str | tuple[str, ...]) -> bool:
    return bool(xp.isdtype(dtype, kind))


def to_numpy(x: Any) -> Any:
    """Return `x` as a NumPy array; on a device this is a blocking copy.

    Parameters
    ----------
    x : Array or sequence
        An array of any library and device, or nested sequences of numbers.

    Examples
    --------
    >>> to_numpy([1, 2])
    array([1, 2])
    """
    match library_of(x):
        case "cupy":
            return x.get()
        case "torch":
            host = x.detach().cpu().resolve_conj().resolve_neg()
            return (host.float() if str(host.dtype) == "torch.bfloat16" else host).numpy()
        case "jax":
            host = detached(x)  # NumPy has no bfloat16
            return np.asarray(host.astype("float32") if str(host.dtype) == "bfloat16" else host)
        case "array_api_strict":
            strict = importlib.import_module("array_api_strict")
            return np.asarray(x.to_device(strict.Device("CPU_DEVICE")))
        case _:
            return np.asarray(x)


def plain_array(x: Any, name: str = "array") -> Any:
    """Return NumPy's subclasses (np.matrix, np.memmap, …) as plain arrays in the byte order of this machine.

    Anything that is not a NumPy array is returned as it is.

    Parameters
    ----------
    x : object
        A NumPy array, or anything else.
    name : str
        What the message of an error calls it.

    Raises
    ------
    ValueError
        If `x`, or an array in a sequence `x`, has masked entries; the message calls it `name`.

    Examples
    --------
    >>> plain_array(np.asarray([1, 2], dtype=">i2"))
    array([1, 2], dtype=int16)
    """
    if type(x) is not np.ndarray:
        if masked := _masked_entries(x):
            raise ValueError(f"{name} must not have masked entries, got {masked}; fill them or leave their rows out")
        if not isinstance(x, np.ndarray):
            return x
    host = np.asarray(x)
    return host if host.dtype.isnative else host.astype(host.dtype.newbyteorder("="))


def _masked_entries(x: Any) -> int:
    if isinstance(x, np.ma.MaskedArray):
        return int(np.ma.getmaskarray(x).sum())
    if not isinstance(x, list | tuple):
        return 0
    kinds = {kind for kind in set(map(type, x)) if issubclass(kind, (list, tuple, np.ma.MaskedArray))}
    return sum(_masked_entries(part) for part in x if type(part) in kinds) if kinds else 0


def detached(x: Any) -> Any:
    """Return an array without the graph of its gradients (PyTorch, and JAX in ``jax.grad``); anything else as it is.

    Parameters
    ----------
    x : object
        An array of any library, or anything else.

    Examples
    --------
    >>> detached([1.0])
    [1.0]
    """
    match library_of(x):
        case "torch" if x.requires_grad:
            return x.detach()
        case "jax" if type(x).__name__.endswith("Tracer"):
            return importlib.import_module("jax").lax.stop_gradient(x)
        case _:
            return x


def host_numbers(x: Any, name: str) -> Any:
    """Return `x` as a NumPy array of real numbers, or raise a TypeError that says why not."""
    try:
        host = to_numpy(x)
    except ValueError as error:
        raise TypeError(f"{name} must be a rectangular array of numbers, got {error}") from error
    if host.dtype.kind not in "fiub":
        raise TypeError(f"{name} must hold real numbers, got dtype {host.dtype}")
    return host.astype(host.dtype.newbyteorder("="), copy=False)  # no other library takes a foreign byte order
