"""The targets that a cost accepts: rules, each in words and as a function."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from xpnet.backend import Array, namespace
from xpnet.nn.checking.rows import first_wrong


def _themselves(y: Array) -> Array:
    return y


@dataclass(frozen=True)
class Rule:
    """A rule for the targets of each row.

    Attributes
    ----------
    words : str
        What follows "y must" in an error: ``"lie between 0 and 1"``.
    right : callable
        ``right(numbers) -> bool``, elementwise.
    seen : callable
        ``seen(y)``, shape (m, n_out) or (m, 1): the numbers that the rule is about.  Default: the targets themselves.

    Examples
    --------
    >>> whole = Rule("be whole", lambda y: y == namespace(y).floor(y))
    """

    words: str
    right: Callable[[Array], Array]
    seen: Callable[[Array], Array] = _themselves


@dataclass(frozen=True)
class Targets:
    """The targets that a cost accepts.

    Attributes
    ----------
    name : str
    rules : tuple of Rule
        Checked one after the other; none: any finite number.
    """

    name: str
    rules: tuple[Rule, ...] = ()


def _is_in_unit_interval(y: Array) -> Array:
    return (y >= 0.0) & (y <= 1.0)


def _is_not_negative(y: Array) -> Array:
    return y >= 0.0


def _is_one(total: Array) -> Array:
    return abs(total - 1.0) <= 1e-3  # float16 probabilities of a few classes


def _sums(y: Array) -> Array:
    return namespace(y).sum(y, axis=-1, keepdims=True)


_BETWEEN = Rule("lie between 0 and 1", _is_in_unit_interval)
TOTAL = Rule("have rows that sum to 1", _is_one, seen=_sums)
REAL = Targets("real")
UNIT = Targets("unit", (_BETWEEN,))
DISTRIBUTION = Targets("distribution", (_BETWEEN, TOTAL))
COUNTS = Targets("counts", (Rule("be 0 or more", _is_not_negative),))
TARGETS = {targets.name: targets for targets in (REAL, UNIT, DISTRIBUTION, COUNTS)}


def look_up_targets(given: Any) -> Targets:
    """Return `given`, or the targets of that name."""
    if isinstance(given, Targets):
        return given
    if not isinstance(given, str):
        raise TypeError(f"targets must be a name or an instance of Targets, got {given!r}")
    if given not in TARGETS:
        raise ValueError(f"targets must be one of {', '.join(TARGETS)} or an instance of Targets, got {given!r}")
    return TARGETS[given]


def check_kind(y: Array, targets: Targets, cost: str) -> None:
    """Refuse targets, shape (..., m, n_out), that break a rule; the message names the first row that does."""
    for rule in targets.rules:
        found = first_broken(y, rule)
        if found:
            row, number = found
            raise ValueError(f"y must {rule.words} for cost {cost!r}, got {number:g} in row {row}")


def first_broken(y: Array, rule: Rule) -> tuple[int, float] | None:
    """Return the first row that breaks the rule and the number that does, or None."""
    found = first_wrong(y, lambda part: rule.right(rule.seen(part)))
    if found is None:
        return None
    row, values = found
    numbers = rule.seen(values[None, :])[0]
    return row, float(numbers[~rule.right(numbers)][0])
