"""Predictions as CSV and as JSON Lines: named columns of one length, written all at once."""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from xpnet.backend import to_numpy
from xpnet.cli.terminal import shown
from xpnet.data.columns.column import Column
from xpnet.io import Model

SPECIAL = re.compile(r'[,"\r\n]')  # what a field of CSV is quoted for
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # how a cell begins that a spreadsheet runs

Columns = Sequence[tuple[str, Sequence[Any]]]


def shortest(numbers: Any) -> list[Any]:
    """Return the numbers of a host array, each as the Python number with the shortest text that reads back the same.

    The float32 nearest to 0.1 is written as 0.1, not as 0.10000000149011612: the digits beyond mean nothing.

    Examples
    --------
    >>> import numpy as np
    >>> shortest(np.asarray([0.1, 2.0], dtype="float32")), shortest(np.asarray([0.1])), shortest(np.asarray([3]))
    ([0.1, 2.0], [0.1], [3])
    """
    if numbers.dtype.kind != "f" or numbers.dtype.itemsize > 4:
        values: list[Any] = numbers.tolist()
        return values
    return list(map(float, numbers.astype("U").tolist()))


def spread_columns(
    model: Model, x: Any, predicted: Any, names: Sequence[Any], *, each: bool
) -> list[tuple[str, list[Any]]]:
    """Return the spread over the members for raw rows `x`, as named columns: of the value, or of the chosen class.

    With `each`, and for several labels, there is also a column for the probability of each class.
    """
    found, several = to_numpy(model.spread(x)), model.network.several
    columns = []
    if not several:
        chosen = found[np.arange(len(found)), predicted] if model.network.classifies else found
        columns.append(("spread", shortest(chosen)))
    if several or each:
        columns += [(f"spread_{name}", shortest(column)) for name, column in zip(names, found.T, strict=True)]
    return columns


def label_cells(column: Column) -> list[Any]:
    """Return the cells of a column as they are written: text or numbers, None at gaps.

    Examples
    --------
    >>> from xpnet.data.columns.building import column_of
    >>> label_cells(column_of("kind", ["cat", "", "dog"])), label_cells(column_of("n", [1.0, 2.5, None]))
    (['cat', None, 'dog'], [1.0, 2.5, None])
    """
    if column.kind in ("category", "text"):
        texts = [*column.distinct, None]  # the code of a gap is -1
        return [texts[code] for code in column.values.tolist()]
    values = column.values.astype("datetime64[s]").astype("U") if column.kind == "date" else column.values
    cells = shortest(values)
    for row in column.missing.nonzero()[0].tolist():
        cells[row] = None
    return cells


def csv_text(columns: Columns) -> str:
    """Return columns as CSV with a header.

    Examples
    --------
    >>> print(csv_text([("row", [0, 1]), ("prediction", ["a,b", None])]), end="")
    row,prediction
    0,"a,b"
    1,
    """
    header = ",".join(_fields([name for name, _ in columns]))
    lines = map(",".join, zip(*(_fields(cells) for _, cells in columns), strict=True))
    return "\n".join([header, *lines, ""])


def _fields(cells: Sequence[Any]) -> list[str]:
    """Return cells as fields of CSV, of which only those with a comma, a quote or a line break are quoted."""
    texts = ["" if cell is None else str(cell) for cell in cells]
    if not SPECIAL.search("".join(texts)):
        return texts
    return ['"' + text.replace('"', '""') + '"' if SPECIAL.search(text) else text for text in texts]


def json_text(columns: Columns) -> str:
    """Return columns as one JSON object a row.

    Examples
    --------
    >>> print(json_text([("row", [0]), ("prediction", ["cat"])]), end="")
    {"row": 0, "prediction": "cat"}
    """
    names = [name for name, _ in columns]
    rows = zip(*(cells for _, cells in columns), strict=True)
    return "".join([json.dumps(dict(zip(names, row, strict=True))) + "\n" for row in rows])


def quoted(cells: Iterable[Any]) -> list[Any]:
    """Return cells with ' before text that a spreadsheet would run as a formula.

    Examples
    --------
    >>> quoted(["=cmd()", -1, "plain"])
    ["'=cmd()", -1, 'plain']
    """
    return [f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell for cell in cells]


def printable(columns: Columns) -> Columns:
    """Return columns whose text is safe on a terminal."""
    return [(shown(name), [shown(c) if isinstance(c, str) else c for c in cells]) for name, cells in columns]
