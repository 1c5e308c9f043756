"""Stopping rules: functions of the history that decide whether training continues, and at what learning rate.

The comparison with the best epoch is `History.best`.
"""

from collections.abc import Callable
from math import inf, isfinite
from typing import NamedTuple, TypeAlias

from xpnet.checks import number, whole
from xpnet.configured import Configured
from xpnet.io.models.history import RISING, History, Record, is_better


class Verdict(NamedTuple):
    """What a rule decides after an epoch."""

    reason: str | None = None  # why training stops; None: it continues
    factor: float = 1.0  # factor on the optimizer's own learning rate from now on


Stopping: TypeAlias = Callable[[History], Verdict]


def no_improvement(n: int, monitor: str | None = None) -> Stopping:
    """Return a rule that stops when the best epoch is `n` epochs ago.

    Parameters
    ----------
    n : int
        Epochs to wait for a new best value.
    monitor : str, optional
        Field of the records to watch.  Default: what ``train(keep=...)`` names, the cost or the accuracy, of the
        validation set, or without one of training.

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
    return Configured.of(_no_improvement, n=whole("n", n, 1), monitor=_checked(monitor))


def _no_improvement(history: History, n: int, monitor: str | None) -> Verdict:
    best = history.best(monitor)
    since = best.epoch if isfinite(getattr(best, monitor or history.monitor)) else 0
    return Verdict("no_improvement" if len(history) - since >= n else None)


def halve_on_plateau(n: int = 10, until: float = 1 / 128, monitor: str | None = None) -> Stopping:
    """Return a rule that halves the learning rate after `n` epochs without improvement, and stops at the share `until`.

    Parameters
    ----------
    n : int
        Epochs to wait for a new best value; the count starts again after each halving.
    until : float
        Share of the first learning rate at which training stops, above 0 and below 1.
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
    until = number("until", until, above=True, below=1.0)
    return Configured.of(_halve_on_plateau, n=whole("n", n, 1), until=until, monitor=_checked(monitor))


def _halve_on_plateau(history: History, n: int, until: float, monitor: str | None) -> Verdict:
    name = monitor or history.monitor
    best, waited, factor = None, 0, 1.0
    for value in history.column(name):
        better = is_better(name, value, best)
        best, waited = (value, 0) if better else (best, waited + 1)
        if waited == n:
            waited, factor = 0, 0.5 * factor
    return Verdict("plateau" if factor <= until else None, factor)


def target(value: float, monitor: str) -> Stopping:
    """Return a rule that stops when `monitor` reaches `value`: an accuracy from below, a cost from above.

    `monitor` is a field of the records; it must be named, since a value alone does not say which way it is reached.

    Examples
    --------
    >>> target(0.5, "cost")(History((Record(1, 0.4, None, None, None, 0.5, 0.1),))).reason
    'target'
    """
    return Configured.of(_target, value=number("value", value, -inf, above=True), monitor=_checked(monitor))


def _target(history: History, value: float, monitor: str) -> Verdict:
    last = history.column(monitor)[-1]
    reached = isfinite(last) and (last >= value if monitor in RISING else last <= value)
    return Verdict("target" if reached else None)


def time_limit(seconds: float) -> Stopping:
    """Return a rule that stops after the epoch in which the training time passes `seconds`.

    Examples
    --------
    >>> time_limit(0.1)(History((Record(1, 0.4, None, None, None, 0.5, seconds=0.2),))).reason
    'time_limit'
    """
    return Configured.of(_time_limit, seconds=number("seconds", seconds, above=True))


def _time_limit(history: History, seconds: float) -> Verdict:
    return Verdict("time_limit" if sum(history.column("seconds")) >= seconds else None)


def any_of(*rules: Stopping) -> Stopping:
    """Return the rule that stops when one of `rules` does; their factors are multiplied.

    Examples
    --------
    >>> any_of(target(0.5, "cost"), time_limit(9.0))(History((Record(1, 0.4, None, None, None, 0.5, 0.2),))).reason
    'target'
    """
    for rule in rules:
        if not callable(rule):
            raise TypeError(f"rules must be stopping rules, such as no_improvement(10), got {rule!r}")
    return Configured.of(_any_of, rules=rules)


def _any_of(history: History, rules: tuple[Stopping, ...]) -> Verdict:
    reason, factor = None, 1.0
    for verdict in (rule(history) for rule in rules):
        reason, factor = reason or verdict.reason, factor * verdict.factor
    return Verdict(reason, factor)


def _checked(monitor: str | None) -> str | None:
    if monitor is not None and monitor not in (*RISING, "cost", "validation_cost"):
        raise ValueError(f"monitor must be a cost or an accuracy of {Record.__name__}, got {monitor!r}")
    return monitor
