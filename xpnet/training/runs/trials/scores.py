"""What a search compares: the accuracy, the cost, the error of a regression, or a function of one's own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from xpnet.checks import is_number
from xpnet.training.model import Trainable


@dataclass(frozen=True)
class Score:
    """A number for each trial.

    Attributes
    ----------
    name : str
    larger : bool
        Whether a larger one is better.
    function : callable, optional
        ``function(y, predicted)`` for the labels or values of the validation rows and those that the network predicts,
        host arrays; without it, the number that training has measured.
    """

    name: str
    larger: bool
    function: Callable[[Any, Any], Any] | None = None

    def of(self, y: Any, predicted: Any) -> float:
        """Return what the function gives, as a number of Python's."""
        value = self.function(y, predicted) if self.function else None
        if not is_number(value):
            raise TypeError(f"score must return a number, got {value!r} from {self.name}")
        return float(value)  # type: ignore[arg-type]


def rmse(y: Any, predicted: Any) -> float:
    """Return the root mean square error, in the unit of the targets.

    Examples
    --------
    >>> import numpy as np
    >>> rmse(np.asarray([1.0, 2.0]), np.asarray([1.0, 4.0])) ** 2
    2.0000000000000004
    """
    difference = predicted.reshape(-1) - y.reshape(-1)
    return float((difference * difference).mean()) ** 0.5


SCORES = {
    "accuracy": Score("accuracy", larger=True),
    "cost": Score("cost", larger=False),
    "rmse": Score("rmse", larger=False, function=rmse),
}


def score_for(given: Any, networks: Sequence[Trainable]) -> Score:
    """Return the argument `score`; None is the accuracy of a classification, and the cost of a regression."""
    chosen, costs = _score_for(given, networks[0]), [getattr(network, "cost", None) for network in networks]
    if chosen == SCORES["cost"] and any(cost != costs[0] for cost in costs):
        other = next(cost for cost in costs if cost != costs[0])
        raise ValueError(f"score must not be the cost if costs differ, got {costs[0].name} and {other.name}")  # type: ignore[union-attr]
    return chosen


def _score_for(given: Any, network: Trainable) -> Score:
    if given is None:
        return SCORES["accuracy" if network.classifies else "cost"]
    if callable(given):
        return Score(getattr(given, "__name__", type(given).__name__), larger=True, function=given)
    if not isinstance(given, str) or given not in SCORES:
        raise ValueError(f"score must be one of {', '.join(SCORES)}, or a function of y and predictions, got {given!r}")
    if (given == "accuracy") != network.classifies and given != "cost":
        kind = "a classification" if network.classifies else "a regression"
        raise ValueError(f"score must fit the network, {kind}, got {given!r}")
    return SCORES[given]
