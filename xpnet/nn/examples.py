"""What a network accepts as inputs and targets, checked once at the public border.

A check goes through the rows piece by piece: the data may be larger than memory.
"""

from collections.abc import Callable
from typing import Any

from xpnet.backend import Array, Backend, namespace, quiet, to_numpy
from xpnet.backend.mapped import is_mapped
from xpnet.nn.costs import Cost

PIECE = 2**20  # numbers that a check looks at in one go


def check_inputs(x: Any, n_in: int, backend: Backend) -> Array:
    """Return `x` on `backend`, shape (..., m, n_in), or say what is wrong with it.

    Integers stay integers: images of bytes need not grow before their batch.  On NumPy an array that is mapped from a
    file stays there, in any floating dtype.

    Raises
    ------
    TypeError
        If `x` does not hold real numbers.
    ValueError
        If its shape does not fit, it is empty, or holds NaN or infinity (the message names the row).
    """
    stays = backend.name == "numpy" and is_mapped(x) and backend.xp.isdtype(x.dtype, "real floating")
    x = backend.xp.asarray(x) if stays else backend.asarray(x, name="x")
    if x.ndim < 2 or x.shape[-1] != n_in:
        raise ValueError(f"x must have shape (m, {n_in}), got {tuple(x.shape)}")
    if x.shape[-2] == 0:
        raise ValueError(f"x must hold at least one example, got shape {tuple(x.shape)}")
    _refuse_nonfinite(x, "x", backend)
    return x


def check_targets(y: Any, shapes: list[tuple[int, ...]], classifies: bool, backend: Backend) -> Array:
    """Return `y` on `backend`: integer labels of shape (..., m), or targets of shape (..., m, n_out).

    Parameters
    ----------
    y : array
        Labels, or targets, or with one output a vector of values.
    shapes : list of tuple of int
        The shapes (..., m, n_out) that targets may have.
    classifies : bool
        Whether the outputs stand for classes, so that a single one must be 0 or 1.

    Raises
    ------
    TypeError, ValueError
        As `check_inputs`; and for labels out of range.
    """
    y = backend.asarray(y, name="y")
    xp, n_out = backend.xp, shapes[0][-1]
    y = xp.astype(y, xp.int32) if xp.isdtype(y.dtype, "bool") else y
    labels = xp.isdtype(y.dtype, "integral")
    vector = tuple(y.shape) in [shape[:-1] for shape in shapes]
    if not vector and tuple(y.shape) not in shapes:
        raise ValueError(f"y must have shape {shapes[0][:-1]} (labels) or {shapes[0]}, got {tuple(y.shape)}")
    if vector and labels and (n_out > 1 or classifies):
        _refuse_labels(y, max(n_out, 2))
    if vector and n_out > 1:
        if labels:
            return y
        raise ValueError(
            f"y must be integer labels or targets of shape {shapes[0]}, got {y.dtype} of shape {tuple(y.shape)}; "
            "labels that were read as floats can be cast to integers"
        )
    y = y[..., None] if vector else y
    _refuse_nonfinite(y, "y", backend)
    return xp.astype(y, backend.dtype, copy=False)


def check_kind(y: Array, cost: Cost) -> None:
    """Refuse targets that the cost has no meaning for: outside [0, 1], or rows that do not sum to 1."""
    if cost.targets == "real":
        return
    outside = _first_wrong(y, lambda part: (part < 0.0) | (part > 1.0))
    if outside:
        row, values = outside
        wrong = values[(values < 0.0) | (values > 1.0)]
        raise ValueError(f"y must lie between 0 and 1 for cost {cost.name!r}, got {wrong[0]:g} in row {row}")
    if cost.targets != "distribution":
        return
    off = _first_wrong(y, lambda part: abs(namespace(part).sum(part, axis=-1) - 1.0) > 1e-3)
    if off:
        row, values = off
        raise ValueError(f"y must have rows that sum to 1 for cost {cost.name!r}, got {values.sum():g} in row {row}")


def one_hot(labels: Array, n_out: int, dtype: object) -> Array:
    """Return targets (..., m, n_out) with a one where each of the integer `labels` (..., m) points.

    Examples
    --------
    >>> import numpy as np
    >>> one_hot(np.asarray([1, 0]), 3, np.float64)
    array([[0., 1., 0.],
           [1., 0., 0.]])
    """
    xp = namespace(labels)
    units = xp.arange(n_out, dtype=labels.dtype, device=labels.device)
    return xp.astype(labels[..., None] == units, dtype)


def _refuse_nonfinite(x: Array, name: str, backend: Backend) -> None:
    if not backend.xp.isdtype(x.dtype, "real floating"):
        return
    converted = x.dtype != backend.dtype  # mapped from a file, and to be converted batch by batch

    def trained_on(part: Array) -> Array:
        return backend.xp.astype(part, backend.dtype) if converted else part

    with quiet():
        found = _first_wrong(x, lambda part: ~namespace(part).isfinite(trained_on(part)))
        if found:
            row, values = found[0], trained_on(found[1])
            column = int((~(abs(values) < float("inf"))).argmax())
            raise ValueError(f"{name} must be finite, got {values[column]} in row {row}, column {column}")


def _refuse_labels(y: Array, n: int) -> None:
    top = min(n - 1, int(namespace(y).iinfo(y.dtype).max))
    found = _first_wrong(y[..., None], lambda part: (part < 0) | (part > top))
    if found:
        row, values = found
        raise ValueError(f"y must hold labels between 0 and {n - 1}, got {values[0]} in row {row}")


def _first_wrong(x: Array, wrong: Callable[[Array], Array]) -> tuple[int, Any] | None:
    """Return the number of the first row of `x` that is wrong, and its values on the host, or None.

    `wrong`, given rows (m, n), tells which numbers or which rows are; it is asked piece by piece.  A device is looked
    at once, and a second time only if something is wrong.
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
