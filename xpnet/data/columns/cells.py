"""Cells of a table as text: which number a text stands for, and which texts count as missing."""

from typing import NamedTuple


class RawTable(NamedTuple):
    """The text of all cells of a table, which each format's reader returns for `read_cells`."""

    header: list[str]
    rows: list[list[str]]  # as many cells as the header has names; "" for a missing one
    places: list[str]  # the place of each row in the file, for messages: "line 2" or "row 0"


def to_number(text: str) -> int | float | None:
    """Return the number that a text stands for, an int if it is whole, or None.

    Parameters
    ----------
    text : str
        A cell of a table; blanks around the number do not count.

    Returns
    -------
    int, float or None
        ``nan`` and infinities are returned as such.

    Examples
    --------
    >>> to_number(" 3.0"), to_number("2.5"), to_number("1_000"), to_number("three")
    (3, 2.5, None, None)
    """
    if "_" in text:  # Python reads 1_000 as a number; in a table it is text
        return None
    try:
        number = float(text)
    except ValueError:
        return None
    if not number.is_integer():
        return number
    try:
        return int(text)  # exact beyond 2**53
    except ValueError:
        return int(number)


# pandas' markers of missing cells, in upper or lower case, and the question mark of many old tables
MISSING = frozenset(
    ("", "?", "na", "n/a", "<na>", "#na", "#n/a", "#n/a n/a", "null", "none", "nat", "nan", "-nan"),
) | {"1.#ind", "-1.#ind", "1.#qnan", "-1.#qnan"}


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
