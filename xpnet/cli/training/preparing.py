"""Read the data of a training, split them, and settle what the flags leave open."""

import argparse
from typing import Any, NamedTuple

import numpy as np

from xpnet.backend import Backend
from xpnet.cli.inputs.parts import Parts, features_of, parts_of, profile_of, read_to_split, remarks_of
from xpnet.cli.inputs.relabeling import relabel
from xpnet.cli.inputs.rows import about, check_parts
from xpnet.cli.inputs.sources import find, preprocessing_for, target_of, told_reading
from xpnet.cli.printing.profile import tell_profile
from xpnet.cli.training.defaults import settled
from xpnet.cli.training.retraining import settled_again
from xpnet.data import Column, Dataset, Encoding, Scaling
from xpnet.data.preparing.remarks import unseen_remarks
from xpnet.data.profiling.data_profile import DataProfile
from xpnet.data.tables.delimited.contents import table_name
from xpnet.data.tables.formats import WITH_CELLS, endings, holds_cells
from xpnet.io import Model


class Prepared(NamedTuple):
    """The options settled, the parts of the data, what raw rows go through, and what was found out about them."""

    options: argparse.Namespace
    parts: Parts
    preprocessing: Scaling | Encoding
    profile: DataProfile | None
    remarks: list[str]
    by: Any = None  # of the training part, (n,): the groups or times of its rows, if they split the rows

    def of_rows(self, asked: argparse.Namespace, described: dict[str, Any], rows: Any) -> "Prepared":
        """Return what would be prepared if the training part had only these of its rows."""
        train = self.parts.train.take(rows)
        options = settled(asked, described["source"], train)
        fitted = preprocessing_for({**described, "bins": options.bins, "rare": options.rare}, train)
        by = None if self.by is None else self.by[rows]
        return self._replace(options=options, parts=self.parts._replace(train=train), preprocessing=fitted, by=by)


def prepare(
    options: argparse.Namespace, described: dict[str, Any], backend: Backend, start: Model | None = None
) -> Prepared:
    """Return the checked parts of the data; errors name the file, and a dry run reports before them what it can.

    With a model to start from, rows are read and encoded as its own were.
    """
    with about(described["path"], cells=described["cells"]):
        if start is not None:
            return _prepare_again(options, described, backend, start)
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
    remarks = remarks_of(whole, profile, parts, described)
    return Prepared(options, parts, preprocessing, profile, remarks, _of_training(by, parts))


def _prepare_again(options: argparse.Namespace, described: dict[str, Any], backend: Backend, start: Model) -> Prepared:
    """Return the parts of new rows for a model: in its columns, its encoding and its classes."""
    whole, by = read_to_split(described, preprocessing=start.preprocessing)
    whole = whole if start.classes is None else relabel(whole, start.classes, str(described["path"]))
    parts = parts_of(whole, by, described)
    remarks = [*remarks_of(whole, None, parts, described), *unseen_remarks(start.preprocessing, whole.x)]
    check_parts(described, start.preprocessing, parts, backend.dtype_name)
    options = settled_again(settled(options, "table", parts.train), options, start)
    return Prepared(options, parts, start.preprocessing, None, remarks, _of_training(by, parts))


def _of_training(by: Column | None, parts: Parts) -> Any:
    """Return the values of the training part in the column that split the rows, if one did."""
    if by is None:
        return None
    trained = np.ones(len(by), dtype=np.bool_)
    trained[parts.rows] = False
    return by.values[trained]


def n_inputs(preprocessing: Scaling | Encoding, train: Dataset) -> int:
    """Return how many inputs raw rows become."""
    return len(preprocessing.names) if isinstance(preprocessing, Encoding) else int(train.x.shape[1])


def describe(options: argparse.Namespace) -> dict[str, Any]:
    """Return the origin of the data and how they are split, as plain JSON."""
    source, path = find(options.data)
    if source == "table" and options.target is None and getattr(options, "start", None) is None:
        options.usage_error(f"a table needs --target COLUMN: which column of {options.data} holds the labels?")
    if source != "table" and options.target is not None:
        options.usage_error(f"--target is for tables; {options.data} has labels of its own; name the table as DATA")
    if source != "table" and options.task is not None:
        options.usage_error(f"--task is for tables; {options.data} has classes of its own")
    cells = source == "table" and holds_cells(options.data)
    if not cells and (options.impute or options.categorical or options.ignore or options.bins or options.rare):
        flags = "--impute, --categorical, --ignore, --bins and --rare"
        options.usage_error(f"{flags} are for tables in {', '.join(endings(WITH_CELLS))}")
    if source != "table" and getattr(options, "fast", False):  # no flag of a search
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
        "target": target_of(path, options.target),
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
