"""Damaged files for every reader: it must read them, or refuse them with one clear line, fast and in little memory.

    python scripts/fuzz_files.py --mutants 100000         the long run: docs/reliability.md has its figures
    python scripts/fuzz_files.py --mutants 10000          what CI runs
    python scripts/fuzz_files.py --only csv:123           one mutant again, with its traceback

Each mutant is a valid file with some bytes changed.  Half of them are changed behind what protects the file (digest,
checksum, compression), which is made anew, so that the reader gets there.  A mutant has 1 s of processor time, and
500 MB beside what the process holds before; a process that ends is a fault of the mutant that it read.
"""

import argparse
import collections
import contextlib
import io
import json
import multiprocessing
import os
import random
import resource
import signal
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import fuzz_changes as changes
import numpy as np
import write_golden as golden

import xpnet
from xpnet.data import FormatError
from xpnet.training import History
from xpnet.training.resuming.keeper import read_checkpoint, state_of, written
from xpnet.training.resuming.state import State

SECONDS, BYTES = 1.0, 500 * 2**20
CSV = "width,color,day,y\n" + "".join(
    f"{i}.5,{'red' if i % 2 else 'a b'},2024-01-{i + 1:02d},{i % 3}\n" for i in range(20)
)
RATINGS = "user,item,rating\n" + "".join(f"u{i % 4},{i % 5},{i % 9 / 2}\n" for i in range(20))


class Kind(NamedTuple):
    """A kind of file: a line of the table below adds one."""

    make: Callable[[Path], Any]  # writes a valid file
    read: Callable[[Path], Any]  # reads it, and uses what it holds
    behind: Callable[[bytes, random.Random], bytes]  # changes it behind what protects it
    refusals: type[Exception] = FormatError  # what the reader may raise


def _with_rows(name: str) -> Kind:
    """Return the kind of a golden file: it is read, and answers for rows, or refuses those."""
    write, load, answer, rows = golden.KINDS[name]

    def read(path: Path) -> None:
        found = load(path)
        try:
            answer(found, rows)
        except (TypeError, ValueError) as error:  # the columns may have other names now, for one
            if "xpnet" not in Path(traceback.extract_tb(error.__traceback__)[-1].filename).parts:
                raise AssertionError(f"{type(error).__name__}: {error}") from error

    def make(path: Path) -> None:
        kept = Path(__file__).parents[1] / "tests" / "golden" / name  # always the same bytes
        if kept.exists():
            path.write_bytes(kept.read_bytes())
        else:
            write(path)

    return Kind(make, read, changes.archive if name.endswith("npz") else changes.model)


def _results(path: Path) -> None:
    """Write the results file of a small search."""
    xpnet.search(xpnet.Network([4, 2]), (golden.ROWS, golden.LABELS), {"l2": [0.0, 1.0]}, **SEARCH, path=path)


SEARCH: dict[str, Any] = {"folds": 2, "seeds": 1, "epochs": 1, "batch_size": 6}


def _image(path: Path) -> None:
    path.write_bytes(bytes([0, 0, 8, 3, 0, 0, 0, 4, 0, 0, 0, 3, 0, 0, 0, 2]) + bytes(range(24)))


def _npz_table(path: Path) -> None:
    np.savez_compressed(path, x=golden.ROWS, y=golden.LABELS, names=np.asarray(list("abcd")))


def _ratings_archive(path: Path) -> None:
    ids = {"user_ids": np.asarray(["ann", "bob"]), "item_ids": np.asarray([7, 9, 11])}
    np.savez(path, users=[0, 1, 1], items=[2, 0, 1], ratings=[1.0, 2.5, 4.0], **ids)


def _parquet(path: Path) -> None:
    import polars as pl

    pl.read_csv(io.StringIO(CSV)).write_parquet(path)


def _arrow(path: Path) -> None:
    import polars as pl

    pl.read_csv(io.StringIO(CSV)).write_ipc(path)


def _lines(path: Path) -> None:
    import polars as pl

    pl.read_csv(io.StringIO(CSV)).write_ndjson(path)


