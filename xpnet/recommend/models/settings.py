"""Checks of the models' settings."""

from math import isfinite
from typing import Any

from xpnet.checks import whole


def check_settings(k: int, lam: Any, validation: float = 0.5) -> None:
    """Refuse a number of factors, a lambda or a validation part that makes no sense.

    Examples
    --------
    >>> check_settings(16, -1.0)
    Traceback (most recent call last):
    ValueError: lam must be a finite number of at least 0, got -1.0
    """
    whole("k", k, 1)
    if lam is not None:
        check_number("lam", lam)
    if not 0.0 < validation < 1.0:
        raise ValueError(f"validation must be between 0 and 1, got {validation}")


def check_steps(cg_steps: int | None) -> None:
    """Refuse steps of conjugate gradients that are neither a number of steps nor None, for exact solutions.

    Examples
    --------
    >>> check_steps(0)
    Traceback (most recent call last):
    ValueError: cg_steps must be at least 1, got 0
    """
    if cg_steps is not None:
        whole("cg_steps", cg_steps, 1)


def check_number(name: str, value: Any, above: bool = False) -> None:
    """Refuse what is not a finite number of at least 0, or above 0.

    Examples
    --------
    >>> check_number("alpha", 0.0, above=True)
    Traceback (most recent call last):
    ValueError: alpha must be a finite number above 0, got 0.0
    """
    if isinstance(value, str | bool) or not hasattr(value, "__float__"):
        raise TypeError(f"{name} must be a number, got {value!r}")
    try:
        number = float(value)
    except OverflowError:
        number = float("inf")
    if not isfinite(number) or number < 0.0 or (above and number == 0.0):
        raise ValueError(f"{name} must be a finite number {'above' if above else 'of at least'} 0, got {value!r}")
