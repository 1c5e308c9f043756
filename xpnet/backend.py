"""Where arrays are born: the one place that chooses a library, a device and a dtype.

Everything else asks the arrays it was given for their namespace (`namespace`), so the same source runs on
NumPy, CuPy, PyTorch, JAX and array-api-strict.  Arrays cross between host and device at two doors only:
`Backend.asarray` in, `to_numpy` out.
"""

import importlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeVar

import array_api_compat
import numpy as np

from xpnet import libraries
from xpnet.libraries import (
    Array,
    AxisError,
    BackendError,
    LinAlgError,
    Namespace,
    is_linalg_error,
    is_look_free,
    library_of,
    namespace,
    quiet,
    to_numpy,
)

__all__ = [
    "Array",
    "AxisError",
    "Backend",
    "BackendError",
    "LinAlgError",
    "Namespace",
    "available",
    "get",
    "is_linalg_error",
    "is_look_free",
    "library_of",
    "names",
    "namespace",
    "of",
    "quiet",
    "resolve",
    "to_numpy",
    "using",
]

Step = TypeVar("Step", bound=Callable[..., Any])

DTYPES = ("float32", "float64")
VARIABLE = "XPNET_BACKEND"
_X64 = (
    " while its 64-bit mode is off: set JAX_ENABLE_X64=1 before Python starts, "
    "or call jax.config.update('jax_enable_x64', True) first"
)


@dataclass(frozen=True)
class Backend:
    """A library, a device and a floating dtype: what a new array needs to know.

    Made by `get`; it holds no state and draws no global random numbers.

    Attributes
    ----------
    name : str
        One of `names()`, never ``"auto"``.
    xp : module
        The library's namespace, array API standard 2024.12.
    device : object
        The library's own device object.
    dtype : object
        The library's own floating dtype.

    Examples
    --------
    >>> backend = get("numpy", dtype="float64")
    >>> backend.asarray([[1, 2], [3, 4.5]])
    array([[1. , 2. ],
           [3. , 4.5]])
    """

    name: str
    xp: Namespace
    device: Any
    dtype: Any

    @property
    def dtype_name(self) -> str:
        """The dtype as `get` takes it: "float32" or "float64"."""
        return next(name for name in DTYPES if getattr(self.xp, name) == self.dtype)

    def asarray(self, x: Any, dtype: Any = None, *, name: str = "array") -> Array:
        """Return `x` as an array of this library, on this device: the one door in.

        Parameters
        ----------
        x : array of any library, or nested sequence of numbers
            Floating values take this backend's dtype; integers and booleans keep theirs.
        dtype : object, optional
            The library's dtype to use instead.
        name : str, optional
            What an error calls `x`.

        Returns
        -------
        Array
            `x` itself where nothing has to change.

        Raises
        ------
        TypeError
            If `x` does not hold real numbers.
        """
        if library_of(x) != self.name:
            x = self._from_host(libraries.host_numbers(x, name), dtype)
        elif not self.xp.isdtype(x.dtype, ("bool", "integral", "real floating")):
            raise TypeError(f"{name} must hold real numbers, got dtype {x.dtype}")
        elif array_api_compat.device(x) != self.device:
            x = array_api_compat.to_device(x, self.device)
        if dtype is None and self.xp.isdtype(x.dtype, "real floating"):
            dtype = self.dtype
        return x if dtype is None or x.dtype == dtype else self.xp.astype(x, dtype)

    def _from_host(self, x: Any, dtype: Any) -> Array:
        if x.dtype.kind == "f":  # cast first: half the bytes to move, and some devices have no float64
            wanted = [name for name in DTYPES if getattr(self.xp, name) == dtype]
            x = x.astype(wanted[0] if wanted else self.dtype_name, copy=False)
        if self.name == "torch" and not (x.flags.writeable and all(s >= 0 for s in x.strides)):
            x = x.copy()
        return self.xp.asarray(x, device=self.device)

    def full(self, shape: tuple[int, ...], value: float = 0.0, dtype: Any = None) -> Array:
        """Return a new array of `shape` filled with `value`, on this device."""
        return self.xp.full(shape, value, dtype=self.dtype if dtype is None else dtype, device=self.device)

    def rng(self, seed: int | Sequence[int] | None = None) -> np.random.Generator:
        """Return the host generator that `seed` names: the same draws on every backend."""
        return np.random.default_rng(seed)

    def synchronize(self) -> None:
        """Wait until the device has done what it was asked to: before any clock is read."""
        if self.name == "cupy":
            self.device.synchronize()
        elif self.name == "torch" and self.device.type == "cuda":
            importlib.import_module("torch").cuda.synchronize(self.device)
        elif self.name == "jax":
            (self.full((1,)) + 1.0).block_until_ready()

    def compile(self, step: Step) -> Step:
        """Return `step` made faster where the library has a compiler for it (JAX), else `step` itself."""
        compiled: Step = importlib.import_module("jax").jit(step) if self.name == "jax" else step
        return compiled

    def info(self) -> dict[str, str]:
        """Return what a bug report needs: library, version, device, dtype and, for NumPy, the BLAS."""
        return libraries.describe(self.name, self.device) | {"dtype": self.dtype_name}


