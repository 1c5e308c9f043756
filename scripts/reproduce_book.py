"""Run every experiment of Nielsen's chapters 1 and 3 on MNIST, and set the figures beside his.

    python scripts/reproduce_book.py [mnist.npz or a folder of IDX files] [--out docs/benchmarks] [--seeds 0 1 2 3 4]
                                     [--jobs 2] [--only NAME ...] [--report] [--quick]

All seeds of an experiment train in one stack.  Its results are kept in book.json as soon as they are there: what was
interrupted goes on, what was done is not done again unless its settings changed, and the page book.md and its pictures
are made from the file alone.  Without a path MNIST is downloaded (pip install 'xpnet[download]').  NumPy, float32, one
BLAS thread a process; about half an hour.
"""

import argparse
import json
import os
import platform
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, replace
from functools import cache
from math import isfinite
from multiprocessing import get_context
from pathlib import Path
from time import process_time

import numpy as np
from book_experiments import EXPERIMENTS
from book_report import page, pictures
from threadpoolctl import threadpool_limits

import xpnet
from xpnet.io import write_atomically
from xpnet.trees import stacked


@cache
def load(path, quick=False):
    """Return {part: (x, y)} of MNIST, or of the bundled digits, and what is known without training."""
    if quick:
        digits = xpnet.data.load_digits()
        rows = {"train": slice(0, 1000), "validation": slice(1000, 1400), "test": slice(1400, None)}
        parts = {name: (digits.x[some], digits.y[some], 16) for name, some in rows.items()}
    else:
        mnist = xpnet.data.load_mnist(path)
        parts = {name: (part.x, part.y, 256) for name, part in mnist._asdict().items()}
    return {name: (x.astype("float32") / np.float32(levels), y) for name, (x, y, levels) in parts.items()}


def average_darkness(parts):
    """Return how many test images have the ink nearest to the mean ink of their digit: no learning at all."""
    (x, y), (test_x, test_y) = parts["train"], parts["test"]
    ink, test_ink = (np.sum(images, axis=1, dtype="float64") for images in (x, test_x))
    means = np.asarray([ink[y == digit].mean() for digit in range(10)])
    guesses = np.abs(test_ink[:, None] - means).argmin(axis=1)
    return {"right": int(np.sum(guesses == test_y)), "of": len(test_y)}


class Watch:
    """Notes what the book's program prints: costs with the L2 penalty, and what the training images show.

    Each epoch has a value for each network of the stack.
    """

    def __init__(self, network, experiment, data, judges):
        self.network, self.l2, self.data, self.judges = network, experiment.l2, data, judges
        self.training = experiment.training
        self.penalties, self.training_costs, self.training_accuracies = [], [], []

    def __call__(self, records, parameters):
        """Measure both sets of images with the parameters of the networks that still train."""
        x, y = self.data
        self.note(self.penalties, records, self.network.penalty(parameters, self.judges, 0.0, self.l2))
        if self.training:
            penalty = self.network.penalty(parameters, len(y), 0.0, self.l2)
            self.note(self.training_costs, records, self.network.cost_value(parameters, x, y) + penalty)
            self.note(self.training_accuracies, records, np.mean(self.network.predict(parameters, x) == y, axis=-1))

    @staticmethod
    def note(column, records, values):
        """Append the value of each network, by its number."""
        column.append(dict(zip(records, np.asarray(values).tolist(), strict=True)))


def run(experiment, seeds, path=None, quick=False):
    """Train a network for each seed, in one stack, and return what there is to keep of each, as JSON holds it."""
    parts, started = load(path, quick), process_time()
    x, y = (part[: experiment.images] for part in parts["train"])
    judges = tuple(part[: experiment.judges] for part in parts[experiment.judged_on])
    network = xpnet.Network((x.shape[1], *experiment.sizes[1:]), cost=experiment.cost)
    watch = Watch(network, experiment, (x, y), len(judges[1]))
    starts = [network.initialize("numpy", seed, experiment.scheme) for seed in seeds]
    with threadpool_limits(1), np.errstate(over="ignore", invalid="ignore"):  # some experiments are meant to fail
        results = xpnet.train_many(
            network,
            (x, y),
            validation=judges if experiment.each_epoch else None,
            epochs=experiment.epochs,
            batch_size=10,
            optimizer=xpnet.sgd(experiment.eta),
            l2=experiment.l2,
            parameters=stacked(starts),
            watch=watch,
            seeds=seeds,
            at_once=len(seeds),
            backend="numpy",
        )
    seconds = (process_time() - started) / len(seeds)
    return [kept_of(experiment, network, result, judges, watch, i, seconds) for i, result in enumerate(results)]


def kept_of(experiment, network, result, judges, watch, number, seconds):
    """Return what there is to keep of one network."""
    with np.errstate(over="ignore", invalid="ignore"):
        a = network.feedforward(result.parameters, judges[0])  # (judges, 10)
    history, right = result.history, a.argmax(axis=1) == judges[1]
    costs = history.column("validation_cost") if experiment.each_epoch else []
    penalties, training_costs, training_accuracies = (
        [values[number] for values in column if number in values]
        for column in (watch.penalties, watch.training_costs, watch.training_accuracies)
    )
    return {
        "settings": settings(experiment),
        "stopped_by": result.stopped_by,
        "accuracy": percents(history.column("validation_accuracy")) if costs else percents([right.mean()]),
        "cost": rounded(map(sum, zip(costs, penalties, strict=False))),
        "training_cost": rounded(training_costs),
        "training_accuracy": percents(training_accuracies),
        "recall": [round(float(right[judges[1] == digit].mean()), 4) for digit in range(10)],
        "largest_output": rounded(a.max(axis=0).tolist()),
        "share": [round(float(np.mean(judges[1] == digit)), 4) for digit in range(10)],
        "seconds": round(seconds, 1),
        "versions": {"xpnet": xpnet.__version__, "numpy": np.__version__, "python": platform.python_version()},
    }


