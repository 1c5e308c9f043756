"""Mean, spread and standard error of the scores of one setting."""

from collections.abc import Iterable, Sequence
from math import sqrt
from statistics import fmean, stdev
from typing import NamedTuple

from xpnet.training.runs.trials.trial import Trial


class Replicates(NamedTuple):
    """The scores that count as repetitions of one measurement.

    Attributes
    ----------
    kind : str
        ``"folds"``: each is the mean over the seeds on one fold.  ``"seeds"``: there is one fold, and each is a seed.
    values : tuple of float
    """

    kind: str
    values: tuple[float, ...]

    @property
    def mean(self) -> float:
        """Their mean."""
        return fmean(self.values)

    @property
    def spread(self) -> float | None:
        """Their standard deviation (n - 1), or None for a single one."""
        return stdev(self.values) if len(self.values) > 1 else None

    @property
    def error(self) -> float | None:
        """The standard error of the mean if they were independent: spread / sqrt(n)."""
        spread = self.spread
        return None if spread is None else spread / sqrt(len(self.values))


def replicates_of(trials: Iterable[Trial], folds: int, seeds: Sequence[int]) -> Replicates | None:
    """Return the replicates of one setting, or None if a trial is missing or diverged.

    Two networks on the same fold share their rows, so that seeds are averaged on each fold first; only with a single
    fold they are all that varies.
    """
    scores = {(trial.fold, trial.seed): trial.score for trial in trials}
    table = [[scores.get((fold, seed)) for seed in seeds] for fold in range(folds)]
    if any(score is None for row in table for score in row):
        return None
    if folds == 1:
        return Replicates("seeds", tuple(table[0]))  # type: ignore[arg-type]  # None was refused above
    return Replicates("folds", tuple(fmean(row) for row in table))  # type: ignore[arg-type]
