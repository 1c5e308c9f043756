"""``xpnet train``: read the data, train, save, and say what was learned."""

import argparse
import json
import os
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from xpnet.backend import Backend, get
from xpnet.cli.advice import advice
from xpnet.cli.progress import Bar, Json, Lines
from xpnet.cli.report import class_table, picture, summary, summary_line, test_model
from xpnet.cli.sources import CELLS, Parts, find, fingerprint, preprocessing_for, read_parts
from xpnet.data import Dataset, Encoding, Scaling
from xpnet.io import Model, is_model_file, save, save_records
from xpnet.nn import Network
from xpnet.training import OPTIMIZERS, Callback, Optimizer, Result, clip_norm, train
from xpnet.training.watching.stopping import no_improvement


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    described = _describe(options)
    out = Path(options.out or f"xpnet-{_stem(described)}.safetensors")
    check_out(out, options.force, is_model_file)
    if options.history:
        _check_history(options)
    backend = choose_backend(options)
    if not options.json:
        print(backend_line(options, backend))
    parts = read_parts(described)
    if options.early_stopping is not None and parts.validation is None:
        options.usage_error("--early-stopping needs --validation FRACTION to watch")
    described["digest"] = fingerprint(parts.test)
    described["features"] = None if parts.train.features is None else list(parts.train.features)
    preprocessing = preprocessing_for(described, parts.train)
    network = _network(options, parts.train, len(preprocessing.apply(parts.train.x[:1])[0]))
    if not (options.quiet or options.json):
        told = advice(network, _batch_size(options.batch_size) or parts.train.n, backend.name)
        print(_data_line(parts), _network_line(network), *filter(None, [told]), sep="\n")
    if options.json:
        print(json.dumps({"event": "start", **backend.info(), "network": repr(network), "examples": parts.train.n}))
    model, result = _fit(options, network, parts, preprocessing, described, backend)
    if result.stopped_by == "diverged":
        raise ValueError(f"training diverged in epoch {len(result.history)}: {result.advice}")
    save(out, model)
    if options.history:
        save_records(options.history, result.history)
    _report(options, model, parts, result, out)
    return 0


def choose_backend(options: argparse.Namespace, dtype: str | None = None) -> Backend:
    """Return the backend that the options name."""
    device = options.device
    if device is not None and device.lstrip("-").isdigit():
        device = int(device)
    how = {"threads": options.threads, "tf32": options.tf32, "memory_limit": options.memory_limit}
    given = {name: value for name, value in how.items() if value is not None}
    return get(options.backend, device=device, dtype=options.dtype or dtype, **given)


def backend_line(options: argparse.Namespace, backend: Backend) -> str:
    """Return the line that says where it computes."""
    info = backend.info()
    picked = " (picked by auto)" if (options.backend or os.environ.get("XPNET_BACKEND")) == "auto" else ""
    return f"backend  {info['name']} {info['version']}{picked}, {info['device']}, {info['dtype']}"


def _describe(options: argparse.Namespace) -> dict[str, Any]:
    source, path = find(options.data)
    if source == "table" and options.target is None:
        options.usage_error(f"a table needs --target COLUMN: which column of {options.data} holds the labels?")
    if source != "table" and options.target is not None:
        options.usage_error(f"--target is for tables; {options.data} has labels of its own")
    if source != "table" and options.task is not None:
        options.usage_error(f"--task is for tables; {options.data} has classes of its own")
    cells = source == "table" and Path(options.data).suffix.lower() in CELLS
    if not cells and (options.impute or options.categorical or options.ignore):
        options.usage_error("--impute, --categorical and --ignore are for CSV and Parquet tables")
    if source == "mnist" and (options.split, options.test_size, options.validation) != ("stratified", 0.2, 0.0):
        options.usage_error(f"{options.data} has parts of its own: leave out --split, --test-size and --validation")
    seed = options.seed if options.split_seed is None else options.split_seed
    return {
        "source": source,
        "path": path,
        "target": options.target,
        "task": options.task,
        "features": None,
        "cells": cells,
        "impute": options.impute,
        "categorical": options.categorical,
        "ignore": options.ignore,
        "split": {"kind": options.split, "fraction": options.test_size, "seed": seed},
        "validation": options.validation,
    }


def _stem(described: dict[str, Any]) -> str:
    return Path(described["path"]).stem if described["source"] == "table" else str(described["source"])


def _check_history(options: argparse.Namespace) -> None:
    path = Path(options.history)
    if path.suffix not in (".csv", ".jsonl"):
        options.usage_error(f"--history must end in .csv or .jsonl, got {path}")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"folder {path.parent} does not exist; make it first")


def check_out(out: Path, force: bool, is_own: Callable[[Path], bool]) -> None:
    """Refuse a file that cannot be written, or that is not one of our own, before any work is done."""
    if out.is_dir():
        raise IsADirectoryError(f"{out} is a folder; name a file with -o")
    if not out.parent.is_dir():
        raise FileNotFoundError(f"folder {out.parent} does not exist; make it first")
    if not os.access(out.parent, os.W_OK):
        raise PermissionError(f"folder {out.parent} is not writable; name another file with -o")
    if out.exists() and not force and not is_own(out):
        raise FileExistsError(f"{out} was not written by xpnet; name another file with -o, or use --force")


