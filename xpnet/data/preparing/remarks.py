"""Describe doubtful columns in one line each: ids, and categories that training did not see."""

import numpy as np

from xpnet.data.columns.column import Column
from xpnet.data.columns.table import Table
from xpnet.data.preparing.encoders.categories import CategoryEncoder
from xpnet.data.preparing.encoding import Encoding

FEW = 20  # with fewer rows or categories, ids cannot be recognized reliably


def training_remarks(encoding: object, x: Table) -> list[str]:
    """Return one line for each column that the user may have meant differently, with the option that changes it.

    Parameters
    ----------
    encoding : Encoding
        Fitted on these rows.  Any other preprocessing gives no remarks, because it knows no columns.
    x : Table, frame or array of cells, shape (n, n_columns)
        The training rows.

    Examples
    --------
    >>> cells = np.asarray([[f"pet{i}"] for i in range(30)], dtype=object)
    >>> training_remarks(Encoding.fit(cells, ("name",)), cells)
    ["column 'name' has 30 categories in 30 rows, as an id has: leave it out with --ignore name"]
    """
    if not isinstance(encoding, Encoding):
        return []
    told = (_doubt(column) for column in encoding.table(x).columns)
    return [remark for remark in told if remark]


def unseen_remarks(encoding: object, x: Table) -> list[str]:
    """Return one line for each column that holds categories which the encoding does not know.

    Parameters
    ----------
    encoding : Encoding
        The preprocessing of a trained model.  Any other preprocessing gives no remarks.
    x : Table, frame or array of cells, shape (m, n_columns)
        New rows.

    Examples
    --------
    >>> cells = np.asarray([["red"], ["blue"]], dtype=object)
    >>> unseen_remarks(Encoding.fit(cells, ("color",)), np.asarray([["red"], ["pink"]], dtype=object))
    ["column 'color' holds a category that training did not see in 1 of 2 rows, such as 'pink': all zeros there"]
    """
    remarks: list[str] = []
    if not isinstance(encoding, Encoding):
        return remarks
    for encoder, column in zip(encoding.columns, encoding.table(x).columns, strict=True):
        if isinstance(encoder, CategoryEncoder):
            rows, example = encoder.unseen(column)
            if rows:
                remarks.append(
                    f"column '{encoder.name}' holds a category that training did not see in {rows} of {len(column)} "
                    f"rows, such as '{example}': all zeros there"
                )
    return remarks


def _doubt(column: Column) -> str | None:
    leave_out = f"leave it out with --ignore {column.name}"
    if column.kind == "number" and _counts_rows(column):
        return f"column '{column.name}' numbers the rows, as an id does: {leave_out}"
    if column.remark is not None:
        return f"{column.remark}: keep the zeros with --categorical {column.name}"
    if column.kind not in ("category", "text"):
        return None
    present = int((~column.missing).sum())
    counts = np.bincount(column.values[~column.missing])
    found, single = int((counts > 0).sum()), int((counts == 1).sum())
    if found > FEW and single > present / 2:
        return f"column '{column.name}' has {found} categories in {present} rows, as an id has: {leave_out}"
    return None


def _counts_rows(column: Column) -> bool:
    """Return whether the cells are distinct whole numbers without large gaps, as row numbers are after a split."""
    numbers = column.values[~column.missing]
    if len(numbers) < FEW or numbers.dtype.kind != "i" or numbers.max() - numbers.min() >= 2 * len(numbers):
        return False
    return len(np.unique(numbers)) == len(numbers)