def _book(path: Path) -> None:
    from xpnet.book import network2

    network2.Network([2, 3, 1]).save(path)


def _read_book(path: Path) -> Any:
    from xpnet.book import network2

    return network2.load(path)


def _table(path: Path) -> Any:
    return xpnet.data.read_cells(path, "y", missing=True)


def _checkpoint(path: Path) -> None:
    """Write the checkpoint of a small training."""
    with tempfile.TemporaryDirectory() as folder:
        kept = xpnet.Checkpoint(folder, every="2 steps", keep=1)
        xpnet.train(TINY, (golden.ROWS, golden.LABELS), epochs=2, batch_size=2, optimizer="adam", checkpoint=kept)
        path.write_bytes(written(kept.path)[0].read_bytes())


def _read_checkpoint(path: Path) -> None:
    home = xpnet.backend.get("numpy")
    parameters = TINY.initialize(home, 0)
    first = State((parameters, xpnet.adam().init(parameters).slots), parameters, parameters, History())
    arrays, note = read_checkpoint(path)
    state_of(path, arrays, note["state"], first, home)


TINY = xpnet.Network([4, 3, 2])

KINDS: dict[str, Kind] = {
    **{name: _with_rows(name) for name in golden.KINDS},
    "checkpoint.npz": Kind(_checkpoint, _read_checkpoint, changes.archive),
    "results.jsonl": Kind(_results, _results, changes.json_lines, ValueError),
    "images": Kind(_image, xpnet.data.read_idx, changes.as_is),
    "images.gz": Kind(lambda path: changes.packed(path, _image), xpnet.data.read_idx, changes.gzipped),
    "table.npz": Kind(_npz_table, lambda path: xpnet.data.read_table(path, "y"), changes.archive),
    "table.npy": Kind(
        lambda p: np.save(p, golden.ROWS), lambda p: xpnet.data.read_table(p, "-1"), changes.numpy_header
    ),
    "table.csv": Kind(lambda path: path.write_text(CSV), _table, changes.text),
    "table.csv.gz": Kind(lambda p: changes.packed(p, lambda q: q.write_text(CSV)), _table, changes.gzipped),
    "table.parquet": Kind(_parquet, _table, changes.as_is),
    "table.arrow": Kind(_arrow, _table, changes.as_is),
    "table.jsonl": Kind(_lines, _table, changes.json_lines),
    "network.json": Kind(_book, _read_book, changes.json_lines),
    "ratings.csv": Kind(lambda path: path.write_text(RATINGS), xpnet.data.load_ratings, changes.text),
    "ratings.npz": Kind(_ratings_archive, xpnet.data.load_ratings, changes.archive),
}


NEEDS = {"estimator": "sklearn", "table.parquet": "polars", "table.arrow": "polars", "table.jsonl": "polars"}


def missing(name: str) -> str | None:
    """Return the package that this kind needs, if it is not installed."""
    needed = next((package for start, package in NEEDS.items() if name.startswith(start)), None)
    return needed if needed and find_spec(needed) is None else None


def mutant(name: str, valid: bytes, number: int, seed: int) -> bytes:
    """Return mutant `number` of a valid file; every second one is changed behind what protects it."""
    draw = random.Random(f"{seed} {name} {number}")
    return KINDS[name].behind(valid, draw) if number % 2 else changes.bytes_of(valid, draw)


def outcome(name: str, path: Path) -> str:
    """Read a file; return "read" or "refused", or what is wrong with how it was taken."""
    kind = KINDS[name]
    try:
        with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
            warnings.simplefilter("error")
            kind.read(path)
    except kind.refusals as error:
        message, cause = str(error), error.__cause__
        if isinstance(cause, MemoryError):
            return f"took too much memory: {message[:200]}"
        if "\n" in message or len(message) > 2000 or path.name not in message:
            return f"unclear message, {len(message)} characters: {message[:200]!r}"
        return "refused"
    except BaseException as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__} at {Path(place.filename).name}:{place.lineno}: {str(error)[:200]!r}"
    return "read"


