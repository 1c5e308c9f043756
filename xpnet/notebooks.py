"""Results as HTML for notebooks: escaped tables, and curves as SVG.  They have no scripts and need no library."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from math import isfinite
from typing import Any

WIDE, HIGH, EDGE = 320, 120, 4  # of a picture, in pixels
COLORS = ("#0072b2", "#d55e00")  # people with any color vision tell them apart


def table(header: Sequence[Any], rows: Iterable[Sequence[Any]]) -> str:
    """Return a table; all its words are text, never markup.

    Examples
    --------
    >>> table(["name"], [["<b>"]])
    '<table><thead><tr><th>name</th></tr></thead><tbody><tr><td>&lt;b&gt;</td></tr></tbody></table>'
    """
    head = "".join(f"<th>{escape(str(name))}</th>" for name in header)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell(value))}</td>" for value in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def cell(value: Any) -> str:
    """Return a value as text: numbers with four digits, nothing for None."""
    if value is None:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def paragraph(words: Any) -> str:
    """Return a paragraph of text."""
    return f"<p>{escape(str(words))}</p>"


def picture(curves: Mapping[str, Sequence[float | None]]) -> str:
    """Return curves over 1, 2, … as SVG with a text alternative; "" if there are not two finite points.

    Values that are None or not finite are gaps.  The lower edge is the smallest value, the upper one the largest.

    Examples
    --------
    >>> 'points="4.0,4.0 316.0,116.0"' in picture({"cost": [2.0, 1.0]}), picture({"cost": [1.0]})
    (True, '')
    """
    known = [value for values in curves.values() for points in _stretches(values) for _, value in points]
    n = max(map(len, curves.values()), default=0)
    if n < 2 or len(known) < 2:
        return ""
    low, high = min(known), max(known)
    lines, legend = [], []
    for (name, values), color in zip(curves.items(), COLORS, strict=False):
        for points in _stretches(values):
            places = " ".join(f"{_across(i, n):.1f},{_down(value, low, high):.1f}" for i, value in points)
            lines.append(f'<polyline fill="none" stroke="{color}" stroke-width="1.5" points="{places}"/>')
        legend.append(f'<span style="color:{color}">&#9632;</span> {escape(name)}')
    axis = f"{n} epochs, from {low:.4g} to {high:.4g}"
    told, beside = escape(f"{', '.join(curves)}: {axis}"), f"{' '.join(legend)} ({axis.replace('from', 'axis from')})"
    svg = f'<svg role="img" aria-label="{told}" width="{WIDE}" height="{HIGH}" viewBox="0 0 {WIDE} {HIGH}">'
    return f"<div>{svg}<title>{told}</title>{''.join(lines)}</svg></div><p>{beside}</p>"


def _stretches(values: Sequence[float | None]) -> list[list[tuple[int, float]]]:
    """Return the points between the gaps."""
    found: list[list[tuple[int, float]]] = [[]]
    for i, value in enumerate(values):
        if value is None or not isfinite(value):
            found.append([])
        else:
            found[-1].append((i, value))
    return [points for points in found if points]


def _across(i: int, n: int) -> float:
    return EDGE + (WIDE - 2 * EDGE) * i / (n - 1)


def _down(value: float, low: float, high: float) -> float:
    share = (value - low) / (high - low) if high > low else 0.5
    return HIGH - EDGE - (HIGH - 2 * EDGE) * share
