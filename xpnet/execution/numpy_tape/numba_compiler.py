"""Numba, where it is installed (``pip install 'xpnet[fast]'``): compiles the loops of fused operations.

Nothing is kept on disk: Numba's cache is pickle.  Equal texts share a compiled loop.
"""

import os
import sys
import warnings
from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from threading import Lock
from typing import Any

import numpy as np

from xpnet.execution.fused.loops import FusedLoop

VARIABLE = "XPNET_FAST"
KEPT = 256  # compiled loops in a process

_lock = Lock()
_given_up: list[str] = []  # why Numba cannot be used, once that is known
_loops: dict[Any, Callable[..., None]] = {}  # compiled loops by their texts and types, the oldest first


def wanted() -> bool | None:
    """Return whether loops should be compiled: True at once, False never, None when it pays.

    The environment variable ``XPNET_FAST`` says so: 0 is never, empty is when it pays, everything else is at once.
    """
    value = os.environ.get(VARIABLE, "")
    return None if value == "" else value != "0"


def may_compile() -> bool:
    """Return whether there is a Numba that has not failed yet.  It is not imported."""
    if _given_up or wanted() is False:
        return False
    return _is_installed()


@cache
def _is_installed() -> bool:
    if "numba" in sys.modules:
        return sys.modules["numba"] is not None
    return find_spec("numba") is not None


def is_warm() -> bool:
    """Return whether Numba has compiled a loop in this process."""
    return bool(_loops)


def is_known(loop: FusedLoop, *, releases: bool) -> bool:
    """Return whether the loop is compiled already, for another program of this process."""
    return (loop.text, loop.kinds, releases) in _loops


def compiled(loop: FusedLoop, *, releases: bool) -> Callable[..., None] | None:
    """Return the compiled loop, or None, with one warning in a process, if Numba does not work.

    It is called with the arrays of the loop's views, the first index of the outer axis and its end.  It checks nothing.

    `releases` says whether it lets other threads use the interpreter meanwhile.  A short loop should not: to get the
    lock of the interpreter back can take milliseconds.
    """
    if not may_compile():
        return None
    key = loop.text, loop.kinds, releases
    try:
        found = _loops.get(key) or _compile(*key)
    except Exception as error:  # whatever a broken installation raises
        _given_up.append(f"{type(error).__name__}: {error}")
        warnings.warn(
            f"Numba is installed but cannot be used, so training is slower ({_given_up[0]}); "
            f"upgrade numba, remove it, or set {VARIABLE}=0",
            RuntimeWarning,
            stacklevel=2,
        )
        return None
    with _lock:
        while len(_loops) >= KEPT and key not in _loops:
            del _loops[next(iter(_loops))]
        _loops[key] = found
    return found


def _compile(text: str, kinds: tuple[tuple[str, int, str], ...], releases: bool) -> Callable[..., None]:
    numba = import_module("numba")
    # an unsigned index needs no check for negative ones, which would keep the loop from using vector registers
    namespace = {"np": np, "nan": np.nan, "inf": np.inf, "index": numba.uintp}
    namespace |= {name: getattr(numba, name) for name in _TYPES}
    exec(text, namespace)
    arrays = (numba.types.Array(getattr(numba, dtype), ndim, layout) for dtype, ndim, layout in kinds)
    signature = numba.void(*arrays, numba.uintp, numba.uintp)
    # without fastmath nothing is contracted or reordered; division by zero gives infinity, as in NumPy
    function = numba.njit(signature, nogil=releases, error_model="numpy")(namespace["loop"])
    # the wrapper below the dispatcher takes half the time of a call, and arrays that are read-only
    entry: Callable[..., None] = function.overloads[function.signatures[0]].entry_point
    return entry


_TYPES = ["boolean", *(f"{kind}{bits}" for kind in ("int", "uint") for bits in (8, 16, 32, 64)), "float32", "float64"]
