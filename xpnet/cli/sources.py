"""Where examples come from: a description, plain JSON that a model file keeps, and the parts that it names."""

import hashlib
import zipfile
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

from xpnet.data import (
    Dataset,
    Encoding,
    Reading,
    Scaling,
    Table,
    load_digits,
    load_mnist,
    ordered_split,
    random_split,
    read_cells,
    read_table,
    stratified_split,
)

NAMED = ("digits", "mnist")


class Parts(NamedTuple):
    """The parts for training, validation and test; `rows` are the row numbers of the test part."""

    train: Dataset
    validation: Dataset | None
    test: Dataset
    rows: Any


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


def _holds_images(path: Path) -> bool:
    """Return whether a file is an archive with MNIST's arrays; the reader reports what is wrong with a damaged file."""
    if not path.is_file():  # a pipe can be read only once, and a device has no end
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            return "x_train.npy" in archive.namelist()
    except (OSError, zipfile.BadZipFile):
        return False


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


def read_known_parts(described: dict[str, Any]) -> Parts:
    """Return the parts that a model file describes, or say that the data are no longer what they were."""
    parts = read_parts(described)
    if described.get("digest") not in (None, fingerprint(parts.test)):
        raise ValueError(
            f"{described['path'] or described['source']} has changed since training, so its test part cannot be "
            "rebuilt; give DATA to take all rows of a file"
        )
    return parts


def read_parts(described: dict[str, Any]) -> Parts:
    """Return the parts that a description names: the same ones each time."""
    if described["source"] == "mnist":
        train, validation, test = load_mnist(described["path"])
        return Parts(train, validation, test, range(test.n))
    whole = read_whole(described)
    _check_classes(whole, described)
    train_rows, test_rows = _split(whole, described["split"])
    train, test = whole.take(train_rows), whole.take(test_rows)
    _check_training(train, described)
    if not described["validation"]:
        return Parts(train, None, test, test_rows)
    part = _split(train, {**described["split"], "kind": "stratified", "fraction": described["validation"]})
    return Parts(train.take(part[0]), train.take(part[1]), test, test_rows)


def _check_classes(whole: Dataset, described: dict[str, Any]) -> None:
    if whole.classes is not None and len(whole.classes) < 2:
        raise ValueError(
            f"{described['path']}: column {described['target']!r} must hold at least two classes to tell apart, "
            f"got only {whole.classes[0]!r}"
        )


def _check_training(train: Dataset, described: dict[str, Any]) -> None:
    present = set() if train.y is None else set(train.y.tolist())
    absent = [label for i, label in enumerate(train.classes or ()) if i not in present]
    if absent:
        raise ValueError(
            f"{described['path']}: class {absent[0]!r} must have a row in the training part, got none with the "
            f"{described['split']['kind']} split; use --split stratified, a smaller --test-size, or more rows"
        )


def read_whole(described: dict[str, Any], *, with_target: bool = True, preprocessing: Any = None) -> Dataset:
    """Return all rows of a source; of MNIST its test part.

    The text of a table is read as the command line said, and as that of the rows which `preprocessing` was fitted to.
    """
    if described["source"] == "digits":
        return load_digits()
    if described["source"] == "mnist":
        return load_mnist(described["path"]).test
    target = described["target"] if with_target else None
    how = {"task": described["task"], "columns": described["features"]}
    if not described["cells"]:
        return read_table(described["path"], target, **how)
    whole = read_cells(
        described["path"],
        target,
        missing=described["impute"] is not None,
        reading=_reading(described, preprocessing),
        drop_missing_target=described.get("drop_missing_target", False),
        **how,
    )
    return _without(whole, described["ignore"]) if described["features"] is None else whole


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


def _without(whole: Dataset, ignored: list[str]) -> Dataset:
    features, left_out = whole.features or (), set(ignored)
    unknown = sorted(left_out.difference(features))
    if unknown:
        raise ValueError(f"--ignore must name columns of the table, got {unknown[0]!r}")
    kept = tuple(name for name in features if name not in left_out)
    if not kept:
        raise ValueError("--ignore must leave the table a feature column, got all of them")
    return whole._replace(x=whole.x.select(kept), features=kept)


def preprocessing_for(described: dict[str, Any], train: Dataset) -> Scaling | Encoding:
    """Return what raw rows go through before the network, fitted on the training part only."""
    fixed = {"digits": 16.0, "mnist": 256.0}
    if described["source"] in fixed:
        return Scaling.divide_by(fixed[described["source"]])
    if not isinstance(train.x, Table):
        return Scaling.standardize(train.x)
    how = {"impute": described["impute"], "categorical": described["categorical"]}
    how["missing"] = described.get("reading", {}).get("missing", ())
    return Encoding.fit(train.x, train.features or (), **how)


def _split(whole: Dataset, split: dict[str, Any]) -> Any:
    if split["kind"] == "ordered":
        return ordered_split(whole.n, split["fraction"])
    if split["kind"] == "random" or whole.y is None or whole.classes is None:
        return random_split(whole.n, split["fraction"], split["seed"])
    return stratified_split(whole.y, split["fraction"], split["seed"])
