"""The learning curves of one network, or the means of several, and the epoch that was kept."""

from collections.abc import Sequence
from math import isfinite
from statistics import fmean
from typing import Any

from xpnet.training import History

MEASURES = ("cost", "accuracy", "validation_cost", "validation_accuracy", "eta")


def curves(histories: Sequence[History], kept: int | None = None) -> dict[str, Any] | None:
    """Return the columns of histories as plain JSON: of several, the means over the networks that trained so far.

    Parameters
    ----------
    histories : sequence of History
    kept : int, optional
        The epoch whose parameters were kept.  Default: of a single network the best on the validation set, or the last
        without one; of several it is not known.

    Returns
    -------
    dict or None
        ``epoch``, a list for each measure that was taken, ``networks`` and ``kept``; None if there was no epoch.

    Examples
    --------
    >>> from xpnet.training import Record
    >>> first = Record(1, 0.5, 0.8, 0.6, 0.7, 0.1, 1.0)
    >>> history = History((first, first._replace(epoch=2, cost=0.4, validation_cost=0.7)))
    >>> found = curves([history])
    >>> found["cost"], found["kept"]
    ([0.5, 0.4], 1)
    """
    histories = [history for history in histories if len(history)]
    if not histories:
        return None
    longest = max(map(len, histories))
    rows = [[history[i] for history in histories if i < len(history)] for i in range(longest)]
    found: dict[str, Any] = {"epoch": [records[0].epoch for records in rows], "networks": len(histories)}
    for name in MEASURES:
        column = [_mean([getattr(record, name) for record in records]) for records in rows]
        if any(value is not None for value in column):
            found[name] = column
    found["kept"] = _kept(histories) if kept is None else kept
    return found


def curves_of(model: Any) -> dict[str, Any] | None:
    """Return the curves that a model remembers of its training; None if it remembers none."""
    runs = getattr(model, "runs", ())
    epochs = {run.epoch for run in runs}
    return curves([run.history for run in runs], epochs.pop() if len(epochs) == 1 else None)


def _kept(histories: Sequence[History]) -> int | None:
    if len(histories) > 1:
        return None
    last = histories[0][-1]
    return last.epoch if last.validation_cost is None else histories[0].best().epoch


def _mean(values: Sequence[Any]) -> float | None:
    """Return the mean of numbers; None if one is missing or not finite: JSON has no such number."""
    if None in values or not all(map(isfinite, values)):
        return None
    return fmean(values)
