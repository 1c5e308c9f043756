"""What ``xpnet train`` prints before and after the epochs."""

import argparse
import json
from collections.abc import Sequence
from math import isfinite
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

from xpnet.backend import Backend
from xpnet.cli.inputs.parts import Parts
from xpnet.cli.printing.advice import advice
from xpnet.cli.printing.curve import curve_json, curve_lines
from xpnet.cli.printing.plan import plan_line
from xpnet.cli.report import (
    baseline_line,
    certainty,
    certainty_line,
    class_table,
    figures,
    member_means,
    members_line,
    picture,
    summary,
    summary_line,
    test_model,
)
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
        k = options.seeds or options.members
        told = advice(network, batch_size or parts.train.n, backend.name)
        fast = getattr(options, "fast", False)
        plan = None if options.dry_run else plan_line(network, k * parts.train.n, options.epochs, backend, fast=fast)
        print(_data_line(parts), _network_line(network, k), *filter(None, [told, plan]), sep="\n")


def _data_line(parts: Parts) -> str:
    train, watched = parts.train, f", {parts.validation.n} to watch" if parts.validation else ""
    shape = f"{train.x.shape[1]} columns, {f'{len(train.classes)} classes' if train.classes else 'numbers to predict'}"
    tested = f"{parts.test.n} to test" if parts.test else "none to test"
    return f"data     {shown(train.name)}: {shape}; {train.n} to train on{watched}, {tested}"


def _network_line(network: Network, k: int) -> str:
    weights = sum(n_out * (n_in + 1) for n_in, n_out in zip(network.sizes[:-1], network.sizes[1:], strict=True))
    layers = "-".join(map(str, network.sizes))
    names = " ".join(f.name for f in network.activations)
    several = "" if k == 1 else f", {k} networks in one stack"
    return f"network  {layers}, {names}, cost {network.cost.name}: {weights:,} parameters{several}"


def report(
    options: argparse.Namespace,
    model: Model,
    parts: Parts,
    models: Sequence[Model],
    results: Sequence[Result],
    out: Path,
    *,
    start: Model | None = None,
    points: Sequence[tuple[int, Any]] = (),
) -> None:
    """Print how the training ended, the test figures, and what to do next.

    `model` is what was saved; `models` are the networks that it came from, and `results` their trainings.  `start` is
    the model that they began with, and `points` are the test figures of smaller training parts.
    """
    test = None if parts.test is None else test_model(model, parts.test)
    means = None if parts.test is None else member_means(model, parts.test)
    seeds = _seeds(options, models, parts)
    before = None if parts.test is None or start is None else test_model(start, parts.test)
    curve = [*points, (parts.train.n, test)] if points and test is not None else []
    sure = certainty(model, parts.test) if parts.test and (model.data or {})["source"] == "table" else {}
    epochs = max(len(result.history) for result in results)
    if options.json:
        end = {"event": "end", "stopped_by": results[0].stopped_by, "model": str(out), "epochs": epochs}
        end["execution"] = results[0].execution
        tested = {} if test is None else {f"test_{name}": value for name, value in summary(model, test).items()}
        more = {} if means is None else {"members": model.n_members, "member_means": means}
        more |= {} if start is None or before is None else {"start": summary(start, before)}
        more |= {"learning_curve": curve_json(curve)} if curve else {}
        more |= {f"test_{name}": value for name, value in sure.items()}
        print(json.dumps(end | tested | more | ({} if seeds is None else {"seeds": seeds})))
        return
    line = "no test part: the network was trained on all rows" if test is None else f"test {summary_line(test)}"
    alone = means and members_line(model.n_members, means)
    scattered = seeds and _seeds_line(seeds)
    old = before and f"the model it started from, on the same test part: {summary_line(before)}"
    grown = curve_lines(curve) if curve else []
    if options.quiet:
        print(*filter(None, [line, alone, old, scattered, *grown]), sep="\n")
        return
    seconds = sum(sum(result.history.column("seconds")) for result in results)
    how = f"stopped by: {results[0].stopped_by}; run as: {results[0].execution}"
    print(f"\ntrained {epochs} epochs in {seconds:.1f} s ({how})")
    told = [line, alone, old, scattered, *grown]
    if test is not None and parts.test is not None:
        told += [certainty_line(sure), baseline_line(model, test), class_table(model, test)]
        if (model.data or {})["source"] == "digits" and options.split != "ordered":
            told.append(WRITERS)
        told.append(picture(model, test, parts.test))
    print(*filter(None, told), sep="\n")
    print(f"\nsaved to {shown(out)}; try next:")
    known = (("evaluate", out), ("predict", out)) if test else (("evaluate", out, "DATA"), ("predict", out, "DATA"))
    for words in (*known, ("train", "--help")):
        print(f"  {command(*words)}")


def _seeds(options: argparse.Namespace, models: Sequence[Model], parts: Parts) -> dict[str, Any] | None:
    """Return the test figures of each network of several seeds, their means and spreads; None for one network."""
    if not options.seeds or parts.test is None:
        return None
    found = [figures(model, parts.test, test_model(model, parts.test)) for model in models]
    columns = {name: [each[name] for each in found] for name in found[0]}
    return {
        name: {
            "mean": fmean(values),
            "spread": _spread(values),
            "values": values,
        }
        for name, values in columns.items()
    }


def _spread(values: list[float]) -> float | None:
    return stdev(values) if len(values) > 1 and all(map(isfinite, values)) else None


def _seeds_line(seeds: dict[str, Any]) -> str:
    """Return the means and spreads (standard deviations) of the test figures over the seeds, in a line."""
    k, told = 0, []
    for name, figure in seeds.items():
        k = len(figure["values"])
        unit, scale = (" %", 100.0) if name == "accuracy" else ("", 1.0)
        spread = "" if figure["spread"] is None else f" +/- {scale * figure['spread']:.2g}"
        told.append(f"{name} {scale * figure['mean']:.4g}{spread}{unit}")
    if k == 1:
        return f"over one seed: {', '.join(told)}"
    return f"over {k} seeds, mean +/- standard deviation: {', '.join(told)}; the file holds the first"
