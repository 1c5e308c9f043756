"""Describe doubtful columns in one line each: dates, ids, codes, categories that training did not see."""

import re
from collections import Counter
from typing import Any

from xpnet.data.columns.cells import is_missing
from xpnet.data.columns.spellings import category, is_date, number_of
from xpnet.data.preparing.encoding import CategoryColumn, Encoding, NumberColumn
from xpnet.data.tables.dataset import Array

LEADING_ZERO = re.compile(r"0[0-9]+")
FEW = 20  # with fewer rows or categories, ids cannot be recognized reliably


def training_remarks(encoding: object, x: Array) -> list[str]:
    """Return one line for each column that the user may have meant differently, with the option that changes it.

    Parameters
    ----------
    encoding : Encoding
        Fitted on these rows.  Any other preprocessing gives no remarks, because it knows no columns.
    x : array of cells, shape (n, n_columns)
        The training rows.

    Examples
    --------
    >>> import numpy as np
    >>> cells = np.asarray([[f"2024-01-{day:02}"] for day in range(1, 31)], dtype=object)
    >>> training_remarks(Encoding.fit(cells, ("when",)), cells)
    ["column 'when' holds dates, which are taken as 30 categories: leave it out with --ignore when"]
    """
    if not isinstance(encoding, Encoding):
        return []
    told = (_doubt(column, x[:, i]) for i, column in enumerate(encoding.columns))
    return [remark for remark in told if remark]


def unseen_remarks(encoding: object, x: Array) -> list[str]:
    """Return one line for each column that holds categories which the encoding does not know.

    Parameters
    ----------
    encoding : Encoding
        The preprocessing of a trained model.  Any other preprocessing gives no remarks.
    x : array of cells, shape (m, n_columns)
        New rows.

    Examples
    --------
    >>> import numpy as np
    >>> cells = np.asarray([["red"], ["blue"]], dtype=object)
    >>> unseen_remarks(Encoding.fit(cells, ("color",)), np.asarray([["red"], ["pink"]], dtype=object))
    ["column 'color' holds a category that training did not see in 1 of 2 rows, such as 'pink': all zeros there"]
    """
    remarks: list[str] = []
    if not isinstance(encoding, Encoding):
        return remarks
    for i, column in enumerate(encoding.columns):
        if isinstance(column, CategoryColumn):
            known = set(column.categories)
            new = [cell for cell in x[:, i] if not is_missing(cell) and category(cell) not in known]
            if new:
                remarks.append(
                    f"column '{column.name}' holds a category that training did not see in {len(new)} of {len(x)} "
                    f"rows, such as '{category(new[0])}': all zeros there"
                )
    return remarks


def _doubt(column: NumberColumn | CategoryColumn, cells: Array) -> str | None:
    present = [cell for cell in cells if not is_missing(cell)]
    leave_out = f"leave it out with --ignore {column.name}"
    if isinstance(column, NumberColumn):
        if _counts_rows(present):
            return f"column '{column.name}' numbers the rows, as an id does: {leave_out}"
        code = next((cell for cell in present if isinstance(cell, str) and LEADING_ZERO.fullmatch(cell.strip())), None)
        if code is not None:
            keep = f"keep the zeros with --categorical {column.name}"
            return f"column '{column.name}' is taken as numbers, but '{code}' looks like a code: {keep}"
        return None
    found = len(column.categories)
    if all(map(is_date, column.categories)):
        return f"column '{column.name}' holds dates, which are taken as {found} categories: {leave_out}"
    single = sum(count == 1 for count in Counter(map(category, present)).values())
    if found > FEW and single > len(present) / 2:
        return f"column '{column.name}' has {found} categories in {len(present)} rows, as an id has: {leave_out}"
    return None


def _counts_rows(present: list[Any]) -> bool:
    """Return whether the cells are distinct whole numbers without large gaps, as row numbers are after a split."""
    numbers = [number_of(cell) for cell in present]
    if len(numbers) < FEW or not all(number is not None and number.is_integer() for number in numbers):
        return False
    distinct = {number for number in numbers if number is not None}
    return len(distinct) == len(numbers) and max(distinct) - min(distinct) < 2 * len(numbers)
