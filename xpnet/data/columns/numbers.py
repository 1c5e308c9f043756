"""Read a column of plainly written numbers at once."""

import re
from collections.abc import Sequence

import numpy as np

from xpnet.data.columns.column import Array, Column
from xpnet.data.columns.spelling import Spelling

WHOLE = b"+-0123456789\n"
EXACT = 2**53  # float64 holds every whole number below
PLAIN_SHAPE = re.compile(r"[+-]?(?:0+\.?0*|\.0+)(?:[eE][+-]?0+)?|[+-]?(?:inf|infinity)", re.IGNORECASE)
CODE = re.compile(r"^0[0-9]+$", re.MULTILINE)


def plain_numbers(texts: Sequence[str]) -> Array | None:
    """Return numbers that Python can read, or None if one of the texts is none; NaN is a gap, not a number.

    Parameters
    ----------
    texts : sequence of str, length n

    Returns
    -------
    array, shape (n,), or None
        int64 if all are whole numbers, written without point and exponent, that it holds; else float64.

    Examples
    --------
    >>> plain_numbers(["3", "-4"]), plain_numbers(["3", "2.5e1"]), plain_numbers(["3", "1_000"])
    (array([ 3, -4]), array([ 3., 25.]), None)
    """
    joined = "\n".join(texts)
    if "_" in joined or not joined.isascii():  # Python reads 1_000 and the digits of other scripts
        return None
    try:
        if not joined.encode().translate(None, WHOLE):
            return np.fromiter(map(int, texts), np.int64, len(texts))
    except (ValueError, OverflowError):
        pass  # too large, or no number
    try:
        numbers = np.fromiter(map(float, texts), np.float64, len(texts))
    except ValueError:
        return None
    return None if np.isnan(numbers).any() else numbers


def to_number(text: str) -> int | float | None:
    """Return the number that a text stands for, an int if it is whole, or None.

    Examples
    --------
    >>> to_number(" 3.0"), to_number("2.5"), to_number("1_000"), to_number("three")
    (3, 2.5, None, None)
    """
    found = plain_numbers([text])
    number = None if found is None else found.tolist()[0]
    return int(number) if isinstance(number, float) and number.is_integer() else number


def looks_like_code(texts: Sequence[str]) -> str | None:
    """Return the first text that is a whole number with leading zeros, or None.

    Examples
    --------
    >>> looks_like_code(["12", "007"]), looks_like_code(["0", "0.5"])
    ('007', None)
    """
    found = CODE.search("\n".join(texts))
    return None if found is None else found[0]


def number_column(
    name: str, values: Array, gaps: Array, spelling: Spelling | None = None, remark: str | None = None
) -> Column:
    """Return a number column: int64 if all its numbers are whole and exact, else float64.

    Parameters
    ----------
    name : str
    values : array, shape (n,), int64 or float64
    gaps : array, shape (n,), bool
        NaN is a gap, too.
    spelling, remark
        As of `Column`.

    Examples
    --------
    >>> number_column("legs", np.asarray([4.0, np.nan]), np.asarray([False, False])).values
    array([4, 0])
    """
    if values.dtype.kind == "f":
        gaps = gaps | np.isnan(values)
        values = np.where(gaps, 0.0, values) if gaps.any() else values
        if gaps.all() or not _all_whole(values):
            kept = np.where(gaps, np.nan, values) if gaps.any() else values
            return Column(name, "number", kept, gaps, spelling=spelling, remark=remark)
        values = values.astype(np.int64)
    elif gaps.any():
        values = np.where(gaps, 0, values)
    return Column(name, "number", values, gaps, spelling=spelling, remark=remark)


def _all_whole(values: Array) -> bool:
    """Return whether float64 numbers are whole and below 2**53; the first ones usually tell."""
    with np.errstate(invalid="ignore"):
        for part in (values[:64], values[64:]):
            if len(part) and not ((np.abs(part) < EXACT) & (np.trunc(part) == part)).all():
                return False
    return True
