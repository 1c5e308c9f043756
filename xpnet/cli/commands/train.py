"""``xpnet train``: read the data, train, save, and report."""

import argparse
import json
import os
import shlex
import sys
from collections import namedtuple
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from xpnet.backend import Backend, get
from xpnet.cli.commands.processes import sharing
from xpnet.cli.inputs.parts import fingerprint
from xpnet.cli.outputs import Output, check_outputs, interrupted_name, is_history
from xpnet.cli.parsing.again import words_again
from xpnet.cli.printing.profile import tell_profile
from xpnet.cli.printing.start_and_end import announce, report
from xpnet.cli.report import rows_and_labels, tell_remarks, test_model
from xpnet.cli.terminal import shown
from xpnet.cli.training.fitting import Fitted, batch_size_of, fit, network_of, with_scaled_batch
from xpnet.cli.training.learning_curve import parts_of_rows
from xpnet.cli.training.preparing import Prepared, describe, n_inputs, prepare, stem_of
from xpnet.cli.training.resuming import note_command, options_of, tell_resume
from xpnet.cli.training.retraining import described_from, open_start
from xpnet.data import Dataset
from xpnet.io import Model, is_model_file, save, save_records
from xpnet.report import is_page, report_numbers, write_page
from xpnet.signals import held
from xpnet.training import Record, Result
from xpnet.training.parallel import Parallel


def run(options: argparse.Namespace) -> int:
    """Run the command: alone, or as one of the processes of an MPI job, of which the first one prints and saves."""
    if options.resume is not None:
        options = options_of(options)
    _check_flags(options)
    note_command(options)
    with sharing(options) as parallel:
        return _run(options, parallel)


def _run(options: argparse.Namespace, parallel: Parallel | None) -> int:
    options.data = options.data or "digits"
    described = describe(options)
    out = Path(options.out or f"xpnet-{stem_of(described)}.safetensors")
    _check_outputs(options, out)
    backend = choose_backend(options)
    start = open_start(options, described, backend)
    described = described if start is None else described_from(start, described)
    if not options.json:
        print(backend_line(options, backend))
    prepared = prepare(options, described, backend, start)
    asked, options, parts = options, prepared.options, prepared.parts
    if options.early_stopping is not None and parts.validation is None and options.folds is None:
        options.usage_error("--early-stopping needs --validation FRACTION to watch")
    described["digest"] = None if parts.test is None else fingerprint(parts.test)
    described["features"] = None if parts.train.features is None else list(parts.train.features)
    network = (
        start.network if start else network_of(options, parts.train, n_inputs(prepared.preprocessing, parts.train))
    )
    if options.scale_batch:
        options = with_scaled_batch(options, network, 1 if parallel is None else parallel.size)
        prepared = prepared._replace(options=options)
    announce(options, network, parts, backend, batch_size_of(options.batch_size))
    tell_profile(options, prepared.profile, prepared.preprocessing, prepared.remarks)
    if options.dry_run:
        return 0
    points = _smaller(asked, prepared, described, backend) if options.learning_curve else []
    sound = _sound(options, fit(prepared, network, described, backend, start, parallel))
    if parallel is not None and parallel.rank > 0:
        return 0
    model = sound.models[0] if options.seeds else sound.ensemble
    if any(result.stopped_by == "interrupted" for result in sound.results):
        _keep_interrupted(options, model, sound.results, out)
        tell_resume(options)
        raise KeyboardInterrupt
    _save(model, sound.results, out, _history(options))
    page = _page(options, out)
    if page is not None:
        _write_page(page, asked, model, parts.test, sound, out)
    report(options, model, parts, sound.models, sound.results, out, start=start, points=points)
    return 0


def _check_flags(options: argparse.Namespace) -> None:
    """Refuse flags that exclude each other."""
    if options.seeds and options.members:
        options.usage_error("--seeds and --members exclude each other: an error bar of single networks, or their mean")
    if options.film and options.seeds:
        options.usage_error("--film shows one model: leave out --seeds")
    if isinstance(options.report, str) and Path(options.report).suffix.lower() not in (".html", ".htm"):
        options.usage_error(f"--report must end in .html, got {options.report}; DATA stands before it")
    if options.fast and (options.seeds or options.members):
        options.usage_error("--fast trains one network: leave out --seeds and --members")
    if options.learning_curve and (options.start or options.test_size == 0.0):
        options.usage_error("--learning-curve trains anew and tests: leave out --start, and --test-size 0")
    if options.distributed and (options.seeds or (options.members or 1) > 1 or options.learning_curve):
        options.usage_error("--distributed trains one network: leave out --seeds, --members and --learning-curve")
    if options.scale_batch and not options.distributed:
        options.usage_error("--scale-batch needs --distributed: it is by the number of processes")


def _sound(options: argparse.Namespace, fitted: Fitted) -> Fitted:
    """Return the networks that did not diverge; it is an error if all did."""
    sound = fitted.sound
    if not sound.results:
        result = fitted.results[0]
        raise ValueError(f"training diverged in epoch {len(result.history)}: {result.advice}")
    if len(sound.results) < len(fitted.results) and not options.quiet:
        tell_remarks([f"{len(fitted.results) - len(sound.results)} of {len(fitted.results)} networks diverged"])
    return sound


def _smaller(
    asked: argparse.Namespace, prepared: Prepared, described: dict[str, Any], backend: Backend
) -> list[tuple[int, Any]]:
    """Return (rows, test figures) of models that are trained on parts of the training part."""
    train, test, points = prepared.parts.train, prepared.parts.test, []
    if test is None:
        return []
    labels = None if train.classes is None else train.y
    for rows in parts_of_rows(labels, train.n, prepared.options.seed):
        part = prepared.of_rows(asked, described, rows)
        part.options.quiet, part.options.json, part.options.film = True, False, False
        network = network_of(part.options, part.parts.train, n_inputs(part.preprocessing, part.parts.train))
        sound = _sound(part.options, fit(part, network, described, backend))
        if any(result.stopped_by == "interrupted" for result in sound.results):
            raise KeyboardInterrupt
        points.append((len(rows), test_model(sound.ensemble, test)))
    return points


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
    if (options.report is True or (options.film and not options.report)) and _is_special(out):
        options.usage_error("--report needs the name of a page where -o is a device or a pipe")
    page = _page(options, out)
    pages = [] if page is None else [Output("--report", page, is_page, "xpnet report")]
    check_outputs([*outputs, *pages], [options.data], force=options.force)
    kept = [one._replace(path=interrupted_name(one.path)) for one in outputs if not _is_special(one.path)]
    check_outputs(kept, [options.data], force=options.force)


def _page(options: argparse.Namespace, out: Path) -> Path | None:
    """Return the page that is asked for, if one is."""
    if isinstance(options.report, str):
        return Path(options.report)
    return out.with_suffix(".html") if options.report or options.film else None


def _write_page(
    page: Path, asked: argparse.Namespace, model: Model, test: Dataset | None, fitted: Fitted, out: Path
) -> None:
    labels = None if test is None else rows_and_labels(model, test)
    told: dict[str, Any] = {"film": fitted.film, "name": out.stem}
    told["histories"] = [result.history for result in fitted.results]
    told["command"] = shlex.join(["xpnet", "train", *map(str, words_again(asked, ("quiet", "json", "force")))])
    why_not = "" if test is not None else "the network was trained on all rows (--test-size 0)"
    write_page(page, report_numbers(model, labels, why_no_test=why_not, **told))
    if asked.json:
        print(json.dumps({"event": "page", "page": str(page)}))
    elif not asked.quiet:
        print(f"page     {shown(page)}")


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
