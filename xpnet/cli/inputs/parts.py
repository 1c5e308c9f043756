"""The parts of the data to train on, to watch and to test on: the same ones each time that they are read."""

import hashlib
from shlex import quote
from typing import Any, NamedTuple

import numpy as np

from xpnet.checks import listing
from xpnet.cli.inputs.sources import only, read_beside
from xpnet.data import (
    Column,
    Dataset,
    FormatError,
    Split,
    Table,
    group_split,
    load_mnist,
    ordered_split,
    random_split,
    stratified_split,
    time_split,
)
from xpnet.data.profiling.data_profile import DataProfile, profile_data

FLAGS = {"group": "--split-by", "time": "--split-time"}


class Parts(NamedTuple):
    """The parts for training, validation and test; `rows` are the row numbers of the test part."""

    train: Dataset
    validation: Dataset | None
    test: Dataset | None
    rows: Any


def fingerprint(part: Dataset) -> str:
    """Return a digest of rows and labels: equal only for equal data."""
    if isinstance(part.x, Table):
        digest = hashlib.sha256(f"{part.x.digest()} {part.classes}".encode())
    else:
        digest = hashlib.sha256(f"{part.x.dtype} {part.x.shape} {part.classes}".encode())
        digest.update(part.x.tobytes())
    if part.y is not None:
        digest.update(part.y.tobytes())
    return digest.hexdigest()


def read_known_test(described: dict[str, Any]) -> tuple[Dataset, Any]:
    """Return the test part that a model file describes and its row numbers, or say why it cannot be rebuilt."""
    if described["source"] != "mnist" and not described["split"]["fraction"]:
        raise ValueError("must have a test part, but training took all rows (--test-size 0): give DATA to test on")
    parts = read_parts(described)
    if parts.test is None or described.get("digest") not in (None, fingerprint(parts.test)):
        raise ValueError(
            f"{described['path'] or described['source']} has changed since training, so its test part cannot be "
            "rebuilt; give DATA to take all rows of a file"
        )
    return parts.test, parts.rows


def read_parts(described: dict[str, Any]) -> Parts:
    """Return the parts that a description names: the same ones each time."""
    whole, by = read_to_split(described)
    return parts_of(whole, by, described)


def read_to_split(described: dict[str, Any], preprocessing: Any = None) -> tuple[Any, Column | None]:
    """Return all rows that are to be split, and the column that splits them, if one does; MNIST has its own parts.

    Text is read as that of the rows which `preprocessing` was fitted to, if there is one.
    """
    if described["source"] == "mnist":
        return load_mnist(described["path"]), None
    name = (described.get("split") or {}).get("column")
    names = () if name is None else (name,)
    whole, beside = read_beside(described, names, preprocessing=preprocessing)
    _check_classes(whole, described)
    if not beside:
        return whole, None
    _check_column(beside[0], described, whole)
    return whole, beside[0]


def profile_of(whole: Any, described: dict[str, Any]) -> DataProfile | None:
    """Return the profile of a table whose columns have names."""
    if described["source"] != "table" or whole.features is None:
        return None
    named = set(described["categorical"]) & set(whole.features)  # who says what a column holds means to use it
    keep = {*described["keep"], *named} - {described["split"].get("column")}
    return profile_data(whole, target=described["target"], task=described["task"], keep=keep)


def features_of(whole: Any, profile: DataProfile | None, described: dict[str, Any]) -> Any:
    """Return the rows without the columns that are left out; gaps in the others are refused unless they are filled."""
    if profile is None:
        return whole
    if not profile.features:
        found = listing([column.name for column in profile.columns])
        raise FormatError(f"must have a feature column that holds something, got gaps only in {found}")
    kept = only(whole, profile.features)
    _refuse_gaps(kept, described)
    return kept


def _refuse_gaps(whole: Dataset, described: dict[str, Any]) -> None:
    """Refuse the first row with a gap in a column to train on, unless gaps are filled."""
    gaps = {} if described["impute"] or not isinstance(whole.x, Table) else _first_gaps(whole.x)
    if gaps:
        name = min(gaps, key=gaps.__getitem__)
        raise FormatError(
            f"{_place(whole, gaps[name])}, column '{name}' must not be missing: fill it in, remove the row, "
            "leave the column out, or let it be imputed"
        )


def _first_gaps(table: Table) -> dict[str, int]:
    """Return the first row with a gap of each column that has gaps."""
    return {column.name: int(np.argmax(column.missing)) for column in table.columns if column.missing.any()}


def _place(whole: Dataset, row: int) -> str:
    """Return where a row stands in its file, in words."""
    place = getattr(whole.x, "place", None)
    return f"row {row}" if place is None else str(place(row))


