"""What a training is, and what its bits depend on: two runs are compared by them before one goes on with the other."""

import hashlib
import platform
import re
from functools import cache
from importlib import import_module
from typing import Any

from xpnet.backend import Backend, get, to_numpy
from xpnet.backend.blas import kernel_of, pools
from xpnet.backend.mapped import is_mapped
from xpnet.training.batches.batches import Data
from xpnet.training.parallel.parallel import Parallel
from xpnet.training.steps.settings import Settings
from xpnet.trees import leaves

LATER = ("epochs", "stopping", "callbacks")  # settings that may change when a training goes on
SAMPLE = 256  # rows of a mapped file that are read


def identity(
    model: Any, parameters: Any, data: Data, watched: Data | None, settings: Settings, backend: Backend
) -> dict[str, str]:
    """Return what must be the same for a training to go on: network, data, settings, seed, dtype.

    The number of epochs, the stopping rule and the callbacks may change.
    """
    return {
        "network": told(model),
        **{name: told(value) for name, value in settings._asdict().items() if name not in LATER},
        "dtype": backend.dtype_name,
        "data": fingerprint(data),
        "validation": "none" if watched is None else fingerprint(watched),
        "first parameters": digest_of(to_numpy(x) for x in leaves(parameters)),
    }


def told(value: Any) -> str:
    """Return a setting in words that are the same in another process."""
    return re.sub(r" at 0x[0-9a-fA-F]+", "", repr(value))


def differences(before: dict[str, str], now: dict[str, str]) -> list[str]:
    """Return what differs, in words.

    Examples
    --------
    >>> differences({"seed": "0", "l2": "0.1"}, {"seed": "1", "l2": "0.1"})
    ['seed (0 before, 1 now)']
    """
    names = dict.fromkeys([*before, *now])
    pairs = ((name, before.get(name, "none"), now.get(name, "none")) for name in names)
    return [f"{name} ({old:.200} before, {new:.200} now)" for name, old, new in pairs if old != new]


def surroundings(backend: Backend, parallel: Parallel, threads: int | None) -> dict[str, str]:
    """Return what the last bits of a training depend on beside its identity: versions, processor, threads, processes.

    The executors of NumPy have the same bits.
    """
    found = {
        "xpnet": import_module("xpnet").__version__,
        "library": f"{backend.name} {backend.info()['version']}",
        "device": str(backend.device),
        "processes": f"{parallel.size} with {parallel.workers} shards",
    }
    if backend.name == "numpy":
        names = [f"{pool.internal_api} {pool.version} {kernel_of(pool)}" for pool in pools()]
        found |= {"BLAS": ", ".join(names), "threads": str(threads), "processor": _processor()}
    return found


@cache
def _processor() -> str:
    """Return the processor's kind and the vector instructions that NumPy uses."""
    shown = get("numpy").xp.show_config(mode="dicts")
    return " ".join([platform.machine(), *shown.get("SIMD Extensions", {}).get("found", [])])


def fingerprint(data: Data) -> str:
    """Return the shape of the data and a digest: of all bytes in memory; of a mapped file, of some rows of it."""
    shape = f"{data.n} x {data.x.shape[-1]}"
    if not is_mapped(data.x):
        return f"{shape} {digest_of(to_numpy(x) for x in (data.x, data.y, data.weights) if x is not None)}"
    rows = range(0, data.n, max(1, data.n // SAMPLE))
    return f"{shape} {digest_of([*(data.x[i, ...] for i in rows), to_numpy(data.y)])}"


def digest_of(arrays: Any) -> str:
    """Return a digest of host arrays, their dtypes and their shapes."""
    digest = hashlib.sha256()  # processors have instructions for it
    for x in arrays:
        digest.update(f"{x.dtype} {x.shape}".encode())
        digest.update(memoryview(x.reshape(-1)) if x.flags.c_contiguous else x.tobytes())
    return digest.hexdigest()[:16]
