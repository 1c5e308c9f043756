"""What a step costs in shards: one process, threads and MPI processes; a cost model fitted and compared with it.

    python scripts/bench_shards.py [--rounds 5] [--json FILE] [--quick]

Each measurement is made in fresh processes; those of a network are made one after another, in several rounds, and
their medians are told.  The model is fitted to some networks and batches (FITTED) and predicts others (PREDICTED), in
one and in two processes.  It prints Markdown: the section "Measured" of docs/scaling.md.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np

from xpnet import Network, backend, sgd, train
from xpnet.training.parallel import threads
from xpnet.training.parallel.ranks import Ranks, world

# that of the MPI beside this Python, else that of the system
BESIDE = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
MPIEXEC = shutil.which("mpiexec", path=BESIDE) or "mpiexec"

PREDICTED = ["784-100-10:256", "784-512-10:1024", "784-1024-1024-10:2048"]
FITTED = ["784-30-10:64", "784-300-10:512", "784-256-256-10:256", "784-512-512-10:1024", "784-1024-1024-10:1024"]
LENGTHS = [1_000, 30_000, 300_000, 2_000_000]  # of the vectors of the sums, in numbers
WAYS = {  # processes, threads of the BLAS in each, what computes the shards
    "1 process": (0, 1, "plain"),
    "1 process, 2 BLAS threads": (0, 2, "plain"),
    "threads(2)": (0, 2, "threads"),
    "mpi, 1 process": (1, 1, "mpi"),
    "mpi, 2 processes": (2, 1, "mpi"),
}


class Timed(Ranks):
    """Processes that note how long their sums take, waiting for one another included."""

    seconds = 0.0

    def sum(self, x):
        """Return the sum over the processes."""
        begun = perf_counter()
        total = super().sum(x)
        self.seconds += perf_counter() - begun
        return total


# ---- in a fresh process ------------------------------------------------------------------------------------------


def child(name, blas, way, epochs):
    """Train, and print the seconds of a step and of its sum."""
    sizes, batch = parse(name)
    steps = max(4, min(200, int(0.5 / (6e-10 / 20 * weights(sizes) * batch + 2e-4))))
    rng = np.random.default_rng(0)
    x, y = rng.random((steps * batch, sizes[0]), np.float32), rng.integers(0, sizes[-1], steps * batch)
    parallel = {"plain": lambda: None, "threads": lambda: threads(2), "mpi": lambda: Timed(world())}[way]()
    home = backend.get("numpy", threads=None if way == "threads" else int(blas))
    how = {"epochs": int(epochs), "batch_size": batch, "optimizer": sgd(1e-3), "backend": home, "parallel": parallel}
    result = train(Network(sizes), (x, y), **how)
    seconds = result.history.column("seconds")[1:]
    if way != "mpi" or parallel.rank == 0:
        summed = parallel.seconds / (steps * int(epochs)) if way == "mpi" else 0.0
        print(json.dumps({"step": median(seconds) / steps, "sum": summed}))


def sums():
    """Print the seconds of a sum of two processes, for each length."""
    communicator, found = world(), {}
    for n in LENGTHS:
        x, total, took = np.ones(n, np.float32), np.empty(n, np.float32), []
        for _ in range(30):
            communicator.Barrier()
            begun = perf_counter()
            communicator.Allreduce(x, total)
            took.append(perf_counter() - begun)
        found[n] = median(took)
    if communicator.Get_rank() == 0:
        print(json.dumps(found))


# ---- measuring ---------------------------------------------------------------------------------------------------


def parse(name):
    """Return the sizes and the mini-batch of a name such as 784-30-10:64."""
    sizes, _, batch = name.partition(":")
    return [int(n) for n in sizes.split("-")], int(batch)


def weights(sizes):
    """Return the number of weights."""
    return sum(a * b for a, b in pairwise(sizes))


def in_processes(n, blas, *words):
    """Return what the first of n processes prints; none is one without MPI."""
    start = [MPIEXEC, "-n", str(n)] if n else []
    environment = os.environ | {"OPENBLAS_NUM_THREADS": str(blas)}
    command = [*start, sys.executable, __file__, "--child", *map(str, words)]
    return json.loads(subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout)


def measured(names, ways, rounds, epochs):
    """Return {name: {way: {"step": seconds, "sum": seconds}}}, medians of rounds in which the ways take turns."""
    found = {}
    for name in names:
        told = {way: [] for way in ways}
        for _ in range(rounds):
            for way in ways:
                n, blas, kind = WAYS[way]
                told[way].append(in_processes(n, blas, name, blas, kind, epochs))
        found[name] = {way: {key: median(one[key] for one in all_) for key in all_[0]} for way, all_ in told.items()}
    return found


# ---- the model ---------------------------------------------------------------------------------------------------


def terms(name, p):
    """Return what the seconds of a step are proportional to.

    A constant, the operations of the products, the outputs of neurons, the parameters; and in several processes
    another constant and the parameters again (they are made one vector, summed, and taken apart).
    """
    sizes, batch = parse(name)
    mine, parameters = batch / p, weights(sizes) + sum(sizes[1:])
    alone = [1.0, 6.0 * weights(sizes) * mine, (sum(sizes)) * mine, parameters]
    return [*alone, *([1.0, parameters] if p > 1 else [0.0, 0.0])]


def fitted(found):
    """Return the coefficients, none negative, by least squares of relative errors."""
    rows = [(terms(name, p), ways[way]["step"]) for name, ways in found.items() for way, p in ONE_AND_TWO]
    a, left = np.asarray([[x / t for x in row] for row, t in rows]), list(range(6))
    scale = np.abs(a).max(axis=0)
    while True:
        some = np.linalg.lstsq(a[:, left] / scale[left], np.ones(len(rows)), rcond=None)[0]
        if (some >= 0.0).all():
            break
        left.pop(int(np.argmin(some)))
    found = np.zeros(6)
    found[left] = some / scale[left]
    return found


ONE_AND_TWO = (("1 process", 1), ("mpi, 2 processes", 2))


def paper(coefficients, name, p, latency, bandwidth):
    """Return the seconds of a step in p processes, each with a machine's speed, over a network (a ring's sum)."""
    sizes, _ = parse(name)
    bits = 32.0 * (weights(sizes) + sum(sizes[1:]))
    ring = 2 * (p - 1) * latency + 2 * (p - 1) / p * bits / bandwidth if p > 1 else 0.0
    return float(np.dot(coefficients[:4], terms(name, p)[:4])) + ring


# ---- what is told ------------------------------------------------------------------------------------------------


def table(heads, rows):
    """Return a Markdown table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines) + "\n"


