"""NumPy's BLAS: its name, its number of threads, and whether its kernel fits the processor."""

import os
from functools import cache
from pathlib import Path
from typing import Any

PINNED = "OPENBLAS_CORETYPE"  # OpenBLAS takes its kernel from this variable if it is set

# OpenBLAS's kernels for x86-64, by the instructions that they need
_KERNELS = {
    "AVX-512": ("SkylakeX", "Cooperlake", "SapphireRapids"),
    "AVX2": ("Haswell", "Zen", "Excavator"),
    "AVX": ("Sandybridge", "Bulldozer", "Piledriver", "Steamroller"),
    "SSE": (
        *("Katmai", "Coppermine", "Northwood", "Prescott", "Banias", "Core2", "Penryn", "Dunnington", "Nehalem"),
        *("Atom", "Athlon", "Opteron", "Opteron_SSE3", "Barcelona", "Bobcat", "Nano"),
    ),
}
_NEEDS = {
    "AVX-512": {"avx512f", "avx512dq", "avx512bw", "avx512vl"},
    "AVX2": {"avx2", "fma"},
    "AVX": {"avx"},
}


@cache
def pools() -> tuple[Any, ...]:
    """Return threadpoolctl's handles of the loaded BLAS libraries; the search takes milliseconds and runs once.

    The result is empty if threadpoolctl does not know the BLAS, such as Apple's Accelerate.
    """
    from threadpoolctl import ThreadpoolController

    handles = ThreadpoolController().select(user_api="blas").lib_controllers
    return tuple(pool for pool in handles if pool.num_threads)  # some do not report it


def most_threads() -> int:
    """Return how many threads the BLAS may use by environment and processor, or 1 if the BLAS is unknown."""
    return max((pool.num_threads for pool in pools()), default=1)


def describe() -> str:
    """Return name, version, kernel and threads of each loaded BLAS library."""
    return ", ".join(map(_describe, pools())) or "not found"


def _describe(pool: Any) -> str:
    n = pool.num_threads
    return f"{pool.internal_api} {pool.version or ''} ({kernel_of(pool)}, {n} thread{'s' if n > 1 else ''})"


def kernel_of(pool: Any) -> str:
    """Return the name of the kernel that a BLAS uses."""
    return str(getattr(pool, "architecture", None) or "kernel not told")


def warning() -> str | None:
    """Return a warning if the kernel of the loaded OpenBLAS is too old, else None."""
    kernels = [kernel_of(pool) for pool in pools() if pool.internal_api == "openblas"]
    told = (kernel_warning(kernel, cpu_flags(), os.environ.get(PINNED)) for kernel in kernels)
    return next(filter(None, told), None)


def kernel_warning(architecture: str, cpu_flags: frozenset[str], pinned: str | None) -> str | None:
    """Return a warning if an OpenBLAS kernel is older than the processor, else None.

    Parameters
    ----------
    architecture : str
        OpenBLAS's name of the kernel, such as ``"Haswell"``.
    cpu_flags : frozenset of str
        The features of the processor, as Linux names them.
    pinned : str or None
        The value of OPENBLAS_CORETYPE.

    Examples
    --------
    >>> kernel_warning("Haswell", frozenset({"avx", "avx2", "fma"}), None) is None
    True
    """
    level = next((level for level, names in _KERNELS.items() if architecture in names), None)
    best = next((level for level, needs in _NEEDS.items() if needs <= cpu_flags), None)
    levels = list(_KERNELS)
    if level is None or best is None or levels.index(level) <= levels.index(best):
        return None
    cure = (
        f"{PINNED}={pinned} is set: unset it"
        if pinned
        else "a newer NumPy may bring an OpenBLAS that knows this processor"
    )
    return (
        f"the BLAS kernel {architecture} is older than this processor, which has {best}: "
        f"that halves the speed of large products; {cure}"
    )


def cpu_flags(path: str = "/proc/cpuinfo") -> frozenset[str]:
    """Return the features of the processor as Linux names them, or an empty set on other systems."""
    try:
        lines = Path(path).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return frozenset()
    return next((frozenset(line.partition(":")[2].split()) for line in lines if line.startswith("flags")), frozenset())
