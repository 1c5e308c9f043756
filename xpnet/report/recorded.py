"""What was recorded, as values to plot: histories, searches and paths, from objects or from files of JSON and CSV."""

import csv
import json
import os
from collections.abc import Iterable, Mapping
from math import nan
from pathlib import Path
from typing import Any

from xpnet.data import FormatError
from xpnet.training import History, RangeTest, Record, Result, SearchResults, Trial
from xpnet.training.runs.trials.results_file import is_results_file
from xpnet.training.runs.trials.scores import SCORES, Score

COSTS = ("cost", "eta", "seconds")  # fields without which there is no record: NaN where JSON has null


def history_of(source: Any) -> History:
    """Return the history of a result, a history or records (named tuples or mappings).

    Raises
    ------
    TypeError
        If it is something else.
    ValueError
        If there is no record, or one without an epoch or a cost.
    """
    found = getattr(source, "history", source)
    if isinstance(found, History):
        history = found
    elif isinstance(found, Iterable) and not isinstance(found, str | bytes | Mapping):
        history = History(tuple(_record(each) for each in found))
    else:
        raise TypeError(f"history must be a Result, a History or records, got {type(source).__name__}")
    if not len(history):
        raise ValueError("history must hold at least one epoch, got none")
    return history


def _record(found: Any) -> Record:
    if isinstance(found, Record):
        return found
    if not isinstance(found, Mapping):
        raise TypeError(f"history must hold records, got {type(found).__name__}")
    if "epoch" not in found or "cost" not in found:
        raise ValueError(f"history must hold records with an epoch and a cost, got one with {', '.join(found)}")
    known = {name: found.get(name) for name in Record._fields}
    filled: dict[str, Any] = known | {name: nan for name in COSTS if known[name] is None}
    return Record(**filled)


def read_history(source: str | os.PathLike[str]) -> History:
    r"""Return the history in a file.

    Parameters
    ----------
    source : path
        What ``xpnet train --history`` wrote, as CSV or JSON Lines, or what ``xpnet train --json`` printed.

    Raises
    ------
    FormatError
        If the file holds no record of an epoch, or is damaged.
    OSError
        If it cannot be read.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "history.csv"
    >>> size = path.write_text("epoch,cost,accuracy,validation_cost,validation_accuracy,eta,seconds\n1,0.5,,,,0.1,2\n")
    >>> read_history(path).column("cost")
    [0.5]
    """
    rows = _csv_rows(source) if Path(source).suffix.lower() == ".csv" else _json_rows(source)
    epochs = [row for row in rows if row.get("event", "epoch") == "epoch" and "epoch" in row]
    try:
        return history_of(epochs)
    except ValueError as error:
        raise FormatError(f"{os.fspath(source)} must be a history that xpnet train wrote: {error}") from error


def read_path(source: str | os.PathLike[str]) -> list[dict[str, Any]]:
    r"""Return the points of the regularization path in what ``xpnet recommend fit --json`` printed.

    Parameters
    ----------
    source : str or path-like
        A file with the lines that were printed.

    Raises
    ------
    FormatError
        If the file holds no point of a path.
    OSError
        If it cannot be read.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "path.jsonl"
    >>> size = path.write_text('{"event": "path", "lambda": 2.0, "rank": 1}\n', encoding="utf-8")
    >>> read_path(path)[0]["lambda"]
    2.0
    """
    found = [row for row in _json_rows(source) if "lambda" in row and row.get("event", "path") in ("path", "fit")]
    watched = [row for row in found if row.get("validation") is not None]
    if not found:
        raise FormatError(f"{os.fspath(source)} must hold the points of a path of lambdas, got none")
    return watched or found


def read_range_test(source: str | os.PathLike[str]) -> RangeTest:
    """Return a learning-rate range test from a JSON object with etas and costs, as its ``_asdict()`` gives.

    Parameters
    ----------
    source : str or path
        The JSON file.

    Raises
    ------
    FormatError
        If the file holds something else.
    OSError
        If it cannot be read.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "range.json"
    >>> size = path.write_text(json.dumps(RangeTest([0.1, 1.0], [2.0, 1.0])._asdict()))
    >>> read_range_test(path)
    RangeTest(etas=[0.1, 1.0], costs=[2.0, 1.0])
    """
    found = _json(source)
    if not isinstance(found, dict) or not all(_is_numbers(found.get(name)) for name in RangeTest._fields):
        raise FormatError(f"{os.fspath(source)} must be a JSON object whose etas and costs are lists of numbers")
    return RangeTest(found["etas"], found["costs"])


