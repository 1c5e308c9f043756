"""Where examples come from: a description, plain JSON that a model file keeps, and the rows that it names."""

import zipfile
from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from xpnet.checks import listing
from xpnet.data import (
    Column,
    Dataset,
    Encoding,
    Reading,
    Scaling,
    Table,
    column_of,
    load_digits,
    load_mnist,
    read_cells,
    read_table,
)
from xpnet.data.tables.columns import select_features
from xpnet.data.tables.readers.npy_tables import holds_labels

NAMED = ("digits", "mnist")


def find(data: str) -> tuple[str, str | None]:
    """Return the kind of source that DATA is (digits, mnist or table), and its path if it has one."""
    if data in NAMED:
        return data, None
    if data == "-":
        return "table", data
    path = Path(data)
    if not path.exists():
        near = get_close_matches(data, NAMED, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise FileNotFoundError(f"data must be digits, mnist, or a file or folder that exists, got {data!r}{hint}")
    images = path.is_dir() or _holds_images(path)
    return ("mnist" if images else "table"), str(path.resolve() if path.is_file() else path.absolute())


def target_of(path: str | None, target: str | None) -> str | None:
    """Return the target of the source at `path`: a column, or the whole path of a file of labels beside a matrix.

    Examples
    --------
    >>> target_of("/data/x.npy", "-1"), target_of("/data/x.npy", "/data/y.npy")
    ('-1', '/data/y.npy')
    """
    return str(Path(target).absolute()) if target is not None and is_labels_file(path, target) else target


def is_labels_file(path: str | None, target: str | None) -> bool:
    """Return whether the labels of the source at `path` stand in a file of their own."""
    return path is not None and path.lower().endswith(".npy") and target is not None and holds_labels(target)


def _holds_images(path: Path) -> bool:
    """Return whether a file is an archive with MNIST's arrays; the reader reports what is wrong with a damaged file."""
    if not path.is_file():  # a pipe can be read only once, and a device has no end
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            return "x_train.npy" in archive.namelist()
    except (OSError, zipfile.BadZipFile):
        return False


def read_whole(described: dict[str, Any], *, preprocessing: Any = None) -> Dataset:
    """Return all rows of a source; of MNIST its test part.

    The text of a table is read as the command line said, and as that of the rows which `preprocessing` was fitted to.
    """
    return read_beside(described, (), preprocessing=preprocessing)[0]


def read_beside(
    described: dict[str, Any], names: Sequence[str], *, with_target: bool = True, preprocessing: Any = None
) -> tuple[Dataset, tuple[Column, ...]]:
    """Return all rows of a source, and columns that are no features unless the description says so."""
    if described["source"] == "digits":
        return load_digits(), ()
    if described["source"] == "mnist":
        return load_mnist(described["path"]).test, ()
    known = described["features"]
    columns = None if known is None else [*known, *(name for name in names if name not in known)]
    target = described["target"] if with_target else None
    how = {"task": described["task"], "columns": columns}
    if described["cells"]:
        how["drop_missing_target"] = described.get("drop_missing_target", False)
        how["reading"] = _reading(described, preprocessing)
        whole = read_cells(described["path"], target, missing=True, **how)
    else:
        whole = read_table(described["path"], target, **how)
    beside = tuple(_column(whole, name) for name in names)
    left_out = {*described["ignore"], *(name for name in names if name not in described.get("keep", ()))}
    return only(whole, _kept(whole, described["ignore"], left_out) if known is None else known), beside


def read_ids(described: dict[str, Any], ids: Sequence[str]) -> tuple[Column, ...]:
    """Return columns of a table as they are written, for the same rows that `read_whole` returns."""
    if not ids:
        return ()
    if not described["cells"]:
        return read_beside(described, ids)[1]
    reading = _reading(described, None)
    reading = replace(reading, kinds={**reading.kinds, **dict.fromkeys(ids, "text")})
    drop = described.get("drop_missing_target", False)
    whole = read_cells(
        described["path"],
        described["target"],
        task=described["task"],
        missing=True,
        reading=reading,
        drop_missing_target=drop,
    )
    return tuple(_column(whole, name) for name in ids)


def read_to_predict(
    described: dict[str, Any], ids: Sequence[str], preprocessing: Any
) -> tuple[Dataset, tuple[Column, ...], Column | None]:
    """Return all rows of a table without targets, the columns of ids, and the target column if it is there."""
    target = described["target"]
    if not described["cells"]:
        data, columns = read_beside(described, ids, with_target=False)
        return data, columns, None
    reading = _reading(described, preprocessing)
    label = {target: "target" if described["task"] == "regression" else "label"} if target else {}
    reading = replace(reading, kinds={**reading.kinds, **dict.fromkeys(ids, "text"), **label})
    whole = read_cells(described["path"], None, missing=True, reading=reading)
    select_features(described["path"], whole.features or (), None, described["features"])
    columns = tuple(_column(whole, name) for name in ids)
    return only(whole, described["features"]), columns, _column(whole, target) if _has(whole, target) else None


def _has(whole: Dataset, name: str | None) -> bool:
    return name in (whole.features or ())


def _column(whole: Dataset, name: str) -> Column:
    features = whole.features or ()
    if name not in features:
        near = get_close_matches(name, features, n=1)
        hint = f": did you mean '{near[0]}'?" if near else ""
        raise ValueError(f"must have the column '{name}', got {listing(features)}{hint}")
    return whole.x.column(name) if isinstance(whole.x, Table) else column_of(name, whole.x[:, features.index(name)])


def _kept(whole: Dataset, ignored: Sequence[str], left_out: set[str]) -> list[str] | None:
    """Return the features that are left, or None if all are."""
    features = whole.features or ()
    unknown = sorted(set(ignored).difference(features))
    if unknown:
        raise ValueError(f"--ignore must name columns of the table, got {unknown[0]!r}")
    if not left_out:
        return None
    kept = [name for name in features if name not in left_out]
    if not kept:
        raise ValueError("--ignore must leave the table a feature column, got all of them")
    return kept


def only(whole: Dataset, names: Sequence[str] | None) -> Dataset:
    """Return the data set with these features, in this order."""
    if names is None or tuple(names) == whole.features:
        return whole
    x, features = whole.x, whole.features or ()
    chosen = x.select(names) if isinstance(x, Table) else x[:, [features.index(name) for name in names]]
    return whole._replace(x=chosen, features=tuple(names))


def add_reading(parser: Any) -> None:
    """Add the flags that say how the text of a table is read: what they leave open is found out."""
    parser.add_argument(
        "--missing",
        action="append",
        metavar="TEXT",
        help="one more marker of missing cells, as -; may be repeated",
    )
    parser.add_argument("--decimal", choices=[".", ","], help="the decimal character, where 1,234 could be either")
    parser.add_argument("--dates", choices=["dmy", "mdy"], help="the order of dates, where 1/2/2024 could be either")
    parser.add_argument("--encoding", metavar="NAME", help="of a text file (default: UTF-8, or its byte order mark)")
    parser.add_argument("--drop-missing-target", action="store_true", help="leave out rows without a label")


def told_reading(options: Any) -> dict[str, Any]:
    """Return what these flags said, as plain JSON."""
    names = ("missing", "decimal", "dates", "encoding")
    return {name: value for name in names if (value := getattr(options, name)) is not None}


def _reading(described: dict[str, Any], preprocessing: Any) -> Reading:
    """Return how the text of the table is read."""
    told = dict(described.get("reading", {}))
    missing = tuple(told.pop("missing", ()))
    if isinstance(preprocessing, Encoding):
        known = preprocessing.reading
        return replace(known, missing=tuple(dict.fromkeys((*known.missing, *missing))), **told)
    return Reading(missing, **told, kinds=dict.fromkeys(described["categorical"], "category"))


def preprocessing_for(described: dict[str, Any], train: Dataset) -> Scaling | Encoding:
    """Return what raw rows go through before the network, fitted on the training part only."""
    fixed = {"digits": 16.0, "mnist": 256.0}
    if described["source"] in fixed:
        return Scaling.divide_by(fixed[described["source"]])
    if not isinstance(train.x, Table):
        return Scaling.standardize(train.x)
    how = {"impute": described["impute"], "categorical": described["categorical"]}
    how["missing"] = described.get("reading", {}).get("missing", ())
    how |= {name: described.get(name, 0) for name in ("bins", "rare")}
    return Encoding.fit(train.x, train.features or (), **how)
