"""Read a column of dates at once: in ISO's order, day first, month first, or with the name of the month."""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from xpnet.data.columns.cells import normal, shapes
from xpnet.data.columns.column import Array
from xpnet.data.columns.spelling import Reading, Spelling

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTH = (
    "(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
TIME = (
    r"(?:[T ](?P<H>00?):(?P<M>00)(?::(?P<S>00)(?:[.,](?P<F>0{1,9}))?)?(?: ?(?P<half>[AP])M)?)?"
    r"(?: ?(?:Z|UTC|GMT|(?P<zone>[+-])(?P<zh>00)(?::?(?P<zm>00))?))?"
)
ORDERED = tuple(
    re.compile(pattern + TIME, re.IGNORECASE)
    for pattern in (
        r"(?P<y>0000)(?P<mark>[-/.])(?P<m>00?)(?P=mark)(?P<d>00?)",
        rf"(?P<d>00?)[- ]{MONTH}[-, ]+(?P<y>0000|00)",
        rf"{MONTH} (?P<d>00?),? (?P<y>0000)",
    )
)
EITHER = re.compile(r"(?P<a>00?)(?P<mark>[-/.])(?P<b>00?)(?P=mark)(?P<y>0000|00)" + TIME, re.IGNORECASE)
ADVICE = "repair it, or call the column categorical"
PIVOT = 69  # POSIX: 69 is 1969, and 68 is 2068
SHAPES = 500  # a column of more shapes holds no dates


class Dates(NamedTuple):
    """What a column of text holds: its dates and their order, or a text and what is doubtful about it."""

    values: Array | None
    spelling: Spelling | None
    doubt: tuple[str, str] | None


class _Group(NamedTuple):
    """The texts of one shape."""

    rows: Array  # their numbers
    digits: Array  # (n, length of the shape): each digit, something else where the shape has none
    match: re.Match[str]

    def field(self, name: str) -> Array:
        """Return the whole numbers of a part of the shape; zeros where it has no such part."""
        first, last = self.match.span(name) if name in self.match.re.groupindex else (0, 0)
        value = np.zeros(len(self.rows), dtype=np.int64)
        for place in range(max(first, 0), last):
            value = 10 * value + self.digits[:, place]
        return value


def dates(texts: Sequence[str], reading: Reading, known: Spelling | None) -> Dates | None:
    """Return the dates of distinct texts, if all are dates.

    Parameters
    ----------
    texts : sequence of str
        Dates, with a time of day perhaps; a time zone is converted to UTC.
    reading : Reading
        Its ``dates`` is the order where the column could be read both ways.
    known : Spelling or None
        How the column was written when a model was trained; it decides after ``reading``.

    Returns
    -------
    Dates or None
        None if one of the texts is no date.  A doubt if the order cannot be told, or differs from row to row.

    Examples
    --------
    >>> dates(["31/1/2024", "2/2/2024"], Reading(), None).values
    array(['2024-01-31T00:00:00.000000', '2024-02-02T00:00:00.000000'], dtype='datetime64[us]')
    >>> dates(["1/2/2024"], Reading(), None).doubt
    ('1/2/2024', "must hold dates in an order that can be told, got '1/2/2024': name the order of dates, dmy or mdy")
    """
    joined = normal(texts)
    written = None if joined is None else shapes(joined)
    if written is None or len(set(written[:SHAPES])) == len(written[: SHAPES + 1]) == SHAPES + 1:
        return None
    kinds = dict.fromkeys(written)
    matches = {shape: _match(shape) for shape in kinds} if len(kinds) <= SHAPES else {}
    if not matches or any(match is None for match in matches.values()):
        return None
    groups = _groups(texts, written, {shape: match for shape, match in matches.items() if match is not None})
    order = _order(texts, groups, reading, known)
    if not isinstance(order, str):
        return Dates(None, None, order)
    values = np.full(len(texts), "NaT", dtype="datetime64[us]")
    for group in groups:
        values[group.rows] = _moments(group, order)
    if np.isnat(values).any():  # the 31st of June
        return None
    return Dates(values, Spelling(order=order), None)


def _match(shape: str) -> re.Match[str] | None:
    return next((found for pattern in (*ORDERED, EITHER) if (found := pattern.fullmatch(shape))), None)


def _groups(texts: Sequence[str], written: list[str], matches: dict[str, re.Match[str]]) -> list[_Group]:
    """Return the texts of each shape as a matrix of digits."""
    number = {shape: i for i, shape in enumerate(matches)}
    which = np.fromiter(map(number.__getitem__, written), np.int64, len(written))
    groups = []
    for shape, match in matches.items():
        rows = np.flatnonzero(which == number[shape])
        signs = np.asarray([texts[row] for row in rows.tolist()], dtype=f"U{len(shape)}").view(np.uint32)
        groups.append(_Group(rows, signs.reshape(len(rows), len(shape)).astype(np.int64) - ord("0"), match))
    return groups


def _order(
    texts: Sequence[str], groups: list[_Group], reading: Reading, known: Spelling | None
) -> str | tuple[str, str]:
    """Return the order of day and month where it is open; or a text, and in words why it cannot be told."""
    either = [group for group in groups if group.match.re is EITHER]
    if not either:
        return "ymd"
    first, second = (max(int(group.field(name).max()) for group in either) for name in "ab")
    example = texts[int(either[0].rows[0])]
    if first > 12 and second > 12:
        words = f"must hold dates in one order, got '{example}' among others: {ADVICE}"
        return example, words
    if first > 12 or second > 12:
        return "dmy" if first > 12 else "mdy"
    for order in (reading.dates, known.order if known else None):
        if order in ("dmy", "mdy"):
            return order
    if all(group.match["mark"] == "." for group in either):
        return "dmy"
    return (
        example,
        f"must hold dates in an order that can be told, got '{example}': name the order of dates, dmy or mdy",
    )


def _moments(group: _Group, order: str) -> Array:
    """Return the dates of a group as datetime64[us], NaT where there is no such day or time."""
    a, b = ("m", "d") if group.match.re is not EITHER else ("a", "b") if order == "mdy" else ("b", "a")
    parts = group.match.groupdict()
    month = group.field(a)
    if parts.get("month"):
        month = month + 1 + MONTHS.index(parts["month"][:3].lower())
    year, day = group.field("y"), group.field(b)
    if len(parts["y"]) == 2:
        year = year + np.where(year < PIVOT, 2000, 1900)
    months = (12 * (year - 1970) + month - 1).astype("datetime64[M]")
    days = months.astype("datetime64[D]") + (day - 1)
    clock = _clock(group, parts)
    wrong = (month < 1) | (month > 12) | (day < 1) | (days.astype("datetime64[M]") != months) | np.isnat(clock)
    return np.where(wrong, np.datetime64("NaT", "us"), days.astype("datetime64[us]") + clock)


def _clock(group: _Group, parts: dict[str, str | None]) -> Array:
    """Return the time of day in UTC as timedelta64[us], NaT where there is no such time."""
    hour, minute, second = group.field("H"), group.field("M"), group.field("S")
    wrong = (hour > 23) | (minute > 59) | (second > 59)
    if parts["half"]:
        wrong |= (hour < 1) | (hour > 12)
        hour = hour % 12 + (12 if parts["half"] in "Pp" else 0)
    digits = len(parts["F"] or "")
    fraction = group.field("F") * 10 ** (6 - digits) if digits <= 6 else group.field("F") // 10 ** (digits - 6)
    zone = 60 * group.field("zh") + group.field("zm")
    minutes = 60 * hour + minute - (zone if parts["zone"] == "+" else -zone)
    micros = 1_000_000 * (60 * minutes + second) + fraction
    return np.where(wrong, np.timedelta64("NaT", "us"), micros.astype("timedelta64[us]"))
