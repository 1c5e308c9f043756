"""The argument `folds`: how many, pairs of row numbers, or a splitter of scikit-learn's."""

from collections.abc import Iterable
from typing import Any, TypeAlias

from xpnet.backend import to_numpy
from xpnet.data.preparing.splits.folds import random_folds, stratified_folds
from xpnet.training.model import Trainable

Folds: TypeAlias = tuple[tuple[Any, Any], ...]  # training rows and validation rows, host arrays of integers


def check_folds(folds: Any, network: Trainable, x: Any, y: Any, seed: int) -> Folds:
    """Return pairs (training rows, validation rows) as host arrays."""
    n = int(x.shape[0])
    if isinstance(folds, str) or not (isinstance(folds, Iterable) or hasattr(folds, "split")):
        return _made(folds, n, _strata(network, to_numpy(y)), seed)
    pairs = list(folds.split(to_numpy(x), to_numpy(y)) if hasattr(folds, "split") else folds)
    if not pairs:
        raise ValueError("folds must hold at least one pair, got none")
    checked = tuple(_checked(pair, i, n) for i, pair in enumerate(pairs))
    seen = [training.tobytes() for training, _ in checked]
    for i, training in enumerate(seen):
        first = seen.index(training)
        if first < i:
            raise ValueError(f"folds must differ in their training rows, got those of fold {first} in fold {i} again")
    return checked


def _made(k: Any, n: int, strata: Any, seed: int) -> Folds:
    try:
        return random_folds(n, k, seed) if strata is None else stratified_folds(strata, k, seed)
    except (TypeError, ValueError) as error:
        raise type(error)(str(error).replace("k must", "folds must", 1)) from error


def _strata(network: Trainable, y: Any) -> Any:
    """Return the class of each row, or None if rows have no single class."""
    if not network.classifies or getattr(network, "several", False):
        return None
    if y.ndim == 2 and y.shape[1] > 1:
        return y.argmax(axis=1)
    column = y.reshape(-1)
    whole = column.astype("int64") if column.dtype.kind == "f" else column
    return whole if (whole == column).all() else None


def _checked(pair: Any, i: int, n: int) -> tuple[Any, Any]:
    """Return one pair, its row numbers checked."""
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        kind = type(pair).__name__
        raise TypeError(f"folds must hold pairs (training rows, validation rows), got {kind} in place {i}")
    rows = tuple(_row_numbers(part, i, n) for part in pair)
    shared = set(rows[0].tolist()) & set(rows[1].tolist())
    if shared:
        raise ValueError(f"folds must have no row in both parts, got row {min(shared)} in fold {i}")
    return rows[0], rows[1]


def _row_numbers(part: Any, i: int, n: int) -> Any:
    rows = to_numpy(part if hasattr(part, "shape") else list(part))
    if rows.ndim != 1 or not rows.size:
        raise ValueError(f"folds must hold row numbers for both parts, got shape {rows.shape} in fold {i}")
    if rows.dtype.kind not in "iu":
        raise TypeError(f"folds must hold row numbers, integers, got {rows.dtype} in fold {i}")
    if rows.min() < 0 or rows.max() >= n:
        wrong = rows.min() if rows.min() < 0 else rows.max()
        raise ValueError(f"folds must hold row numbers between 0 and {n - 1}, got {wrong} in fold {i}")
    return rows.astype("int64")
