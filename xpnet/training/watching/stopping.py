"""Stopping rules: functions of the history that say whether to go on, and at what learning rate."""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

from xpnet.training.watching.history import RISING, History, Record


class Verdict(NamedTuple):
    """What a rule says after an epoch."""

    reason: str | None = None  # why to stop, or None to go on
    factor: float = 1.0  # what to multiply the optimizer's own learning rate by from now on


Stopping: TypeAlias = Callable[[History], Verdict]


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
    >>> rule(History(tuple(records[:3]))).reason, rule(History(tuple(records))).reason
    (None, 'no_improvement')
    """
    _check(n, monitor)

    def rule(history: History) -> Verdict:
        return Verdict("no_improvement" if len(history) - history.best(monitor).epoch >= n else None)

    return rule


def halve_on_plateau(n: int = 10, until: float = 1 / 128, monitor: str | None = None) -> Stopping:
    """Return a rule that halves the learning rate when nothing improves in `n` epochs, and stops at `until` of it.

    Parameters
    ----------
    n : int
        Epochs to wait for something better than all before, counted anew after each halving.
    until : float
        Share of the first learning rate at which to stop, above 0 and below 1.
    monitor : str, optional
        As for `no_improvement`.

    References
    ----------
    Nielsen, chapter 3, "learning rate schedule" and the problem that follows it.

    Examples
    --------
    >>> records = [Record(i + 1, cost, None, None, None, 0.5, 0.1) for i, cost in enumerate([3.0, 2.0, 2.5, 2.0])]
    >>> halve_on_plateau(2)(History(tuple(records)))
    Verdict(reason=None, factor=0.5)
    """
    _check(n, monitor)
    if not 0.0 < until < 1.0:
        raise ValueError(f"until must lie between 0 and 1, both excluded, got {until}")

    def rule(history: History) -> Verdict:
        name = monitor or history.monitor
        sign = 1.0 if name in RISING else -1.0
        best, waited, factor = float("-inf"), 0, 1.0
        for value in history.column(name):
            waited = 0 if sign * value > best else waited + 1
            best = max(best, sign * value)
            if waited == n:
                waited, factor = 0, 0.5 * factor
        return Verdict("plateau" if factor <= until else None, factor)

    return rule


def target(value: float, monitor: str | None = None) -> Stopping:
    """Return a rule that stops when `monitor` reaches `value`: an accuracy from below, a cost from above.

    Examples
    --------
    >>> target(0.5, "cost")(History((Record(1, 0.4, None, None, None, 0.5, 0.1),))).reason
    'target'
    """
    _check(1, monitor)

    def rule(history: History) -> Verdict:
        name = monitor or history.monitor
        last = history.column(name)[-1]
        return Verdict("target" if (last >= value if name in RISING else last <= value) else None)

    return rule


def time_limit(seconds: float) -> Stopping:
    """Return a rule that stops after the epoch in which the training time passes `seconds`.

    Examples
    --------
    >>> time_limit(0.1)(History((Record(1, 0.4, None, None, None, 0.5, seconds=0.2),))).reason
    'time_limit'
    """
    if not seconds > 0:
        raise ValueError(f"seconds must be above 0, got {seconds}")
    return lambda history: Verdict("time_limit" if sum(history.column("seconds")) >= seconds else None)


def any_of(*rules: Stopping) -> Stopping:
    """Return the rule that stops when one of `rules` does; their factors are multiplied.

    Examples
    --------
    >>> any_of(target(0.5, "cost"), time_limit(9.0))(History((Record(1, 0.4, None, None, None, 0.5, 0.2),))).reason
    'target'
    """

    def rule(history: History) -> Verdict:
        reason, factor = None, 1.0
        for verdict in (rule(history) for rule in rules):
            reason, factor = reason or verdict.reason, factor * verdict.factor
        return Verdict(reason, factor)

    return rule


def _check(n: Any, monitor: str | None) -> None:
    if not isinstance(n, int) or n < 1:
        raise ValueError(f"n must be a whole number of epochs, at least 1, got {n!r}")
    if monitor is not None and monitor not in (*RISING, "cost", "validation_cost"):
        raise ValueError(f"monitor must be a cost or an accuracy of {Record.__name__}, got {monitor!r}")
