"""What `fit` of xpnet's MLPClassifier takes beside scikit-learn's own, at the same settings.

    python scripts/bench_estimators.py [--rows 784-30-10:10 ...] [--dtypes float32 float64]
                                       [--solvers adam sgd] [--mnist FILE] [--examples 10000] [--epochs 5]
                                       [--repeats 7] [--markdown] [--quick]

The contestants take turns in one process, in another order each round, with a pause before each.  A whole `fit` is
timed, its checks of the data included: the defaults (relu, alpha 0.0001) but for the batch size, the solver, the seed
and the count of epochs.  Printed are milliseconds (medians, the lowest and highest in brackets) and ratios: medians of
the ratios within a round, by the clock and by processor time, which other programs on the machine disturb less.  The
last losses are compared.
"""

import argparse
import warnings
from importlib.util import find_spec
from itertools import product
from pathlib import Path
from statistics import median
from time import perf_counter, process_time, sleep

import numpy as np
from sklearn import neural_network

from xpnet import estimators
from xpnet.cli.commands.bench import Case, loops_by

PAUSE = 0.05  # seconds in which the threads of the library before stop waiting for more work
GOALS = {"784-30-10:10": 4.5, "784-100-10:128": 1.8}  # scikit-learn / xpnet
THEIRS, OURS, FAST = "scikit-learn", "xpnet", "xpnet, with Numba"
SAME = {"float32": 0.02, "float64": 1e-6}  # how far the last losses may be apart, of their size


def parse(word):
    """Return the case that a word such as 784-30-10:10 names."""
    sizes, _, batch = word.partition(":")
    return Case(tuple(map(int, sizes.split("-"))), int(batch))


def examples(case, n, dtype, mnist):
    """Return n examples: MNIST's, or dim random pixels, brighter where the picture of the label's class is."""
    if mnist:
        with np.load(mnist) as data:
            return (data["x_train"][:n].reshape(n, -1) / 255.0).astype(dtype), data["y_train"][:n]
    rng = np.random.default_rng(0)
    pictures, y = rng.random((case.sizes[-1], case.sizes[0])), rng.integers(0, case.sizes[-1], n)
    return (rng.random((n, case.sizes[0])) * pictures[y]).astype(dtype), y


def contestants(case, x, y, epochs, solver):
    """Return functions of a seed, which fit and return the last loss."""
    settings = {"solver": solver, "hidden_layer_sizes": case.sizes[1:-1], "batch_size": case.batch, "max_iter": epochs}

    def fitting(make, loops=None):
        def run(seed):
            with warnings.catch_warnings(), loops_by(loops or ""):
                warnings.simplefilter("ignore")  # it would have liked more epochs
                return make(random_state=seed, tol=0.0, n_iter_no_change=epochs, **settings).fit(x, y).loss_

        return run

    runs = {THEIRS: fitting(neural_network.MLPClassifier), OURS: fitting(estimators.MLPClassifier, "numpy")}
    if find_spec("numba"):
        runs[FAST] = fitting(estimators.MLPClassifier, "numba")
    return runs


def measure(runs, repeats, dtype):
    """Return seconds of every contestant, by the clock and of the processor, for each round."""
    took, rng = {name: [] for name in runs}, np.random.default_rng(0)
    for repeat in range(-1, repeats):  # the round before the first is for compilers and other first calls
        losses = {}
        for name in rng.permutation(list(runs)).tolist():
            sleep(PAUSE)
            began = perf_counter(), process_time()
            losses[name] = runs[name](repeat + 1)
            if repeat >= 0:
                took[name].append((perf_counter() - began[0], process_time() - began[1]))
        for name, loss in losses.items():
            if not abs(loss - losses[THEIRS]) <= SAME[dtype] * abs(losses[THEIRS]):
                raise SystemExit(f"{name} ended with loss {loss}, scikit-learn with {losses[THEIRS]}")
    return took


def lines(title, goal, took):
    """Return what was measured as rows of a table."""
    for name, seconds in took.items():
        ms = [1e3 * wall for wall, _ in seconds]
        row = [title, name, f"{median(ms):.0f} [{min(ms):.0f}..{max(ms):.0f}]"]
        by = [[a[i] / b[i] for a, b in zip(took[THEIRS], seconds, strict=True)] for i in (0, 1)]
        ratios = [f"{median(each):.2f} [{min(each):.2f}..{max(each):.2f}]" for each in by]
        yield [*row, *(ratios if name != THEIRS else ["", ""]), f"at least {goal}" if goal and name != THEIRS else ""]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", nargs="+", default=list(GOALS), help="networks and mini-batches")
    parser.add_argument("--dtypes", nargs="+", default=["float32", "float64"], choices=list(SAME))
    parser.add_argument("--solvers", nargs="+", default=["adam"], choices=["adam", "sgd"])
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--examples", type=int, default=10000)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--mnist", metavar="FILE", type=Path, help="an npz file with x_train and y_train")
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--quick", action="store_true", help="one round of one epoch, to see that it runs")
    args = parser.parse_args()
    repeats, epochs, n = (1, 1, 1000) if args.quick else (args.repeats, args.epochs, args.examples)
    header = ["network and batch", "contestant", "ms a fit", "scikit-learn / it", "of processor time", "goal"]
    bar, edge = ("| ", " |") if args.markdown else ("", "")
    print(bar + " | ".join(header) + edge)
    if args.markdown:
        print("|" + " --- |" * len(header))
    for word, solver, dtype in product(args.rows, args.solvers, args.dtypes):
        case = parse(word)
        runs = contestants(case, *examples(case, n, dtype, args.mnist), epochs, solver)
        for row in lines(f"{word}, {solver}, {dtype}", GOALS.get(word), measure(runs, repeats, dtype)):
            print(bar + " | ".join(row) + edge, flush=True)


if __name__ == "__main__":
    main()
