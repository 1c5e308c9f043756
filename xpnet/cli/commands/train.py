"""``xpnet train``: read the data, train, save, and report."""

import argparse
import json
import os
import sys
from collections import namedtuple
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, NamedTuple

from xpnet.backend import Backend, get
from xpnet.cli.defaults import settled
from xpnet.cli.fitting import batch_size_of, fit, network_of
from xpnet.cli.inputs.parts import Parts, features_of, fingerprint, parts_of, profile_of, read_to_split, remarks_of
from xpnet.cli.inputs.rows import about, check_parts
from xpnet.cli.inputs.sources import find, preprocessing_for, told_reading
from xpnet.cli.outputs import Output, check_outputs, interrupted_name, is_history
from xpnet.cli.printing.profile import tell_profile
from xpnet.cli.printing.start_and_end import announce, report
from xpnet.cli.report import tell_remarks
from xpnet.cli.terminal import shown
from xpnet.data import Column, Dataset, Encoding, Scaling
from xpnet.data.profiling.data_profile import DataProfile
from xpnet.data.tables.delimited.contents import table_name
from xpnet.data.tables.formats import WITH_CELLS, endings, holds_cells
from xpnet.io import Model, is_model_file, save, save_records
from xpnet.signals import held
from xpnet.training import Record, Result


class Prepared(NamedTuple):
    """The options settled, the parts of the data, what raw rows go through, and what was found out about them."""

    options: argparse.Namespace
    parts: Parts
    preprocessing: Scaling | Encoding
    profile: DataProfile | None
    remarks: list[str]
    by: Column | None  # the column that split the rows


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    if options.seeds and options.members:
        options.usage_error("--seeds and --members exclude each other: an error bar of single networks, or their mean")
    if options.fast and (options.seeds or options.members):
        options.usage_error("--fast trains one network: leave out --seeds and --members")
    options.data = options.data or "digits"
    described = describe(options)
    out = Path(options.out or f"xpnet-{stem_of(described)}.safetensors")
    _check_outputs(options, out)
    backend = choose_backend(options)
    if not options.json:
        print(backend_line(options, backend))
    options, parts, preprocessing, profile, remarks, by = prepare(options, described, backend)
    if options.early_stopping is not None and parts.validation is None and options.folds is None:
        options.usage_error("--early-stopping needs --validation FRACTION to watch")
    described["digest"] = None if parts.test is None else fingerprint(parts.test)
    described["features"] = None if parts.train.features is None else list(parts.train.features)
    network = network_of(options, parts.train, n_inputs(preprocessing, parts.train))
    announce(options, network, parts, backend, batch_size_of(options.batch_size))
    tell_profile(options, profile, preprocessing, remarks)
    if options.dry_run:
        return 0
    fitted = fit(options, network, parts, preprocessing, described, backend, by)
    sound = fitted.sound
    if not sound.results:
        result = fitted.results[0]
        raise ValueError(f"training diverged in epoch {len(result.history)}: {result.advice}")
    if len(sound.results) < len(fitted.results) and not options.quiet:
        tell_remarks([f"{len(fitted.results) - len(sound.results)} of {len(fitted.results)} networks diverged"])
    model = sound.models[0] if options.seeds else Model.ensemble(sound.models)
    if any(result.stopped_by == "interrupted" for result in sound.results):
        _keep_interrupted(options, model, sound.results, out)
        raise KeyboardInterrupt
    _save(model, sound.results, out, _history(options))
    report(options, model, parts, *sound, out)
    return 0


def prepare(options: argparse.Namespace, described: dict[str, Any], backend: Backend) -> Prepared:
    """Return the checked parts of the data; errors name the file, and a dry run reports before them what it can."""
    with about(described["path"], cells=described["cells"]):
        whole, by = read_to_split(described)
        profile = profile_of(whole, described)
        try:
            parts = parts_of(features_of(whole, profile, described), by, described)
            options = settled(options, described["source"], parts.train)
            described |= {"bins": options.bins, "rare": options.rare}
            preprocessing = preprocessing_for(described, parts.train)
            check_parts(described, preprocessing, parts, backend.dtype_name)
        except ValueError:
            if options.dry_run and profile is not None:
                tell_profile(options, profile, None, list(profile.remarks))
            raise
    return Prepared(options, parts, preprocessing, profile, remarks_of(whole, profile, parts, described), by)


def n_inputs(preprocessing: Scaling | Encoding, train: Dataset) -> int:
    """Return how many inputs raw rows become."""
    return len(preprocessing.names) if isinstance(preprocessing, Encoding) else int(train.x.shape[1])


def choose_backend(options: argparse.Namespace, dtype: str | None = None) -> Backend:
    """Return the backend that the options name."""
    device = options.device
    if device is not None and device.lstrip("-").isdigit():
        device = int(device)
    how = {"threads": options.threads, "tf32": options.tf32, "memory_limit": options.memory_limit}
    given = {name: value for name, value in how.items() if value is not None}
    return get(options.backend, device=device, dtype=options.dtype or dtype, **given)


def backend_line(options: argparse.Namespace, backend: Backend) -> str:
    """Return the line that names the backend."""
    info = backend.info()
    picked = " (picked by auto)" if (options.backend or os.environ.get("XPNET_BACKEND")) == "auto" else ""
    return f"backend  {info['name']} {info['version']}{picked}, {info['device']}, {info['dtype']}"