def read_gradient_norms(source: str | os.PathLike[str]) -> list[list[float]]:
    """Return the gradient norms of the layers from a JSON list: a list for each moment, a number for each layer.

    Parameters
    ----------
    source : str or path
        The JSON file.

    Raises
    ------
    FormatError
        If the file holds something else.
    OSError
        If it cannot be read.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "norms.json"
    >>> size = path.write_text("[[0.01, 1.0], [0.02, 0.5]]")
    >>> read_gradient_norms(path)
    [[0.01, 1.0], [0.02, 0.5]]
    """
    found = _json(source)
    alike = isinstance(found, list) and all(_is_numbers(row) and row and len(row) == len(found[0]) for row in found)
    if not alike or any(value is None for row in found for value in row):
        raise FormatError(f"{os.fspath(source)} must be a JSON list of equally long lists of numbers, one a moment")
    norms: list[list[float]] = found
    return norms


def read_search(source: str | os.PathLike[str]) -> SearchResults:
    """Return the results of a search from its file, to look at: `SearchResults` without recipes.

    Parameters
    ----------
    source : str or path-like
        The results file of `xpnet.search` or ``xpnet search``.

    Raises
    ------
    FormatError
        If the file was not written by a search, or is damaged.
    OSError
        If it cannot be read.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import numpy as np
    >>> from xpnet import Network, search
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "search.jsonl"
    >>> data = (np.asarray([[0.0], [1.0]] * 6), [0, 1] * 6)
    >>> found = search(Network([1, 2]), data, {"eta": [0.1, 1.0]}, folds=2, epochs=1, path=path)
    >>> len(read_search(path)) == len(found)
    True
    """
    path = Path(source)
    if not is_results_file(path):
        raise FormatError(f"{path} must be the results file of a search, got another file")
    head, *rows = _json_rows(path)
    try:
        score = SCORES.get(head["score"], Score(head["score"], larger=True))
        trials = sorted((Trial(**row) for row in rows), key=lambda trial: trial.place)
        return SearchResults(
            settings=tuple(head["settings"]),
            trials=tuple(trials),
            score=score,
            sizes=((0, 0),) * len(head["folds"]),
            seeds=tuple(head["seeds"]),
            recipes=(),
        )
    except (KeyError, TypeError) as error:
        raise FormatError(f"{path} must be an undamaged results file, got a wrong line: {error}") from error


def _json(source: str | os.PathLike[str]) -> Any:
    try:
        return json.loads(Path(source).read_text(encoding="utf-8"))
    except ValueError as error:  # JSONDecodeError and UnicodeDecodeError
        raise FormatError(f"{os.fspath(source)} must hold JSON, got another file") from error


def _is_numbers(values: Any) -> bool:
    """Return whether it is a list of numbers; null stands for one that was not finite."""
    return isinstance(values, list) and all(
        value is None or (isinstance(value, int | float) and not isinstance(value, bool)) for value in values
    )


def _csv_rows(source: str | os.PathLike[str]) -> list[dict[str, Any]]:
    with Path(source).open(encoding="utf-8", newline="") as file:
        try:
            return [{name: _number(cell) for name, cell in row.items()} for row in csv.DictReader(file)]
        except (ValueError, TypeError) as error:
            raise FormatError(f"{os.fspath(source)} must hold numbers, got a wrong cell: {error}") from error


def _number(cell: str) -> float | int | None:
    if not cell:
        return None
    return int(cell) if cell.isdigit() else float(cell)


def _json_rows(source: str | os.PathLike[str]) -> list[dict[str, Any]]:
    rows = []
    try:
        lines = Path(source).read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise FormatError(f"{os.fspath(source)} must hold JSON objects, one a line, got another file") from error
    for i, line in enumerate(lines):
        try:
            row = json.loads(line) if line.strip() else {}
        except ValueError as error:
            raise FormatError(f"{os.fspath(source)} must hold JSON objects, one a line, got line {i + 1}") from error
        if not isinstance(row, dict):
            raise FormatError(f"{os.fspath(source)} must hold JSON objects, one a line, got line {i + 1}")
        rows += [row] if row else []
    return rows


def histories_of(source: Any) -> list[History]:
    """Return the histories of several results, histories or lists of records."""
    if isinstance(source, Result | History):
        return [history_of(source)]
    found = [history_of(each) for each in source]
    if not found:
        raise ValueError("histories must hold at least one history, got none")
    return found
