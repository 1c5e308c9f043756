"""Find the kind of a column of text, and read its values, the whole column at a time."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from xpnet.data.columns.cells import is_missing
from xpnet.data.columns.column import Array, Column
from xpnet.data.columns.numbers import plain_numbers
from xpnet.data.columns.spelling import Reading
from xpnet.data.columns.spellings import category

FEW = 20  # a column with at most so many categories is never text


class Texts(NamedTuple):
    """A column of text as codes into its distinct texts, without blanks around them, in the order of first rows."""

    distinct: list[str]
    codes: npt.NDArray[np.int32]


def column_of_texts(name: str, cells: Sequence[str], reading: Reading) -> Column:
    """Return the typed column of some text.

    Parameters
    ----------
    name : str
    cells : sequence of str, length n
        Without blanks around them.
    reading : Reading
        What is known about it.

    Examples
    --------
    >>> column_of_texts("legs", ["4", "", "2"], Reading()).numbers()
    array([ 4., nan,  2.])
    """
    if reading.kinds.get(name) is None and not reading.missing:
        gaps = np.fromiter(map("".__eq__, cells), np.bool_, len(cells))
        found = plain_numbers([cell or "0" for cell in cells] if gaps.any() else cells)
        if found is not None and not gaps.all():
            return number_column(name, found, gaps)
    return column_of_distinct(name, factorize(cells), reading)


def number_column(name: str, values: Array, gaps: Array) -> Column:
    """Return a number column with NaN, or 0 for whole numbers, at its gaps."""
    if values.dtype.kind == "i":
        return Column(name, "number", np.where(gaps, 0, values), gaps)
    missing = gaps | np.isnan(values)
    return Column(name, "number", np.where(missing, np.nan, values), missing)


def factorize(cells: Sequence[str]) -> Texts:
    """Return the distinct texts of a column, and a code for each row.

    Examples
    --------
    >>> factorize(["b", "a", "b"])
    Texts(distinct=['b', 'a'], codes=array([0, 1, 0], dtype=int32))
    """
    distinct = list(dict.fromkeys(cells))
    place = dict(zip(distinct, range(len(distinct)), strict=True))
    return Texts(distinct, np.fromiter(map(place.__getitem__, cells), np.int32, len(cells)))


def column_of_distinct(name: str, texts: Texts, reading: Reading) -> Column:
    """Return the typed column of some distinct texts and the codes of the rows."""
    markers = {marker.strip() for marker in reading.missing}
    missing = np.asarray([is_missing(text) or text in markers for text in texts.distinct], dtype=np.bool_)
    gaps = missing[texts.codes]
    present = [text for text, gone in zip(texts.distinct, missing.tolist(), strict=True) if not gone]
    if not present:
        return Column(name, "number", np.full(len(gaps), np.nan), gaps)
    place = np.cumsum(~missing) - 1  # of each distinct text among the present ones
    if reading.kinds.get(name) is None:
        numbers = plain_numbers(present)
        if numbers is not None:
            return number_column(name, numbers[place[texts.codes]], gaps)
        lower = {text.lower() for text in present}
        if lower <= {"true", "false"}:
            flags = np.asarray([text.lower() == "true" for text in present])
            return Column(name, "boolean", flags[place[texts.codes]] & ~gaps, gaps)
    return category_column(name, present, np.where(gaps, -1, place[texts.codes]), gaps)


def category_column(name: str, present: list[str], codes: Array, gaps: Array) -> Column:
    """Return a column of categories; those that are one in another spelling become one."""
    spelled = factorize([category(text) for text in present])
    joined = np.where(gaps, -1, spelled.codes[codes]).astype(np.int32)
    once = int((np.bincount(joined[~gaps], minlength=len(spelled.distinct)) == 1).sum())
    many = len(spelled.distinct) > FEW and once > (~gaps).sum() / 2
    return Column(name, "text" if many else "category", joined, gaps, tuple(spelled.distinct))
