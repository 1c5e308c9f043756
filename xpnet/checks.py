"""Checks of arguments, made once at the public border."""

from operator import index
from typing import Any

from xpnet.backend import Array, library_of, to_numpy


def whole(name: str, value: Any, least: int, most: int | None = None) -> int:
    """Return `value` as an int from `least` to `most`.

    Raises
    ------
    TypeError, ValueError
        If it is not a whole number, or is out of range; the message calls it `name`.

    Examples
    --------
    >>> whole("k", 3, 1)
    3
    """
    try:
        number = index(value)
    except TypeError:
        raise TypeError(f"{name} must be a whole number, got {value!r}") from None
    if isinstance(value, bool):
        raise TypeError(f"{name} must be a whole number, got {value}")
    if number < least or (most is not None and number > most):
        allowed = f"at least {least}" if most is None else f"between {least} and {most}"
        raise ValueError(f"{name} must be {allowed}, got {number}")
    return number


def share(name: str, value: Any) -> float:
    """Return `value` as a float from 0 to 1.

    Examples
    --------
    >>> share("energy", 0.9)
    0.9
    """
    if isinstance(value, str) or not hasattr(value, "__float__"):
        raise TypeError(f"{name} must be a number, got {value!r}")
    if not 0.0 <= float(value) <= 1.0:
        raise ValueError(f"{name} must be between 0 and 1, got {value}")
    return float(value)


def plain(name: str, x: Any) -> Any:
    """Return `x`, but a NumPy subclass (a masked array, a matrix) as the plain array that it holds.

    Raises
    ------
    ValueError
        If an entry is masked; the message calls the array `name`.

    Examples
    --------
    >>> import numpy as np
    >>> plain("x", np.ma.masked_equal([1, 2, 3], 2))
    Traceback (most recent call last):
    ValueError: x must not have masked entries, got one at (1,)
    """
    if library_of(x) != "numpy":
        return x
    mask: Array = to_numpy(getattr(x, "mask", False))
    if mask.any():
        raise ValueError(f"{name} must not have masked entries, got one at {tuple(int(i[0]) for i in mask.nonzero())}")
    return to_numpy(x)