def settings(experiment):
    """Return the experiment as JSON gives it back."""
    return json.loads(json.dumps(asdict(experiment)))


def percents(shares):
    return [round(100 * share, 2) for share in shares]


def rounded(values):
    return [round(value, 4) if isfinite(value) else None for value in values]


# ---- what is kept -----------------------------------------------------------------------------------------


def read(path):
    """Return the results that are kept, {"name/seed": result}."""
    return json.loads(path.read_text()) if path.exists() else {}


def keep(path, results):
    """Write all results, a line each, whole or not at all."""
    lines = [f"{json.dumps(key)}: {json.dumps(results[key])}" for key in sorted(results)]
    write_atomically(path, ("{\n" + ",\n".join(lines) + "\n}\n").encode())


def missing(experiments, seeds, results):
    """Return (name, seeds) for each experiment that lacks results with these settings."""
    found = []
    for name, experiment in experiments.items():
        lacking = [s for s in seeds if results.get(f"{name}/{s}", {}).get("settings") != settings(experiment)]
        found += [(name, lacking)] if lacking else []
    return found


def run_missing(experiments, options, results, kept):
    """Run what is missing, keep each result at once, and return how many there were."""
    todo = missing(experiments, options.seeds, results)
    total, done = sum(len(seeds) for _, seeds in todo), 0
    keep(kept, results)
    for name, seeds, found in outcomes(experiments, todo, options):
        results |= {f"{name}/{seed}": result for seed, result in zip(seeds, found, strict=True)}
        keep(kept, results)
        done += len(seeds)
        last = ", ".join(f"{result['accuracy'][-1]} %" for result in found)
        print(f"{done:3} of {total}  {name}: {last} at the end, {found[0]['seconds']} s each", flush=True)
    return total


def outcomes(experiments, todo, options):
    """Yield (name, seeds, results) as they come, from this process or from several."""
    if options.jobs == 1:
        for name, seeds in todo:
            yield name, seeds, run(experiments[name], seeds, options.path, options.quick)
        return
    pool = ProcessPoolExecutor(options.jobs, mp_context=get_context("spawn"))
    try:
        futures = {
            pool.submit(run, experiments[name], seeds, options.path, options.quick): (name, seeds)
            for name, seeds in todo
        }
        for future in as_completed(futures):
            yield (*futures[future], future.result())
    finally:
        pool.shutdown(cancel_futures=True)  # when interrupted, don't begin those that wait


# ---- from the command line --------------------------------------------------------------------------------


def reproduce(options):
    """Run what is missing and write the page, even if interrupted."""
    kept, experiments = options.out / "book.json", EXPERIMENTS
    if options.quick:
        experiments = {
            name: replace(each, epochs=min(each.epochs, 2), images=min(each.images, 400))
            for name, each in EXPERIMENTS.items()
        }
    options.out.mkdir(parents=True, exist_ok=True)
    results, ran = read(kept), 0
    wanted = {name: each for name, each in experiments.items() if name in (options.only or experiments)}
    try:
        if not options.report:
            results["average darkness"] = average_darkness(load(options.path, options.quick))
            ran = run_missing(wanted, options, results, kept)
    finally:
        if results:
            drawn = options.pictures or options.out.parent / "pictures"
            (options.out / "book.md").write_text(page(results, os.path.relpath(drawn, options.out)))
            pictures(results, drawn)
    return ran


def quick(options):
    """Show in a temporary folder that all of it works: run, resume, run again what changed, report."""
    with tempfile.TemporaryDirectory() as folder:
        options.out, options.pictures, options.seeds = Path(folder), Path(folder), options.seeds[:1]
        assert reproduce(options) == len(EXPERIMENTS), "all are new"
        assert reproduce(options) == 0, "all are there"
        results = read(options.out / "book.json")
        results["first/0"]["settings"]["eta"] = 1.0
        keep(options.out / "book.json", results)
        assert reproduce(options) == 1, "one has changed"
        print("run, gone on with, run again and reported:", *(options.out / "book.md").read_text().splitlines()[2:4])


def main():
    """Parse, then reproduce."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", nargs="?")
    parser.add_argument("--out", type=Path, default=Path("docs/benchmarks"), help="folder for book.json and book.md")
    parser.add_argument("--pictures", type=Path, help="folder for the pictures; default: pictures, beside --out")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--only", nargs="+", choices=EXPERIMENTS, metavar="NAME", help=f"of {', '.join(EXPERIMENTS)}")
    parser.add_argument("--report", action="store_true", help="train nothing: only the page and the pictures")
    parser.add_argument("--quick", action="store_true", help="the bundled digits, 2 epochs: only shows that it works")
    options = parser.parse_args()
    try:
        (quick if options.quick else reproduce)(options)
    except KeyboardInterrupt:
        sys.exit("interrupted: the same command goes on from here")


if __name__ == "__main__":
    main()
