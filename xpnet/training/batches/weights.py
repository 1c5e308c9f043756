"""How much each example counts: class weights and sample weights, as one vector with mean 1.

With mean 1 over the training set a mini-batch's gradient is an unbiased estimate of the whole one's, and learning
rates keep their meaning.
"""

from collections.abc import Mapping
from typing import Any

from xpnet.backend import Array, Backend, to_numpy
from xpnet.nn import one_hot
from xpnet.training.batches.batches import Data
from xpnet.training.model import Trainable


def weigh(model: Trainable, data: Data, class_weight: Any, sample_weight: Any, backend: Backend) -> Data:
    """Return the data with their weights, or as they are if there are none.

    Raises
    ------
    TypeError, ValueError
        If a weight is negative or not finite, all are zero, or their number does not fit.
    """
    if class_weight is None and sample_weight is None:
        return data
    weights = backend.full((data.n,), 1.0)
    if class_weight is not None:
        labels = model.class_numbers(data.y)
        if labels is None:
            raise ValueError("class_weight must come with integer labels, got targets in y")
        weights = backend.xp.take(_by_class(class_weight, labels, model.n_classes, backend), labels, axis=0)
    if sample_weight is not None:
        weights = weights * _checked("sample_weight", sample_weight, data.n, backend)
    total = float(to_numpy(backend.xp.sum(weights)))
    if total == 0.0:
        raise ValueError("sample_weight and class_weight must leave an example some weight, got 0 for all")
    return data._replace(weights=weights * (data.n / total), weight=total)


def _by_class(class_weight: Any, labels: Array, n_classes: int, backend: Backend) -> Array:
    """Return a weight for each class, shape (n_classes,)."""
    xp = backend.xp
    if isinstance(class_weight, str):
        if class_weight != "balanced":
            raise ValueError(f"class_weight must be 'balanced', a mapping or a sequence, got {class_weight!r}")
        counts = xp.sum(one_hot(labels, n_classes, backend.dtype), axis=0)
        return labels.shape[0] / (n_classes * xp.maximum(counts, 1.0))
    if isinstance(class_weight, Mapping):
        unknown = [label for label in class_weight if label not in range(n_classes)]
        if unknown:
            raise ValueError(f"class_weight must name labels between 0 and {n_classes - 1}, got {unknown[0]!r}")
        class_weight = [class_weight.get(label, 1.0) for label in range(n_classes)]
    return _checked("class_weight", class_weight, n_classes, backend)


def _checked(name: str, weights: Any, n: int, backend: Backend) -> Array:
    weights = backend.xp.astype(backend.asarray(weights, name=name), backend.dtype)
    if tuple(weights.shape) != (n,):
        raise ValueError(f"{name} must have shape ({n},), got {tuple(weights.shape)}")
    host = to_numpy(weights)
    wrong = ~((host >= 0.0) & (host < float("inf")))
    if wrong.any():
        i = int(wrong.argmax())
        raise ValueError(f"{name} must be finite and at least 0, got {host[i]} in row {i}")
    return weights
