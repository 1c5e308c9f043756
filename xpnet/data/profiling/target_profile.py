"""What is to be predicted: classes with their shares, or numbers; and whether that was a guess."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from xpnet.data.tables.dataset import Dataset, Label

RARE = 0.1  # of the share that each class would have if all had the same


@dataclass(frozen=True, slots=True)
class TargetProfile:
    """What is to be predicted.

    Attributes
    ----------
    name : str
    task : {"classification", "regression"}
    guessed : bool
        Whether the task was guessed from numbers, and not asked for.
    classes : tuple of (label, int)
        The classes with their numbers of rows; empty for a regression.
    low, high : float or None
        The smallest and the largest number of a regression.

    Examples
    --------
    >>> target = TargetProfile("sold", "classification", classes=(("no", 990), ("yes", 10)))
    >>> target.majority, target.rare
    (0.99, ('yes',))
    """

    name: str
    task: str
    guessed: bool = False
    classes: tuple[tuple[Label, int], ...] = ()
    low: float | None = None
    high: float | None = None

    @property
    def majority(self) -> float | None:
        """The accuracy of always predicting the commonest class; None for a regression."""
        counts = [count for _, count in self.classes]
        return max(counts) / sum(counts) if counts else None

    @property
    def rare(self) -> tuple[Label, ...]:
        """The classes with less than a tenth of the rows that they would have if all classes were equally common."""
        fair = sum(count for _, count in self.classes) / max(1, len(self.classes))
        return tuple(label for label, count in self.classes if count < RARE * fair)

    def to_json(self) -> dict[str, Any]:
        """Return the profile as plain JSON."""
        plain = asdict(self) | {"classes": [list(each) for each in self.classes]}
        return plain | {"majority": self.majority, "rare": list(self.rare)}


def profile_target(name: str, data: Dataset, task: str | None = None) -> TargetProfile | None:
    """Return what is to be predicted of a data set, or None if it has no targets.

    Parameters
    ----------
    name : str
        The name of the target column.
    data : Dataset
    task : {"classification", "regression"}, optional
        What the reader was asked for.

    Examples
    --------
    >>> profile_target("kind", Dataset(np.ones((3, 1)), np.asarray([0, 1, 0]), ("cat", "dog"))).classes
    (('cat', 2), ('dog', 1))
    """
    if data.y is None:
        return None
    if data.classes is None:
        return TargetProfile(name, "regression", task is None, low=float(data.y.min()), high=float(data.y.max()))
    counts = np.bincount(data.y, minlength=len(data.classes)).tolist()
    numbers = all(isinstance(label, int | float) and not isinstance(label, bool) for label in data.classes)
    guessed = task is None and numbers and len(counts) > 2
    return TargetProfile(name, "classification", guessed, tuple(zip(data.classes, counts, strict=True)))
