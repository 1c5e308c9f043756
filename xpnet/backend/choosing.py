"""Choose a backend: a library, a device, a dtype and options."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

import numpy as np

from xpnet.backend import opening
from xpnet.backend.backend import DTYPES, Backend
from xpnet.backend.libraries import (
    Array,
    BackendError,
    device_of,
    library_of,
    namespace,
)

VARIABLE = "XPNET_BACKEND"
_X64 = (
    " while its 64-bit mode is off: set JAX_ENABLE_X64=1 before Python starts, "
    "or call jax.config.update('jax_enable_x64', True) first"
)


# ---- choosing ---------------------------------------------------------------------------------------------

_current: ContextVar[Backend | None] = ContextVar("xpnet_backend", default=None)


def get(name: str | Backend | None = None, *, device: Any = None, dtype: str | None = None, **options: Any) -> Backend:
    """Return the backend called `name`.

    Parameters
    ----------
    name : str or Backend, optional
        ``"numpy"``, ``"cupy"``, ``"auto"`` (CuPy where a GPU is usable, else NumPy), ``"torch"``, ``"jax"``
        or ``"array_api_strict"``; a Backend is returned, changed by the other arguments.  Default: the
        innermost `using`, then the environment variable ``XPNET_BACKEND``, then NumPy.
    device : int, str or object, optional
        An index, a name or the library's own device object.  Default: the library's first device.
    dtype : {"float32", "float64"}, optional
        Floating dtype of new arrays.  Default: that of the innermost `using` if `name` is None, else float32.
    **options
        NumPy: ``threads=1``, the number of BLAS threads in training (default: by the work of a step; at most the
        number that the environment allows).  CuPy: ``tf32=True``, matrix products in training on tensor cores,
        with 10 bits of each factor's mantissa (default: off, unless ``CUPY_TF32=1`` is set);
        ``memory_limit=8 * 2**30`` in bytes or ``0.5`` of the device, the maximum size of CuPy's memory pool.

    Raises
    ------
    BackendError
        If the library is not installed, finds no usable device, or has no such device.
    ValueError
        If `name`, `dtype` or an option is unknown.

    Examples
    --------
    >>> get("numpy").name
    'numpy'
    >>> get("numpy", threads=1).options
    Options(threads=1)
    """
    base = name if isinstance(name, Backend) else _current.get() if name is None else None
    if base is not None:
        if device is None and dtype is None and not options:
            return base
        name, options = base.name, {**base.options, **options}
        device = base.device if device is None else device
        dtype = base.dtype_name if dtype is None else dtype
    asked = name or os.environ.get(VARIABLE) or "numpy"
    name = str(asked)
    if name == "auto":
        name = "numpy" if opening.reason_against("cupy") else "cupy"
    if name not in opening.OPENERS:
        raise ValueError(f"backend must be one of {', '.join(names())}, got {name!r}")
    dtype = dtype or "float32"
    if dtype not in DTYPES:
        raise ValueError(f"dtype must be one of {', '.join(DTYPES)}, got {dtype!r}")
    checked = opening.options_for(name, options, picked=asked == "auto")
    xp, opened = opening.open_library(name, device, checked)
    if name != "cupy" and dtype not in xp.__array_namespace_info__().dtypes(device=opened, kind="real floating"):
        raise BackendError(f"dtype {dtype} is not available on {name} ({opened}){_X64 if name == 'jax' else ''}")
    return Backend(name, xp, opened, getattr(xp, dtype), checked)


@contextmanager
def using(name: str | Backend, *, device: Any = None, dtype: str | None = None, **options: Any) -> Iterator[Backend]:
    """Make `name` the default backend inside a ``with`` block, for this thread or task only.

    Parameters
    ----------
    name : str or Backend
        As for `get`.
    device : object, optional
        As for `get`.
    dtype : str, optional
        As for `get`.
    **options : object
        As for `get`.

    Examples
    --------
    >>> with using("numpy", dtype="float64"):
    ...     print(get().dtype)
    <class 'numpy.float64'>
    """
    chosen = get(name, device=device, dtype=dtype, **options)
    token = _current.set(chosen)
    try:
        yield chosen
    finally:
        _current.reset(token)


def resolve(backend: str | Backend | None, **arrays: Any) -> Backend:
    """Return the backend that a call should use: the named one, else that of the arrays, else the default.

    NumPy arrays and plain sequences decide nothing, because every backend can read them.

    Parameters
    ----------
    backend : str, Backend or None
        The one that the caller named.
    **arrays : object
        The arguments that may be arrays, by name.

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
    decisive = {name: x for name, x in arrays.items() if library_of(x) not in (None, "numpy")}
    if not decisive:
        return get()
    namespace(**decisive)
    owner, current = of(next(iter(decisive.values()))), _current.get()
    if current is not None and (current.name, current.device) == (owner.name, owner.device):
        return current
    return get(owner.name, device=owner.device)


def of(x: Array) -> Backend:
    """Return the backend of an array: its library, device and dtype.

    Parameters
    ----------
    x : Array
        An array of any library.

    Examples
    --------
    >>> import numpy as np
    >>> of(np.zeros(3)).name
    'numpy'
    """
    library = library_of(x)
    if library is None:
        raise TypeError(f"x must be an array, got {type(x).__name__}")
    if type(x) is np.ndarray:
        return _numpy(x.dtype)
    return Backend(library, namespace(x), device_of(x), x.dtype)


@lru_cache(maxsize=16)
def _numpy(dtype: Any) -> Backend:
    """Return NumPy's backend of a dtype; every prediction of a row asks for it."""
    return Backend("numpy", np, "cpu", dtype)


def names() -> tuple[str, ...]:
    """Return the names that `get` knows.

    Examples
    --------
    >>> "numpy" in names(), "cupy" in names()
    (True, True)
    """
    return (*opening.OPENERS, "auto")


def available() -> dict[str, str | None]:
    """Return, for every library, None if it can be used or the reason why not.

    No CUDA context is created and neither PyTorch nor JAX is imported.

    Examples
    --------
    >>> available()["numpy"] is None
    True
    """
    return {name: opening.reason_against(name) for name in opening.OPENERS}