def describe(options: argparse.Namespace) -> dict[str, Any]:
    """Return the origin of the data and how they are split, as plain JSON."""
    source, path = find(options.data)
    if source == "table" and options.target is None:
        options.usage_error(f"a table needs --target COLUMN: which column of {options.data} holds the labels?")
    if source != "table" and options.target is not None:
        options.usage_error(f"--target is for tables; {options.data} has labels of its own; name the table as DATA")
    if source != "table" and options.task is not None:
        options.usage_error(f"--task is for tables; {options.data} has classes of its own")
    cells = source == "table" and holds_cells(options.data)
    if not cells and (options.impute or options.categorical or options.ignore or options.bins or options.rare):
        flags = "--impute, --categorical, --ignore, --bins and --rare"
        options.usage_error(f"{flags} are for tables in {', '.join(endings(WITH_CELLS))}")
    if source != "table" and options.fast:
        options.usage_error(f"--fast is for tables; {options.data} trains fast")
    by = options.split_by or options.split_time
    if source != "table" and (by or options.keep):
        options.usage_error(f"--split-by, --split-time and --keep are for tables; {options.data} has no named columns")
    if by is not None and by == options.target:
        options.usage_error(f"--target and the column that splits the rows must differ, got {by} twice")
    if source == "mnist" and (options.split, options.test_size, options.validation) != ("stratified", 0.2, None):
        options.usage_error(f"{options.data} has parts of its own: leave out --split, --test-size and --validation")
    validation = options.validation or 0.0
    for flag, fraction in (("--validation", validation), ("--test-size", options.test_size)):
        if not 0.0 <= fraction < 1.0:
            options.usage_error(f"{flag} must be at least 0 and below 1, got {fraction}")
    return {
        "source": source,
        "path": path,
        "target": options.target,
        "task": options.task,
        "features": None,
        "cells": cells,
        "impute": {None: "indicator", "none": None}.get(options.impute, options.impute) if cells else None,
        "categorical": options.categorical,
        "ignore": options.ignore,
        "keep": options.keep,
        "reading": told_reading(options),
        "drop_missing_target": options.drop_missing_target,
        "split": _split(options),
        "validation": validation,
    }


def _split(options: argparse.Namespace) -> dict[str, Any]:
    """Return how rows are split, as plain JSON; a column that splits them is named."""
    kind = "group" if options.split_by else "time" if options.split_time else options.split
    column = {"column": options.split_by or options.split_time} if kind in ("group", "time") else {}
    seed = options.seed if options.split_seed is None else options.split_seed
    return {"kind": kind, **column, "fraction": options.test_size, "seed": seed}


def stem_of(described: dict[str, Any]) -> str:
    """Return what a file that is made of these data is called by default."""
    return table_name(described["path"]) if described["source"] == "table" else str(described["source"])


def _history(options: argparse.Namespace) -> Path | None:
    return Path(options.history) if options.history else None


def _check_outputs(options: argparse.Namespace, out: Path) -> None:
    outputs, history = [Output("-o", out, is_model_file)], _history(options)
    if history is not None:
        if history.suffix not in (".csv", ".jsonl"):
            options.usage_error(f"--history must end in .csv or .jsonl, got {history}")
        if options.epochs == 0:
            options.usage_error("--history needs an epoch to write, got --epochs 0")
        outputs.append(Output("--history", history, is_history))
    check_outputs(outputs, [options.data], force=options.force)
    kept = [one._replace(path=interrupted_name(one.path)) for one in outputs if not _is_special(one.path)]
    check_outputs(kept, [options.data], force=options.force)


def _is_special(path: Path) -> bool:
    """Return whether this is a device or a pipe; nothing is saved beside those."""
    return path.exists() and not path.is_file()


def _save(model: Model, results: Sequence[Result], out: Path, history: Path | None) -> None:
    waits = _is_special(out) or (history is not None and _is_special(history))  # a pipe may have no reader yet
    with nullcontext() if waits else held():  # the two files belong together
        save(out, model)
        if history:
            save_records(history, history_records(results))


def history_records(results: Sequence[Result]) -> list[Any]:
    """Return the records of a network, or those of several with the number of the network behind."""
    if len(results) == 1:
        return list(results[0].history)
    numbered = namedtuple("NumberedRecord", [*Record._fields, "network"])  # type: ignore[misc]  # noqa: PYI024
    return [
        numbered(*record, i)  # type: ignore[call-arg]  # the fields are not written out
        for i, result in enumerate(results)
        for record in result.history
    ]


def _keep_interrupted(options: argparse.Namespace, model: Model, results: Sequence[Result], out: Path) -> None:
    """Save the whole epochs beside the files that training would have written, and print where."""
    epochs = len(results[0].history)
    if not epochs or _is_special(out):
        why = "it would be beside a device or a pipe" if epochs else "no epoch was whole"
        print(f"xpnet: nothing is saved: {why}", file=sys.stderr)
        return
    beside, history = interrupted_name(out), _history(options)
    _save(model, results, beside, None if history is None or _is_special(history) else interrupted_name(history))
    if options.json:
        print(json.dumps({"event": "interrupted", "model": str(beside), "epochs": epochs}))
    print(f"xpnet: {epochs} whole epoch{'s' * (epochs > 1)} saved to {shown(beside)}", file=sys.stderr)
