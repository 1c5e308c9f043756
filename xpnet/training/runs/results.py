"""The results of many trainings: single results, and their mean and spread."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite, nan, sqrt
from statistics import stdev
from typing import Any, overload

from xpnet.backend import Backend
from xpnet.io import Model
from xpnet.io.models.history import RISING, Record
from xpnet.training.watching.result import Result
from xpnet.trees import stacked


@dataclass(frozen=True, repr=False)
class Results(Sequence[Result]):
    """The results of `xpnet.train_many`, in the order of the networks.

    Attributes
    ----------
    results : tuple of Result
        One for each network.

    Examples
    --------
    >>> import xpnet
    >>> digits = xpnet.data.load_digits()
    >>> results = xpnet.train_many(xpnet.Network([64, 10]), (digits.x / 16.0, digits.y), seeds=4, epochs=2)
    >>> len(results), results[0].history[-1].accuracy > 0.8
    (4, True)
    >>> results.mean("accuracy") > 0.8, results.spread("accuracy") < 0.05
    (True, True)
    """

    results: tuple[Result, ...]

    def __len__(self) -> int:
        return len(self.results)

    @overload
    def __getitem__(self, i: int) -> Result: ...
    @overload
    def __getitem__(self, i: slice) -> "Results": ...
    def __getitem__(self, i: int | slice) -> "Result | Results":
        return Results(self.results[i]) if isinstance(i, slice) else self.results[i]

    def __iter__(self) -> Iterator[Result]:
        return iter(self.results)

    def __repr__(self) -> str:
        """Return how many networks there are, how their trainings ended, and the mean and spread of the best epochs."""
        if not len(self):
            return "Results of no network"
        ways = [result.stopped_by for result in self]
        ended = ", ".join(f"{ways.count(way)} {way}" for way in dict.fromkeys(ways))
        lines = [f"Results of {len(self)} times {self.results[0].network!r}", f"  ended by: {ended}"]
        for name in Record._fields[1:5]:
            values = self.values(name)
            if values:
                lines.append(f"  {name} {self.mean(name):.4g} +/- {self.spread(name):.2g}")
        return "\n".join(lines)

    @property
    def sound(self) -> "Results":
        """The results of the networks that did not diverge."""
        return Results(tuple(result for result in self if result.stopped_by != "diverged"))

    def values(self, name: str) -> list[float]:
        """Return a field of the record of each sound network's best epoch; [] if it was not measured.

        The best epoch is that of `Result.best_parameters`: of the validation set, or without one the last.

        Raises
        ------
        ValueError
            If records have no such field.
        """
        _check_field("name", name)
        records = [result.best_record for result in self.sound if len(result.history)]
        found = [getattr(record, name) for record in records]
        return [value for value in found if value is not None]

    def mean(self, name: str) -> float:
        """Return the mean of `values`; NaN if there are none."""
        values = self.values(name)
        return sum(values) / len(values) if values else nan

    def spread(self, name: str) -> float:
        """Return the standard deviation of `values` (with n - 1); NaN for fewer than two, or if one is not finite."""
        values = self.values(name)
        return stdev(values) if len(values) > 1 and all(map(isfinite, values)) else nan

    def standard_error(self, name: str) -> float:
        """Return the standard error of `mean`: the spread over the root of the number of networks."""
        return self.spread(name) / sqrt(max(1, len(self.values(name))))

    def best(self, monitor: str | None = None) -> Result:
        """Return the result whose best epoch has the best value of `monitor`, the first of equals.

        Default: what decides the best epoch of a network, `History.monitor`.

        Raises
        ------
        ValueError
            If all networks diverged, or `monitor` was not measured.
        """
        sound = [result for result in self.sound if len(result.history)]
        if not sound:
            raise ValueError("best must be asked of results of which one did not diverge, got none")
        name = monitor or sound[0].history.monitor
        _check_field("monitor", name)
        values = [getattr(result.best_record, name) for result in sound]
        if not all(value is not None and isfinite(value) for value in values):
            raise ValueError(f"monitor must have been measured in every epoch, got {name!r}")
        place = max if name in RISING else min
        return sound[values.index(place(values))]

    def ensemble(self) -> Model:
        """Return the mean of the sound networks as one model: of their probabilities, or of their values.

        Raises
        ------
        ValueError
            If all networks diverged.
        """
        if not len(self.sound):
            raise ValueError("ensemble must have a member that did not diverge, got none")
        return Model.ensemble([result.model for result in self.sound])

    def to(self, backend: str | Backend) -> "Results":
        """Return these results with their parameters on another backend."""
        return Results(tuple(result.to(backend) for result in self))

    @property
    def parameters(self) -> Any:
        """The best parameters of all networks as those of a stack: arrays of shape (k, ...).

        Raises
        ------
        ValueError
            If there is no network.
        """
        if not len(self):
            raise ValueError("parameters must be asked of at least one result, got none")
        return stacked(result.best_parameters for result in self)


def _check_field(argument: str, name: str) -> None:
    if name not in Record._fields:
        raise ValueError(f"{argument} must be one of {', '.join(Record._fields)}, got {name!r}")
