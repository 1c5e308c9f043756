"""A trial: a network trained with one setting, on one fold, from one seed; and what it showed."""

from math import isfinite
from typing import Any, NamedTuple


class Trial(NamedTuple):
    """What one network showed on the validation rows of its fold.

    Attributes
    ----------
    setting, fold, seed : int
        The number of the setting, the number of the fold, and the seed.
    score : float or None
        None if training diverged.
    cost, accuracy : float or None
        On the validation rows, after the epoch that counts: the last one, or the best with a stopping rule.
    training_cost, training_accuracy : float or None
        Means over the mini-batches of that epoch.
    epoch, epochs : int
        The epoch that counts, and how many there were.
    stopped_by : str
        As `Result.stopped_by`.
    seconds : float
        What its epochs took: in a stack, its share of the time.
    """

    setting: int
    fold: int
    seed: int
    score: float | None
    cost: float | None
    accuracy: float | None
    training_cost: float | None
    training_accuracy: float | None
    epoch: int
    epochs: int
    stopped_by: str
    seconds: float

    @property
    def place(self) -> tuple[int, int, int]:
        """What tells it from other trials: setting, fold and seed."""
        return self.setting, self.fold, self.seed


def finite(value: Any) -> float | None:
    """Return a number of Python's, or None for what was not measured or is not finite."""
    return float(value) if value is not None and isfinite(value) else None
