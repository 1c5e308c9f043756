"""The device: its description and its maximum rates.  A part of gpu_evidence.

The maximum rates are measured, not taken from a data sheet: a large copy on the device (bytes read plus bytes written),
a large product of random matrices, a sequence of small operations, and the same operations in a CUDA graph.
"""

import importlib.metadata
import platform
import subprocess
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path

import numpy as np

import xpnet
from gpu.keeping import DRY, MissingError

PACKAGES = ("numpy", "array-api-compat", "array-api-strict", "torch", "jax", "scipy", "pytest", "hypothesis")
NODES = 200  # small operations in one graph


def items(bench):
    """Return the items of the part "device"."""
    return [
        ("versions", lambda: versions(bench)),
        ("device", lambda: device(bench)),
        ("ceilings", lambda: ceilings(bench)),
        ("error of a product", lambda: precision(bench)),
    ]


def name(bench):
    """Return the name of the device.

    Raises
    ------
    MissingError
        If there is none that CuPy can use; the message says why, and what to type.
    """
    if bench.dry:
        return DRY
    bench.backend()
    import cupy

    return cupy.cuda.runtime.getDeviceProperties(0)["name"].decode()


def versions(bench):
    """Return the versions of all software."""
    found = {"xpnet": xpnet.__version__, "commit": _first_line("git", "rev-parse", "HEAD"), "python": sys.version}
    found |= {package: _version(package) for package in PACKAGES}
    found |= {
        "system": platform.platform(),
        "processor": _processor(),
        "blas": xpnet.backend.get("numpy").info()["blas"],
    }
    if bench.dry:
        return found | {"cupy": DRY, "cuda runtime": DRY, "cuda driver": DRY, "driver": DRY}
    import cupy

    driver = _first_line("nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader")
    return found | {
        "cupy": cupy.__version__,
        "cuda runtime": cupy.cuda.runtime.runtimeGetVersion(),
        "cuda driver": cupy.cuda.runtime.driverGetVersion(),
        "driver": driver,
    }


def _version(package):
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def _first_line(*command):
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=20, cwd=Path(__file__).parent, check=True)
    except (OSError, subprocess.SubprocessError):
        return "not told"
    return ran.stdout.partition("\n")[0].strip()


def _processor():
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "not told")


def device(bench):
    """Return the facts of the device."""
    if bench.dry:
        return dict.fromkeys(("name", "compute capability", "multiprocessors", "memory, bytes", "L2, bytes"), DRY)
    import cupy

    facts = cupy.cuda.runtime.getDeviceProperties(0)
    free, total = cupy.cuda.runtime.memGetInfo()
    return {
        "name": name(bench),
        "compute capability": f"{facts['major']}.{facts['minor']}",
        "multiprocessors": facts["multiProcessorCount"],
        "memory, bytes": total,
        "memory free, bytes": free,
        "L2, bytes": facts.get("l2CacheSize"),
    }


# ---- ceilings -----------------------------------------------------------------------------------------------------


@cache
def ceilings(bench):
    """Return bytes and operations a second, and microseconds a small operation."""
    found = {
        "copy, bytes/s": copy_rate(bench),
        "fp32 product, flop/s": product_rate(bench),
        "tf32 product, flop/s": None,
        "microseconds a small operation": 1e6 * bench.seconds(_small_operations(bench)) / NODES,
        "microseconds a node of a graph": 1e6 * bench.seconds(_graph(bench, _small_operations(bench))) / NODES,
    }
    with suppress(MissingError):
        found["tf32 product, flop/s"] = product_rate(bench, tf32=True)
    return found


def copy_rate(bench):
    """Return the bytes a second, read plus written, of a copy of a gigabyte, over three pairs of buffers."""
    backend, n = bench.backend(), bench.pick(2**28, 2**10)
    pairs = [(random(backend, (n,), seed), backend.full((n,))) for seed in range(3)]

    def copy():
        for source, target in pairs:
            target[...] = source

    return 3 * 2 * 4 * n / bench.seconds(copy)


def product_rate(bench, tf32=False):
    """Return the operations a second of a product of two random float32 matrices."""
    backend, n = bench.backend(tf32=tf32), bench.pick(8192, 32)
    a, b = random(backend, (n, n), 0), random(backend, (n, n), 1)
    with backend.active():
        return 2 * n**3 / bench.seconds(lambda: a @ b)


def precision(bench):
    """Return the error of a product in each precision, and in fp32 again: TF32 must not stay in force."""
    found = {"fp32": product_error(bench)}
    try:
        return found | {"tf32": product_error(bench, tf32=True), "fp32 after tf32": product_error(bench)}
    except MissingError as why:
        return found | {"tf32": str(why)}


def product_error(bench, tf32=False):
    """Return the relative error of a float32 product: about 1e-7 in fp32, 3e-4 in TF32; says what was in force."""
    backend, n = bench.backend(tf32=tf32), bench.pick(512, 8)
    a, b = random(backend, (n, n), 0), random(backend, (n, n), 1)
    return bench.figure(relative_error(own_product(backend, a, b), a, b))


def own_product(backend, a, b):
    """Return the product of two arrays as `backend` computes it in training, on the host."""
    with backend.active():
        return xpnet.backend.to_numpy(backend.asarray(a) @ backend.asarray(b))


def relative_error(product, a, b):
    """Return how far `product` is from that of the host arrays `a` and `b` in float64, relative to its norm."""
    a, b = (xpnet.backend.to_numpy(each).astype("float64") for each in (a, b))
    return np.linalg.norm(product - a @ b) / np.linalg.norm(a @ b)


def random(backend, shape, seed):
    """Return normal random numbers on the device: products of zeros are faster than those of data."""
    tile = np.random.default_rng(seed).standard_normal(min(2**22, int(np.prod(shape))), dtype="float32")
    xp, times = backend.xp, -(-int(np.prod(shape)) // tile.size)
    return xp.reshape(xp.tile(backend.asarray(tile), (times,))[: int(np.prod(shape))], shape)


def _small_operations(bench):
    backend = bench.backend()
    xp, x, y = backend.xp, random(backend, (300,), 0), backend.full((300,))

    def operations():
        for _ in range(NODES):
            xp.add(x, x, out=y)

    return operations


def _graph(bench, operations):
    """Return a call that replays the operations as a CUDA graph."""
    if bench.dry:
        return operations
    import cupy

    operations()  # compiled before the capture
    stream = cupy.cuda.Stream(non_blocking=True)
    with stream:
        stream.begin_capture()
        operations()
        graph = stream.end_capture()

    def replay():
        graph.launch(stream=stream)

    replay.operations = operations  # holds the buffers that the graph writes, which the graph itself does not
    return replay