# ---- choosing ---------------------------------------------------------------------------------------------

_current: ContextVar[Backend | None] = ContextVar("xpnet_backend", default=None)


def get(name: str | Backend | None = None, *, device: Any = None, dtype: str | None = None) -> Backend:
    """Return the backend called `name`.

    Parameters
    ----------
    name : str or Backend, optional
        ``"numpy"``, ``"cupy"``, ``"auto"`` (CuPy where a GPU is usable, else NumPy), ``"torch"``, ``"jax"``
        or ``"array_api_strict"``; a Backend is returned as it is.  Default: the innermost `using`, then the
        environment variable ``XPNET_BACKEND``, then NumPy.
    device : int, str or object, optional
        An index, a name or the library's own device.  Default: the library's first.
    dtype : {"float32", "float64"}, optional
        Floating dtype of new arrays.  Default: that of the innermost `using` if it decides, else float32.

    Raises
    ------
    BackendError
        If the library is not installed, finds no usable device, or has no such device.
    ValueError
        If `name` or `dtype` is unknown.

    Examples
    --------
    >>> get("numpy").name
    'numpy'
    """
    if isinstance(name, Backend):
        return name
    current = _current.get()
    if name is None and current is not None:
        if device is None and dtype is None:
            return current
        name = current.name
        device = current.device if device is None else device
        dtype = current.dtype_name if dtype is None else dtype
    name = name or os.environ.get(VARIABLE) or "numpy"
    if name == "auto":
        name = "numpy" if libraries.reason_against("cupy") else "cupy"
    if name not in libraries.OPENERS:
        raise ValueError(f"backend must be one of {', '.join(names())}, got {name!r}")
    dtype = dtype or "float32"
    if dtype not in DTYPES:
        raise ValueError(f"dtype must be one of {', '.join(DTYPES)}, got {dtype!r}")
    xp, opened = libraries.OPENERS[name](device)
    if name != "cupy" and dtype not in xp.__array_namespace_info__().dtypes(device=opened, kind="real floating"):
        raise BackendError(f"dtype {dtype} is not to be had on {name} ({opened}){_X64 if name == 'jax' else ''}")
    return Backend(name, xp, opened, getattr(xp, dtype))


@contextmanager
def using(name: str | Backend, *, device: Any = None, dtype: str | None = None) -> Iterator[Backend]:
    """Make `name` the default backend inside a ``with`` block, for this thread or task only.

    Examples
    --------
    >>> with using("numpy", dtype="float64"):
    ...     print(get().dtype)
    <class 'numpy.float64'>
    """
    chosen = get(name, device=device, dtype=dtype)
    token = _current.set(chosen)
    try:
        yield chosen
    finally:
        _current.reset(token)


def resolve(backend: str | Backend | None, **arrays: Any) -> Backend:
    """Return the backend a call should run on: the one named, else that of the arrays, else the default.

    NumPy arrays and plain sequences decide nothing: they are what every backend can be fed with.

    Raises
    ------
    BackendError
        If none is named and two arrays live on different libraries or devices.

    Examples
    --------
    >>> resolve(None, x=[1.0, 2.0]).name
    'numpy'
    """
    if backend is not None:
        return get(backend)
    settled = {name: x for name, x in arrays.items() if library_of(x) not in (None, "numpy")}
    if not settled:
        return get()
    namespace(**settled)
    home, current = of(next(iter(settled.values()))), _current.get()
    if current is not None and (current.name, current.device) == (home.name, home.device):
        return current
    return get(home.name, device=home.device)


def of(x: Array) -> Backend:
    """Return the backend that `x` lives on: its library, device and dtype.

    Examples
    --------
    >>> import numpy as np
    >>> of(np.zeros(3)).name
    'numpy'
    """
    library = library_of(x)
    if library is None:
        raise TypeError(f"x must be an array, got {type(x).__name__}")
    return Backend(library, namespace(x), array_api_compat.device(x), x.dtype)


def names() -> tuple[str, ...]:
    """Return the names that `get` knows."""
    return (*libraries.OPENERS, "auto")


def available() -> dict[str, str | None]:
    """Return, for every library, None if it can be used or the reason why not.

    No CUDA context is created and neither PyTorch nor JAX is imported.

    Examples
    --------
    >>> available()["numpy"] is None
    True
    """
    return {name: libraries.reason_against(name) for name in libraries.OPENERS}
