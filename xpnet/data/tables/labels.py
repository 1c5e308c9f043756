"""Turn the labels of a table into class indices or the numbers of a regression."""

import math
from collections.abc import Callable, Sequence

import numpy as np

from xpnet.data.columns.cells import is_missing, to_number
from xpnet.data.columns.spellings import category, foreign_number
from xpnet.data.errors import FormatError
from xpnet.data.tables.dataset import Array, Label

TASKS = ("classification", "regression")
MAX_INTEGER_CLASSES = 20


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


def parse_labels(texts: Sequence[str], task: str | None, where: Callable[[int], str]) -> list[Label]:
    """Return labels as numbers if all of them are, else as text.

    Parameters
    ----------
    texts : sequence of str, length n
        The label column.
    task : str or None
        What the labels are for.  None refuses a mixture of numbers and text, because it usually is a mistake.
    where : callable
        Takes the number of a row and returns its place in the file, in words.

    Returns
    -------
    list of str, int or float
        The labels.

    Raises
    ------
    FormatError
        If a label is missing (see `is_missing`); if it is text in a regression or, without a task, among numbers; or
        if, without a task, it is a number in another spelling, such as 1,25.

    Examples
    --------
    >>> parse_labels(["1", "2.0"], None, str), parse_labels(["cat", "dog"], None, str)
    ([1, 2], ['cat', 'dog'])
    """
    _refuse_missing(texts, where)
    numbers = [to_number(text) for text in texts]
    found = [number for number in numbers if number is not None]
    if len(found) == len(texts):
        return list(found)
    row = numbers.index(None)
    spelling = foreign_number(texts[row])
    if task == "regression" or (task is None and (found or spelling)):
        repair = f"write it without {spelling}" if spelling else "repair it"
        raise FormatError(
            f"{where(row)} must hold a number, got '{texts[row]}': "
            f"{repair}, or pass task='classification' (--task classification) to take every label as text"
        )
    return list(texts)


def encode_labels(
    labels: Sequence[Label], task: str | None, where: Callable[[int], str]
) -> tuple[Array, tuple[Label, ...] | None]:
    """Return the targets, and the classes unless the task is a regression.

    Without a task this rule decides: text is a classification; whole numbers with at most 20 distinct
    values are a classification; other numbers are a regression.

    Parameters
    ----------
    labels : sequence of str, int or float, length n
        All text or all numbers.
    task : {"classification", "regression"} or None
        What the labels are for.
    where : callable
        Takes the number of a row and returns its place in the file, in words.

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
        If a label is missing, a number is not finite, or a regression is asked of text.

    Examples
    --------
    >>> encode_labels(["dog", "cat", "dog"], None, str)
    (array([1, 0, 1]), ('cat', 'dog'))
    >>> encode_labels([0.5, 2], None, str)
    (array([0.5, 2. ]), None)
    """
    _refuse_missing(labels, where)
    for row, label in enumerate(labels):
        usable = task != "regression" if isinstance(label, str) else math.isfinite(label)
        if not usable:
            raise FormatError(f"{where(row)} must hold a finite number, got '{label}': repair or remove the row")
    values = [int(v) if isinstance(v, float) and v.is_integer() else v for v in labels]
    distinct = set(values)
    few = all(isinstance(v, int) for v in distinct) and len(distinct) <= MAX_INTEGER_CLASSES
    text = any(isinstance(v, str) for v in distinct)
    if task == "regression" or (task is None and not text and not few):
        return np.asarray(values, dtype=np.float64), None
    return _number_classes(values)


def _number_classes(values: Sequence[Label]) -> tuple[Array, tuple[Label, ...]]:
    """Return indices into the sorted classes; True and true are one class, named by the first of them."""
    written = {value: category(value) for value in dict.fromkeys(values)}
    names: dict[str, Label] = {}
    for value, name in written.items():
        names.setdefault(name, value)
    classes = tuple(sorted(names.values()))  # all text or all numbers
    index = {written[label]: i for i, label in enumerate(classes)}
    return np.asarray([index[written[value]] for value in values], dtype=np.int64), classes


def _refuse_missing(labels: Sequence[Label], where: Callable[[int], str]) -> None:
    for row, label in enumerate(labels):
        if isinstance(label, str) and is_missing(label):
            found = f"'{label}'" if label else "an empty cell"
            raise FormatError(f"{where(row)} must hold a label, got {found}, which means missing: remove the row")
