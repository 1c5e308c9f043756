"""Callbacks: the user's functions that `train` calls."""

from typing import Any, NamedTuple

from xpnet.backend import Backend
from xpnet.io.models.history import Record


class TrainingInfo(NamedTuple):
    """What will be trained, and for how long."""

    model: Any
    backend: Backend
    examples: int
    batch_size: int
    epochs: int


class Callback:
    """What `train` calls; override any of the four methods.

    The parameters that a method receives never change afterwards.  They are on the device: reading them waits for it.

    Attributes
    ----------
    every : int or None
        The number of steps of an epoch after which `steps` is called, again and again; None: never.

    Examples
    --------
    >>> class Print(Callback):
    ...     def epoch(self, record, parameters):
    ...         print(record.epoch, round(record.cost, 2))
    """

    every: int | None = None

    def start(self, plan: TrainingInfo) -> None:
        """Called before the first epoch, with what will be trained."""

    def epoch(self, record: Record, parameters: Any) -> None:
        """Called after each epoch, with its record and the parameters."""

    def steps(self, t: int, parameters: Any) -> None:
        """Called after every `every` steps of an epoch, with the number of steps so far and the parameters."""

    def end(self, result: Any) -> None:
        """Called after the last epoch, with the result."""
