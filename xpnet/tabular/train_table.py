"""`train_table`: from a table to a model that predicts one of its columns."""

import os
import warnings
from collections.abc import Collection
from typing import Any

from xpnet.backend import Backend, get
from xpnet.checks import whole as whole_number
from xpnet.data import Dataset, FormatError, from_frame, read_cells
from xpnet.data.profiling.data_profile import profile_data
from xpnet.io import Model
from xpnet.tabular.fit_table import fit_table
from xpnet.tabular.recipe import TableRecipe, recipe_for
from xpnet.training.runs.stacks.fit import Watch


def train_table(
    table: Any,
    target: str,
    *,
    task: str | None = None,
    members: int = 5,
    fast: bool = False,
    recipe: TableRecipe | None = None,
    ignore: Collection[str] = (),
    keep: Collection[str] = (),
    categorical: Collection[str] = (),
    groups: str | None = None,
    times: str | None = None,
    class_weight: Any = None,
    seed: int = 0,
    backend: str | Backend | None = None,
    watch: Watch | None = None,
    checkpoint: Any = None,
) -> Model:
    """Train on a table, and return a model that predicts one of its columns from the others.

    Parameters
    ----------
    table : frame, mapping of str to columns, or path
        A frame of pandas, polars or pyarrow, or a file that `xpnet train` reads.  Gaps are values of their own.
    target : str
        The column to predict.
    task : {"classification", "regression"}, optional
        Whether the target is a class or a number.  Default: as for `xpnet.data.from_frame`.
    members : int
        Networks whose mean is taken; each watches another part of the rows, and keeps its best epoch.
    fast : bool
        One network and few epochs: a first look at a large table.
    recipe : TableRecipe, optional
        Settings of your own.  Default: `recipe_for` the size of the table.
    ignore, keep : collection of str
        Columns to leave out, and columns to keep although they look like ids or names.
    categorical : collection of str
        Columns whose numbers are codes, such as zip codes.
    groups, times : str, optional
        A column that says which rows belong together, or when each was: rows to watch are then whole groups, or
        stretches of time.  It is no feature.
    class_weight : optional
        As for `xpnet.train`; ``"balanced"`` gives rare classes more weight.
    seed : int
        Of the weights, the order and the parts of the rows.
    backend : str or Backend, optional
    watch : callable, optional
    checkpoint : Checkpoint or path, optional
        As for `xpnet.train_many`.

    Returns
    -------
    Model
        It takes frames, tables, and rows as mappings.

    Raises
    ------
    FormatError
        If the table has no target, a label is missing, or columns cannot be used; the message names row and column.
    TypeError, ValueError
        If an argument makes no sense, or there are too few rows or classes.

    Warns
    -----
    UserWarning
        If columns are left out: ids, nearly unique text, columns without a value.

    Examples
    --------
    >>> import numpy as np
    >>> width = np.random.default_rng(0).uniform(1.0, 9.0, 200)
    >>> frame = {"width": width, "color": ["red", "green"] * 100, "area": width**2}
    >>> model = train_table(frame, "area")
    >>> model.predict({"width": [3.0, 5.0], "color": ["red", "red"]}).round()
    array([ 9., 25.], dtype=float32)
    """
    if groups and times:
        raise ValueError(f"groups must be left out if times is given, got {groups!r} and {times!r}")
    whole = _read(table, target, task)
    beside = groups or times
    by = None if beside is None else _column(whole, beside)
    train = _with_features(whole, target, task, ignore={*ignore, *filter(None, [beside])}, keep={*keep, *categorical})
    chosen = recipe or recipe_for(
        train.n, train.x.shape[1], classifies=train.classes is not None, members=members, fast=fast
    )
    return fit_table(
        train,
        chosen,
        split_by={} if beside is None else {"groups" if groups else "times": by},
        categorical=categorical,
        class_weight=class_weight,
        seed=whole_number("seed", seed, 0),
        backend=backend if isinstance(backend, Backend) else get(backend),
        watch=watch,
        checkpoint=checkpoint,
        data=_described(table, target, train, categorical, seed),
    )


def _read(table: Any, target: str, task: str | None) -> Dataset:
    if isinstance(table, str | os.PathLike):
        return read_cells(table, target, task=task, missing=True)
    return from_frame(table, target, task=task)


def _column(whole: Dataset, name: str) -> Any:
    """Return the values of a column that says which rows belong together, or when they were."""
    if name not in whole.x.names:
        raise ValueError(f"groups and times must name a column of the table, got {name!r}")
    column = whole.x.column(name)
    if column.missing.any():
        raise FormatError(f"row {int(column.missing.argmax())}, column '{name}' must not be missing, got a gap")
    return column.values


def _with_features(whole: Dataset, target: str, task: str | None, *, ignore: set[str], keep: set[str]) -> Dataset:
    """Return the rows with the columns to train on; a warning names those that are left out by themselves."""
    unknown = sorted(ignore.difference(whole.x.names))
    if unknown:
        raise ValueError(f"ignore must name columns of the table, got {unknown[0]!r}")
    if whole.classes is not None and len(whole.classes) < 2:
        raise ValueError(f"target must hold at least two classes to tell apart, got only {whole.classes[0]!r}")
    y: Any = whole.y
    if whole.classes is None and (y == y[0]).all():
        raise ValueError(f"target must hold at least two different numbers to learn, got only {y[0]:g}")
    names = tuple(name for name in whole.x.names if name not in ignore)
    if not names:
        raise FormatError("table must have a feature column, got none but the target and those to ignore")
    rest = whole._replace(x=whole.x.select(names), features=names)
    profile = profile_data(rest, target=target, task=task, keep=keep - ignore)
    left_out = [f"'{each.name}' ({each.left_out})" for each in profile.columns if each.left_out]
    if left_out:
        told = ", ".join(left_out[:5]) + (f" and {len(left_out) - 5} more" if len(left_out) > 5 else "")
        warnings.warn(f"columns are left out: {told}; keep=[...] trains on them", UserWarning, stacklevel=3)
    if not profile.features:
        raise FormatError("table must have a feature column that holds something, got gaps only")
    return rest._replace(x=rest.x.select(profile.features), features=profile.features)


def _described(table: Any, target: str, train: Dataset, categorical: Collection[str], seed: int) -> dict[str, Any]:
    """Return the origin of the rows, as `xpnet train` describes it in a model file: without a test part."""
    path = os.fspath(table) if isinstance(table, str | os.PathLike) else None
    return {
        "source": "table",
        "path": path,
        "target": target,
        "task": "regression" if train.classes is None else "classification",
        "features": list(train.features or ()),
        "cells": True,
        "impute": "indicator",
        "categorical": sorted(categorical),
        "ignore": [],
        "split": {"kind": "random", "fraction": 0.0, "seed": seed},
        "validation": 0.0,
    }
