"""Run one part, the items of MODULE.items(bench), in a process: python -m gpu.part MODULE --keep FILE."""

import argparse
import json
import sys
import time
from importlib import import_module
from pathlib import Path

from gpu.bench import Bench
from gpu.keeping import SPOILED, carry_out, nothing_yet, write_json


def do(module, bench, path):
    """Run the items that the file does not have yet; return the exit status."""
    state = nothing_yet() | (json.loads(path.read_text(encoding="utf-8")) if path.exists() else {})

    def keep(found):
        write_json(path, found, bench.dry)

    whole = carry_out(import_module(module).items(bench), state, keep, lambda: bench.remaining)
    keep(state)
    return 0 if whole else SPOILED


def main():
    """Run one part."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("module")
    parser.add_argument("--keep", type=Path, required=True, help="where results are kept, and known ones read from")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="after which no item is begun")
    parser.add_argument("--data")
    parser.add_argument("--dry-run", action="store_true")
    options = parser.parse_args()
    bench = Bench(options.dry_run, options.data, time.monotonic() + options.seconds)
    sys.exit(do(options.module, bench, options.keep))


if __name__ == "__main__":
    main()
