"""``xpnet explain``: which columns a model goes by, in all rows or in one."""

import argparse
import json
from typing import Any

from xpnet.cli.commands.looking.evaluate import described_as, labelled, open_model, read_rows_beside, read_test_part
from xpnet.cli.commands.train import backend_line
from xpnet.cli.report import rows_and_labels
from xpnet.cli.terminal import shown
from xpnet.data import Dataset
from xpnet.io import Model
from xpnet.tabular.explaining.attributions import attributions
from xpnet.tabular.explaining.importance import permutation_importance

WIDEST = 24  # characters of a bar


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    model = open_model(options)
    if model.network.several:
        raise ValueError(f"{options.model} predicts several labels for each row, but a table has one label column")
    data = labelled(model, options) if options.row is None else _one_row(model, options)
    if not options.json:
        print(backend_line(options, model.backend))
    if options.row is None:
        _tell_importance(model, data, options)
    else:
        _tell_row(model, data.x, options)
    return 0


def _one_row(model: Model, options: argparse.Namespace) -> Dataset:
    """Return the row that the command line names, as ``xpnet predict`` numbers it; it needs no label."""
    if options.data is None:
        data, numbers = read_test_part(model)
        rows = list(map(int, numbers))
        if options.row not in rows:
            some = ", ".join(map(str, rows[:3]))
            raise ValueError(
                f"--row must be a row of the test part, such as {some}, got {options.row}; name DATA for more"
            )
        return data.take([rows.index(options.row)])
    described = described_as(model, options.data, options.target, options)
    data, _, _ = read_rows_beside(model, described, ())
    if options.row >= data.n:
        raise ValueError(f"--row must be one of the {data.n} rows, counted from 0, got {options.row}")
    return data.take([options.row])


def _tell_importance(model: Model, data: Any, options: argparse.Namespace) -> None:
    found = permutation_importance(
        model, *rows_and_labels(model, data), repeats=options.repeats, seed=options.seed
    ).sorted()
    rows = list(zip(map(str, found.columns), found.mean, found.std, found.cost_mean, strict=True))
    if options.json:
        head = {
            "rows": data.n,
            "score": found.score_name,
            "cost": found.cost_name,
            "baseline": found.baseline._asdict(),
        }
        print(json.dumps({"event": "importance", **head, "repeats": options.repeats}))
        for name, fall, spread, rise in rows:
            print(json.dumps({"column": name, "fall": fall, "spread": spread, "cost_rise": rise}))
        return
    print(
        f"{found.score_name} {found.baseline.score:.4f} of {data.n} rows; what is lost of it if a column is permuted:"
    )
    largest = max((abs(fall) for _, fall, _, _ in rows), default=0.0) or 1.0
    lines = [(shown(name), f"{fall:.4f}", f"+/- {spread:.4f}", fall / largest) for name, fall, spread, _ in rows]
    _print_bars(lines)


def _tell_row(model: Model, x: Any, options: argparse.Namespace) -> None:
    found = attributions(model, x)
    values = found.values[0].tolist()
    order = sorted(range(len(values)), key=lambda i: -abs(values[i]))
    answer = None if found.names is None else found.names[0]
    if options.json:
        head = {"row": options.row, "prediction": answer, "output": float(found.output[0])}
        print(json.dumps({"event": "attributions", **head, "baseline": float(found.baseline[0])}))
        for i in order:
            print(json.dumps({"column": str(found.columns[i]), "attribution": values[i]}))
        return
    what = (
        f"the value {found.output[0]:.6g}"
        if answer is None
        else f"{shown(answer)}, whose logit is {found.output[0]:.4g}"
    )
    print(f"row {options.row}: {what}; of an average row it is {found.baseline[0]:.4g}, and the columns add")
    largest = max(map(abs, values), default=0.0) or 1.0
    _print_bars([(shown(str(found.columns[i])), f"{values[i]:+.4g}", "", abs(values[i]) / largest) for i in order])


def _print_bars(lines: list[tuple[str, str, str, float]]) -> None:
    """Print names, figures, what stands beside them, and bars of shares of the largest."""
    names, figures, besides, _ = zip(*lines, strict=True)
    first, second, third = (max(map(len, words)) for words in (names, figures, besides))
    for name, figure, beside, share in lines:
        bar = "#" * round(WIDEST * max(0.0, share))
        print(f"  {name:<{first}}  {figure:>{second}}  {beside:<{third}}  {bar}".rstrip())
