"""The check of a network's targets, done once at the public border."""

from typing import Any

from xpnet.backend import Array, Backend, holds
from xpnet.nn.checking.kinds import TOTAL, Rule, first_broken
from xpnet.nn.checking.one_hot import counting
from xpnet.nn.checking.rows import first_wrong, refuse_nonfinite


def check_targets(
    y: Any, shapes: list[tuple[int, ...]], classifies: bool, backend: Backend, several: bool = False
) -> Array:
    """Return `y` on `backend`: integer labels of shape (..., m), or targets of shape (..., m, n_out).

    Parameters
    ----------
    y : array
        Labels, or targets, or, with one output, a vector of values.
    shapes : list of tuple of int
        The shapes (..., m, n_out) that targets may have.
    classifies : bool
        Whether the outputs stand for classes, so that labels of a single one must be 0 or 1.
    several : bool
        Whether a row may have several labels at once, so that a vector cannot name them.

    Raises
    ------
    TypeError, ValueError
        As in `check_inputs`, and if a label is out of range.
    """
    y = backend.asarray(y, name="y")
    xp, n_out = backend.xp, shapes[0][-1]
    labels = holds(y, ("integral", "bool"))
    vector = tuple(y.shape) in [shape[:-1] for shape in shapes]
    if not vector and tuple(y.shape) not in shapes:
        raise ValueError(f"y must have shape {_allowed(shapes[0], several)}, got {tuple(y.shape)}")
    if vector and several and n_out > 1:
        raise ValueError(f"y must have shape {shapes[0]} for several labels, a 0 or 1 each, got {tuple(y.shape)}")
    if vector and labels and (n_out > 1 or classifies):
        y = counting(y)
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


def _allowed(shape: tuple[int, ...], several: bool) -> str:
    return str(shape) if several else f"{shape[:-1]} (labels) or {shape}"


ZERO_OR_ONE = Rule("be 0 or 1", lambda y: (y == 0.0) | (y == 1.0))


def check_one_label(y: Array) -> None:
    """Refuse targets (..., m, n_out) of 0s and 1s in which a row has no label, or several.

    Targets with other numbers between 0 and 1 are probabilities or amounts; they are not refused.
    """
    found = first_broken(y, TOTAL)
    if found and first_broken(y, ZERO_OR_ONE) is None:
        row, total = found
        raise ValueError(
            f"y must have one label in each row, got {total:g} in row {row}; "
            "if a row may have several labels, or none, say Network(..., labels='several')"
        )


def _refuse_labels(y: Array, n: int) -> None:
    found = first_wrong(y[..., None], lambda part: (part >= 0) & (part < n))
    if found:
        row, values = found
        raise ValueError(f"y must hold labels between 0 and {n - 1}, got {values[0]} in row {row}")
