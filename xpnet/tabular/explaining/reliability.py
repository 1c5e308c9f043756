"""Reliability: whether probabilities mean what they say, in bins of confidence."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from xpnet.backend import Array, get, to_numpy
from xpnet.checks import whole
from xpnet.tabular.targets import class_numbers


class Bin(NamedTuple):
    """The rows whose confidence is above `low` and at most `high`."""

    low: float
    high: float
    confidence: float  # their mean confidence
    share: float  # the share of them that is right
    rows: int


class Reliability(NamedTuple):
    """Confidence beside the share that is right, for each bin that has rows; it prints as a table."""

    bins: tuple[Bin, ...]

    def __str__(self) -> str:
        rows = [f"{b.low:.2f}-{b.high:.2f}  {b.confidence:10.3f}  {b.share:5.3f}  {b.rows:5}" for b in self.bins]
        return "\n".join(["confidence  mean conf.  right   rows", *rows])


def calibration_error(p: Any, y: Any, bins: int = 15, *, classes: Sequence[Any] | None = None) -> float:
    """Return the mean distance of confidence and share right over the bins, weighted by their rows: ECE.

    Parameters
    ----------
    p, y, classes
        As for `reliability`.
    bins : int

    References
    ----------
    Guo et al., arXiv:1706.04599, equation 3.

    Examples
    --------
    >>> calibration_error([[0.2, 0.8], [0.2, 0.8]], [1, 0])
    0.30000000000000004
    """
    found = reliability(p, y, bins, classes=classes).bins
    return sum(b.rows * abs(b.confidence - b.share) for b in found) / sum(b.rows for b in found)


def reliability(p: Any, y: Any, bins: int = 10, *, classes: Sequence[Any] | None = None) -> Reliability:
    """Return, in bins of equal width, how confident the answers are and which share of them is right.

    Parameters
    ----------
    p : array, shape (m, n_classes)
        Probabilities, as `Model.predict_proba` gives them; the confidence is the largest of a row.  With `y` of the
        same shape, each label of a row counts alone, with the larger of p and 1 - p.
    y : array, list or column, shape (m,) or (m, n_out)
        Numbers of classes, or labels of `classes`; 0 or 1 for each of several labels.
    bins : int
    classes : sequence, optional
        The label of each column of `p`.

    Raises
    ------
    ValueError
        If there are no rows, p are not probabilities, or `y` does not fit them.

    Examples
    --------
    >>> print(reliability([[0.2, 0.8], [0.25, 0.75], [0.4, 0.6]], [1, 0, 1]))
    confidence  mean conf.  right   rows
    0.50-0.60       0.600  1.000      1
    0.70-0.80       0.775  0.500      2
    """
    bins, host = whole("bins", bins, 1), get("numpy", dtype="float64")
    p, y = host.asarray(host.asarray(to_numpy(p), name="p"), host.dtype), to_numpy(y)
    if p.ndim != 2 or p.shape[1] < 1 or not p.shape[0]:
        raise ValueError(f"p must have shape (m, n_classes), with rows, got {tuple(p.shape)}")
    if not ((p >= 0.0) & (p <= 1.0)).all():
        raise ValueError("p must be probabilities between 0 and 1")
    if y.shape[:1] != p.shape[:1]:
        raise ValueError(f"y must hold a label for each of the {p.shape[0]} rows of p, got shape {tuple(y.shape)}")
    confidence, right = _confidence(p, y, classes)
    place = host.xp.maximum(0.0, host.xp.minimum(bins - 1.0, host.xp.ceil(confidence * bins - 1e-9) - 1.0))
    found = [(i, place == i) for i in range(bins) if (place == i).any()]
    return Reliability(
        tuple(
            Bin(i / bins, (i + 1) / bins, float(confidence[here].mean()), float(right[here].mean()), int(here.sum()))
            for i, here in found
        )
    )


def _confidence(p: Array, y: Array, classes: Sequence[Any] | None) -> tuple[Array, Array]:
    """Return how confident each answer is and whether it is right."""
    if y.shape == p.shape and p.shape[1] > 1:
        says = p > 0.5
        return abs(p - 0.5).reshape(-1) + 0.5, (says == (y > 0.5)).reshape(-1)
    numbers = class_numbers(y, range(p.shape[1]) if classes is None else classes)
    return p.max(axis=1), p.argmax(axis=1) == numbers
