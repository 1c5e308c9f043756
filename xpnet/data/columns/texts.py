"""Find the kind of a column of text, and read its values, the whole column at a time."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from xpnet.data.columns.booleans import booleans
from xpnet.data.columns.cells import category, is_missing, shapes
from xpnet.data.columns.column import Array, Column, Doubt
from xpnet.data.columns.dates import dates
from xpnet.data.columns.foreign_numbers import ADVICE, foreign_numbers, number_like
from xpnet.data.columns.numbers import PLAIN_SHAPE, looks_like_code, number_column, plain_numbers
from xpnet.data.columns.spelling import Reading, Spelling

FEW = 20  # a column with at most so many categories is never text
AS_TEXT = ("category", "text")  # kinds whose numbers keep their text; of text every character
MIXED = "must hold numbers or text"  # how a doubt about a mixture begins
LABELS = ("label", "target")  # kinds that a reader asks for: numbers, or text as it is written


class Texts(NamedTuple):
    """A column of text as codes into its distinct texts, without blanks around them, in the order of first rows."""

    distinct: list[str]
    codes: npt.NDArray[np.int32]


class _Present(NamedTuple):
    """The distinct texts of a column that are no gaps, and for each row its code among them; -1 at gaps."""

    name: str
    texts: list[str]
    codes: Array
    gaps: Array

    def spread(self, values: Array) -> Array:
        """Return the values of the distinct texts for all rows; those at gaps mean nothing."""
        return values[self.codes]

    def doubt(self, found: tuple[str, str] | None) -> Doubt | None:
        """Return the doubt about one of the texts, with its first row."""
        if found is None:
            return None
        text, words = found
        return Doubt(int(np.argmax(self.codes == self.texts.index(text))), words)

    def number_column(self, values: Array, spelling: Spelling | None = None, remark: str | None = None) -> Column:
        return number_column(self.name, self.spread(values), self.gaps, spelling, remark)


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
    >>> column_of_texts("legs", ["4", "", "2.5"], Reading()).numbers()
    array([4. , nan, 2.5])
    """
    if takes_plain_numbers(name, reading) and len(cells):
        gaps = np.fromiter(map("".__eq__, cells), np.bool_, len(cells)) if "" in cells else np.zeros(len(cells), bool)
        found = None if gaps.all() else plain_numbers([cell or "0" for cell in cells] if gaps.any() else cells)
        if found is not None:
            whole = found.dtype.kind == "i"
            return number_column(name, found, gaps, remark=code_remark(name, cells) if whole else None)
    return column_of_distinct(name, factorize(cells), reading)


def takes_plain_numbers(name: str, reading: Reading) -> bool:
    """Return whether numbers in this column are numbers: it is not called text, and no number is a gap."""
    return reading.kinds.get(name) not in AS_TEXT and not reading.missing


def code_remark(name: str, texts: Sequence[str]) -> str | None:
    """Return a remark about numbers with leading zeros, or None."""
    code = looks_like_code(texts)
    if code is None:
        return None
    return f"column '{name}' is taken as numbers, but '{code}' looks like a code"


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
    present = _present(name, texts, reading)
    kind = reading.kinds.get(name)
    if not present.texts:
        return Column(name, "number", np.full(len(present.gaps), np.nan), present.gaps)
    if kind in AS_TEXT:
        return _categories(present, [category(text) for text in present.texts] if kind == "category" else present.texts)
    numbers = plain_numbers(present.texts)
    if numbers is not None:
        whole = numbers.dtype.kind == "i"
        return present.number_column(numbers, remark=code_remark(name, present.texts) if whole else None)
    known = reading.spellings.get(name)
    if kind in LABELS:
        return _labels(present, reading, known, foreign=kind == "target")
    found = _boolean(present, known) or _date(present, reading, known) or _foreign(present, reading, known)
    return found or _categories(present, [category(text) for text in present.texts], _mixture(present))


def _present(name: str, texts: Texts, reading: Reading) -> _Present:
    markers = {marker.strip() for marker in reading.missing}
    missing = np.asarray([is_missing(text) or text in markers for text in texts.distinct], dtype=np.bool_)
    gaps = missing[texts.codes]
    if not missing.any():
        return _Present(name, texts.distinct, texts.codes, gaps)
    place = np.where(missing, -1, np.cumsum(~missing) - 1)
    kept = [text for text, gone in zip(texts.distinct, missing.tolist(), strict=True) if not gone]
    return _Present(name, kept, place[texts.codes], gaps)


