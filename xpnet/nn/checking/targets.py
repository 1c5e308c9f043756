"""What a network accepts as targets, checked once at the public border."""

from typing import Any

from xpnet.backend import Array, Backend, namespace
from xpnet.nn.checking.rows import first_wrong, refuse_nonfinite
from xpnet.nn.costs import Cost


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
    refuse_nonfinite(y, "y", backend)
    return xp.astype(y, backend.dtype, copy=False)


def check_kind(y: Array, cost: Cost) -> None:
    """Refuse targets that the cost has no meaning for: outside [0, 1], or rows that do not sum to 1."""
    if cost.targets == "real":
        return
    outside = first_wrong(y, lambda part: (part < 0.0) | (part > 1.0))
    if outside:
        row, values = outside
        wrong = values[(values < 0.0) | (values > 1.0)]
        raise ValueError(f"y must lie between 0 and 1 for cost {cost.name!r}, got {wrong[0]:g} in row {row}")
    if cost.targets != "distribution":
        return
    off = first_wrong(y, lambda part: abs(namespace(part).sum(part, axis=-1) - 1.0) > 1e-3)
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


def _refuse_labels(y: Array, n: int) -> None:
    top = min(n - 1, int(namespace(y).iinfo(y.dtype).max))
    found = first_wrong(y[..., None], lambda part: (part < 0) | (part > top))
    if found:
        row, values = found
        raise ValueError(f"y must hold labels between 0 and {n - 1}, got {values[0]} in row {row}")
