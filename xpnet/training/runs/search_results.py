"""The results of a search: a row for each setting, the best one, and comparisons."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from xpnet.notebooks import paragraph, table
from xpnet.training.model import Trainable
from xpnet.training.runs.settings.grid import Setting, in_words, value_in_words
from xpnet.training.runs.settings.recipe import Recipe
from xpnet.training.runs.statistics.comparison import Comparison, compare
from xpnet.training.runs.statistics.spread import Replicates, replicates_of
from xpnet.training.runs.trials.scores import Score
from xpnet.training.runs.trials.trial import Trial

SHOWN = 10  # settings


class Row(NamedTuple):
    """What one setting showed.

    Attributes
    ----------
    number : int
        Its place among the settings: 0, 1, …
    setting : dict
        What it sets, by name.
    mean : float or None
        The mean score; None if a trial is missing or diverged.
    spread, error : float or None
        Standard deviation of the folds' scores (seeds averaged), and the standard error of the mean; with a single
        fold, those of the seeds.  None for a single one.
    trials, diverged : int
        How many have finished, and how many of these diverged.
    """

    number: int
    setting: Setting
    mean: float | None
    spread: float | None
    error: float | None
    trials: int
    diverged: int


@dataclass(frozen=True, repr=False)
class SearchResults:
    """What `xpnet.search` found: a sequence of `Row`, one for each setting, in their order.

    Attributes
    ----------
    settings : tuple of dict
    trials : tuple of Trial
        All trials that have finished, ordered by setting, fold and seed.
    score : Score
        What was compared; `larger` says whether a larger one is better.
    sizes : tuple of (int, int)
        The numbers of training and validation rows of each fold.
    seeds : tuple of int
    recipes : tuple of Recipe
        What each setting means.

    Examples
    --------
    >>> import xpnet
    >>> digits = xpnet.data.load_digits()
    >>> network = xpnet.Network([64, 10])
    >>> found = xpnet.search(network, (digits.x / 16, digits.y), {"eta": [0.001, 0.5]}, folds=2, epochs=2)
    >>> found.best.setting, found.best.mean > 0.8, len(found), len(found.trials)
    ({'eta': 0.5}, True, 2, 4)
    """

    settings: tuple[Setting, ...]
    trials: tuple[Trial, ...]
    score: Score
    sizes: tuple[tuple[int, int], ...]
    seeds: tuple[int, ...]
    recipes: tuple[Recipe, ...]

    def __len__(self) -> int:
        return len(self.settings)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __getitem__(self, i: int) -> Row:
        return self.rows[i]

    def __repr__(self) -> str:
        """Return how large the search was, and its best settings."""
        return f"{self._counts()}\n{self.table(SHOWN)}"

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the size of the search, and its best settings."""
        header, *lines = self._lines(SHOWN)
        left = len(self) - len(lines)
        rest = paragraph(f"... and {_counted(left, 'more setting', 'more settings')}") if left else ""
        return paragraph(self._counts()) + table(header, lines) + rest

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """One row for each setting, in their order."""
        return tuple(self._row(i) for i in range(len(self)))

    @cached_property
    def ranking(self) -> tuple[Row, ...]:
        """The rows from the best to the worst; equal ones in their order, those without a mean last."""
        return tuple(sorted(self.rows, key=self._rank))

    @property
    def best(self) -> Row:
        """The row with the best mean, the first of equals.

        Its mean is the best of many, and so it promises too much: measure the final network on rows that the search
        has not seen.

        Raises
        ------
        ValueError
            If no setting has a mean, because all diverged or the search was interrupted.
        """
        first = self.ranking[0]
        if first.mean is None:
            raise ValueError("trials must be whole for at least one setting, got none: they diverged or are missing")
        return first

    @property
    def within_one_error(self) -> tuple[Row, ...]:
        """The rows whose mean is within one standard error of the best one's: the best first.

        One may take the simplest of them: the search cannot tell it from the best (Hastie, Tibshirani and Friedman,
        The Elements of Statistical Learning, section 7.10).
        """
        best = self.best
        limit = best.error or 0.0
        means = [(row, row.mean) for row in self.ranking if row.mean is not None]
        return tuple(row for row, mean in means if abs(mean - best.mean) <= limit)  # type: ignore[operator]

    def compare(self, first: int, second: int) -> Comparison:
        """Return the difference of two settings, by their numbers; see `Comparison`.

        Both were trained on the same folds from the same seeds, so that what folds and seeds do to both cancels.

        Raises
        ------
        ValueError
            If a trial of them is missing or diverged, or there is only one trial of each.
        """
        return compare(first, second, self._replicates_of(first), self._replicates_of(second), self.sizes)

    def recipe(self, number: int | None = None) -> tuple[Trainable, dict[str, Any]]:
        """Return how to train the final network: ``xpnet.train(network, (x, y), **arguments)``.

        Parameters
        ----------
        number : int, optional
            Of the setting.  Default: the best.

        Returns
        -------
        network, arguments
            All rows are for training then, and none is left to watch: in the place of a stopping rule is the number of
            epochs that it chose in the folds, their mean.
        """
        number = self.best.number if number is None else number
        made = self.recipes[number]
        arguments = {"optimizer": made.optimizer, **made.stacked, **made.shared, "seed": self.seeds[0]}
        if arguments["stopping"] is not None:
            epochs = [trial.epoch for trial in self._trials_of(number)]
            arguments |= {"stopping": None, "epochs": max(1, round(sum(epochs) / max(1, len(epochs))))}
        return made.network, arguments

    def records(self) -> list[dict[str, Any]]:
        """Return the rows as plain dictionaries, a name for each axis: ``pandas.DataFrame(results.records())``."""
        return [{**row._asdict() | row.setting, "setting": in_words(row.setting)} for row in self.rows]

    def table(self, most: int | None = None) -> str:
        """Return the ranking as text: the best `most` settings, or all."""
        text = _aligned(self._lines(most))
        left = len(self) - len(self.ranking[:most])
        return f"{text}\n... and {_counted(left, 'more setting', 'more settings')}" if left else text

    def _lines(self, most: int | None) -> list[list[str]]:
        """Return the cells of the ranking, below a header."""
        names = list(dict.fromkeys(name for setting in self.settings for name in setting))
        lines = [["rank", "setting", *names, self.score.name, "± error", "spread", ""]]
        for rank, row in enumerate(self.ranking[:most]):
            values = [value_in_words(row.setting[name]) if name in row.setting else "" for name in names]
            figures = [self.in_words(value) for value in (row.mean, row.error, row.spread)]
            lines.append([str(rank + 1), str(row.number), *values, *figures, self._remark(row)])
        return lines

    def in_words(self, value: float | None) -> str:
        """Return a score as text."""
        if value is None:
            return "-"
        return f"{100.0 * value:.2f} %" if self.score.name == "accuracy" else f"{value:.4g}"

    # ---- helpers ------------------------------------------------------------------------------------------

    def _counts(self) -> str:
        n, folds, seeds = len(self), len(self.sizes), len(self.seeds)
        missing = n * folds * seeds - len(self.trials)
        counted = ", ".join(_counted(*each) for each in ((n, "setting"), (folds, "fold"), (seeds, "seed")))
        unfinished = f", {_counted(missing, 'trial')} not finished" if missing else ""
        return f"SearchResults by {self.score.name}: {counted}{unfinished}"

    @cached_property
    def _by_setting(self) -> dict[int, list[Trial]]:
        found: dict[int, list[Trial]] = {}
        for trial in self.trials:
            found.setdefault(trial.setting, []).append(trial)
        return found

    def _trials_of(self, number: int) -> Sequence[Trial]:
        return self._by_setting.get(number, [])

    def _replicates(self, number: int) -> Replicates | None:
        return replicates_of(self._trials_of(number), len(self.sizes), self.seeds)

    def _replicates_of(self, number: int) -> Replicates:
        if not 0 <= number < len(self):
            raise ValueError(f"number of a setting must be between 0 and {len(self) - 1}, got {number}")
        found = self._replicates(number)
        if found is None:
            raise ValueError(f"trials of setting {number} must be whole, got some that diverged or are missing")
        return found

    def _row(self, number: int) -> Row:
        trials, found = self._trials_of(number), self._replicates(number)
        diverged = sum(trial.stopped_by == "diverged" for trial in trials)
        mean, spread, error = (None, None, None) if found is None else (found.mean, found.spread, found.error)
        return Row(number, self.settings[number], mean, spread, error, len(trials), diverged)

    def _rank(self, row: Row) -> tuple[bool, float]:
        mean = 0.0 if row.mean is None else row.mean
        return row.mean is None, -mean if self.score.larger else mean

    def _remark(self, row: Row) -> str:
        missing = len(self.sizes) * len(self.seeds) - row.trials
        remarks = [f"{row.diverged} diverged"] if row.diverged else []
        return ", ".join([*remarks, *([f"{missing} missing"] if missing else [])])


def _counted(n: int, one: str, several: str | None = None) -> str:
    return f"{n} {one if n == 1 else several or one + 's'}"


def _aligned(lines: list[list[str]]) -> str:
    """Return lines of columns, each column as wide as its widest cell and aligned to the right."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(f"{cell:>{width}}" for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )
