"""Compare how fast xpnet and pandas read text tables into memory, both readers of xpnet, in one run.

    python scripts/bench_tables_reading.py              # the two tables of docs/benchmarks, in a temporary folder
    python scripts/bench_tables_reading.py --rows 50000 # smaller

Prints the processor seconds of each reader and how many times those of pandas they are.  Each table is read
alternately, and the least time of the rounds counts.
"""

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import numpy as np
import pandas as pd

from xpnet.data import Encoding, read_cells

CITIES = tuple(f"city {i}" for i in range(60))


def write_mixed(path: Path, rows: int, columns: int = 22) -> None:
    """Write numbers, whole numbers, gaps, categories, booleans and dates: 192 MB at 1.1 million rows."""
    rng = np.random.default_rng(0)
    table: dict[str, object] = {"id": np.arange(rows)}
    for i in range(10):
        table[f"x{i}"] = rng.normal(size=rows).round(7)
    for i in range(4):
        table[f"n{i}"] = rng.integers(0, 10 ** (i + 2), rows)
    gaps = rng.normal(size=rows).round(3)
    gaps[rng.random(rows) < 0.1] = np.nan
    table["gaps"] = gaps
    table["city"] = rng.choice(CITIES, rows)
    table["kind"] = rng.choice(("red", "green", "blue"), rows)
    table["flag"] = rng.random(rows) < 0.5
    table["when"] = np.datetime_as_string(np.datetime64("2020-01-01") + rng.integers(0, 1500, rows))
    table["price"] = rng.lognormal(3, 1, rows).round(3)
    table["y"] = rng.choice(("no", "yes"), rows)
    assert len(table) == columns
    pd.DataFrame(table).to_csv(path, index=False)


def write_numbers(path: Path, rows: int, columns: int = 785) -> None:
    """Write whole numbers from 0 to 255, as images have."""
    x = np.random.default_rng(0).integers(0, 256, (rows, columns))
    x[np.random.default_rng(1).random(x.shape) < 0.8] = 0
    frame = pd.DataFrame(x, columns=[f"pixel{i}" for i in range(columns - 1)] + ["y"])
    frame.assign(y=frame["y"] % 10).to_csv(path, index=False)


def without_polars(path: Path) -> object:
    """Read with the standard library."""
    with mock.patch.dict(sys.modules, {"polars": None}):
        return read_cells(path, "y", missing=True)


READERS: dict[str, Callable[[Path], object]] = {
    "pandas": lambda path: pd.read_csv(path),
    "polars": lambda path: read_cells(path, "y", missing=True),
    "standard library": without_polars,
}


def measure(path: Path, rounds: int) -> dict[str, tuple[float, float]]:
    """Return the least processor and wall time of each reader."""
    best = dict.fromkeys(READERS, (np.inf, np.inf))
    for _ in range(rounds):
        for name, read in READERS.items():
            before = time.process_time(), time.perf_counter()
            read(path)
            spent = time.process_time() - before[0], time.perf_counter() - before[1]
            best[name] = (min(best[name][0], spent[0]), min(best[name][1], spent[1]))
    return best


def main() -> None:
    """Make both tables, read them, and print a line for each reader."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_100_000, help="of the mixed table")
    parser.add_argument("--numbers", type=int, default=10_000, help="rows of the table of 785 numbers")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="small tables, one round: only shows that it works")
    options = parser.parse_args()
    if options.quick:
        options.rows, options.numbers, options.rounds = 2000, 50, 1
    with tempfile.TemporaryDirectory() as folder:
        for name, write, rows in (("mixed", write_mixed, options.rows), ("numbers", write_numbers, options.numbers)):
            path = Path(folder, f"{name}.csv")
            write(path, rows)
            print(f"{name}: {rows:,} rows, {path.stat().st_size / 1e6:.0f} MB")
            found = measure(path, options.rounds)
            for reader, (processor, wall) in found.items():
                ratio = processor / found["pandas"][0], wall / found["pandas"][1]
                print(
                    f"  {reader:17} {processor:7.2f} s processor, {wall:7.2f} s wall: "
                    f"{ratio[0]:5.2f} and {ratio[1]:5.2f} times pandas"
                )
            start = time.perf_counter()
            whole = read_cells(path, "y", missing=True)
            encoding = Encoding.fit(whole.x, whole.features or (), impute="median")
            encoded = encoding.apply(whole.x)
            spent = time.perf_counter() - start
            print(f"  read, fitted and encoded to {encoded.shape[1]} inputs in {spent:.2f} s")
    print(f"most memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB")


if __name__ == "__main__":
    main()
