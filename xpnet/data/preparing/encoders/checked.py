"""What a model file says of an encoder is checked when it is read, not when the first row is encoded."""

from math import isfinite
from typing import Any

import numpy as np

from xpnet.data.errors import FormatError


def text(value: dict[str, Any], name: str) -> str:
    """Return an entry that must be text.

    Examples
    --------
    >>> text({"name": 3}, "name")
    Traceback (most recent call last):
    xpnet.data.errors.FormatError: name must be text, got 3
    """
    found = value[name]
    if not isinstance(found, str):
        raise _wrong(name, "text", found)
    return found


def texts(value: dict[str, Any], name: str) -> tuple[str, ...]:
    """Return an entry that must be a list of different texts; it may be left out."""
    found = value.get(name, [])
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found) or len(set(found)) < len(found):
        raise _wrong(name, "a list of different texts", found)
    return tuple(found)


def number(value: dict[str, Any], name: str, *, positive: bool = False) -> float:
    """Return an entry that must be a finite number, above 0 if it is a scale."""
    return _number(name, value[name], positive=positive)


def numbers(value: dict[str, Any], name: str, n: int, *, positive: bool = False) -> tuple[float, ...]:
    """Return an entry that must be a list of n finite numbers."""
    found = value[name]
    if not isinstance(found, list) or len(found) != n:
        raise _wrong(name, f"a list of {n} numbers", found)
    return tuple(_number(name, each, positive=positive) for each in found)


def flag(value: dict[str, Any], name: str) -> bool | None:
    """Return an entry that must be true or false; None if it is left out."""
    found = value.get(name)
    if found is not None and not isinstance(found, bool):
        raise _wrong(name, "true or false", found)
    return found


def date(value: dict[str, Any], name: str) -> str:
    """Return an entry that must be a date in ISO's spelling."""
    found = text(value, name)
    try:
        if not found or np.isnat(np.datetime64(found, "us")):
            raise _wrong(name, "a date", found)
    except ValueError as error:
        raise _wrong(name, "a date", found) from error
    return found


def _number(name: str, found: Any, *, positive: bool) -> float:
    if type(found) not in (int, float) or abs(found) > 1.7e308 or not isfinite(found) or (positive and found <= 0.0):
        raise _wrong(name, "a finite number above 0" if positive else "a finite number", found)
    return float(found)


def _wrong(name: str, wanted: str, found: Any) -> FormatError:
    return FormatError(f"{name} must be {wanted}, got {found!r:.40}")
