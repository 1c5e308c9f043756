"""Checks of arguments, made once at the public border."""

import re
from collections.abc import Sequence
from math import inf, isfinite
from operator import index
from typing import Any

# dtypes whose scalars can be made a float, but are no real numbers
NO_NUMBERS = ("bool", "complex64", "complex128", "object")
SHOWN = 20  # names that a message lists; of the others it says how many there are


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


def number(name: str, value: Any, least: float = 0.0, *, above: bool = False, below: float = inf) -> float:
    """Return `value`, a number of Python's or NumPy's or a 0-d array, as a finite number of Python's.

    Parameters
    ----------
    name : str
        What an error calls it.
    value : object
    least : float
        The smallest number that is allowed, or with `above` the largest that is not.
    above : bool
    below : float
        The smallest number that is too large.

    Raises
    ------
    TypeError, ValueError
        If it is no real number, or out of range.

    Examples
    --------
    >>> number("eta", 0.5), number("mu", 0, below=1.0)
    (0.5, 0)
    """
    if not is_number(value):
        raise TypeError(f"{name} must be a number, got {value!r}")
    try:
        found = value if type(value) is int else float(value)
        fits = isfinite(found) and (found > least if above else found >= least) and found < below
    except OverflowError:  # whole numbers of Python's have no limit
        fits = False
    if not fits:
        limits = f"{'above' if above else 'at least'} {least:g}"
        allowed = f"finite and {limits}" if below == inf else f"finite, {limits} and below {below:g}"
        raise ValueError(f"{name} must be {allowed}, got {value}")
    return found


def is_number(value: Any) -> bool:
    """Return whether `value` is one real number: of Python's, of NumPy's, or an array without axes.

    Examples
    --------
    >>> is_number(1), is_number("1"), is_number(True)
    (True, False, False)
    """
    if isinstance(value, bool | str | bytes) or getattr(value, "shape", ()) != ():
        return False
    return hasattr(value, "__float__") and str(getattr(value, "dtype", "")).rpartition(".")[2] not in NO_NUMBERS


def one_line(message: object, most: int = 1000) -> str:
    r"""Return a message as one line, cut where it is too long to be read.

    Examples
    --------
    >>> one_line(ValueError("two\nlines")), one_line(10**40, 5)
    ('two lines', '10000 …')
    """
    line = " ".join(str(message)[: 2 * most].splitlines())
    return line if len(line) <= most else f"{line[:most]} …"


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


def from_row(start: int, text: str) -> str:
    """Return an error's text about a block of rows that begins at row `start`, with the row counted from row 0.

    Examples
    --------
    >>> from_row(8192, "x must be finite, got nan in row 3, column 0")
    'x must be finite, got nan in row 8195, column 0'
    """
    return re.sub(r"\brow (\d+)", lambda found: f"row {start + int(found[1])}", text, count=1)


def listing(names: Sequence[str]) -> str:
    """Return names for a message, the first ones if there are many.

    Parameters
    ----------
    names : sequence of str
        What to list.

    Returns
    -------
    str
        The names with commas between them.

    Examples
    --------
    >>> listing([f"pixel{i}" for i in range(784)])
    'pixel0, pixel1, ..., pixel19 and 764 more'
    """
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return (", ".join(names[:SHOWN]) or "nothing") + more
