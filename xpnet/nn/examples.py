"""What a network accepts as inputs and targets, checked once at the public border."""

from typing import Any

from xpnet.backend import Array, Backend, namespace, to_numpy
from xpnet.nn.costs import Cost


def check_inputs(x: Any, n_in: int, backend: Backend) -> Array:
    """Return `x` on `backend`, shape (..., m, n_in), or say what is wrong with it.

    Integers stay integers: images of bytes need not grow before their batch.

    Raises
    ------
    TypeError
        If `x` does not hold real numbers.
    ValueError
        If its shape does not fit, it is empty, or holds NaN or infinity (the message names the row).
    """
    x = backend.asarray(x, name="x")
    if x.ndim < 2 or x.shape[-1] != n_in:
        raise ValueError(f"x must have shape (m, {n_in}), got {tuple(x.shape)}")
    if x.shape[-2] == 0:
        raise ValueError(f"x must hold at least one example, got shape {tuple(x.shape)}")
    _refuse_nonfinite(x, "x")
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
    _refuse_nonfinite(y, "y")
    return xp.astype(y, backend.dtype, copy=False)


def check_kind(y: Array, cost: Cost) -> None:
    """Refuse targets that the cost has no meaning for: outside [0, 1], or rows that do not sum to 1."""
    if cost.targets == "real":
        return
    host = to_numpy(y).reshape(-1, y.shape[-1])
    wrong = (host < 0.0) | (host > 1.0)
    if wrong.any():
        row = int(wrong.any(axis=1).argmax())
        raise ValueError(f"y must lie between 0 and 1 for cost {cost.name!r}, got {host[wrong][0]:g} in row {row}")
    wrong = abs(host.sum(axis=1, dtype="float64") - 1.0) > 1e-3
    if cost.targets == "distribution" and wrong.any():
        row = int(wrong.argmax())
        raise ValueError(f"y must have rows that sum to 1 for cost {cost.name!r}, got {host[row].sum():g} in row {row}")


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


def _refuse_nonfinite(x: Array, name: str) -> None:
    xp = namespace(x)
    if not xp.isdtype(x.dtype, "real floating") or bool(xp.all(xp.isfinite(x))):
        return
    host = to_numpy(x).reshape(-1, x.shape[-1])
    wrong = ~(abs(host) < float("inf"))
    row = int(wrong.any(axis=1).argmax())
    column = int(wrong[row].argmax())
    raise ValueError(f"{name} must be finite, got {host[row, column]} in row {row}, column {column}")


def _refuse_labels(y: Array, n: int) -> None:
    host = to_numpy(y).reshape(-1)
    wrong = (host < 0) | (host >= n)
    if wrong.any():
        row = int(wrong.argmax())
        raise ValueError(f"y must hold labels between 0 and {n - 1}, got {host[row]} in row {row}")
