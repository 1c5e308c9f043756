"""What training costs beside other libraries and above its matrix products, in microseconds an example.

    python scripts/bench_training.py [--rows 784-30-10:10 ...] [--optimizers sgd adam] [--repeats 7]
                                     [--markdown] [--json FILE] [--quick]

The contestants (bench_peers.py, bench_jax.py) take turns in one process, in another order each round, with a pause
before each.  Printed are medians with the lowest and highest in brackets, then ratios: medians of the ratios within a
round, goals beside them.  What each has learned is held against xpnet.  A library that is not installed is left out by
name.
"""

import argparse
import json
import os
import sys
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from time import sleep

import bench_jax as by_jax
import bench_peers as peers
import numpy as np

import xpnet
from xpnet.cli.commands.bench import CASES, Case, processor

PAUSE = 0.05  # seconds in which the threads of the library before stop waiting for more work
# how far a cost may lie from xpnet's, over the fall of xpnet's: same mini-batches; own ones (few steps of adam scatter)
SAME, OWN_ORDER = 0.001, {"sgd": 0.02, "adam": 0.2}
NUMPY, JAX, ALONE = "xpnet on NumPy", "xpnet on JAX", "matrix products alone"
FAST = "xpnet on NumPy, with Numba"  # pip install 'xpnet[fast]'
HAND, BOOK = "NumPy by hand", "the book's loop"  # these two know sgd only
CONTESTANTS = {  # name: (what must be installed, who makes it of a task)
    NUMPY: ("numpy", peers.xpnet_on("numpy", "numpy")),
    FAST: ("numba", peers.xpnet_on("numpy", "numba")),
    JAX: ("jax", peers.xpnet_on("jax")),
    "xpnet on PyTorch": ("torch", peers.xpnet_on("torch")),
    "scikit-learn": ("scikit-learn", peers.scikit_learn),
    "PyTorch eager": ("torch", peers.pytorch),
    "JAX jit per step": ("jax", by_jax.jax_jit),
    "JAX scan": ("jax", by_jax.jax_scan),
    HAND: ("numpy", peers.by_hand),
    BOOK: ("numpy", peers.book),
    ALONE: ("numpy", peers.products_alone),
}
RATIOS = {  # (above, below): {optimizer: goals for each of CASES}
    ("scikit-learn", NUMPY): {"sgd": (5, 2.0, 1.55, 1.3), "adam": (3.3, None, 1.45, None)},
    ("PyTorch eager", NUMPY): {"sgd": (7, 2, 1.8, 1.6), "adam": (3.3, None, 1.35, None)},
    ("JAX jit per step", NUMPY): {"sgd": (2.5, 1.3, 1.1, 1.05)},
    ("JAX scan", NUMPY): {"sgd": (1.15, 0.9, 1.0, 1.0)},
    (HAND, NUMPY): {},
    (BOOK, NUMPY): {"sgd": (8, 19, 25, 30)},
    ("scikit-learn", FAST): {},
    ("PyTorch eager", FAST): {},
    ("JAX jit per step", FAST): {},
    ("JAX scan", FAST): {"sgd": (1.5, 1.0, 1.0, 1.0), "adam": (1.3, 1.0, 1.0, 1.0)},
    (FAST, NUMPY): {},
    (NUMPY, ALONE): {"sgd": (2.0, 1.5, 1.15, 1.1)},
    (FAST, ALONE): {"sgd": (1.6, 1.25, 1.08, 1.05), "adam": (2.2, None, 1.12, None)},
    (JAX, "JAX scan"): {"sgd": (0.83, 1.0, 1.0, 1.0)},
}
AT_MOST = (NUMPY, FAST, JAX)  # these above: the less the better


def parse(word):
    """Return the case that a word such as 784-30-10:10 names."""
    sizes, _, batch = word.partition(":")
    return Case(tuple(map(int, sizes.split("-"))), int(batch))


