"""Callbacks: what else should happen while a model trains."""

from typing import Any, NamedTuple

from xpnet.backend import Backend
from xpnet.training.watching.history import Record


class TrainingInfo(NamedTuple):
    """What is about to be trained, and how long."""

    model: Any
    backend: Backend
    examples: int
    batch_size: int
    epochs: int


class Callback:
    """What `train` calls as it goes; override any of the four.

    Parameters handed over are never written to afterwards.  They are on the device: looking at them waits for it.

    Attributes
    ----------
    every : int or None
        After how many steps of an epoch `steps` is called, again and again; None is never.

    Examples
    --------
    >>> class Print(Callback):
    ...     def epoch(self, record, parameters):
    ...         print(record.epoch, round(record.cost, 2))
    """

    every: int | None = None

    def start(self, plan: TrainingInfo) -> None:
        """Be told the plan, before the first epoch."""

    def epoch(self, record: Record, parameters: Any) -> None:
        """Be told what an epoch showed, and the parameters after it."""

    def steps(self, t: int, parameters: Any) -> None:
        """Be told the parameters after t steps of all, every so many steps of an epoch."""

    def end(self, result: Any) -> None:
        """Be told the result, after the last epoch."""
