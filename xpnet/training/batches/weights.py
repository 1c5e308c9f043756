"""How much each example counts: class weights and sample weights, as one vector with mean 1.

With mean 1 over the training set the gradient of a mini-batch is an unbiased estimate of the whole gradient, and
learning rates keep their meaning.  Weights are scaled, multiplied and summed on the host in double precision: only
their ratios matter, however large or small they are.
"""

from collections.abc import Mapping
from math import frexp, ldexp
from typing import Any

from xpnet.backend import Backend, get, namespace, to_numpy
from xpnet.training.batches.batches import Data
from xpnet.training.model import Trainable

SMALLEST = 5e-324  # above zero


def weigh(model: Trainable, data: Data, class_weight: Any, sample_weight: Any, backend: Backend) -> Data:
    """Return the data with their weights, or as they are if there are none.

    Raises
    ------
    TypeError, ValueError
        If a weight is negative or not finite, all are zero, or their number does not fit.
    """
    if class_weight is None and sample_weight is None:
        return data
    weights: Any = None
    exponent = 0
    if sample_weight is not None:
        weights, exponent = _scaled(check_weights("sample_weight", sample_weight, data.n))
    if class_weight is not None:
        labels = model.class_numbers(data.y)
        if labels is None:
            raise ValueError("class_weight must come with integer labels, got targets in y")
        host = to_numpy(labels).astype("int64")
        by_class, second = _scaled(_by_class(class_weight, host, model.n_classes, weights))
        weights, third = _scaled(by_class[host] if weights is None else by_class[host] * weights)
        exponent += second + third
    total = float(weights.sum())
    if total == 0.0:
        raise ValueError("sample_weight and class_weight must leave an example some weight, got 0 for all")
    return data._replace(
        weights=backend.asarray(weights * (data.n / total)),
        weight=_power(total, exponent),
        substitutes=_substitutes(weights),
    )


def _scaled(weights: Any) -> tuple[Any, int]:
    """Return the weights divided by a power of two, so that the largest lies in [1/2, 1), and its exponent."""
    exponent = frexp(float(weights.max()))[1]
    half = exponent // 2  # the power itself may be too large for a number
    return weights * 2.0**-half * 2.0 ** (half - exponent), exponent


def _power(total: float, exponent: int) -> float:
    """Return ``total * 2**exponent`` above 0, or infinity."""
    try:
        return max(ldexp(total, exponent), SMALLEST)
    except OverflowError:
        return float("inf")


def _substitutes(weights: Any) -> Any:
    """Return for each row the row to read, or None if all weights are above 0; rows of weight 0 are replaced.

    Otherwise an infinite cost or gradient, multiplied by the weight 0, would give NaN.
    """
    if weights.all():
        return None
    xp, weighed = namespace(weights), weights > 0.0
    return xp.where(weighed, xp.arange(weights.shape[0]), int(weighed.argmax()))


def _by_class(class_weight: Any, labels: Any, n_classes: int, sample_weight: Any = None) -> Any:
    """Return a weight for each class, shape (n_classes,)."""
    if isinstance(class_weight, str):
        if class_weight != "balanced":
            raise ValueError(f"class_weight must be 'balanced', a mapping or a sequence, got {class_weight!r}")
        masks = [labels == c for c in range(n_classes)]
        counts = [float(mask.sum() if sample_weight is None else sample_weight[mask].sum()) for mask in masks]
        class_weight = [sum(counts) / (n_classes * count) if count else 0.0 for count in counts]
    if isinstance(class_weight, Mapping):
        unknown = [label for label in class_weight if label not in range(n_classes)]
        if unknown:
            raise ValueError(f"class_weight must name labels between 0 and {n_classes - 1}, got {unknown[0]!r}")
        class_weight = [class_weight.get(label, 1.0) for label in range(n_classes)]
    return check_weights("class_weight", class_weight, n_classes)


def check_weights(name: str, weights: Any, n: int) -> Any:
    """Return n weights as host numbers in double precision: finite, and at least 0."""
    home = get("numpy", dtype="float64")
    host = home.asarray(weights, home.dtype, name=name)
    if host.shape != (n,):
        raise ValueError(f"{name} must have shape ({n},), got {host.shape}")
    wrong = ~((host >= 0.0) & (host < float("inf")))
    if wrong.any():
        i = int(wrong.argmax())
        raise ValueError(f"{name} must be finite and at least 0, got {host[i]} in row {i}")
    return host
