"""Describe new rows that are unlike those of training, in one line for each column."""

from typing import Any

from xpnet.data.preparing.encoders.categories import CategoryEncoder
from xpnet.data.preparing.encoding import Encoder, Encoding

MOST = 5  # columns whose range is told one by one


def unseen_remarks(encoding: object, x: Any) -> list[str]:
    """Return one line for each column that holds categories or a range which the encoding does not know.

    Parameters
    ----------
    encoding : Encoding
        The preprocessing of a trained model.  Any other preprocessing gives no remarks.
    x : Table, frame or array of cells, shape (m, n_columns)
        New rows.

    Returns
    -------
    list of str
        Of many columns with numbers outside of the range of training, those with most such rows, and a line that
        counts the others.

    Examples
    --------
    >>> import numpy as np
    >>> cells = np.asarray([["red"], ["blue"]], dtype=object)
    >>> unseen_remarks(Encoding.fit(cells, ("color",)), np.asarray([["red"], ["pink"]], dtype=object))
    ["column 'color' holds a category that training did not see in 1 of 2 rows, such as 'pink': all zeros there"]
    >>> unseen_remarks(Encoding.fit([[1], [3]], ("legs",)), [[2], [4]])
    ["column 'legs' is outside of the range of training, 1 to 3, in 1 of 2 rows, such as 4"]
    """
    if not isinstance(encoding, Encoding):
        return []
    table = encoding.table(x)
    found = [
        (encoder, *encoder.unseen(column)) for encoder, column in zip(encoding.columns, table.columns, strict=True)
    ]
    unseen = [each for each in found if each[1]]
    categories = [each for each in unseen if isinstance(each[0], CategoryEncoder)]
    ranges = sorted((each for each in unseen if each not in categories), key=lambda each: -each[1])
    remarks = [_told(*each, len(table)) for each in (*categories, *ranges[:MOST])]
    more = len(ranges) - MOST
    return remarks if more < 1 else [*remarks, f"{more} more columns are outside of the range of training in some rows"]


def _told(encoder: Encoder, rows: int, example: str, n: int) -> str:
    if isinstance(encoder, CategoryEncoder):
        words = (
            f"holds a category that training did not see in {rows} of {n} rows, such as '{example}': "
            f"{encoder.stand_in} there"
        )
    else:
        words = f"is outside of the range of training, {encoder.span}, in {rows} of {n} rows, such as {example}"
    return f"column '{encoder.name}' {words}"
