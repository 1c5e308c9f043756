"""Microseconds a training step on a GPU: xpnet on CuPy beside PyTorch, JAX and its own NumPy, in one run.

    python scripts/bench_gpu.py [--only WORD ...] [--json FILE] [--break-even FILE] [--markdown] [--dry-run]

Each table names the card, each row its precision, the error of a product in it, and how far one epoch's weights are
from those of xpnet's plain loop.  The floor beside them is what the device needs at least, from ceilings measured in
the same run.  Then linear algebra beside CuPy's own, and from which batch and width on the GPU wins.  Missing peers are
left out by name.
`--dry-run` (or `--quick`) goes through it all without a GPU and without a figure.
"""

import argparse
import sys
from pathlib import Path

from gpu import break_even, device
from gpu.bench import Bench
from gpu.benchmark import items
from gpu.keeping import MissingError, carry_out, clean, nothing_yet, write_json
from gpu.report import NO_CARD, tables


def main():
    """Run the items and print tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", default=[""], metavar="WORD", help="items whose names hold one of these")
    parser.add_argument("--json", type=Path, help="a file for all results")
    parser.add_argument("--break-even", type=Path, help="a file for the small table of where the GPU wins")
    parser.add_argument("--markdown", action="store_true", help="print tables only, nothing as it goes")
    parser.add_argument("--dry-run", "--quick", action="store_true", help="without a GPU and without a figure")
    options = parser.parse_args()

    bench, state = Bench(options.dry_run), nothing_yet()
    try:
        name = device.name(bench)
    except MissingError as why:
        sys.exit(f"no GPU to be used through CuPy; --dry-run does without\n{why}")
    wanted = [(name, call) for name, call in items(bench) if any(word in name for word in options.only)]

    def keep(state):
        if state["under_way"] and not options.markdown:
            print(f"... {state['under_way']}", flush=True)
        if options.json:
            write_json(options.json, {"device": name, **state}, options.dry_run)

    whole = carry_out(wanted, state, keep)
    found = clean(state, options.dry_run)
    print(tables(found, NO_CARD if options.dry_run else name))
    if options.break_even:
        write_json(options.break_even, break_even.small_table(found["items"], name), options.dry_run)
    sys.exit(0 if whole and not found["errors"] else 1)


if __name__ == "__main__":
    main()