def _network(options: argparse.Namespace, train: Dataset, n_in: int) -> Network:
    hidden = [] if options.hidden == [0] else options.hidden
    if train.classes is None:
        if options.cost not in (None, "quadratic") or options.output is not None or options.class_weight is not None:
            options.usage_error("a regression has linear output and quadratic cost: leave out --cost, --output, ...")
        n_out, output, cost = 1, "linear", "quadratic"
    else:
        n_out, output, cost = len(train.classes), options.output, options.cost or "cross_entropy"
    return Network([n_in, *hidden, n_out], hidden=options.activation, output=output, cost=cost, dropout=options.dropout)


def _optimizer(options: argparse.Namespace, classifies: bool) -> Optimizer:
    make = OPTIMIZERS[options.optimizer]
    if options.eta is None and options.optimizer == "sgd" and not classifies:
        return make(eta=0.05)  # an error of a linear output is not bounded by 1
    return make() if options.eta is None else make(eta=options.eta)


def _batch_size(given: str) -> int | None:
    if given == "full":
        return None
    try:
        return int(given)
    except ValueError:
        raise ValueError(f"--batch-size must be a whole number or full, got {given!r}") from None


def _fit(
    options: argparse.Namespace,
    network: Network,
    parts: Parts,
    preprocessing: Scaling | Encoding,
    described: dict[str, Any],
    backend: Backend,
) -> tuple[Model, Result]:
    targets = None if network.classifies else Scaling.standardize(parts.train.y[:, None])  # type: ignore[index]
    pairs = [
        None if part is None else (preprocessing.apply(part.x, dtype=backend.dtype_name), _targets(part, targets))
        for part in (parts.train, parts.validation)
    ]
    progress = _progress(options)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "training diverged", RuntimeWarning)  # it is this command's error
            result = train(
                network,
                pairs[0],  # type: ignore[arg-type]  # the training part is never None
                validation=pairs[1],
                epochs=options.epochs,
                batch_size=_batch_size(options.batch_size),
                optimizer=_optimizer(options, network.classifies),
                l2=options.l2,
                l1=options.l1,
                max_norm=options.max_norm,
                clip=None if options.clip_norm is None else clip_norm(options.clip_norm),
                class_weight=options.class_weight,
                stopping=None if options.early_stopping is None else no_improvement(options.early_stopping),
                callbacks=[progress] if progress else [],
                parameters=network.initialize(backend, options.seed, options.scheme),
                seed=options.seed,
                backend=backend,
            )
    finally:
        if isinstance(progress, Bar):
            progress.close()
    return Model(network, result.best_parameters, preprocessing, parts.train.classes, described, targets), result


def _targets(part: Dataset, targets: Scaling | None) -> Any:
    return part.y if targets is None or part.y is None else targets.apply(part.y[:, None], dtype="float64")


def _progress(options: argparse.Namespace) -> Callback | None:
    if options.json:
        return Json()
    if options.quiet:
        return None
    return Bar() if sys.stdout.isatty() else Lines()


def _data_line(parts: Parts) -> str:
    train, watched = parts.train, f", {parts.validation.n} to watch" if parts.validation else ""
    shape = f"{train.x.shape[1]} columns, {f'{len(train.classes)} classes' if train.classes else 'numbers to predict'}"
    return f"data     {train.name}: {shape}; {train.n} to train on{watched}, {parts.test.n} to test"


def _network_line(network: Network) -> str:
    weights = sum(n_out * (n_in + 1) for n_in, n_out in zip(network.sizes[:-1], network.sizes[1:], strict=True))
    layers = "-".join(map(str, network.sizes))
    names = " ".join(f.name for f in network.activations)
    return f"network  {layers}, {names}, cost {network.cost.name}: {weights:,} parameters"


def _report(options: argparse.Namespace, model: Model, parts: Parts, result: Result, out: Path) -> None:
    test = test_model(model, parts.test)
    if options.json:
        end = {"event": "end", "stopped_by": result.stopped_by, "model": str(out), "epochs": len(result.history)}
        end["execution"] = result.execution
        print(json.dumps(end | {f"test_{name}": value for name, value in summary(model, test).items()}))
        return
    if options.quiet:
        print(f"test {summary_line(test)}")
        return
    seconds = sum(result.history.column("seconds"))
    how = f"stopped by: {result.stopped_by}; steps {result.execution}"
    print(f"\ntrained {len(result.history)} epochs in {seconds:.1f} s ({how})")
    print(f"test {summary_line(test)}", class_table(model, test), sep="\n")
    if (model.data or {})["source"] == "digits" and options.split != "ordered":
        print("  The test part is drawn from all writers; with --split ordered (other writers) 90-92 % is normal.")
    print(picture(model, test, parts.test))
    print(f"\nsaved to {out}; try next:\n  xpnet evaluate {out}\n  xpnet predict {out}\n  xpnet train --help")
