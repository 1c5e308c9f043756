"""Read a column of numbers with decimal commas, thousands, percent signs or currencies at once."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from xpnet.data.columns.cells import normal, shapes
from xpnet.data.columns.column import Array
from xpnet.data.columns.spelling import Reading, Spelling

CODES = "USD|EUR|GBP|JPY|CNY|CHF|INR|CAD|AUD|SEK|NOK|DKK|PLN|CZK|BRL|MXN|KRW|kr|zł|Fr\\."
UNIT = rf"[$¢£¤¥֏؋৲৳૱௹฿៛₠-⃀﷼﹩＄￠￡￥￦%‰]|{CODES}"
SHAPE = re.compile(
    rf"(?P<open>\()?(?P<sign>[+-] ?)?(?P<before>{UNIT})? ?(?P<inner>[+-])?"
    rf"(?P<core>[.,]?0+(?:[., '’_]0+)*)(?P<exponent>[eE][+-]?0+)? ?(?P<after>{UNIT})?(?(open)\))"
)
GROUPS = ",. '’_"  # what stands between groups of three digits
SMALL = {"%": "e-2", "‰": "e-3"}
ONE_WAY = "must hold numbers that can be read in one way"
ADVICE = "repair it, or call the column categorical"


class Core(NamedTuple):
    """A way to read the digits of a number: the character before the decimals and the one between the thousands."""

    decimal: str
    thousands: str


class Found(NamedTuple):
    """What a column of text holds: its numbers and how they are written, or a text and what is doubtful about it."""

    values: Array | None
    spelling: Spelling | None
    doubt: tuple[str, str] | None


CONVENTIONS = tuple(Core(decimal, thousands) for decimal in ".," for thousands in ("", *GROUPS) if decimal != thousands)


def foreign_numbers(texts: Sequence[str], reading: Reading, known: Spelling | None) -> Found | None:
    """Return the numbers of distinct texts, if all are numbers in one spelling.

    Parameters
    ----------
    texts : sequence of str
        At least one that Python cannot read as a number.
    reading : Reading
        Its ``decimal`` decides where the column could be read both ways.
    known : Spelling or None
        How the column was written when a model was trained; it decides after ``reading``.

    Returns
    -------
    Found or None
        None if one of the texts is no number in any spelling.  A doubt if the spellings differ, or if the column
        could be read in two ways.

    Examples
    --------
    >>> foreign_numbers(["1.234,5 €", "7 €"], Reading(), None).values
    array([1234.5,    7. ])
    >>> foreign_numbers(["1,234", "999"], Reading(), None).doubt
    ('1,234', "must hold numbers that can be read in one way, got '1,234': name the decimal character")
    """
    joined = normal(texts)
    if joined is None:
        return None
    written = shapes(joined)
    example = dict(zip(reversed(written), reversed(texts), strict=True))  # the first text of each shape
    matched: dict[str, re.Match[str]] = {}
    for shape in dict.fromkeys(written):
        match = _match(shape)
        if match is None:
            return None
        matched[example[shape]] = match
    units = {example: _units(match) for example, match in matched.items()}
    wrong = _mixed_units(units)
    if wrong is not None:
        words = f"must hold numbers of one unit, got '{wrong[0]}' and '{wrong[1]}': {ADVICE}"
        return Found(None, None, (wrong[1], words))
    chosen = _convention({example: match["core"] for example, match in matched.items()}, joined, reading, known)
    if not isinstance(chosen, Core):
        return Found(None, None, chosen)
    unit = next(iter({unit for found in units.values() for unit in found}), "")
    values = _values(joined, chosen, {unit for found in units.values() for unit in found})
    return Found(values, Spelling(chosen.decimal, chosen.thousands, unit), None)


def number_like(shape: str) -> bool:
    """Return whether a shape is that of a number in another spelling.

    Examples
    --------
    >>> number_like("0,00"), number_like("00 kg")
    (True, False)
    """
    return _match(shape) is not None


def _match(shape: str) -> re.Match[str] | None:
    """Return the parts of a shape, or None if it is no number: 1 2, 1,23,456, (-5) or 1e5 % for example."""
    match = SHAPE.fullmatch(shape)
    if match is None or not _readings(match["core"]):
        return None
    signs = [part for part in (match["open"], match["sign"], match["inner"]) if part]
    units = _units(match)
    return match if len(signs) < 2 and len(units) < 2 and not (match["exponent"] and units) else None


def _units(match: re.Match[str]) -> tuple[str, ...]:
    return tuple(unit for unit in (match["before"], match["after"]) if unit)


def _mixed_units(units: dict[str, tuple[str, ...]]) -> tuple[str, str] | None:
    """Return two texts with different units, or one that is a percentage beside one that is none; or None."""
    first: dict[tuple[str, ...], str] = {}
    for text, found in units.items():
        first.setdefault(found, text)
    bare = first.pop((), None)
    several = [*first.values()]
    if len(several) > 1:
        return several[0], several[1]
    if bare is not None and any(unit in SMALL for found in first for unit in found):
        return bare, several[0]
    return None


def _readings(core: str) -> list[Core]:
    """Return the ways to read a core, such as ``0.000,00``; where a character does not occur, it is empty."""
    groups, marks = re.split("[^0]", core), re.sub("0", "", core)
    if not marks:
        return [Core("", "")]
    found = []
    grouped = len(set(marks)) == 1 and _is_grouped(groups)
    if grouped:
        found.append(Core("", marks[0]))
    if len(marks) == 1 and marks in ".,":
        found.append(Core(marks, ""))
    if (
        len(marks) > 1
        and marks[-1] in ".,"
        and set(marks[:-1]) == {marks[0]} != {marks[-1]}
        and _is_grouped(groups[:-1])
    ):
        found.append(Core(marks[-1], marks[0]))
    return found


def _is_grouped(groups: list[str]) -> bool:
    return 1 <= len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:])


def _convention(cores: dict[str, str], joined: str, reading: Reading, known: Spelling | None) -> Core | tuple[str, str]:
    """Return the one way to read all cores; or a text, and in words why there is none."""
    ways = {example: _readings(core) for example, core in cores.items()}
    fitting = {
        convention: _used(ways.values(), convention)
        for convention in CONVENTIONS
        if all(any(_fits(way, convention) for way in each) for each in ways.values())
    }
    if not fitting:
        plain = {Core("", ""), Core(".", "")}
        odd = next((text for text, each in ways.items() if not plain.intersection(each)), next(iter(ways)))
        return odd, f"must write its numbers in one way, got '{odd}' among others: {ADVICE}"
    preferred = reading.decimal or ("," if _has_small(joined, ",") else "." if _has_small(joined, ".") else None)
    for decimal in (preferred, known.decimal if known else None):
        kept = {each: used for each, used in fitting.items() if each.decimal == decimal}
        fitting = kept or fitting
    if len(set(fitting.values())) > 1:
        text = next(text for text, each in ways.items() if len(each) > 1)
        return text, f"{ONE_WAY}, got '{text}': name the decimal character"
    return next(iter(fitting.values()))


def _fits(way: Core, convention: Core) -> bool:
    return way.decimal in ("", convention.decimal) and way.thousands in ("", convention.thousands)


def _used(ways: Iterable[list[Core]], convention: Core) -> Core:
    """Return the convention with only those characters that occur."""
    fitting = [way for each in ways for way in each if _fits(way, convention)]
    decimal = next((way.decimal for way in fitting if way.decimal), "")
    return Core(decimal or ".", next((way.thousands for way in fitting if way.thousands), ""))


def _has_small(joined: str, mark: str) -> bool:
    """Return whether a number such as 0,125 shows that the mark stands before decimals: no group begins with 0."""
    return re.search(rf"(?<![0-9.,])0{re.escape(mark)}[0-9]", joined) is not None


def _values(joined: str, core: Core, units: set[str]) -> Array:
    """Return the numbers of the lines of a text."""
    for unit in sorted(units, key=len, reverse=True):
        joined = joined.replace(unit, SMALL.get(unit, ""))  # 12.3e-2 is rounded once, 12.3 / 100 twice
    joined = joined.replace(" ", "").replace("(", "-").replace(")", "")
    if core.thousands:
        joined = joined.replace(core.thousands, "")
    if core.decimal == ",":
        joined = joined.replace(",", ".")
    lines = joined.split("\n")
    return np.fromiter(map(float, lines), np.float64, len(lines))