def fitting(case, most):
    """Return how many examples to train on: whole mini-batches, at most `most` if there is to be one."""
    return case.batch * max(1, min(case.examples, most) // case.batch)


def make_task(case, n, optimizer, cost_name):
    """Return what to train: dim random pixels, brighter where the picture of the label's class is."""
    rng = np.random.default_rng(0)
    pictures = rng.random((case.sizes[-1], case.sizes[0]), dtype=np.float32)
    y = rng.integers(0, case.sizes[-1], n)
    x = rng.random((n, case.sizes[0]), dtype=np.float32)
    x *= pictures[y]
    start = [(w, b) for w, b in xpnet.Network(case.sizes).initialize("numpy", seed=0)]
    return peers.Task(case, x, y, start, optimizer, {"sgd": 0.01, "adam": 0.001}[optimizer], cost_name)


def measure(case, n, optimizer, cost_name, repeats):
    """Return microseconds an example of every contestant, one for each round, and the costs that they reached."""
    task = make_task(case, n, optimizer, cost_name)
    few = case.batch * max(1, n // 20 // case.batch)
    tasks = {name: task for name, (needed, _) in CONTESTANTS.items() if installed(needed)}
    tasks[BOOK] = task._replace(x=task.x[:few], y=task.y[:few])
    tasks = {name: task for name, task in tasks.items() if optimizer == "sgd" or name not in (HAND, BOOK)}
    runs = {name: CONTESTANTS[name][1](tasks[name]) for name in tasks}
    took, ended, rng = {name: [] for name in runs}, {}, np.random.default_rng(0)
    for repeat in range(repeats):
        for name in rng.permutation(list(runs)).tolist():
            sleep(PAUSE)
            seconds, ended[name] = runs[name](repeat)
            took[name].append(1e6 * seconds / len(tasks[name].x))
    costs = check(tasks, ended, repeats - 1)
    return {"row": str(case), "optimizer": optimizer, "examples": n, "microseconds": took, "costs": costs}


def check(tasks, ended, seed):
    """Return the costs that contestants reached beside xpnet's, or stop if they are too far apart."""
    costs = {}
    for name in tasks.keys() - {ALONE}:
        task = tasks[name]
        own = ended[NUMPY] if task is tasks[NUMPY] else CONTESTANTS[NUMPY][1](task)(seed)[1]
        first, reached, expected = (cost(p, task) for p in (task.start, ended[name], own))
        limit = OWN_ORDER[task.optimizer] if name == "scikit-learn" else SAME
        if not abs(reached - expected) <= limit * (first - expected):
            raise SystemExit(f"{task.case}: {name} went from {first:.4f} to {reached:.4f}, xpnet to {expected:.4f}")
        costs[name] = {"first": first, "reached": reached, "xpnet": expected}
    return costs


def cost(parameters, task):
    """Return the training cost."""
    *hidden, (w, b) = parameters
    a = task.x
    for w1, b1 in hidden:
        a = 0.5 * np.tanh(0.5 * (a @ w1.T + b1)) + 0.5
    z = a @ w.T + b
    if task.cost == "cross_entropy":
        return float(np.mean(np.sum(np.logaddexp(z, 0.0) - z * task.targets, axis=1)))
    z -= z.max(axis=1, keepdims=True)
    return float(np.mean(np.log(np.exp(z).sum(axis=1)) - np.take_along_axis(z, task.y[:, None], 1)[:, 0]))


def training_tables(results, optimizer, cost_name):
    """Return the table of what was measured, and that of its ratios with the goals."""
    names, rows = list(results[0]["microseconds"]), [one["row"] for one in results]
    heads = [
        f"µs an example, {optimizer}, {cost_name}",
        *(f"{one['row']}, {one['examples']:,} examples" for one in results),
    ]
    times = [[name, *(spread(one["microseconds"][name]) for one in results)] for name in names]
    pairs = [(above, below) for above, below in RATIOS if above in names and below in names]
    ratios = [
        [f"{above} / {below}", *(ratio(one, above, below, optimizer) for one in results)] for above, below in pairs
    ]
    return [heads, *times], [["ratio", *rows], *ratios]


def ratio(one, above, below, optimizer):
    """Return a ratio in words, with its goal."""
    goals = dict(zip(map(str, CASES), RATIOS[above, below].get(optimizer, ()), strict=False))
    goal = goals.get(one["row"])
    words = spread([x / y for x, y in zip(one["microseconds"][above], one["microseconds"][below], strict=True)])
    return words if goal is None else f"{words}, {'at most' if above in AT_MOST else 'at least'} {goal:g}"


# ---- the command ------------------------------------------------------------------------------------------


def installed(name):
    """Return the version of an installed distribution, or None."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def machine():
    """Return when, where and with what it is measured."""
    names = ("numpy", *dict.fromkeys(needed for needed, _ in CONTESTANTS.values() if needed != "numpy"))
    return {
        "date": date.today().isoformat(),
        "processor": f"{processor()}, {os.cpu_count()} cores",
        "python": sys.version.split()[0],
        "xpnet": xpnet.__version__,
        **{name: installed(name) or "not installed, left out" for name in names},
        "blas": xpnet.backend.get("numpy").info()["blas"],
    }


def spread(values):
    """Return the median with the lowest and highest in brackets."""
    low, middle, high = (f"{x:.3g}" for x in (min(values), median(values), max(values)))
    return f"{middle} [{low}..{high}]"


def show(table, markdown):
    """Print rows of words, the heads first, in columns or as Markdown."""
    if markdown:
        table = [table[0], ["---"] * len(table[0]), *table[1:]]
        print(*("| " + " | ".join(row) + " |" for row in table), "", sep="\n", flush=True)
        return
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    print(*("  ".join(map(str.ljust, row, widths)).rstrip() for row in table), "", sep="\n", flush=True)


def make_parser():
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=parse, nargs="+", metavar="SIZES:BATCH", help="networks (default: four of them)")
    parser.add_argument("--optimizers", choices=["sgd", "adam"], nargs="+", default=["sgd", "adam"])
    parser.add_argument("--cost", choices=["cross_entropy", "log_likelihood"], default="cross_entropy")
    parser.add_argument("--repeats", type=int, default=7, help="rounds")
    parser.add_argument("--examples", type=int, default=1_000_000, help="at most so many")
    parser.add_argument("--markdown", action="store_true", help="tables in Markdown")
    parser.add_argument("--json", type=Path, help="a file for all that was measured")
    parser.add_argument("--quick", action="store_true", help="small networks, few examples: only shows that it works")
    return parser


def main():
    """Measure, and print tables."""
    options = make_parser().parse_args()
    cases, most, repeats = options.rows or CASES, options.examples, options.repeats
    if options.quick:
        cases, most, repeats = cases[:2], 1000, 2
    results, tables = [], []
    for optimizer in options.optimizers:
        measured = [measure(case, fitting(case, most), optimizer, options.cost, repeats) for case in cases]
        tables += training_tables(measured, optimizer, options.cost)
        results += measured
    report(tables, results, options)


def report(tables, results, options):
    """Print the machine and the tables, and write the file if one is wanted."""
    print(", ".join(f"{name} {value}" for name, value in machine().items()), "\n")
    for table in tables:
        show(table, options.markdown)
    if options.json:
        told = {"machine": machine(), "options": {k: str(v) for k, v in vars(options).items()}, "results": results}
        options.json.write_text(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
