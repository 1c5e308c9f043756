"""Where examples come from: a description, plain JSON that a model file keeps, and the parts that it names."""

import hashlib
import zipfile
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

from xpnet.data import (
    Dataset,
    Scaling,
    load_digits,
    load_mnist,
    ordered_split,
    random_split,
    read_table,
    stratified_split,
)

NAMED = ("digits", "mnist")


class Parts(NamedTuple):
    """What training sees, what it watches, and what is put aside; `rows` are the row numbers of the last."""

    train: Dataset
    validation: Dataset | None
    test: Dataset
    rows: Any


def find(data: str) -> tuple[str, str | None]:
    """Return the kind of source that DATA is (digits, mnist or table), and its path if it has one."""
    if data in NAMED:
        return data, None
    path = Path(data)
    if not path.exists():
        near = get_close_matches(data, NAMED, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise FileNotFoundError(f"data must be digits, mnist, or a file or folder that exists, got {data!r}{hint}")
    images = path.is_dir() or _holds_images(path)
    return ("mnist" if images else "table"), str(path.resolve())


def _holds_images(path: Path) -> bool:
    """Return whether a file is an archive with MNIST's arrays; what is wrong with a damaged one, its reader says."""
    try:
        with zipfile.ZipFile(path) as archive:
            return "x_train.npy" in archive.namelist()
    except (OSError, zipfile.BadZipFile):
        return False


def fingerprint(part: Dataset) -> str:
    """Return a digest of rows and labels: equal if and only if they are."""
    digest = hashlib.sha256(f"{part.x.dtype} {part.x.shape} {part.classes}".encode())
    for array in (part.x, part.y):
        digest.update(b"" if array is None else array.tobytes())
    return digest.hexdigest()


def read_known_parts(described: dict[str, Any]) -> Parts:
    """Return the parts that a model file describes, or say that the data are no longer what they were."""
    parts = read_parts(described)
    if described.get("digest") not in (None, fingerprint(parts.test)):
        raise ValueError(
            f"{described['path'] or described['source']} has changed since training, so its test part cannot be had "
            "again; give DATA to take all rows of a file"
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
    if not described["validation"]:
        return Parts(train, None, test, test_rows)
    part = _split(train, {**described["split"], "kind": "stratified", "fraction": described["validation"]})
    return Parts(train.take(part[0]), train.take(part[1]), test, test_rows)


def _check_classes(whole: Dataset, described: dict[str, Any]) -> None:
    if whole.classes is None:
        raise ValueError(
            f"{described['path']}: column {described['target']!r} holds numbers to predict, and the command line "
            "trains classifiers only; --task classification takes each number for a class, and the library trains a "
            'regression with output="linear", cost="quadratic"'
        )
    if len(whole.classes) < 2:
        raise ValueError(
            f"{described['path']}: column {described['target']!r} must hold at least two classes to tell apart, "
            f"got only {whole.classes[0]!r}"
        )


def read_whole(described: dict[str, Any], *, with_target: bool = True) -> Dataset:
    """Return all rows of a source; of MNIST its test part."""
    if described["source"] == "digits":
        return load_digits()
    if described["source"] == "mnist":
        return load_mnist(described["path"]).test
    target = described["target"] if with_target else None
    return read_table(described["path"], target, task=described["task"], columns=described["features"])


def scaling_for(source: str, train: Dataset) -> Scaling:
    """Return what raw rows go through before the network, fitted on the training part only."""
    fixed = {"digits": 16.0, "mnist": 256.0}
    return Scaling.divide_by(fixed[source]) if source in fixed else Scaling.standardize(train.x)


def _split(whole: Dataset, split: dict[str, Any]) -> Any:
    if split["kind"] == "ordered":
        return ordered_split(whole.n, split["fraction"])
    if split["kind"] == "random" or whole.y is None:
        return random_split(whole.n, split["fraction"], split["seed"])
    return stratified_split(whole.y, split["fraction"], split["seed"])
