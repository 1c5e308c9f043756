"""``xpnet evaluate``: test a saved network."""

import argparse
import json
from collections.abc import Sequence
from typing import Any

from xpnet.cli.commands.train import backend_line, choose_backend
from xpnet.cli.inputs.parts import read_known_test
from xpnet.cli.inputs.relabeling import relabel
from xpnet.cli.inputs.rows import about, check_rows
from xpnet.cli.inputs.sources import find, is_labels_file, read_to_predict, read_whole, target_of, told_reading
from xpnet.cli.report import (
    baseline_line,
    certainty,
    certainty_line,
    class_table,
    figures,
    member_means,
    members_line,
    summary,
    summary_line,
    tell_remarks,
    test_model,
)
from xpnet.data import Column, Dataset
from xpnet.data.preparing.remarks import unseen_remarks
from xpnet.io import Model, load


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    model = open_model(options)
    if model.network.several:
        raise ValueError(f"{options.model} predicts several labels for each row, but a table has one label column")
    data = labelled(model, options)
    test = test_model(model, data)
    whole = figures(model, data, test)
    means = member_means(model, data)
    sure = certainty(model, data)
    if options.json:
        told = {"rows": data.n, **summary(model, test), "cost": whole["cost"], "members": model.n_members, **sure}
        print(json.dumps(told | ({} if means is None else {"member_means": means})))
        return 0
    print(backend_line(options, model.backend))
    print(f"test {summary_line(test)}", f"cost {whole['cost']:.4g}", sep="\n")
    alone = means and members_line(model.n_members, means)
    print(*filter(None, [alone, certainty_line(sure), baseline_line(model, test), class_table(model, test)]), sep="\n")
    return 0


def open_model(options: argparse.Namespace) -> Model:
    """Return the model that the command line names, on the backend that it names."""
    model = load(options.model, "numpy")
    if model.data is None or "source" not in model.data:
        raise ValueError(f"{options.model} was saved from a program, without its data; use xpnet.load")
    if options.data is None and "estimator" in model.data:
        raise ValueError(f"{options.model} holds a {model.data['estimator']['kind']}, and no rows: name DATA")
    return model.to(choose_backend(options, dtype=model.backend.dtype_name))


def described_as(model: Model, data: str, target: str | None, options: argparse.Namespace) -> dict[str, Any]:
    """Return the description of other data for this model; flags of its text count before those of training."""
    source, path = find(data)
    known = model.data or {}
    if source == "table" and known["source"] != "table":
        known = {**known, "features": None, "cells": False}
    own = is_labels_file(known["path"], known["target"])  # the labels of other rows
    wanted = target_of(path, target) or (None if own else known["target"])
    task = "regression" if model.classes is None else "classification"
    reading = {**known.get("reading", {}), **told_reading(options)}
    drop = options.drop_missing_target or known.get("drop_missing_target", False)
    told = {"reading": reading, "drop_missing_target": drop}
    return {**known, **told, "source": source, "path": path, "target": wanted, "task": task}


def read_test_part(model: Model) -> tuple[Dataset, Any]:
    """Return the test part of the data that `model` was trained with, and its row numbers; errors name the file."""
    described = model.data or {}
    if described["path"] == "-":
        raise ValueError("the test part came from standard input and is gone: name DATA")
    with about(described["path"], cells=described.get("cells", False)):
        return read_known_test(described)


def read_rows(model: Model, described: dict[str, Any]) -> Dataset:
    """Return the rows of another file with targets, checked to be rows that `model` can read."""
    with about(described["path"], cells=described["cells"]):
        return _checked(model, described, read_whole(described, preprocessing=model.preprocessing))


def read_rows_beside(
    model: Model, described: dict[str, Any], ids: Sequence[str]
) -> tuple[Dataset, tuple[Column, ...], Column | None]:
    """Return the rows of another file without targets, checked as well, the columns of ids, and that of the targets."""
    with about(described["path"], cells=described["cells"]):
        data, columns, target = read_to_predict(described, ids, model.preprocessing)
        return _checked(model, described, data), columns, target


def _checked(model: Model, described: dict[str, Any], data: Dataset) -> Dataset:
    """Refuse rows that `model` cannot read, and tell what it has not seen; errors name the file and the line."""
    check_rows(described, model.preprocessing, data, model.backend.dtype_name)
    tell_remarks([*data.remarks, *unseen_remarks(model.preprocessing, data.x)])
    return data


def labelled(model: Model, options: argparse.Namespace) -> Dataset:
    """Return the rows that the command line names, with the model's labels; without DATA the known test part."""
    if options.data is None:
        return read_test_part(model)[0]
    described = described_as(model, options.data, options.target, options)
    if described["source"] == "table" and described["target"] is None:
        raise ValueError(f"{options.data} is a table: name its label column with --target")
    data = read_rows(model, described)
    return data if model.classes is None else relabel(data, model.classes, options.data)
