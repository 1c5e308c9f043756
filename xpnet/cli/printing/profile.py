"""The profile of a table as text: a line for the target, and one for each column."""

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from xpnet.cli.report import tell_remarks
from xpnet.cli.terminal import shown
from xpnet.data import Encoding
from xpnet.data.profiling.column_profile import ColumnProfile
from xpnet.data.profiling.data_profile import DataProfile
from xpnet.data.profiling.target_profile import TargetProfile

MOST = 20  # columns and classes that are shown one by one
WIDEST = 40  # characters of a name


def tell_profile(
    options: argparse.Namespace, profile: DataProfile | None, preprocessing: Any, remarks: list[str]
) -> None:
    """Print what the columns of a table hold, what becomes of them if that is known, and remarks."""
    if options.quiet and not options.json:
        return
    if profile is not None and preprocessing is not None:
        encoders = preprocessing.columns if isinstance(preprocessing, Encoding) else ()
        pairs = [(each.name, len(each.names)) for each in encoders] or [(name, 1) for name in profile.features]
        profile = profile.with_inputs(pairs)
    if options.json:
        told = {"remarks": remarks} if profile is None else {**profile.to_json(), "remarks": remarks}
        if profile is not None or remarks:
            print(json.dumps({"event": "profile", **told}))
        return
    if profile is not None:
        print(profile_text(profile))
    tell_remarks(remarks)


def profile_text(profile: DataProfile) -> str:
    """Return the profile as lines: the target, then a table of the columns, the first ones if there are many.

    Examples
    --------
    >>> from xpnet.data.profiling.column_profile import ColumnProfile
    >>> print(profile_text(DataProfile(3, None, (ColumnProfile("legs", "number", 1, 2, 4, inputs=1),))))
    columns  name  kind    missing  range or categories  becomes
             legs  number        1  2 to 4               1 input
    """
    rows = [("name", "kind", "missing", "range or categories", "becomes"), *map(_cells, profile.columns[:MOST])]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = [] if profile.target is None else [f"target   {_target(profile.target)}"]
    for i, row in enumerate(rows):
        words = (
            f"{cell:>{w}}" if j == 2 else f"{cell:{w}}" for j, (cell, w) in enumerate(zip(row, widths, strict=True))
        )
        lines.append(f"{'columns' if i == 0 else '':7}  {'  '.join(words)}".rstrip())
    return "\n".join([*lines, *_rest(profile.columns[MOST:])])


def _target(target: TargetProfile) -> str:
    name = shown(target.name)
    if target.task == "regression":
        guess = " (guessed; --task classification for classes)" if target.guessed else ""
        return f"{name}: numbers from {target.low:g} to {target.high:g}{guess}"
    counts = ", ".join(f"{shown(label)} {count}" for label, count in target.classes[:MOST])
    more = f" and {len(target.classes) - MOST} more" if len(target.classes) > MOST else ""
    guess = " (guessed from few whole numbers; --task regression for numbers)" if target.guessed else ""
    return f"{name}: {len(target.classes)} classes: {counts}{more}{guess}"


def _cells(column: ColumnProfile) -> tuple[str, ...]:
    name = shown(column.name)
    name = name if len(name) <= WIDEST else f"{name[: WIDEST - 1]}…"
    return name, column.kind, str(column.missing), _content(column), _becomes(column)


def _content(column: ColumnProfile) -> str:
    if column.categories is not None:
        many = f"{column.categories} categories" if column.categories > 1 else "1 category"
        return f"{many}, most often {shown(column.commonest)[:WIDEST]}"
    if column.low is None:
        return "nothing"
    low, high = (value if isinstance(value, str) else _number(value) for value in (column.low, column.high))
    joined = f"{low} or {high}" if column.kind == "boolean" else f"{low} to {high}"
    return f"always {low}" if column.constant else joined


def _number(value: float | None) -> str:
    return str(value).lower() if isinstance(value, bool) or value is None else f"{value:.6g}"


def _becomes(column: ColumnProfile) -> str:
    if column.left_out is not None:
        return "left out"
    if column.inputs is None:
        return "inputs"
    return "1 input" if column.inputs == 1 else f"{column.inputs} inputs"


def _rest(columns: tuple[ColumnProfile, ...]) -> Iterator[str]:
    if columns:
        kinds = Counter(column.kind for column in columns)
        gaps = sum(column.missing for column in columns)
        listed = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
        yield f"         and {len(columns)} more: {listed}; {gaps} missing cells"