def _boolean(present: _Present, known: Spelling | None) -> Column | None:
    found = booleans(present.texts, known)
    if found is None:
        return None
    flags, spelling = found
    return Column(present.name, "boolean", present.spread(flags) & ~present.gaps, present.gaps, spelling=spelling)


def _date(present: _Present, reading: Reading, known: Spelling | None) -> Column | None:
    found = dates(present.texts, reading, known)
    if found is None:
        return None
    if found.values is None:
        return _categories(present, present.texts, found.doubt)
    values = np.where(present.gaps, np.datetime64("NaT", "us"), present.spread(found.values))
    return Column(present.name, "date", values, present.gaps, spelling=found.spelling)


def _foreign(present: _Present, reading: Reading, known: Spelling | None) -> Column | None:
    found = foreign_numbers(present.texts, reading, known)
    if found is None:
        return None
    if found.values is None:
        return _categories(present, present.texts, found.doubt)
    return present.number_column(found.values, found.spelling)


def _labels(present: _Present, reading: Reading, known: Spelling | None, *, foreign: bool) -> Column:
    """Return numbers, or text as it is written: for class labels."""
    found = _foreign(present, reading, known) if foreign else None
    return found or _categories(present, present.texts, _mixture(present))


def _categories(present: _Present, texts: list[str], doubt: tuple[str, str] | None = None) -> Column:
    """Return a column of categories; those that are one in another spelling become one."""
    spelled = factorize(texts)
    codes = present.codes.astype(np.int32)
    if len(spelled.distinct) < len(texts):
        codes = np.where(present.gaps, -1, spelled.codes[codes]).astype(np.int32)
    kind = "text" if len(spelled.distinct) > FEW and _mostly_once(codes[~present.gaps]) else "category"
    return Column(present.name, kind, codes, present.gaps, tuple(spelled.distinct), doubt=present.doubt(doubt))


def _mostly_once(codes: Array) -> bool:
    """Return whether most rows have a category that no other row has."""
    return bool((np.bincount(codes) == 1).sum() > len(codes) / 2)


def _mixture(present: _Present) -> tuple[str, str] | None:
    """Return what is wrong about numbers among text, or None if there is no number or no text."""
    written = shapes("\n".join(" ".join(text.split()) for text in present.texts))
    number = {shape: bool(PLAIN_SHAPE.fullmatch(shape)) or number_like(shape) for shape in set(written)}
    if len(set(number.values())) < 2:
        return None
    odd = next(text for text, shape in zip(present.texts, written, strict=True) if not number[shape])
    return odd, f"{MIXED}, got '{odd}' among numbers: call it missing, {ADVICE}"


def retyped(column: Column, reading: Reading) -> Column:
    """Return a column of categories or text as `reading` says; other columns as they are.

    Examples
    --------
    >>> column = column_of_texts("sold", ["yes", ""], Reading())
    >>> retyped(column, Reading(spellings={"sold": Spelling(words=("no", "yes"))})).kind
    'boolean'
    """
    if column.kind not in ("category", "text"):
        return column
    used, codes = np.unique(np.where(column.missing, -1, column.values), return_inverse=True)
    texts = ["" if code < 0 else column.distinct[code] for code in used.tolist()]
    return column_of_distinct(column.name, Texts(texts, codes.astype(np.int32)), reading)


def as_categories(column: Column) -> Column:
    """Return any column as one of categories: numbers, booleans and dates by their text.

    Examples
    --------
    >>> as_categories(column_of_texts("zip", ["20", "10", "20"], Reading())).distinct
    ('20', '10')
    """
    if column.kind in ("category", "text"):
        return column
    distinct, first, codes = np.unique(column.values[~column.missing], return_index=True, return_inverse=True)
    order = np.argsort(first)
    texts = [category(_text_of(column, value)) for value in distinct[order].tolist()]
    all_codes = np.full(len(column), -1, dtype=np.int32)
    all_codes[~column.missing] = np.argsort(order)[codes]
    return Column(column.name, "category", all_codes, column.missing, tuple(texts))


def _text_of(column: Column, value: Any) -> str:
    if column.kind == "boolean" and column.spelling and column.spelling.words:
        return column.spelling.words[value]
    return str(value)
