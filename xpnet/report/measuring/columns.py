"""The columns of a table: what their inputs offer, the cells of some rows, and which columns matter."""

from typing import Any

from xpnet.data import Encoding, Table
from xpnet.data.columns.column import Column
from xpnet.io import Model
from xpnet.tabular.explaining.importance import permutation_importance

MOST_COLUMNS = 200  # that a page can set, and whose importance is measured
MOST_MEASURED = 2000  # rows on which importance is measured
REPEATS = 5


def column_names(model: Model, x: Any) -> list[str]:
    """Return the names of the columns of raw rows; those of a matrix without names are x1, x2, …."""
    known = x.names if isinstance(x, Table) else model.features
    return [f"x{i + 1}" for i in range(x.shape[1])] if known is None else list(map(str, known))


def cells(model: Model, x: Any, rows: list[int]) -> dict[str, Any] | None:
    """Return the cells of these raw rows by column, as plain JSON; None of too many columns."""
    if x.shape[1] > MOST_COLUMNS:
        return None
    if isinstance(x, Table):
        values = [_cells(column, rows) for column in x.columns]
    else:
        values = [[float(x[row, i]) for row in rows] for i in range(x.shape[1])]
    return {"names": column_names(model, x), "values": values}


def ranges(model: Model, x: Any) -> list[Any] | None:
    """Return the least and the largest number of each column of a matrix; an encoding knows them of its columns."""
    if isinstance(model.preprocessing, Encoding) or x.shape[1] > MOST_COLUMNS:
        return None
    return [[float(x[:, i].min()), float(x[:, i].max())] for i in range(x.shape[1])]


def importance(model: Model, x: Any, y: Any) -> dict[str, Any] | None:
    """Return how much each column matters, with the spread over repeats; None of too many columns or one row."""
    m = min(x.shape[0], MOST_MEASURED)
    if x.shape[1] > MOST_COLUMNS or m < 2:
        return None
    labels = y[:m] if model.classes is None or model.network.several else [model.classes[i] for i in y[:m].tolist()]
    names = column_names(model, x)
    found = permutation_importance(model, x[:m], labels, repeats=REPEATS).sorted()
    return {
        "score": found.score_name,
        "rows": m,
        "repeats": REPEATS,
        "names": [names[column] if isinstance(column, int) else str(column) for column in found.columns],
        "mean": list(found.mean),
        "spread": list(found.std),
    }


def _cells(column: Column, rows: list[int]) -> list[Any]:
    """Return the cells of some rows: numbers, text, dates in ISO's spelling, None for a gap."""
    values, missing = column.values[rows], column.missing[rows].tolist()
    if column.kind in ("category", "text"):
        plain: list[Any] = [None if gap else column.distinct[i] for i, gap in zip(values, missing, strict=True)]
    elif column.kind == "date":
        plain = [None if gap else str(value) for value, gap in zip(values, missing, strict=True)]
    else:
        plain = [None if gap else float(value) for value, gap in zip(values.tolist(), missing, strict=True)]
    return plain
