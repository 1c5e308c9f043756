"""`Checkpoint`: where and how often a training writes its state."""

import os
import re
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from xpnet.checks import number, whole

UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}


@dataclass(frozen=True)
class Checkpoint:
    """Where and how often a training writes its state, from which it can go on as if nothing had happened.

    Parameters
    ----------
    folder : path
        A folder for this training alone; it is made if it does not exist.  A training that finds its own checkpoint
        there goes on from it.
    every : number or str
        Seconds between two checkpoints, or words: ``"30s"``, ``"5m"``, ``"1h"``, ``"500 steps"``.  One more is
        written at the end, and one if the training is interrupted.
    keep : int
        How many checkpoints stay, the newest ones.  Each holds the best parameters so far.

    Raises
    ------
    ValueError
        If `every` or `keep` makes no sense.

    Examples
    --------
    >>> Checkpoint("runs/first", every="5m").seconds, Checkpoint("runs/first", every="500 steps").steps
    (300.0, 500)
    """

    folder: Any
    every: Any = 60.0
    keep: int = 2

    def __post_init__(self) -> None:
        if not isinstance(self.folder, str | os.PathLike):
            raise TypeError(f"folder must be a path, got {type(self.folder).__name__}")
        whole("keep", self.keep, 1)
        seconds, steps = _parse(self.every)
        object.__setattr__(self, "_every", (seconds, steps))

    @property
    def path(self) -> Path:
        """The folder."""
        return Path(self.folder)

    @property
    def seconds(self) -> float | None:
        """Seconds between two checkpoints, or None."""
        found: float | None = self._every[0]  # type: ignore[attr-defined]
        return found

    @property
    def steps(self) -> int | None:
        """Steps between two checkpoints, or None."""
        found: int | None = self._every[1]  # type: ignore[attr-defined]
        return found


def check_checkpoint(given: Any) -> Checkpoint | None:
    """Return the argument `checkpoint`: a folder is one with the defaults."""
    if given is None or isinstance(given, Checkpoint):
        return given
    if isinstance(given, str | os.PathLike):
        return Checkpoint(given)
    raise TypeError(f"checkpoint must be a folder or a Checkpoint, got {type(given).__name__}")


def _parse(every: Any) -> tuple[float | None, int | None]:
    """Return seconds or steps."""
    if not isinstance(every, str):
        return number("every", every, above=True), None
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(s|m|h|steps?)\s*", every)
    if found is None or not float(found[1]):
        raise ValueError(f"every must be seconds or words such as 30s, 5m, 1h, 500 steps, got {every!r}")
    if found[2].startswith("step"):
        return None, whole("every", int(float(found[1])), 1)
    return float(found[1]) * UNITS[found[2]], None


def keeper_of(checkpoint: Checkpoint, *given: Any) -> Any:
    """Return the keeper of a training; see `xpnet.training.resuming.keeper`."""
    return import_module("xpnet.training.resuming.keeper").keeper_of(checkpoint, *given)


def threads_of(checkpoint: Checkpoint) -> Any:
    """Return the threads with which the newest checkpoint was written, or None."""
    return import_module("xpnet.training.resuming.keeper").threads_of(checkpoint)
