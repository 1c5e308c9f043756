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
from xpnet.cli.commands.evaluate import described_as, open_model
from xpnet.cli.report import judge, predict, summary_line
from xpnet.cli.sources import read_known_parts, read_whole
from xpnet.data import Dataset
from xpnet.io import Model, write_atomically


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    if options.out and not options.force:
        _check_out(Path(options.out))
    model = open_model(options)
    data, rows = _rows(model, options)
    predicted = predict(model, data)
    names = model.classes or (range(model.network.n_classes) if model.network.several else ())
    labels = _labels(model, predicted, names)
    proba = to_numpy(model.predict_proba(data.x)).tolist() if options.proba else [[]] * data.n
    header = ["row", "prediction", *(f"p_{c}" for c in names if options.proba)]
    table = [[int(row), label, *p] for row, label, p in zip(rows, labels, proba, strict=True)]
    text = _json(header, table) if options.json else _csv(header, table)
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


def _check_out(out: Path) -> None:
    """Refuse to write over anything but an earlier prediction: the table itself, for one."""
    if not out.is_file():
        return
    with out.open("rb") as file:
        if not file.read(14).startswith((b"row,prediction", b'{"row": ')):
            raise FileExistsError(f"{out} was not written by xpnet predict; name another file with -o, or use --force")


def _rows(model: Model, options: argparse.Namespace) -> tuple[Dataset, Any]:
    if options.data is None:
        parts = read_known_parts(model.data or {})
        return parts.test, parts.rows
    described = described_as(model, options.data, None)
    data = read_whole(described, with_target=False)
    return data, range(data.n)


def _csv(header: list[str], table: list[list[Any]]) -> str:
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(table)
    return written.getvalue()


def _json(header: list[str], table: list[list[Any]]) -> str:
    return "".join(json.dumps(dict(zip(header, row, strict=True))) + "\n" for row in table)
