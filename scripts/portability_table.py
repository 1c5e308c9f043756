"""Write the table of docs/portability.md from what each library really did with each public function.

python scripts/portability_table.py            # needs PyTorch, JAX and array-api-strict; a minute or two
python scripts/portability_table.py --check    # fail if the page says something else
python scripts/portability_table.py --quick    # the libraries that are here, and only that the page has every row
"""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

import portability  # noqa: E402
from portable_calls import CALLS, Call  # noqa: E402

from xpnet.backend import available, get  # noqa: E402

PAGE = ROOT / "docs" / "portability.md"
BEGIN, END = "<!-- table: scripts/portability_table.py -->", "<!-- end of table -->"
LIBRARIES = {"NumPy": ("numpy", None), "strict": ("array_api_strict", "device1"), "PyTorch": ("torch", None)}
LIBRARIES |= {"JAX": ("jax", None)}
COLUMNS = [*LIBRARIES, "CuPy", "`jax.jit`", "`jax.grad`", "`.backward()`"]


def seen(call: Call) -> list[str]:
    """Return the cells of one row: what happened, in float32 and for gradients in float64."""
    homes = [get(name, device=device, dtype="float32") for name, device in LIBRARIES.values()]
    cells = [portability.attempt(lambda home=home: portability.at_home(call, home)) for home in homes]
    jitted = portability.attempt(lambda: portability.traced(call, homes[-1]))
    gradients = ["–", "–"]
    if call.grad is not None:
        doubles = [get(name, dtype="float64") for name in ("jax", "torch")]
        gradients = [
            portability.attempt(lambda: portability.jax_gradient(call, doubles[0], compiled=False)),
            portability.attempt(lambda: portability.torch_gradient(call, doubles[1])),
        ]
    return [*cells, "stand-in", jitted, *gradients]


def noted(cells: list[str], call: Call, notes: list[str]) -> list[str]:
    """Return the cells with "no" and the number of its reason in place of an error."""
    reasons = [None] * (len(cells) - 3) + [call.jit, call.grad, call.grad]
    found = []
    for cell, reason in zip(cells, reasons, strict=True):
        if cell in ("yes", "–", "stand-in"):
            found.append(cell)
            continue
        why = reason if isinstance(reason, str) else f"A fault: {cell}."
        notes += [why] if why not in notes else []
        found.append(f"no ({notes.index(why) + 1})")
    return found


def table() -> str:
    """Return the tables of both rooms and the reasons."""
    lines: list[str] = []
    notes: list[str] = []
    for room, calls in CALLS.items():
        lines += ["", f"### xpnet.{room}", "", "| function | " + " | ".join(COLUMNS) + " |"]
        lines += ["|---" * (len(COLUMNS) + 1) + "|"]
        for name in sorted(calls):
            cells = noted(seen(calls[name]), calls[name], notes)
            lines.append(f"| `{name}` | " + " | ".join(cells) + " |")
    lines += ["", "Reasons:", "", *[f"{i}. {why}" for i, why in enumerate(notes, 1)], ""]
    return "\n".join(lines)


def quick(page: str) -> None:
    """Call every function on the libraries that are here, and look for its row."""
    here = [pair for pair in LIBRARIES.values() if not available()[pair[0]]]
    for room, calls in CALLS.items():
        for name, call in calls.items():
            assert f"\n| `{name}` |" in page.split(f"### xpnet.{room}\n")[1], f"{PAGE} has no row for {name}"
            for library, device in here:
                assert portability.at_home(call, get(library, device=device, dtype="float32")) == "yes", (library, name)
    print(f"{sum(map(len, CALLS.values()))} functions on {', '.join(name for name, _ in here)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    page = PAGE.read_text(encoding="utf-8")
    if options.quick:
        quick(page)
        return
    import jax

    jax.config.update("jax_enable_x64", True)
    head, rest = page.split(BEGIN)
    written = head + BEGIN + "\n" + table() + "\n" + END + rest.split(END)[1]
    if options.check and written != page:
        raise SystemExit(f"{PAGE} is not what was seen; run scripts/portability_table.py")
    PAGE.write_text(written, encoding="utf-8")


if __name__ == "__main__":
    main()
