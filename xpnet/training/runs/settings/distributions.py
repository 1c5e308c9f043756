"""Distributions that a random search draws from.

A distribution is its quantile function: it takes a number u, uniformly distributed in [0, 1), to a value.
Distributions with equal settings are equal.
"""

import math
from collections.abc import Callable
from typing import Any, TypeAlias

from xpnet.checks import number, whole
from xpnet.configured import Configured

Distribution: TypeAlias = Callable[[float], Any]

LEAST = -math.inf


def uniform(low: float, high: float) -> Distribution:
    """Return the uniform distribution of the numbers from `low` to `high`.

    Examples
    --------
    >>> uniform(0.0, 0.5)(0.5)
    0.25
    """
    low, high = _limits(low, high, LEAST)
    return Configured.of(_uniform, low=float(low), high=float(high))


def _uniform(u: float, low: float, high: float) -> float:
    return low + u * (high - low)


def log_uniform(low: float, high: float) -> Distribution:
    """Return the distribution of numbers from `low` to `high` whose logarithm is uniformly distributed.

    Learning rates and penalties are searched so: between 0.001 and 0.01 as often as between 0.1 and 1.

    Examples
    --------
    >>> round(log_uniform(0.001, 10.0)(0.5), 12)
    0.1
    """
    low, high = _limits(low, high, 0.0, above=True)
    return Configured.of(_log_uniform, low=float(low), high=float(high))


def _log_uniform(u: float, low: float, high: float) -> float:
    return math.exp(_uniform(u, math.log(low), math.log(high)))


def integers(low: int, high: int) -> Distribution:
    """Return the uniform distribution of the whole numbers from `low` to `high`, both included.

    Examples
    --------
    >>> integers(1, 6)(0.0), integers(1, 6)(0.999)
    (1, 6)
    """
    return Configured.of(_integers, **_whole_limits(low, high, None))


def _integers(u: float, low: int, high: int) -> int:
    return min(high, low + int(u * (high - low + 1)))  # rounding may reach the limit


def log_integers(low: int, high: int) -> Distribution:
    """Return the distribution of whole numbers from `low` to `high`, both included, in proportion to log((i + 1) / i).

    Sizes of layers and batches are searched so: between 10 and 19 as often as between 100 and 199.

    Examples
    --------
    >>> log_integers(10, 1000)(0.0), log_integers(10, 1000)(0.5), log_integers(10, 1000)(0.9999)
    (10, 100, 1000)
    """
    return Configured.of(_log_integers, **_whole_limits(low, high, 1))


def _log_integers(u: float, low: int, high: int) -> int:
    return min(high, max(low, int(_log_uniform(u, low, high + 1.0))))  # rounding may pass a limit


def _limits(low: Any, high: Any, least: float, *, above: bool = False) -> tuple[float, float]:
    low, high = number("low", low, least, above=above), number("high", high, least, above=above)
    if not low < high:
        raise ValueError(f"low must be below high, got low {low} and high {high}")
    return low, high


def _whole_limits(low: Any, high: Any, least: int | None) -> dict[str, int]:
    low = whole("low", low, -(2**53) if least is None else least)
    high = whole("high", high, low)
    return {"low": low, "high": high}
