"""Turn the labels of a table into class indices or the numbers of a regression."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from xpnet.data.columns.cells import category
from xpnet.data.columns.column import Column
from xpnet.data.columns.foreign_numbers import ONE_WAY
from xpnet.data.columns.numbers import plain_numbers
from xpnet.data.columns.spelling import Reading
from xpnet.data.errors import FormatError
from xpnet.data.tables.dataset import Array, Label

TASKS = ("classification", "regression")
MAX_INTEGER_CLASSES = 20
FEW_CLASSES = 10  # may have a row each


def check_task(task: str | None) -> None:
    """Refuse a task that is neither None nor known.

    Parameters
    ----------
    task : str or None
        What the caller asked for.

    Raises
    ------
    ValueError
        If it is something else.

    Examples
    --------
    >>> check_task("clustering")
    Traceback (most recent call last):
    ValueError: task must be 'classification', 'regression' or None, got 'clustering'
    """
    if task is not None and task not in TASKS:
        raise ValueError(f"task must be 'classification', 'regression' or None, got {task!r}")


def reading_of_labels(reading: Reading, target: str, task: str | None) -> Reading:
    """Return how the label column is read: as numbers or as text, as it is written.

    For a classification only plainly written numbers are numbers: a label such as ``12 %`` keeps its text.

    Examples
    --------
    >>> dict(reading_of_labels(Reading(), "kind", "classification").kinds)
    {'kind': 'label'}
    """
    kind = "label" if task == "classification" else "target"
    return replace(reading, kinds={**reading.kinds, target: kind})


def encode_labels(
    column: Column, task: str | None, where: Callable[[int], str], written: Callable[[int], str] | None = None
) -> tuple[Array, tuple[Label, ...] | None]:
    """Return the targets, and the classes unless the task is a regression.

    Without a task this rule decides: text is a classification; whole numbers with at most 20 distinct
    values are a classification, unless more than ten are distinct and most rows have one of their own; other numbers
    are a regression.

    Parameters
    ----------
    column : Column
        The labels: numbers, booleans (which count as 1 and 0), or text, read with `reading_of_labels`.
    task : {"classification", "regression"} or None
        What the labels are for.
    where : callable
        Takes the number of a row and returns its place in the file, in words.
    written : callable, optional
        Takes the number of a row and returns the label as the file writes it, for messages.

    Returns
    -------
    y : array, shape (n,), int64 or float64
        Indices into the sorted distinct labels; or the numbers themselves.  Labels of one `category` are one
        class, which has the first label as its name.
    classes : tuple of str, int or float, or None
        The sorted distinct labels; None for a regression.

    Raises
    ------
    FormatError
        If a label is missing, a number is not finite, a regression is asked of text, or, without a task, numbers and
        text are mixed, because that usually is a mistake.

    Examples
    --------
    >>> from xpnet.data.columns.building import column_of
    >>> encode_labels(column_of("kind", ["dog", "cat", "dog"]), None, str)
    (array([1, 0, 1]), ('cat', 'dog'))
    >>> encode_labels(column_of("size", [0.5, 2]), None, str)
    (array([0.5, 2. ]), None)
    """
    _refuse_missing(column, where, written)
    if column.kind in ("number", "boolean"):
        return _of_numbers(column, task, where)
    if column.kind == "date":
        raise FormatError(f"{where(0)} must hold a label, got the date {column.values[0]}")
    if task == "regression" or (task is None and column.doubt):
        _refuse_text(column, where)
    return _of_texts(column)


def _of_numbers(
    column: Column, task: str | None, where: Callable[[int], str]
) -> tuple[Array, tuple[Label, ...] | None]:
    values = column.values.astype(np.int64) if column.kind == "boolean" else column.values
    finite = np.isfinite(values)
    if not finite.all():
        row = int(np.argmin(finite))
        raise FormatError(f"{where(row)} must hold a finite number, got '{values[row]}': repair or remove the row")
    if task == "regression":
        return values.astype(np.float64), None
    if task is None and values.dtype.kind == "f":
        return values, None
    distinct, y = np.unique(values, return_inverse=True)
    many = len(distinct) > MAX_INTEGER_CLASSES or len(distinct) > max(FEW_CLASSES, len(values) / 2)
    if task is None and many:
        return values.astype(np.float64), None
    classes = tuple(int(v) if float(v).is_integer() else v for v in distinct.tolist())
    return y.astype(np.int64), classes


def _of_texts(column: Column) -> tuple[Array, tuple[Label, ...]]:
    """Return indices into the sorted classes; True and true are one class, named by the first of them."""
    present = np.unique(column.values)
    names: dict[str, str] = {}
    for code in present.tolist():
        names.setdefault(category(column.distinct[code]), column.distinct[code])
    classes = tuple(sorted(names.values()))
    index = {category(label): i for i, label in enumerate(classes)}
    numbers = np.zeros(len(column.distinct), dtype=np.int64)
    for code in present.tolist():
        numbers[code] = index[category(column.distinct[code])]
    return numbers[column.values], classes


def _refuse_missing(column: Column, where: Callable[[int], str], written: Callable[[int], str] | None) -> None:
    if column.missing.any():
        row = int(np.argmax(column.missing))
        cell = written(row) if written is not None else ""
        found = f"'{cell}'" if cell else "an empty cell"
        advice = "remove the row, or drop rows without a label"
        raise FormatError(f"{where(row)} must hold a label, got {found}, which means missing: {advice}")


def _refuse_text(column: Column, where: Callable[[int], str]) -> None:
    """Refuse the first label that is no number."""
    numbers = np.asarray([plain_numbers([text]) is not None for text in column.distinct])
    row = int(np.argmin(numbers[column.values])) if column.doubt is None else column.doubt.row
    both_ways = column.doubt is not None and column.doubt.words.startswith(ONE_WAY)
    advice = "name the decimal character" if both_ways else "repair it"
    raise FormatError(
        f"{where(row)} must hold a number, got '{column.distinct[column.values[row]]}': "
        f"{advice}, or pass task='classification' (--task classification) to take every label as text"
    )
