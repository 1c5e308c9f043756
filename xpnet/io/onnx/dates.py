"""A column of dates in a graph: year, month, day of the week, hour and days, from microseconds."""

from typing import Any

import numpy as np

from xpnet.data.preparing.encoders.dates import PARTS, DateEncoder
from xpnet.io.onnx.functions import functions as xp
from xpnet.io.onnx.graph import Graph, Value
from xpnet.io.onnx.numbers import Piece, through

NOTE = "microseconds since 1970-01-01, in UTC where the text named a time zone; -2**63 (NumPy's NaT) is a gap"
NAT = -(2**63)
DAY, HOUR = 86_400_000_000, 3_600_000_000  # in microseconds
ERA = 146_097  # days in 400 years: after them the calendar repeats itself


def date_piece(graph: Graph, encoder: DateEncoder, start: int) -> Piece:
    """Return the inputs of the network that a column of dates becomes, in float64; a gap that is refused is NaN."""
    given = graph.input(encoder.name, np.int64, 1, NOTE)
    gap = given == NAT
    first = _micros(encoder.first)
    moment = xp.where(gap, _micros(encoder.fill or encoder.first), given)
    parts = _parts(moment, first)
    standardized = (parts - graph.constant([encoder.mean])) / graph.constant([encoder.scale])
    if encoder.fill is None:
        standardized = xp.where(gap, np.nan, standardized)
    values = [standardized]
    if len(encoder.bins):
        values.append(through(graph.gather(parts, np.asarray([len(PARTS) - 1]), 1), [np.asarray(encoder.bins.edges)]))
    if encoder.gaps:
        values.append(xp.astype(gap, np.float64))
    return Piece(xp.concat(values, axis=1), start + np.arange(encoder.width))


def _parts(moment: Value, first: int) -> Value:
    """Return the parts of dates, shape (batch, 5), as `DateEncoder` computes them."""
    days = moment // DAY
    year, month = _year_and_month(days)
    hour = xp.astype(moment - days * DAY, np.float64) / float(HOUR)
    since = xp.astype(moment - first, np.float64) / float(DAY)
    whole = [xp.astype(part, np.float64) for part in (year, month, (days + 3) % 7)]  # 1970-01-01 was a Thursday
    found: Value = xp.concat([*whole, hour, since], axis=1)
    return found


def _year_and_month(days: Value) -> tuple[Value, Value]:
    """Return the year and the month (1 to 12) of days since 1970-01-01.

    Years are counted from March on, so that the leap day is the last one: H. Hinnant, "chrono-compatible low-level date
    algorithms", civil_from_days.
    """
    since = days + 719_468  # days since 0000-03-01
    era, day = since // ERA, since % ERA
    year = (day - day // 1460 + day // 36_524 - day // 146_096) // 365
    day = day - (365 * year + year // 4 - year // 100)
    month = (5 * day + 2) // 153  # 0 is March
    return year + 400 * era + month // 10, (month + 2) % 12 + 1


def _micros(date: str) -> Any:
    return int(np.datetime64(date, "us").astype(np.int64))
