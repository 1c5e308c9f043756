"""Cells of a table as text: which texts count as missing, the one spelling of a category, the shape of a text."""

import re
from collections.abc import Sequence

# pandas' markers of missing cells, in upper or lower case, and the question mark of many old tables
MISSING = frozenset(
    ("", "?", "na", "n/a", "<na>", "#na", "#n/a", "#n/a n/a", "null", "none", "nat", "nan", "-nan"),
) | {"1.#ind", "-1.#ind", "1.#qnan", "-1.#qnan"}
BOOLEANS = {"true": 1, "false": 0}
PLAIN = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
EXPONENT = re.compile(PLAIN.pattern + r"[eE][+-]?[0-9]{1,3}")
PLAINLY = {"\u2212": "-", "\u2013": "-", "\u00a0": " ", "\u202f": " ", "\u2009": " "}  # minus, dash, blanks
DIGITS = bytes.maketrans(b"123456789", b"000000000")


def is_missing(cell: object) -> bool:
    """Return whether a cell of a table holds nothing.

    Parameters
    ----------
    cell : object
        Text, a number or None.

    Returns
    -------
    bool
        True for None, NaN, NaT and pandas' NA, and for text that is empty or one of ?, NA, N/A, NaN, NaT, null and
        None in any case.

    Examples
    --------
    >>> [is_missing(cell) for cell in ("", " NA ", None, float("nan"), "0", 0)]
    [True, True, True, True, False, False]
    """
    if isinstance(cell, str):
        return cell.strip().lower() in MISSING
    try:
        return cell is None or bool(cell != cell)  # NaN and NaT differ from themselves
    except TypeError:  # pandas' NA has no truth value
        return True


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


def normal(texts: Sequence[str]) -> str | None:
    r"""Return texts in one string, a line each, with plain blanks and minus signs; None if one has lines itself.

    Examples
    --------
    >>> normal(["1\u202f234", "\u22125"])
    '1 234\n-5'
    """
    joined = "\n".join(texts)
    if not joined.isascii():
        for written, plain in PLAINLY.items():
            joined = joined.replace(written, plain)
    return joined if joined.count("\n") == len(texts) - 1 else None


def shapes(joined: str) -> list[str]:
    r"""Return the shape of each line: the text with 0 for every digit.  Few shapes stand for many texts.

    Examples
    --------
    >>> shapes("1,25\n17,50\n3,99")
    ['0,00', '00,00', '0,00']
    """
    raw = joined.encode("utf-8", "surrogatepass")  # no byte of another character is that of a digit
    return raw.translate(DIGITS).decode("utf-8", "surrogatepass").split("\n")
