"""Give each category one spelling, and recognize numbers that are not written as in Python."""

import re
import unicodedata
from typing import Any

import numpy as np

from xpnet.data.columns.cells import to_number

BOOLEANS = {"true": 1, "false": 0}
PLAIN = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
EXPONENT = re.compile(PLAIN.pattern + r"[eE][+-]?[0-9]{1,3}")
DATE = re.compile(
    r"(?:[0-9]{4}([-/.])[0-9]{1,2}\1[0-9]{1,2}|[0-9]{1,2}([-/.])[0-9]{1,2}\2(?:[0-9]{4}|[0-9]{2}))"
    r"(?:[T ][0-9]{1,2}:[0-9]{2}.*)?"
)
MONEY = re.compile(r"(?:USD|EUR|GBP|JPY|CNY|CHF|INR|CAD|AUD|SEK|NOK|DKK|PLN|CZK|BRL|MXN|KRW|kr|zł|Fr\.)")
DECIMAL_COMMA = re.compile(r"(?:[0-9]+|[0-9]{1,3}(?:[. '’][0-9]{3})+)?,[0-9]+(?:[eE][+-]?[0-9]+)?")
THOUSANDS = re.compile(r"[1-9][0-9]{0,2}(?:([,. '’_])[0-9]{3})(?:\1[0-9]{3})*(?:[.,][0-9]+)?")


def number_of(cell: object) -> float | None:
    """Return the number that a cell of a feature column holds, or None.

    Parameters
    ----------
    cell : object
        Text, a number or a boolean; ``True`` and ``true`` are 1, ``False`` and ``false`` are 0.

    Returns
    -------
    float or None
        Infinite if the number is too large for float64.

    Examples
    --------
    >>> [number_of(cell) for cell in ("2.50", 3, True, "false", "1,5", "red")]
    [2.5, 3.0, 1.0, 0.0, None, None]
    """
    if isinstance(cell, str):
        number: Any = to_number(cell)
        number = BOOLEANS.get(cell.strip().lower()) if number is None else number
    else:
        number = cell if isinstance(cell, int | float | np.bool_ | np.integer | np.floating) else None
    try:
        return None if number is None else float(number)
    except OverflowError:
        return float("inf") if number > 0 else float("-inf")


def is_boolean(cell: object) -> bool:
    """Return whether a cell is True or False, or writes one of them in any case.

    Examples
    --------
    >>> [is_boolean(cell) for cell in ("TRUE", False, "1", "yes")]
    [True, True, False, False]
    """
    return isinstance(cell, bool | np.bool_) or (isinstance(cell, str) and cell.strip().lower() in BOOLEANS)


def category(cell: object) -> str:
    """Return the one spelling of a category; it does not depend on the kind of file or array.

    Parameters
    ----------
    cell : object
        Text, a number or a boolean.

    Returns
    -------
    str
        Text without surrounding blanks; a number without trailing zeros or exponent; ``1`` or ``0`` for a boolean.
        Leading zeros stay, because 007 is not 7.

    Examples
    --------
    >>> [category(cell) for cell in ("10", "10.0", 10, 10.0, "1e1")]
    ['10', '10', '10', '10', '10']
    >>> [category(cell) for cell in (True, "true", 1, " red ", "007")]
    ['1', '1', '1', 'red', '007']
    """
    text = cell.decode("utf-8", "replace") if isinstance(cell, bytes) else str(cell)
    text = text.strip()
    if text.lower() in BOOLEANS:
        return str(BOOLEANS[text.lower()])
    if EXPONENT.fullmatch(text):
        number = float(text)
        text = repr(number) if not number.is_integer() else str(int(number))
    if "." in text and PLAIN.fullmatch(text):
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def is_date(text: str) -> bool:
    """Return whether a text looks like a date, with or without a time.

    Examples
    --------
    >>> is_date("2024-02-29"), is_date("1.2.24 10:30"), is_date("1.25")
    (True, True, False)
    """
    return DATE.fullmatch(text.strip()) is not None


def foreign_number(text: str) -> str | None:
    """Return in which spelling a text writes a number that Python cannot read, or None.

    Parameters
    ----------
    text : str
        A cell.

    Returns
    -------
    str or None
        Words for a message, such as ``"a decimal comma"``.

    Examples
    --------
    >>> [foreign_number(text) for text in ("1,25", "1,234,567.8", "12 %", "$5", "1.25", "red")]
    ['a decimal comma', 'thousands separators', 'a percent sign', 'a currency', None, None]
    """
    bare = " ".join(text.replace("\u2212", "-").split())  # no-break and narrow spaces become plain ones
    if to_number(bare) is not None:
        return None if bare == text.strip() else "a minus sign that is no hyphen"
    if bare.startswith("(") and bare.endswith(")"):
        bare = bare[1:-1]  # accountants' negative numbers
    found, core = None, bare.strip("%‰ ")
    if core != bare:
        found = "a percent sign"
    without = MONEY.sub("", "".join(c for c in core if unicodedata.category(c) != "Sc"), count=1)
    if without != core:
        found = "a currency"
    core = without.strip().lstrip("+-").strip()
    if THOUSANDS.fullmatch(core) and not re.fullmatch(r"[0-9]+[.,][0-9]+", core):
        return found or "thousands separators"
    if DECIMAL_COMMA.fullmatch(core):
        return found or ("a comma" if THOUSANDS.fullmatch(core) else "a decimal comma")
    return found if found and to_number(core) is not None else None