def parts_of(whole: Any, by: Column | None, described: dict[str, Any]) -> Parts:
    """Return the parts of these rows."""
    if described["source"] == "mnist":
        return Parts(whole.train, whole.validation, whole.test, range(whole.test.n))
    split = described["split"]
    train_rows, test_rows = _split(whole, by, split)
    rest = whole.take(train_rows)
    test = whole.take(test_rows) if len(test_rows) else None
    if not described["validation"]:
        _check_training(rest, described)
        return Parts(rest, None, test, test_rows)
    how = {**split, "kind": "stratified" if by is None else split["kind"], "fraction": described["validation"]}
    own_rows, watched_rows = _split(rest, None if by is None else by.take(train_rows), how)
    train = rest.take(own_rows)
    _check_training(train, described)
    return Parts(train, rest.take(watched_rows), test, test_rows)


def remarks_of(whole: Any, profile: DataProfile | None, parts: Parts, described: dict[str, Any]) -> list[str]:
    """Return what was found out about the data and their parts, a line each; nothing more of columns left out."""
    name = (described.get("split") or {}).get("column")
    left_out = () if profile is None else tuple(f"column '{c.name}'" for c in profile.columns if c.left_out)
    told = [
        remark for remark in getattr(whole, "remarks", ()) if not remark.startswith((*left_out, f"column '{name}'"))
    ]
    told += [] if profile is None else profile.remarks
    if name is not None and name not in described["keep"]:
        told.append(f"column '{name}' splits the rows and is no feature: --keep {quote(name)} would train on it, too")
    for title, part in (("validation", parts.validation), ("test", parts.test)):
        absent = [] if part is None else _absent(part)
        if absent:
            told.append(f"the {title} part has no row of class {absent[0]!r}, so that its figures leave it out")
    return told


def _check_classes(whole: Dataset, described: dict[str, Any]) -> None:
    if whole.classes is not None and len(whole.classes) < 2:
        raise ValueError(
            f"{described['path']}: column {described['target']!r} must hold at least two classes to tell apart, "
            f"got only {whole.classes[0]!r}"
        )
    if whole.classes is None and whole.y is not None and (whole.y == whole.y[0]).all():
        raise ValueError(
            f"{described['path']}: column {described['target']!r} must hold at least two different numbers to learn, "
            f"got only {whole.y[0]:g}"
        )


def _check_training(train: Dataset, described: dict[str, Any]) -> None:
    absent = _absent(train)
    if absent:
        how = {"group": "another --split-seed", "time": "--split stratified"}
        kind = described["split"]["kind"]
        raise ValueError(
            f"{described['path']}: class {absent[0]!r} must have a row in the training part, got none with the "
            f"{kind} split; use {how.get(kind, '--split stratified')}, a smaller --test-size, or more rows"
        )


def _absent(part: Dataset) -> list[Any]:
    """Return the classes that have no row in a part."""
    present = set() if part.y is None else set(part.y.tolist())
    return [label for i, label in enumerate(part.classes or ()) if i not in present]


def _split(rows: Dataset, by: Column | None, split: dict[str, Any]) -> Split:
    """Return the row numbers of two parts."""
    fraction, seed, kind = split["fraction"], split["seed"], split["kind"]
    if by is not None:
        _check_distinct(by, kind)
        return time_split(by.values, fraction) if kind == "time" else group_split(by.values, fraction, seed)
    if kind == "ordered":
        return ordered_split(rows.n, fraction)
    if kind == "random" or rows.y is None or rows.classes is None:
        return random_split(rows.n, fraction, seed)
    return stratified_split(rows.y, fraction, seed)


def _check_column(by: Column, described: dict[str, Any], whole: Dataset) -> None:
    """Refuse a column that cannot split rows by group or by time."""
    kind = described["split"]["kind"]
    if by.missing.any():
        row = int(by.missing.argmax())
        raise FormatError(
            f"{_place(whole, row)}, column '{by.name}' must not be missing, got an empty cell: {FLAGS[kind]} needs it; "
            "fill it in or remove the row"
        )
    if kind == "time" and by.kind not in ("date", "number"):
        got = f"{by.kind} such as {by.distinct[0]!r}" if by.distinct else by.kind
        raise FormatError(f"column '{by.name}' must hold dates or numbers for --split-time, got {got}")


def _check_distinct(by: Column, kind: str) -> None:
    distinct = len(np.unique(by.values))
    if distinct < 2:
        what = "times" if kind == "time" else "groups"
        raise FormatError(
            f"column '{by.name}' must hold two {what} at least for two parts, got {distinct}; "
            "use another column, fewer parts, or --test-size 0"
        )