def work(pipe: Any, name: str, folder: str, numbers: range, seed: int) -> None:
    """Read mutants one after another, and tell each outcome; the limits end the process."""
    valid = made(name, Path(folder))
    path = Path(folder) / f"mutant-{name}"
    path.write_bytes(valid)
    first = outcome(name, path)
    assert first == "read", first
    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + BYTES, size + BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # polars prints its panics there
    for number in numbers:
        path.unlink(missing_ok=True)
        path.write_bytes(mutant(name, valid, number, seed))
        signal.setitimer(signal.ITIMER_PROF, SECONDS)  # its signal ends the process
        signal.setitimer(signal.ITIMER_REAL, 60 * SECONDS)
        found = outcome(name, path)
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        pipe.send((number, found))
    pipe.close()


def made(name: str, folder: Path) -> bytes:
    """Return the content of a valid file."""
    path = folder / f"valid-{name}"
    if not path.exists():
        KINDS[name].make(path)
    return path.read_bytes()


def run(name: str, count: int, seed: int, folder: Path, keep: Path | None) -> collections.Counter[str]:
    """Read mutants of one kind in processes that are replaced when they end."""
    found: collections.Counter[str] = collections.Counter()
    valid, next_one = made(name, folder), 0
    context = multiprocessing.get_context("spawn")
    while next_one < count:
        mine, theirs = context.Pipe(duplex=False)
        worker = context.Process(target=work, args=(theirs, name, str(folder), range(next_one, count), seed))
        worker.start()
        theirs.close()
        begun = False
        with contextlib.suppress(EOFError):
            while next_one < count:
                number, told = mine.recv()
                begun, next_one = True, number + 1
                _count(found, name, number, told, valid, seed, keep)
        worker.join()
        if next_one < count:
            if not begun and worker.exitcode == 1:
                raise SystemExit(f"{name}: no valid file could be read")
            _count(found, name, next_one, f"the process ended with {worker.exitcode}", valid, seed, keep)
            next_one += 1
    return found


def _count(
    found: collections.Counter[str], name: str, number: int, told: str, valid: bytes, seed: int, keep: Path | None
) -> None:
    found[told if told in ("read", "refused") else "faults"] += 1
    if told not in ("read", "refused"):
        print(f"  {name}:{number}  {told}", flush=True)
        if keep is not None:
            (keep / f"{number}-{name}").write_bytes(mutant(name, valid, number, seed))


def main() -> None:
    """Run the fuzzer."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mutants", type=int, default=10_000)
    parser.add_argument("--quick", action="store_true", help="340 mutants")
    parser.add_argument("--jobs", type=int, default=2, help="kinds that are read at the same time")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kinds", nargs="*", default=list(KINDS))
    parser.add_argument("--only", help="KIND:NUMBER, read here, with its traceback")
    parser.add_argument("--keep", type=Path, help="a folder for mutants that are faults")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder, total, started = Path(temporary), collections.Counter[str](), time.monotonic()
        if options.only:
            name, _, number = options.only.rpartition(":")
            path = folder / f"mutant-{name}"
            path.write_bytes(mutant(name, made(name, folder), int(number), options.seed))
            print(path.read_bytes()[:4000])
            KINDS[name].read(path)
            return
        each = -(-(340 if options.quick else options.mutants) // len(options.kinds))
        kinds = [name for name in options.kinds if not missing(name)]
        for name in set(options.kinds).difference(kinds):
            print(f"{name}: {missing(name)} is not installed")
        with ThreadPoolExecutor(options.jobs) as pool:
            ran = pool.map(lambda name: run(name, each, options.seed, folder, options.keep), kinds)
            for name, found in zip(kinds, ran, strict=True):
                total += found
                counts = {way: found[way] for way in ("read", "refused", "faults")}
                print(json.dumps({"kind": name, "mutants": each} | counts), flush=True)
        print(
            f"{sum(total.values())} mutants in {time.monotonic() - started:.0f} s: {dict(total)}; seed {options.seed}"
        )
        if total["faults"]:
            raise SystemExit(f"{total['faults']} faults")


if __name__ == "__main__":
    main()
