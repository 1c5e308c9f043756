"""Open an array library: whether it is installed, its devices, its options and its description.

Other rooms use `xpnet.backend`.
"""

import importlib
import importlib.util
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from xpnet.backend import blas, gpu
from xpnet.backend.libraries import BackendError, Namespace

_INSTALL = {
    "cupy": "pip install 'xpnet[cuda13]' (or 'xpnet[cuda12]', by the CUDA version that nvidia-smi prints)",
    "torch": "pip install torch",
    "jax": "pip install jax",
    "array_api_strict": "pip install array-api-strict",
}


def reason_against(name: str) -> str | None:
    """Return why the library `name` cannot be used, or None if it can; this creates no CUDA context."""
    try:
        _need(name)
        if name == "cupy":
            gpu.usable()
    except BackendError as error:
        return str(error)
    return None


def _need(name: str) -> None:
    if importlib.util.find_spec(name) is None:
        raise BackendError(f"{name} is not installed; {_INSTALL[name]}")


# ---- options ----------------------------------------------------------------------------------------------


class Options(Mapping[str, Any]):
    """The options of a library besides device and dtype: an immutable mapping with equality and hash.

    Examples
    --------
    >>> Options(threads=1) == {"threads": 1}
    True
    """

    def __init__(self, **given: Any) -> None:
        self._given = given

    def __getitem__(self, name: str) -> Any:
        return self._given[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._given)

    def __len__(self) -> int:
        return len(self._given)

    def __hash__(self) -> int:
        return hash(frozenset(self._given.items()))

    def __repr__(self) -> str:
        return f"Options({', '.join(f'{name}={value!r}' for name, value in self._given.items())})"


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


# library -> option -> the condition in words, and its check
_OPTIONS: dict[str, dict[str, tuple[str, Callable[[Any], bool]]]] = {
    "numpy": {"threads": ("be a whole number from 1", _is_whole)},
    "cupy": {
        "tf32": ("be True or False", lambda value: isinstance(value, bool)),
        "memory_limit": (
            "be bytes (a whole number from 1) or a share of the device (a float above 0 and at most 1)",
            lambda value: _is_whole(value) or (isinstance(value, float) and 0.0 < value <= 1.0),
        ),
    },
}


def options_for(name: str, given: Mapping[str, Any], *, picked: bool = False) -> Options:
    """Return the checked options of the library `name`; an option that is None counts as not given.

    Parameters
    ----------
    name : str
    given : mapping
    picked : bool, optional
        Whether ``"auto"`` chose the library: then the options of the other libraries are dropped silently.

    Raises
    ------
    ValueError
        If an option is unknown, belongs to another library, or has an invalid value.

    Examples
    --------
    >>> options_for("numpy", {"threads": 2})
    Options(threads=2)
    """
    known = _OPTIONS.get(name, {})
    for option, value in given.items():
        owners = [library for library, theirs in _OPTIONS.items() if option in theirs]
        if option not in known and not (picked and owners):
            ours = f"be one of {', '.join(known)}" if known else "not be given"
            whose = f", which is an option of {owners[0]}" if owners else ""
            raise ValueError(f"options of {name} must {ours}, got {option!r}{whose}")
        condition, holds = _OPTIONS[owners[0]][option]
        if value is not None and not holds(value):
            raise ValueError(f"{option} must {condition}, got {value!r}")
    return Options(**{option: value for option, value in given.items() if option in known and value is not None})


# ---- devices ----------------------------------------------------------------------------------------------


def _open_numpy(device: Any) -> tuple[Namespace, Any]:
    if device not in (None, "cpu", 0):
        raise BackendError(f"device must be 'cpu' on numpy, got {device!r}")
    return np, "cpu"


def _open_cupy(device: Any) -> tuple[Namespace, Any]:
    _need("cupy")
    chosen = gpu.open_device(device)
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


def open_library(name: str, device: Any, options: Options) -> tuple[Namespace, Any]:
    """Return the namespace of the library `name` and its object for `device`."""
    xp, chosen = OPENERS[name](device)
    if name == "cupy":
        gpu.prepare(chosen, options)
    return xp, chosen


def describe(name: str, device: Any, options: Options) -> dict[str, str]:
    """Return the name, version and device of an opened library, its options and, for NumPy, its BLAS."""
    report = {"name": name, "version": str(importlib.import_module(name).__version__), "device": str(device)}
    if name == "cupy":
        return report | gpu.describe(device, options)
    if name == "numpy":
        return report | _describe_blas(options)
    return report


def _describe_blas(options: Options) -> dict[str, str]:
    report = {"blas": blas.describe()}
    if blas.pools():
        most = blas.most_threads()
        asked = options.get("threads")
        report["kernel"] = ", ".join(map(blas.kernel_of, blas.pools()))
        report["threads"] = f"at most {most}" if asked is None else str(min(asked, most))
    warning = blas.warning()
    return report | ({"warning": warning} if warning else {})
