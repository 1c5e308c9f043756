"""The search for the first wrong row of a data set.  It goes piece by piece: the data may be larger than memory."""

from collections.abc import Callable
from typing import Any

from xpnet.backend import Array, Backend, namespace, quiet, to_numpy

PIECE = 2**20  # how many numbers a check looks at in one piece


def refuse_nonfinite(x: Array, name: str, backend: Backend) -> None:
    """Refuse NaN and infinity; the message names the row."""
    if not backend.xp.isdtype(x.dtype, "real floating"):
        return
    converted = x.dtype != backend.dtype  # if x is mapped from a file, batches are converted later

    def trained_on(part: Array) -> Array:
        return backend.xp.astype(part, backend.dtype) if converted else part

    with quiet():
        found = first_wrong(x, lambda part: ~namespace(part).isfinite(trained_on(part)))
        if found:
            row, values = found[0], trained_on(found[1])
            column = int((~(abs(values) < float("inf"))).argmax())
            raise ValueError(f"{name} must be finite, got {values[column]} in row {row}, column {column}")


def first_wrong(x: Array, wrong: Callable[[Array], Array]) -> tuple[int, Any] | None:
    """Return the number of the first row of `x` that is wrong, and its values on the host, or None.

    ``wrong(rows)``, for rows of shape (m, n), says which numbers or which rows are wrong.  It is called piece by piece.
    Data move from the device to the host once, and a second time only if something is wrong.
    """
    xp = namespace(x)
    x = x if x.ndim == 2 else xp.reshape(x, (-1, x.shape[-1]))
    n, m = x.shape[0], max(1, PIECE // x.shape[1])
    pieces = [slice(start, min(start + m, n)) for start in range(0, n, m)]
    found = to_numpy(xp.stack([xp.any(wrong(x[rows, :])) for rows in pieces]))
    if not found.any():
        return None
    rows = pieces[int(found.argmax())]
    values = to_numpy(x[rows, :])
    row = int(wrong(values).reshape(len(values), -1).any(axis=1).argmax())
    return rows.start + row, values[row]
