"""The search for the first wrong row of a data set.  It goes piece by piece: the data may be larger than memory."""

from collections.abc import Callable
from math import prod
from typing import Any

from xpnet.backend import Array, Backend, all_true, holds, library_of, namespace, quiet, to_numpy

PIECE = 2**20  # how many numbers a check looks at in one piece


def refuse_nonfinite(x: Array, name: str, backend: Backend) -> None:
    """Refuse NaN and infinity; the message names the row."""
    found = None
    if x.dtype == backend.dtype:
        found = first_wrong(x, lambda part: namespace(part).isfinite(part))
    elif holds(x, "real floating"):  # x is mapped from a file: batches are converted later
        found = first_wrong(x, lambda part: namespace(part).isfinite(_converted(part, backend)))
    if found:
        row, values = found[0], found[1] if x.dtype == backend.dtype else _converted(found[1], backend)
        with quiet():
            column = int((~(abs(values) < float("inf"))).argmax())
        raise ValueError(f"{name} must be finite, got {values[column]} in row {row}, column {column}")


def _converted(part: Array, backend: Backend) -> Array:
    """Return numbers as training sees them: those that are too large for its dtype are infinite."""
    with quiet():
        return backend.xp.astype(part, backend.dtype)


def first_wrong(x: Array, right: Callable[[Array], Array]) -> tuple[int, Any] | None:
    """Return the number of the first row of `x` that is not right, and its values on the host, or None.

    ``right(rows)``, for rows of shape (m, n), says which numbers or which rows are right.  It is called piece by piece.
    Data move from the device to the host once, and again only if something is wrong.
    """
    x = x if x.ndim == 2 else namespace(x).reshape(x, (-1, x.shape[-1]))
    n, width = x.shape
    if n * width <= PIECE:
        return _first_wrong_of(x, 0, right) if _some(_wrongs(right(x))) else None
    m = max(1, PIECE // width)
    starts = range(0, n, m)
    wrong = [_wrongs(right(x[start : min(start + m, n), :])) for start in starts]
    if not _some(sum(wrong)):
        return None
    start = next(start for start, wrongs in zip(starts, wrong, strict=True) if _some(wrongs))
    return _first_wrong_of(x[start : min(start + m, n), :], start, right)


def _wrongs(right: Array) -> Any:
    """Return how many entries are False: NumPy gives a number, other libraries an array on the device."""
    return prod(right.shape) - namespace(right).count_nonzero(right)


def _some(wrongs: Any) -> bool:
    """Return whether a number of wrong entries is known to be above 0; that of NumPy may be Python's."""
    return bool(wrongs) if library_of(wrongs) in (None, "numpy") else all_true(wrongs == 0) is False


def _first_wrong_of(piece: Array, start: int, right: Callable[[Array], Array]) -> tuple[int, Any]:
    """Return what `first_wrong` does, of a piece that begins in row `start` and is not right."""
    values = to_numpy(piece)
    row = int((~right(values)).reshape(len(values), -1).any(axis=1).argmax())
    return start + row, values[row]
