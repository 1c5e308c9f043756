"""The columns of a frame of pandas, polars or pyarrow as typed columns, through narwhals where it is installed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from xpnet.data.columns.building import column_of
from xpnet.data.columns.column import Column
from xpnet.data.columns.spelling import Reading

PLAIN = Reading()
NESTED = ("List", "Array", "Struct", "Duration", "Binary")  # types that are neither numbers, dates nor text


def frame_columns(frame: Any, names: Sequence[str], reading: Reading = PLAIN) -> tuple[Column, ...]:
    """Return some columns of a frame as typed columns.

    Parameters
    ----------
    frame : frame or mapping of str to columns
        Of pandas, polars or pyarrow; with narwhals installed (``pip install 'xpnet[tables]'``) of any library that
        narwhals knows.
    names : sequence of str, length k
        Columns that are there, in the order wanted.
    reading : Reading, optional
        What is known about text.

    Returns
    -------
    tuple of Column, length k
        Categorical columns keep their categories, also if these are numbers.

    Raises
    ------
    TypeError
        If a column holds something else than numbers, booleans, dates and text, such as lists or durations.

    Examples
    --------
    >>> frame = {"legs": [4, None], "color": ["black", "green"]}
    >>> [column.kind for column in frame_columns(frame, ["legs", "color"])]
    ['number', 'category']
    """
    if isinstance(frame, Mapping):
        return tuple(column_of(name, frame[name], reading) for name in names)
    seen = _by_narwhals(frame)
    if seen is None:
        return tuple(column_of(name, np.asarray(frame[name]), reading) for name in names)
    return tuple(_column(name, seen[name], reading) for name in names)


def _by_narwhals(frame: Any) -> Any:
    """Return a frame as narwhals sees it, or None if narwhals is not installed or does not know it."""
    try:
        import narwhals.stable.v2 as nw
    except ImportError:
        return None
    seen = nw.from_native(frame, pass_through=True, eager_only=True)
    return seen if isinstance(seen, nw.DataFrame) else None


def _column(name: str, series: Any, reading: Reading) -> Column:
    kind = type(series.dtype).__name__
    if kind in NESTED:
        raise TypeError(f"column '{name}' must hold numbers, booleans, dates or text, got {series.dtype}: leave it out")
    if kind not in ("Categorical", "Enum"):
        return column_of(name, series.to_numpy(), reading)
    import narwhals.stable.v2 as nw

    return column_of(
        name, series.cast(nw.String).to_list(), replace(reading, kinds={**reading.kinds, name: "category"})
    )