def tell(found, others, allreduce):
    """Print the tables."""
    heads = ["network:batch", *(f"{way}, ms" for way in WAYS), "2 processes beside 1", "beside 2 BLAS threads"]
    rows = []
    for name, ways in found.items():
        t = {way: ways[way]["step"] for way in WAYS}
        two = t["mpi, 2 processes"]
        ratios = [t["1 process"] / two, t["1 process, 2 BLAS threads"] / two]
        ratios += [t["1 process, 2 BLAS threads"] / t["threads(2)"], ways["mpi, 2 processes"]["sum"] / two]
        rows.append([name, *(f"{1e3 * x:.2f}" for x in t.values()), *(f"{x:.2f}" for x in ratios[:3])])
        rows[-1].append(f"{100 * ratios[3]:.0f} %")
    print(table([*heads, "threads(2) beside 2 BLAS threads", "of 2 processes, in the sum"], rows))
    print("A sum of two processes alone:\n")
    print(table(["numbers", *allreduce], [["ms", *(f"{1e3 * t:.3f}" for t in allreduce.values())]]))
    c = fitted(others)
    names = ["a step", "an operation", "an output of a neuron", "a parameter", "a step, shared", "a parameter, shared"]
    print(f"The model, fitted to {', '.join(others)}:\n")
    print(table(["seconds for", *names], [["", *(f"{x:.2e}" for x in c)]]))
    rows = []
    for name, ways in found.items():
        for way, p in ONE_AND_TWO:
            said, was = float(np.dot(c, terms(name, p))), ways[way]["step"]
            rows.append([name, p, f"{1e3 * said:.2f}", f"{1e3 * was:.2f}", f"{100 * (said / was - 1):+.0f} %"])
    print(table(["network:batch", "processes", "predicted, ms", "measured, ms", "error"], rows))
    print("On paper, 784-1024-1024-10 at 2048, each process as fast as one core here:\n")
    nets = {"10 Gbit/s Ethernet": (30e-6, 10e9), "100 Gbit/s Ethernet": (10e-6, 1e11), "InfiniBand NDR": (2e-6, 4e11)}
    alone = paper(c, "784-1024-1024-10:2048", 1, 0.0, 1.0)
    rows = [
        [net, *(f"{alone / paper(c, '784-1024-1024-10:2048', p, *nets[net]):.1f}" for p in (2, 4, 8, 16))]
        for net in nets
    ]
    print(table(["times faster, nodes", 2, 4, 8, 16], rows))


def main():
    """Measure, fit, tell."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, help="also write the measurements to this file")
    parser.add_argument("--quick", action="store_true", help="one round")
    parser.add_argument("--child", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        return sums() if options.child == ["sums"] else child(*options.child)
    how = (1, 3) if options.quick else (options.rounds, 5)
    found = measured(PREDICTED, WAYS, *how)
    others = measured(FITTED, [way for way, _ in ONE_AND_TWO], *how)
    allreduce = in_processes(2, 1, "sums")
    if options.json:
        options.json.write_text(json.dumps({"found": found, "fitted": others, "sums": allreduce}), encoding="utf-8")
    return tell(found, others, allreduce)


if __name__ == "__main__":
    main()
