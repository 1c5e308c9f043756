"""``xpnet export``: a saved network as an ONNX graph."""

import argparse
import json
from pathlib import Path
from typing import Any

from xpnet.cli.outputs import Output, check_outputs
from xpnet.cli.terminal import shown
from xpnet.io import load
from xpnet.io.onnx.exporting import export, is_onnx_file
from xpnet.io.onnx.graph import Port

SHOWN = 20  # inputs that are printed
TYPES = {"float32": "float", "float64": "double", "int64": "int64", "object": "string"}  # as ONNX calls them


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    out = Path(options.onnx)
    check_outputs([Output("--onnx", out, is_onnx_file, "xpnet export")], [options.model], force=options.force)
    graph = export(out, load(options.model, "numpy"))
    if options.json:
        print(json.dumps({"onnx": str(out), "inputs": _all(graph.inputs), "outputs": _all(graph.outputs)}))
        return 0
    more = len(graph.inputs) - SHOWN
    for kind, ports in (("input", graph.inputs[:SHOWN]), ("output", graph.outputs)):
        print(*(f"{kind:<7} {shown(port.name)}  {_type(port)}" for port in ports), sep="\n")
        if kind == "input" and more > 0:
            print(f"        and {more} more")
    print(f"saved to {shown(out)}")
    return 0


def _type(port: Port) -> str:
    shape = ", ".join("batch" if n is None else str(n) for n in port.shape)
    return f"{TYPES[str(port.dtype)]} ({shape})"


def _all(ports: list[Port]) -> list[dict[str, Any]]:
    return [{"name": port.name, "type": TYPES[str(port.dtype)], "shape": port.shape} for port in ports]
