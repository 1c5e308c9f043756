"""Callbacks: what else should happen while a model trains."""

from typing import Any, NamedTuple

from xpnet.backend import Backend
from xpnet.training.history import Record


class Plan(NamedTuple):
    """What is about to be trained, and how long."""

    model: Any
    backend: Backend
    examples: int
    batch_size: int
    epochs: int


class Callback:
    """What `train` calls as it goes; override any of the three.

    Parameters handed over are never written to afterwards.

    Examples
    --------
    >>> class Print(Callback):
    ...     def epoch(self, record, parameters):
    ...         print(record.epoch, round(record.cost, 2))
    """

    def start(self, plan: Plan) -> None:
        """Be told the plan, before the first epoch."""

    def epoch(self, record: Record, parameters: Any) -> None:
        """Be told what an epoch showed, and the parameters after it."""

    def end(self, result: Any) -> None:
        """Be told the result, after the last epoch."""
