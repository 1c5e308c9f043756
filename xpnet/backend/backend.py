"""The class Backend: a library, a device and a dtype.

Import it from `xpnet.backend`, which also chooses a backend.
"""

import importlib
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, TypeVar

import array_api_compat
import numpy as np

from xpnet.backend import gpu, libraries, opening
from xpnet.backend.libraries import Array, Namespace, device_of, holds, library_of

Function = TypeVar("Function", bound=Callable[..., Any])

DTYPES = ("float32", "float64")
REAL = ("bool", "integral", "real floating")  # the kinds of dtypes of real numbers


@dataclass(frozen=True)
class Backend:
    """A library, a device and a floating dtype, with which new arrays are created.

    `xpnet.backend.get` returns one.  It holds no state and uses no global random numbers.

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
    options : mapping
        The other arguments of `get`: ``threads`` on NumPy, ``tf32`` and ``memory_limit`` on CuPy.

    Examples
    --------
    >>> from xpnet.backend import get
    >>> backend = get("numpy", dtype="float64")
    >>> backend.asarray([[1, 2], [3, 4.5]])
    array([[1. , 2. ],
           [3. , 4.5]])
    """

    name: str
    xp: Namespace
    device: Any = field(hash=False)  # CuPy's device compares, but has no hash
    dtype: Any
    options: opening.Options = field(default_factory=opening.Options)

    @property
    def dtype_name(self) -> str:
        """The name of the dtype, as `get` takes it: "float32" or "float64"."""
        return next(name for name in DTYPES if getattr(self.xp, name) == self.dtype)

    def asarray(self, x: Any, dtype: Any = None, *, name: str = "array") -> Array:
        """Return `x` as an array of this library on this device.

        Parameters
        ----------
        x : array of any library, or nested sequence of numbers
            Floating values are cast to this backend's dtype; integers and booleans keep theirs.
        dtype : object, optional
            The library's dtype to use instead.
        name : str, optional
            The name of `x` in errors.

        Returns
        -------
        Array
            `x` itself if nothing has to change.

        Raises
        ------
        TypeError
            If `x` does not hold real numbers.
        ValueError
            If `x` has masked entries.
        """
        x = libraries.plain_array(x, name)
        x = np.asarray(x) if isinstance(x, np.generic) else x  # a scalar of NumPy's is no array
        if library_of(x) != self.name:
            x = self._from_host(libraries.host_numbers(x, name), dtype)
        elif x.dtype != self.dtype and not holds(x, REAL):
            raise TypeError(f"{name} must hold real numbers, got dtype {x.dtype}")
        elif device_of(x) != self.device:
            x = array_api_compat.to_device(x, self.device)
        wanted = self.dtype if dtype is None else dtype
        if x.dtype == wanted or (dtype is None and not holds(x, "real floating")):
            return x
        return self.xp.astype(x, wanted)

    def _from_host(self, x: Any, dtype: Any) -> Array:
        # cast first: half the bytes to move, and some devices have no float64
        if x.dtype.kind == "f" and self.name != "numpy":
            wanted = [name for name in DTYPES if getattr(self.xp, name) == dtype]
            x = x.astype(wanted[0] if wanted else self.dtype_name, copy=False)
        x = x.astype(x.dtype.newbyteorder("="), copy=False)  # no other library knows another byte order
        if self.name == "torch" and not (x.flags.writeable and all(s >= 0 for s in x.strides)):
            x = x.copy()
        return self.xp.asarray(x, device=self.device)

    def full(self, shape: tuple[int, ...], value: float = 0.0, dtype: Any = None) -> Array:
        """Return a new array of `shape` filled with `value`, on this device."""
        return self.xp.full(shape, value, dtype=self.dtype if dtype is None else dtype, device=self.device)

    def rng(self, seed: int | Sequence[int] | None = None) -> np.random.Generator:
        """Return a NumPy generator with this seed: it gives the same random numbers on every backend."""
        return np.random.default_rng(seed)

    def synchronize(self) -> None:
        """Wait until the device has finished all queued work; call it before you read a clock."""
        if self.name == "cupy":
            self.device.synchronize()
        elif self.name == "torch" and self.device.type == "cuda":
            importlib.import_module("torch").cuda.synchronize(self.device)
        elif self.name == "jax":
            (self.full((1,)) + 1.0).block_until_ready()

    def compile(self, step: Function) -> Function:
        """Return `step` compiled if the library is JAX, else `step` itself."""
        compiled: Function = importlib.import_module("jax").jit(step) if self.name == "jax" else step
        return compiled

    def active(self) -> AbstractContextManager[None]:
        """Return a context manager that applies the settings of this backend to long computations.

        On CuPy it makes the device the current one, sets TF32 as in `options`, and turns an out-of-memory error into a
        BackendError with sizes and advice.  On other libraries it changes nothing.

        Examples
        --------
        >>> from xpnet.backend import get
        >>> with get("numpy").active():
        ...     pass
        """
        return gpu.computing(self.device, self.options) if self.name == "cupy" else nullcontext()

    def __reduce__(self) -> tuple[Any, ...]:
        """Return what a pickle holds: names, by which another process opens the library and the device again."""
        device = getattr(self.device, "id", self.device)  # of CuPy and JAX an index
        return _reopen, (type(self), self.name, device, self.dtype_name, dict(self.options))

    def info(self) -> dict[str, str]:
        """Return the facts for a bug report: library, version, device, options, dtype and, for NumPy, the BLAS."""
        return opening.describe(self.name, self.device, self.options) | {"dtype": self.dtype_name}


def _reopen(kind: type[Backend], name: str, device: Any, dtype: str, options: dict[str, Any]) -> Backend:
    """Return the backend that a pickle describes."""
    checked = opening.Options(**options)
    xp, opened = opening.open_library(name, device, checked)
    return kind(name, xp, opened, getattr(xp, dtype), checked)
