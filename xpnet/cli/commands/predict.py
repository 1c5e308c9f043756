"""``xpnet predict``: a label for each row, as CSV."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from xpnet.backend import to_numpy
from xpnet.cli.commands.looking.evaluate import described_as, open_model, read_rows_beside, read_test_part
from xpnet.cli.inputs.pictures import read_picture
from xpnet.cli.inputs.sources import read_ids
from xpnet.cli.outputs import Output, check_outputs, is_prediction
from xpnet.cli.printing.predictions import (
    Columns,
    csv_text,
    json_text,
    label_cells,
    printable,
    quoted,
    shortest,
    spread_columns,
)
from xpnet.cli.report import judge, predict, summary_line, tell_remarks
from xpnet.data import Dataset
from xpnet.data.columns.cells import category
from xpnet.data.columns.column import Column
from xpnet.data.images.pictures import is_picture
from xpnet.data.tables.columns import repeated_names
from xpnet.io import Model, write_atomically


class Found(NamedTuple):
    """The rows to predict, and what is written beside the predictions."""

    data: Dataset
    rows: Any  # (n,), their numbers
    ids: tuple[Column, ...] = ()
    labels: list[Any] | None = None  # true labels as they are written, None where there is none


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    path = None if options.out in (None, "-") else Path(options.out)
    out = [Output("-o", path, is_prediction, "xpnet predict")] if path else []
    check_outputs(out, [options.model, options.data], force=options.force)
    model = open_model(options)
    if options.spread and model.n_members < 2:
        raise ValueError(f"--spread needs an ensemble of two or more networks, got one network in {options.model}")
    if options.data is None:
        check_outputs(out, [(model.data or {})["path"]], force=options.force)
    found = _rows(model, options)
    predicted = predict(model, found.data)
    columns = _columns(model, options, found, predicted)
    if path is None and sys.stdout.isatty():
        columns = printable(columns)
    text = json_text(columns) if options.json else csv_text(columns)
    if path:
        write_atomically(path, text.encode())
    else:
        sys.stdout.write(text)
    if not model.network.several:
        _tell_score(model, found, predicted)
    return 0


def _columns(model: Model, options: argparse.Namespace, found: Found, predicted: Any) -> Columns:
    """Return the columns to write: row numbers, ids, predictions, true labels, probabilities, spreads."""
    names = model.classes or (range(model.network.n_classes) if model.network.classifies else ())
    labels = _labels(model, predicted, names)
    ids = [(each.name, label_cells(each)) for each in found.ids]
    true = [] if found.labels is None else [("label", found.labels)]
    if options.quote_formulas:
        labels, ids = quoted(labels), [(name, quoted(cells)) for name, cells in ids]
        true = [(name, quoted(cells)) for name, cells in true]
    proba = to_numpy(model.predict_proba(found.data.x)) if options.proba else None
    shares = [] if proba is None else [(f"p_{c}", shortest(proba[:, i])) for i, c in enumerate(names)]
    apart = spread_columns(model, found.data.x, predicted, names, each=options.proba) if options.spread else []
    ends = [] if options.interval is None else _interval(model, options, found.data)
    columns = [("row", list(map(int, found.rows))), *ids, ("prediction", labels), *ends, *true, *shares, *apart]
    twice = repeated_names([name for name, _ in columns])
    if twice:
        raise ValueError(f"--id must name a column that is called otherwise than those of the output, got {twice[0]!r}")
    return columns


def _interval(model: Model, options: argparse.Namespace, data: Dataset) -> Columns:
    """Return the columns of the ends of the intervals."""
    if model.errors is None:
        raise ValueError(f"--interval needs a regression that knows its errors on other rows, got {options.model}")
    ends = to_numpy(model.predict_interval(data.x, options.interval))
    return [("low", shortest(ends[:, 0])), ("high", shortest(ends[:, 1]))]


def _labels(model: Model, predicted: Any, names: Sequence[Any]) -> list[Any]:
    """Return what to write for each row: a label, a value, or the names of several labels, separated by semicolons."""
    if model.network.several:
        return [";".join(str(name) for name, here in zip(names, row, strict=True) if here) for row in predicted]
    # as written: 1 stays 1 beside 0.5
    return [names[i] for i in predicted.tolist()] if names else shortest(predicted)


def _rows(model: Model, options: argparse.Namespace) -> Found:
    if options.data is not None and is_picture(options.data):
        if options.id:
            raise ValueError("--id needs a table, which has columns with names, got a picture")
        return Found(read_picture(model, options.data), range(1))
    known = model.data or {}
    described = known if options.data is None else described_as(model, options.data, None, options)
    if options.id and described["source"] != "table":
        raise ValueError(f"--id needs a table, which has columns with names, got {described['source']}")
    if options.data is not None:
        data, ids, target = read_rows_beside(model, described, options.id)
        return Found(data, range(data.n), ids, None if target is None else label_cells(target))
    data, rows = read_test_part(model)
    ids = tuple(column.take(rows) for column in read_ids(described, options.id))
    if described["source"] != "table" or data.y is None:
        return Found(data, rows, ids)
    labels = data.y.tolist() if data.classes is None else [data.classes[i] for i in data.y.tolist()]
    return Found(data, rows, ids, labels)


def _tell_score(model: Model, found: Found, predicted: Any) -> None:
    """Print how good the predictions are, on the rows whose label the model knows."""
    if found.data.y is not None:
        print(summary_line(judge(model, found.data, predicted)), file=sys.stderr)
    if found.data.y is not None or found.labels is None:
        return
    numbers = _true_numbers(model, found.labels)
    known = [i for i, number in enumerate(numbers) if number is not None]
    if len(known) < len(numbers):
        gaps = len(numbers) - len(known)
        tell_remarks([f"{gaps} of {len(numbers)} rows have no label that the model knows: the figures leave them out"])
    if known:
        y = to_numpy([numbers[i] for i in known])
        part = Dataset(found.data.x[:0], y, model.classes)
        print(summary_line(judge(model, part, predicted[known])), file=sys.stderr)


def _true_numbers(model: Model, labels: list[Any]) -> list[Any]:
    """Return the class number, or the value, of each true label; None where the model knows none."""
    if model.classes is None:
        return [float(label) if isinstance(label, int | float) else None for label in labels]
    numbers = {category(label): i for i, label in enumerate(model.classes)}
    known = {label: None if label is None else numbers.get(category(label)) for label in set(labels)}
    return [known[label] for label in labels]
