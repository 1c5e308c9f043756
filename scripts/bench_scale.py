"""What training holds in memory beyond its data, and what it costs as data grow: larger than memory, too.

    python scripts/bench_scale.py --memory [--rows 784-30-10:10 ...] [--optimizer sgd|adam]
    python scripts/bench_scale.py --scale [--examples 1000000]
    (both: [--markdown] [--json FILE] [--quick])

Each measurement is made in a fresh process.  Memory is what NumPy and Python allocated at most (tracemalloc), and how
far the process's anonymous memory grew (RssAnon, Linux only): pages of a mapped file are not in it.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import tracemalloc
from pathlib import Path
from statistics import median
from time import sleep

import numpy as np
from bench_training import CASES, fitting, parse, report

import xpnet


def in_child(case, n, kind, optimizer="sgd", traced=False):
    """Return what a child that trains says, and by how much its anonymous memory grew at most while it trained."""
    words = [
        sys.executable,
        __file__,
        "--child",
        str(case),
        str(n),
        str(kind),
        optimizer,
        *(["traced"] if traced else []),
    ]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        child.stdout.readline()  # its data are there
        before = peak = anonymous(child.pid)
        child.stdin.write("go\n")
        child.stdin.flush()
        while child.poll() is None:
            peak = max(peak, anonymous(child.pid))
            sleep(0.003)
        said = json.loads(child.stdout.read())
    return {"row": str(case), "examples": n, "resident": peak - before, **said}


def anonymous(pid):
    """Return the bytes of memory of a process that are no file's: RssAnon."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return sum(1024 * int(line.split()[1]) for line in lines if line.startswith("RssAnon"))


def child(row, n, kind, optimizer, traced=None):
    """Make data, say so, wait, train, and say what it took."""
    case, n, rng = parse(row), int(n), np.random.default_rng(0)
    shape, y = (n, case.sizes[0]), rng.integers(0, case.sizes[-1], n)
    makers = {"float32": lambda: rng.random(shape, np.float32), "uint8": lambda: rng.integers(0, 256, shape, np.uint8)}
    x = makers[kind]() if kind in makers else np.load(kind, mmap_mode="r")
    xpnet.train(xpnet.Network([1, 2]), (y[:2, None], [0, 1]), epochs=1)  # so that everything is imported
    print("ready", flush=True)
    input()
    if traced:
        tracemalloc.start()
    how = {"epochs": 3, "batch_size": case.batch, "optimizer": getattr(xpnet, optimizer)(eta=1e-3), "backend": "numpy"}
    result = xpnet.train(xpnet.Network(case.sizes), (x, y), **how)
    took = 1e6 * median(result.history.column("seconds")[1:]) / n
    print(json.dumps({"microseconds": took, "allocated": tracemalloc.get_traced_memory()[1], "data": x.nbytes}))


def memory_table(cases, rows, optimizer, results):
    """Return the table of what training holds beyond its data, and append what it is made of to `results`."""
    heads = [f"network:batch, {optimizer}", "parameters, MB", "a batch's activations, MB", "allocated at most, MB"]
    table = [[*heads, "resident growth, MB", "in parameters", "in activations"]]
    for case in cases:
        one = in_child(case, fitting(case, rows), "float32", optimizer, traced=True)
        parameters, activations = 4 * (case.weights + sum(case.sizes[1:])), 4 * case.batch * sum(case.sizes)
        held = one["allocated"]
        sizes = [f"{x / 1e6:.3g}" for x in (parameters, activations, held, one["resident"])]
        table.append([one["row"], *sizes, f"{held / parameters:.1f}", f"{held / activations:.1f}"])
        results.append(one | {"parameters": parameters, "activations": activations})
    return table


def scale_table(rows, results):
    """Return the table of training on more and more rows, and on rows that stay in a file."""
    table = [["784-30-10:10 on", "rows", "data, MB", "µs an example", "resident growth, MB"]]
    with tempfile.TemporaryDirectory() as folder:
        path, n = Path(folder) / "rows.npy", rows[-1]
        write(path, n)
        for kind, m in [*(("uint8", m) for m in rows), ("float32", n), (path, n)]:
            one = in_child(CASES[0], m, kind)
            name = kind if isinstance(kind, str) else "float32, memory-mapped"
            growth = f"{one['resident'] / 1e6:.3g}"
            table.append([name, f"{m:,}", f"{one['data'] / 1e6:.3g}", f"{one['microseconds']:.2f}", growth])
            results.append(one | {"kind": name})
    return table


def write(path, n):
    """Write n rows of random numbers to an .npy file, some at a time."""
    rng, file = np.random.default_rng(0), np.lib.format.open_memmap(path, "w+", np.float32, (n, 784))
    for start in range(0, n, 10_000):
        file[start : start + 10_000] = rng.random(file[start : start + 10_000].shape, np.float32)
    file.flush()


def make_parser():
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--memory", action="store_true", help="what training holds beyond its data")
    parser.add_argument("--scale", action="store_true", help="more rows, and rows that stay in a file")
    parser.add_argument("--rows", type=parse, nargs="+", metavar="SIZES:BATCH", help="networks of --memory")
    parser.add_argument("--optimizer", choices=["sgd", "momentum", "adam"], default="sgd", help="of --memory")
    parser.add_argument("--examples", type=int, default=1_000_000, help="at most so many")
    parser.add_argument("--markdown", action="store_true", help="tables in Markdown")
    parser.add_argument("--json", type=Path, help="a file for all that was measured")
    parser.add_argument("--quick", action="store_true", help="few examples: only shows that it works")
    parser.add_argument("--child", nargs="+", help=argparse.SUPPRESS)
    return parser


def main():
    """Measure, and print tables."""
    options = make_parser().parse_args()
    if options.child:
        child(*options.child)
        return
    cases, most, results = options.rows or CASES, options.examples, []
    if options.quick:
        cases, most = cases[:1], 1000
    both = not (options.memory or options.scale)
    tables = []
    if options.memory or both:
        tables.append(memory_table(cases, most, options.optimizer, results))
    if options.scale or both:
        tables.append(scale_table((most // 100, most // 10, most), results))
    report(tables, results, options)


if __name__ == "__main__":
    main()
