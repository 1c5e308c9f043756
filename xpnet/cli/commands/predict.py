"""``xpnet predict``: a label for each row, as CSV."""

import argparse
import csv
import io
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from xpnet.backend import to_numpy
from xpnet.cli.commands.evaluate import described_as, open_model, read_rows, read_test_part
from xpnet.cli.outputs import Output, check_outputs, is_prediction
from xpnet.cli.report import judge, predict, summary_line
from xpnet.cli.terminal import shown
from xpnet.data import Dataset
from xpnet.io import Model, write_atomically

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # how a cell begins that a spreadsheet runs


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    out = [Output("-o", Path(options.out), is_prediction, "xpnet predict")] if options.out else []
    check_outputs(out, [options.model, options.data], force=options.force)
    model = open_model(options)
    if options.data is None:
        check_outputs(out, [(model.data or {})["path"]], force=options.force)
    data, rows = _rows(model, options)
    predicted = predict(model, data)
    names = model.classes or (range(model.network.n_classes) if model.network.several else ())
    labels = _labels(model, predicted, names)
    if options.quote_formulas:
        labels = [
            f"'{label}" if str(label).startswith(FORMULA) and isinstance(label, str) else label for label in labels
        ]
    proba = to_numpy(model.predict_proba(data.x)).tolist() if options.proba else [[]] * data.n
    header = ["row", "prediction", *(f"p_{c}" for c in names if options.proba)]
    table = [header, *([int(row), label, *p] for row, label, p in zip(rows, labels, proba, strict=True))]
    if not options.out and sys.stdout.isatty():
        table = [[shown(cell) if isinstance(cell, str) else cell for cell in line] for line in table]
    text = _json(table) if options.json else _csv(table)
    if options.out:
        write_atomically(options.out, text.encode())
    else:
        sys.stdout.write(text)
    if data.y is not None and not model.network.several:
        print(summary_line(judge(model, data, predicted)), file=sys.stderr)
    return 0


def _labels(model: Model, predicted: Any, names: Sequence[Any]) -> list[Any]:
    """Return what to write for each row: a label, a value, or the names of several labels, separated by semicolons."""
    if model.network.several:
        return [";".join(str(name) for name, here in zip(names, row, strict=True) if here) for row in predicted]
    # as written: 1 stays 1 beside 0.5
    return [names[i] for i in predicted.tolist()] if names else predicted.tolist()


def _rows(model: Model, options: argparse.Namespace) -> tuple[Dataset, Any]:
    if options.data is None:
        parts = read_test_part(model)
        return parts.test, parts.rows
    described = described_as(model, options.data, None, options)
    data = read_rows(model, described, with_target=False)
    return data, range(data.n)


def _csv(table: list[list[Any]]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows(table)
    return written.getvalue()


def _json(table: list[list[Any]]) -> str:
    header, *rows = table
    return "".join(json.dumps(dict(zip(header, row, strict=True))) + "\n" for row in rows)
