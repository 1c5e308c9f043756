"""Shards of a mini-batch in processes: NCCL in one process, MPI in two that share the GPU.  A part of gpu_evidence.

``mpiexec -n 2 python -m gpu.shards --keep FILE`` is such a job; its first process writes what it found.
"""

import argparse
import importlib.util
import json
import shutil
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

import numpy as np

import xpnet
from gpu.agreement import difference
from gpu.bench import Bench
from gpu.keeping import TAIL, MissingError, write_json
from xpnet.trees import leaves

RANKS = 2
CLOSE = {"float32": 2e-3, "float64": 1e-10}  # after some ten steps, each of them rounding


def items(bench):
    """Return the items of the part "shards"."""
    return [
        *((f"NCCL, one process: sum in {dtype}", partial(one_sum, bench, dtype)) for dtype in CLOSE),
        *((f"NCCL, one process: training in {dtype}", partial(by_nccl, bench, dtype)) for dtype in CLOSE),
        *((f"MPI, {RANKS} processes: training in {dtype}", partial(by_mpi, bench, dtype)) for dtype in CLOSE),
    ]


def one_sum(bench, dtype):
    """Sum an array by NCCL over one process: it must come back as it is."""
    parallel, home = _nccl(bench), bench.backend(dtype)
    x = home.asarray(np.random.default_rng(0).standard_normal(100_003))
    total = parallel.sum(x)
    home.synchronize()
    apart = difference(xpnet.backend.to_numpy(total), xpnet.backend.to_numpy(x))
    if apart:
        raise RuntimeError(f"the sum over one process must be the array itself, got a difference of {apart}")
    return {"difference": bench.figure(apart), "ran": repr(parallel)}


def by_nccl(bench, dtype):
    """Train with `nccl` in one process and without; refuse parameters that are far apart."""
    return _compared(bench, dtype, _nccl(bench))


def by_mpi(bench, dtype):
    """Train in two processes that share the device, and in one; refuse parameters that are far apart."""
    mpiexec = shutil.which("mpiexec")
    if mpiexec is None or importlib.util.find_spec("mpi4py") is None:
        raise MissingError("needs mpi4py and mpiexec")
    with tempfile.TemporaryDirectory() as folder:
        found = Path(folder, "found.json")
        words = [mpiexec, "-n", str(RANKS), sys.executable, "-m", "gpu.shards", "--keep", str(found), "--dtype", dtype]
        words += ["--dry-run"] if bench.dry else []
        ran = subprocess.run(words, capture_output=True, text=True, check=False, timeout=min(60.0, bench.remaining))
        if ran.returncode:
            raise RuntimeError(f"mpiexec ended with status {ran.returncode}\n{ran.stderr[-TAIL:]}")
        found = json.loads(found.read_text(encoding="utf-8"))
    return found | {"difference": bench.figure(found["difference"])}


def _nccl(bench):
    if bench.dry:
        raise MissingError("needs a GPU")
    if importlib.util.find_spec("mpi4py") is None:
        raise MissingError("needs mpi4py")
    return xpnet.training.parallel.nccl()


def _compared(bench, dtype, parallel):
    digits = xpnet.data.load_digits()
    examples = (digits.x[:600] / 16.0).astype(dtype), digits.y[:600]
    given = {"epochs": 3, "batch_size": 50, "optimizer": xpnet.adam(eta=0.001), "backend": bench.backend(dtype)}
    network = xpnet.Network([64, 30, 10], dropout=0.2)
    found = [xpnet.train(network, examples, parallel=each, **given) for each in (None, parallel)]
    pairs = zip(*(map(xpnet.backend.to_numpy, leaves(each.parameters)) for each in found), strict=True)
    apart = max(difference(a, b) for a, b in pairs)
    if not apart <= CLOSE[dtype]:
        raise RuntimeError(f"{parallel!r} and one process must agree to {CLOSE[dtype]}, got {apart}")
    return {"difference": bench.figure(apart), "ran": bench.pick(found[1].execution, "dry run")}


def main():
    """Be one process of a job."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", type=Path, required=True)
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--dry-run", action="store_true")
    options = parser.parse_args()
    parallel = xpnet.training.parallel.mpi()
    found = _compared(Bench(options.dry_run), options.dtype, parallel)
    if parallel.rank == 0:
        write_json(options.keep, {"difference": 0.0 if options.dry_run else found["difference"], "ran": found["ran"]})


if __name__ == "__main__":
    main()
