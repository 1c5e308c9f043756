"""Exported graphs beside the models that they came from, on real tables: how far apart, and which labels differ.

    python scripts/check_onnx.py [--folder FOLDER] [--tables titanic,wine] [--fast]
    python scripts/check_onnx.py --quick

Each table is trained by `xpnet train` in float32 and in float64, exported by `xpnet export`, and run by onnxruntime on
all of its rows.  Prints Markdown.  FOLDER holds the tables as CSV files; without it, and with --quick, only the bundled
digits and a made-up table with columns of every kind are used.
"""

import argparse
import contextlib
import io
import json
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnxruntime

import xpnet
import xpnet.io.onnx.exporting
from xpnet.cli import main
from xpnet.cli.inputs.sources import read_whole
from xpnet.io.onnx.feeding import inputs_of

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data" / "tables"
TARGETS = {
    "abalone": "rings",
    "computers": "price",
    "diamonds": "price",
    "flchain": "death",
    "flights": "late",
    "segment": "category",
    "titanic": "survived",
    "wine": "quality",
}


class Compared(NamedTuple):
    """A model and its graph on the same rows."""

    rows: int
    members: int
    inputs: str
    answers: str
    nodes: int
    apart: float  # the largest difference, of the largest output
    other_labels: int


def write_made_up(path, rows=600):
    """Write a table with numbers, gaps, booleans, dates, common and rare categories."""
    rng = np.random.default_rng(0)
    size, town, kind = rng.uniform(1, 9, rows), rng.integers(0, 4, rows), rng.integers(0, 60, rows)
    when = np.datetime_as_string(np.datetime64("2020-01-01") + rng.integers(0, 1500, rows))
    size_cells = np.where(rng.random(rows) < 0.1, "", size.round(3).astype(str))
    labels = np.where(size + town + rng.standard_normal(rows) > 7, "dear", "cheap")
    columns = (size_cells, np.asarray(["Ulm", "Bonn", "Köln", ""])[town], kind, rng.random(rows) < 0.5, when, labels)
    lines = [",".join(map(str, cells)) for cells in zip(*columns, strict=True)]
    path.write_text("\n".join(["size,town,kind,new,when,price", *lines]) + "\n")


def run(*words):
    """Run a command, and return what it printed."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        code = main([str(word) for word in words])
    if code:
        raise SystemExit(f"xpnet {words[0]} ended with {code}")
    return printed.getvalue()


def compare(folder, data, dtype, *flags):
    """Train, export, and compare on all rows of the data."""
    file, graph = folder / "model.safetensors", folder / "model.onnx"
    run("train", *data, *flags, "--quiet", "--dtype", dtype, "-o", file)
    told = json.loads(run("export", file, "--onnx", graph, "--json"))
    model = xpnet.load(file)
    rows = read_whole(model.data, preprocessing=model.preprocessing).x
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    *label, numbers = session.run(None, inputs_of(model, rows))
    expected = np.asarray(model.predict_proba(rows) if label else model.predict(rows))
    kinds = [port["type"] for port in told["inputs"]]
    return Compared(
        len(expected),
        model.n_members,
        ", ".join(f"{kinds.count(kind)} {kind}" for kind in sorted(set(kinds))),
        f"{model.network.n_classes} classes" if label else "a value",
        len(xpnet.io.onnx.exporting.graph_of(model).nodes),
        float(np.abs(numbers - expected).max() / np.abs(expected).max()),
        int((label[0] != model.predict(rows)).sum()) if label else 0,
    )


def tell(name, dtype, found):
    """Print a line of the table."""
    cells = (name, dtype, f"{found.rows:,}", found.inputs, found.answers, found.members, found.nodes)
    print("|", " | ".join(map(str, cells)), f"| {found.apart:.1e} | {found.other_labels} |", flush=True)


def check_all(options, folder):
    """Compare on every table."""
    made_up = folder / "made_up.csv"
    write_made_up(made_up)
    data = {"digits": (), "made up": (made_up, "--target", "price")}
    if not options.quick and options.folder.is_dir():
        data |= {name: (options.folder / f"{name}.csv", "--target", target) for name, target in TARGETS.items()}
    wanted = options.tables.split(",") if options.tables else list(data)
    for name in wanted:
        flags = ("--fast",) if (options.quick or options.fast) and name != "digits" else ()
        for dtype in ("float32", "float64"):
            tell(name, dtype, compare(folder, data[name], dtype, *flags))


def parse():
    """Return the options."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--tables")
    parser.add_argument("--fast", action="store_true", help="one network a table")
    parser.add_argument("--quick", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    print(f"onnxruntime {onnxruntime.__version__}\n")
    print("| data | dtype | rows | inputs | answers | networks | nodes | apart | other labels |")
    print("|---|---|---:|---|---|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as temporary:
        check_all(parse(), Path(temporary))
