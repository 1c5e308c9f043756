"""What ``xpnet train`` prints before and after the epochs."""

import argparse
import json
from pathlib import Path

from xpnet.backend import Backend
from xpnet.cli.parts import Parts
from xpnet.cli.printing.advice import advice
from xpnet.cli.report import balance_line, class_table, picture, summary, summary_line, test_model
from xpnet.cli.terminal import command, shown
from xpnet.io import Model
from xpnet.nn import Network
from xpnet.training import Result

WRITERS = "  The test part is drawn from all writers; with --split ordered (other writers) 90-92 % is normal."


def announce(
    options: argparse.Namespace, network: Network, parts: Parts, backend: Backend, batch_size: int | None
) -> None:
    """Print what is trained on what."""
    if options.json:
        print(json.dumps({"event": "start", **backend.info(), "network": repr(network), "examples": parts.train.n}))
    elif not options.quiet:
        told = advice(network, batch_size or parts.train.n, backend.name)
        print(_data_line(parts), _network_line(network), *filter(None, [told]), sep="\n")


def _data_line(parts: Parts) -> str:
    train, watched = parts.train, f", {parts.validation.n} to watch" if parts.validation else ""
    shape = f"{train.x.shape[1]} columns, {f'{len(train.classes)} classes' if train.classes else 'numbers to predict'}"
    tested = f"{parts.test.n} to test" if parts.test else "none to test"
    return f"data     {shown(train.name)}: {shape}; {train.n} to train on{watched}, {tested}"


def _network_line(network: Network) -> str:
    weights = sum(n_out * (n_in + 1) for n_in, n_out in zip(network.sizes[:-1], network.sizes[1:], strict=True))
    layers = "-".join(map(str, network.sizes))
    names = " ".join(f.name for f in network.activations)
    return f"network  {layers}, {names}, cost {network.cost.name}: {weights:,} parameters"


def report(options: argparse.Namespace, model: Model, parts: Parts, result: Result, out: Path) -> None:
    """Print how the training ended, the test figures, and what to do next."""
    test = None if parts.test is None else test_model(model, parts.test)
    if options.json:
        end = {"event": "end", "stopped_by": result.stopped_by, "model": str(out), "epochs": len(result.history)}
        end["execution"] = result.execution
        figures = {} if test is None else summary(model, test)
        print(json.dumps(end | {f"test_{name}": value for name, value in figures.items()}))
        return
    line = "no test part: the network was trained on all rows" if test is None else f"test {summary_line(test)}"
    if options.quiet:
        print(line)
        return
    seconds = sum(result.history.column("seconds"))
    how = f"stopped by: {result.stopped_by}; run as: {result.execution}"
    print(f"\ntrained {len(result.history)} epochs in {seconds:.1f} s ({how})")
    told = [line]
    if test is not None and parts.test is not None:
        told += [balance_line(model, test), class_table(model, test)]
        if (model.data or {})["source"] == "digits" and options.split != "ordered":
            told.append(WRITERS)
        told.append(picture(model, test, parts.test))
    print(*filter(None, told), sep="\n")
    print(f"\nsaved to {shown(out)}; try next:")
    known = (("evaluate", out), ("predict", out)) if test else (("evaluate", out, "DATA"), ("predict", out, "DATA"))
    for words in (*known, ("train", "--help")):
        print(f"  {command(*words)}")
