"""xpnet's defaults for tables beside linear models, networks and boosted trees with theirs, in one thread.

    python scripts/bench_tables.py [--out results.jsonl] [--splits 5-9] [--methods xpnet-1,xpnet-5] [--tables wine,fair]
    python scripts/bench_tables.py --out results.jsonl --report
    python scripts/bench_tables.py --quick

Each result (one method, one split of one table) is appended to the file of JSON lines at once; what the file has
already is not measured again.  At the end the report of all that the file holds of these splits is printed as
Markdown.  TabM_D and RealMLP_TD (``pip install pytabkit``) take minutes and run only where `--methods` names them.
Needs pandas and scikit-learn; others (``pip install lightgbm xgboost catboost statsmodels``) are left out by name where
they are not installed.  `--folder` holds eight of the tables as CSV files; four come with scikit-learn and statsmodels.
"""

# ruff: noqa: E402
import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"):
    os.environ[variable] = "1"  # before any library starts its threads

import argparse
import json
import resource
import sys
import tempfile
import warnings
from pathlib import Path
from time import perf_counter, process_time

from table_bench import measures
from table_bench.methods import METHODS, SLOW
from table_bench.report import report
from table_bench.sources import NAMES, Part, load, made_up, missing

from xpnet.cli.commands.bench import processor

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data" / "tables"


def processor_seconds():
    """Return the processor seconds of this process and of its children that have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return process_time() + children.ru_utime + children.ru_stime


def predictions(key, part):
    """Return what a method predicts, without its warnings: MLPs that have not converged are meant."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return METHODS[key].predict(part)


def measure(key, part):
    """Return the result of a method on a part of a table: what and where, measures, and seconds to fit and predict."""
    table, wall, cpu = part.table, perf_counter(), processor_seconds()
    predicted = predictions(key, part)
    spent = {"cpu": round(processor_seconds() - cpu, 3), "wall": round(perf_counter() - wall, 3)}
    figures = (measures.of_values if table.classes is None else measures.of_probabilities)(part.truth, predicted)
    where = {"rows": len(table.y), "columns": table.x.shape[1]}
    where |= {"library": METHODS[key].library, "processor": processor()}
    return {"method": key, "table": table.name, "seed": part.seed, **figures, **spent, **where}


def read(path):
    """Return the results of a file of JSON lines; of none if it is not there."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def run(path, keys, tables, seeds):
    """Measure what the file does not have yet, and append each result to it at once."""
    done = {(row["method"], row["table"], row["seed"]) for row in read(path)}
    every = [(key, table, seed) for seed in seeds for table in tables for key in keys]
    left = [(key, table, seed) for key, table, seed in every if (key, table.name, seed) not in done]
    for key in dict.fromkeys(key for key, _, _ in left):
        predictions(key, Part(made_up()[1], 0))  # what a library does once, such as imports, is not measured
    for key, table, seed in left:
        row = measure(key, Part(table, seed))
        with path.open("a") as file:
            file.write(json.dumps(row) + "\n")
        print(f"{table.name} {seed} {key}: {row['cpu']:.1f} s", file=sys.stderr, flush=True)


def present(names, why):
    """Return the names that can be had here, and say of the others why not."""
    for name in names:
        if why(name):
            print(f"{name}: {why(name)}: left out")
    return [name for name in names if not why(name)]


def span(text):
    """Return the numbers of "5-9" or "1,3"."""
    first, dash, last = text.partition("-")
    return list(range(int(first), int(last) + 1)) if dash else [int(part) for part in text.split(",")]


def chosen(known):
    """Return what reads a list of names, separated by commas, that are all known."""

    def read_names(text):
        names = text.split(",")
        for name in names:
            if name not in known:
                raise argparse.ArgumentTypeError(f"must be of {', '.join(known)}, got {name!r}")
        return names

    return read_names


def show_that_it_works():
    """Measure every method on two small tables, once more (nothing is left to measure), and report."""
    keys = present([key for key in METHODS if key not in SLOW], lambda key: METHODS[key].missing)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "results.jsonl")
        run(path, keys, made_up(), [0])
        before = path.read_text()
        run(path, keys, made_up(), [0])
        if path.read_text() != before:
            raise SystemExit("a result was measured twice")
        print(report(read(path)))


def main():
    """Measure what is missing, and print the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("bench_tables.jsonl"), help="file of results, appended to")
    parser.add_argument("--splits", type=span, default=span("5-9"), help="seeds of the splits, such as 5-9 or 0,2")
    parser.add_argument("--methods", type=chosen(METHODS), default=[key for key in METHODS if key not in SLOW])
    parser.add_argument("--tables", type=chosen(NAMES), default=list(NAMES))
    parser.add_argument("--folder", type=Path, default=FOLDER, help="of the eight CSV files")
    parser.add_argument("--report", action="store_true", help="only report what the file holds")
    parser.add_argument("--quick", action="store_true", help="two small tables: only shows that it works")
    options = parser.parse_args()
    if options.quick:
        show_that_it_works()
        return
    if not options.report:
        keys = present(options.methods, lambda key: METHODS[key].missing)
        tables = [load(name, options.folder) for name in present(options.tables, missing)]
        run(options.out, keys, tables, options.splits)
    rows = [row for row in read(options.out) if row["seed"] in options.splits and row["table"] in options.tables]
    print(report(rows) if rows else f"no results of these splits in {options.out}")


if __name__ == "__main__":
    main()
