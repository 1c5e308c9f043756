"""Stopping rules: functions of the history that say whether to stop, and why."""

from collections.abc import Callable
from typing import TypeAlias

from xpnet.training.history import RISING, History, Record

Stopping: TypeAlias = Callable[[History], str | None]  # the reason, or None to go on


def no_improvement(n: int, monitor: str | None = None) -> Stopping:
    """Return a rule that stops when the best epoch is `n` epochs ago.

    Parameters
    ----------
    n : int
        Epochs to wait for something better.
    monitor : str, optional
        Field of the records to watch.  Default: validation accuracy, else validation cost, else training cost.

    References
    ----------
    Nielsen, chapter 3, "early stopping": no improvement in n.

    Examples
    --------
    >>> rule = no_improvement(2)
    >>> records = [Record(i + 1, cost, None, None, None, 0.5, 0.1) for i, cost in enumerate([3.0, 2.0, 2.5, 2.0])]
    >>> rule(History(tuple(records[:3]))), rule(History(tuple(records)))
    (None, 'no_improvement')
    """
    if not isinstance(n, int) or n < 1:
        raise ValueError(f"n must be a whole number of epochs, at least 1, got {n!r}")
    if monitor is not None and monitor not in (*RISING, "cost", "validation_cost"):
        raise ValueError(f"monitor must be a cost or an accuracy of {Record.__name__}, got {monitor!r}")

    def rule(history: History) -> str | None:
        return "no_improvement" if len(history) - history.best(monitor).epoch >= n else None

    return rule
